"""A document's records, or the registers, as one workbook: the file that can be imported again."""

import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from django.db.models import F
from django.utils import timezone

from ..models import Document
from . import values
from .registry import CODE, DELETE, Sheet, of_model, sheets

ABOUT = "说明"
DOCUMENT_CODE = "文件代码"
LONGEST_CELL = 32_767  # Excel's own limit
LONGEST_REGISTER = 10_000
NOTES = (
    "改好后从“表格”导入；先看预览，再确认。表名和第一行的标题不要改，也不要增删列。",
    "“代码”是一条记录的身份，导入时按代码对应，不能更改。新增一行就是新增一条；下级各表的新行可不写代码，由系统编号。",
    "从表中删去一行不会删除记录；要删除的，在该行“删除”一列写“是”。",
    "没有“代码”一列的表，一行由所属的记录和所写的名称或单位认定；写成别的就是另一行，原来的不变。“文件”一表只有一行。",
    "标有“仅供查看”的列和本表不导入。引用别的记录写代码，单位、人员、职务也可以写名称或别名，文件也可以写发文字号或标题。",
    "“段号”是原文的段落；“原文摘录”照抄原文，较长的可只写开头和结尾，中间用 … 隔开，整段写一个 *。",
    "日期写 2023-06-30 或 2023年6月30日；金额以元为单位，也可写 400万元、1.5亿元；空白表示文中未载明或不适用。",
    "不要合并单元格；隐藏的行照样导入。",
    "以等号、加减号、@ 或单引号开头的文字，前面多一个单引号，导入时去掉；不能写公式。",
)


class CannotExport(Exception):
    """Content that a workbook cannot hold; the message is for the user."""


def workbook(
    document: Document | None, filled: Iterable[tuple[Sheet, Iterable]] | None = None, notes: Iterable = ()
) -> bytes:
    """The workbook of a document, or of the registers.

    `filled` are sheets with records to write in the place of those that are stored, `notes` further lines of 说明.
    """
    output = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(output, options) as book:
        writer = _Writer(book)
        for sheet, records in tables(document) if filled is None else filled:
            writer.sheet(sheet, records)
        writer.about(document, notes)
    return output.getvalue()


def tables(document: Document | None) -> Iterator[tuple[Sheet, Iterator]]:
    """The sheets with their records; of a document those that its kind has, and the entries that they name."""
    if document is None:
        for sheet in sheets():
            if sheet.is_register:
                records = sheet.model.objects.order_by(*_order(sheet))
                if records.count() > LONGEST_REGISTER:
                    raise CannotExport(f"{sheet.title}超过{LONGEST_REGISTER}条，不能放进一个表格。")
                yield sheet, _read(sheet, records)
        return
    own = [sheet for sheet in sheets() if not sheet.is_register and belongs(sheet, document)]
    named = _named(own, document)
    for sheet in sheets():
        if sheet.is_register and sheet.model in named:
            yield sheet, _read(sheet, sheet.model.objects.filter(pk__in=named[sheet.model]).order_by("code"))
        elif sheet in own:
            yield sheet, _read(sheet, records_of(sheet, document))


def belongs(sheet: Sheet, document: Document) -> bool:
    """Whether documents of this kind hold such records."""
    return sheet.is_register or sheet.document_kind in ("", document.kind)


def records_of(sheet: Sheet, document: Document):
    """A document's records of one kind, in their order."""
    if not sheet.rows:
        return sheet.model.objects.of_document(document).order_by(*sheet.model._meta.ordering, "code")
    # Look-ups joined, since an `OR` over several tables is a walk through every row.
    every = sheet.model.objects.order_by().values("pk")
    found = [every.filter(**{f"{owner}__document": document}) for owner in sheet.owners]
    return sheet.model.objects.filter(pk__in=found[0].union(*found[1:])).order_by(*_order(sheet))


def _order(sheet: Sheet) -> list:
    """Entries of registers by code; rows without one by that of their owner."""
    if not sheet.rows:
        return ["code"]
    return [*(F(f"{owner}__code").asc(nulls_last=True) for owner in sheet.owners), "pk"]


def joined(sheet: Sheet, records):
    """With what its cells show."""
    return records.select_related(*(field.name for field in _references(sheet)))


def _read(sheet: Sheet, records) -> Iterator:
    return joined(sheet, records).iterator(chunk_size=2000)


def _references(sheet: Sheet) -> list:
    return [column.field for column in sheet.columns if column.field.is_relation]


def _named(own: list[Sheet], document: Document) -> dict:
    """The entries of registers that a document's records name, and those that these name: model → ids."""
    found: dict = {}
    for sheet in own:
        for field in _references(sheet):
            if (target := of_model(field.related_model)) and target.is_register:
                ids = records_of(sheet, document).order_by().values_list(field.attname, flat=True)
                found.setdefault(target.model, set()).update(ids.distinct())
    for sheet in sheets():
        for field in _references(sheet) if sheet.model in found else ():
            if sheet.is_register and field.related_model is not sheet.model:
                entries = sheet.model.objects.filter(pk__in=found[sheet.model])
                found.setdefault(field.related_model, set()).update(entries.values_list(field.attname, flat=True))
    return {model: ids - {None} for model, ids in found.items()}


class _Writer:
    def __init__(self, book):
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1})
        self.days = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.whole = book.add_format({"num_format": "0"})
        self.text = book.add_format({"num_format": "@"})

    def sheet(self, sheet: Sheet, records) -> None:
        """Headings, then a line for each record."""
        page = self.book.add_worksheet(sheet.title)
        page.freeze_panes(1, 1)
        for number, heading in enumerate(sheet.headings):
            width = 60 if heading == "原文摘录" else 24 if heading == CODE else max(8, 2 * len(heading) + 2)
            # What is typed below stays text: a code is neither a number nor a day.
            page.set_column(number, number, width, self.text if heading.endswith(CODE) else None)
            page.write_string(0, number, heading, self.head)
        for line, record in enumerate(records, 1):
            code = [] if sheet.rows else [record.code]
            cells = [*code, *(cell for column in sheet.columns for cell in column.cells(record))]
            for number, value in enumerate(cells):
                self._write(page, line, number, value, f"{sheet.title}“{code[0] if code else record}”")

    def _write(self, page, line: int, number: int, value, where: str) -> None:
        if value is None or value == "":
            return
        if isinstance(value, date):
            page.write_datetime(line, number, datetime(value.year, value.month, value.day), self.days)
        elif isinstance(value, int | Decimal):
            page.write_number(line, number, value, self.whole if isinstance(value, int) else None)
        elif len(value) > LONGEST_CELL:
            raise CannotExport(f"{where}有一段文字超过{LONGEST_CELL}字，放不进一个单元格。")
        else:
            page.write_string(line, number, value, self.text)

    def about(self, document: Document | None, notes: Iterable) -> None:
        """What this is, and how it is filled in."""
        page = self.book.add_worksheet(ABOUT)
        page.set_column(0, 0, 12)
        page.set_column(1, 1, 100)
        made = f"{timezone.localtime():%Y-%m-%d %H:%M}"
        about = {"标题": document.title, DOCUMENT_CODE: document.code} if document else {"标题": "单位、人员与职务"}
        lines = [*about.items(), ("导出时间", made), *(("", note) for note in NOTES), *notes]
        for line, (name, words) in enumerate(lines):
            page.write_string(line, 0, name, self.head)
            page.write_string(line, 1, values.escaped(words))


__all__ = ["ABOUT", "CODE", "DELETE", "DOCUMENT_CODE", "CannotExport", "tables", "workbook"]
