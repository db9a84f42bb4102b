"""Attachments: files that belong to a document, and what is known of each."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from .base import PublicQuerySet, choice_constraint, code_field
from .documents import Document
from .listing import History

MOST = 30
TOO_MANY = f"文件“{{}}”已有{MOST}个附件，不能再加“{{}}”；请合并几个，或删去不用的。"


class MediaType(models.TextChoices):
    """The types of files that are taken, and no others."""

    PDF = "application/pdf", "PDF 文件"
    OFD = "application/ofd", "OFD 文件"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word 文档"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel 表格"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint 演示文稿"
    JPG = "image/jpeg", "JPG 图片"
    PNG = "image/png", "PNG 图片"
    TXT = "text/plain", "TXT 文本"
    CSV = "text/csv", "CSV 表格"


class AttachmentQuerySet(PublicQuerySet):
    """The files of documents."""

    def for_list(self):
        """With the document."""
        return self.select_related("document")


class Attachment(models.Model):
    """A file that belongs to a document; its bytes lie under their hash (`gazette.filestore`).

    What is said of the file is said by the program that took it, and never typed in.
    """

    code = code_field()
    document = models.ForeignKey(Document, models.PROTECT, verbose_name="文件", related_name="attachments")
    position = models.PositiveSmallIntegerField("顺序", help_text="在附件中排第几；留空接在最后。")
    title = models.CharField(
        "附件名称", max_length=240, help_text="照抄正文末尾“附件”后面的名称；没有印名称的，用一句话说明它是什么。"
    )
    file_name = models.CharField("原文件名", max_length=240, editable=False)
    media_type = models.CharField("文件类型", max_length=80, choices=MediaType, editable=False)
    size = models.PositiveIntegerField("字节数", editable=False)
    sha256 = models.CharField(
        "内容的 SHA-256",
        max_length=64,
        editable=False,
        validators=[RegexValidator(r"\A[0-9a-f]{64}\Z", "SHA-256 是 64 个十六进制数字。")],
    )
    history = History()

    # What the program says of the file: no form holds it.
    of_file = ("file_name", "media_type", "size", "sha256")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ["document", "position", "code"]
        constraints = [
            choice_constraint("attachment_media_type_known", "media_type", MediaType),
            models.CheckConstraint(
                name="attachment_not_empty",
                condition=Q(size__gt=0),
                violation_error_message="附件不能是空文件，请改传有内容的文件。",
            ),
            models.UniqueConstraint(
                fields=["document", "sha256"],
                name="attachment_file_once_in_document",
                violation_error_message="本文件已有内容完全相同的附件，不能重复；请改传别的文件。",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("attachment", args=[self.document.code, self.code])

    def clean(self):
        """A document has no more than so many."""
        super().clean()
        if not self._state.adding or not self.document_id:
            return
        if Attachment.objects.filter(document=self.document_id).count() >= MOST:
            raise ValidationError(TOO_MANY.format(self.document, self.title or self.file_name))
