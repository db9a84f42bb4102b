"""The docs say what the code does: each command, variable, filter, pattern, rule and reason is named in them."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.urls import resolve

from gazette.fixture_files import FIXTURES, read_json
from gazette.models import Document, Reason, Rule, Tie
from gazette.numerals import find_numerals
from gazette.verification import verify
from measures.models import Measure
from plans.reading import GOAL_PATTERNS, find_goals
from wuhai_portal import environment
from wuhai_portal.api import router

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DATA = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
OUR_APPS = {"gazette", "plans", "measures", "personnel", "wuhai_portal"}


def section(text, heading):
    """The text below a heading of the second or third level, to the next heading of its level or above."""
    match = re.search(rf"^(#+) {re.escape(heading)}.*?$(.*?)(?=^#{{1,2}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match, heading
    return match[2]


def rows(text):
    """The rows of a table, each as its cells; the head is left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


# README


def test_every_command_is_in_the_readme():
    named = {re.match(r"`(\w+)", cells[0])[1] for cells in rows(section(README, "Commands"))}
    assert named == {name for name, app in get_commands().items() if app in OUR_APPS}


def test_every_option_of_a_command_is_in_the_readme():
    described = {re.match(r"`(\w+)", cells[0])[1]: " ".join(cells) for cells in rows(section(README, "Commands"))}
    common = {action.dest for action in BaseCommand().create_parser("", "")._actions}
    for name, app in get_commands().items():
        if app in OUR_APPS:
            for action in load_command_class(app, name).create_parser("manage.py", name)._actions:
                if action.option_strings and action.dest not in common:
                    assert action.option_strings[-1] in described[name], (name, action.option_strings)


def test_every_variable_is_in_the_readme():
    named = {cells[0].strip("`") for cells in rows(section(README, "Environment"))}
    assert named == set(environment.KNOWN) | {"DATABASE_URL", "REDIS_URL"}


def test_every_path_that_the_readme_names_exists():
    for name in re.findall(r"`([\w./-]+/[\w./-]*|\w+\.(?:py|md|txt|toml))`", README):
        if "<" not in name and not name.startswith(("var/", "http")):
            assert (ROOT / name).exists(), name


def test_every_module_that_the_docs_name_exists():
    for text in (DATA, ARCHITECTURE):
        for name in re.findall(r"`((?:gazette|plans|measures|personnel|wuhai_portal|fixtures)/[\w./-]+)", text):
            assert (ROOT / name.rstrip(".")).exists(), name


# docs/api.md


def test_every_resource_and_parameter_is_in_the_api_docs():
    assert {prefix for prefix, _view, _name in router.registry} == set(
        re.findall(r"^### ([\w-]+)$", section(API, "Resources"), re.MULTILINE)
    )
    for prefix, view, _name in router.registry:
        line = re.search(rf"^- `GET /api/v1/{prefix}/`<br>parameters: (.*)$", API, re.MULTILINE)
        named = set(re.findall(r"`(\w+)`", line[1]))
        pages = {"page", "page_size"} if prefix == "search" else {"page", "page_size", "cursor"}
        assert named == {*view.filterset_class.base_filters, *view.day_parameters, *pages}, prefix


@pytest.mark.django_db
def test_every_field_of_a_resource_is_in_the_api_docs(client):
    for prefix, _view, _name in router.registry:
        asked = {"page_size": 1} | ({"q": "消费"} if prefix == "search" else {})
        results = client.get(f"/api/v1/{prefix}/", asked).json()["results"]
        fields = re.findall(r"`(\w+)`", re.search(r"^Fields: (.*)$", section(API, prefix), re.MULTILINE)[1])
        if results:
            assert [name for name in fields if name not in ("in_force", "holders")] == list(results[0]), prefix


# docs/data.md


@pytest.mark.django_db
def test_the_table_of_the_documents_is_what_verification_counts():
    table = {re.search(r"`([\w-]+)`", cells[0])[1]: [int(cell) for cell in cells[1:]] for cells in rows(DATA)[:3]}
    counted = {}
    for document in Document.objects.all():
        report = verify(document)
        counted[document.code] = [
            report.passages,
            report.records,
            report.quotes,
            report.ties,
            report.derived,
            report.numerals,
            report.numerals_recorded,
            report.numerals_explained,
        ]
    assert table == counted


def test_the_patterns_of_goals_are_those_of_the_docs():
    passages = read_json(FIXTURES / "whzf-2023-2.passages.json")
    places = Counter(goal.pattern for passage in passages for goal in find_goals(passage["text"]))
    table = {name: int(number) for name, number in rows(section(DATA, "Goals without a numeral"))}
    assert table == dict(places)
    assert list(table) == list(GOAL_PATTERNS)


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("推动充电桩小区全覆盖", ["全覆盖"]),
        ("保持“零就业家庭”动态清零", ["动态清零"]),
        ("完成自治区下达目标任务", ["完成…任务"]),
        ("争创国家级现代农业产业园", ["争创…"]),
        ("乌海市、乌达区退出债务风险红色等级", ["退出…"]),
        ("坚决守住不发生规模性返贫底线", ["不发生…"]),
        ("完成超低排放改造", ["完成…改造"]),
        ("建成黄河流域水污染预警溯源系统，创建成果，建成投产，建成区", ["建成…", "创建…"]),
        ("推动乌达区通过国家义务教育优质均衡评估验收", ["通过…验收"]),
        ("持续推进各项工作", []),
    ],
)
def test_find_goals(text, patterns):
    goals = find_goals(text)
    assert [goal.pattern for goal in goals] == patterns
    assert all(text[goal.start : goal.end] == goal.text for goal in goals)


def test_every_reason_is_in_the_docs():
    assert [cells[0] for cells in rows(section(DATA, "Numerals"))] == [str(reason.label) for reason in Reason]


@pytest.mark.django_db
def test_the_examples_of_the_reasons_stand_in_the_texts():
    for label, _meaning, examples in rows(section(DATA, "Numerals")):
        reason = next(reason for reason in Reason if reason.label == label)
        explained = [
            tie.passage.text[max(0, tie.start - 12) : tie.end + 12]
            for tie in Tie.objects.filter(reason=reason).select_related("passage")
        ]
        for example in examples.split(", "):
            if example != "—":
                assert any(example in text for text in explained), (label, example)
                assert find_numerals(example) or reason == Reason.HEADING, example


def test_every_rule_of_a_tie_is_in_the_docs():
    named = {name for cells in rows(section(DATA, "Rules of derivation")) for name in cells[0].split(", ")}
    derived = {"随总有效期", "随计划年度"}
    assert named == {str(rule.label) for rule in Rule} | derived


@pytest.mark.django_db
def test_the_table_of_days_is_what_is_in_force():
    """“1, 13 and 14 in part” and the like, read back."""
    for days, said in rows(section(DATA, "Measures")):
        for day in days.split(", "):
            answer = {}
            for part in said.split("; "):
                state = "part" if "in part" in part else "unknown" if "unknown" in part else "yes"
                numbers = range(1, 24) if part == "all 23" else map(int, re.findall(r"\d+", part.split("(")[0]))
                answer |= dict.fromkeys(numbers, state)
            found = {
                measure.number: str(measure.in_force(date.fromisoformat(day)))
                for measure in Measure.objects.prefetch_related("windows")
            }
            assert {number: state for number, state in found.items() if state != "no"} == answer, day


def test_every_page_address_that_the_readme_names_resolves():
    for path in re.findall(r"<http://127\.0\.0\.1:8000(/[^>]*)>", README):
        assert resolve(path)
