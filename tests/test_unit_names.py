"""Units change their names and succeed each other: pages, search, tables and the ledger say so, and nothing moves."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gazette import ledger_check, registers, registry, renaming
from gazette.admin_base import admin_url
from gazette.fixture_files import CannotLoad
from gazette.loading import load_units
from gazette.models import Change, Document, PublicRecord, Unit, UnitName, User
from gazette.registers import CannotMerge
from gazette.renaming import CannotRename
from gazette.saving import Loaded
from gazette.sheets.references import References
from gazette.stored import content_hash, stored_form
from measures.models import Responsibility

DAY = date(2022, 3, 1)


@pytest.fixture
def clerk(db):
    """Who renames."""
    return User.objects.create(username="更名人", is_staff=True, is_superuser=True)


@pytest.fixture
def unit(samples):
    """A public unit that answers for a measure."""
    unit = samples.unit(code="sample-old", name="示例旧局")
    row = samples.responsibility(unit=unit, code="sample-r1", measure=samples.measure(code="sample-m1"))
    samples._publish(row.document)
    unit.refresh_from_db()
    return unit


@pytest.fixture
def other(samples):
    """Another public unit."""
    unit = samples.unit(code="sample-new", name="示例新局")
    row = samples.responsibility(unit=unit, code="sample-r2", measure=samples.measure(code="sample-m2"))
    samples._publish(row.document)
    unit.refresh_from_db()
    return unit


@pytest.fixture
def said(clerk):
    """What is said of each change."""
    return {"note": "示例更名文件", "reason": "机构改革", "by": clerk}


@pytest.fixture
def desk(client, clerk):
    """A client that is logged in."""
    client.force_login(clerk)
    return client


def head():
    """The ledger's last number."""
    return Change.objects.order_by("-seq").values_list("seq", flat=True).first()


def lines(after):
    """The ledger's lines after a number, whole."""
    fields = ("op", "origin", "kind", "code", "revision", "merged_into", "path", "reason", "by__username")
    return list(Change.objects.filter(seq__gt=after).order_by("seq").values_list(*fields))


def update(code, revision):
    """The one line that a change of a public unit writes."""
    return ("update", "register", "unit", code, revision, "", f"/units/{code}/", "", "更名人")


def refused(function, *args, **kwargs):
    """The sentences of a refusal, which leaves nothing behind."""
    rows, start = list(UnitName.objects.values()), head()
    with pytest.raises(CannotRename) as caught:
        function(*args, **kwargs)
    assert (list(UnitName.objects.values()), head()) == (rows, start)
    return list(caught.value.messages)


def text_of(client, path):
    """A page's words, its blanks folded."""
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# Names


def test_a_public_unit_is_renamed_with_one_line_and_nothing_moves(unit, said, client):
    start = head()
    renaming.rename(unit, "示例改名局", day=DAY, **said)
    assert lines(start) == [update("sample-old", 2)]
    assert list(UnitName.objects.values_list("unit__code", "name", "from_day", "until_day", "note")) == [
        ("sample-old", "示例旧局", None, date(2022, 2, 28), "示例更名文件")
    ]
    assert (unit.name, unit.history.first().history_change_reason) == ("示例改名局", "机构改革")
    assert Responsibility.objects.get(code="sample-r1").unit == unit
    answer = client.get("/api/v1/units/sample-old/").json()
    assert {name: answer[name] for name in ("name", "aliases", "former_names", "succeeded_by", "succeeded_on")} == {
        "name": "示例改名局",
        "aliases": [],
        "former_names": [{"name": "示例旧局", "from": None, "until": "2022-02-28"}],
        "succeeded_by": None,
        "succeeded_on": None,
    }
    # The other records name the unit as it is called today, without a change of their own.
    measure = client.get("/api/v1/measures/sample-m1/").json()
    assert "示例改名局" in str(measure)
    assert measure["revision"] == 1
    assert list(ledger_check.misses("default")) == []


def test_the_page_shows_the_name_of_the_day(unit, said, client):
    renaming.rename(unit, "示例二局", day=date(2020, 1, 1), **said)
    renaming.rename(unit, "示例三局", day=DAY, **said)
    for day, name in (("2019-12-31", "示例旧局"), ("2020-01-01", "示例二局"), ("2022-02-28", "示例二局")):
        page = text_of(client, f"/units/sample-old/?on={day}")
        assert f"<h1>{name}</h1>" in page
        said_day = "{}年{}月{}日".format(*map(int, day.split("-")))
        assert f"这是{said_day}的名称，现在的名称是“示例三局”。" in page
    for address in ("/units/sample-old/?on=2022-03-01", "/units/sample-old/"):
        page = text_of(client, address)
        assert "<h1>示例三局</h1>" in page
        assert "现在的名称" not in page
    assert "曾用名：示例旧局（至2019年12月31日，起始日期不明）" in page
    assert '曾用名：示例二局（2020年1月1日至2022年2月28日）<p class="facts">依据：示例更名文件</p>' in page


def test_what_is_not_known_is_not_guessed(unit, said, samples, client):
    renaming.rename(unit, "示例改名局", day=None, **said)
    page = text_of(client, "/units/sample-old/?on=2021-05-01")
    assert "<h1>示例改名局</h1>" in page
    assert "2021年5月1日的名称没有记载，这里写的是现在的名称。" in page
    assert "曾用名：示例旧局（起止日期不明）" in page
    assert "没有记载" not in text_of(client, "/units/sample-old/")
    gap = samples.unit()
    samples.former_name(unit=gap, name="甲", from_day=date(2010, 1, 1), until_day=date(2010, 12, 31))
    samples.former_name(unit=gap, name="乙", from_day=date(2012, 1, 1), until_day=date(2012, 12, 31))
    days = [date(year, 6, 1) for year in (2009, 2010, 2011, 2012, 2013)]
    assert [gap.name_on(day) for day in days] == [None, "甲", None, "乙", gap.name]


def test_what_is_no_name_is_refused_in_words(unit, said, samples):
    record = renaming.record_former_name
    assert refused(renaming.rename, unit, "示例改名局", day=DAY, **said | {"reason": " "}) == ["请写明理由。"]
    assert refused(renaming.rename, unit, "示例改名局", day=DAY, **said | {"note": ""}) == ["依据：此字段不能为空。"]
    assert refused(renaming.rename, unit, "示例旧局", day=DAY, **said) == ["新名称与现在的名称“示例旧局”相同。"]
    taken = samples.unit(code="sample-taken", name="示例占用局")
    assert refused(renaming.rename, unit, taken.name, day=DAY, **said) == [
        "已有名称为“示例占用局”的单位（sample-taken）；若是同一单位，请合并。"
    ]
    assert refused(renaming.rename, unit, "示例改名局", day=date(2999, 1, 2), **said) == [
        "2999年1月2日还没有到；请在当日（含）以后登记。"
    ]
    assert refused(record, unit, "甲", from_day=None, until_day=timezone.localdate(), **said) == [
        "曾用名的终止日期须早于今天。"
    ]
    assert refused(record, unit, "甲", from_day=DAY, until_day=date(2021, 1, 1), **said) == [
        "曾用名的起始日期不能晚于终止日期。"
    ]
    record(unit, "甲", from_day=date(2010, 1, 1), until_day=date(2015, 12, 31), **said)
    assert refused(record, unit, "乙", from_day=date(2015, 12, 31), until_day=date(2018, 1, 1), **said) == [
        "“乙”（2015年12月31日至2018年1月1日）与曾用名“甲”（2010年1月1日至2015年12月31日）的日期重叠，"
        "请核对；起始日期不明的，视为此前一直使用。"
    ]
    record(unit, "乙", from_day=date(2016, 1, 1), until_day=date(2018, 1, 1), **said)
    assert list(ledger_check.misses("default")) == []


@pytest.mark.parametrize("values", [{"note": ""}, {"from_day": date(2020, 1, 2), "until_day": date(2020, 1, 1)}])
def test_the_database_holds_the_rules_of_former_names(values, samples):
    with pytest.raises(IntegrityError), transaction.atomic():
        samples.former_name(**values)


def test_a_former_name_finds_the_unit(unit, said, client):
    renaming.rename(unit, "示例改名局", day=DAY, **said)
    page = text_of(client, "/units/?q=示例旧局")
    assert '<a class="row-name" href="/units/sample-old/">示例改名局</a>' in page
    assert "<span>曾用名：示例旧局</span>" in page
    page = text_of(client, "/search/?q=示例旧局&kind=unit")
    assert "曾用名：<mark>示例旧局</mark>" in page
    assert list(Unit.objects.named("示例旧局")) == list(Unit.objects.named("示例改名局")) == [unit]
    references = References()
    references.want(Unit, "示例旧局")
    references.load()
    assert references.find(Unit, "示例旧局") == unit


def test_an_alias_that_becomes_the_name_is_no_alias_any_more(unit, said, samples):
    samples.alias(unit=unit, name="示例改名局")
    renaming.rename(unit, "示例改名局", day=DAY, **said)
    assert unit.names == ("示例改名局", "示例旧局")
    assert list(unit.aliases.all()) == []
    renaming.rename(unit, "示例旧局", day=date(2023, 1, 1), **said)
    assert unit.names == ("示例旧局", "示例改名局")


def test_a_former_name_is_taken_back(unit, said, clerk):
    renaming.record_former_name(unit, "示例误记", from_day=None, until_day=None, **said)
    before = content_hash(stored_form(unit, registry.get("unit")))
    start = head()
    renaming.forget_former_name(unit, UnitName.objects.get().pk, reason="误记", by=clerk)
    assert lines(start) == [update("sample-old", 3)]
    assert content_hash(stored_form(unit, registry.get("unit"))) != before
    first = Change.objects.filter(kind="unit", code="sample-old").order_by("seq").first()
    assert PublicRecord.objects.get(kind="unit", code="sample-old").hash == first.hash
    assert UnitName.history.first().history_change_reason == "误记"
    assert refused(renaming.forget_former_name, unit, 0, reason="误记", by=clerk) == [
        "这个曾用名已不存在，请刷新页面。"
    ]
    assert list(ledger_check.misses("default")) == []


def test_founding_documents_are_proven_by_the_former_name(founding, said):
    finance = Unit.objects.get(code="finance-bureau")
    renaming.rename(finance, "示例改名局", day=DAY, **said)
    call_command("verify_sources")
    assert list(ledger_check.misses("default")) == []
    proof = UnitName.objects.get()
    found = refused(renaming.forget_former_name, finance, proof.pk, reason="误记", by=said["by"])
    assert found[0] == "改动以后公开的文件不能再由原文证明："
    assert len(found) > 1


def test_a_draft_unit_is_renamed_quietly(samples, said):
    unit = samples.unit(name="示例草稿局")
    start = head()
    renaming.rename(unit, "示例草稿新局", day=DAY, **said)
    assert (unit.name, unit.names, head()) == ("示例草稿新局", ("示例草稿新局", "示例草稿局"), start)


def test_a_document_in_review_does_not_stand_in_the_way(unit, said, samples):
    document = samples.document(issuer=unit)
    Document.objects.filter(pk=document.pk).update(status="in_review", review_step=1)
    renaming.rename(unit, "示例改名局", day=DAY, **said)
    document.refresh_from_db()
    assert (document.issuer, document.status) == (unit, "in_review")
    assert list(ledger_check.misses("default")) == []


# Succession


def test_succession_is_said_on_both_pages_and_moves_nothing(unit, other, said, client):
    start = head()
    renaming.succeed(unit, other, day=DAY, **said)
    assert lines(start) == [update("sample-old", 2)]
    assert (
        '2022年3月1日起由<a href="/units/sample-new/">示例新局</a>承接。<p class="facts">依据：示例更名文件</p>'
    ) in text_of(client, "/units/sample-old/")
    assert (
        '2022年3月1日起承接<a href="/units/sample-old/">示例旧局</a>的职责。<p class="facts">依据：示例更名文件</p>'
    ) in text_of(client, "/units/sample-new/")
    answer = client.get("/api/v1/units/sample-old/").json()
    assert (answer["succeeded_by"]["code"], answer["succeeded_by"]["name"], answer["succeeded_on"]) == (
        "sample-new",
        "示例新局",
        "2022-03-01",
    )
    assert Responsibility.objects.get(code="sample-r1").unit == unit
    assert (unit.history.first().history_change_reason, other.names) == ("机构改革", ("示例新局",))
    start = head()
    renaming.rename(other, "示例新名局", day=None, **said)
    assert lines(start) == [update("sample-new", 2)]
    assert client.get("/api/v1/units/sample-old/").json()["succeeded_by"]["name"] == "示例新名局"
    assert list(ledger_check.misses("default")) == []


def test_an_unknown_day_is_said_and_succession_is_taken_back(unit, other, said, client):
    renaming.succeed(unit, other, day=None, **said)
    assert '由<a href="/units/sample-new/">示例新局</a>承接，日期不明。' in text_of(client, "/units/sample-old/")
    assert '承接<a href="/units/sample-old/">示例旧局</a>的职责，日期不明。' in text_of(client, "/units/sample-new/")
    renaming.succeed(unit, None, day=None, **said | {"note": ""})
    first = Change.objects.filter(kind="unit", code="sample-old").order_by("seq").first()
    assert PublicRecord.objects.get(kind="unit", code="sample-old").hash == first.hash
    assert "承接" not in text_of(client, "/units/sample-new/")
    assert list(ledger_check.misses("default")) == []


def test_what_is_no_succession_is_refused_in_words(unit, other, said, samples):
    succeed = renaming.succeed
    circle = ["单位不能由它自己承接，也不能由它所承接的单位承接。"]
    assert refused(succeed, unit, unit, day=DAY, **said) == circle
    assert refused(succeed, unit, other, day=DAY, **said | {"note": " "}) == ["承接须写明承接单位和依据。"]
    assert refused(succeed, unit, None, day=DAY, **said) == ["承接须写明承接单位和依据。"]
    assert refused(succeed, unit, None, day=None, **said | {"note": ""}) == ["与已登记的承接情况相同，没有改动。"]
    assert refused(succeed, unit, samples.unit(name="示例草稿局"), day=DAY, **said) == [
        "“示例草稿局”尚未公开，不能登记为已公开单位的承接单位；待有公开的文件提及它以后再登记。"
    ]
    succeed(unit, other, day=DAY, **said)
    assert refused(succeed, other, unit, day=DAY, **said) == circle


@pytest.mark.parametrize(
    "values", [{"succeeded_on": DAY}, {"succession_note": "示例"}, {"succeeded_by": "self", "succession_note": "示例"}]
)
def test_the_database_holds_the_rules_of_succession(values, samples):
    unit = samples.unit()
    for name, value in values.items():
        setattr(unit, name, unit if value == "self" else value)
    with pytest.raises(IntegrityError), transaction.atomic():
        unit.save()


def test_a_successor_that_is_not_public_is_named_without_a_link(samples, said, client):
    unit, successor = samples.unit(code="sample-old"), samples.unit(name="示例草稿局")
    renaming.succeed(unit, successor, day=DAY, **said)
    samples._publish(samples.responsibility(unit=unit).document)
    assert "2022年3月1日起由示例草稿局承接。" in text_of(client, "/units/sample-old/")


def test_loading_keeps_what_the_desk_says_and_says_nothing_of_it_itself(unit, other, said):
    renaming.succeed(unit, other, day=DAY, **said)
    row = {"code": "sample-old", "name": "示例旧局", "kind": "department"}
    loaded = Loaded()
    load_units([row], loaded)
    assert str(loaded) == "新增0条，更改0条，未变1条"
    assert Unit.objects.get(code="sample-old").succeeded_on == DAY
    with pytest.raises(CannotLoad) as caught:
        load_units([row | {"succeeded_by": "sample-new"}], loaded)
    assert str(caught.value) == "units.json sample-old 有未知的字段 succeeded_by。"


# Mergers


def test_a_merger_carries_former_names_and_is_undone(unit, other, said, clerk):
    renaming.rename(unit, "示例改名局", day=DAY, **said)
    merger = registers.merge(unit, other, reason="同一单位", by=clerk)
    assert set(other.names) == {"示例新局", "示例改名局", "示例旧局"}
    registers.undo(merger, by=clerk)
    assert Unit.objects.get(code="sample-old").names == ("示例改名局", "示例旧局")
    assert other.names == ("示例新局",)
    assert list(ledger_check.misses("default")) == []


def test_a_merger_that_would_lose_what_is_known_is_refused(unit, other, said, clerk):
    for each in (unit, other):
        renaming.record_former_name(each, f"{each}前身", from_day=None, until_day=date(2015, 1, 1), **said)
    with pytest.raises(CannotMerge) as caught:
        registers.merge(unit, other, reason="同一单位", by=clerk)
    assert "的日期重叠，请核对；起始日期不明的，视为此前一直使用。" in str(caught.value)
    renaming.succeed(unit, other, day=DAY, **said)
    with pytest.raises(CannotMerge) as caught:
        registers.merge(unit, other, reason="同一单位", by=clerk)
    assert str(caught.value) == "“示例旧局”已登记由“示例新局”承接，不能并入别的单位；请先撤去承接单位。"


def test_who_was_succeeded_by_a_merged_unit_is_succeeded_by_the_other(unit, other, said, clerk, samples):
    third = samples.unit(code="sample-third")
    renaming.succeed(third, unit, day=DAY, **said)
    merger = registers.merge(unit, other, reason="同一单位", by=clerk)
    third.refresh_from_db()
    assert third.succeeded_by == other
    registers.undo(merger, by=clerk)
    third.refresh_from_db()
    assert (third.succeeded_by.code, third.succeeded_on) == ("sample-old", DAY)


# The desk


def test_a_unit_is_renamed_at_the_desk(desk, unit):
    url = admin_url(Unit, "rename", unit.pk)
    assert f'<a href="{url}">更名…</a>' in desk.get(admin_url(Unit, "change", unit.pk)).content.decode()
    assert "更名：示例旧局" in desk.get(url).content.decode()
    answer = desk.post(url, {"act": "rename", "until_day": "2022-03-01", "from_day": "3月1日"})
    assert answer.context["form"].errors == {
        "name": ["该字段是必填项。"],
        "from_day": ["日期写作 2023-03-15。"],
        "until_day": ["更名不填终止日期。"],
        "note": ["该字段是必填项。"],
        "reason": ["该字段是必填项。"],
    }
    data = {"act": "rename", "name": "示例改名局", "from_day": "2022-03-01", "note": "示例文件", "reason": "改革"}
    answer = desk.post(url, data | {"name": "示例旧局"})
    assert answer.context["form"].errors == {"__all__": ["新名称与现在的名称“示例旧局”相同。"]}
    answer = desk.post(url, data, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["“示例旧局”已更名为“示例改名局”。"]
    former = UnitName.objects.get()
    assert former.history.first().history_user.username == "更名人"
    page = " ".join(desk.get(url).content.decode().split())
    assert '<th scope="row">示例旧局</th><td>至2022年2月28日，起始日期不明；依据：示例文件' in page
    data = {"act": "record", "name": "示例前身", "until_day": "2010-01-01", "note": "示例文件", "reason": "补记"}
    [overlap] = desk.post(url, data).context["form"].errors["__all__"]
    assert overlap.startswith("“示例前身”（至2010年1月1日，起始日期不明）与曾用名“示例旧局”（至2022年2月28日，")
    answer = desk.post(url, {"_forget": former.pk, "reason": ""})
    assert answer.context["reason_errors"] == ("请写明理由。",)
    answer = desk.post(url, {"_forget": former.pk, "reason": "误记"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["“示例改名局”的曾用名已删去。"]
    answer = desk.post(url, data, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["“示例改名局”的曾用名“示例前身”已记下。"]


def test_succession_is_entered_at_the_desk(desk, unit, other):
    url = admin_url(Unit, "succession", unit.pk)
    assert f'<a href="{url}">承接…</a>' in desk.get(admin_url(Unit, "change", unit.pk)).content.decode()
    assert "承接：示例旧局" in desk.get(url).content.decode()
    data = {"successor": "sample-none", "day": "2022-03-01", "note": "示例文件", "reason": "改革"}
    assert desk.post(url, data).context["form"].errors == {"successor": ["没有代码为“sample-none”的单位。"]}
    answer = desk.post(url, data | {"successor": "sample-new"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["已登记“示例旧局”由“示例新局”承接。"]
    page = desk.get(url).content.decode()
    assert 'value="sample-new"' in page
    assert 'value="2022-03-01"' in page
    answer = desk.post(url, {"reason": "误记"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["“示例旧局”的承接已撤去。"]


def test_who_has_no_right_changes_nothing(client, unit, other):
    reader = User.objects.create(username="reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=["view_unit", "change_unit"]))
    client.force_login(reader)
    page = client.get(admin_url(Unit, "change", unit.pk)).content.decode()
    assert "更名…" not in page
    assert "承接…" not in page
    data = {"act": "rename", "name": "示例改名局", "note": "示例", "reason": "示例", "successor": "sample-new"}
    for page in ("rename", "succession"):
        url = admin_url(Unit, page, unit.pk)
        assert (client.get(url).status_code, client.post(url, data).status_code) == (403, 403)
    unit.refresh_from_db()
    assert (unit.name, unit.succeeded_by) == ("示例旧局", None)


@pytest.mark.parametrize("rows", [1, 50])
def test_the_pages_of_names_take_a_fixed_number_of_queries(rows, desk, unit, samples):
    for _ in range(rows):
        samples.former_name(unit=unit)
    # Session, user; and the count and the page of the list, or the unit with its successor and its former names.
    for url, expected in (
        (admin_url(UnitName, "changelist"), 4),
        (admin_url(Unit, "rename", unit.pk), 4),
        (admin_url(Unit, "succession", unit.pk), 3),
        (admin_url(UnitName, "change", UnitName.objects.first().pk), 4),
    ):
        desk.get(url)
        with CaptureQueriesContext(connection) as caught:
            page = desk.get(url)
        assert (page.status_code, len(caught)) == (200, expected), url
    assert desk.get(admin_url(UnitName, "add")).status_code == 403


# Upgrading


class Editor:
    """What a migration's function asks of a schema editor."""

    connection = connection


def test_an_upgrade_gives_public_units_the_new_members(unit):
    module = import_module("gazette.migrations.0013_unit_names")
    before = PublicRecord.objects.get(kind="unit", code="sample-old")
    module.take_from_public_units(apps, Editor)
    assert "former_names" not in PublicRecord.objects.get(pk=before.pk).body
    module.add_to_public_units(apps, Editor)
    assert PublicRecord.objects.get(pk=before.pk).body == before.body
    assert list(ledger_check.misses("default")) == []
