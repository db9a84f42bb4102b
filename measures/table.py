"""Measures as tables and pictures show them, read from the projection.

A `Row` reads like a `Measure` with its windows and responsible units, and takes one query for a whole table instead of
one for each kind of row that hangs on it.
"""

import json
from dataclasses import dataclass
from datetime import date

from gazette.models import PublicRecord

from .models import Category, WindowBasis
from .words import State, measure_state


class Rows(list):
    """What hangs on a row, read as a related manager is."""

    def all(self):
        return self


@dataclass(frozen=True)
class Reference:
    """Another record: its name and its page."""

    name: str
    url: str

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return self.url


@dataclass(frozen=True)
class Responsible:
    """A unit that answers for a measure."""

    unit: Reference


@dataclass(frozen=True)
class Window:
    """A window of validity."""

    part: str
    starts_on: date | None
    start_basis: str
    ends_on: date | None
    end_basis: str
    continued: bool
    start_year: int | None
    end_year: int | None

    def get_start_basis_display(self):
        return WindowBasis(self.start_basis).label

    def get_end_basis_display(self):
        return WindowBasis(self.end_basis).label


class Row:
    """One measure of a table, with its `state` on the day that the table is about."""

    state: State

    def __init__(self, body: dict, day: date):
        self.name = f"（{body['number']}）{body['title']}"
        self.url = body["url"]
        self.category = body["category"]
        self.windows = Rows(map(_window, body["validity"]))
        self.responsibilities = Rows(
            Responsible(Reference(row["unit"]["name"], row["unit"]["url"])) for row in body["responsibilities"]
        )
        self.budget_total = sum(int(row["amount"]) for row in body["budgets"]) if body["budgets"] else None
        self.state = measure_state(self, day)

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return self.url

    def get_category_display(self):
        return Category(self.category).label


def _window(row: dict) -> Window:
    start, end = (row[name] and date.fromisoformat(row[name]) for name in ("start", "end"))
    years = row["start_year"], row["end_year"]
    return Window(row["part"], start, row["start_basis"], end, row["end_basis"], row["continued"], *years)


def table(measures, day: date) -> list[Row]:
    """The public measures of a queryset or of a page of it, in its order, as on the day."""
    codes = [measure["code"] if isinstance(measure, dict) else measure.code for measure in measures]
    bodies = dict(PublicRecord.objects.filter(kind="measure", code__in=codes).values_list("code", "body"))
    # What was withdrawn between the two queries is gone.
    return [Row(json.loads(bodies[code]), day) for code in codes if code in bodies]
