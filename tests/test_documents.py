"""What the first three documents hold: every count that the design states, and what follows from them for a day."""

import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone

import measures.reading
import personnel.reading
from gazette.models import Document, Passage, Unit
from measures.models import (
    Budget,
    Deadline,
    InForce,
    Measure,
    MeasurePackage,
    Responsibility,
    ValidityWindow,
    in_force,
    window_state,
)
from personnel.models import Appointment, Holder, Person, Post, holders_on
from plans.models import KeyProject, Plan, Target

pytestmark = pytest.mark.django_db

DATA = (Path(__file__).resolve().parent.parent / "docs" / "data.md").read_text(encoding="utf-8")
FINANCE = "finance-bureau-deputy-director"


def test_three_documents():
    rows = Document.objects.order_by("code").values_list("code", "number", "kind", "issuer__code", "status")
    assert list(rows) == [
        ("whzbf-2023-2", "乌海政办发〔2023〕2号", "policy", "wuhai-government-office", "published"),
        ("whzf-2023-2", "乌海政发〔2023〕2号", "plan", "wuhai-government", "published"),
        ("wzrz-2023-1", "据乌政任字〔2023〕1号", "personnel", "wuhai-government", "published"),
    ]


def test_the_dates_of_the_documents_and_how_they_are_known():
    def dates(code):
        document = Document.objects.get(code=code)
        names = ("written", "released", "effective", "expires")
        return [(getattr(document, f"{name}_on"), getattr(document, f"{name}_basis")) for name in names]

    unknown = (None, "unknown")
    assert dates("whzf-2023-2") == [(date(2023, 1, 18), "head_date"), unknown, unknown, unknown]
    assert dates("whzbf-2023-2") == [
        (date(2023, 1, 20), "head_date"),
        unknown,
        (date(2023, 1, 20), "on_issue"),
        unknown,
    ]
    assert dates("wzrz-2023-1") == [unknown] * 4
    assert Document.objects.get(code="wzrz-2023-1").number_year == 2023
    assert Document.objects.read_until() == date(2023, 1, 20)


def test_what_the_paper_does_not_print_is_empty():
    for document in Document.objects.all():
        assert (document.index_number, document.subject, document.gazette_issue, document.based_on) == ("",) * 4
    assert "摘登" in Document.objects.get(code="wzrz-2023-1").note


# The plan


def table_of_parts():
    """The table “The plan by part” of docs/data.md: part → (targets, projects)."""
    section = DATA.split("计划各部分的目标与项目数")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d) [^|]*\| (\d+) \| (\d+) \|$", section, re.MULTILINE)
    return {int(part): (int(targets), int(projects)) for part, targets, projects in rows}


def test_targets_and_projects_of_each_part_are_those_of_the_docs():
    targets = Counter(Target.objects.values_list("passage__part", flat=True))
    projects = Counter(KeyProject.objects.values_list("passage__part", flat=True))
    assert {part: (targets[part], projects[part]) for part in range(7)} == table_of_parts()
    assert (targets.total(), projects.total()) == (83, 232)


def test_projects_of_each_kind_are_those_of_the_docs():
    kinds = Counter(project.get_kind_display() for project in KeyProject.objects.all())
    line = DATA.split("Projects by kind: ")[1].split("\n")[0].rstrip(".")
    assert dict(kinds) == {name: int(number) for name, number in (part.split(" ") for part in line.split(", "))}


def test_the_plan_has_six_parts():
    plan = Plan.objects.get()
    assert (plan.code, plan.year, plan.parts_count) == ("2023", 2023, 6)
    headings = Passage.objects.filter(document__code="whzf-2023-2", level=1).order_by("order")
    assert [(heading.part, heading.label) for heading in headings] == list(enumerate("一二三四五六", 1))


def test_the_opening_is_ten_expected_targets_and_nothing_else_is():
    headline = Target.objects.filter(headline=True)
    assert set(headline.values_list("code", flat=True)) == set(
        Target.objects.filter(passage__part=0).values_list("code", flat=True)
    )
    assert set(headline.values_list("nature", flat=True)) == {"expected"}
    assert set(Target.objects.filter(headline=False).values_list("nature", flat=True)) == {""}
    assert not KeyProject.objects.filter(passage__part=0).exists()


def same_as(model):
    return set(model.objects.exclude(same_as=None).values_list("code", "same_as__code"))


def test_one_promise_stated_twice_is_tied():
    assert same_as(Target) == {
        ("2023-urban-new-jobs-employment", "2023-urban-new-jobs"),
        ("2023-no-relapse-into-poverty-livelihood", "2023-no-relapse-into-poverty"),
    }
    assert same_as(KeyProject) == {
        ("2023-binhe-phase-2-low-carbon", "2023-binhe-phase-2"),
        ("2023-binhe-phase-2-city", "2023-binhe-phase-2"),
        ("2023-old-communities-60", "2023-old-communities"),
        ("2023-cancer-screening-centres-invest", "2023-cancer-screening-centres"),
    }


def test_both_records_of_new_jobs_keep_their_own_words():
    rows = Target.objects.filter(code__startswith="2023-urban-new-jobs").order_by("code")
    assert list(rows.values_list("as_written", "qualifier", "value", "due_basis", "commitment")) == [
        ("4000人以上", "at_least", 4000, "plan_year", ""),
        ("城镇新增就业4000人", "exact", 4000, "stated", "strive"),
    ]


@pytest.mark.parametrize(
    ("names", "value", "unit", "qualifier", "direction", "base_year"),
    [
        (("疏干水利用率",), 75, "%", "reach", "", None),
        (("再生水回用率",), 67, "%", "reach", "", None),
        (("“12345”热线解决率", "“12345”热线满意率"), 90, "%", "at_least", "", None),
        (("社区综合服务设施覆盖率", "社区综合服务设施达标率"), 100, "%", "keep", "level", None),
        (("万元地区生产总值用水量", "万元工业增加值用水量"), 12, "%", "exact", "decrease", 2020),
        (("能耗强度", "减排指标"), None, "", "assigned", "", None),
    ],
)
def test_figures_that_stand_for_two_targets(names, value, unit, qualifier, direction, base_year):
    rows = Target.objects.filter(name__in=names)
    assert rows.count() == len(names)
    found = rows.values_list("value", "unit", "qualifier", "direction", "base_year").distinct().order_by()
    assert list(found) == [(value, unit, qualifier, direction, base_year)]


@pytest.mark.parametrize(
    ("code", "value", "unit", "qualifier"),
    [
        ("2023-cluster-coal-chemical", 1000, "亿", "scale"),
        ("2023-chain-modern-energy", 100, "亿", "more_than"),
        ("2023-new-energy-base-scale", 10_000_000, "千瓦", "scale"),
        ("2023-organosilicon-base-scale", 100, "万吨", "scale"),
    ],
)
def test_values_in_words_are_marked_as_derived(code, value, unit, qualifier):
    target = Target.objects.get(code=code)
    assert (target.value, target.unit, target.qualifier, target.derived) == (value, unit, qualifier, True)


def test_only_values_in_words_are_marked_as_derived():
    for target in Target.objects.exclude(value=None):
        words_only = not any(char.isdigit() for char in target.as_written)
        assert target.derived is words_only, target.code


@pytest.mark.parametrize(
    ("code", "due", "precision", "basis"),
    [
        ("2023-industrial-output-2025", "2025", "year", "stated"),
        ("2023-haibowan-debt-red-line-exit", "2025", "before_year", "stated"),
        ("2023-dedicated-railways-2030", "2030", "year", "stated"),
        ("2023-high-standard-farmland", "", "none", "none"),
        ("2023-gdp-growth", "2023", "year", "plan_year"),
    ],
)
def test_dues(code, due, precision, basis):
    target = Target.objects.get(code=code)
    assert (target.due, target.due_precision, target.due_basis) == (due, precision, basis)


def test_the_key_projects_are_a_closed_list_that_the_text_does_not_print():
    listed = KeyProject.objects.get(listed=True)
    assert (listed.code, listed.count, listed.investment) == ("2023-key-projects-296", 296, 240_000_000_000)
    assert [project.code for project in listed.members.all()] == ["2023-projects-over-5-billion"]


@pytest.mark.parametrize("code", ["2023-project-investment", "2023-park-investment", "2023-park-industrial-output"])
def test_sums_without_a_stated_owner_say_so(code):
    target = Target.objects.get(code=code)
    assert target.part_of is None
    assert target.note


def test_the_plan_names_no_responsible_unit():
    assert not Target.objects.exclude(assignments=None).exists()
    assert not KeyProject.objects.exclude(assignments=None).exists()


# The measures


def test_23_measures_in_five_categories():
    package = MeasurePackage.objects.for_list().get()
    assert (package.measures_count, package.measures_total, package.budget_total) == (23, 23, 20_000_000)
    assert package.totals_by_category() == [
        ("fiscal", 2, None),
        ("finance", 4, None),
        ("consumption", 6, 20_000_000),
        ("enterprise", 7, None),
        ("livelihood", 4, None),
    ]
    assert list(Measure.objects.values_list("number", flat=True)) == list(range(1, 24))


def test_measures_stand_under_their_own_heading():
    for measure in Measure.objects.select_related("passage__parent"):
        assert measure.passage.parent.text.endswith(measure.get_category_display())
        assert measure.quote == measure.passage.text
        assert measure.passage.text.startswith(f"{measure.passage.label}{measure.title}。")


def test_the_money_set_aside():
    rows = Budget.objects.order_by("measure__number").values_list("measure__number", "amount")
    assert list(rows) == [
        (7, 4_000_000),
        (8, 1_000_000),
        (9, 3_000_000),
        (10, 4_000_000),
        (11, 1_000_000),
        (12, 7_000_000),
    ]


def test_9_measures_have_one_responsible_unit_and_14_share_and_none_leads():
    modes = defaultdict(set)
    for row in Responsibility.objects.select_related("measure"):
        modes[row.mode].add(row.measure.number)
    assert modes == {
        "sole": {2, 7, 9, 11, 12, 17, 18, 19, 20},
        "shared": {1, 3, 4, 5, 6, 8, 10, 13, 14, 15, 16, 21, 22, 23},
    }
    for measure in Measure.objects.filter(number__in=modes["sole"]):
        assert measure.responsibilities.count() == 1


def test_56_names_as_printed_62_resolved_23_units():
    rows = Responsibility.objects.all()
    assert len(set(rows.values_list("measure", "as_written"))) == 56
    assert rows.count() == 62
    assert len(set(rows.values_list("unit", flat=True))) == 23
    districts = rows.filter(as_written="各区人民政府")
    assert set(districts.values_list("measure__number", flat=True)) == {13, 15, 23}
    assert Counter(districts.values_list("unit__name", flat=True)) == {
        "海勃湾区人民政府": 3,
        "乌达区人民政府": 3,
        "海南区人民政府": 3,
    }


def test_the_responsible_units_are_those_that_the_reader_finds():
    """The program's own reading of each parenthesis against what people typed."""
    for measure in Measure.objects.prefetch_related("responsibilities"):
        note = measures.reading.read_responsibilities(measure.passage.text)
        typed = [row.as_written for row in measure.responsibilities.all()]
        assert [piece.text for piece in note.names] == list(dict.fromkeys(typed))
        (mode,) = {row.mode for row in measure.responsibilities.all()}
        assert measures.reading.MODE_WORDS[note.mode.text] == mode
        assert (note.label is not None) == (measure.number == 13)
        for piece in note.pieces:
            assert measure.passage.text[piece.start : piece.end] == piece.text


@pytest.mark.parametrize(
    ("text", "names", "mode", "label"),
    [
        ("示例。（市财政局负责）", ["市财政局"], "负责", None),
        ("示例。（甲、乙，丙按职责分工负责）", ["甲", "乙", "丙"], "按职责分工负责", None),
        ("示例。（责任单位：甲负责）", ["甲"], "负责", "责任单位："),
    ],
)
def test_a_responsibility_parenthesis(text, names, mode, label):
    note = measures.reading.read_responsibilities(text)
    assert [piece.text for piece in note.names] == names
    assert (note.mode.text, note.label and note.label.text) == (mode, label)
    assert text[note.start : note.end].startswith("（")
    assert all(text[piece.start : piece.end] == piece.text for piece in note.pieces)


@pytest.mark.parametrize("text", ["示例。", "示例（一期）。", "（甲负责）示例。", "示例（甲牵头）"])
def test_a_clause_without_a_responsibility_parenthesis(text):
    assert measures.reading.read_responsibilities(text) is None


NUMBERS = set(range(1, 24))


@pytest.mark.parametrize(
    ("day", "yes", "part", "unknown"),
    [
        (date(2022, 12, 31), set(), set(), {1, 13, 14}),
        (date(2023, 1, 10), set(), {13}, {1, 14}),
        (date(2023, 1, 19), set(), {13}, {1, 14}),
        (date(2023, 1, 20), NUMBERS - {13}, {13}, set()),
        (date(2023, 3, 15), NUMBERS, set(), set()),
        (date(2023, 6, 30), NUMBERS - {13}, {13}, set()),
        (date(2023, 7, 1), {2}, {1, 13, 14}, set()),
        (date(2023, 7, 15), {2}, {1, 13, 14}, set()),
        (date(2023, 7, 31), {2}, {1, 13, 14}, set()),
        (date(2023, 9, 1), {2}, {1, 14}, {13}),
        (date(2023, 12, 31), {2}, {1, 14}, {13}),
        (date(2024, 1, 1), set(), {1, 14}, set()),
        (date(2024, 6, 1), set(), {1, 14}, set()),
        (date(2025, 6, 1), set(), {14}, set()),
        (date(2025, 12, 31), set(), {14}, set()),
        (date(2026, 1, 1), set(), set(), set()),
    ],
)
def test_what_is_in_force_on_a_day(day, yes, part, unknown):
    states = defaultdict(set)
    for measure in Measure.objects.prefetch_related("windows"):
        states[measure.in_force(day)].add(measure.number)
    assert states == {
        state: numbers
        for state, numbers in {
            InForce.YES: yes,
            InForce.PART: part,
            InForce.UNKNOWN: unknown,
            InForce.NO: NUMBERS - yes - part - unknown,
        }.items()
        if numbers
    }
    assert set(Measure.objects.in_force_on(day).values_list("number", flat=True)) == yes | part


def test_today_is_the_default_day(make_measure, make_window):
    today = timezone.localdate()
    measure = make_measure()
    make_window(measure=measure, starts_on=today, start_basis="own", ends_on=today, end_basis="own")
    assert measure.in_force() == InForce.YES
    assert Measure.objects.in_force_on().filter(pk=measure.pk).exists()
    assert ValidityWindow.objects.in_force_on().filter(measure=measure).exists()


def window(start=None, end=None, continued=False, start_year=None, end_year=None):
    return SimpleNamespace(starts_on=start, ends_on=end, continued=continued, start_year=start_year, end_year=end_year)


SPRING = window(date(2023, 3, 1), date(2023, 5, 31))
CONTINUED = window(date(2023, 3, 1), date(2023, 5, 31), continued=True)
OPEN_START = window(None, date(2023, 5, 31))
OPEN_END = window(date(2023, 3, 1), None)
SEASON = window(start_year=2022, end_year=2023)


@pytest.mark.parametrize(
    ("given", "day", "state"),
    [
        (SPRING, date(2023, 2, 28), "no"),
        (SPRING, date(2023, 3, 1), "yes"),
        (SPRING, date(2023, 5, 31), "yes"),
        (SPRING, date(2023, 6, 1), "no"),
        (CONTINUED, date(2023, 2, 28), "unknown"),
        (CONTINUED, date(2023, 6, 1), "no"),
        (OPEN_START, date(2023, 5, 31), "unknown"),
        (OPEN_START, date(2023, 6, 1), "no"),
        (OPEN_END, date(2023, 2, 28), "no"),
        (OPEN_END, date(2023, 3, 1), "unknown"),
        (SEASON, date(2021, 12, 31), "no"),
        (SEASON, date(2022, 1, 1), "unknown"),
        (SEASON, date(2023, 12, 31), "unknown"),
        (SEASON, date(2024, 1, 1), "no"),
        (window(), date(2023, 1, 1), "unknown"),
    ],
)
def test_a_window_on_a_day(given, day, state):
    assert window_state(given, day) == state


@pytest.mark.parametrize(
    ("windows", "day", "state"),
    [
        ([], date(2023, 3, 15), "no"),
        ([SPRING], date(2023, 3, 15), "yes"),
        ([SPRING, SEASON], date(2023, 3, 15), "yes"),
        ([SPRING, SEASON], date(2024, 1, 1), "no"),
        ([SPRING, window(date(2023, 1, 1), date(2023, 1, 31))], date(2023, 3, 15), "part"),
        ([SPRING, SEASON], date(2023, 6, 1), "unknown"),
        ([SPRING, CONTINUED], date(2023, 1, 1), "unknown"),
    ],
)
def test_a_measure_on_a_day(windows, day, state):
    assert in_force(windows, day) == state


def validity(number):
    rows = ValidityWindow.objects.filter(measure__number=number)
    return [
        (
            row.part,
            row.starts_on and row.starts_on.isoformat(),
            row.start_basis,
            row.ends_on and row.ends_on.isoformat(),
            row.end_basis,
        )
        for row in rows
    ]


def test_the_windows_that_clauses_state_themselves():
    rest = ("", "2023-01-20", "inherited", "2023-06-30", "inherited")
    assert validity(1) == [
        ("小微企业“六税两费”减免政策", "2023-01-20", "inherited", "2024-12-31", "own"),
        rest,
    ]
    assert validity(2) == [("", "2023-01-20", "inherited", "2023-12-31", "own")]
    assert validity(13) == [
        ("代理购电工商业用户电费", "2023-01-01", "own", "2023-03-31", "own"),
        ("个体工商户到户气价、水价", "2023-02-01", "own", "2023-06-30", "own"),
        ("正常用热商业用户热费", None, "unknown", None, "unknown"),
        ("补缴相关欠款，在规定补缴期内免收违约金", "2023-01-20", "inherited", "2023-07-31", "own"),
        rest,
    ]
    assert validity(14) == [("用电免收需量（容量）电费", "2023-01-20", "inherited", "2025-12-31", "own"), rest]
    for number in (3, 18, 19):
        assert validity(number) == [("", "2023-01-20", "inherited", "2023-06-30", "own")]
    for number in NUMBERS - {1, 2, 3, 13, 14, 18, 19}:
        assert validity(number) == [rest]


def test_the_deadlines():
    rows = Deadline.objects.values_list("measure__number", "due", "softness")
    assert list(rows) == [(3, date(2023, 6, 30), "原则上"), (13, date(2023, 7, 31), ""), (2, date(2023, 12, 31), "")]


def test_ceilings_floors_and_limits_are_no_money_set_aside():
    from measures.models import Benefit, Condition

    def rows(model, number, unit="元"):
        found = model.objects.filter(measure__number=number, unit=unit).exclude(value=None)
        return sorted(found.values_list("value", "qualifier"))

    assert rows(Benefit, 7) == [(5000, "at_most")]
    assert rows(Benefit, 9) == [(1000, "at_most")]
    assert rows(Benefit, 10) == [(700, "at_most")]
    assert rows(Benefit, 20) == [(5000, "at_least")]
    assert rows(Condition, 5) == [(200_000, "at_most"), (3_000_000, "at_most")]
    raised = Benefit.objects.get(measure__number=22, value=200_000)
    assert (raised.value_before, raised.qualifier) == (150_000, "at_most")


# The appointments


def test_12_events_of_appointment_and_13_removals():
    kinds = Counter(Appointment.objects.values_list("kind", flat=True))
    assert kinds == {"appoint": 11, "concurrent": 1, "remove": 13}
    assert (Appointment.objects.entering().count(), Appointment.objects.leaving().count()) == (12, 13)
    assert (Person.objects.count(), Post.objects.count()) == (23, 15)
    assert Person.objects.filter(appointments=None).count() == 0
    assert Post.objects.filter(appointments=None).count() == 0


def test_one_person_in_both_halves():
    """张立明 gets two posts and leaves one; 张伟 is appointed concurrently."""
    rows = Appointment.objects.filter(person__name="张立明").order_by("code")
    assert list(rows.values_list("kind", "post__title")) == [
        ("appoint", "市自然资源总督察"),
        ("appoint", "市林业和草原局局长"),
        ("remove", "市乡村振兴局局长"),
    ]
    assert Person.objects.filter(name="张立明").count() == 1
    assert Appointment.objects.get(kind="concurrent").person.name == "张伟"


def test_no_event_has_a_date():
    rows = Appointment.objects.values_list("effective_on", "date_basis").distinct().order_by()
    assert list(rows) == [(None, "number_year")]
    assert {appointment.year for appointment in Appointment.objects.select_related("document")} == {2023}


def test_four_successions_follow():
    rows = Appointment.objects.successions().select_related("post", "person").order_by("code")
    predecessors = Appointment.objects.select_related("person").in_bulk([row.predecessor for row in rows])
    assert [(row.post.title, row.person.name, predecessors[row.predecessor].person.name) for row in rows] == [
        ("市林业和草原局局长", "张立明", "杨雪峰"),
        ("市乡村振兴局局长", "赵智", "张立明"),
        ("市地震局局长", "刘利雄", "马惠恩"),
        ("市交通运输综合行政执法支队支队长", "温逸", "王向东"),
    ]


def test_five_pairs_of_deputies_are_not_inferred():
    both = [
        post.title
        for post in Post.objects.filter(seats=None)
        if post.appointments.entering().exists() and post.appointments.leaving().exists()
    ]
    assert both == [
        "市财政局副局长",
        "市医疗保障局副局长",
        "市人力资源和社会保障局副局长",
        "市市场监督管理局副局长",
        "市退役军人事务局副局长",
    ]
    assert not Appointment.objects.successions().filter(post__title__in=both).exists()


def test_four_posts_have_no_successor_here():
    left = Post.objects.filter(appointments__kind="remove").exclude(appointments__kind__in=["appoint", "concurrent"])
    assert set(left.values_list("title", flat=True)) == {
        "市贸易促进会会长",
        "市妇幼保健院院长",
        "市第一中学校长",
        "市第六中学校长",
    }


def test_a_post_whose_unit_the_text_does_not_name_has_none():
    assert list(Post.objects.filter(unit=None).values_list("title", flat=True)) == ["市自然资源总督察"]


def test_the_events_are_those_that_the_reader_finds():
    """The program's own reading of each line against what people typed."""
    for passage in Passage.objects.filter(document__code="wzrz-2023-1", kind="paragraph").select_related("parent"):
        read = personnel.reading.read_line(passage.text, passage.parent.label)
        typed = Appointment.objects.filter(passage=passage).order_by("code").select_related("person", "post")
        assert [(event.person, event.post, event.kind, event.probation_months) for event in read] == [
            (row.person.name, row.post.title, row.kind, row.probation_months) for row in typed
        ]
        assert read


def test_the_seats_are_those_that_the_titles_say():
    for post in Post.objects.all():
        assert personnel.reading.seats_by_title(post.title) == post.seats


@pytest.mark.parametrize(
    ("line", "heading", "events"),
    [
        ("示例甲　为市示例局局长（试用期一年）；", "任命", [("示例甲", "市示例局局长", "appoint", 12)]),
        (
            "示  例  为市示例局局长、市示例办主任。",
            "任命",
            [("示例", "市示例局局长", "appoint", None), ("示例", "市示例办主任", "appoint", None)],
        ),
        ("示  例  兼任市示例局副局长。", "任命", [("示例", "市示例局副局长", "concurrent", None)]),
        ("示  例  市示例局局长职务；", "免去", [("示例", "市示例局局长", "remove", None)]),
        ("示  例  市示例局局长职务；", "附件", []),
        ("（据乌政任字〔2023〕1号）", "任命", []),
        ("", "任命", []),
    ],
)
def test_a_line_of_a_notice(line, heading, events):
    read = personnel.reading.read_line(line, heading)
    assert [(event.person, event.post, event.kind, event.probation_months) for event in read] == events


@pytest.mark.parametrize(
    ("title", "seats"),
    [
        ("市示例局局长", 1),
        ("市示例局副局长", None),
        ("市示例医院院长", 1),
        ("市示例总督察", None),
        ("市示例支队支队长", 1),
        ("市示例学院副院长", None),
    ],
)
def test_seats_by_title(title, seats):
    assert personnel.reading.seats_by_title(title) == seats


def test_probation_twice_for_a_year_from_an_unknown_start():
    rows = Appointment.objects.exclude(probation_months=None).order_by("code")
    assert [(row.person.name, row.probation_months, row.probation_ends_on) for row in rows] == [
        ("韩志林", 12, None),
        ("温逸", 12, None),
    ]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2022, 3, 1), 12, date(2023, 3, 1)),
        (date(2022, 1, 31), 1, date(2022, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2022, 12, 15), 1, date(2023, 1, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2022, 6, 30), 6, date(2022, 12, 30)),
        (date(2022, 3, 1), None, None),
    ],
)
def test_the_end_of_probation(make_appointment, start, months, end):
    assert make_appointment(effective_on=start, probation_months=months).probation_ends_on == end


# Who holds a post on a day

READ_UNTIL = date(2023, 1, 20)


def holders(code, day, read_until=READ_UNTIL):
    post = Post.objects.for_tenure().get(code=code)
    found = holders_on(post.public_events, day, read_until)
    return [(holder.person and holder.person.name, holder.certainty, holder.why) for holder in found]


def test_nobody_is_named_past_what_was_read():
    for post in Post.objects.for_tenure():
        assert holders_on(post.public_events, date(2023, 1, 21), READ_UNTIL) == [
            Holder(None, "no_later_record", "本站读到2023年1月20日为止，其后的任免尚未读到。")
        ]
    assert holders(FINANCE, date(2023, 1, 1), None) == [
        (None, "no_later_record", "本站尚未收录文件，其后的任免尚未读到。")
    ]


def test_within_the_year_of_a_notice_both_are_known_by_year_only():
    assert holders("earthquake-bureau-director", READ_UNTIL) == [
        ("刘利雄", "year_only", "仅知2023年任命，具体日期文中未载明。"),
        ("马惠恩", "year_only", "仅知2023年免去，具体日期文中未载明。"),
    ]


def test_before_the_year_of_a_notice_whoever_is_removed_held_the_post():
    for day in (date(2022, 12, 31), date(2000, 1, 1)):
        assert holders("earthquake-bureau-director", day) == [
            ("马惠恩", "start_unknown", "此后被免去该职务，何时任职已收录的文件未载明。")
        ]


def test_before_an_appointment_nothing_is_known():
    assert holders("natural-resources-chief-inspector", date(2022, 12, 31)) == [
        (None, "unknown", "已收录的文件未载明此日由谁任职。")
    ]


@pytest.fixture
def held(make_post, make_person, make_appointment, make_document, publish):
    """A post with published events, each as (name, kind, date or None, basis); the document is of the year 2020."""

    def make(*events):
        post, document = make_post(), make_document(kind="personnel", number="示例〔2020〕1号")
        people = {}
        for name, kind, day, basis in events:
            person = people.setdefault(name, None) or make_person(name=name)
            people[name] = person
            make_appointment(document=document, post=post, person=person, kind=kind, effective_on=day, date_basis=basis)
        publish(document)
        return post.code

    return make


def dated(name, kind, *day):
    return (name, kind, date(*day), "stated")


FIRST_DAY = ("示例甲", "known", "2018-05-01任职。")
SECOND = ("示例甲", "known", "2020-09-01任职。")
NOBODY = (None, "unknown", "已收录的文件未载明此日由谁任职。")
LEFT_LATER = ("示例甲", "start_unknown", "此后被免去该职务，何时任职已收录的文件未载明。")


@pytest.mark.parametrize(
    ("events", "days"),
    [
        # Appointed on a day, removed on another: the last day is that before the removal.
        (
            [dated("示例甲", "appoint", 2018, 5, 1), dated("示例甲", "remove", 2020, 3, 1)],
            {
                date(2018, 4, 30): [NOBODY],
                date(2018, 5, 1): [FIRST_DAY],
                date(2020, 2, 29): [FIRST_DAY],
                date(2020, 3, 1): [NOBODY],
            },
        ),
        # Appointed again after a removal.
        (
            [
                dated("示例甲", "appoint", 2018, 5, 1),
                dated("示例甲", "remove", 2019, 3, 1),
                dated("示例甲", "concurrent", 2020, 9, 1),
            ],
            {
                date(2018, 4, 30): [NOBODY],
                date(2018, 6, 1): [FIRST_DAY],
                date(2019, 6, 1): [NOBODY],
                date(2020, 9, 1): [SECOND],
                date(2022, 1, 1): [SECOND],
            },
        ),
        # Removed without a known start, then appointed again.
        (
            [dated("示例甲", "remove", 2019, 3, 1), dated("示例甲", "appoint", 2020, 9, 1)],
            {
                date(2018, 1, 1): [LEFT_LATER],
                date(2019, 3, 1): [NOBODY],
                date(2020, 9, 1): [SECOND],
            },
        ),
        # Only the year is known.
        (
            [("示例甲", "appoint", None, "number_year")],
            {
                date(2019, 12, 31): [NOBODY],
                date(2020, 1, 1): [("示例甲", "year_only", "仅知2020年任命，具体日期文中未载明。")],
                date(2020, 12, 31): [("示例甲", "year_only", "仅知2020年任命，具体日期文中未载明。")],
                date(2021, 1, 1): [("示例甲", "known", "2020年任职。")],
            },
        ),
        # A known start, and an end of which only the year is known.
        (
            [dated("示例甲", "appoint", 2018, 5, 1), ("示例甲", "remove", None, "number_year")],
            {
                date(2019, 12, 31): [FIRST_DAY],
                date(2020, 6, 1): [("示例甲", "year_only", "仅知2020年免去，具体日期文中未载明。")],
                date(2021, 1, 1): [NOBODY],
            },
        ),
        # A removal, and in the year after it an appointment on an unknown day.
        (
            [dated("示例甲", "remove", 2019, 3, 1), ("示例甲", "appoint", None, "number_year")],
            {
                date(2019, 6, 1): [NOBODY],
                date(2020, 6, 1): [("示例甲", "year_only", "仅知2020年任命，具体日期文中未载明。")],
                date(2021, 6, 1): [("示例甲", "known", "2020年任职。")],
            },
        ),
        # Not even the year.
        (
            [("示例甲", "appoint", None, "unknown")],
            {date(2019, 1, 1): [("示例甲", "unknown", "任命的日期文中未载明。")]},
        ),
        (
            [dated("示例甲", "appoint", 2018, 5, 1), ("示例甲", "remove", None, "unknown")],
            {date(2019, 1, 1): [("示例甲", "unknown", "免去的日期文中未载明。")]},
        ),
        # Two at once: deputies, or a gap in what was printed.
        (
            [dated("示例甲", "appoint", 2018, 5, 1), dated("示例乙", "appoint", 2019, 5, 1)],
            {
                date(2018, 6, 1): [FIRST_DAY],
                date(2019, 6, 1): [FIRST_DAY, ("示例乙", "known", "2019-05-01任职。")],
            },
        ),
        ([dated("示例甲", "concurrent", 2018, 5, 1)], {date(2018, 6, 1): [FIRST_DAY]}),
    ],
)
def test_holders_by_events(held, events, days):
    code = held(*events)
    assert {day: holders(code, day) for day in days} == days


def test_events_of_unpublished_documents_hold_no_post(make_appointment, make_post):
    appointment = make_appointment()
    assert holders(appointment.post.code, date(2022, 6, 1)) == [NOBODY]


def test_every_unit_that_answers_or_appoints_is_in_the_register():
    """What the texts name is public; 中心支行 and the like take no 市."""
    assert Unit.objects.count() == Unit.objects.public().count() == 36
    without_city = {
        "乌海供电公司",
        "乌海银行",
        "人民银行乌海市中心支行",
        "国家税务总局乌海市税务局",
        "中国银保监会乌海监管分局",
    }
    assert without_city < set(Unit.objects.values_list("name", flat=True))
