"""Proposing a correction at the desk: the form of a public record, open again, whose save is kept as a difference."""

import re

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.urls import path, reverse

from . import corrections, registry
from .correcting import CannotCorrect
from .models import DocumentStatus, LedgerHead, Passage, Reason

PROPOSE = "gazette.propose_correction"
EVIDENCE_HELP = (
    "一般留空：值改了以后，系统在摘录中找证明它的文字，找不到或有几处才需要写。每行一处，用“｜”隔开："
    "代码｜字段｜原文中的字（可再写｜第8段｜第2处）；或者 第8段｜日期｜2023年，说明这几个字为什么不是要登记的数字。"
)


class EvidenceField(forms.CharField):
    """Lines that say which words prove a field, or why words are no figure; cleaned, the `evidence` of a proposal."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})

    def clean(self, value):
        """The lines as a list of dicts."""
        return [self._read(line.strip()) for line in super().clean(value).splitlines() if line.strip()]

    def _read(self, line):
        first, *rest = [part.strip() for part in re.split("[|｜]", line)]
        passage = re.fullmatch(r"第?(\d+)段", first)
        numbers = {"passage": int(passage[1])} if passage else {}
        for part in rest[2:]:
            number = re.fullmatch(r"第?(\d+)(段|处)", part)
            if number is None:
                raise ValidationError(f"“{line}”中的“{part}”应写作 第8段 或 第2处。")
            numbers["passage" if number[2] == "段" else "nth"] = int(number[1])
        if len(rest) < 2 or not all(rest[:2]):
            raise ValidationError(f"“{line}”不完整，应写作 代码｜字段｜原文中的字，或 第8段｜日期｜原文中的字。")
        what, text = rest[:2]
        if not passage:
            return {"record": first, "field": what, "text": text, **numbers}
        reason = next((reason.value for reason in Reason if what in (reason.label, reason.value)), None)
        if reason is None:
            raise ValidationError(f"“{what}”不是理由；可写：{'、'.join(map(str, Reason.labels))}。")
        return {"reason": reason, "text": text, **numbers}


class ProposalForm(forms.Form):
    """What a correction says beside the fields of its record."""

    reason = forms.CharField(
        label="更正理由",
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text="采纳后与更正一并公开，请写明录入错在哪里，不写个人信息。",
    )
    text = forms.CharField(
        label="段落原文",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="只在录入的原文与公报不一致时改；公报本身的误印照录。摘录随原文移动。",
    )
    evidence = EvidenceField(label="依据的文字", required=False, help_text=EVIDENCE_HELP)
    removed = forms.BooleanField(label="删除本条", required=False, help_text="连同下级内容；代码不再用于别的记录。")
    merged_into = forms.CharField(
        label="并入", required=False, help_text="删除是因为与另一条重复的，写那一条的代码；本条的页面转到那里。"
    )
    since = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, passage=None, removable=True, **kwargs):
        super().__init__(*args, prefix="correction", **kwargs)
        self.passage = passage
        if passage is None:
            del self.fields["text"]
        else:
            self.fields["text"].label = f"第{passage.position}段原文"
        for name in () if removable else ("removed", "merged_into"):
            del self.fields[name]

    def texts(self):
        """The passage's text, where it was changed."""
        text = self.cleaned_data.get("text", "").replace("\r\n", "\n")
        return {self.passage.code: text} if self.passage and text and text != self.passage.text else {}


class Correcting:
    """An admin of records whose public ones can be corrected, but not edited: adds the page 提出更正."""

    def corrected_with(self, obj):
        """The record with which an object is corrected: itself, or the one above it."""
        kind = registry.of(type(obj))
        return getattr(obj, kind.parent) if kind.parent else obj

    def get_urls(self):
        """The page before the admin's own, of which the last takes any address."""
        name, view = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        pages = [path("<path:object_id>/correct/", view(self.correct_view), name=f"{name}_correct")]
        if self.can_be_supplemented():
            pages.append(path("supplement/", view(self.supplement_view), name=f"{name}_supplement"))
        return [*pages, *super().get_urls()]

    def can_be_supplemented(self):
        """Whether a record that was left out can be entered when its document is published."""
        return any(kind.model is self.model and corrections.can_be_added(kind) for kind in registry.kinds())

    def may_correct(self, request, obj):
        """Whether this user may propose to correct a record, which is public."""
        return request.user.has_perm(PROPOSE) and self.document_of(obj).status == DocumentStatus.PUBLISHED

    def correct_url(self, obj):
        """The address of the page on which an object is corrected."""
        above = self.corrected_with(obj)
        return reverse(f"admin:{above._meta.app_label}_{above._meta.model_name}_correct", args=[above.pk])

    def has_change_permission(self, request, obj=None):
        """On the page of a correction its own permission counts."""
        if getattr(request, "correcting", False):
            return request.user.has_perm(PROPOSE)
        return super().has_change_permission(request, obj)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Lead from a public record to its correction."""
        correcting = getattr(request, "correcting", False)
        if obj and not correcting and self.may_correct(request, obj):
            context["correct_url"] = self.correct_url(obj)
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if correcting:
            response.context_data["closed_because"] = ""
        return response

    def correct_view(self, request, object_id):
        """Show the form of a public record; keep what its save would change as a proposed correction."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not (request.user.has_perm(PROPOSE) and self.has_view_permission(request, obj)):
            raise PermissionDenied
        if not self.may_correct(request, obj):
            document = self.document_of(obj)
            why = f"文件“{document}”现为{document.get_status_display()}，只有已发布的文件才能更正。"
            messages.error(request, why)
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
            )
        if self.corrected_with(obj) != obj:
            return HttpResponseRedirect(self.correct_url(obj))
        request.correcting = True
        page = CorrectionPage(self, request, obj)
        if request.method == "POST" and (correction := page.propose()):
            messages.success(request, f"“{correction.name}”的更正已提出，待另一人审核；采纳之前公开的内容不变。")
            return HttpResponseRedirect(reverse("admin:gazette_correction_change", args=[correction.pk]))
        return page.render()

    def supplement_view(self, request):
        """Show the form of a new record under an owner that is public; keep it as a proposed correction."""
        if not (request.user.has_perm(PROPOSE) and self.has_view_permission(request)):
            raise PermissionDenied
        request.supplementing = request.correcting = True
        if self.owner_asked_for(request) is None:
            return self.choose_owner(request)
        page = SupplementPage(self, request, None)
        if request.method == "POST" and (correction := page.propose()):
            messages.success(request, f"“{correction.name}”的补录已提出，待另一人审核；采纳之前不公开。")
            return HttpResponseRedirect(reverse("admin:gazette_correction_change", args=[correction.pk]))
        return page.render()


class CorrectionPage:
    """One request of the page 提出更正: the record's own form and rows, and the proposal's."""

    title, adding = "提出更正：{}", False

    def __init__(self, model_admin, request, obj):
        self.admin, self.request, self.obj = model_admin, request, obj
        self.kind = registry.of(model_admin.model)
        self._make_forms()

    @property
    def _posted(self):
        return self.request.POST if self.request.method == "POST" else None

    def _make_forms(self):
        data = self._posted
        form_class = self.admin.get_form(self.request, self.obj, change=True)
        self.form = form_class(data, self.request.FILES or None, instance=self.obj)
        self.formsets, self.inlines = self.admin._create_formsets(self.request, self.obj, change=True)
        for form in [self.form, *(form for formset in self.formsets for form in formset.initial_forms)]:
            if "code" in form.fields:
                form.fields["code"].disabled = True
        passage = self.obj.passage if hasattr(self.obj, "quote") else None
        initial = {"since": LedgerHead.objects.values_list("seq", flat=True).first() or 0}
        removable = self.kind.name not in ("document", "passage")
        if passage:
            # What was posted is validated into the record; the text is that of the stored passage.
            passage = Passage.objects.get(
                pk=type(self.obj).objects.values_list("passage", flat=True).get(pk=self.obj.pk)
            )
            initial["text"] = passage.text
        self.proposal = ProposalForm(data, initial=initial, passage=passage, removable=removable)

    def propose(self):
        """The proposed correction, or None where a form has errors or the correction is refused."""
        valid = [self.proposal.is_valid(), self.form.is_valid(), *(formset.is_valid() for formset in self.formsets)]
        removed = self.proposal.is_valid() and self.proposal.cleaned_data.get("removed", False)
        if not (all(valid) or removed):
            return None
        said = self.proposal.cleaned_data
        try:
            return corrections.propose(
                self.admin.document_of(self.form.instance),
                self.kind.name,
                self.form.instance.code,
                reason=said["reason"],
                by=self.request.user,
                save=self._save,
                texts=self.proposal.texts(),
                evidence=said["evidence"],
                removed=removed,
                merged_into=said.get("merged_into", ""),
                added=self.adding,
                since=said["since"],
            )
        except CannotCorrect as refused:
            # The save left keys in the forms that were rolled back.
            self.obj = self.admin.get_object(self.request, str(self.obj.pk)) if self.obj else None
            self._make_forms()
            self.form.is_valid()
            self.proposal.add_error(None, list(refused.messages))
            return None

    def _save(self):
        self.form.save()
        for formset in self.formsets:
            formset.save()

    def render(self):
        """The page."""
        request, admin, obj = self.request, self.admin, self.obj
        fieldsets, readonly = admin.get_fieldsets(request, obj), admin.get_readonly_fields(request, obj)
        rows = admin.get_inline_formsets(request, self.formsets, self.inlines, obj)
        admin_form = helpers.AdminForm(self.form, list(fieldsets), {}, readonly, model_admin=admin)
        context = {
            **admin.admin_site.each_context(request),
            "title": self.title.format(obj or admin.opts.verbose_name),
            "subtitle": None,
            "adminform": admin_form,
            "object_id": obj and str(obj.pk),
            "original": obj,
            "is_popup": False,
            "to_field": None,
            "media": admin.media + admin_form.media + sum((row.media for row in rows), forms.Media()),
            "inline_admin_formsets": rows,
            "errors": helpers.AdminErrorList(self.form, self.formsets),
            "preserved_filters": "",
            "proposal": self.proposal,
            "changelist_url": reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist"),
            "back_url": self._back_url(),
        }
        response = admin.render_change_form(request, context, add=self.adding, change=not self.adding, obj=obj)
        response.template_name = "admin/gazette/correct.html"
        return response

    def _back_url(self):
        shown = self.obj or self.admin.owner_asked_for(self.request)
        return reverse(f"admin:{shown._meta.app_label}_{shown._meta.model_name}_change", args=[shown.pk])


class SupplementPage(CorrectionPage):
    """One request of the page 补录: the form and rows of a record that was left out, and the proposal's."""

    title, adding = "补录{}", True

    def _make_forms(self):
        self.form = self.admin.get_form(self.request, None, change=False)(self._posted)
        if self._posted:
            # The rows stand under what was typed, as on the page of a draft.
            self.form.is_valid()
        self.formsets, self.inlines = self.admin._create_formsets(self.request, self.form.instance, change=False)
        initial = {"since": LedgerHead.objects.values_list("seq", flat=True).first() or 0}
        self.proposal = ProposalForm(self._posted, initial=initial, removable=False)
        reason = self.proposal.fields["reason"]
        reason.label, reason.help_text = "补录理由", "采纳后随本条公开，请写明是怎么漏的，不写个人信息。"
