"""The doubts of readers at the desk: what was sent, the answer, and the way to propose the correction."""

from contextlib import suppress

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator

from . import doubts, registry
from .admin_base import LedgerAdmin
from .admin_bulk import Bulk, Bulks
from .admin_correcting import PROPOSE
from .admin_lists import KindFilter, kind_label
from .admin_words import moment
from .models import DoubtState
from .refusals import Refused

ANSWER = "gazette.answer_doubt"
SHOWN_OF_TEXT = 200


class AnswerForm(forms.Form):
    """What the sender reads; `seen` is the doubt that the user looked at."""

    answer = forms.CharField(
        label="答复",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="只有提交人凭回执地址看得到。办结时联系方式随即删除，要联系的请先联系。",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class CloseForm(AnswerForm):
    """One answer for all."""

    seen = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].help_text = "可以不写；写了的，各件的提交人凭回执地址都看到这一段。联系方式随即删除。"


class CloseSelected(Bulk):
    """Close doubts that need no answer of their own."""

    name = "close_selected"
    label = "关闭所选纠错"
    button = "办结"
    permission = ANSWER
    before = "用于垃圾信息和不必逐件答复的纠错；确有差错的，请逐件答复并提出更正。"
    done, undone = "已办结{}件。", "{}件没有办结"
    form = CloseForm

    def refuse(self, row):
        """What is settled."""
        if not row.is_open:
            raise Refused(f"这件纠错{row.get_state_display()}，要改答复的请到它的页面。")

    def about(self, row):
        """What was sent, and when."""
        contact = ["留有联系方式"] if row.contact else []
        return [f"{moment(row.at)}提交：{Truncator(row.text).chars(SHOWN_OF_TEXT)}", *contact]

    def seen(self, row):
        """Its version."""
        return doubts.version(row)

    def run(self, row, said, seen):
        """As its own page does."""
        doubts.settle(row, by=self.user, answer=said["answer"], state=DoubtState.CLOSED, seen=seen)


class DoubtAdmin(Bulks, LedgerAdmin):
    """Doubts, newest first; answered on their own page, never edited."""

    list_display = ["name", kind_label, "code", "state", "at", "by", "answered_at"]
    list_filter = ["state", KindFilter]
    list_select_related = ["by"]
    search_fields = ["code", "name", "text"]
    date_hierarchy = "at"
    bulk = [CloseSelected]

    def has_view_permission(self, request, obj=None):
        """Who answers sees them, too."""
        return super().has_view_permission(request, obj) or request.user.has_perm(ANSWER)

    def has_module_permission(self, request):
        """As seen."""
        return self.has_view_permission(request)

    def changelist_view(self, request, extra_context=None):
        """Forget old senders whenever somebody looks, so that a quiet time does not keep them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        doubts.forget_senders()
        return super().changelist_view(request, extra_context)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show a doubt, and take the answer."""
        doubt = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and doubt is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if doubt is None or not self.has_view_permission(request, doubt):
            raise PermissionDenied
        may_answer = request.user.has_perm(ANSWER)
        if request.method == "POST" and not may_answer:
            raise PermissionDenied
        form = AnswerForm(request.POST or None, initial={"answer": doubt.answer, "seen": doubts.version(doubt)})
        if request.method == "POST" and form.is_valid() and self._settle(request, doubt, form):
            return HttpResponseRedirect(reverse("admin:gazette_doubt_change", args=[doubt.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"公众纠错：{doubt.name}",
            "doubt": doubt,
            "kind_label": registry.get(doubt.kind).label,
            **self._ways_to_record(request, doubt),
            "form": form,
            "may_answer": may_answer,
        }
        return TemplateResponse(request, "admin/gazette/doubt.html", context)

    def _settle(self, request, doubt, form):
        """Do what was asked; whether it was done, or the page has to be shown again."""
        state = DoubtState.CLOSED if "_close" in request.POST else DoubtState.ANSWERED
        try:
            doubts.settle(doubt, by=request.user, state=state, **form.cleaned_data)
        except doubts.CannotAnswer as refused:
            form.add_error(None, str(refused))
            doubt.refresh_from_db()
            return False
        messages.success(request, "已办结。" if state == DoubtState.CLOSED else "已答复，提交人凭回执地址可以看到。")
        return True

    def _ways_to_record(self, request, doubt):
        """The record's page at the desk, and that of its correction; empty where there is none."""
        model = registry.get(doubt.kind).model
        key = model.objects.filter(code=doubt.code).values_list("pk", flat=True).first()
        ways = {"record_url": "change", "correct_url": "correct"}
        if not request.user.has_perm(PROPOSE):
            del ways["correct_url"]
        found = {}
        for name, page in ways.items() if key is not None else ():
            with suppress(NoReverseMatch):
                found[name] = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[key])
        return found
