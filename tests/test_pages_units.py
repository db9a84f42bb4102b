"""A unit's page: all that it answers for, and the ways that lead there."""

import re

import pytest

from gazette.models import Unit
from measures.models import Measure
from plans.models import KeyProject, Target
from wuhai_portal import views


@pytest.fixture
def read_page(client, founding):
    """The text of a page that is there."""

    def read_it(path, status=200):
        response = client.get(path)
        assert response.status_code == status, path
        return response.content.decode()

    return read_it


def section(page, name):
    """The text of a section of a page, without its tags."""
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', page, re.S)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


@pytest.mark.parametrize("words", ["财政局", "市财政局"])
def test_an_alias_leads_to_the_unit(words, read_page):
    page = read_page(f"/units/?q={words}")
    assert "共1个符合条件" in page
    assert '<a class="row-name" href="/units/finance-bureau/">市财政局</a>' in page
    assert "没有符合这些条件的单位" in read_page("/units/?q=财证局")


def test_sole_and_shared_measures_with_their_state(read_page):
    measures = section(read_page("/units/commerce-bureau/?on=2023-03-15"), "measures")
    sole, shared = measures.split("与其他单位按职责分工负责")[:2]
    assert sole.startswith("负责的政策措施 由本单位负责")
    assert sole.count("执行中") + shared.count("执行中") == 7
    assert "可以看看" not in measures


def test_on_a_quiet_day_it_leads_to_another(read_page):
    page = read_page("/units/commerce-bureau/?on=2026-01-01")
    assert "这一天，下面的措施都已到期。" in page
    assert '<a href="?on=2023-06-30">2023年6月30日</a>（此前最后有措施执行的一天）' in page


def test_money_is_counted_once_and_is_no_budget_of_the_unit(read_page, make_budget, publish):
    measure = Measure.objects.get(number=7)
    unit = measure.responsibilities.get().unit
    before = section(read_page(unit.get_absolute_url()), "measures")
    assert "由本单位负责的 1500万元 （本站合计）" in before
    assert "与其他单位共同负责的 500万元 （本站合计），各单位的份额 文中未载明" in before
    assert "不是本单位的预算" in before
    make_budget(measure=measure, amount=10_000, position=9)
    publish(measure.document)
    assert "由本单位负责的 1501万元 （本站合计）" in section(read_page(unit.get_absolute_url()), "measures")
    assert "这些措施都未安排资金（原文未写）" in read_page("/units/housing-fund-center/")


def test_posts_with_who_came_and_went(read_page):
    posts = section(read_page("/units/finance-bureau/?on=2023-01-10"), "posts")
    assert "任命 韩志林 ，试用期12个月，日期 文中未载明 （仅据文号知为2023年）" in posts
    assert "免去 何志红" in posts


def test_what_staff_assigned_is_labelled_and_shows_its_due(read_page, make_assignment):
    unit = Unit.objects.get(code="finance-bureau")
    assert "本站也没有作出指定" in section(read_page(unit.get_absolute_url()), "assigned")
    make_assignment(target=Target.objects.get(code="2023-gdp-growth"), unit=unit)
    make_assignment(project=KeyProject.objects.get(code="2023-moer-city"), unit=unit)
    assigned = section(read_page(unit.get_absolute_url()), "assigned")
    assert "由本站指定，文件未载明。" in assigned
    assert "地区生产总值 至少6%" in assigned
    assert "完成时限 2023年（随计划年度）" in assigned
    assert "摩尔城" in assigned


def test_links_to_its_calendar_keep_the_day(read_page):
    page = read_page("/units/finance-bureau/?on=2023-03-15")
    assert 'href="/calendar/?unit=finance-bureau&on=2023-03-15"' in page.replace("&amp;", "&")
    assert 'href="/units/finance-bureau/calendar.ics"' in page
    assert 'href="/measures/?unit=finance-bureau&on=2023-03-15"' in page.replace("&amp;", "&")


def test_what_a_page_does_not_list_is_said(read_page, monkeypatch):
    monkeypatch.setattr(views, "SHOWN", 1)
    page = read_page("/units/finance-bureau/")
    assert "这里只列最早的1个" in page
    assert 'href="/personnel/posts/?unit=finance-bureau"' in page
    assert "查看全部职务" in page


@pytest.mark.parametrize("rows", [1, 12])
def test_a_unit_takes_a_fixed_number_of_queries(
    rows, client, founding, make_unit, make_measure, make_responsibility, make_budget, make_deadline, make_window,
    make_post, make_appointment, make_target, make_project, make_assignment, make_former_name, publish,
    django_assert_num_queries,
):  # fmt: skip
    unit = make_unit()
    for _ in range(rows):
        measure = make_measure()
        make_responsibility(measure=measure, unit=unit)
        for make in (make_budget, make_deadline, make_window):
            make(measure=measure)
        event = make_appointment(post=make_post(unit=unit))
        target, project = make_target(), make_project()
        make_assignment(target=target, unit=unit)
        make_assignment(project=project, unit=unit)
        make_former_name(unit=unit)
        former = make_unit(succeeded_by=unit, succession_note="示例依据")
        event_of_former = make_appointment(post=make_post(unit=former))
    for record in (measure, event, target, event_of_former):
        publish(record.document)
    # The unit, its aliases and its former names; whom it succeeded;
    # measures, windows, budgets; money; deadlines; documents; posts, their events, how far
    # the portal has read; targets; projects.
    with django_assert_num_queries(15):
        page = client.get(unit.get_absolute_url()).content.decode()
    assert page.count("示例事项") == rows
    assert page.count("曾用名：") == rows
    assert page.count("的职责，日期不明") == rows
