"""An XLSX file as rows of known sheets; what does not belong into it is refused by sheet, row and column."""

import re
import warnings
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from . import values
from .exporting import ABOUT, DOCUMENT_CODE
from .files import DAMAGED, BadFile
from .registry import Sheet, sheets

MOST_ROWS = 20_000
MOST_COLUMNS = 60
LITERAL = re.compile(r'"[^"]*"|\\.')  # What a number format only shows.


@dataclass
class Row:
    """One line of a sheet: its number in the file and its cells by heading."""

    sheet: Sheet
    number: int
    cells: dict[str, Any]


@dataclass
class Book:
    """What a file holds: the rows of its sheets, and the code of the document from which it was exported."""

    rows: list[Row] = field(default_factory=list)
    document_code: str = ""
    sheets: list[Sheet] = field(default_factory=list)


def read(file, name: str) -> Book:
    """The rows of a file that `files.check` has let pass."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # The library warns of every extra that it leaves aside.
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
            try:
                return _read(book)
            finally:
                book.close()
    except BadFile:
        raise
    except (
        *(ParseError, BadZipFile, OSError, EOFError),
        *(KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError),
    ):
        # Each is what the library makes of a file that is not what its own parts say.
        raise BadFile(DAMAGED.format(name)) from None


def _read(workbook) -> Book:
    known = {sheet.title: sheet for sheet in sheets()}
    book, total = Book(), 0
    for page in workbook.worksheets:
        title = page.title.strip()
        if title == ABOUT:
            book.document_code = _document_code(page)
        elif title not in known:
            raise BadFile(f"不认识的表“{title}”；可用的表有：{'、'.join(known)}。")
        else:
            book.sheets.append(known[title])
            for row in _rows(page, known[title]):
                total += 1
                if total > MOST_ROWS:
                    raise BadFile(f"各表合计超过{MOST_ROWS}行；请分几次导入。")
                book.rows.append(row)
    if not book.sheets:
        raise BadFile(f"文件里没有可以导入的表；表名须为：{'、'.join(known)}。")
    return book


def _lines(page):
    """The lines of a page with their numbers; a page that claims to be endless is refused."""
    # What the file says of its own size need not be true.
    page.reset_dimensions()
    for number, cells in enumerate(page.iter_rows(), 1):
        if number > MOST_ROWS + 1:
            raise BadFile(f"表“{page.title}”超过{MOST_ROWS}行；请删去空行，或分几次导入。")
        if len(cells) > MOST_COLUMNS and any(cell.value is not None for cell in cells[MOST_COLUMNS:]):
            raise BadFile(f"表“{page.title}”第{number}行超过{MOST_COLUMNS}列；请用从本站导出的表格填写。")
        yield number, cells[:MOST_COLUMNS]


def _document_code(page) -> str:
    for number, cells in _lines(page):
        if number > 20:
            break
        if len(cells) > 1 and cells[0].value == DOCUMENT_CODE:
            return values.text(cells[1].value).strip()
    return ""


def _rows(page, sheet: Sheet):
    lines = _lines(page)
    _number, head = next(lines, (1, ()))
    headings = _headings(head, sheet)
    for number, cells in lines:
        found = {
            heading: _value(cell, sheet, number, heading, place)
            for place, (heading, cell) in enumerate(zip(headings, cells, strict=False))
            if heading
        }
        surplus = next(
            (place for place, cell in enumerate(cells) if cell.value is not None and not _at(headings, place)), None
        )
        if surplus is not None:
            raise BadFile(f"表“{sheet.title}”第{number}行{get_column_letter(surplus + 1)}列没有标题却有内容；请删去。")
        if any(str("" if value is None else value).strip() for value in found.values()):
            yield Row(sheet, number, found)


def _at(headings: list[str], place: int) -> str:
    return headings[place] if place < len(headings) else ""


def _headings(head, sheet: Sheet) -> list[str]:
    headings = [_value(cell, sheet, 1, "标题行", place) for place, cell in enumerate(head)]
    headings = [values.text(heading).strip() for heading in headings]
    if not any(headings):
        raise BadFile(f"表“{sheet.title}”没有标题行；第一行须为：{'、'.join(sheet.headings)}。")
    for heading in filter(None, headings):
        if heading not in sheet.headings:
            raise BadFile(f"表“{sheet.title}”有不认识的列“{heading}”；可用的列有：{'、'.join(sheet.headings)}。")
        if headings.count(heading) > 1:
            raise BadFile(f"表“{sheet.title}”的列“{heading}”出现了{headings.count(heading)}次；请只留一列。")
    needed = [heading for heading in sheet.headings if heading not in headings and heading in sheet.required]
    if needed:
        raise BadFile(f"表“{sheet.title}”缺少列“{'”“'.join(needed)}”；请用从本站导出的表格填写，不要删列。")
    return headings


def _value(cell, sheet: Sheet, number: int, heading: str, place: int):
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        where = f"{get_column_letter(place + 1)}{number}"
        raise BadFile(f"表“{sheet.title}”第{number}行“{heading}”（{where}）是公式；请复制后“选择性粘贴”为数值。")
    if cell.data_type == "e":
        raise BadFile(f"表“{sheet.title}”第{number}行“{heading}”是错误值 {value}；请改为应有的内容。")
    if isinstance(value, int | float) and "%" in LITERAL.sub("", cell.number_format):
        # The cell shows 8% and holds 0.08.
        return f"{values.plain(values.number(value) * 100)}%"
    return value
