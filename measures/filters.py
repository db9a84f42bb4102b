"""Filters of packages, measures and their rows, for pages and API alike."""

from datetime import date

import django_filters as filters
from django.db.models import Exists, OuterRef

from gazette.filters import BooleanFilter, ChoiceFilter, CodeFilter, DayFilter
from gazette.models import Document, Unit

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


class PackageFilter(filters.FilterSet):
    """Packages."""

    document = CodeFilter(Document, field_name="document", label="文件")

    class Meta:
        model = MeasurePackage
        fields = []


class MeasureFilter(filters.FilterSet):
    """Measures, by what a citizen or a unit asks."""

    package = CodeFilter(MeasurePackage, field_name="package", label="政策措施")
    category = ChoiceFilter(Category, label="类别")
    unit = CodeFilter(Unit, method="of_unit", label="责任单位")
    has_budget = BooleanFilter(method="with_budget", label="安排资金")
    in_force_on = DayFilter(method="on_day", label="该日有效")
    due_from = DayFilter(method="due_on_or_after", label="截止日期不早于")
    due_to = DayFilter(method="due_on_or_before", label="截止日期不晚于")

    class Meta:
        model = Measure
        fields = []

    def of_unit(self, queryset, name, value: str):
        """Measures that the unit answers for, alone or with others."""
        return queryset.filter(Exists(Responsibility.objects.filter(measure=OuterRef("pk"), unit=value)))

    def with_budget(self, queryset, name, value: bool):
        """Measures for which the text sets money aside, or those for which it does not."""
        budgets = Exists(Budget.objects.filter(measure=OuterRef("pk")))
        return queryset.filter(budgets if value else ~budgets)

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
        return queryset.filter(Exists(Deadline.objects.filter(measure=OuterRef("pk"), **days)))


class ChildFilter(filters.FilterSet):
    """What every kind of row is asked by."""

    package = CodeFilter(MeasurePackage, field_name="measure__package", label="政策措施")
    measure = CodeFilter(Measure, field_name="measure", label="措施")
    category = ChoiceFilter(Category, field_name="measure__category", label="类别")


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

    class Meta:
        model = ValidityWindow
        fields = []

    def on_day(self, queryset, name, value: date):
        """Windows around the day."""
        return queryset.in_force_on(value)


class DeadlineFilter(ChildFilter):
    """Deadlines."""

    due_from = DayFilter(field_name="due", lookup_expr="gte", label="不早于")
    due_to = DayFilter(field_name="due", lookup_expr="lte", label="不晚于")

    class Meta:
        model = Deadline
        fields = []
