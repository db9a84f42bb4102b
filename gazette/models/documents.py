"""Documents, their passages, and what ties the words of a passage to records."""

import re

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from ..figures import attach_figures
from .base import CODE_LENGTH, PublicQuerySet, Sourced, SourcedQuerySet, choice_constraint, code_field
from .listing import History, Listed, list_index, newest_first, place_of, place_once
from .reviewed import DUE_INDEX, REVIEW_CONSTRAINTS, REVIEW_PERMISSIONS, Reviewed
from .units import Unit


class DocumentKind(models.TextChoices):
    """What a document is about, which decides the records that it holds."""

    PLAN = "plan", "年度计划"
    POLICY = "policy", "政策措施"
    PERSONNEL = "personnel", "人事任免"


class DocumentStatus(models.TextChoices):
    """Where a document stands on its way to the public."""

    DRAFT = "draft", "草稿"
    IN_REVIEW = "in_review", "审核中"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"


class DateBasis(models.TextChoices):
    """How a date of a document is known."""

    STATED = "stated", "文中载明"
    HEAD = "head_date", "依文号旁的日期"
    ON_ISSUE = "on_issue", "自印发之日起，依文首日期"
    NUMBER_YEAR = "number_year", "仅据文号知年份"
    UNKNOWN = "unknown", "文中未载明"


BELONGING = ("relations__target", "relations__passage", "attachments")


class DocumentQuerySet(PublicQuerySet):
    """The library."""

    def public(self):
        """Published documents."""
        return self.filter(status=DocumentStatus.PUBLISHED)

    def of_document(self, document):
        """The document itself, so that every kind is asked the same way."""
        return self.filter(pk=document.pk)

    def for_list(self):
        """With issuer and approver."""
        return self.select_related("issuer", "approved_by")

    def for_publication(self):
        """With the citations, relations and attachments too."""
        return self.for_list().prefetch_related("citations__cited", *BELONGING)

    def for_page(self):
        """With the citations and relations, where they stand, and the attachments."""
        citations = Citation.objects.select_related("passage", "cited")
        return self.for_list().prefetch_related(models.Prefetch("citations", citations), *BELONGING)

    def read_until(self):
        """The latest day that a published document is dated, or None: how far the portal has read."""
        return self.public().aggregate(day=models.Max("written_on"))["day"]


class Document(Reviewed, Listed):
    """One official text: the unit of review and publication.

    Four dates (成文, 发布, 施行, 失效), each with how it is known; what the paper does not print is empty, not guessed.
    """

    code = code_field()
    title = models.CharField("标题", max_length=240)
    number = models.CharField("发文字号", max_length=80, blank=True)
    kind = models.CharField("类型", max_length=16, choices=DocumentKind)
    issuer = models.ForeignKey(Unit, models.PROTECT, verbose_name="发文机关", related_name="documents_issued")
    written_on = models.DateField("成文日期", null=True, blank=True)
    written_basis = models.CharField("成文日期依据", max_length=16, choices=DateBasis, default=DateBasis.UNKNOWN)
    released_on = models.DateField("发布日期", null=True, blank=True)
    released_basis = models.CharField("发布日期依据", max_length=16, choices=DateBasis, default=DateBasis.UNKNOWN)
    effective_on = models.DateField("施行日期", null=True, blank=True)
    effective_basis = models.CharField("施行日期依据", max_length=16, choices=DateBasis, default=DateBasis.UNKNOWN)
    expires_on = models.DateField("失效日期", null=True, blank=True)
    expires_basis = models.CharField("失效日期依据", max_length=16, choices=DateBasis, default=DateBasis.UNKNOWN)
    addressees = models.TextField("主送", blank=True)
    approved_by = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="批准机关", related_name="documents_approved", null=True, blank=True
    )
    based_on = models.TextField("依据", blank=True)
    disclosure_note = models.CharField("公开属性", max_length=80, blank=True)
    index_number = models.CharField("索引号", max_length=80, blank=True)
    subject = models.CharField("主题分类", max_length=80, blank=True)
    gazette_issue = models.CharField("公报期号", max_length=80, blank=True)
    note = models.CharField("说明", max_length=240, blank=True)
    status = models.CharField(
        "状态", max_length=16, choices=DocumentStatus, default=DocumentStatus.DRAFT, editable=False
    )
    year = models.PositiveSmallIntegerField("文号年份", null=True, blank=True, editable=False)
    history = History()

    kept_by_publication = ("place", "year")
    content_if_filled = ("relations", "attachments")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        ordering = [F("written_on").desc(nulls_last=True), "code"]
        permissions = [
            *REVIEW_PERMISSIONS,
            ("import_records", "可以导入表格"),
            ("export_records", "可以导出表格"),
        ]
        indexes = [
            models.Index(fields=["status", "written_on"], name="document_by_status"),
            DUE_INDEX,
            *(list_index("document", field) for field in ("kind", "issuer", "year")),
        ]
        constraints = [
            choice_constraint("document_kind_known", "kind", DocumentKind),
            choice_constraint("document_status_known", "status", DocumentStatus),
            *(
                choice_constraint(f"document_{date}_basis_known", f"{date}_basis", DateBasis)
                for date in ("written", "released", "effective", "expires")
            ),
            *(
                models.CheckConstraint(
                    name=f"document_{date}_date_has_basis",
                    condition=Q(**{f"{date}_on__isnull": True}) | ~Q(**{f"{date}_basis": DateBasis.UNKNOWN}),
                    violation_error_message=f"填写了{label}日期，请同时选择它的依据。",
                )
                for date, label in (
                    ("written", "成文"),
                    ("released", "发布"),
                    ("effective", "施行"),
                    ("expires", "失效"),
                )
            ),
            models.CheckConstraint(
                name="document_expires_after_effective",
                condition=Q(expires_on__isnull=True)
                | Q(effective_on__isnull=True)
                | Q(expires_on__gte=F("effective_on")),
                violation_error_message="失效日期不能早于施行日期。",
            ),
            *REVIEW_CONSTRAINTS,
            place_once("document"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"/documents/{self.code}/"

    def natural_key(self):
        return (self.code,)

    @property
    def cited_as(self):
        """The title, with the number where there is one."""
        return f"{self.title}（{self.number}）" if self.number else self.title

    def listing(self):
        """Newest first."""
        return {"place": place_of(newest_first(self.written_on), self.code), "year": self.number_year}

    @property
    def number_year(self):
        """The year inside the document number, or None."""
        match = re.search(r"〔(\d{4})〕", self.number)
        return int(match[1]) if match else None


class PassageKind(models.TextChoices):
    """What a passage is in its document."""

    TITLE = "title", "标题"
    NUMBER_LINE = "number_line", "文号与日期"
    ADDRESSEE = "addressee", "主送"
    HEADING = "heading", "小标题"
    PARAGRAPH = "paragraph", "正文"
    CLOSING = "closing", "结尾与附注"


class PassageQuerySet(PublicQuerySet):
    """The text of documents."""

    def for_list(self):
        """With the document and the heading."""
        return self.select_related("document", "parent")

    def for_publication(self, paths=None):
        """The passages as a list, each with its `figures`; `paths` are pages known already, by kind and code."""
        return attach_figures(self.for_list().prefetch_related("ties"), paths or {})


class Passage(models.Model):
    """A heading or paragraph of a document, addressable for ever by its position.

    `position` is minted once; `order` says where it stands now. `text` includes the printed label.
    """

    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="passages")
    order = models.PositiveIntegerField("顺序")
    position = models.PositiveIntegerField("段号", help_text="一经编定不再更改。")
    kind = models.CharField("类别", max_length=16, choices=PassageKind)
    label = models.CharField("序号", max_length=16, blank=True, help_text="印出的序号，如 一、（二）。")
    level = models.PositiveSmallIntegerField("层级", default=0)
    outline = models.CharField("所在位置", max_length=40, blank=True, help_text="由各级序号连成，如 一（二）。")
    part = models.PositiveSmallIntegerField("部分", default=0, help_text="第几个一级小标题之下；0 为开头。")
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级小标题", related_name="children", null=True, blank=True
    )
    text = models.TextField("原文")
    history = HistoricalRecords()

    objects = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = "段落"
        verbose_name_plural = "段落"
        ordering = ["document", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "position"],
                name="passage_position_once_in_document",
                violation_error_message="同一文件中段号不能重复。",
            ),
            models.UniqueConstraint(
                fields=["document", "order"],
                name="passage_order_once_in_document",
                violation_error_message="同一文件中段落顺序不能重复。",
            ),
            choice_constraint("passage_kind_known", "kind", PassageKind),
        ]

    def __str__(self):
        return f"第{self.position}段 {self.text[:24]}"

    def get_absolute_url(self):
        return f"{self.document.get_absolute_url()}#p{self.position}"

    @property
    def code(self):
        """The public identity of a passage: its document's code and its position."""
        return f"{self.document.code}-p{self.position}"


class Citation(Sourced):
    """A document that a document cites by title, as printed with 《》."""

    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="citations")
    title = models.CharField("引用文件", max_length=240)
    cited = models.ForeignKey(
        Document, models.PROTECT, verbose_name="本站收录的文件", related_name="cited_by", null=True, blank=True
    )

    objects = SourcedQuerySet.as_manager()

    class Meta:
        verbose_name = "引用文件"
        verbose_name_plural = "引用文件"
        ordering = ["document", "code"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"{self.document.get_absolute_url()}#p{self.passage.position}"

    @property
    def public_cited(self):
        """The cited document while it is public, else None."""
        return self.cited if self.cited and self.cited.status == DocumentStatus.PUBLISHED else None


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
    code = models.CharField("记录代码", max_length=CODE_LENGTH, blank=True)
    field = models.CharField("字段", max_length=40, blank=True)
    rule = models.CharField("推算规则", max_length=16, choices=Rule, blank=True)
    reason = models.CharField("不计为数字的理由", max_length=16, choices=Reason, blank=True)
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
