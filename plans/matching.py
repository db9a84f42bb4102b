"""What of an earlier plan is found again in a later one: names in its text, records beside records, the year's codes.

Pure: texts and names in, places and pairs out. A name that is not found is not found; nothing is guessed.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gazette.folding import NUMBER_EDGE, fold, is_number

AROUND = 16
# A shortened name of fewer characters would be found everywhere.
SHORTEST_STEM = 4
# Marks that one text sets and another leaves out; commas and full stops part what does not belong together.
PASSED_OVER = frozenset("\"'()《》〈〉")
# A year or a count at the head of a name is that of one plan: 2023年重点项目, 3个养老服务综合体.
OF_ONE_YEAR = re.compile(r"^(?:\d{4}年)?(?:\d+[个项家座户条处所套])?(?=.{2})")
# What may be taken from a name, or written otherwise, without its becoming another name.
TRIMS = (
    (OF_ONE_YEAR, ""),
    (re.compile(r"规模以上"), "规上"),
    (re.compile(r"规上"), "规模以上"),
    (re.compile(r"（[^（）]*）$"), ""),
    (re.compile(r"^(?:全市|我市|新建|新增|新上|推广使用|完成)"), ""),
    (re.compile(r"(?:项目|工程|工作|行动|建设|金额)$"), ""),
)


@dataclass(frozen=True)
class Place:
    """Where a name stands: passage and place in it, the words, those around them, how often more the passage has it."""

    passage: int
    start: int
    before: str
    words: str
    after: str
    more: int


@dataclass(frozen=True)
class Found:
    """The places of a name, one for each passage in the order of the text; `stem` is what was looked for."""

    stem: str
    is_whole: bool
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Named:
    """A record as it is told from others: kind, code, name."""

    kind: str
    code: str
    name: str


@dataclass(frozen=True)
class Pair:
    """The later record of an earlier one; `is_sure` unless others bear the same name."""

    later: Named
    is_sure: bool


def plain_name(name: str) -> str:
    """A name without the year and the count of one plan at its head."""
    return OF_ONE_YEAR.sub("", name)


def stems(name: str) -> Iterator[str]:
    """The name, then what is left of it by one trim, by two, and so on; none is shorter than `SHORTEST_STEM`."""
    known, step = {name}, [name]
    while step:
        yield from step
        trimmed = [pattern.sub(other, stem) for stem in step for pattern, other in TRIMS]
        step = [stem for stem in dict.fromkeys(trimmed) if stem not in known and _length(stem) >= SHORTEST_STEM]
        # Two spellings of one word would otherwise lead from one to the other for ever.
        known.update(step)


def _length(name: str) -> int:
    return sum(unit not in PASSED_OVER for unit in fold(name).units)


def _folded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text as it is searched, and the place in the original of each of its characters: code points, half-open."""
    characters, places = [], []
    folded = fold(text)
    for unit, place in zip(folded.units, folded.places, strict=True):
        if unit not in PASSED_OVER:
            shown = f"{NUMBER_EDGE}{unit}{NUMBER_EDGE}" if is_number(unit) else unit
            characters.append(shown)
            places += [place] * len(shown)
    return "".join(characters), places


class Text:
    """A text in which names are looked for: passages by number, folded once."""

    def __init__(self, passages: Iterable[tuple[int, str]]):
        self._passages = [(number, text, *_folded(text)) for number, text in passages]

    def find(self, name: str) -> Found | None:
        """Where the name stands, or else its first stem that stands anywhere; None where none does."""
        for stem in stems(name):
            if places := tuple(self._places(stem)):
                return Found(stem, stem == name, places)
        return None

    def _places(self, stem: str) -> Iterator[Place]:
        words = _folded(stem)[0]
        for number, text, folded, places in self._passages if words else ():
            at = folded.find(words)
            if at >= 0:
                start, end = places[at][0], places[at + len(words) - 1][1]
                before, after = _around(text, start, end)
                yield Place(number, start, before, text[start:end], after, folded.count(words) - 1)


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """Some words before and after a place; no number is cut, since 41 is not 4100."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    while first > 0 and _is_in_number(text, first):
        first -= 1
    while last < len(text) and _is_in_number(text, last):
        last += 1
    return f"{'…' if first else ''}{text[first:start]}", f"{text[end:last]}{'…' if last < len(text) else ''}"


def _is_in_number(text: str, at: int) -> bool:
    return all(character.isdecimal() or character == "." for character in text[at - 1 : at + 1])


def pair(earlier: Sequence[Named], later: Sequence[Named], codes: dict[Named, str]) -> dict[Named, Pair]:
    """The later record of each earlier one that has one: the bearer of its code for the new year, else of its name.

    `codes` are those of the new year. Of several that share a name, the first goes to the first, and none is sure.
    """
    by_code = {(record.kind, record.code): record for record in later}
    pairs = {
        record: Pair(found, True)
        for record in earlier
        if (found := by_code.get((record.kind, codes.get(record, "")))) is not None
    }
    taken = {found.later for found in pairs.values()}
    left = _by_name(record for record in earlier if record not in pairs)
    free = _by_name(record for record in later if record not in taken)
    for name, records in left.items():
        bearers = free.get(name, [])
        is_sure = len(records) == len(bearers) == 1
        pairs |= {record: Pair(found, is_sure) for record, found in zip(records, bearers, strict=False)}
    return pairs


def _by_name(records: Iterable[Named]) -> dict[tuple[str, str], list[Named]]:
    found = defaultdict(list)
    for record in records:
        found[record.kind, _folded(plain_name(record.name))[0]].append(record)
    return found


def next_code(code: str, earlier: str, later: str) -> str:
    """A record's code for the new year: 2023-gdp-growth → 2024-gdp-growth; empty where it names no plan."""
    stem = code.removeprefix(f"{earlier}-")
    return f"{later}-{stem}" if stem != code else ""
