"""One field of a record as a column: what its cell holds, and what a cell says of it."""

from collections.abc import Callable
from decimal import Decimal

from django.db import models

from ..models import Passage
from . import values
from .values import BadCell

MONEY_UNIT = "元"
# A spreadsheet keeps some 15 digits of a number; what is longer is kept as text.
EXACT = 10**15
READ_ONLY = "（仅供查看）"


class Column:
    """A field under its own label."""

    only_shown = False

    def __init__(self, field: models.Field, normal: Callable | None = None):
        self.field, self.name = field, field.name
        self.heading = str(field.verbose_name)
        self.normal = normal

    @property
    def headings(self) -> list[str]:
        """The heading, and those that are only read."""
        return [self.heading]

    def cells(self, record) -> list:
        """What the cells of a record hold."""
        return [self.cell(record)]

    def cell(self, record):
        """What the column's own cell holds."""
        return values.escaped(getattr(record, self.name))

    def stored(self, record):
        """The record's value, as `read` would give it."""
        return getattr(record, self.name)

    def read(self, value, unit=""):
        """The value that a cell says."""
        return self.normal(value) if self.normal else values.text(value)

    def words(self, value) -> str:
        """A value as people read it."""
        return str(value)


class ChoiceColumn(Column):
    """A choice by its words."""

    def cell(self, record):
        return getattr(record, f"get_{self.name}_display")()

    def read(self, value, unit=""):
        return values.choice(value, self.field.flatchoices)

    def words(self, value):
        return str(dict(self.field.flatchoices).get(value, value))


class BooleanColumn(Column):
    """是 or 否."""

    def cell(self, record):
        return "是" if getattr(record, self.name) else "否"

    def read(self, value, unit=""):
        return values.yes(value)

    def words(self, value):
        return "是" if value else "否"


class DayColumn(Column):
    """A day."""

    def cell(self, record):
        return getattr(record, self.name)

    def read(self, value, unit=""):
        return values.day(value)


class NumberColumn(Column):
    """A number, or whole yuan."""

    @property
    def unit(self) -> str:
        return MONEY_UNIT if self.heading.endswith(f"（{MONEY_UNIT}）") else ""

    def cell(self, record):
        value = getattr(record, self.name)
        exact = value is None or abs(Decimal(value)) * 10**4 < EXACT
        return value if exact else values.plain(Decimal(value))

    def read(self, value, unit=""):
        whole = not isinstance(self.field, models.DecimalField)
        return values.whole(value, self.unit) if whole else values.number(value, self.unit)

    def words(self, value):
        return values.plain(value) if isinstance(value, Decimal) else str(value)


class ValueColumn(NumberColumn):
    """A decimal whose unit stands in a column beside it: money is understood where that is 元, 8% where it is %."""

    def read(self, value, unit=""):
        return values.number(value, unit)


class PassageColumn(Column):
    """A passage by its number."""

    heading_of = "段号"

    def __init__(self, field, normal=None):
        super().__init__(field, normal)
        self.heading = self.heading_of

    def cell(self, record):
        return self.stored(record)

    def stored(self, record):
        return record.passage.position if record.passage_id else None

    def read(self, value, unit=""):
        return values.whole(value)


class ReferenceColumn(Column):
    """Another record by its code, with its name beside it for people; a name may stand in the place of the code."""

    def __init__(self, field, normal=None):
        super().__init__(field, normal)
        self.label = self.heading
        self.heading = f"{self.label}代码"

    @property
    def headings(self):
        return [self.heading, f"{self.label}{READ_ONLY}"]

    def cells(self, record):
        referred = getattr(record, self.name)
        return ["", ""] if referred is None else [referred.code, values.escaped(str(referred))]

    def stored(self, record):
        # A new row may lack the record that it must have.
        return getattr(record, self.name, None)

    def read(self, value, unit=""):
        """The code or name that was written; the record itself is found by `gazette.sheets.references`."""
        return values.words(value)

    def words(self, value):
        return f"{value}（{value.code}）"


def column_of(model, name: str, normal: Callable | None = None) -> Column:
    """The column of a model's field."""
    field = model._meta.get_field(name)
    if field.related_model is Passage:
        return PassageColumn(field)
    if field.is_relation:
        return ReferenceColumn(field)
    if field.choices:
        return ChoiceColumn(field)
    if isinstance(field, models.BooleanField):
        return BooleanColumn(field)
    if isinstance(field, models.DateField):
        return DayColumn(field)
    if isinstance(field, models.DecimalField) and any(other.name == "unit" for other in model._meta.fields):
        return ValueColumn(field)
    if isinstance(field, models.DecimalField | models.IntegerField):
        return NumberColumn(field)
    return Column(field, normal)


def shown_column(model, name: str) -> Column:
    """A column that is only read."""
    column = column_of(model, name)
    column.heading += READ_ONLY
    column.only_shown = True
    return column


def owner_column(model, name: str) -> ReferenceColumn:
    """The column that names the record above."""
    column = ReferenceColumn(model._meta.get_field(name))
    column.heading = f"所属{column.label}代码"
    return column


__all__ = ["BadCell", "Column", "ReferenceColumn", "column_of", "owner_column", "shown_column"]
