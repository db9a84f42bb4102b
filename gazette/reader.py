"""A document as its page shows it: every passage with its words marked, and what of its numbers is recorded.

Everything comes from the projection, in one query however long the document is.
"""

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.formats import date_format

from . import registry
from .figures import Segment, account_for, segments
from .models import Document, PublicRecord, Reason
from .numerals import LARGE_UNITS, MEASURE_WORDS, SMALL_UNITS, find_numerals

# The one character beside a number that is no figure, as a kind's `sign` is beside one that is.
REASON_SIGNS = {
    Reason.DATE: "日",
    Reason.NUMBER: "号",
    Reason.NAME: "名",
    Reason.THRESHOLD: "槛",
    Reason.BASE: "基",
    Reason.INDEFINITE: "泛",
    Reason.POLICY: "提",
    Reason.ORDINAL: "次",
    Reason.HEADING: "题",
    Reason.NARRATIVE: "述",
}
# Words that belong to more records than this lead to the list of the passage's records instead.
LINKS = 5
_MEASURE_WORD = re.compile(rf"[十百千万亿]*(?:{MEASURE_WORDS}|美元|%)")


@dataclass(frozen=True)
class Link:
    """A page of the site, and what it is about."""

    address: str
    title: str


@dataclass(frozen=True)
class Mark:
    """A stretch of text: with the records that it belongs to, or why it is no figure, or plain.

    `kind` is that of the first record, `sign` the characters of all their kinds or of the reason.
    """

    text: str
    links: tuple[Link, ...] = ()
    reason: str = ""
    kind: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Key:
    """A line of the legend; `kind` is empty for a reason."""

    sign: str
    label: str
    kind: str = ""


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
        """Account for the numbers of one passage, as `verify_sources` does."""
        ties = [(figure["start"], figure["end"], figure["rule"], figure["reason"]) for figure in figures]
        for _numeral, fate in account_for(text, ties):
            self.numerals += 1
            self.recorded += fate == "recorded"
            self.explained += fate == "explained"


@dataclass
class Reading:
    """A whole document."""

    passages: list[ReadPassage]
    coverage: Coverage
    counts: list[tuple[str, int]]
    legend: list[Key]
    reasons: list[Key]
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
    passages, coverage, signs = [], Coverage(), set()
    for body in sorted((body for kind, _path, body in bodies if kind == "passage"), key=lambda body: body["order"]):
        figures = body["figures"]
        coverage.count(body["text"], figures)
        position, records_here = body["position"], by_passage[body["position"]]
        marks = []
        for segment in _with_measure_words(bridged(body["text"], figures)):
            mark = _mark(segment, titles, document)
            if len(mark.links) > LINKS:
                records_here += [link for link in mark.links if link not in records_here]
                link = Link(f"#p{position}-records", f"涉及{len(mark.links)}条记录")
                mark = replace(mark, links=(link,))
            signs.update(mark.sign)
            marks.append(mark)
        passages.append(ReadPassage(position, body["kind"], body["level"], body["text"], marks, records_here))
    counts = Counter(kind.label for kind, path, _body in records if kind.name != "document")
    above = _above(titles)
    return Reading(
        passages,
        coverage,
        list(counts.items()),
        [Key(kind.sign, kind.label, kind.name) for kind in registry.kinds() if kind.sign and kind.sign in signs],
        [Key(sign, str(reason.label)) for reason, sign in REASON_SIGNS.items() if sign in signs],
        [Link(path, record_name(body)) for _kind, path, body in records if path in above],
    )


def citation(document: Document, passage: ReadPassage | None = None) -> str:
    """How to cite a document, or one passage of it: issuer, title, number, date, the words, and the lasting address."""
    number = document.number or "文号文中未载明"
    written = f"{date_format(document.written_on)}成文" if document.written_on else "成文日期文中未载明"
    words = f"第{passage.position}段：“{passage.text}”" if passage else ""
    fragment = f"#p{passage.position}" if passage else ""
    address = f"{settings.SITE_ADDRESS}{document.get_absolute_url()}{fragment}"
    return f"{document.issuer}：《{document.title}》（{number}，{written}）{words}，载{settings.SITE_NAME}，{address}"


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


def _with_measure_words(found: list[Segment]) -> list[Segment]:
    """The segments, where a marked number takes the plain measure word behind it along: 400万|元 → 400万元."""
    for i, (segment, behind) in enumerate(zip(found, found[1:], strict=False)):
        marked, plain = segment.records or segment.reason, not (behind.records or behind.reason)
        numerals = find_numerals(segment.text) if marked and plain else []
        ends_so = numerals and not segment.text[numerals[-1].end :].strip("".join((*SMALL_UNITS, *LARGE_UNITS)))
        if ends_so and (word := _MEASURE_WORD.match(behind.text)):
            found[i] = replace(segment, text=segment.text + word[0])
            found[i + 1] = replace(behind, text=behind.text[word.end() :])
    return [segment for segment in found if segment.text]


def _codes(segment: Segment) -> set[str]:
    return {record["code"] for record in segment.records}


def _inside(figures: list[dict], codes: set[str], start: int, end: int) -> bool:
    """Whether words of each of the records cover a stretch."""
    covering = {figure["code"] for figure in figures if figure["start"] <= start and end <= figure["end"]}
    return codes <= covering


def _mark(segment: Segment, titles: dict[str, str], document: Document) -> Mark:
    """A segment as the page shows it: one link for each record, and for each page that shows several of them as one."""
    if segment.reason:
        return Mark(segment.text, reason=Reason(segment.reason).label, sign=REASON_SIGNS[segment.reason])
    links: dict[tuple[str, str], Link] = {}
    for record in segment.records:
        address = record["url"]
        page = address.split("#")[0]
        title = titles.get(address) or titles.get(page) or registry.get(record["kind"]).label
        if page == document.get_absolute_url():
            address = "#about"
        known = links.get((page, title))
        links[page, title] = Link(page, title) if known and known.address != address else Link(address, title)
    kinds = list(dict.fromkeys(record["kind"] for record in segment.records))
    signs = "".join(registry.get(kind).sign for kind in kinds)
    return Mark(segment.text, tuple(links.values()), kind=kinds[0] if kinds else "", sign=signs)
