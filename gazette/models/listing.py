"""Where a public record stands in the list of its kind, kept beside it by publication.

Every public list is one walk along one index. The order of a list comes from several tables (a target stands where its
plan, its passage and its place in the passage say), and visibility comes from the document; a database can neither
index across tables nor stop early in a sort. So publication writes both into one column: `place`, a key that sorts
like the list, is unique, and is empty while the record is not public. A list without a filter walks the index of
`place`, one with a filter that of (filter, place); the next page begins after the last key of this one, and a count
stops at its bound. What else a list is filtered by across tables is kept in the same way.

Chosen over a sort key in `PublicRecord`, which would have to be joined with the table of each filter by kind and code:
SQLite answers that by collecting one side first.
"""

from datetime import date

from django.db import models
from simple_history.models import HistoricalRecords

LAST = 9_999_999


class History(HistoricalRecords):
    """History of what people enter; what publication keeps beside it is left out."""

    def fields_included(self, model):
        kept = getattr(model, "kept_by_publication", ())
        return [field for field in super().fields_included(model) if field.name not in kept]


class Listed(models.Model):
    """A record with a public list of its kind.

    Subclasses give `listing()`, the values of the columns that publication keeps, and name those in
    `kept_by_publication`.
    """

    kept_by_publication = ("place",)

    # NULL and not empty: a unique column holds many of them, and they are left out of the walk.
    place = models.CharField("公开次序", max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001

    class Meta:
        abstract = True

    def listing(self) -> dict:
        """What publication keeps beside the record: its place among the public ones, unique in its kind."""
        return {"place": self.code}


def place_once(prefix: str) -> models.UniqueConstraint:
    """No two records of a kind stand in one place; its index is the one that lists walk."""
    return models.UniqueConstraint(
        fields=["place"], name=f"{prefix}_place_once", violation_error_message="公开次序重复，请重新发布。"
    )


def list_index(prefix: str, field: str) -> models.Index:
    """Serves the public list filtered by one field."""
    return models.Index(fields=[field, "place"], name=f"{prefix}_list_{field}"[:30])


def place_of(*parts) -> str:
    """A key that sorts like its parts: numbers by value, a space before all else so that `a` stands before `a-b`."""
    return " ".join(f"{part:06}" if isinstance(part, int) else part for part in parts)


def newest_first(day: date | None) -> str:
    """The part of a key that puts later days first and no day last."""
    return f"{LAST if day is None else LAST - day.toordinal():07}"
