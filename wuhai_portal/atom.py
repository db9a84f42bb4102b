"""What readers subscribe to (Atom, RFC 4287): new documents, and whatever changed in public, from the ledger.

Ids name what they mean and never change; times are the ledger's, so that an answer is the same until the next line.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed

from gazette import registry
from gazette.models import Change, Document, Operation, PublicRecord, SearchEntry

from .feeds import Feed, named

NEWEST = 50
# The day by which a tag URI (RFC 4151) says whose name it is; part of every id, so it never changes.
TAGGED = "2023-01-01"
NEVER = datetime(2023, 1, 1, tzinfo=UTC)


def tag(name: str) -> str:
    """A stable id."""
    return f"tag:{settings.SITE_ADDRESS.host},{TAGGED}:{name}"


class Atom(Atom1Feed):
    """Atom whose time is that of its newest entry; without one a fixed day, since "now" would change every answer."""

    def latest_post_date(self):
        """The time of the newest entry."""
        return max((item["updateddate"] for item in self.items), default=NEVER)

    def add_item_elements(self, handler, item):
        """Summaries are plain text, not HTML."""
        super().add_item_elements(handler, item | {"description": None})
        handler.addQuickElement("summary", item["description"], {"type": "text"})


class AtomFeed(Feed):
    """An Atom feed: subclasses name it and give its entries."""

    name, title, page = "", "", ""

    def get(self, request, *args, **kwargs):
        site = str(settings.SITE_ADDRESS)
        feed = Atom(
            f"{self.title} - {settings.SITE_NAME}",
            f"{site}{self.page}",
            "",
            language="zh-CN",
            author_name=settings.SITE_SPONSOR or settings.SITE_NAME,
            feed_url=f"{site}{request.path}",
            feed_guid=tag(self.name),
        )
        for entry in self.get_entries():
            feed.add_item(**entry | {"link": f"{site}{entry['link']}"})
        return HttpResponse(feed.writeString("utf-8"), content_type=Atom.content_type)


class NewDocuments(AtomFeed):
    """The documents that became public last, and still are."""

    name, title, page = "documents", "新公开的文件", "/documents/"

    def get_entries(self):
        kind = registry.of(Document).name
        public = PublicRecord.objects.filter(kind=OuterRef("kind"), code=OuterRef("code"))
        lines = Change.objects.filter(Exists(public), kind=kind, op=Operation.PUBLISH).order_by("-seq")
        first_seen = {}
        for line in lines[: 2 * NEWEST]:  # a document that was withdrawn and published again has two lines
            first_seen.setdefault(line.code, line.at)
        codes = list(first_seen)[:NEWEST]
        documents = {row.code: row for row in Document.objects.public().filter(code__in=codes).select_related("issuer")}
        changed = dict(PublicRecord.objects.filter(kind=kind, code__in=codes).values_list("code", "changed_at"))
        for code in codes:
            if code in documents and code in changed:
                yield self.as_entry(documents[code], first_seen[code], changed[code])

    def as_entry(self, document, published_at, changed_at) -> dict:
        """A document with its number, kind and issuer."""
        written = document.written_on.isoformat() if document.written_on else "文中未载明"
        facts = [document.get_kind_display(), document.number, str(document.issuer), f"成文日期 {written}"]
        return {
            "title": document.title,
            "link": document.get_absolute_url(),
            "description": "，".join(filter(None, facts)),
            "unique_id": tag(f"document/{document.code}"),
            "pubdate": published_at,
            "updateddate": changed_at,
        }


class NewChanges(AtomFeed):
    """The newest lines of the ledger."""

    name, title, page = "changes", "更新记录", "/documents/"

    def get_entries(self):
        lines = list(Change.objects.select_related("document").order_by("-seq")[:NEWEST])
        entries = SearchEntry.objects.filter(named((line.kind, line.code) for line in lines))
        # Only what is public is in the index: a withdrawn record is named by its code.
        titles = {(kind, code): title for kind, code, title in entries.values_list("kind", "code", "title")}
        for line in lines:
            kind = registry.get(line.kind)
            name = titles.get((line.kind, line.code)) or line.code
            facts = [
                f"更新记录第{line.seq}条",
                f"{kind.label} {line.code}",
                f"第{line.revision}版",
                line.get_origin_display(),
            ]
            yield {
                "title": f"{line.get_op_display()}{kind.label}：{name}",
                "link": line.path,
                "description": "，".join(facts),
                "unique_id": tag(f"change/{line.seq}"),
                "pubdate": line.at,
                "updateddate": line.at,
            }
