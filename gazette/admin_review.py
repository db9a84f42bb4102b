"""Review at the desk: what may be done with a document now, a page for each act, its course, and the form for paper."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from . import review
from .admin_base import LedgerAdmin, PortalAdmin, bind
from .forms import RecordForm
from .models import Deputy, DocumentStatus, ReviewAct, WithdrawalReason
from .review_people import CannotReview, person, role_of, step_name
from .wording import findings

REVIEWING = (
    "submit_document",
    "review_first_document",
    "review_second_document",
    "review_final_document",
    "publish_bypass_document",
    "clear_bypass_document",
    "withdraw_document",
)


class ActForm(forms.Form):
    """What is said with an act; what must be said is asked by the act itself."""

    words = "说明"
    help = "可以不写；不公开。"
    opinion = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "opinion" in self.fields:
            self.fields["opinion"].label, self.fields["opinion"].help_text = self.words, self.help


class ApproveForm(ActForm):
    """An opinion, and that the text was proofread."""

    words = "审核意见"
    proofread = forms.BooleanField(
        label="已校对", required=False, help_text="已对照原件校对标题、文号、正文和全部记录。"
    )
    field_order = ["proofread", "opinion"]


class FinalForm(ApproveForm):
    """The last approval also says when to publish."""

    publish_at = forms.DateTimeField(
        label="定时发布时间",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="留空则立即发布；写明时间的到时发布，此前可以取消。",
    )


class ReasonForm(ActForm):
    """An act that needs its reason."""

    words, help = "理由", "必须写明；不公开。"


class NoteForm(ActForm):
    """What was found on looking at an emergency publication."""

    words, help = "核查情况", "必须写明；不公开。"


class WithdrawForm(ActForm):
    """The coded reason and the explanation, both public."""

    opinion = None
    reason = forms.ChoiceField(
        label="撤回原因",
        required=False,
        choices=[("", "---------"), *WithdrawalReason.choices],
        help_text="必须选择；与说明一同公开，显示在撤回后的网址上。",
    )
    explanation = forms.CharField(
        label="撤回说明",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="必须写明；撤回后文件和它的全部记录的网址都显示这段话，请不要写入涉密内容和个人信息。",
    )


@dataclass(frozen=True)
class Act:
    """An act at the desk: its button, form, what it calls, and what is said before and after."""

    button: str
    form: type[ActForm]
    run: Callable
    before: str
    after: str


def _with_opinion(function):
    return lambda document, by, said: function(document, by, said["opinion"], seen=said["seen"])


def _approve(document, by, said):
    how = {name: said[name] for name in ("proofread", "seen")} | {"publish_at": said.get("publish_at")}
    return review.approve(document, by, said["opinion"], **how)


def _withdraw(document, by, said):
    return review.withdraw(document, by, said["reason"], said["explanation"], seen=said["seen"])


ACTS = {
    ReviewAct.SUBMIT: Act(
        "送审", ActForm, _with_opinion(review.submit),
        "送审后文件和它的全部记录一并冻结，由不同的人逐步审核。", "“{}”已送审。",
    ),
    ReviewAct.APPROVE: Act(
        "同意", ApproveForm, _approve, "同意后进入下一步；最后一步同意后公开。", "“{}”的审核意见已记录。"
    ),
    ReviewAct.RETURN: Act(
        "退回", ReasonForm, _with_opinion(review.send_back), "退回后文件成为草稿，改好之后重新送审。", "“{}”已退回。"
    ),
    ReviewAct.RECALL: Act(
        "撤回送审", ActForm, _with_opinion(review.recall), "撤回送审后文件成为草稿。", "“{}”的送审已撤回。"
    ),
    ReviewAct.REOPEN: Act(
        "退回草稿修改", ActForm, _with_opinion(review.reopen),
        "退回草稿后可以修改；已有的审核意见全部作废，须重新送审。", "“{}”已退回草稿。",
    ),
    ReviewAct.CANCEL: Act(
        "取消定时发布", ActForm, _with_opinion(review.cancel), "取消后文件回到最后一步，等待审核。",
        "“{}”的定时发布已取消。",
    ),
    ReviewAct.BYPASS: Act(
        "应急发布", ReasonForm, _with_opinion(review.publish_bypass),
        "应急发布不经审核，立即公开，并一直标明待核销，直到另一人核销。", "“{}”已应急发布，待另一人核销。",
    ),
    ReviewAct.CLEAR: Act(
        "核销应急发布", NoteForm, _with_opinion(review.clear_bypass), "核销表示已对应急发布的内容补作审核。",
        "“{}”的应急发布已核销。",
    ),
    ReviewAct.WITHDRAW: Act(
        "撤回公开", WithdrawForm, _withdraw, "撤回后文件和它的全部记录不再公开，各网址说明撤回的原因。", "“{}”已撤回。"
    ),
}  # fmt: skip


def timeline(entries):
    """The course of a document as people read it, oldest first."""
    for entry in entries:
        what = entry.get_act_display()
        if entry.act in (ReviewAct.APPROVE, ReviewAct.RETURN):
            what = f"{step_name(entry.step, entry.steps)}{ACTS[entry.act].button}"
        who = person(entry.by) + (f"（代{person(entry.in_place_of)}）" if entry.in_place_of else "")
        yield {"entry": entry, "what": what, "who": who}


class StageFilter(admin.SimpleListFilter):
    """Documents by the step for which they wait."""

    title, parameter_name = "审核步骤", "stage"

    def lookups(self, request, model_admin):
        """The steps, and what waits for its time."""
        return [
            *((role, f"待{name}") for role, name in settings.REVIEW_STEP_NAMES.items()),
            ("scheduled", "待定时发布"),
        ]

    def queryset(self, request, queryset):
        """Those of the chosen step, whatever number of steps they were submitted with."""
        if self.value() == "scheduled":
            return queryset.filter(publish_at__isnull=False)
        steps = [(step, steps) for steps in (1, 2, 3) for step in range(1, steps + 1)]
        found = [pair for pair in steps if role_of(*pair) == self.value()]
        if not found:
            return queryset
        chosen = queryset.none()
        for step, of in found:
            chosen |= queryset.filter(status=DocumentStatus.IN_REVIEW, review_step=step, review_steps=of)
        return chosen


class Reviewing:
    """An admin of documents, which are made public by review and by nothing else at the desk."""

    class Media:
        css = {"all": ["gazette/review.css"]}

    def get_urls(self):
        """The pages of the acts and the form for paper, before the admin's own, of which the last takes any address."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_review"
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/review/form/", view(self.review_form_view), name=f"{name}_form"),
            path("<path:object_id>/review/<slug:act>/", view(self.review_view), name=name),
            *super().get_urls(),
        ]

    def has_view_permission(self, request, obj=None):
        """Who has a part in review, or stands in for somebody, sees documents."""
        return (
            super().has_view_permission(request, obj)
            or any(request.user.has_perm(f"gazette.{name}") for name in REVIEWING)
            or (request.user.is_active and Deputy.objects.on_today().filter(deputy=request.user.pk).exists())
        )

    @admin.display(description="状态", ordering="status")
    def stage(self, obj):
        """The step, and whether an emergency publication was not looked at yet."""
        return review.stage(obj) + ("（应急发布待核销）" if obj.bypass_open else "")

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Show where the document stands, what may be done now, and its course."""
        if obj and not getattr(request, "correcting", False):
            # A draft that was never submitted has no course, and costs no query.
            entries = review.course(obj) if obj.review_round or obj.status != DocumentStatus.DRAFT else []
            context["review"] = {
                "stage": self.stage(obj),
                "bypass_open": obj.bypass_open,
                "publish_at": obj.publish_at,
                "acts": [
                    (ACTS[act].button, self._act_url(obj, act)) for act in review.possible(obj, request.user, entries)
                ],
                "timeline": list(timeline(entries)),
                "form_url": reverse("admin:gazette_document_review_form", args=[obj.pk]),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _act_url(self, obj, act):
        return reverse("admin:gazette_document_review", args=[obj.pk, act])

    def _document(self, request, object_id):
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        return obj

    def review_view(self, request, object_id, act):
        """Ask what is to be said with an act, and do it."""
        obj = self._document(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if act not in ACTS:
            raise Http404
        act = ReviewAct(act)
        entries = review.course(obj)
        back = HttpResponseRedirect(reverse("admin:gazette_document_change", args=[obj.pk]))
        try:
            principal = review.check(act, obj, request.user, entries)
        except CannotReview as refused:
            messages.error(request, str(refused))
            return back
        newest = entries[-1].pk if entries else 0
        last = act == ReviewAct.APPROVE and obj.review_step == obj.review_steps
        form_class = FinalForm if last else ACTS[act].form
        form = form_class(request.POST if request.method == "POST" else None, initial={"seen": newest})
        if request.method == "POST" and form.is_valid():
            try:
                ACTS[act].run(obj, request.user, form.cleaned_data)
            except CannotReview as refused:
                obj.refresh_from_db()
                if act not in review.acts_in(obj) or form.cleaned_data["seen"] != newest:
                    messages.error(request, str(refused))
                    return back
                field = refused.field if refused.field in form.fields else None
                form.add_error(field, list(refused.messages))
            else:
                messages.success(request, ACTS[act].after.format(obj))
                return back
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{ACTS[act].button}：{obj}",
            "document": obj,
            "stage": review.stage(obj),
            "principal": principal and person(principal),
            "act": ACTS[act],
            "form": form,
            "timeline": list(timeline(entries)),
            "hints": findings(obj) if act == ReviewAct.SUBMIT else (),
            "change_url": back.url,
        }
        return TemplateResponse(request, "admin/gazette/review_act.html", context)

    def review_form_view(self, request, object_id):
        """信息发布审核表, to be printed: what is not known is an empty cell."""
        obj = self._document(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        rows = [row for row in timeline(review.course(obj)) if row["entry"].round == obj.review_round]
        steps = obj.review_steps or settings.REVIEW_STEPS
        approved = {
            row["entry"].step: row for row in rows if row["entry"].act == ReviewAct.APPROVE and not row["entry"].void
        }
        by_act = {row["entry"].act: row for row in rows}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "信息发布审核表",
            "document": obj,
            "submitted": by_act.get(ReviewAct.SUBMIT),
            "steps": [(step_name(step, steps), approved.get(step)) for step in range(1, steps + 1)],
            "bypassed": by_act.get(ReviewAct.BYPASS),
            "cleared": by_act.get(ReviewAct.CLEAR),
            "published": by_act.get(ReviewAct.PUBLISH) or by_act.get(ReviewAct.BYPASS),
            "change_url": reverse("admin:gazette_document_change", args=[obj.pk]),
        }
        return TemplateResponse(request, "admin/gazette/review_form.html", context)


class ReviewEntryAdmin(LedgerAdmin):
    """What was done with documents, newest first."""

    list_display = ["document", "round", "act", "step", "by", "in_place_of", "at", "void"]
    list_filter = ["act", "void"]
    list_select_related = ["document", "by", "in_place_of"]
    search_fields = ["document__title", "document__code", "opinion"]
    date_hierarchy = "at"


class DeputyForm(RecordForm):
    """Who stands in for whom; the admin binds who sets it."""

    setter = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.set_by = self.setter


class DeputyAdmin(PortalAdmin):
    """Deputies, set by another than themselves."""

    form = DeputyForm
    list_display = ["deputy", "principal", "starts_on", "ends_on", "note", "set_by"]
    list_display_links = ["deputy"]
    list_select_related = ["deputy", "principal", "set_by"]
    search_fields = ["deputy__username", "deputy__last_name", "principal__username", "principal__last_name"]
    autocomplete_fields = ["principal", "deputy"]
    date_hierarchy = "starts_on"
    fields = ["principal", "deputy", ("starts_on", "ends_on"), "note"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form, knowing who sets it."""
        return super().get_form(request, obj, change, **(kwargs | {"form": bind(DeputyForm, setter=request.user)}))
