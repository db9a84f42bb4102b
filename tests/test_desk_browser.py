"""The desk without a mouse, and for who listens to it: a record entered by the keys alone, and what axe-core finds."""

import pytest
from browsing import RULES, assert_fits, violations
from playwright.sync_api import expect
from test_admin_browser import PASSWORD, TITLE, enter_document, enter_unit, field, log_in, portal  # noqa: F401

pytestmark = pytest.mark.browser

CLAUSE = "对小微企业单笔最高补贴500元"
# Django's own table of rows has a heading without words above the names of the rows, and one above the ticks to delete.
RULES_OF_THE_DESK = {"empty-table-header": {"enabled": False}}
PAGES = {
    "the first page": "/admin/",
    "a list": "/admin/measures/measure/",
    "a new unit": "/admin/gazette/unit/add/",
    "a published measure": "/admin/measures/measure/7/change/",
    "a document": "/admin/gazette/document/1/change/",
    "its check": "/admin/gazette/document/1/check/",
    "an act of review": "/admin/gazette/document/1/review/withdraw/",
    "a correction of a measure": "/admin/measures/measure/7/correct/",
    "a correction of a target": "/admin/plans/target/1/correct/",
}


@pytest.fixture
def desk(portal, open_browser):  # noqa: F811
    """A page of the desk, signed in."""
    page = open_browser(portal)
    log_in(page)
    return page


def test_the_pages_of_the_desk_are_accessible(desk):
    found = {}
    for name, path in PAGES.items():
        desk.goto(path)
        assert_fits(desk)
        for summary in desk.locator(".rows-help summary").all():
            summary.click()
        found[name] = violations(desk, runOnly=RULES, rules=RULES_OF_THE_DESK, preload=False)
    assert {name: rules for name, rules in found.items() if rules} == {}


def press(page, *keys):
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def test_a_citation_is_entered_by_the_keys_alone(desk):
    enter_unit(desk)
    enter_document(desk)
    desk.goto("/admin/gazette/citation/add/")
    desk.get_by_role("link", name=TITLE).focus()
    press(desk, "Enter")
    # Past the text to the fields: the link is seen while it has the focus.
    skip = desk.get_by_role("link", name="跳过原文")
    skip.focus()
    expect(skip).to_be_in_viewport()
    press(desk, "Enter", "Tab", "Tab")  # The document, which is a link, and the first field.
    expect(field(desk, "引用文件")).to_be_focused()
    desk.keyboard.type("示例引用文件")
    # The chooser of a document says whose it is, opens and closes.
    press(desk, "Tab")
    expect(desk.get_by_role("combobox", name="本站收录的文件")).to_be_focused()
    press(desk, "Enter")
    expect(desk.locator(".select2-search__field")).to_be_focused()
    press(desk, "Escape")
    field(desk, "代码").focus()
    desk.keyboard.type("sample-2024-1-cite1")
    # The quote: from its field to the button, into the passage of the number, by clauses and characters, and back.
    press(desk, "Tab")
    expect(field(desk, "段号")).to_be_focused()
    desk.keyboard.type("4")
    press(desk, "Tab", "Tab")
    expect(desk.get_by_role("button", name="取用所选原文")).to_be_focused()
    press(desk, "Enter")
    expect(desk.locator('[data-passage="4"]')).to_be_focused()
    expect(desk.locator(".quote-notice")).to_contain_text("回车取用")
    press(desk, "ArrowDown", *["ArrowRight"] * 3)
    assert desk.evaluate("document.getSelection().toString()") == f"{CLAUSE}，"
    press(desk, "Control+ArrowRight", "Shift+ArrowLeft", "Shift+ArrowDown")
    assert desk.evaluate("document.getSelection().toString()") == f"{CLAUSE}，正常经营1年以上"[1:]
    press(desk, "Shift+ArrowUp", "Enter")
    words = field(desk, "原文摘录")
    expect(words).to_be_focused()
    expect(words).to_have_value(f"{CLAUSE}，正常经营1年以上")
    expect(field(desk, "段号")).to_have_value("5")
    desk.get_by_role("button", name="保存并继续编辑").press("Enter")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    expect(desk.locator("mark#quoted")).to_have_text(f"{CLAUSE}，正常经营1年以上")


def test_a_row_that_is_added_takes_the_focus_and_its_help_opens_by_a_key(desk):
    desk.goto("/admin/gazette/unit/add/")
    said = desk.locator(".rows-help dd")
    expect(said).to_be_hidden()
    desk.get_by_text("单位别名填写说明").focus()
    press(desk, "Enter")
    expect(said).to_have_text("文件中的另一种印法，照抄，一行一种，如 市财政局 也印作 财政局。")
    desk.get_by_role("button", name="添加另一个 单位别名").focus()
    press(desk, "Enter")
    expect(desk.locator("#id_aliases-0-name")).to_be_focused()
