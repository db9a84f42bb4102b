"""Corrections at the desk: the form of a public record, open again, and the page on which another person decides."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch

from gazette import corrections, publication
from gazette.admin_base import admin_url
from gazette.ledger_check import misses
from gazette.models import Change, Correction, Document, LedgerHead, Passage, PublicRecord, Tie, User
from measures.models import Benefit, Budget, Measure, MeasurePackage
from personnel.models import Appointment
from plans.models import KeyProject, Target

from .test_admin import ROWS, form_data

pytestmark = pytest.mark.django_db

TARGET, MEASURE = "2023-gdp-growth", "2023-consumption-7"
VIEWED = [
    "document",
    "passage",
    "tie",
    "target",
    "keyproject",
    "measurepackage",
    "measure",
    "budget",
    "benefit",
    "appointment",
]


def make_client(name, *permissions):
    """A client logged in as a member of staff with some permissions, and the right to look at records."""
    user = User.objects.create(username=name, is_staff=True)
    codes = [*permissions, *(f"view_{model}" for model in VIEWED)]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def editor(db):
    return make_client("editor", "propose_correction")


@pytest.fixture
def reviewer(db):
    return make_client("reviewer", "review_correction")


@pytest.fixture
def target(db):
    return Target.objects.get(code=TARGET)


@pytest.fixture
def measure(db):
    return Measure.objects.get(code=MEASURE)


def posted(response, **overrides):
    """What a browser would post from the page 提出更正."""
    data = form_data(response)
    proposal = response.context["proposal"]
    data |= {proposal.add_prefix(name): proposal[name].value() or "" for name in proposal.fields if name != "removed"}
    return data | overrides


def propose(client, record, reason="示例理由", **overrides):
    """Propose through the page; the answer."""
    url = admin_url(type(record), "correct", record.pk)
    return client.post(url, posted(client.get(url), **{"correction-reason": reason} | overrides))


def refusals(response):
    """What the page says against the proposal: of the proposal, the form, its rows."""
    context = response.context
    said = dict(context["proposal"].errors) | dict(context["adminform"].form.errors)
    for inline in context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            said |= {form.add_prefix(name): messages for name, messages in form.errors.items()}
    return {name: list(messages) for name, messages in said.items()}


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


# The way in


def test_a_public_record_leads_to_its_correction(editor, reviewer, target, measure):
    for record in (target, measure, measure.passage, measure.document):
        page = editor.get(admin_url(type(record), "change", record.pk))
        assert f'<a href="{admin_url(type(record), "correct", record.pk)}">提出更正</a>' in page.content.decode()
        assert "提出更正</a>" not in reviewer.get(page.request["PATH_INFO"]).content.decode()


def test_rows_and_ties_lead_to_the_record_above(editor, measure):
    budget = Budget.objects.get(code=f"{MEASURE}-b1")
    tie = Tie.objects.get(code=budget.code, field="amount")
    reason = Tie.objects.exclude(reason="").first()
    to = admin_url(Measure, "correct", measure.pk)
    for row in (budget, tie):
        assert f'<a href="{to}">提出更正</a>' in editor.get(admin_url(type(row), "change", row.pk)).content.decode()
        assert editor.get(admin_url(type(row), "correct", row.pk))["Location"] == to
    assert editor.get(admin_url(Tie, "correct", reason.pk))["Location"] == admin_url(
        Passage, "correct", reason.passage_id
    )


def test_a_draft_is_not_corrected(editor, make_target):
    sample = make_target()
    page = editor.get(admin_url(Target, "correct", sample.pk), follow=True)
    assert messages_of(page) == [f"文件“{sample.document}”现为草稿，只有已发布的文件才能更正。"]


def test_who_may_not_propose_is_refused(reviewer, target):
    url = admin_url(Target, "correct", target.pk)
    assert (reviewer.get(url).status_code, reviewer.post(url, {}).status_code) == (403, 403)


@pytest.mark.parametrize("model", [Document, Passage, Target, KeyProject, Measure, Appointment])
def test_the_page_as_it_stands_proposes_nothing(model, editor):
    """Every form gives back what it shows, so that nothing is corrected by a slip."""
    record = model.objects.filter(document__status="published").first() if model is not Document else None
    record = record or Document.objects.get(code="whzbf-2023-2")
    answer = propose(editor, record)
    assert refusals(answer) == {"__all__": ["没有改动任何内容，不必提出更正。"]}
    assert not Correction.objects.exists()


# Proposing


def test_a_correction_is_proposed_and_nothing_else_changes(editor, target):
    head = LedgerHead.objects.get().seq
    answer = propose(editor, target, note="示例说明")
    correction = Correction.objects.get()
    assert answer["Location"] == admin_url(Correction, "change", correction.pk)
    assert correction.changes == [{"field": "note", "label": "说明", "old": None, "new": "示例说明"}]
    assert (correction.author, correction.reason) == (editor.user, "示例理由")
    assert messages_of(editor.get(answer["Location"])) == [
        "“地区生产总值”的更正已提出，待另一人审核；采纳之前公开的内容不变。"
    ]
    target.refresh_from_db()
    assert (target.note, LedgerHead.objects.get().seq) == ("", head)


def test_the_code_is_not_corrected(editor, target):
    answer = propose(editor, target, code="sample-other", note="示例")
    assert answer.status_code == 302
    assert Correction.objects.get().difference["fields"] == {"note": ["", "示例"]}


def test_what_is_refused_is_said_and_nothing_typed_is_lost(editor, target):
    answer = propose(editor, target, reason="", note="示例说明")
    assert refusals(answer) == {"reason": ["该字段是必填项。"]}
    assert "示例说明" in answer.content.decode()
    answer = propose(editor, target, value="7", note="示例说明")
    assert refusals(answer)["__all__"] == [
        f"目标“{TARGET}”的目标值“7”：摘录中没有能证明它的文字，请在“依据的文字”中写明：{TARGET}｜目标值｜原文中的字。"
    ]
    assert "示例说明" in answer.content.decode()
    answer = propose(editor, target, quote="示例不在原文中的字")
    assert refusals(answer) == {"quote": ["“示例不在原文中的字”不在第8段原文中；请从原文栏照抄，一字不差。"]}
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("示例", "“示例”不完整，应写作 代码｜字段｜原文中的字，或 第8段｜日期｜原文中的字。"),
        ("a|b|c|d", "“a|b|c|d”中的“d”应写作 第8段 或 第2处。"),
        (
            "第8段｜示例｜6",
            "“示例”不是理由；可写：日期、文号、名称、门槛与规格、计量基数、不定量、政策提法、期次届次、标题用语、非目标表述。",
        ),
    ],
)
def test_a_line_of_evidence_that_cannot_be_read(editor, target, line, message):
    answer = propose(editor, target, note="示例", **{"correction-evidence": line})
    assert refusals(answer) == {"evidence": [message]}


def test_rows_are_corrected_on_the_page_of_their_measure(editor, reviewer, measure):
    url = admin_url(Measure, "correct", measure.pk)
    data = posted(editor.get(url), **{"correction-reason": "示例理由"})
    prefix = next(name[:-5] for name, value in data.items() if value == f"{MEASURE}-b1" and name.endswith("-code"))
    number = int(data["audiences-TOTAL_FORMS"])
    data |= {
        f"{prefix}-purpose": "消费券",
        "audiences-TOTAL_FORMS": number + 1,
        f"audiences-{number}-name": "传统燃油",
        f"audiences-{number}-quote": "传统燃油",
    }
    answer = editor.post(url, data)
    assert answer.status_code == 302, refusals(answer)
    correction = Correction.objects.get()
    assert [change["field"] for change in correction.changes if not change["field"].startswith("ties/")] == [
        f"audiences/{MEASURE}-a{number + 1}",
        f"budgets/{MEASURE}-b1/purpose",
    ]
    corrections.accept(correction, by=reviewer.user)
    assert Budget.objects.get(code=f"{MEASURE}-b1").purpose == "消费券"


def test_words_and_value_are_corrected_together(editor, reviewer, measure):
    url = admin_url(Measure, "correct", measure.pk)
    page = editor.get(url)
    data = posted(page, **{"correction-reason": "示例理由"})
    prefix = next(name[:-5] for name, value in data.items() if value == f"{MEASURE}-b1" and name.endswith("-code"))
    data |= {f"{prefix}-amount": "5000000", "correction-text": measure.passage.text.replace("400万元", "500万元")}
    answer = editor.post(url, data)
    assert answer.status_code == 302, refusals(answer)
    corrections.accept(Correction.objects.get(), by=reviewer.user)
    assert Passage.objects.get(pk=measure.passage_id).text == data["correction-text"]
    assert Benefit.objects.get(code=f"{MEASURE}-g1").quote == "安排资金500万元，发放加油消费券"


def test_a_record_is_deleted_by_a_correction(editor, reviewer):
    project = KeyProject.objects.get(code="2023-5g-industrial-internet")
    propose(editor, project, **{"correction-removed": "on"})
    correction = Correction.objects.get()
    assert correction.changes[0]["new"] == "已删除"
    reviewer.post(admin_url(Correction, "change", correction.pk), {"_accept": "采纳"})
    assert Change.objects.latest("seq").op in ("delete", "update")
    assert not PublicRecord.objects.filter(code=project.code).exists()
    assert editor.get(admin_url(Correction, "change", correction.pk)).status_code == 200


# Deciding


def test_old_and_new_words_stand_side_by_side(editor, reviewer, target):
    correction = propose_note(editor, target)
    page = reviewer.get(admin_url(Correction, "change", correction.pk)).content.decode()
    assert '<tr><th scope="row">说明</th><td>空</td><td>“示例说明”</td></tr>' in page
    assert "示例理由" in page
    assert ('name="_accept"' in page, 'name="_return"' in page, 'name="_withdraw"' in page) == (True, True, False)
    page = editor.get(admin_url(Correction, "change", correction.pk)).content.decode()
    assert ('name="_accept"' in page, 'name="_return"' in page, 'name="_withdraw"' in page) == (False, False, True)
    assert "自己提出的更正由另一人审核。" in page


def propose_note(client, target):
    propose(client, target, note="示例说明")
    return Correction.objects.get()


def decide(client, correction, **data):
    return client.post(admin_url(Correction, "change", correction.pk), data, follow=True)


def test_a_reviewer_accepts(editor, reviewer, target):
    correction = propose_note(editor, target)
    answer = decide(reviewer, correction, _accept="采纳", opinion="同意")
    assert messages_of(answer) == ["更正已采纳并公开。"]
    line = Change.objects.latest("seq")
    assert (line.op, line.origin, line.code, line.by) == ("update", "correction", TARGET, reviewer.user)
    target.refresh_from_db()
    assert target.note == "示例说明"
    assert target.history.first().history_user == reviewer.user


def test_a_reviewer_returns_with_a_reason(editor, reviewer, target):
    correction = propose_note(editor, target)
    answer = decide(reviewer, correction, _return="退回")
    assert answer.context["form"].non_field_errors() == ["退回更正须写明理由。"]
    answer = decide(reviewer, correction, _return="退回", opinion="示例意见")
    assert messages_of(answer) == ["更正已退回提出人。"]
    page = editor.get(admin_url(Correction, "change", correction.pk)).content.decode()
    assert "已退回，reviewer" in page
    assert "示例意见" in page
    answer = decide(reviewer, correction, _accept="采纳")
    assert answer.context["form"].non_field_errors() == ["这件更正已退回，不能再办。"]


def test_an_author_withdraws(editor, target):
    correction = propose_note(editor, target)
    assert messages_of(decide(editor, correction, _withdraw="撤销"))[-1] == "更正已撤销。"
    correction.refresh_from_db()
    assert correction.state == "withdrawn"


def test_nobody_decides_without_the_right_and_nobody_on_his_or_her_own(editor, target):
    correction = propose_note(editor, target)
    assert decide(editor, correction, _accept="采纳").status_code == 403
    assert decide(make_client("reader"), correction, _accept="采纳").status_code == 403
    both = make_client("both", "propose_correction", "review_correction")
    Correction.objects.update(author=both.user)
    answer = decide(both, correction, _accept="采纳")
    assert answer.context["form"].non_field_errors() == ["更正须由提出人以外的人审核。"]
    assert Correction.objects.get().state == "proposed"


def test_what_happened_meanwhile_is_said(editor, reviewer, target):
    correction = propose_note(editor, target)
    passage = target.passage
    other = corrections.propose(
        target.document, "passage", passage.code, reason="示例", by=editor.user,
        save=lambda: Passage.objects.filter(pk=passage.pk).update(text=f"示例{passage.text}"),
    )  # fmt: skip
    corrections.accept(other, by=reviewer.user)
    line = Change.objects.get(code=TARGET, revision=2)
    answer = decide(reviewer, correction, _accept="采纳")
    assert answer.context["form"].non_field_errors() == [
        "本条自提出更正时起已有变化，请按现在的内容重新提出：",
        f"目标“{TARGET}”已更新（更新记录第{line.seq}条，第2版）。",
    ]
    assert "已失效" in answer.content.decode()


def test_a_correction_cannot_be_added_or_deleted(editor, reviewer, target):
    correction = propose_note(editor, target)
    for client in (editor, reviewer):
        assert client.get(admin_url(Correction, "add")).status_code == 403
        assert client.post(admin_url(Correction, "delete", correction.pk), {"post": "yes"}).status_code == 403
        assert client.get(admin_url(Correction, "changelist")).status_code == 200


# How much it asks of the database


def queries(client, url):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_pages_take_a_fixed_number_of_queries(editor, reviewer, target, measure):
    for record, expected in ((target, 11), (measure, 20), (measure.passage, 9), (measure.document, 12)):
        url = admin_url(type(record), "correct", record.pk)
        editor.get(url)
        assert queries(editor, url) <= expected, record
    counts = []
    for code in ("2023-5g-industrial-internet", "2023-projects-over-5-billion", "2023-key-projects-296"):
        propose(editor, KeyProject.objects.get(code=code), note="示例说明")
        counts.append(queries(reviewer, admin_url(Correction, "changelist")))
    assert len(set(counts)) == 1
    assert queries(reviewer, admin_url(Correction, "change", Correction.objects.first().pk)) <= 9


# A record that was left out


@pytest.fixture
def left_out(measure):
    """The package, public without a measure and its rows, whose stored values are returned."""
    document = measure.document
    publication.withdraw(document)
    rows = {name: list(getattr(measure, name).values()) for name in ROWS}
    for name in ROWS:
        for row in getattr(measure, name).all():
            Tie.objects.filter(code=row.code).delete()
            row.delete()
    Tie.objects.filter(code=measure.code).delete()
    measure.delete()
    publication.publish(document)
    return {"measure": measure, "rows": rows}


def typed(page, left_out, code):
    """What a clerk types into the page 补录: the measure and all its rows, with quotes from the passage."""
    data = form_data(page)
    measure = left_out["measure"]
    position = measure.passage.position
    data |= {name: getattr(measure, name) for name in ("number", "title", "category", "quote")}
    data |= {"code": code, "passage": position, "correction-reason": "录入时漏了这一条"}
    data["correction-since"] = page.context["proposal"]["since"].value()
    for name, rows in left_out["rows"].items():
        data[f"{name}-TOTAL_FORMS"] = len(rows)
        for number, row in enumerate(rows):
            values = {key.removesuffix("_id"): value for key, value in row.items() if value not in (None, False)}
            for key in ("id", "measure", "document", "start", "code", "position"):
                values.pop(key, None)
            values["passage"] = Passage.objects.get(pk=values["passage"]).position
            data |= {f"{name}-{number}-{key}": value for key, value in values.items()}
    return data


def test_a_measure_that_was_left_out_is_entered_with_its_rows_and_accepted(editor, reviewer, client, left_out):
    package = MeasurePackage.objects.get()
    shown = editor.get(admin_url(MeasurePackage, "change", package.pk)).content.decode()
    url = admin_url(Measure, "supplement", package=package.pk)
    assert f'<a href="{url}">补录</a>' in shown
    page = editor.get(url)
    assert (page.status_code, page.context["title"]) == (200, "补录措施")
    assert "文件已公开，录入时漏了这一条的，在这里补。" in page.content.decode()
    assert page.context["proposal"]["reason"].label == "补录理由"
    new = "2023-consumption-seven"
    data = typed(page, left_out, new)

    refused = editor.post(url, data | {"correction-reason": ""})
    assert refusals(refused) == {"reason": ["该字段是必填项。"]}
    refused = editor.post(url, data | {"title": "别的标题"})
    assert "摘录中没有能证明它的文字" in refusals(refused)["__all__"][0]
    assert refused.context["adminform"].form["title"].value() == "别的标题"
    refused = editor.post(url, data | {"code": MEASURE})
    assert refusals(refused) == {"__all__": [f"措施代码“{MEASURE}”已经用过，请另取一个。"]}
    refused = editor.post(url, data)
    assert refusals(refused) == {
        "__all__": [
            f"措施“{new}”的{label}“{value}”：摘录中没有能证明它的文字，请在“依据的文字”中写明：{new}｜{label}｜原文中的字。"
            for label, value in (("序号", "7"), ("类别", "促进消费政策"))
        ]
    }
    data["correction-evidence"] = f"{new}｜序号｜七\n{new}｜类别｜促进消费政策｜第16段"
    assert not Measure.objects.filter(number=7).exists()

    answer = editor.post(url, data)
    correction = Correction.objects.get()
    assert answer.url == admin_url(Correction, "change", correction.pk)
    assert messages_of(editor.get(answer.url)) == [
        "“（7）扩大汽车成品油大宗商品消费”的补录已提出，待另一人审核；采纳之前不公开。"
    ]
    assert client.get("/api/v1/measures/").json()["count"] == 22
    waiting = reviewer.get(answer.url).content.decode()
    assert "补录漏录的一条" in waiting
    assert "安排资金 2023-consumption-seven-b1" in waiting
    reviewer.post(answer.url, {"_accept": "1", "opinion": ""})
    assert client.get("/api/v1/measures/").json()["count"] == 23
    assert client.get(f"/api/v1/measures/{new}/").json()["budgets"][0]["amount"] == "4000000"
    assert "补录</h3>" in client.get("/measures/2023-consumption/7/").content.decode()
    assert list(misses("default")) == []


def test_who_may_not_correct_adds_nothing_and_a_draft_is_not_supplemented(editor, reviewer, make_plan):
    url = admin_url(Target, "supplement")
    assert reviewer.get(url).status_code == 403
    listed = editor.get(url)
    assert [owner.code for owner in listed.context["owners"]] == ["2023"]
    draft = make_plan()
    refused = editor.get(f"{url}?plan={draft.pk}")
    assert messages_of(refused) == ["所选的年度计划不存在或没有公开，不能在其中补录目标。"]


def test_what_goes_with_the_record_above_has_no_page_of_its_own_to_be_added(editor):
    with pytest.raises(NoReverseMatch):
        admin_url(Budget, "supplement")


# What a document cites and does to others


def test_a_citation_is_corrected_and_another_added_on_the_page_of_the_document(editor, reviewer, client):
    document = Document.objects.get(code="whzf-2023-2")
    known = document.citations.order_by("code").first()
    url = admin_url(Document, "correct", document.pk)
    data = posted(editor.get(url), **{"correction-reason": "示例理由"})
    rows = int(data["citations-INITIAL_FORMS"])
    data |= {"citations-0-cited": Document.objects.get(code="whzbf-2023-2").pk, "citations-TOTAL_FORMS": rows + 1}
    new = {"title": known.title, "passage": known.passage.position, "quote": known.quote, "code": "sample-cite"}
    data |= {f"citations-{rows}-{name}": value for name, value in new.items()}
    answer = editor.post(url, data)
    assert answer.status_code == 302, refusals(answer)
    correction = Correction.objects.get()
    said = {change["label"]: (change["old"], change["new"]) for change in correction.changes}
    assert said[f"引用文件 {known.code} · 本站收录的文件"][0] is None
    assert said["引用文件 sample-cite"] == (None, f"原文摘录：{known.quote}；引用文件：{known.title}")
    reviewer.post(answer.url, {"_accept": "1", "opinion": ""})
    listed = client.get("/api/v1/documents/whzf-2023-2/").json()["citations"]
    assert [row["cited"]["code"] for row in listed if row["cited"]] == ["whzbf-2023-2"]
    assert len(listed) == rows + 1
    assert list(misses("default")) == []


def test_a_relation_that_was_left_out_is_proven_by_its_words(editor):
    document = Document.objects.get(code="whzf-2023-2")
    known = document.citations.order_by("code").first()
    url = admin_url(Document, "correct", document.pk)
    data = posted(editor.get(url), **{"correction-reason": "示例理由", "relations-TOTAL_FORMS": 1})
    target = Document.objects.get(code="wzrz-2023-1")
    new = {"kind": "amends", "target": target.pk, "passage": known.passage.position, "quote": known.quote}
    data |= {f"relations-0-{name}": value for name, value in (new | {"code": "sample-rel"}).items()}
    assert refusals(editor.post(url, data))["__all__"] == [
        "文件关系“sample-rel”的关系“修改”：摘录中没有能证明它的文字，请在“依据的文字”中写明：sample-rel｜关系｜原文中的字。"
    ]
