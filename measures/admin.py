"""The admin of policy measures: packages with their rules, measures with all their rows."""

from django.contrib import admin

from gazette.admin_base import SourcedAdmin
from gazette.admin_inlines import SourcedInline
from gazette.admin_lists import plain
from gazette.forms import QuotingForm, Shared
from gazette.models import Unit

from .models import (
    Audience,
    Benefit,
    Budget,
    Condition,
    Deadline,
    GeneralRule,
    Measure,
    MeasurePackage,
    Responsibility,
    ValidityWindow,
)

# Model → (letter of its codes, its own fields), for its rows on the owner's page and for its own form alike.
ROWS = {
    GeneralRule: ("g", ["name"]),
    Responsibility: ("r", [("unit", "as_written", "mode")]),
    Budget: ("b", [("amount", "purpose")]),
    Audience: ("a", ["name"]),
    Condition: ("c", ["text", ("qualifier", "value", "value_max", "unit"), "audience"]),
    Benefit: (
        "g",
        [
            ("kind", "name"),
            ("qualifier", "value", "value_max", "value_before", "unit", "sense"),
            ("one_off", "derived", "audience"),
        ],
    ),
    ValidityWindow: (
        "w",
        [
            "part",
            ("starts_on", "start_basis", "start_year"),
            ("ends_on", "end_basis", "end_year"),
            "continued",
        ],
    ),
    Deadline: ("d", [("due", "action", "softness")]),
}


def row_form(model):
    """The form of a kind of row."""
    return type(f"{model.__name__}Form", (QuotingForm,), {"letter": ROWS[model][0]})


def row_choices(model, measure):
    """The short lists that a row chooses from: units, and the audiences of its measure."""
    names = {field.name for field in model._meta.fields}
    choices = {}
    if "audience" in names:
        choices["audience"] = Shared(measure.audiences.all() if measure else Audience.objects.none())
    if model is Responsibility:
        choices["unit"] = Shared(Unit.objects.order_by("name"))
    return choices


def row_inline(model_):
    """The rows of one kind on their owner's page."""

    class RowInline(SourcedInline):
        model = model_
        form = row_form(model_)
        record_fields = ROWS[model_][1]

        def shared_choices(self, request, obj):
            return row_choices(model_, obj)

    RowInline.__name__ = f"{model_.__name__}Inline"
    return RowInline


class RowAdmin(SourcedAdmin):
    """The rows of one kind in all measures."""

    owner_field = "measure"

    @property
    def record_fields(self):
        """The row's own fields."""
        return ROWS[self.model][1]

    @property
    def form(self):
        """The row's form."""
        return row_form(self.model)

    def shared_choices(self, request, obj):
        """Units, and the measure's audiences."""
        owner = getattr(obj, self.owner_field) if obj else self.owner_asked_for(request)
        return row_choices(self.model, owner)


@admin.register(MeasurePackage)
class MeasurePackageAdmin(SourcedAdmin):
    """A package with its general rules."""

    list_display = ["title", "valid_from", "valid_until", "measures_total", "budget_total", "in_document", "code"]
    search_fields = ["title", "code"]
    date_hierarchy = "valid_from"
    owner_filter = {"kind": "policy"}
    record_fields = ["title", ("valid_from", "valid_from_basis"), "valid_until"]
    children = [(Measure, "package"), (GeneralRule, "package")]
    inlines = [row_inline(GeneralRule)]

    @admin.display(description="措施数", ordering="measures_total")
    def measures_total(self, obj):
        """How many measures."""
        return obj.measures_total

    @admin.display(description="安排资金合计（元）", ordering="budget_total")
    def budget_total(self, obj):
        """The sum of what is set aside."""
        return obj.budget_total


@admin.register(Measure)
class MeasureAdmin(SourcedAdmin):
    """A measure with all its rows on one page."""

    list_display = ["number", "title", "category", "package", "budget_total", "stands_at", "code"]
    list_display_links = ["number", "title"]
    list_filter = ["document__status", "category"]
    search_fields = ["title", "code", "quote"]
    owner_field = "package"
    record_fields = [("number", "title", "category")]
    inlines = [
        row_inline(model) for model in (Responsibility, Budget, Audience, Condition, Benefit, ValidityWindow, Deadline)
    ]

    @admin.display(description="安排资金（元）", ordering="budget_total")
    def budget_total(self, obj):
        """The sum of what is set aside."""
        return obj.budget_total


@admin.register(GeneralRule)
class GeneralRuleAdmin(RowAdmin):
    """All general rules."""

    owner_field = "package"
    list_display = ["name", "package", "stands_at", "code"]
    search_fields = ["name", "code"]


@admin.register(Responsibility)
class ResponsibilityAdmin(RowAdmin):
    """Who answers for what."""

    list_display = ["as_written", "unit", "mode", "measure", "code"]
    list_filter = ["document__status", "mode"]
    search_fields = ["as_written", "unit__name", "code"]


@admin.register(Budget)
class BudgetAdmin(RowAdmin):
    """All money set aside."""

    list_display = ["amount", "purpose", "measure", "code"]
    search_fields = ["purpose", "code"]


@admin.register(Audience)
class AudienceAdmin(RowAdmin):
    """All audiences."""

    list_display = ["name", "measure", "code"]
    search_fields = ["name", "code"]


@admin.register(Condition)
class ConditionAdmin(RowAdmin):
    """All conditions."""

    list_display = ["text", "qualifier", plain("value", "数值"), "unit", "audience", "measure", "code"]
    search_fields = ["text", "code"]


@admin.register(Benefit)
class BenefitAdmin(RowAdmin):
    """All that is given."""

    list_display = ["name", "kind", "qualifier", plain("value", "标准"), "unit", "audience", "measure", "code"]
    list_filter = ["document__status", "kind", "qualifier", "one_off"]
    search_fields = ["name", "code"]


@admin.register(ValidityWindow)
class ValidityWindowAdmin(RowAdmin):
    """All windows of validity."""

    list_display = ["measure", "part", "starts_on", "start_basis", "ends_on", "end_basis", "code"]
    list_filter = ["document__status", "start_basis", "end_basis", "continued"]
    search_fields = ["part", "measure__title", "code"]
    date_hierarchy = "ends_on"


@admin.register(Deadline)
class DeadlineAdmin(RowAdmin):
    """All deadlines."""

    list_display = ["due", "action", "softness", "measure", "code"]
    search_fields = ["action", "code"]
    date_hierarchy = "due"
