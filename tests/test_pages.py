"""The public pages on the real documents: what they say, how they refuse, and how many queries each takes."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver
from django.utils import timezone

from gazette.models import Document
from gazette.reader import bridged, read
from plans.models import KeyProject, Target

PLAN = "/plans/2023/"
PACKAGE = "/measures/2023-consumption/"

# Each page, the queries that it takes whatever it lists, and what a reader must find on it.
PAGES = [
    ("/", 11, ["公报所载，逐条可查", "至少6%", "增长6%以上", "按上级下达任务", "2000万元", "本站合计", "未安排"]),
    ("/documents/", 4, ["共3份", "失效", "乌海政发〔2023〕2号", "文中未载明"]),
    ("/documents/whzf-2023-2/", 8, ["本文共159个数字，88个已登记，其余已说明。", 'id="p63"', "《自治区投资负面清单》"]),
    ("/documents/whzbf-2023-2/", 8, ["其余已说明", 'id="p36"', "依文号旁的日期"]),
    ("/documents/wzrz-2023-1/", 8, ["李  锴", "本文是公报对任免文件的摘登", "成文日期"]),
    ("/plans/", 1, ["2023年度"]),
    (PLAN, 5, ["与经济增长基本同步", "六、防范化解各类风险", "1000万千瓦量级", "本部分目标3个", "项目与任务232项"]),
    (f"{PLAN}targets/", 5, ["共83个", "定性目标", "2023年（随计划年度）", "第1页，共2页"]),
    (f"{PLAN}targets/2023-gdp-growth/", 8, ["至少6%", "<mark>地区生产总值增长6%以上</mark>", "未报送", "预期性"]),
    (f"{PLAN}projects/", 5, ["共232项", "重点抓好", "重点项目"]),
    (f"{PLAN}projects/2023-key-projects-296/", 10, ["2400亿元", "50亿元以上产业转型支撑等项目", "296"]),
    ("/measures/", 6, ["共23条", "（1）进一步落实税收优惠政策", "2025年12月31日"]),
    (PACKAGE, 6, ["补贴上限、贷款额度不计入", "原文未写，不等于0", "从其规定", "2000万元"]),
    ("/measures/budgets/", 3, ["共6笔", "2000万元", "本站合计", "安排资金400万元，发放加油消费券"]),
    (f"{PACKAGE}7/", 14, ["不超过5000元", "400万元", "金额文中未载明", "市商务局", "随总有效期"]),
    (
        f"{PACKAGE}13/",
        16,
        ["追溯执行", "本条自定期限", "按95%计", "减去10%", "仅知2022—2023年", "办理政策减免费用转续手续"],
    ),
    ("/personnel/", 6, ["共25项", "（仅据文号知为2023年）", "接任关系不推定", "试用期12个月"]),
    ("/personnel/people/", 2, ["共23人", "张立明"]),
    ("/personnel/people/zhang-liming/", 6, ["市自然资源总督察", "免去", "文中未载明"]),
    ("/personnel/posts/", 4, ["共15个", "其后无记录", "本站读到"]),
    ("/personnel/posts/earthquake-bureau-director/", 7, ["刘利雄", "马惠恩", "一职一人的职务"]),
    ("/search/", 0, ["要找的词", "几个词之间空一格"]),
    ("/search/?q=消费券", 4, ["共5条。", "加油<mark>消费券</mark>", "按类别", "三、促进消费政策"]),
    ("/search/?q=消费卷", 6, ["没有找到含有“消费卷”的公开内容", ">消费券</a>（5条）"]),
    ("/units/", 3, ["共36个", "文中又作：财政局"]),
    ("/calendar/?month=2023-06", 16, ["共6条", "总有效期止", "2023年内"]),
    ("/calendar/?year=2023", 16, ["2023年12月31日", "原文写明年份的"]),
    (
        "/units/finance-bureau/",
        15,
        [
            "不是本单位的预算",
            "<b>400万元</b>（本站合计），各单位的份额",
            "2023年7月31日前（含当日）",
            "补缴相关欠款",
            "市财政局副局长",
        ],
    ),
    ("/units/commerce-bureau/", 14, ["<b>1500万元</b>（本站合计）", "<b>500万元</b>（本站合计），各单位的份额"]),
]
PATHS = [path for path, _queries, _sentences in PAGES]


@pytest.fixture
def read_page(client, founding):
    """The text of a page that is there."""

    def read_it(path, status=200):
        response = client.get(path)
        assert response.status_code == status, path
        return response.content.decode()

    return read_it


@pytest.mark.parametrize(("path", "queries", "sentences"), PAGES, ids=PATHS)
def test_page_says_what_it_should_in_a_fixed_number_of_queries(
    path, queries, sentences, read_page, django_assert_num_queries
):
    with django_assert_num_queries(queries):
        page = read_page(path)
    for sentence in sentences:
        assert sentence in page


@pytest.mark.parametrize("path", PATHS)
def test_page_is_self_contained_and_works_without_script(path, read_page):
    page = read_page(path)
    assert page.startswith("<!doctype html>")
    # The one absolute address is the page's own, and the one script element holds data and runs nothing.
    page = re.sub(r'<link rel="canonical" [^>]+>|<script type="application/ld\+json">[^<]*</script>', "", page)
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", page)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)
    assert len(re.findall("<h1", page)) == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", PATHS)
def test_links_lead_somewhere(path, client, read_page):
    page = read_page(path)
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    for address in set(re.findall(r'href="([^"]*)"', page)):
        target, _, fragment = address.partition("#")
        if not target and fragment:
            assert fragment in ids, address
        elif target.startswith("/") and not target.startswith(("/static/", "/api/")):
            get_resolver().resolve(target.split("?")[0])


def test_every_record_has_a_page_and_every_figure_an_anchor(client, founding):
    """All pages of the records, and the place on them to which the marks of the documents lead."""
    wanted = {}
    for document in Document.objects.public():
        for passage in read(document).passages:
            for link in [*passage.records, *(link for mark in passage.marks for link in mark.links)]:
                page, _, fragment = link.address.partition("#")
                if page:
                    wanted.setdefault(page, set()).add(fragment)
    assert len(wanted) > 300
    for page, fragments in wanted.items():
        response = client.get(page)
        assert response.status_code == 200, page
        ids = set(re.findall(r'\sid="([^"]+)"', response.content.decode()))
        assert fragments - {""} <= ids, page


def test_weight(read_page):
    css = (Path(settings.BASE_DIR) / "wuhai_portal/static/portal/site.css").read_bytes()
    assert len(css) <= 25_000
    assert len(gzip.compress(read_page("/").encode())) + len(gzip.compress(css)) <= 60_000
    for path in PATHS:
        assert len(gzip.compress(read_page(path).encode())) + len(gzip.compress(css)) <= 100_000, path


# The document reader


def test_a_figure_is_one_link_to_its_record_and_shared_words_link_every_record(read_page):
    page = read_page("/documents/whzf-2023-2/")
    growth = f'href="{PLAN}targets/2023-gdp-growth/" title="目标：地区生产总值">增长6%以上</a>'
    assert f'<a class="fig target" data-sign="标" {growth}' in page
    water = f"{PLAN}targets/2023-water-per-10000-yuan"
    fig = '<a class="fig target" data-sign="标"'
    assert re.search(rf'{fig} href="{water}[^>]+>2020年下降12%</a><a class="also" href="{water}[^>]+>2</a>', page)
    assert '<span class="why" data-sign="提" title="政策提法">' in page


def test_marks_lose_nothing_of_the_text(founding):
    for document in Document.objects.public():
        for passage in read(document).passages:
            assert "".join(mark.text for mark in passage.marks) == passage.text


def test_bridged_joins_only_within_the_words_of_one_record():
    def figure(start, end, rule, code="t"):
        return {
            "start": start, "end": end, "rule": rule, "code": code, "kind": "target", "url": "/", "reason": ""
        }  # fmt: skip

    joined = bridged("增长6%以上", [figure(0, 6, "verbatim"), figure(2, 3, "number"), figure(4, 6, "word")])
    assert [segment.text for segment in joined] == ["增长", "6%以上"]
    apart = bridged("增长6%以上", [figure(2, 3, "number"), figure(4, 6, "word")])
    assert [segment.text for segment in apart] == ["增长", "6", "%", "以上"]


# The chosen day


def states_on(page):
    """The numbers of measures by state, from the summary of a page."""
    summary = re.search(r'<ul class="states">(.*?)</ul>', page, re.S)[1]
    return {label: int(n) for label, n in re.findall(r">(\w+)</span>\s*<b>(\d+)</b>", summary)}


@pytest.mark.parametrize(
    ("day", "states"),
    [
        ("2023-01-10", {"部分执行中": 1, "起止日期文中未载明": 2, "尚未开始": 20}),
        ("2023-03-15", {"执行中": 23}),
        ("2023-09-01", {"执行中": 1, "部分执行中": 2, "起止日期文中未载明": 1, "已到期": 19}),
        ("2025-06-01", {"部分执行中": 1, "已到期": 22}),
        ("2026-01-01", {"已到期": 23}),
    ],
)
@pytest.mark.parametrize("path", ["/", PACKAGE])
def test_states_of_the_measures_on_a_day(path, day, states, read_page):
    assert states_on(read_page(f"{path}?on={day}")) == states


def test_the_day_is_said_and_kept_in_links(read_page):
    page = read_page("/measures/?on=2023-03-15&category=consumption")
    assert "下面是<strong>2023年3月15日</strong>的情况，不是今天。" in page
    assert 'href="/measures/2023-consumption/7/?on=2023-03-15"' in page
    assert 'href="/units/commerce-bureau/?on=2023-03-15"' in page
    assert 'href="/personnel/?on=2023-03-15"' in page
    assert '<input type="hidden" name="category" value="consumption">' in page
    assert '<a href="?category=consumption">看今天</a>' in page


def test_only_what_is_in_force_on_the_day(read_page):
    assert '<a href="?on=2023-09-01&amp;in_force_on=2023-09-01">只看这一天有效的措施</a>' in read_page(
        "/measures/?on=2023-09-01"
    )
    page = read_page("/measures/?on=2023-09-01&in_force_on=2023-09-01")
    assert "共3条符合条件" in page
    assert "该日有效：2023年9月1日" in page
    assert 'type="hidden" name="in_force_on"' not in page.split('class="filter"')[0]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("in_force_on=2030-01-01", "这一天没有一条措施有效。"),
        ("in_force_on=2023-09-01&has_budget=true", "没有在这一天有效、又符合其他条件的措施。"),
    ],
)
def test_a_day_without_measures_has_its_own_sentence(asked, sentence, read_page):
    assert sentence in read_page(f"/measures/?{asked}")


@pytest.mark.parametrize(
    ("number", "day", "sentence"),
    [
        (13, "2023-01-10", "本条只有一部分在执行"),
        (14, "2023-01-10", "本条是否有效，文中未载明"),
        (7, "2023-01-10", "本条还没有开始执行"),
        (7, "2023-07-01", "本条已经到期。"),
    ],
)
def test_a_measure_says_in_a_sentence_how_it_stands(number, day, sentence, read_page):
    assert f"这一天，{sentence}" in read_page(f"{PACKAGE}{number}/?on={day}")
    assert "这一天，本条" not in read_page(f"{PACKAGE}{number}/?on=2023-03-15")


def test_today_is_the_default_and_is_computed(read_page, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: timezone.datetime(2023, 3, 15).date())
    page = read_page(PACKAGE)
    assert "下面是今天（2023年3月15日）的情况。" in page
    assert states_on(page) == {"执行中": 23}
    assert "?on=2023-03-15" not in page


@pytest.mark.parametrize("path", ["/", PACKAGE])
def test_when_nothing_is_in_force_the_page_leads_to_a_day_when_something_was(path, read_page):
    page = read_page(f"{path}?on=2026-01-01")
    assert "都已到期" in page
    assert '<a href="?on=2025-12-31">2025年12月31日</a>（此前最后有措施执行的一天）' in page
    assert '<a href="?on=2023-06-30">2023年6月30日</a>（总有效期的最后一天）' in page
    before = read_page(f"{path}?on=2022-12-31")
    assert "这一天，没有可以确定在执行的措施。" in before
    assert '<a href="?on=2023-01-01">2023年1月1日</a>（此后最先有措施执行的一天）' in before
    for day in ("2023-01-10", "2023-03-15", "2025-12-31"):
        assert "可以看看" not in read_page(f"{path}?on={day}")


@pytest.mark.parametrize(
    ("day", "nearest"), [("2026-01-01", "2025-12-31"), ("2022-12-31", "2023-01-01"), ("2023-01-10", None)]
)
def test_the_list_of_measures_leads_from_a_quiet_day_too(day, nearest, read_page):
    page = read_page(f"/measures/?on={day}&in_force_on={day}&category=fiscal")
    assert ("这一天没有可以确定在执行的措施" in page) == bool(nearest)
    if nearest:
        assert f'<a href="?on={nearest}&amp;category=fiscal">' in page


def test_home_hands_the_day_on(read_page):
    page = read_page("/?on=2023-03-15")
    for address in re.findall(r"<main.*?</main>", page, re.S)[0].split('href="')[1:]:
        address = address.split('"')[0]
        assert "on=2023-03-15" in address or address.startswith(("#", "?", "/static/")), address


@pytest.mark.parametrize(
    ("day", "sentences"),
    [
        ("2022-06-01", ["马惠恩", "起始日期未载明"]),
        ("2023-01-10", ["刘利雄", "马惠恩", "仅知年份", "不能确定这一天是哪一位"]),
        ("2024-01-01", ["无从得知", "其后无记录"]),
    ],
)
def test_holder_of_a_post_on_a_day(day, sentences, read_page):
    page = read_page(f"/personnel/posts/earthquake-bureau-director/?on={day}")
    held = page.split('id="events"')[0]
    for sentence in sentences:
        assert sentence in held


# Filters


def test_filters_narrow_and_say_so(read_page):
    page = read_page(f"{PLAN}projects/?kind=group&district=海南区")
    assert "类别：成组项目" in page
    assert "没有符合这些条件的项目与任务。" in page
    page = read_page("/measures/?has_budget=true")
    assert "共6条符合条件" in page
    page = read_page(f"{PLAN}projects/?part_of=2023-new-energy-starts")
    assert "所属项目：光伏、锂电池等项目" in page
    assert "共2项符合条件" in page


def test_second_page_keeps_the_filter(read_page):
    page = read_page(f"{PLAN}projects/?kind=work")
    assert 'href="?kind=work&amp;page=2"' in page
    assert "第2页，共2页" in read_page(f"{PLAN}projects/?kind=work&page=2")


# Records


def test_the_same_promise_twice_is_tied_both_ways(read_page):
    first, second = (f"{PLAN}targets/{code}/" for code in ("2023-urban-new-jobs", "2023-urban-new-jobs-employment"))
    assert f'<a href="{first}">城镇新增就业</a>' in read_page(second)
    assert f'<a href="{second}">城镇新增就业（五（二））</a>' in read_page(first)


def test_neighbours_follow_the_text(read_page):
    page = read_page(f"{PLAN}targets/2023-industrial-value-added-growth/")
    assert f'<a rel="prev" href="{PLAN}targets/2023-gdp-growth/">' in page
    assert f'<a rel="next" href="{PLAN}targets/2023-fixed-investment-growth/">' in page
    assert 'rel="prev"' not in read_page(f"{PLAN}targets/2023-gdp-growth/")


def test_a_report_is_shown_once_accepted(read_page, make_report):
    target = Target.objects.get(code="2023-gdp-growth")
    make_report(target=target, accepted_at=None, published=True)
    assert "未报送" in read_page(target.get_absolute_url())
    make_report(target=target, published=True)
    page = read_page(target.get_absolute_url())
    assert page.count("截至2022年6月30日：5%") == 1
    assert "正常推进" in page
    assert "未报送" not in page


def test_an_assignment_is_labelled_on_both_sides(read_page, make_assignment):
    project = KeyProject.objects.get(code="2023-moer-city")
    unit = Document.objects.first().issuer
    make_assignment(project=project, unit=unit)
    assert "由本站指定，文件未载明" in read_page(project.get_absolute_url())
    page = read_page(unit.get_absolute_url())
    assert "由本站指定，文件未载明。" in page
    assert "摩尔城" in page


@pytest.mark.parametrize("passages", [3, 300])
def test_document_page_takes_no_more_queries_for_more_passages(
    passages, client, founding, make_document, make_passage, make_tie, publish, django_assert_num_queries
):
    document = make_document()
    for _ in range(passages):
        make_tie(passage=make_passage(document=document))
    publish(document)
    # The document, its citations, its relations, its attachments, those of later documents, the projection, the
    # corrections, and how far its measures hold.
    with django_assert_num_queries(8):
        assert client.get(document.get_absolute_url()).status_code == 200
