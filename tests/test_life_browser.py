"""The whole life of a package of measures, as staff and the public see it, in a real browser on the real server.

An editor enters it by hand and from Excel; a number that nothing explains keeps it from review; three people review it;
it is public, corrected, withdrawn. At each step somebody without the right tries what is forbidden, and the ledger is
read as any agency would read it.
"""

import json
import re
import subprocess
import sys

import openpyxl
import pytest
from browsing import assert_fits
from django.conf import settings
from playwright.sync_api import expect
from served import fetch

from .test_admin_browser import (
    CLAUSES,
    CLOSING,
    CLOSING_NUMBER,
    MEASURES,
    TITLE,
    enter_document,
    enter_measure,
    enter_package,
    enter_unit,
    field,
)

pytestmark = pytest.mark.browser

PASSWORD = "示例-life-2024"
STAFF = {
    "editor": "编辑",
    "first": "初审",
    "second": "复审",
    "final": "终审",
    "stranger": "单位填报",
}
MAKE_STAFF = f"""
from django.contrib.auth.models import Group
from gazette.models import User
for name, role in {STAFF!r}.items():
    user = User.objects.create_user(name, password={PASSWORD!r}, is_staff=True)
    user.groups.set([Group.objects.get(name=role)])
"""
DOCUMENT = "sample-2024-1"
SECOND = MEASURES[1]
PAGE = "/measures/sample-pkg/1/"


@pytest.fixture
def portal(serve):
    """A portal with an editor, three reviewers and somebody who may do none of it."""
    address, environment = serve()
    run("shell", "--verbosity", "0", "--command", MAKE_STAFF, environment=environment)
    return address, environment


def run(*command, environment):
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_from_the_first_word_to_the_withdrawal(portal, open_browser, tmp_path):
    address, environment = portal
    ledger = Ledger(address)
    editor = sign_in(open_browser, address, "editor")
    stranger = sign_in(open_browser, address, "stranger")

    # Entered by hand, and from Excel.
    enter_unit(editor)
    enter_document(editor)
    enter_package(editor)
    enter_measure(editor, MEASURES[0])
    form = open_document(editor)
    refuse(stranger, f"{form}review/submit/", f"{form}check/", "/admin/gazette/sheetimport/add/")
    enter_from_excel(editor, tmp_path)
    assert ledger.new() == []
    assert fetch(address + PAGE)[0] == 404

    # Submission is refused for what the text does not prove; what is plain is tied, the rest explained.
    said = submit(editor, form)
    expect(said).to_contain_text("改正之后才能送审")
    explain_numbers(editor, form, but="示例窗口")
    expect(submit(editor, form)).to_contain_text("全文核对有1处不符，改正之后才能送审：")
    explain_numbers(editor, form)
    assert submit(editor, form) is None
    expect(editor.get_by_role("heading", name="审核与发布：待初审")).to_be_visible()
    assert ledger.new() == []

    # Three people; the editor, and who has no part in it, cannot.
    refuse(editor, f"{form}review/approve/", says="权限")
    for name, stage in (("first", "待复审"), ("second", "待终审"), ("final", "已发布")):
        refuse(stranger, f"{form}review/approve/", f"{form}review/return/")
        approve(open_browser, address, name, form, stage)
    published = ledger.new()
    assert {line["op"] for line in published} == {"publish"}
    assert {"document", "package", "measure", "budget", "unit"} <= {line["kind"] for line in published}
    assert [line["code"] for line in published if line["kind"] == "measure"] == ["sample-pkg-1", "sample-pkg-2"]
    public = open_browser(address, statuses=(410,))
    open_when(public, PAGE, "发放示例消费券")
    assert_fits(public)

    # A correction: proposed by the editor, accepted by another person, told to the public.
    refuse(stranger, "/admin/measures/measure/?q=sample-pkg-1")
    propose(editor, "示例消费券")
    assert ledger.new() == []
    public.goto(PAGE)
    expect(public.get_by_role("heading", level=1)).to_contain_text("发放示例消费券")
    expect(public.locator(".corrections")).to_have_count(0)
    reviewer = sign_in(open_browser, address, "final")
    reviewer.goto("/admin/gazette/correction/")
    reviewer.locator("#result_list tbody a").first.click()
    correction = reviewer.url
    refuse(stranger, correction.removeprefix(address))
    reviewer.get_by_role("button", name="采纳并公开").click()
    expect(reviewer.locator(".messagelist .success")).to_have_text("更正已采纳并公开。")
    [line] = [line for line in ledger.new() if line["kind"] == "measure"]
    assert (line["op"], line["code"], line["revision"]) == ("update", "sample-pkg-1", 2)
    open_when(public, PAGE, "原文未变，更正的是本站录入")
    note = public.locator(".corrections")
    expect(note).to_contain_text("原文未变，更正的是本站录入")
    expect(note).to_contain_text("发放示例消费券")
    expect(note).to_contain_text("示例理由")
    expect(public.get_by_role("heading", level=1)).not_to_contain_text("发放")

    # Withdrawn: gone from every address, and each says why.
    refuse(stranger, f"{form}review/withdraw/")
    refuse(editor, f"{form}review/withdraw/", says="权限")
    withdraw(reviewer, form)
    gone = ledger.new()
    assert {line["op"] for line in gone} == {"withdraw"}
    assert {(line["kind"], line["code"]) for line in gone} == {(line["kind"], line["code"]) for line in published}
    for path in (PAGE, "/measures/sample-pkg/", f"/documents/{DOCUMENT}/", "/units/sample-finance-bureau/"):
        open_when(public, path, "已撤回")
        expect(public.get_by_text("撤回原因：发布有误。")).to_be_visible()
    assert fetch(f"{address}/api/v1/measures/sample-pkg-1/")[0] == 410
    assert "不符0处" in run("verify_ledger", environment=environment)


# The ledger, as an agency reads it


class Ledger:
    """The lines that were not read yet."""

    def __init__(self, address):
        self.address, self.last = address, 0
        self.new()

    def new(self):
        """The new lines, in order and without a gap."""
        found = []
        while True:
            status, text = fetch(f"{self.address}/api/v1/changes/?after={self.last}&page_size=200")
            assert status == 200, text
            lines = json.loads(text)["results"]
            if not lines:
                return found
            assert [line["seq"] for line in lines] == list(range(self.last + 1, self.last + 1 + len(lines)))
            self.last = lines[-1]["seq"]
            found += lines


def open_when(page, path, words):
    """The page of an address once it says something: a public answer may be a second old."""
    for _ in range(50):
        page.goto(path)
        if words in page.locator("main").inner_text():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{path} does not say {words}")


# What staff do


def sign_in(open_browser, address, name):
    page = open_browser(address, statuses=(403, 410))
    page.goto("/admin/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="办理事项")).to_be_visible()
    return page


def refuse(page, *paths, says=""):
    """Each address is refused: 403, or an answer that says why and offers nothing."""
    for path in paths:
        answer = page.goto(path)
        if says:
            expect(page.locator("body")).to_contain_text(says)
            expect(page.locator("#content-main form input[type=submit]")).to_have_count(0)
        else:
            assert answer.status == 403, (path, answer.status)


def open_document(page):
    page.goto(f"/admin/gazette/document/?q={DOCUMENT}")
    page.get_by_role("link", name=TITLE).click()
    return re.sub(r"^https?://[^/]+|change/.*$", "", page.url)


def enter_from_excel(page, tmp_path):
    """The second measure, in the workbook that the desk gave out."""
    open_document(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出表格").click()
    path = tmp_path / "示例.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    code, clause = SECOND["fields"]["代码"], {"段号": SECOND["passage"]}
    owner = {"所属措施代码": code}
    add_line(book["措施"], {
        "代码": code, "所属政策措施代码": "sample-pkg", "序号": 2, "标题": SECOND["fields"]["标题"],
        "类别": SECOND["category"], **clause, "原文摘录": CLAUSES[1],
    })  # fmt: skip
    sheets = {"responsibilities": "责任单位", "budgets": "安排资金", "audiences": "适用对象", "windows": "执行期限"}
    sheets |= {"deadlines": "截止日期", "conditions": "适用条件", "benefits": "支持内容与标准"}
    for prefix, (typed, chosen, words) in (SECOND["rows"] | SECOND["rows_with_audience"]).items():
        named = {"单位": "单位代码", "适用对象": "适用对象代码"}
        codes = {"示例财政局": "sample-finance-bureau", "个体工商户": f"{code}-a1"}
        cells = {named.get(label, label): codes.get(value, value) for label, value in chosen.items()}
        where = {"段号": CLOSING_NUMBER} if words == CLOSING else clause
        if prefix == "audiences":
            # Other rows of the file refer to it.
            cells["代码"] = f"{code}-a1"
        add_line(book[sheets[prefix]], {**owner, **typed, **cells, **where, "原文摘录": words})
    book.save(path)
    page.get_by_role("link", name="导入表格").click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("button", name="确认导入")).to_be_visible()
    expect(page.locator("body")).to_contain_text("新增 8 行，修改 0 行，不变 12 行，删除 0 行，拒绝 0 行")
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("row", name="状态")).to_contain_text("已导入")
    assert page.locator(".import-rows td").last.bounding_box()["width"] > 300


def add_line(sheet, cells):
    heads = {cell.value: cell.column for cell in sheet[1]}
    row = sheet.max_row + 1
    for head, value in cells.items():
        sheet.cell(row, heads[head], value)


def explain_numbers(page, form, but=None):
    """Tie what is plain, and say of the numbers that are no figures why; but for those of one line."""
    page.goto(f"{form}check/")
    if page.get_by_role("button", name="自动对应").count():
        page.get_by_role("button", name="自动对应").click()
        expect(page.locator(".messagelist .success")).to_be_visible()
    for row in page.locator(".correction-changes tbody tr").all():
        words = row.inner_text()
        if but is None or but not in words:
            row.get_by_role("combobox").select_option("文号" if "〔" in words else "不定量")
    page.get_by_role("button", name="保存理由").click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def submit(page, form):
    """Submit; what is said against it, or None."""
    page.goto(f"{form}review/submit/")
    page.get_by_role("button", name="送审").click()
    refused = page.locator(".errorlist.nonfield")
    return refused if page.url.endswith("/submit/") else None


def approve(open_browser, address, name, form, stage):
    page = sign_in(open_browser, address, name)
    page.goto(f"{form}review/approve/")
    page.get_by_label("已校对").check()
    page.get_by_role("button", name="同意").click()
    expect(page.get_by_role("heading", name=f"审核与发布：{stage}")).to_be_visible()


def propose(page, title):
    page.goto("/admin/measures/measure/?q=sample-pkg-1")
    page.get_by_role("link", name="发放示例消费券").click()
    page.get_by_role("link", name="提出更正").click()
    field(page, "标题").fill(title)
    page.get_by_label("更正理由").fill("示例理由")
    page.get_by_role("button", name="提出更正").click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def withdraw(page, form):
    page.goto(f"{form}review/withdraw/")
    page.get_by_label("撤回原因").select_option("发布有误")
    page.get_by_label("撤回说明").fill("示例说明")
    page.get_by_role("button", name="撤回公开").click()
    expect(page.get_by_role("heading", name="审核与发布：已撤回")).to_be_visible()
