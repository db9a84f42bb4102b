"""What full verification finds wrong in the newest drafts; on a page of its own, since it reads every word of them."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.views.generic import TemplateView

from gazette.admin_base import admin_url
from gazette.models import Document, DocumentStatus
from gazette.verification import verify

DRAFTS = 10
SHOWN = 20  # misses of one draft
PERMISSION = "gazette.change_document"


class Misses(TemplateView):
    """The newest drafts, each with what does not agree with its text."""

    template_name = "admin/misses.html"
    http_method_names = ["get", "head"]

    def get_context_data(self, **kwargs):
        """Every draft is verified anew."""
        if not self.request.user.has_perm(PERMISSION):
            raise PermissionDenied
        drafts = Document.objects.filter(status=DocumentStatus.DRAFT).order_by("-pk")[:DRAFTS]
        found = [(document, admin_url(Document, "change", document.pk), verify(document).misses) for document in drafts]
        context = admin.site.each_context(self.request) | {"title": "草稿核对", "limit": DRAFTS}
        rows = [(document, url, len(misses), misses[:SHOWN]) for document, url, misses in found]
        return super().get_context_data(**context, drafts=rows, **kwargs)
