"""Who is to report on targets and projects, and what was reported."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gazette.models import (
    History,
    Listed,
    PublicQuerySet,
    Unit,
    choice_constraint,
    code_field,
    list_index,
    newest_first,
    place_of,
    place_once,
)

from .. import lights
from ..choices import Light, LightBasis
from .promises import ACCEPT, ASSIGN, REPORT, KeyProject, Target


def one_owner(name):
    """A target or a project, exactly one."""
    return models.CheckConstraint(
        name=name,
        condition=Q(target__isnull=True, project__isnull=False) | Q(target__isnull=False, project__isnull=True),
        violation_error_message="请选择一个目标或一个项目，二者只能取一。",
    )


class Assignment(models.Model):
    """Staff's own link of a target or project to a unit; shown as 由本站指定，文件未载明."""

    target = models.ForeignKey(
        Target,
        models.CASCADE,
        verbose_name="目标",
        related_name="assignments",
        null=True,
        blank=True,
        help_text="按名称查找；与项目二者选一，指定到项目的留空。",
    )
    project = models.ForeignKey(
        KeyProject,
        models.CASCADE,
        verbose_name="项目与任务",
        related_name="assignments",
        null=True,
        blank=True,
        help_text="按名称查找；与目标二者选一，指定到目标的留空。",
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="单位",
        related_name="assignments",
        help_text="由哪个单位办理和报送；文件没有写明责任单位，页面注明由本站指定。",
    )
    note = models.CharField("说明", max_length=240, blank=True, help_text="指定的由来或分工，公开；没有的留空。")
    history = History()

    class Meta:
        verbose_name = "指定责任单位"
        verbose_name_plural = "指定责任单位"
        ordering = ["id"]
        constraints = [
            one_owner("assignment_one_owner"),
            models.UniqueConstraint(
                fields=["target", "unit"],
                name="assignment_unit_once_for_target",
                violation_error_message="该目标已指定过这个单位。",
            ),
            models.UniqueConstraint(
                fields=["project", "unit"],
                name="assignment_unit_once_for_project",
                violation_error_message="该项目已指定过这个单位。",
            ),
        ]

    def __str__(self):
        return f"{self.target or self.project} → {self.unit}"


def only_own_unit(user):
    """Whether a member of staff reports for his or her unit and does nothing else with reports."""
    return user.has_perm(REPORT) and not (user.has_perm(ACCEPT) or user.has_perm(ASSIGN))


class ProgressReportQuerySet(PublicQuerySet):
    """What units reported."""

    def of_document(self, document):
        """Accepted reports on the records of one document, less those that were withdrawn."""
        # Two look-ups joined, since an `OR` over two tables is a walk through every report.
        every = ProgressReport.objects.order_by().values("pk")
        found = every.filter(target__document=document).union(every.filter(project__document=document))
        return self.filter(pk__in=found, accepted_at__isnull=False, withdrawn_at__isnull=True)

    def waiting(self):
        """Reports that nobody has decided on."""
        return self.filter(accepted_at__isnull=True, returned_at__isnull=True)

    def told(self):
        """What pages tell of a public record: accepted reports, and that some were withdrawn."""
        return self.filter(Q(place__isnull=False) | Q(withdrawn_at__isnull=False))

    def latest_first(self):
        """By the day that they are of; of one day, what was accepted later stands for what was accepted before."""
        return self.order_by("-as_of", "-accepted_at", "-code")

    def for_list(self):
        """With the record reported on and the unit."""
        return self.select_related("target__plan", "project__plan", "unit")

    def visible_to(self, user):
        """What a member of staff may see: who only reports for a unit sees that unit's."""
        if not only_own_unit(user):
            return self
        return self.filter(unit=user.unit_id) if user.unit_id else self.none()


class ProgressReport(Listed):
    """What a unit reported about a target or project as of a day: a value or a stage, with its source.

    It waits until it is accepted, which makes it public, or returned; a public one is withdrawn, never edited.
    `light_computed` is what the rules give (`plans.lights`), `light` what is shown, `light_reason` why it differs.
    """

    code = code_field()
    target = models.ForeignKey(
        Target,
        models.PROTECT,
        verbose_name="目标",
        related_name="reports",
        null=True,
        blank=True,
        help_text="只列可以报送的：已发布、并已指定给您的单位；与项目二者选一，报项目的留空。",
    )
    project = models.ForeignKey(
        KeyProject,
        models.PROTECT,
        verbose_name="项目与任务",
        related_name="reports",
        null=True,
        blank=True,
        help_text="只列可以报送的：已发布、并已指定给您的单位；与目标二者选一，报目标的留空。",
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="填报单位",
        related_name="reports",
        help_text="这次的数字和阶段是哪个单位报来的。",
    )
    as_of = models.DateField("截至日期", help_text="完成值和阶段是到哪一天为止的，不是填报的日子。")
    value = models.DecimalField(
        "完成值",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="从年初累计到截至日期的数；增长率、比率写截至日期的数。没有数值的目标和项目留空。",
    )
    value_unit = models.CharField(
        "完成值单位", max_length=24, blank=True, help_text="目标的留空即与目标相同；项目的须写明，如 个、万元。"
    )
    stage = models.CharField("进展阶段", max_length=120, blank=True, help_text="一句话，如 主体完工。")
    light = models.CharField(
        "进度",
        max_length=16,
        choices=Light,
        blank=True,
        help_text="能按数量和时间推算的留空，由系统推算；增长率、比率、上限和没有数值的由填报单位判定，依据写在来源里。",
    )
    light_computed = models.CharField("推算的进度", max_length=16, choices=Light, blank=True, editable=False)
    light_reason = models.CharField(
        "改判理由", max_length=240, blank=True, help_text="进度与系统推算的不同时必填，随进展公开。"
    )
    note = models.TextField("说明", blank=True, help_text="数字和阶段之外须告诉读者的，随进展公开；没有的留空。")
    source = models.CharField("来源", max_length=240, help_text="数字和判断出自哪里，如 统计月报；随进展公开。")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="填报人",
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True, editable=False)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="审核人",
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    accepted_at = models.DateTimeField("采纳时间", null=True, blank=True, editable=False)
    returned_at = models.DateTimeField("退回时间", null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)
    opinion = models.TextField("审核意见", blank=True, editable=False)
    withdrawal_reason = models.TextField("撤回理由", blank=True, editable=False)
    history = History()

    objects = ProgressReportQuerySet.as_manager()

    # Who did what at the desk, and when, is not what was reported.
    not_content = (
        "reporter",
        "submitted_at",
        "reviewer",
        "returned_at",
        "withdrawn_at",
        "opinion",
        "withdrawal_reason",
    )
    # Fields that came later do not alter the hash of what says nothing in them.
    content_if_filled = ("value_unit", "light_computed", "light_reason")

    class Meta:
        verbose_name = "进展情况"
        verbose_name_plural = "进展情况"
        ordering = ["-as_of", "code"]
        permissions = [("report_progress", "可以报送进展"), ("accept_progress", "可以审核进展")]
        indexes = [list_index("progress_report", field) for field in ("unit", "light")]
        constraints = [
            place_once("progress_report"),
            one_owner("progress_report_one_owner"),
            choice_constraint("progress_report_light_known", "light", Light, blank=True),
            choice_constraint("progress_report_computed_known", "light_computed", Light, blank=True),
            models.CheckConstraint(
                name="progress_report_says_something",
                condition=Q(value__isnull=False) | ~Q(stage=""),
                violation_error_message="完成值与进展阶段至少填写一项。",
            ),
            models.CheckConstraint(
                name="progress_report_override_says_why",
                condition=Q(light_computed="") | Q(light=F("light_computed")) | ~Q(light_reason=""),
                violation_error_message="进度与系统推算的不同，请写明改判理由。",
            ),
            models.CheckConstraint(
                name="progress_report_reviewed_by_another",
                condition=Q(reviewer__isnull=True) | Q(reporter__isnull=True) | ~Q(reviewer=F("reporter")),
                violation_error_message="进展情况须由填报人以外的人审核。",
            ),
            models.CheckConstraint(
                name="progress_report_returned_says_why",
                condition=Q(returned_at__isnull=True) | (Q(accepted_at__isnull=True) & ~Q(opinion="")),
                violation_error_message="退回进展情况须写明理由；已采纳的不能退回。",
            ),
            models.CheckConstraint(
                name="progress_report_withdrawn_says_why",
                condition=Q(withdrawn_at__isnull=True) | (Q(accepted_at__isnull=False) & ~Q(withdrawal_reason="")),
                violation_error_message="撤回进展情况须写明理由；没有采纳的不能撤回。",
            ),
        ]

    def __str__(self):
        return f"{self.promise} {self.as_of}"

    def clean(self):
        """Days and figures that fit what is reported on; a target's figure is in the target's unit."""
        super().clean()
        if not (self.target_id or self.project_id):
            return
        errors = {}
        if self.as_of and self.as_of > timezone.localdate():
            errors["as_of"] = f"截至日期 {self.as_of} 还没有到；请写已经过去的日子。"
        elif self.as_of and self.as_of.year < self.promise.plan.year:
            errors["as_of"] = f"截至日期 {self.as_of} 早于{self.promise.plan.year}年度；请核对年份。"
        if self.value is None:
            self.value_unit = ""
        elif not self.promise.has_number:
            errors["value"] = f"“{self.promise}”没有数值，完成值请留空，进展写在“进展阶段”里。"
        elif self.target_id and self.value_unit not in ("", self.target.unit):
            errors["value_unit"] = f"“{self.target}”以“{self.target.unit}”计，完成值请换算成“{self.target.unit}”再填。"
        elif self.target_id:
            self.value_unit = self.target.unit
        elif not self.value_unit:
            errors["value_unit"] = "请写明完成值的单位，如 个、万元。"
        if self.value is not None and self.value < 0 and self.value_unit in lights.COUNTS | lights.MONEY:
            errors["value"] = f"完成值 {self.value.normalize():f} 小于零；请填写累计完成的数。"
        if errors:
            raise ValidationError(errors)

    def get_absolute_url(self):
        return self.promise.get_absolute_url() + "#progress"

    def listing(self):
        """Newest first."""
        return {"place": place_of(newest_first(self.as_of), self.code)}

    @property
    def promise(self):
        """The target or project reported on."""
        return self.target or self.project

    @property
    def document(self):
        """The document of what is reported on."""
        return self.promise.document

    @property
    def state(self):
        """Where it stands at the desk, in words."""
        if self.withdrawn_at:
            return "已撤回"
        if self.accepted_at:
            return "已采纳"
        return "已退回" if self.returned_at else "待审核"

    @property
    def measured_in(self):
        """The unit of the value; one that was not reported is the target's."""
        if self.value is None:
            return ""
        return self.value_unit or (self.target.unit if self.target_id else "")

    @property
    def light_basis(self):
        """Whether the light follows from the rules, was said by the unit, or against the rules; empty without one."""
        if self.light and self.light == self.light_computed:
            return LightBasis.COMPUTED
        if self.light_computed:
            return LightBasis.OVERRIDDEN
        return LightBasis.BY_HAND if self.light else ""

    @property
    def light_basis_words(self):
        """The same in words."""
        return LightBasis(self.light_basis).label if self.light_basis else ""

    @property
    def goal(self):
        """What the value is measured by (`plans.lights.Goal`), or None."""
        measure = lights.target_goal if self.target_id else lights.project_goal
        return measure(self.promise, self.measured_in)

    def compute_light(self):
        """What the rules give; empty where they give none."""
        rules = lights.Rules(settings.PROGRESS_YELLOW, settings.PROGRESS_RED)
        return str(lights.light(self.goal, self.value, self.as_of, rules))

    def settle_light(self):
        """Follow the rules anew where the light follows them; whether anything changed.

        What a person said stays: a light by hand as it is, an override beside what the rules give now.
        """
        computed = self.compute_light()
        by_hand = self.light and not self.light_computed
        if computed == self.light_computed or by_hand:
            return False
        if self.light == self.light_computed:
            self.light = computed
        self.light_computed = computed
        return True

    @property
    def standing(self):
        """The shares done and of days gone, in percent, with the period; None where the rules give no light."""
        if not self.light_computed or (goal := self.goal) is None:
            return None
        return {
            "done": round(100 * goal.done(self.value), 1),
            "elapsed": round(100 * goal.elapsed(self.as_of), 1),
            "starts": goal.starts,
            "due": goal.due,
        }
