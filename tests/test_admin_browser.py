"""The desk as a clerk uses it: everything clicked, selected and typed in a real browser, on the real server."""

import re
import subprocess
import sys

import pytest
from browsing import assert_fits, select_words
from django.conf import settings
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PASSWORD = "示例-clerk-2024"
TITLE = "示例财政局关于促进示例消费若干政策措施的通知"
CLAUSES = [
    "（一）发放示例消费券。安排资金200万元，发放加油消费券。对小微企业单笔最高补贴500元，正常经营1年以上。"
    "2024年6月30日前申请。（示例财政局负责）",
    "（二）支持示例就业。安排资金80万元，补贴岗位。对个体工商户每户补贴1000元，带动就业2人以上，示例窗口3个。"
    "2024年9月30日前申报。（示例财政局负责）",
]
CLOSING = "以上2条示例消费政策措施自印发之日起执行，有效期至2024年12月31日。"
TEXT = [
    TITLE,
    "示例〔2024〕1号　2024年3月1日",
    "各区人民政府：",
    "一、促进消费政策",
    CLAUSES[0],
    "二、稳定市场主体政策",
    CLAUSES[1],
    CLOSING,
]
CLOSING_NUMBER = len(TEXT)

WHOLE_TERM = (
    {"起始日": "2024-03-01", "截止日": "2024-12-31"},
    {"起始依据": "随总有效期", "截止依据": "随总有效期"},
    CLOSING,
)
# For each measure: its own fields, and for each kind of row what is typed, what is chosen from a list, and the quote.
# The conditions and benefits name an audience, which has to be saved before.
MEASURES = [
    {
        "fields": {"序号": "1", "标题": "发放示例消费券", "代码": "sample-pkg-1"},
        "category": "促进消费政策",
        "passage": 5,
        "rows": {
            "responsibilities": (
                {"原文写法": "示例财政局"},
                {"单位": "示例财政局", "责任方式": "负责"},
                "示例财政局负责",
            ),
            "budgets": ({"金额（元）": "2000000", "用途": "加油消费券"}, {}, "安排资金200万元，发放加油消费券"),
            "audiences": ({"适用对象": "小微企业"}, {}, "对小微企业"),
            "windows": WHOLE_TERM,
            "deadlines": ({"截止日期": "2024-06-30", "事项": "申请"}, {}, "2024年6月30日前申请"),
        },
        "rows_with_audience": {
            "conditions": (
                {"适用条件": "正常经营1年以上", "数值": "1", "计量单位": "年"},
                {"限定": "至少", "适用对象": "小微企业"},
                "正常经营1年以上",
            ),
            "benefits": (
                {"支持内容": "补贴", "标准": "500", "计量单位": "元"},
                {"类别": "补贴", "限定": "不超过", "适用对象": "小微企业"},
                "单笔最高补贴500元",
            ),
        },
    },
    {
        "fields": {"序号": "2", "标题": "支持示例就业", "代码": "sample-pkg-2"},
        "category": "稳定市场主体政策",
        "passage": 7,
        "rows": {
            "responsibilities": (
                {"原文写法": "示例财政局"},
                {"单位": "示例财政局", "责任方式": "负责"},
                "示例财政局负责",
            ),
            "budgets": ({"金额（元）": "800000", "用途": "补贴岗位"}, {}, "安排资金80万元，补贴岗位"),
            "audiences": ({"适用对象": "个体工商户"}, {}, "对个体工商户"),
            "windows": WHOLE_TERM,
            "deadlines": ({"截止日期": "2024-09-30", "事项": "申报"}, {}, "2024年9月30日前申报"),
        },
        "rows_with_audience": {
            "conditions": (
                {"适用条件": "带动就业2人以上", "数值": "2", "计量单位": "人"},
                {"限定": "至少", "适用对象": "个体工商户"},
                "带动就业2人以上",
            ),
            "benefits": (
                {"支持内容": "补贴", "标准": "1000", "计量单位": "元"},
                {"类别": "补贴", "限定": "原文未加限定", "适用对象": "个体工商户"},
                "每户补贴1000元",
            ),
        },
    },
]
ROWS = {
    "responsibilities": ("responsibility", "r"),
    "budgets": ("budget", "b"),
    "audiences": ("audience", "a"),
    "conditions": ("condition", "c"),
    "benefits": ("benefit", "g"),
    "windows": ("validitywindow", "w"),
    "deadlines": ("deadline", "d"),
}
READ_ONLY = (
    "文件“乌海市人民政府办公室关于印发乌海市进一步提信心扩消费稳增长二十三条措施的通知”已发布，"
    "它的段落、记录和对应只能查看。已公开的内容不能直接更改，录入有误的请提出更正。"
)


@pytest.fixture
def portal(serve):
    """The address of a portal with one clerk."""
    address, environment = serve()
    subprocess.run(
        [sys.executable, "manage.py", "createsuperuser", "--noinput", "--username=clerk", "--email=clerk@example.org"],
        cwd=settings.BASE_DIR,
        env=environment | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD},
        check=True,
        capture_output=True,
    )
    return address


def test_a_clerk_enters_a_package_with_two_measures_and_all_their_rows(portal, open_browser):  # noqa: F811
    page = open_browser(portal)
    log_in(page)
    enter_unit(page)
    enter_document(page)
    enter_package(page)
    for measure in MEASURES:
        enter_measure(page, measure)

    for prefix, (model, letter) in ROWS.items():
        page.goto(f"/admin/measures/{model}/?q=sample-pkg")
        codes = [f"{measure['fields']['代码']}-{letter}1" for measure in MEASURES]
        expect(page.locator("#result_list tbody tr")).to_have_count(2)
        assert sorted(page.locator("#result_list .field-code").all_inner_texts()) == codes, prefix
        assert_fits(page)

    page.set_viewport_size({"width": 360, "height": 780})
    page.goto("/admin/measures/measure/?q=sample-pkg-1")
    page.get_by_role("link", name="发放示例消费券").click()
    expect(page.locator("mark#quoted")).to_be_visible()
    assert_fits(page)
    page.set_viewport_size({"width": 1280, "height": 900})

    page.goto("/admin/measures/measure/?q=2023-consumption-7")
    page.get_by_role("link", name="扩大汽车成品油大宗商品消费").click()
    expect(page.locator(".closed-because")).to_have_text(READ_ONLY)
    expect(page.locator("mark#quoted")).to_be_visible()
    expect(page.locator("#content-main").locator("input:visible, select:visible, textarea:visible")).to_have_count(0)
    expect(page.get_by_role("button", name="保存")).to_have_count(0)
    expect(page.get_by_role("button", name="取用所选原文")).to_have_count(0)


def test_a_quote_is_entered_without_script(portal, open_browser):  # noqa: F811
    page = open_browser(portal)
    log_in(page)
    enter_unit(page)
    enter_document(page)

    page = open_browser(portal, java_script_enabled=False, storage_state=page.context.storage_state())
    open_from_document(page, "引用文件")
    expect(page.locator('[data-passage="5"]')).to_contain_text(CLAUSES[0])
    field(page, "引用文件").fill("示例文件")
    field(page, "代码").fill("sample-citation")
    field(page, "段号").fill("5")
    field(page, "原文摘录").fill("发放购物券")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".field-quote .errorlist")).to_have_text(refused("发放购物券"))
    field(page, "原文摘录").fill("安排资金…加油消费券")
    page.get_by_role("button", name="保存并继续编辑").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator("mark#quoted")).to_have_text("安排资金200万元，发放加油消费券")
    expect(field(page, "原文摘录")).to_have_value("安排资金200万元，发放加油消费券")


# What the clerk does


def log_in(page):
    page.goto("/admin/")
    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="办理事项")).to_be_visible()


def enter_unit(page):
    page.goto("/admin/gazette/unit/add/")
    field(page, "名称").fill("示例财政局")
    field(page, "类别").select_option(label="政府部门")
    field(page, "代码").fill("sample-finance-bureau")
    save(page)


def enter_document(page):
    page.goto("/admin/gazette/document/add/")
    field(page, "标题").fill(TITLE)
    field(page, "发文字号").fill("示例〔2024〕1号")
    field(page, "类型").select_option(label="政策措施")
    field(page, "代码").fill("sample-2024-1")
    page.locator(".field-issuer").get_by_role("combobox").click()
    page.locator(".select2-search__field").fill("示例财政")
    page.get_by_role("option", name="示例财政局").click()
    field(page, "成文日期").fill("2024-03-01")
    field(page, "成文日期依据").select_option(label="依文号旁的日期")
    field(page, "粘贴原文").fill("\n".join(TEXT))
    assert_fits(page)
    save(page)
    expect(page.locator(".messagelist .info")).to_have_text(
        f"已按行添加{len(TEXT)}个段落，请核对各段的类别、序号和层级。"
    )


def open_from_document(page, kind):
    """The form of a new record of the sample document, by the link on the document's page."""
    page.goto("/admin/gazette/document/?q=sample-2024-1")
    page.get_by_role("link", name=TITLE).click()
    page.locator(".field-child_links").locator(f'a:has-text("{kind}") + a').click()


def enter_package(page):
    open_from_document(page, "政策措施")
    field(page, "标题").fill("示例消费政策措施")
    field(page, "有效期起").fill("2024-03-01")
    field(page, "起始依据").select_option(label="自印发之日起，依文首日期")
    field(page, "有效期止").fill("2024-12-31")
    field(page, "代码").fill("sample-pkg")
    quote(page, page, CLOSING_NUMBER, CLOSING)
    row = add_row(page, "general_rules")
    field(row, "名称").fill("自印发之日起执行")
    quote(page, row, CLOSING_NUMBER, "自印发之日起执行")
    save(page)


def enter_measure(page, measure):
    page.goto("/admin/measures/measure/add/")
    page.get_by_role("link", name="示例消费政策措施").click()
    for label, text in measure["fields"].items():
        field(page, label).fill(text)
    field(page, "类别").select_option(label=measure["category"])
    quote(page, page, measure["passage"], TEXT[measure["passage"] - 1])
    rows = {prefix: enter_row(page, measure, prefix, row) for prefix, row in measure["rows"].items()}

    wrong = "安排资金300万元"
    field(rows["budgets"], "原文摘录").fill(wrong)
    page.get_by_role("button", name="保存并继续编辑").click()
    said = page.locator(".errorlist:not(.nonform)")
    expect(said).to_have_text([refused(wrong, measure["passage"])])
    expect(rows["budgets"].locator(".field-quote .errorlist")).to_be_visible()
    expect(field(rows["budgets"], "原文摘录")).to_have_value(wrong)
    assert_fits(page)
    quote(page, rows["budgets"], measure["passage"], measure["rows"]["budgets"][2])
    save(page)

    for prefix, row in measure["rows_with_audience"].items():
        enter_row(page, measure, prefix, row)
    save(page)
    for prefix, row in (measure["rows"] | measure["rows_with_audience"]).items():
        assert_kept(page.locator(f"#{prefix}-0"), *row)
    assert_fits(page)


def enter_row(page, measure, prefix, row):
    typed, chosen, words = row
    entry = add_row(page, prefix)
    for label, text in typed.items():
        field(entry, label).fill(text)
    for label, text in chosen.items():
        field(entry, label).select_option(label=text)
    quote(page, entry, CLOSING_NUMBER if words == CLOSING else measure["passage"], words)
    return entry


def assert_kept(entry, typed, chosen, words):
    """The row as the server gives it back, with its own way of writing dates and decimals."""
    for label, text in typed.items():
        shown = re.escape(text.replace("-", "/"))
        expect(field(entry, label)).to_have_value(re.compile(rf"^{shown}(\.0+)?$"))
    for label, text in chosen.items():
        expect(field(entry, label).locator("option:checked")).to_have_text(text)
    expect(entry.locator(".excerpt mark")).to_have_text(words)


def add_row(page, prefix):
    page.locator(f"#{prefix}-group .add-row a").click()
    return page.locator(f"#{prefix}-0")


def quote(page, scope, passage, words):
    """Select the words in the source panel and have the form take them."""
    select_words(page, page.locator(f'[data-passage="{passage}"]'), words)
    box = scope.locator(".field-quote").first
    box.get_by_role("button", name="取用所选原文").click()
    expect(box.locator("textarea")).to_have_value(words)
    expect(scope.locator(".field-passage input").first).to_have_value(str(passage))


def save(page):
    page.get_by_role("button", name="保存并继续编辑").click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def record(page):
    """The record's own fields, without those of its rows."""
    return page.locator("#content-main form > div > fieldset")


def field(scope, label):
    """The field of a label; the colon behind it is the admin's."""
    scope = record(scope) if hasattr(scope, "goto") else scope
    return scope.get_by_label(re.compile(rf"^\s*{re.escape(label)}[:：]?\s*$"))


def refused(words, passage=5):
    return f"“{words}”不在第{passage}段原文中；请从原文栏照抄，一字不差。"
