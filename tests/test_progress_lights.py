"""Lights by rule: what a figure can be measured by, which light it gets, and where the rules have nothing to say."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from plans.lights import Goal, Rules, due_day, light, project_goal, target_goal

RULES = Rules(10, 30)
YEAR = Goal(Decimal(4000), date(2023, 1, 1), date(2023, 12, 31))


def target(**overrides):
    """A count that adds up over the plan's year."""
    values = {"value": Decimal(4000), "unit": "人", "qualifier": "at_least", "direction": "increase", "basis": ""}
    values |= {"base_year": None, "derived": False, "due": "2023", "due_precision": "year"}
    return SimpleNamespace(**values | {"plan": SimpleNamespace(year=2023)} | overrides)


def project(**overrides):
    values = {"count": 30, "action": "打通", "due": "2023", "due_precision": "year"}
    return SimpleNamespace(**values | {"plan": SimpleNamespace(year=2023)} | overrides)


@pytest.mark.parametrize(
    ("value", "as_of", "expected"),
    [
        # Half of the days are gone on 1 July (182 of 365): 49.86 %.
        (2000, date(2023, 7, 1), "green"),
        (1600, date(2023, 7, 1), "green"),  # 9.9 points behind
        (1594, date(2023, 7, 1), "yellow"),  # 10.01
        (795, date(2023, 7, 1), "yellow"),  # 29.98
        (794, date(2023, 7, 1), "red"),  # 30.01
        (0, date(2023, 1, 31), "green"),
        (0, date(2023, 7, 1), "red"),
        (3999, date(2023, 12, 30), "green"),
        (3999, date(2023, 12, 31), "red"),  # the day has come
        (3999, date(2024, 2, 1), "red"),
        (4000, date(2023, 3, 1), "done"),
        (4200, date(2024, 2, 1), "done"),
        (None, date(2023, 7, 1), ""),
        (-1, date(2023, 7, 1), ""),
    ],
)
def test_a_light_follows_from_the_share_done_and_the_days_gone(value, as_of, expected):
    assert light(YEAR, value if value is None else Decimal(value), as_of, RULES) == expected


def test_other_rules_give_other_lights():
    half = Decimal(1594), date(2023, 7, 1)
    assert [light(YEAR, *half, Rules(*points)) for points in ((11, 30), (10, 30), (5, 10))] == [
        "green",
        "yellow",
        "red",
    ]


def test_more_than_asks_for_more_and_about_is_judged_by_people():
    more = target_goal(target(qualifier="more_than"), "人")
    assert light(more, Decimal(4000), date(2023, 12, 31), RULES) == "red"
    assert light(more, Decimal(4001), date(2023, 12, 31), RULES) == "done"
    about = target_goal(target(qualifier="about"), "人")
    assert light(about, Decimal(3900), date(2023, 12, 31), RULES) == ""
    assert light(about, Decimal(3900), date(2023, 12, 30), RULES) == "green"


@pytest.mark.parametrize(
    "overrides",
    [
        {"unit": "%", "value": Decimal(6)},  # a growth rate, a ratio
        {"qualifier": "at_most"},  # a ceiling is no progress
        {"qualifier": "reach"},  # of a count, 达到 tells a level
        {"qualifier": "keep"},
        {"qualifier": "scale"},
        {"qualifier": "narrative", "value": None, "unit": ""},
        {"direction": "decrease"},
        {"direction": "level"},
        {"basis": "比2020年", "base_year": 2020},
        {"derived": True},
        {"value": Decimal("3.25")},  # 每千人口拥有医师3.25人 counts nobody
        {"value": Decimal(0)},
        {"unit": "万吨"},
        {"due": "", "due_precision": "none"},
        {"due": "2022", "due_precision": "year"},
        {"unit": "亿元", "due": "2025"},  # money of another year than the plan's
    ],
)
def test_what_does_not_add_up_over_a_period_has_no_goal(overrides):
    found = target(**overrides)
    assert target_goal(found, found.unit) is None
    assert light(None, Decimal(1), date(2023, 7, 1), RULES) == ""


def test_a_figure_in_another_unit_is_not_measured():
    assert target_goal(target(), "万人") is None


def test_money_of_the_plans_year_adds_up():
    found = target(unit="亿元", value=Decimal(115), qualifier="reach", direction="")
    assert target_goal(found, "亿元") == Goal(Decimal(115), date(2023, 1, 1), date(2023, 12, 31))


@pytest.mark.parametrize(
    ("due", "precision", "day"),
    [
        ("2023", "year", date(2023, 12, 31)),
        ("2025", "before_year", date(2024, 12, 31)),
        ("2023-06-30", "day", date(2023, 6, 30)),
        ("", "none", None),
    ],
)
def test_the_last_day_of_a_due(due, precision, day):
    assert due_day(SimpleNamespace(due=due, due_precision=precision)) == day


def test_a_group_of_projects_is_measured_where_its_verb_promises_a_number_done():
    assert project_goal(project(), "条") == Goal(Decimal(30), date(2023, 1, 1), date(2023, 12, 31))
    for overrides in ({"action": "加快建设"}, {"action": "重点抓好"}, {"count": None}, {"due_precision": "none"}):
        assert project_goal(project(**overrides), "条") is None
    assert project_goal(project(), "万元") is None
