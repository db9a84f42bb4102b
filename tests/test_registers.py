"""Merging units and persons: what refers to one is moved, the ledger tells it, old addresses lead on, undo works."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command

from gazette import ledger_check, publication, registers
from gazette.admin_base import admin_url
from gazette.models import Change, Document, Mention, Merger, PublicRecord, Unit, UnitAlias, User
from gazette.registers import CannotMerge
from measures.models import Responsibility
from personnel.models import Appointment, Person


@pytest.fixture
def clerk(db):
    """Who merges."""
    return User.objects.create(username="合并人", is_staff=True, is_superuser=True)


@pytest.fixture
def pair(samples, clerk):
    """Two units for one organisation, each answering for a published measure; the first issued a document too."""
    gone, kept = samples.unit(code="sample-old", name="示例旧局"), samples.unit(code="sample-new", name="示例新局")
    samples.alias(unit=gone, name="示例旧称")
    first = samples.responsibility(unit=gone, code="sample-r1", measure=samples.measure(code="sample-m1"))
    samples.responsibility(unit=kept, code="sample-r2", measure=samples.measure(code="sample-m2"))
    samples._publish(first.document)
    return gone, kept


def lines(after):
    """The ledger's lines after a number."""
    fields = ("op", "origin", "kind", "code", "revision", "merged_into", "path")
    return list(Change.objects.filter(seq__gt=after).order_by("seq").values_list(*fields))


def head():
    """The ledger's last number."""
    return Change.objects.order_by("-seq").values_list("seq", flat=True).first()


def refused(function, *args, **kwargs):
    """The sentences of a refusal."""
    with pytest.raises(CannotMerge) as caught:
        function(*args, **kwargs)
    return list(caught.value.messages)


def test_a_unit_is_merged_with_what_refers_to_it(pair, clerk, samples):
    gone, kept = pair
    clerk.unit = gone
    clerk.save()
    draft = samples.document(issuer=gone, code="sample-draft")
    start = head()
    merger = registers.merge(gone, kept, reason="同一单位录入两次", by=clerk)
    assert lines(start) == [
        ("delete", "register", "unit", "sample-old", 2, "sample-new", "/units/sample-old/"),
        ("update", "register", "unit", "sample-new", 2, "", "/units/sample-new/"),
        ("update", "register", "measure", "sample-m1", 2, "", Change.objects.filter(code="sample-m1").first().path),
    ]
    assert merger.seq == start + 1
    assert not Unit.objects.filter(code="sample-old").exists()
    assert Unit.objects.get(code="sample-new").names == ("示例新局", "示例旧局", "示例旧称")
    moved = Responsibility.objects.get(code="sample-r1")
    assert (moved.unit, moved.history.first().history_change_reason) == (kept, "示例旧局并入示例新局：同一单位录入两次")
    draft.refresh_from_db()
    clerk.refresh_from_db()
    assert (draft.issuer, clerk.unit) == (kept, kept)
    assert sorted(Mention.objects.filter(code__in=["sample-old", "sample-new"]).values_list("code", flat=True)) == [
        "sample-new"
    ]
    assert not PublicRecord.objects.filter(code="sample-old").exists()
    assert list(ledger_check.misses("default")) == []


def test_the_old_address_leads_on_and_the_api_says_so(pair, clerk, client):
    gone, kept = pair
    registers.merge(gone, kept, reason="同一单位录入两次", by=clerk)
    answer = client.get("/units/sample-old/")
    assert (answer.status_code, answer.url) == (301, "/units/sample-new/")
    answer = client.get("/api/v1/units/sample-old/")
    assert answer.status_code == 410
    assert "删除并并入“sample-new”，不再公开。" in answer.json()["detail"]
    changes = client.get("/api/v1/changes/?code=sample-old").json()["results"]
    assert [(line["op"], line["origin"], line["merged_into"]) for line in changes][-1] == (
        "delete",
        "register",
        "sample-new",
    )


def test_a_merger_is_undone(pair, clerk, client):
    gone, kept = pair
    before = Unit.objects.filter(code="sample-old").values().get()
    merger = registers.merge(gone, kept, reason="同一单位录入两次", by=clerk)
    start = head()
    registers.undo(merger, by=clerk)
    assert lines(start) == [
        ("update", "register", "unit", "sample-new", 3, "", "/units/sample-new/"),
        ("publish", "register", "unit", "sample-old", 3, "", "/units/sample-old/"),
        ("update", "register", "measure", "sample-m1", 3, "", Change.objects.filter(code="sample-m1").first().path),
    ]
    assert Unit.objects.filter(code="sample-old").values().get() == before
    assert Unit.objects.get(code="sample-old").names == ("示例旧局", "示例旧称")
    assert Unit.objects.get(code="sample-new").names == ("示例新局",)
    assert Responsibility.objects.get(code="sample-r1").unit.code == "sample-old"
    assert client.get("/units/sample-old/").status_code == 200
    assert list(ledger_check.misses("default")) == []
    merger.refresh_from_db()
    assert merger.undone_by == clerk
    assert refused(registers.undo, merger, by=clerk) == ["这次合并已经撤销。"]


def test_a_merger_may_follow_its_undoing(pair, clerk):
    gone, kept = pair
    registers.undo(registers.merge(gone, kept, reason="一", by=clerk), by=clerk)
    merger = registers.merge(Unit.objects.get(code="sample-old"), kept, reason="二", by=clerk)
    assert list(ledger_check.misses("default")) == []
    registers.undo(merger, by=clerk)
    assert list(ledger_check.misses("default")) == []


def test_what_changed_since_forbids_the_undoing(pair, clerk, make_unit):
    gone, kept = pair
    merger = registers.merge(gone, kept, reason="同一单位录入两次", by=clerk)
    row = Responsibility.objects.get(code="sample-r1")
    row.unit = make_unit()
    row.save()
    UnitAlias.objects.get(name="示例旧局").delete()
    start = head()
    assert refused(registers.undo, merger, by=clerk) == [
        "合并以后另有改动，不能撤销：",
        "责任单位“sample-r1”已改指别处。",
        "别名“示例旧局”已有改动。",
    ]
    assert not Unit.objects.filter(code="sample-old").exists()
    assert lines(start) == []


def test_an_edit_of_what_was_moved_forbids_the_undoing(pair, clerk, samples):
    gone, kept = pair
    child = samples.unit(code="sample-child", name="示例下级", parent=gone)
    clerk.unit = gone
    clerk.save()
    merger = registers.merge(gone, kept, reason="同一单位录入两次", by=clerk)
    Responsibility.objects.filter(code="sample-r1").update(as_written="示例写法", mode="lead")
    Unit.objects.filter(pk=child.pk).update(note="示例说明")
    UnitAlias.objects.filter(name="示例旧称").update(name="示例曾称")
    User.objects.filter(pk=clerk.pk).update(first_name="示例", unit=kept)
    start = head()
    assert refused(registers.undo, merger, by=clerk) == [
        "合并以后另有改动，不能撤销：",
        "单位“sample-child”的“说明”已有改动。",
        "责任单位“sample-r1”的“原文写法”、“责任方式”已有改动。",
        "别名“示例旧称”已有改动。",
    ]
    merger.refresh_from_db()
    assert (merger.undone_at, lines(start)) == (None, [])
    assert Responsibility.objects.get(code="sample-r1").unit == kept
    Responsibility.objects.filter(code="sample-r1").update(as_written="示例旧局", mode="sole")
    Unit.objects.filter(pk=child.pk).update(note="")
    UnitAlias.objects.filter(name="示例曾称").update(name="示例旧称")
    registers.undo(merger, by=clerk)
    child.refresh_from_db()
    clerk.refresh_from_db()
    assert (child.parent, clerk.unit, clerk.first_name) == (gone, gone, "示例")


def test_a_document_in_review_is_not_changed(samples, clerk, make_unit):
    gone, kept = samples.unit(code="sample-old", name="示例旧局"), make_unit()
    row = samples.responsibility(unit=gone)
    issued = samples.document(issuer=gone, title="示例通知")
    own = Document.objects.filter(pk=row.document.pk)
    both = Document.objects.filter(pk__in=[own.get().pk, issued.pk])
    both.update(status="in_review", review_step=1, review_steps=3, review_round=1)
    said = "文件{}正在审核，其中的内容不能改动；请等审核办结，或退回草稿之后再办。"
    titles = "、".join(f"“{document.title}”" for document in both.order_by("pk"))
    assert refused(registers.merge, gone, kept, reason="示例", by=clerk) == [said.format(titles)]
    row.refresh_from_db()
    assert (row.unit, Merger.objects.count()) == (gone, 0)
    both.update(status="draft", review_step=0)
    merger = registers.merge(gone, kept, reason="示例", by=clerk)
    own.update(status="in_review", review_step=1)
    assert refused(registers.undo, merger, by=clerk) == [said.format(f"“{own.get().title}”")]
    row.refresh_from_db()
    assert row.unit == kept
    own.update(status="draft", review_step=0)
    registers.undo(merger, by=clerk)
    row.refresh_from_db()
    assert row.unit == gone


def test_a_row_that_refers_twice_is_moved_and_returned_whole(samples, clerk):
    gone, kept = samples.unit(), samples.unit()
    document = samples.document(issuer=gone, approved_by=gone)
    merger = registers.merge(gone, kept, reason="示例", by=clerk)
    document.refresh_from_db()
    assert (document.issuer, document.approved_by) == (kept, kept)
    registers.undo(merger, by=clerk)
    document.refresh_from_db()
    assert (document.issuer, document.approved_by) == (gone, gone)


def test_two_namesakes_are_merged(samples, clerk, client):
    gone = samples.person(code="sample-p1", name="示例人")
    kept = samples.person(code="sample-p2", name="示例人")
    event = samples.appointment(person=gone, code="sample-a1")
    samples.appointment(person=kept, code="sample-a2")
    samples._publish(event.document)
    start = head()
    merger = registers.merge(gone, kept, reason="同一人", by=clerk)
    assert [(op, kind, code, into) for op, _, kind, code, _, into, _ in lines(start)] == [
        ("delete", "person", "sample-p1", "sample-p2"),
        ("update", "appointment", "sample-a1", ""),
    ]
    assert client.get("/personnel/people/sample-p1/").url == "/personnel/people/sample-p2/"
    assert list(ledger_check.misses("default")) == []
    registers.undo(merger, by=clerk)
    assert Appointment.objects.get(code="sample-a1").person.code == "sample-p1"
    assert list(ledger_check.misses("default")) == []


@pytest.fixture
def desk(client, clerk):
    """A client that is logged in."""
    client.force_login(clerk)
    return client


def test_a_merger_is_done_and_undone_at_the_desk(desk, pair):
    gone, kept = pair
    page = desk.get(admin_url(Unit, "change", gone.pk)).content.decode()
    url = admin_url(Unit, "merge", gone.pk)
    assert f'<a href="{url}">合并到…</a>' in page
    assert desk.get(url).context["counts"] == [("责任单位的单位", 1)]
    answer = desk.post(url, {"survivor": "sample-none", "reason": "", "_preview": ""})
    assert answer.context["form"].errors == {
        "survivor": ["没有代码为“sample-none”的单位。"],
        "reason": ["该字段是必填项。"],
    }
    data = {"survivor": "sample-new", "reason": "同一单位录入两次"}
    page = desk.post(url, data | {"_preview": ""}).content.decode()
    assert "确定把“示例旧局”（sample-old）并入“示例新局”（sample-new）？" in page
    assert Unit.objects.filter(pk=gone.pk).exists()
    answer = desk.post(url, data | {"_confirm": ""}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["“示例旧局”已并入“示例新局”。"]
    merger = Merger.objects.get()
    assert (merger.reason, merger.by.username) == ("同一单位录入两次", "合并人")
    answer = desk.post(admin_url(Merger, "change", merger.pk), {"_undo": ""}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["合并已撤销，“示例旧局”恢复为单独的一条。"]
    answer = desk.post(admin_url(Merger, "change", merger.pk), {"_undo": ""})
    assert answer.context["refusals"] == ("这次合并已经撤销。",)


def test_a_refused_merger_says_why_on_its_page(desk, samples):
    one, _other = samples.person(name="示例甲"), samples.person(name="示例乙", code="sample-other")
    data = {"survivor": "sample-other", "reason": "示例", "_confirm": ""}
    answer = desk.post(admin_url(Person, "merge", one.pk), data)
    assert answer.context["form"].errors == {"__all__": ["“示例甲”与“示例乙”姓名不同，只有同名的人员可以合并。"]}


def test_who_has_no_right_merges_nothing(client, pair):
    gone, kept = pair
    reader = User.objects.create(username="reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=["view_unit", "change_unit", "view_merger"]))
    client.force_login(reader)
    assert "合并到…" not in client.get(admin_url(Unit, "change", gone.pk)).content.decode()
    data = {"survivor": "sample-new", "reason": "示例", "_confirm": ""}
    assert client.post(admin_url(Unit, "merge", gone.pk), data).status_code == 403
    merger = registers.merge(gone, kept, reason="示例", by=User.objects.get(username="合并人"))
    assert client.get(admin_url(Merger, "change", merger.pk)).status_code == 200
    assert client.post(admin_url(Merger, "change", merger.pk), {"_undo": ""}).status_code == 403


def test_what_cannot_be_merged_is_refused_in_words(pair, samples, clerk):
    gone, kept = pair
    start, count = head(), Merger.objects.count()
    child = samples.unit(name="示例下级", parent=gone)
    one, other = samples.person(name="示例甲"), samples.person(name="示例乙")
    merge = registers.merge
    assert refused(merge, gone, kept, reason=" ", by=clerk) == ["请写明合并理由。"]
    assert refused(merge, gone, gone, reason="一", by=clerk) == ["不能把一条并入它自己。"]
    assert refused(merge, gone, one, reason="一", by=clerk) == ["只能把单位并入单位、人员并入人员。"]
    assert refused(merge, samples.post(), samples.post(), reason="一", by=clerk) == [
        "只能把单位并入单位、人员并入人员。"
    ]
    assert refused(merge, one, other, reason="一", by=clerk) == ["“示例甲”与“示例乙”姓名不同，只有同名的人员可以合并。"]
    assert refused(merge, gone, child, reason="一", by=clerk) == ["“示例旧局”是“示例下级”的上级单位，不能并入它。"]
    measure = Responsibility.objects.get(code="sample-r2").measure
    samples.responsibility(unit=gone, code="sample-r3", measure=measure)
    assert refused(merge, gone, kept, reason="一", by=clerk) == [
        "责任单位“sample-r3”不能改为“示例新局”：该措施已列过这个责任单位。请先更正其中一条。"
    ]
    assert (head(), Merger.objects.count()) == (start, count)
    assert Unit.objects.get(code="sample-old").aliases.count() == 1


def test_founding_documents_are_still_proven_after_a_merger(clerk, make_unit):
    """The merged name becomes an alias, by which the words go on proving the field."""
    kept = make_unit(name="示例新局", code="sample-new")
    gone = Responsibility.objects.filter(document__status="published").first().unit
    merger = registers.merge(gone, kept, reason="示例", by=clerk)
    call_command("verify_sources")
    assert list(ledger_check.misses("default")) == []
    registers.undo(merger, by=clerk)
    call_command("verify_sources")
    assert list(ledger_check.misses("default")) == []


def test_a_unit_that_nobody_published_is_merged_quietly(samples, clerk):
    gone, kept = samples.unit(), samples.unit()
    document = samples.document(issuer=gone)
    start = head()
    merger = registers.merge(gone, kept, reason="示例", by=clerk)
    document.refresh_from_db()
    assert (document.issuer, merger.seq, lines(start)) == (kept, None, [])
    registers.undo(merger, by=clerk)
    document.refresh_from_db()
    assert document.issuer == gone


@pytest.fixture
def founding_merger(clerk):
    """A merger of two units of the founding documents; the merged one was public."""
    units = [Unit.objects.get(code=code) for code in ("hrss-bureau", "development-reform-commission")]
    return registers.merge(*units, reason="示例", by=clerk)


def founding_documents():
    """The documents in which the merged unit is named."""
    return list(Document.objects.filter(code__in=["whzbf-2023-2", "wzrz-2023-1"]).order_by("code"))


def steps(after, code="hrss-bureau"):
    """What the ledger says of a unit after a number."""
    fields = ("op", "origin", "revision")
    return list(Change.objects.filter(seq__gt=after, kind="unit", code=code).order_by("seq").values_list(*fields))


def test_after_an_undoing_the_documents_may_be_withdrawn_and_published(founding_merger, clerk):
    start = founding_merger.seq
    registers.undo(founding_merger, by=clerk)
    for document in founding_documents():
        publication.withdraw(document)
    for document in founding_documents():
        publication.publish(document)
    assert steps(start) == [("publish", "register", 3), ("withdraw", "review", 4), ("publish", "review", 5)]
    assert list(ledger_check.misses("default")) == []


def test_an_undoing_while_the_documents_are_withdrawn_lets_them_be_published(founding_merger, clerk):
    start = founding_merger.seq
    for document in founding_documents():
        publication.withdraw(document)
    registers.undo(founding_merger, by=clerk)
    assert steps(start) == []
    for document in founding_documents():
        publication.publish(document)
    assert steps(start) == [("publish", "review", 3)]
    assert list(ledger_check.misses("default")) == []


def test_a_merged_code_is_given_to_no_other_unit(founding_merger, samples):
    code = founding_merger.code
    row = samples.responsibility(unit=samples.unit(code=code, name="示例另局"))
    with pytest.raises(publication.CannotPublish) as caught:
        samples._publish(row.document)
    assert str(caught.value) == f"单位代码“{code}”曾用于已删除的公开记录，不能再用，请另取一个。"


@pytest.mark.parametrize(
    "tampered",
    [
        {"undone_at": None, "undone_by": None},
        {"seq": None},
        {"seq": 1},
        {"code": "development-reform-bureau"},
        {"survivor": "finance-bureau"},
        {"kind": "person"},
        None,
    ],
)
def test_a_code_returns_by_the_undone_merger_of_its_deletion_alone(founding_merger, clerk, tampered):
    registers.undo(founding_merger, by=clerk)
    back = Change.objects.get(seq__gt=founding_merger.seq, kind="unit", code="hrss-bureau").seq
    record = Merger.objects.filter(pk=founding_merger.pk)
    if tampered is None:
        record.delete()
    else:
        record.update(**tampered)
    assert list(ledger_check.misses("default")) == [f"更新记录第{back}条：单位“hrss-bureau”已删除，代码不能再用。"]


def test_an_undoing_excuses_no_later_merger(pair, clerk):
    gone, kept = pair
    registers.undo(registers.merge(gone, kept, reason="一", by=clerk), by=clerk)
    merger = registers.merge(Unit.objects.get(code="sample-old"), kept, reason="二", by=clerk)
    registers.undo(merger, by=clerk)
    back = Change.objects.filter(code="sample-old").latest("seq").seq
    Merger.objects.filter(pk=merger.pk).update(undone_at=None, undone_by=None)
    assert list(ledger_check.misses("default")) == [f"更新记录第{back}条：单位“sample-old”已删除，代码不能再用。"]
