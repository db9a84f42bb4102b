"""The public ledger: what became public, changed or was withdrawn, in order; and the public form of each record.

Only `gazette.publication` writes here.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .base import CODE_LENGTH, choice_constraint
from .documents import Document


class Operation(models.TextChoices):
    """What happened to a public record."""

    PUBLISH = "publish", "发布"
    UPDATE = "update", "更新"
    WITHDRAW = "withdraw", "撤回"
    DELETE = "delete", "删除"


# After these a record is not public; what is deleted stays so.
GONE = {Operation.WITHDRAW, Operation.DELETE}


class Origin(models.TextChoices):
    """By which way a change came about."""

    FOUNDING = "founding", "建站首次装载"
    REVIEW = "review", "审核发布"
    SAMPLE = "sample", "示例"
    CORRECTION = "correction", "更正"
    PROGRESS = "progress", "进展报送"
    EMERGENCY = "emergency", "应急发布"
    REGISTER = "register", "单位与人员变更"


class WithdrawalReason(models.TextChoices):
    """Why a document was taken from the public."""

    MISTAKE = "mistake", "发布有误"
    SECRET = "secret", "涉密"
    REPLACED = "replaced", "已被替代"
    PRIVACY = "privacy", "涉及个人隐私"
    OTHER = "other", "其他"


# What is loaded is published as it comes, an emergency is looked at afterwards; all else goes through review.
UNREVIEWED = {Origin.FOUNDING, Origin.SAMPLE, Origin.EMERGENCY}


class LedgerHead(models.Model):
    """The one row whose update comes first in every publication and holds the lock to the commit."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = "更新记录头"
        verbose_name_plural = "更新记录头"
        constraints = [models.CheckConstraint(name="ledger_head_is_one_row", condition=Q(id=1))]

    def __str__(self):
        return str(self.seq)


class ChangeQuerySet(models.QuerySet):
    """The ledger's lines."""

    def withdrawal_of(self, kind, code):
        """The line that withdrew or deleted a record, if its last line does; else None."""
        line = self.filter(kind=kind, code=code).order_by("-seq").first()
        return line if line is not None and line.op in GONE else None


class Change(models.Model):
    """One line of the ledger; `seq` has no gaps and follows the order of commits."""

    seq = models.PositiveBigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间")
    op = models.CharField("操作", max_length=16, choices=Operation)
    origin = models.CharField("来由", max_length=16, choices=Origin)
    kind = models.CharField("类别", max_length=24)
    code = models.CharField("代码", max_length=CODE_LENGTH)
    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="changes")
    revision = models.PositiveIntegerField("版次")
    hash = models.CharField("内容摘要", max_length=80)
    path = models.CharField("页面", max_length=240)
    merged_into = models.CharField(
        "并入", max_length=CODE_LENGTH, blank=True, help_text="被删除的记录并入同类的哪一条；没有并入的为空。"
    )
    reason = models.CharField("撤回原因", max_length=16, choices=WithdrawalReason, blank=True)
    explanation = models.TextField("撤回说明", blank=True, help_text="随撤回公开。")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="操作人", related_name="+", null=True, blank=True
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "更新记录"
        verbose_name_plural = "更新记录"
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["kind", "code", "seq"], name="change_by_record"),
            # Each serves the ledger's list by one filter.
            *(models.Index(fields=[name, "seq"], name=f"change_list_{name}") for name in ("code", "kind", "op")),
        ]
        constraints = [
            choice_constraint("change_op_known", "op", Operation),
            choice_constraint("change_origin_known", "origin", Origin),
            choice_constraint("change_reason_known", "reason", WithdrawalReason, blank=True),
            models.CheckConstraint(
                name="change_reason_with_explanation",
                condition=Q(reason="", explanation="") | (Q(op="withdraw") & ~Q(reason="") & ~Q(explanation="")),
                violation_error_message="撤回原因与说明须一并写明，且只用于撤回。",
            ),
        ]

    def __str__(self):
        return f"{self.seq} {self.get_op_display()} {self.kind} {self.code}"


class PublicRecord(models.Model):
    """A record as the public gets it, less what depends on the day; present exactly while the record is public.

    `body` is canonical JSON kept as text on purpose: it is served byte for byte, and PostgreSQL's jsonb would reorder
    its keys. `hash` is over the stored fields (`gazette.publication.content_hash`).
    """

    kind = models.CharField("类别", max_length=24)
    code = models.CharField("代码", max_length=CODE_LENGTH)
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        verbose_name="文件",
        related_name="public_records",
        null=True,
        blank=True,
        help_text="单位、人员和职务不属于某一文件，此处为空。",
    )
    revision = models.PositiveIntegerField("版次")
    hash = models.CharField("内容摘要", max_length=80)
    path = models.CharField("页面", max_length=240)
    body = models.TextField("公开内容")
    seq = models.PositiveBigIntegerField("最近更新序号")
    published_at = models.DateTimeField("发布时间")
    changed_at = models.DateTimeField("更改时间")

    class Meta:
        verbose_name = "公开记录"
        verbose_name_plural = "公开记录"
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"], name="public_record_once", violation_error_message="同一记录只公开一份。"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.code} r{self.revision}"
