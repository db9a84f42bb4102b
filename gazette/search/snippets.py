"""Where the words of a query stand in a text, and the piece of it that a line of results shows. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..folding import Folded, find, fold

SHOWN = 90
BEFORE = 24
ELLIPSIS = "…"
DIGITS = re.compile(r"[0-9０-９][0-9０-９.．]*")
# A short word may stand in a long text hundreds of times; the first places decide.
LOOKED_AT = 100


@dataclass(frozen=True)
class Marked:
    """A text and the places in it to mark: code points, half-open, in order, none touching the next."""

    text: str
    highlights: tuple[tuple[int, int], ...] = ()

    def __iter__(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces: (words, whether they are marked)."""
        end = 0
        for start, stop in self.highlights:
            if start > end:
                yield self.text[end:start], False
            yield self.text[start:stop], True
            end = stop
        if end < len(self.text):
            yield self.text[end:], False


def mark(text: str, words: tuple[Folded, ...]) -> Marked:
    """A text with every place of every word."""
    return _joined(text, _places(text, words))


def snippet(texts: list[str], words: tuple[Folded, ...]) -> Marked:
    """A stretch of the text that holds most of the words, where most of them stand together; else the first text."""
    found = [(text, _places(text, words)) for text in texts]
    text, places = max(found, key=lambda pair: len({word for _, _, word in pair[1]}), default=("", []))
    return _cut(_joined(text, places), _densest(places))


def _places(text: str, words: tuple[Folded, ...]) -> list[tuple[int, int, int]]:
    """Every place of every word, in order: start, end, and which word."""
    folded = fold(text)
    return sorted((start, end, number) for number, word in enumerate(words) for start, end in find(folded, word))


def _joined(text: str, places: list[tuple[int, int, int]]) -> Marked:
    """A text with its places marked, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end, _ in places:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return Marked(text, tuple(joined))


def _densest(places: list[tuple[int, int, int]]) -> int:
    """The start of the first stretch with the most different words."""
    best, most = places[0][0] if places else 0, 0
    for number, (start, _, _) in enumerate(places[:LOOKED_AT]):
        near = {word for _, end, word in places[number : number + LOOKED_AT] if end <= start + SHOWN - BEFORE}
        if len(near) > most:
            best, most = start, len(near)
    return best


def _number_around(text: str, place: int) -> tuple[int, int]:
    """The number that a cut at a place would divide, half-open; the place alone where it divides none."""
    found = (number.span() for number in DIGITS.finditer(text) if number.start() < place < number.end())
    return next(found, (place, place))


def _cut(marked: Marked, around: int) -> Marked:
    """The stretch of a text around a place, with an ellipsis where the text goes on."""
    text = marked.text
    start = max(0, min(around - BEFORE, len(text) - SHOWN))
    end = min(len(text), start + SHOWN)
    # Half a number is another number: …00万元 would quote what the text does not say.
    start, end = _number_around(text, start)[0], _number_around(text, end)[1]
    before, after = ELLIPSIS if start else "", ELLIPSIS if end < len(text) else ""
    shift = len(before) - start
    places = [
        (max(place, start) + shift, min(stop, end) + shift)
        for place, stop in marked.highlights
        if place < end and stop > start
    ]
    return Marked(f"{before}{text[start:end]}{after}", tuple(places))
