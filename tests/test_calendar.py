"""The calendar: what stands on which day, what has no day, how it is turned, and how many queries a month takes."""

import re
from datetime import date
from html import unescape

import pytest
from django.utils import timezone

from gazette import publication
from gazette.models import Document, Unit
from wuhai_portal import entries as entries_module
from wuhai_portal.calendar import Month
from wuhai_portal.entries import EVERYTHING, Scope, entries_between, nearest_days

# A month with entries: the entries by 8 sources, the measures of packages, and the year's box: targets and projects
# stated and of the plans (4), the plans, windows and appointments without a day.
QUERIES_OF_A_MONTH = 8 + 1 + 7


@pytest.fixture
def read_page(client, founding):
    """The text of a page that is there."""

    def read_it(path, status=200):
        response = client.get(path)
        assert response.status_code == status, path
        return response.content.decode()

    return read_it


def cells_of(page):
    """The days of the grid that have entries: ISO day → what stands there, as a reader sees it."""
    table = re.search(r'<table class="calendar">(.*?)</table>', page, re.S)[1]
    found = {}
    for cell in re.findall(r"<td[^>]*>(.*?)</td>", table, re.S):
        rows = re.findall(r"<li>(.*?)</li>", cell, re.S)
        if rows:
            day = re.search(r'datetime="([^"]+)"', cell)[1]
            found[day] = [" ".join(unescape(re.sub(r"<[^>]+>", "", row)).split()) for row in rows]
    return found


def test_june_2023_as_the_documents_have_it(read_page):
    page = read_page("/calendar/?month=2023-06")
    assert cells_of(page) == {
        "2023-06-30": [
            "原则上截止 延期贷款还本付息日期最长可延至2023年6月30日 （3）实施延期还本付息",
            "总有效期止 乌海市进一步提信心扩消费稳增长二十三条措施 16条措施全部随此到期，3条措施部分随此到期",
            "最后一天 （3）实施延期还本付息 本条自定期限",
            "最后一天 （13）持续降低企业运营成本 仅指个体工商户到户气价、水价；本条自定期限",
            "最后一天 （18）实施公积金阶段性支持政策 本条自定期限",
            "最后一天 （19）减免计量器具检定检测费用 本条自定期限",
        ]
    }
    assert "<caption>2023年6月，共6条</caption>" in page
    assert page.count('<th scope="col">星期') == 7


def test_all_days_of_the_founding_documents_in_order(founding):
    found, more = entries_between(EVERYTHING, date(2023, 1, 1), date(2030, 12, 31))
    assert more is False
    assert [(entry.day.isoformat(), entry.label, entry.code) for entry in found] == [
        ("2023-01-01", "开始执行", "2023-consumption-13-w1"),
        ("2023-01-20", "总有效期起", "2023-consumption"),
        ("2023-02-01", "开始执行", "2023-consumption-13-w2"),
        ("2023-03-31", "最后一天", "2023-consumption-13-w1"),
        ("2023-06-30", "原则上截止", "2023-consumption-3-d1"),
        ("2023-06-30", "总有效期止", "2023-consumption"),
        ("2023-06-30", "最后一天", "2023-consumption-3-w1"),
        ("2023-06-30", "最后一天", "2023-consumption-13-w2"),
        ("2023-06-30", "最后一天", "2023-consumption-18-w1"),
        ("2023-06-30", "最后一天", "2023-consumption-19-w1"),
        ("2023-07-31", "截止", "2023-consumption-13-d1"),
        ("2023-07-31", "最后一天", "2023-consumption-13-w4"),
        ("2023-12-31", "截止", "2023-consumption-2-d1"),
        ("2023-12-31", "最后一天", "2023-consumption-2-w1"),
        ("2024-12-31", "最后一天", "2023-consumption-1-w1"),
        ("2025-12-31", "最后一天", "2023-consumption-14-w1"),
    ]


def test_what_is_due_in_the_year_stands_in_a_box_and_on_no_day(read_page):
    page = read_page("/calendar/?month=2023-12")
    assert cells_of(page) == {
        "2023-12-31": [
            "截止 参保单位采取分期或逐月等方式对缓缴的社会保险费予以补缴 （2）实施社保费缓缴政策",
            "最后一天 （2）实施社保费缓缴政策 本条自定期限",
        ]
    }
    box = page.split('id="in-year"')[1]
    assert "2023年内" in box
    assert "目标68个" in box
    assert "项目与任务61项" in box
    assert "力争2023年城镇新增就业4000人" in box
    assert "2025年前" in read_page("/calendar/?month=2025-05").split('id="in-year"')[1]


@pytest.mark.parametrize("kind", ["targets", "projects"])
def test_the_numbers_of_the_box_are_those_of_the_lists(kind, read_page):
    box = read_page("/calendar/?month=2023-12").split('id="in-year"')[1]
    address, words = re.search(rf'href="([^"]+/{kind}/\?[^"]+)">([^<]+)</a>', box).groups()
    assert f"共{re.search(r'[0-9]+', words)[0]}" in read_page(unescape(address))


def test_unknown_days_are_said_in_words(read_page):
    box = read_page("/calendar/?month=2023-12").split('id="in-year"')[1]
    assert "韩志林 市财政局副局长" in box
    assert "何时期满文中未载明" in box
    assert "正常用热商业用户热费" in box
    assert "仅知2022—2023年" in box
    assert "正常用热商业用户热费" in read_page("/calendar/?month=2022-12")


def test_an_empty_month_has_a_sentence_and_leads_to_the_nearest(read_page):
    page = read_page("/calendar/?month=2023-10")
    assert "2023年10月里，已公开的文件没有写明开始、到期或截止的日子。" in page
    assert '离它最近的有：<a href="?month=2023-07">2023年7月</a>、<a href="?month=2023-12">2023年12月</a>。' in page
    assert "<table" not in page
    assert "离它最近的有：<a" in read_page("/calendar/?year=1999")


def test_without_a_month_it_is_the_month_of_the_day(read_page, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: date(2023, 7, 5))
    page = read_page("/calendar/")
    assert "日历：2023年7月" in page
    assert "今天是2023年7月5日，在日历上已标出。" in page
    page = read_page("/calendar/?on=2023-06-30")
    assert "选定的是<strong>2023年6月30日</strong>，不是今天；在日历上已标出。" in page
    assert '<time datetime="2023-06-30" aria-current="date">' in page
    assert 'href="/measures/2023-consumption/?on=2023-06-30"' in page
    assert 'href="?on=2023-06-30&amp;month=2023-05"' in page
    page = read_page("/calendar/?on=2023-06-30&month=2023-03")
    assert "不是今天。" in page
    assert '<a href="?">看今天</a>' in page


def test_a_year_is_a_list(read_page):
    page = read_page("/calendar/?year=2023")
    assert re.findall(r'<h2 id="d([\d-]+)"', page) == [
        "2023-01-01", "2023-01-20", "2023-02-01", "2023-03-31", "2023-06-30", "2023-07-31", "2023-12-31"
    ]  # fmt: skip
    assert 'href="?year=2022"' in page
    assert '<table class="calendar"' not in page
    assert "22条措施全部随此开始，1条措施部分随此开始" in page


def test_of_one_unit(read_page):
    page = read_page("/calendar/?month=2023-06&unit=housing-fund-center")
    assert cells_of(page) == {"2023-06-30": ["最后一天 （18）实施公积金阶段性支持政策 本条自定期限"]}
    page = read_page("/calendar/?month=2023-06&unit=commerce-bureau")
    assert cells_of(page)["2023-06-30"] == ["总有效期止 乌海市进一步提信心扩消费稳增长二十三条措施 7条措施全部随此到期"]
    page = read_page("/calendar/?month=2023-10&unit=finance-bureau")
    assert "与市财政局有关的" in page


def test_what_is_assigned_to_a_unit_stands_in_its_year(read_page, make_assignment):
    from plans.models import Target

    unit = Unit.objects.get(code="finance-bureau")
    make_assignment(target=Target.objects.get(code="2023-gdp-growth"), unit=unit)
    box = read_page("/calendar/?month=2023-06&unit=finance-bureau").split('id="in-year"')[1]
    assert "由本站指定给该单位，文件未载明" in box
    assert "地区生产总值增长6%以上" in box


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("month=2023-13", "“2023-13”不是月份。月份写作 2023-03，从1949年至2199年。"),
        ("month=2023-3", "“2023-3”不是月份。"),
        ("month=202３-03", "“202３-03”不是月份。"),
        ("month=0001-01", "“0001-01”不是月份。"),
        ("year=23", "“23”不是年份。年份写作 2023，从1949年至2199年。"),
        ("unit=nobody", "没有代码为“nobody”的公开记录。"),
        ("on=2023-02-30", "“2023-02-30”不是日期。"),
    ],
)
def test_bad_values_are_said_and_answered_400(query, sentence, read_page):
    assert sentence in read_page(f"/calendar/?{query}", 400)


@pytest.mark.parametrize("path", ["?on=0001-01-01", "?on=9999-12-31", "?month=1949-01", "?month=2199-12", "?year=2199"])
def test_the_ends_of_time_are_pages_too(path, read_page):
    page = read_page(f"/calendar/{path}")
    assert "month=1948" not in page
    assert "2200" not in page


def test_days_of_targets_projects_and_probation(
    read_page, make_target, make_project, make_appointment, publish, make_plan
):
    plan = make_plan()
    due = {"due": "2021-05-06", "due_precision": "day", "due_basis": "stated"}
    target, project = (
        make_target(plan=plan, name="示例目标甲", **due),
        make_project(plan=plan, name="示例项目乙", **due),
    )
    event = make_appointment(effective_on=date(2020, 11, 30), probation_months=6)
    assert "示例" not in read_page("/calendar/?month=2021-05")
    publish(target.document)
    publish(event.document)
    assert cells_of(read_page("/calendar/?month=2021-05")) == {
        "2021-05-06": ["完成时限 示例目标甲 示例年度计划", "完成时限 示例项目乙 示例年度计划"],
        "2021-05-30": [f"试用期满 {event.person} {event.post} 试用期6个月"],
    }
    assert project.document == target.document


def test_what_is_withdrawn_is_on_no_day(read_page):
    for document in Document.objects.public():
        publication.withdraw(document)
    page = read_page("/calendar/?year=2023")
    assert "已公开的文件没有写明开始、到期或截止的日子。" in page
    assert "离它最近" not in page
    assert "年内</h2>" not in page


@pytest.mark.parametrize("rows", [1, 12])
def test_a_month_takes_a_fixed_number_of_queries(
    rows, client, founding, make_package, make_measure, make_window, make_deadline, make_target, publish,
    django_assert_num_queries,
):  # fmt: skip
    package = make_package(valid_from=date(2022, 6, 1), valid_until=date(2022, 6, 20))
    for _ in range(rows):
        measure = make_measure(package=package)
        make_window(measure=measure, starts_on=date(2022, 6, 2), start_basis="own")
        make_deadline(measure=measure)
        target = make_target(due="2022", due_precision="year", due_basis="stated")
    publish(package.document)
    publish(target.document)
    with django_assert_num_queries(QUERIES_OF_A_MONTH):
        page = client.get("/calendar/?month=2022-06").content.decode()
    assert page.count("示例事项") == rows


def test_an_empty_month_asks_each_source_for_its_nearest_days(client, founding, django_assert_num_queries):
    with django_assert_num_queries(8 + 2 * 8 + 7):
        client.get("/calendar/?month=2023-10")


def test_more_than_a_page_holds_is_said(read_page, monkeypatch):
    monkeypatch.setattr(entries_module, "LIMIT", 3)
    assert "条目多于" in read_page("/calendar/?month=2023-06")


def test_nearest_days_of_one_measure(founding):
    from measures.models import Measure

    scope = Scope(measure=Measure.objects.get(number=7))
    assert nearest_days(scope, date(2023, 3, 1), date(2023, 3, 31)) == (date(2023, 1, 20), date(2023, 6, 30))


def test_months_turn_over_the_year():
    assert Month(2023, 12).moved(1) == Month(2024, 1)
    assert Month(2023, 1).moved(-1) == Month(2022, 12)
    assert Month(1949, 1).moved(-1) is None
    assert Month(2199, 12).moved(1) is None


def codes_of(client, address):
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 200, response.content
    return [row["code"] for row in response.json()["results"]]


def test_the_api_gives_what_the_calendar_shows(
    client, founding, make_plan, make_target, make_project, make_appointment, publish
):
    plan = make_plan()
    due = {"plan": plan, "due": "2021-05-06", "due_precision": "day", "due_basis": "stated"}
    target, project = make_target(**due), make_project(**due)
    make_target(plan=plan, due="2021", due_precision="year", due_basis="stated")
    event = make_appointment(effective_on=date(2020, 11, 30), probation_months=6)
    publish(target.document)
    publish(event.document)
    month = "from=2021-05-01&{0}_to=2021-05-31"
    for address, code in {
        "targets/?due_" + month.format("due"): target.code,
        "projects/?due_" + month.format("due"): project.code,
        "appointments/?probation_" + month.format("probation"): event.code,
        "packages/?ends_from=2023-06-01&ends_to=2023-06-30": "2023-consumption",
        "packages/?starts_from=2023-01-01&starts_to=2023-01-31": "2023-consumption",
        "deadlines/?due_from=2023-06-01&due_to=2023-06-30": "2023-consumption-3-d1",
        "validity-windows/?starts_from=2023-02-01&starts_to=2023-02-28": "2023-consumption-13-w2",
        "validity-windows/?ends_from=2023-07-01&ends_to=2023-07-31": "2023-consumption-13-w4",
    }.items():
        assert codes_of(client, address) == [code], address
    for address in (
        "targets/?due_from=2021-05-07",
        "targets/?due_to=2021-05-05",
        "appointments/?probation_from=2021-05-31",
        "packages/?ends_from=2023-07-01",
    ):
        assert codes_of(client, address) == [], address
