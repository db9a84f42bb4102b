"""Two people and one record: the second save is refused with both versions, and nothing that was typed is lost."""

import pytest
from django.urls import reverse

from gazette.admin_base import admin_url
from gazette.models import Citation, Document, Passage, Tie, Unit, UnitAlias, User
from measures.models import Budget, Measure, MeasurePackage
from personnel.models import Appointment, Person, Post
from plans.models import Assignment, KeyProject, Plan, Target

from .test_admin import CLAUSE, draft, errors_of, form_data, make_row, package  # noqa: F401 - fixtures

REFUSED = (
    "您打开本页以后，已有人保存了较新的内容，本次没有保存；您填写的内容都还在下面。请对照后再保存，或者采用库中的值。"
)
UNSEEN = "表单没有带上打开时的版本，无法判断其间有没有人改过，本次没有保存；请对照现在库中的内容后再保存。"


class Clerk:
    """A member of staff at a browser of his or her own."""

    def __init__(self, client, name):
        self.user = User.objects.create(username=name, is_staff=True, is_superuser=True)
        self.client = client
        client.force_login(self.user)

    def open(self, row):
        """Open the form of a row."""
        self.url = admin_url(type(row), "change", row.pk)
        self.page = self.client.get(self.url)
        return self

    def save(self, **typed):
        """Post the form as it stands, with what was typed; the answer becomes the page."""
        data = form_data(self.page) | typed
        data = {name: value for name, value in data.items() if value is not None}
        answer = self.client.post(self.url, data)
        if answer.status_code == 200:
            self.page = answer
        return answer


@pytest.fixture
def clerks(db, client):
    """Two people at two browsers."""
    return Clerk(client, "甲"), Clerk(type(client)(), "乙")


def refusal(answer):
    """The sentence above the form and the table, without the time of day."""
    assert answer.status_code == 200
    lines = answer.context["conflict"].lines
    table = [
        (line.label, line.opened, line.stored, line.typed, line.by.split("，")[0], line.name, line.take)
        for line in lines
    ]
    return errors_of(answer)["__all__"], table


TYPED = {
    Document: ("note", "说明"),
    Passage: ("label", "序号"),
    Citation: ("title", "引用标题"),
    Plan: ("title", "标题"),
    Target: ("note", "说明"),
    KeyProject: ("note", "说明"),
    Assignment: ("note", "说明"),
    MeasurePackage: ("title", "标题"),
    Measure: ("title", "标题"),
    Budget: ("purpose", "用途"),
    Unit: ("note", "说明"),
    Person: ("note", "说明"),
    Post: ("title", "职务"),
    Appointment: ("unit_as_written", "单位原文写法"),
}


@pytest.mark.parametrize("model", TYPED, ids=lambda model: model.__name__)
def test_the_second_save_is_refused_and_keeps_what_was_typed(model, clerks, make_row):  # noqa: F811
    first, second = clerks
    row = make_row(model)
    name, _ = TYPED[model]
    before = getattr(row, name)
    label = model._meta.get_field(name).verbose_name
    first.open(row)
    second.open(row)
    assert second.save(**{name: "示例乙"}).status_code == 302
    versions = model.history.filter(id=row.pk).count()
    answer = first.save(**{name: "示例甲"})
    said, table = refusal(answer)
    assert said == [REFUSED]
    assert table == [(label, before or "（空）", "示例乙", "示例甲", "乙", name, False)]
    assert form_data(answer)[name] == "示例甲"
    row.refresh_from_db()
    assert getattr(row, name) == "示例乙"
    assert model.history.filter(id=row.pk).count() == versions
    # From now on the newer version counts as seen.
    assert first.save().status_code == 302
    row.refresh_from_db()
    assert getattr(row, name) == "示例甲"


def test_what_i_left_alone_can_be_taken_from_the_store(clerks, make_target):
    first, second = clerks
    target = make_target(value=10)
    first.open(target)
    second.open(target).save(value="12", as_written="12个")
    answer = first.save(note="示例说明")
    said, table = refusal(answer)
    assert table == [
        ("原文表述", "10个", "12个", "10个", "乙", "as_written", True),
        ("目标值", "10", "12", "10", "乙", "value", True),
    ]
    assert 'name="take_stored" value="value" checked' in answer.content.decode()
    assert first.save(take_stored=["as_written", "value"]).status_code == 302
    target.refresh_from_db()
    assert (target.value, target.as_written, target.note) == (12, "12个", "示例说明")


def test_a_third_save_in_between_is_noticed_again(clerks, make_unit):
    first, second = clerks
    unit = make_unit()
    first.open(unit)
    second.open(unit).save(note="示例一")
    assert refusal(first.save(note="示例甲"))[0] == [REFUSED]
    second.open(unit).save(note="示例二")
    _, table = refusal(first.save())
    assert table == [("说明", "示例一", "示例二", "示例甲", "乙", "note", False)]


def test_saving_twice_in_a_row_is_no_conflict_nor_is_what_the_form_does_not_hold(clerks, make_document):
    first, second = clerks
    document = make_document()
    first.open(document)
    assert first.save(note="示例").status_code == 302
    first.open(document)
    document.refresh_from_db()
    document.review_step = 0
    document.save()  # a newer version that says the same
    assert first.save(note="示例二").status_code == 302


def test_choices_records_and_days_are_said_in_words(clerks, make_document, make_unit):
    first, second = clerks
    document, other = make_document(kind="plan"), make_unit(name="示例新机关")
    first.open(document)
    second.open(document).save(kind="policy", issuer=other.pk, written_on="2022-03-05")
    _, table = refusal(first.save(kind="personnel"))
    assert table == [
        ("类型", "年度计划", "政策措施", "人事任免", "乙", "kind", False),
        ("发文机关", str(document.issuer), "示例新机关", str(document.issuer), "乙", "issuer", True),
        ("成文日期", "2022年3月1日", "2022年3月5日", "2022年3月1日", "乙", "written_on", True),
    ]


@pytest.fixture
def measure(package, make_measure, make_budget):  # noqa: F811
    """A measure with three sums."""
    measure = make_measure(package=package, code="sample-m")
    for number in (1, 2, 3):
        make_budget(measure=measure, code=f"sample-m-b{number}", amount=number * 100, passage=measure.passage)
    return measure


def test_rows_that_a_colleague_changed_added_or_deleted_count(clerks, measure):
    first, second = clerks
    first.open(measure)
    second.open(measure)
    added = {"budgets-3-amount": 400, "budgets-3-purpose": "示例新增", "budgets-3-quote": "*"}
    changed = {"budgets-0-amount": 150, "budgets-1-DELETE": "on", "budgets-2-DELETE": "on", "budgets-TOTAL_FORMS": 4}
    answer = second.save(**changed, **added)
    assert answer.status_code == 302
    # 甲 changes the first and the third, which is gone, and leaves the second alone, which is gone too.
    answer = first.save(**{"budgets-0-purpose": "示例改写", "budgets-2-amount": 999})
    said, table = refusal(answer)
    assert said == [REFUSED]
    assert table == [
        ("安排资金 sample-m-b1 · 金额（元）", "100", "150", "100", "乙", "budgets-0-amount", True),
        ("安排资金 sample-m-b2", "有", "已删除", "没有改过，不再保留", "乙", "", False),
        ("安排资金 sample-m-b3", "有", "已删除", "改过，再次保存将重新新增", "乙", "", False),
        ("安排资金 sample-m-b4", "没有", "新增", "不在表单中，再次保存不影响它", "乙", "", False),
    ]
    assert list(measure.budgets.values_list("code", flat=True)) == ["sample-m-b1", "sample-m-b4"]
    answer = first.save(take_stored=["budgets-0-amount"])
    assert answer.status_code == 302, errors_of(answer)
    found = list(measure.budgets.order_by("code").values_list("code", "amount", "purpose"))
    assert found == [
        ("sample-m-b1", 150, "示例改写"),
        ("sample-m-b3", 999, "示例用途"),
        ("sample-m-b4", 400, "示例新增"),
    ]


def test_a_form_without_its_version_is_not_saved(clerks, make_unit):
    first, _ = clerks
    unit, other = make_unit(note="示例"), make_unit()
    first.open(other)
    foreign = form_data(first.page)["opened_version"]
    for version in ("", "x", foreign):
        first.open(unit)
        answer = first.save(note="示例甲", opened_version=version)
        assert refusal(answer) == ([UNSEEN], [])
        unit.refresh_from_db()
        assert unit.note == "示例"
    assert first.save().status_code == 302


def test_aliases_of_a_unit_are_watched(clerks, make_alias):
    first, second = clerks
    alias = make_alias(name="示例旧别名")
    first.open(alias.unit)
    second.open(alias.unit).save(**{"aliases-0-name": "示例新别名"})
    _, table = refusal(first.save(note="示例"))
    assert table == [
        (
            f"单位别名 {UnitAlias.history.filter(id=alias.pk).first().instance} · 别名",
            "示例旧别名",
            "示例新别名",
            "示例旧别名",
            "乙",
            "aliases-0-name",
            True,
        )
    ]


def test_what_changed_since_the_question_was_asked_is_not_deleted(clerks, make_citation):
    first, second = clerks
    citation = make_citation()
    url = admin_url(Citation, "delete", citation.pk)
    page = first.client.get(url)
    second.open(citation).save(title="示例改过")
    answer = first.client.post(url, {"post": "yes", "opened_version": page.context["opened_version"]}, follow=True)
    said = "您打开本页以后，“示例改过”已有变化，没有删除；请核对现在的内容再决定。"
    assert [str(message) for message in answer.context["messages"]] == [said]
    assert f'value="{answer.context["opened_version"].replace(chr(34), "&quot;")}"' in answer.content.decode()
    assert Citation.objects.filter(pk=citation.pk).exists()
    data = {"post": "yes", "opened_version": answer.context["opened_version"]}
    assert first.client.post(url, {"post": "yes"}).url == url
    assert first.client.post(url, data).url == reverse("admin:gazette_citation_changelist")
    assert not Citation.objects.filter(pk=citation.pk).exists()


def test_a_tie_that_was_moved_is_watched(clerks, draft):  # noqa: F811
    first, second = clerks
    passage = draft.passages.get(position=1)
    start = CLAUSE.index("200万")
    tie = Tie.objects.create(document=draft, passage=passage, start=start, end=start + 4, reason="name")
    first.open(tie)
    second.open(tie).save(reason="date")
    _, table = refusal(first.save(reason="threshold"))
    assert [(line[0], line[5]) for line in table] == [("不计为数字的理由", "reason")]
