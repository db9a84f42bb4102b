"""The desk's pages of attachments: a file is chosen, checked, kept, and can be taken away again at each version."""

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.html import format_html

from . import attachments, file_types, filestore
from .admin_base import RecordAdmin
from .admin_inlines import PortalInline
from .forms import OwnedForm
from .formsets import RowFormSet
from .models import Attachment
from .sheets.files import BadFile

HELP = (
    f"收 {file_types.TAKEN}，不超过 {file_types.LARGEST // 2**20} MB；不收宏、控件和加密的文件。"
    "已有文件的，留空不换；换过的文件在历史中还能取得。"
)
CHOOSE = "请选择要上传的文件。"
LOST = "“{}”的文件不在数据目录中；请从备份恢复 attachments 目录，或重新上传这个文件。"
TWICE = "“{}”与附件“{}”的内容完全相同，同一文件只收一次；请改传别的文件。"


class AttachmentForm(OwnedForm):
    """An attachment: its name and place, and the file, of which the program says what it is."""

    letter = "f"
    # What of the record a colleague changes by choosing another file.
    stands_for = {"file": "sha256"}

    file = forms.FileField(
        label="上传文件",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": file_types.ACCEPT}),
        help_text=HELP,
    )

    class Meta:
        model = Attachment
        fields = ["title", "position"]

    def clean_file(self):
        """The file, if it is one of those that are taken and the document has no other of its content."""
        file, here = self.cleaned_data["file"], self.instance
        if file is None:
            if not here.sha256:
                raise ValidationError(CHOOSE)
            if not filestore.exists(here.sha256):
                raise ValidationError(LOST.format(here.file_name))
            return None
        try:
            self.found = file_types.inspect(file, file.name, file.size)
        except BadFile as bad:
            raise ValidationError(str(bad)) from None
        others = Attachment.objects.filter(document=here.document_id).exclude(pk=here.pk)
        if other := others.filter(sha256=self.found.sha256).first():
            raise ValidationError(TWICE.format(self.found.file_name, other.title))
        return file

    def clean(self):
        """Number a new one, and say of the record what its file is."""
        cleaned = super().clean()
        self.instance.code = cleaned["code"]
        if cleaned.get("file"):
            for name in Attachment.of_file:
                setattr(self.instance, name, getattr(self.found, name))
        return cleaned

    def save(self, commit=True):
        """Keep the file before the record that names it."""
        if file := self.cleaned_data.get("file"):
            filestore.keep(file)
        return super().save(commit)

    def _without_value(self):
        return super()._without_value() | (set(Attachment.of_file) if "file" in self.errors else set())


class AttachmentFormSet(RowFormSet):
    """The attachments of a document together: no file twice."""

    def clean(self):
        """What the rows alone do not know of each other."""
        super().clean()
        seen = {}
        for form in self.forms:
            if not hasattr(form, "found") or form in self.deleted_forms or "file" in form.errors:
                continue
            other = seen.setdefault(form.found.sha256, form)
            if other is not form:
                form.add_error("file", TWICE.format(form.found.file_name, other.cleaned_data.get("title", "")))


def file_link(attachment):
    """The file as it is kept, with what is known of it."""
    if not attachment.sha256:
        return "保存后显示。"
    return format_html(
        '<a href="{}">{}</a>（{}，{}，SHA-256 <code>{}</code>）',
        reverse("admin:gazette_attachment_file", args=[attachment.pk, attachment.sha256]),
        attachment.file_name,
        attachment.get_media_type_display(),
        filesizeformat(attachment.size),
        attachment.sha256,
    )


class AttachmentInline(PortalInline):
    """The attachments of a public document on the page that corrects it."""

    model = Attachment
    form = AttachmentForm
    formset = AttachmentFormSet
    fields = ["title", "position", "file", "stored"]
    readonly_fields = ["stored"]
    view_on_site = False

    def bound(self, request, obj):
        """The document, which is the source of its own rows."""
        owner = self.admin_site.get_model_admin(self.parent_model)
        return {**super().bound(request, obj), "source": owner.source_of(request, obj)}

    @admin.display(description="现有文件")
    def stored(self, obj):
        """The file as it is kept."""
        return file_link(obj)


class AttachmentAdmin(RecordAdmin):
    """An attachment, entered under its document while that is a draft."""

    form = AttachmentForm
    beside_form = Attachment.of_file
    list_display = ["title", "file_name", "media_type", "bytes", "in_document", "code"]
    list_filter = ["document__status", "media_type"]
    search_fields = ["title", "file_name", "code", "document__title"]
    readonly_fields = ["stored", "code"]

    def get_fields(self, request, obj=None):
        """Another file is chosen only where one may be."""
        looking = obj and (getattr(request, "shows_history", False) or not self.has_change_permission(request, obj))
        return ["document", "title", *([] if looking else ["file"]), "stored", "position", "code"]

    def get_urls(self):
        """The files before the admin's own pages, of which the last takes any address."""
        view = self.admin_site.admin_view(self.file_view)
        return [
            path("<path:object_id>/file/<slug:sha256>/", view, name="gazette_attachment_file"),
            *super().get_urls(),
        ]

    def file_view(self, request, object_id, sha256):
        """The file of an attachment as it is, or as it was at a version of its history."""
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        version = obj and obj.history.filter(sha256=sha256).order_by("-history_id").first()
        if version is None:
            raise Http404
        return attachments.answer_privately(request, version)

    @admin.display(description="现有文件")
    def stored(self, obj):
        """The file as it is kept."""
        return file_link(obj)

    @admin.display(description="大小", ordering="size")
    def bytes(self, obj):
        """How large it is, as people say it."""
        return filesizeformat(obj.size)
