"""The pictures: what they draw, what they leave out, and that the same can be read in a table; and the styleguide."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from gazette.pictures import DayAxis, round_up
from plans.choices import Commitment, Qualifier
from plans.models import KeyProject

PLAN = "/plans/2023/"
PACKAGE = "/measures/2023-consumption/"
POST = "/personnel/posts/earthquake-bureau-director/"
PAGES = ["/", PLAN, PACKAGE, POST]


@pytest.fixture
def read_page(client, founding):
    """The text of a page that is there."""

    def read_it(path):
        response = client.get(path)
        assert response.status_code == 200, path
        return response.content.decode()

    return read_it


def picture(page, caption):
    """The figure of a caption."""
    return next(
        figure for figure in re.findall(r"<figure.*?</figure>", page, re.S) if f">{caption}</figcaption>" in figure
    )


def drawing(figure):
    """The picture itself, without what it says of itself."""
    return re.sub(r"<desc>.*?</desc>", "", re.search(r"<svg role.*</svg>", figure, re.S)[0], flags=re.S)


def bars(figure):
    """Left edges and widths of the bars."""
    return re.findall(r'<rect class="bar[^"]*" x="([^"]+)" y="[^"]+" width="([^"]+)"', figure)


# Scales


@pytest.mark.parametrize(("value", "round_value"), [(37.5, 40), (5000, 5000), (1, 1), (0.3, 0.4), (81, 100)])
def test_scales_end_at_a_round_number(value, round_value):
    assert round_up(value) == pytest.approx(round_value)


def test_a_day_stands_where_it_begins_and_a_last_day_counts():
    axis = DayAxis(2022, 2023)
    assert (axis.at(date(2022, 1, 1)), axis.at(date(2023, 1, 1))) == ("0.00%", "50.00%")
    assert axis.span(date(2023, 1, 1), date(2023, 12, 31)) == ("50.00%", "50.00%")
    assert [axis.line(date(year, 5, 1))["off"] for year in (2021, 2022, 2023, 2024)] == ["before", "", "", "after"]


def test_many_years_are_not_all_named():
    assert [year for _at, year in DayAxis(2001, 2020).years() if year] == [2001, 2004, 2007, 2010, 2013, 2016, 2019]


# What every picture keeps


@pytest.mark.parametrize("path", [*PAGES, f"{PACKAGE}?on=2023-03-15"])
def test_every_picture_says_what_it_is_and_has_its_data_as_a_table(path, read_page):
    page = read_page(path)
    drawn = re.findall(r'<svg (?:class="rail" )?role="img".*?</desc>', page, re.S)
    assert drawn
    for head in drawn:
        assert re.search(r"<title>[^<]+</title><desc>[^<]+</desc>", head), head
    for figure in re.findall(r"<figure.*?</figure>", page, re.S):
        assert "<table" in figure
    assert ("数据表：主要预期目标" in page) == ('class="rail"' in page)


# Money


def test_money_is_drawn_where_the_text_sets_it_aside_and_nowhere_else(read_page):
    figure = picture(read_page(PACKAGE), "安排的资金，按类别和措施")
    assert [width for _left, width in bars(figure)] == [
        "100.00%", "20.00%", "5.00%", "15.00%", "20.00%", "5.00%", "35.00%"
    ]  # fmt: skip
    assert drawing(figure).count(">未安排</text>") == 4
    assert "本站合计2000万元" in figure
    assert "5000元" not in figure


# Validity


def test_windows_have_edges_only_where_the_text_states_a_day(read_page):
    figure = picture(read_page(f"{PACKAGE}?on=2023-03-15"), "各条措施的有效期")
    assert len(bars(figure)) == 28  # 23 measures, two of them with 2 windows and one with 5, of which one has no day
    assert figure.count('class="bar on"') == 28
    assert figure.count('class="dash"') == 3  # 1 and 14 go on from an unknown day; the heating season has years only
    assert '<text class="of-day"' in figure
    assert "它穿过的横条在这一天有效" in figure


@pytest.mark.parametrize(("day", "side"), [("2026-01-01", "右边"), ("2021-12-31", "左边")])
def test_a_day_off_the_axis_has_no_line_and_is_said(day, side, read_page):
    figure = picture(read_page(f"{PACKAGE}?on={day}"), "各条措施的有效期")
    assert 'class="of-day"' not in figure
    assert f"在图的{side}之外" in figure


# Targets


def test_targets_are_drawn_as_they_bind(read_page):
    cards = re.findall(r'<li class="figure-card">.*?</li>', read_page("/"), re.S)
    drawn = {
        re.search(r">(\w+)</a>", card)[1]: re.search("是下限|是上限|没有宽度|$", card)[0]
        for card in cards
    }  # fmt: skip
    assert drawn == {
        "地区生产总值": "是下限",
        "规上工业增加值": "没有宽度",
        "固定资产投资": "是下限",
        "一般公共预算收入": "没有宽度",
        "城镇新增就业": "是下限",
        "居民消费价格": "是上限",
        "居民收入": "",
        "生态环境治理": "",
        "减排指标": "",
        "能耗强度": "",
    }
    growth = cards[0]
    assert 'x1="15.00%" x2="100%"' in growth  # 6 of 40, and open to the right
    assert "在0到40%的尺度上" in growth


@pytest.mark.parametrize("path", ["/", PLAN])
def test_what_is_only_strived_for_is_said_beside_the_value(path, read_page, make_target, publish):
    assert ('<span class="commitment">力争</span><b>至少300亿元</b>' in read_page(path)) == (path == PLAN)


# Projects


def test_projects_stand_by_part_all_unreported_today(read_page):
    figure = picture(read_page(PLAN), "项目与任务，按部分和进度")
    assert [re.findall(r"(\d+)项", text) for text in re.findall(r'<text class="soft".*?</text>', figure)] == [
        [n] for n in ("28", "63", "33", "24", "63", "21")
    ]
    assert set(re.findall(r'class="bar (\w+)"', figure)) == {"none"}
    assert "□ 未报送。" in figure


def test_the_newest_accepted_report_gives_the_light(read_page, make_report):
    project = KeyProject.objects.get(code="2023-moer-city")
    make_report(project=project, target=None, light="green", as_of=date(2022, 3, 1), published=True)
    make_report(project=project, target=None, light="red", as_of=date(2022, 6, 1), published=True)
    make_report(project=project, target=None, light="done", as_of=date(2022, 9, 1), accepted_at=None)
    figure = picture(read_page(PLAN), "项目与任务，按部分和进度")
    assert set(re.findall(r'class="bar (\w+)"', figure)) == {"none", "red"}
    assert "▼ 红灯 进度滞后" in figure


# Posts


def test_a_post_known_by_the_year_alone_is_a_band_without_edges(read_page):
    figure = picture(read_page(f"{POST}?on=2023-01-10"), "任职的先后")
    svg = drawing(figure)
    assert bars(svg) == []
    assert svg.count('class="maybe"') == 2
    assert svg.count('class="dash"') == 1  # whoever left came on a day that no text states
    assert re.findall('<tspan class="strong">(.*?)</tspan>', svg) == ["马惠恩", "刘利雄"]
    assert "箭头是接任" in figure
    assert "本站读到的最后一天（2023年1月20日）" in figure


def test_deputies_get_no_arrow(read_page):
    assert "箭头是接任" not in read_page("/personnel/posts/finance-bureau-deputy-director/")


# The look


def tokens(css, start):
    """The colours of the first `:root` block from a place on."""
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", css[start : css.index("}", start)]))


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [":root {", "prefers-color-scheme: dark"])
def test_text_can_be_read_in_both_schemes(scheme):
    css = (Path(settings.BASE_DIR) / "wuhai_portal/static/portal/site.css").read_text(encoding="utf-8")
    colours = tokens(css, css.index(scheme))
    for name in ("ink", "soft", "link", "seal", "good", "warn"):
        for ground in ("paper", "leaf"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in ("ink", "link"):
        assert contrast(colours[name], colours["mark"]) >= 4.5, name
        assert contrast(colours[name], colours["fig"]) >= 4.5, name
    assert contrast(colours["bar"], colours["paper"]) >= 3


def test_the_styleguide_shows_every_component_to_developers_alone(client, db, settings):
    assert client.get("/styleguide/").status_code == 404
    settings.DEBUG = True
    response = client.get("/styleguide/")
    page = response.content.decode()
    assert response.status_code == 200
    for words in (
        "绿灯 正常推进",
        "黄灯 进度偏慢",
        "红灯 进度滞后",
        "未报送",
        "已完成",
        "更正",
        "撤回",
        *Commitment.labels,
    ):
        assert words in page, words
    for qualifier in set(Qualifier) - {Qualifier.EXACT}:
        assert qualifier.label in page, qualifier
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not re.search(r"<script|<style|\sstyle=", page)
