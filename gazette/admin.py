"""The admin of documents and their text, of units and users, and the read-only view of the ledger."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from . import admin_sheets, registry
from .admin_attachments import AttachmentAdmin, AttachmentInline
from .admin_base import LedgerAdmin, PortalAdmin, RecordAdmin, RegisterAdmin, SourcedAdmin
from .admin_bulk_documents import SubmitSelected, TieSelected
from .admin_checking import Checking
from .admin_corrections import CorrectionAdmin
from .admin_doubts import DoubtAdmin
from .admin_forms import DocumentForm, PassageForm, TieForm, append_passages, arrange, follow_text
from .admin_inlines import PortalInline, SourcedInline
from .admin_lists import KindFilter, field_label, kind_label
from .admin_mergers import MergerAdmin
from .admin_registers import Merging
from .admin_renaming import Renaming, UnitNameAdmin
from .admin_review import DeputyAdmin, ReviewEntryAdmin, Reviewing, StageFilter
from .models import (
    Attachment,
    Change,
    Citation,
    Correction,
    Deputy,
    Document,
    Doubt,
    LedgerHead,
    Mention,
    Merger,
    Passage,
    PublicRecord,
    Relation,
    ReviewEntry,
    SheetImport,
    Tie,
    Unit,
    UnitAlias,
    UnitName,
    User,
    WatchedWord,
)


class CitationInline(SourcedInline):
    """The documents that a public one cites, on the page that corrects it."""

    model = Citation
    fk_name = "document"
    autocomplete_fields = ["cited"]
    record_fields = ["title", "cited"]


class RelationInline(SourcedInline):
    """What a public document does to earlier ones, on the page that corrects it."""

    model = Relation
    fk_name = "document"
    autocomplete_fields = ["target"]
    record_fields = ["kind", "target", "takes_effect_on"]


@admin.register(Document)
class DocumentAdmin(Checking, Reviewing, RecordAdmin):
    """A document, its head, and its text, to which lines can be appended."""

    form = DocumentForm
    owner_field = None
    list_display = ["title", "number", "kind", "stage", "issuer", "written_on", "code"]
    list_filter = ["status", StageFilter, "bypass_open", "kind"]
    search_fields = ["title", "number", "code"]
    date_hierarchy = "written_on"
    autocomplete_fields = ["issuer", "approved_by"]
    readonly_fields = ["status", "child_links"]
    inlines = [AttachmentInline, CitationInline, RelationInline]

    def get_inline_instances(self, request, obj=None):
        """Rows are entered under a draft on pages of their own; a correction has them together."""
        return super().get_inline_instances(request, obj) if getattr(request, "correcting", False) else []

    bulk = [SubmitSelected, TieSelected]

    def children_of(self, obj):
        """Passages and ties, and the records that are entered under a document of this kind."""
        return [
            (model, "document")
            for model, model_admin in self.admin_site._registry.items()
            if getattr(model_admin, "owner_model", None) is Document
            and model_admin.owner_filter.get("kind", obj.kind) == obj.kind
        ]

    def get_fieldsets(self, request, obj=None):
        """By what a clerk reads from the paper, top to bottom; text can be pasted while the document is open."""
        text = ["child_links"] if obj and self.is_closed(obj) else ["full_text", "child_links"]
        return [
            (None, {"fields": ["title", "number", "kind", "issuer", "code", "status"]}),
            (
                "日期",
                {
                    "fields": [
                        (f"{date}_on", f"{date}_basis") for date in ("written", "released", "effective", "expires")
                    ],
                    "description": "文中没有印出的日期留空，依据选“文中未载明”。",
                },
            ),
            ("主送与依据", {"fields": ["addressees", "approved_by", "based_on", "disclosure_note"]}),
            ("编目", {"fields": ["index_number", "subject", "gazette_issue", "note"]}),
            ("正文与内容", {"fields": text}),
        ]

    def document_of(self, obj):
        """The document itself."""
        return obj

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Lead to the document's tables, and to what the admins of its records offer for it."""
        links = admin_sheets.links(request, obj) if obj else []
        for model, _owner in self.children_of(obj) if obj else ():
            links += self.admin_site.get_model_admin(model).links_from(request, obj)
        context["desk_links"] = links
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request, obj, form, change):
        """Save, and append what was pasted."""
        super().save_model(request, obj, form, change)
        if added := append_passages(obj, form.cleaned_data.get("full_text", "")):
            self.message_user(request, f"已按行添加{added}个段落，请核对各段的类别、序号和层级。", messages.INFO)


@admin.register(Passage)
class PassageAdmin(RecordAdmin):
    """A passage; when its text changes, its quotes and ties follow."""

    form = PassageForm
    list_display = ["position", "in_document", "outline", "kind", "text_start"]
    list_display_links = ["position", "text_start"]
    list_filter = ["document__status", "kind"]
    search_fields = ["text", "document__title", "document__code"]
    fields = ["document", "position", ("kind", "label", "level"), ("order", "outline", "parent"), "text"]
    readonly_fields = ["position", "outline", "parent"]

    def get_readonly_fields(self, request, obj=None):
        """A correction changes the text, and not where the passage stands."""
        fields = super().get_readonly_fields(request, obj)
        if getattr(request, "correcting", False):
            fields = [*fields, "kind", "label", "level", "order"]
        return fields

    @admin.display(description="原文")
    def text_start(self, obj):
        """The first words."""
        return obj.text[:60]

    def save_model(self, request, obj, form, change):
        """Save, then bring outline, quotes and ties in step."""
        super().save_model(request, obj, form, change)
        if change and "text" in form.changed_data and (broken := follow_text(obj, form.initial["text"])):
            self.message_user(
                request, f"改动触及以下记录或对应的文字，请逐一重新摘录：{'、'.join(broken)}。", messages.WARNING
            )
        arrange(obj.document)

    def delete_model(self, request, obj):
        """Delete, then bring the outline in step."""
        super().delete_model(request, obj)
        arrange(obj.document)

    def delete_queryset(self, request, queryset):
        """Delete, then bring each outline in step."""
        documents = {passage.document_id: passage.document for passage in queryset}
        super().delete_queryset(request, queryset)
        for document in documents.values():
            arrange(document)


@admin.register(Citation)
class CitationAdmin(SourcedAdmin):
    """A document that the text cites."""

    list_display = ["title", "cited", "in_document", "stands_at", "code"]
    search_fields = ["title", "code"]
    autocomplete_fields = ["cited"]
    record_fields = ["title", "cited"]

    def get_queryset(self, request):
        """With the cited document."""
        return super().get_queryset(request).select_related("cited")


@admin.register(Relation)
class RelationAdmin(SourcedAdmin):
    """What the document does to an earlier one."""

    list_display = ["kind", "target", "takes_effect_on", "in_document", "stands_at", "code"]
    list_filter = [*SourcedAdmin.list_filter, "kind"]
    search_fields = ["code", "target__title", "document__title"]
    autocomplete_fields = ["target"]
    record_fields = ["kind", "target", "takes_effect_on"]

    def get_queryset(self, request):
        """With the earlier document."""
        return super().get_queryset(request).select_related("target")


@admin.register(Tie)
class TieAdmin(RecordAdmin):
    """Which words prove which field, or why a number is no figure."""

    form = TieForm
    list_display = ["quote", "in_document", "stands_at", kind_label, "code", field_label, "rule", "reason"]
    list_filter = ["document__status", KindFilter, "rule", "reason"]
    search_fields = ["code"]
    fieldsets = [
        (None, {"fields": ["document", "passage", "quote"]}),
        ("证明记录的字段", {"fields": ["kind", "code", "field", "rule"]}),
        ("或者不计为数字", {"fields": ["reason"]}),
    ]

    def corrected_with(self, obj):
        """The record whose field it proves is corrected with its words; a reason with the passage."""
        kind = registry.get(obj.kind) if obj.kind else None
        if kind is None:
            return obj.passage
        record = kind.model.objects.filter(code=obj.code).first()
        return (getattr(record, kind.parent) if kind.parent else record) if record else obj.passage

    def get_queryset(self, request):
        """With document and passage."""
        return super().get_queryset(request).select_related("document", "passage")

    @admin.display(description="文字")
    def quote(self, obj):
        """The words at the place."""
        return obj.passage.text[obj.start : obj.end]


class UnitAliasInline(PortalInline):
    """Other names of a unit."""

    model = UnitAlias
    template = "admin/gazette/rows_table.html"


@admin.register(Unit)
class UnitAdmin(Renaming, Merging, RegisterAdmin):
    """A unit with its aliases."""

    elsewhere = "；更名、承接和合并各有页面"

    list_display = ["name", "kind", "parent", "note", "code"]
    list_filter = ["kind"]
    list_select_related = ["parent"]
    search_fields = ["name", "aliases__name", "former_names__name", "code"]
    autocomplete_fields = ["parent"]
    fields = ["name", "kind", "parent", "note", "code"]
    inlines = [UnitAliasInline]


@admin.register(WatchedWord)
class WatchedWordAdmin(PortalAdmin):
    """The list of words that are looked for before a document goes to review."""

    list_display = ["word", "kind", "instead", "note"]
    list_filter = ["kind"]
    search_fields = ["word", "instead", "note"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, PortalAdmin):
    """A member of staff; the forms are Django's own."""

    form = DjangoUserAdmin.form
    list_display = ["username", "last_name", "first_name", "unit", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    list_select_related = ["unit"]
    search_fields = ["username", "first_name", "last_name", "unit__name"]
    autocomplete_fields = ["unit"]
    readonly_fields = ["last_login", "date_joined", "password_changed_at"]
    fieldsets = [
        (None, {"fields": ["username", "password", "password_changed_at", "must_change_password"]}),
        ("人员", {"fields": ["last_name", "first_name", "email", "unit"]}),
        ("权限", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("日期", {"fields": ["last_login", "date_joined"]}),
    ]


@admin.register(Mention)
class MentionAdmin(LedgerAdmin):
    """Whom a document names."""

    list_display = ["document", kind_label, "code"]
    list_filter = [KindFilter]
    list_select_related = ["document"]
    search_fields = ["code", "document__title"]


@admin.register(PublicRecord)
class PublicRecordAdmin(LedgerAdmin):
    """What the public gets."""

    list_display = [kind_label, "code", "document", "revision", "seq", "published_at", "changed_at"]
    list_display_links = ["code"]
    list_filter = [KindFilter]
    list_select_related = ["document"]
    search_fields = ["code", "document__title"]
    date_hierarchy = "changed_at"


@admin.register(Change)
class ChangeAdmin(LedgerAdmin):
    """The public ledger, newest first."""

    list_display = ["seq", "at", "op", "origin", kind_label, "code", "revision", "document", "by"]
    list_filter = ["op", "origin", KindFilter]
    list_select_related = ["document", "by"]
    search_fields = ["code", "document__title"]
    date_hierarchy = "at"
    ordering = ["-seq"]


admin.site.register(Attachment, AttachmentAdmin)
admin.site.register(Correction, CorrectionAdmin)
admin.site.register(Merger, MergerAdmin)
admin.site.register(UnitName, UnitNameAdmin)
admin.site.register(Doubt, DoubtAdmin)
admin.site.register(ReviewEntry, ReviewEntryAdmin)
admin.site.register(Deputy, DeputyAdmin)
admin.site.register(SheetImport, admin_sheets.SheetImportAdmin)


@admin.register(LedgerHead)
class LedgerHeadAdmin(LedgerAdmin):
    """The last number given."""

    list_display = ["id", "seq"]
