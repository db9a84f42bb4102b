"""我要纠错 from the page of a record to the answer: sent without an account, kept from everybody but the desk."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gazette import doubts, publication
from gazette.admin_base import admin_url
from gazette.models import Correction, Document, Doubt, LedgerHead, PublicRecord, User
from plans.models import Target
from wuhai_portal import public_cache

pytestmark = pytest.mark.django_db
TARGET = "2023-gdp-growth"
PAGE = f"/plans/2023/targets/{TARGET}/"
FORM = f"/doubts/new/?kind=target&code={TARGET}"
WORDS = "示例：这里的数字与公报不符。"


@pytest.fixture
def staff(db):
    """A client logged in as a member of staff with some permissions."""

    def make(name, *permissions):
        user = User.objects.create(username=name, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return make


@pytest.fixture
def clerk(staff):
    return staff("clerk", "answer_doubt", "propose_correction")


def send(client, text=WORDS, contact="", address=FORM, **extra):
    return client.post(address, {"text": text, "contact": contact}, **extra)


@pytest.fixture
def doubt(client):
    """A doubt that was sent with a contact."""
    assert send(client, contact="示例联系方式").status_code == 302
    return Doubt.objects.get()


def settle(client, doubt, step="_answer", **overrides):
    url = admin_url(Doubt, "change", doubt.pk)
    form = client.get(url).context["form"]
    return client.post(url, {"seen": form["seen"].value(), "answer": "", step: "1"} | overrides)


def errors(response):
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


# The way in


@pytest.mark.parametrize(
    ("page", "kind", "code"),
    [
        (PAGE, "target", TARGET),
        ("/plans/2023/", "plan", "2023"),
        ("/plans/2023/projects/2023-key-projects-296/", "project", "2023-key-projects-296"),
        ("/measures/2023-consumption/", "package", "2023-consumption"),
        ("/measures/2023-consumption/7/", "measure", "2023-consumption-7"),
        ("/personnel/people/zhang-liming/", "person", "zhang-liming"),
        ("/personnel/posts/earthquake-bureau-director/", "post", "earthquake-bureau-director"),
        ("/units/finance-bureau/", "unit", "finance-bureau"),
        ("/documents/whzf-2023-2/", "document", "whzf-2023-2"),
    ],
)
def test_every_record_and_document_leads_to_its_form(page, kind, code, client):
    address = f"/doubts/new/?kind={kind}&code={code}"
    link = f'<a rel="nofollow" href="{address.replace("&", "&amp;")}">我要纠错</a>'
    assert client.get(page).content.decode().count(link) == 1
    answer = client.get(address)
    assert answer.status_code == 200
    assert f'<a href="{page}">' in answer.content.decode()


def test_lists_have_no_record_in_doubt(client):
    assert "我要纠错" not in client.get("/measures/").content.decode()


def test_the_form_is_one_readers_and_nobody_elses(client):
    answer = client.get(FORM)
    shown = answer.content.decode()
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-store", "noindex")
    assert '<meta name="robots" content="noindex">' in shown
    assert f'<li><a href="{PAGE}">地区生产总值</a></li>' in shown
    assert "只用来就这件纠错与您联系，办结时删除，不公开。" in shown
    assert "不必登录，不必留姓名。" in shown


@pytest.mark.parametrize("address", ["/doubts/new/", "/doubts/new/?kind=target", f"/doubts/new/?code={TARGET}&kind="])
def test_a_form_about_nothing_is_refused(address, client):
    for answer in (client.get(address), client.post(address, {"text": WORDS})):
        assert answer.status_code == 400
        assert "地址里没有写明对哪一条记录纠错；请从记录页面下方的“我要纠错”进入。" in answer.content.decode()
        assert answer["Cache-Control"] == "private, no-store"


def test_only_what_is_public_is_doubted(client, make_target):
    draft = make_target()
    for kind, code in (("target", draft.code), ("target", "no-such"), ("x", TARGET), ("benefit", "x" * 500)):
        address = f"/doubts/new/?kind={kind}&code={code}"
        assert client.get(address).status_code == send(client, address=address).status_code == 404
    publication.withdraw(Document.objects.get(code="whzf-2023-2"))
    assert client.get(FORM).status_code == send(client).status_code == 410
    assert not Doubt.objects.exists()


# Sending


def test_a_doubt_is_sent_and_its_receipt_is_unguessable(client):
    head = LedgerHead.objects.get().seq
    answer = send(client, contact=" 示例联系方式 ")
    doubt = Doubt.objects.get()
    assert answer["Location"] == f"/doubts/{doubt.receipt}/"
    assert re.fullmatch(r"[\w-]{32}", doubt.receipt)
    assert (doubt.kind, doubt.code, doubt.name, doubt.path) == ("target", TARGET, "地区生产总值", PAGE)
    assert (doubt.text, doubt.contact, doubt.state) == (WORDS, "示例联系方式", "open")
    assert LedgerHead.objects.get().seq == head
    receipt = client.get(answer["Location"])
    shown = receipt.content.decode()
    assert receipt["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in shown
    assert WORDS in shown
    assert "还没有答复，请过些日子再来看。" in shown
    # Whoever finds the address learns nothing of the sender.
    assert "示例联系方式" not in shown
    assert client.get("/doubts/no-such-receipt/").status_code == 404


@pytest.mark.parametrize(
    ("text", "contact", "said"),
    [
        ("", "", {"text": ["请写明哪里不对。"]}),
        ("  \n ", "", {"text": ["请写明哪里不对。"]}),
        ("错" * 2001, "", {"text": ["内容有2001字，最多2000字；请缩短后再提交。"]}),
        (WORDS, "1" * 121, {"contact": ["联系方式有121字，最多120字；请写一个电话或邮箱。"]}),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(text, contact, said, client):
    answer = send(client, text, contact)
    assert (answer.status_code, errors(answer)) == (400, said)
    assert answer.context["form"]["contact"].value() == contact
    assert answer["Cache-Control"] == "private, no-store"
    assert not Doubt.objects.exists()


def test_a_form_from_elsewhere_is_refused_in_chinese():
    strict = Client(enforce_csrf_checks=True)
    answer = send(strict)
    assert answer.status_code == 403
    assert "表单已过期，或者浏览器没有接受本站的Cookie。" in answer.content.decode()
    token = strict.get(FORM).context["csrf_token"]
    assert strict.post(FORM, {"text": WORDS, "csrfmiddlewaretoken": str(token)}).status_code == 302


def test_markup_is_shown_as_it_was_typed(client, clerk):
    address = send(client, "<script>alert(1)</script>")["Location"]
    for shown in (client.get(address), clerk.get(admin_url(Doubt, "change", Doubt.objects.get().pk))):
        assert "&lt;script&gt;alert(1)" in shown.content.decode()


# How much


def test_one_address_sends_five_an_hour_and_twenty_a_day(client):
    for _ in range(5):
        assert send(client).status_code == 302
    answer = send(client, "示例：第六件")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert errors(answer) == {
        "__all__": ["同一网络地址一小时内最多提交5件纠错；请过一小时再提交，您写的内容还在下面。"]
    }
    assert "示例：第六件</textarea>" in answer.content.decode()
    assert send(client, REMOTE_ADDR="192.0.2.7").status_code == 302
    for hours in (2, 3, 4):
        for _ in range(5):
            Doubt.objects.filter(at__gt=timezone.now() - timedelta(hours=1)).update(
                at=timezone.now() - timedelta(hours=hours)
            )
            send(client)
    Doubt.objects.update(at=timezone.now() - timedelta(hours=2))
    answer = send(client)
    assert (answer.status_code, answer["Retry-After"]) == (429, "86400")
    assert errors(answer) == {"__all__": ["同一网络地址一天内最多提交20件纠错；请过一天再提交，您写的内容还在下面。"]}
    Doubt.objects.update(at=timezone.now() - timedelta(days=1))
    assert send(client).status_code == 302


def test_only_a_keyed_hash_of_the_address_is_kept_and_for_a_day(client, clerk):
    send(client, REMOTE_ADDR="192.0.2.7")
    doubt = Doubt.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", doubt.sender)
    assert not any("192.0.2.7" in str(value) for value in Doubt.objects.values().get().values())
    assert not hasattr(Doubt.history.first(), "sender")
    Doubt.objects.update(at=timezone.now() - timedelta(days=1))
    clerk.get(admin_url(Doubt, "changelist"))
    assert Doubt.objects.get().sender == ""


@pytest.mark.parametrize(
    ("behind_proxy", "one", "other", "same"),
    [
        (False, {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "192.0.2.9"}, True),
        (True, {"HTTP_X_FORWARDED_FOR": "1.1.1.1, 192.0.2.9"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.9"}, True),
        (True, {"HTTP_X_FORWARDED_FOR": "192.0.2.9, 192.0.2.1"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.9"}, False),
        (False, {"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8::ffff:2"}, True),
        (False, {"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8:0:1::1"}, False),
        (False, {"REMOTE_ADDR": "::ffff:192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.1"}, True),
    ],
)
def test_the_address_is_the_one_that_our_own_proxy_saw(behind_proxy, one, other, same, rf, settings):
    settings.BEHIND_PROXY = behind_proxy
    senders = [doubts.sender_of(rf.post(FORM, **headers)) for headers in (one, other)]
    assert (senders[0] == senders[1]) is same


# The desk


def test_it_is_answered_and_the_sender_reads_it(client, clerk, doubt):
    shown = clerk.get(admin_url(Doubt, "change", doubt.pk)).content.decode()
    assert WORDS in shown
    assert "示例联系方式" in shown
    target = Target.objects.get(code=TARGET)
    assert f'<a href="{admin_url(Target, "correct", target.pk)}">提出更正</a>' in shown
    refused = settle(clerk, doubt)
    assert errors(refused) == {"__all__": ["请写答复；不必答复的请按“不答复，办结”。"]}
    assert settle(clerk, doubt, answer="示例答复").status_code == 302
    doubt.refresh_from_db()
    assert (doubt.state, doubt.answer, doubt.by, doubt.contact) == ("answered", "示例答复", clerk.user, "")
    receipt = client.get(doubt.get_absolute_url()).content.decode()
    assert "示例答复" in receipt
    assert "已答复" in receipt
    # An answer can be bettered; who wrote it is not the sender's business.
    assert settle(clerk, doubt, answer="示例补充").status_code == 302
    assert "示例补充" in client.get(doubt.get_absolute_url()).content.decode()
    assert "clerk" not in receipt
    assert "示例联系方式" not in str(list(Doubt.history.values()))


def test_it_is_closed_without_a_word(client, clerk, doubt):
    assert settle(clerk, doubt, "_close").status_code == 302
    assert "这件纠错已办结，没有另写答复。" in client.get(doubt.get_absolute_url()).content.decode()
    assert not Doubt.objects.open().exists()


def test_two_clerks_do_not_overwrite_each_other(clerk, staff, doubt):
    url = admin_url(Doubt, "change", doubt.pk)
    seen = clerk.get(url).context["form"]["seen"].value()
    settle(staff("other", "answer_doubt"), doubt, answer="示例答复")
    answer = clerk.post(url, {"seen": seen, "answer": "示例另答"})
    assert errors(answer) == {"__all__": ["您打开这一页之后，别人已办过这件纠错；请重新核对后再办。"]}
    assert Doubt.objects.get().answer == "示例答复"


def test_who_may_not_answer_is_refused(staff, doubt):
    url, listed = admin_url(Doubt, "change", doubt.pk), admin_url(Doubt, "changelist")
    stranger = staff("stranger", "view_target")
    assert [stranger.get(url).status_code, stranger.post(url).status_code, stranger.get(listed).status_code] == [
        403
    ] * 3
    reader = staff("reader", "view_doubt")
    assert (reader.get(url).status_code, reader.post(url, {"answer": "示例"}).status_code) == (200, 403)
    assert "提出更正" not in reader.get(url).content.decode()
    admin = staff("admin")
    User.objects.filter(pk=admin.user.pk).update(is_superuser=True)
    assert admin.get(admin_url(Doubt, "add")).status_code == 403
    assert admin.post(admin_url(Doubt, "delete", doubt.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"state": "answered"},
        {"answer": "示例"},
        {"state": "x"},
    ],
)
def test_the_rules_hold_in_the_database(wrong, doubt):
    with pytest.raises(IntegrityError), transaction.atomic():
        Doubt.objects.update(**wrong)


@pytest.mark.parametrize("rows", [1, 12])
def test_the_desk_takes_the_same_queries(rows, clerk, client, doubt):
    for n in range(rows - 1):
        Doubt.objects.create(
            receipt=f"sample-{n}", kind="target", code=TARGET, name="示例", path=PAGE, text=WORDS, at=timezone.now()
        )
    counts = []
    for who, url in (
        (clerk, admin_url(Doubt, "changelist")),
        (clerk, admin_url(Doubt, "change", doubt.pk)),
        (client, FORM),
        (client, doubt.get_absolute_url()),
    ):
        who.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert who.get(url).status_code == 200
        counts.append(len(caught))
    # The menu of the desk asks of its user whether he or she stands in for a reviewer.
    assert counts == [10, 7, 2, 1]


# What others see


def test_no_page_and_no_answer_of_the_api_tells_of_it(client, clerk, doubt):
    settle(clerk, doubt, answer="示例答复")
    assert not Correction.objects.exists()
    assert not PublicRecord.objects.filter(body__contains=WORDS).exists()
    for address in (
        PAGE,
        "/",
        f"/search/?q={WORDS[3:9]}",
        f"/api/v1/targets/{TARGET}/",
        f"/api/v1/search/?q={WORDS[3:9]}",
        "/api/v1/changes/",
        "/api/v1/corrections/",
        "/feeds/changes.atom",
        "/sitemap.xml",
        f"{PAGE.rpartition(TARGET)[0]}records.json",
    ):
        shown = client.get(address).content.decode()
        assert WORDS not in shown
        assert "示例答复" not in shown
        assert doubt.receipt not in shown


def test_pages_stay_in_the_public_cache_and_forms_out_of_it(settings, monkeypatch):
    settings.PUBLIC_CACHE = True
    reader = Client()
    first = reader.get(PAGE)
    assert first["Cache-Control"] == public_cache.CACHE_CONTROL
    assert not first.cookies
    # The form's cookie makes no other page of it.
    assert reader.get(FORM).cookies["csrftoken"]
    with CaptureQueriesContext(connection) as caught:
        assert reader.get(PAGE).content == first.content
    assert len(caught) <= 1  # the newest seq, at most
    tokens = {str(Client().get(FORM).context["csrf_token"]) for _ in range(2)}
    assert len(tokens) == 2
    sent = send(reader)
    assert (sent.status_code, sent["Cache-Control"]) == (302, "private, no-store")
    receipt = reader.get(sent["Location"])
    assert (receipt["Cache-Control"], receipt.get("ETag")) == ("private, no-store", None)
    doubt = Doubt.objects.get()
    doubts.settle(doubt, by=User.objects.create(username="x"), answer="示例答复", state="answered", seen="open")
    assert "示例答复" in reader.get(sent["Location"]).content.decode()
