"""Progress from the report at the desk to the public page: who reports what, who accepts it, what the public sees."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gazette import corrections, publication
from gazette.admin_base import admin_url
from gazette.ledger_check import misses
from gazette.models import Change, LedgerHead, Origin, PublicRecord, User
from plans import progress
from plans.models import Assignment, KeyProject, ProgressReport, Target

from .test_admin import errors_of

pytestmark = pytest.mark.django_db


def make_client(name, *permissions, unit=None):
    """A client logged in as a member of staff."""
    user = User.objects.create(username=name, is_staff=True, unit=unit)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def unit(make_unit):
    return make_unit(code="sample-bureau", name="示例局")


@pytest.fixture
def target(make_target, make_plan, make_assignment, unit, publish):
    """A published count of 2022 that is assigned to the unit."""
    plan = make_plan(code="sample-plan")
    due = {"due": "2022", "due_precision": "year", "due_basis": "plan_year"}
    target = make_target(plan=plan, code="sample-target", qualifier="at_least", value=4000, unit="人", **due)
    make_assignment(target=target, unit=unit)
    publish(target.document)
    return target


@pytest.fixture
def reporter(unit):
    return make_client("reporter", "report_progress", unit=unit)


@pytest.fixture
def office(db):
    """Who assigns units, and so may report for any."""
    return make_client("office", "report_progress", "add_assignment", "view_target")


@pytest.fixture
def reviewer(make_unit):
    return make_client("reviewer", "accept_progress", unit=make_unit(name="示例审核单位"))


def answers(**overrides):
    """What a reporter posts."""
    return {"as_of": "2022-06-30", "value": "2000", "source": "示例月报"} | overrides


def report(client, promise, **overrides):
    """Report through the desk; the answer."""
    field = "target" if isinstance(promise, Target) else "project"
    return client.post(admin_url(ProgressReport, "add"), answers(**{field: promise.pk} | overrides))


def edit(client, found, **overrides):
    """Save the form of a report again; the answer."""
    url = admin_url(ProgressReport, "change", found.pk)
    opened = client.get(url).context["adminform"].form["opened_version"].value()
    return client.post(url, answers(opened_version=opened, **overrides))


@pytest.fixture
def waiting(reporter, target):
    """A report that waits."""
    assert report(reporter, target).status_code == 302
    return ProgressReport.objects.get()


def decide(client, found, step, **overrides):
    """Decide through the page; the answer."""
    url = admin_url(ProgressReport, "decide", found.pk)
    form = client.get(url).context["form"]
    return client.post(url, {"seen": form["seen"].value(), "opinion": "", step: "1"} | overrides)


def said(response):
    return list(response.context["form"].non_field_errors())


def page(client, address="/plans/sample-plan/targets/sample-target/"):
    return client.get(address).content.decode()


# Who reports what


def test_what_a_user_may_report_on(target, unit, make_target, reporter, office, reviewer):
    draft = make_target()
    Assignment.objects.create(target=draft, unit=unit)
    names = lambda user: set(Target.objects.reportable_by(user).values_list("code", flat=True))  # noqa: E731
    assert names(reporter.user) == {"sample-target"}
    assert names(office.user) == set(Target.objects.public().values_list("code", flat=True))
    assert names(reviewer.user) == set()
    assert names(make_client("homeless", "report_progress").user) == set()
    publication.withdraw(target.document)
    assert names(reporter.user) == set()
    assert not KeyProject.objects.reportable_by(reporter.user).exists()


def test_a_report_is_handed_in_for_ones_own_unit(reporter, target, unit):
    assert report(reporter, target).status_code == 302
    found = ProgressReport.objects.get()
    assert (found.code, found.unit, found.reporter, found.state) == (
        "sample-target-r1",
        unit,
        reporter.user,
        "待审核",
    )
    assert (found.value_unit, found.light, found.light_computed, found.light_basis) == (
        "人",
        "green",
        "green",
        "computed",
    )
    assert not PublicRecord.objects.filter(kind="progress-report").exists()
    assert report(reporter, target, as_of="2022-09-30").status_code == 302
    assert ProgressReport.objects.filter(code="sample-target-r2").exists()


def test_another_units_target_is_refused_beside_its_field(reporter, target, make_target, publish):
    other = make_target(plan=target.plan)
    publish(target.document)
    answer = report(reporter, other)
    assert errors_of(answer) == {"target": ["所选的不在您可以报送的范围内：它须在已发布的文件中，并已指定给您的单位。"]}
    assert errors_of(reporter.post(admin_url(ProgressReport, "add"), answers())) == {
        "project": ["请选择一个目标或一个项目，二者只能取一。"]
    }
    with pytest.raises(progress.CannotReport) as refused:
        progress.submit(ProgressReport(target=other), by=reporter.user)
    assert str(refused.value) == "“示例目标”不在您可以报送的范围内：它须在已发布的文件中，并已指定给您的单位。"


def test_the_office_reports_for_any_unit(office, target, make_unit):
    assert report(office, target, unit=make_unit().pk).status_code == 302
    query = {"app_label": "plans", "model_name": "progressreport", "field_name": "target", "term": "示例"}
    found = office.get("/admin/autocomplete/", query).json()["results"]
    assert [row["text"] for row in found] == ["示例目标"]


def test_a_reporter_sees_the_reports_of_the_own_unit(reporter, office, reviewer, waiting, make_report):
    other = make_report(accepted_at=None)
    shown = lambda client: set(client.get(admin_url(ProgressReport, "changelist")).context["cl"].queryset)  # noqa: E731
    assert shown(reporter) == {waiting}
    assert shown(office) == shown(reviewer) == {waiting, other}
    assert reporter.get(admin_url(ProgressReport, "change", other.pk)).status_code == 302
    old = other.history.get().pk
    for address in (
        admin_url(ProgressReport, "history", other.pk),
        admin_url(ProgressReport, "simple_history", other.pk, old),
    ):
        assert reporter.get(address).status_code == 403, address
        assert reviewer.get(address).status_code == 200, address
    assert reporter.get(admin_url(ProgressReport, "history", waiting.pk)).status_code == 200
    assert make_client("clerk").get(admin_url(ProgressReport, "changelist")).status_code == 403
    assert reviewer.get(admin_url(ProgressReport, "add")).status_code == 403


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"as_of": "2999-01-01"}, {"as_of": ["截至日期 2999-01-01 还没有到；请写已经过去的日子。"]}),
        ({"as_of": "2021-12-31"}, {"as_of": ["截至日期 2021-12-31 早于2022年度；请核对年份。"]}),
        ({"value_unit": "万人"}, {"value_unit": ["“示例目标”以“人”计，完成值请换算成“人”再填。"]}),
        ({"value": "-5"}, {"value": ["完成值 -5 小于零；请填写累计完成的数。"]}),
        ({"value": ""}, {"stage": ["完成值与进展阶段至少填写一项。"]}),
        ({"source": ""}, {"source": ["该字段是必填项。"]}),
        ({"light": "red"}, {"light_reason": ["系统推算为“正常推进”，改判为“进度滞后”须写明理由。"]}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(given, errors, reporter, target):
    assert errors_of(report(reporter, target, **given)) == errors
    assert not ProgressReport.objects.exists()


def test_what_has_no_number_gets_none(office, unit, samples, target, publish):
    goal = samples.target(plan=target.plan, value=None, unit="", qualifier="narrative")
    works = samples.project(plan=target.plan)
    group = samples.project(plan=target.plan, count=18, name="示例铁路")
    publish(target.document)
    for promise in (goal, works):
        assert errors_of(report(office, promise, unit=unit.pk)) == {
            "value": [f"“{promise}”没有数值，完成值请留空，进展写在“进展阶段”里。"]
        }
        assert report(office, promise, unit=unit.pk, value="", stage="示例阶段", light="yellow").status_code == 302
        assert promise.reports.get().light_basis == "by_hand"
    assert errors_of(report(office, group, unit=unit.pk)) == {"value_unit": ["请写明完成值的单位，如 个、万元。"]}
    assert report(office, group, unit=unit.pk, value="3", value_unit="条").status_code == 302
    assert (group.reports.get().light, group.reports.get().standing) == ("", None)


def test_an_override_keeps_what_was_computed_and_an_edit_computes_anew(reporter, target):
    assert report(reporter, target, light="red", light_reason="示例理由").status_code == 302
    found = ProgressReport.objects.get()
    assert (found.light, found.light_computed, found.light_basis) == ("red", "green", "overridden")
    url = admin_url(ProgressReport, "change", found.pk)
    assert edit(reporter, found, target=target.pk, light="").status_code == 302
    assert reporter.get(url).context["adminform"].form["light"].value() == ""
    assert edit(reporter, found, target=target.pk, value="100").status_code == 302
    found.refresh_from_db()
    assert (found.light, found.light_basis, found.light_reason) == ("red", "computed", "")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.update(light="green")


# The decision


def test_acceptance_makes_it_public_by_one_line(reviewer, waiting, target, client):
    before, shown = LedgerHead.objects.get().seq, client.get("/api/v1/targets/sample-target/").json()
    assert shown["latest_report"] is None
    assert decide(reviewer, waiting, "_accept").status_code == 302
    lines = Change.objects.filter(seq__gt=before)
    # The unit is mentioned by the target already.
    assert [(line.op, line.origin, line.kind, line.code, line.by) for line in lines] == [
        ("publish", Origin.PROGRESS, "progress-report", "sample-target-r1", reviewer.user)
    ]
    assert list(misses("default")) == []
    answer = client.get("/api/v1/targets/sample-target/").json()
    assert answer["latest_report"]["code"] == "sample-target-r1"
    assert {name: answer[name] for name in ("revision", "changed_at")} == {
        name: shown[name] for name in ("revision", "changed_at")
    }
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reviewer) == ("已采纳", reviewer.user)


def test_the_page_shows_figure_light_day_source_and_the_reckoning(reviewer, waiting, client):
    assert "还没有单位向本站报送这一条的进展" in page(client)
    assert "示例月报" not in page(client)
    decide(reviewer, waiting, "_accept")
    shown = page(client)
    assert "截至2022年6月30日：2000人" in shown
    assert '<span class="light green">绿灯 正常推进</span>' in shown
    assert "进度按数量和时间推算。完成50%，2022年1月1日至2022年12月31日的时间已过49.6%。" in shown
    assert "来源：示例月报" in shown


def test_an_override_is_shown_with_its_reason(reporter, reviewer, target, client):
    report(reporter, target, light="yellow", light_reason="示例理由")
    decide(reviewer, ProgressReport.objects.get(), "_accept")
    assert '进度由填报单位改判：推算为<span class="light green">绿灯 正常推进</span>，改判理由：示例理由。' in page(
        client
    )


def test_a_growth_rate_has_a_light_by_hand_and_no_percentage(office, reviewer, unit, client):
    target = Target.objects.get(code="2023-gdp-growth")
    assert report(office, target, unit=unit.pk, as_of="2023-06-30", value="3", light="green").status_code == 302
    decide(reviewer, ProgressReport.objects.get(), "_accept")
    shown = page(client, "/plans/2023/targets/2023-gdp-growth/")
    assert "截至2023年6月30日：3%" in shown
    assert "进度由填报单位判定。" in shown
    assert "完成50%" not in shown


def test_a_later_day_supersedes_and_of_one_day_the_later_acceptance(reporter, reviewer, target, client):
    for as_of in ("2022-09-30", "2022-06-30", "2022-09-30"):
        report(reporter, target, as_of=as_of)
        decide(reviewer, ProgressReport.objects.waiting().get(), "_accept")
    latest = client.get("/api/v1/targets/sample-target/").json()["latest_report"]
    assert latest["code"] == "sample-target-r3"
    assert [found.code for found in Target.objects.for_page().get(pk=target.pk).accepted_reports] == [
        "sample-target-r3",
        "sample-target-r1",
        "sample-target-r2",
    ]
    assert list(misses("default")) == []


def test_what_is_accepted_is_not_edited(reporter, reviewer, waiting, target):
    decide(reviewer, waiting, "_accept")
    url = admin_url(ProgressReport, "change", waiting.pk)
    answer = reporter.post(url, answers(target=target.pk, value="1"), follow=True)
    assert [str(message) for message in answer.context["messages"]][1:] == ["该进展情况已采纳并公开，只能查看。"]
    assert reporter.post(admin_url(ProgressReport, "delete", waiting.pk), {"post": "yes"}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.value == 2000
    assert said(decide(reviewer, waiting, "_accept")) == ["这份进展情况已采纳，不能再办。"]


def test_it_is_returned_with_a_reason_and_handed_in_again(reporter, reviewer, waiting, target):
    assert said(decide(reviewer, waiting, "_return")) == ["退回进展情况须写明理由。"]
    assert decide(reviewer, waiting, "_return", opinion="示例意见").status_code == 302
    assert "示例意见" in page(reporter, admin_url(ProgressReport, "change", waiting.pk))
    url = admin_url(ProgressReport, "decide", waiting.pk)
    assert said(reviewer.post(url, {"_accept": "1"})) == ["这份进展情况已退回，填报人重新报送后才能审核。"]
    assert not PublicRecord.objects.filter(kind="progress-report").exists()
    edit(reporter, waiting, target=target.pk, value="2100")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.opinion, waiting.reviewer) == ("待审核", "", None)
    assert waiting.history.filter(opinion="示例意见").exists()


def test_nobody_decides_on_an_own_report_or_that_of_the_own_unit(waiting, office, unit, target):
    colleague = make_client("colleague", "accept_progress", unit=unit)
    assert "本单位报送的进展情况须由别的单位审核。" in page(colleague, admin_url(ProgressReport, "decide", waiting.pk))
    url = admin_url(ProgressReport, "decide", waiting.pk)
    assert said(colleague.post(url, {"_accept": "1"})) == ["本单位报送的进展情况须由别的单位审核。"]
    both = make_client("both", "report_progress", "accept_progress", "add_assignment")
    edit(both, waiting, target=target.pk, unit=unit.pk, value="2100")
    assert said(both.post(url, {"_accept": "1"})) == ["进展情况须由填报人以外的人审核。"]
    # Nor does it help that somebody else saved it last.
    edit(office, waiting, target=target.pk, unit=unit.pk)
    assert said(both.post(url, {"_accept": "1"})) == ["进展情况须由填报人以外的人审核。"]
    assert office.get(url).status_code == office.post(url, {"_accept": "1"}).status_code == 403
    assert not PublicRecord.objects.filter(kind="progress-report").exists()


def test_what_changed_under_the_reviewer_is_not_accepted(reporter, reviewer, waiting, target):
    url = admin_url(ProgressReport, "decide", waiting.pk)
    seen = reviewer.get(url).context["form"]["seen"].value()
    edit(reporter, waiting, target=target.pk, value="3900")
    assert said(reviewer.post(url, {"seen": seen, "_accept": "1"})) == [
        "您打开这一页之后，填报人又改过这份进展情况；请重新核对后再办。"
    ]


def test_a_closed_document_takes_no_reports(reporter, reviewer, waiting, target):
    publication.withdraw(target.document)
    url = admin_url(ProgressReport, "change", waiting.pk)
    assert "target" in errors_of(reporter.post(url, answers(target=target.pk)))
    assert said(decide(reviewer, waiting, "_accept")) == [
        f"文件“{target.document.title}”现为已撤回，只有已发布的文件才能采纳进展情况。"
    ]
    waiting.refresh_from_db()
    assert waiting.state == "待审核"


def test_a_wrong_one_is_withdrawn_and_the_public_is_told_why(reporter, reviewer, waiting, target, client):
    report(reporter, target, as_of="2022-03-31", value="900")
    for found in ProgressReport.objects.waiting():
        decide(reviewer, found, "_accept")
    assert said(decide(reviewer, waiting, "_withdraw")) == ["撤回进展情况须写明理由。"]
    before = LedgerHead.objects.get().seq
    assert decide(reviewer, waiting, "_withdraw", opinion="示例：数字报错。").status_code == 302
    assert [(line.op, line.code, line.revision) for line in Change.objects.filter(seq__gt=before)] == [
        ("withdraw", "sample-target-r1", 2)
    ]
    assert list(misses("default")) == []
    assert client.get("/api/v1/progress-reports/sample-target-r1/").status_code == 410
    assert client.get("/api/v1/targets/sample-target/").json()["latest_report"]["code"] == "sample-target-r2"
    shown = page(client)
    assert "截至2022年6月30日的一份进展情况已于" in shown
    assert "撤回，理由：示例：数字报错。" in shown
    assert "2000人" not in shown
    with pytest.raises(progress.CannotReport) as refused:
        progress.withdraw(waiting, by=reviewer.user, reason="示例")
    assert str(refused.value) == "这份进展情况已撤回，只有已采纳的才能撤回。"
    # The document's own way out and back leaves it withdrawn.
    publication.withdraw(target.document)
    publication.publish(target.document)
    assert set(PublicRecord.objects.filter(kind="progress-report").values_list("code", flat=True)) == {
        "sample-target-r2"
    }
    assert list(misses("default")) == []


def test_the_rules_hold_in_the_database(waiting, reporter):
    for wrong in (
        {"reviewer": reporter.user},
        {"withdrawn_at": "2022-07-01T00:00Z"},
        {"returned_at": "2022-07-01T00:00Z"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ProgressReport.objects.update(**wrong)
    with pytest.raises(ValidationError) as refused:
        ProgressReport(code="x", as_of=date(2022, 1, 1), stage="示例").validate_constraints()
    assert refused.value.messages == ["请选择一个目标或一个项目，二者只能取一。"]


def test_computed_lights_follow_a_corrected_target(reviewer, office, unit, client):
    target = Target.objects.get(document__status="published", unit="辆")
    assert report(office, target, unit=unit.pk, as_of="2023-06-30", value="950").status_code == 302
    decide(reviewer, ProgressReport.objects.get(), "_accept")
    assert ProgressReport.objects.get().light_computed == "green"

    def save():
        row = Target.objects.get(pk=target.pk)
        row.due, row.due_precision, row.due_basis = "", "none", "none"
        row.save()

    correction = corrections.propose(
        target.document, "target", target.code, reason="示例理由", by=office.user, save=save
    )
    before = LedgerHead.objects.get().seq
    corrections.accept(correction, by=reviewer.user)
    assert list(Change.objects.filter(seq__gt=before).values_list("op", "kind", "code")) == [
        ("update", "target", target.code),
        ("update", "progress-report", f"{target.code}-r1"),
    ]
    shown = client.get(f"/api/v1/progress-reports/{target.code}-r1/").json()
    assert (shown["value"], shown["light"], shown["light_basis"], shown["light_computed"]) == ("950", "", "", "")
    assert "已报送，未标进度" in page(client, target.get_absolute_url())
    assert list(misses("default")) == []


def test_a_target_with_reports_is_not_deleted_by_a_correction(reviewer, office, waiting, target):
    with pytest.raises(corrections.CannotCorrect) as refused:
        corrections.propose(target.document, "target", target.code, reason="示例理由", by=office.user, removed=True)
    assert "进展情况" in str(refused.value)


# Queries


@pytest.mark.parametrize("rows", [1, 12])
def test_pages_of_a_report_and_of_its_target_take_the_same_queries(rows, reporter, reviewer, target, client, samples):
    for n in range(rows):
        samples.report(target=target, as_of=date(2022, 6, n + 1), accepted_at=None)
    for found in ProgressReport.objects.waiting():
        progress.accept(found, by=reviewer.user)
    report(reporter, target)
    waiting = ProgressReport.objects.waiting().get()
    counts = []
    for who, address in (
        (reporter, admin_url(ProgressReport, "change", waiting.pk)),
        (reviewer, admin_url(ProgressReport, "decide", waiting.pk)),
        (client, "/plans/sample-plan/targets/sample-target/"),
    ):
        who.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert who.get(address).status_code == 200
        counts.append(len(caught))
    assert counts == [11, 10, 9]
