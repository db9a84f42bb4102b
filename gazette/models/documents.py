"""Documents, their passages, and what they cite."""

import re

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from ..figures import attach_figures
from .base import PublicQuerySet, Sourced, SourcedQuerySet, choice_constraint, code_field
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
    title = models.CharField(
        "标题",
        max_length=240,
        help_text=("照抄首页的标题，换行处连写，如 乌海市人民政府关于下达2023年乌海市国民经济和社会发展计划的通知。"),
    )
    number = models.CharField(
        "发文字号",
        max_length=80,
        blank=True,
        help_text="照抄文号，年份用六角括号，如 乌海政发〔2023〕2号；没有印出的留空。",
    )
    kind = models.CharField(
        "类型",
        max_length=16,
        choices=DocumentKind,
        help_text="看正文讲什么：全年目标和项目、扶持条款、还是干部任免；它决定能在文件下录入哪些记录。",
    )
    issuer = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="发文机关",
        related_name="documents_issued",
        help_text="标题或落款中的机关，如 乌海市人民政府；按名称查找，没有的先在“单位”中新增。",
    )
    written_on = models.DateField(
        "成文日期", null=True, blank=True, help_text="印在文号旁或落款处的日期，如 2023-01-18；文中只有文号年份的留空。"
    )
    written_basis = models.CharField(
        "成文日期依据",
        max_length=16,
        choices=DateBasis,
        default=DateBasis.UNKNOWN,
        help_text=("日期印在文号旁的选“依文号旁的日期”，落款或正文写明的选“文中载明”，没有印出的选“文中未载明”。"),
    )
    released_on = models.DateField(
        "发布日期",
        null=True,
        blank=True,
        help_text="文件印有发布日期的才填，不用成文日期或上网的日子代替；文中未载明的留空。",
    )
    released_basis = models.CharField(
        "发布日期依据",
        max_length=16,
        choices=DateBasis,
        default=DateBasis.UNKNOWN,
        help_text="文件印有发布日期的选“文中载明”，没有的选“文中未载明”。",
    )
    effective_on = models.DateField(
        "施行日期",
        null=True,
        blank=True,
        help_text="从哪一天起施行；“自印发之日起执行”的写文首日期，如 2023-01-20；文中未载明的留空。",
    )
    effective_basis = models.CharField(
        "施行日期依据",
        max_length=16,
        choices=DateBasis,
        default=DateBasis.UNKNOWN,
        help_text=("写明日子的选“文中载明”，写“自印发之日起”的选“自印发之日起，依文首日期”，没有写的选“文中未载明”。"),
    )
    expires_on = models.DateField(
        "失效日期",
        null=True,
        blank=True,
        help_text=(
            "整份文件写明自己失效的日子才填；只是各条措施的有效期，填在政策措施和执行期限中；文中未载明的留空。"
        ),
    )
    expires_basis = models.CharField(
        "失效日期依据",
        max_length=16,
        choices=DateBasis,
        default=DateBasis.UNKNOWN,
        help_text="文件写明自己失效日子的选“文中载明”，没有写的选“文中未载明”。",
    )
    addressees = models.TextField(
        "主送",
        blank=True,
        help_text="照抄正文前顶格的一行，不带冒号，如 各区人民政府，市政府各部门，各企事业单位；没有的留空。",
    )
    approved_by = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="批准机关",
        related_name="documents_approved",
        null=True,
        blank=True,
        help_text="正文写“已经…同意”的那个机关，如“已经市人民政府同意”选乌海市人民政府；没有写的留空。",
    )
    based_on = models.TextField(
        "依据", blank=True, help_text="照抄文件所写据以制定的文件或会议；没有写的留空。只是提到的文件，登记为引用文件。"
    )
    disclosure_note = models.CharField(
        "公开属性", max_length=80, blank=True, help_text="照抄文末的括注，如 （此件公开发布）；没有印的留空。"
    )
    index_number = models.CharField(
        "索引号", max_length=80, blank=True, help_text="照抄文件上印的号；没有印的留空，不自编。"
    )
    subject = models.CharField(
        "主题分类", max_length=80, blank=True, help_text="照抄文件上印的分类；没有印的留空，不自拟。"
    )
    gazette_issue = models.CharField(
        "公报期号", max_length=80, blank=True, help_text="照抄公报封面上的期号；手中的文本没有印的留空。"
    )
    note = models.CharField(
        "说明",
        max_length=240,
        blank=True,
        help_text=("关于这份文件须告诉读者的话，公开，如 本文是公报对任免文件的摘登，不是任免文件全文；没有的留空。"),
    )
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
    order = models.PositiveIntegerField("顺序", help_text="第几段，从 1 数起；插在两段之间的，先把后面各段往后移。")
    position = models.PositiveIntegerField("段号", help_text="一经编定不再更改。")
    kind = models.CharField(
        "类别",
        max_length=16,
        choices=PassageKind,
        help_text=(
            "第一行选标题，文号那一行选文号与日期，“一、财政税收政策”这样单独成行的选小标题，"
            "文末括注选结尾与附注，其余选正文。"
        ),
    )
    label = models.CharField(
        "序号", max_length=16, blank=True, help_text="行首印出的序号，不带顿号，如 一 或 （二）；没有序号的留空。"
    )
    level = models.PositiveSmallIntegerField(
        "层级", default=0, help_text="序号是 一、的写 1，是（一）的写 2；没有序号的写 0。"
    )
    outline = models.CharField("所在位置", max_length=40, blank=True, help_text="由各级序号连成，如 一（二）。")
    part = models.PositiveSmallIntegerField("部分", default=0, help_text="第几个一级小标题之下；0 为开头。")
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级小标题", related_name="children", null=True, blank=True
    )
    text = models.TextField(
        "原文", help_text="照抄公报，连同序号，一段一条；只接好断开的行，公报的误印照录（原文如此）。"
    )
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
    title = models.CharField(
        "引用文件", max_length=240, help_text="照抄书名号和其中的文字，如 《自治区投资负面清单》。"
    )
    cited = models.ForeignKey(
        Document,
        models.PROTECT,
        verbose_name="本站收录的文件",
        related_name="cited_by",
        null=True,
        blank=True,
        help_text="所引文件本站已收录的，按标题查找后选定；没有收录的留空。",
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
