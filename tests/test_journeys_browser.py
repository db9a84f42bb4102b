"""What people come for, walked as they walk it: by the words that they see, on a phone and on a desk.

A walk starts at the home page, and goes on by links, buttons and fields alone. What is asserted is what is read.
"""

import re
import urllib.request
from datetime import date

import pytest
from browsing import assert_fits
from icalendar import Calendar
from openpyxl import load_workbook
from page_classes import WIDTHS
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PACKAGE = "乌海市进一步提信心扩消费稳增长二十三条措施"
# Asked after two frames: the browser scrolls to what has the focus when it next paints.
FOCUSED = """async () => {
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
    const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
    const inside = box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
    return {
        words: element.textContent.trim(),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && inside,
    };
}"""


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def scripts(request):
    """Whether the browser runs scripts."""
    return request.param


@pytest.fixture(params=WIDTHS)
def width(request):
    """The width of the window, in CSS pixels."""
    return request.param


@pytest.fixture
def home(site, open_browser, width, scripts):
    """The home page, just opened."""
    page = open_browser(site, width=width, java_script_enabled=scripts)
    page.goto("/")
    return page


def follow(within, words, exact=True):
    """Click the link that reads so."""
    within.get_by_role("link", name=words, exact=exact).click()


def go_to(page, words):
    """Click an entry of the menu."""
    follow(page.get_by_role("navigation", name="主导航"), words)


def heading(page):
    return page.get_by_role("heading", level=1)


def look_at(page, day):
    """Choose a day by the control above the page's contents."""
    control = page.get_by_role("region", name="查看日期")
    control.get_by_label("查看日期").fill(day)
    control.get_by_role("button", name="查看这一天").click()
    chosen = date.fromisoformat(day)
    expect(page.get_by_role("region", name="查看日期")).to_contain_text(
        f"{chosen.year}年{chosen.month}月{chosen.day}日的情况，不是今天"
    )


@pytest.mark.parametrize("words", ["汽车", "购车补贴"])
def test_find_the_car_subsidy_how_much_to_whom_until_when(words, home):
    search = home.get_by_role("search", name="站内检索")
    search.get_by_label("检索", exact=True).fill(words)
    search.get_by_role("button", name="检索").click()
    if words == "购车补贴":  # Not in the text as one word; the page offers it as two.
        expect(home.get_by_role("status")).to_contain_text("没有找到含有“购车补贴”的公开内容")
        follow(home.get_by_role("status"), "购车 补贴")
    follow(home.get_by_role("main"), "扩大汽车成品油大宗商品消费")

    expect(heading(home)).to_have_text("（7）扩大汽车成品油大宗商品消费")
    assert_fits(home)
    expect(home.get_by_role("region", name="给什么")).to_contain_text("单笔购车最高可享受补贴")
    expect(home.get_by_role("region", name="标准")).to_contain_text("不超过5000元")
    whom = home.get_by_role("region", name="给谁")
    expect(whom).to_contain_text("以新能源汽车为重点")
    expect(whom).to_contain_text("同时覆盖油电混合动力、传统燃油等车辆类型")
    # The clause sets no day of its own; the page says whose it is.
    expect(home.get_by_role("region", name="有效期")).to_contain_text("至2023年6月30日（随总有效期）")
    expect(home.get_by_role("region", name="找谁")).to_contain_text("市商务局")
    expect(home.get_by_role("region", name="原文摘录")).to_contain_text("单笔购车最高可享受补贴5000元")
    look_at(home, "2023-03-15")
    expect(home.get_by_role("region", name="有效期")).to_contain_text("执行中")


def test_from_a_figure_to_its_record_and_back_to_its_sentence(home):
    go_to(home, "文件")
    follow(home.get_by_role("main"), "乌海市人民政府关于下达2023年乌海市国民经济和社会发展计划的通知")
    expect(home.get_by_role("main")).to_contain_text("本文共159个数字，88个已登记，其余已说明")
    follow(home.get_by_role("article"), "增长6%以上")

    expect(heading(home)).to_have_text("地区生产总值")
    expect(home.get_by_role("main")).to_contain_text("至少6%")
    source = home.get_by_role("region", name="原文")
    expect(source.get_by_role("mark")).to_have_text("地区生产总值增长6%以上")
    follow(source, re.compile("第8段$"))

    expect(home).to_have_url(re.compile("/documents/whzf-2023-2/#p8$"))
    sentence = home.get_by_role("article").get_by_text("我市经济社会发展主要预期目标是")
    expect(sentence).to_be_in_viewport()
    expect(sentence).to_contain_text("地区生产总值增长6%以上")


def test_what_the_finance_bureau_answers_for(home):
    go_to(home, "单位")
    # As printed in most clauses; the name in full is found by it.
    filters = home.get_by_role("form", name="筛选")
    filters.get_by_label("检索").fill("财政局")
    filters.get_by_role("button", name="筛选").click()
    follow(home.get_by_role("main"), "市财政局")

    expect(heading(home)).to_have_text("市财政局")
    assert_fits(home)
    measures = home.get_by_role("region", name="负责的政策措施")
    names = measures.get_by_role("listitem").get_by_role("link").all_inner_texts()
    assert [re.match(r"（(\d+)）", name)[1] for name in names] == ["1", "5", "10", "13", "15", "21", "22", "23"]
    expect(measures).to_contain_text("与其他单位按职责分工负责")
    expect(measures).to_contain_text("400万元（本站合计），各单位的份额文中未载明")
    expect(home.get_by_role("region", name="截止日期")).to_contain_text("2023年7月31日前（含当日）：补缴相关欠款")
    expect(home.get_by_role("region", name="职务与任免")).to_contain_text("市财政局副局长")
    expect(home.get_by_role("region", name="指定给本单位的目标与项目")).to_contain_text("年度计划没有写明责任单位")


def test_what_was_in_force_on_a_day(home):
    go_to(home, "政策措施")
    look_at(home, "2023-09-01")
    follow(home, "只看这一天有效的措施")
    names = home.get_by_role("rowheader").all_inner_texts()
    assert [re.match(r"（(\d+)）", name)[1] for name in names] == ["1", "2", "14"]
    assert_fits(home)
    # What is found keeps the day.
    follow(home.get_by_role("main"), "（2）实施社保费缓缴政策")
    expect(home.get_by_role("region", name="查看日期")).to_contain_text("2023年9月1日的情况，不是今天")
    expect(home.get_by_role("region", name="有效期")).to_contain_text("至2023年12月31日（本条自定期限）")


def test_who_was_director_of_the_earthquake_bureau(home):
    go_to(home, "人事任免")
    follow(home.get_by_role("main"), "按职务查")
    follow(home.get_by_role("main"), "市地震局局长")
    expect(heading(home)).to_have_text("市地震局局长")
    # The portal has not read on, and does not name the last one known as today's.
    held = home.get_by_role("region", name="这一天由谁任职")
    expect(held).to_contain_text("无从得知")
    expect(held).not_to_contain_text("刘利雄")
    succession = home.get_by_role("region", name="接任", exact=True)
    expect(succession).to_contain_text("市地震局局长：刘利雄 接 马惠恩")
    expect(succession).to_contain_text("本站推定为接任")

    look_at(home, "2022-12-01")
    expect(held).to_contain_text("马惠恩 起始日期未载明")
    look_at(home, "2023-01-19")
    expect(held).to_contain_text("刘利雄 仅知年份 仅知2023年任命")
    expect(held).to_contain_text("马惠恩 仅知年份 仅知2023年免去")
    expect(held).to_contain_text("不能确定这一天是哪一位")
    assert_fits(home)


def test_subscribe_to_the_calendar(home):
    go_to(home, "日历")
    subscribe = home.get_by_role("region", name="订阅")
    link = subscribe.get_by_role("link", name="这份日历").evaluate("link => link.href")
    # What the reader copies into the telephone is what the link leads to.
    expect(subscribe.locator("code")).to_have_text(link)
    with urllib.request.urlopen(link, timeout=30) as answer:
        assert answer.headers.get_content_type() == "text/calendar"
        calendar = Calendar.from_ical(answer.read())
    days = {str(event["SUMMARY"]): event["DTSTART"].dt for event in calendar.walk("VEVENT")}
    assert days[f"总有效期止：{PACKAGE}"] == date(2023, 6, 30)


def test_export_the_budgets_to_excel(home, tmp_path):
    go_to(home, "政策措施")
    follow(home.get_by_role("main"), PACKAGE)
    follow(home.get_by_role("main"), "逐笔查看和下载")
    expect(home.get_by_role("main")).to_contain_text("共6笔")
    with home.expect_download() as downloading:
        follow(home.get_by_role("main"), "Excel")
    assert downloading.value.suggested_filename.endswith(".xlsx")
    downloading.value.save_as(tmp_path / "budgets.xlsx")

    head, *rows = load_workbook(tmp_path / "budgets.xlsx").worksheets[0].iter_rows(values_only=True)
    amounts = [row[next(i for i, cell in enumerate(head) if cell.startswith("金额"))] for row in rows]
    assert sum(amounts) == 20_000_000
    assert sorted(amounts) == [1_000_000, 1_000_000, 3_000_000, 4_000_000, 4_000_000, 7_000_000]


def size_of_text(page):
    return page.get_by_role("main").evaluate("main => parseFloat(getComputedStyle(main).fontSize)")


def test_the_edition_for_the_elderly_stays_on_until_it_is_left(home):
    usual = size_of_text(home)
    display = home.get_by_role("navigation", name="显示方式")
    go_to(home, "政策措施")
    follow(display, "长辈版")
    expect(heading(home)).to_have_text("政策措施")
    assert size_of_text(home) > usual * 1.3
    for column in ("日历", "单位", "首页"):
        go_to(home, column)
        assert size_of_text(home) > usual * 1.3
        assert_fits(home)
    follow(display, "退出长辈版")
    expect(display.get_by_role("link", name="长辈版", exact=True)).to_be_visible()
    assert size_of_text(home) == usual
    go_to(home, "日历")
    assert size_of_text(home) == usual


def tab_to(page, words, most=60):
    """Press the tabulator until the words have the focus; whatever has it on the way can be seen, and is marked."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        assert focus["outlined"], focus["words"]
        assert focus["seen"], focus["words"]
        if focus["words"] == words:
            return
    raise AssertionError(f"{words} is not reached by {most} presses")


# Where the focus is can only be asked of a browser that runs scripts; the pages have none that would change the walk.
@pytest.mark.parametrize("scripts", [True], ids=["scripts"], indirect=True)
def test_walk_by_keyboard_alone(home):
    tab_to(home, "跳到正文", most=1)
    home.keyboard.press("Enter")
    assert home.evaluate("document.activeElement.id") == "main"
    home.keyboard.press("Tab")
    assert home.evaluate("document.querySelector('main').contains(document.activeElement)")

    home.goto("/")
    tab_to(home, "政策措施")
    home.keyboard.press("Enter")
    expect(heading(home)).to_have_text("政策措施")

    tab_to(home, "只看这一天有效的措施")
    home.keyboard.press("Tab")
    expect(home.get_by_role("form", name="筛选").get_by_label("检索")).to_be_focused()
    home.keyboard.type("贷款")
    home.keyboard.press("Enter")
    chip = "检索：贷款 ×"
    expect(home.get_by_role("link", name="检索：贷款")).to_be_visible()
    tab_to(home, chip)
    home.keyboard.press("Enter")
    expect(home.get_by_role("link", name="检索：贷款")).to_have_count(0)


def test_print_a_page(home):
    follow(home.get_by_role("main"), PACKAGE)
    home.emulate_media(media="print")
    for name in ("主导航", "显示方式"):
        expect(home.get_by_label(name)).to_be_hidden()
    expect(home.get_by_label("站内检索")).to_be_hidden()
    expect(home.get_by_role("button", name="查看这一天")).to_be_hidden()
    expect(heading(home)).to_be_visible()
    address = home.get_by_text("本页地址：")
    expect(address).to_be_visible()
    expect(address).to_contain_text("/measures/2023-consumption/")
    code = home.locator("footer svg.qr")  # Not read aloud: the address stands beside it.
    expect(code).to_be_visible()
    box = code.bounding_box()
    assert box["width"] == pytest.approx(box["height"])
    assert box["width"] > 80
    paper = home.pdf(format="A4")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 12
