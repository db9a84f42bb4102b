"""What a plan promises: its targets, its projects and tasks."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from gazette.models import (
    Listed,
    Sourced,
    SourcedQuerySet,
    choice_constraint,
    list_index,
    place_of,
    place_once,
)

from ..choices import (
    Commitment,
    Direction,
    DueBasis,
    DuePrecision,
    Nature,
    ProjectKind,
    Qualifier,
)
from .plan import Plan

# ISO 8601 as precise as the text: a year, or a day. Kept as text, since "2025" is not the 31st of December.
validate_due = RegexValidator(r"\A\d{4}(-\d{2}-\d{2})?\Z", "完成时限写作 2025 或 2023-06-30。")


# Who reports, who reviews what was reported, and who assigns units and may so report for any of them.
REPORT, ACCEPT, ASSIGN = "plans.report_progress", "plans.accept_progress", "plans.add_assignment"


class PromiseQuerySet(SourcedQuerySet):
    """Targets and projects: what the plan promises."""

    def for_list(self):
        """With plan, source, and the records that this one repeats or belongs to."""
        return self.select_related("document", "passage__parent", "plan", "same_as__plan", "part_of__plan")

    def for_publication(self):
        """With assignments as well."""
        return self.for_list().prefetch_related("assignments__unit")

    def for_page(self):
        """With the public records that repeat this one or belong to it, and what is told of reports."""
        from .reports import ProgressReport

        reports = ProgressReport.objects.told().latest_first().select_related("unit")
        members = {"members": KeyProject, "targets": Target} if self.model is KeyProject else {}
        return self.for_publication().prefetch_related(
            models.Prefetch("reports", reports, to_attr="told_reports"),
            *(
                models.Prefetch(name, model.objects.public().for_list())
                for name, model in {"repeated_by": self.model, **members}.items()
            ),
        )

    def reportable_by(self, user):
        """What a member of staff may report on: public, and assigned to his or her unit unless he or she assigns."""
        if not user.has_perm(REPORT):
            return self.none()
        if user.has_perm(ASSIGN):
            return self.public()
        if not user.unit_id:
            return self.none()
        # A unit is assigned to a record once, so the join gives no row twice.
        return self.public().filter(assignments__unit=user.unit_id)


def due_constraints(prefix):
    """The rules that a due date keeps, for targets and projects alike."""
    return [
        choice_constraint(f"{prefix}_due_precision_known", "due_precision", DuePrecision),
        choice_constraint(f"{prefix}_due_basis_known", "due_basis", DueBasis),
        models.CheckConstraint(
            name=f"{prefix}_due_agrees_with_basis",
            condition=Q(due="", due_precision="none", due_basis="none")
            | (~Q(due="") & ~Q(due_precision="none") & ~Q(due_basis="none")),
            violation_error_message="完成时限、精度与依据要么都填写，要么都选“文中未载明”。",
        ),
        choice_constraint(f"{prefix}_commitment_known", "commitment", Commitment, blank=True),
        models.CheckConstraint(
            name=f"{prefix}_not_same_as_itself",
            condition=Q(same_as__isnull=True) | ~Q(same_as=F("id")),
            violation_error_message="一条记录不能与自己相同。",
        ),
    ]


class ProjectQuerySet(PromiseQuerySet):
    """Projects and tasks."""

    def with_light(self):
        """With the `light` of the newest accepted report; None where there is no report."""
        from .reports import ProgressReport

        newest = ProgressReport.objects.public().filter(project=models.OuterRef("pk")).latest_first()
        return self.annotate(light=models.Subquery(newest.values("light")[:1]))


def due_index(prefix):
    """Serves the calendar: what is due on a day, or within a year."""
    return models.Index(fields=["due_precision", "due"], name=f"{prefix}_by_due")


class Promise(Listed, Sourced):
    """A target or a project: stands in the order of the plan's text, and in one of its parts."""

    kept_by_publication = ("place", "part")

    part = models.PositiveSmallIntegerField("部分", null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def accepted_reports(self):
        """The public reports, the latest first; of a record read `for_page()`."""
        return [report for report in self.told_reports if not report.withdrawn_at]

    @property
    def withdrawn_reports(self):
        """The reports that were public once; of a record read `for_page()`."""
        return [report for report in self.told_reports if report.withdrawn_at]

    def listing(self):
        """In the order of the text, the newest plan first."""
        place = place_of(self.plan.listing()["place"], self.passage.order, self.start, self.code)
        return {"place": place, "part": self.passage.part}


# What targets and projects are both asked by.
PROMISE_FILTERS = ("part", "commitment", "due", "due_precision")


# What is said beside the fields that targets and projects share.
HELP = {
    "commitment": "力争、努力选力争，必须、坚决选必须，确保、争创、探索照选；这类词不能略去，没有的留空。",
    "due": ("到哪一年写 2025，到哪一天写 2025-12-31；没写期限、随计划年度完成的写计划的年份；文中未载明的留空。"),
    "due_precision": "写“2025年”的选到年，写“2025年前”的选该年之前，写明月日的选到日，没有期限的选文中未载明。",
    "due_basis": (
        "原文写了期限的选文中载明，主要预期目标这样随年度的选随计划年度；“用3年时间”没写起点，选文中未载明。"
    ),
    "same_as": "原文别处已经说过同一件事的，选先说的那一条，如 滨河二期开发建设 在文中有三处；没有的留空。",
    "part_of": ("属于某个成组项目的选那一组，如 13个50亿元以上项目 属于 296个重点项目；原文没有写明属于哪个的留空。"),
    "note": "原文没有写清的地方，公开，如 原文未写明3年从何时起算；没有的留空。",
}


class Target(Promise):
    """A stated outcome, numeric or not.

    `value` is in `unit` as printed; `derived` marks a value that the words carry without a numeral.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="年度计划", related_name="targets")
    name = models.CharField(
        "目标名称", max_length=120, help_text="照抄指标或成效的名称，如 地区生产总值、城镇新增就业。"
    )
    value = models.DecimalField(
        "目标值",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="照抄数字，不换算，如 增长6%以上 写 6，300亿元以上 写 300；没有数字的（如 持续改善）留空。",
    )
    value_max = models.DecimalField(
        "目标值上限",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="原文给出一个幅度时，小的写在目标值，大的写在这里；只有一个数的留空。",
    )
    unit = models.CharField(
        "计量单位", max_length=24, blank=True, help_text="照抄数字后面的单位，如 %、人、亿元；没有数字的留空。"
    )
    qualifier = models.CharField(
        "限定",
        max_length=16,
        choices=Qualifier,
        help_text=(
            "以上、不低于 选“至少”，突破、超 选“超过”，以内 选“不超过”，千亿级 选“量级”，"
            "完成上级下达 选“按上级下达任务”，没有数字的成效选“定性目标”。"
        ),
    )
    direction = models.CharField(
        "方向",
        max_length=16,
        choices=Direction,
        blank=True,
        help_text="增长、提高选增加，下降、淘汰选减少（如 比2020年下降12%），始终保持选保持不变；没有写的留空。",
    )
    commitment = models.CharField(
        "承诺用语", max_length=16, choices=Commitment, blank=True, help_text=HELP["commitment"]
    )
    basis = models.CharField(
        "比较基准", max_length=80, blank=True, help_text="照抄同什么相比，如 比2020年、与经济增长；没有写的留空。"
    )
    base_year = models.PositiveSmallIntegerField(
        "基期年份", null=True, blank=True, help_text="同哪一年相比，如 比2020年 写 2020；没有写的留空。"
    )
    due = models.CharField("完成时限", max_length=10, blank=True, validators=[validate_due], help_text=HELP["due"])
    due_precision = models.CharField("时限精度", max_length=16, choices=DuePrecision, help_text=HELP["due_precision"])
    due_basis = models.CharField("时限依据", max_length=16, choices=DueBasis, help_text=HELP["due_basis"])
    headline = models.BooleanField(
        "主要预期目标",
        default=False,
        help_text="写在计划开头“主要预期目标是：”之后的才勾选，如 地区生产总值增长6%以上。",
    )
    nature = models.CharField(
        "指标属性",
        max_length=16,
        choices=Nature,
        blank=True,
        help_text="主要预期目标选预期性；其余原文没有标明的留空。",
    )
    as_written = models.CharField(
        "原文表述",
        max_length=240,
        help_text="照抄带限定和数字的原话，如 增长6%以上、4000人以上、完成自治区下达目标任务。",
    )
    derived = models.BooleanField(
        "由文字推得", default=False, help_text="原文没有数字、目标值由文字得来的才勾选，如 千亿级。"
    )
    same_as = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="与之相同",
        related_name="repeated_by",
        null=True,
        blank=True,
        help_text=HELP["same_as"],
    )
    part_of = models.ForeignKey(
        "KeyProject",
        models.PROTECT,
        verbose_name="所属项目",
        related_name="targets",
        null=True,
        blank=True,
        help_text=HELP["part_of"],
    )
    note = models.CharField("说明", max_length=240, blank=True, help_text=HELP["note"])

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = "目标"
        verbose_name_plural = "目标"
        ordering = ["plan", "passage__order", "start", "code"]
        indexes = [
            *(list_index("target", field) for field in PROMISE_FILTERS),
            *(list_index("target", field) for field in ("qualifier", "direction", "nature", "headline")),
            due_index("target"),
        ]
        constraints = [
            place_once("target"),
            choice_constraint("target_qualifier_known", "qualifier", Qualifier),
            choice_constraint("target_direction_known", "direction", Direction, blank=True),
            choice_constraint("target_nature_known", "nature", Nature, blank=True),
            *due_constraints("target"),
            models.CheckConstraint(
                name="target_value_agrees_with_qualifier",
                condition=Q(value__isnull=False)
                | Q(qualifier__in=[Qualifier.KEEP, Qualifier.IN_STEP_WITH, Qualifier.ASSIGNED, Qualifier.NARRATIVE]),
                violation_error_message="没有目标值的目标，限定只能是“保持”“基本同步”“按上级下达任务”或“定性目标”。",
            ),
            models.CheckConstraint(
                name="target_range_in_order",
                condition=Q(value_max__isnull=True) | Q(value_max__gt=F("value")),
                violation_error_message="目标值上限必须大于目标值。",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/plans/{self.plan.code}/targets/{self.code}/"

    @property
    def has_number(self):
        """Whether a figure can be reported of it."""
        return self.value is not None


class KeyProject(Promise):
    """Works, bases, platforms, stated groups, special actions, creations, events and documents to be written.

    `listed` (重点项目) only where the text says so; `investment` is 总投资 in whole yuan.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="年度计划", related_name="projects")
    name = models.CharField(
        "名称", max_length=120, help_text="照抄项目或任务的名称，如 滨河二期开发建设、全国第五次经济普查。"
    )
    kind = models.CharField(
        "类别",
        max_length=16,
        choices=ProjectKind,
        help_text=(
            "建设、改造选工程，行动、普查选专项行动，“13个…项目”这样一组的选成组项目，"
            "品牌和示范区的创建选创建，编制方案选拟编制文件。"
        ),
    )
    action = models.CharField(
        "要求", max_length=80, blank=True, help_text="照抄名称前的动词，如 着力推进、高质量开展；没有的留空。"
    )
    count = models.PositiveIntegerField(
        "数量", null=True, blank=True, help_text="照抄个数，如 296个重点项目 写 296；写“一批”或没有写的留空。"
    )
    scale = models.CharField(
        "规模", max_length=120, blank=True, help_text="照抄规模，如 年产151万吨、总装机5.16万千瓦；没有写的留空。"
    )
    investment = models.BigIntegerField(
        "总投资（元）",
        null=True,
        blank=True,
        help_text=(
            "原文写明的总投资或投入，换算成元，如 总投资2400亿元 写 240000000000；完成投资、"
            "到位资金和签约金额录为目标；没有写的留空。"
        ),
    )
    commitment = models.CharField(
        "承诺用语", max_length=16, choices=Commitment, blank=True, help_text=HELP["commitment"]
    )
    due = models.CharField("完成时限", max_length=10, blank=True, validators=[validate_due], help_text=HELP["due"])
    due_precision = models.CharField("时限精度", max_length=16, choices=DuePrecision, help_text=HELP["due_precision"])
    due_basis = models.CharField("时限依据", max_length=16, choices=DueBasis, help_text=HELP["due_basis"])
    district = models.CharField(
        "所在区", max_length=24, blank=True, help_text="原文写明在哪个区的照抄，如 海勃湾区；没有写的留空。"
    )
    listed = models.BooleanField(
        "重点项目", default=False, help_text="原文称为重点项目的才勾选，如 296个重点项目；自己觉得重要的不算。"
    )
    same_as = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="与之相同",
        related_name="repeated_by",
        null=True,
        blank=True,
        help_text=HELP["same_as"],
    )
    part_of = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="所属项目",
        related_name="members",
        null=True,
        blank=True,
        help_text=HELP["part_of"],
    )
    note = models.CharField("说明", max_length=240, blank=True, help_text=HELP["note"])

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "项目与任务"
        verbose_name_plural = "项目与任务"
        ordering = ["plan", "passage__order", "start", "code"]
        indexes = [
            *(list_index("project", field) for field in (*PROMISE_FILTERS, "kind", "listed", "district")),
            due_index("project"),
        ]
        constraints = [
            place_once("project"),
            choice_constraint("project_kind_known", "kind", ProjectKind),
            *due_constraints("project"),
            models.CheckConstraint(
                name="project_investment_positive",
                condition=Q(investment__isnull=True) | Q(investment__gt=0),
                violation_error_message="总投资必须大于零，以元为单位填写整数。",
            ),
            models.CheckConstraint(
                name="project_not_part_of_itself",
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")),
                violation_error_message="项目不能属于自己。",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/plans/{self.plan.code}/projects/{self.code}/"

    @property
    def has_number(self):
        """Whether a figure can be reported of it."""
        return self.count is not None or self.investment is not None
