"""Checking a draft: the machine ties what is plain where people tied it; the rest is listed with a way to mend it."""

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.contrib.messages.storage.cookie import CookieStorage
from django.urls import reverse

from gazette import publication
from gazette.admin_checking import unexplained
from gazette.models import Document, Tie, User
from gazette.tying import tie_what_is_plain
from gazette.verification import verify

pytestmark = pytest.mark.django_db
PLACE = ("kind", "code", "field", "rule", "passage__position", "start", "end")


def places(document):
    return set(document.ties.exclude(code="").values_list(*PLACE))


@pytest.fixture(params=["whzf-2023-2", "whzbf-2023-2", "wzrz-2023-1"])
def untied(request, founding):
    """A real document as a draft whose ties of records are gone, and what they were."""
    document = Document.objects.get(code=request.param)
    publication.withdraw(document)
    Document.objects.filter(pk=document.pk).update(status="draft")
    document.refresh_from_db()
    by_hand = places(document)
    Tie.objects.filter(document=document).exclude(code="").delete()
    return document, by_hand


def test_the_machine_ties_as_people_did_and_nothing_else(untied):
    document, by_hand = untied
    done = tie_what_is_plain(document)
    tied = places(document)
    assert done == len(tied) > len(by_hand) * 0.7
    # A unit is read there by one rule or another, and a number with its unit or without.
    starts = [
        {(kind, code, name, passage, start) for kind, code, name, _rule, passage, start, _end in found}
        for found in (tied, by_hand)
    ]
    assert starts[0] - starts[1] == set()
    assert [miss.what for miss in verify(document).misses if "不能证明" in miss.what] == []
    assert tie_what_is_plain(document) == 0
    assert Tie.history.filter(document_id=document.pk, history_type="+").count() >= done


def test_what_is_not_a_draft_stays(founding):
    document = Document.objects.get(code="wzrz-2023-1")
    Tie.objects.filter(document=document).exclude(code="").delete()
    assert tie_what_is_plain(document) == 0
    assert places(document) == set()


# The page


@pytest.fixture
def draft(make_passage, make_measure, make_budget):
    measure = make_measure()
    passage = make_passage(document=measure.document, text="安排资金300万元，用于示例。2024年印发，共9处。")
    make_budget(
        measure=measure,
        amount=3_000_000,
        purpose="用于示例",
        passage=passage,
        start=0,
        quote="安排资金300万元，用于示例",
    )
    return measure.document, passage


def staff(client, *permissions):
    user = User.objects.create_user(f"staff{len(permissions)}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def check(document):
    return reverse("admin:gazette_document_check", args=[document.pk])


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_the_page_lists_what_is_off_and_mends_it(client, draft):
    document, passage = draft
    editor = staff(client, "view_document", "change_document")
    page = editor.get(check(document))
    before = len(page.context["report"].misses)
    budget = document.passages.get(pk=passage.pk)
    assert f"第{passage.position}段" in page.content.decode()
    response = editor.post(check(document), {"_tie": "自动对应"}, follow=True)
    done = document.ties.exclude(code="").count()
    assert said(response) == [f"已自动对应{done}处；摘录中有一处以上可能文字的，请逐条对应。"]
    assert ("money", "300万") in {
        (tie.rule, tie.passage.text[tie.start : tie.end]) for tie in document.ties.filter(passage=budget)
    }
    assert len(verify(document).misses) < before
    [year, count] = [numeral for numeral in response.context["numerals"] if numeral.passage == passage]
    assert (year.words, count.words) == ("2024", "9") or (year.words, count.words) == ("2024年", "9")
    response = editor.post(check(document), {year.name: "date", count.name: ""}, follow=True)
    assert said(response) == ["已说明1处数字。"]
    tie = document.ties.get(passage=passage, reason="date")
    assert (tie.start, tie.end) == (year.start, year.end)
    assert tie.history.get().history_user.username == "staff2"
    assert [numeral.words for numeral in response.context["numerals"] if numeral.passage == passage] == ["9"]


def test_wrong_answers_are_refused_whole(client, draft):
    document, passage = draft
    editor = staff(client, "view_document", "change_document")
    numerals = [n for n in editor.get(check(document)).context["numerals"] if n.passage == passage]
    response = editor.post(check(document), {numerals[0].name: "date", numerals[1].name: "none"}, follow=True)
    assert said(response)[0].startswith("没有保存：")
    response = editor.post(check(document), {"reason-99-0-1": "date"}, follow=True)
    assert said(response) == ["没有保存：99-0-1 处已没有待说明的数字，请看现在的列表。"]
    assert not document.ties.exclude(reason="").filter(passage=passage).exists()


def test_only_who_may_change_a_draft_mends_it(client, draft, publish):
    document, _passage = draft
    reader = staff(client, "view_document")
    page = reader.get(check(document)).content.decode()
    assert "没有登记的数字" in page
    assert "自动对应" not in page
    assert "保存理由" not in page
    assert reader.post(check(document), {"_tie": ""}).status_code == 403
    stranger = staff(client)
    assert stranger.get(check(document)).status_code == 403
    editor = staff(client, "view_document", "change_document", "view_tie")
    publish(document)
    assert editor.get(check(document)).status_code == 200
    assert editor.post(check(document), {"_tie": ""}).status_code == 403
    assert editor.get(reverse("admin:gazette_document_check", args=[10**6])).status_code == 404


def test_what_went_to_review_meanwhile_gets_no_reason(rf, admin_user, draft, publish):
    document, passage = draft
    numeral = next(found for found in unexplained(document) if found.passage == passage)
    request = rf.post(check(document), {numeral.name: "date"})
    request.user, request._messages = admin_user, CookieStorage(request)
    publish(document)  # After this page had looked at the draft.
    site.get_model_admin(Document)._note_reasons(request, document)
    assert [str(message) for message in request._messages] == [
        f"没有保存：文件“{document.title}”已发布，它的段落、记录和对应只能查看。"
        "已公开的内容不能直接更改，录入有误的请提出更正。"
    ]
    assert not document.ties.filter(passage=passage, reason="date").exists()


@pytest.mark.parametrize("passages", [1, 50])
def test_the_page_takes_a_fixed_number_of_queries(
    admin_client, draft, make_passage, passages, django_assert_max_num_queries
):
    document, _passage = draft
    for _ in range(passages):
        make_passage(document=document, text="示例9处。")
    with django_assert_max_num_queries(40):
        assert admin_client.get(check(document)).status_code == 200


def test_a_document_without_a_miss_can_be_submitted(admin_client, founding):
    document = Document.objects.get(code="wzrz-2023-1")
    page = admin_client.get(check(document)).content.decode()
    assert "本文共9个数字，2个已登记，7个已说明理由；" in page
    assert "不符0处。可以送审。" in page
