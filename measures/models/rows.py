"""The rows of a measure: who answers, with what money, to whom, on what terms, what is given, by when."""

from django.db import models
from django.db.models import Q

from gazette.models import Listed, Sourced, SourcedQuerySet, Unit, choice_constraint, list_index, place_of, place_once

from .choices import BenefitKind, Category, Limit, Mode, Sense


class ChildQuerySet(SourcedQuerySet):
    """Rows of a measure."""

    def for_list(self):
        """With the measure and its package, and the source."""
        return self.select_related("document", "passage__parent", "measure__package")


class Child(Sourced):
    """A row of a measure, in the text's order."""

    position = models.PositiveSmallIntegerField("顺序")

    objects = ChildQuerySet.as_manager()

    class Meta:
        abstract = True

    def get_absolute_url(self):
        return f"{self.measure.get_absolute_url()}#{self.code}"


class ListedChild(Listed, Child):
    """A row with a list of its own, which is asked by the measure's category too."""

    category = models.CharField("类别", max_length=16, choices=Category, blank=True, editable=False)

    kept_by_publication = ("place", "category")

    class Meta:
        abstract = True

    def listing(self):
        """In the order of the measures."""
        place = place_of(self.measure.place_in_list(), self.position, self.code)
        return {"place": place, "category": self.measure.category}


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

    def for_unit(self):
        """With what a unit's page shows of each measure: its windows and money; newest package first."""
        return (
            self.select_related("measure__package")
            .prefetch_related("measure__windows", "measure__budgets")
            .order_by("measure__package", "measure__number")
        )


class Responsibility(Child):
    """A unit that answers for a measure, as written and as resolved."""

    measure = models.ForeignKey(
        "measures.Measure", models.PROTECT, verbose_name="措施", related_name="responsibilities"
    )
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
                fields=["measure", "unit"],
                name="responsibility_unit_once",
                violation_error_message="该措施已列过这个责任单位。",
            ),
        ]

    def __str__(self):
        return self.as_written


class Budget(ListedChild):
    """Money that the text sets aside (安排…), in whole yuan; nothing else."""

    measure = models.ForeignKey("measures.Measure", models.PROTECT, verbose_name="措施", related_name="budgets")
    amount = models.BigIntegerField("金额（元）")
    purpose = models.CharField("用途", max_length=240)

    class Meta:
        verbose_name = "安排资金"
        verbose_name_plural = "安排资金"
        ordering = ["measure", "position"]
        indexes = [list_index("budget", "category")]
        constraints = [
            place_once("budget"),
            once_in_measure("budget_position_once"),
            models.CheckConstraint(
                name="budget_positive",
                condition=Q(amount__gt=0),
                violation_error_message="安排资金必须大于零，以元为单位填写整数。",
            ),
        ]

    def __str__(self):
        return f"{self.amount}元 {self.purpose}"


class Audience(Child):
    """To whom a measure applies, as written."""

    measure = models.ForeignKey("measures.Measure", models.PROTECT, verbose_name="措施", related_name="audiences")
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

    measure = models.ForeignKey("measures.Measure", models.PROTECT, verbose_name="措施", related_name="conditions")
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


class Benefit(ListedChild):
    """What is given: a ceiling, a floor, a rate, a reduction, a number of services.

    Money is in whole yuan with unit 元; a value that the text does not state is null (金额文中未载明); `value_before`
    is the old figure of 由…提高至….
    """

    measure = models.ForeignKey("measures.Measure", models.PROTECT, verbose_name="措施", related_name="benefits")
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
        indexes = [list_index("benefit", field) for field in ("category", "kind")]
        constraints = [
            place_once("benefit"),
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


class Deadline(ListedChild):
    """A day by which somebody must act (补缴, 还款); `softness` keeps 原则上."""

    measure = models.ForeignKey("measures.Measure", models.PROTECT, verbose_name="措施", related_name="deadlines")
    due = models.DateField("截止日期")
    action = models.CharField("事项", max_length=240)
    softness = models.CharField("限定语", max_length=24, blank=True)

    class Meta:
        verbose_name = "截止日期"
        verbose_name_plural = "截止日期"
        ordering = ["due", "measure", "position"]
        indexes = [models.Index(fields=["due"], name="deadline_by_day"), list_index("deadline", "category")]
        constraints = [place_once("deadline"), once_in_measure("deadline_position_once")]

    def __str__(self):
        return f"{self.due} {self.action}"

    def listing(self):
        """By day: a range of days is a range of places."""
        return super().listing() | {"place": place_of(self.due.isoformat(), super().listing()["place"])}
