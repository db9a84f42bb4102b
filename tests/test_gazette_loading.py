"""Loading can be run again, never overwrites what is public, and names file, record and field of what is wrong."""

import copy
import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gazette import registry
from gazette.fixture_files import FIXTURES, CannotLoad
from gazette.loading import load_directory, load_founding_documents
from gazette.models import Change, Document, LedgerHead, Mention, Passage, PublicRecord, Tie, Unit, UnitAlias
from personnel.models import Person, Post
from plans.models import KeyProject, Plan, Target

pytestmark = pytest.mark.django_db

UNITS = [
    {
        "code": "sample-office",
        "name": "示例办公室",
        "kind": "office",
        "aliases": ["示例办"],
        "parent": None,
        "note": "",
    },
    {
        "code": "sample-bureau",
        "name": "示例局",
        "kind": "department",
        "aliases": [],
        "parent": "sample-office",
        "note": "",
    },
]
TITLE = "示例办公室2022年示例计划"
SENTENCE = "建设示例工程2个，力争新增示例岗位10个以上，示例率达到9%，示例率保持。"


def passage(position, kind, text, label="", level=0, parent=None):
    return {"position": position, "kind": kind, "label": label, "level": level, "parent": parent, "text": text}


PASSAGES = [
    passage(1, "title", TITLE),
    passage(2, "heading", "一、示例部分", "一", 1),
    passage(3, "paragraph", SENTENCE, parent=2),
]
NO_DUE = {"due_precision": "none", "due_basis": "none"}
CONTENT = {
    "document": {
        "source": "sample.txt",
        "code": "sample-fixture",
        "title": TITLE,
        "kind": "plan",
        "issuer": "sample-office",
        "ties": {"title": {"text": TITLE, "in": 1}, "issuer": {"text": "示例办公室", "in": 1}},
    },
    "records": {
        "plan": [
            {
                "code": "sample-2022",
                "passage": 1,
                "quote": TITLE,
                "title": TITLE,
                "year": 2022,
                "ties": {"parts_count": {"text": "一", "in": 2}},
            }
        ],
        "project": [
            {
                "code": "sample-project-b",
                "passage": 3,
                "quote": "示例工程",
                "plan": "sample-2022",
                "name": "示例工程",
                "kind": "work",
                "part_of": "sample-project-a",
                **NO_DUE,
            },
            {
                "code": "sample-project-a",
                "passage": 3,
                "quote": "建设示例工程2个",
                "plan": "sample-2022",
                "name": "示例工程",
                "kind": "group",
                "count": 2,
                **NO_DUE,
            },
        ],
        "target": [
            {
                "code": "sample-target",
                "passage": 3,
                "quote": "新增示例岗位10个以上",
                "plan": "sample-2022",
                "name": "示例岗位",
                "value": 10,
                "unit": "个",
                "qualifier": "at_least",
                "direction": "increase",
                "as_written": "10个以上",
                **NO_DUE,
            }
        ],
    },
    "reasons": [{"passage": 3, "text": "9", "reason": "base"}, {"passage": 3, "text": "力争", "reason": "narrative"}],
}


class Files:
    """A directory of fixtures, written anew after each change of its contents."""

    def __init__(self, directory):
        self.directory = directory
        self.units, self.content, self.passages = map(copy.deepcopy, (UNITS, CONTENT, PASSAGES))
        self.records = self.content["records"]

    def write(self):
        for name, value in (("units", self.units), ("sample", self.content), ("sample.passages", self.passages)):
            (self.directory / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")

    def load(self):
        self.write()
        return load_directory(self.directory)

    def refusal(self):
        """The message with which loading refuses, having written nothing."""
        before = table_sizes()
        with pytest.raises(CannotLoad) as refused:
            self.load()
        assert table_sizes() == before
        return str(refused.value)


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def table_sizes():
    """The rows of every table of the portal, histories included."""
    models = [model for label in ("gazette", "plans", "measures", "personnel") for model in models_of(label)]
    return {model._meta.label: model._base_manager.count() for model in models}


def models_of(label):
    return apps.get_app_config(label).get_models(include_auto_created=True)


# The founding documents


def test_loading_again_changes_nothing(capsys):
    before, head = table_sizes(), LedgerHead.objects.get().seq
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call_command("load_documents")
    records = sum(1 for model in record_models() for _ in model.objects.all())
    unchanged = (
        records + Passage.objects.count() + Document.objects.count() + Unit.objects.count() + Tie.objects.count()
    )
    assert capsys.readouterr().out == f"3份文件：新增0条，更改0条，未变{unchanged}条\n"
    assert (table_sizes(), LedgerHead.objects.get().seq) == (before, head)
    writes = [query["sql"] for query in queries if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert writes == []


def record_models():
    """The models of the kinds that fixtures hold in `records`, their children included."""
    skip = {"unit", "document", "passage", "progress-report"}
    return [kind.model for kind in registry.kinds() if kind.name not in skip]


def test_the_founding_documents_are_loaded_into_an_empty_ledger_only():
    assert load_founding_documents() is None


@pytest.mark.parametrize("kind", [kind.name for kind in registry.kinds()] + ["tie", "alias"])
def test_every_row_has_its_history_from_the_first_day(kind):
    model = {"tie": Tie, "alias": UnitAlias}.get(kind) or registry.get(kind).model
    rows = set(model.objects.values_list("pk", flat=True))
    # Publication itself is a change of a document.
    history = sorted(model.history.exclude(history_type="~").values_list("id", "history_type"))
    assert history == sorted((pk, "+") for pk in rows)
    changed = model.history.filter(history_type="~").values_list("id", flat=True)
    assert set(changed) == (rows if kind == "document" else set())
    assert rows or kind in ("progress-report", "relation", "attachment")


def test_a_published_record_that_differs_is_refused_by_name(tmp_path):
    for path in FIXTURES.glob("*.json"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    path = tmp_path / "whzf-2023-2.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    target = content["records"]["target"][0]
    assert (target["code"], target["value"]) == ("2023-gdp-growth", "6")
    target["value"] = "7"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("load_documents", tmp_path)
    assert str(refused.value) == (
        "whzf-2023-2.json 2023-gdp-growth 已公开，不能由装载改写：“目标值”库中为“6.0000”，文件中为“7”。"
        "已公开的记录只能更正。"
    )
    assert Target.objects.get(code="2023-gdp-growth").value == 6


# A draft


def test_a_document_is_loaded_whole(files):
    loaded = files.load()
    assert str(loaded) == "新增26条，更改0条，未变0条"
    (document,) = loaded.documents
    assert (document.code, document.status, document.issuer.code) == ("sample-fixture", "draft", "sample-office")
    assert Unit.objects.get(code="sample-bureau").parent.code == "sample-office"
    assert [(p.position, p.parent and p.parent.position, p.outline, p.part) for p in document.passages.all()] == [
        (1, None, "", 0),
        (2, None, "一", 1),
        (3, 2, "一", 1),
    ]
    # One that refers to a later one waits for it.
    assert KeyProject.objects.get(code="sample-project-b").part_of.code == "sample-project-a"
    target = Target.objects.get(code="sample-target")
    assert (target.start, target.quote) == (11, "新增示例岗位10个以上")
    ties = Tie.objects.filter(code="sample-target").order_by("field")
    assert [(tie.field, tie.rule, target.passage.text[tie.start : tie.end]) for tie in ties] == [
        ("as_written", "verbatim", "10个以上"),
        ("direction", "word", "新增"),
        ("name", "verbatim", "示例岗位"),
        ("qualifier", "word", "以上"),
        ("unit", "verbatim", "个"),
        ("value", "number", "10"),
    ]
    assert [(tie.start, tie.reason) for tie in Tie.objects.filter(document=document).exclude(reason="")] == [
        (SENTENCE.index("力争"), "narrative"),
        (SENTENCE.index("9"), "base"),
    ]


def test_a_loaded_draft_is_not_public(files):
    before = PublicRecord.objects.count(), Change.objects.count(), Mention.objects.count()
    files.load()
    assert (PublicRecord.objects.count(), Change.objects.count(), Mention.objects.count()) == before
    assert not Unit.objects.public().filter(code__startswith="sample-").exists()


def test_a_changed_draft_is_brought_in_step_with_history(files):
    files.load()
    files.records["target"][0] |= {"note": "示例说明"}
    files.content["reasons"].pop()
    files.units[1]["name"] = "示例新局"
    assert str(files.load()) == "新增0条，更改2条，未变23条"
    target = Target.objects.get(code="sample-target")
    assert target.note == "示例说明"
    assert list(target.history.values_list("history_type", "note")) == [("~", "示例说明"), ("+", "")]
    assert Unit.objects.get(code="sample-bureau").name == "示例新局"
    tie = Tie.history.filter(document__code="sample-fixture", reason="narrative")
    assert list(tie.values_list("history_type", flat=True)) == ["-", "+"]


def test_a_published_document_refuses_other_ties(files, publish):
    (document,) = files.load().documents
    publish(document)
    files.content["reasons"][0]["reason"] = "threshold"
    assert files.refusal() == (
        "sample.json 的对应与已公开的不同，首处在段落 第3段 建设示例工程2个，力争新增示例岗位10个以上，示，threshold。"
    )


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "示例新局", "“名称”库中为“示例局”，文件中为“示例新局”"),
        ("kind", "other", "“类别”库中为“department”，文件中为“other”"),
        ("note", "新说明", "“说明”库中为“”，文件中为“新说明”"),
    ],
)
def test_a_public_unit_refuses_to_be_changed(files, publish, make_assignment, field, value, message):
    (document,) = files.load().documents
    make_assignment(target=Target.objects.get(code="sample-target"), unit=Unit.objects.get(code="sample-bureau"))
    publish(document)
    files.units[1][field] = value
    assert files.refusal() == f"units.json sample-bureau 已公开，不能由装载改写：{message}。已公开的记录只能更正。"


def test_a_public_person_and_post_refuse_to_be_changed(files):
    files.records["person"] = [{"code": "li-kai", "name": "李楷"}]
    assert files.refusal() == (
        "sample.json li-kai 已公开，不能由装载改写：“姓名”库中为“李锴”，文件中为“李楷”。已公开的记录只能更正。"
    )
    files.records["person"] = []
    files.records["post"] = [{"code": "first-middle-school-principal", "title": "市第一中学校长", "seats": 2}]
    assert files.refusal() == (
        "sample.json first-middle-school-principal 已公开，不能由装载改写：“单位”库中为“市第一中学”，文件中为“”。"
        "已公开的记录只能更正。"
    )
    assert Person.objects.get(code="li-kai").name == "李锴"
    assert Post.objects.get(code="first-middle-school-principal").seats == 1


def test_a_code_of_another_document_is_never_taken_over(files):
    files.records["target"][0]["code"] = "2023-gdp-growth"
    assert files.refusal() == (
        "sample.json 2023-gdp-growth 的代码已用于文件 whzf-2023-2 的记录；代码不能重用，请另取一个。"
    )
    assert Target.objects.get(code="2023-gdp-growth").name == "地区生产总值"


# Each error, with its sentence


def change(path, value=None):
    """A change of the contents at a path of keys; None deletes."""

    def apply(files):
        place = {"units": files.units, "passages": files.passages, **files.content, **files.records}
        for key in path[:-1]:
            place = place[key]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value

    return apply


TARGET, PROJECT, PLAN = ("target", 0), ("project", 1), ("plan", 0)
WHERE = "sample.json sample-target"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (
            change(("units", 1, "parent"), "sample-nobody"),
            "units.json 中 sample-bureau 的上级单位 sample-nobody 不在它之前。",
        ),
        (change(("units", 1, "nmae"), "示例"), "units.json sample-bureau 有未知的字段 nmae。"),
        (change(("units", 1, "code")), "units.json 中有一条单位没有 code。"),
        (
            change(("units", 1, "code"), "Sample"),
            "units.json Sample：code：代码只能用小写字母、数字和连字符，例如 2023-gdp-growth。",
        ),
        (change(("units", 1, "kind"), "agency"), "units.json sample-bureau：kind：值 'agency' 不是有效选项。"),
        (change(("units", 1, "name"), "示例办公室"), "units.json sample-bureau：name：具有 名称 的 单位 已存在。"),
        (
            change(("units", 1, "aliases"), ["示例办"]),
            "units.json sample-bureau 的别名 示例办：name：具有 别名 的 单位别名 已存在。",
        ),
        (
            change(("document", "issuer"), "sample-nobody"),
            "sample.json sample-fixture 引用的单位 sample-nobody 不存在。",
        ),
        (change(("document", "issuer")), "sample.json sample-fixture：发文机关没有填写。"),
        (change(("document", "tilte"), "示例"), "sample.json sample-fixture 有未知的字段 tilte。"),
        (change(("document", "code")), "sample.json 中有一条文件没有 code。"),
        (
            change(("document", "written_on"), "2022-13-01"),
            "sample.json sample-fixture：成文日期：“2022-13-01”的值有正确的格式（YYYY-MM-DD）但它是一个错误的日期",
        ),
        (
            change(("document", "written_on"), "2022-12-01"),
            "sample.json sample-fixture：填写了成文日期，请同时选择它的依据。",
        ),
        (
            change(("document", "ties", "issuer"), {"text": "示例局", "in": 1}),
            "sample.json sample-fixture：“示例局”不在该段原文中",
        ),
        (
            change(("document", "ties", "issuer")),
            "sample.json sample-fixture：字段 issuer 的值“示例办公室”：摘录中没有能证明它的文字，请在 ties 中写明",
        ),
        (change(("passages", 2, "kind"), "verse"), "sample.json sample-fixture-p3：kind：值 'verse' 不是有效选项。"),
        (change(("records", "tagret"), []), "sample.json 有未知的记录类别：tagret。"),
        (change((*TARGET, "code")), "sample.json 中有一条目标没有 code。"),
        (change((*TARGET, "vlaue"), 10), f"{WHERE} 有未知的字段 vlaue。"),
        (change((*TARGET, "quote")), f"{WHERE}：原文摘录没有填写。"),
        (change((*TARGET, "plan"), "2021"), f"{WHERE} 引用的年度计划 2021 不存在。"),
        (change((*TARGET, "plan")), f"{WHERE}：年度计划没有填写。"),
        (change((*TARGET, "part_of"), "sample-nothing"), f"{WHERE} 引用的项目与任务 sample-nothing 不存在。"),
        (
            change((*PROJECT, "part_of"), "sample-project-b"),
            "sample.json 中 sample-project-b 等记录互相引用，无法确定先后。",
        ),
        (change((*TARGET, "passage"), 9), f"{WHERE}：没有第9段。"),
        (change((*TARGET, "quote"), "新增示例岗位11个以上"), f"{WHERE}：“新增示例岗位11个以上”不在该段原文中"),
        (change((*TARGET, "quote"), "示例率"), f"{WHERE}：“示例率”在该段原文中出现2次，请用 nth 指明是第几处"),
        (change((*TARGET, "nth"), 2), f"{WHERE}：“新增示例岗位10个以上”在该段原文中只出现1次，没有第2处"),
        (change((*TARGET, "value"), 11), f"{WHERE}：字段 value 的值“11”：摘录中没有能证明它的文字，请在 ties 中写明"),
        (change((*TARGET, "value"), "十"), f"{WHERE}：目标值：“十”的值应该是一个十进制数字。"),
        (change((*TARGET, "qualifier"), "most"), f"{WHERE}：qualifier：值 'most' 不是有效选项。"),
        (change((*TARGET, "due"), "2022年"), f"{WHERE}：due：完成时限写作 2025 或 2023-06-30。"),
        (change((*TARGET, "due"), "2022"), f"{WHERE}：完成时限、精度与依据要么都填写，要么都选“文中未载明”。"),
        (change((*TARGET, "value_max"), 9), f"{WHERE}：目标值上限必须大于目标值。"),
        (change((*PROJECT, "investment"), -1), "sample.json sample-project-a：总投资必须大于零，以元为单位填写整数。"),
        (change((*TARGET, "ties"), {"vlaue": "10"}), f"{WHERE}：字段 vlaue 没有对应规则，不能写在 ties 中"),
        (change((*TARGET, "ties"), {"value": {"text": "10", "in": 9}}), f"{WHERE}：没有第9段"),
        (
            change((*TARGET, "ties"), {"value": {"text": "10", "rule": "guess"}}),
            "sample.json 的对应 sample-target：值 'guess' 不是有效选项。",
        ),
        (change(("reasons", 0, "text"), "8"), "sample.json 理由“8”：“8”不在该段原文中"),
        (
            change(("reasons", 0, "text"), "示例率"),
            "sample.json 理由“示例率”：“示例率”在该段原文中出现2次，请用 nth 指明是第几处",
        ),
        (change(("reasons", 0, "passage"), 9), "sample.json 理由“9”：没有第9段。"),
        (change(("reasons", 0, "reason"), "guess"), "sample.json 的对应 guess：值 'guess' 不是有效选项。"),
    ],
)
def test_what_is_wrong_is_named(files, broken, message):
    broken(files)
    assert files.refusal() == message


def test_a_second_plan_of_a_document_breaks_its_constraint(files):
    files.records["plan"].append(files.records["plan"][0] | {"code": "sample-2022-b"})
    assert files.refusal() == "sample.json sample-2022-b：一份文件只对应一个年度计划。"


def test_a_record_that_the_file_no_longer_has_is_a_persons_decision(files):
    files.load()
    del files.records["target"][0]
    assert files.refusal() == "sample.json 缺少库中已有的目标 sample-target；请先在后台删除它，或补回文件。"


def test_a_position_once_given_is_not_taken_back(files):
    files.passages.append(passage(4, "paragraph", "示例结尾。", parent=2))
    files.load()
    files.passages.pop()
    assert files.refusal() == "sample.json 缺少库中已有的第4段；段号一经编定不能收回。"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("units.json", "缺少文件 units.json。"),
        ("sample.passages.json", "缺少文件 sample.passages.json。"),
    ],
)
def test_a_missing_file_is_named(files, name, message):
    files.write()
    (files.directory / name).unlink()
    with pytest.raises(CommandError) as refused:
        call_command("load_documents", files.directory)
    assert str(refused.value) == message


def test_broken_json_is_named_with_its_line(files):
    files.write()
    (files.directory / "sample.json").write_text('{\n  "document": {},\n  "records": {\n', encoding="utf-8")
    with pytest.raises(CannotLoad) as refused:
        load_directory(files.directory)
    assert str(refused.value) == (
        "sample.json 第4行不是正确的 JSON：Expecting property name enclosed in double quotes。"
    )
    assert not Unit.objects.filter(code="sample-office").exists()


# The first load


def empty_the_ledger():
    """As before the first publication; the founding documents stay as drafts would, unpublished lines and all."""
    Change.objects.all().delete()


def test_a_first_load_publishes_with_its_origin(files):
    files.content["reasons"].append({"passage": 3, "text": "示例率", "nth": 2, "reason": "narrative"})
    files.write()
    before = LedgerHead.objects.get().seq
    empty_the_ledger()
    assert load_founding_documents(files.directory) == "已装载并发布1份文件（新增27条，更改0条，未变0条）"
    assert Document.objects.get(code="sample-fixture").status == "published"
    lines = Change.objects.order_by("seq")
    assert [line.seq for line in lines] == list(range(before + 1, before + 1 + len(lines)))
    assert {line.origin for line in lines} == {"founding"}
    assert load_founding_documents(files.directory) is None


def test_a_first_load_that_does_not_verify_leaves_nothing(files):
    files.content["reasons"] = files.content["reasons"][1:]
    files.write()
    empty_the_ledger()
    with pytest.raises(CannotLoad) as refused:
        load_founding_documents(files.directory)
    assert str(refused.value) == (
        f"sample-fixture 未通过核对：sample-fixture 第3段第{SENTENCE.index('9')}字“9”："
        "数字没有对应的记录，也没有说明理由"
    )
    assert not Document.objects.filter(code="sample-fixture").exists()
    assert not Plan.objects.filter(code="sample-2022").exists()
    assert not Change.objects.exists()
