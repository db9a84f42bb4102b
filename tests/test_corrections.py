"""Corrections: proposed as a difference, accepted by another person, written in the ledger, shown for ever."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gazette import corrections, publication
from gazette.anchoring import Rewritten
from gazette.correcting import CannotCorrect, Overtaken
from gazette.ledger_check import misses
from gazette.models import Change, Correction, Document, LedgerHead, Passage, PublicRecord, SearchEntry, Tie, Unit, User
from gazette.verification import verify
from measures.models import Budget, Measure
from personnel.models import Appointment
from plans.models import KeyProject, Target

pytestmark = pytest.mark.django_db

TARGET, MEASURE, CLAUSE = "2023-gdp-growth", "2023-consumption-7", "whzbf-2023-2-p17"

BUDGET_CHANGES = [
    {
        "field": f"budgets/{MEASURE}-b1/purpose",
        "label": f"安排资金 {MEASURE}-b1 · 用途",
        "old": "发放加油消费券",
        "new": "消费券",
    },
    {
        "field": f"ties/{MEASURE}-b1/purpose",
        "label": f"安排资金 {MEASURE}-b1 · “用途”依据的文字",
        "old": "发放加油消费券",
        "new": "消费券",
    },
]


@pytest.fixture
def editor(db):
    return User.objects.create(username="editor", is_staff=True)


@pytest.fixture
def reviewer(db):
    return User.objects.create(username="reviewer", is_staff=True)


@pytest.fixture
def propose(editor):
    """Propose that fields of a record be others: `propose(record, field=value)`."""

    def propose(record, kind=None, rows=(), reason="示例理由", by=editor, **how):
        fields = {name: how.pop(name) for name in list(how) if name not in WAYS}

        def save():
            for row, values in [(record, fields), *rows]:
                for name, value in values.items():
                    setattr(row, name, value)
                row.save()

        kind = kind or {Target: "target", KeyProject: "project", Measure: "measure", Passage: "passage"}[type(record)]
        return corrections.propose(record.document, kind, record.code, reason=reason, by=by, save=save, **how)

    return propose


WAYS = {"texts", "evidence", "removed", "merged_into", "since"}


def target():
    return Target.objects.get(code=TARGET)


def measure():
    return Measure.objects.get(code=MEASURE)


def budget():
    return Budget.objects.get(code=f"{MEASURE}-b1")


def head():
    return LedgerHead.objects.get().seq


def lines(after):
    fields = ("op", "origin", "kind", "code", "revision", "by__username")
    return list(Change.objects.filter(seq__gt=after).values_list(*fields))


def state():
    """All that is public, and the tables behind it."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (PublicRecord, Change, LedgerHead, Tie, Target, Measure, Budget, Passage)
    ]


# Proposing


def test_a_proposal_changes_nothing_and_says_what_would_change(propose, editor):
    before, seq = state(), head()
    histories = Target.history.count()
    correction = propose(target(), note="示例说明", nature="")
    assert state() == before
    assert Target.history.count() == histories
    assert Correction.objects.values(
        "kind", "code", "name", "document__code", "path", "base_revision", "base_seq", "changes", "reason",
        "author__username", "state", "reviewer", "decided_at", "opinion", "seq",
    ).get() == {
        "kind": "target",
        "code": TARGET,
        "name": "地区生产总值",
        "document__code": "whzf-2023-2",
        "path": f"/plans/2023/targets/{TARGET}/",
        "base_revision": 1,
        "base_seq": seq,
        "changes": [
            {"field": "nature", "label": "指标属性", "old": "预期性", "new": None},
            {"field": "note", "label": "说明", "old": None, "new": "示例说明"},
            {
                "field": f"ties/{TARGET}/nature",
                "label": f"目标 {TARGET} · “指标属性”依据的文字",
                "old": "主要预期目标",
                "new": None,
            },
        ],
        "reason": "示例理由",
        "author__username": "editor",
        "state": "proposed",
        "reviewer": None,
        "decided_at": None,
        "opinion": "",
        "seq": None,
    }  # fmt: skip
    assert correction.difference["fields"] == {"nature": ["expected", ""], "note": ["", "示例说明"]}


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({}, "没有改动任何内容，不必提出更正。"),
        ({"reason": " ", "note": "x"}, "请写明更正理由。"),
        (
            {"value": 7},
            "目标“2023-gdp-growth”的目标值“7”：摘录中没有能证明它的文字，"
            "请在“依据的文字”中写明：2023-gdp-growth｜目标值｜原文中的字。",
        ),
        (
            {"note": "x", "evidence": [{"record": TARGET, "field": "valeu", "text": "6"}]},
            "目标没有可对应的字段“valeu”；可写：",
        ),
        (
            {"note": "x", "evidence": [{"record": "sample-x", "field": "value", "text": "6"}]},
            "依据的文字中写到的代码“sample-x”不是本条或它的下级。",
        ),
        ({"evidence": [{"record": TARGET, "field": "value", "text": "9%"}]}, "依据的文字：“9%”不在该段原文中。"),
        ({"removed": True, "merged_into": "sample-x"}, "没有代码为“sample-x”的另一条公开的目标可以并入。"),
        ({"removed": True, "merged_into": TARGET}, f"没有代码为“{TARGET}”的另一条公开的目标可以并入。"),
    ],
)
def test_a_proposal_is_refused_with_the_reason(propose, how, message):
    before = state()
    with pytest.raises(CannotCorrect) as refused:
        propose(target(), **how)
    assert str(refused.value).startswith(message)
    assert state() == before
    assert not Correction.objects.exists()


def test_a_numeral_that_would_be_left_without_a_record_is_refused_with_its_place(propose):
    with pytest.raises(CannotCorrect) as refused:
        propose(target(), removed=True)
    assert refused.value.messages == (
        "更正之后全文核对不符，不能提交：",
        "whzf-2023-2 第8段第41字“6”：数字没有对应的记录，也没有说明理由",
    )


def test_a_row_is_corrected_with_its_measure(editor):
    row = budget()
    with pytest.raises(CannotCorrect) as refused:
        corrections.propose(row.document, "budget", row.code, reason="示例", by=editor)
    assert str(refused.value) == "安排资金随它所属的措施一并更正。"


def test_a_draft_is_not_corrected(propose, make_target):
    sample = make_target()
    with pytest.raises(CannotCorrect) as refused:
        propose(sample, note="x")
    assert str(refused.value) == f"文件“{sample.document.title}”现为草稿，只有已发布的文件才能更正。"


def test_one_open_correction_for_a_record(propose, reviewer):
    first = propose(target(), note="示例")
    with pytest.raises(CannotCorrect) as refused:
        propose(target(), note="示例二")
    when = timezone.localtime(first.proposed_at)
    assert str(refused.value) == (
        f"目标“{TARGET}”已有一件{when.year}年{when.month}月{when.day}日 {when:%H:%M}提出的更正待审核，办结后才能再提。"
    )
    corrections.send_back(first, by=reviewer, opinion="示例")
    propose(target(), note="示例二")


def test_who_started_before_somebody_elses_change_is_told(propose, reviewer):
    started = head()
    corrections.accept(propose(target(), note="示例"), by=reviewer)
    with pytest.raises(Overtaken) as refused:
        propose(target(), note="示例二", since=started)
    assert refused.value.messages == (
        "本条自提出更正时起已有变化，请按现在的内容重新提出：",
        f"目标“{TARGET}”已更新（更新记录第{started + 1}条，第2版）。",
    )


# Accepting


def test_accepting_writes_a_line_for_what_changed_and_moves_its_times_only(propose, reviewer):
    seq = head()
    others = list(PublicRecord.objects.exclude(code=TARGET).order_by("pk").values())
    before = PublicRecord.objects.get(kind="target", code=TARGET)
    correction = propose(target(), note="示例说明甲乙")
    corrections.accept(correction, by=reviewer, opinion="同意")
    assert lines(seq) == [("update", "correction", "target", TARGET, 2, "reviewer")]
    after = PublicRecord.objects.get(kind="target", code=TARGET)
    assert (after.published_at, after.revision, after.seq) == (before.published_at, 2, seq + 1)
    assert after.changed_at > before.changed_at
    assert after.hash != before.hash
    assert '"note":"示例说明甲乙"' in after.body
    assert list(PublicRecord.objects.exclude(code=TARGET).order_by("pk").values()) == others
    correction.refresh_from_db()
    assert (correction.state, correction.reviewer, correction.opinion, correction.seq) == (
        "accepted", reviewer, "同意", seq + 1,
    )  # fmt: skip
    assert "示例说明甲乙" in SearchEntry.objects.get(kind="target", code=TARGET).text
    assert target().history.first().note == "示例说明甲乙"
    assert verify(Document.objects.get(code="whzf-2023-2")).misses == []


def test_a_row_and_its_words_are_corrected(propose, reviewer):
    seq = head()
    correction = propose(measure(), rows=[(budget(), {"purpose": "消费券"})])
    assert correction.changes == BUDGET_CHANGES
    corrections.accept(correction, by=reviewer)
    assert [line[2:5] for line in lines(seq)] == [("passage", CLAUSE, 2), ("budget", f"{MEASURE}-b1", 2)]


def test_rows_are_added_and_removed_with_a_line_each(editor, reviewer):
    seq, here = head(), measure()
    audience = here.audiences.first()

    def save():
        here.benefits.get(code=f"{MEASURE}-g1").delete()
        start = here.quote.index("传统燃油")
        here.audiences.create(
            code=f"{MEASURE}-a9", document=here.document, passage=here.passage, start=start, quote="传统燃油",
            position=9, name="传统燃油",
        )  # fmt: skip

    how = {"reason": "示例", "by": editor, "save": save}
    correction = corrections.propose(here.document, "measure", MEASURE, **how)
    assert [(change["field"], change["old"] is None, change["new"]) for change in correction.changes[:2]] == [
        (f"audiences/{MEASURE}-a9", True, "原文摘录：传统燃油；适用对象：传统燃油"),
        (f"benefits/{MEASURE}-g1", False, None),
    ]
    corrections.accept(correction, by=reviewer)
    assert [line[0:1] + line[2:5] for line in lines(seq)] == [
        ("update", "passage", CLAUSE, 2),
        ("update", "measure", MEASURE, 2),
        ("delete", "benefit", f"{MEASURE}-g1", 2),
    ]
    assert not PublicRecord.objects.filter(code=f"{MEASURE}-g1").exists()
    assert Tie.objects.filter(kind="audience", code=f"{MEASURE}-a9", field="name").exists()
    assert audience is None or here.audiences.filter(pk=audience.pk).exists()

    def again():
        start = here.quote.index("新能源汽车")
        here.benefits.create(
            code=f"{MEASURE}-g1", document=here.document, passage=here.passage, start=start, quote="新能源汽车",
            position=9, name="新能源汽车", kind="other",
        )  # fmt: skip

    with pytest.raises(CannotCorrect) as refused:
        corrections.propose(here.document, "measure", MEASURE, **(how | {"save": again}))
    assert str(refused.value) == f"支持内容与标准代码“{MEASURE}-g1”已经用过，请另取一个。"


def test_an_assignment_is_content_of_its_target(propose, reviewer, editor):
    here, unit, seq = target(), Unit.objects.get(code="finance-bureau"), head()
    correction = corrections.propose(
        here.document, "target", TARGET, reason="示例", by=editor, save=lambda: here.assignments.create(unit=unit)
    )
    assert correction.changes == [
        {
            "field": "assignments/finance-bureau",
            "label": "指定责任单位 finance-bureau",
            "old": None,
            "new": "单位：市财政局",
        }
    ]
    corrections.accept(correction, by=reviewer)
    assert [line[2:5] for line in lines(seq)] == [("target", TARGET, 2)]
    correction = corrections.propose(
        here.document, "target", TARGET, reason="示例", by=editor, save=lambda: here.assignments.update(note="示例说明")
    )
    assert [change["label"] for change in correction.changes] == ["指定责任单位 finance-bureau · 说明"]
    corrections.accept(correction, by=reviewer)
    assert target().assignments.get().note == "示例说明"


# The text


def test_the_text_of_a_passage_takes_its_quotes_and_ties_along(propose, reviewer):
    seq, passage = head(), measure().passage
    place = Tie.objects.get(code=f"{MEASURE}-b1", field="amount")
    correction = propose(
        passage, text=passage.text.replace("发放加油", "示例发放加油").replace("加大力度", "加大了力度")
    )
    assert [change["field"] for change in correction.changes] == ["text"]
    corrections.accept(correction, by=reviewer)
    changed = {(kind, code) for _op, _origin, kind, code, *_rest in lines(seq)}
    assert {("passage", CLAUSE), ("measure", MEASURE)} <= changed
    passage.refresh_from_db()
    assert measure().quote == passage.text
    place.refresh_from_db()
    assert passage.text[place.start : place.end] == "400万"
    assert verify(passage.document).misses == []


def test_words_that_prove_another_record_are_not_changed_without_it(propose, reviewer):
    passage = measure().passage
    text = passage.text.replace("400万元", "500万元")
    with pytest.raises(CannotCorrect) as refused:
        propose(passage, text=text)
    assert refused.value.messages == (
        "改动触及证明其他记录的文字，请从那条记录提出更正，并在那里一并改正原文：",
        f"第17段“400万”证明安排资金“{MEASURE}-b1”的字段 amount。",
    )
    row = budget()
    corrections.accept(propose(measure(), rows=[(row, {"amount": 5000000})], texts={passage.code: text}), by=reviewer)
    row.refresh_from_db()
    passage.refresh_from_db()
    assert (row.amount, row.quote, passage.text) == (5000000, "安排资金500万元，发放加油消费券", text)
    tie = Tie.objects.get(code=row.code, field="amount")
    assert passage.text[tie.start : tie.end] == "500万"


@pytest.mark.parametrize(
    ("old", "new", "span", "place"),
    [
        ("甲乙丙丁", "甲乙丙丁", (1, 3), (1, 3)),
        ("甲乙丙丁", "子甲乙丙丁", (1, 3), (2, 4)),
        ("甲乙丙丁", "甲乙丑丙丁", (1, 3), (1, 4)),
        ("甲乙丙丁", "甲丑丙丁", (1, 2), None),
        ("甲乙丙丁", "丑乙丙丁", (0, 4), (0, 4)),
        ("甲乙丙丁", "甲乙丙", (2, 4), (2, 3)),
        ("甲乙丙丁", "乙丙丁", (0, 1), None),
    ],
)
def test_where_a_span_stands_after_a_rewriting(old, new, span, place):
    assert Rewritten(old, new).place(*span) == place


# Removing and merging


def explain(record):
    """Reasons for all the numerals of a record's ties."""
    return [
        {"reason": "name", "passage": tie.passage.position, "text": tie.passage.text}
        for tie in Tie.objects.filter(code=record.code).select_related("passage")[:1]
    ]


def test_a_removed_record_is_gone_for_good(client, propose, reviewer):
    seq, project = head(), KeyProject.objects.get(code="2023-5g-industrial-internet")
    path = project.get_absolute_url()
    correction = propose(project, removed=True, reason="示例：重复录入", evidence=explain(project))
    assert correction.changes[0] == {"field": "code", "label": "本条", "old": "公开", "new": "已删除"}
    corrections.accept(correction, by=reviewer)
    assert ("delete", "correction", "project", project.code, 2, "reviewer") in lines(seq)
    assert not KeyProject.objects.filter(code=project.code).exists()
    assert not Tie.objects.filter(code=project.code).exists()
    assert not SearchEntry.objects.filter(kind="project", code=project.code).exists()
    deleted = client.get("/api/v1/corrections/", {"op": "delete"}).json()["results"]
    assert [row["record"]["code"] for row in deleted] == [project.code]
    page = client.get(path)
    assert page.status_code == 410
    assert "更正理由：示例：重复录入（原文未变，更正的是本站录入。）" in page.content.decode()
    answer = client.get(f"/api/v1/projects/{project.code}/").json()
    assert answer["detail"] == f"项目与任务“{project.code}”已于{timezone.localdate()}删除，不再公开。"
    project.pk = None
    project.save()
    with pytest.raises(publication.CannotPublish) as refused:
        publication.publish(project.document)
    assert str(refused.value) == f"项目与任务代码“{project.code}”曾用于已删除的公开记录，不能再用，请另取一个。"


def test_a_merged_record_leads_to_the_one_that_remains(client, propose, reviewer):
    project = KeyProject.objects.get(code="2023-5g-industrial-internet")
    other = KeyProject.objects.get(code="2023-projects-over-5-billion")
    path = project.get_absolute_url()
    correction = propose(project, removed=True, merged_into=other.code, evidence=explain(project))
    assert correction.changes[0]["new"] == f"已并入项目与任务“{other.code}”"
    corrections.accept(correction, by=reviewer)
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (301, other.get_absolute_url())
    assert Change.objects.get(code=project.code, op="delete").merged_into == other.code
    answer = client.get(f"/api/v1/projects/{project.code}/", status=410).json()
    assert answer["detail"] == (
        f"项目与任务“{project.code}”已于{timezone.localdate()}删除并并入“{other.code}”，不再公开。"
    )


def test_what_others_refer_to_is_not_removed(propose):
    owner = Target.objects.exclude(same_as=None).first().same_as
    with pytest.raises(CannotCorrect) as refused:
        propose(owner, removed=True)
    assert str(refused.value).startswith(f"目标“{owner.code}”还被引用，不能删除：目标“")


# Who may


def test_nobody_reviews_a_correction_of_his_or_her_own(propose, editor):
    correction = propose(target(), note="示例")
    for act in (lambda: corrections.accept(correction, by=editor), lambda: send_back(correction, editor)):
        with pytest.raises(CannotCorrect) as refused:
            act()
        assert str(refused.value) == "更正须由提出人以外的人审核。"
    with pytest.raises(IntegrityError, match="correction_reviewed_by_another"), transaction.atomic():
        Correction.objects.update(reviewer=editor)


def send_back(correction, by):
    return corrections.send_back(correction, by=by, opinion="示例意见")


def test_a_correction_is_returned_with_a_reason_and_decided_once(propose, reviewer, editor):
    before, correction = state(), propose(target(), note="示例")
    with pytest.raises(CannotCorrect) as refused:
        corrections.send_back(correction, by=reviewer, opinion=" ")
    assert str(refused.value) == "退回更正须写明理由。"
    send_back(correction, reviewer)
    for act in (
        lambda: corrections.accept(correction, by=reviewer),
        lambda: send_back(correction, reviewer),
        lambda: corrections.withdraw(correction, by=editor),
    ):
        with pytest.raises(CannotCorrect) as refused:
            act()
        assert str(refused.value) == "这件更正已退回，不能再办。"
    assert state() == before


def test_only_its_author_withdraws_a_correction(propose, reviewer, editor):
    correction = propose(target(), note="示例")
    with pytest.raises(CannotCorrect) as refused:
        corrections.withdraw(correction, by=reviewer)
    assert str(refused.value) == "只有提出人可以撤销更正。"
    assert corrections.withdraw(correction, by=editor).state == "withdrawn"


# What happened meanwhile


def test_a_correction_of_a_record_that_changed_meanwhile_is_void(propose, reviewer):
    passage = measure().passage
    correction = propose(measure(), rows=[(budget(), {"purpose": "消费券"})])
    seq = head()
    corrections.accept(propose(passage, text=passage.text.replace("加大力度", "加大了力度")), by=reviewer)
    before = state()
    with pytest.raises(Overtaken) as refused:
        corrections.accept(correction, by=reviewer)
    line = Change.objects.get(seq__gt=seq, kind="measure", code=MEASURE)
    sentences = refused.value.messages
    assert sentences[0] == "本条自提出更正时起已有变化，请按现在的内容重新提出："
    assert f"措施“{MEASURE}”已更新（更新记录第{line.seq}条，第2版）。" in sentences
    assert state() == before
    correction.refresh_from_db()
    assert (correction.state, correction.opinion) == ("superseded", "\n".join(sentences))


def test_a_correction_waits_while_its_document_is_withdrawn_and_is_void_after(propose, reviewer):
    correction, document = propose(target(), note="示例"), target().document
    publication.withdraw(document)
    with pytest.raises(CannotCorrect) as refused:
        corrections.accept(correction, by=reviewer)
    assert str(refused.value) == f"文件“{document.title}”现为已撤回，只有已发布的文件才能更正。"
    publication.publish(document)
    with pytest.raises(Overtaken) as refused:
        corrections.accept(correction, by=reviewer)
    assert [sentence.split("（")[0] for sentence in refused.value.messages[1:]] == [
        f"目标“{TARGET}”已撤回",
        f"目标“{TARGET}”已发布",
    ]


# What the public sees


def test_the_page_tells_of_the_correction_for_ever(client, propose, reviewer):
    correction = corrections.accept(propose(target(), nature="", reason="原文没有写明属性"), by=reviewer)
    corrections.accept(propose(target(), note="示例说明"), by=reviewer)
    page = client.get(f"/plans/2023/targets/{TARGET}/").content.decode()
    day = timezone.localtime(correction.decided_at)
    assert page.count(f"{day.year}年{day.month}月{day.day}日</time>更正</h3>") == 2
    for words in (
        "原文未变，更正的是本站录入。",
        "理由：原文没有写明属性",
        "<dt>指标属性</dt><dd>原为“预期性”，现为空</dd>",
        "<dt>说明</dt><dd>原为空，现为“示例说明”</dd>",
        f"更新记录第{correction.seq}条",
    ):
        assert words in page
    assert page.index("示例说明”") < page.index("理由：原文没有写明属性")  # the newest first


def test_long_words_are_marked_where_they_differ(client, propose, reviewer):
    passage = measure().passage
    corrections.accept(propose(passage, text=passage.text.replace("加大力度", "加大了力度")), by=reviewer)
    page = client.get("/documents/whzbf-2023-2/").content.decode()
    assert "加大<ins>了</ins>力度" in page
    assert "更正：第17段" in page


def test_the_pages_of_events_tell_of_theirs(client, editor, reviewer):
    event = Appointment.objects.filter(person__code="zhang-liming").first()

    def save():
        event.date_basis = "number_year" if event.date_basis != "number_year" else "unknown"
        event.save()

    correction = corrections.propose(event.document, "appointment", event.code, reason="示例", by=editor, save=save)
    corrections.accept(correction, by=reviewer)
    for page in (event.person.get_absolute_url(), event.post.get_absolute_url()):
        assert f"更正：{correction.name}" in client.get(page).content.decode()


def test_the_api_lists_corrections(client, propose, reviewer):
    first = corrections.accept(propose(target(), note="示例说明"), by=reviewer)
    second = corrections.accept(propose(measure(), rows=[(budget(), {"purpose": "消费券"})]), by=reviewer)
    whole = client.get("/api/v1/corrections/").json()
    assert whole == {
        "count": 2,
        "count_exact": True,
        "next": None,
        "previous": None,
        "results": [
            {
                "seq": first.seq,
                "at": timezone.localtime(first.decided_at).isoformat(),
                "kind": "target",
                "record": {
                    "code": TARGET,
                    "name": "地区生产总值",
                    "url": f"http://127.0.0.1:8000/plans/2023/targets/{TARGET}/",
                },
                "reason": "示例理由",
                "changes": [{"field": "note", "label": "说明", "old": None, "new": "示例说明"}],
            },
            {
                "seq": second.seq,
                "at": timezone.localtime(second.decided_at).isoformat(),
                "kind": "measure",
                "record": {
                    "code": MEASURE,
                    "name": "（7）扩大汽车成品油大宗商品消费",
                    "url": "http://127.0.0.1:8000/measures/2023-consumption/7/",
                },
                "reason": "示例理由",
                "changes": BUDGET_CHANGES,
            },
        ],
    }
    today = timezone.localdate()
    for parameters, seqs in (
        ({"kind": "target"}, [first.seq]),
        ({"code": MEASURE}, [second.seq]),
        ({"after": first.seq}, [second.seq]),
        ({"document": "whzf-2023-2"}, [first.seq]),
        ({"op": "update"}, [first.seq, second.seq]),
        ({"op": "delete"}, []),
        ({"op": "withdraw"}, []),
        ({"since": today}, [first.seq, second.seq]),
        ({"since": today + timedelta(days=1)}, []),
        ({"q": "加油消费券"}, [second.seq]),
    ):
        answer = client.get("/api/v1/corrections/", parameters).json()
        assert [row["seq"] for row in answer["results"]] == seqs, parameters
    assert client.get("/api/v1/corrections/", {"since": "昨天"}).json()["errors"] == {
        "since": ["日期写作 2023-03-15。"]
    }


def test_what_waits_or_was_returned_is_seen_nowhere(client, propose, reviewer):
    marker = "泄露标记"
    pages = [
        f"/plans/2023/targets/{TARGET}/",
        "/measures/2023-consumption/7/",
        f"/api/v1/targets/{TARGET}/",
        "/api/v1/corrections/",
        "/api/v1/changes/?page_size=200&page=4",
        f"/search/?q={marker}",
        f"/api/v1/search/?q={marker}",
        "/",
    ]
    before = [client.get(page).content for page in pages]
    propose(target(), note=marker, reason=marker)
    returned = propose(measure(), rows=[(budget(), {"purpose": "消费券"})], reason=marker)
    corrections.send_back(returned, by=reviewer, opinion=marker)
    assert [client.get(page).content for page in pages] == before
    accepted = corrections.accept(Correction.objects.get(kind="target"), by=reviewer)
    assert marker in client.get(pages[0]).content.decode()
    # What is withdrawn takes its corrections along.
    publication.withdraw(accepted.document)
    assert marker not in client.get("/api/v1/corrections/").content.decode()
    assert client.get("/api/v1/corrections/").json()["count"] == 0


# How much it asks of the database


def queries(call):
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def test_proposing_and_accepting_ask_a_bounded_number_of_times(propose, reviewer):
    """The document is read whole and proven whole, by kind and not by record: of 443 records here."""
    for note in ("示例", "示例二"):
        waiting = []
        assert queries(lambda note=note, waiting=waiting: waiting.append(propose(target(), note=note))) <= 120
        assert queries(lambda waiting=waiting: corrections.accept(waiting[0], by=reviewer)) <= 140


def test_the_ledger_still_proves_after_corrections(propose, reviewer, capsys):
    corrections.accept(propose(target(), note="示例"), by=reviewer)
    call_command("verify_sources")
    assert "不符0" in capsys.readouterr().out


# A record that was left out


@pytest.fixture
def left_out(db):
    """The plan, public without one of its targets, which is returned as its stored fields."""
    record = target()
    fields = {field.attname: getattr(record, field.attname) for field in Target._meta.concrete_fields}
    document = record.document
    publication.withdraw(document)
    Tie.objects.filter(kind="target", code=TARGET).delete()
    record.delete()
    publication.publish(document)
    return {name: value for name, value in fields.items() if name not in ("id", "place", "part")}


# What stands in the passage, and not in the quote.
ELSEWHERE = {"headline": "主要预期目标", "nature": "主要预期目标"}


def add(fields, code="2023-gdp", **how):
    def save():
        Target.objects.create(**fields | {"code": code})

    evidence = [{"record": code, "field": field, "text": text} for field, text in ELSEWHERE.items()]
    how = {"reason": "录入时漏了", "by": User.objects.get(username="editor"), "added": True, "evidence": evidence} | how
    document = Document.objects.get(code="whzf-2023-2")
    return corrections.propose(document, "target", code, save=save, **how)


def test_a_record_that_was_left_out_is_added(client, left_out, editor, reviewer):
    before, seq = state(), head()
    correction = add(left_out)
    assert state() == before
    assert (correction.name, correction.path, correction.base_revision) == (
        "地区生产总值",
        "/plans/2023/targets/2023-gdp/",
        0,
    )
    said = {change["label"]: (change["old"], change["new"]) for change in correction.changes}
    assert said["目标值"] == (None, "6")
    assert said["原文摘录"] == (None, left_out["quote"])
    assert said["目标 2023-gdp · “目标值”依据的文字"] == (None, "6")
    assert not {"文件", "起点", "由文字推得"} & said.keys()
    assert client.get("/plans/2023/targets/2023-gdp/").status_code == 404
    corrections.accept(correction, by=reviewer)
    # The passage has its figures, and the target its page.
    assert [line[:4] for line in lines(seq)] == [
        ("update", "correction", "passage", "whzf-2023-2-p8"),
        ("publish", "correction", "target", "2023-gdp"),
    ]
    page = client.get("/plans/2023/targets/2023-gdp/").content.decode()
    assert "补录" in page
    assert "理由：录入时漏了" in page
    assert "文件公开时漏录了本条，后来补上。" in page
    assert client.get("/api/v1/targets/2023-gdp/").json()["value"] == "6"
    for op, count in (("publish", 1), ("update", 0), ("delete", 0), ("withdraw", 0)):
        assert client.get(f"/api/v1/corrections/?op={op}").json()["count"] == count
    assert (verify(Document.objects.get(code="whzf-2023-2")).misses, list(misses("default"))) == ([], [])


def test_a_used_code_is_not_given_to_what_was_left_out(left_out, editor, reviewer, make_target):
    taken = make_target()
    for code in (TARGET, taken.code):
        with pytest.raises(CannotCorrect, match=f"^目标代码“{code}”已经用过，请另取一个。$"):
            add(left_out, code=code)
    first = add(left_out)
    with pytest.raises(CannotCorrect, match="已有一件.*待审核，办结后才能再提。"):
        add(left_out)
    make_target(code="2023-gdp")
    with pytest.raises(CannotCorrect, match="^目标代码“2023-gdp”已经用过，请另取一个。$"):
        corrections.accept(first, by=reviewer)


@pytest.mark.parametrize(("kind", "label"), [("passage", "段落"), ("document", "文件"), ("person", "人员")])
def test_what_is_no_record_with_a_sentence_of_its_own_is_not_added(kind, label, editor):
    document = Document.objects.get(code="whzf-2023-2")
    with pytest.raises(CannotCorrect, match=f"^{label}不能补录。$"):
        corrections.propose(document, kind, "sample", reason="示例", by=editor, save=lambda: None, added=True)


def test_what_the_text_does_not_prove_is_not_added(left_out, editor):
    with pytest.raises(CannotCorrect, match="目标“2023-gdp”的目标值“7”：摘录中没有能证明它的文字"):
        add(left_out | {"value": "7"})
