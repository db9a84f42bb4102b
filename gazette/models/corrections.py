"""Corrections: proposed changes to public records, each to one record and its children, kept for ever."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from .base import CODE_LENGTH, choice_constraint
from .documents import Document, DocumentStatus


class CorrectionState(models.TextChoices):
    """What became of a proposed correction."""

    PROPOSED = "proposed", "待审核"
    ACCEPTED = "accepted", "已采纳"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤销"
    SUPERSEDED = "superseded", "已失效"


class CorrectionQuerySet(models.QuerySet):
    """Corrections; the public sees those that were accepted, of documents that are public."""

    def public(self):
        """What the public sees, at any time and anywhere."""
        return self.filter(state=CorrectionState.ACCEPTED, document__status=DocumentStatus.PUBLISHED)

    def of_record(self, kind, code):
        """The public corrections of one record, newest first."""
        return self.public().filter(kind=kind, code=code).order_by("-seq")


class Correction(models.Model):
    """A proposed change to a public record and its children, with its reason, and what became of it.

    `difference` is what is repeated on acceptance (`gazette.correcting`); `changes` is the same in words, for people:
    a list of {field, label, old, new}, old or new None where there was or is nothing. `base_seq` is the ledger's head
    when it was proposed, `base_revision` the record's, 0 where the record is new; `seq` is the first line that its
    acceptance wrote.
    """

    kind = models.CharField("记录类别", max_length=24)
    code = models.CharField("记录代码", max_length=CODE_LENGTH)
    name = models.CharField("记录", max_length=240)
    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="corrections")
    path = models.CharField("页面", max_length=240)
    base_revision = models.PositiveIntegerField("所据版次")
    base_seq = models.PositiveBigIntegerField("所据更新序号")
    difference = models.JSONField("差异")
    changes = models.JSONField("改动")
    reason = models.TextField("更正理由", help_text="采纳后随更正公开。")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提出人", related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=16, choices=CorrectionState, default=CorrectionState.PROPOSED)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="审核人", related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField("办结时间", null=True, blank=True)
    opinion = models.TextField("审核意见", blank=True)
    seq = models.PositiveBigIntegerField("更新序号", null=True, blank=True, unique=True)
    history = HistoricalRecords()

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "更正"
        verbose_name_plural = "更正"
        ordering = ["-pk"]
        default_permissions = ["view"]
        permissions = [("propose_correction", "可以提出更正"), ("review_correction", "可以审核更正")]
        indexes = [
            models.Index(fields=["kind", "code", "seq"], name="correction_by_record"),
            models.Index(fields=["document", "seq"], name="correction_by_document"),
            models.Index(fields=["state", "proposed_at"], name="correction_by_state"),
        ]
        constraints = [
            choice_constraint("correction_state_known", "state", CorrectionState),
            models.CheckConstraint(
                name="correction_has_reason", condition=~Q(reason=""), violation_error_message="请写明更正理由。"
            ),
            models.CheckConstraint(
                name="correction_reviewed_by_another",
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("author")),
                violation_error_message="更正须由提出人以外的人审核。",
            ),
            models.CheckConstraint(
                name="correction_accepted_has_line",
                condition=Q(state="accepted", seq__isnull=False, reviewer__isnull=False, decided_at__isnull=False)
                | (~Q(state="accepted") & Q(seq__isnull=True)),
                violation_error_message="已采纳的更正须有审核人、时间和更新序号，其余的没有更新序号。",
            ),
            models.CheckConstraint(
                name="correction_returned_says_why",
                condition=~Q(state="returned") | (Q(reviewer__isnull=False) & ~Q(opinion="")),
                violation_error_message="退回更正须写明理由。",
            ),
            models.UniqueConstraint(
                fields=["kind", "code"],
                condition=Q(state="proposed"),
                name="correction_one_open_for_a_record",
                violation_error_message="该记录已有待审核的更正。",
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.get_state_display()}"

    @property
    def is_open(self):
        """Whether it waits for a reviewer."""
        return self.state == CorrectionState.PROPOSED

    @property
    def is_addition(self):
        """Whether it adds a record that was left out, instead of changing one."""
        return self.base_revision == 0
