"""The desk of progress: a unit's report, and the page on which another person accepts, returns or withdraws it."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from gazette.admin_base import PortalAdmin, admin_url, bind
from gazette.admin_bulk import Bulk
from gazette.admin_lists import plain
from gazette.forms import Numbering, RecordForm
from gazette.stored import plain_decimal

from . import progress
from .models import ACCEPT, ASSIGN, REPORT, KeyProject, Light, ProgressReport, Target, only_own_unit

DECIDED = "该进展情况已采纳并公开，只能查看。"
WITHDRAWN = "该进展情况已撤回，只能查看。"
VALUE = plain("value", "完成值")
RETURN_HELP = "退回须写明理由；不公开。"
WITHDRAW_HELP = "撤回须写明理由；随撤回公开。有新数的另报一份即可，不必撤回旧的。"
WIDE = {"rows": 2, "class": "vLargeTextField"}


class ReportForm(RecordForm):
    """A report; its number is minted, its light computed where it can be. The admin binds the `user`."""

    user = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].help_text = "留空自动编号。"
        for name in {"target", "project"} & self.fields.keys():
            self.fields[name].error_messages["invalid_choice"] = (
                "所选的不在您可以报送的范围内：它须在已发布的文件中，并已指定给您的单位。"
            )
        if "unit" not in self.fields and self.instance._state.adding:
            self.instance.unit_id = self.user.unit_id
        if self.instance.light and self.instance.light == self.instance.light_computed:
            # What was computed is computed anew.
            self.initial["light"] = ""

    def clean(self):
        """Number a new report."""
        cleaned = super().clean()
        promise = cleaned.get("target") or cleaned.get("project")
        if promise and not cleaned.get("code") and "code" not in self.errors:
            numbering = Numbering(ProgressReport, promise, "target", "r")
            cleaned["code"] = self.instance.code or numbering.next_code()
        elif not promise and not cleaned.get("code"):
            # Without a target or project there is nothing to number by; the rule about those says so.
            self.instance.code = self.instance.code or "r"
        return cleaned

    def validate_constraints(self):
        """Compute the light before the rules on it are asked."""
        report = self.instance
        if not self.errors and report.promise:
            computed = report.light_computed = report.compute_light()
            report.light = report.light or computed
            if report.light == computed:
                report.light_reason = ""
            elif computed and not report.light_reason:
                words = f"系统推算为“{Light(computed).label}”，改判为“{report.get_light_display()}”须写明理由。"
                self.add_error("light_reason", words)
        super().validate_constraints()


class DecisionForm(forms.Form):
    """What a reviewer says; `seen` is the report that he or she looked at."""

    opinion = forms.CharField(label="理由", required=False, widget=forms.Textarea(attrs=WIDE))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class ReturnForm(forms.Form):
    """The reason for all."""

    opinion = forms.CharField(
        label="理由",
        widget=forms.Textarea(attrs=WIDE),
        help_text="不公开；各份的填报人都看到这一段。",
        error_messages={"required": "退回进展情况须写明理由。"},
    )


class AcceptSelected(Bulk):
    """Accept reports that wait."""

    name = "accept_selected"
    label = "采纳所选进展情况"
    button = "采纳并公开"
    permission = ACCEPT
    before = "采纳后立即公开；本人填报的和本单位报送的，须由别人审核。"
    done, undone = "已采纳并公开{}份进展情况。", "{}份没有采纳"

    def joined(self, rows):
        """With what is reported on, and who reported."""
        return rows.select_related("target__document", "project__document", "unit", "reporter")

    def refuse(self, row):
        """What waits for no decision, or for somebody else's."""
        progress.refuse_review(row, self.user)

    def about(self, row):
        """What is reported."""
        value = f"完成值{plain_decimal(row.value)}{row.measured_in}" if row.value is not None else ""
        light = f"{row.get_light_display() or '未标进度'}"
        light += f"（{row.light_basis_words}）" if row.light_basis else ""
        facts = "；".join(filter(None, [str(row.unit), value, row.stage, light]))
        promised = f"目标原文：{row.target.as_written}" if row.target else ""
        why = f"改判理由：{row.light_reason}" if row.light_reason else ""
        return filter(None, [facts, promised, why, f"来源：{row.source}", row.note])

    def seen(self, row):
        """Its version."""
        return progress.version(row)

    def run(self, row, said, seen):
        """As its own page does."""
        progress.accept(row, by=self.user, seen=seen)


class ReturnSelected(AcceptSelected):
    """Return reports that wait, with one reason."""

    name = "return_selected"
    label = "退回所选进展情况"
    button = "退回"
    before = "退回后，填报人改好可以重新报送。"
    done, undone = "已退回{}份进展情况。", "{}份没有退回"
    form = ReturnForm

    def run(self, row, said, seen):
        """As its own page does."""
        progress.send_back(row, by=self.user, opinion=said["opinion"], seen=seen)


class StateFilter(admin.SimpleListFilter):
    """Reports by where they stand."""

    title = "状态"
    parameter_name = "state"
    CONDITIONS = {
        "waiting": {"accepted_at": None, "returned_at": None},
        "returned": {"returned_at__isnull": False},
        "accepted": {"accepted_at__isnull": False, "withdrawn_at": None},
        "withdrawn": {"withdrawn_at__isnull": False},
    }

    def lookups(self, request, model_admin):
        """The states in words."""
        return [("waiting", "待审核"), ("returned", "已退回"), ("accepted", "已采纳"), ("withdrawn", "已撤回")]

    def queryset(self, request, queryset):
        """Those of the chosen state."""
        return queryset.filter(**self.CONDITIONS.get(self.value(), {}))


class ProgressReportAdmin(PortalAdmin):
    """What units report: open to those who report until it is accepted, decided on a page of its own."""

    form = ReportForm
    list_display = ["as_of", "target", "project", "unit", VALUE, "stage", "light", "state", "accepted_at"]
    list_display_links = ["as_of", "target", "project"]
    list_filter = [StateFilter, "light"]
    list_select_related = ["target", "project", "unit"]
    search_fields = ["code", "target__name", "project__name", "unit__name"]
    date_hierarchy = "as_of"
    bulk = [AcceptSelected, ReturnSelected]
    autocomplete_fields = ["target", "project", "unit"]
    readonly_fields = [
        "light_computed",
        "state",
        "reporter",
        "submitted_at",
        "reviewer",
        "accepted_at",
        "opinion",
        "withdrawal_reason",
    ]
    fieldsets = [
        (None, {"fields": ["target", "project", "unit", "as_of", "code"], "description": "目标与项目二者选一。"}),
        (
            "进展",
            {
                "fields": [("value", "value_unit"), "stage", "light", "light_computed", "light_reason", "note"],
                "description": "完成值与进展阶段至少填写一项。",
            },
        ),
        ("来源", {"fields": ["source"]}),
        ("办理", {"fields": ["state", "reporter", "submitted_at", "reviewer", "accepted_at", "opinion"]}),
    ]

    # Who may do what

    def why_closed(self, obj):
        """An accepted report is public, or was."""
        if obj.withdrawn_at:
            return WITHDRAWN
        return DECIDED if obj.accepted_at else ""

    def is_public(self, obj):
        """What is accepted, while its document is public."""
        return obj.place is not None

    def has_add_permission(self, request):
        """Who reports."""
        return request.user.has_perm(REPORT)

    def has_change_permission(self, request, obj=None):
        """Who reports, until it is accepted."""
        if obj and (self.is_closed(obj) or self._is_foreign(request, obj)):
            return False
        return request.user.has_perm(REPORT)

    def has_delete_permission(self, request, obj=None):
        """As for changing it."""
        return self.has_change_permission(request, obj)

    def has_view_permission(self, request, obj=None):
        """Who reports or reviews sees them, too; another unit's are no business of who reports for one."""
        user = request.user
        if obj and self._is_foreign(request, obj):
            return False
        return super().has_view_permission(request, obj) or user.has_perm(REPORT) or user.has_perm(ACCEPT)

    def _is_foreign(self, request, obj):
        # The list leaves them out; the pages of history know the object by its number alone.
        return only_own_unit(request.user) and obj.unit_id != request.user.unit_id

    def get_queryset(self, request):
        """What the user may see."""
        return super().get_queryset(request).visible_to(request.user)

    # The form

    def _for_own_unit(self, request):
        return not request.user.has_perm(ASSIGN)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form, knowing its user."""
        return super().get_form(request, obj, change, **kwargs | {"form": bind(self.form, user=request.user)})

    def get_autocomplete_fields(self, request):
        """Who reports for one unit chooses from a short list."""
        return () if self._for_own_unit(request) else self.autocomplete_fields

    def get_readonly_fields(self, request, obj=None):
        """Who reports for one unit does not choose it."""
        own = ["unit"] if self._for_own_unit(request) else []
        return [*super().get_readonly_fields(request, obj), *own]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Only what may be reported on."""
        if db_field.related_model in (Target, KeyProject):
            kwargs["queryset"] = db_field.related_model.objects.reportable_by(request.user).select_related(
                "plan", "document"
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The form; what was overtaken is said."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except progress.CannotReport as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request, obj, form, change):
        """A report that is saved is handed in."""
        progress.submit(obj, by=request.user)

    # The decision

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """With the way to the decision."""
        if obj and request.user.has_perm(ACCEPT) and not (obj.withdrawn_at or obj.returned_at):
            context["decide_url"] = admin_url(ProgressReport, "decide", obj.pk)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self):
        """The page of the decision as well."""
        decide = self.admin_site.admin_view(self.decide_view)
        return [path("<path:object_id>/decide/", decide, name="plans_progressreport_decide"), *super().get_urls()]

    def decide_view(self, request, object_id):
        """Show what is reported, and accept, return or withdraw it."""
        report = self.get_object(request, unquote(object_id))
        if report is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not request.user.has_perm(ACCEPT):
            raise PermissionDenied
        form = DecisionForm(request.POST or None, initial={"seen": progress.version(report)})
        if request.method == "POST" and form.is_valid() and self._decide(request, report, form):
            return HttpResponseRedirect(admin_url(ProgressReport, "change", report.pk))
        if request.method == "POST":
            report.refresh_from_db()
        waits = not (report.accepted_at or report.returned_at)
        form.fields["opinion"].help_text = RETURN_HELP if waits else WITHDRAW_HELP
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"审核进展：{report}",
            "report": report,
            "promise_url": admin_url(type(report.promise), "change", report.promise.pk),
            "change_url": admin_url(ProgressReport, "change", report.pk),
            "changelist_url": admin_url(ProgressReport, "changelist"),
            "form": form,
            "waits": waits,
            "is_public": self.is_public(report),
            "refusal": "" if report.accepted_at else progress.why_not_review(report, request.user),
        }
        return TemplateResponse(request, "admin/plans/progressreport/decide.html", context)

    def _decide(self, request, report, form):
        """Do what was asked; whether it was done, or the page has to be shown again."""
        opinion, seen = form.cleaned_data["opinion"], form.cleaned_data["seen"]
        try:
            if "_accept" in request.POST:
                progress.accept(report, by=request.user, seen=seen)
                messages.success(request, "进展情况已采纳并公开。")
            elif "_return" in request.POST:
                progress.send_back(report, by=request.user, opinion=opinion, seen=seen)
                messages.success(request, "进展情况已退回填报人。")
            elif "_withdraw" in request.POST:
                progress.withdraw(report, by=request.user, reason=opinion)
                messages.success(request, "进展情况已撤回，不再公开；本条页面上注明撤回的时间和理由。")
            else:
                raise PermissionDenied
        except progress.CannotReport as refused:
            form.add_error(None, str(refused))
            return False
        return True
