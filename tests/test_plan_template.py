"""照上年录入: what of last year's plan is found in this year's text, and what a clerk may take over from it, record by
record; nothing is entered without this year's words."""

import io

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from test_admin import errors_of, form_data, queries
from test_sheets import confirm, put, rows_of, told, upload

from gazette.admin_base import admin_url
from gazette.models import Document, EventKind, SecurityEvent, Unit, User
from plans import last_year
from plans.last_year import LastYear, State
from plans.matching import Found, Named, Pair, Place, Text, next_code, pair, plain_name, stems
from plans.models import Assignment, KeyProject, Plan, Target

TITLE = "示例2024年计划"
OPENING = (
    "示例：主要预期目标是：地区生产总值增长5%以上，规模以上工业增加值增长7%左右；城镇新增就业4100人以上；"
    "万元地区生产总值用水量下降3%。"
)
WORKS = "示例：加快建设滨河二期开发建设，新建２个区级养老服务综合体，书香乌海再上台阶，完成投资310亿元以上。"
AGAIN = "示例：稳定城镇新增就业，完成投资120亿元。"
REQUIRED = "该字段是必填项。"


# The pure part


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("市一中新校区", ["市一中新校区"]),
        ("新建5G基站", ["新建5G基站", "5G基站"]),
        ("市儿童福利院改造项目", ["市儿童福利院改造项目", "市儿童福利院改造"]),
        ("3个区级养老服务综合体", ["3个区级养老服务综合体", "区级养老服务综合体"]),
        ("2023年重点项目", ["2023年重点项目", "重点项目", "2023年重点"]),
        ("规上工业增加值", ["规上工业增加值", "规模以上工业增加值"]),
        ("示例拦河坝工程（一期）", ["示例拦河坝工程（一期）", "示例拦河坝工程", "示例拦河坝"]),
        ("完成投资", ["完成投资"]),  # 投资 alone would be found everywhere
    ],
)
def test_a_name_is_shortened_to_what_is_still_that_name(name, found):
    assert list(stems(name)) == found


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("2023年重点项目", "重点项目"),
        ("8户企业节水技改", "企业节水技改"),
        ("120急救服务中心", "120急救服务中心"),
        ("健康乌海17项专项行动", "健康乌海17项专项行动"),
        ("18项", "18项"),
    ],
)
def test_the_year_and_the_count_at_the_head_of_a_name_are_left_behind(name, plain):
    assert plain_name(name) == plain


def test_a_name_is_found_with_the_words_around_it_in_every_passage():
    text = Text(
        [
            (8, "示例：稳定城镇新增就业，扩大城镇新增就业。"),
            (9, "示例。"),
            (13, "城镇新增就业4100人以上；物价平稳，收入增长，示例。"),
        ]
    )
    assert text.find("城镇新增就业") == Found(
        "城镇新增就业",
        True,
        (
            Place(8, 5, "示例：稳定", "城镇新增就业", "，扩大城镇新增就业。", 1),
            Place(13, 0, "", "城镇新增就业", "4100人以上；物价平稳，收入增…", 0),
        ),
    )


def test_no_number_around_a_name_is_cut():
    text = Text([(1, "示例：投入1234.5万元以上，力争全年完成，地区生产总值增长（按可比价格计算）约为1234.5亿元。")])
    [place] = text.find("地区生产总值").places
    assert place.before == "…1234.5万元以上，力争全年完成，"
    assert place.after == "增长（按可比价格计算）约为1234.5…"


@pytest.mark.parametrize(
    ("name", "stem", "words"),
    [
        ("规上工业增加值", "规模以上工业增加值", "规模以上工业增加值"),
        ("3个区级养老服务综合体", "区级养老服务综合体", "区级养老服务综合体"),
        ("“书香乌海”", "“书香乌海”", "书香乌海"),
        ("2个区级养老服务综合体", "2个区级养老服务综合体", "２个区级养老服务综合体"),
    ],
)
def test_a_name_is_found_in_another_style_or_without_what_is_no_part_of_it(name, stem, words):
    found = Text([(8, OPENING), (13, WORKS)]).find(name)
    assert (found.stem, found.is_whole) == (stem, stem == name)
    assert [place.words for place in found.places] == [words]


@pytest.mark.parametrize(
    "name",
    [
        "固定资产投资",
        "5G基站",  # the text's is 15G
        "就业居民消费价格",  # a full stop lies between
        "",
    ],
)
def test_what_is_not_in_the_text_is_not_found(name):
    assert Text([(8, "示例：新建15G基站；新增就业。居民消费价格。")]).find(name) is None


@pytest.mark.parametrize(
    ("code", "earlier", "later", "new"),
    [
        ("2023-gdp-growth", "2023", "2024", "2024-gdp-growth"),
        ("2023-output-2025", "2023", "150300-2024", "150300-2024-output-2025"),
        ("gdp-2023-growth", "2023", "2024", ""),
        ("20235-gdp", "2023", "2024", ""),
    ],
)
def test_a_code_is_carried_into_the_new_year_where_it_begins_with_the_old_one(code, earlier, later, new):
    assert next_code(code, earlier, later) == new


def test_records_are_paired_by_code_then_by_name():
    gdp, jobs, first, second, works = (
        Named("target", "2023-gdp", "地区生产总值"),
        Named("target", "2023-jobs", "城镇新增就业"),
        Named("target", "2023-a", "完成投资"),
        Named("target", "2023-b", "完成投资"),
        Named("project", "2023-c", "3个示例综合体"),
    )
    renamed, other_code, twin, counted, kind = (
        Named("target", "2024-gdp", "示例总值"),
        Named("target", "2024-employment", "“城镇新增就业”"),
        Named("target", "2024-investment", "完成投资"),
        Named("project", "2024-d", "5个示例综合体"),
        Named("project", "2024-b", "完成投资"),
    )
    earlier = [gdp, jobs, first, second, works]
    codes = {record: record.code.replace("2023", "2024") for record in earlier}
    assert pair(earlier, [renamed, other_code, twin, counted, kind], codes) == {
        gdp: Pair(renamed, True),
        jobs: Pair(other_code, True),
        first: Pair(twin, False),
        works: Pair(counted, True),
    }
    assert pair([first], [], codes) == {}


# The page


@pytest.fixture
def superuser(db):
    return User.objects.create(username="clerk", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(client, superuser):
    client.force_login(superuser)
    return client


@pytest.fixture
def earlier(founding):
    return Plan.objects.get(code="2023")


@pytest.fixture
def plan(earlier, make_document, make_passage, make_plan):
    """A draft of the next year with its text and its plan, and nothing else."""
    document = make_document(code="sample-2024", title="示例2024年通知", issuer=earlier.document.issuer)
    first, *_rest = [make_passage(document=document, text=text) for text in (TITLE, OPENING, WORKS, AGAIN)]
    return make_plan(passage=first, code="2024", year=2024, title=TITLE)


def page_of(plan, **query):
    url = reverse("admin:plans_plan_template", args=[plan.pk])
    return f"{url}?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else url


def listed(desk, plan, **query):
    """The rows of all pages of a state, by code."""
    rows, number = {}, 1
    while True:
        context = desk.get(page_of(plan, **query | {"p": number})).context
        rows |= {each["row"].record.code: each for each in context["shown"]}
        if not context["page"].has_next():
            return rows
        number += 1


def said(response):
    return [str(message) for message in response.context["messages"]]


def staff(client, *permissions):
    user = User.objects.create(username=f"staff{len(permissions)}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def test_every_record_of_last_year_is_listed_in_the_order_of_its_text(desk, plan, earlier):
    rows = listed(desk, plan)
    assert len(rows) == Target.objects.filter(plan=earlier).count() + KeyProject.objects.filter(plan=earlier).count()
    order = [(row["row"].record.passage.order, row["row"].record.start) for row in rows.values()]
    assert order == sorted(order)
    found = {
        code: [place.passage for place, _passage, _url in row["places"]]
        for code, row in rows.items()
        if row["row"].state == State.NAMED
    }
    assert found == {
        "2023-gdp-growth": [2],
        "2023-industrial-value-added-growth": [2],
        "2023-urban-new-jobs": [2, 4],
        "2023-project-investment": [3, 4],
        "2023-binhe-phase-2": [3],
        "2023-park-investment": [3, 4],
        "2023-binhe-phase-2-low-carbon": [3],
        "2023-water-per-10000-yuan-gdp": [2],
        "2023-binhe-phase-2-city": [3],
        "2023-urban-new-jobs-employment": [2, 4],
        "2023-district-elderly-care-complexes": [3],
        "2023-bookish-wuhai": [3],
    }
    assert rows["2023-consumer-prices"]["row"].state == State.UNSEEN
    assert {row["row"].state for row in rows.values()} == {State.NAMED, State.UNSEEN}


def test_a_heading_counts_only_where_no_paragraph_has_the_name(desk, plan, make_passage):
    for text in ("示例：稳定居民消费价格", "示例：城镇新增就业"):
        make_passage(document=plan.document, kind="heading", text=text)
    make_passage(document=plan.document, kind="title", text="示例：固定资产投资")
    rows = {code: row["row"] for code, row in listed(desk, plan).items()}
    assert rows["2023-consumer-prices"].only_passage == 5
    assert [place.passage for place in rows["2023-urban-new-jobs"].found.places] == [2, 4]
    assert rows["2023-fixed-investment-growth"].state == State.UNSEEN


def test_the_page_says_where_a_name_stands_and_leads_to_its_form(desk, plan):
    page = desk.get(page_of(plan)).content.decode()
    jobs = page[page.index('<tr id="2023-urban-new-jobs">') :].split("</tr>")[0]
    assert "城镇新增就业</a>" in jobs
    assert "<td>4000人以上</td>" in jobs
    assert "<strong>新文件中有此名称</strong>" in jobs
    assert "第2段</a>：…规模以上工业增加值增长7%左右；<mark>城镇新增就业</mark>4100人以上；万元地区生产总值… <a" in jobs
    assert "第4段</a>：示例：稳定<mark>城镇新增就业</mark>，完成投资120亿元。" in jobs
    query = f"plan={plan.pk}&amp;like=2023-urban-new-jobs&amp;from=2023&amp;state=all&amp;p=1"
    add = f"{reverse('admin:plans_target_add')}?{query}"
    assert [f'href="{add}&amp;passage={number}"' in jobs for number in (2, 4)] == [True, True]
    stem = page[page.index('<tr id="2023-industrial-value-added-growth">') :].split("</tr>")[0]
    assert "（只找到“规模以上工业增加值”）" in stem
    unseen = page[page.index('<tr id="2023-consumer-prices">') :].split("</tr>")[0]
    assert "<mark>" not in unseen
    assert "未见 <a" in unseen
    assert "passage=" not in unseen


def test_what_is_entered_is_linked_and_what_is_new_is_listed(desk, plan, make_target, make_project):
    opening, works = (plan.document.passages.get(position=number) for number in (2, 3))
    gdp = make_target(plan=plan, passage=opening, name="地区生产总值", code="sample-gdp")
    make_project(plan=plan, passage=works, name="示例新事", code="sample-new-work")
    page = desk.get(page_of(plan)).content.decode()
    row = page[page.index('<tr id="2023-gdp-growth">') :].split("</tr>")[0]
    assert f'<strong>已录入</strong>：<a href="{admin_url(Target, "change", gdp.pk)}">地区生产总值</a>' in row
    assert "sample-gdp，第2段" in row
    assert "录入</a>" not in row
    counts = desk.get(page_of(plan)).context["counts"]
    assert (counts[0], counts[3]) == (("已录入", 1), ("新增", 1))
    added = desk.get(page_of(plan, state="added"))
    assert [row.record.code for row in added.context["page"]] == ["sample-new-work"]
    assert "示例新事</a>" in added.content.decode()
    assert "2023-gdp-growth" not in listed(desk, plan, state="todo")
    todo, unseen = listed(desk, plan, state="todo"), listed(desk, plan, state="unseen")
    assert set(unseen) < set(todo)
    assert {row["row"].state for row in unseen.values()} == {State.UNSEEN}
    assert "2023年共315条：已录入 1 条，新文件中有此名称 11 条，未见 303 条，新增 1 条。" in page


def test_of_two_that_share_a_name_the_page_asks_to_look(desk, plan, make_target):
    works = plan.document.passages.get(position=3)
    make_target(plan=plan, passage=works, name="完成投资", code="sample-investment")
    asked = "同名的不止一条，按先后对上，请核对是不是同一件事。"
    assert asked in desk.get(page_of(plan)).content.decode()
    rows = listed(desk, plan)
    assert rows["2023-project-investment"]["row"].later.code == "sample-investment"
    assert rows["2023-park-investment"]["row"].state == State.NAMED
    Target.objects.filter(code="sample-investment").update(code="2024-park-investment")
    assert asked not in desk.get(page_of(plan)).content.decode()
    rows = listed(desk, plan)
    assert rows["2023-park-investment"]["row"].later.code == "2024-park-investment"
    assert rows["2023-project-investment"]["row"].state == State.NAMED


def test_the_newest_earlier_plan_is_taken_unless_another_is_chosen(desk, plan, earlier, make_document, make_plan):
    older = make_plan(document=make_document(issuer=earlier.document.issuer), code="2021", year=2021, title="示例2021")
    foreign = make_plan(document=make_document(), code="sample-f", year=2023, title="示例别市")
    page = desk.get(page_of(plan))
    assert page.context["choices"] == [earlier, older]
    assert page.context["earlier"] == earlier
    assert desk.get(page_of(plan, **{"from": "2021"})).context["earlier"] == older
    page = desk.get(page_of(plan, **{"from": "sample-f"}))
    assert page.context["earlier"] == earlier
    assert said(page) == [f"没有代码为“sample-f”的可照录的计划，现照“{earlier}”列出。"]
    # Where the issuer has none, those of others are better than nothing.
    other = make_plan(document=make_document(issuer=Unit.objects.get(code="finance-bureau")), year=2022)
    Document.objects.filter(pk=foreign.document_id).update(status="withdrawn")
    assert desk.get(page_of(other)).context["choices"] == [older]


def test_without_an_earlier_plan_the_page_says_so(desk, earlier, make_document, make_plan):
    plan = make_plan(document=make_document(issuer=earlier.document.issuer), year=2020)
    assert "没有更早年度的计划可以照着录入。" in desk.get(page_of(plan)).content.decode()
    answer = desk.post(page_of(plan), {"offer": "1"}, follow=True)
    assert said(answer) == ["没有更早年度的计划可以照着录入。"]
    answer = desk.get(reverse("admin:plans_plan_template_table", args=[plan.pk]), follow=True)
    assert answer.status_code == 200


def test_the_draft_and_its_document_lead_to_the_page(desk, plan, earlier):
    link = f'<a href="{page_of(plan)}">照上年录入</a>'
    for model, row in ((Plan, plan), (Document, plan.document)):
        assert link in desk.get(admin_url(model, "change", row.pk)).content.decode()
    for model, row in ((Plan, earlier), (Document, earlier.document)):
        assert "照上年录入" not in desk.get(admin_url(model, "change", row.pk)).content.decode()


def test_a_closed_document_takes_nothing_over(desk, earlier):
    answer = desk.get(page_of(earlier), follow=True)
    assert said(answer) == [
        f"文件“{earlier.document.title}”已发布，它的段落、记录和对应只能查看。已公开的内容不能直接更改，录入有误的请提出更正。"
    ]
    assert desk.get(page_of(Plan(pk=10**6))).status_code == 404


def test_each_part_needs_its_permission(client, plan):
    url, table = page_of(plan), reverse("admin:plans_plan_template_table", args=[plan.pk])
    viewer = staff(client, "view_plan", "view_target")
    assert [viewer.get(url).status_code, viewer.get(table).status_code] == [403, 403]
    assert "照上年录入" not in viewer.get(admin_url(Plan, "change", plan.pk)).content.decode()
    clerk = staff(client, "view_plan", "view_target", "add_target")
    page = clerk.get(url).content.decode()
    assert "like=2023-gdp-growth" in page
    assert "like=2023-key-projects" not in page  # a project
    assert "plans/keyproject/add" not in page
    assert "下载照上年的表格" not in page
    assert "指定责任单位" not in page
    assert [clerk.get(table).status_code, clerk.post(url, {"offer": "1"}).status_code] == [403, 403]


# The form


def initial(response):
    """What a form starts with, less what is empty."""
    form = response.context["adminform"].form
    values = {name: form[name].value() for name in form.fields if name != "opened_version"}
    return {name: value for name, value in values.items() if value not in (None, "", False)}


def add_url(plan, model, code, **query):
    return admin_url(model, "add", plan=plan.pk, like=code, **query)


def test_a_form_holds_what_is_carried_and_nothing_that_is_read_anew(desk, plan):
    page = desk.get(add_url(plan, Target, "2023-water-per-10000-yuan-gdp", passage=2))
    assert initial(page) == {
        "name": "万元地区生产总值用水量",
        "qualifier": "exact",
        "unit": "%",
        "direction": "decrease",
        "basis": "比2020年",
        "code": "2024-water-per-10000-yuan-gdp",
        "passage": "2",
    }
    words = page.content.decode()
    assert "本页照2023年的" in words
    assert "“万元地区生产总值用水量”</a>（2023-water-per-10000-yuan-gdp）填好了一部分，" in words
    assert "那一年的原文是“均比2020年下降12%”。" in words
    assert '对照今年原文核对：<a href="#quoted">第2段有此名称</a>。' in words
    assert '城镇新增就业4100人以上；<mark id="quoted">万元地区生产总值用水量</mark>下降3%。' in words
    assert (
        "没有带入、须照今年原文录入的：原文表述、目标值、目标值上限、基期年份、承诺用语、完成时限、时限精度、时限依据、"
        "由文字推得、与之相同、所属项目、说明、原文摘录。" in words
    )
    assert "带入的文字里有数字，可能是2023年的：“万元地区生产总值用水量”“比2020年”。" in words
    page = desk.get(add_url(plan, Target, "2023-gdp-growth"))
    assert initial(page) == {
        "name": "地区生产总值",
        "qualifier": "at_least",
        "unit": "%",
        "direction": "increase",
        "headline": True,
        "nature": "expected",
        "code": "2024-gdp-growth",
    }
    assert "可能是2023年的" not in page.content.decode()
    assert "#quoted" not in page.content.decode()


def test_the_form_of_a_project_leaves_its_count_behind(desk, plan):
    page = desk.get(add_url(plan, KeyProject, "2023-district-elderly-care-complexes", passage=3))
    assert initial(page) == {
        "name": "区级养老服务综合体",
        "kind": "group",
        "code": "2024-district-elderly-care-complexes",
        "passage": "3",
    }
    assert "那一年的要求是“新建”。" in page.content.decode()
    page = desk.get(add_url(plan, KeyProject, "2023-wuda-ethnic-unity-zone"))
    assert initial(page) == {
        "name": "乌达区自治区级民族团结进步示范区",
        "kind": "creation",
        "district": "乌达区",
        "code": "2024-wuda-ethnic-unity-zone",
    }


def test_a_code_that_was_ever_used_is_not_suggested(desk, plan, make_target):
    make_target(plan=plan, code="2024-gdp-growth").delete()
    assert "code" not in initial(desk.get(add_url(plan, Target, "2023-gdp-growth")))
    long = make_target(plan=Plan.objects.get(code="2023"), code="2023-" + "x" * 75)
    Plan.objects.filter(pk=plan.pk).update(code="sample-2024")
    assert "code" not in initial(desk.get(add_url(plan, Target, long.code)))


@pytest.mark.parametrize("like", ["", "no-such-code", "2024-other"])
def test_a_form_that_names_no_record_of_an_earlier_plan_is_the_ordinary_one(like, desk, plan, make_target):
    make_target(plan=plan, code="2024-other", name="示例不早")
    page = desk.get(add_url(plan, Target, like))
    assert initial(page) == {}
    assert "form-note" not in page.content.decode()


def test_a_clerk_completes_a_record_from_last_years(desk, plan, superuser):
    url = add_url(plan, Target, "2023-urban-new-jobs", **{"from": "2023", "state": "todo", "p": 1, "passage": 2})
    data = form_data(desk.get(url))
    unfinished = desk.post(url, data)
    assert errors_of(unfinished) == {
        "value": ["没有目标值的目标，限定只能是“保持”“基本同步”“按上级下达任务”或“定性目标”。"],
        **dict.fromkeys(["as_written", "due_precision", "due_basis", "quote"], [REQUIRED]),
    }
    assert "本页照2023年的" in unfinished.content.decode()
    assert not Target.objects.filter(plan=plan).exists()
    anew = {
        "as_written": "4100人以上",
        "value": "4100",
        "due": "2024",
        "due_precision": "year",
        "due_basis": "plan_year",
    }
    answer = desk.post(url, data | anew | {"quote": "城镇新增就业4100人以上"})
    assert answer.status_code == 302, errors_of(answer)
    assert answer["Location"] == page_of(plan, **{"from": "2023", "state": "todo", "p": 1})
    target = Target.objects.get(plan=plan)
    assert (target.code, target.name, target.value, target.unit) == ("2024-urban-new-jobs", "城镇新增就业", 4100, "人")
    assert (target.document, target.passage.position, target.quote) == (plan.document, 2, "城镇新增就业4100人以上")
    assert OPENING[target.start : target.end] == target.quote
    assert "2023-urban-new-jobs" not in listed(desk, plan, state="todo")
    # Without last year's record the desk goes on as ever.
    answer = desk.post(
        admin_url(Target, "add", plan=plan.pk), data | anew | {"code": "sample-x", "quote": "城镇新增就业4100"}
    )
    assert answer["Location"] == admin_url(Target, "changelist")


# Units


@pytest.fixture
def assigned(plan, earlier, make_target, make_assignment, make_unit):
    """Two records of 2023 with units, entered in the new plan; a third that is not."""
    opening, works = (plan.document.passages.get(position=number) for number in (2, 3))
    found = {}
    for code, name, passage in (("gdp-growth", "地区生产总值", opening), ("urban-new-jobs", "城镇新增就业", opening)):
        later = make_target(plan=plan, passage=passage, name=name, code=f"2024-{code}")
        old = Target.objects.get(code=f"2023-{code}")
        found[code] = (make_assignment(target=old, unit=make_unit(name=f"示例{name}局"), note="示例旧说明"), later)
    make_assignment(target=Target.objects.get(code="2023-consumer-prices"))
    make_target(plan=plan, passage=works, name="完成投资", code="sample-investment")
    make_assignment(target=Target.objects.get(code="2023-project-investment"))
    return found


def test_units_are_assigned_again_only_where_they_were_chosen_and_confirmed(desk, plan, assigned, superuser):
    (gdp, later), (jobs, _other) = assigned["gdp-growth"], assigned["urban-new-jobs"]
    url = page_of(plan, state="units")
    page = desk.get(url)
    assert [offer.key for offer in page.context["page"]] == [gdp.pk, jobs.pk]
    assert "checked" not in page.content.decode()
    answer = desk.post(url, {"offer": [gdp.pk]})
    assert not Assignment.objects.filter(target__plan=plan).exists()
    shown = answer.content.decode()
    assert [offer.key for offer in answer.context["page"]] == [gdp.pk]
    assert 'value="确认指定"' in shown
    assert "示例城镇新增就业局" not in shown
    answer = desk.post(url, {"offer": [gdp.pk], "_confirm": "确认指定"}, follow=True)
    assert said(answer) == ["已照2023年指定1个责任单位。"]
    made = Assignment.objects.get(target__plan=plan)
    assert (made.target, made.unit, made.note) == (later, gdp.unit, "")
    version = made.history.get()
    assert (version.history_user, version.history_change_reason) == (superuser, "沿用“2023”的指定")
    assert [offer.key for offer in answer.context["page"]] == [jobs.pk]


def test_what_cannot_be_assigned_again_is_refused_whole(desk, plan, assigned, publish):
    (gdp, later), (jobs, _other) = assigned["gdp-growth"], assigned["urban-new-jobs"]
    url = page_of(plan, state="units")
    assert said(desk.post(url, {}, follow=True)) == ["没有选择要沿用的单位，没有改动任何内容。"]
    Assignment.objects.create(target=later, unit=gdp.unit)  # A colleague was quicker.
    answer = desk.post(url, {"offer": [gdp.pk, jobs.pk], "_confirm": "1"}, follow=True)
    assert said(answer) == ["所选的有1项已不能沿用，没有指定任何单位；请看现在的列表，重新选择。"]
    assert Assignment.objects.filter(target__plan=plan).count() == 1
    successor = Unit.objects.exclude(pk=jobs.unit_id).first()
    Unit.objects.filter(pk=jobs.unit_id).update(succeeded_by=successor, succession_note="示例")
    assert f"（已由“{successor}”承接，请到记录中另行指定）" in desk.get(url).content.decode()
    answer = desk.post(url, {"offer": [jobs.pk], "_confirm": "1"}, follow=True)
    assert said(answer) == ["所选的有1项已不能沿用，没有指定任何单位；请看现在的列表，重新选择。"]


def test_what_went_to_review_meanwhile_gets_no_unit(plan, earlier, assigned, superuser):
    Document.objects.filter(pk=plan.document_id).update(status="in_review")
    with pytest.raises(ValidationError) as refused:
        last_year.carry_over(plan, earlier, [str(assigned["gdp-growth"][0].pk)], superuser)
    assert refused.value.messages == [
        "文件“示例2024年通知”正在审核，它的段落、记录和对应只能查看；退回草稿后才能更改。"
    ]
    assert not Assignment.objects.filter(target__plan=plan).exists()


# The workbook


@pytest.fixture
def _immediately(settings, tmp_path):
    """The worker's work is done at once, with files in a directory of the test."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    settings.DATA_DIR = tmp_path


def table(desk, plan):
    """The downloaded workbook."""
    answer = desk.get(reverse("admin:plans_plan_template_table", args=[plan.pk]))
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return load_workbook(io.BytesIO(answer.content))


def filled(row):
    return {heading: value for heading, value in row.items() if value not in (None, "否")}


def test_the_workbook_has_a_line_for_each_missing_record_and_no_value(desk, plan, earlier, make_target):
    make_target(plan=plan, passage=plan.document.passages.get(position=2), name="地区生产总值", code="2024-gdp-growth")
    book = table(desk, plan)
    assert book.sheetnames == ["项目与任务", "目标", "说明"]
    targets = {row["代码"]: filled(row) for row in rows_of(book["目标"])}
    assert len(targets) == Target.objects.filter(plan=earlier).count() - 1
    assert len(rows_of(book["项目与任务"])) == KeyProject.objects.filter(plan=earlier).count()
    own = {"所属年度计划代码": "2024", "年度计划（仅供查看）": TITLE}
    assert targets["2024-industrial-value-added-growth"] == own | {
        "代码": "2024-industrial-value-added-growth",
        "目标名称": "规上工业增加值",
        "限定": "左右",
        "计量单位": "%",
        "方向": "增加",
        "主要预期目标": "是",
        "指标属性": "预期性",
        "段号": 2,
    }
    assert "段号" not in targets["2024-urban-new-jobs"]  # it stands in two
    assert "段号" not in targets["2024-consumer-prices"]
    projects = {row["代码"]: filled(row) for row in rows_of(book["项目与任务"])}
    assert projects["2024-district-elderly-care-complexes"] == own | {
        "代码": "2024-district-elderly-care-complexes",
        "名称": "区级养老服务综合体",
        "类别": "成组项目",
        "段号": 3,
    }
    notes = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert notes["文件代码"] == "sample-2024"
    assert notes["2023-urban-new-jobs"] == "城镇新增就业：2023年“4000人以上”；新文件第2段、第4段有“城镇新增就业”。"
    assert notes["2023-consumer-prices"] == "居民消费价格：2023年“涨幅控制在3%以内”；新文件中未见此名称。"
    assert SecurityEvent.objects.filter(kind=EventKind.EXPORT).last().detail == "表格：sample-2024，照2023"


@pytest.mark.usefixtures("_immediately")
def test_an_unfinished_workbook_is_refused_and_a_finished_one_is_imported(desk, plan):
    book = table(desk, plan)
    del book["项目与任务"]
    page = book["目标"]
    codes = [cell.value for cell in page["A"]]
    keep = [codes.index(code) + 1 for code in ("2024-gdp-growth", "2024-consumer-prices")]
    for number in range(page.max_row, 1, -1):
        if number not in keep:
            page.delete_rows(number)
    _page, job = upload(desk, book, plan.document)
    assert job.state == "refused"
    missing = [
        ("目标值", "没有目标值的目标，限定只能是“保持”“基本同步”“按上级下达任务”或“定性目标”。"),
        *((heading, REQUIRED) for heading in ("原文表述", "时限精度", "时限依据", "原文摘录")),
    ]
    found = {(row, column, words) for _sheet, row, column, words in told(job)}
    assert found == {(row, *each) for row in (2, 3) for each in missing} | {(3, "段号", REQUIRED)}
    assert not Target.objects.filter(plan=plan).exists()
    page.delete_rows(3)
    put(page, 2, 原文表述="增长5%以上", 目标值=5, 完成时限="2024", 时限精度="到年", 时限依据="随计划年度")
    put(page, 2, 原文摘录="地区生产总值增长5%以上")
    _page, job = upload(desk, book, plan.document)
    assert told(job) == []
    assert confirm(desk, job).state == "done"
    target = Target.objects.get(plan=plan)
    assert (target.code, target.value, target.quote) == ("2024-gdp-growth", 5, "地区生产总值增长5%以上")
    assert listed(desk, plan)["2023-gdp-growth"]["row"].later == target


def test_a_workbook_without_a_line_is_not_made(desk, plan, earlier, make_document, make_plan, make_target):
    older = make_plan(document=make_document(issuer=earlier.document.issuer), code="2021", year=2021, title="示例2021")
    make_target(plan=older, name="示例旧事")
    make_target(plan=plan, passage=plan.document.passages.get(position=2), name="示例旧事")
    url = reverse("admin:plans_plan_template_table", args=[plan.pk])
    answer = desk.get(url + "?from=2021", follow=True)
    assert said(answer) == ["“示例2021”的各条都已录入，没有可下载的。"]


# Queries


@pytest.mark.parametrize("rows", [1, 50])
def test_every_part_takes_the_same_queries(rows, desk, make_document, make_plan, samples):
    issuer = samples.unit()
    before, now = (
        make_plan(document=make_document(issuer=issuer), year=year, code=f"sample-{year}") for year in (2020, 2021)
    )
    for number in range(rows):
        old = samples.target(plan=before, name=f"示例事项{number}", code=f"sample-2020-{number}")
        samples.assignment(target=old)
        samples.project(plan=before, name=f"示例任务{number}", code=f"sample-2020-p{number}")
        samples.target(plan=now, name=f"示例事项{number}", code=f"sample-2021-{number}")
        samples.project(plan=now, name=f"示例新增{number}")
        samples.passage(document=now.document, text=f"示例：示例任务{number}。")
    url = page_of(now)
    desk.get(url)
    # Session, user, plan, earlier plans; the new text; four kinds of records; codes twice; assignments four times.
    assert [queries(desk, f"{url}?state={state}") for state in ("all", "todo", "unseen", "added", "units")] == [15] * 5
    # Session, user, plan, earlier plans, the record, its code, units, passages.
    add = add_url(now, KeyProject, "sample-2020-p0")
    desk.get(add)
    assert queries(desk, add) == 8
    # The new text, four kinds of records, codes twice: whatever the number of lines.
    with CaptureQueriesContext(connection) as caught:
        LastYear(now, before).workbook()
    assert len(caught) == 7
