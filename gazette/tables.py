"""What a download shows of each kind of record: columns with Chinese headings, one table for each kind.

An app names the columns of its kinds in `exports.py`; where a record stands and where its page is follow by themselves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.conf import settings

from . import registry
from .models import Sourced

WHERE = "公报原文"
UNLICENSED = "本站尚未声明数据的使用许可；引用时请注明文件名称、文号和本站地址。"


@dataclass(frozen=True)
class Column:
    """One column: its heading, and its value for a record (text, number, day, yes or no; None where there is none)."""

    heading: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Table:
    """The rows of one kind, read when they are walked."""

    kind: registry.Kind
    queryset: Any

    @property
    def columns(self) -> tuple[Column, ...]:
        """The kind's own columns, then where each record stands."""
        return (*self.kind.columns, *(SOURCE if issubclass(self.kind.model, Sourced) else ()), *ADDRESS)

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]

    def rows(self) -> Iterator[list]:
        """The values of each record, in the order of the public list."""
        columns = self.columns
        for record in self.queryset:
            yield [column.value(record) for column in columns]


def columns(model, *specs) -> tuple[Column, ...]:
    """Columns of a model: a field by its name, with its own label and the words of its choices; or a heading with a
    dotted path or a function.
    """
    return tuple(_of_field(model, spec) if isinstance(spec, str) else _of(*spec) for spec in specs)


def _of_field(model, name: str) -> Column:
    field = model._meta.get_field(name)
    if field.choices:
        return Column(str(field.verbose_name), lambda record: getattr(record, f"get_{name}_display")())
    return Column(str(field.verbose_name), lambda record: getattr(record, name))


def _of(heading: str, value: str | Callable) -> Column:
    return Column(heading, value if callable(value) else lambda record: _follow(record, value))


def _follow(record, path: str):
    """The value at the end of a dotted path, or None where it breaks off."""
    return reduce(lambda value, name: None if value is None else getattr(value, name), path.split("."), record)


def licence() -> str:
    """Under which licence the data stand, or that nobody has said so: a licence is never invented."""
    return settings.SITE_DATA_LICENCE or UNLICENSED


def source_line(document, position: int | None = None) -> str:
    """Where something is printed, in one line."""
    number = f"（{document.number}）" if document.number else ""
    place = f"第{position}段" if position else ""
    return f"{document.issuer}：《{document.title}》{number}{place}，{WHERE}"


SOURCE = (
    Column("原文摘录", lambda record: record.quote),
    Column("文件代码", lambda record: record.document.code),
    Column("发文字号", lambda record: record.document.number),
    Column("段号", lambda record: record.passage.position),
    Column("所在位置", lambda record: record.passage.outline),
    Column("来源", lambda record: source_line(record.document, record.passage.position)),
)
ADDRESS = (
    Column("地址", lambda record: f"{settings.SITE_ADDRESS}{record.get_absolute_url()}"),
    Column("数据许可", lambda record: licence()),
)


def of_list(kind: registry.Kind, queryset) -> list[Table]:
    """The records of a list, and below them the rows that belong to them, each kind a table."""
    tables = [Table(kind, _ready(queryset))]
    owners = queryset.order_by().values("pk")
    for name in kind.children.values():
        child = registry.get(name)
        if child.columns and child.parent:
            tables.append(Table(child, _ready(child.model.objects.public().filter(**{f"{child.parent}__in": owners}))))
    return tables


def of_document(document) -> list[Table]:
    """All records of a public document, and the units, persons and posts that it names; kinds without any left out."""
    tables = [
        Table(kind, _ready(kind.model.objects.public().of_document(document)))
        for kind in registry.kinds()
        if kind.columns
    ]
    return [table for table in tables if len(table.queryset)]


def _ready(queryset):
    """With what a row shows, in the order of the public list."""
    rows = queryset.for_publication()
    if issubclass(queryset.model, Sourced):
        rows = rows.select_related("document__issuer")
    return rows.order_by("place") if hasattr(queryset.model, "kept_by_publication") else rows
