"""The way of a document through review: what was done when by whom, and who stands in for whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from .base import choice_constraint
from .documents import Document


class ReviewAct(models.TextChoices):
    """What was done with a document on its way."""

    SUBMIT = "submit", "送审"
    APPROVE = "approve", "审核同意"
    RETURN = "return", "退回"
    RECALL = "recall", "撤回送审"
    REOPEN = "reopen", "退回草稿修改"
    VOID = "void", "内容有变，退回草稿"
    CANCEL = "cancel", "取消定时发布"
    PUBLISH = "publish", "发布"
    BYPASS = "bypass", "应急发布"
    CLEAR = "clear", "核销应急发布"
    WITHDRAW = "withdraw", "撤回公开"


class ReviewEntry(models.Model):
    """One act on a document's way: who did it when, for whom, at which step, and with what opinion.

    Entries are kept for ever; an approval that counts no more is marked `void`. `digest` is the hash of all that was
    submitted; `seq` the first line of the ledger that the act wrote.
    """

    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="review_entries")
    round = models.PositiveSmallIntegerField("第几次送审")
    act = models.CharField("事项", max_length=16, choices=ReviewAct)
    step = models.PositiveSmallIntegerField("审核步骤", default=0)
    steps = models.PositiveSmallIntegerField("审核步骤数", default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="办理人", related_name="+", null=True, blank=True
    )
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="代谁办理", related_name="+", null=True, blank=True
    )
    at = models.DateTimeField("办理时间")
    opinion = models.TextField("意见", blank=True)
    proofread = models.BooleanField("已校对", default=False)
    void = models.BooleanField("已作废", default=False)
    publish_at = models.DateTimeField("定时发布时间", null=True, blank=True)
    digest = models.CharField("内容摘要", max_length=80, blank=True)
    seq = models.PositiveBigIntegerField("更新序号", null=True, blank=True)

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        ordering = ["-pk"]
        default_permissions = ["view"]
        constraints = [
            choice_constraint("review_act_known", "act", ReviewAct),
            models.CheckConstraint(
                name="review_approval_proofread",
                condition=~Q(act="approve") | Q(proofread=True, step__gte=1, step__lte=F("steps"), by__isnull=False),
                violation_error_message="审核同意须写明步骤和办理人，并勾选已校对。",
            ),
            models.CheckConstraint(
                name="review_says_why",
                condition=~Q(act__in=["return", "bypass", "clear", "withdraw"]) | ~Q(opinion=""),
                violation_error_message="退回、应急发布、核销和撤回都须写明理由。",
            ),
            models.CheckConstraint(
                name="review_not_in_place_of_oneself",
                condition=Q(in_place_of__isnull=True) | ~Q(in_place_of=F("by")),
                violation_error_message="不能代自己办理。",
            ),
            models.UniqueConstraint(
                fields=["document", "round", "step"],
                condition=Q(act="approve", void=False),
                name="review_step_approved_once",
                violation_error_message="同一步骤只能办理一次。",
            ),
            models.UniqueConstraint(
                fields=["document", "round", "by"],
                condition=Q(act="approve", void=False),
                name="review_steps_by_different_people",
                violation_error_message="每一步须由不同的人办理。",
            ),
        ]

    def __str__(self):
        return f"{self.document} {self.get_act_display()}"


class DeputyQuerySet(models.QuerySet):
    """Who stands in for whom."""

    def on(self, day):
        """What holds on a day; both ends are inclusive."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def on_today(self):
        """What holds today."""
        return self.on(timezone.localdate())


class Deputy(models.Model):
    """A person who reviews in place of an absent reviewer on stated days, with that reviewer's rights."""

    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="被代理人",
        related_name="+",
        help_text="因故不在岗的审核人；代理人只有被代理人本人现有的审核权限。",
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="代理人",
        related_name="+",
        help_text="在这些天代为审核的人；编辑过文件或办过其他步骤的仍不能审核该文件。",
    )
    starts_on = models.DateField("起始日期", help_text="含当日。")
    ends_on = models.DateField("截止日期", help_text="含当日。")
    note = models.CharField("事由", max_length=240, help_text="例如 外出培训。")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="指定人", related_name="+", editable=False
    )
    history = HistoricalRecords()

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = "审核代理"
        verbose_name_plural = "审核代理"
        ordering = ["-starts_on", "-pk"]
        indexes = [models.Index(fields=["deputy", "ends_on"], name="deputy_by_person")]
        constraints = [
            models.CheckConstraint(
                name="deputy_is_another",
                condition=~Q(deputy=F("principal")),
                violation_error_message="代理人不能是被代理人本人。",
            ),
            models.CheckConstraint(
                name="deputy_ends_after_start",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="代理的截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                name="deputy_set_by_another",
                condition=~Q(set_by=F("deputy")),
                violation_error_message="代理人须由本人以外的人指定。",
            ),
        ]

    def __str__(self):
        return f"{self.deputy}代{self.principal}"
