"""Mergers of the registers' entries: what was moved, so that it can be undone."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from simple_history.models import HistoricalRecords

from .base import CODE_LENGTH
from .ledger import Change, Operation, Origin


class MergerQuerySet(models.QuerySet):
    """Mergers by what they did to the ledger."""

    def undid(self, seq: int) -> bool:
        """Whether a line of the ledger deleted an entry whose merger was undone: after it alone a code may return."""
        line = Change.objects.filter(
            seq=OuterRef("seq"),
            op=Operation.DELETE,
            origin=Origin.REGISTER,
            kind=OuterRef("kind"),
            code=OuterRef("code"),
            merged_into=OuterRef("survivor"),
        )
        return self.filter(Exists(line), seq=seq, undone_at__isnull=False).exists()


class Merger(models.Model):
    """One entry of a register merged into another of its kind.

    `entry` is the merged one as it was stored; `moved` names what referred to it, and how it was left: [model, id,
    field, words, stored fields] for each row. `seq` is the first line of the ledger that the merger wrote, which
    deletes the entry if it was public; empty where nothing of it was.
    """

    kind = models.CharField("类别", max_length=24)
    code = models.CharField("被合并的代码", max_length=CODE_LENGTH)
    name = models.CharField("被合并的名称", max_length=240)
    survivor = models.CharField("并入的代码", max_length=CODE_LENGTH)
    survivor_name = models.CharField("并入的名称", max_length=240)
    reason = models.TextField("合并理由")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="合并人", related_name="+")
    at = models.DateTimeField("合并时间")
    seq = models.PositiveBigIntegerField("更新序号", null=True, blank=True)
    entry = models.JSONField("原条目")
    moved = models.JSONField("转移的引用")
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="撤销人", related_name="+", null=True, blank=True
    )
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    history = HistoricalRecords()

    objects = MergerQuerySet.as_manager()

    class Meta:
        verbose_name = "合并"
        verbose_name_plural = "合并"
        ordering = ["-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="merger_has_reason", condition=~Q(reason=""), violation_error_message="请写明合并理由。"
            ),
            models.CheckConstraint(
                name="merger_of_two",
                condition=~Q(code=F("survivor")),
                violation_error_message="不能把一条并入它自己。",
            ),
            models.CheckConstraint(
                name="merger_undone_by_somebody",
                condition=Q(undone_by__isnull=True, undone_at__isnull=True)
                | Q(undone_by__isnull=False, undone_at__isnull=False),
                violation_error_message="撤销合并须有撤销人和时间。",
            ),
        ]

    def __str__(self):
        return f"{self.name} → {self.survivor_name}"
