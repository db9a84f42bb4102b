"""Search as the public and programs meet it: the API's resource, `q` on every list, and the page."""

import pytest

from gazette.search import results

pytestmark = pytest.mark.django_db


# The API


def test_search_in_the_api(client, django_assert_num_queries):
    with django_assert_num_queries(3):  # the candidates, the page, the names of parts
        response = client.get("/api/v1/search/", {"q": "李锴"})
    site = "http://127.0.0.1:8000"
    document = {"code": "wzrz-2023-1", "name": "乌海市人民政府近期任免一批领导干部"}
    assert response.json() == {
        "count": 2,
        "count_exact": True,
        "next": None,
        "previous": None,
        "facets": {
            "kind": [
                {"value": "passage", "name": "段落", "count": 1},
                {"value": "person", "name": "人员", "count": 1},
            ],
            "part": [{"value": "wzrz-2023-1-p2", "name": "任命：", "count": 1}],
            "unit": [],
            "year": [{"value": "2023", "name": "2023年", "count": 1}],
            "audience": [],
        },
        "results": [
            {
                "kind": "person",
                "code": "li-kai",
                "title": "李锴",
                "title_highlights": [{"start": 0, "end": 2}],
                "snippet": "",
                "highlights": [],
                "url": f"{site}/personnel/people/li-kai/",
                "document": None,
            },
            {
                "kind": "passage",
                "code": "wzrz-2023-1-p4",
                "title": "任命：",
                "title_highlights": [],
                "snippet": "李  锴  为市人力资源和社会保障局副局长；",
                "highlights": [{"start": 0, "end": 4}],
                "url": f"{site}/documents/wzrz-2023-1/#p4",
                "document": {**document, "url": f"{site}/documents/wzrz-2023-1/"},
            },
        ],
    }


@pytest.mark.parametrize(
    ("parameters", "name", "sentence"),
    [
        ({}, "q", "请写出要找的词，例如“消费券”。"),
        ({"q": ""}, "q", "参数没有值，请填写或删去。"),
        ({"q": "　"}, "q", "请写出要找的词，例如“消费券”。"),
        ({"q": "词" * 101}, "q", "检索词最多100字，这里有101字。"),
        ({"q": "市", "kind": "tie"}, "kind", "“tie”不是能检索的类别。"),
        ({"q": "市", "kind": "budget"}, "kind", "“budget”不是能检索的类别。"),
        ({"q": "市", "unit": "nobody"}, "unit", "没有代码为“nobody”的公开记录。"),
        ({"q": "市", "part": "whzf-2023-2-p999"}, "part", "没有代码为“whzf-2023-2-p999”的公开记录。"),
        (
            {"q": "市", "audience": "个人"},
            "audience",
            "“个人”不在可选值之中：individual、sole_trader、enterprise、farm、organisation、customer、other。",
        ),
        ({"q": "市", "page_size": "201"}, "page_size", "“201”应为 1 到 200 的整数。"),
        (
            {"q": "市", "sort": "new"},
            "sort",
            "没有这个参数；可用的有：audience、kind、page、page_size、part、q、unit、year。",
        ),
    ],
)
def test_the_api_refuses_and_says_why(client, parameters, name, sentence):
    response = client.get("/api/v1/search/", parameters)
    assert response.status_code == 400
    assert response.json()["errors"] == {name: [sentence]}


def test_pages_of_results_join_up(client):
    everything = client.get("/api/v1/search/", {"q": "发", "page_size": 200}).json()
    assert 75 < everything["count"] <= 100
    codes = []
    for number in (1, 2, 3, 4):
        page = client.get("/api/v1/search/", {"q": "发", "page_size": 25, "page": number}).json()
        codes += [result["code"] for result in page["results"]]
    assert codes == [result["code"] for result in everything["results"]]
    assert client.get("/api/v1/search/?q=市&page=99").status_code == 404


@pytest.mark.parametrize(
    ("resource", "words", "codes"),
    [
        ("documents", "乌海政发[2023]2号", ["whzf-2023-2"]),
        ("documents/whzf-2023-2/passages", "6%", ["whzf-2023-2-p8"]),
        ("units", "財政局", ["finance-bureau"]),
        ("plans", "2023年", ["2023"]),
        ("targets", "生产总值 6%", ["2023-gdp-growth"]),
        ("projects", "５Ｇ", ["2023-5g-industrial-internet"]),
        ("progress-reports", "进展", []),
        ("packages", "二十三条", ["2023-consumption"]),
        ("measures", "5000元", ["2023-consumption-7", "2023-consumption-20"]),
        ("budgets", "加油消费券", ["2023-consumption-7-b1"]),
        ("benefits", "购车 5000元", None),
        ("validity-windows", "供暖季", None),
        ("deadlines", "补缴", None),
        ("people", "李 锴", ["li-kai"]),
        ("posts", "地震局局长", ["earthquake-bureau-director"]),
        ("appointments", "李锴", None),
        ("changes", "李锴", None),
        ("corrections", "李锴", []),
    ],
)
def test_every_list_has_q(client, resource, words, codes):
    everything = client.get(f"/api/v1/{resource}/").json()["count"]
    answer = client.get(f"/api/v1/{resource}/", {"q": words}).json()
    if codes is None:
        assert 0 < answer["count"] < everything
    else:
        assert [row["code"] for row in answer["results"]] == codes
    nothing = client.get(f"/api/v1/{resource}/", {"q": "瀚瀚瀚"}).json()
    assert nothing["results"] == []
    refused = client.get(f"/api/v1/{resource}/", {"q": "　"})
    assert refused.status_code == 400, resource


def test_q_joins_with_other_filters(client):
    answer = client.get("/api/v1/measures/", {"q": "财政局", "category": "fiscal"}).json()
    assert {row["category"] for row in answer["results"]} == {"fiscal"}
    assert 0 < answer["count"] < client.get("/api/v1/measures/", {"q": "财政局"}).json()["count"]


# The page


@pytest.fixture
def page(client):
    """The search page's text for given parameters."""

    def read(status=200, **parameters):
        response = client.get("/search/", parameters)
        assert response.status_code == status
        return response.content.decode()

    return read


def test_the_page_without_a_question_is_a_form(page, django_assert_num_queries):
    with django_assert_num_queries(0):
        text = page()
    assert 'name="q"' in text
    assert "没有找到" not in text


@pytest.mark.parametrize(
    ("parameters", "queries"),
    [
        ({"q": "消费券"}, 4),  # the candidates, the page, the names of units and of parts
        ({"q": "市", "page": "2"}, 4),
        # Besides: two chosen facets looked up and counted without themselves.
        ({"q": "财政局", "kind": "measure", "unit": "finance-bureau"}, 7),
    ],
)
def test_the_page_takes_a_fixed_number_of_queries(page, parameters, queries, django_assert_num_queries):
    with django_assert_num_queries(queries):
        page(**parameters)


def test_the_page_marks_and_keeps_what_was_asked(page):
    text = page(q="消费券", kind="measure", utm_source="x")
    assert "加油<mark>消费券</mark>" in text
    assert 'value="消费券"' in text
    assert 'href="/measures/2023-consumption/7/"' in text
    assert "共2条。" in text
    assert "类别：措施" in text
    assert "?q=%E6%B6%88%E8%B4%B9%E5%88%B8&amp;kind=passage" in text
    assert "utm_source" not in text


def test_the_page_gives_hints(page):
    assert "多写几个字会更准" in page(q="市")
    assert "数字按整个数查找" in page(q="6%")
    assert "数字按整个数查找" not in page(q="消费券")


def test_the_page_helps_where_nothing_is_found(page):
    text = page(q="购车补贴")
    assert "没有找到含有“购车补贴”的公开内容" in text
    assert "错别字" in text
    assert ">购车 补贴</a>（2条）" in text
    assert "去掉上面已选的条件" in page(q="李锴", kind="measure")


def test_the_page_says_what_is_wrong(page):
    assert "检索词最多100字" in page(status=400, q="词" * 101)
    assert "不是能检索的类别" in page(status=400, q="市", kind="x")


def test_the_page_escapes_what_was_asked(page):
    text = page(q="<script>alert(1)</script>")
    assert "<script>" not in text


def test_the_page_says_about_where_a_word_is_common(page, monkeypatch):
    monkeypatch.setattr(results, "RANKED", 3)
    text = page(q="市")
    assert "条以上，这里排列的是最新的" in text
    assert '<span class="number">约' in text


@pytest.mark.parametrize(
    ("path", "words", "sentences"),
    [
        ("/documents/", "乌海政发[2023]2号", ["共1份符合条件", "检索：乌海政发[2023]2号"]),
        ("/plans/", "2023年", ["共1个符合条件"]),
        ("/plans/2023/targets/", "6%", ["共1个符合条件", "地区生产总值"]),
        ("/plans/2023/projects/", "５Ｇ", ["符合条件"]),
        ("/measures/", "5000元", ["共2条符合条件"]),
        ("/measures/budgets/", "加油消费券", ["共1笔符合条件", "400万元"]),
        ("/units/", "財政局", ["共1个符合条件", "市财政局"]),
        ("/personnel/", "李 锴", ["共1项符合条件"]),
        ("/personnel/people/", "李锴", ["共1人符合条件"]),
        ("/personnel/posts/", "地震局局长", ["共1个符合条件"]),
    ],
)
def test_every_list_page_is_searched_from_its_bar(client, path, words, sentences):
    text = client.get(path, {"q": words}).content.decode()
    assert '<input type="search" name="q"' in text
    assert f'value="{words}"' in text
    for sentence in sentences:
        assert sentence in text
    assert "没有符合这些条件的" in client.get(path, {"q": "瀚瀚瀚"}).content.decode()
    refused = client.get(path, {"q": "词" * 101})
    assert refused.status_code == 400
    assert "检索词最多100字" in refused.content.decode()


def test_who_can_have_it_is_a_facet_and_a_filter(client, page):
    text = page(q="创业")
    assert "按谁能享受" in text
    assert "audience=individual" in text
    text = client.get("/measures/", {"audience": "sole_trader"}).content.decode()
    assert "谁能享受：个体工商户" in text
    assert "共4条符合条件" in text
