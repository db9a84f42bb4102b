"""Review at the desk: buttons for what one may do, a page for each act, the course in Chinese, the form for paper."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gazette.admin_base import admin_url
from gazette.models import Change, Deputy, Document, Passage, ReviewEntry, User
from gazette.review_people import editors
from personnel.models import Appointment

from .test_admin import errors_of
from .test_review import CHANGED, REVIEW_RIGHTS, draft_of, make_staff

pytestmark = pytest.mark.django_db

NOTICE = "wzrz-2023-1"
FORM = "信息发布审核表"


def make_client(name, *permissions, **values):
    """A client logged in as a member of staff with some permissions."""
    client = Client()
    client.user = make_staff(name, *permissions, **values)
    client.force_login(client.user)
    return client


@pytest.fixture
def draft(db):
    return draft_of(NOTICE)


@pytest.fixture
def editor(db):
    return make_client("editor", "submit_document", "change_document", last_name="李", first_name="示例")


@pytest.fixture
def reviewers(db):
    return [make_client(f"reviewer-{number}", right) for number, right in enumerate(REVIEW_RIGHTS, 1)]


def act_url(document, act):
    return reverse("admin:gazette_document_review", args=[document.pk, act])


def do(client, document, act, **said):
    """Open the page of an act and post what a browser would; the answer, followed."""
    url = act_url(document, act)
    page = client.get(url)
    assert page.status_code == 200, page
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None and name != "proofread"}
    return client.post(url, data | said, follow=True)


def said_by(response):
    return [str(message) for message in response.context["messages"]]


def change_page(client, document):
    return client.get(admin_url(Document, "change", document.pk))


def buttons(client, document):
    return [button for button, _url in change_page(client, document).context["review"]["acts"]]


@pytest.fixture
def submitted(draft, editor):
    do(editor, draft, "submit")
    draft.refresh_from_db()
    return draft


# The whole way


def test_a_document_goes_from_draft_to_the_public_by_buttons(draft, editor, reviewers):
    assert buttons(editor, draft) == ["送审"]
    answer = do(editor, draft, "submit", opinion="示例说明")
    assert said_by(answer) == [f"“{draft}”已送审。"]
    assert answer.redirect_chain == [(admin_url(Document, "change", draft.pk), 302)]
    for number, (client, stage) in enumerate(zip(reviewers, ["待初审", "待复审", "待终审"], strict=True)):
        assert [buttons(other, draft) == ["同意", "退回"] for other in reviewers] == [
            number == place for place in range(3)
        ]
        page = change_page(client, draft).content.decode()
        assert f"<h2>审核与发布：{stage}</h2>" in page
        answer = do(client, draft, "approve", proofread="on", opinion=f"示例意见{number}")
        assert said_by(answer) == [f"“{draft}”的审核意见已记录。"]
    page = answer.content.decode()
    assert "<h2>审核与发布：已发布</h2>" in page
    course = page.split('<ol class="review-course"')[1].split("</ol>")[0]
    for words in (
        "李示例　送审",
        "reviewer-1　初审同意　已校对",
        "reviewer-2　复审同意　已校对",
        "示例意见2",
        "reviewer-3　发布",
    ):
        assert words in course
    assert [buttons(client, draft) for client in (editor, *reviewers)] == [[], [], [], []]
    line = Change.objects.latest("seq")
    assert (line.op, line.origin, line.by) == ("publish", "review", reviewers[2].user)


def test_what_is_missing_is_said_beside_its_field(submitted, reviewers):
    answer = do(reviewers[0], submitted, "approve")
    assert answer.context["form"].errors == {"proofread": ["审核同意须先校对并勾选“已校对”。"]}
    answer = do(reviewers[0], submitted, "return")
    assert answer.context["form"].errors == {"opinion": ["退回须写明理由。"]}
    for client in reviewers[:2]:
        do(client, submitted, "approve", proofread="on")
    answer = do(reviewers[2], submitted, "approve", proofread="on", publish_at="2022-03-01T09:00")
    assert answer.context["form"].errors == {"publish_at": ["定时发布的时间须晚于现在。"]}
    answer = do(reviewers[2], submitted, "approve", proofread="on", publish_at="明天")
    assert answer.context["form"].errors == {"publish_at": ["输入一个有效的日期/时间。"]}
    withdrawer = make_client("withdrawer", "withdraw_document")
    document = Document.objects.get(code="whzbf-2023-2")
    answer = do(withdrawer, document, "withdraw", explanation="示例说明")
    assert list(answer.context["form"].errors) == ["reason"]
    answer = do(withdrawer, document, "withdraw", reason="secret")
    assert answer.context["form"].errors == {"explanation": ["请写明撤回说明，它随撤回公开。"]}
    assert Document.objects.get(code="whzbf-2023-2").status == "published"


def test_a_submission_is_refused_with_the_list(draft, editor):
    draft.ties.filter(field="person").first().delete()
    answer = do(editor, draft, "submit")
    first, *misses = answer.context["form"].non_field_errors()
    assert first == f"全文核对有{len(misses)}处不符，改正之后才能送审："
    assert all(miss.startswith(NOTICE) for miss in misses)
    assert Document.objects.get(pk=draft.pk).status == "draft"


def test_an_act_that_one_may_not_do_leads_back_with_the_sentence(submitted, editor, reviewers):
    said = "你没有“可以初审”的权限，今天也不代理有此权限的人。"
    for client in (editor, reviewers[2]):
        answer = client.post(act_url(submitted, "approve"), {"proofread": "on", "seen": 0}, follow=True)
        assert said_by(answer) == [said]
        assert answer.redirect_chain == [(admin_url(Document, "change", submitted.pk), 302)]
    assert editor.get(act_url(submitted, "nonsense")).status_code == 404
    assert editor.get(act_url(submitted, "publish")).status_code == 404
    stranger = make_client("stranger")
    for url in (act_url(submitted, "approve"), reverse("admin:gazette_document_review_form", args=[submitted.pk])):
        assert stranger.get(url).status_code == 403
        assert "/admin/login/" in Client().get(url)["Location"]
    assert ReviewEntry.objects.filter(document=submitted).count() == 1


def test_a_page_that_was_overtaken_decides_nothing(submitted, reviewers, editor):
    url = act_url(submitted, "approve")
    stale = reviewers[0].get(url).context["form"]["seen"].value()
    other = make_client("other", "review_first_document")
    do(other, submitted, "return", opinion="示例理由")
    submitted.refresh_from_db()
    do(editor, submitted, "submit")
    answer = reviewers[0].post(url, {"seen": stale, "proofread": "on"}, follow=True)
    assert said_by(answer) == [f"文件“{submitted}”刚由别人办理过，现为待初审；请看过现在的情况再办。"]
    submitted.refresh_from_db()
    assert submitted.review_step == 1


def test_who_edited_is_told_so_when_opening_the_page(draft, editor, reviewers):
    passage = Passage.objects.filter(document=draft).first()
    passage._history_user = reviewers[0].user
    passage.save()
    do(editor, draft, "submit")
    answer = reviewers[0].get(act_url(draft, "approve"), follow=True)
    assert said_by(answer) == ["你在上次退回之后编辑过这份文件，不能审核它；每一步须由没有参与过的人办理。"]


def test_who_saved_a_record_at_the_desk_is_an_editor(draft, reviewers):
    user = reviewers[0].user
    rights = ["change_document", "view_document"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    page = change_page(reviewers[0], draft)
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None and name != "proofread"}
    answer = reviewers[0].post(admin_url(Document, "change", draft.pk), data | {"subject": "示例主题"})
    assert answer.status_code == 302, errors_of(answer)
    assert editors(draft, []) == {user.pk}


# Frozen, and made free


def test_what_is_in_review_is_frozen_until_it_is_a_draft_again(submitted, editor, reviewers):
    do(reviewers[0], submitted, "approve", proofread="on")
    boss = make_client("boss", is_superuser=True)
    page = boss.get(admin_url(Document, "change", submitted.pk))
    closed = f"文件“{submitted}”正在审核，它的段落、记录和对应只能查看；退回草稿后才能更改。"
    assert page.context["closed_because"] == closed
    answer = boss.post(admin_url(Document, "change", submitted.pk), {"title": "示例"}, follow=True)
    assert said_by(answer) == [closed]
    event = Appointment.objects.filter(document=submitted).first()
    assert boss.get(admin_url(Appointment, "change", event.pk)).context["closed_because"] == closed
    assert "退回草稿修改" in buttons(editor, submitted)
    assert "退回草稿修改" not in buttons(reviewers[1], submitted)
    answer = do(editor, submitted, "reopen", opinion="示例说明")
    assert said_by(answer) == [f"“{submitted}”已退回草稿。"]
    assert "（已作废）" in answer.content.decode()
    assert boss.get(admin_url(Document, "change", submitted.pk)).context["closed_because"] == ""


def test_what_changed_by_another_way_sends_it_back(submitted, reviewers):
    Document.objects.filter(pk=submitted.pk).update(subject="示例主题")
    answer = do(reviewers[0], submitted, "approve", proofread="on")
    assert said_by(answer) == [CHANGED]
    page = answer.content.decode()
    assert "<h2>审核与发布：草稿</h2>" in page
    assert "系统　内容有变，退回草稿" in page


def test_nothing_at_the_desk_publishes_a_draft_but_review(draft):
    boss = make_client("boss", is_superuser=True)
    do(boss, draft, "submit")
    draft.refresh_from_db()
    # Not even a superuser approves his own submission.
    assert buttons(boss, draft) == ["撤回送审", "退回草稿修改", "应急发布"]
    answer = boss.post(act_url(draft, "approve"), {"proofread": "on", "seen": 0}, follow=True)
    assert said_by(answer) == ["你送审了这份文件，不能审核它；每一步须由没有参与过的人办理。"]
    known = set(admin.site.get_model_admin(Document).get_actions(answer.wsgi_request))
    assert known == {"delete_selected", "submit_selected", "tie_selected"}
    assert Document.objects.get(pk=draft.pk).status == "in_review"


# At a stated time, emergencies, withdrawal


def test_a_time_is_stated_shown_and_cancelled(submitted, reviewers):
    for client in reviewers[:2]:
        page = client.get(act_url(submitted, "approve"))
        assert "publish_at" not in page.context["form"].fields
        do(client, submitted, "approve", proofread="on")
    ahead = timezone.localtime(timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    answer = do(reviewers[2], submitted, "approve", proofread="on", publish_at=ahead.strftime("%Y-%m-%dT%H:%M"))
    submitted.refresh_from_db()
    assert submitted.publish_at == ahead
    page = answer.content.decode()
    assert f"<p>定于{ahead.year}年{ahead.month}月{ahead.day}日 {ahead:%H:%M}发布。</p>" in page
    assert buttons(reviewers[2], submitted) == ["取消定时发布"]
    assert said_by(do(reviewers[2], submitted, "cancel")) == [f"“{submitted}”的定时发布已取消。"]
    assert Document.objects.get(pk=submitted.pk).review_step == 3


def test_an_emergency_stays_flagged_until_another_clears_it(draft):
    boss = make_client("boss", "publish_bypass_document", "clear_bypass_document")
    other = make_client("other", "clear_bypass_document")
    answer = do(boss, draft, "bypass")
    assert answer.context["form"].errors == {"opinion": ["应急发布须写明理由。"]}
    answer = do(boss, draft, "bypass", opinion="示例理由")
    assert said_by(answer) == [f"“{draft}”已应急发布，待另一人核销。"]
    flag = "本文件未经审核应急发布，待另一人核销。"
    assert flag in answer.content.decode()
    listed = admin_url(Document, "changelist")
    assert "已发布（应急发布待核销）" in boss.get(listed).content.decode()
    found = boss.get(listed, {"bypass_open__exact": 1}).context["cl"].result_list
    assert [row.code for row in found] == [NOTICE]
    assert (buttons(boss, draft), buttons(other, draft)) == ([], ["核销应急发布"])
    answer = do(other, draft, "clear")
    assert answer.context["form"].errors == {"opinion": ["核销须写明核查情况。"]}
    answer = do(other, draft, "clear", opinion="示例核查情况")
    assert flag not in answer.content.decode()
    assert "示例核查情况" in answer.content.decode()


def test_a_document_is_withdrawn_with_its_reason(client):
    withdrawer = make_client("withdrawer", "withdraw_document")
    document = Document.objects.get(code=NOTICE)
    answer = do(withdrawer, document, "withdraw", reason="privacy", explanation="示例说明")
    assert said_by(answer) == [f"“{document}”已撤回。"]
    assert "涉及个人隐私：示例说明" in answer.content.decode()
    page = client.get(f"/documents/{NOTICE}/")
    assert page.status_code == 410
    assert "撤回原因：涉及个人隐私。" in page.content.decode()


# The list, the form for paper, deputies


def test_the_list_says_for_which_step_a_document_waits(submitted, reviewers):
    listed = admin_url(Document, "changelist")
    assert '<td class="field-stage">待初审</td>' in reviewers[0].get(listed).content.decode()

    def codes(stage):
        return [row.code for row in reviewers[0].get(listed, {"stage": stage}).context["cl"].result_list]

    assert (codes("first"), codes("second"), codes("final"), codes("scheduled")) == ([NOTICE], [], [], [])
    do(reviewers[0], submitted, "approve", proofread="on")
    assert (codes("first"), codes("second")) == ([], [NOTICE])
    Document.objects.filter(pk=submitted.pk).update(review_steps=2)
    assert (codes("second"), codes("final")) == ([], [NOTICE])


def cells(page):
    """The form's cells, heading → words."""
    found = re.findall(r"<th scope=\"row\">(.*?)</th><td[^>]*>(.*?)</td>", page, re.DOTALL)
    return {name: words.strip() for name, words in found}


def test_the_form_for_paper_leaves_empty_what_is_unknown(submitted, reviewers):
    url = reverse("admin:gazette_document_review_form", args=[submitted.pk])
    do(reviewers[0], submitted, "approve", proofread="on", opinion="示例意见")
    page = reviewers[0].get(url).content.decode()
    assert FORM in page
    at = timezone.localtime(submitted.review_entries.get(act="submit").at)
    shown = cells(page)
    assert (shown["信息标题"], shown["发文字号"]) == (submitted.title, submitted.number)
    assert (shown["送审人"], shown["送审时间"]) == ("李示例", f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}")
    assert (shown["初审人"], shown["初审意见"]) == ("reviewer-1", "示例意见")
    assert [shown[name] for name in ("复审人", "复审时间", "复审意见", "终审人", "发布人", "发布时间")] == [""] * 6
    assert page.count("<td>已校对</td>") == 1
    for client in reviewers[1:]:
        do(client, submitted, "approve", proofread="on")
    shown = cells(reviewers[0].get(url).content.decode())
    assert (shown["终审人"], shown["终审意见"], shown["发布人"]) == ("reviewer-3", "同意", "reviewer-3")
    # A founding document was never reviewed.
    document = Document.objects.get(code="whzf-2023-2")
    shown = cells(reviewers[0].get(reverse("admin:gazette_document_review_form", args=[document.pk])).content.decode())
    assert [shown[name] for name in ("送审人", "初审人", "终审人", "发布人", "发布时间")] == [""] * 5


def test_a_deputy_is_told_for_whom_and_is_recorded_so(submitted, reviewers):
    deputy = make_client("deputy")
    assert deputy.get(act_url(submitted, "approve")).status_code == 403
    today = timezone.localdate()
    days = {"starts_on": today, "ends_on": today, "note": "示例事由", "set_by": reviewers[2].user}
    Deputy.objects.create(principal=reviewers[0].user, deputy=deputy.user, **days)
    assert buttons(deputy, submitted) == ["同意", "退回"]
    assert "你今天代reviewer-1审核。" in deputy.get(act_url(submitted, "approve")).content.decode()
    answer = do(deputy, submitted, "approve", proofread="on")
    assert "deputy（代reviewer-1）　初审同意" in answer.content.decode()


def test_deputies_are_set_at_the_desk_by_another(reviewers):
    setter = make_client("setter", "add_deputy", "change_deputy", "view_deputy", "view_user")
    data = {
        "principal": reviewers[0].user.pk,
        "deputy": setter.user.pk,
        "starts_on": "2022-03-01",
        "ends_on": "2022-03-05",
        "note": "示例事由",
    }
    answer = setter.post(admin_url(Deputy, "add"), data)
    assert errors_of(answer) == {"deputy": ["代理人须由本人以外的人指定。"]}
    answer = setter.post(admin_url(Deputy, "add"), data | {"deputy": reviewers[0].user.pk})
    assert errors_of(answer) == {"deputy": ["代理人不能是被代理人本人。"]}
    answer = setter.post(admin_url(Deputy, "add"), data | {"deputy": reviewers[1].user.pk, "ends_on": "2022-02-01"})
    assert errors_of(answer) == {"ends_on": ["代理的截止日期不能早于起始日期。"]}
    answer = setter.post(admin_url(Deputy, "add"), data | {"deputy": reviewers[1].user.pk})
    assert answer.status_code == 302, errors_of(answer)
    deputy = Deputy.objects.get()
    assert (deputy.set_by, deputy.history.first().history_user) == (setter.user, setter.user)
    for page in ("change", "history", "delete"):
        boss = make_client(f"boss-{page}", is_superuser=True)
        assert boss.get(admin_url(Deputy, page, deputy.pk)).status_code == 200


def queries(client, url):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_pages_take_a_fixed_number_of_queries(submitted, editor, reviewers, make_document):
    boss = make_client("boss", is_superuser=True)
    url = admin_url(Document, "change", submitted.pk)
    boss.get(url)
    # Session, user, document, passages, the versions, and the course.
    counts = [queries(boss, url)]
    for _ in range(6):
        do(reviewers[0], submitted, "return", opinion="示例理由")
        do(editor, submitted, "submit")
    counts.append(queries(boss, url))
    assert counts == [6, 6]
    today = timezone.localdate()
    sizes = []
    for size in (1, 12, 50):
        for number in range(size - Deputy.objects.count()):
            deputy = User.objects.create(username=f"deputy-{size}-{number}")
            days = {"starts_on": today, "ends_on": today, "note": "示例", "set_by": boss.user}
            Deputy.objects.create(principal=reviewers[0].user, deputy=deputy, **days)
        for _ in range(size - ReviewEntry.objects.exclude(document=submitted).count()):
            ReviewEntry.objects.create(
                document=make_document(), round=1, act="submit", by=boss.user, at=timezone.now(), steps=3
            )
        ids = ",".join(map(str, Document.objects.exclude(code__startswith="w").values_list("pk", flat=True)))
        sizes.append(
            [
                queries(boss, admin_url(Deputy, "changelist")),
                queries(boss, admin_url(ReviewEntry, "changelist")),
                queries(boss, admin_url(Document, "changelist", id__in=ids)),
            ]
        )
    assert sizes == [[6, 6, 6]] * 3
    entry = ReviewEntry.objects.first()
    assert queries(boss, admin_url(ReviewEntry, "change", entry.pk)) <= 8
    assert boss.post(admin_url(ReviewEntry, "change", entry.pk), {"opinion": "改"}).status_code == 403
