"""A document and its records as the public would see them, for staff, before they are public.

The pages are the public's own: the document is published in a transaction that is rolled back, and meanwhile the page
is asked for as a stranger would ask. So a preview shows nothing that publication would not, and leaves nothing behind.
"""

import re
from html import unescape
from urllib.parse import urlsplit

from django.contrib.admin import site
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils.html import escape, format_html
from django.utils.http import urlencode
from django.views import generic

from gazette import publication
from gazette.models import Document, PublicRecord

LINK = re.compile(r'href="(/[^"]*)"')
MAIN = '<main id="main"'


class Preview(generic.View):
    """One page of a document that is not public yet (`?path=`, by default the document's own); links stay inside."""

    http_method_names = ["get", "head"]

    def get(self, request, pk: int):
        document = get_object_or_404(Document, pk=pk)
        if not site.get_model_admin(Document).has_view_permission(request, document):
            raise PermissionDenied
        asked = request.GET.get("path") or document.get_absolute_url()
        try:
            with publication.rehearsal(document):
                paths = set(PublicRecord.objects.filter(document=document).values_list("path", flat=True))
                paths |= {attachment.get_absolute_url() for attachment in document.attachments.all()}
                if urlsplit(asked).path not in {urlsplit(path).path for path in paths}:
                    raise Http404
                response = as_public(asked)
        except publication.CannotPublish as refused:
            response = render(request, "portal/preview_refused.html", {"document": document, "why": str(refused)})
        else:
            if not response.streaming:
                response.content = self.marked(response.content.decode(), document, paths)
        response["X-Robots-Tag"] = "noindex"
        return response

    def marked(self, html: str, document: Document, paths: set[str]) -> str:
        """The page with a line that says what it is, and with its links to what is not public leading to previews."""
        here = reverse("document-preview", args=[document.pk])
        pages = {urlsplit(path).path for path in paths}

        def inside(match):
            address = urlsplit(unescape(match[1]))
            if address.path not in pages:
                return match[0]
            path = f"{address.path}?{address.query}" if address.query else address.path
            fragment = f"#{address.fragment}" if address.fragment else ""
            return f'href="{here}?{escape(urlencode({"path": path}))}{escape(fragment)}"'

        line = format_html(
            '<p class="preview" role="note">预览：“{}”现为{}，以下是发布后公众将看到的样子，现在只有工作人员能看到。'
            '<a href="{}">返回编辑</a></p>',
            document.title,
            document.get_status_display(),
            reverse("admin:gazette_document_change", args=[document.pk]),
        )
        return LINK.sub(inside, html).replace(MAIN, f"{line}{MAIN}", 1)


def as_public(address: str) -> HttpResponse:
    """The answer that a stranger would get at an address of this site."""
    request: HttpRequest = RequestFactory().get(address)
    request.user = AnonymousUser()
    match = resolve(request.path)
    response = match.func(request, *match.args, **match.kwargs)
    return response.render() if hasattr(response, "render") else response
