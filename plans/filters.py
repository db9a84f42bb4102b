"""Filters of targets, projects and reports, for pages and API alike."""

from datetime import date

import django_filters as filters

from gazette.filters import BooleanFilter, ChoiceFilter, CodeFilter, DayFilter, NumberFilter, RecordFilter
from gazette.models import Unit

from .models import (
    Commitment,
    Direction,
    DuePrecision,
    KeyProject,
    Light,
    Nature,
    Plan,
    ProgressReport,
    ProjectKind,
    Qualifier,
    Target,
)


class PlanFilter(RecordFilter):
    """Plans by year."""

    year = NumberFilter(label="年度")

    class Meta:
        model = Plan
        fields = []


class PromiseFilter(RecordFilter):
    """What targets and projects are both asked by."""

    plan = CodeFilter(Plan, field_name="plan", label="年度计划")
    part = NumberFilter(label="部分")
    commitment = ChoiceFilter(Commitment, label="承诺用语")
    due = filters.CharFilter(label="完成时限")
    due_precision = ChoiceFilter(DuePrecision, label="时限精度")
    due_from = DayFilter(method="due_on_or_after", label="完成时限不早于")
    due_to = DayFilter(method="due_on_or_before", label="完成时限不晚于")
    unit = CodeFilter(Unit, field_name="assignments__unit", label="指定责任单位")
    part_of = CodeFilter(KeyProject, field_name="part_of", label="所属项目")

    # Only what is due on a day: a year is no day, and is asked by `due`.

    def due_on_or_after(self, queryset, name, value: date):
        """Due on the day or later."""
        return queryset.filter(due_precision=DuePrecision.DAY, due__gte=value.isoformat())

    def due_on_or_before(self, queryset, name, value: date):
        """Due on the day or before."""
        return queryset.filter(due_precision=DuePrecision.DAY, due__lte=value.isoformat())


class TargetFilter(PromiseFilter):
    """Targets."""

    qualifier = ChoiceFilter(Qualifier, label="限定")
    direction = ChoiceFilter(Direction, label="方向")
    nature = ChoiceFilter(Nature, label="指标属性")
    headline = BooleanFilter(label="主要预期目标")

    class Meta:
        model = Target
        fields = []


class ProjectFilter(PromiseFilter):
    """Projects and tasks."""

    kind = ChoiceFilter(ProjectKind, label="类别")
    listed = BooleanFilter(label="重点项目")
    district = filters.CharFilter(label="所在区")

    class Meta:
        model = KeyProject
        fields = []


class ProgressReportFilter(RecordFilter):
    """What was reported."""

    target = CodeFilter(Target, field_name="target", label="目标")
    project = CodeFilter(KeyProject, field_name="project", label="项目与任务")
    unit = CodeFilter(Unit, field_name="unit", label="填报单位")
    light = ChoiceFilter(Light, label="进度")

    class Meta:
        model = ProgressReport
        fields = []
