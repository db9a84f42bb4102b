"""Brings the index in step with what is public; called in the transaction that changes what is public."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

from django.db.models import Q

from .. import registry
from ..folding import fold
from ..models import Document, Passage, PassageKind
from ..models.search import SearchEntry
from . import engine
from .tokens import facet_token, tokens_of

CHANGING = ["document", "rank", "path", "title", "text", "head", "body", "year", "day", "facets", "tokens"]
# Between two texts of one entry, so that no word is found across them.
_GAP = "\n"
BATCH = 500


def entries_of(document: Document, records: dict[str, Iterable]) -> Iterator[SearchEntry]:
    """What the index should hold for the records of a document (kind → records), unsaved."""
    parts = _part_headings(document)
    year = document.written_on.year if document.written_on else document.number_year
    for name, rows in records.items():
        kind = registry.get(name)
        if kind.search is None:
            continue
        for record in rows:
            entry = SearchEntry(kind=name, code=record.code, rank=kind.search_rank, path=record.get_absolute_url())
            found = kind.search(record)
            facets = {"kind": [name], "unit": sorted(set(found.units)), "audience": sorted(set(found.audiences))}
            if not kind.is_register:
                entry.document, entry.day, entry.year = document, document.written_on, year
                facets["part"] = [parts[found.part]] if found.part in parts else []
                facets["year"] = [str(year)] if year else []
            yield _fill(entry, found, {facet: values for facet, values in facets.items() if values})


def _fill(entry: SearchEntry, found: registry.SearchText, facets: dict[str, list[str]]) -> SearchEntry:
    head = [fold(text) for text in (found.title, *found.names) if text]
    body = [fold(text) for text in found.body if text]
    entry.title = found.title or found.heading
    entry.text = "\n".join(" ".join(text.splitlines()) for text in (*found.names, *found.body) if text)
    entry.head, entry.body = _GAP.join(map(str, head)), _GAP.join(map(str, body))
    entry.facets = facets
    tokens = set().union(*map(tokens_of, (*head, *body)))
    tokens.update(facet_token(name, value) for name, values in facets.items() for value in values)
    entry.tokens = sorted(tokens)
    return entry


def _part_headings(document: Document) -> dict[int, str]:
    """The passage that heads each part of a document, by its number: its code."""
    headings = Passage.objects.filter(document=document, kind=PassageKind.HEADING, level=1).order_by("-order")
    return {part: f"{document.code}-p{position}" for part, position in headings.values_list("part", "position")}


def write(wanted: Iterable[SearchEntry]) -> int:
    """Write the entries that are new or differ from what the index holds; how many."""
    new, changed, before = [], [], []
    for entry, stored in compare(wanted):
        if stored is None:
            new.append(entry)
        else:
            entry.pk = stored.pk
            before.append(stored)
            changed.append(entry)
    alias = SearchEntry.objects.db
    if new and not SearchEntry.objects.exists():
        # The table was emptied in one stroke (flush), which SQLite's index has not been told.
        engine.command(alias, "delete-all")
    engine.remove(alias, before)
    SearchEntry.objects.bulk_update(changed, CHANGING, batch_size=BATCH)
    SearchEntry.objects.bulk_create(new, batch_size=BATCH)
    engine.add(alias, [*changed, *new])
    return len(new) + len(changed)


def compare(wanted: Iterable[SearchEntry]) -> Iterator[tuple[SearchEntry, SearchEntry | None]]:
    """The entries that the index does not hold so, each with what it holds instead, or None."""
    wanted = list(wanted)
    known = {(entry.kind, entry.code): entry for entry in _stored((entry.kind, entry.code) for entry in wanted)}
    for entry in wanted:
        stored = known.get((entry.kind, entry.code))
        if stored is None or _differs(entry, stored):
            yield entry, stored


def forget(records: Iterable[tuple[str, str]]) -> int:
    """Delete the entries of records, each given as (kind, code); how many there were."""
    gone = list(_stored(records))
    engine.remove(SearchEntry.objects.db, gone)
    for start in range(0, len(gone), BATCH):
        SearchEntry.objects.filter(pk__in=[entry.pk for entry in gone[start : start + BATCH]]).delete()
    return len(gone)


def _stored(records: Iterable[tuple[str, str]]) -> Iterator[SearchEntry]:
    """The entries that the index holds of records, each given as (kind, code): a query for each batch."""
    records = list(records)
    for start in range(0, len(records), BATCH):
        by_kind = defaultdict(list)
        for kind, code in records[start : start + BATCH]:
            by_kind[kind].append(code)
        scopes = [Q(kind=kind, code__in=codes) for kind, codes in by_kind.items()]
        yield from SearchEntry.objects.filter(reduce(or_, scopes))


def _differs(entry: SearchEntry, stored: SearchEntry) -> bool:
    return any(
        getattr(entry, field.attname) != getattr(stored, field.attname)
        for field in SearchEntry._meta.concrete_fields
        if not field.primary_key
    )
