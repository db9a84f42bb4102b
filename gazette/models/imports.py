"""Imports: uploaded workbooks, what each would do, and what became of it."""

import os
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .base import choice_constraint
from .documents import Document

KEPT_FOR = timedelta(days=7)


class ImportState(models.TextChoices):
    """Where an import stands."""

    WAITING = "waiting", "等待预览"
    PREVIEWING = "previewing", "正在预览"
    READY = "ready", "待确认"
    CONFIRMED = "confirmed", "等待导入"
    WRITING = "writing", "正在导入"
    DONE = "done", "已导入"
    REFUSED = "refused", "已拒绝"
    INTERRUPTED = "interrupted", "中断"
    DROPPED = "dropped", "已放弃"


UNDER_WAY = (ImportState.PREVIEWING, ImportState.WRITING)
UNFINISHED = (ImportState.WAITING, ImportState.CONFIRMED, *UNDER_WAY)
# After these the file is needed no more.
OVER = (ImportState.DONE, ImportState.REFUSED, ImportState.DROPPED)


def private_storage():
    """The directory of uploads: no address leads to it."""
    return FileSystemStorage(
        location=settings.DATA_DIR / "imports",
        base_url=None,
        file_permissions_mode=0o600,
        directory_permissions_mode=0o700,
    )


class SheetImportQuerySet(models.QuerySet):
    """Imports by what is to be done with them."""

    def forgotten(self, now=None):
        """Those that still keep their file though they are over, or nobody has cared for them for a week."""
        old = Q(changed_at__lt=(now or timezone.now()) - KEPT_FOR) & ~Q(state__in=UNDER_WAY)
        return self.exclude(file="").filter(Q(state__in=OVER) | old)


class SheetImport(models.Model):
    """One uploaded workbook: all of it is imported, or nothing.

    `document` is empty for the registers. `counts` is rows by verdict; `rows` what the preview shows of each row that
    is not unchanged; `errors` why the file as a whole was refused. `fingerprint` is over all that the preview rests on.
    """

    name = models.CharField("文件名", max_length=240)
    file = models.FileField("上传的表格", storage=private_storage, blank=True)
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        verbose_name="导入到文件",
        related_name="imports",
        null=True,
        blank=True,
        help_text="单位、人员与职务的表格不属于某一文件，此处留空。",
    )
    reason = models.TextField("更正理由", blank=True, help_text="导入到已发布的文件时必填，随各件更正公开。")
    state = models.CharField("状态", max_length=16, choices=ImportState, default=ImportState.WAITING)
    rows_done = models.PositiveIntegerField("已核对行数", default=0)
    rows_total = models.PositiveIntegerField("总行数", default=0)
    counts = models.JSONField("各类行数", default=dict, blank=True)
    rows = models.JSONField("逐行结果", default=list, blank=True)
    errors = models.JSONField("拒绝的原因", default=list, blank=True)
    fingerprint = models.CharField("所据内容的摘要", max_length=64, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="导入人", related_name="+")
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    changed_at = models.DateTimeField("最近变化", auto_now=True)
    done_at = models.DateTimeField("导入时间", null=True, blank=True)

    objects = SheetImportQuerySet.as_manager()

    class Meta:
        verbose_name = "表格导入"
        verbose_name_plural = "表格导入"
        ordering = ["-pk"]
        default_permissions = ["view"]
        indexes = [models.Index(fields=["state"], name="sheet_import_by_state")]
        constraints = [
            choice_constraint("sheet_import_state_known", "state", ImportState),
            models.CheckConstraint(
                name="sheet_import_done_has_time",
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
                violation_error_message="已导入的须有导入时间，其余的没有。",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_under_way(self):
        """Whether a worker has it, or will."""
        return self.state in UNFINISHED

    @property
    def lock_path(self):
        """The file that the worker which has it holds locked; the lock goes with the process."""
        return os.path.join(settings.DATA_DIR, "imports", f"{self.pk}.lock")

    def drop_file(self):
        """Delete the uploaded file; the result stays."""
        if self.file:
            self.file.delete(save=False)
            self.save(update_fields=["file"])
