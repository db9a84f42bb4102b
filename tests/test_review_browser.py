"""Review as staff do it: in a real browser, on the real server, by the keyboard alone where a decision is taken."""

import re
import subprocess
import sys

import pytest
from browsing import assert_fits
from django.conf import settings
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PASSWORD = "示例-review-2024"
TITLE = "乌海市人民政府近期任免一批领导干部"
STAFF = {
    "editor": ["view_document", "submit_document", "change_document", "withdraw_document"],
    "first": ["review_first_document"],
    "second": ["review_second_document"],
    "final": ["review_final_document"],
}
MAKE_STAFF = f"""
from django.contrib.auth.models import Permission
from gazette.models import User
for name, rights in {STAFF!r}.items():
    user = User.objects.create_user(name, password={PASSWORD!r}, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
"""


@pytest.fixture
def portal(serve):
    """The address of a portal with an editor and three reviewers."""
    address, environment = serve()
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", MAKE_STAFF],
        cwd=settings.BASE_DIR,
        env=environment,
        check=True,
        capture_output=True,
    )
    return address


def sign_in(open_browser, portal, name):
    """The document's form, opened by a member of staff from the list."""
    page = open_browser(portal, statuses=(410,))
    page.goto("/admin/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="文件", exact=True).first.click()
    page.get_by_role("link", name=TITLE).click()
    return page


def press(page, button):
    """Reach a button by the keyboard, and use it."""
    page.get_by_role("link", name=button, exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"{button}：{TITLE}")).to_be_visible()


def test_a_document_is_withdrawn_reviewed_and_public_again(portal, open_browser):  # noqa: F811
    editor = sign_in(open_browser, portal, "editor")
    press(editor, "撤回公开")
    editor.get_by_label("撤回原因").select_option("发布有误")
    editor.get_by_label("撤回说明").focus()
    editor.keyboard.type("示例说明")
    editor.keyboard.press("Tab")
    editor.keyboard.press("Enter")
    expect(editor.get_by_role("heading", name="审核与发布：已撤回")).to_be_visible()
    public = open_browser(portal, statuses=(410,))
    public.goto("/documents/wzrz-2023-1/")
    expect(public.get_by_text("撤回原因：发布有误。")).to_be_visible()
    expect(public.get_by_text("示例说明")).to_be_visible()
    assert_fits(public)
    for button, stage in (("退回草稿修改", "草稿"), ("送审", "待初审")):
        press(editor, button)
        editor.get_by_role("button", name=button).focus()
        editor.keyboard.press("Enter")
        expect(editor.get_by_role("heading", name=f"审核与发布：{stage}")).to_be_visible()
    for name, stage in (("first", "待复审"), ("second", "待终审"), ("final", "已发布")):
        reviewer = sign_in(open_browser, portal, name)
        press(reviewer, "同意")
        reviewer.get_by_role("button", name="同意").click()
        expect(reviewer.get_by_text("审核同意须先校对并勾选“已校对”。")).to_be_visible()
        # The tick, the opinion and, at the last step, the time: in the order of the page.
        reviewer.get_by_label("已校对").focus()
        reviewer.keyboard.press("Space")
        reviewer.keyboard.press("Tab")
        reviewer.keyboard.type("示例意见")
        reviewer.get_by_role("button", name="同意").press("Enter")
        expect(reviewer.get_by_role("heading", name=f"审核与发布：{stage}")).to_be_visible()
        expect(reviewer.get_by_label("办理过程")).to_contain_text(re.compile(f"{name}　.审同意　已校对"))
    reviewer.get_by_role("link", name="信息发布审核表").click()
    reviewer.emulate_media(media="print")
    expect(reviewer.get_by_role("cell", name=TITLE)).to_be_visible()
    expect(reviewer.locator("#header")).to_be_hidden()
    expect(reviewer.get_by_text("用浏览器的打印功能打印本页")).to_be_hidden()
    public.goto("/documents/wzrz-2023-1/")
    expect(public.get_by_role("heading", name=TITLE).first).to_be_visible()
