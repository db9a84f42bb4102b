"""Finds words of the staff's list in a document before it goes to review.

What staff typed (names, titles, purposes, notes) can be mended, so a forbidden word there stops the submission. The
passages and what is quoted from them are the paper's own words: a find there is a hint to compare with the paper, which
is followed even where it errs (原文如此).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import models

from . import publication, registry
from .folding import Folded, find, fold
from .models import Document, Tie, WatchedKind, WatchedWord
from .stored import content_fields

AROUND = 8  # characters shown on each side of a word


@dataclass(frozen=True)
class Finding:
    """One word in one text: where, with some text around it, and whether staff typed it or the paper printed it."""

    watched: WatchedWord
    where: str
    words: str
    printed: bool

    @property
    def stops(self) -> bool:
        """Whether the document cannot be submitted with it."""
        return self.watched.kind == WatchedKind.FORBIDDEN and not self.printed

    def __str__(self):
        advice = f"，建议写作“{self.watched.instead}”" if self.watched.instead else ""
        paper = "；原文如此的，照录即可" if self.printed else ""
        return f"{self.where}：“{self.words}”含{self.watched.get_kind_display()}“{self.watched}”{advice}{paper}。"


def findings(document: Document) -> list[Finding]:
    """Every watched word in the texts of a document and its records, those that stop it first."""
    watched = [(word, fold(word.word)) for word in WatchedWord.objects.all()]
    if not watched:
        return []
    found = [finding for text in texts(document) for finding in _look(*text, watched)]
    return sorted(found, key=lambda finding: (not finding.stops, finding.printed))


def texts(document: Document) -> Iterator[tuple[str, str, bool]]:
    """The texts of a document: where each stands, its words, and whether the paper printed them."""
    proven = {(kind, code, field) for kind, code, field in _ties(document)}
    found = publication.records_of(document)
    for name, records in found.items():
        kind = registry.get(name)
        if name == "passage":
            yield from ((f"第{passage.position}段", passage.text, True) for passage in records)
            continue
        for record in records:
            yield from _fields(kind, record, proven)
            for rows, child in kind.children.items():
                for row in () if child in found else getattr(record, rows).all():
                    yield from _fields(registry.get(child), row, proven)


def _ties(document: Document) -> Iterable[tuple[str, str, str]]:
    return Tie.objects.filter(document=document).exclude(code="").values_list("kind", "code", "field")


def _fields(kind: registry.Kind, record, proven: set) -> Iterator[tuple[str, str, bool]]:
    for field in content_fields(record):
        text = getattr(record, field.attname)
        typed = isinstance(field, models.CharField | models.TextField) and not field.choices
        # The quote is the passage's, and looked at there; a hash is no word.
        if typed and text and field.name not in ("code", "quote", "sha256"):
            printed = (kind.name, record.code, field.name) in proven or text in getattr(record, "quote", "")
            yield f"{kind.label}“{record.code}”的{field.verbose_name}", text, printed


def _look(where: str, text: str, printed: bool, watched: list[tuple[WatchedWord, Folded]]) -> Iterator[Finding]:
    folded = fold(text)
    whole = str(folded)
    for word, units in watched:
        # Most words are in no text, and this says so at once.
        if str(units) in whole:
            for start, end in find(folded, units):
                yield Finding(word, where, text[max(0, start - AROUND) : end + AROUND], printed)
