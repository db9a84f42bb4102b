"""Filters of packages, measures and their rows, for pages and API alike."""

from datetime import date, timedelta

from gazette.filters import BooleanFilter, ChoiceFilter, CodeFilter, DayFilter, RecordFilter
from gazette.models import AudienceGroup, Document, Unit

from .models import (
    Benefit,
    BenefitKind,
    Budget,
    Category,
    Deadline,
    Measure,
    MeasurePackage,
    Responsibility,
    ValidityWindow,
    WindowBasis,
)


class PackageFilter(RecordFilter):
    """Packages."""

    document = CodeFilter(Document, field_name="document", label="文件")
    starts_from = DayFilter(field_name="valid_from", lookup_expr="gte", label="有效期起不早于")
    starts_to = DayFilter(field_name="valid_from", lookup_expr="lte", label="有效期起不晚于")
    ends_from = DayFilter(field_name="valid_until", lookup_expr="gte", label="有效期止不早于")
    ends_to = DayFilter(field_name="valid_until", lookup_expr="lte", label="有效期止不晚于")

    class Meta:
        model = MeasurePackage
        fields = []


class MeasureFilter(RecordFilter):
    """Measures, by what a citizen or a unit asks."""

    package = CodeFilter(MeasurePackage, field_name="package", label="政策措施")
    category = ChoiceFilter(Category, label="类别")
    unit = CodeFilter(Unit, method="of_unit", label="责任单位")
    audience = ChoiceFilter(AudienceGroup, method="for_audience", label="谁能享受")
    has_budget = BooleanFilter(label="安排资金")
    in_force_on = DayFilter(method="on_day", label="该日有效")
    due_from = DayFilter(method="due_on_or_after", label="截止日期不早于")
    due_to = DayFilter(method="due_on_or_before", label="截止日期不晚于")

    class Meta:
        model = Measure
        fields = []

    def of_unit(self, queryset, name, value: str):
        """Measures that the unit answers for, alone or with others."""
        return queryset.filter(pk__in=Responsibility.objects.filter(unit=value).order_by().values("measure"))

    def for_audience(self, queryset, name, value: str):
        """Measures of which an audience falls in the group."""
        return queryset.filter(**{f"for_{value}__in": [True]})

    def on_day(self, queryset, name, value: date):
        """Measures in force on the day, in whole or in part."""
        return queryset.in_force_on(value)

    def due_on_or_after(self, queryset, name, value: date):
        """Measures with a deadline on or after the day."""
        return self._with_deadline(queryset, "due_from")

    def due_on_or_before(self, queryset, name, value: date):
        """Measures with a deadline on or before the day."""
        return self._with_deadline(queryset, "due_to")

    def _with_deadline(self, queryset, asked):
        """One deadline must lie between both days, so the first of the two filters asks for both."""
        start, end = (self.form.cleaned_data.get(name) for name in ("due_from", "due_to"))
        if start and end and asked == "due_to":
            return queryset
        days = {**({"due__gte": start} if start else {}), **({"due__lte": end} if end else {})}
        return queryset.filter(pk__in=Deadline.objects.filter(**days).order_by().values("measure"))


class ChildFilter(RecordFilter):
    """What every kind of row is asked by."""

    package = CodeFilter(MeasurePackage, field_name="measure__package", label="政策措施")
    measure = CodeFilter(Measure, field_name="measure", label="措施")
    category = ChoiceFilter(Category, label="类别")


class BudgetFilter(ChildFilter):
    """Money set aside."""

    class Meta:
        model = Budget
        fields = []


class BenefitFilter(ChildFilter):
    """What is given."""

    kind = ChoiceFilter(BenefitKind, label="支持类别")

    class Meta:
        model = Benefit
        fields = []


class WindowFilter(ChildFilter):
    """Windows of validity."""

    in_force_on = DayFilter(method="on_day", label="该日有效")
    end_basis = ChoiceFilter(WindowBasis, label="截止依据")
    starts_from = DayFilter(field_name="starts_on", lookup_expr="gte", label="起始日不早于")
    starts_to = DayFilter(field_name="starts_on", lookup_expr="lte", label="起始日不晚于")
    ends_from = DayFilter(field_name="ends_on", lookup_expr="gte", label="截止日不早于")
    ends_to = DayFilter(field_name="ends_on", lookup_expr="lte", label="截止日不晚于")

    class Meta:
        model = ValidityWindow
        fields = []

    def on_day(self, queryset, name, value: date):
        """Windows around the day."""
        return queryset.in_force_on(value)


class DeadlineFilter(ChildFilter):
    """Deadlines."""

    due_from = DayFilter(method="from_day", label="不早于")
    due_to = DayFilter(method="to_day", label="不晚于")

    class Meta:
        model = Deadline
        fields = []

    # The place of a deadline begins with its day, so that a range of days is a part of the list's walk.

    def from_day(self, queryset, name, value: date):
        """On or after the day."""
        return queryset.filter(place__gte=value.isoformat())

    def to_day(self, queryset, name, value: date):
        """On or before the day."""
        if value == date.max:
            return queryset
        return queryset.filter(place__lt=(value + timedelta(days=1)).isoformat())
