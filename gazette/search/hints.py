"""What to try where a search finds nothing, computed from what is there and never made up.

A word with one character else (消费卷 → 消费券), the words one by one, a long word in two, or as much of it as is
there.
"""

import re
from collections import Counter
from collections.abc import Iterator

from ..folding import NUMBER_EDGE, Folded, fold, is_number
from ..models import SearchEntry
from .query import Query
from .results import Results

SHORTEST = 2
LONGEST = 16
OFFERED = 3
# A word with a wrong character is looked for in no more texts than these, and no longer word is tried.
TEXTS = 200
MISSPELT = 8


def suggestions(query: Query) -> list[tuple[str, int]]:
    """Other words to search for that do find something, each with its number of results."""
    found = list(_found(_one_character_else(query)))
    found += _found(_words_alone(query) if len(query.words) > 1 else _in_two(query.words[0]))
    return found[:OFFERED] or list(_found(_as_far_as_found(query.words)))[:OFFERED]


def _found(queries: Iterator[Query]) -> Iterator[tuple[str, int]]:
    for query in queries:
        if count := Results(query).count():
            yield str(query), count


def _query(*words: Folded) -> Query:
    return Query(" ".join("".join(word.units) for word in words), words)


def _one_character_else(query: Query) -> Iterator[Query]:
    """The query with one character of a word that stands nowhere changed, so that the word stands somewhere.

    Where several characters would do, the one that stands there most often.
    """
    for place, word in enumerate(query.words):
        length = len(word.units)
        if not SHORTEST <= length <= MISSPELT or _stands_anywhere(word):
            continue
        others = [*query.words[:place], *query.words[place + 1 :]]
        near: Counter[str] = Counter()
        for unit in (unit for unit in range(length) if not is_number(word.units[unit])):
            near.update(_fillings(others, _part(word, 0, unit), _part(word, unit + 1, length)))
        if near:
            best = min(near, key=lambda text: (-near[text], text))
            yield _query(*query.words[:place], fold(best), *query.words[place + 1 :])


def _fillings(others: list[Folded], before: Folded, after: Folded) -> Iterator[str]:
    """The words that stand with any one character between two parts, in the newest texts with the other words."""
    parts = [part for part in (before, after) if part.units]
    entries = SearchEntry.objects.filter(rank__isnull=False).matching(_query(*others, *parts))
    pattern = re.compile(f"{re.escape(str(before))}[^{NUMBER_EDGE}\\W]{re.escape(str(after))}")
    for texts in entries.values_list("head", "body")[:TEXTS]:
        for text in texts:
            yield from (found.replace(NUMBER_EDGE, "") for found in pattern.findall(text))


def _words_alone(query: Query) -> Iterator[Query]:
    return map(_query, query.words)


def _in_two(word: Folded) -> Iterator[Query]:
    """A word cut in two at each place, from its middle outwards."""
    length = min(len(word.units), LONGEST)
    cuts = sorted(range(SHORTEST, length - SHORTEST + 1), key=lambda cut: abs(2 * cut - length))
    return (_query(_part(word, 0, cut), _part(word, cut, len(word.units))) for cut in cuts)


def _as_far_as_found(words: tuple[Folded, ...]) -> Iterator[Query]:
    """The longest beginning and the longest end of each word that stand anywhere."""
    for word in words:
        length = len(word.units)
        sizes = range(min(length, LONGEST) - 1, SHORTEST - 1, -1)
        for parts in ([_part(word, 0, size) for size in sizes], [_part(word, length - size, length) for size in sizes]):
            longest = next(filter(_stands_anywhere, parts), None)
            if longest is not None:
                yield _query(longest)


def _part(word: Folded, start: int, end: int) -> Folded:
    return Folded(word.units[start:end], word.places[start:end])


def _stands_anywhere(word: Folded) -> bool:
    return SearchEntry.objects.filter(rank__isnull=False).matching(_query(word)).exists()
