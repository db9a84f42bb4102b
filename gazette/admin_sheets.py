"""Tables at the desk: export, upload, preview row by row, confirm."""

import os

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from .admin_base import LedgerAdmin
from .downloads import FORMATS
from .models import Document, DocumentStatus, EventKind, ImportState, SheetImport
from .security import record_event
from .sheets import exporting, files, jobs, planning
from .sheets.files import BadFile

IMPORT, EXPORT = "gazette.import_records", "gazette.export_records"
PROPOSE = "gazette.propose_correction"
REGISTERS = "单位、人员与职务"
LISTED = 100
PAGE = 100
# A waiting import that no worker has taken for so long may be put into the queue again.
OVERDUE_SECONDS = 60
REFUSED_FIRST = list(planning.WORDS)[::-1]


class UploadForm(forms.Form):
    """A workbook and where it goes."""

    document = forms.CharField(
        label="文件代码",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"list": "documents", "class": "vTextField"}),
        help_text="导入到哪个文件，例如 whzf-2023-2。只含单位、单位别名、人员、职务的表格留空。",
    )
    file = forms.FileField(
        label="表格",
        max_length=240,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        help_text=f"从本站导出、填好的 .xlsx，不超过 {files.LARGEST_FILE // 2**20} MB。",
    )
    reason = forms.CharField(
        label="更正理由",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text="导入到已发布的文件时必填：改动成为更正，理由随更正公开，不写个人信息。草稿不必写。",
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_document(self):
        """The document of a code, open for import."""
        code = self.cleaned_data["document"].strip()
        if not code:
            return None
        document = Document.objects.filter(code=code).first()
        if document is None:
            raise ValidationError(f"没有代码为“{code}”的文件；代码见文件的编辑页。")
        try:
            planning.check_target(document)
        except BadFile as bad:
            raise ValidationError(str(bad)) from None
        if document.status == DocumentStatus.PUBLISHED and not self.user.has_perm(PROPOSE):
            raise ValidationError(f"文件“{document.title}”已发布，导入成为更正；您没有“可以提出更正”的权限。")
        return document

    def clean_file(self):
        """The file, if it is a plain workbook."""
        file = self.cleaned_data["file"]
        try:
            files.check(file, file.name, file.size)
        except BadFile as bad:
            raise ValidationError(str(bad)) from None
        return file

    def clean(self):
        """A published document needs a reason."""
        cleaned = super().clean()
        document = cleaned.get("document")
        published = document is not None and document.status == DocumentStatus.PUBLISHED
        if published and not cleaned.get("reason", "").strip():
            self.add_error("reason", f"文件“{document.title}”已发布，请写明更正理由。")
        return cleaned


def links(request, document) -> list[tuple[str, str]]:
    """The links of a document's page to its tables."""
    found = []
    if request.user.has_perm(EXPORT):
        found.append(("导出表格", f"{reverse('admin:gazette_sheetimport_export')}?document={document.code}"))
    if request.user.has_perm(IMPORT):
        found.append(("导入表格", f"{reverse('admin:gazette_sheetimport_add')}?document={document.code}"))
    return found


def download(request, content, title, what):
    """A workbook as an answer; the security log says what was exported."""
    response = HttpResponse(content, content_type=FORMATS["xlsx"][1])
    record_event(EventKind.EXPORT, f"表格：{what}", request=request)
    response["Content-Disposition"] = content_disposition_header(True, f"{title}.xlsx".replace("/", "-"))
    response["Cache-Control"] = "private, no-store"
    return response


class SheetImportAdmin(LedgerAdmin):
    """Imports, newest first; each is previewed and confirmed on its page."""

    change_list_template = "admin/gazette/sheets_list.html"
    list_display = ["name", "document", "state", "rows_total", "author", "created_at", "done_at"]
    list_filter = ["state"]
    list_select_related = ["document", "author"]
    search_fields = ["name", "document__title", "document__code"]
    date_hierarchy = "created_at"

    def get_queryset(self, request):
        """The list shows no rows of files, which are long."""
        return super().get_queryset(request).defer("rows", "errors")

    def has_add_permission(self, request, obj=None):
        """Who may import."""
        return request.user.has_perm(IMPORT)

    def has_view_permission(self, request, obj=None):
        """Who may import or export sees what was imported."""
        user = request.user
        return super().has_view_permission(request, obj) or user.has_perm(IMPORT) or user.has_perm(EXPORT)

    def has_module_permission(self, request):
        """As seen."""
        return self.has_view_permission(request)

    def get_urls(self):
        """The page of exports before the admin's own, of which the last takes any address."""
        export = path("export/", self.admin_site.admin_view(self.export_view), name="gazette_sheetimport_export")
        return [export, *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        """Say whether this user may export."""
        return super().changelist_view(request, {"may_export": request.user.has_perm(EXPORT), **(extra_context or {})})

    # Export

    def export_view(self, request):
        """Choose what to export, or answer with its workbook."""
        if not request.user.has_perm(EXPORT):
            raise PermissionDenied
        if "document" in request.GET or "registers" in request.GET:
            code = request.GET.get("document", "").strip()
            document = Document.objects.filter(code=code).first() if code else None
            if code and document is None:
                messages.error(request, f"没有代码为“{code}”的文件；代码见文件的编辑页。")
            elif document is None and "registers" not in request.GET:
                messages.error(request, "请写文件代码。")
            else:
                try:
                    return self._workbook(request, document)
                except exporting.CannotExport as refused:
                    messages.error(request, str(refused))
            return HttpResponseRedirect(reverse("admin:gazette_sheetimport_export"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "导出表格",
            "documents": Document.objects.only("code", "title", "number", "status").order_by("-pk")[:LISTED],
            "limit": LISTED,
            "registers": REGISTERS,
        }
        return TemplateResponse(request, "admin/gazette/sheets_export.html", context)

    def _workbook(self, request, document):
        title, code = (document.title, document.code) if document else (REGISTERS, REGISTERS)
        return download(request, exporting.workbook(document), title, code)

    # Import

    def add_view(self, request, form_url="", extra_context=None):
        """Take a workbook and have it previewed."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES, user=request.user)
            if form.is_valid():
                job = self._upload(request, form.cleaned_data)
                return HttpResponseRedirect(reverse("admin:gazette_sheetimport_change", args=[job.pk]))
        else:
            form = UploadForm(initial={"document": request.GET.get("document", "")}, user=request.user)
        open_states = [DocumentStatus.DRAFT, DocumentStatus.PUBLISHED]
        documents = Document.objects.filter(status__in=open_states).only("code", "title", "status")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "导入表格",
            "form": form,
            "documents": documents.order_by("-pk")[:LISTED],
            "registers": REGISTERS,
        }
        return TemplateResponse(request, "admin/gazette/sheets_upload.html", context)

    def _upload(self, request, said):
        with transaction.atomic():
            job = SheetImport(
                name=os.path.basename(said["file"].name)[-240:],
                document=said["document"],
                reason=said["reason"].strip(),
                author=request.user,
            )
            job.file.save("upload.xlsx", said["file"], save=False)
            job.save()
            jobs.enqueue(job)
        return job

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show an import as it stands; take the confirmation."""
        found = SheetImport.objects.select_related("document", "author")
        key = unquote(object_id or "")
        job = found.filter(pk=key).first() if key.isdecimal() else None
        if object_id and job is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if job is None or not self.has_view_permission(request, job):
            raise PermissionDenied
        jobs.mark_interrupted(job)
        if request.method == "POST":
            self._decide(request, job)
            return HttpResponseRedirect(reverse("admin:gazette_sheetimport_change", args=[job.pk]))
        return TemplateResponse(request, "admin/gazette/sheets_import.html", self._context(request, job))

    def _is_own(self, request, job):
        return job.author_id == request.user.pk and request.user.has_perm(IMPORT)

    def _may_run_again(self, job):
        overdue = (timezone.now() - job.changed_at).total_seconds() > OVERDUE_SECONDS
        waiting = job.state in (ImportState.WAITING, ImportState.CONFIRMED)
        return bool(job.file) and (job.state == ImportState.INTERRUPTED or (waiting and overdue))

    def _decide(self, request, job):
        if not self._is_own(request, job):
            raise PermissionDenied
        with transaction.atomic():
            job = SheetImport.objects.select_for_update(of=["self"]).get(pk=job.pk)
            if "_confirm" in request.POST and job.state == ImportState.READY:
                if (
                    job.document
                    and job.document.status == DocumentStatus.PUBLISHED
                    and not request.user.has_perm(PROPOSE)
                ):
                    raise PermissionDenied
                job.state = ImportState.CONFIRMED
                job.save(update_fields=["state", "changed_at"])
                jobs.enqueue(job)
            elif "_drop" in request.POST and job.state in (ImportState.READY, ImportState.INTERRUPTED):
                job.state = ImportState.DROPPED
                job.save(update_fields=["state", "changed_at"])
                job.drop_file()
                messages.success(request, "已放弃这次导入，没有改动任何内容。")
            elif "_again" in request.POST and self._may_run_again(job):
                jobs.run_again(job)
            else:
                messages.error(request, f"这次导入现为“{job.get_state_display()}”，没有改动任何内容。")

    def _context(self, request, job):
        order = {verdict: number for number, verdict in enumerate(REFUSED_FIRST)}
        rows = sorted(job.rows, key=lambda row: order[row["verdict"]])
        page = Paginator(rows, PAGE).get_page(request.GET.get("p"))
        own = self._is_own(request, job)
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"表格导入：{job.name}",
            "job": job,
            "counts": [(planning.WORDS[verdict], job.counts.get(verdict, 0)) for verdict in planning.WORDS],
            "page": page,
            "words": planning.WORDS,
            "rows": [{**row, "said": planning.WORDS[row["verdict"]]} for row in page],
            "truncated": len(job.rows) == jobs.SHOWN,
            "shown": jobs.SHOWN,
            "registers": REGISTERS,
            "by_correction": job.document is not None and job.document.status == DocumentStatus.PUBLISHED,
            "may_confirm": own and job.state == ImportState.READY,
            "may_drop": own and job.state in (ImportState.READY, ImportState.INTERRUPTED),
            "may_run_again": own and self._may_run_again(job),
        }
