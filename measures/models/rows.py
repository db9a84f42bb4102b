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
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="单位",
        related_name="responsibilities",
        help_text=("条款末尾括号里的单位，一个单位一行；“各区人民政府”录三行，各选一个区。没有的先在“单位”中新增。"),
    )
    as_written = models.CharField(
        "原文写法",
        max_length=120,
        help_text="照抄括号里的印法，省去“市”的也照抄，如 财政局；“各区人民政府”的三行都写 各区人民政府。",
    )
    mode = models.CharField(
        "责任方式",
        max_length=16,
        choices=Mode,
        help_text=("括号里写“负责”的选负责，写“按职责分工负责”的每个单位都选按职责分工负责，写明牵头、配合的照选。"),
    )

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
    amount = models.BigIntegerField(
        "金额（元）",
        help_text=("只录原文“安排”的钱，换算成元的整数，如 安排资金400万元 写 4000000；补贴标准和贷款额度不录在这里。"),
    )
    purpose = models.CharField("用途", max_length=240, help_text="照抄这笔钱做什么用，如 发放加油消费券。")

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
    name = models.CharField("适用对象", max_length=120, help_text="照抄给谁，一类一行，如 小型微利企业、个体工商户。")

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
        Audience,
        models.PROTECT,
        verbose_name="适用对象",
        related_name="conditions",
        null=True,
        blank=True,
        help_text=(
            "只对其中一类对象的才选，如 期限不超过3年 只对个体工商户；对各类都一样的留空。新增的对象保存后才能选。"
        ),
    )
    text = models.CharField(
        "适用条件",
        max_length=240,
        help_text="照抄满足什么才能享受，一项一行，如 期限不超过3年、在相关部门登记注册正常经营1年以上。",
    )
    value = models.DecimalField(
        "数值",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="条件里的数，金额换算成元，如 额度不超过20万元 写 200000；没有数的留空。",
    )
    value_max = models.DecimalField(
        "数值上限",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="原文给出一个幅度时，小的写在数值，大的写在这里；只有一个数的留空。",
    )
    unit = models.CharField(
        "计量单位",
        max_length=24,
        blank=True,
        help_text="数后面的单位，金额一律写 元，其余照抄，如 年、千瓦、个月；没有数的留空。",
    )
    qualifier = models.CharField(
        "限定",
        max_length=16,
        choices=Limit,
        blank=True,
        help_text=(
            "以上、满 选“至少”，不超过、及以下 选“不超过”，超过 选“超过”，不满 选“不满”，"
            "没有这类词的选“原文未加限定”；没有数的留空。"
        ),
    )

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
        Audience,
        models.PROTECT,
        verbose_name="适用对象",
        related_name="benefits",
        null=True,
        blank=True,
        help_text="只给其中一类对象的才选；各类都给的留空。新增的对象保存后才能选。",
    )
    kind = models.CharField(
        "类别",
        max_length=16,
        choices=BenefitKind,
        help_text=(
            "发钱选补贴，发券选消费券，少收选减免，不收选免收，晚缴选缓缴与延期，贷款上限选贷款额度，"
            "减息选贴息与利率，简化手续选办理便利。"
        ),
    )
    name = models.CharField(
        "支持内容", max_length=240, help_text="照抄给什么，一样一行，如 加油消费券、补缴期间免收滞纳金。"
    )
    value = models.DecimalField(
        "标准",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=("给多少，金额换算成元，如 最高可享受补贴5000元 写 5000，减按50%征收 写 50；金额文中未载明的留空。"),
    )
    value_max = models.DecimalField(
        "标准上限",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="原文给出一个幅度时，小的写在标准，大的写在这里；只有一个数的留空。",
    )
    value_before = models.DecimalField(
        "原标准",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="“由…提高至…”里的旧数，金额换算成元，如 由15万元提高至20万元 写 150000；没有旧数的留空。",
    )
    unit = models.CharField(
        "计量单位",
        max_length=24,
        blank=True,
        help_text="数后面的单位，金额一律写 元，其余照抄，如 %、个百分点、次；没有数的留空。",
    )
    qualifier = models.CharField(
        "限定",
        max_length=16,
        choices=Limit,
        blank=True,
        help_text=("最高、不超过 选“不超过”，不低于 选“至少”，没有这类词的选“原文未加限定”；没有标准的留空。"),
    )
    sense = models.CharField(
        "含义",
        max_length=16,
        choices=Sense,
        blank=True,
        help_text=(
            "按95%结算、减按50%征收 这样照这个比例付的选“按此计”，下调10%、"
            "减息1个百分点 这样减去的选“减去此数”；补贴金额留空。"
        ),
    )
    one_off = models.BooleanField("一次性", default=False, help_text="原文写“一次性”的才勾选，如 一次性创业补贴。")
    derived = models.BooleanField(
        "由文字推得", default=False, help_text="原文没有数字、标准由文字得来的才勾选，如 减半 写 50%。"
    )

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
    due = models.DateField("截止日期", help_text="须办完的最后一天，含当日，如 在2023年12月31日前 写 2023-12-31。")
    action = models.CharField("事项", max_length=240, help_text="照抄到期以前要办的事，如 补缴相关欠款。")
    softness = models.CharField(
        "限定语", max_length=24, blank=True, help_text="照抄留有余地的词，如 原则上；没有的留空。"
    )

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
