"""The results of a search: ranked and counted in Python over the newest candidates, and so equal on every database."""

import functools
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.utils.functional import cached_property

from .. import registry
from ..folding import Folded
from ..models import AudienceGroup, SearchEntry, Unit
from . import engine
from .query import Query
from .snippets import Marked, mark, snippet
from .tokens import facet_token

# A word that stands in more entries than this is common: the newest are ranked, and the count says 约.
RANKED = 10_000
FACETS = ("kind", "part", "unit", "year", "audience")
# No more values of a facet than a reader looks through.
OFFERED = 50
COLUMNS = ("id", "rank", "code", "head", "day", "year", "facets")
_NUMBER = re.compile(r"([0-9]+)")


class Hit(NamedTuple):
    """A candidate, and its place among the others."""

    id: int
    order: tuple
    facets: dict[str, list[str]]


@dataclass(frozen=True)
class Result:
    """A line of results."""

    entry: SearchEntry
    title: Marked
    snippet: Marked

    @property
    def label(self) -> str:
        """The kind in Chinese."""
        return registry.get(self.entry.kind).label


class Results:
    """What a query finds with the chosen facets, best first: a sequence that a paginator can cut, and its facets."""

    def __init__(self, query: Query, chosen: dict[str, str] | None = None):
        self.query, self.chosen = query, chosen or {}

    @cached_property
    def _found(self) -> list[Hit]:
        """One more than is ranked shows that there are more."""
        return self._candidates(self.chosen)

    @cached_property
    def hits(self) -> list[Hit]:
        """The ranked candidates: title and number before text, by kind, the newest first, by code."""
        return sorted(self._found[:RANKED], key=lambda hit: hit.order)

    @property
    def count_exact(self) -> bool:
        """Whether every entry that matches is among the hits."""
        return len(self._found) <= RANKED

    def count(self) -> int:
        """How many hits."""
        return len(self.hits)

    __len__ = count

    def __getitem__(self, part: slice) -> list[Result]:
        """The results of a page, with their snippets: one query."""
        ids = [hit.id for hit in self.hits[part]]
        entries = SearchEntry.objects.select_related("document").defer("head", "body", "tokens").in_bulk(ids)
        return [_result(entries[id], self.query.words) for id in ids if id in entries]

    def facets(self) -> dict[str, list[dict]]:
        """For each facet the values among the hits with name and count, the most frequent first.

        A facet that is chosen is counted without its own choice, so that a reader sees what else there is.
        """
        counts = {}
        for name in FACETS:
            others = {facet: value for facet, value in self.chosen.items() if facet != name}
            hits = self.hits if name not in self.chosen else self._candidates(others)[:RANKED]
            counts[name] = Counter(chain.from_iterable(hit.facets.get(name, ()) for hit in hits))
        return _named(counts)

    def _candidates(self, chosen: dict[str, str]) -> list[Hit]:
        words = self.query.folded_words
        tokens = [*self.query.tokens, *(facet_token(name, value) for name, value in chosen.items())]
        rows = engine.candidates(DEFAULT_DB_ALIAS, COLUMNS, tokens, words, RANKED + 1)
        hits = [_hit(row, words) for row in rows]
        if not chosen:
            return hits
        return [hit for hit in hits if all(value in hit.facets.get(name, ()) for name, value in chosen.items())]


def _hit(row: tuple, words: list[str]) -> Hit:
    id, rank, code, head, day, year, facets = row
    in_text_only = not all(map(head.__contains__, words))
    return Hit(id, (in_text_only, rank, -(year or 0), _newest(day), _natural(code)), _read_facets(facets))


# Entries of one kind in one part of a document have the same facets, letter by letter.
_read_facets = functools.lru_cache(maxsize=10_000)(json.loads)


@functools.lru_cache(maxsize=10_000)
def _newest(day: date | str | None) -> int:
    """Later days before earlier ones, none last."""
    if not day:
        return 0
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return -(day - date.min + timedelta(days=1)).days


def _natural(code: str) -> list:
    """Codes in the order that people count: p2 before p10."""
    pieces = _NUMBER.split(code)
    pieces[1::2] = map(int, pieces[1::2])
    return pieces


def _result(entry: SearchEntry, words: tuple[Folded, ...]) -> Result:
    texts = entry.text.split("\n") if entry.text else []
    return Result(entry, mark(entry.title, words), snippet(texts, words))


def _named(counts: dict[str, Counter]) -> dict[str, list[dict]]:
    """Counts with names: of units and of the headings of parts, a query each."""
    top = {
        name: sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:OFFERED]
        for name, counter in counts.items()
    }
    names: dict[str, dict[str, str]] = {
        "kind": {value: registry.get(value).label for value, _ in top["kind"]},
        "year": {value: f"{value}年" for value, _ in top["year"]},
        "audience": {value: str(label) for value, label in AudienceGroup.choices},
    }
    if top["unit"]:
        names["unit"] = dict(Unit.objects.filter(code__in=[c for c, _ in top["unit"]]).values_list("code", "name"))
    if top["part"]:
        headings = SearchEntry.objects.filter(kind="passage", code__in=[code for code, _ in top["part"]])
        names["part"] = dict(headings.values_list("code", "title"))
    return {
        facet: [{"value": value, "name": names.get(facet, {}).get(value, value), "count": n} for value, n in pairs]
        for facet, pairs in top.items()
    }
