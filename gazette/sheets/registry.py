"""The sheets of a workbook: which columns a kind of record has, under which record a row stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .. import registry as kinds
from .columns import Column, column_of, owner_column

CODE = "代码"
DELETE = "删除"


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: the kind of its rows and their fields.

    `owner` is the field of the record above; `letter` numbers rows without a code (`<owner>-b1`), as the desk does;
    `named_by` are the look-ups by which other sheets may name a row instead of its code; `normal` turns a field's
    text into the record's normal form; `document_kind` is that of the documents which have such records (empty: all).
    """

    kind: str
    fields: tuple[str, ...]
    owner: str = "document"
    letter: str = ""
    named_by: tuple[str, ...] = ()
    normal: Mapping[str, Any] = field(default_factory=dict)
    document_kind: str = ""

    @property
    def model(self):
        """The rows' model."""
        return kinds.get(self.kind).model

    @property
    def title(self) -> str:
        """The sheet's name, which is the kind's."""
        return kinds.get(self.kind).label

    @property
    def is_register(self) -> bool:
        """Whether rows belong to no document: units, persons, posts."""
        return kinds.get(self.kind).is_register

    @property
    def is_owned(self) -> bool:
        """Whether rows stand under a record of another sheet."""
        return not self.is_register and self.owner != "document"

    @cached_property
    def columns(self) -> list[Column]:
        """The columns after the code: the owner, the kind's own fields, and what it rests on."""
        columns = [owner_column(self.model, self.owner)] if self.is_owned else []
        fields = [*self.fields, *(["position"] if self.letter else [])]
        fields += [] if self.is_register else ["passage", "quote"]
        return columns + [column_of(self.model, name, self.normal.get(name)) for name in fields]

    @cached_property
    def headings(self) -> list[str]:
        """All headings in order, those that are only read included."""
        return [CODE, *(heading for column in self.columns for heading in column.headings), DELETE]

    @cached_property
    def required(self) -> set[str]:
        """The headings that a file must have: all but those that are only read, and that of deletion."""
        return {CODE, *(column.heading for column in self.columns)}


_sheets: dict[str, Sheet] = {}


def register(*sheets: Sheet) -> None:
    """Add sheets; two of one kind are a programming error."""
    for sheet in sheets:
        if sheet.kind in _sheets:
            raise ValueError(f"the sheet of {sheet.kind!r} is registered already")
        _sheets[sheet.kind] = sheet


def sheets() -> list[Sheet]:
    """All sheets, registers first, then in the order in which kinds are loaded."""
    found = [_sheets[kind.name] for kind in kinds.kinds() if kind.name in _sheets]
    return sorted(found, key=lambda sheet: not sheet.is_register)


def of_model(model) -> Sheet | None:
    """The sheet of a model's records, or None."""
    return next((sheet for sheet in _sheets.values() if sheet.model is model), None)
