"""Conventions of Chinese government sites and of the web: what stands around the content of every page."""

import json
import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
import segno
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client
from django.utils import timezone

from gazette import publication
from gazette.models import Document, PublicRecord
from wuhai_portal import sitemaps
from wuhai_portal.templatetags import conventions

SITE = str(settings.SITE_ADDRESS)
MEASURE = "/measures/2023-consumption/7/"
TARGET = "/plans/2023/targets/2023-gdp-growth/"
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

pytestmark = pytest.mark.usefixtures("founding")


class Head(HTMLParser):
    """The meta tags of a page in their own letters, its links by rel, and its JSON-LD."""

    def __init__(self, page):
        super().__init__()
        self.meta, self.og, self.links, self.data, self.in_data = {}, {}, {}, None, False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "meta" and "name" in values:
            assert values["name"] not in self.meta
            self.meta[values["name"]] = values["content"]
        elif tag == "meta" and "property" in values:
            self.og[values["property"]] = values["content"]
        elif tag == "link":
            self.links[values["rel"]] = values["href"]
        self.in_data = tag == "script" and values.get("type") == "application/ld+json"

    def handle_endtag(self, tag):
        self.in_data = False

    def handle_data(self, data):
        if self.in_data:
            self.data = json.loads(data)


@pytest.fixture
def head(client):
    """The head of a page."""

    def read(path, status=200):
        response = client.get(path)
        assert response.status_code == status, path
        return Head(response.content.decode())

    return read


def official(head):
    """The tags that 政府网站发展指引 names: those with a capital letter."""
    return {name: content for name, content in head.meta.items() if name[0].isupper()}


# Meta tags


@pytest.fixture
def _named(settings):
    settings.SITE_DOMAIN, settings.SITE_CODE = "data.example.gov.cn", "0000000000"


@pytest.mark.usefixtures("_named")
def test_home_has_the_tags_of_the_site(head):
    assert official(head("/")) == {
        "SiteName": "乌海市政务公开记录",
        "SiteDomain": "data.example.gov.cn",
        "SiteIDCode": "0000000000",
    }


@pytest.mark.usefixtures("_named")
def test_a_list_has_the_tags_of_a_column(head):
    assert official(head("/plans/2023/targets/")) == {
        "SiteName": "乌海市政务公开记录",
        "SiteDomain": "data.example.gov.cn",
        "SiteIDCode": "0000000000",
        "ColumnName": "目标",
        "ColumnDescription": "年度计划里说要做到的，有数的和没有数的都在，每条附原句。",
        "ColumnKeywords": "目标,年度计划,2023年乌海市国民经济和社会发展计划,乌海市政务公开记录",
        "ColumnType": "规划计划",
    }


@pytest.mark.usefixtures("_named")
def test_a_document_has_the_tags_of_an_article(head):
    title = "乌海市人民政府办公室关于印发乌海市进一步提信心扩消费稳增长二十三条措施的通知"
    assert official(head("/documents/whzbf-2023-2/?on=2023-03-15")) == {
        "SiteName": "乌海市政务公开记录",
        "SiteDomain": "data.example.gov.cn",
        "SiteIDCode": "0000000000",
        "ColumnName": "文件",
        "ColumnType": "政策文件",
        "ArticleTitle": title,
        "PubDate": "2023-02-01 09:00",
        "ContentSource": "乌海市人民政府办公室",
        "Keywords": f"{title},文件,乌海政办发〔2023〕2号",
        "Author": "乌海市人民政府办公室",
        "Url": f"{SITE}/documents/whzbf-2023-2/",
        "Description": "乌海市人民政府办公室，乌海政办发〔2023〕2号，2023年1月20日成文。全文与所载记录。",
    }


@pytest.mark.parametrize(
    ("path", "column", "source"),
    [
        (TARGET, "年度计划", "乌海政发〔2023〕2号）"),
        ("/plans/2023/", "年度计划", "乌海政发〔2023〕2号）"),
        (MEASURE, "政策措施", "乌海政办发〔2023〕2号）"),
        ("/measures/2023-consumption/", "政策措施", "乌海政办发〔2023〕2号）"),
        ("/personnel/people/zhang-liming/", "人事任免", "乌海市政务公开记录"),
        ("/personnel/posts/earthquake-bureau-director/", "人事任免", "乌海市政务公开记录"),
        ("/units/finance-bureau/", "单位", "乌海市政务公开记录"),
    ],
)
def test_every_record_is_an_article(path, column, source, head):
    meta = head(path).meta
    assert (meta["ColumnName"], meta["PubDate"], meta["Url"]) == (column, "2023-02-01 09:00", SITE + path)
    assert meta["ContentSource"].endswith(source)
    assert meta["ArticleTitle"]
    assert meta["Description"]


def test_what_is_not_known_has_no_tag_and_no_place_in_the_footer(client, head):
    assert official(head("/")) == {"SiteName": "乌海市政务公开记录"}
    page = client.get("/").content.decode()
    for words in ("主办单位", "网站标识码", "/leave/"):
        assert words not in page


def test_pubdate_is_in_beijing_time(head, make_document, publish):
    document = make_document()
    publish(document, at=datetime(2024, 5, 6, 23, 30, tzinfo=ZoneInfo("UTC")))
    assert head(document.get_absolute_url()).meta["PubDate"] == "2024-05-07 07:30"


@pytest.mark.parametrize("path", ["/nowhere/", "/units/nothing/"])
def test_an_error_is_no_page_of_the_site(path, head):
    found = head(path, 404)
    assert official(found) == {"SiteName": "乌海市政务公开记录"}
    assert found.meta["robots"] == "noindex"
    assert "canonical" not in found.links


def test_an_empty_setting_is_said_by_the_deployment_check_and_holds_nothing_up(settings):
    said = {check.id: check.msg for check in run_checks(include_deployment_checks=True) if check.id[:5] == "wuhai"}
    assert said["wuhai.I002"] == "网站标识码未设置。"
    assert len(said) == 7
    settings.SITE_CODE = "0000000000"
    checks = [check for check in run_checks(include_deployment_checks=True) if check.id[:5] == "wuhai"]
    assert "wuhai.I002" not in {check.id for check in checks}
    assert {check.level for check in checks} == {20}  # an Info is below what fails a deployment
    assert not [check for check in run_checks() if check.id[:5] == "wuhai"]


# One address


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/?from=wechat", "/"),
        ("/?on=2023-03-15&from=wechat", "/?on=2023-03-15"),
        ("/plans/2023/projects/?page=1&kind=work", "/plans/2023/projects/?kind=work"),
        ("/plans/2023/projects/?page=2&kind=work", "/plans/2023/projects/?kind=work&page=2"),
        ("/documents/whzf-2023-2/?on=2023-03-15", "/documents/whzf-2023-2/"),
        ("/search/?q=消费&isappinstalled=0", "/search/?q=%E6%B6%88%E8%B4%B9"),
        ("/api/docs/", "/api/docs/"),
    ],
)
def test_canonical_address(asked, canonical, head):
    found = head(asked)
    assert found.links["canonical"] == found.og["og:url"] == SITE + canonical


def test_open_graph(head):
    assert head("/").og["og:title"] == "乌海市政务公开记录"
    assert head(TARGET).og == {
        "og:site_name": "乌海市政务公开记录",
        "og:locale": "zh_CN",
        "og:type": "article",
        "og:title": "地区生产总值",
        "og:url": SITE + TARGET,
        "og:description": "地区生产总值增长6%以上",
        "article:published_time": "2023-02-01T09:00:00+08:00",
        "article:modified_time": "2023-02-01T09:00:00+08:00",
    }


# JSON-LD


def test_a_document_is_legislation(head):
    assert head("/documents/whzf-2023-2/").data == {
        "@context": "https://schema.org",
        "@type": "Legislation",
        "name": Document.objects.get(code="whzf-2023-2").title,
        "legislationIdentifier": "乌海政发〔2023〕2号",
        "legislationType": "年度计划",
        "legislationDate": "2023-01-18",
        "legislationPassedBy": {"@type": "GovernmentOrganization", "name": "乌海市人民政府"},
        "inLanguage": "zh-CN",
        "url": f"{SITE}/documents/whzf-2023-2/",
    }


@pytest.mark.parametrize(
    ("path", "api"),
    [
        ("/plans/2023/targets/", "/api/v1/targets/?plan=2023"),
        ("/plans/2023/projects/", "/api/v1/projects/?plan=2023"),
        ("/measures/2023-consumption/", "/api/v1/measures/?package=2023-consumption"),
    ],
)
def test_a_list_is_a_dataset_that_the_api_gives(path, api, head, client):
    data = head(path).data
    assert (data["@type"], data["url"], data["distribution"][0]["contentUrl"]) == ("Dataset", SITE + path, SITE + api)
    assert client.get(api).json()["count"] > 20


def test_a_person_is_a_name_and_no_post(head):
    path = "/personnel/people/zhang-liming/"
    assert head(path).data == {
        "@context": "https://schema.org",
        "@type": "Person",
        "name": "张立明",
        "url": SITE + path,
    }


def test_data_cannot_end_its_element(client, make_document, publish):
    document = make_document(title='</script><script>alert("示例")</script>&')
    publish(document)
    page = client.get(document.get_absolute_url()).content.decode()
    assert page.count("<script") == page.count("</script>") == 1
    assert Head(page).data["name"] == document.title


# For search engines


def entries(client, path):
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml")
    root = ElementTree.fromstring(response.content)
    return [{element.tag.removeprefix(NAMESPACE): element.text for element in entry} for entry in root]


def test_the_sitemap_holds_every_public_page_once(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "SECTION", 100)
    found = []
    for section in entries(client, "/sitemap.xml"):
        assert section["loc"].startswith(f"{SITE}/sitemaps/")
        found += [entry["loc"] for entry in entries(client, section["loc"].removeprefix(SITE))]
    assert len(found) == len(set(found)) == 417 + len(sitemaps.PAGES)
    assert {SITE + "/", SITE + MEASURE, SITE + TARGET, f"{SITE}/personnel/people/zhang-liming/"} <= set(found)
    for address in found[::25]:
        assert client.get(address.removeprefix(SITE)).status_code == 200, address


@pytest.mark.parametrize(("path", "queries"), [("/sitemap.xml", 1), ("/sitemaps/pages.xml", 0), ("/sitemaps/0.xml", 2)])
def test_a_section_takes_the_same_queries_whatever_it_holds(path, queries, client, django_assert_num_queries):
    with django_assert_num_queries(queries):  # the last id; the range
        assert client.get(path).status_code == 200


def test_the_sitemap_says_when_a_page_changed_and_forgets_what_is_withdrawn(client):
    document = Document.objects.get(code="whzbf-2023-2")
    row = PublicRecord.objects.get(kind="measure", code="2023-consumption-7")
    path = f"/sitemaps/{row.pk // sitemaps.SECTION}.xml"
    assert {"loc": SITE + MEASURE, "lastmod": "2023-02-01T09:00:00+08:00"} in entries(client, path)
    publication.withdraw(document, at=timezone.now())
    assert SITE + MEASURE not in {entry["loc"] for entry in entries(client, path)}


@pytest.mark.parametrize("section", ["x", "99999999", "9" * 40, "-1", "٣"])
def test_a_section_that_is_not_there(section, client):
    assert client.get(f"/sitemaps/{section}.xml").status_code == 404


def test_robots(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\nDisallow: /admin/\nDisallow: /display/\nDisallow: /doubts/\nDisallow: /leave/\n"
        f"Disallow: /search/\nDisallow: /*?\nAllow: /*?page=\nSitemap: {SITE}/sitemap.xml\n"
    )


# How large the pages are


@pytest.mark.parametrize(
    ("mode", "element"),
    [
        ("large", '<html lang="zh-CN" class="large">'),
        ("larger", '<html lang="zh-CN" class="larger">'),
        ("elder", '<html lang="zh-CN" class="elder">'),
    ],
)
def test_a_mode_is_kept_and_can_be_left(mode, element, client):
    response = client.get("/display/", {"mode": mode, "next": MEASURE + "?on=2023-03-15"})
    assert (response.status_code, response["Location"]) == (302, MEASURE + "?on=2023-03-15")
    assert response["Cache-Control"] == "private, no-store"
    cookie = response.cookies["display"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"], cookie["path"]) == (mode, "Lax", True, "/")
    assert element in client.get("/units/").content.decode()
    client.get("/display/", {"mode": "standard", "next": "/"})
    assert '<html lang="zh-CN">' in client.get("/units/").content.decode()


def test_the_links_of_a_page_lead_back_to_it_without_what_it_does_not_know(client):
    page = client.get("/measures/?on=2023-03-15&category=fiscal&from=wechat").content.decode()
    assert '"/display/?mode=elder&amp;next=%2Fmeasures%2F%3Fcategory%3Dfiscal%26on%3D2023-03-15"' in page
    page = client.get("/units/", headers={"cookie": "display=elder"}).content.decode()
    assert re.findall(r'href="(/display/[^"]+)">([^<]+)', page) == [
        ("/display/?mode=standard&amp;next=%2Funits%2F", "退出长辈版")
    ]


@pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x", ""])
def test_a_mode_leads_nowhere_else(page, client):
    response = client.get("/display/", {"mode": "elder", "next": page})
    assert (response.status_code, dict(response.cookies)) == (400, {})
    assert "只能回到本站的页面" in response.content.decode()


def test_a_mode_that_there_is_not_is_refused_and_a_strange_cookie_ignored(client):
    response = client.get("/display/", {"mode": "huge", "next": "/"})
    assert response.status_code == 400
    assert "没有“huge”这种显示方式；可用的有：standard（标准）、large（大）、larger（特大）、elder（长辈版）。" in (
        response.content.decode()
    )
    page = client.get("/units/", headers={"cookie": 'display=x" onload="'}).content.decode()
    assert '<html lang="zh-CN">' in page


def test_modes_are_cached_apart_and_other_cookies_are_not(settings, django_assert_num_queries):
    settings.PUBLIC_CACHE = True
    client = Client()

    def read(cookie):
        return client.get("/units/", headers={"cookie": cookie})

    plain, elder = read(""), read("display=elder")
    assert plain["ETag"] != elder["ETag"]
    assert b'class="elder"' not in plain.content
    assert b'class="elder"' in elder.content
    with django_assert_num_queries(0):
        for cookie, first in (("statistics=1", plain), ("display=huge", plain), ("a=b; display=elder", elder)):
            again = read(cookie)
            assert (again["ETag"], again.content) == (first["ETag"], first.content)
    assert client.get("/display/?mode=elder&next=/units/").status_code == 302
    assert client.get("/units/")["ETag"] == elder["ETag"]


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_of_the_elder_edition_is_seven_to_one():
    css = (Path(settings.BASE_DIR) / "wuhai_portal/static/portal/site.css").read_text(encoding="utf-8")
    schemes = [dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in re.findall(r"\.elder \{([^}]+)\}", css)]
    assert len(schemes) == 2
    for colours in schemes:
        for ground in ("paper", "leaf"):
            for text in ("ink", "soft", "link", "seal", "good", "warn"):
                pair = sorted((luminance(colours[ground]), luminance(colours[text])))
                assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 7, (ground, text)
        for ground in ("mark", "fig"):
            pair = sorted((luminance(colours[ground]), luminance(colours["ink"])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 7, ground


# Leaving the site


def test_a_link_out_of_the_site_is_announced_first(client, settings):
    settings.SITE_FAULT_REPORT_URL = "https://elsewhere.example/report?site_code=1&a=2"
    settings.SITE_ICP_NUMBER = "示例备案号"
    page = client.get("/").content.decode()
    assert "https://elsewhere.example" not in page
    for address in re.findall(r'href="(/leave/[^"]+)"', page):
        assert client.get(address).status_code == 200
    response = client.get("/leave/", {"to": settings.SITE_FAULT_REPORT_URL})
    notice, shown = response.content.decode(), "https://elsewhere.example/report?site_code=1&amp;a=2"
    assert f"<code>{shown}</code>" in notice
    assert f'rel="external noopener noreferrer nofollow" href="{shown}"' in notice
    assert "内容不由本站负责" in notice


@pytest.mark.parametrize(
    "to", ["https://phishing.example/", "javascript:alert(1)", "//elsewhere.example", "ftp://elsewhere.example/", ""]
)
def test_the_notice_names_no_address_to_which_the_site_does_not_link(to, client, settings):
    settings.SITE_FAULT_REPORT_URL = "https://elsewhere.example/report"
    response = client.get("/leave/", {"to": to})
    assert response.status_code == 400
    page = response.content.decode()
    assert "本站没有通往这个地址的链接" in page
    assert "phishing" not in page


# On paper


def dark_modules(svg):
    """The dark modules of a QR code as a picture draws them: runs `m dx dy`, `h length` on half-pixel rows."""
    x = y = 0.0
    found = set()
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.search(r' d="([^"]+)"', svg)[1]):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            found.update((int(y), int(x) + step) for step in range(int(values[0])))
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return found


def test_the_printed_code_is_the_address_of_the_page(client):
    page = client.get(MEASURE + "?on=2023-03-15&from=wechat").content.decode()
    address = f"{SITE}{MEASURE}?on=2023-03-15"
    assert f"本页地址：{address}" in page
    code = segno.make(address, error="m", boost_error=False, micro=False, mask=3)
    drawn = dark_modules(re.search(r'<svg [^>]*class="qr".*?</svg>', page)[0])
    wanted = {(y + 4, x + 4) for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark}
    assert drawn == wanted


def test_a_long_address_has_no_code(client):
    page = client.get("/search/", {"q": "消费" * 40}).content.decode()
    assert "本页地址：" in page
    assert 'class="qr"' not in page
    assert conventions.qr("x" * conventions.LONGEST)


# Header and footer


@pytest.mark.parametrize("path", ["/", MEASURE, "/documents/whzf-2023-2/", "/api/docs/", "/nowhere/"])
def test_every_page_has_its_frame(path, client):
    page = client.get(path).content.decode()
    assert '<html lang="zh-CN">' in page
    assert page.index('<a class="skip" href="#main">') < page.index("<header")
    assert '<main id="main"' in page
    assert page.count('aria-label="当前位置"') == 1
    assert '<form class="site-search" role="search" action="/search/" method="get"' in page
    assert '<a href="/api/docs/">开放接口</a>' in page
    assert "数据来源：公报原文，每条记录附原句；以文件原文和主管部门解释为准。" in page
    assert "数据许可：本站尚未声明数据的使用许可" in page


def test_the_licence_of_the_data_is_what_the_site_declares(client, settings):
    settings.SITE_DATA_LICENCE = "示例许可"
    assert "<p>数据许可：示例许可</p>" in client.get("/").content.decode()


def test_the_search_page_has_one_search_form_and_the_box_keeps_the_day(client):
    assert client.get("/search/").content.decode().count('role="search"') == 1
    assert '<input type="hidden" name="on" value="2023-03-15">' in client.get("/units/?on=2023-03-15").content.decode()


@pytest.mark.parametrize(
    ("path", "label"), [(MEASURE, "政策措施"), ("/units/finance-bureau/", "单位"), ("/search/", "检索")]
)
def test_the_menu_says_where_one_is(path, label, client):
    page = client.get(path).content.decode()
    menu = re.search(r'<nav class="menu".*?</nav>', page, re.S)[0]
    assert re.findall(r'aria-current="\w+">([^<]+)', menu) == [label]
