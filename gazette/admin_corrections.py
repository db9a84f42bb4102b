"""The corrections at the desk: what is proposed, old and new words side by side, and the decision."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from . import attachments, corrections, registry
from .admin_base import LedgerAdmin
from .admin_lists import KindFilter, kind_label
from .correcting import CannotCorrect, find

REVIEW = "gazette.review_correction"


class DecisionForm(forms.Form):
    """What a reviewer says."""

    opinion = forms.CharField(
        label="审核意见",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text="退回须写明理由；不公开。",
    )


class CorrectionAdmin(LedgerAdmin):
    """Corrections, newest first; each is decided on its page and never edited."""

    list_display = ["name", kind_label, "code", "state", "author", "proposed_at", "reviewer", "decided_at"]
    list_filter = ["state", KindFilter]
    list_select_related = ["author", "reviewer"]
    search_fields = ["code", "name", "reason"]
    date_hierarchy = "proposed_at"

    def get_queryset(self, request):
        """The list shows no differences, which are long."""
        return super().get_queryset(request).defer("difference", "changes")

    def has_view_permission(self, request, obj=None):
        """Who proposes or reviews sees them, too."""
        user = request.user
        return super().has_view_permission(request, obj) or any(
            user.has_perm(name) for name in (REVIEW, "gazette.propose_correction")
        )

    def has_module_permission(self, request):
        """As seen."""
        return self.has_view_permission(request)

    def get_urls(self):
        """The proposed files before the admin's own pages, of which the last takes any address."""
        view = self.admin_site.admin_view(self.file_view)
        return [path("<path:object_id>/file/<slug:sha256>/", view, name="gazette_correction_file"), *super().get_urls()]

    def file_view(self, request, object_id, sha256):
        """A file that a correction would add to a public document, for who reviews it."""
        correction = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, correction):
            raise PermissionDenied
        proposed = attachments.proposed(correction) if correction else ()
        found = next((attachment for attachment in proposed if attachment.sha256 == sha256), None)
        if found is None:
            raise Http404
        return attachments.answer_privately(request, found)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show what is proposed, and take the decision."""
        correction = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and correction is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if correction is None or not self.has_view_permission(request, correction):
            raise PermissionDenied
        form = DecisionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and self._decide(request, correction, form):
            return HttpResponseRedirect(reverse("admin:gazette_correction_change", args=[correction.pk]))
        return TemplateResponse(request, "admin/gazette/correction.html", self._context(request, correction, form))

    def _may_review(self, request, correction):
        return correction.is_open and request.user.has_perm(REVIEW) and correction.author_id != request.user.pk

    def _may_withdraw(self, request, correction):
        return correction.is_open and correction.author_id == request.user.pk

    def _decide(self, request, correction, form):
        """Do what was asked; whether it was done, or the page has to be shown again."""
        opinion, user = form.cleaned_data["opinion"], request.user
        reviewing = "_accept" in request.POST or "_return" in request.POST
        if reviewing and not user.has_perm(REVIEW):
            raise PermissionDenied
        try:
            if "_accept" in request.POST:
                corrections.accept(correction, by=user, opinion=opinion)
                messages.success(request, "更正已采纳并公开。")
            elif "_return" in request.POST:
                corrections.send_back(correction, by=user, opinion=opinion)
                messages.success(request, "更正已退回提出人。")
            elif "_withdraw" in request.POST:
                corrections.withdraw(correction, by=user)
                messages.success(request, "更正已撤销。")
            else:
                raise PermissionDenied
        except CannotCorrect as refused:
            for sentence in refused.messages:
                form.add_error(None, sentence)
            correction.refresh_from_db()
            return False
        return True

    def _context(self, request, correction, form):
        model = registry.get(correction.kind).model
        try:
            record = find(registry.get(correction.kind), correction.code, correction.document)
        except CannotCorrect:
            record = None
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"更正：{correction.name}",
            "correction": correction,
            "kind_label": registry.get(correction.kind).label,
            "record_url": record
            and reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[record.pk]),
            "form": form,
            "files": attachments.proposed(correction),
            "may_review": self._may_review(request, correction),
            "may_withdraw": self._may_withdraw(request, correction),
            "own": correction.author_id == request.user.pk,
        }
