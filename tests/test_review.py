"""The way of a document to the public: each step by another person, nothing by a slip, and why it was withdrawn."""

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from gazette import publication, review
from gazette.ledger_check import misses
from gazette.models import Change, Deputy, Document, Passage, PublicRecord, ReviewEntry, Tie, User, WatchedWord
from gazette.review_people import CannotReview, editors
from personnel.models import Appointment
from plans.models import Assignment, Target

pytestmark = pytest.mark.django_db

NOTICE = "wzrz-2023-1"
CHANGED = "送审之后内容有变，已作废全部审核意见，文件退回草稿；请核对之后重新送审。"
REVIEW_RIGHTS = ("review_first_document", "review_second_document", "review_final_document")


def make_staff(name, *permissions, **values):
    """A member of staff with some permissions."""
    user = User.objects.create(username=name, is_staff=True, **values)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def refused(act, *args, **how):
    """The sentence with which an act is refused."""
    with pytest.raises(CannotReview) as refusal:
        act(*args, **how)
    return str(refusal.value)


def approve(document, by, opinion="", **how):
    return review.approve(document, by, opinion, **{"proofread": True} | how)


def acts(document):
    """What was done, oldest first: (act, step, by, void)."""
    return [
        (entry.act, entry.step, entry.by and entry.by.username, entry.void)
        for entry in document.review_entries.order_by("pk")
    ]


def draft_of(code):
    """A founding document, made a draft again: its text proves all of its records."""
    document = Document.objects.get(code=code)
    publication.withdraw(document)
    document.refresh_from_db()
    document.status = "draft"
    document.save()
    return document


@pytest.fixture
def draft(db):
    return draft_of(NOTICE)


@pytest.fixture
def editor(db):
    return make_staff("editor", "submit_document", "change_document")


@pytest.fixture
def first(db):
    return make_staff("first", "review_first_document")


@pytest.fixture
def second(db):
    return make_staff("second", "review_second_document")


@pytest.fixture
def final(db):
    return make_staff("final", "review_final_document", last_name="王", first_name="示例")


@pytest.fixture
def submitted(draft, editor):
    review.submit(draft, editor)
    return draft


@pytest.fixture
def at_final(submitted, first, second):
    approve(submitted, first)
    approve(submitted, second)
    return submitted


# From draft to the public


def test_three_steps_by_three_people_lead_to_the_public(draft, editor, first, second, final):
    name = draft.title
    assert review.stage(draft) == "草稿"
    review.submit(draft, editor, "示例说明")
    stages = [review.stage(draft)]
    for person in (first, second):
        approve(draft, person, "示例意见")
        stages.append(review.stage(draft))
    assert stages == ["待初审", "待复审", "待终审"]
    assert not PublicRecord.objects.filter(document=draft).exists()
    before = Change.objects.latest("seq").seq
    approve(draft, final, "同意")
    assert (review.stage(draft), draft.title) == ("已发布", name)
    assert acts(draft) == [
        ("submit", 0, "editor", False),
        ("approve", 1, "first", False),
        ("approve", 2, "second", False),
        ("approve", 3, "final", False),
        ("publish", 0, "final", False),
    ]
    # The document and all its records went together, by the last reviewer.
    lines = Change.objects.filter(seq__gt=before)
    assert set(lines.values_list("op", "origin", "by__username")) == {("publish", "review", "final")}
    assert lines.filter(kind="appointment").count() == Appointment.objects.filter(document=draft).count()
    published = draft.review_entries.get(act="publish")
    assert (published.seq, published.at) == (before + 1, lines.first().at)
    assert list(misses("default")) == []


def test_two_steps_are_the_first_and_the_final(draft, editor, first, final, settings):
    settings.REVIEW_STEPS = 2
    review.submit(draft, editor)
    approve(draft, first)
    assert review.stage(draft) == "待终审"
    approve(draft, final)
    assert draft.status == "published"


def test_one_step_serves_an_office_of_two(draft, editor, first, final, settings):
    settings.REVIEW_STEPS = 1
    review.submit(draft, editor)
    assert review.stage(draft) == "待终审"
    assert refused(approve, draft, first) == "你没有“可以终审”的权限，今天也不代理有此权限的人。"
    approve(draft, final)
    assert draft.status == "published"


def test_the_number_of_steps_is_that_of_the_submission(submitted, first, second, final, settings):
    settings.REVIEW_STEPS = 1
    for person in (first, second, final):
        assert submitted.status == "in_review"
        approve(submitted, person)
    assert submitted.status == "published"


# What is refused


def test_no_code_publishes_what_was_not_approved_at_every_step(submitted, first, second):
    said = f"文件“{submitted.title}”还没有审完，不能发布。"
    for person in (first, second, None):
        with pytest.raises(publication.CannotPublish) as refusal:
            publication.publish(submitted)
        assert str(refusal.value) == said
        if person:
            approve(submitted, person)
    assert not PublicRecord.objects.filter(document=submitted).exists()


def test_an_act_needs_its_right(draft, editor, final):
    nobody = make_staff("nobody")
    assert refused(review.submit, draft, nobody) == "你没有“可以送审”的权限。"
    assert refused(review.publish_bypass, draft, nobody, "示例") == "你没有“可以应急发布”的权限。"
    review.submit(draft, editor)
    said = "你没有“可以初审”的权限，今天也不代理有此权限的人。"
    assert refused(approve, draft, nobody) == said
    assert refused(review.send_back, draft, nobody, "示例") == said
    assert refused(approve, draft, final) == said
    assert refused(review.reopen, draft, nobody) == "你没有“更改文件”的权限。"
    gone = make_staff("gone", *REVIEW_RIGHTS, is_active=False)
    assert refused(approve, draft, gone) == said
    assert acts(draft) == [("submit", 0, "editor", False)]


@pytest.mark.parametrize(
    ("status", "words", "allowed"),
    [
        ("draft", "草稿", {"submit", "bypass"}),
        ("in_review", "审核中", {"reopen", "bypass"}),
        ("published", "已发布", {"withdraw"}),
        ("withdrawn", "已撤回", {"reopen"}),
    ],
)
def test_an_act_needs_its_state(make_document, status, words, allowed):
    document = make_document(title="示例标题")
    Document.objects.filter(pk=document.pk).update(status=status)
    document.refresh_from_db()
    boss = User.objects.create(username="boss", is_superuser=True)
    calls = {
        "submit": (lambda: review.submit(document, boss), "送审"),
        "approve": (lambda: approve(document, boss), "审核同意"),
        "return": (lambda: review.send_back(document, boss, "示例"), "退回"),
        "recall": (lambda: review.recall(document, boss), "撤回送审"),
        "reopen": (lambda: review.reopen(document, boss), "退回草稿修改"),
        "cancel": (lambda: review.cancel(document, boss), "取消定时发布"),
        "withdraw": (lambda: review.withdraw(document, boss, "secret", "示例"), "撤回公开"),
        "bypass": (lambda: review.publish_bypass(document, boss, "示例"), "应急发布"),
        "clear": (lambda: review.clear_bypass(document, boss, "示例"), "核销应急发布"),
    }
    for act, (call, label) in calls.items():
        if act not in allowed:
            assert refused(call) == f"文件“示例标题”现为{words}，不能{label}。", act
    assert {str(act) for act in review.acts_in(document)} == allowed


def test_what_the_text_does_not_prove_is_not_submitted(draft, editor):
    event = Appointment.objects.filter(document=draft).first()
    Tie.objects.filter(code=event.code, field="person").delete()
    said = refused(review.submit, draft, editor).splitlines()
    assert said[0] == f"全文核对有{len(said) - 1}处不符，改正之后才能送审："
    assert said[1].startswith(f"{NOTICE} 第")
    assert f"{event.code} 的“人员”值" in "".join(said)
    draft.refresh_from_db()
    assert (draft.status, acts(draft)) == ("draft", [])


def test_forbidden_words_that_staff_typed_are_not_submitted(draft, editor):
    WatchedWord.objects.create(word="示例禁词", kind="forbidden", instead="示例")
    WatchedWord.objects.create(word="任命", kind="forbidden")
    draft.note = "含示例禁词的说明"
    draft.save()
    assert refused(review.submit, draft, editor).splitlines() == [
        "录入的文字中有1处禁用词，改正之后才能送审：",
        f"文件“{NOTICE}”的说明：“含示例禁词的说明”含禁用词“示例禁词”，建议写作“示例”。",
    ]
    draft.note = ""
    draft.save()
    # What the paper printed stays as it is.
    review.submit(draft, editor)
    assert draft.status == "in_review"


def test_an_approval_needs_the_tick(submitted, first):
    assert refused(approve, submitted, first, proofread=False) == "审核同意须先校对并勾选“已校对”。"
    with pytest.raises(IntegrityError, match="review_approval_proofread"), transaction.atomic():
        ReviewEntry.objects.create(
            document=submitted, round=1, act="approve", step=1, steps=3, by=first, at=timezone.now()
        )


def test_what_was_decided_meanwhile_is_not_decided_again(submitted, first, second):
    stale = Document.objects.get(pk=submitted.pk)
    seen = submitted.review_entries.latest("pk").pk
    other = make_staff("other", *REVIEW_RIGHTS)
    approve(submitted, first, seen=seen)
    said = f"文件“{submitted.title}”刚由别人办理过，现为待复审；请看过现在的情况再办。"
    assert refused(approve, stale, other) == said
    assert refused(approve, submitted, other, seen=seen) == said
    # The same step of a later submission is another one.
    review.send_back(submitted, second, "示例理由")
    submitter = make_staff("submitter", "submit_document")
    review.submit(submitted, submitter)
    assert "现为待初审" in refused(approve, submitted, other, seen=seen)
    assert [act[0] for act in acts(submitted)] == ["submit", "approve", "return", "submit"]


# Different people, and none who edited


def test_nobody_reviews_what_he_or_she_submitted_or_reviewed(draft):
    boss, other = (User.objects.create(username=name, is_superuser=True) for name in ("boss", "other"))
    review.submit(draft, boss)
    assert refused(approve, draft, boss) == "你送审了这份文件，不能审核它；每一步须由没有参与过的人办理。"
    assert refused(review.send_back, draft, boss, "示例").startswith("你送审了这份文件")
    approve(draft, other)
    assert refused(approve, draft, other) == "你初审过这份文件，不能审核它；每一步须由没有参与过的人办理。"
    assert refused(review.send_back, draft, other, "示例").startswith("你初审过这份文件")


def edit(row, user):
    """Save a row as a member of staff does."""
    row._history_user = user
    row.save()


EDITED = "你在上次退回之后编辑过这份文件，不能审核它；每一步须由没有参与过的人办理。"


@pytest.mark.parametrize("what", ["document", "passage", "record", "tie", "deleted tie"])
def test_nobody_reviews_what_he_or_she_edited(what, draft, editor, first, second):
    if what == "document":
        draft.note = "示例说明"
        edit(draft, first)
    elif what == "deleted tie":
        tie = Tie.objects.filter(document=draft).exclude(reason="").first()
        tie.pk, tie.reason = None, "policy" if tie.reason != "policy" else "name"
        tie.save()
        tie._history_user = first
        tie.delete()
    else:
        model = {"passage": Passage, "record": Appointment, "tie": Tie}[what]
        edit(model.objects.filter(document=draft).first(), first)
    review.submit(draft, editor)
    assert refused(approve, draft, first) == EDITED
    # After a return by somebody else, what was edited before it counts no more.
    other = make_staff("other", "review_first_document")
    review.send_back(draft, other, "示例理由")
    review.submit(draft, editor)
    approve(draft, first)
    assert review.stage(draft) == "待复审"


def test_steps_of_a_review_are_no_edits(draft, editor, first):
    draft._history_user = first
    for status in ("in_review", "draft"):
        draft.status = status
        draft.save()
    assert draft.history.filter(history_user=first).count() == 2
    assert editors(draft, []) == set()


def test_recalling_or_reopening_forgets_no_editor(draft, editor, first):
    edit(Passage.objects.filter(document=draft).first(), first)
    review.submit(draft, editor)
    review.recall(draft, editor)
    review.submit(draft, editor)
    review.reopen(draft, editor)
    review.submit(draft, editor)
    assert refused(approve, draft, first) == EDITED


def test_who_assigned_a_unit_edited_the_plan(editor, first, make_unit):
    plan = draft_of("whzf-2023-2")
    assignment = Assignment(target=Target.objects.get(code="2023-gdp-growth"), unit=make_unit())
    edit(assignment, first)
    assert editors(plan, []) == {first.pk}
    assignment._history_user = editor
    assignment.delete()
    assert editors(plan, []) == {first.pk, editor.pk}


# Deputies


@pytest.fixture
def stand_in(first, final):
    """Have `deputy` stand in for `first` on the days from today on, `ends` days long."""

    def make(principal=first, start=0, end=0):
        deputy = User.objects.filter(username="deputy").first() or make_staff("deputy")
        today = timezone.localdate()
        days = {"starts_on": today + timedelta(days=start), "ends_on": today + timedelta(days=end)}
        Deputy.objects.create(principal=principal, deputy=deputy, note="示例事由", set_by=final, **days)
        return deputy

    return make


def test_a_deputy_acts_on_the_stated_days_with_the_rights_of_the_absent(submitted, first, stand_in):
    deputy = stand_in(start=-3, end=-1)
    stand_in(start=1, end=3)
    said = "你没有“可以初审”的权限，今天也不代理有此权限的人。"
    assert refused(approve, submitted, deputy) == said
    stand_in()
    entry = approve(submitted, deputy, "示例意见")
    assert (entry.by, entry.in_place_of, entry.opinion) == (deputy, first, "示例意见")
    # Neither the deputy nor the absent takes the next step.
    for person in (first, deputy):
        person.user_permissions.add(Permission.objects.get(codename="review_second_document"))
        person = User.objects.get(pk=person.pk)
        assert refused(approve, submitted, person).startswith("你初审过这份文件")


def test_a_deputy_has_no_right_that_the_absent_has_not(submitted, first, stand_in):
    deputy = stand_in()
    first.user_permissions.clear()
    said = "你没有“可以初审”的权限，今天也不代理有此权限的人。"
    assert refused(approve, submitted, deputy) == said
    first.user_permissions.set(Permission.objects.filter(codename="review_first_document"))
    User.objects.filter(pk=first.pk).update(is_active=False)
    assert refused(approve, submitted, deputy) == said
    # Standing in is not handed on.
    User.objects.filter(pk=first.pk).update(is_active=True)
    third = make_staff("third")
    today = timezone.localdate()
    Deputy.objects.create(principal=deputy, deputy=third, starts_on=today, ends_on=today, note="示例", set_by=first)
    assert refused(approve, submitted, third) == said


def test_a_deputy_is_bound_like_a_reviewer(draft, editor, first, stand_in):
    deputy = stand_in()
    edit(Passage.objects.filter(document=draft).first(), deputy)
    review.submit(draft, editor)
    assert refused(approve, draft, deputy) == EDITED
    absent = make_staff("absent", "review_first_document", last_name="李", first_name="示例")
    edit(Passage.objects.filter(document=draft).first(), absent)
    Deputy.objects.all().delete()
    review.recall(draft, editor)
    review.submit(draft, editor)
    other = make_staff("other")
    today = timezone.localdate()
    stand = {"deputy": other, "starts_on": today, "ends_on": today, "note": "示例", "set_by": editor}
    Deputy.objects.create(principal=absent, **stand)
    said = "你所代理的李示例在上次退回之后编辑过这份文件，不能审核它；每一步须由没有参与过的人办理。"
    assert refused(approve, draft, other) == said
    # Of two whom a person stands in for, one is enough.
    Deputy.objects.create(principal=first, **stand)
    assert approve(draft, other).in_place_of == first


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"deputy": "principal"}, "deputy_is_another"),
        ({"set_by": "deputy"}, "deputy_set_by_another"),
        ({"ends_on": date(2022, 2, 28)}, "deputy_ends_after_start"),
    ],
)
def test_a_deputy_is_another_set_by_another(wrong, constraint, editor, first, second):
    people = {"principal": first, "deputy": second, "set_by": editor}
    values = people | {"starts_on": date(2022, 3, 1), "ends_on": date(2022, 3, 1), "note": "示例"}
    values |= {name: people.get(value, value) for name, value in wrong.items()}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Deputy.objects.create(**values)


# Back to draft


def test_a_return_needs_its_reason_and_begins_anew(at_final, editor, final):
    assert refused(review.send_back, at_final, final, "  ") == "退回须写明理由。"
    entry = review.send_back(at_final, final, " 示例理由 ")
    assert (entry.opinion, entry.step) == ("示例理由", 3)
    assert (at_final.status, at_final.review_step) == ("draft", 0)
    review.submit(at_final, editor)
    assert (review.stage(at_final), at_final.review_round) == ("待初审", 2)
    assert acts(at_final) == [
        ("submit", 0, "editor", False),
        ("approve", 1, "first", True),
        ("approve", 2, "second", True),
        ("return", 3, "final", False),
        ("submit", 0, "editor", False),
    ]


def test_only_who_submitted_recalls(submitted, editor, first):
    assert refused(review.recall, submitted, first) == "只有送审人可以撤回送审。"
    review.recall(submitted, editor)
    assert submitted.status == "draft"


def test_reopening_voids_the_opinions_and_keeps_them(at_final, editor):
    review.reopen(at_final, editor, "示例说明")
    assert at_final.status == "draft"
    assert acts(at_final)[1:] == [
        ("approve", 1, "first", True),
        ("approve", 2, "second", True),
        ("reopen", 0, "editor", False),
    ]


@pytest.mark.parametrize("what", ["text", "record", "tie", "head", "deleted"])
def test_what_changed_under_review_is_not_published(what, at_final, final):
    if what == "text":
        passage = Passage.objects.filter(document=at_final).last()
        Passage.objects.filter(pk=passage.pk).update(text=f"{passage.text}示例")
    elif what == "record":
        event = Appointment.objects.filter(document=at_final).first()
        event.probation_months = 7
        event.save()
    elif what == "tie":
        Tie.objects.filter(document=at_final).last().delete()
    elif what == "head":
        Document.objects.filter(pk=at_final.pk).update(note="示例说明")
    else:
        Appointment.objects.filter(document=at_final).last().delete()
    head = Change.objects.latest("seq").seq
    assert refused(approve, at_final, final) == CHANGED
    assert at_final.status == "draft"
    assert acts(at_final)[1:] == [
        ("approve", 1, "first", True),
        ("approve", 2, "second", True),
        ("void", 0, None, False),
    ]
    assert Change.objects.latest("seq").seq == head


def test_what_was_changed_and_put_back_is_what_was_submitted(at_final, final):
    event = Appointment.objects.filter(document=at_final).first()
    kept = event.probation_months
    for months in (7, kept):
        event.probation_months = months
        event.save()
    approve(at_final, final)
    assert at_final.status == "published"


def test_a_code_that_was_deleted_keeps_the_document_in_review(at_final, final):
    event = Appointment.objects.filter(document=at_final).first()
    line = Change.objects.filter(kind="appointment", code=event.code).latest("seq")
    Change.objects.filter(pk=line.pk).update(op="delete")
    said = f"任免代码“{event.code}”曾用于已删除的公开记录，不能再用，请另取一个。"
    assert refused(approve, at_final, final) == said
    at_final.refresh_from_db()
    assert (review.stage(at_final), acts(at_final)[-1]) == ("待终审", ("approve", 2, "second", False))


# At a stated time


def test_a_scheduled_document_is_published_when_its_time_has_come(at_final, final):
    soon = timezone.now() + timedelta(hours=2)
    approve(at_final, final, publish_at=soon)
    assert (review.stage(at_final), at_final.publish_at) == ("待定时发布", soon)
    assert list(review.publish_due()) == []
    assert not PublicRecord.objects.filter(document=at_final).exists()
    assert list(review.publish_due(soon)) == [(at_final, None)]
    at_final.refresh_from_db()
    assert (at_final.status, at_final.publish_at) == ("published", None)
    assert acts(at_final)[-2:] == [("approve", 3, "final", False), ("publish", 0, None, False)]
    assert Change.objects.latest("seq").by == final
    assert list(review.publish_due(soon)) == []


def test_the_command_publishes_what_is_due(at_final, final):
    approve(at_final, final, publish_at=timezone.now() + timedelta(hours=2))
    said = StringIO()
    call_command("publish_due", stdout=said)
    assert said.getvalue() == ""
    Document.objects.filter(pk=at_final.pk).update(publish_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_due", stdout=said)
    assert said.getvalue() == f"已发布：{at_final.title}（{NOTICE}）\n"
    assert PublicRecord.objects.filter(kind="document", code=NOTICE).exists()


def test_the_command_publishes_nothing_that_changed(at_final, final):
    approve(at_final, final, publish_at=timezone.now() + timedelta(hours=2))
    Document.objects.filter(pk=at_final.pk).update(publish_at=timezone.now() - timedelta(minutes=1), subject="示例主题")
    said = StringIO()
    with pytest.raises(CommandError, match=r"^有1份文件未能按时发布。$"):
        call_command("publish_due", stdout=said)
    assert said.getvalue() == f"✗ {at_final.title}（{NOTICE}）：{CHANGED}\n"
    at_final.refresh_from_db()
    assert (at_final.status, at_final.publish_at) == ("draft", None)
    call_command("publish_due", stdout=said)


def test_a_time_is_stated_at_the_last_step_and_lies_ahead(submitted, first, second, final):
    ahead = timezone.now() + timedelta(days=1)
    assert refused(approve, submitted, first, publish_at=ahead) == "只有最后一步才能定发布时间。"
    for person in (first, second):
        approve(submitted, person)
    past = timezone.make_aware(datetime(2022, 3, 1))
    assert refused(approve, submitted, final, publish_at=past) == "定时发布的时间须晚于现在。"


def test_final_reviewers_cancel_what_is_scheduled(at_final, first, final):
    ahead = timezone.now() + timedelta(days=1)
    approve(at_final, final, publish_at=ahead)
    said = "你没有“可以终审”的权限，今天也不代理有此权限的人。"
    assert refused(review.cancel, at_final, first) == said
    other = make_staff("other", "review_final_document")
    review.cancel(at_final, other, "示例说明")
    assert (review.stage(at_final), at_final.publish_at) == ("待终审", None)
    assert acts(at_final)[-2:] == [("approve", 3, "final", True), ("cancel", 0, "other", False)]
    assert list(review.publish_due(ahead)) == []
    approve(at_final, final)
    assert at_final.status == "published"


# Emergencies


def test_an_emergency_is_flagged_until_another_clears_it(draft):
    boss = make_staff("boss", "publish_bypass_document", "clear_bypass_document")
    other = make_staff("other", "clear_bypass_document")
    assert refused(review.publish_bypass, draft, boss, " ") == "应急发布须写明理由。"
    review.publish_bypass(draft, boss, "示例理由")
    assert (draft.status, draft.bypass_open) == ("published", True)
    assert Change.objects.latest("seq").origin == "emergency"
    assert refused(review.clear_bypass, draft, boss, "示例") == "应急发布须由发布人以外的人核销。"
    nobody = make_staff("nobody")
    assert refused(review.clear_bypass, draft, nobody, "示例") == "你没有“可以核销应急发布”的权限。"
    assert refused(review.clear_bypass, draft, other, "") == "核销须写明核查情况。"
    review.clear_bypass(draft, other, "示例核查情况")
    assert (draft.status, draft.bypass_open) == ("published", False)
    assert acts(draft) == [("bypass", 0, "boss", False), ("clear", 0, "other", False)]
    assert refused(review.clear_bypass, draft, other, "示例").endswith("现为已发布，不能核销应急发布。")
    assert list(misses("default")) == []


def test_an_emergency_takes_a_document_out_of_review_but_not_without_proof(at_final):
    boss = make_staff("boss", "publish_bypass_document")
    tie = Tie.objects.filter(document=at_final, field="person").first()
    kept = Tie.objects.filter(pk=tie.pk).values().get()
    Tie.objects.filter(pk=tie.pk).delete()
    said = refused(review.publish_bypass, at_final, boss, "示例理由")
    assert said.startswith("全文核对有")
    assert "处不符，改正之后才能发布：\n" in said
    Tie.objects.create(**kept)
    review.publish_bypass(at_final, boss, "示例理由")
    assert (at_final.status, at_final.review_step) == ("published", 0)


# Withdrawal


@pytest.fixture
def withdrawer(db):
    return make_staff("withdrawer", "withdraw_document")


def test_a_withdrawal_needs_a_coded_reason_and_an_explanation(withdrawer, editor):
    document = Document.objects.get(code=NOTICE)
    assert refused(review.withdraw, document, editor, "secret", "示例") == "你没有“可以撤回公开文件”的权限。"
    assert refused(review.withdraw, document, withdrawer, "", "示例") == (
        "撤回原因“”不在可选之列；可选：发布有误、涉密、已被替代、涉及个人隐私、其他。"
    )
    assert refused(review.withdraw, document, withdrawer, "secret", " ") == "请写明撤回说明，它随撤回公开。"
    document.refresh_from_db()
    assert document.status == "published"
    with pytest.raises(IntegrityError, match="change_reason_with_explanation"), transaction.atomic():
        publication.withdraw(document, reason="secret")


def test_every_address_of_a_withdrawn_document_says_why(client, withdrawer):
    pages, resources = {}, {}
    for code in ("whzf-2023-2", "whzbf-2023-2", NOTICE):
        document = Document.objects.get(code=code)
        rows = list(PublicRecord.objects.filter(document=document).exclude(kind="passage"))
        pages |= {row.path.partition("#")[0]: row for row in rows}
        review.withdraw(document, withdrawer, "replaced", f"示例说明<{code}>")
        for row in rows:
            name = review.registry.get(row.kind).resource
            resources[f"/api/v1/{name}/{row.code}/"] = code
    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 410, path
        page = answer.content.decode()
        assert "<p>撤回原因：已被替代。</p>" in page
        assert f"<p>示例说明&lt;{pages[path].document.code}&gt;</p>" in page
    assert len(resources) > 400
    for path, code in list(resources.items())[::7]:
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (410, "application/problem+json"), path
        body = answer.json()
        assert (body["reason"], body["explanation"]) == ("replaced", f"示例说明<{code}>")
        assert body["detail"].endswith(f"撤回，不再公开。撤回原因：已被替代。示例说明<{code}>")
    for path in (
        f"/api/v1/documents/{NOTICE}/passages/",
        f"/documents/{NOTICE}/records.csv",
        f"/documents/{NOTICE}/text.txt",
    ):
        answer = client.get(path)
        assert answer.status_code == 410, path
        assert "示例说明" in answer.content.decode()
    assert list(misses("default")) == []


def test_the_ledger_tells_a_mirror_why(client, withdrawer):
    review.withdraw(Document.objects.get(code=NOTICE), withdrawer, "privacy", "示例说明")
    lines = client.get("/api/v1/changes/", {"code": NOTICE}).json()["results"]
    assert [(line["op"], line["reason"], line["explanation"]) for line in lines] == [
        ("publish", "", ""),
        ("withdraw", "privacy", "示例说明"),
    ]


def test_a_withdrawal_without_a_stored_reason_shows_none(client):
    publication.withdraw(Document.objects.get(code=NOTICE))
    assert "撤回原因" not in client.get(f"/documents/{NOTICE}/").content.decode()
    body = client.get(f"/api/v1/documents/{NOTICE}/").json()
    assert body["detail"].endswith("撤回，不再公开。")
    assert not {"reason", "explanation"} & body.keys()


def test_a_withdrawn_document_comes_back_by_review_only(withdrawer, editor, first, second, final, client):
    document = Document.objects.get(code=NOTICE)
    review.withdraw(document, withdrawer, "mistake", "示例说明")
    review.reopen(document, editor)
    assert document.status == "draft"
    assert client.get(document.get_absolute_url()).status_code == 410
    review.submit(document, editor)
    for person in (first, second, final):
        approve(document, person)
    assert client.get(document.get_absolute_url()).status_code == 200
    assert list(misses("default")) == []
