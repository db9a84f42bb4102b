"""Files to take away: they hold what the pages show, can be read back, and are the same bytes every time."""

import csv
import io
import json
from datetime import date, datetime

import openpyxl
import pytest

from gazette import downloads, registry
from gazette.downloads import plain, safe
from gazette.models import Document
from gazette.tables import UNLICENSED, Table

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"
PLAN = "/plans/2023/"
BUDGETS = "/measures/budgets/"
BUDGET_HEADINGS = [
    "代码",
    "所属措施代码",
    "所属措施",
    "顺序",
    "金额（元）",
    "用途",
    "原文摘录",
    "文件代码",
    "发文字号",
    "段号",
    "所在位置",
    "来源",
    "地址",
    "数据许可",
]
# Each list, the name of its kind, and how many records the gazette gives it.
LISTS = [
    ("/documents/", "document", 3),
    ("/plans/", "plan", 1),
    (f"{PLAN}targets/", "target", 83),
    (f"{PLAN}projects/", "project", 232),
    ("/measures/", "measure", 23),
    (BUDGETS, "budget", 6),
    ("/personnel/", "appointment", 25),
    ("/personnel/people/", "person", 23),
    ("/personnel/posts/", "post", 15),
    ("/units/", "unit", 36),
]


@pytest.fixture
def fetch(client):
    """A file's response."""

    def get(path, status=200, **parameters):
        response = client.get(path, parameters)
        assert response.status_code == status, path
        return response

    return get


def sheets(response):
    """A workbook's sheets: name → rows of values."""
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def csv_rows(response):
    """A CSV file's rows, read as Excel does: by its BOM."""
    text = response.content.decode("utf-8-sig")
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_budgets_come_back_from_excel_as_they_are_on_the_page(fetch):
    response = fetch(f"{BUDGETS}records.xlsx")
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    head, *rows = sheets(response)["安排资金"]
    assert head == BUDGET_HEADINGS
    assert len(rows) == 6
    assert sum(row[4] for row in rows) == 20_000_000
    assert rows[0] == [
        "2023-consumption-7-b1",
        "2023-consumption-7",
        "（7）扩大汽车成品油大宗商品消费",
        1,
        4_000_000,
        "发放加油消费券",
        "安排资金400万元，发放加油消费券",
        "whzbf-2023-2",
        "乌海政办发〔2023〕2号",
        17,
        "三（七）",
        "乌海市人民政府办公室：《" + Document.objects.get(code="whzbf-2023-2").title + "》（乌海政办发〔2023〕2号）"
        "第17段，公报原文",
        f"{SITE}/measures/2023-consumption/7/#2023-consumption-7-b1",
        UNLICENSED,
    ]
    assert [(row[1], row[4]) for row in rows] == [
        ("2023-consumption-7", 4_000_000),
        ("2023-consumption-8", 1_000_000),
        ("2023-consumption-9", 3_000_000),
        ("2023-consumption-10", 4_000_000),
        ("2023-consumption-11", 1_000_000),
        ("2023-consumption-12", 7_000_000),
    ]


def test_csv_and_excel_say_the_same(fetch):
    for path, kind, count in LISTS:
        table = sheets(fetch(f"{path}records.xlsx"))[registry.get(kind).label]
        in_excel = [["" if value is None else _text(value) for value in row] for row in table]
        rows = csv_rows(fetch(f"{path}records.csv"))
        assert [list(rows[0]), *(list(row.values()) for row in rows)] == in_excel, path
        assert len(rows) == count, path


def _text(value):
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def test_json_is_what_the_api_gives(fetch):
    for path, kind, count in LISTS:
        answer = json.loads(fetch(f"{path}records.json").content)
        assert list(answer) == ["title", "conditions", "count", "as_of", "url", "source", "licence", "records"]
        assert list(answer["records"]) == [kind]
        given = answer["records"][kind]
        assert len(given) == count
        resource = registry.get(kind).resource
        of_api = fetch(f"/api/v1/{resource}/", page_size=200).json()["results"]
        for record, asked in zip(given, of_api, strict=False):
            assert record == {name: value for name, value in asked.items() if name in record}
    assert answer["url"] == f"{SITE}/units/"
    assert answer["as_of"] == "2023-02-01 09:00"


def test_values_are_in_words_and_numbers_stay_numbers(fetch):
    head, *rows = sheets(fetch(f"{PLAN}targets/records.xlsx", headline="true"))["目标"]
    by_code = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert len(rows) == 10
    growth = by_code["2023-gdp-growth"]
    assert {name: growth[name] for name in ("目标名称", "限定", "目标值", "计量单位", "完成时限", "时限依据")} == {
        "目标名称": "地区生产总值",
        "限定": "至少",
        "目标值": 6,
        "计量单位": "%",
        "完成时限": "2023",
        "时限依据": "随计划年度",
    }
    assert (growth["主要预期目标"], growth["由文字推得"], growth["基期年份"]) == ("是", "否", None)
    days = sheets(fetch("/documents/whzbf-2023-2/records.xlsx"))["截止日期"]
    assert days[1][days[0].index("截止日期")] == datetime(2023, 6, 30)


def test_the_filters_of_the_page_hold_and_are_said(fetch):
    response = fetch("/measures/records.xlsx", has_budget="true", on="2023-03-15", page="1", utm_source="x")
    book = sheets(response)
    assert [row[0] for row in book["措施"][1:]] == [f"2023-consumption-{number}" for number in range(7, 13)]
    # The rows that belong to these measures name them.
    assert [row[4] for row in book["安排资金"][1:]] == [
        4_000_000,
        1_000_000,
        3_000_000,
        4_000_000,
        1_000_000,
        7_000_000,
    ]
    measures = {row[0] for row in book["措施"][1:]}
    for name in ("适用对象", "责任单位", "安排资金", "支持内容与标准", "执行期限"):
        assert {row[1] for row in book[name][1:]} <= measures
    about = dict(row for row in book["说明"] if row[0])
    assert about["筛选条件"] == "安排资金：是"
    assert about["地址"] == f"{SITE}/measures/?has_budget=true"
    assert about["数据许可"] == UNLICENSED
    assert len(csv_rows(fetch("/measures/records.csv", q="财政局", category="fiscal"))) == 1


def test_a_document_s_records_stand_on_a_sheet_for_each_kind(fetch):
    book = sheets(fetch("/documents/whzbf-2023-2/records.xlsx"))
    assert {name: len(rows) - 1 for name, rows in book.items() if name != "说明"} == {
        "单位": 25,
        "文件": 1,
        "引用文件": 2,
        "政策措施": 1,
        "总则": 5,
        "措施": 23,
        "适用对象": 62,
        "适用条件": 53,
        "责任单位": 62,
        "安排资金": 6,
        "支持内容与标准": 82,
        "执行期限": 29,
        "截止日期": 3,
    }
    rows = csv_rows(fetch("/documents/wzrz-2023-1/records.csv"))
    assert {row["记录类别"] for row in rows} == {"单位", "文件", "人员", "职务", "任免"}
    assert sum(row["记录类别"] == "任免" for row in rows) == 25
    answer = json.loads(fetch("/documents/whzf-2023-2/records.json").content)
    assert {kind: len(records) for kind, records in answer["records"].items()} == {
        "unit": 1,
        "document": 1,
        "plan": 1,
        "project": 232,
        "target": 83,
    }


def test_no_heading_stands_twice_in_a_table():
    for kind in registry.kinds():
        if kind.columns:
            headings = ["记录类别", *Table(kind, None).headings]
            assert len(headings) == len(set(headings)), kind.name


def test_a_document_as_text_is_its_words(fetch):
    response = fetch("/documents/whzf-2023-2/text.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "filename*=utf-8''" in response["Content-Disposition"]
    text = response.content.decode("utf-8-sig")
    document = Document.objects.get(code="whzf-2023-2")
    passages = list(document.passages.order_by("order").values_list("text", flat=True))
    lines = text.split("\r\n")
    assert lines[: len(passages)] == passages
    assert lines[len(passages) :] == [
        "",
        f"来源：乌海市人民政府：《{document.title}》（乌海政发〔2023〕2号），公报原文",
        f"地址：{SITE}/documents/whzf-2023-2/",
        f"数据许可：{UNLICENSED}",
        "",
    ]


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_the_same_ledger_gives_the_same_bytes(fetch, format):
    for path in ("/measures/", "/documents/whzbf-2023-2/"):
        assert fetch(f"{path}records.{format}").content == fetch(f"{path}records.{format}").content


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-5%", "'-5%"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("增长6%以上", "增长6%以上"),
        ("2023-gdp", "2023-gdp"),
        ("", ""),
    ],
)
def test_no_text_is_taken_for_a_formula(text, shown):
    assert safe(text) == shown


def test_numbers_below_zero_stay_numbers():
    assert plain(-5) == -5
    assert plain(True) == "是"
    assert plain("") is None
    assert plain(date(2023, 1, 1)) == date(2023, 1, 1)


def test_a_formula_in_a_record_is_disarmed_in_every_format(fetch, make_budget):
    make_budget(purpose="=HYPERLINK(1)", published=True)
    assert "'=HYPERLINK(1)" in [row[5] for row in sheets(fetch(f"{BUDGETS}records.xlsx"))["安排资金"]]
    assert "'=HYPERLINK(1)" in [row["用途"] for row in csv_rows(fetch(f"{BUDGETS}records.csv"))]


def test_what_is_not_public_is_in_no_file(fetch, make_budget, make_target, make_appointment):
    make_budget(), make_target(), make_appointment()
    for path, _kind, _count in LISTS:
        assert "示例" not in fetch(f"{path}records.csv").content.decode()
        assert "示例" not in str(sheets(fetch(f"{path}records.xlsx")))
    draft = make_target().document
    for name in ("records.csv", "text.txt"):
        fetch(f"/documents/{draft.code}/{name}", 404)
    fetch("/plans/nothing/targets/records.csv", 404)
    fetch("/measures/records.pdf", 404)


def test_a_list_that_is_too_long_or_asked_wrongly_is_refused(fetch, monkeypatch):
    page = fetch("/measures/records.csv", 400, category="x").content.decode()
    assert "类别：“x”不在可选值之中" in page
    monkeypatch.setattr(downloads, "BOUND", 22)
    assert "请先加筛选条件" in fetch("/measures/records.xlsx", 400).content.decode()
    fetch("/measures/records.xlsx", category="fiscal")


@pytest.mark.parametrize("rows", [1, 12])
def test_a_file_takes_as_many_queries_for_more_rows(
    rows, fetch, make_target, make_assignment, publish, django_assert_num_queries
):
    for _ in range(rows):
        target = make_target()
        make_assignment(target=target)
    publish(target.document)
    path = f"/plans/{target.plan.code}/targets/records"
    with django_assert_num_queries(6):  # the plan, the count, the rows, assignments, their units, as of when
        fetch(f"{path}.xlsx")
    with django_assert_num_queries(34):  # the document, as of when; each kind, and what a row of it shows
        fetch(f"/documents/{target.document.code}/records.csv")


@pytest.mark.parametrize("path", [path for path, _kind, _count in LISTS])
def test_every_list_page_links_its_files_with_its_filters(client, path):
    page = client.get(path).content.decode()
    for name in ("csv", "xlsx", "json"):
        assert f'href="{path}records.{name}" download' in page
    page = client.get(path, {"q": "乌海", "page": "1", "utm_source": "x"}).content.decode()
    assert f"{path}records.csv?q=%E4%B9%8C%E6%B5%B7" in page or "没有符合这些条件的" in page


def test_the_reader_links_its_files(client):
    page = client.get("/documents/whzf-2023-2/").content.decode()
    assert 'href="text.txt"' in page
    assert 'href="/documents/whzf-2023-2/records.xlsx"' in page
