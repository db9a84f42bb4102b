"""Words that staff watch for in what they are about to publish."""

from django.db import models
from simple_history.models import HistoricalRecords

from .base import choice_constraint


class WatchedKind(models.TextChoices):
    """What finding a word means."""

    FORBIDDEN = "forbidden", "禁用词"
    SUSPECT = "suspect", "疑似错误"


class WatchedWord(models.Model):
    """A word that is not to be published (禁用词), or that is often a slip (疑似错误)."""

    word = models.CharField(
        "词语", max_length=40, unique=True, help_text="按检索的规则比对：全角半角、繁体简体、空格和括号样式不分。"
    )
    kind = models.CharField(
        "类别",
        max_length=16,
        choices=WatchedKind,
        default=WatchedKind.SUSPECT,
        help_text="工作人员填写的内容含有禁用词的不能送审；疑似错误只作提示。原文照录的内容一律只作提示。",
    )
    instead = models.CharField("建议写作", max_length=40, blank=True, help_text="送审时一并提示；没有建议的留空。")
    note = models.CharField("说明", max_length=240, blank=True, help_text="为什么列入，例如出自哪份规范。")
    history = HistoricalRecords()

    class Meta:
        verbose_name = "核对词语"
        verbose_name_plural = "核对词语"
        ordering = ["word"]
        constraints = [choice_constraint("watched_word_kind_known", "kind", WatchedKind)]

    def __str__(self):
        return self.word
