"""Files to take away: a document as text, records as CSV, XLSX and JSON; the same bytes for the same ledger.

The address of a file is that of its page and a name: `records.csv`, `records.xlsx`, `records.json`, and `text.txt`.
"""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import xlsxwriter
from django.conf import settings
from django.http import HttpResponse
from django.urls import path, register_converter
from django.utils import timezone
from django.utils.http import content_disposition_header

from .api.base import record_text
from .models import Change, PublicRecord
from .stored import canonical, plain_decimal
from .tables import Table, licence, source_line

# A list that is longer is not given in one file: what is cut off would not be missed.
BOUND = 10_000
TOO_MANY = f"这个列表超过{BOUND}条，不能一次下载。请先加筛选条件，或用开放接口逐页取得。"
FORMATS = {
    "csv": ("CSV", "text/csv; charset=utf-8"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": ("JSON", "application/json"),
}
BOM = "\ufeff"  # by which Excel and old editors know UTF-8
# What a spreadsheet takes for the beginning of a formula, full width too; a tab or a line end is passed over by some.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
LONGEST_CELL = 32_767  # Excel's own limit
NOTES = (
    "空白表示文中未载明，或这一项对该条不适用。",
    "金额以元为单位，是数字；限定、依据等用词与网页相同。",
    "下级表的“所属…代码”是上级表里的“代码”。",
    "以等号、加减号或@开头的文字，前面加了一个单引号，以免被当作公式。",
)


class Format:
    """The format at the end of an address."""

    regex = "|".join(FORMATS)

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(Format, "format")


def with_downloads(route: str, view, name: str) -> list:
    """The addresses of a page and of the files beside it, answered by the same view: with the same filters."""
    return [path(route, view, name=name), path(f"{route}records.<format:format>", view, name=f"{name}-records")]


def links(address: str, query: str = "") -> list[tuple[str, str]]:
    """The files beside a page: (name of the format, address)."""
    return [(label, f"{address}records.{name}{query}") for name, (label, _type) in FORMATS.items()]


def answer(format: str, title: str, address: str, tables: list[Table], conditions: str = "") -> HttpResponse:
    """Tables as a file; `address` is that of their page, `conditions` the filters in words."""
    as_of = _as_of()
    about = {
        "标题": title,
        "筛选条件": conditions or "无",
        "记录数": "、".join(f"{table.kind.label}{len(table.queryset)}条" for table in tables) or "0条",
        "数据截至": f"{as_of:%Y-%m-%d %H:%M}",
        "地址": f"{settings.SITE_ADDRESS}{address}",
        "来源": f"{settings.SITE_NAME}，取自公报原文；每条记录附原文摘录",
        "数据许可": licence(),
    }
    if format == "csv":
        content = as_csv(tables).encode()
    elif format == "xlsx":
        content = as_xlsx(tables, about, as_of)
    else:
        content = as_json(tables, about).encode()
    return _file(content, FORMATS[format][1], f"{title}.{format}")


def answer_text(document) -> HttpResponse:
    """A document as plain text: title and number, the text as printed, and where it is from."""
    passages = list(document.passages.order_by("order").values_list("kind", "text"))
    head = [] if any(kind == "title" for kind, _text in passages) else [document.title, document.number]
    address = f"{settings.SITE_ADDRESS}{document.get_absolute_url()}"
    foot = ["", f"来源：{source_line(document)}", f"地址：{address}", f"数据许可：{licence()}"]
    lines = [*filter(None, head), *(text for _kind, text in passages), *foot]
    content = BOM + "".join(f"{line}\r\n" for line in lines)
    return _file(content.encode(), "text/plain; charset=utf-8", f"{document.title}.txt")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    disposition = content_disposition_header(True, name.replace("/", "-"))
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})


def _as_of() -> datetime:
    """When anything public changed last."""
    at = Change.objects.order_by("-seq").values_list("at", flat=True).first()
    return timezone.localtime(at) if at else datetime(1980, 1, 1, tzinfo=UTC)


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def plain(value):
    """A value as a cell holds it: text, number, day or None."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if value == "":
        return None
    return safe(value) if isinstance(value, str) else value


def as_csv(tables: list[Table]) -> str:
    """One table as it is; several below each other, under the headings of all, each row with its kind."""
    headings = list(dict.fromkeys(heading for table in tables for heading in table.headings))
    several = len(tables) > 1
    output = io.StringIO()
    output.write(BOM)
    writer = csv.writer(output)
    writer.writerow(["记录类别", *headings] if several else headings)
    for table in tables:
        for row in table.rows():
            cells = dict(zip(table.headings, map(_csv_cell, row), strict=True))
            line = [cells.get(heading, "") for heading in headings]
            writer.writerow([table.kind.label, *line] if several else line)
    return output.getvalue()


def _csv_cell(value) -> str:
    value = plain(value)
    if value is None:
        return ""
    return plain_decimal(value) if isinstance(value, Decimal) else str(value)


def as_xlsx(tables: list[Table], about: dict[str, str], as_of: datetime) -> bytes:
    """A sheet for each kind, and one that says what this is."""
    output = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(output, options) as book:
        # The time of writing would make every copy another file.
        book.set_properties({"title": about["标题"], "created": as_of.replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        for table in tables:
            sheet = book.add_worksheet(table.kind.label)
            sheet.freeze_panes(1, 1)
            for number, heading in enumerate(table.headings):
                sheet.set_column(number, number, 60 if heading == "原文摘录" else max(12, 2 * len(heading) + 2))
                sheet.write_string(0, number, heading, head)
            for line, row in enumerate(table.rows(), 1):
                for number, value in enumerate(row):
                    _write(sheet, line, number, plain(value), day)
        sheet = book.add_worksheet("说明")
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 100)
        for line, (name, text) in enumerate([*about.items(), *(("", note) for note in NOTES)]):
            sheet.write_string(line, 0, name, head)
            sheet.write_string(line, 1, safe(text))
    return output.getvalue()


def _write(sheet, line: int, number: int, value, day) -> None:
    if isinstance(value, date):
        sheet.write_datetime(line, number, datetime(value.year, value.month, value.day), day)
    elif isinstance(value, str):
        text = value if len(value) <= LONGEST_CELL else f"{value[: LONGEST_CELL - 1]}…"
        sheet.write_string(line, number, text)
    elif value is not None:
        sheet.write_number(line, number, value)


def as_json(tables: list[Table], about: dict[str, str]) -> str:
    """The records by kind, each as the API gives it; rows without a list of their own stand inside their record."""
    names = ("title", "conditions", "count", "as_of", "url", "source", "licence")
    head = canonical(dict(zip(names, about.values(), strict=True)))
    records = ",".join(f'"{table.kind.name}":[{_records(table)}]' for table in tables if table.kind.form)
    return f'{head[:-1]},"records":{{{records}}}}}\n'


def _records(table: Table) -> str:
    codes = [record.code for record in table.queryset]
    found = {row.code: row for row in PublicRecord.objects.filter(kind=table.kind.name, code__in=codes)}
    # What was withdrawn between the two queries is gone.
    return ",".join(record_text(found[code]) for code in codes if code in found)
