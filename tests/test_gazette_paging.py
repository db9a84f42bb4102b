"""Pages: numbered within the bound, by cursor beyond it, and strict about both."""

import base64
import json
import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from gazette import paging
from gazette.paging import PageError, Paginator
from measures.table import table
from plans.models import Target

URL = "/api/v1/targets/"
TARGETS = 83  # those of the founding plan
pytestmark = pytest.mark.django_db


@pytest.fixture
def bound(monkeypatch):
    """A bound of 40 rows, so that the founding plan's targets lie beyond it; pages are reached by keys from 8 on."""
    monkeypatch.setattr(paging, "BOUND", 40)
    monkeypatch.setattr(paging, "NEAR", 8)


def listed():
    return list(Target.objects.listed().values_list("code", flat=True))


def follow(client, answer, way):
    """The answer behind `next` or `previous`."""
    link = urlsplit(answer[way])
    return client.get(link.path, QUERY_STRING=link.query).json()


def codes(answer):
    return [row["code"] for row in answer["results"]]


def test_a_list_within_the_bound_is_counted_and_numbered(client):
    answer = client.get(f"{URL}?page=2&page_size=20").json()
    assert (answer["count"], answer["count_exact"]) == (TARGETS, True)
    assert parse_qs(urlsplit(answer["next"]).query) == {"page": ["3"], "page_size": ["20"]}
    assert parse_qs(urlsplit(answer["previous"]).query) == {"page_size": ["20"]}
    assert codes(answer) == listed()[20:40]


def test_a_list_as_long_as_the_bound_is_exact(client, monkeypatch):
    monkeypatch.setattr(paging, "BOUND", TARGETS)
    answer = client.get(f"{URL}?page=2").json()
    assert (answer["count"], answer["count_exact"], answer["next"]) == (TARGETS, True, None)


def test_beyond_the_bound_the_count_is_not_exact(client, bound):
    answer = client.get(f"{URL}?page_size=20").json()
    assert answer["count_exact"] is False
    assert answer["count"] >= 40
    if connection.vendor == "sqlite":
        assert answer["count"] == 40


@pytest.mark.parametrize("size", [7, 20, 40])
def test_next_links_cover_the_list_once_and_previous_links_lead_back(client, bound, size):
    answer = client.get(f"{URL}?page_size={size}").json()
    pages = [codes(answer)]
    while answer["next"]:
        answer = follow(client, answer, "next")
        pages.append(codes(answer))
    assert [code for page in pages for code in page] == listed()
    assert {len(page) for page in pages[:-1]} == {size}
    back = [codes(answer)]
    while answer["previous"]:
        answer = follow(client, answer, "previous")
        back.append(codes(answer))
    assert [code for page in reversed(back) for code in page] == listed()


@pytest.mark.parametrize("page", [1, 2, 3, 5])
def test_a_numbered_page_is_the_same_whichever_way_it_is_reached(client, bound, page):
    answer = client.get(f"{URL}?page_size=8&page={page}").json()
    assert codes(answer) == listed()[(page - 1) * 8 : page * 8]


def test_a_filter_is_kept_beside_the_cursor(client, monkeypatch):
    monkeypatch.setattr(paging, "BOUND", 3)
    answer = client.get(f"{URL}?headline=true&page_size=3").json()
    assert parse_qs(urlsplit(answer["next"]).query).keys() == {"headline", "page_size", "cursor"}
    assert all(row["headline"] for row in follow(client, answer, "next")["results"])


def test_the_ledger_is_walked_by_seq(client, bound):
    answer = client.get("/api/v1/changes/?page_size=20&page=2").json()
    assert [row["seq"] for row in follow(client, answer, "next")["results"]] == list(range(41, 61))


def test_the_passages_of_a_document_are_walked_in_order(client, bound):
    answer = client.get("/api/v1/documents/whzf-2023-2/passages/?page_size=20&page=2").json()
    assert [row["order"] for row in follow(client, answer, "next")["results"]] == list(range(41, 61))


def test_a_page_number_beyond_the_bound_is_refused(client, bound):
    answer = client.get(f"{URL}?page_size=20&page=3")
    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "page": ["页码只到第2页（前40条）；更后面的请由上一页的“下一页”（next）逐页取得。"]
    }


def cursor(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "2",
        "中",
        "====",
        cursor("after"),
        cursor({"after": "a"}),
        cursor(["after"]),
        cursor(["beside", "a"]),
        cursor(["after", 5]),
        cursor(["after", None]),
        cursor(["after", "a", "b"]),
        cursor([["after"], "a"]),
        "x" * 5000,
        base64.b64encode(b"[" * 3000).decode(),
    ],
)
def test_a_malformed_cursor_is_refused_by_name(client, given):
    answer = client.get(URL, {"cursor": given})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "cursor": [f"“{given[:20]}”不是本站给出的 cursor，请照“上一页”“下一页”（previous、next）的链接原样使用。"]
    }


@pytest.mark.parametrize("key", ["5", True, -1, 2**63, 1.5])
def test_a_cursor_of_another_list_is_refused_too(client, key):
    assert client.get("/api/v1/changes/", {"cursor": cursor(["after", key])}).status_code == 400


@pytest.mark.parametrize("key", ["a\x00b", "\ud800", "中"])
def test_a_key_that_no_place_can_be_is_refused(client, key):
    assert client.get(URL, {"cursor": cursor(["after", key])}).status_code == 400


def test_a_cursor_and_a_page_do_not_go_together(client):
    answer = client.get(URL, {"cursor": cursor(["after", "a"]), "page": "2"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"cursor": ["cursor 与 page 不能同时使用。"]}


def test_nothing_after_a_cursor_is_404(client):
    answer = client.get(URL, {"cursor": cursor(["after", "~"])})
    assert answer.status_code == 404
    assert answer.json()["detail"] == "这个 cursor 之后没有记录了。"


def test_a_page_of_the_site_goes_on_by_cursor_and_leaves_it_with_the_place(client, monkeypatch):
    monkeypatch.setattr(paging, "BOUND", 60)
    address = "/plans/2023/targets/"
    first = client.get(address).content.decode()
    assert "共60个以上" in first
    assert "第1页</span>" in first
    query = unescape(re.search(r'rel="next" href="(\?cursor=[^"]+)"', first)[1])
    response = client.get(address + query)
    second = response.content.decode()
    shown = [target.code for target in response.context["object_list"]]
    assert shown == listed()[50:]
    assert 'rel="next"' not in second
    assert unescape(re.search(r'rel="prev" href="(\?cursor=[^"]+)"', second)[1]) != query
    assert f'href="{address}records.csv"' in second
    # A filter begins its own list; taking it away does too.
    filtered = client.get(f"{address}{query}&part=6").content.decode()
    chip = unescape(re.search(r'<a href="([^"]*)" title="去掉这个条件">', filtered)[1])
    assert chip == "?"
    refused = client.get(f"{address}?cursor=x")
    assert refused.status_code == 404
    assert "“x”不是本站给出的 cursor" in refused.content.decode()


def test_what_is_withdrawn_between_two_queries_is_not_shown():
    gone = {"code": "sample-gone", "place": "z"}
    [row] = table([gone, {"code": "2023-consumption-7"}], date(2023, 3, 15))
    assert str(row) == "（7）扩大汽车成品油大宗商品消费"


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "1" * 30, ""])
def test_a_page_that_is_no_number_is_refused(page):
    with pytest.raises(PageError) as refused:
        Paginator(Target.objects.public(), 20).asked(page)
    assert refused.value.parameter == "page"
    assert not refused.value.missing


@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("", 2),  # the page, which holds the whole list, and the projection
        ("?page_size=4", 3),  # the count too
        ("?page_size=4&page=2", 3),
    ],
)
def test_a_list_takes_a_fixed_number_of_queries(client, django_assert_num_queries, query, queries):
    with django_assert_num_queries(queries):
        client.get(f"/api/v1/budgets/{query}")
