"""Plans, targets, projects and progress reports in the API."""

from rest_framework import serializers

from gazette.api import (
    ForReaders,
    Money,
    RecordSerializer,
    RecordViewSet,
    Reference,
    Section,
    Source,
    answer,
    published,
)
from gazette.models import PublicRecord

from .filters import PlanFilter, ProgressReportFilter, ProjectFilter, TargetFilter
from .models import Assignment, KeyProject, LightBasis, Plan, ProgressReport, Target


class AssignmentSerializer(ForReaders):
    unit = Reference(read_only=True)

    class Meta:
        model = Assignment
        fields = ["unit", "note"]


class PlanSerializer(RecordSerializer):
    document = serializers.CharField(source="document.code", read_only=True)
    parts_count = serializers.IntegerField(read_only=True)
    source = Source()

    class Meta:
        model = Plan
        fields = ["code", "title", "year", "parts_count", "document", "source", "url"]


class TargetSerializer(RecordSerializer):
    plan = Reference(read_only=True)
    same_as = Reference(read_only=True)
    part_of = Reference(read_only=True)
    section = Section()
    assignments = AssignmentSerializer(many=True, read_only=True)
    source = Source()

    class Meta:
        model = Target
        fields = [
            "code",
            "plan",
            "name",
            "qualifier",
            "value",
            "value_max",
            "unit",
            "direction",
            "commitment",
            "basis",
            "base_year",
            "due",
            "due_precision",
            "due_basis",
            "headline",
            "nature",
            "as_written",
            "derived",
            "note",
            "same_as",
            "part_of",
            "section",
            "assignments",
            "source",
            "url",
        ]
        extra_kwargs = {
            "derived": {"help_text": "原文没有数字，值由文字推得（如 千亿级）。"},
        }


class ProjectSerializer(RecordSerializer):
    plan = Reference(read_only=True)
    same_as = Reference(read_only=True)
    part_of = Reference(read_only=True)
    investment = Money(read_only=True)
    section = Section()
    assignments = AssignmentSerializer(many=True, read_only=True)
    source = Source()

    class Meta:
        model = KeyProject
        fields = [
            "code",
            "plan",
            "name",
            "kind",
            "action",
            "count",
            "scale",
            "investment",
            "commitment",
            "due",
            "due_precision",
            "due_basis",
            "district",
            "listed",
            "note",
            "same_as",
            "part_of",
            "section",
            "assignments",
            "source",
            "url",
        ]
        extra_kwargs = {
            "action": {"help_text": "原文的动词，如 加快建设。"},
            "listed": {"help_text": "仅限原文称为重点项目的。"},
        }


class ProgressReportSerializer(RecordSerializer):
    target = Reference(read_only=True)
    project = Reference(read_only=True)
    unit = Reference(read_only=True)
    value_unit = serializers.CharField(source="measured_in", read_only=True)
    light_basis = serializers.ChoiceField(choices=LightBasis.choices, allow_blank=True, read_only=True)

    class Meta:
        model = ProgressReport
        fields = [
            "code",
            "target",
            "project",
            "unit",
            "as_of",
            "value",
            "value_unit",
            "stage",
            "light",
            "light_basis",
            "light_computed",
            "light_reason",
            "note",
            "source",
            "url",
        ]
        extra_kwargs = {
            "as_of": {"help_text": "完成值和阶段是到哪一天为止的，不是填报的日子。"},
            "source": {"help_text": "数字和判断出自哪里，如 统计月报。"},
        }


class PlanViewSet(RecordViewSet):
    """年度计划。"""

    kind = "plan"
    queryset = Plan.objects.all()
    serializer_class = PlanSerializer
    filterset_class = PlanFilter


class LatestReport(serializers.Serializer):
    """The newest accepted report on a target or project; null is 未报送."""

    latest_report = published(ProgressReportSerializer, None)(allow_null=True)


class PromiseViewSet(RecordViewSet):
    """Targets and projects: each with its latest accepted report, or null for 未报送."""

    annotations = LatestReport

    def extras(self, rows):
        latest = latest_reports(self.kind, [row.code for row in rows])
        return [{"latest_report": latest.get(row.code)} for row in rows]


def latest_reports(owner: str, codes: list[str]) -> dict[str, dict]:
    """The newest accepted report on each target or project of a page, as the API answers it: two queries."""
    reports = ProgressReport.objects.public().filter(**{f"{owner}__code__in": codes}).latest_first().reverse()
    newest = dict(reports.values_list(f"{owner}__code", "code"))
    rows = {row.code: row for row in PublicRecord.objects.filter(kind="progress-report", code__in=newest.values())}
    return {code: answer(rows[report]) for code, report in newest.items() if report in rows}


class TargetViewSet(PromiseViewSet):
    """目标。"""

    kind = "target"
    queryset = Target.objects.all()
    serializer_class = TargetSerializer
    filterset_class = TargetFilter


class ProjectViewSet(PromiseViewSet):
    """项目与任务。"""

    kind = "project"
    queryset = KeyProject.objects.all()
    serializer_class = ProjectSerializer
    filterset_class = ProjectFilter


class ProgressReportViewSet(RecordViewSet):
    """进展情况。"""

    kind = "progress-report"
    queryset = ProgressReport.objects.all()
    serializer_class = ProgressReportSerializer
    filterset_class = ProgressReportFilter
