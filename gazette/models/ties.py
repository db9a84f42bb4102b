"""What ties the words of a passage to records or to a reason, and whom a document names."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from .base import CODE_LENGTH, PublicQuerySet, choice_constraint
from .documents import Document, Passage


class Reason(models.TextChoices):
    """Why words that look like a figure are none (the last: why a goal's word is no goal)."""

    DATE = "date", "日期"
    NUMBER = "number", "文号"
    NAME = "name", "名称"
    THRESHOLD = "threshold", "门槛与规格"
    BASE = "base", "计量基数"
    INDEFINITE = "indefinite", "不定量"
    POLICY = "policy", "政策提法"
    ORDINAL = "ordinal", "期次届次"
    HEADING = "heading", "标题用语"
    NARRATIVE = "narrative", "非目标表述"


class Rule(models.TextChoices):
    """How tied words prove a value; `gazette.proof` computes them."""

    VERBATIM = "verbatim", "照录"
    SPACED = "spaced", "去除姓名间空格"
    NUMBER = "number", "数字"
    QUANTITY = "quantity", "汉字数量"
    MONEY = "money", "金额换算为元"
    COUNT = "count", "与记录数相符"
    LABEL = "label", "序号"
    YEAR = "year", "年份"
    DATE = "date", "日期"
    WORD = "word", "用词对照"
    HEADING = "heading", "由小标题承接"
    HALF = "half", "减半即百分之五十"
    MONTHS = "months", "期限换算为月"
    UNIT_NAME = "unit_name", "单位名称"
    ELIDED_CITY = "elided_city", "承前省略“市”"
    ALL_DISTRICTS = "all_districts", "“各区人民政府”即三区人民政府"


class TieQuerySet(PublicQuerySet):
    """What ties words to records."""

    def figures(self):
        """The ties that a reader of the text sees: figures, dates and names of units, and the reasons."""
        return self.exclude(rule__in=[Rule.VERBATIM, Rule.LABEL, Rule.HEADING])


class Tie(models.Model):
    """A place in a passage (code points, half-open) and what it is: a record's field, or a reason why it is no figure.

    The record is named by kind and code, because the ground floor knows no app above it.
    """

    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="ties")
    passage = models.ForeignKey(Passage, models.PROTECT, verbose_name="段落", related_name="ties")
    start = models.PositiveIntegerField("起点")
    end = models.PositiveIntegerField("终点")
    kind = models.CharField("记录类别", max_length=24, blank=True)
    code = models.CharField(
        "记录代码",
        max_length=CODE_LENGTH,
        blank=True,
        help_text="被证明的记录的代码，见它的编辑页，如 2023-gdp-growth；只说明不是数字的留空。",
    )
    field = models.CharField(
        "字段",
        max_length=40,
        blank=True,
        help_text="被证明的字段名，如 目标值写 value；写错时会列出可写的字段；只说明不是数字的留空。",
    )
    rule = models.CharField(
        "推算规则",
        max_length=16,
        choices=Rule,
        blank=True,
        help_text=(
            "字面一样选“照录”，6% 选“数字”，400万元 选“金额换算为元”，减半 选“减半即百分之五十”；只说明不是数字的留空。"
        ),
    )
    reason = models.CharField(
        "不计为数字的理由",
        max_length=16,
        choices=Reason,
        blank=True,
        help_text=(
            "不是目标值的数字才选，如 〔2023〕2号 选“文号”，第一中学 选“名称”，一批 选“不定量”；证明记录的留空。"
        ),
    )
    history = HistoricalRecords()

    objects = TieQuerySet.as_manager()

    class Meta:
        verbose_name = "对应"
        verbose_name_plural = "对应"
        ordering = ["passage", "start", "end", "kind", "code", "field"]
        indexes = [models.Index(fields=["kind", "code"], name="tie_by_record")]
        constraints = [
            models.CheckConstraint(
                name="tie_has_length", condition=Q(end__gt=F("start")), violation_error_message="终点必须在起点之后。"
            ),
            models.CheckConstraint(
                name="tie_is_record_or_reason",
                condition=(Q(code="", kind="", field="", rule="") & ~Q(reason=""))
                | (Q(reason="") & ~Q(code="") & ~Q(kind="") & ~Q(field="") & ~Q(rule="")),
                violation_error_message="一处对应要么指向一条记录的字段，要么写明不计为数字的理由，二者取一。",
            ),
            models.UniqueConstraint(
                fields=["passage", "start", "end", "kind", "code", "field", "reason"],
                name="tie_once",
                violation_error_message="同一处文字与同一字段只对应一次。",
            ),
            choice_constraint("tie_rule_known", "rule", Rule, blank=True),
            choice_constraint("tie_reason_known", "reason", Reason, blank=True),
        ]

    def __str__(self):
        return f"{self.passage_id}:{self.start}-{self.end} {self.code or self.reason}"


class Mention(models.Model):
    """A document names a unit, person or post; written by publication only."""

    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="mentions")
    kind = models.CharField("类别", max_length=24)
    code = models.CharField("代码", max_length=CODE_LENGTH)

    class Meta:
        verbose_name = "提及"
        verbose_name_plural = "提及"
        ordering = ["document", "kind", "code"]
        indexes = [models.Index(fields=["kind", "code"], name="mention_by_entry")]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "kind", "code"],
                name="mention_once_in_document",
                violation_error_message="同一文件对同一对象只记一次提及。",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.code}"
