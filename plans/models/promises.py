"""The yearly plan: its targets, its projects and tasks."""

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

# ISO 8601 as precise as the text: a year, or a day. Kept as text, since "2025" is not the 31st of December.
validate_due = RegexValidator(r"\A\d{4}(-\d{2}-\d{2})?\Z", "完成时限写作 2025 或 2023-06-30。")


class PlanQuerySet(SourcedQuerySet):
    """Plans, newest first."""


class Plan(Listed, Sourced):
    """The plan of one year; `code` is its address (2023)."""

    title = models.CharField("标题", max_length=240)
    year = models.PositiveSmallIntegerField("年度")

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "年度计划"
        verbose_name_plural = "年度计划"
        ordering = ["-year", "code"]
        indexes = [list_index("plan", "year")]
        constraints = [
            models.UniqueConstraint(
                fields=["document"],
                name="plan_one_per_document",
                violation_error_message="一份文件只对应一个年度计划。",
            ),
            place_once("plan"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"/plans/{self.code}/"

    def listing(self):
        """Newest first."""
        return {"place": place_of(f"{9999 - self.year:04}", self.code)}

    @property
    def parts_count(self):
        """How many parts the plan's text has; the text itself says 6方面工作."""
        return self.document.passages.filter(kind="heading", level=1).count()


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


class Target(Promise):
    """A stated outcome, numeric or not.

    `value` is in `unit` as printed; `derived` marks a value that the words carry without a numeral.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="年度计划", related_name="targets")
    name = models.CharField("目标名称", max_length=120)
    value = models.DecimalField("目标值", max_digits=18, decimal_places=4, null=True, blank=True)
    value_max = models.DecimalField("目标值上限", max_digits=18, decimal_places=4, null=True, blank=True)
    unit = models.CharField("计量单位", max_length=24, blank=True)
    qualifier = models.CharField("限定", max_length=16, choices=Qualifier)
    direction = models.CharField("方向", max_length=16, choices=Direction, blank=True)
    commitment = models.CharField("承诺用语", max_length=16, choices=Commitment, blank=True)
    basis = models.CharField("比较基准", max_length=80, blank=True)
    base_year = models.PositiveSmallIntegerField("基期年份", null=True, blank=True)
    due = models.CharField("完成时限", max_length=10, blank=True, validators=[validate_due])
    due_precision = models.CharField("时限精度", max_length=16, choices=DuePrecision)
    due_basis = models.CharField("时限依据", max_length=16, choices=DueBasis)
    headline = models.BooleanField("主要预期目标", default=False)
    nature = models.CharField("指标属性", max_length=16, choices=Nature, blank=True)
    as_written = models.CharField("原文表述", max_length=240)
    derived = models.BooleanField("由文字推得", default=False, help_text="原文没有数字，值由文字推得（如 千亿级）。")
    same_as = models.ForeignKey(
        "self", models.PROTECT, verbose_name="与之相同", related_name="repeated_by", null=True, blank=True
    )
    part_of = models.ForeignKey(
        "KeyProject", models.PROTECT, verbose_name="所属项目", related_name="targets", null=True, blank=True
    )
    note = models.CharField("说明", max_length=240, blank=True)

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
    name = models.CharField("名称", max_length=120)
    kind = models.CharField("类别", max_length=16, choices=ProjectKind)
    action = models.CharField("要求", max_length=80, blank=True, help_text="原文的动词，如 加快建设。")
    count = models.PositiveIntegerField("数量", null=True, blank=True)
    scale = models.CharField("规模", max_length=120, blank=True)
    investment = models.BigIntegerField("总投资（元）", null=True, blank=True)
    commitment = models.CharField("承诺用语", max_length=16, choices=Commitment, blank=True)
    due = models.CharField("完成时限", max_length=10, blank=True, validators=[validate_due])
    due_precision = models.CharField("时限精度", max_length=16, choices=DuePrecision)
    due_basis = models.CharField("时限依据", max_length=16, choices=DueBasis)
    district = models.CharField("所在区", max_length=24, blank=True)
    listed = models.BooleanField("重点项目", default=False, help_text="仅限原文称为重点项目的。")
    same_as = models.ForeignKey(
        "self", models.PROTECT, verbose_name="与之相同", related_name="repeated_by", null=True, blank=True
    )
    part_of = models.ForeignKey(
        "self", models.PROTECT, verbose_name="所属项目", related_name="members", null=True, blank=True
    )
    note = models.CharField("说明", max_length=240, blank=True)

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
