"""Tables of the desk: what is exported is imported again without a change, what is wrong is named by sheet, row and
column, and one upload is imported whole or not at all."""

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from gazette import corrections
from gazette.models import (
    Change,
    Correction,
    Document,
    EventKind,
    ImportState,
    PublicRecord,
    SecurityEvent,
    SheetImport,
    Tie,
    Unit,
    User,
)
from gazette.sheets import exporting, planning, reading, sheets, values, writing
from gazette.sheets.files import BadFile
from gazette.sheets.values import BadCell
from measures.models import Budget, Measure, Responsibility
from personnel.models import Appointment, Person
from plans.models import KeyProject, Target

CODES = ["whzf-2023-2", "whzbf-2023-2", "wzrz-2023-1"]
ADD = "admin:gazette_sheetimport_add"
EXPORT = "admin:gazette_sheetimport_export"
BASES = "“猜测”不在可选的词中；可写：本条自定期限、随总有效期、文中未载明。"
DATED = "“2023-01-01”被表格程序当成了日期；请把这一列设为“文本”格式，再写代码。"
CLAUSE = "（一）发放消费券。安排资金200万元，发放加油消费券。2024年6月30日前申请。（市财政局负责）"


@pytest.fixture(autouse=True)
def _immediately(settings, tmp_path):
    """The worker's work is done at once, with files in a directory of the test."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(db):
    return User.objects.create(username="clerk", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def draft(make_document, make_passage, make_package, make_measure, make_budget, make_window):
    """A draft with a package of one measure that has one budget and one window."""
    document = make_document(kind="policy", code="sample-doc")
    passage = make_passage(document=document, text=CLAUSE)
    package = make_package(passage=passage, code="sample-pkg")
    measure = make_measure(passage=passage, package=package, code="sample-m1", title="示例措施一", number=1)
    make_budget(passage=passage, measure=measure, code="sample-m1-b1", amount=2000000, quote="安排资金200万元", start=9)
    make_window(passage=passage, measure=measure, code="sample-m1-w1")
    return document


def book_of(document):
    """The exported workbook of a document, to be changed."""
    return load_workbook(io.BytesIO(exporting.workbook(document)))


def rows_of(page):
    """The rows of a page as dicts by heading."""
    head, *rows = page.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def put(page, row, **cells):
    """Write cells of a row by heading."""
    head = [cell.value for cell in page[1]]
    for heading, value in cells.items():
        page.cell(row, head.index(heading) + 1).value = value


def add(page, **cells):
    """Add a row by heading."""
    row = page.max_row + 1
    put(page, row, **cells)
    return row


def upload(desk, book, document=None, name="表格.xlsx", reason=""):
    """Upload a workbook, or the bytes of a file; the answer's page and the import, None where none was made."""
    if isinstance(book, Workbook):
        output = io.BytesIO()
        book.save(output)
        book = output.getvalue()
    data = {"document": document.code if document else "", "file": SimpleUploadedFile(name, book), "reason": reason}
    before = SheetImport.objects.count()
    answer = desk.post(reverse(ADD), data, follow=True)
    return answer, SheetImport.objects.first() if SheetImport.objects.count() > before else None


def confirm(desk, job):
    """Confirm an import, and read it again."""
    url = reverse("admin:gazette_sheetimport_change", args=[job.pk])
    assert desk.post(url, {"_confirm": "1"}).status_code == 302
    job.refresh_from_db()
    return job


def told(job):
    """What the preview says is wrong: (sheet, row, column, sentence)."""
    return [
        (row["sheet"], row["row"], error["column"], error["message"]) for row in job.rows for error in row["errors"]
    ]


def everything():
    """What an import that changes nothing must leave: ledger, projection, ties, records and their histories."""
    tables = {model: list(model.objects.order_by("pk").values()) for model in (Change, PublicRecord, Tie, Correction)}
    for sheet in sheets():
        tables[sheet.model] = list(sheet.model.objects.order_by("pk").values())
        tables[sheet.model, "history"] = sheet.model.history.count()
    return tables


# The round trip


@pytest.mark.parametrize("code", CODES)
def test_the_round_trip_of_a_document_changes_nothing(code, desk):
    document = Document.objects.get(code=code)
    before = everything()
    _page, job = upload(desk, exporting.workbook(document), document, reason="示例：原样导回")
    total = sum(len(rows_of(page)) for page in book_of(document) if page.title != "说明")
    assert rows_of(book_of(document)["文件"])[0]["代码"] == code
    assert (job.state, job.errors, job.rows) == (ImportState.READY, [], [])
    assert job.counts == {"new": 0, "changed": 0, "same": total, "deleted": 0, "refused": 0}
    assert total > 40
    assert confirm(desk, job).state == ImportState.DONE
    assert everything() == before


def test_the_round_trip_through_a_spreadsheet_program_changes_nothing(desk):
    document = Document.objects.get(code="whzbf-2023-2")
    _page, job = upload(desk, book_of(document), document, reason="示例：另存后导回")
    assert (job.state, job.rows, job.counts["changed"]) == (ImportState.READY, [], 0)


def test_the_round_trip_of_the_registers_changes_nothing(desk):
    _page, job = upload(desk, exporting.workbook(None))
    assert (job.state, job.rows, job.counts["changed"]) == (ImportState.READY, [], 0)
    assert job.counts["same"] == sum(sheet.model.objects.count() for sheet in sheets() if sheet.is_register)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+示例", "-示例", "@示例", "'示例", "''示例", "＝示例", " 前后空格 ", "0012", "_x000D_示例", "示例\r\n二"],
)
def test_a_text_comes_back_as_it_was(text, desk, draft):
    Budget.objects.filter(code="sample-m1-b1").update(purpose=text)
    data = exporting.workbook(draft)
    cell = load_workbook(io.BytesIO(data))["安排资金"]["E2"]
    assert cell.data_type != "f"
    _page, job = upload(desk, data, draft)
    assert (job.state, job.counts["changed"], job.rows) == (ImportState.READY, 0, [])


def test_a_number_of_many_digits_comes_back_as_it_was(desk, make_target):
    target = make_target(value=Decimal("12345678901234.5678"), code="sample-long")
    _page, job = upload(desk, exporting.workbook(target.document), target.document)
    assert (job.state, job.counts["changed"]) == (ImportState.READY, 0)


def test_the_workbook_holds_numbers_days_words_and_codes(draft):
    book = book_of(draft)
    assert book.sheetnames == [
        *(
            "单位",
            "文件",
            "引用文件",
            "文件关系",
            "政策措施",
            "总则",
            "措施",
            "适用对象",
            "适用条件",
            "责任单位",
            "安排资金",
        ),
        *("支持内容与标准", "执行期限", "截止日期", "说明"),
    ]
    (budget,) = rows_of(book["安排资金"])
    assert budget == {
        "代码": "sample-m1-b1",
        "所属措施代码": "sample-m1",
        "措施（仅供查看）": "（1）示例措施一",
        "金额（元）": 2000000,
        "用途": "示例用途",
        "顺序": 1,
        "段号": 1,
        "原文摘录": "安排资金200万元",
        "删除": None,
    }
    (window,) = rows_of(book["执行期限"])
    assert (window["起始日"], window["起始依据"], window["此前已执行"]) == (datetime(2022, 3, 1), "随总有效期", "否")
    assert [row[1] for row in book["说明"].iter_rows(values_only=True)][1] == "sample-doc"


def test_an_export_takes_the_same_queries_for_many_rows(draft, make_budget, make_responsibility):
    measure = Measure.objects.get(code="sample-m1")
    counts = []
    for size in (1, 30):
        for _ in range(size):
            make_budget(measure=measure, passage=measure.passage)
            make_responsibility(measure=measure, passage=measure.passage)
        with CaptureQueriesContext(connection) as caught:
            exporting.workbook(draft)
        counts.append(len(caught))
    assert counts[0] == counts[1]


# Into a draft


def test_a_change_and_a_new_row_are_previewed_then_written_with_history(desk, clerk, draft, make_unit):
    unit = make_unit(code="sample-finance", name="示例财政局")
    book = book_of(draft)
    put(book["安排资金"], 2, **{"金额（元）": "300万元", "用途": "=示例"})
    put(book["安排资金"], 2, 用途="'=示例")
    add(book["责任单位"], 所属措施代码="sample-m1", 单位代码="示例财政局", 原文写法="市财政局", 责任方式="负责")
    put(book["责任单位"], 2, 原文摘录="市财政局")
    before = everything()
    _page, job = upload(desk, book, draft)
    assert (job.state, told(job)) == (ImportState.READY, [])
    assert everything() == before
    changed, new = sorted(job.rows, key=lambda row: row["verdict"])
    assert changed == {
        "sheet": "安排资金",
        "row": 2,
        "code": "sample-m1-b1",
        "verdict": "changed",
        "changes": [
            {"label": "金额（元）", "old": "2000000", "new": "3000000"},
            {"label": "用途", "old": "示例用途", "new": "=示例"},
        ],
        "errors": [],
    }
    assert (new["sheet"], new["row"], new["verdict"], new["code"]) == ("责任单位", 2, "new", "sample-m1-r1")
    page = desk.get(reverse("admin:gazette_sheetimport_change", args=[job.pk])).content.decode()
    assert "金额（元）：2000000 → 3000000" in page
    assert "新增 1 行，修改 1 行" in page
    assert confirm(desk, job).state == ImportState.DONE
    budget = Budget.objects.get(code="sample-m1-b1")
    assert (budget.amount, budget.purpose) == (3000000, "=示例")
    version = budget.history.first()
    assert (version.history_user, version.history_change_reason) == (clerk, "表格导入：表格.xlsx")
    row = Responsibility.objects.get(code="sample-m1-r1")
    assert (row.unit, row.position, row.quote, row.start) == (unit, 1, "市财政局", CLAUSE.index("市财政局"))
    assert job.file.name == ""
    event = SecurityEvent.objects.get(kind=EventKind.IMPORT)
    assert (event.detail, event.by_id) == ("表格“表格.xlsx”导入到sample-doc", clerk.pk)


def test_rows_that_refer_to_new_rows_are_written_together(desk, make_document, make_passage):
    document = make_document(kind="personnel")
    make_passage(document=document, text="任命示例为示例局局长。")
    book = book_of(document)
    add(book["人员"], 代码="sample-person", 姓名="示  例")
    add(book["职务"], 代码="sample-head", 职务="示例局局长", 职数=1)
    line = {"代码": "sample-a1", "人员代码": "示例", "任免": "任命", "职务代码": "示例局局长", "段号": 1}
    add(book["任免"], **line, 原文摘录="*", 任免日期="2023年6月30日", 日期依据="文中载明")
    _page, job = upload(desk, book, document)
    assert (job.state, told(job), job.counts["new"]) == (ImportState.READY, [], 3)
    confirm(desk, job)
    event = Appointment.objects.get(code="sample-a1")
    assert (event.person.name, event.post.title, event.effective_on) == ("示例", "示例局局长", date(2023, 6, 30))
    assert event.quote == "任命示例为示例局局长。"


def test_a_project_may_belong_to_one_further_down(desk, make_plan, make_passage):
    plan = make_plan()
    passage = make_passage(document=plan.document, text="建设示例工程，含示例一期。")
    book = book_of(plan.document)
    common = {"所属年度计划代码": plan.code, "类别": "工程", "时限精度": "文中未载明", "时限依据": "文中未载明"}
    common["段号"] = passage.position
    add(book["项目与任务"], 代码="sample-p2", 名称="示例一期", 所属项目代码="sample-p1", 原文摘录="示例一期", **common)
    add(book["项目与任务"], 代码="sample-p1", 名称="示例工程", 原文摘录="示例工程", **common)
    _page, job = upload(desk, book, plan.document)
    assert told(job) == []
    confirm(desk, job)
    assert KeyProject.objects.get(code="sample-p2").part_of.code == "sample-p1"


def test_a_row_that_is_missing_stays_and_one_that_says_so_is_deleted(desk, draft, make_tie):
    passage = draft.passages.first()
    tie = {"kind": "budget", "code": "sample-m1-b1", "field": "amount", "rule": "money", "reason": ""}
    make_tie(passage=passage, start=13, end=18, **tie)
    book = book_of(draft)
    book["安排资金"].delete_rows(2)
    _page, job = upload(desk, book, draft)
    assert (job.state, job.rows) == (ImportState.READY, [])
    confirm(desk, job)
    assert Budget.objects.filter(code="sample-m1-b1").exists()
    book = book_of(draft)
    put(book["措施"], 2, 删除="是")
    _page, job = upload(desk, book, draft)
    held = "还被引用，不能删除：安排资金“2000000元 示例用途”、执行期限“全条 2022-03-01—2022-12-31”。"
    assert told(job) == [("措施", 2, "删除", held)]
    for title in ("安排资金", "执行期限"):
        put(book[title], 2, 删除="是")
    _page, job = upload(desk, book, draft)
    assert job.counts["deleted"] == 3
    confirm(desk, job)
    assert not Measure.objects.filter(code="sample-m1").exists()
    assert not Tie.objects.filter(code="sample-m1-b1").exists()


def test_what_changed_after_the_preview_is_not_overwritten(desk, draft):
    book = book_of(draft)
    put(book["安排资金"], 2, **{"金额（元）": 5})
    _page, job = upload(desk, book, draft)
    measure = Measure.objects.get(code="sample-m1")
    measure.title = "示例：同事改过"
    measure.save()
    confirm(desk, job)
    assert (job.state, Budget.objects.get(code="sample-m1-b1").amount) == (ImportState.REFUSED, 2000000)
    assert job.errors == ["预览之后，文件或登记的内容已有变化，没有导入任何一行；请重新上传，再看预览。"]


def test_a_document_that_is_published_meanwhile_is_not_written_into(draft, clerk):
    book = book_of(draft)
    put(book["安排资金"], 2, **{"金额（元）": 5})
    output = io.BytesIO()
    book.save(output)
    based_on = planning.fingerprint(draft)
    plan = planning.plan(reading.read(output, "表格.xlsx"), draft)
    Document.objects.filter(pk=draft.pk).update(status="published")
    with pytest.raises(BadFile, match="预览之后"):
        writing.carry_out(plan, by=clerk, reason="", name="表格.xlsx", based_on=based_on)
    assert Budget.objects.get(code="sample-m1-b1").amount == 2000000


@pytest.mark.parametrize(
    ("sheet", "cells", "column", "sentence"),
    [
        ("安排资金", {"金额（元）": 0}, "金额（元）", "安排资金必须大于零，以元为单位填写整数。"),
        ("安排资金", {"金额（元）": "若干"}, "金额（元）", "“若干”不是数字；例如 4000000 或 400万元。"),
        ("安排资金", {"金额（元）": 1.5}, "金额（元）", "“1.5”不是整数（以元为单位）。"),
        ("安排资金", {"金额（元）": None}, "金额（元）", "该字段是必填项。"),
        ("安排资金", {"金额（元）": True}, "金额（元）", "“是”不是数字。"),
        ("安排资金", {"段号": 9}, "段号", "本文件没有第9段；请看原文栏中的段号。"),
        ("安排资金", {"原文摘录": "没有的话"}, "原文摘录", "“没有的话”不在第1段原文中；请从原文栏照抄，一字不差。"),
        ("安排资金", {"原文摘录": "发放"}, "原文摘录", "“发放”在第1段原文中有2处；请多写前后几个字，使它只有一处。"),
        ("安排资金", {"所属措施代码": "没有"}, "所属措施代码", "没有代码为“没有”的措施。"),
        ("安排资金", {"所属措施代码": None}, "所属措施代码", "请写措施的代码。"),
        ("安排资金", {"删除": "大概"}, "删除", "“大概”应写“是”或“否”。"),
        ("责任单位", {"所属措施代码": "sample-m1", "责任方式": "负责"}, "单位代码", "该字段是必填项。"),
        ("措施", {"代码": date(2023, 1, 1)}, "代码", DATED),
        ("执行期限", {"起始依据": "猜测"}, "起始依据", BASES),
        ("措施", {"代码": None}, "代码", "新增的措施请写代码。"),
        ("措施", {"代码": "Sample_M"}, "代码", "代码只能用小写字母、数字和连字符，例如 2023-gdp-growth。"),
        ("政策措施", {"有效期止": "2023-02-30"}, "有效期止", "“2023-02-30”没有这一天。"),
        ("政策措施", {"有效期止": "明年"}, "有效期止", "“明年”不是日期；请写 2023-06-30 或 2023年6月30日。"),
        ("政策措施", {"有效期止": date(2020, 1, 1)}, "有效期止", "有效期止不能早于有效期起。"),
    ],
)  # fmt: skip
def test_a_row_is_refused_by_sheet_row_and_column(sheet, cells, column, sentence, desk, draft):
    book = book_of(draft)
    put(book[sheet], 2, **cells)
    before = everything()
    page, job = upload(desk, book, draft)
    assert (job.state, job.counts["refused"]) == (ImportState.REFUSED, 1)
    assert (sheet, 2, column, sentence) in told(job)
    assert f"{column}：{sentence}" in page.content.decode()
    assert everything() == before
    confirm(desk, job)
    assert (job.state, everything() == before) == (ImportState.REFUSED, True)


def test_rows_that_cannot_stand_together_are_refused(desk, draft, make_measure, make_passage):
    other = make_measure(package=Measure.objects.get(code="sample-m1").package, code="sample-m2", number=2)
    book = book_of(draft)
    put(book["安排资金"], 2, 所属措施代码="sample-m2")
    for _ in range(2):
        rule = {"所属政策措施代码": "sample-pkg", "名称": "示例总则", "段号": 1, "原文摘录": "发放消费券"}
        add(book["总则"], 代码="sample-g1", **rule)
    for code in ("sample-m3", "sample-m4"):
        add(
            book["措施"],
            代码=code,
            所属政策措施代码="sample-pkg",
            序号=3,
            标题="示例",
            类别="金融支持政策",
            段号=1,
            原文摘录="*",
        )
    _page, job = upload(desk, book, draft)
    assert ("安排资金", 2, "所属措施代码", "代码“sample-m1-b1”已属于“sample-m1”，不能改到“sample-m2”之下。") in told(
        job
    )
    assert ("总则", 2, "代码", "代码“sample-g1”在表“总则”中出现了2次。") in told(job)
    numbers = [found for found in told(job) if found[0] == "措施"]
    assert [(row, sentence[:6]) for _sheet, row, _column, sentence in numbers] == [
        (4, "与第5行相同"),
        (5, "与第4行相同"),
    ]
    assert other.budgets.count() == 0


def test_a_public_entry_of_a_register_is_not_changed(desk):
    unit = Unit.objects.public().first()
    book = book_of(None)
    row = next(number for number, cells in enumerate(rows_of(book["单位"]), 2) if cells["代码"] == unit.code)
    put(book["单位"], row, 名称="示例改名")
    _page, job = upload(desk, book)
    assert told(job) == [("单位", row, "整行", f"“{unit}”已被公开的文件提及，不能用表格修改。")]


def test_a_name_borne_by_two_persons_asks_for_the_code(desk, make_document, make_passage, make_person):
    document = make_document(kind="personnel")
    make_passage(document=document)
    make_person(name="示例同名", code="sample-one")
    make_person(name="示例同名", code="sample-two")
    book = book_of(document)
    add(book["任免"], 代码="sample-a1", 人员代码="示例同名", 任免="免去", 职务代码="没有的职务", 日期依据="文中未载明")
    _page, job = upload(desk, book, document)
    assert told(job) == [
        ("任免", 2, "人员代码", "有2个人员名为“示例同名”，请写代码：sample-one、sample-two。"),
        ("任免", 2, "职务代码", "没有代码或名称为“没有的职务”的职务。"),
    ]


def test_an_alias_of_a_unit_names_it(desk, draft):
    book = book_of(draft)
    head = {"所属措施代码": "sample-m1", "原文写法": "市财政局", "责任方式": "负责", "原文摘录": "市财政局"}
    add(book["责任单位"], 单位代码="财政局", **head)
    _page, job = upload(desk, book, draft)
    assert told(job) == []
    confirm(desk, job)
    assert Responsibility.objects.get(code="sample-m1-r1").unit == Unit.objects.get(aliases__name="财政局")


# What a document's state allows


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("in_review", "文件“{}”正在审核，它的段落、记录和对应只能查看；退回草稿后才能更改。"),
        ("withdrawn", "文件“{}”已撤回，它的段落、记录和对应作为凭证保留，只能查看。"),
    ],
)
def test_a_document_that_is_closed_takes_no_table(status, sentence, desk, draft):
    data = exporting.workbook(draft)
    Document.objects.filter(pk=draft.pk).update(status=status)
    page, job = upload(desk, data, draft)
    assert job is None
    assert page.context["form"].errors["document"] == [sentence.format(draft.title)]


def test_a_published_document_needs_a_reason(desk):
    document = Document.objects.get(code="whzbf-2023-2")
    page, job = upload(desk, exporting.workbook(document), document)
    assert job is None
    assert page.context["form"].errors["reason"] == [f"文件“{document.title}”已发布，请写明更正理由。"]


def test_changes_of_public_records_become_corrections(desk, clerk):
    document = Document.objects.get(code="whzbf-2023-2")
    book = book_of(document)
    row, cells = next((number, cells) for number, cells in enumerate(rows_of(book["责任单位"]), 2))
    row_of_measure = Responsibility.objects.get(code=cells["代码"])
    put(book["责任单位"], row, 原文摘录="*")
    before = everything()
    _page, job = upload(desk, book, document, reason="示例：录入有误")
    assert (job.state, told(job), job.counts["changed"]) == (ImportState.READY, [], 1)
    confirm(desk, job)
    assert (job.state, job.errors) == (ImportState.DONE, [])
    correction = Correction.objects.get()
    measure = row_of_measure.measure
    assert (correction.kind, correction.code, correction.reason) == ("measure", measure.code, "示例：录入有误")
    assert (correction.author, correction.state) == (clerk, "proposed")
    assert [change["label"].split(" · ")[1] for change in correction.changes if change["field"].endswith("/quote")] == [
        "原文摘录"
    ]
    after = everything()
    after[Correction] = []
    assert after == before
    corrections.accept(correction, by=User.objects.create(username="reviewer", is_staff=True))
    row_of_measure.refresh_from_db()
    assert row_of_measure.quote == row_of_measure.passage.text


def test_a_new_row_of_a_published_document_becomes_a_correction_that_adds_it(desk):
    document = Document.objects.get(code="whzf-2023-2")
    book = book_of(document)
    page = book["项目与任务"]
    known = next(cells for cells in rows_of(page) if cells["代码"] == "2023-agriculture-park")
    row = add(page, **known | {"代码": "2023-sample-park"})
    add(book["指定责任单位"], 所属项目与任务代码="2023-sample-park", 单位代码="市财政局", 说明="示例说明")
    before = everything()
    _page, job = upload(desk, book, document, reason="示例：漏录")
    assert (job.state, told(job), job.counts["new"]) == (ImportState.READY, [], 2)
    confirm(desk, job)
    assert (job.state, job.errors) == (ImportState.DONE, [])
    assert everything() | {Correction: []} == before
    correction = Correction.objects.get()
    assert (correction.kind, correction.code, correction.is_addition) == ("project", "2023-sample-park", True)
    corrections.accept(correction, by=User.objects.create(username="reviewer", is_staff=True))
    added = KeyProject.objects.get(code="2023-sample-park")
    assert (added.name, added.assignments.get().unit.name) == ("现代农业产业园", "市财政局")
    # The same file again: the code is that of a public record now, and nothing differs.
    _page, again = upload(desk, book, document, reason="示例：漏录")
    assert (told(again), again.counts["new"], again.counts["changed"]) == ([], 0, 0)
    put(page, row, 名称="示例名称")
    _page, job = upload(desk, book, document, reason="示例")
    assert [line["verdict"] for line in job.rows if line["code"] == "2023-sample-park"] == ["changed"]


def test_a_correction_that_the_text_does_not_prove_is_refused_and_nothing_is_proposed(desk):
    document = Document.objects.get(code="whzf-2023-2")
    book = book_of(document)
    put(book["目标"], 2, 说明="示例说明")
    put(book["目标"], 3, 目标值=123456)
    _page, job = upload(desk, book, document, reason="示例")
    code = book["目标"]["A3"].value
    confirm(desk, job)
    assert job.state == ImportState.REFUSED
    assert job.errors[0].startswith(f"表“目标”第3行（目标“{code}”）不能更正，没有导入任何一行：")
    assert not Correction.objects.exists()


# The desk


def test_pages_need_their_permissions(client, db):
    user = User.objects.create(username="reader", is_staff=True)
    client.force_login(user)
    list_url = reverse("admin:gazette_sheetimport_changelist")
    for url in (list_url, reverse(ADD), reverse(EXPORT)):
        assert client.get(url).status_code == 403, url
    user.user_permissions.add(Permission.objects.get(codename="export_records"))
    assert client.get(f"{reverse(EXPORT)}?registers=1").status_code == 200
    assert client.get(reverse(ADD)).status_code == 403
    user.user_permissions.set([Permission.objects.get(codename="import_records")])
    assert client.get(reverse(EXPORT)).status_code == 403
    assert client.get(reverse(ADD)).status_code == 200
    document = Document.objects.get(code="wzrz-2023-1")
    page, job = upload(client, exporting.workbook(document), document, reason="示例")
    assert job is None
    refused = f"文件“{document.title}”已发布，导入成为更正；您没有“可以提出更正”的权限。"
    assert page.context["form"].errors["document"] == [refused]


def test_another_person_sees_an_import_but_does_not_confirm_it(desk, client, draft):
    _page, job = upload(desk, exporting.workbook(draft), draft)
    client.force_login(User.objects.create(username="other", is_staff=True, is_superuser=True))
    url = reverse("admin:gazette_sheetimport_change", args=[job.pk])
    assert 'name="_confirm"' not in client.get(url).content.decode()
    assert client.post(url, {"_confirm": "1"}).status_code == 403


def test_an_import_can_be_given_up(desk, draft):
    _page, job = upload(desk, exporting.workbook(draft), draft)
    path = job.file.path
    desk.post(reverse("admin:gazette_sheetimport_change", args=[job.pk]), {"_drop": "1"})
    job.refresh_from_db()
    assert (job.state, job.file.name) == (ImportState.DROPPED, "")
    with pytest.raises(FileNotFoundError):
        Path(path).read_bytes()


@pytest.mark.parametrize("rows", [1, 50])
def test_the_pages_take_the_same_queries(rows, desk, clerk, make_document):
    for number in range(rows):
        name = f"示例{number}.xlsx"
        job = SheetImport.objects.create(name=name, document=make_document(), author=clerk, state="ready")
    counts = []
    for url in (
        reverse("admin:gazette_sheetimport_changelist"),
        reverse("admin:gazette_sheetimport_change", args=[job.pk]),
        reverse(ADD),
        reverse(EXPORT),
    ):
        desk.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(url).status_code == 200
        counts.append(len(caught))
    assert counts == [6, 3, 3, 3]


def test_the_page_of_a_document_leads_to_its_tables(desk, draft):
    page = desk.get(reverse("admin:gazette_document_change", args=[draft.pk])).content.decode()
    assert f'href="{reverse(EXPORT)}?document=sample-doc"' in page
    response = desk.get(f"{reverse(EXPORT)}?document=sample-doc")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert load_workbook(io.BytesIO(response.content))["措施"]["A2"].value == "sample-m1"
    assert SecurityEvent.objects.get(kind=EventKind.EXPORT).detail == "表格：sample-doc"


# Cells


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (values.day, "2023-06-30", date(2023, 6, 30)),
        (values.day, "2023年6月30日", date(2023, 6, 30)),
        (values.day, "2023/6/30", date(2023, 6, 30)),
        (values.day, "2023.6.30 ", date(2023, 6, 30)),
        (values.day, "２０２３年 ６月３０日", date(2023, 6, 30)),
        (values.day, datetime(2023, 6, 30), date(2023, 6, 30)),
        (values.day, " ", None),
        (values.number, "82.8", Decimal("82.8")),
        (values.number, 82.8, Decimal("82.8")),
        (values.number, "1,234.5", Decimal("1234.5")),
        (values.number, "-3", Decimal(-3)),
        (values.number, "８２．８", Decimal("82.8")),
        (lambda cell: values.number(cell, "%"), "8%", Decimal(8)),
        (lambda cell: values.number(cell, "%"), "８．２５％", Decimal("8.25")),
        (lambda cell: values.whole(cell, "元"), "400万元", 4_000_000),
        (lambda cell: values.whole(cell, "元"), "400万", 4_000_000),
        (lambda cell: values.whole(cell, "元"), "４００ 万元 ", 4_000_000),
        (lambda cell: values.whole(cell, "元"), "1.5亿", 150_000_000),
        (lambda cell: values.whole(cell, "元"), "1.5亿元", 150_000_000),
        (lambda cell: values.whole(cell, "元"), "4，000，000元", 4_000_000),
        (lambda cell: values.whole(cell, "元"), 4000000.0, 4_000_000),
        (values.name, "李  锴", "李锴"),
        (values.name, "李\u3000锴", "李锴"),
        (values.name, "A  B", "A B"),
        (values.text, 2025, "2025"),
        (values.text, "'=1", "=1"),
        (values.text, datetime(2023, 6, 30), "2023-06-30"),
    ],
)  # fmt: skip
def test_a_cell_is_understood(read, cell, value):
    assert read(cell) == value


@pytest.mark.parametrize(
    ("read", "cell", "sentence"),
    [
        (values.day, datetime(2023, 6, 30, 8, 15), "“2023-06-30 08:15”带有时刻；请只写日期，例如 2023-06-30。"),
        (values.day, 45000, "“45000”是数字，不是日期；请写 2023-06-30，或把单元格设为“日期”格式。"),
        (values.day, "45000", "“45000”不是日期；请写 2023-06-30 或 2023年6月30日。"),
        (values.number, "12万元", "“12万元”不是数字；例如 82.8，单位另写。"),
        (values.number, "8%", "“8%”是百分数，而计量单位不是 %；请写数字，单位另写。"),
        (lambda cell: values.number(cell, "%"), "8万%", "“8万%”不是数字；例如 82.8，单位另写。"),
        (lambda cell: values.number(cell, "%"), "8元", "“8元”不是数字；例如 82.8，单位另写。"),
        (lambda cell: values.whole(cell, "元"), "约400万元", "“约400万元”不是数字；例如 4000000 或 400万元。"),
        (lambda cell: values.whole(cell, "元"), "8%", "“8%”是百分数，而计量单位不是 %；请写数字，单位另写。"),
        (values.words, datetime(2023, 1, 1), "“2023-01-01”被表格程序当成了日期；请把这一列设为“文本”格式，再写代码。"),
        (values.number, date(2023, 1, 1), "“2023-01-01”是日期，这里要写数字。"),
        (lambda cell: values.whole(cell, "元"), "0.00001万元", "“0.00001万元”不是整数（以元为单位）。"),
    ],
)
def test_a_cell_that_is_not_clear_is_refused(read, cell, sentence):
    with pytest.raises(BadCell) as refused:
        read(cell)
    assert str(refused.value) == sentence


def test_rows_are_numbered_as_the_desk_numbers_them():
    from measures.admin import ROWS

    letters = {sheet.model: sheet.letter for sheet in sheets() if sheet.letter}
    assert letters == {model: letter for model, (letter, _fields) in ROWS.items()}


def test_every_field_that_people_enter_is_in_the_workbook():
    from gazette.stored import content_fields

    outside = {"code", "document", "passage", "start", "quote"}
    for sheet in sheets():
        entered = {field.name for field in content_fields(sheet.model()) if field.editable} - outside
        assert entered == {column.name for column in sheet.columns} - outside, sheet.title
    assert {Person, Target} <= {sheet.model for sheet in sheets()}
