"""Packages, their general rules, and the measures in them."""

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from gazette.models import (
    AudienceGroup,
    DateBasis,
    Listed,
    Sourced,
    SourcedQuerySet,
    choice_constraint,
    list_index,
    newest_first,
    place_of,
    place_once,
)

from ..reading import audience_groups
from .choices import Category
from .rows import Budget
from .validity import ValidityWindow, in_force


class PackageQuerySet(SourcedQuerySet):
    """Packages with their totals."""

    def for_list(self):
        """With money and number of measures, each by its own subquery."""
        budgets = (
            Budget.objects.filter(measure__package=OuterRef("pk"))
            .order_by()
            .values("measure__package")
            .annotate(total=Sum("amount"))
            .values("total")
        )
        measures = (
            Measure.objects.filter(package=OuterRef("pk"))
            .order_by()
            .values("package")
            .annotate(n=Count("*"))
            .values("n")
        )
        return (
            super().for_list().annotate(budget_total=Subquery(budgets), measures_total=Coalesce(Subquery(measures), 0))
        )

    def for_publication(self):
        """With the general rules."""
        return self.for_list().prefetch_related("general_rules__passage__parent", "general_rules__document")


class MeasurePackage(Listed, Sourced):
    """A package of measures and the validity that its clauses inherit; `valid_until` is its last valid day."""

    title = models.CharField(
        "标题", max_length=240, help_text="照抄措施正文的标题，如 乌海市进一步提信心扩消费稳增长二十三条措施。"
    )
    valid_from = models.DateField(
        "有效期起",
        null=True,
        blank=True,
        help_text="总有效期的第一天；“自印发之日起执行”的写文首日期，如 2023-01-20；文中未载明的留空。",
    )
    valid_from_basis = models.CharField(
        "起始依据",
        max_length=16,
        choices=DateBasis,
        default=DateBasis.UNKNOWN,
        help_text=("写“自印发之日起”的选“自印发之日起，依文首日期”，写明日子的选“文中载明”，没有写的选“文中未载明”。"),
    )
    valid_until = models.DateField(
        "有效期止",
        null=True,
        blank=True,
        help_text="总有效期的最后一天，当日仍有效，如 有效期至2023年6月30日 写 2023-06-30；文中未载明的留空。",
    )

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = "政策措施"
        verbose_name_plural = "政策措施"
        ordering = [F("valid_from").desc(nulls_last=True), "code"]
        # Serve the calendar.
        indexes = [
            models.Index(fields=["valid_from"], name="package_by_start"),
            models.Index(fields=["valid_until"], name="package_by_end"),
        ]
        constraints = [
            models.CheckConstraint(
                name="package_ends_after_start",
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                violation_error_message="有效期止不能早于有效期起。",
            ),
            place_once("package"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"/measures/{self.code}/"

    def listing(self):
        """Newest first."""
        return {"place": place_of(newest_first(self.valid_from), self.code)}

    @property
    def measures_count(self):
        """How many measures are recorded; the title itself says 二十三条."""
        return self.measures.count()

    def totals_by_category(self):
        """By category in the text's order: (category, number of measures, yuan set aside or None for 未安排)."""
        rows = {
            row["category"]: row
            for row in self.measures.order_by()
            .values("category")
            .annotate(measures=Count("pk", distinct=True), amount=Sum("budgets__amount"))
        }
        return [
            (category, rows[category]["measures"], rows[category]["amount"])
            for category in Category
            if category in rows
        ]


class GeneralRuleQuerySet(SourcedQuerySet):
    """Rules of packages."""

    def for_list(self):
        """With the package."""
        return super().for_list().select_related("package")


class GeneralRule(Sourced):
    """A rule of the package that holds for all its measures (就高不就低, 分级承担, 从其规定 …)."""

    package = models.ForeignKey(MeasurePackage, models.PROTECT, verbose_name="政策措施", related_name="general_rules")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField(
        "名称", max_length=120, help_text="管全部条款的规定，照抄要紧的几个字，如 从其规定、分级承担。"
    )

    objects = GeneralRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "总则"
        verbose_name_plural = "总则"
        ordering = ["package", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "position"],
                name="general_rule_position_once",
                violation_error_message="同一政策措施中总则的顺序不能重复。",
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{self.package.get_absolute_url()}#{self.code}"


class MeasureQuerySet(SourcedQuerySet):
    """The measures of packages."""

    def for_list(self):
        """With package, source and the money set aside."""
        budgets = (
            Budget.objects.filter(measure=OuterRef("pk")).order_by().values("measure").annotate(total=Sum("amount"))
        )
        return super().for_list().select_related("package").annotate(budget_total=Subquery(budgets.values("total")))

    def for_table(self):
        """With the windows and the responsible units that a table of measures shows."""
        return self.for_list().prefetch_related("windows", "responsibilities__unit")

    def for_page(self):
        """With every kind of row that a measure's page shows."""
        return self.for_table().prefetch_related(
            "budgets", "deadlines", "audiences", "conditions__audience", "benefits__audience"
        )

    def for_publication(self):
        """The page's rows, and where those with a list of their own stand."""
        return self.for_page().prefetch_related(
            *(f"{rows}__passage__parent" for rows in ("budgets", "windows", "deadlines"))
        )

    def in_force_on(self, day=None):
        """Measures of which a window contains `day` (default today), in whole or in part; both ends are inclusive.

        A window with an unknown end never matches. Which of them are in force in part, `in_force(windows, day)` says.
        """
        return self.filter(pk__in=ValidityWindow.objects.in_force_on(day).order_by().values("measure"))


class Measure(Listed, Sourced):
    """One numbered clause of a package; its quote is the whole clause."""

    package = models.ForeignKey(MeasurePackage, models.PROTECT, verbose_name="政策措施", related_name="measures")
    number = models.PositiveSmallIntegerField("序号", help_text="条款的序号写成数字，如（七）写 7。")
    title = models.CharField(
        "标题", max_length=120, help_text="照抄序号之后、第一个句号之前的字，如 扩大汽车成品油大宗商品消费。"
    )
    category = models.CharField(
        "类别", max_length=16, choices=Category, help_text="看条款在哪一章之下，如（七）在“三、促进消费政策”之下。"
    )
    has_budget = models.BooleanField("安排资金", null=True, editable=False)
    # To whom, one column for each group, because a measure may be for several and each list walks one index.
    for_individual = models.BooleanField(AudienceGroup.INDIVIDUAL.label, null=True, editable=False)
    for_sole_trader = models.BooleanField(AudienceGroup.SOLE_TRADER.label, null=True, editable=False)
    for_enterprise = models.BooleanField(AudienceGroup.ENTERPRISE.label, null=True, editable=False)
    for_farm = models.BooleanField(AudienceGroup.FARM.label, null=True, editable=False)
    for_organisation = models.BooleanField(AudienceGroup.ORGANISATION.label, null=True, editable=False)
    for_customer = models.BooleanField(AudienceGroup.CUSTOMER.label, null=True, editable=False)
    for_other = models.BooleanField(AudienceGroup.OTHER.label, null=True, editable=False)

    kept_by_publication = ("place", "has_budget", *(f"for_{group}" for group in AudienceGroup.values))

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = "措施"
        verbose_name_plural = "措施"
        ordering = ["package", "number"]
        indexes = [
            list_index("measure", field)
            for field in ("category", "has_budget", *(f"for_{group}" for group in AudienceGroup.values))
        ]
        constraints = [
            place_once("measure"),
            models.UniqueConstraint(
                fields=["package", "number"],
                name="measure_number_once_in_package",
                violation_error_message="同一政策措施中序号不能重复。",
            ),
            choice_constraint("measure_category_known", "category", Category),
        ]

    def __str__(self):
        return f"（{self.number}）{self.title}"

    def get_absolute_url(self):
        return f"/measures/{self.package.code}/{self.number}/"

    def place_in_list(self):
        """By number, the newest package first; rows of the measure stand there too."""
        return place_of(self.package.listing()["place"], self.number)

    def listing(self):
        """The place, whether the text sets money aside, and for which groups the measure is."""
        groups = {group for audience in self.audiences.all() for group in audience_groups(audience.name)}
        return {
            "place": place_of(self.place_in_list(), self.code),
            "has_budget": bool(self.budgets.all()),
            **{f"for_{group}": group in groups for group in AudienceGroup.values},
        }

    def in_force(self, day=None):
        """Whether the measure is in force on `day` (default today); reads `windows`."""
        return in_force(self.windows.all(), day or timezone.localdate())
