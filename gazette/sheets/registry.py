"""The sheets of a workbook: which columns a kind of record has, under which record a row stands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .. import registry as kinds
from ..models import Document
from .columns import Column, column_of, owner_column, shown_column

CODE = "代码"
DELETE = "删除"


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: a kind of record, or rows of a kind that have no code, and their fields.

    `owners` are the fields of the records above, of which a row has one; `letter` numbers rows that are left without a
    code (`<owner>-b1`), as the desk does. `rows` names the kind's list of rows that have no code, told apart by their
    owner and the field `key`. `shown` are fields that are only read. `named_by` are the look-ups by which other sheets
    may name a row instead of its code, `named_as` what people call them, `spellings` other ways to write such a name.
    `normal` turns a field's text into the record's normal form; `document_kind` is that of the documents which
    have such records (empty: all).
    """

    kind: str
    fields: tuple[str, ...]
    owners: tuple[str, ...] = ("document",)
    letter: str = ""
    rows: str = ""
    key: str = ""
    shown: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    named_as: str = "或名称"
    spellings: Callable[[str], Iterable[str]] = lambda words: ()
    normal: Mapping[str, Any] = field(default_factory=dict)
    document_kind: str = ""

    @cached_property
    def model(self):
        """The rows' model."""
        model = kinds.get(self.kind).model
        return model._meta.get_field(self.rows).related_model if self.rows else model

    @property
    def title(self) -> str:
        """The sheet's name, which is the model's."""
        return str(self.model._meta.verbose_name)

    @property
    def is_register(self) -> bool:
        """Whether rows belong to no document: units with their aliases, persons, posts."""
        return kinds.get(self.kind).is_register

    @property
    def is_head(self) -> bool:
        """Whether the one row is the document itself."""
        return self.model is Document

    @property
    def is_owned(self) -> bool:
        """Whether rows stand under a record of another sheet."""
        return self.owners != ("document",)

    @property
    def is_part(self) -> bool:
        """Whether rows are public inside the record above, so that they are corrected with it."""
        kind = kinds.get(self.kind)
        return bool(self.rows or kind.parent or kind.form is None)

    @cached_property
    def owner_columns(self) -> list[Column]:
        """The columns that name the record above."""
        return [owner_column(self.model, name) for name in self.owners] if self.is_owned else []

    @cached_property
    def columns(self) -> list[Column]:
        """The columns after the code: the owner, the kind's own fields, and what it rests on."""
        fields = [*self.fields, *(["position"] if self.letter else [])]
        fields += ["passage", "quote"] if hasattr(self.model, "quote") else []
        own = [
            shown_column(self.model, name) if name in self.shown else column_of(self.model, name, self.normal.get(name))
            for name in fields
        ]
        return self.owner_columns + own

    @cached_property
    def headings(self) -> list[str]:
        """All headings in order, those that are only read included."""
        code = [] if self.rows else [CODE]
        return [*code, *(heading for column in self.columns for heading in column.headings), DELETE]

    @cached_property
    def required(self) -> set[str]:
        """The headings that a file must have: all but those that are only read, and that of deletion."""
        code = set() if self.rows else {CODE}
        return code | {column.heading for column in self.columns if not column.only_shown}


_sheets: dict[type, Sheet] = {}


def register(*sheets: Sheet) -> None:
    """Add sheets; two of one model are a programming error."""
    for sheet in sheets:
        if sheet.model in _sheets:
            raise ValueError(f"the sheet of {sheet.model!r} is registered already")
        _sheets[sheet.model] = sheet


def sheets() -> list[Sheet]:
    """All sheets, registers first, then in the order in which kinds are loaded; rows of a kind come after it."""
    order = [kind.name for kind in kinds.kinds()]
    return sorted(_sheets.values(), key=lambda sheet: (not sheet.is_register, order.index(sheet.kind)))


def of_model(model) -> Sheet | None:
    """The sheet of a model's records, or None."""
    return _sheets.get(model)
