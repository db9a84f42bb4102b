"""What the words of a passage are: its ties with the page of the record behind each, and the text cut along them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from . import registry
from .numerals import Numeral, find_numerals

# Bare words (a name, a purpose) and an outline's label are tied for the proof; a reader needs no mark on them.
NOT_FIGURES = {"verbatim", "label", "heading"}


def attach_figures(passages, known: Mapping[tuple[str, str], str] = {}) -> list:
    """The passages as a list, each with `figures` as the API gives them; one query for each kind of record tied.

    `known` are the pages of records that the caller has at hand, by kind and code; these are not asked for.
    """
    passages, paths = list(passages), dict(known)
    wanted: dict[str, set[str]] = defaultdict(set)
    for passage in passages:
        for tie in passage.ties.all():
            if tie.code and (tie.kind, tie.code) not in paths:
                wanted[tie.kind].add(tie.code)
    for name, codes in wanted.items():
        for record in registry.get(name).model.objects.filter(code__in=codes).for_list():
            paths[name, record.code] = record.get_absolute_url()
    for passage in passages:
        passage.figures = [
            {
                "start": tie.start,
                "end": tie.end,
                "text": passage.text[tie.start : tie.end],
                "kind": tie.kind,
                "code": tie.code,
                "field": tie.field,
                "rule": tie.rule,
                "url": paths.get((tie.kind, tie.code), ""),
                "reason": tie.reason,
            }
            for tie in passage.ties.all()
        ]
    return passages


def account_for(text: str, ties: Iterable[tuple[int, int, str, str]]) -> Iterator[tuple[Numeral, str]]:
    """Each numeral of a text and what became of it: "recorded", "explained", or "" for neither.

    Ties are (start, end, rule, reason). Bare words tied to a record do not explain a numeral: only a rule that reads a
    value does, or a reason.
    """
    recorded, explained = set(), set()
    for start, end, rule, reason in ties:
        if reason:
            explained.update(range(start, end))
        elif rule != "verbatim":
            recorded.update(range(start, end))
    for numeral in find_numerals(text):
        place = set(range(numeral.start, numeral.end))
        yield numeral, "recorded" if place <= recorded else "explained" if place <= explained else ""


@dataclass(frozen=True)
class Segment:
    """A stretch of text with the records that its words belong to, or the reason why a number in it is no figure."""

    text: str
    records: tuple[dict, ...] = ()
    reason: str = ""


def segments(text: str, figures: list[dict]) -> list[Segment]:
    """Cut a passage's text where figures begin and end; neighbours of the same records are one segment.

    Nothing is lost: joined, the segments are the text.
    """
    marked = [figure for figure in figures if figure["reason"] or figure["rule"] not in NOT_FIGURES]
    cuts = sorted({0, len(text), *(figure[edge] for figure in marked for edge in ("start", "end"))})
    found: list[Segment] = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        covering = [figure for figure in marked if figure["start"] <= start and end <= figure["end"]]
        records = tuple({(f["kind"], f["code"]): f for f in covering if f["code"]}.values())
        reason = next((f["reason"] for f in covering if f["reason"]), "") if not records else ""
        segment = Segment(text[start:end], records, reason)
        if found and _key(found[-1]) == _key(segment):
            found[-1] = Segment(found[-1].text + segment.text, found[-1].records, reason)
        else:
            found.append(segment)
    return found


def _key(segment: Segment) -> tuple:
    return (segment.reason, tuple((record["kind"], record["code"]) for record in segment.records))
