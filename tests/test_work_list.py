"""The desk's first page: what waits for each person, in a fixed number of queries."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gazette.models import Correction, Deputy, Document, Doubt, ReviewEntry, User
from plans.models import ProgressReport
from wuhai_portal import roles
from wuhai_portal.work_list import BLOCKS, work_for
from wuhai_portal.working_days import Reckoning, working_days_before

TODAY = date(2024, 5, 20)


@pytest.fixture
def make_user(db):
    """Make a member of staff with roles."""

    def make(*keys, name="示例用户"):
        user = User.objects.create(username=name, is_staff=True)
        user.groups.set(Group.objects.filter(name__in=[roles.BY_KEY[key].name for key in keys]))
        return user

    return make


def waiting(user, title):
    """The names that a block shows this person; None where the block is hidden."""
    found = {block["title"]: block for block in work_for(user, TODAY)}
    return [name for _url, name, _detail in found[title]["rows"]] if title in found else None


def test_who_sees_which_blocks(make_user):
    seen = {
        key: [block["title"] for block in work_for(make_user(key, name=key), TODAY)]
        for key in ("editor", "first_reviewer", "unit_reporter", "final_reviewer", "system_admin", "audit_admin")
    }
    days = ["成文20个工作日仍未公开", "30日内到期的执行期限", "30日内的截止日期", "30日内试用期满"]
    assert seen == {
        "editor": [
            "退回给我的文件",
            "我的草稿",
            "退回给我的更正",
            "待答复的公众纠错",
            *days,
            "疑似重复的人员",
            "疑似重复的单位",
        ],
        "first_reviewer": ["待我审核的文件"],
        "unit_reporter": ["退回给我的进展情况"],
        "final_reviewer": ["待我审核的文件", "应急发布待核销", "待审核的更正", "待审核的进展情况", *days],
        "system_admin": [],
        "audit_admin": [],
    }


def test_a_document_waits_for_the_role_of_its_step(make_user, make_document):
    for title, step, steps in (("初审的", 1, 3), ("复审的", 2, 3), ("终审的", 3, 3), ("两步的终审", 2, 2)):
        make_document(title=title, status="in_review", review_step=step, review_steps=steps, review_round=1)
    assert set(waiting(make_user("first_reviewer", name="a"), "待我审核的文件")) == {"初审的"}
    assert set(waiting(make_user("second_reviewer", name="b"), "待我审核的文件")) == {"复审的"}
    assert set(waiting(make_user("final_reviewer", name="c"), "待我审核的文件")) == {"终审的", "两步的终审"}


def test_my_drafts_and_what_was_returned_to_me(make_user, make_document):
    me, other = make_user("editor"), make_user("editor", name="另一人")
    for user, title, act in (
        (me, "我的", ""),
        (me, "退回的", "return"),
        (other, "别人的", "return"),
        (me, "公开的", ""),
    ):
        document = make_document(title=title)
        document.history.update(history_user=user)
        for number, each in enumerate(("submit", act) if act else ()):
            at = timezone.now() + timedelta(minutes=number)
            by = {"by": user} if each == "submit" else {"by": other, "opinion": "示例"}
            ReviewEntry.objects.create(document=document, round=1, act=each, at=at, step=1, steps=3, **by)
    Document.objects.filter(title="公开的").update(status="published")
    assert set(waiting(me, "我的草稿")) == {"我的", "退回的"}
    assert waiting(me, "退回给我的文件") == ["退回的"]


def test_a_document_waits_no_more_for_who_had_a_part_in_its_round(make_user, make_document):
    both = make_user("first_reviewer", "second_reviewer")
    other = make_user("first_reviewer", name="另一人")
    for title, act, by, number in (
        ("我送审的", "submit", both, 2),
        ("我初审过的", "approve", both, 2),
        ("上一轮我初审过的", "approve", both, 1),
        ("别人初审的", "approve", other, 2),
    ):
        document = make_document(title=title, status="in_review", review_step=2, review_steps=3, review_round=2)
        ReviewEntry.objects.create(
            document=document, round=number, act=act, at=timezone.now(), step=1, steps=3, by=by, proofread=True
        )
    assert set(waiting(both, "待我审核的文件")) == {"上一轮我初审过的", "别人初审的"}


def test_a_deputy_sees_what_waits_for_the_absent_on_the_stated_days(client, make_user, make_document):
    absent, deputy, setter = make_user("first_reviewer", name="缺席"), make_user(name="代理"), make_user(name="指定")
    stands_in = Deputy.objects.create(
        principal=absent,
        deputy=deputy,
        starts_on=timezone.localdate() - timedelta(days=3),
        ends_on=timezone.localdate() - timedelta(days=1),
        note="示例事由",
        set_by=setter,
    )
    for title, step in (("初审的", 1), ("复审的", 2)):
        make_document(title=title, status="in_review", review_step=step, review_steps=3, review_round=1)
    assert waiting(deputy, "待我审核的文件") is None
    stands_in.ends_on = timezone.localdate()
    stands_in.save()
    assert waiting(deputy, "待我审核的文件") == ["初审的"]
    client.force_login(deputy)
    assert "待我审核的文件（1）" in client.get("/admin/").content.decode()
    document = Document.objects.get(title="初审的")
    ReviewEntry.objects.create(document=document, round=1, act="submit", at=timezone.now(), step=1, steps=3, by=deputy)
    assert waiting(deputy, "待我审核的文件") == []


def test_corrections_come_back_until_they_are_proposed_anew_or_thirty_days_have_gone(make_user):
    me, other = make_user("editor"), make_user("editor", name="另一人")
    public = Document.objects.public().first()

    def correct(code, state, author=me, days=0):
        decided = None if state == "proposed" else timezone.now() - timedelta(days=days)
        opinion = {"reviewer": other if author == me else me, "opinion": "示例意见"} if state == "returned" else {}
        return Correction.objects.create(
            kind="document", code=code, name=f"{code} {state}", document=public, path="/", base_revision=1, base_seq=1,
            difference={}, changes=[], reason="示例", author=author, proposed_at=timezone.now(), state=state,
            decided_at=decided, **opinion,
        )  # fmt: skip

    correct("a", "returned")
    correct("b", "superseded", days=29)
    correct("old", "returned", days=30)
    correct("again", "returned")
    correct("again", "proposed", author=other)
    correct("others", "returned", author=other)
    correct("taken-back", "withdrawn")
    block = next(block for block in work_for(me, TODAY) if block["title"] == "退回给我的更正")
    assert [(name, detail) for _url, name, detail in block["rows"]] == [
        ("b superseded", "已失效："),
        ("a returned", "已退回：示例意见"),
    ]
    assert block["url"] == (f"/admin/gazette/correction/?author__id__exact={me.pk}&state__in=returned,superseded")
    assert block["note"] == "已重新提出的和退回满30日的不再列出。"


@pytest.mark.parametrize(
    ("day", "days", "before"),
    [
        (date(2024, 5, 20), 1, date(2024, 5, 17)),  # a Monday; the Friday before
        (date(2024, 5, 18), 1, date(2024, 5, 17)),
        (date(2023, 1, 30), 1, date(2023, 1, 29)),  # a Sunday worked for the Spring Festival
        (date(2023, 1, 29), 2, date(2023, 1, 20)),  # the festival: 21 to 27 January; Saturday the 28th is worked
        (date(2024, 5, 20), 20, date(2024, 4, 19)),  # 1 to 5 May are free, 28 April and 11 May are worked
    ],
)
def test_working_days_are_those_of_the_yearly_notice(day, days, before):
    assert working_days_before(day, days) == Reckoning(before)


def test_a_year_without_a_notice_counts_monday_to_friday_and_says_so():
    counted = working_days_before(date(2003, 5, 20), 20)
    assert counted == Reckoning(date(2003, 4, 22), (2003,))
    assert counted.in_words == "2003年的放假调休安排尚不掌握，这部分按周一至周五计，不扣除节假日。"
    # The days of 2004 are known, those of 2003 before them are not.
    assert working_days_before(date(2004, 1, 5), 3) == Reckoning(date(2003, 12, 30), (2003,))


def test_what_is_late_counts_working_days_and_an_undated_document_is_no_entry(make_user, make_document):
    make_document(title="到日的", written_on=date(2024, 4, 19))
    make_document(title="未到的", written_on=date(2024, 4, 20))
    make_document(title="无日期", written_on=None, written_basis="unknown")
    editor = make_user("editor")
    assert waiting(editor, "成文20个工作日仍未公开") == ["到日的"]
    block = next(block for block in work_for(editor, TODAY) if block["title"].startswith("成文"))
    assert block["note"] == "工作日按国务院办公厅公布的放假调休安排计。没有成文日期的文件不在其中。"
    assert [detail for _url, _name, detail in block["rows"]] == ["2024年4月19日成文"]


def test_what_ends_within_thirty_days(make_user, make_measure, make_window, make_deadline, make_appointment):
    measure = make_measure()
    for days in (-1, 0, 30, 31):
        day = TODAY + timedelta(days=days)
        make_window(measure=measure, starts_on=None, start_basis="unknown", ends_on=day, part=f"第{days}日")
        make_deadline(measure=measure, due=day)
        appointment = make_appointment(probation_months=12)
        type(appointment).objects.filter(pk=appointment.pk).update(probation_until=day)
    blocks = {block["title"]: block for block in work_for(make_user("editor"), TODAY)}
    for title in ("30日内到期的执行期限", "30日内的截止日期", "30日内试用期满"):
        assert [detail[:10] for _url, _name, detail in blocks[title]["rows"]] == ["2024年5月20日", "2024年6月19日"], (
            title
        )


def test_what_looks_like_one_person_twice(make_user, make_person):
    for name in ("示例甲", "示例 甲", "示例\u3000甲", "示例乙"):
        make_person(name=name)
    block = next(block for block in work_for(make_user("editor"), TODAY) if block["title"] == "疑似重复的人员")
    assert [(name, detail) for _url, name, detail in block["rows"]] == [("示例甲", "3条")]


def test_the_page_shows_the_blocks_with_words_where_nothing_waits(client, make_user, make_document):
    user = make_user("first_reviewer")
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    assert "没有待您审核的文件。" in page
    for number in range(12):
        make_document(title=f"示例待审{number}", status="in_review", review_step=1, review_steps=3, review_round=1)
    page = client.get("/admin/").content.decode()
    assert "待我审核的文件（12）" in page
    assert page.count("示例待审") == 10
    assert "/admin/gazette/document/?status__exact=in_review" in page
    client.force_login(make_user("system_admin", name="管理"))
    assert "待办" not in client.get("/admin/").content.decode()


def test_every_link_opens_its_list(client, make_user, make_person):
    user = User.objects.create(username="示例", is_staff=True, is_superuser=True)
    make_person(name="示例 甲")
    make_person(name="示例甲")
    client.force_login(user)
    blocks = work_for(user)
    assert len(blocks) == len(BLOCKS)
    for block in blocks:
        for url in (block["url"], *(url for url, _name, _detail in block["rows"])):
            answer = client.get(url)
            assert answer.status_code == 200, url


def test_the_page_takes_the_same_queries_at_1_and_50_rows(client, samples, db):
    user = User.objects.create(username="示例", is_staff=True, is_superuser=True)
    author = User.objects.create(username="示例提出人")
    client.force_login(user)
    public = Document.objects.public().first()
    counts = []
    for rows in (1, 50):
        for number in range(rows):
            name = f"{rows}-{number}"
            samples.document().history.update(history_user=user)
            in_review = {"status": "in_review", "review_step": 1, "review_steps": 3, "review_round": 1}
            samples.document(**in_review)
            samples.person(name="示例甲")
            measure = samples.measure()
            samples.window(measure=measure, ends_on=timezone.localdate())
            samples.deadline(measure=measure, due=timezone.localdate())
            ProgressReport.objects.filter(pk=samples.report(light="").pk).update(accepted_at=None)
            Doubt.objects.create(receipt=name, kind="document", code="x", name=name, text="示例", at=timezone.now())
            Correction.objects.create(
                kind="document", code=name, name=name, document=public, path="/", base_revision=1, base_seq=1,
                difference={}, changes=[], reason="示例", author=author, proposed_at=timezone.now(),
            )  # fmt: skip
        client.get("/admin/")
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/admin/").status_code == 200
        counts.append(len(caught))
    # Session, user, idle end, recent actions, deputies; each block counts and reads.
    assert counts[0] == counts[1] <= 2 * len(BLOCKS) + 10


def test_what_does_not_agree_with_the_text_of_a_draft_is_on_a_linked_page(client, make_user, samples):
    client.force_login(make_user("editor"))
    assert 'href="/admin/misses/"' in client.get("/admin/").content.decode()
    assert "没有草稿。" in client.get("/admin/misses/").content.decode()
    document = samples.document(title="示例草稿")
    samples.passage(document=document, text="示例数量10个。")
    said = client.get("/admin/misses/").content.decode()
    assert re.search(r"示例草稿</a></h2>\s*<p>\d+处不符", said)
    client.force_login(make_user("first_reviewer", name="初审"))
    assert client.get("/admin/misses/").status_code == 403
    assert "/admin/misses/" not in client.get("/admin/").content.decode()
