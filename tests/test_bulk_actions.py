"""Acts on several rows of a list: each has a page that says what it will do, and does what that page showed."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gazette.admin_base import admin_url
from gazette.admin_bulk import LIMIT, SHOWN
from gazette.models import (
    Citation,
    Document,
    Doubt,
    Passage,
    ReviewEntry,
    SecurityEvent,
    Tie,
    Unit,
    User,
    WatchedWord,
)
from gazette.tying import tie_what_is_plain
from gazette.verification import verify
from plans import progress
from plans.models import Assignment, KeyProject, ProgressReport, Target

from .test_review import draft_of

pytestmark = pytest.mark.django_db

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
CHANGED = "您打开确认页以后它已有变化；请核对现在的内容再办。"
GONE = "已被删除，或已不归您查看。"


class Desk:
    """A member of staff at a browser."""

    def __init__(self, name, *permissions, **fields):
        self.user = User.objects.create(username=name, is_staff=True, **fields)
        self.user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        self.client = Client()
        self.client.force_login(self.user)

    def choose(self, action, model, rows, **more):
        """Choose rows of a list and an action; the page that asks, or the list with what was said."""
        self.url = admin_url(model, "changelist")
        data = {"action": action, "index": 0, "_selected_action": [row.pk for row in rows], **more}
        self.page = self.client.post(self.url, data, follow=True)
        return self.page

    def confirm(self, **said):
        """Send the page off as a browser does; the answer, followed."""
        form = self.page.content.decode().split('<form method="post" action=')[1].split("</form>")[0]
        data = {}
        for name, value in HIDDEN.findall(form):
            data.setdefault(unescape(name), []).append(unescape(value))
        return self.client.post(self.url, data | said, follow=True)

    def lines(self):
        """The rows of the page: what will be done, and what not, with the reason."""
        ready, kept_back = self.page.context["ready"], self.page.context["kept_back"]
        return [str(line.row) for line in ready], [(str(line.row), line.because) for line in kept_back]


def said(answer):
    """What the desk says."""
    return [str(message).replace("<br>", "\n") for message in answer.context["messages"]]


@pytest.fixture
def boss(db):
    """A superuser, who may do all."""
    return Desk("示例主管", is_superuser=True)


# Deleting


def test_what_is_shown_is_deleted(boss, make_target, make_assignment, make_citation):
    target = make_target()
    assignment = make_assignment(target=target)
    citations = [make_citation(title=f"示例引用{letter}") for letter in "甲乙丙"]
    boss.choose("delete_selected", Citation, citations[:2])
    page = boss.page.content.decode()
    assert "<h1>删除所选的引用文件</h1>" in page
    assert "确定删除所选的2条引用文件？下列内容会一并删除：" in page
    assert Citation.objects.filter(pk__in=[citation.pk for citation in citations]).count() == 3
    assert said(boss.confirm()) == ["已删除2条引用文件。"]
    assert list(Citation.objects.filter(title__startswith="示例引用")) == [citations[2]]
    assert Citation.history.filter(history_type="-", history_user=boss.user).count() == 2
    boss.choose("delete_selected", Target, [target])
    assert str(assignment) in boss.page.content.decode().split('id="deleted-objects"')[1]
    assert said(boss.confirm()) == ["已删除1条目标。"]
    assert not Assignment.objects.filter(pk=assignment.pk).exists()


def test_what_changed_meanwhile_is_named_and_nothing_is_deleted(boss, make_citation):
    first, second, third = citations = [make_citation(title=f"示例引用{letter}") for letter in "甲乙丙"]
    boss.choose("delete_selected", Citation, citations)
    second.title = "示例引用丁"
    second.save()
    third.delete()
    answer = boss.page = boss.confirm()
    assert said(answer) == [
        "您打开确认页以后已有变化，一条也没有删除：“示例引用丁”已被改动；“示例引用丙”已被删除。请核对现在的内容。"
    ]
    assert boss.lines() == (["示例引用甲", "示例引用丁"], [])
    # What was shown now counts.
    assert said(boss.confirm()) == ["已删除2条引用文件。"]
    assert not Citation.objects.filter(pk__in=[first.pk, second.pk]).exists()


def test_a_changed_row_counts_and_so_does_one_that_came_since(boss, make_target, make_assignment):
    target = make_target(name="示例目标甲")
    assignment = make_assignment(target=target)
    boss.choose("delete_selected", Target, [target])
    assignment.note = "示例说明"
    assignment.save()
    refusal = "您打开确认页以后已有变化，一条也没有删除：“示例目标甲”已被改动。请核对现在的内容。"
    boss.page = boss.confirm()
    assert said(boss.page) == [refusal]
    make_assignment(target=target)
    assert said(boss.confirm()) == [refusal]
    assert Target.objects.filter(pk=target.pk).exists()


def test_what_goes_with_it_counts_though_no_form_holds_it(boss, make_target):
    target = make_target()
    boss.choose("delete_selected", Target, [target])
    Assignment.objects.bulk_create([Assignment(target=target, unit=Unit.objects.first())])  # without a line of history
    assert said(boss.confirm()) == [
        "您打开确认页以后已有变化，一条也没有删除：连带删除的内容与所列的不同。请核对现在的内容。"
    ]
    assert Target.objects.filter(pk=target.pk).exists()


@pytest.mark.parametrize("status", ["in_review", "published", "withdrawn"])
def test_what_is_closed_is_refused_by_name_with_all_the_rest(status, boss, make_citation, make_document):
    closed = make_citation(title="示例甲", document=make_document(title="示例公报"))
    free = make_citation(title="示例乙")
    boss.choose("delete_selected", Citation, [closed, free])
    Document.objects.filter(pk=closed.document_id).update(status=status)
    boss.page = boss.confirm()
    assert said(boss.page) == ["现在不能删除，一条也没有删除；原因见下。"]
    boss.choose("delete_selected", Citation, [closed, free])
    ready, [(name, because)] = boss.lines()
    assert (ready, name) == (["示例乙"], "示例甲")
    assert because.startswith("文件“示例公报”")
    page = boss.page.content.decode()
    assert "所选的有1条不能删除，因此一条也不删除。请回到列表，去掉它们再选。" in page
    assert because in page
    assert f'name="{SHOWN}"' not in page
    assert Citation.objects.filter(pk__in=[closed.pk, free.pk]).count() == 2


def test_what_others_rest_on_is_refused_with_their_names(boss, make_passage, make_citation):
    citation = make_citation(title="示例甲")
    boss.choose("delete_selected", Passage, [citation.passage])
    page = boss.page.content.decode()
    assert "下列内容以所选的为依据，须先删除或者改掉它们，因此一条也不删除：" in page
    assert "示例甲" in page
    assert f'name="{SHOWN}"' not in page


def test_the_outline_follows_when_several_passages_are_deleted(boss, make_document, make_passage):
    document = make_document()
    heading = make_passage(document=document, kind="heading", level=1, label="一、", text="一、示例标题")
    stays, *gone = [make_passage(document=document, text=f"示例{letter}。") for letter in "甲乙丙"]
    boss.choose("delete_selected", Passage, gone)
    assert said(boss.confirm()) == ["已删除2条段落。"]
    stays.refresh_from_db()
    assert (stays.parent, stays.outline) == (heading, "一、")


def test_deletion_pressed_twice_says_that_it_is_done(boss, make_citation):
    citations = [make_citation(title=f"示例引用{letter}") for letter in "甲乙"]
    boss.choose("delete_selected", Citation, citations)
    boss.confirm()
    lines = Citation.history.filter(history_type="-").count()
    assert said(boss.confirm()) == [
        "您打开确认页以后已有变化，一条也没有删除：“示例引用甲”已被删除；“示例引用乙”已被删除。请核对现在的内容。"
    ]
    assert Citation.history.filter(history_type="-").count() == lines


def test_without_what_was_shown_nothing_is_done(boss, make_citation, make_unit):
    mine, other = make_citation(title="示例甲"), make_citation(title="示例乙")
    second = Desk("示例乙", is_superuser=True)
    second.choose("delete_selected", Citation, [mine, other])
    foreign = second.page.context["shown"]
    for shown in ("", "x", foreign):
        boss.choose("delete_selected", Citation, [mine])
        boss.page = boss.confirm(**{SHOWN: shown})
        assert said(boss.page) == ["页面没有带上确认时所列的内容，什么也没有办；请核对下面现在的内容再确认。"]
        assert boss.lines() == (["示例甲"], [])
    assert Citation.objects.filter(pk__in=[mine.pk, other.pk]).count() == 2
    # What is signed counts, and not what is ticked beside it.
    assert said(boss.confirm(_selected_action=[other.pk])) == ["已删除1条引用文件。"]
    assert list(Citation.objects.filter(pk__in=[mine.pk, other.pk])) == [other]


def test_more_rows_than_the_bound_are_refused(boss):
    WatchedWord.objects.bulk_create(WatchedWord(word=f"示例词{number}") for number in range(LIMIT + 1))
    rows = list(WatchedWord.objects.filter(word__startswith="示例词"))
    assert said(boss.choose("delete_selected", WatchedWord, rows)) == [
        "“删除所选的核对词语”一次最多200项，所选的多于此数；请分批选择。"
    ]
    boss.choose("delete_selected", WatchedWord, rows[:1], select_across=1)
    assert len(said(boss.page)) == 1
    boss.choose("delete_selected", WatchedWord, rows[:LIMIT])
    assert said(boss.confirm()) == ["已删除200条核对词语。"]
    assert WatchedWord.objects.filter(word__startswith="示例词").count() == 1


# Documents


@pytest.fixture
def editor(db):
    """Who enters and submits."""
    return Desk("示例编辑", "view_document", "submit_document", "change_document")


def test_drafts_are_submitted_and_the_others_named(editor, make_document, make_passage, make_watched_word):
    good, worded, bad = (draft_of("wzrz-2023-1"), draft_of("whzf-2023-2"), make_document(title="示例缺对应"))
    make_passage(document=bad, text="示例安排3万元、4万元。")
    make_watched_word(word="示例禁词", kind="forbidden")
    Document.objects.filter(pk=worded.pk).update(note="含示例禁词")
    published = Document.objects.get(code="whzbf-2023-2")
    editor.choose("submit_selected", Document, [good, bad, worded, published])
    ready, kept_back = editor.lines()
    assert ready == [str(good)]
    assert sorted(kept_back) == sorted(
        [
            (str(worded), "录入的文字中有1处禁用词，改正之后才能送审。"),
            (str(bad), f"全文核对有{len(verify(bad).misses)}处不符，改正之后才能送审。"),
            (str(published), f"文件“{published.title}”现为已发布，不能送审。"),
        ]
    )
    answer = editor.confirm(opinion="示例说明")
    assert said(answer) == ["已送审1份文件。"]
    entry = ReviewEntry.objects.get(document=good, act="submit")
    assert (entry.by, entry.opinion) == (editor.user, "示例说明")
    assert Document.objects.get(pk=bad.pk).status == "draft"
    # Pressed twice.
    assert said(editor.confirm(opinion="示例说明")) == [
        f"1份文件没有送审：\n“{good}”：文件“{good.title}”刚由别人办理过，现为待初审；请看过现在的情况再办。"
    ]
    assert ReviewEntry.objects.filter(document=good, act="submit").count() == 1


def test_what_is_plain_is_tied_in_several_drafts(editor, make_document, make_passage):
    drafts = [draft_of(code) for code in ("whzf-2023-2", "wzrz-2023-1")]
    for document in drafts:
        document.ties.exclude(code="").delete()
    bare = make_document(title="示例空文件", number="")
    editor.choose("tie_selected", Document, [*drafts, bare])
    ready, kept_back = editor.lines()
    assert ready == [str(document) for document in drafts]
    assert kept_back == [(str(bare), "没有可以自动对应之处。")]
    counts = [int(re.search(r"将对应(\d+)处", str(line.about))[1]) for line in editor.page.context["ready"]]
    assert min(counts) > 0
    Document.objects.filter(pk=drafts[1].pk).update(status="in_review")
    answer = editor.confirm()
    assert said(answer) == [
        f"已在1份文件中自动对应{counts[0]}处。",
        f"1份文件没有对应：\n“{drafts[1]}”：文件“{drafts[1].title}”正在审核，它的段落、记录和对应只能查看；"
        "退回草稿后才能更改。",
    ]
    assert drafts[0].ties.exclude(code="").count() == counts[0]
    versions = Tie.history.count()
    Document.objects.filter(pk=drafts[1].pk).update(status="draft")
    assert said(editor.confirm())[0] == f"已在1份文件中自动对应{counts[1]}处。"
    assert Tie.history.count() == versions + counts[1]
    assert said(editor.confirm()) == [
        "2份文件没有对应："
        + "".join(f"\n“{document}”：没有可以自动对应之处，可能别人已对应过。" for document in drafts)
    ]


def test_nothing_approves_several_documents_or_corrections():
    boss = Desk("示例主管", is_superuser=True)
    offered = {}
    for label in ("document", "correction"):
        page = boss.client.get(f"/admin/gazette/{label}/")
        form = page.context["cl"].model_admin.get_actions(page.wsgi_request)
        offered[label] = list(form)
    assert offered == {"document": ["delete_selected", "submit_selected", "tie_selected"], "correction": []}


# Units assigned


def test_one_unit_is_assigned_to_several_targets_and_projects(make_target, make_project, make_unit, make_assignment):
    clerk = Desk("示例编辑", "view_target", "view_keyproject", "add_assignment")
    unit, other = make_unit(name="示例局甲"), make_unit(name="示例局乙")
    targets = [make_target(name=f"示例目标{letter}") for letter in "甲乙"]
    make_assignment(target=targets[0], unit=other)
    public = Target.objects.filter(document__status="published").first()
    clerk.choose("assign_selected", Target, [*targets, public])
    assert "<h1>为所选目标指定责任单位</h1>" in clerk.page.content.decode()
    assert clerk.lines() == (
        ["示例目标甲", "示例目标乙"],
        [(str(public), f"文件“{public.document.title}”已发布，指定责任单位须就每一项提出更正。")],
    )
    assert [line.about[1] for line in clerk.page.context["ready"]] == ["已指定：示例局乙", "尚未指定"]
    clerk.page = clerk.confirm(note="示例分工")
    assert clerk.page.context["form"].errors == {"unit": ["该字段是必填项。"]}
    assert said(clerk.confirm(unit=unit.pk, note="示例分工")) == ["已为2项指定责任单位。"]
    found = Assignment.objects.filter(unit=unit).order_by("target").values_list("target__name", "note")
    assert list(found) == [("示例目标甲", "示例分工"), ("示例目标乙", "示例分工")]
    assert Assignment.history.filter(unit=unit, history_user=clerk.user).count() == 2
    # Pressed twice.
    assert said(clerk.confirm(unit=unit.pk)) == [f"2项没有指定：\n“示例目标甲”：{CHANGED}\n“示例目标乙”：{CHANGED}"]
    assert Assignment.objects.filter(unit=unit).count() == 2
    # Who has it already is named, and the rest done.
    late = make_target(name="示例目标丙")
    clerk.choose("assign_selected", Target, [targets[0], late])
    assert said(clerk.confirm(unit=unit.pk)) == [
        "已为1项指定责任单位。",
        "1项没有指定：\n“示例目标甲”：该目标已指定过这个单位。",
    ]
    project = make_project(name="示例项目")
    clerk.choose("assign_selected", KeyProject, [project])
    assert "为所选项目与任务指定责任单位" in clerk.page.content.decode()
    Document.objects.filter(pk=project.document_id).update(status="in_review")
    answer = clerk.confirm(unit=unit.pk)
    assert "正在审核" in said(answer)[0]
    assert not project.assignments.exists()


# Progress


@pytest.fixture
def reports(make_target, make_report, make_unit, publish):
    """Three reports that wait, of one unit, by one person."""
    unit = make_unit(name="示例填报局")
    reporter = User.objects.create(username="示例填报人", unit=unit)
    targets = [make_target(name=f"示例目标{letter}") for letter in "甲乙丙"]
    publish(targets[0].document)
    return [
        make_report(target=target, unit=unit, reporter=reporter, accepted_at=None, submitted_at=timezone.now())
        for target in targets
    ]


@pytest.fixture
def reviewer(make_unit):
    """Who accepts progress, in another unit."""
    return Desk("示例审核人", "accept_progress", unit=make_unit(name="示例审核局"))


def test_reports_are_accepted_unless_changed_or_decided_meanwhile(reviewer, reports, make_report):
    first, second, third = reports
    done = make_report(target=first.target)
    reviewer.choose("accept_selected", ProgressReport, [*reports, done])
    assert reviewer.lines() == ([str(report) for report in reports], [(str(done), "这份进展情况已采纳，不能再办。")])
    assert reviewer.page.context["ready"][0].about == [
        "示例填报局；完成值5个；正常推进（由填报单位判定）",
        "目标原文：10个",
        "来源：示例来源",
    ]
    progress.submit(second, by=Desk("示例改报人", "report_progress", "add_assignment").user)
    progress.send_back(third, by=Desk("示例同事", "accept_progress").user, opinion="示例理由")
    answer = reviewer.confirm()
    assert said(answer) == [
        "已采纳并公开1份进展情况。",
        f"2份没有采纳：\n“{second}”：您打开这一页之后，填报人又改过这份进展情况；请重新核对后再办。"
        f"\n“{third}”：这份进展情况已退回，填报人重新报送后才能审核。",
    ]
    first.refresh_from_db()
    assert (first.state, first.reviewer, first.place is None) == ("已采纳", reviewer.user, False)
    assert said(reviewer.confirm())[0].startswith(f"3份没有采纳：\n“{first}”：这份进展情况已采纳，不能再办。")
    assert ProgressReport.history.filter(id=first.pk, accepted_at__isnull=False).count() == 1


def test_ones_own_unit_is_refused_beforehand(reports):
    colleague = Desk("示例同事", "accept_progress", unit=reports[0].unit)
    colleague.choose("accept_selected", ProgressReport, reports)
    assert colleague.lines() == ([], [(str(report), "本单位报送的进展情况须由别的单位审核。") for report in reports])
    assert f'name="{SHOWN}"' not in colleague.page.content.decode()


def test_reports_are_returned_with_one_reason(reviewer, reports):
    reviewer.choose("return_selected", ProgressReport, reports)
    reviewer.page = reviewer.confirm(opinion=" ")
    assert reviewer.page.context["form"].errors == {"opinion": ["退回进展情况须写明理由。"]}
    assert said(reviewer.confirm(opinion="示例理由")) == ["已退回3份进展情况。"]
    found = ProgressReport.objects.filter(pk__in=[report.pk for report in reports])
    assert {(report.state, report.opinion, report.reviewer) for report in found} == {
        ("已退回", "示例理由", reviewer.user)
    }
    assert said(reviewer.confirm(opinion="示例理由"))[0].startswith("3份没有退回：")


# Doubts


def make_doubts(count, **fields):
    """Doubts about a public record."""
    now = timezone.now()
    return [
        Doubt.objects.create(
            receipt=f"r{number}", kind="target", code="2023-gdp-growth", name=f"示例{number}", path="/",
            text=f"示例广告{number}", at=now, **fields,
        )
        for number in range(count)
    ]  # fmt: skip


def test_doubts_are_closed_with_one_answer():
    clerk = Desk("示例编辑", "answer_doubt")
    *opened, settled = make_doubts(4, contact="示例联系方式")
    first, second, third = opened
    other = Desk("示例同事", "answer_doubt")
    other.choose("close_selected", Doubt, [settled])
    assert said(other.confirm()) == ["已办结1件。"]
    clerk.choose("close_selected", Doubt, [first, second, third, settled])
    ready, kept_back = clerk.lines()
    assert len(ready) == 3
    settled.refresh_from_db()
    assert kept_back == [(str(settled), "这件纠错已办结，要改答复的请到它的页面。")]
    assert [line.about[0].split("提交：")[1] for line in clerk.page.context["ready"]] == [
        "示例广告2",
        "示例广告1",
        "示例广告0",
    ]
    assert clerk.page.context["ready"][0].about[1] == "留有联系方式"
    other.choose("close_selected", Doubt, [second])
    other.confirm()
    assert said(clerk.confirm(answer="示例答复")) == [
        "已办结2件。",
        "1件没有办结：\n“示例1 待答复”：您打开这一页之后，别人已办过这件纠错；请重新核对后再办。",
    ]
    found = Doubt.objects.order_by("pk").values_list("state", "answer", "contact", "by__username")
    assert list(found) == [
        ("closed", "示例答复", "", "示例编辑"),
        ("closed", "", "", "示例同事"),
        ("closed", "示例答复", "", "示例编辑"),
        ("closed", "", "", "示例同事"),
    ]
    versions = Doubt.history.count()
    assert said(clerk.confirm(answer="示例另答"))[0].startswith("3件没有办结：")
    assert Doubt.history.count() == versions


# Accounts


def test_accounts_are_stopped_with_a_line_each_and_never_ones_own():
    keeper = Desk("keeper", "view_user", "change_user")
    left = Desk("leaver-1", last_name="张", first_name="示例")
    users = [left.user, User.objects.create(username="leaver-2", is_staff=True)]
    root = User.objects.create(username="root", is_superuser=True)
    stopped = User.objects.create(username="stopped", is_active=False)
    keeper.choose("deactivate_selected", User, [*users, keeper.user, root, stopped])
    assert keeper.lines() == (
        ["leaver-1", "leaver-2"],
        [
            ("keeper", "不能停用自己的账号，请由另一位系统管理员办理。"),
            ("root", "超级用户的账号只能由超级用户停用。"),
            ("stopped", "这个账号已经停用。"),
        ],
    )
    assert keeper.page.context["ready"][0].about == ["张示例"]
    # That somebody signs in meanwhile is no change.
    left.client.force_login(left.user)
    assert left.client.get("/admin/").status_code == 200
    assert said(keeper.confirm()) == ["已停用2个账号。"]
    assert not User.objects.filter(pk__in=[user.pk for user in users], is_active=True).exists()
    assert User.objects.filter(pk__in=[keeper.user.pk, root.pk], is_active=True).count() == 2
    assert left.client.get("/admin/").status_code == 302
    events = SecurityEvent.objects.filter(user__in=users, detail="有效：是 → 否").order_by("user")
    assert [(event.kind, event.user, event.by) for event in events] == [
        ("user_changed", user, keeper.user) for user in users
    ]
    assert said(keeper.confirm()) == [f"2个账号没有停用：\n“leaver-1”：{CHANGED}\n“leaver-2”：{CHANGED}"]
    assert events.count() == 2


# Queries


def queries(act):
    """How many queries an act takes."""
    with CaptureQueriesContext(connection) as caught:
        act()
    return len(caught)


def rows_for(action, samples, count):
    """Rows for an action."""
    if action == "delete_selected":
        return [samples.citation() for _ in range(count)]
    if action == "assign_selected":
        return [samples.target() for _ in range(count)]
    if action == "close_selected":
        return make_doubts(count)
    if action == "deactivate_selected":
        return [User.objects.create(username=f"示例{samples._number()}") for _ in range(count)]
    if action in ("submit_selected", "tie_selected"):
        return [plain_document(samples, tied=action == "submit_selected") for _ in range(count)]
    unit = samples.unit()
    reporter = User.objects.create(username=f"示例{samples._number()}", unit=unit)
    targets = [samples.target() for _ in range(count)]
    samples._publish(targets[0].document)
    waiting = {"accepted_at": None, "reporter": reporter, "submitted_at": timezone.now(), "unit": unit}
    return [samples.report(target=target, **waiting) for target in targets]


def plain_document(samples, tied):
    """A document that its own title proves."""
    unit = samples.unit(name=f"示例机关{samples._number()}")
    title = f"{unit.name}关于示例工作的通知"
    document = samples.document(title=title, number="", issuer=unit, written_on=None, written_basis="unknown")
    samples.passage(document=document, text=title, kind="title")
    if tied:
        tie_what_is_plain(document)
    return document


# Publication writes the search index with more statements on SQLite.
ACCEPTING = 57 if connection.vendor == "sqlite" else 54
# Action → model, and how many queries the page and the act take without rows and for each row.
QUERIES = {
    "delete_selected": (Citation, (6, 0), (18, 3)),
    "submit_selected": (Document, (5, 26), (10, 54)),
    "tie_selected": (Document, (5, 21), (10, 60)),
    "assign_selected": (Target, (8, 0), (10, 18)),
    "accept_selected": (ProgressReport, (5, 1), (12, ACCEPTING)),
    "return_selected": (ProgressReport, (5, 1), (10, 6)),
    "close_selected": (Doubt, (6, 0), (12, 5)),
    "deactivate_selected": (User, (9, 0), (13, 10)),
}


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("action", QUERIES)
def test_queries_are_linear(action, rows, boss, samples):
    model, page, act = QUERIES[action]
    chosen = rows_for(action, samples, rows)
    boss.choose(action, model, chosen)
    answer = {"unit": Unit.objects.first().pk, "opinion": "示例"}
    found = [queries(lambda: boss.choose(action, model, chosen)), queries(lambda: boss.confirm(**answer))]
    assert len(boss.page.context["ready"]) == rows
    assert found == [fixed + each * rows for fixed, each in (page, act)]
