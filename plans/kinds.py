"""The plan's kinds of record, for the registry: public forms, proofs, derivations, and the check of goals."""

from collections import defaultdict

from gazette.api import public_form
from gazette.registry import Derived, Kind, SearchText
from gazette.registry import register as register_kind
from gazette.verification import Miss

from . import api, exports, models, reading


def plan_year(record, field):
    """A promise of a yearly plan without a date of its own is due in the plan's year, and says so."""
    if field == "due" and record.due_basis == models.DueBasis.PLAN_YEAR:
        return Derived("随计划年度", str(record.plan.year))
    return None


def assigned_units(record):
    """The units that staff assigned."""
    return [("unit", assignment.unit.code) for assignment in record.assignments.all()]


def plan_search(plan):
    """By title and year."""
    return SearchText(plan.title, body=(f"{plan.year}年",))


def promise_search(promise):
    """By its name and its sentence."""
    return SearchText(
        promise.name,
        body=(promise.quote, promise.note),
        part=promise.passage.part,
        units=tuple(assignment.unit.code for assignment in promise.assignments.all()),
    )


def report_search(report):
    """By the record that it is on, and its own words."""
    return SearchText(str(report.target or report.project), body=(report.stage, report.note, report.source))


def settle_lights(document):
    """Have the lights of a document's reports follow what their targets and the rules say now."""
    for report in models.ProgressReport.objects.using(document._state.db).of_document(document).for_list():
        if report.settle_light():
            report.save()


def reporting_unit(report):
    """The unit that reported."""
    return [("unit", report.unit.code)]


def unrecorded_goals(document):
    """Misses: the words of a goal (`reading.GOAL_PATTERNS`) that no quote of a record holds and no reason explains."""
    alias = document._state.db
    if not models.Plan.objects.using(alias).filter(document=document).exists():
        return
    spans = defaultdict(list)
    for model in (models.Target, models.KeyProject):
        rows = model.objects.using(alias).filter(document=document).values_list("passage", "start", "quote")
        for passage, start, quote in rows:
            spans[passage].append((start, start + len(quote)))
    for passage, start, end in document.ties.exclude(reason="").values_list("passage", "start", "end"):
        spans[passage].append((start, end))
    for passage in document.passages.all():
        for goal in reading.find_goals(passage.text):
            if not any(start <= goal.start and goal.end <= end for start, end in spans[passage.pk]):
                what = f"目标用语（{goal.pattern}）没有对应的记录，也没有说明理由"
                yield Miss(document.code, passage.position, goal.start, goal.text, what)


def register():
    """Projects before targets, since a target may belong to a project."""
    register_kind(
        Kind(
            "plan",
            models.Plan,
            public_form(api.PlanSerializer),
            "plans",
            reading.PROOFS["plan"],
            check=unrecorded_goals,
            search=plan_search,
            sign="年",
            columns=exports.PLAN,
        )
    )
    for name, model, serializer, rank, sign, columns in (
        ("project", models.KeyProject, api.ProjectSerializer, 70, "项", exports.PROJECT),
        ("target", models.Target, api.TargetSerializer, 60, "标", exports.TARGET),
    ):
        register_kind(
            Kind(
                name,
                model,
                public_form(serializer),
                f"{name}s",
                reading.PROOFS[name],
                derive=plan_year,
                rows={"assignments": "unit"},
                mentions=assigned_units,
                search=promise_search,
                search_rank=rank,
                sign=sign,
                columns=columns,
            )
        )
    register_kind(
        Kind(
            "progress-report",
            models.ProgressReport,
            public_form(api.ProgressReportSerializer),
            "progress-reports",
            mentions=reporting_unit,
            settle=settle_lights,
            search=report_search,
            columns=exports.REPORT,
        )
    )
