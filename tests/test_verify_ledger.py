"""The ledger proves the public state: every kind of tampering is named, and nothing is named without one."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gazette import corrections, publication
from gazette.ledger_check import misses
from gazette.models import Change, Document, DocumentStatus, LedgerHead, Mention, PublicRecord, SearchEntry, Tie, User
from gazette.search import index
from measures.models import Condition, Measure
from personnel.models import Appointment
from plans.models import Target

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent
TARGET = "2023-gdp-growth"
NAME = f"目标“{TARGET}”"


def last_line():
    return Change.objects.filter(kind="target", code=TARGET).latest("seq")


def record():
    return PublicRecord.objects.filter(kind="target", code=TARGET)


def test_what_is_public_is_what_the_ledger_says(capsys):
    call_command("verify_ledger")
    assert capsys.readouterr().out == "更新记录690条，公开记录690条，不符0处。\n"


def test_so_it_is_after_publication_withdrawal_and_correction(publish, make_target, make_assignment, capsys):
    sample = make_target(code="sample-t1")
    make_assignment(target=sample)
    publish(sample.document)
    document = Document.objects.get(code="whzbf-2023-2")
    publication.withdraw(document)
    publication.withdraw(sample.document)
    publication.publish(document)
    author, reviewer = (User.objects.create(username=name) for name in ("editor", "reviewer"))
    target = Target.objects.get(code=TARGET)

    def save():
        target.note = "示例"
        target.save()

    proposal = corrections.propose(target.document, "target", TARGET, reason="示例", by=author, save=save)
    assert list(misses("default")) == []
    corrections.accept(proposal, by=reviewer)
    assert list(misses("default")) == []


def test_it_exits_1_and_names_each_miss(capsys):
    record().update(revision=7)
    Tie.objects.filter(code=TARGET, field="value").update(rule="quantity")
    with pytest.raises(CommandError) as refused:
        call_command("verify_ledger")
    assert (str(refused.value), refused.value.returncode) == ("共有2处不符。", 1)
    assert capsys.readouterr().out == (
        f"✗ {NAME}的版次是 7，更新记录第{last_line().seq}条是 1。\n"
        "✗ 段落“whzf-2023-2-p8”库中的内容与公开时的摘要不符。\n"
        "更新记录690条，公开记录690条，不符2处。\n"
    )


def withdraw_line():
    line = last_line()
    Change.objects.filter(pk=line.pk).update(op="withdraw")


def second_line(op, **values):
    """One more line for the target, out of step with what is public."""
    line, head = last_line(), LedgerHead.objects.get()
    LedgerHead.objects.update(seq=head.seq + 1)
    line.pk, line.op, line.revision = head.seq + 1, op, 2
    for name, value in values.items():
        setattr(line, name, value)
    line.save(force_insert=True)


def forget_target():
    index.forget([("target", TARGET)])
    record().delete()
    Target.objects.filter(code=TARGET).update(place=None)


TAMPERING = {
    "a line is gone": (
        lambda: Change.objects.filter(seq=5).delete(),
        ["更新记录缺第5条。", "公开，更新记录中却没有它。"],
    ),
    "lines are gone": (
        lambda: Change.objects.filter(kind="unit", seq__in=[5, 6, 7]).delete(),
        ["更新记录缺第5条至第7条。", *["公开，更新记录中却没有它。"] * 3],
    ),
    "the head is ahead": (lambda: LedgerHead.objects.update(seq=691), ["更新记录头写的是第691条，最后一条是第690条。"]),
    "a revision is skipped": (
        lambda: Change.objects.filter(pk=last_line().pk).update(revision=2),
        ["应为第1版，写的是第2版。", "的版次是 1，更新记录第"],
    ),
    "a record is withdrawn in the ledger only": (
        lambda: second_line("withdraw"),
        ["公开，更新记录第691条却已把它撤回。", "的更新序号是", "的版次是 1，更新记录第691条是 2。"],
    ),
    "a record is published twice": (
        lambda: second_line("publish"),
        ["更新记录第691条：目标“2023-gdp-growth”当时已公开，不能发布。", "的更新序号是", "的版次是 1"],
    ),
    "a deleted code comes back": (
        lambda: (second_line("delete"), second_line("publish", revision=3), record().update(revision=3, seq=692)),
        ["更新记录第692条：目标“2023-gdp-growth”已删除，代码不能再用。"],
    ),
    "the hash of the ledger is another": (
        lambda: Change.objects.filter(pk=last_line().pk).update(hash="v1:0"),
        ["的内容摘要是 v1:"],
    ),
    "the hash of the record is another": (
        lambda: record().update(hash="v1:0"),
        ["的内容摘要是 v1:0，更新记录第", "库中的内容与公开时的摘要不符。"],
    ),
    "the table is edited": (
        lambda: Target.objects.filter(code=TARGET).update(note="改"),
        [f"{NAME}库中的内容与公开时的摘要不符。"],
    ),
    "a row below is edited": (
        lambda: Condition.objects.filter(measure__code="2023-consumption-1").update(text="改"),
        ["措施“2023-consumption-1”库中的内容与公开时的摘要不符。"],
    ),
    "the public words are edited": (
        lambda: record().update(body=record().get().body.replace("地区生产总值", "改")),
        [f"{NAME}公开的内容与库中的记录不符。"],
    ),
    "the address is edited": (lambda: record().update(path="/"), [f"{NAME}的页面是 /plans/2023/targets/"]),
    "a record is missing": (
        forget_target,
        [f"说{NAME}公开，公开记录中却没有它。", f"{NAME}在已发布的文件中，却没有公开。"],
    ),
    "a document's status is edited": (
        lambda: Document.objects.filter(code="wzrz-2023-1").update(status=DocumentStatus.WITHDRAWN),
        [
            "它的文件“wzrz-2023-1”却已撤回。",
            "公开，已发布的文件中却没有这条记录。",
            "文件“wzrz-2023-1”公开，却不在公开的列表中。",
        ],
    ),
    "a unit is mentioned no more": (
        lambda: Mention.objects.filter(kind="unit", code="finance-bureau").delete(),
        ["单位“finance-bureau”公开，已发布的文件中却没有这条记录。"],
    ),
    "a record leaves the lists": (
        lambda: Target.objects.filter(code=TARGET).update(place=None),
        [f"{NAME}公开，却不在公开的列表中。"],
    ),
    "a record stands elsewhere in the list": (
        lambda: Target.objects.filter(code=TARGET).update(part=9),
        [f"{NAME}在列表中的“部分”应为 0，库中写的是 9。"],
    ),
    "a measure is listed for a group that it does not name": (
        lambda: Measure.objects.filter(code="2023-consumption-7").update(for_farm=True),
        ["措施“2023-consumption-7”在列表中的“农业经营主体”应为 False，库中写的是 True。"],
    ),
}


def test_an_upgrade_places_anew_what_was_public_before_it():
    upgrade = import_module("measures.migrations.0003_audience_groups")
    kept = {
        model: list(model.objects.order_by("pk").values_list(*model.kept_by_publication))
        for model in (Document, Measure, Appointment)
    }
    Measure.objects.update(for_individual=None, for_farm=None)
    Appointment.objects.update(probation_until=None)
    upgrade.forget_places(apps, connection.schema_editor())
    assert not Document.objects.filter(place__isnull=False).exists()
    call_command("migrate", verbosity=0)
    for model, rows in kept.items():
        assert list(model.objects.order_by("pk").values_list(*model.kept_by_publication)) == rows
    assert Measure.objects.filter(for_individual=True).exists()
    assert list(misses("default")) == []


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_named(name):
    tamper, expected = TAMPERING[name]
    tamper()
    found = list(misses("default"))
    for sentence in expected:
        assert any(sentence in miss for miss in found), (sentence, found[:5])
    assert [miss for miss in found if not any(sentence in miss for sentence in expected)] == []
    for sentence in expected:
        assert len(found) >= expected.count(sentence)


def test_what_is_public_without_a_line_is_named(make_target, make_unit):
    draft, unit = make_target(code="sample-hidden"), make_unit(code="sample-hidden-unit")
    PublicRecord.objects.create(
        kind="target", code=draft.code, document=draft.document, revision=1, hash="v1:0", path="/x", body="{}", seq=1,
        published_at=last_line().at, changed_at=last_line().at,
    )  # fmt: skip
    Target.objects.filter(pk=draft.pk).update(place="sample")
    type(unit).objects.filter(pk=unit.pk).update(place="sample")
    entry = SearchEntry.objects.get(kind="target", code=TARGET)
    entry.pk, entry.code = None, "sample-searched"
    entry.save()
    assert list(misses("default")) == [
        "目标“sample-hidden”公开，更新记录中却没有它。",
        "目标“sample-hidden”公开，已发布的文件中却没有这条记录。",
        "单位“sample-hidden-unit”列在公开的列表中，却没有公开。",
        "目标“sample-searched”检索得到，却没有公开。",
    ]


def test_a_document_that_is_set_to_published_is_named(make_target):
    draft = make_target(code="sample-hidden")
    Document.objects.filter(pk=draft.document_id).update(status=DocumentStatus.PUBLISHED)
    assert "目标“sample-hidden”在已发布的文件中，却没有公开。" in list(misses("default"))


def test_an_empty_ledger_proves_nothing():
    PublicRecord.objects.all().delete()
    Change.objects.all().delete()
    with pytest.raises(CommandError) as refused:
        call_command("verify_ledger")
    assert str(refused.value) == "还没有发布过任何文件，没有可核对的更新记录。"


def test_the_queries_do_not_grow_with_the_records(make_plan, make_target, publish):
    plan = make_plan()

    def taken():
        with CaptureQueriesContext(connection) as caught:
            assert list(misses("default")) == []
        return len(caught)

    make_target(plan=plan)
    publish(plan.document)
    before = taken()
    for _ in range(12):
        make_target(plan=plan)
    publish(plan.document)
    assert taken() == before


# Nothing else makes a record public


def source_files():
    for app in ("gazette", "plans", "measures", "personnel", "wuhai_portal"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_only_publication_makes_rows_of_what_is_public():
    """Where a row of the projection, the ledger or its head is built, whoever would save it then."""
    makers = {
        name
        for name, text in source_files()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"PublicRecord", "LedgerHead", "Change", "Mention"}
        # A line without a number, made to name its operation, cannot be saved for want of all else.
        and not (name == "gazette/ledger_check.py" and [keyword.arg for keyword in node.keywords] == ["op"])
    }
    assert makers == {"gazette/publication.py"}


def test_only_publication_writes_the_state_of_a_document_and_the_places():
    """`place` and `status` decide what a list shows; elsewhere they are only read."""
    written = re.compile(
        r"update\([^)]*\b(?:place|status)=|document\.status(?:, [\w.]+)* = |\.place = |SET .*\b(?:place|status)\b"
    )
    assert {name for name, text in source_files() if written.search(text)} == {"gazette/publication.py"}


def test_no_statement_of_sql_names_the_tables_of_what_is_public():
    tables = re.compile(r"gazette_(?:publicrecord|change|ledgerhead|mention)\b")
    assert {name for name, text in source_files() if tables.search(text)} == set()
