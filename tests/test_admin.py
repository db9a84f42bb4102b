"""The desk: every page opens, reads in a fixed number of queries, says what is wrong beside the field, and keeps what
is public closed."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gazette.admin_base import LedgerAdmin, admin_url
from gazette.admin_forms import arrange
from gazette.forms import place_quote
from gazette.models import (
    Attachment,
    Change,
    Citation,
    Correction,
    Deputy,
    Document,
    Doubt,
    LedgerHead,
    Mention,
    Merger,
    OldPassword,
    Passage,
    PublicRecord,
    Relation,
    ReviewEntry,
    SearchEntry,
    SecurityEvent,
    SheetImport,
    Tie,
    Unit,
    UnitAlias,
    UnitName,
    User,
    WatchedWord,
)
from measures.models import (
    Audience,
    Benefit,
    Budget,
    Condition,
    Deadline,
    GeneralRule,
    Measure,
    MeasurePackage,
    Responsibility,
    ValidityWindow,
)
from personnel.models import Appointment, Person, Post
from plans.models import Assignment, KeyProject, Plan, ProgressReport, Target

# Model → the maker of its samples.
MAKERS = {
    Document: "document",
    Passage: "passage",
    Tie: "tie",
    Citation: "citation",
    Relation: "relation",
    Attachment: "attachment",
    Unit: "unit",
    Plan: "plan",
    Target: "target",
    KeyProject: "project",
    Assignment: "assignment",
    ProgressReport: "report",
    MeasurePackage: "package",
    GeneralRule: "general_rule",
    Measure: "measure",
    Responsibility: "responsibility",
    Budget: "budget",
    Audience: "audience",
    Condition: "condition",
    Benefit: "benefit",
    ValidityWindow: "window",
    Deadline: "deadline",
    Person: "person",
    Post: "post",
    Appointment: "appointment",
    WatchedWord: "watched_word",
}
LIST_QUERIES = {Unit: 4} | dict.fromkeys(
    [Document, ProgressReport, MeasurePackage, ValidityWindow, Deadline, Appointment], 6
)
LEDGER = [Change, PublicRecord, Mention, LedgerHead]
ROWS = {
    "responsibilities": "responsibility",
    "budgets": "budget",
    "audiences": "audience",
    "conditions": "condition",
    "benefits": "benefit",
    "windows": "window",
    "deadlines": "deadline",
}
CLOSED = "文件“{}”已发布，它的段落、记录和对应只能查看。已公开的内容不能直接更改，录入有误的请提出更正。"

CLAUSE = (
    "（一）发放消费券。安排资金200万元，发放加油消费券。对小微企业单笔最高补贴500元，正常经营1年以上。"
    "2024年6月30日前申请。（市财政局负责）"
)
SECOND = "（二）支持就业。对个体工商户给予补贴，不低于1000元；对小微企业给予补贴。（市财政局负责）"
CLOSING = "以上政策措施自印发之日起执行，有效期至2024年12月31日。"


@pytest.fixture
def superuser(db):
    # No password: hashing one would take longer than most tests, and `force_login` asks for none.
    return User.objects.create(username="clerk", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(client, superuser):
    """A client that is logged in as a superuser."""
    client.force_login(superuser)
    return client


@pytest.fixture
def make_row(samples):
    """Make a sample of a model."""
    return lambda model, **overrides: getattr(samples, MAKERS[model])(**overrides)


@pytest.fixture
def draft(make_document, make_passage):
    """A draft of a policy with three passages."""
    document = make_document(kind="policy")
    for text in (CLAUSE, SECOND, CLOSING):
        make_passage(document=document, text=text)
    return document


@pytest.fixture
def package(draft, make_package):
    """A package of the draft."""
    return make_package(passage=draft.passages.get(position=3), title="示例措施", code="sample-pkg")


def queries(client, url, status=200):
    """How many queries a page takes, content types, session and user included."""
    with CaptureQueriesContext(connection) as caught:
        response = client.get(url)
    assert response.status_code == status, url
    return len(caught)


def form_data(response):
    """What a browser would post back from a form page as it stands."""
    context, data = response.context, {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for name in form.fields:
            value = form[name].value()
            if name != "DELETE" and value is not None and value is not False:
                data[form.add_prefix(name)] = value
    return data


def errors_of(response):
    """Field → messages, of the form and of its rows, as shown."""
    shown = dict(response.context["adminform"].form.errors)
    for inline in response.context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            shown |= {form.add_prefix(name): messages for name, messages in form.errors.items()}
    return {name: list(messages) for name, messages in shown.items()}


# Every model, every page


def test_every_model_is_on_the_desk_and_grouped(desk, rf, superuser):
    ours = [
        model
        for app in ("gazette", "plans", "measures", "personnel")
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
    ]
    assert {model for model in ours if not admin.site.is_registered(model)} == {UnitAlias, SearchEntry, OldPassword}
    request = rf.get("/admin/")
    request.user = superuser
    groups = {group["name"]: [model["name"] for model in group["models"]] for group in admin.site.get_app_list(request)}
    assert groups == {
        "文件与段落": ["文件", "段落", "对应", "引用文件", "文件关系", "附件", "核对词语"],
        "年度计划": ["年度计划", "目标", "项目与任务", "指定责任单位", "进展情况"],
        "政策措施": [
            "政策措施",
            "总则",
            "措施",
            "责任单位",
            "安排资金",
            "适用对象",
            "适用条件",
            "支持内容与标准",
            "执行期限",
            "截止日期",
        ],
        "人事任免": ["任免", "人员", "职务"],
        "表格": ["表格导入"],
        "单位与用户": ["单位", "曾用名", "用户", "组", "审核代理", "安全日志"],
        "公开记录与更新记录": ["办理记录", "更正", "合并", "公众纠错", "公开记录", "更新记录", "提及", "更新记录头"],
    }
    assert "工作台" in desk.get("/admin/").content.decode()


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)
def test_a_list_takes_the_same_queries_at_1_12_and_50_rows(model, desk, make_row):
    sizes = (1, 12, 50) if model in {Unit, Person, Post, Passage, Target} else (1, 12)
    counts, rows = [], []
    for size in sizes:
        rows += [make_row(model) for _ in range(size - len(rows))]
        url = admin_url(model, "changelist", id__in=",".join(str(row.pk) for row in rows))
        counts.append(queries(desk, url))
    # Session, user, count, page; the hierarchy of days asks for its bounds and its days, ties for their kinds.
    assert counts == [LIST_QUERIES.get(model, 4)] * len(sizes)


def make_happened(model, number, user):
    """A row of what the desk keeps of its work; the ledger's rows are those of the founding documents."""
    now, day = timezone.now(), timezone.localdate()
    document = Document.objects.public().order_by("pk").first()
    about = {"kind": "document", "code": f"{document.code}-{number}", "name": f"示例{number}"}
    values = {
        Correction: about
        | {"document": document, "path": "/", "base_revision": 1, "base_seq": 1, "difference": {}, "changes": []}
        | {"reason": "示例", "author": user, "proposed_at": now},
        Merger: {"kind": "unit", "code": "a", "name": "示例", "survivor": "b", "survivor_name": "示例", "at": now}
        | {"reason": "示例", "by": user, "entry": {}, "moved": {}},
        Doubt: about | {"receipt": f"receipt-{number}", "text": "示例", "at": now},
        ReviewEntry: {"document": document, "round": 1, "act": "submit", "by": user, "at": now},
        Deputy: {"principal": user, "starts_on": day, "ends_on": day, "set_by": user},
        SheetImport: {"name": f"示例{number}.xlsx", "author": user, "document": document},
        SecurityEvent: {"kind": "login", "name": "示例", "user": user, "by": user},
        User: {"username": f"示例用户{number}", "is_staff": True},
        Group: {"name": f"示例组{number}"},
    }[model]
    if model is Deputy:
        values["deputy"] = User.objects.create(username=f"示例代理{number}")
    return model.objects.create(**values)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Change, 6),
        (PublicRecord, 6),
        (Mention, 4),
        (UnitName, 4),
        (Correction, 6),
        (Merger, 6),
        (Doubt, 7),
        (ReviewEntry, 6),
        (Deputy, 6),
        (SheetImport, 6),
        (SecurityEvent, 6),
        (User, 6),
        (Group, 5),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_list_of_what_happened_takes_the_same_queries_at_1_and_50_rows(model, expected, desk, superuser, samples):
    if model in (Change, PublicRecord, Mention):
        rows = list(model.objects.order_by("pk")[:50])
    elif model is UnitName:
        rows = [samples.former_name() for _ in range(50)]
    else:
        rows = [make_happened(model, number, superuser) for number in range(50)]
    key = model._meta.pk.name
    urls = [
        admin_url(model, "changelist", **{f"{key}__in": ",".join(str(row.pk) for row in rows[:size])})
        for size in (1, 50)
    ]
    assert len(rows) == 50
    assert [queries(desk, url) for url in urls] == [expected] * 2


def test_every_list_of_the_desk_is_counted():
    counted = {*MAKERS, *LEDGER, UnitName, Correction, Merger, Doubt, ReviewEntry, Deputy, SheetImport, SecurityEvent}
    assert set(admin.site._registry) == counted | {User, Group}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (ReviewEntry, 5),
        (Deputy, 8),
        (SheetImport, 3),
        (Correction, 8),
        (Merger, 4),
        (Doubt, 4),
        (SecurityEvent, 5),
        (User, 10),
        (Group, 5),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_page_of_what_happened_takes_the_same_queries_at_1_and_50_rows(model, expected, desk, superuser):
    row = make_happened(model, 0, superuser)
    url = admin_url(model, "change", row.pk)
    desk.get(url)
    counts = [queries(desk, url)]
    for number in range(1, 50):
        make_happened(model, number, superuser)
    assert [*counts, queries(desk, url)] == [expected] * 2


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)
def test_add_change_history_and_delete_pages_open(model, desk, make_row):
    row = make_row(model)
    if model is ProgressReport:
        model.objects.update(accepted_at=None)
    owner = getattr(admin.site.get_model_admin(model), "owner_field", None)
    query = {owner: getattr(row, owner).pk} if owner else {}
    pages = [admin_url(model, "add"), admin_url(model, "add", **query), admin_url(model, "change", row.pk)]
    pages += [admin_url(model, "history", row.pk), admin_url(model, "delete", row.pk)]
    version = model.history.filter(id=row.pk).first()
    pages.append(admin_url(model, "simple_history", row.pk, version.pk))
    for page in pages:
        response = desk.get(page)
        assert response.status_code == 200, page
    assert desk.post(pages[-1], {"code": "changed"}).status_code == 403


def test_user_pages_open(desk, superuser):
    for page in ("add", "change", "history"):
        args = [] if page == "add" else [superuser.pk]
        assert desk.get(admin_url(User, page, *args)).status_code == 200


# Forms in a fixed number of queries


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Document, 7),  # … the versions, issuer, approver, plan
        (Passage, 5),
        (Citation, 5),
        (Relation, 6),  # … the earlier document
        (Attachment, 5),
        (Tie, 5),
        (Plan, 5),
        (Target, 7),
        (KeyProject, 7),
        (Assignment, 7),
        (MeasurePackage, 6),
        (GeneralRule, 5),
        (Responsibility, 6),
        (Budget, 5),
        (Audience, 5),
        (Condition, 6),
        (Benefit, 6),
        (ValidityWindow, 5),
        (Deadline, 5),
        (WatchedWord, 4),
        (Unit, 6),
        (Person, 5),
        (Post, 5),
        (Appointment, 7),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_form_takes_a_fixed_number_of_queries(model, expected, desk, make_row):
    row = make_row(model)
    url = admin_url(model, "change", row.pk)
    desk.get(url)
    assert queries(desk, url) == expected


@pytest.mark.parametrize("rows", [1, 12])
def test_a_measure_with_all_its_rows_takes_the_same_queries(rows, desk, samples):
    measure = samples.measure()
    for maker in ROWS.values():
        for _ in range(rows):
            getattr(samples, maker)(measure=measure, passage=measure.passage)
    url = admin_url(Measure, "change", measure.pk)
    desk.get(url)
    # Session, user, versions, measure, passages; seven kinds of rows and the same again for their count; units;
    # audiences twice.
    assert queries(desk, url) == 15


@pytest.mark.parametrize("rows", [1, 12, 50])
def test_a_package_and_a_unit_with_rows_take_the_same_queries(rows, desk, samples):
    package, unit = samples.package(), samples.unit()
    for _ in range(rows):
        samples.general_rule(package=package)
        samples.alias(unit=unit)
    for model, row, expected in ((MeasurePackage, package, 6), (Unit, unit, 6)):
        url = admin_url(model, "change", row.pk)
        desk.get(url)
        assert queries(desk, url) == expected


@pytest.mark.parametrize("rows", [1, 12, 50])
def test_a_target_with_assignments_takes_the_same_queries(rows, desk, samples):
    target = samples.target()
    for _ in range(rows):
        samples.assignment(target=target)
    url = admin_url(Target, "change", target.pk)
    desk.get(url)
    assert queries(desk, url) == 7


# What is closed


def test_a_published_measure_is_read_only_and_a_post_changes_nothing(desk):
    measure = Measure.objects.get(code="2023-consumption-7")
    url = admin_url(Measure, "change", measure.pk)
    response = desk.get(url)
    page = response.content.decode()
    assert CLOSED.format(measure.document.title) in page
    assert 'name="title"' not in page
    assert 'name="_save"' not in page
    assert f'<mark id="quoted">{measure.quote}</mark>' in page
    before = (Measure.objects.count(), Budget.objects.count(), Measure.history.count())
    answer = desk.post(url, {"title": "改过的标题"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [CLOSED.format(measure.document.title)]
    measure.refresh_from_db()
    assert measure.title == "扩大汽车成品油大宗商品消费"
    assert (Measure.objects.count(), Budget.objects.count(), Measure.history.count()) == before


@pytest.mark.parametrize("status", ["in_review", "published", "withdrawn"])
@pytest.mark.parametrize(
    "model", [model for model in MAKERS if model not in {Unit, Person, Post, ProgressReport, WatchedWord}]
)
def test_nothing_of_a_document_that_is_no_draft_is_changed_or_deleted(model, status, desk, make_row):
    row = make_row(model)
    document = admin.site.get_model_admin(model).document_of(row)
    Document.objects.filter(pk=document.pk).update(status=status)
    before = model.objects.filter(pk=row.pk).values().get()
    response = desk.get(admin_url(model, "change", row.pk))
    assert response.status_code == 200
    assert not response.context["has_change_permission"]
    assert not response.context["has_delete_permission"]
    assert document.title in response.context["closed_because"]
    for page in ("change", "delete"):
        answer = desk.post(admin_url(model, page, row.pk), {"post": "yes"})
        assert answer.status_code == 302
    action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    refusal = desk.post(admin_url(model, "changelist"), action)
    assert [line.because for line in refusal.context["kept_back"]] == [response.context["closed_because"]]
    assert not refusal.context["ready"]
    assert model.objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize(
    "model",
    [model for model in MAKERS if model not in {Document, Unit, Person, Post, Assignment, ProgressReport, WatchedWord}],
)
def test_nothing_is_added_to_a_published_document(model, desk, make_row):
    row = make_row(model)
    owner = admin.site.get_model_admin(model).owner_field
    Document.objects.filter(pk=row.document_id).update(status="published")
    count = model.objects.count()
    answer = desk.post(admin_url(model, "add", **{owner: getattr(row, f"{owner}_id")}), {"code": "sample-new"})
    label = model._meta.get_field(owner).related_model._meta.verbose_name
    said = [str(message) for message in answer.context["messages"]]
    assert said == [f"所选的{label}不存在或不是草稿，不能在其中新增{model._meta.verbose_name}。"]
    assert model.objects.count() == count


def test_an_assignment_to_a_published_target_is_refused_beside_its_field(desk, make_unit):
    target = Target.objects.filter(document__status="published").first()
    answer = desk.post(admin_url(Assignment, "add"), {"target": target.pk, "unit": make_unit().pk})
    assert errors_of(answer) == {"target": [CLOSED.format(target.document.title)]}


def test_public_units_persons_and_posts_are_read_only(desk):
    elsewhere = {Unit: "；更名、承接和合并各有页面", Person: "；重复的可以合并", Post: ""}
    for model, what in elsewhere.items():
        row = model.objects.public().first()
        response = desk.get(admin_url(model, "change", row.pk))
        said = f"“{row}”已被公开的文件提及，只能查看{what}。"
        assert response.context["closed_because"] == said
        assert desk.post(admin_url(model, "change", row.pk), {"name": "改过"}).status_code == 302
        assert str(model.objects.get(pk=row.pk)) == str(row)


def test_an_accepted_report_is_read_only(desk, make_report):
    report = make_report()
    response = desk.get(admin_url(ProgressReport, "change", report.pk))
    assert response.context["closed_because"] == "该进展情况已采纳并公开，只能查看。"


def test_a_status_is_not_a_field_of_the_form(desk, draft):
    response = desk.get(admin_url(Document, "change", draft.pk))
    assert not {"status", "review_step"} & response.context["adminform"].form.fields.keys()
    assert "status" in flatten_fieldsets(
        admin.site.get_model_admin(Document).get_fieldsets(response.wsgi_request, draft)
    )
    desk.post(response.request["PATH_INFO"], form_data(response) | {"status": "published", "title": "示例改名"})
    draft.refresh_from_db()
    assert (draft.status, draft.title) == ("draft", "示例改名")


@pytest.mark.parametrize("model", LEDGER, ids=lambda model: model.__name__)
def test_the_ledger_cannot_be_added_to_changed_or_deleted(model, desk):
    assert isinstance(admin.site.get_model_admin(model), LedgerAdmin)
    row = model.objects.first()
    count = model.objects.count()
    assert desk.get(admin_url(model, "change", row.pk)).status_code == 200
    assert desk.get(admin_url(model, "add")).status_code == 403
    for page, args in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        assert desk.post(admin_url(model, page, *args), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    desk.post(admin_url(model, "changelist"), action)
    assert model.objects.count() == count


def test_who_has_no_right_is_refused(client, draft):
    client.force_login(User.objects.create(username="reader", is_staff=True))
    for url in (admin_url(Measure, "add"), admin_url(Document, "change", draft.pk), admin_url(Unit, "add")):
        assert client.get(url).status_code == 403


# Entering


def row(prefix, *rows):
    """The posted data of one formset."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, values in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return data


def measure_data(unit, passage, **overrides):
    """A first measure with a row of each kind, quoted by their words."""
    return (
        {"number": 1, "title": "发放消费券", "category": "fiscal", "code": "sample-pkg-1", "passage": passage.position}
        | {"quote": "*"}
        | row(
            "responsibilities",
            {"unit": unit.pk, "as_written": "市财政局", "mode": "sole", "quote": "（市财政局负责）"},
        )
        | row("budgets", {"amount": 2000000, "purpose": "加油消费券", "quote": "安排资金…加油消费券"})
        | row("audiences", {"name": "小微企业", "quote": "对小微企业"})
        | row(
            "conditions",
            {"text": "正常经营1年以上", "value": 1, "unit": "年", "qualifier": "at_least", "quote": "正常经营1年以上"},
        )
        | row(
            "benefits",
            {
                "kind": "subsidy",
                "name": "补贴",
                "value": 500,
                "unit": "元",
                "qualifier": "at_most",
                "quote": "单笔最高补贴500元",
            },
        )
        | row(
            "windows",
            {
                "starts_on": "2024-03-01",
                "start_basis": "inherited",
                "ends_on": "2024-12-31",
                "end_basis": "inherited",
                "passage": 3,
                "quote": "*",
            },
        )
        | row("deadlines", {"due": "2024-06-30", "action": "申请", "quote": "2024年6月30日前申请"})
    ) | overrides


def test_a_draft_package_with_two_measures_and_all_rows_is_entered(desk, draft, make_unit):
    closing, clause, second = (draft.passages.get(position=position) for position in (3, 1, 2))
    unit = make_unit()
    url = admin_url(MeasurePackage, "add", document=draft.pk)
    assert desk.get(url).context["source"].document == draft
    data = {
        "title": "示例措施",
        "code": "sample-pkg",
        "valid_from": "2024-03-01",
        "valid_from_basis": "on_issue",
        "valid_until": "2024-12-31",
        "passage": closing.position,
        "quote": "*",
    } | row("general_rules", {"name": "自印发之日起执行", "quote": "自印发之日起执行"})
    answer = desk.post(url, data)
    assert answer.status_code == 302, errors_of(answer)
    package = MeasurePackage.objects.get(code="sample-pkg")
    assert (package.document, package.start, package.quote) == (draft, 0, CLOSING)
    rule = package.general_rules.get()
    assert (rule.code, rule.position, rule.start, rule.passage) == ("sample-pkg-g1", 1, 6, closing)

    url = admin_url(Measure, "add", package=package.pk)
    answer = desk.post(url, measure_data(unit, clause))
    assert answer.status_code == 302, errors_of(answer)
    data = {
        "number": 2,
        "title": "支持就业",
        "category": "enterprise",
        "code": "sample-pkg-2",
        "passage": second.position,
    }
    data |= {"quote": SECOND}
    for prefix in ROWS:
        data |= row(prefix)
    assert desk.post(url, data).status_code == 302
    first, second = package.measures.all()
    assert (first.document, first.quote, second.quote) == (draft, CLAUSE, SECOND)
    budget = first.budgets.get()
    assert (budget.code, budget.position, budget.document) == ("sample-pkg-1-b1", 1, draft)
    assert (budget.quote, budget.start) == ("安排资金200万元，发放加油消费券", CLAUSE.index("安排"))
    assert first.windows.get().passage == closing
    assert [getattr(first, name).count() for name in ROWS] == [1] * 7
    assert budget.history.get().history_user.username == "clerk"

    # A row added later takes the next number, and can name the audience that is saved by now.
    page = desk.get(admin_url(Measure, "change", first.pk))
    data = form_data(page) | {
        "benefits-TOTAL_FORMS": 2,
        "benefits-1-kind": "coupon",
        "benefits-1-name": "加油消费券",
        "benefits-1-audience": first.audiences.get().pk,
        "benefits-1-quote": "发放加油消费券",
    }
    answer = desk.post(page.request["PATH_INFO"], data)
    assert answer.status_code == 302, errors_of(answer)
    added = first.benefits.get(code="sample-pkg-1-g2")
    assert (added.position, added.audience.name) == (2, "小微企业")


def test_a_code_that_was_used_is_not_given_again(desk, package, make_measure, make_budget):
    measure = make_measure(package=package, code="sample-pkg-1")
    make_budget(measure=measure, code="sample-pkg-1-b3").delete()
    data = {"amount": 1, "purpose": "示例", "passage": measure.passage.position, "quote": "*"}
    assert desk.post(admin_url(Budget, "add", measure=measure.pk), data).status_code == 302
    assert measure.budgets.get().code == "sample-pkg-1-b4"


def test_text_is_pasted_into_a_draft_and_arranged(desk, make_document):
    document = make_document(kind="policy")
    page = desk.get(admin_url(Document, "change", document.pk))
    lines = ["示例通知", "示例〔2024〕1号　2024年3月1日", "各区人民政府：", "一、财政政策", CLAUSE, CLOSING]
    answer = desk.post(page.request["PATH_INFO"], form_data(page) | {"full_text": "\n\n".join(lines)})
    assert answer.status_code == 302
    found = [(passage.kind, passage.outline, passage.part, passage.text) for passage in document.passages.all()]
    assert found == [
        ("title", "", 0, lines[0]),
        ("number_line", "", 0, lines[1]),
        ("addressee", "", 0, lines[2]),
        ("heading", "一", 1, lines[3]),
        ("paragraph", "一（一）", 1, CLAUSE),
        ("closing", "", 0, CLOSING),
    ]


def test_arranging_the_founding_documents_changes_nothing(db):
    before = Passage.history.count()
    for document in Document.objects.public():
        arrange(document)
    assert Passage.history.count() == before


def test_quotes_and_ties_follow_a_changed_passage(desk, draft, make_citation, make_tie):
    passage = draft.passages.get(position=2)
    at = SECOND.index("1000元")
    kept = make_citation(passage=passage, start=at, quote="1000元")
    broken = make_citation(passage=passage, start=SECOND.index("支持"), quote="支持就业")
    tie = make_tie(passage=passage, start=at, end=at + 4)
    page = desk.get(admin_url(Passage, "change", passage.pk))
    answer = desk.post(
        page.request["PATH_INFO"],
        form_data(page) | {"text": SECOND.replace("支持就业", "大力支持创业就业")},
        follow=True,
    )
    said = [str(message) for message in answer.context["messages"]]
    assert f"改动触及以下记录或对应的文字，请逐一重新摘录：{broken.code}。" in said
    passage.refresh_from_db()
    kept.refresh_from_db()
    tie.refresh_from_db()
    assert passage.text[kept.start : kept.end] == "1000元"
    assert passage.text[tie.start : tie.end] == "1000"


def test_a_tie_is_given_by_its_words(desk, package, make_measure, make_budget):
    measure = make_measure(package=package, passage=package.document.passages.get(position=1))
    budget = make_budget(measure=measure, passage=measure.passage)
    url = admin_url(Tie, "add", document=package.document.pk)
    data = {"passage": measure.passage.position, "quote": "200万", "kind": "budget", "field": "amount", "rule": "money"}
    answer = desk.post(url, data | {"code": "sample-none", "field": "colour"})
    assert errors_of(answer) == {
        "code": ["本文件没有代码为“sample-none”的安排资金。"],
        "field": ["安排资金没有可对应的字段“colour”；可写：amount、purpose。"],
    }
    answer = desk.post(url, data | {"code": budget.code})
    assert answer.status_code == 302, errors_of(answer)
    tie = Tie.objects.get(code=budget.code)
    assert CLAUSE[tie.start : tie.end] == "200万"
    answer = desk.post(url, {"passage": measure.passage.position, "quote": "200万"})
    assert errors_of(answer) == {"reason": ["一处对应要么指向一条记录的字段，要么写明不计为数字的理由，二者取一。"]}


def test_ties_follow_their_record(desk, package, make_measure, make_budget, make_tie):
    measure = make_measure(package=package)
    budget = make_budget(measure=measure)
    tie = make_tie(passage=budget.passage, kind="budget", code=budget.code, field="amount", rule="money", reason="")
    page = desk.get(admin_url(Measure, "change", measure.pk))
    data = form_data(page) | {"budgets-0-code": "sample-renamed"}
    answer = desk.post(page.request["PATH_INFO"], data)
    assert answer.status_code == 302, errors_of(answer)
    tie.refresh_from_db()
    assert tie.code == "sample-renamed"
    data = form_data(desk.get(page.request["PATH_INFO"])) | {"budgets-0-DELETE": "on"}
    assert desk.post(page.request["PATH_INFO"], data).status_code == 302
    assert not Budget.objects.filter(pk=budget.pk).exists()
    assert not Tie.objects.filter(pk=tie.pk).exists()


def test_what_came_between_reading_and_saving_is_noticed(desk, draft, monkeypatch):
    page = desk.get(admin_url(Document, "change", draft.pk))
    model_admin = admin.site.get_model_admin(Document)
    Document.objects.filter(pk=draft.pk).update(status="published")
    with pytest.raises(PermissionDenied):
        model_admin.lock(draft)  # Read as a draft, published since.
    Document.objects.filter(pk=draft.pk).update(status="draft")

    def save_model(*args):
        raise IntegrityError

    monkeypatch.setattr(type(model_admin), "save_model", save_model)
    answer = desk.post(page.request["PATH_INFO"], form_data(page), follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said == ["保存时另有人写入了相同或相关的记录，本次没有保存；请核对后重新填写。"]


# Errors beside their fields


def test_a_wrong_quote_is_refused_beside_its_field(desk, package, make_unit):
    url = admin_url(Measure, "add", package=package.pk)
    clause = package.document.passages.get(position=1)
    data = measure_data(make_unit(), clause, quote="发放购物券")
    answer = desk.post(url, data | {"budgets-0-quote": "安排资金300万元", "deadlines-0-quote": "…申请"})
    assert errors_of(answer) == {
        "quote": ["“发放购物券”不在第1段原文中；请从原文栏照抄，一字不差。"],
        "budgets-0-quote": ["“安排资金300万元”不在第1段原文中；请从原文栏照抄，一字不差。"],
        "deadlines-0-quote": ["“…”前后都要有文字，这里缺少开头的文字。"],
    }
    assert not Measure.objects.filter(package=package).exists()


def test_constraint_errors_stand_beside_their_fields(desk, package, make_unit, make_measure):
    make_measure(package=package, number=1, code="sample-taken")
    url = admin_url(Measure, "add", package=package.pk)
    data = measure_data(make_unit(), package.document.passages.get(position=1), code="sample-taken")
    data |= {
        "budgets-0-amount": -5,
        "conditions-0-qualifier": "",
        "windows-0-ends_on": "2024-01-01",
        "benefits-0-value": "",
        "benefits-0-value_before": "3",
    }
    assert errors_of(desk.post(url, data)) == {
        "code": ["具有 代码 的 措施 已存在。"],
        "number": ["同一政策措施中序号不能重复。"],
        "budgets-0-amount": ["安排资金必须大于零，以元为单位填写整数。"],
        "conditions-0-value": ["填写了数值，请同时选择限定；没有数值时限定留空。"],
        "windows-0-ends_on": ["执行期限的截止日不能早于起始日。"],
        "benefits-0-value": ["填写了标准，请同时选择限定；没有标准时限定留空。"],
        "benefits-0-value_before": ["填写了原标准，请同时填写现标准。"],
    }


def test_rows_of_one_form_that_contradict_each_other_are_refused(desk, package, make_unit):
    unit = make_unit()
    data = measure_data(unit, package.document.passages.get(position=1))
    twice = {"unit": unit.pk, "as_written": "市财政局", "mode": "sole", "quote": "（市财政局负责）"}
    answer = desk.post(admin_url(Measure, "add", package=package.pk), data | row("responsibilities", twice, twice))
    assert answer.status_code == 200
    assert not Measure.objects.filter(package=package).exists()
    same = {"amount": 1, "purpose": "示例", "quote": "加油消费券", "position": 1}
    answer = desk.post(admin_url(Measure, "add", package=package.pk), data | row("budgets", same, same))
    assert answer.status_code == 200
    assert not Measure.objects.filter(package=package).exists()


def test_a_document_says_what_its_dates_lack(desk, make_unit):
    data = {
        "title": "示例文件",
        "kind": "plan",
        "issuer": make_unit().pk,
        "code": "sample-new",
        "written_on": "2024-03-01",
    }
    data |= {f"{name}_basis": "unknown" for name in ("written", "released", "effective", "expires")}
    answer = desk.post(admin_url(Document, "add"), data)
    assert errors_of(answer) == {"written_basis": ["填写了成文日期，请同时选择它的依据。"]}
    assert desk.post(admin_url(Document, "add"), data | {"written_basis": "head_date"}).status_code == 302
    assert Document.objects.get(code="sample-new").status == "draft"


def test_a_second_plan_of_a_document_is_refused_though_the_document_is_no_field(desk, make_plan):
    plan = make_plan()
    data = {"title": "示例计划", "year": 2024, "code": "sample-2024", "passage": plan.passage.position, "quote": "*"}
    answer = desk.post(admin_url(Plan, "add", document=plan.document.pk), data)
    assert errors_of(answer) == {"__all__": ["一份文件只对应一个年度计划。"]}


def test_a_new_target_is_entered_with_its_assigned_unit(desk, make_plan, make_unit):
    plan, unit = make_plan(), make_unit()
    data = {
        "name": "示例目标",
        "as_written": "10个",
        "qualifier": "exact",
        "value": 10,
        "unit": "个",
        "due_precision": "none",
        "due_basis": "none",
        "code": "sample-target-new",
        "passage": plan.passage.position,
        "quote": "示例数量10个",
    } | row("assignments", {"unit": unit.pk})
    url = admin_url(Target, "add", plan=plan.pk)
    answer = desk.post(url, data | {"value": ""})
    said = "没有目标值的目标，限定只能是“保持”“基本同步”“按上级下达任务”或“定性目标”。"
    assert errors_of(answer) == {"value": [said]}
    answer = desk.post(url, data)
    assert answer.status_code == 302, errors_of(answer)
    target = Target.objects.get(code="sample-target-new")
    assert (target.document, target.assignments.get().unit) == (plan.document, unit)


def test_an_appointment_and_a_progress_report_are_entered(desk, make_document, make_passage, samples):
    document = make_document(kind="personnel")
    passage = make_passage(document=document, text="任命示例人员为示例职务，试用期一年。")
    person, post = samples.person(), samples.post()
    data = {
        "person": person.pk,
        "post": post.pk,
        "kind": "remove",
        "date_basis": "unknown",
        "probation_months": 12,
        "code": "sample-event",
        "passage": passage.position,
        "quote": "*",
    }
    url = admin_url(Appointment, "add", document=document.pk)
    assert errors_of(desk.post(url, data)) == {"probation_months": ["免职没有试用期。"]}
    assert desk.post(url, data | {"kind": "appoint"}).status_code == 302
    target = samples.target(published=True)
    data = {"target": target.pk, "unit": samples.unit().pk, "as_of": "2022-06-30", "code": "sample-r", "source": "示例"}
    answer = desk.post(admin_url(ProgressReport, "add"), data)
    assert errors_of(answer) == {"stage": ["完成值与进展阶段至少填写一项。"]}
    assert desk.post(admin_url(ProgressReport, "add"), data | {"stage": "开工"}).status_code == 302
    assert ProgressReport.objects.get(code="sample-r").accepted_at is None


def test_a_unit_is_entered_with_its_aliases(desk, make_unit):
    taken = make_unit()
    data = {"name": taken.name, "kind": "department", "code": "sample-new-unit"} | row("aliases", {"name": "示例局"})
    assert errors_of(desk.post(admin_url(Unit, "add"), data)) == {"name": ["具有 名称 的 单位 已存在。"]}
    assert desk.post(admin_url(Unit, "add"), data | {"name": "示例市示例局"}).status_code == 302
    assert Unit.objects.get(code="sample-new-unit").names == ("示例市示例局", "示例局")


# The place of a quote


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("安排资金200万元", (9, "安排资金200万元")),
        ("  安排资金200万元 ", (9, "安排资金200万元")),
        ("安排资金…加油消费券", (9, "安排资金200万元，发放加油消费券")),
        ("安排资金 …… 加油消费券", (9, "安排资金200万元，发放加油消费券")),
        ("安排资金...加油消费券", (9, "安排资金200万元，发放加油消费券")),
        ("*", (0, CLAUSE)),
    ],
)
def test_the_only_place_is_found(typed, found):
    assert place_quote(CLAUSE, typed) == found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("安排资金300万元", "“安排资金300万元”不在该段原文中；请从原文栏照抄，一字不差。"),
        ("消费券", "“消费券”在该段原文中有2处；请多写前后几个字，使它只有一处。"),
        ("消费券…申请", "“消费券…申请”在该段原文中有2处；请多写前后几个字，使它只有一处。"),
        ("安排…没有的话", "结尾的“没有的话”不在该段原文中；请从原文栏照抄，一字不差。"),
        ("没有的话…安排", "开头的“没有的话”不在该段原文中；请从原文栏照抄，一字不差。"),
        ("申请…安排", "在该段原文中，“安排”不在“申请”之后；请先写开头，后写结尾。"),
        ("安排…", "“…”前后都要有文字，这里缺少结尾的文字。"),
    ],
)
def test_a_doubtful_quote_names_words_and_remedy(typed, said):
    with pytest.raises(ValidationError) as refused:
        place_quote(CLAUSE, typed)
    assert refused.value.messages == [said]


def test_words_that_hold_an_ellipsis_are_taken_as_they_stand():
    assert place_quote("好……的，好的", "好……的") == (0, "好……的")


def test_a_quote_that_is_left_alone_stays_where_it_is(desk, draft, make_citation):
    passage = draft.passages.get(position=2)
    second = SECOND.rindex("给予补贴")
    citation = make_citation(passage=passage, start=second, quote="给予补贴")
    page = desk.get(admin_url(Citation, "change", citation.pk))
    assert desk.post(page.request["PATH_INFO"], form_data(page) | {"title": "改过"}).status_code == 302
    citation.refresh_from_db()
    assert (citation.title, citation.start) == ("改过", second)


def test_the_source_panel_marks_the_quote_and_needs_no_script(desk, draft, make_citation):
    passage = draft.passages.get(position=1)
    citation = make_citation(passage=passage, start=CLAUSE.index("200万元"), quote="200万元")
    page = desk.get(admin_url(Citation, "change", citation.pk)).content.decode()
    assert '安排资金<mark id="quoted">200万元</mark>，发放' in page
    assert SECOND in page
    assert 'name="start"' not in page
    assert "style=" not in page.split("<main")[1]


def test_autocomplete_finds_a_unit_by_its_alias(desk, make_alias):
    alias = make_alias(name="示例特别别名")
    query = {"term": "特别别名", "app_label": "gazette", "model_name": "document", "field_name": "issuer"}
    found = desk.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [entry["text"] for entry in found] == [alias.unit.name]
