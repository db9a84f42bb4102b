"""Doubts: what a reader says is wrong with a public record, and the answer to it. Neither is public."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from .base import CODE_LENGTH, choice_constraint

TEXT_LENGTH = 2000


class DoubtState(models.TextChoices):
    """What became of a doubt."""

    OPEN = "open", "待答复"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已办结"


class DoubtQuerySet(models.QuerySet):
    """Doubts; there is no public one: the sender alone reads the answer, at the address of the receipt."""

    def open(self):
        """Those that wait for an answer."""
        return self.filter(state=DoubtState.OPEN)


class Doubt(models.Model):
    """What a reader, who need not say who, finds wrong with a record; `receipt` is the unguessable way to the answer.

    `sender` is a keyed hash of the address that it came from, kept for a day to bound how much comes from one.
    """

    receipt = models.CharField("回执", max_length=43, unique=True)
    kind = models.CharField("记录类别", max_length=24)
    code = models.CharField("记录代码", max_length=CODE_LENGTH)
    name = models.CharField("记录", max_length=240)
    path = models.CharField("页面", max_length=240)
    text = models.TextField("内容", max_length=TEXT_LENGTH)
    contact = models.CharField("联系方式", max_length=120, blank=True)
    at = models.DateTimeField("提交时间")
    sender = models.CharField("来源摘要", max_length=64, blank=True, editable=False)
    state = models.CharField("状态", max_length=16, choices=DoubtState, default=DoubtState.OPEN)
    answer = models.TextField("答复", blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="答复人", related_name="+", null=True, blank=True
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    # What is erased must not live on in the history.
    history = HistoricalRecords(excluded_fields=["contact", "sender"])

    objects = DoubtQuerySet.as_manager()

    class Meta:
        verbose_name = "公众纠错"
        verbose_name_plural = "公众纠错"
        ordering = ["-at", "-pk"]
        default_permissions = ["view"]
        permissions = [("answer_doubt", "可以答复纠错")]
        indexes = [
            models.Index(fields=["state", "-at"], name="doubt_by_state"),
            # Serves the bound on what comes from one address, and forgetting the addresses.
            models.Index(fields=["sender", "at"], name="doubt_by_sender", condition=~Q(sender="")),
        ]
        constraints = [
            choice_constraint("doubt_state_known", "state", DoubtState),
            models.CheckConstraint(
                name="doubt_says_something", condition=~Q(text=""), violation_error_message="请写明哪里不对。"
            ),
            models.CheckConstraint(
                name="doubt_decided_by_somebody",
                condition=Q(state="open", by__isnull=True, answered_at__isnull=True, answer="")
                | (~Q(state="open") & Q(by__isnull=False, answered_at__isnull=False)),
                violation_error_message="已答复或已办结的纠错须有答复人和时间，待答复的都没有。",
            ),
            models.CheckConstraint(
                name="doubt_answered_has_answer",
                condition=~Q(state="answered") | ~Q(answer=""),
                violation_error_message="请写答复。",
            ),
            models.CheckConstraint(
                name="doubt_settled_keeps_no_contact",
                condition=Q(state="open") | Q(contact=""),
                violation_error_message="办结的纠错不再保留联系方式。",
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.get_state_display()}"

    def get_absolute_url(self):
        return f"/doubts/{self.receipt}/"

    @property
    def is_open(self):
        """Whether it waits for an answer."""
        return self.state == DoubtState.OPEN
