"""For search engines: every public page with the day of its last change, and what they had better leave alone.

Django's own sitemaps count and skip through a whole list for each of their pages, and take the host from the request.
Here a section is a range of ids of the projection, so that each takes one range scan however much is public.
"""

from django.conf import settings
from django.db.models import Max
from django.http import Http404
from django.urls import reverse
from django.views.generic import TemplateView

from gazette.models import PublicRecord

# A section's ids; what is shown inside another record's page has no entry, so a section holds fewer.
SECTION = 5_000
PAGES = [
    "home",
    "document-list",
    "plan-list",
    "measure-list",
    "notice-list",
    "person-list",
    "post-list",
    "unit-list",
    "calendar",
    "api-docs",
]


class ForMachines(TemplateView):
    """An answer for programs that no parameter changes."""

    content_type = "application/xml"

    @classmethod
    def known_parameters(cls) -> set[str]:
        """None."""
        return set()

    def get_context_data(self, **kwargs):
        return super().get_context_data(address=str(settings.SITE_ADDRESS), **kwargs)


def last_section() -> int:
    """The number of the newest section of records; -1 where nothing is public."""
    last = PublicRecord.objects.aggregate(last=Max("pk"))["last"]
    return -1 if last is None else last // SECTION


class SitemapIndex(ForMachines):
    """The sections."""

    template_name = "portal/sitemap_index.xml"

    def get_context_data(self, **kwargs):
        return super().get_context_data(sections=["pages", *range(last_section() + 1)], **kwargs)


class Sitemap(ForMachines):
    """One section: `pages`, or the number of a range of records; one that lies past the last record is 404."""

    template_name = "portal/sitemap.xml"

    def get_context_data(self, **kwargs):
        section = self.kwargs["section"]
        if section == "pages":
            rows = [{"path": reverse(name)} for name in PAGES]
        else:
            if not (section.isascii() and section.isdigit() and int(section[:10]) <= last_section()):
                raise Http404
            start = int(section) * SECTION
            records = PublicRecord.objects.filter(pk__gte=start, pk__lt=start + SECTION).exclude(path__contains="#")
            rows = records.order_by("pk").values("path", "changed_at")
        return super().get_context_data(rows=rows, **kwargs)


class Robots(ForMachines):
    """`/robots.txt`."""

    template_name = "portal/robots.txt"
    content_type = "text/plain; charset=utf-8"
