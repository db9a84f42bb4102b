"""What to try where a search finds nothing: the words one by one, a long word in two, or as much of it as is there."""

from collections.abc import Iterator

from ..folding import Folded
from ..models import SearchEntry
from .query import Query
from .results import Results

SHORTEST = 2
LONGEST = 16
OFFERED = 3


def suggestions(query: Query) -> list[tuple[str, int]]:
    """Other words to search for that do find something, each with its number of results."""
    found = list(_found(_words_alone(query) if len(query.words) > 1 else _in_two(query.words[0])))
    return found[:OFFERED] or list(_found(_as_far_as_found(query.words)))[:OFFERED]


def _found(queries: Iterator[Query]) -> Iterator[tuple[str, int]]:
    for query in queries:
        if count := Results(query).count():
            yield str(query), count


def _query(*words: Folded) -> Query:
    return Query(" ".join("".join(word.units) for word in words), words)


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
