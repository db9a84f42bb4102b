"""A document as its page shows it: every passage with its words marked, and what of its numbers is recorded.

Everything comes from the projection, in one query however long the document is.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass

from . import registry
from .figures import Segment, segments
from .models import Document, PublicRecord, Reason
from .numerals import find_numerals

# Words that belong to more records than this lead to the list of the passage's records instead.
LINKS = 5


@dataclass(frozen=True)
class Link:
    """A page of the site, and what it is about."""

    address: str
    title: str


@dataclass(frozen=True)
class Mark:
    """A stretch of text: with the records that it belongs to, or why it is no figure, or plain."""

    text: str
    links: tuple[Link, ...] = ()
    reason: str = ""


@dataclass
class ReadPassage:
    """A passage with its marks, and the records that rest on it."""

    position: int
    kind: str
    level: int
    text: str
    marks: list[Mark]
    records: list[Link]

    @property
    def more(self) -> bool:
        """Whether records rest on the passage, or on words of it, to which no mark leads."""
        marked = {link.address for mark in self.marks for link in mark.links}
        return any(link.address not in marked for link in self.records)


@dataclass
class Coverage:
    """How many numbers a document states, and what became of them."""

    numerals: int = 0
    recorded: int = 0
    explained: int = 0

    @property
    def open(self) -> int:
        """Numbers that are neither recorded nor explained."""
        return self.numerals - self.recorded - self.explained

    def count(self, text: str, figures: list[dict]) -> None:
        """Account for the numbers of one passage: bare words tied to a record do not explain one, a value does."""
        recorded, explained = set(), set()
        for figure in figures:
            if figure["reason"]:
                explained.update(range(figure["start"], figure["end"]))
            elif figure["rule"] != "verbatim":
                recorded.update(range(figure["start"], figure["end"]))
        for numeral in find_numerals(text):
            place = set(range(numeral.start, numeral.end))
            self.numerals += 1
            if place <= recorded:
                self.recorded += 1
            elif place <= explained:
                self.explained += 1


@dataclass
class Reading:
    """A whole document."""

    passages: list[ReadPassage]
    coverage: Coverage
    counts: list[tuple[str, int]]
    reasons: list[str]
    above: list[Link]

    @property
    def headings(self) -> list[ReadPassage]:
        """The outline."""
        return [passage for passage in self.passages if passage.kind == "heading"]


def read(document: Document) -> Reading:
    """A published document from the projection."""
    rows = PublicRecord.objects.filter(document=document).values_list("kind", "path", "body")
    bodies = [(kind, path, json.loads(body)) for kind, path, body in rows]
    records = [(registry.get(kind), path, body) for kind, path, body in bodies if _has_page(kind)]
    titles = {path: f"{kind.label}：{record_name(body)}" for kind, path, body in records}
    titles[document.get_absolute_url()] = "文件信息"
    by_passage = defaultdict(list)
    for _kind, path, body in records:
        if isinstance(source := body.get("source"), dict):
            by_passage[source["passage"]].append(Link(path, titles[path]))
    passages, coverage, reasons = [], Coverage(), set()
    for body in sorted((body for kind, _path, body in bodies if kind == "passage"), key=lambda body: body["order"]):
        figures = body["figures"]
        coverage.count(body["text"], figures)
        reasons.update(figure["reason"] for figure in figures if figure["reason"])
        position, records_here = body["position"], by_passage[body["position"]]
        marks = []
        for segment in bridged(body["text"], figures):
            mark = _mark(segment, titles, document)
            if len(mark.links) > LINKS:
                records_here += [link for link in mark.links if link not in records_here]
                mark = Mark(mark.text, (Link(f"#p{position}-records", f"涉及{len(mark.links)}条记录"),))
            marks.append(mark)
        passages.append(ReadPassage(position, body["kind"], body["level"], body["text"], marks, records_here))
    counts = Counter(kind.label for kind, path, _body in records if kind.name != "document")
    above = _above(titles)
    return Reading(
        passages,
        coverage,
        list(counts.items()),
        [reason.label for reason in Reason if reason in reasons],
        [Link(path, record_name(body)) for _kind, path, body in records if path in above],
    )


def _above(paths) -> set[str]:
    """The pages under which others stand: /plans/2023/ for /plans/2023/targets/…/."""
    pieces = [path.split("/") for path in paths if "#" not in path]
    return {"/".join(piece[:end]) + "/" for piece in pieces for end in range(2, len(piece) - 1)}


def _has_page(kind: str) -> bool:
    """Whether records of a kind are shown as such, instead of inside their parent."""
    return kind != "passage" and not registry.get(kind).parent


def record_name(body: dict) -> str:
    """The name of a public form: its own, or those of the records that it ties together."""
    own = body.get("name") or body.get("title")
    return own or " ".join(value["name"] for value in body.values() if isinstance(value, dict) and value.get("name"))


def bridged(text: str, figures: list[dict]) -> list[Segment]:
    """The segments of a passage, where plain words between two marks of one record are part of that record's words.

    In 增长6%以上 the unit is tied as bare words; the reader sees one figure, and not three.
    """
    found: list[Segment] = []
    position = 0
    for segment in segments(text, figures):
        if (
            len(found) > 1
            and segment.records
            and not (found[-1].records or found[-1].reason)
            and _codes(found[-2]) == _codes(segment)
            and _inside(figures, _codes(segment), position - len(found[-1].text), position)
        ):
            gap, before = found.pop(), found.pop()
            segment = Segment(before.text + gap.text + segment.text, before.records)
            position -= len(before.text + gap.text)
        found.append(segment)
        position += len(segment.text)
    return found


def _codes(segment: Segment) -> set[str]:
    return {record["code"] for record in segment.records}


def _inside(figures: list[dict], codes: set[str], start: int, end: int) -> bool:
    """Whether words of each of the records cover a stretch."""
    covering = {figure["code"] for figure in figures if figure["start"] <= start and end <= figure["end"]}
    return codes <= covering


def _mark(segment: Segment, titles: dict[str, str], document: Document) -> Mark:
    """A segment as the page shows it: one link for each record, and for each page that shows several of them as one."""
    if segment.reason:
        return Mark(segment.text, reason=Reason(segment.reason).label)
    links: dict[tuple[str, str], Link] = {}
    for record in segment.records:
        address = record["url"]
        page = address.split("#")[0]
        title = titles.get(address) or titles.get(page) or registry.get(record["kind"]).label
        if page == document.get_absolute_url():
            address = "#about"
        known = links.get((page, title))
        links[page, title] = Link(page, title) if known and known.address != address else Link(address, title)
    return Mark(segment.text, tuple(links.values()))
