"""The public cache: what is answered from it, what never is, and that the key holds all that an answer depends on."""

import gzip
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gazette import publication
from gazette.models import Document, LedgerHead
from wuhai_portal import public_cache

pytestmark = pytest.mark.django_db
LIST = "/api/v1/budgets/"


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(public_cache, "time", clock)
    return clock


@pytest.fixture
def cached(settings, clock):
    """A client of one process with the cache switched on."""
    settings.PUBLIC_CACHE = True
    return Client()


def queries_of(call):
    with CaptureQueriesContext(connection) as context:
        response = call()
    return response, len(context)


def test_second_answer_takes_no_query_and_is_the_same(cached):
    first = cached.get(LIST)
    second, queries = queries_of(lambda: cached.get(LIST))
    assert queries == 0
    assert (second.status_code, second.content) == (200, first.content)
    assert dict(second.items()) == dict(first.items())


def test_headers_let_a_proxy_store_but_not_serve_stale(cached):
    response = cached.get(LIST)
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert response["Vary"] == "Accept, Accept-Encoding, Cookie"
    assert response["ETag"].startswith('W/"')
    assert "default-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("strengthen", [str, lambda etag: etag.removeprefix("W/"), lambda etag: f'"other", {etag}'])
def test_not_modified_without_a_query(cached, strengthen):
    etag = cached.get(LIST)["ETag"]
    response, queries = queries_of(lambda: cached.get(LIST, headers={"if-none-match": strengthen(etag)}))
    assert (response.status_code, queries, response.content) == (304, 0, b"")
    assert response["ETag"] == etag


def test_another_etag_gets_the_answer(cached):
    assert cached.get(LIST, headers={"if-none-match": 'W/"0"'}).status_code == 200


def test_compressed_for_who_accepts_it(cached):
    plain = cached.get(LIST)
    packed = cached.get(LIST, headers={"accept-encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content)
    assert packed["ETag"] == plain["ETag"]


def test_a_record_carries_a_strong_etag_of_its_revision(cached):
    address = "/api/v1/budgets/2023-consumption-7-b1/"
    plain = cached.get(address)
    packed = cached.get(address, headers={"accept-encoding": "gzip"})
    assert plain["ETag"].startswith('"r1-')
    assert packed["ETag"] == plain["ETag"][:-1] + '-gzip"'
    for etag in (plain["ETag"], packed["ETag"]):
        response, queries = queries_of(lambda etag=etag: cached.get(address, headers={"if-none-match": etag}))
        assert (response.status_code, queries) == (304, 0)


def test_withdrawn_within_the_second(cached, clock):
    assert cached.get(LIST).json()["count"] == 6
    publication.withdraw(Document.objects.get(code="whzbf-2023-2"))
    clock.now += public_cache.SEQ_SECONDS
    assert cached.get(LIST).json()["count"] == 0


def test_nobody_keeps_that_a_record_was_withdrawn(cached, clock):
    document = Document.objects.get(code="whzbf-2023-2")
    publication.withdraw(document)
    clock.now += public_cache.SEQ_SECONDS
    for path in ("/documents/whzbf-2023-2/", "/api/v1/documents/whzbf-2023-2/"):
        response = cached.get(path)
        assert (response.status_code, response["Cache-Control"]) == (410, "public, max-age=0, must-revalidate")
    publication.publish(document)
    clock.now += public_cache.SEQ_SECONDS
    assert cached.get("/documents/whzbf-2023-2/").status_code == 200


def test_seq_is_looked_at_once_in_its_time(cached, clock):
    cached.get(LIST)
    LedgerHead.objects.update(seq=10_000)
    clock.now += public_cache.SEQ_SECONDS - 0.01
    assert queries_of(lambda: cached.get(LIST))[1] == 0
    clock.now += 0.01
    assert queries_of(lambda: cached.get(LIST))[1] == 3  # the seq; page, projection


@pytest.mark.parametrize("path", ["/calendar/?month=2023-06", "/calendar.ics?", "/feeds/changes.atom?"])
def test_calendar_and_feeds_are_answered_whatever_messengers_add(path, cached):
    first = cached.get(path)
    second, queries = queries_of(lambda: cached.get(f"{path}&from=messenger"))
    assert (queries, second.content, second["ETag"]) == (0, first.content, first["ETag"])
    assert second["Content-Type"] == first["Content-Type"]


def test_the_calendar_of_today_is_another_tomorrow(cached, monkeypatch):
    for day, month in ((date(2023, 6, 30), "2023年6月"), (date(2023, 7, 1), "2023年7月")):
        monkeypatch.setattr("django.utils.timezone.localdate", lambda day=day: day)
        assert f"日历：{month}" in cached.get("/calendar/").content.decode()


def test_today_is_part_of_the_key(cached, monkeypatch):
    beijing = ZoneInfo("Asia/Shanghai")
    moment = datetime(2023, 6, 30, 23, 59, 59, tzinfo=beijing)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    before = cached.get(LIST)["ETag"]
    assert cached.get(LIST)["ETag"] == before
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2023, 7, 1, 0, 0, 0, tzinfo=beijing))
    assert cached.get(LIST)["ETag"] != before


def test_pages_ignore_unknown_parameters_and_share_one_answer(cached):
    first = cached.get("/measures/")
    second, queries = queries_of(lambda: cached.get("/measures/?from=wechat&isappinstalled=0"))
    assert (second.status_code, queries) == (200, 0)
    assert second.content == first.content


def test_known_parameters_are_part_of_the_key(cached):
    assert cached.get("/measures/?on=2023-03-15").content != cached.get("/measures/?on=2024-06-01").content


def test_order_of_parameters_makes_no_other_key(cached):
    address = "/api/v1/measures/?{}&{}"
    first = cached.get(address.format("category=fiscal", "on=2023-03-15"))
    second = cached.get(address.format("on=2023-03-15", "category=fiscal"))
    assert first["ETag"] == second["ETag"]


@pytest.mark.parametrize("address", ["/api/v1/budgets/?unti=x", "/api/v1/measures/nope/", "/measures/nope/"])
def test_errors_are_not_stored(cached, address):
    cached.get(address)
    response, queries = queries_of(lambda: cached.get(address))
    assert response.status_code in (400, 404)
    assert not response.get("ETag")


def test_session_and_key_are_never_answered_from_it(cached, admin_user):
    public = cached.get(LIST)
    cached.force_login(admin_user)
    response, queries = queries_of(lambda: cached.get(LIST, headers={"if-none-match": public["ETag"]}))
    assert (response.status_code, queries > 0) == (200, True)
    assert response["Cache-Control"] == "private, no-store"
    keyed = Client().get(LIST, headers={"authorization": "Api-Key 示例".encode().decode("latin-1")})
    assert keyed["Cache-Control"] == "private, no-store"


def test_unknown_host_reaches_the_stack(cached):
    assert cached.get(LIST, SERVER_NAME="elsewhere.example").status_code == 400


def test_build_changes_with_what_pages_show(settings):
    before = public_cache.build_id.__wrapped__()
    settings.SITE_NAME = "示例站"
    assert public_cache.build_id.__wrapped__() != before
