"""What is public changes in one place only: the ledger without gaps, and the projection in step with the records."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from gazette import publication, registry
from gazette.models import (
    Change,
    Document,
    LedgerHead,
    Mention,
    Passage,
    PublicRecord,
    Tie,
    Unit,
    User,
)
from gazette.publication import CannotPublish, Outcome
from gazette.stored import canonical, content_hash, plain_decimal, stored_form
from measures.models import Measure
from personnel.models import Appointment, Person, Post
from plans.models import Target

from .conftest import PUBLISHED_AT

pytestmark = pytest.mark.django_db

LATER = PUBLISHED_AT + timedelta(days=1)
LATEST = PUBLISHED_AT + timedelta(days=2)


def head():
    return LedgerHead.objects.get().seq


def lines(after=0):
    """The ledger after a line, each as (seq, op, kind, code, revision)."""
    return list(Change.objects.filter(seq__gt=after).values_list("seq", "op", "kind", "code", "revision"))


def public(document):
    """The codes of the records of a document that are public, by kind."""
    return set(PublicRecord.objects.filter(document=document).values_list("kind", "code"))


def projection():
    return list(PublicRecord.objects.values().order_by("kind", "code"))


@pytest.fixture
def plan_document(make_plan, make_target, make_project, make_assignment):
    """A draft with a plan, two targets, a project, and a unit that it alone names."""
    plan = make_plan(code="sample-plan")
    target = make_target(plan=plan, code="sample-t1")
    make_target(plan=plan, code="sample-t2")
    make_project(plan=plan, code="sample-p1")
    make_assignment(target=target, unit=Unit.objects.get(code="finance-bureau"))
    return plan.document


# The founding documents


def test_the_first_publication_numbers_its_lines_without_a_gap():
    founding = lines()
    assert [line[0] for line in founding] == list(range(1, len(founding) + 1))
    assert head() == len(founding) == PublicRecord.objects.count() == 690
    assert {(line[1], line[4]) for line in founding} == {("publish", 1)}
    assert set(Change.objects.values_list("origin", "by", "at")) == {("founding", None, PUBLISHED_AT)}


def test_the_projection_holds_every_public_record():
    assert Counter(PublicRecord.objects.values_list("kind", flat=True)) == {
        "document": 3,
        "passage": 128,
        "plan": 1,
        "target": 83,
        "project": 232,
        "package": 1,
        "measure": 23,
        "budget": 6,
        "benefit": 82,
        "validity-window": 29,
        "deadline": 3,
        "appointment": 25,
        "unit": 36,
        "person": 23,
        "post": 15,
    }


@pytest.mark.parametrize("kind", registry.kinds(), ids=lambda kind: kind.name)
def test_the_projection_is_each_records_public_form(kind):
    rows = {row.code: row for row in PublicRecord.objects.filter(kind=kind.name)}
    if kind.form is None:
        assert rows == {}
        return
    records = {record.code: record for record in kind.model.objects.public().for_publication()}
    assert rows.keys() == records.keys()
    last = {line.code: line for line in Change.objects.filter(kind=kind.name).order_by("seq")}
    for code, row in rows.items():
        assert row.body == canonical(kind.form(records[code]))
        assert row.hash == last[code].hash == content_hash(stored_form(records[code], kind))
        assert (row.seq, row.revision, row.path) == (last[code].seq, last[code].revision, last[code].path)
        assert row.path == records[code].get_absolute_url()


@pytest.mark.parametrize(
    ("code", "mentions"),
    [
        ("whzf-2023-2", {"unit": 1}),
        ("whzbf-2023-2", {"unit": 25}),
        ("wzrz-2023-1", {"unit": 15, "person": 23, "post": 15}),
    ],
)
def test_the_mentions_of_a_founding_document(code, mentions):
    assert Counter(Mention.objects.filter(document__code=code).values_list("kind", flat=True)) == mentions


def test_who_is_mentioned_is_public_and_nobody_else(make_unit, make_person, make_post):
    for row in (make_unit(), make_person(), make_post()):
        assert not type(row).objects.public().filter(pk=row.pk).exists()
    assert (Unit.objects.public().count(), Person.objects.public().count(), Post.objects.public().count()) == (
        36,
        23,
        15,
    )


@pytest.mark.parametrize("code", ["whzf-2023-2", "whzbf-2023-2", "wzrz-2023-1"])
def test_publishing_again_writes_nothing(code):
    before, start = projection(), head()
    outcome = publication.publish(Document.objects.get(code=code), at=LATER)
    assert outcome == Outcome(start + 1, start)
    assert outcome.lines == 0
    assert (projection(), head(), len(lines())) == (before, start, start)


# Publishing


def test_publishing_writes_a_line_for_each_record_in_the_registrys_order(plan_document, publish):
    start = head()
    outcome = publish(plan_document)
    code = plan_document.code
    assert lines(after=start) == [
        (start + 1, "publish", "unit", plan_document.issuer.code, 1),
        (start + 2, "publish", "document", code, 1),
        (start + 3, "publish", "passage", f"{code}-p1", 1),
        (start + 4, "publish", "passage", f"{code}-p2", 1),
        (start + 5, "publish", "passage", f"{code}-p3", 1),
        (start + 6, "publish", "passage", f"{code}-p4", 1),
        (start + 7, "publish", "plan", "sample-plan", 1),
        (start + 8, "publish", "project", "sample-p1", 1),
        (start + 9, "publish", "target", "sample-t1", 1),
        (start + 10, "publish", "target", "sample-t2", 1),
    ]
    assert outcome == Outcome(start + 1, start + 10)
    assert head() == start + 10
    # The bureau is public already, by other documents.
    assert set(Mention.objects.filter(document=plan_document).values_list("kind", "code")) == {
        ("unit", plan_document.issuer.code),
        ("unit", "finance-bureau"),
    }
    plan_document.refresh_from_db()
    assert (plan_document.status, plan_document.review_step) == ("published", 0)
    assert plan_document.history.latest().status == "published"


def test_a_line_of_the_ledger_is_whole(plan_document):
    user = User.objects.create_user("sample-user")
    Document.objects.filter(pk=plan_document.pk).update(status="in_review", review_step=2)
    publication.publish(plan_document, by=user, at=LATER)
    target = Target.objects.get(code="sample-t1")
    line = Change.objects.get(kind="target", code="sample-t1")
    assert (line.at, line.op, line.origin, line.document, line.by, line.revision) == (
        LATER,
        "publish",
        "review",
        plan_document,
        user,
        1,
    )
    assert (line.path, line.hash) == (
        "/plans/sample-plan/targets/sample-t1/",
        content_hash(stored_form(target, registry.get("target"))),
    )
    row = PublicRecord.objects.get(kind="target", code="sample-t1")
    assert (row.document, row.published_at, row.changed_at, row.seq) == (plan_document, LATER, LATER, line.seq)


def test_a_change_writes_one_line_with_the_next_revision(plan_document, publish):
    publish(plan_document)
    before = PublicRecord.objects.get(kind="target", code="sample-t1")
    start = head()
    Target.objects.filter(code="sample-t1").update(value=11)
    assert publish(plan_document, at=LATER) == Outcome(start + 1, start + 1)
    assert lines(after=start) == [(start + 1, "update", "target", "sample-t1", 2)]
    after = PublicRecord.objects.get(kind="target", code="sample-t1")
    assert (json.loads(before.body)["value"], json.loads(after.body)["value"]) == ("10", "11")
    assert before.hash != after.hash
    assert (after.published_at, after.changed_at, after.seq) == (PUBLISHED_AT, LATER, start + 1)


def test_a_new_record_and_a_deleted_one_have_their_lines(plan_document, publish, make_target):
    publish(plan_document)
    start = head()
    gone = Target.objects.get(code="sample-t2")
    make_target(plan=gone.plan, passage=gone.passage, code="sample-t3")
    gone.delete()
    publish(plan_document, at=LATER)
    assert lines(after=start) == [
        (start + 1, "publish", "target", "sample-t3", 1),
        (start + 2, "delete", "target", "sample-t2", 2),
    ]
    assert not PublicRecord.objects.filter(code="sample-t2").exists()


def test_rows_without_a_list_of_their_own_are_part_of_the_record_above(
    publish, make_measure, make_condition, make_budget
):
    measure = make_measure(code="sample-m1", published=True)
    start = head()
    make_condition(measure=measure, passage=measure.passage, code="sample-c1")
    publish(measure.document)
    assert lines(after=start) == [(start + 1, "update", "measure", "sample-m1", 2)]
    assert json.loads(PublicRecord.objects.get(code="sample-m1").body)["conditions"][0]["code"] == "sample-c1"
    make_budget(measure=measure, passage=measure.passage, code="sample-b1")
    publish(measure.document)
    assert lines(after=start + 1) == [(start + 2, "publish", "budget", "sample-b1", 1)]


def test_a_changed_tie_is_a_change_of_its_passage(plan_document, publish, make_tie):
    publish(plan_document)
    start = head()
    passage = plan_document.passages.first()
    make_tie(passage=passage)
    publish(plan_document)
    assert lines(after=start) == [(start + 1, "update", "passage", passage.code, 2)]


def test_a_mention_that_ends_makes_the_unit_leave(publish, make_plan, make_target, make_assignment, make_unit):
    unit = make_unit(code="sample-leaving")
    plan = make_plan()
    assignment = make_assignment(target=make_target(plan=plan), unit=unit)
    publish(plan.document)
    assert Unit.objects.public().filter(pk=unit.pk).exists()
    assignment.delete()
    publish(plan.document)
    assert not Mention.objects.filter(code="sample-leaving").exists()
    assert not Unit.objects.public().filter(pk=unit.pk).exists()
    assert not PublicRecord.objects.filter(kind="unit", code="sample-leaving").exists()
    assert Change.objects.filter(code="sample-leaving").order_by("-seq").first().op == "withdraw"


def test_the_lock_is_taken_first_of_all(plan_document, publish):
    """An update of the head row before anything is read: who is second waits there and reads what the first wrote."""
    with CaptureQueriesContext(connection) as queries:
        publish(plan_document)
    statements = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "BEGIN"))]
    assert statements[0].startswith('UPDATE "gazette_ledgerhead"')


@pytest.mark.parametrize("rows", [2, 12])
def test_publishing_takes_as_many_queries_for_many_records_as_for_few(
    rows, publish, make_plan, make_target, django_assert_max_num_queries
):
    plan = make_plan()
    for _ in range(rows):
        make_target(plan=plan)
    with django_assert_max_num_queries(70):
        publish(plan.document)


def test_a_publication_that_fails_leaves_nothing(plan_document, publish):
    """The next number is taken already, against all rules: the database refuses, and nothing of it remains."""
    taken = Change.objects.get(seq=1)
    taken.seq = head() + 1
    taken.save(force_insert=True)
    before = projection(), len(lines()), Mention.objects.count(), head()
    with pytest.raises(IntegrityError):
        publish(plan_document)
    assert (projection(), len(lines()), Mention.objects.count(), head()) == before
    plan_document.refresh_from_db()
    assert plan_document.status == "draft"


# Withdrawing and publishing again


def test_withdrawing_takes_all_of_a_document_and_only_what_it_alone_named(plan_document, publish):
    publish(plan_document)
    start, was_public = head(), public(plan_document)
    outcome = publication.withdraw(plan_document, at=LATER)
    issuer = plan_document.issuer.code
    written = lines(after=start)
    assert outcome == Outcome(start + 1, start + 10)
    assert [line[0] for line in written] == list(range(start + 1, start + 11))
    assert {line[2:4] for line in written} == was_public | {("unit", issuer)}
    assert {(line[1], line[4]) for line in written} == {("withdraw", 2)}
    assert public(plan_document) == set()
    assert not PublicRecord.objects.filter(code=issuer).exists()
    assert PublicRecord.objects.filter(kind="unit", code="finance-bureau").exists()
    plan_document.refresh_from_db()
    assert plan_document.status == "withdrawn"


def test_the_mentions_of_a_withdrawn_document_make_nothing_public(plan_document, publish):
    publish(plan_document)
    publication.withdraw(plan_document)
    assert Mention.objects.filter(document=plan_document).count() == 2
    assert not Unit.objects.public().filter(code=plan_document.issuer.code).exists()
    for model in (Target, Passage, Document):
        assert not model.objects.public().of_document(plan_document).exists()


def test_publishing_again_continues_the_revisions(plan_document, publish):
    publish(plan_document)
    hashes = dict(PublicRecord.objects.filter(document=plan_document).values_list("code", "hash"))
    publication.withdraw(plan_document, at=LATER)
    start = head()
    publication.publish(plan_document, at=LATEST)
    assert {line[1::3] for line in lines(after=start)} == {("publish", 3)}
    rows = PublicRecord.objects.filter(document=plan_document)
    assert dict(rows.values_list("code", "hash")) == hashes
    assert set(rows.values_list("revision", "published_at", "changed_at")) == {(3, LATEST, LATEST)}


def test_a_founding_document_comes_back_as_it_was():
    document = Document.objects.get(code="wzrz-2023-1")
    before = {row["code"]: row["body"] for row in projection()}
    publication.withdraw(document)
    assert (Person.objects.public().count(), Post.objects.public().count(), Unit.objects.public().count()) == (0, 0, 25)
    publication.publish(document)
    assert {row["code"]: row["body"] for row in projection()} == before


# What a document's state does not allow


@pytest.mark.parametrize(
    ("status", "act", "message"),
    [
        ("draft", publication.publish, "文件“示例标题”现为草稿，须先送审才能发布。"),
        ("draft", publication.withdraw, "文件“示例标题”现为草稿，只有已发布的文件才能撤回。"),
        ("in_review", publication.withdraw, "文件“示例标题”现为审核中，只有已发布的文件才能撤回。"),
        ("withdrawn", publication.withdraw, "文件“示例标题”现为已撤回，只有已发布的文件才能撤回。"),
    ],
)
def test_a_state_that_does_not_allow_it(make_document, status, act, message):
    document = make_document(title="示例标题")
    Document.objects.filter(pk=document.pk).update(status=status)
    before = len(lines()), head(), projection()
    with pytest.raises(CannotPublish) as refused:
        act(document)
    assert str(refused.value) == message
    assert (len(lines()), head(), projection()) == before
    document.refresh_from_db()
    assert document.status == status


@pytest.mark.parametrize("status", ["in_review", "published", "withdrawn"])
def test_states_from_which_a_document_is_published(make_document, status):
    document = make_document()
    Document.objects.filter(pk=document.pk).update(status=status, review_step=int(status == "in_review"))
    publication.publish(document)
    document.refresh_from_db()
    assert (document.status, document.review_step) == ("published", 0)


# The hash and the public form


@pytest.mark.parametrize(
    ("stored", "digest"),
    [
        ({"a": 1}, "v1:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"),
        (
            {"value": "4000", "kind": "target", "code": "示例"},
            "v1:0814724fe78350bf0b046e48c76e7089424ef2c9cb89ed0cb2a3bf62b02ab1f0",
        ),
        (
            {"z": [], "a": {"中": "文", "b": [1, None, True, 'x"y']}},
            "v1:9a4384e624b514f299ddd933a7e1fd17d642346fbbd69c8d387f40e72c8e9b37",
        ),
    ],
)
def test_hash_vectors(stored, digest):
    """SHA-256 of the JSON with sorted keys, made with sha256sum; a mirror in any language gets the same."""
    assert content_hash(stored) == digest


def test_canonical_json_keeps_the_order_of_keys_and_the_characters():
    assert (
        canonical({"b": "乌海", "a": [1, None, False, "“x”"], "": {}}) == '{"b":"乌海","a":[1,null,false,"“x”"],"":{}}'
    )
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            canonical(number)
        with pytest.raises(ValueError, match="not JSON compliant"):
            content_hash({"value": number})


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (Decimal("82.8000"), "82.8"),
        (Decimal("4000.0000"), "4000"),
        (Decimal("0.0000"), "0"),
        (Decimal("10000000.0000"), "10000000"),
        (Decimal("5.16"), "5.16"),
        (Decimal("-1.50"), "-1.5"),
    ],
)
def test_plain_decimal(value, plain):
    assert plain_decimal(value) == plain


def stored(kind, code):
    record = registry.get(kind).model.objects.for_publication().get(code=code)
    return stored_form(record, registry.get(kind))


def test_the_stored_form_of_a_target():
    assert stored("target", "2023-urban-new-jobs-employment") == {
        "record": "target",
        "code": "2023-urban-new-jobs-employment",
        "document": "whzf-2023-2",
        "passage": "whzf-2023-2-p51",
        "start": 51,
        "quote": "力争2023年城镇新增就业4000人",
        "plan": "2023",
        "name": "城镇新增就业",
        "value": "4000",
        "value_max": None,
        "unit": "人",
        "qualifier": "exact",
        "direction": "increase",
        "commitment": "strive",
        "basis": "",
        "base_year": None,
        "due": "2023",
        "due_precision": "year",
        "due_basis": "stated",
        "headline": False,
        "nature": "",
        "as_written": "城镇新增就业4000人",
        "derived": False,
        "same_as": "2023-urban-new-jobs",
        "part_of": None,
        "note": "计划开头的主要预期目标作“4000人以上”。",
    }


def test_the_stored_form_of_a_unit_and_of_an_appointment():
    assert stored("unit", "finance-bureau") == {
        "record": "unit",
        "kind": "department",
        "code": "finance-bureau",
        "name": "市财政局",
        "parent": None,
        "note": "",
        "aliases": ["财政局"],
    }
    assert stored("appointment", "wzrz-2023-1-a02") == {
        "record": "appointment",
        "kind": "appoint",
        "code": "wzrz-2023-1-a02",
        "document": "wzrz-2023-1",
        "passage": "wzrz-2023-1-p4",
        "start": 0,
        "quote": "李  锴  为市人力资源和社会保障局副局长；",
        "person": "li-kai",
        "post": "hrss-bureau-deputy-director",
        "unit_as_written": "市人力资源和社会保障局",
        "probation_months": None,
        "effective_on": None,
        "date_basis": "number_year",
    }


@pytest.mark.parametrize(
    "kind", [kind for kind in registry.kinds() if kind.form is not None], ids=lambda kind: kind.name
)
def test_a_stored_form_holds_no_address_no_id_and_no_name_of_another_record(kind):
    for record in kind.model.objects.public().for_publication():
        form = stored_form(record, kind)
        text = canonical(form)
        assert '"url"' not in text
        assert "/plans/" not in text
        assert "id" not in form
        assert json.loads(text) == form


def test_anothers_new_name_shows_without_being_a_change(publish):
    """A unit is renamed: its own hash moves; those of the records that name it do not, and they show the name."""
    measure, before = Measure.objects.get(code="2023-consumption-8"), head()
    row = PublicRecord.objects.get(kind="measure", code=measure.code)
    unit = Unit.objects.get(code="commerce-bureau")
    unit.name = "示例商务局"
    unit.save()
    publication.publish(measure.document, at=LATER)
    assert lines(after=before) == [(before + 1, "update", "unit", "commerce-bureau", 2)]
    after = PublicRecord.objects.get(pk=row.pk)
    assert (after.hash, after.revision, after.changed_at, after.seq) == (row.hash, row.revision, PUBLISHED_AT, row.seq)
    assert "示例商务局" in after.body
    assert "示例商务局" not in row.body


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        (
            lambda: Appointment.objects.filter(code="wzrz-2023-1-a01").update(probation_months=6),
            "appointment",
            "wzrz-2023-1-a01",
        ),
        (lambda: Person.objects.filter(code="li-kai").update(note="示例"), "person", "li-kai"),
        (
            lambda: Post.objects.filter(code="earthquake-bureau-director").update(seats=2),
            "post",
            "earthquake-bureau-director",
        ),
        (lambda: Document.objects.filter(code="wzrz-2023-1").update(subject="示例"), "document", "wzrz-2023-1"),
        (lambda: Tie.objects.filter(code="wzrz-2023-1-a01", field="person").delete(), "passage", "wzrz-2023-1-p3"),
        (
            lambda: Unit.objects.get(code="earthquake-bureau").aliases.create(name="示例别名"),
            "unit",
            "earthquake-bureau",
        ),
    ],
)
def test_each_stored_field_moves_the_hash_of_its_record_only(change, kind, code):
    before = head()
    change()
    publication.publish(Document.objects.get(code="wzrz-2023-1"))
    assert lines(after=before) == [(before + 1, "update", kind, code, 2)]


def test_the_state_of_review_is_no_content():
    document = Document.objects.get(code="wzrz-2023-1")
    form = stored("document", "wzrz-2023-1")
    assert {"status", "review_step", "id"} & form.keys() == set()
    assert document.status == "published"


def test_days_are_iso_in_the_stored_form():
    form = stored("package", "2023-consumption")
    assert (form["valid_from"], form["valid_until"]) == ("2023-01-20", "2023-06-30")
    assert date.fromisoformat(form["valid_from"]) == datetime(2023, 1, 20).date()


# Register entries between documents


def test_a_person_named_by_two_documents_stays_until_both_are_withdrawn(
    publish, make_appointment, make_person, make_document
):
    person = make_person(code="sample-shared")
    first, second = (make_document(kind="personnel") for _ in range(2))
    for document in (first, second):
        make_appointment(document=document, person=person)
        publish(document)
    publication.withdraw(first)
    assert PublicRecord.objects.filter(kind="person", code="sample-shared").exists()
    publication.withdraw(second)
    assert not PublicRecord.objects.filter(kind="person", code="sample-shared").exists()
    assert [line[1:] for line in lines() if line[3] == "sample-shared"] == [
        ("publish", "person", "sample-shared", 1),
        ("withdraw", "person", "sample-shared", 2),
    ]


def test_a_report_is_published_with_its_plan_once_accepted(publish, make_report, make_target):
    target = make_target()
    make_report(target=target, code="sample-accepted")
    make_report(target=target, code="sample-waiting", accepted_at=None)
    publish(target.document)
    assert set(PublicRecord.objects.filter(kind="progress-report").values_list("code", flat=True)) == {
        "sample-accepted"
    }
