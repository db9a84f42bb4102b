"""The light of a report by rule: where a count or an amount that adds up can be set against a period. Pure.

A growth rate is never half done in June, a ceiling is no progress, a level is not made up bit by bit: how such a
target is doing is said by a person, with a source. A light depends on the day that a report is of, never on today.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .choices import Direction, DuePrecision, Light, Qualifier

COUNTS = frozenset("人个家户座套条辆件次项所处台场宗名对支片栋幢株") | {"万人", "万户"}
MONEY = frozenset(["元", "万元", "亿元"])
# What is to be reached from below. Of counts, 达到 tells a level (how many there are), not how many are added.
ADDED_UP = {
    **dict.fromkeys(COUNTS, {Qualifier.AT_LEAST, Qualifier.MORE_THAN, Qualifier.ABOUT, Qualifier.EXACT}),
    **dict.fromkeys(
        MONEY, {Qualifier.AT_LEAST, Qualifier.MORE_THAN, Qualifier.ABOUT, Qualifier.EXACT, Qualifier.REACH}
    ),
}
# A group of projects promises a number done only where its verb does: 加快建设 and 重点抓好 promise none.
FINISHING = ("完成", "建成", "新建", "打通", "盘活", "关停", "实现并网")


@dataclass(frozen=True)
class Rules:
    """By how many points of the whole a report may lag behind the days gone before the light turns."""

    yellow: int = 10
    red: int = 30


@dataclass(frozen=True)
class Goal:
    """A number to be reached within a period; `exceed` asks for more than it, `about` for no more than its vicinity."""

    value: Decimal
    starts: date
    due: date
    exceed: bool = False
    about: bool = False

    def reached(self, value: Decimal) -> bool:
        """Whether a value fulfils it."""
        return value > self.value if self.exceed else value >= self.value

    def done(self, value: Decimal) -> Decimal:
        """Which share of it a value is."""
        return value / self.value

    def elapsed(self, day: date) -> Decimal:
        """Which share of its days is gone at the end of a day: from 0 to 1."""
        days = (self.due - self.starts).days + 1
        gone = (day - self.starts).days + 1
        return Decimal(min(max(gone, 0), days)) / days


def target_goal(target, unit: str) -> Goal | None:
    """What a figure in `unit` about a target is measured by; None where no share of the target can be told."""
    if (
        target.value is None
        or target.value <= 0
        or unit != target.unit
        or target.qualifier not in ADDED_UP.get(unit, ())
        or target.direction not in ("", Direction.INCREASE)
        or target.basis
        or target.base_year
        or target.derived
        or (unit in COUNTS and target.value != int(target.value))
    ):
        return None
    due = due_day(target)
    # Money is counted by the year: the text does not say over how many years a later year's sum adds up.
    if due is None or (unit in MONEY and due.year != target.plan.year):
        return None
    return _goal(target, due, target.value, target.qualifier)


def project_goal(project, unit: str) -> Goal | None:
    """What a figure in `unit` about a group of projects is measured by; None where the text promises no number done."""
    if not project.count or unit not in COUNTS or not project.action.startswith(FINISHING):
        return None
    due = due_day(project)
    return None if due is None else _goal(project, due, Decimal(project.count), Qualifier.EXACT)


def _goal(record, due: date, value: Decimal, qualifier: str) -> Goal | None:
    starts = date(record.plan.year, 1, 1)
    if due < starts:
        return None
    return Goal(value, starts, due, qualifier == Qualifier.MORE_THAN, qualifier == Qualifier.ABOUT)


def due_day(record) -> date | None:
    """The last day by which a target or project is due; None where the text does not say."""
    if record.due_precision == DuePrecision.DAY:
        return date.fromisoformat(record.due)
    if record.due_precision == DuePrecision.YEAR:
        return date(int(record.due), 12, 31)
    if record.due_precision == DuePrecision.BEFORE_YEAR:
        return date(int(record.due) - 1, 12, 31)
    return None


def light(goal: Goal | None, value: Decimal | None, as_of: date, rules: Rules) -> str:
    """The light of a value as of a day; empty where the rules give none."""
    if goal is None or value is None or value < 0:
        return ""
    if goal.reached(value):
        return Light.DONE
    if as_of >= goal.due:
        # Whether a number is still 左右 is for people to say.
        return "" if goal.about else Light.RED
    behind = 100 * (goal.elapsed(as_of) - goal.done(value))
    if behind >= rules.red:
        return Light.RED
    return Light.YELLOW if behind >= rules.yellow else Light.GREEN
