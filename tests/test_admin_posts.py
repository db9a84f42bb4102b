"""How much a save asks of the database: nothing for each row that nobody touched, and the same for each that was."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from test_admin import ROWS, desk, errors_of, form_data, superuser  # noqa: F401 - fixtures

from gazette.admin_base import admin_url
from gazette.models import Document, Passage, Unit
from measures.models import Measure, MeasurePackage
from personnel.models import Appointment
from plans.models import KeyProject, Target

SIZES = (1, 10, 20)
# Rows of one kind → the field of each that the tests change.
CHANGED = {
    "responsibilities": "as_written",
    "budgets": "purpose",
    "audiences": "name",
    "conditions": "text",
    "benefits": "name",
    "windows": "part",
    "deadlines": "action",
    "general_rules": "name",
    "aliases": "name",
    "assignments": "note",
}


def make_measure(samples, rows):
    """A measure with so many rows of each kind."""
    measure = samples.measure()
    for maker in ROWS.values():
        for _ in range(rows):
            getattr(samples, maker)(measure=measure, passage=measure.passage)
    return measure


def make_with(maker, rows_maker, name):
    """A maker of records with so many rows."""

    def make(samples, rows):
        record = getattr(samples, maker)()
        for _ in range(rows):
            getattr(samples, rows_maker)(**{name: record})
        return record

    return make


def make_document(samples, passages):
    """A document with so many passages."""
    document = samples.document()
    for _ in range(passages):
        samples.passage(document=document)
    return document


def make_passage(samples, passages):
    """The first of so many passages, each quoted by a target."""
    document = make_document(samples, passages)
    plan = samples.plan(document=document, passage=document.passages.first(), year=2031)
    for passage in document.passages.all():
        samples.target(plan=plan, passage=passage)
    return document.passages.first()


def touched(data):
    """What a browser posts where one field of every row was changed."""
    return data | {
        name: f"{value}改" for name, value in data.items() if CHANGED.get(name.split("-")[0]) == name.split("-")[-1]
    }


def saved(desk, record, change=dict):  # noqa: F811
    """How many queries the save of a record's form takes, content types, session and user included."""
    page = desk.get(admin_url(type(record), "change", record.pk))
    data = change(form_data(page))
    with CaptureQueriesContext(connection) as caught:
        answer = desk.post(page.request["PATH_INFO"], data)
    assert answer.status_code == 302, errors_of(answer)
    return len(caught)


@pytest.mark.parametrize(
    ("model", "make", "expected", "each"),
    [
        # Each row of each kind: one query for the uniqueness of its code and of its place, one for all its checks
        # within a savepoint, its update and its line of history; a responsibility also for its unit.
        (Measure, make_measure, 33, 44),
        (MeasurePackage, make_with("package", "general_rule", "package"), 23, 4),
        (Unit, make_with("unit", "alias", "unit"), 25, 3),
        (Target, make_with("target", "assignment", "target"), 24, 6),
        (KeyProject, make_with("project", "assignment", "project"), 24, 6),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_untouched_rows_cost_nothing_and_touched_ones_the_same_each(model, make, expected, each, desk, samples):  # noqa: F811
    saved(desk, make(samples, 1))  # Content types are asked for once in a process.
    records = [make(samples, rows) for rows in SIZES]
    unchanged = [saved(desk, record) for record in records]
    changed = [saved(desk, record, touched) for record in records]
    assert unchanged == [expected] * len(SIZES)
    assert changed == [expected + each * rows for rows in SIZES]


@pytest.mark.parametrize(
    ("model", "make", "change", "expected"),
    [
        (Document, make_document, {"title": "示例新标题"}, 23),
        (Passage, make_passage, {}, 23),
        # … each kind of record that may quote the passage, and its ties
        (Passage, make_passage, {"text": "改过的示例段落。"}, 40),
        (Appointment, lambda samples, size: samples.appointment(), {}, 26),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_save_does_not_grow_with_the_document(model, make, change, expected, desk, samples):  # noqa: F811
    records = [make(samples, size) for size in (1, *SIZES)]
    counts = [saved(desk, record, lambda data: data | change) for record in records][1:]
    assert counts == [expected] * len(SIZES)
