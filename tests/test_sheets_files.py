"""Files that are refused, each with its own sentence, and what a worker that dies leaves."""

import io
import re
import zipfile

import pytest
from openpyxl import Workbook
from test_sheets import (  # noqa: F401 - fixtures
    _immediately,
    add,
    book_of,
    clerk,
    confirm,
    desk,
    draft,
    put,
    told,
    upload,
)

from gazette.models import ImportState
from gazette.sheets import exporting, files
from personnel.models import Appointment

NAME = "示例.xlsx"
SHEETS = "、".join(
    [
        *("单位", "单位别名", "人员", "职务", "文件", "引用文件", "文件关系", "年度计划", "项目与任务", "目标"),
        *("指定责任单位", "政策措施", "总则", "措施", "适用对象", "适用条件", "责任单位", "安排资金"),
        *("支持内容与标准", "执行期限", "截止日期", "任免"),
    ]
)
BUDGET = "代码、所属措施代码、措施（仅供查看）、金额（元）、用途、顺序、段号、原文摘录、删除"


def plain(title="安排资金", rows=(("代码",),)):
    """A workbook of one sheet."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def packed(book, add=(), replace=None, flags=0):
    """The bytes of a workbook, with more parts, or with parts rewritten."""
    source, output = io.BytesIO(), io.BytesIO()
    book.save(source)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, replace(part, content) if replace else content)
        for name, content in add:
            new.writestr(name, content)
    return output.getvalue()


def with_entity(part, content):
    if part != "xl/worksheets/sheet1.xml":
        return content
    return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content


def in_utf_16(part, content):
    return content.decode().encode("utf-16") if part == "xl/worksheets/sheet1.xml" else content


def merged():
    book = plain()
    book.active.merge_cells("A2:A5")
    return book


def chart():
    book = plain()
    book.create_chartsheet("图")
    return book


def other_archive():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as new:
        new.writestr("word/document.xml", b"<x/>")
    return output.getvalue()


def ole(*streams):
    return files.OLE + b"\0" * 504 + b"".join(stream.encode("utf-16-le") for stream in streams)


def with_bad_checksum():
    data = bytearray(packed(plain()))
    data[data.index(b"xl/workbook.xml") + 60] ^= 0xFF
    return bytes(data)


def encrypted_parts():
    data = bytearray(packed(plain()))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


BOMB = packed(plain(), [("xl/media/image1.xml", b" " * (2 * 2**20))])
UPLOADS = {
    "text": (b"hello", NAME, files.NOT_XLSX),
    "csv": (b"a,b", "示例.csv", files.NOT_XLSX),
    "csv by another name": ("代码,标题\n".encode("gbk"), NAME, files.NOT_XLSX),
    "merged cells": (packed(merged()), NAME, files.MERGED_CELLS.format("{}", "A2:A5")),
    "another archive": (other_archive(), NAME, files.NOT_XLSX),
    "only the head of an archive": (b"PK\x03\x04", NAME, files.DAMAGED),
    "other extension": (packed(plain()), "示例.zip", files.NOT_XLSX),
    "xls": (ole("Workbook"), "示例.xls", files.OLD),
    "xls by another name": (ole("Workbook"), NAME, files.OLD),
    "encrypted": (ole("EncryptedPackage"), NAME, files.ENCRYPTED_FILE),
    "encrypted parts": (encrypted_parts(), NAME, files.ENCRYPTED_FILE),
    "xlsm": (packed(plain()), "示例.xlsm", files.MACROS),
    "macros": (packed(plain(), [("xl/vbaProject.bin", b"x")]), NAME, files.MACROS),
    "macro sheet": (packed(plain(), [("xl/macrosheets/sheet1.xml", b"<x/>")]), NAME, files.MACROS),
    "macro content type": (
        packed(plain(), replace=lambda part, content: content.replace(b"sheet.main", b"sheet.macroEnabled.main")),
        NAME,
        files.MACROS,
    ),
    "external link": (packed(plain(), [("xl/externalLinks/externalLink1.xml", b"<x/>")]), NAME, files.LINKED),
    "connection": (packed(plain(), [("xl/connections.xml", b"<x/>")]), NAME, files.LINKED),
    "embedded": (packed(plain(), [("xl/embeddings/oleObject1.bin", b"x")]), NAME, files.EMBEDDED),
    "chart": (packed(chart()), NAME, files.CHART),
    "ratio": (BOMB, NAME, files.BOMB),
    "too many parts": (packed(plain(), [(f"xl/media/{n}.png", b"") for n in range(501)]), NAME, files.BOMB),
    "entity": (packed(plain(), replace=with_entity), NAME, files.ENTITIES),
    "entity in relations": (packed(plain(), [("x.rels", b"<!DOCTYPE a><a/>")]), NAME, files.ENTITIES),
    "utf-16": (packed(plain(), replace=in_utf_16), NAME, files.ENTITIES),
    "path out of the file": (packed(plain(), [("../evil.xml", b"<x/>")]), NAME, files.DAMAGED),
    "cut off": (packed(plain())[:-40], NAME, files.DAMAGED),
    "checksum": (with_bad_checksum(), NAME, files.DAMAGED),
}


@pytest.mark.parametrize("case", UPLOADS)
def test_a_file_that_is_no_plain_workbook_is_refused(case, desk, draft):  # noqa: F811
    data, name, sentence = UPLOADS[case]
    page, job = upload(desk, data, draft, name=name)
    assert page.context["form"].errors["file"] == [sentence.format(name)]
    assert job is None


def test_a_file_that_is_too_large_is_refused(desk, draft, monkeypatch):  # noqa: F811
    monkeypatch.setattr(files, "LARGEST_FILE", 2**10)
    page, job = upload(desk, exporting.workbook(draft), draft, name=NAME)
    assert job is None
    assert page.context["form"].errors["file"][0].startswith(f"“{NAME}”有 0.0 MB，超过 0 MB；请分几次导入。")


def test_a_content_that_is_too_large_is_refused(desk, draft, monkeypatch):  # noqa: F811
    monkeypatch.setattr(files, "LARGEST_CONTENT", 2**10)
    page, _job = upload(desk, exporting.workbook(draft), draft, name=NAME)
    assert page.context["form"].errors["file"] == [files.BOMB.format(NAME)]


HEAD = tuple(BUDGET.split("、"))
ROW = ("sample-m1-b1", "sample-m1", None, 2000000, "示例用途", 1, 1, "安排资金200万元", None)


def sheet_of(*rows):
    return plain(rows=(HEAD, *rows))


def endless():
    book = plain(rows=(HEAD,))
    book.active.cell(1_048_576, 1).value = "x"
    return book


def wide():
    book = plain(rows=(HEAD,))
    book.active.cell(2, 16_384).value = "x"
    return book


CONTENTS = {
    "unknown sheet": (plain("工资"), f"不认识的表“工资”；可用的表有：{SHEETS}。"),
    "no known sheet": (plain("说明"), f"文件里没有可以导入的表；表名须为：{SHEETS}。"),
    "no header": (plain(rows=()), f"表“安排资金”没有标题行；第一行须为：{BUDGET}。"),
    "empty header": (plain(rows=((None, None), ROW)), f"表“安排资金”没有标题行；第一行须为：{BUDGET}。"),
    "unknown column": (
        plain(rows=((*HEAD, "备注"),)),
        f"表“安排资金”有不认识的列“备注”；可用的列有：{BUDGET}。",
    ),
    "column twice": (plain(rows=((*HEAD, "用途"),)), "表“安排资金”的列“用途”出现了2次；请只留一列。"),
    "missing column": (
        plain(rows=(HEAD[:-3],)),
        "表“安排资金”缺少列“段号”“原文摘录”；请用从本站导出的表格填写，不要删列。",
    ),
    "formula": (
        sheet_of((*ROW[:3], "=1+1", *ROW[4:])),
        "表“安排资金”第2行“金额（元）”（D2）是公式；请复制后“选择性粘贴”为数值。",
    ),
    "error": (
        sheet_of((*ROW[:3], "#REF!", *ROW[4:])),
        "表“安排资金”第2行“金额（元）”是错误值 #REF!；请改为应有的内容。",
    ),
    "content without a heading": (sheet_of((*ROW, "x")), "表“安排资金”第2行J列没有标题却有内容；请删去。"),
    "endless": (endless(), "表“安排资金”超过20000行；请删去空行，或分几次导入。"),
    "wide": (wide(), "表“安排资金”第2行超过60列；请用从本站导出的表格填写。"),
    "sheet of another kind of document": (
        plain("目标"),
        "表“目标”缺少列“所属年度计划代码”“目标名称”",
    ),
}


@pytest.mark.parametrize("case", CONTENTS)
def test_a_workbook_with_what_does_not_belong_into_it_is_refused(case, desk, draft):  # noqa: F811
    book, sentence = CONTENTS[case]
    page, job = upload(desk, packed(book), draft, name=NAME)
    assert job.state == ImportState.REFUSED
    assert len(job.errors) == 1
    assert job.errors[0].startswith(sentence)
    assert sentence in page.content.decode().replace("&quot;", '"')
    assert job.file.name == ""


def test_a_table_of_another_document_is_refused(desk, draft, make_document):  # noqa: F811
    other = make_document(kind="policy", title="示例另一份")
    _page, job = upload(desk, exporting.workbook(draft), other)
    assert job.errors == [
        f"这份表格是从代码为“sample-doc”的文件导出的，不能导入到文件“示例另一份”（{other.code}）；请改选文件。"
    ]


def test_a_sheet_that_documents_of_the_kind_do_not_have_is_refused(desk, draft, make_document):  # noqa: F811
    other = make_document(kind="plan")
    _page, job = upload(desk, packed(sheet_of(ROW)), other)
    assert job.errors == ["年度计划类的文件没有“安排资金”；请删去这张表，或改选文件。"]
    _page, job = upload(desk, packed(sheet_of(ROW)))
    assert job.errors == ["表“安排资金”属于某一文件，请选择导入到哪个文件。"]


# What people and their programs do to a file that is right


def bare(part, content):
    """A part as other programs write it: without the size of the sheet, the numbers of its rows, and what is seen."""
    if not part.startswith("xl/worksheets/sheet"):
        return content
    content = re.sub(rb"<dimension[^>]*/>", b"", content)
    content = re.sub(rb'(<row )r="\d+"', rb"\1", content)
    return re.sub(rb"<sheetViews>.*?</sheetViews>", b"", content)


def test_a_file_of_another_program_is_read_as_it_is(desk, draft):  # noqa: F811
    book = book_of(draft)
    _page, job = upload(desk, packed(book, replace=bare), draft)
    assert (job.state, job.rows, job.counts["changed"]) == (ImportState.READY, [], 0)
    # The export itself has its words in the cells; a program that saves it again keeps them apart.
    assert b"inlineStr" in zipfile.ZipFile(io.BytesIO(exporting.workbook(draft))).read("xl/worksheets/sheet1.xml")


def test_hidden_rows_blank_lines_and_stray_spaces_do_no_harm(desk, draft):  # noqa: F811
    book = book_of(draft)
    page = book["安排资金"]
    put(page, 2, 代码=" sample-m1-b1 ", 用途="示例用途 ", 所属措施代码="ｓａｍｐｌｅ-m1 ", 段号="１", 顺序="１ ")
    put(page, 4, 用途="  ")
    put(page, 6_000, 用途=" ")
    page.cell(1, 5).value = " 用途 "
    page.title = "安排资金 "
    page.row_dimensions[2].hidden = True
    book["说明"].sheet_state = "hidden"
    _page, job = upload(desk, book, draft)
    assert (job.state, job.errors, job.rows) == (ImportState.READY, [], [])
    put(page, 2, **{"金额（元）": "３００万元"})
    _page, job = upload(desk, book, draft)
    assert [(row["row"], row["verdict"]) for row in job.rows] == [(2, "changed")]


def test_a_percentage_means_what_the_cell_shows(desk, make_target):  # noqa: F811
    target = make_target(code="sample-t1", value=5, unit="%", qualifier="at_least")
    book = book_of(target.document)
    page = book["目标"]
    cell = page.cell(2, [found.value for found in page[1]].index("目标值") + 1)
    cell.value, cell.number_format = 0.0825, "0%"
    _page, job = upload(desk, book, target.document)
    (row,) = job.rows
    assert row["changes"] == [{"label": "目标值", "old": "5", "new": "8.25"}]
    put(page, 2, 计量单位="个百分点")
    _page, job = upload(desk, book, target.document)
    sentence = "“8.25%”是百分数，而计量单位不是 %；请写数字，单位另写。"
    assert told(job) == [("目标", 2, "目标值", sentence)]
    put(page, 2, 计量单位="%")
    cell.value, cell.number_format = 8, '0"%"'
    _page, job = upload(desk, book, target.document)
    assert job.rows[0]["changes"] == [{"label": "目标值", "old": "5", "new": "8"}]


def test_a_padded_name_and_a_unit_without_its_city_are_found(desk, make_document, make_passage):  # noqa: F811
    document = make_document(kind="personnel")
    make_passage(document=document, text="任命李  锴为市乡村振兴局示例职务。")
    book = book_of(document)
    add(book["职务"], 代码="sample-post", 职务="示例职务", 单位代码="乡村振兴局 ")
    line = {"代码": "sample-a1", "人员代码": "李  锴", "任免": "任命", "职务代码": "示例 职务", "段号": 1}
    add(book["任免"], **line, 原文摘录="*", 日期依据="文中未载明")
    _page, job = upload(desk, book, document)
    assert told(job) == []
    confirm(desk, job)
    event = Appointment.objects.get(document=document)
    assert (event.person.code, event.post.unit.name) == ("li-kai", "市乡村振兴局")
