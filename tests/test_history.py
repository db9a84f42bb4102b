"""The history at the desk: every version as what it changed, with its rows; a former version of a draft is restored."""

import ast

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gazette.admin_base import admin_url
from gazette.models import Citation, Document, Tie, Unit, User
from measures.models import Measure
from plans.models import Assignment, Target

from .test_admin import CLAUSE, MAKERS, desk, draft, form_data, make_row, package, superuser  # noqa: F401 - fixtures
from .test_layout import ROOT, modules

# What programs write and nobody edits.
WITHOUT_HISTORY = {
    *("Mention", "Change", "PublicRecord", "LedgerHead", "SearchEntry"),
    # Only ever added to.
    *("OldPassword", "ReviewEntry", "SecurityEvent", "SheetImport"),
}


def entries(response):
    """The entries of a history page, without the time of day."""
    assert response.status_code == 200
    return [(e.by, e.did, e.name, e.changes, e.reason) for e in response.context["entries"]]


def save(client, row, **typed):
    """Save the form of a row with what is typed."""
    url = admin_url(type(row), "change", row.pk)
    answer = client.post(url, form_data(client.get(url)) | typed)
    assert answer.status_code == 302


def test_every_model_that_people_edit_has_history():
    ours = [
        model
        for app in ("gazette", "plans", "measures", "personnel")
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
    ]
    assert {model.__name__ for model in ours if not hasattr(model, "history")} == WITHOUT_HISTORY


def test_nobody_edits_or_deletes_history():
    histories = [model for model in apps.get_models() if model.__name__.startswith("Historical")]
    assert histories
    assert [model for model in histories if admin.site.is_registered(model)] == []


# Written past the history on purpose: what publication keeps beside a record is no content, and where a doubt came from
# is to be forgotten.
PAST_HISTORY = {
    ("gazette/doubts.py", "Doubt.objects.exclude"),
    ("gazette/publication.py", "model.objects.filter"),
}
WRITES = {"update", "bulk_create", "bulk_update", "_raw_delete"}


def writes_past_history():
    """(module, what is written to) of every write to many rows, but for models that have no history."""
    without = {model.__name__ for model in apps.get_models() if not hasattr(model, "history")}
    for path in modules("gazette", "plans", "measures", "personnel", "wuhai_portal"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
                continue
            target = ast.unparse(node.func.value).split("(")[0]
            if target.split(".")[0] not in without and ("objects" in target or node.func.attr != "update"):
                yield path.relative_to(ROOT).as_posix(), target


def test_nothing_writes_past_the_history():
    assert set(writes_past_history()) == PAST_HISTORY


def test_a_page_tells_what_changed_in_words(desk, make_document, make_unit):  # noqa: F811
    document, other = make_document(), make_unit(name="示例新机关")
    save(desk, document, issuer=other.pk, kind="policy", written_on="2022-03-05", note="示例说明")
    page = desk.get(admin_url(Document, "history", document.pk))
    said = entries(page)
    assert said[0] == (
        "clerk",
        "修改",
        f"文件 {document.code}",
        [
            ("类型", "年度计划", "政策措施"),
            ("发文机关", str(document.issuer), "示例新机关"),
            ("成文日期", "2022年3月1日", "2022年3月5日"),
            ("说明", "（空）", "示例说明"),
        ],
        "",
    )
    assert said[1][:3] == ("系统", "新增", f"文件 {document.code}")
    assert ("标题", "（空）", document.title) in said[1][3]
    assert "<strong>成文日期：</strong>2022年3月1日 → 2022年3月5日" in page.content.decode()


def test_the_rows_of_a_record_are_in_its_history(desk, package, make_measure, make_budget):  # noqa: F811
    measure = make_measure(package=package, code="sample-m")
    make_budget(measure=measure, code="sample-m-b1", amount=100, passage=measure.passage)
    save(desk, measure, **{"budgets-0-amount": 150})
    save(desk, measure, **{"budgets-0-DELETE": "on"})
    said = entries(desk.get(admin_url(Measure, "history", measure.pk)))
    rows = [entry for entry in said if entry[2].startswith("安排资金")]
    assert [(by, did, name) for by, did, name, *_ in rows] == [
        ("clerk", "删除", "安排资金 sample-m-b1"),
        ("clerk", "修改", "安排资金 sample-m-b1"),
        ("系统", "新增", "安排资金 sample-m-b1"),
    ]
    assert rows[1][3] == [("金额（元）", "100", "150")]
    assert ("金额（元）", "150", "（空）") in rows[0][3]


@pytest.mark.parametrize("model", [Unit, Document, Target, Measure, Assignment, Tie], ids=lambda model: model.__name__)
def test_a_page_of_history_takes_a_fixed_number_of_queries(model, desk, make_row):  # noqa: F811
    row = make_row(model)
    counts = []
    for size in (2, 12, 50):
        while model.history.filter(id=row.pk).count() < size:
            row.save()
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(admin_url(model, "history", row.pk)).status_code == 200
        counts.append(len(caught))
    assert len(set(counts)) == 1


def test_history_is_paged(desk, make_unit):  # noqa: F811
    unit = make_unit()
    for number in range(60):
        unit.note = f"示例{number}"
        unit.save()
    first = desk.get(admin_url(Unit, "history", unit.pk))
    second = desk.get(admin_url(Unit, "history", unit.pk, p=2))
    assert [len(entries(page)) for page in (first, second)] == [50, 11]
    assert "共61次改动" in first.content.decode()
    assert entries(second)[0][3] == [("说明", "示例8", "示例9")]


def test_the_history_of_what_was_deleted_remains(desk, make_citation):  # noqa: F811
    citation = make_citation(code="sample-gone")
    pk = citation.pk
    citation.delete()
    said = entries(desk.get(admin_url(Citation, "history", pk)))
    assert [(did, name) for _, did, name, *_ in said] == [
        ("删除", "引用文件 sample-gone"),
        ("新增", "引用文件 sample-gone"),
    ]
    assert desk.get(admin_url(Citation, "history", 10**9)).status_code == 404


def test_a_reader_of_the_desk_needs_the_right_to_see_history(client, make_unit):
    client.force_login(User.objects.create(username="reader", is_staff=True))
    assert client.get(admin_url(Unit, "history", make_unit().pk)).status_code == 403


# Restoring


def restore(client, row, version):
    """Ask for a version and confirm; returns the page of the question and the answer."""
    url = admin_url(type(row), "restore", row.pk, version.pk)
    page = client.get(url)
    return page, client.post(url, {"opened_version": page.context["opened_version"]}, follow=True)


def said(answer):
    """The messages that the next page shows."""
    return [str(message).split("到")[0] for message in answer.context["messages"]]


def test_a_former_version_of_a_draft_is_restored(desk, make_target):  # noqa: F811
    target = make_target(value=10, note="示例旧")
    first = target.history.first()
    save(desk, target, value="12", as_written="12个", note="示例新")
    assert [bool(e.restore_url) for e in desk.get(admin_url(Target, "history", target.pk)).context["entries"]] == [
        False,
        True,
    ]
    page, answer = restore(desk, target, first)
    assert page.context["changes"] == [
        ("目标值", "12", "10"),
        ("原文表述", "12个", "10个"),
        ("说明", "示例新", "示例旧"),
    ]
    assert said(answer)[-1] == f"“{target}”已恢复"
    target.refresh_from_db()
    assert (target.value, target.as_written, target.note) == (10, "10个", "示例旧")
    newest = target.history.first()
    assert newest.history_user.username == "clerk"
    assert newest.history_change_reason.startswith("恢复")
    page = desk.get(admin_url(Target, "history", target.pk))
    assert f"原因：{newest.history_change_reason}" in page.content.decode()


def test_a_quote_is_restored_where_it_stood(desk, draft, make_citation):  # noqa: F811
    passage = draft.passages.get(position=2)
    at = passage.text.rindex("给予补贴")
    citation = make_citation(passage=passage, start=at, quote="给予补贴")
    first = citation.history.first()
    save(desk, citation, quote="支持就业")
    restore(desk, citation, first)
    citation.refresh_from_db()
    assert (citation.quote, citation.start) == ("给予补贴", at)


def test_a_tie_is_restored(desk, draft):  # noqa: F811
    passage = draft.passages.get(position=1)
    start = CLAUSE.index("200万")
    tie = Tie.objects.create(document=draft, passage=passage, start=start, end=start + 4, reason="name")
    first = tie.history.first()
    save(desk, tie, quote="1年", reason="threshold")
    restore(desk, tie, first)
    tie.refresh_from_db()
    assert (tie.start, tie.end, tie.reason) == (start, start + 4, "name")


def test_ties_follow_a_restored_code_and_quotes_a_restored_text(desk, draft, make_citation, make_tie):  # noqa: F811
    passage = draft.passages.get(position=2)
    kept = make_citation(passage=passage, start=passage.text.index("1000元"), quote="1000元")
    first = passage.history.first()
    save(desk, passage, text=passage.text.replace("支持就业", "大力支持就业"))
    restore(desk, passage, first)
    passage.refresh_from_db()
    kept.refresh_from_db()
    assert passage.text == first.text
    assert passage.text[kept.start : kept.end] == "1000元"


def test_a_version_that_is_not_valid_any_more_is_refused_with_sentences(desk, draft, make_citation):  # noqa: F811
    passage = draft.passages.get(position=2)
    citation = make_citation(passage=passage, start=passage.text.index("支持就业"), quote="支持就业", code="sample-old")
    first = citation.history.first()
    save(desk, citation, quote="1000元", code="sample-new")
    save(desk, passage, text=passage.text.replace("支持就业", "促进就业"))
    make_citation(code="sample-old")
    _, answer = restore(desk, citation, first)
    assert answer.context["errors"] == [
        "原文摘录：“支持就业”不在第2段原文中；请从原文栏照抄，一字不差。",
        "代码：具有 代码 的 引用文件 已存在。",
    ]
    assert "这个版本现在已不合规，没有恢复：" in answer.content.decode()
    citation.refresh_from_db()
    assert (citation.code, citation.quote) == ("sample-new", "1000元")


@pytest.mark.parametrize("status", ["in_review", "published", "withdrawn"])
def test_nothing_is_restored_that_is_no_draft(status, desk, make_target):  # noqa: F811
    target = make_target()
    first = target.history.first()
    target.note = "示例"
    target.save()
    url = admin_url(Target, "restore", target.pk, first.pk)
    version = desk.get(url).context["opened_version"]
    Document.objects.filter(pk=target.document_id).update(status=status)
    for answer in (desk.get(url), desk.post(url, {"opened_version": version})):
        assert answer.status_code == 302
    page = desk.get(admin_url(Target, "history", target.pk))
    assert [entry.restore_url for entry in page.context["entries"]] == ["", ""]
    target.refresh_from_db()
    assert target.note == "示例"


def test_units_and_users_are_not_restored(desk, make_unit, superuser):  # noqa: F811
    for row in (make_unit(), superuser):
        assert desk.get(admin_url(type(row), "restore", row.pk, row.history.first().pk)).status_code == 403


def test_a_version_is_not_restored_on_top_of_a_newer_one(desk, make_target):  # noqa: F811
    target = make_target(note="示例旧")
    first = target.history.first()
    save(desk, target, note="示例新")
    url = admin_url(Target, "restore", target.pk, first.pk)
    opened = desk.get(url).context["opened_version"]
    save(desk, target, note="示例更新")
    answer = desk.post(url, {"opened_version": opened}, follow=True)
    assert [str(message) for message in answer.context["messages"]][-1:] == [
        f"您打开本页以后，“{target}”已有变化，没有恢复；请核对现在的内容再决定。"
    ]
    target.refresh_from_db()
    assert target.note == "示例更新"


def test_another_record_s_version_is_not_found(desk, make_target):  # noqa: F811
    target, other = make_target(), make_target()
    assert desk.get(admin_url(Target, "restore", target.pk, other.history.first().pk)).status_code == 404


def test_who_may_only_look_restores_nothing(client, make_target):
    from django.contrib.auth.models import Permission

    target = make_target()
    reader = User.objects.create(username="reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_target"))
    client.force_login(reader)
    assert client.get(admin_url(Target, "history", target.pk)).status_code == 200
    assert client.get(admin_url(Target, "restore", target.pk, target.history.first().pk)).status_code == 403
