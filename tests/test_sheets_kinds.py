"""The sheets of what has no code or is the document itself: aliases, assignments, heads, citations and relations."""

import pytest
from django.apps import apps
from test_sheets import (  # noqa: F401 - fixtures
    _immediately,
    add,
    book_of,
    clerk,
    confirm,
    desk,
    everything,
    put,
    rows_of,
    told,
    upload,
)

from gazette import corrections, registry
from gazette.models import (
    Attachment,
    Citation,
    Correction,
    Deputy,
    Document,
    Doubt,
    ImportState,
    Merger,
    Passage,
    Relation,
    Tie,
    Unit,
    UnitAlias,
    UnitName,
    User,
    WatchedWord,
)
from gazette.sheets import exporting, sheets
from plans.models import Assignment, ProgressReport, Target

PLAN = "whzf-2023-2"
BASES = ("施行日期依据", "失效日期依据")
# What is kept with a history and has no sheet, each with the reason.
ELSEWHERE = {
    Passage: "the text itself is pasted and read, and corrected as text",
    Tie: "which words prove what is found in the text, not typed into a table",
    ProgressReport: "units report on their own page, and others accept it",
    Attachment: "a file is no cell",
    UnitName: "a unit is renamed on a page of its own, with the day and the reason",
}
# What has a history and is no record of the gazette, but of who works here and how.
WORK = {User, Deputy, WatchedWord, Merger, Correction, Doubt}


def line_of(page, **cells):
    """The number of the row whose cells hold these."""
    return next(n for n, row in enumerate(rows_of(page), 2) if cells.items() <= row.items())


# Nothing is left out


def test_every_kind_of_record_has_a_sheet():
    kept = {kind.model for kind in registry.kinds()}
    kept |= {kind.model._meta.get_field(name).related_model for kind in registry.kinds() for name in kind.rows}
    kept |= {model for model in apps.get_models() if hasattr(model, "history")} - WORK
    assert ELSEWHERE.keys() <= kept
    assert {sheet.model for sheet in sheets()} == kept - ELSEWHERE.keys()


@pytest.fixture
def rich(make_plan, make_target, make_project, make_assignment, make_citation, make_relation, make_document, make_unit):
    """A draft plan with one of all that this file is about."""
    plan = make_plan(code="sample-plan")
    document = plan.document
    target = make_target(plan=plan, code="sample-t1", name="示例目标一")
    project = make_project(plan=plan, code="sample-p1", name="示例项目一")
    make_assignment(target=target, project=None, unit=make_unit(code="sample-finance", name="市示例财政局"))
    make_assignment(target=None, project=project, unit=make_unit(code="sample-works", name="市示例住建局"), note="牵头")
    earlier = make_document(code="sample-earlier", title="示例较早的文件", number="示例〔2020〕7号")
    make_citation(document=document, code="sample-c1", title="《示例条例》", cited=earlier)
    make_relation(document=document, code="sample-r1", kind="amends", target=earlier)
    return document


def test_the_round_trip_of_every_kind_changes_nothing(rich, desk):  # noqa: F811
    book = book_of(rich)
    of_plans = {sheet.title for sheet in sheets() if not sheet.is_register and exporting.belongs(sheet, rich)}
    filled = {page.title for page in book if page.title in of_plans and rows_of(page)}
    assert filled == of_plans
    before = everything()
    _page, job = upload(desk, exporting.workbook(rich), rich)
    total = sum(len(rows_of(page)) for page in book if page.title != "说明")
    assert (job.state, job.errors, job.rows) == (ImportState.READY, [], [])
    assert job.counts == {"new": 0, "changed": 0, "same": total, "deleted": 0, "refused": 0}
    confirm(desk, job)
    assert (job.state, everything() == before) == (ImportState.DONE, True)


def test_the_registers_hold_every_alias(desk):  # noqa: F811
    told_of = {(row["所属单位代码"], row["别名"]) for row in rows_of(book_of(None)["单位别名"])}
    assert told_of == set(UnitAlias.objects.values_list("unit__code", "name"))
    assert len(told_of) > 10


def test_what_the_new_sheets_hold(rich):
    book = book_of(rich)
    assert rows_of(book["指定责任单位"]) == [
        {
            "所属目标代码": "sample-t1",
            "目标（仅供查看）": "示例目标一",
            "所属项目与任务代码": None,
            "项目与任务（仅供查看）": None,
            "单位代码": "sample-finance",
            "单位（仅供查看）": "市示例财政局",
            "说明": None,
            "删除": None,
        },
        {
            "所属目标代码": None,
            "目标（仅供查看）": None,
            "所属项目与任务代码": "sample-p1",
            "项目与任务（仅供查看）": "示例项目一",
            "单位代码": "sample-works",
            "单位（仅供查看）": "市示例住建局",
            "说明": "牵头",
            "删除": None,
        },
    ]
    (relation,) = rows_of(book["文件关系"])
    assert (relation["代码"], relation["关系"], relation["较早的文件代码"]) == ("sample-r1", "修改", "sample-earlier")
    (head,) = rows_of(book["文件"])
    assert (head["代码"], head["类型（仅供查看）"], head["成文日期依据"]) == (rich.code, "年度计划", "依文号旁的日期")
    assert [cell.value for cell in book["文件"][1]] == [
        *("代码", "发文字号", "标题", "类型（仅供查看）", "发文机关代码", "发文机关（仅供查看）"),
        *(
            "成文日期",
            "成文日期依据",
            "发布日期",
            "发布日期依据",
            "施行日期",
            "施行日期依据",
            "失效日期",
            "失效日期依据",
        ),
        *("主送", "批准机关代码", "批准机关（仅供查看）", "依据", "公开属性", "索引号", "主题分类", "公报期号", "说明"),
        "删除",
    ]


# Aliases


def test_aliases_of_a_unit_that_is_not_public_are_added_and_deleted(desk, clerk, make_unit, make_alias):  # noqa: F811
    unit = make_unit(code="sample-finance", name="市示例财政局")
    make_alias(unit=unit, name="示例旧别名")
    book = book_of(None)
    put(book["单位别名"], line_of(book["单位别名"], 别名="示例旧别名"), 删除="是")
    row = add(book["单位别名"], 所属单位代码="示例财政局", 别名=" 示例新别名 ")
    add(book["单位"], 代码="sample-new", 名称="示例新单位", 类别="政府部门")
    add(book["单位别名"], 所属单位代码="示例新单位", 别名="示例新单位别名")
    _page, job = upload(desk, book)
    assert (job.state, told(job)) == (ImportState.READY, [])
    shown = [(found["verdict"], found["row"], found["code"]) for found in job.rows if found["sheet"] == "单位别名"]
    assert ("new", row, "sample-finance · 示例新别名") in shown
    assert [verdict for verdict, _row, _code in shown] == ["deleted", "new", "new"]
    confirm(desk, job)
    assert [alias.name for alias in unit.aliases.all()] == ["示例新别名"]
    assert [alias.name for alias in Unit.objects.get(code="sample-new").aliases.all()] == ["示例新单位别名"]
    version = UnitAlias.history.filter(name="示例旧别名", history_type="-").get()
    assert (version.history_user, version.history_change_reason) == (clerk, "表格导入：表格.xlsx")


def test_aliases_go_with_the_table_of_a_document(desk, make_unit, make_alias):  # noqa: F811
    unit = make_unit(code="sample-finance", name="市示例财政局")
    make_alias(unit=unit, name="示例旧别名")
    document = Document.objects.get(code=PLAN)
    book = book_of(None)
    for title in ("单位", "人员", "职务", "说明"):
        del book[title]
    page = book["单位别名"]
    put(page, line_of(page, 别名="示例旧别名"), 删除="是")
    add(page, 所属单位代码="sample-finance", 别名="示例新别名")
    _page, job = upload(desk, book, document, reason="示例")
    confirm(desk, job)
    assert (job.state, job.errors, job.counts["same"]) == (ImportState.DONE, [], UnitAlias.objects.count() - 1)
    assert [alias.name for alias in unit.aliases.all()] == ["示例新别名"]


def test_aliases_of_a_public_unit_stay_as_they_are(desk):  # noqa: F811
    unit = Unit.objects.public().get(aliases__name="财政局")
    book = book_of(None)
    page = book["单位别名"]
    gone = line_of(page, 别名="财政局")
    put(page, gone, 删除="是")
    new = add(page, 所属单位代码=unit.code, 别名="示例别名")
    before = everything()
    _page, job = upload(desk, book)
    sentence = f"“{unit}”已被公开的文件提及，它的单位别名不能用表格增删。"
    assert told(job) == [("单位别名", gone, "整行", sentence), ("单位别名", new, "整行", sentence)]
    assert everything() == before


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"所属单位代码": None}, "所属单位代码", "请写单位的代码。"),
        ({"所属单位代码": "没有"}, "所属单位代码", "没有代码或名称为“没有”的单位。"),
        ({"别名": None}, "别名", "该字段是必填项。"),
        ({"别名": "示" * 121}, "别名", "确保该变量包含不超过 120 字符 (目前字符数 121)。"),
        ({"别名": "财政局"}, "别名", "“财政局”已是“市财政局”（finance-bureau）的单位别名，不能重复。"),
        ({"删除": "是"}, "删除", "没有这条记录，不能删除。"),
        ({"删除": "大概"}, "删除", "“大概”应写“是”或“否”。"),
    ],
)
def test_an_alias_is_refused_by_row_and_column(cells, column, sentence, desk, make_unit):  # noqa: F811
    make_unit(code="sample-finance", name="市示例财政局")
    book = book_of(None)
    row = add(book["单位别名"], **{"所属单位代码": "sample-finance", "别名": "示例别名"} | cells)
    _page, job = upload(desk, book)
    assert told(job) == [("单位别名", row, column, sentence)]


def test_a_row_without_a_code_stands_once(desk, make_unit):  # noqa: F811
    make_unit(code="sample-finance", name="市示例财政局")
    book = book_of(None)
    first = add(book["单位别名"], 所属单位代码="sample-finance", 别名="示例别名")
    second = add(book["单位别名"], 所属单位代码="示例财政局", 别名="示例别名")
    _page, job = upload(desk, book)
    assert told(job) == [("单位别名", second, "整行", f"与第{first}行写的是同一条，请只留一行。")]


# Assignments


def test_assignments_of_a_draft_are_added_changed_and_deleted(desk, clerk, rich, make_unit, make_alias):  # noqa: F811
    parks = make_unit(code="sample-parks", name="市示例园林局")
    make_alias(unit=parks, name="示例园林中心")
    book = book_of(rich)
    page = book["指定责任单位"]
    put(page, line_of(page, 所属目标代码="sample-t1"), 删除="是")
    put(page, line_of(page, 所属项目与任务代码="sample-p1"), 说明="示例：牵头")
    add(page, 所属目标代码="sample-t1", 单位代码="示例园林中心")
    add(page, 所属项目与任务代码="sample-p1", 单位代码="示例园林局", 说明="配合")
    _page, job = upload(desk, book, rich)
    assert (job.state, told(job)) == (ImportState.READY, [])
    assert [(row["verdict"], row["code"]) for row in job.rows] == [
        ("deleted", "sample-t1 · 市示例财政局"),
        ("changed", "sample-p1 · 市示例住建局"),
        ("new", "sample-t1 · 市示例园林局"),
        ("new", "sample-p1 · 市示例园林局"),
    ]
    confirm(desk, job)
    assert job.state == ImportState.DONE
    rows = Assignment.objects.filter(pk__in=exporting.records_of(_sheet(Assignment), rich).values("pk")).order_by("pk")
    assert [(str(row), row.note) for row in rows] == [
        ("示例项目一 → 市示例住建局", "示例：牵头"),
        ("示例目标一 → 市示例园林局", ""),
        ("示例项目一 → 市示例园林局", "配合"),
    ]
    assert rows[2].history.get().history_user == clerk


def _sheet(model):
    return next(sheet for sheet in sheets() if sheet.model is model)


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"所属目标代码": None}, "所属目标代码", "请写目标或项目与任务的代码。"),
        ({"所属项目与任务代码": "sample-p1"}, "所属目标代码", "目标或项目与任务只能写其中一个。"),
        ({"所属目标代码": "没有"}, "所属目标代码", "没有代码为“没有”的目标。"),
        ({"所属目标代码": "sample-other"}, "所属目标代码", "“sample-other”不属于文件“{}”。"),
        ({"单位代码": None}, "单位代码", "该字段是必填项。"),
        ({"单位代码": "没有的局"}, "单位代码", "没有代码或名称为“没有的局”的单位。"),
        ({"说明": "示" * 241}, "说明", "确保该变量包含不超过 240 字符 (目前字符数 241)。"),
        ({"删除": "是"}, "删除", "没有这条记录，不能删除。"),
    ],
)
def test_an_assignment_is_refused_by_row_and_column(
    cells,
    column,
    sentence,
    desk,  # noqa: F811
    rich,
    make_unit,
    make_plan,
    make_target,
):
    make_unit(code="sample-parks", name="市示例园林局")
    make_target(code="sample-other", plan=make_plan(code="sample-other-plan"))
    book = book_of(rich)
    row = add(book["指定责任单位"], **{"所属目标代码": "sample-t1", "单位代码": "sample-parks"} | cells)
    _page, job = upload(desk, book, rich)
    assert told(job) == [("指定责任单位", row, column, sentence.format(rich.title))]


def test_a_target_of_a_published_plan_is_assigned_by_a_correction(desk, clerk):  # noqa: F811
    document = Document.objects.get(code=PLAN)
    target = Target.objects.filter(document=document).order_by("code").first()
    book = book_of(document)
    for words in ("财政局", "乡村振兴局"):
        add(book["指定责任单位"], 所属目标代码=target.code, 单位代码=words)
    before = everything()
    _page, job = upload(desk, book, document, reason="示例：指定责任单位")
    assert (job.state, told(job), job.counts["new"]) == (ImportState.READY, [], 2)
    confirm(desk, job)
    assert (job.state, job.errors) == (ImportState.DONE, [])
    assert everything() | {Correction: []} == before
    correction = Correction.objects.get()
    assert (correction.kind, correction.code) == ("target", target.code)
    assert [change["new"] for change in correction.changes] == ["单位：市财政局", "单位：市乡村振兴局"]
    corrections.accept(correction, by=User.objects.create(username="reviewer", is_staff=True))
    assert {row.unit.name for row in target.assignments.all()} == {"市财政局", "市乡村振兴局"}
    # And taken away again, the target staying.
    book = book_of(document)
    put(book["指定责任单位"], 2, 删除="是")
    _page, job = upload(desk, book, document, reason="示例：撤去")
    confirm(desk, job)
    assert (job.state, job.errors) == (ImportState.DONE, [])
    corrections.accept(Correction.objects.get(state="proposed"), by=User.objects.get(username="reviewer"))
    assert target.assignments.count() == 1


# Citations and relations


@pytest.mark.parametrize(
    "words",
    ["sample-earlier", "示例〔2020〕7号", "示例[2020]7号", "示例（2020）7号", "示例较早的文件", "《示例较早的文件》"],
)
def test_another_document_is_named_by_code_number_or_title(words, desk, rich):  # noqa: F811
    book = book_of(rich)
    put(book["引用文件"], 2, 本站收录的文件代码=words)
    quote = {"段号": book["文件关系"]["F2"].value or 1, "原文摘录": "*"}
    add(book["文件关系"], 代码="sample-r2", 关系="废止", 较早的文件代码=words, **quote, 起始日期="2023.1.18")
    _page, job = upload(desk, book, rich)
    assert told(job) == []
    assert job.counts["changed"] == 0
    confirm(desk, job)
    relation = Relation.objects.get(code="sample-r2")
    assert (relation.target.code, relation.kind, str(relation.takes_effect_on)) == (
        *("sample-earlier", "repeals", "2023-01-18"),
    )


@pytest.mark.parametrize(
    ("sheet", "cells", "column", "sentence"),
    [
        ("文件关系", {"较早的文件代码": "没有"}, "较早的文件代码", "没有代码、发文字号或标题为“没有”的文件。"),
        ("文件关系", {"较早的文件代码": None}, "较早的文件代码", "该字段是必填项。"),
        (
            "文件关系",
            {"较早的文件代码": "示例同题"},
            "较早的文件代码",
            "有2个文件名为“示例同题”，请写代码：sample-one、sample-two。",
        ),
        ("文件关系", {"关系": "提到"}, "关系", "“提到”不在可选的词中；可写：修改、废止、替代、解释。"),
        ("文件关系", {"关系": None}, "关系", "该字段是必填项。"),
        ("文件关系", {"起始日期": "即日"}, "起始日期", "“即日”不是日期；请写 2023-06-30 或 2023年6月30日。"),
        ("文件关系", {"段号": 99}, "段号", "本文件没有第99段；请看原文栏中的段号。"),
        ("引用文件", {"引用文件": None}, "引用文件", "该字段是必填项。"),
        (
            "引用文件",
            {"本站收录的文件代码": "没有"},
            "本站收录的文件代码",
            "没有代码、发文字号或标题为“没有”的文件。",
        ),
    ],
)
def test_a_relation_or_citation_is_refused_by_row_and_column(
    sheet,
    cells,
    column,
    sentence,
    desk,  # noqa: F811
    rich,
    make_document,
):
    for code in ("sample-one", "sample-two"):
        make_document(code=code, title="示例同题")
    book = book_of(rich)
    put(book[sheet], 2, **cells)
    _page, job = upload(desk, book, rich)
    assert (sheet, 2, column, sentence) in told(job)


def test_a_document_does_not_change_itself_and_nothing_twice(desk, rich):  # noqa: F811
    book = book_of(rich)
    place = {"段号": 1, "原文摘录": "*"}
    one = add(book["文件关系"], 代码="sample-r2", 关系="废止", 较早的文件代码=rich.code, **place)
    two = add(book["文件关系"], 代码="sample-r3", 关系="修改", 较早的文件代码="sample-earlier", **place)
    _page, job = upload(desk, book, rich)
    itself = "文件不能修改、废止、替代或解释它自己，请改选较早的文件。"
    twice = "本文件与这份较早的文件的这种关系已经登记过，不能重复。"
    assert told(job) == [("文件关系", one, "较早的文件代码", itself), ("文件关系", two, "较早的文件代码", twice)]


def test_what_a_published_document_cites_is_corrected_with_it(desk):  # noqa: F811
    document = Document.objects.get(code=PLAN)
    first, second, third, _fourth = Citation.objects.filter(document=document).order_by("code")
    book = book_of(document)
    put(book["文件"], 2, 索引号="示例索引号")
    put(book["引用文件"], line_of(book["引用文件"], 代码=first.code), 本站收录的文件代码="wzrz-2023-1")
    put(book["引用文件"], line_of(book["引用文件"], 代码=second.code), 本站收录的文件代码="whzbf-2023-2")
    put(book["引用文件"], line_of(book["引用文件"], 代码=third.code), 删除="是")
    before = everything()
    _page, job = upload(desk, book, document, reason="示例：补录")
    assert (job.state, told(job)) == (ImportState.READY, [])
    confirm(desk, job)
    assert (job.state, job.errors) == (ImportState.DONE, [])
    assert everything() | {Correction: []} == before
    # One correction, or the first one accepted would overtake the others.
    correction = Correction.objects.get()
    assert (correction.kind, correction.code) == ("document", PLAN)
    assert [change["label"] for change in correction.changes] == [
        "索引号",
        f"引用文件 {first.code} · 本站收录的文件",
        f"引用文件 {second.code} · 本站收录的文件",
        f"引用文件 {third.code}",
        f"引用文件 {third.code} · “引用文件”依据的文字",
    ]
    corrections.accept(correction, by=User.objects.create(username="reviewer", is_staff=True))
    document.refresh_from_db()
    assert (document.index_number, document.citations.count()) == ("示例索引号", 3)


def test_a_citation_and_a_relation_that_were_left_out_are_added_with_their_document(desk):  # noqa: F811
    document = Document.objects.get(code=PLAN)
    known = Citation.objects.get(code=f"{PLAN}-cite1")
    book = book_of(document)
    where = {"段号": known.passage.position, "原文摘录": known.quote}
    add(book["引用文件"], 代码="sample-c1", 引用文件=known.title, **where)
    _page, job = upload(desk, book, document, reason="示例：漏录")
    assert (job.state, told(job)) == (ImportState.READY, [])
    confirm(desk, job)
    correction = Correction.objects.get()
    assert (correction.kind, correction.code) == ("document", PLAN)
    corrections.accept(correction, by=User.objects.create(username="reviewer", is_staff=True))
    assert document.citations.get(code="sample-c1").title == known.title
    # A relation is proven by its word, which this passage has not.
    book = book_of(document)
    row = add(book["文件关系"], 代码="sample-r1", 关系="修改", 较早的文件代码="wzrz-2023-1", **where)
    _page, job = upload(desk, book, document, reason="示例")
    confirm(desk, job)
    assert job.errors == [
        f"表“文件关系”第{row}行（文件“{PLAN}”）不能更正，没有导入任何一行：文件关系“sample-r1”的关系“修改”："
        "摘录中没有能证明它的文字，请在“依据的文字”中写明：sample-r1｜关系｜原文中的字。"
    ]


# The head


def test_the_head_of_a_draft_is_changed_with_history(desk, clerk, rich, make_unit):  # noqa: F811
    make_unit(code="sample-office", name="市示例办公室")
    book = book_of(rich)
    put(
        book["文件"],
        2,
        标题="示例新标题",
        批准机关代码="示例办公室",
        发布日期="２０２３年１月２０日",
        发布日期依据="文中载明",
    )
    put(book["文件"], 2, **{"类型（仅供查看）": "人事任免"})
    _page, job = upload(desk, book, rich)
    assert (job.state, told(job)) == (ImportState.READY, [])
    (row,) = job.rows
    assert [(change["label"], change["old"], change["new"]) for change in row["changes"]] == [
        ("标题", rich.title, "示例新标题"),
        ("发布日期", None, "2023-01-20"),
        ("发布日期依据", "文中未载明", "文中载明"),
        ("批准机关", None, "市示例办公室（sample-office）"),
    ]
    confirm(desk, job)
    assert job.state == ImportState.DONE
    rich.refresh_from_db()
    assert (rich.title, rich.kind, str(rich.released_on)) == ("示例新标题", "plan", "2023-01-20")
    version = rich.history.first()
    assert (version.title, version.history_user) == ("示例新标题", clerk)


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        (
            {"代码": "sample-earlier"},
            "代码",
            "这一行应是所选的文件，代码为“{}”，不能写“sample-earlier”；请改选文件，或改回代码。",
        ),
        ({"代码": None}, "代码", "这一行应是所选的文件，代码为“{}”，不能写“”；请改选文件，或改回代码。"),
        ({"删除": "是"}, "删除", "文件不能用表格删除。"),
        ({"标题": None}, "标题", "该字段是必填项。"),
        ({"发文机关代码": None}, "发文机关代码", "该字段是必填项。"),
        ({"发文机关代码": "没有"}, "发文机关代码", "没有代码或名称为“没有”的单位。"),
        ({"批准机关代码": "没有"}, "批准机关代码", "没有代码或名称为“没有”的单位。"),
        ({"发文字号": "示" * 81}, "发文字号", "确保该变量包含不超过 80 字符 (目前字符数 81)。"),
        ({"成文日期依据": "文中未载明"}, "成文日期依据", "填写了成文日期，请同时选择它的依据。"),
        ({"成文日期依据": "猜测"}, "成文日期依据", "“猜测”不在可选的词中；可写：{bases}。"),
        ({"施行日期": "次日"}, "施行日期", "“次日”不是日期；请写 2023-06-30 或 2023年6月30日。"),
        ({"失效日期": 44944}, "失效日期", "“44944”是数字，不是日期；请写 2023-06-30，或把单元格设为“日期”格式。"),
        (
            {
                "施行日期": "2023-06-30",
                "施行日期依据": "文中载明",
                "失效日期": "2023-01-01",
                "失效日期依据": "文中载明",
            },
            "失效日期",
            "失效日期不能早于施行日期。",
        ),
    ],
)
def test_the_head_is_refused_by_row_and_column(cells, column, sentence, desk, rich):  # noqa: F811
    bases = "文中载明、依文号旁的日期、自印发之日起，依文首日期、仅据文号知年份、文中未载明"
    book = book_of(rich)
    put(book["文件"], 2, **cells)
    before = everything()
    _page, job = upload(desk, book, rich)
    assert told(job) == [("文件", 2, column, sentence.format(rich.code, bases=bases))]
    assert everything() == before


def test_there_is_one_row_of_a_head(desk, rich):  # noqa: F811
    book = book_of(rich)
    for code in ("sample-earlier", rich.code):
        add(book["文件"], 代码=code, 标题="示例", 发文机关代码="sample-finance")
    _page, job = upload(desk, book, rich)
    sentence = f"表“文件”只有一行，就是所选的文件（{rich.code}）；请删去多余的行。"
    assert told(job) == [("文件", 3, "整行", sentence), ("文件", 4, "整行", sentence)]


def test_a_head_that_changed_after_the_preview_is_not_overwritten(desk, rich):  # noqa: F811
    book = book_of(rich)
    put(book["文件"], 2, 说明="示例：表格")
    _page, job = upload(desk, book, rich)
    rich.review_round += 1
    rich.save()
    confirm(desk, job)
    assert job.errors == ["预览之后，文件或登记的内容已有变化，没有导入任何一行；请重新上传，再看预览。"]
    assert Document.objects.get(pk=rich.pk).note == ""
