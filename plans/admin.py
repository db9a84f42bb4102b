"""The admin of yearly plans: targets, projects, assignments and progress."""

from django.contrib import admin

from gazette.admin_base import PortalAdmin, RecordAdmin, SourcedAdmin
from gazette.admin_inlines import PortalInline
from gazette.admin_lists import plain
from gazette.forms import Shared
from gazette.models import Unit

from .admin_assigning import AssignmentForm, AssignSelected
from .admin_progress import ProgressReportAdmin
from .admin_template import Prefilled, Templating
from .models import Assignment, KeyProject, Plan, ProgressReport, Target

admin.site.register(ProgressReport, ProgressReportAdmin)

VALUE = plain("value", "目标值")
PROMISE = ["commitment", ("due", "due_precision", "due_basis")]


class AssignmentInline(PortalInline):
    """Units that staff assign."""

    model = Assignment
    form = AssignmentForm
    template = "admin/gazette/rows_table.html"
    fields = ["unit", "note"]
    verbose_name_plural = "指定责任单位（由本站指定，文件未载明）"

    def get_queryset(self, request):
        """With the unit."""
        return super().get_queryset(request).select_related("target", "project", "unit")

    def shared_choices(self, request, obj):
        """The units, once."""
        return {"unit": Shared(Unit.objects.order_by("name"))}


class PromiseAdmin(Prefilled, SourcedAdmin):
    """A target or project with its units."""

    autocomplete_fields = ["same_as", "part_of"]
    owner_field = "plan"
    inlines = [AssignmentInline]
    bulk = [AssignSelected]

    def get_search_results(self, request, queryset, search_term):
        """For a report, only what the user may report on."""
        queryset, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.GET.get("model_name") == ProgressReport._meta.model_name:
            queryset = queryset.filter(pk__in=self.model.objects.reportable_by(request.user).values("pk"))
        return queryset, may_repeat


@admin.register(Plan)
class PlanAdmin(Templating, SourcedAdmin):
    """The plan of a year."""

    list_display = ["title", "year", "in_document", "code"]
    search_fields = ["title", "code"]
    owner_filter = {"kind": "plan"}
    record_fields = ["title", "year"]
    children = [(Target, "plan"), (KeyProject, "plan")]


@admin.register(Target)
class TargetAdmin(PromiseAdmin):
    """A target with its units."""

    list_display = ["name", "as_written", "plan", "qualifier", VALUE, "unit", "headline", "stands_at", "code"]
    list_filter = ["document__status", "headline", "qualifier", "commitment", "due_precision", "derived"]
    search_fields = ["name", "as_written", "code"]
    record_fields = [
        "name",
        "as_written",
        ("qualifier", "value", "value_max", "unit"),
        ("direction", "basis", "base_year"),
        *PROMISE,
        ("headline", "nature", "derived"),
        ("same_as", "part_of"),
        "note",
    ]


@admin.register(KeyProject)
class KeyProjectAdmin(PromiseAdmin):
    """A project or task with its units."""

    list_display = ["name", "kind", "action", "plan", "count", "scale", "listed", "stands_at", "code"]
    list_filter = ["document__status", "kind", "listed", "commitment", "due_precision"]
    search_fields = ["name", "code"]
    record_fields = [
        "name",
        ("kind", "action"),
        ("count", "scale", "investment", "district"),
        *PROMISE,
        "listed",
        ("same_as", "part_of"),
        "note",
    ]


@admin.register(Assignment)
class AssignmentAdmin(RecordAdmin):
    """All assignments of staff."""

    form = AssignmentForm
    owner_field = None
    list_display = ["target", "project", "unit", "note"]
    list_display_links = ["target", "project"]
    search_fields = ["target__name", "project__name", "unit__name"]
    autocomplete_fields = ["target", "project", "unit"]
    fields = ["target", "project", "unit", "note"]

    def get_queryset(self, request):
        """With the documents behind."""
        joins = ["target__document", "project__document", "unit"]
        return PortalAdmin.get_queryset(self, request).select_related(*joins)

    def corrected_with(self, obj):
        """The target or project."""
        return obj.target or obj.project

    def document_of(self, obj):
        """That of the target or project."""
        return (obj.target or obj.project).document

    def source_of(self, request, obj):
        """The text of the target or project."""
        return super().source_of(request, obj.target or obj.project)
