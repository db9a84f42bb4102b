"""The measures: all of them, a package by category, and one clause as a citizen asks about it."""

from itertools import groupby

from django.db.models import Exists, OuterRef, Sum
from django.urls import reverse

from gazette import linked_data
from gazette.models import Unit
from gazette.views import OFFERED, DetailPage, ListPage, RecordPage, find_public

from .filters import BudgetFilter, MeasureFilter
from .models import BenefitKind, Budget, Category, Measure, MeasurePackage, Responsibility, ValidityWindow
from .pictures import draw_money, draw_validity
from .table import table
from .words import PART, YES, count_states, measure_state, quiet_day, sentences_about_applying, windows_in_words

# What a benefit without a value does not state; the other kinds need no figure.
UNSTATED = {
    BenefitKind.SUBSIDY: "金额文中未载明",
    BenefitKind.COUPON: "金额文中未载明",
    BenefitKind.RELIEF: "金额文中未载明",
    BenefitKind.REDUCTION: "幅度文中未载明",
    BenefitKind.INTEREST: "幅度文中未载明",
    BenefitKind.LOAN: "额度文中未载明",
}


def last_days(measures):
    """The last day on which any of the measures is in force, as a day worth looking at."""
    ends = [window.ends_on for measure in measures for window in measure.windows.all() if window.ends_on]
    return [("最晚到期", max(ends))] if ends else []


def find_measure(package: str, number: int) -> Measure:
    """The public measure of a number in a package; see `find_public`."""
    measures = Measure.objects.filter(package__code=package, number=number)
    # A measure that is gone from the tables is still in the ledger, under the code that measures are given.
    code = measures.values_list("code", flat=True).first() or f"{package}-{number}"
    return find_public(measures, code)


class MeasureList(ListPage):
    """The measures of all packages."""

    title = "政策措施"
    description = "政策措施逐条登记：给什么、给谁、标准、有效期、责任单位，每条附原句。"
    model = Measure
    filterset_class = MeasureFilter
    shown = ("category", "audience", "unit", "has_budget", "package")
    dated = True
    day_bound = ("in_force_on",)

    def paginate_queryset(self, queryset, page_size):
        return super().paginate_queryset(queryset.values("code", "place"), page_size)

    def get_choices(self):
        self.packages = list(MeasurePackage.objects.public().for_list()[:OFFERED])
        responsible = Unit.objects.public().filter(Exists(Responsibility.objects.filter(unit=OuterRef("pk"))))
        return {
            "unit": responsible.values_list("code", "name")[:OFFERED],
            "package": [(package.code, package.title) for package in self.packages],
        }

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["measures"] = table(context["object_list"], self.day)
        windows = ValidityWindow.objects.public()
        listed = any(measure.state in (YES, PART) for measure in context["measures"])
        if not listed and not windows.in_force_on(self.day).exists():
            context["nearest_day"] = windows.nearest_day(self.day)
        context["packages"] = self.packages[:5]
        return context


class BudgetList(ListPage):
    """The money that the text sets aside, item by item, with the sum of what is listed."""

    title = "安排资金"
    model = Budget
    filterset_class = BudgetFilter
    shown = ("category", "package")
    trail = (("政策措施", "measure-list"),)

    def get_context_data(self, **kwargs):
        total = self.object_list.order_by().aggregate(total=Sum("amount"))["total"]
        return super().get_context_data(total=total, **kwargs)


class PackageDetail(DetailPage):
    """One package by category, with its money and what of it is in force."""

    model = MeasurePackage
    trail = (("政策措施", "measure-list"),)
    dated = True

    def get_linked_data(self):
        package = self.object
        api = f"/api/v1/measures/?package={package.code}"
        return linked_data.dataset(package.title, MeasureList.description, package.get_absolute_url(), api)

    def get_day_links(self):
        package = self.object
        days = [("总有效期起", package.valid_from), ("总有效期止", package.valid_until)]
        return [*days, *last_days(self.measures)]

    def get_context_data(self, **kwargs):
        self.measures = table(self.object.measures.public().values("code"), self.day)
        totals = {category: (count, amount) for category, count, amount in self.object.totals_by_category()}
        chapters = [
            {"category": Category(category), "measures": list(rows), "amount": totals[category][1]}
            for category, rows in groupby(self.measures, key=lambda measure: measure.category)
        ]
        return super().get_context_data(
            chapters=chapters,
            drawn_money=draw_money(chapters),
            drawn_validity=draw_validity(self.measures, self.object.valid_from, self.day),
            states=count_states(self.measures),
            quiet=quiet_day(self.measures, self.day),
            general_rules=self.object.general_rules.select_related("passage", "document"),
            **kwargs,
        )


class MeasureDetail(RecordPage):
    """One measure: what, to whom, how much, until when, how, whom to ask, and the clause itself."""

    model = Measure
    dated = True

    def get_object(self, queryset=None):
        return find_measure(self.kwargs["package"], self.kwargs["number"])

    def get_trail(self):
        package = self.object.package
        return [("政策措施", reverse("measure-list")), (package.title, package.get_absolute_url())]

    def get_day_links(self):
        return last_days([self.object])

    def get_context_data(self, **kwargs):
        measure = self.object
        conditions = list(measure.conditions.all())
        return super().get_context_data(
            measure=measure,
            state=measure_state(measure, self.day),
            windows=windows_in_words(measure.windows.all(), measure.package.valid_from, self.day),
            audiences=[
                (audience, [condition for condition in conditions if condition.audience_id == audience.pk])
                for audience in measure.audiences.all()
            ],
            general_conditions=[condition for condition in conditions if condition.audience_id is None],
            standards=[
                (benefit, UNSTATED.get(benefit.kind, ""))
                for benefit in measure.benefits.all()
                if benefit.value is not None or benefit.kind in UNSTATED
            ],
            applying=sentences_about_applying(measure.quote),
            **kwargs,
        )
