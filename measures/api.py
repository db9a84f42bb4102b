"""Packages, measures and their rows in the API."""

import json
from datetime import date

from rest_framework import serializers

from gazette.api import ForReaders, Money, RecordSerializer, RecordViewSet, Reference, Source, asked_day

from .filters import BenefitFilter, BudgetFilter, DeadlineFilter, MeasureFilter, PackageFilter, WindowFilter
from .models import (
    Audience,
    Benefit,
    Budget,
    Condition,
    Deadline,
    GeneralRule,
    InForce,
    Measure,
    MeasurePackage,
    Responsibility,
    ValidityWindow,
    in_force,
)


class GeneralRuleSerializer(RecordSerializer):
    class Meta:
        model = GeneralRule
        fields = ["code", "name", "quote"]


class PackageSerializer(RecordSerializer):
    document = serializers.CharField(source="document.code", read_only=True)
    general_rules = GeneralRuleSerializer(many=True, read_only=True)
    budget_total = Money(read_only=True)
    measures_count = serializers.IntegerField(source="measures_total", read_only=True)
    source = Source()

    class Meta:
        model = MeasurePackage
        fields = [
            "code",
            "title",
            "document",
            "general_rules",
            "valid_from",
            "valid_from_basis",
            "valid_until",
            "budget_total",
            "measures_count",
            "source",
            "url",
        ]


class AudienceSerializer(RecordSerializer):
    class Meta:
        model = Audience
        fields = ["code", "name", "quote"]


class ConditionSerializer(RecordSerializer):
    audience = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Condition
        fields = ["code", "audience", "text", "value", "value_max", "unit", "qualifier", "quote"]


class ResponsibilitySerializer(ForReaders):
    unit = Reference(read_only=True)

    class Meta:
        model = Responsibility
        fields = ["unit", "as_written", "mode"]


BUDGET_FIELDS = ["code", "amount", "purpose"]
BENEFIT_FIELDS = [
    "code",
    "kind",
    "name",
    "value",
    "value_max",
    "value_before",
    "unit",
    "qualifier",
    "sense",
    "one_off",
    "derived",
    "audience",
]
WINDOW_FIELDS = ["code", "part", "start", "start_basis", "end", "end_basis", "continued", "start_year", "end_year"]
WINDOW_TOLD = {
    "part": {"help_text": "空表示全条。"},
    "start_year": {"help_text": "仅在起始日未载明时有。"},
    "end_year": {"help_text": "仅在截止日未载明时有。"},
}
DEADLINE_FIELDS = ["code", "due", "action", "softness"]


class BudgetRowSerializer(RecordSerializer):
    amount = Money(read_only=True)

    class Meta:
        model = Budget
        fields = BUDGET_FIELDS


class BenefitRowSerializer(RecordSerializer):
    audience = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Benefit
        fields = BENEFIT_FIELDS


class WindowDaysSerializer(RecordSerializer):
    """The days of a window under the API's names."""

    start = serializers.DateField(source="starts_on", read_only=True)
    end = serializers.DateField(source="ends_on", read_only=True)


class WindowRowSerializer(WindowDaysSerializer):
    class Meta:
        model = ValidityWindow
        fields = WINDOW_FIELDS
        extra_kwargs = WINDOW_TOLD


class DeadlineRowSerializer(RecordSerializer):
    class Meta:
        model = Deadline
        fields = DEADLINE_FIELDS


class MeasureSerializer(RecordSerializer):
    package = Reference(read_only=True)
    text = serializers.CharField(source="quote", read_only=True)
    audiences = AudienceSerializer(many=True, read_only=True)
    conditions = ConditionSerializer(many=True, read_only=True)
    responsibilities = ResponsibilitySerializer(many=True, read_only=True)
    budgets = BudgetRowSerializer(many=True, read_only=True)
    benefits = BenefitRowSerializer(many=True, read_only=True)
    validity = WindowRowSerializer(source="windows", many=True, read_only=True)
    deadlines = DeadlineRowSerializer(many=True, read_only=True)
    source = Source()

    class Meta:
        model = Measure
        fields = [
            "code",
            "package",
            "number",
            "title",
            "category",
            "text",
            "audiences",
            "conditions",
            "responsibilities",
            "budgets",
            "benefits",
            "validity",
            "deadlines",
            "source",
            "url",
        ]


class ChildSerializer(RecordSerializer):
    """A row with a list of its own: it names its measure and its source."""

    measure = Reference(read_only=True)
    source = Source()


class BudgetSerializer(ChildSerializer):
    amount = Money(read_only=True)

    class Meta:
        model = Budget
        fields = [*BUDGET_FIELDS, "measure", "source", "url"]


class BenefitSerializer(ChildSerializer):
    audience = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Benefit
        fields = [*BENEFIT_FIELDS, "measure", "source", "url"]


class WindowSerializer(ChildSerializer, WindowDaysSerializer):
    class Meta:
        model = ValidityWindow
        fields = [*WINDOW_FIELDS, "measure", "source", "url"]
        extra_kwargs = WINDOW_TOLD


class DeadlineSerializer(ChildSerializer):
    class Meta:
        model = Deadline
        fields = [*DEADLINE_FIELDS, "measure", "source", "url"]


class _Window:
    """A window of the projection, as `in_force` reads it."""

    def __init__(self, row: dict):
        self.starts_on = date.fromisoformat(row["start"]) if row["start"] else None
        self.ends_on = date.fromisoformat(row["end"]) if row["end"] else None
        self.continued, self.start_year, self.end_year = row["continued"], row["start_year"], row["end_year"]


class PackageViewSet(RecordViewSet):
    """政策措施。"""

    kind = "package"
    queryset = MeasurePackage.objects.all()
    serializer_class = PackageSerializer
    filterset_class = PackageFilter


class MeasureOnDay(serializers.Serializer):
    """What `on` adds to a measure."""

    in_force = serializers.ChoiceField([state.value for state in InForce], required=False)


class MeasureViewSet(RecordViewSet):
    """措施；`on` 注明每条在该日是否有效。"""

    kind = "measure"
    queryset = Measure.objects.all()
    serializer_class = MeasureSerializer
    filterset_class = MeasureFilter
    annotations = MeasureOnDay
    day_parameters = ("on",)

    def extras(self, rows):
        day = asked_day(self.request)
        if day is None:
            return super().extras(rows)
        return [{"in_force": in_force(map(_Window, json.loads(row.body)["validity"]), day)} for row in rows]


class BudgetViewSet(RecordViewSet):
    """安排资金。"""

    kind = "budget"
    queryset = Budget.objects.all()
    serializer_class = BudgetSerializer
    filterset_class = BudgetFilter


class BenefitViewSet(RecordViewSet):
    """支持内容与标准。"""

    kind = "benefit"
    queryset = Benefit.objects.all()
    serializer_class = BenefitSerializer
    filterset_class = BenefitFilter


class WindowViewSet(RecordViewSet):
    """执行期限。"""

    kind = "validity-window"
    queryset = ValidityWindow.objects.all()
    serializer_class = WindowSerializer
    filterset_class = WindowFilter


class DeadlineViewSet(RecordViewSet):
    """截止日期。"""

    kind = "deadline"
    queryset = Deadline.objects.all()
    serializer_class = DeadlineSerializer
    filterset_class = DeadlineFilter
