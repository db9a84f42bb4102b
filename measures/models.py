"""Packages of policy measures: what is given, to whom, on what terms, by whom, with what money, and when."""

import enum
from datetime import date

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from gazette.models import DateBasis, Sourced, SourcedQuerySet, Unit, choice_constraint


class Category(models.TextChoices):
    """The five chapters of the package; the values keep the text's order in `CATEGORY_ORDER`."""

    FISCAL = "fiscal", "财政税收政策"
    FINANCE = "finance", "金融支持政策"
    CONSUMPTION = "consumption", "促进消费政策"
    ENTERPRISE = "enterprise", "稳定市场主体政策"
    LIVELIHOOD = "livelihood", "保基本民生政策"


class Mode(models.TextChoices):
    """How a unit is responsible."""

    SOLE = "sole", "负责"
    SHARED = "shared", "按职责分工负责"
    LEAD = "lead", "牵头"
    COOPERATING = "cooperating", "配合"


class Limit(models.TextChoices):
    """How a figure of a condition or benefit binds."""

    EXACT = "exact", "原文未加限定"
    AT_LEAST = "at_least", "至少"
    AT_MOST = "at_most", "不超过"
    MORE_THAN = "more_than", "超过"
    LESS_THAN = "less_than", "不满"


class Sense(models.TextChoices):
    """Whether a rate is what one pays (按95%结算) or what is taken off (下调10%)."""

    PAY = "pay", "按此计"
    OFF = "off", "减去此数"


class BenefitKind(models.TextChoices):
    """What is given."""

    SUBSIDY = "subsidy", "补贴"
    COUPON = "coupon", "消费券"
    REDUCTION = "reduction", "减免"
    EXEMPTION = "exemption", "免收"
    INTEREST = "interest", "贴息与利率"
    LOAN = "loan", "贷款额度"
    DEFERRAL = "deferral", "缓缴与延期"
    SERVICE = "service", "服务"
    PLACEMENT = "placement", "岗位安置"
    RELIEF = "relief", "救助"
    PROCEDURE = "procedure", "办理便利"
    OTHER = "other", "其他支持"


class WindowBasis(models.TextChoices):
    """Where an end of a window comes from."""

    OWN = "own", "本条自定期限"
    INHERITED = "inherited", "随总有效期"
    UNKNOWN = "unknown", "文中未载明"


class InForce(enum.StrEnum):
    """Whether a measure is in force on a day."""

    YES = "yes"
    PART = "part"
    UNKNOWN = "unknown"
    NO = "no"


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
            Measure.objects.filter(package=OuterRef("pk")).order_by().values("package").annotate(n=Count("*")).values("n")
        )
        return super().for_list().annotate(
            budget_total=Subquery(budgets), measures_total=Coalesce(Subquery(measures), 0)
        )  # fmt: skip

    def for_publication(self):
        """With the general rules."""
        return self.for_list().prefetch_related("general_rules__passage__parent", "general_rules__document")


class MeasurePackage(Sourced):
    """A package of measures and the validity that its clauses inherit; `valid_until` is its last valid day."""

    title = models.CharField("标题", max_length=240)
    valid_from = models.DateField("有效期起", null=True, blank=True)
    valid_from_basis = models.CharField("起始依据", max_length=16, choices=DateBasis, default=DateBasis.UNKNOWN)
    valid_until = models.DateField("有效期止", null=True, blank=True)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = "政策措施"
        verbose_name_plural = "政策措施"
        ordering = [F("valid_from").desc(nulls_last=True), "code"]
        constraints = [
            models.CheckConstraint(
                name="package_ends_after_start",
                condition=Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                violation_error_message="有效期止不能早于有效期起。",
            )
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"/measures/{self.code}/"

    @property
    def measures_count(self):
        """How many measures are recorded; the title itself says 二十三条."""
        return self.measures.count()

    def totals_by_category(self):
        """What is set aside, by category in the text's order: (category, number of measures, yuan or None for 未安排)."""
        rows = {
            row["category"]: row
            for row in self.measures.order_by()
            .values("category")
            .annotate(measures=Count("pk", distinct=True), amount=Sum("budgets__amount"))
        }
        return [(category, rows[category]["measures"], rows[category]["amount"]) for category in Category if category in rows]


class ChildQuerySet(SourcedQuerySet):
    """Rows of a measure."""

    def for_list(self):
        """With the measure and its package, and the source."""
        return self.select_related("document", "passage__parent", "measure__package")


class GeneralRuleQuerySet(SourcedQuerySet):
    """Rules of packages."""

    def for_list(self):
        """With the package."""
        return super().for_list().select_related("package")


class GeneralRule(Sourced):
    """A rule of the package that holds for all its measures (就高不就低, 分级承担, 从其规定 …)."""

    package = models.ForeignKey(MeasurePackage, models.PROTECT, verbose_name="政策措施", related_name="general_rules")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("名称", max_length=120)

    objects = GeneralRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "总则"
        verbose_name_plural = "总则"
        ordering = ["package", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "position"], name="general_rule_position_once",
                violation_error_message="同一政策措施中总则的顺序不能重复。",
            )
        ]  # fmt: skip

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
        return (
            super().for_list().select_related("package").annotate(budget_total=Subquery(budgets.values("total")))
        )

    def for_page(self):
        """With every kind of row that a measure's page shows."""
        return self.for_list().prefetch_related(
            "responsibilities__unit",
            *(f"{rows}__passage__parent" for rows in ("budgets", "windows", "deadlines")),
            "audiences",
            "conditions__audience",
            "benefits__audience",
        )

    def for_publication(self):
        """The page's rows."""
        return self.for_page()

    def in_force_on(self, day=None):
        """Measures of which a window contains `day` (default today), in whole or in part; both ends are inclusive.

        A window with an unknown end never matches. Which of them are in force in part, `in_force(windows, day)` says.
        """
        return self.filter(Exists(ValidityWindow.objects.filter(measure=OuterRef("pk")).in_force_on(day)))


class Measure(Sourced):
    """One numbered clause of a package; its quote is the whole clause."""

    package = models.ForeignKey(MeasurePackage, models.PROTECT, verbose_name="政策措施", related_name="measures")
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("标题", max_length=120)
    category = models.CharField("类别", max_length=16, choices=Category)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = "措施"
        verbose_name_plural = "措施"
        ordering = ["package", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "number"], name="measure_number_once_in_package",
                violation_error_message="同一政策措施中序号不能重复。",
            ),
            choice_constraint("measure_category_known", "category", Category),
        ]  # fmt: skip

    def __str__(self):
        return f"（{self.number}）{self.title}"

    def get_absolute_url(self):
        return f"/measures/{self.package.code}/{self.number}/"

    def in_force(self, day=None):
        """Whether the measure is in force on `day` (default today); reads `windows`."""
        return in_force(self.windows.all(), day or timezone.localdate())


class Child(Sourced):
    """A row of a measure, in the text's order."""

    position = models.PositiveSmallIntegerField("顺序")

    objects = ChildQuerySet.as_manager()

    class Meta:
        abstract = True

    def get_absolute_url(self):
        return f"{self.measure.get_absolute_url()}#{self.code}"


def once_in_measure(name):
    """Rows of one kind stand in one order."""
    return models.UniqueConstraint(
        fields=["measure", "position"], name=name, violation_error_message="同一措施中同类条目的顺序不能重复。"
    )


class ResponsibilityQuerySet(ChildQuerySet):
    """Who answers for measures."""

    def for_list(self):
        """With the unit."""
        return super().for_list().select_related("unit")


class Responsibility(Child):
    """A unit that answers for a measure, as written and as resolved."""

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="措施", related_name="responsibilities")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位", related_name="responsibilities")
    as_written = models.CharField("原文写法", max_length=120)
    mode = models.CharField("责任方式", max_length=16, choices=Mode)

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name = "责任单位"
        verbose_name_plural = "责任单位"
        ordering = ["measure", "position"]
        constraints = [
            once_in_measure("responsibility_position_once"),
            choice_constraint("responsibility_mode_known", "mode", Mode),
            models.UniqueConstraint(
                fields=["measure", "unit"], name="responsibility_unit_once",
                violation_error_message="该措施已列过这个责任单位。",
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.as_written


class Budget(Child):
    """Money that the text sets aside (安排…), in whole yuan; nothing else."""

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="措施", related_name="budgets")
    amount = models.BigIntegerField("金额（元）")
    purpose = models.CharField("用途", max_length=240)

    class Meta:
        verbose_name = "安排资金"
        verbose_name_plural = "安排资金"
        ordering = ["measure", "position"]
        constraints = [
            once_in_measure("budget_position_once"),
            models.CheckConstraint(
                name="budget_positive", condition=Q(amount__gt=0),
                violation_error_message="安排资金必须大于零，以元为单位填写整数。",
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.amount}元 {self.purpose}"


class Audience(Child):
    """To whom a measure applies, as written."""

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="措施", related_name="audiences")
    name = models.CharField("适用对象", max_length=120)

    class Meta:
        verbose_name = "适用对象"
        verbose_name_plural = "适用对象"
        ordering = ["measure", "position"]
        constraints = [once_in_measure("audience_position_once")]

    def __str__(self):
        return self.name


class ConditionQuerySet(ChildQuerySet):
    """Conditions and benefits, which may hold for one audience only."""

    def for_list(self):
        """With the audience."""
        return super().for_list().select_related("audience")


class Condition(Child):
    """What must hold (期限不超过3年, 160千瓦及以下, 正常经营1年以上)."""

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="措施", related_name="conditions")
    audience = models.ForeignKey(
        Audience, models.PROTECT, verbose_name="适用对象", related_name="conditions", null=True, blank=True
    )
    text = models.CharField("适用条件", max_length=240)
    value = models.DecimalField("数值", max_digits=18, decimal_places=4, null=True, blank=True)
    value_max = models.DecimalField("数值上限", max_digits=18, decimal_places=4, null=True, blank=True)
    unit = models.CharField("计量单位", max_length=24, blank=True)
    qualifier = models.CharField("限定", max_length=16, choices=Limit, blank=True)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        verbose_name = "适用条件"
        verbose_name_plural = "适用条件"
        ordering = ["measure", "position"]
        constraints = [
            once_in_measure("condition_position_once"),
            choice_constraint("condition_qualifier_known", "qualifier", Limit, blank=True),
            models.CheckConstraint(
                name="condition_value_has_qualifier",
                condition=Q(value__isnull=True, qualifier="") | (Q(value__isnull=False) & ~Q(qualifier="")),
                violation_error_message="填写了数值，请同时选择限定；没有数值时限定留空。",
            ),
        ]

    def __str__(self):
        return self.text


class Benefit(Child):
    """What is given: a ceiling, a floor, a rate, a reduction, a number of services.

    Money is in whole yuan with unit 元; a value that the text does not state is null (金额文中未载明); `value_before`
    is the old figure of 由…提高至….
    """

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="措施", related_name="benefits")
    audience = models.ForeignKey(
        Audience, models.PROTECT, verbose_name="适用对象", related_name="benefits", null=True, blank=True
    )
    kind = models.CharField("类别", max_length=16, choices=BenefitKind)
    name = models.CharField("支持内容", max_length=240)
    value = models.DecimalField("标准", max_digits=18, decimal_places=4, null=True, blank=True)
    value_max = models.DecimalField("标准上限", max_digits=18, decimal_places=4, null=True, blank=True)
    value_before = models.DecimalField("原标准", max_digits=18, decimal_places=4, null=True, blank=True)
    unit = models.CharField("计量单位", max_length=24, blank=True)
    qualifier = models.CharField("限定", max_length=16, choices=Limit, blank=True)
    sense = models.CharField("含义", max_length=16, choices=Sense, blank=True)
    one_off = models.BooleanField("一次性", default=False)
    derived = models.BooleanField("由文字推得", default=False)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        verbose_name = "支持内容与标准"
        verbose_name_plural = "支持内容与标准"
        ordering = ["measure", "position"]
        constraints = [
            once_in_measure("benefit_position_once"),
            choice_constraint("benefit_kind_known", "kind", BenefitKind),
            choice_constraint("benefit_qualifier_known", "qualifier", Limit, blank=True),
            choice_constraint("benefit_sense_known", "sense", Sense, blank=True),
            models.CheckConstraint(
                name="benefit_value_has_qualifier",
                condition=Q(value__isnull=True, qualifier="") | (Q(value__isnull=False) & ~Q(qualifier="")),
                violation_error_message="填写了标准，请同时选择限定；没有标准时限定留空。",
            ),
            models.CheckConstraint(
                name="benefit_before_needs_value",
                condition=Q(value_before__isnull=True) | Q(value__isnull=False),
                violation_error_message="填写了原标准，请同时填写现标准。",
            ),
        ]

    def __str__(self):
        return self.name


class WindowQuerySet(ChildQuerySet):
    """Windows of validity."""

    def in_force_on(self, day=None):
        """Windows that contain `day` (default today, local date); both ends inclusive, an unknown end never matches."""
        day = day or timezone.localdate()
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class ValidityWindow(Child):
    """From–until of a measure or a part of it; `ends_on` is the last valid day.

    `continued` (继续): the support was given before `starts_on` already, since a day that the text does not state.
    `start_year` and `end_year` keep what is known of an end without a day (2022—2023供暖季).
    """

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="措施", related_name="windows")
    part = models.CharField("所指部分", max_length=120, blank=True, help_text="留空表示全条。")
    starts_on = models.DateField("起始日", null=True, blank=True)
    start_basis = models.CharField("起始依据", max_length=16, choices=WindowBasis)
    ends_on = models.DateField("截止日", null=True, blank=True)
    end_basis = models.CharField("截止依据", max_length=16, choices=WindowBasis)
    continued = models.BooleanField("此前已执行", default=False)
    start_year = models.PositiveSmallIntegerField("起始年份", null=True, blank=True, help_text="仅在起始日未载明时填写。")
    end_year = models.PositiveSmallIntegerField("截止年份", null=True, blank=True, help_text="仅在截止日未载明时填写。")

    objects = WindowQuerySet.as_manager()

    class Meta:
        verbose_name = "执行期限"
        verbose_name_plural = "执行期限"
        ordering = ["measure", "position"]
        # Serves `in_force_on`: which measures have a window around a day.
        indexes = [models.Index(fields=["measure", "starts_on", "ends_on"], name="window_by_days")]
        constraints = [
            once_in_measure("window_position_once"),
            choice_constraint("window_start_basis_known", "start_basis", WindowBasis),
            choice_constraint("window_end_basis_known", "end_basis", WindowBasis),
            models.CheckConstraint(
                name="window_start_agrees_with_basis",
                condition=Q(starts_on__isnull=True, start_basis="unknown")
                | (Q(starts_on__isnull=False) & ~Q(start_basis="unknown")),
                violation_error_message="起始日与依据不一致：依据为“文中未载明”时起始日留空，否则必须填写。",
            ),
            models.CheckConstraint(
                name="window_end_agrees_with_basis",
                condition=Q(ends_on__isnull=True, end_basis="unknown") | (Q(ends_on__isnull=False) & ~Q(end_basis="unknown")),
                violation_error_message="截止日与依据不一致：依据为“文中未载明”时截止日留空，否则必须填写。",
            ),
            models.CheckConstraint(
                name="window_ends_after_start",
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="执行期限的截止日不能早于起始日。",
            ),
            models.CheckConstraint(
                name="window_year_only_without_day",
                condition=(Q(start_year__isnull=True) | Q(starts_on__isnull=True))
                & (Q(end_year__isnull=True) | Q(ends_on__isnull=True)),
                violation_error_message="已有起始日或截止日的，不再填写相应的年份。",
            ),
        ]

    def __str__(self):
        return f"{self.part or '全条'} {self.starts_on or '?'}—{self.ends_on or '?'}"


class Deadline(Child):
    """A day by which somebody must act (补缴, 还款); `softness` keeps 原则上."""

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="措施", related_name="deadlines")
    due = models.DateField("截止日期")
    action = models.CharField("事项", max_length=240)
    softness = models.CharField("限定语", max_length=24, blank=True)

    class Meta:
        verbose_name = "截止日期"
        verbose_name_plural = "截止日期"
        ordering = ["due", "measure", "position"]
        indexes = [models.Index(fields=["due"], name="deadline_by_day")]
        constraints = [once_in_measure("deadline_position_once")]

    def __str__(self):
        return f"{self.due} {self.action}"


def window_state(window, day: date) -> InForce:
    """Whether one window contains a day; what the text does not state is unknown, never guessed."""
    ended = day > window.ends_on if window.ends_on else bool(window.end_year) and day.year > window.end_year
    if ended:
        return InForce.NO
    if window.starts_on and day < window.starts_on:
        return InForce.UNKNOWN if window.continued else InForce.NO
    if window.start_year and day.year < window.start_year:
        return InForce.NO
    return InForce.YES if window.starts_on and window.ends_on else InForce.UNKNOWN


def in_force(windows, day: date) -> InForce:
    """Whether a measure with these windows is in force on a day.

    Yes while some window holds and none has ended or not begun; in part while some hold and some do not; unknown while
    none is known to hold and one may; else no.
    """
    states = {window_state(window, day) for window in windows}
    if InForce.YES in states:
        return InForce.PART if InForce.NO in states else InForce.YES
    return InForce.UNKNOWN if InForce.UNKNOWN in states else InForce.NO
