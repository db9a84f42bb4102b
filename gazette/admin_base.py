"""What the admin classes of every app share: history, what is closed and why, owners, sources, numbering."""

from functools import cached_property

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.forms import Script
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from simple_history.admin import SimpleHistoryAdmin

from .admin_conflicts import Conflicting
from .admin_correcting import Correcting
from .admin_deleting import Deleting
from .admin_forms import drop_ties, rename_ties
from .admin_history import Histories
from .admin_lists import kind_label
from .forms import OwnedForm, QuotingForm, RecordForm, Source, why_closed
from .models import Document, DocumentStatus

OWNERS_LISTED = 100


def admin_url(model, page, *args, **query):
    """The address of a page of a model's admin."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)
    return f"{url}?{'&'.join(f'{key}={value}' for key, value in query.items())}" if query else url


def bind(form, **attributes):
    """A form class with what one request gives it."""
    return type(form.__name__, (form,), attributes)


class ClosableAdmin(admin.ModelAdmin):
    """An admin in which some objects are closed: nobody changes or deletes them, and the page says why."""

    form = RecordForm
    show_full_result_count = False

    class Media:
        css = {"all": ["gazette/admin.css"]}
        js = [Script("gazette/quote.js", defer=True), Script("gazette/desk.js", defer=True)]

    def why_closed(self, obj):
        """Why an object cannot be changed, or nothing."""
        return ""

    def is_closed(self, obj):
        """Whether an object is closed; asked once for each object loaded."""
        if not hasattr(obj, "_why_closed"):
            obj._why_closed = self.why_closed(obj)
        return bool(obj._why_closed)

    def has_change_permission(self, request, obj=None):
        """No right changes what is closed."""
        return super().has_change_permission(request, obj) and not (obj and self.is_closed(obj))

    def has_delete_permission(self, request, obj=None):
        """No right deletes what is closed."""
        return super().has_delete_permission(request, obj) and not (obj and self.is_closed(obj))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Answer a form sent for a closed object, or overtaken by a colleague's, with a sentence and the page."""
        if request.method == "POST" and object_id and (refusal := self._refusal(request, object_id)):
            return refusal
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            messages.error(request, "保存时另有人写入了相同或相关的记录，本次没有保存；请核对后重新填写。")
            return HttpResponseRedirect(request.get_full_path())

    def delete_view(self, request, object_id, extra_context=None):
        """Answer the wish to delete a closed object with a sentence and its page."""
        return self._refusal(request, object_id) or super().delete_view(request, object_id, extra_context)

    def _refusal(self, request, object_id):
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.is_closed(obj):
            return None
        if not self.has_view_permission(request, obj):
            # The sentence names the object.
            raise PermissionDenied
        messages.error(request, obj._why_closed)
        return HttpResponseRedirect(admin_url(self.model, "change", obj.pk))

    def is_public(self, obj):
        """Whether the public sees the object, so that it can be viewed on the site."""
        return False

    def get_view_on_site_url(self, obj=None):
        """The public page, where there is one."""
        return super().get_view_on_site_url(obj) if obj and self.is_public(obj) else None

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Say on the page why the object is closed."""
        context["closed_because"] = obj._why_closed if obj and self.is_closed(obj) else ""
        return super().render_change_form(request, context, add, change, form_url, obj)


class PortalAdmin(Deleting, ClosableAdmin, Conflicting, Histories, SimpleHistoryAdmin):
    """An admin with history, which is read and never written back."""

    # The library's own has untranslated words.
    object_history_form_template = "admin/gazette/history_form.html"

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """Show an old version; the library would also save one that is posted to this address."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        request.shows_history = True
        return super().history_form_view(request, object_id, version_id, extra_context)

    def get_readonly_fields(self, request, obj=None):
        """Everything is read-only in an old version."""
        fields = [*super().get_readonly_fields(request, obj)]
        if getattr(request, "shows_history", False):
            fields += [field.name for field in self.opts.concrete_fields if field.editable]
        return fields


class RegisterAdmin(PortalAdmin):
    """Units, persons and posts: closed while a published document mentions them; `elsewhere` says what can be done."""

    elsewhere = ""

    def why_closed(self, obj):
        """A public entry is renamed or merged by publication, not here."""
        if self.model.objects.public().filter(pk=obj.pk).exists():
            return f"“{obj}”已被公开的文件提及，只能查看{self.elsewhere}。"
        return ""

    def is_public(self, obj):
        """What is closed is public."""
        return self.is_closed(obj)


class LedgerAdmin(admin.ModelAdmin):
    """What publication writes; looked at, never touched."""

    show_full_result_count = False

    class Media:
        css = {"all": ["gazette/admin.css"]}

    def get_fields(self, request, obj=None):
        """All fields, the kind of a record by its word."""
        names = super().get_fields(request, obj)
        return [kind_label if name == "kind" and self._names_a_kind() else name for name in names]

    def get_readonly_fields(self, request, obj=None):
        """What is shown by a word is no field of the form."""
        return [*super().get_readonly_fields(request, obj), *([kind_label] if self._names_a_kind() else [])]

    def _names_a_kind(self):
        """Whether rows say to which kind of record they belong, by the registry's name."""
        return any(field.name == "kind" and not field.choices for field in self.opts.concrete_fields)

    def has_add_permission(self, request, obj=None):
        """Nobody adds."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nobody changes."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Nobody deletes."""
        return False


class RecordAdmin(Correcting, PortalAdmin):
    """What belongs to a document: open while that is a draft, and entered under its owner.

    `owner_field` names the owner, chosen before the form opens and fixed from then on; the document itself has none.
    """

    form = OwnedForm
    restores = True
    owner_field = "document"
    owner_filter = {}
    children = ()  # (model, its field for this record): what is entered under this record.

    @cached_property
    def owner_model(self):
        """What owns the records."""
        return self.opts.get_field(self.owner_field).related_model if self.owner_field else None

    def document_of(self, obj):
        """The document that decides whether the record is open."""
        return obj.document

    def why_closed(self, obj):
        """The document's reason."""
        return why_closed(self.document_of(obj))

    def is_public(self, obj):
        """Public with its document."""
        return self.document_of(obj).status == DocumentStatus.PUBLISHED

    def get_queryset(self, request):
        """The model's list, with the joins that it names."""
        return super().get_queryset(request).for_list()

    def open_owners(self, request):
        """The owners under which a record may be entered: those of drafts, or public ones to which one is added."""
        path = "status" if self.owner_model is Document else "document__status"
        status = DocumentStatus.PUBLISHED if getattr(request, "supplementing", False) else DocumentStatus.DRAFT
        return self.owner_model.objects.filter(**{path: status}, **self.owner_filter)

    def owner_asked_for(self, request):
        """The open owner that the address of an add form names, or None."""
        if not hasattr(request, "owner_of_new_record"):
            key = request.GET.get(self.owner_field, "")
            owners = self.open_owners(request)
            if self.owner_model is not Document:
                owners = owners.select_related("document")
            request.owner_of_new_record = owners.filter(pk=key).first() if key.isdecimal() else None
        return request.owner_of_new_record

    def links_from(self, request, document):
        """(label, address) of the pages of this admin to which a document's own page leads."""
        return []

    def source_of(self, request, obj):
        """The document's text, read once for the whole page."""
        if not hasattr(request, "source"):
            owner = obj or self.owner_asked_for(request)
            if owner is None:
                raise PermissionDenied
            request.source = Source(owner if isinstance(owner, Document) else owner.document)
        return request.source

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Have the owner chosen before a new record is entered."""
        if object_id is None and self.owner_field and self.owner_asked_for(request) is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return self.choose_owner(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def choose_owner(self, request):
        """Ask under what the new record stands."""
        act, state = ("补录", "没有公开") if getattr(request, "supplementing", False) else ("新增", "不是草稿")
        if self.owner_field in request.GET:
            label = self.owner_model._meta.verbose_name
            messages.error(request, f"所选的{label}不存在或{state}，不能在其中{act}{self.opts.verbose_name}。")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{act}{self.opts.verbose_name}",
            "act": act,
            "changelist": f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist",
            "owner_field": self.owner_field,
            "owner_opts": self.owner_model._meta,
            "owners": self.open_owners(request).order_by("-pk")[:OWNERS_LISTED],
            "limit": OWNERS_LISTED,
        }
        return TemplateResponse(request, "admin/gazette/choose_owner.html", context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form, knowing owner and source."""
        if self.owner_field:
            owner = None if obj else self.owner_asked_for(request)
            bound = {"source": self.source_of(request, obj), "owner": owner, "owner_field": self.owner_field}
            kwargs["form"] = bind(self.form, shared=self.shared_choices(request, obj), **bound)
        return super().get_form(request, obj, change, **kwargs)

    def shared_choices(self, request, obj):
        """Field name → choices, for fields that choose from a short list."""
        return {}

    def get_readonly_fields(self, request, obj=None):
        """The owner is fixed."""
        fields = super().get_readonly_fields(request, obj)
        owner = [self.owner_field] if self.owner_field else []
        return [*owner, *fields, *(["child_links"] if self.children else [])]

    def children_of(self, obj):
        """What is entered under one record."""
        return self.children

    @admin.display(description="下级内容")
    def child_links(self, obj):
        """Links to what is entered under this record."""
        if not obj.pk:
            return "保存后可以录入。"
        links, is_public = [], self.is_public(obj)
        for model, field in self.children_of(obj):
            shown = admin_url(model, "changelist", **{f"{field}__id__exact": obj.pk})
            link = format_html('<a href="{}">{}</a>', shown, model._meta.verbose_name)
            if not is_public:
                link = format_html('{}（<a href="{}">新增</a>）', link, admin_url(model, "add", **{field: obj.pk}))
            elif self.admin_site.get_model_admin(model).can_be_supplemented():
                added = admin_url(model, "supplement", **{field: obj.pk})
                link = format_html('{}（<a href="{}">补录</a>）', link, added)
            links.append((link,))
        return format_html_join("　", "{}", links)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Show the source beside the form."""
        if self.owner_field or obj:
            source, record = self.source_of(request, obj), context["adminform"].form.instance
            context["source"], context["paragraphs"] = source, source.paragraphs(record)
            context["quoted"] = getattr(record, "start", None) is not None
        return super().render_change_form(request, context, add, change, form_url, obj)

    def hold(self, *objs):
        """Hold the documents first, which every save of the desk holds."""
        keys = {self.document_of(obj).pk for obj in objs}
        list(Document.objects.select_for_update(of=["self"]).filter(pk__in=keys).order_by("pk"))
        super().hold(*objs)

    def save_model(self, request, obj, form, change):
        """Save while the document is locked as a draft."""
        self.lock(obj)
        super().save_model(request, obj, form, change)
        rename_ties(obj, form.initial.get("code"))

    def save_formset(self, request, form, formset, change):
        """Save the rows; their ties follow."""
        super().save_formset(request, form, formset, change)
        for row_form in formset.initial_forms:
            rename_ties(row_form.instance, row_form.initial.get("code"))
        for row in formset.deleted_objects:
            drop_ties(row)

    def delete_model(self, request, obj):
        """Delete, with its ties, while the document is locked as a draft."""
        self.lock(obj)
        drop_ties(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        """Delete, with their ties, while each document is locked as a draft."""
        for obj in queryset:
            self.lock(obj)
            drop_ties(obj)
        super().delete_queryset(request, queryset)

    def lock(self, obj):
        """Hold the document to the end of the transaction; publication may have come between reading and saving."""
        document = self.document_of(obj)
        if document.pk and why_closed(Document.objects.select_for_update(of=["self"]).get(pk=document.pk)):
            raise PermissionDenied

    @admin.display(description="文件", ordering="document__code")
    def in_document(self, obj):
        """The document's number, or its title where it has none."""
        return obj.document.number or obj.document.title

    @admin.display(description="段落", ordering="passage__position")
    def stands_at(self, obj):
        """Where the passage stands."""
        return f"第{obj.passage.position}段 {obj.passage.outline}"


class SourcedAdmin(RecordAdmin):
    """A record that quotes a passage: its own fields, then passage and quote, beside the text."""

    form = QuotingForm
    record_fields = ()
    list_filter = ["document__status"]
    list_per_page = 50

    def get_fieldsets(self, request, obj=None):
        """The record's own fields and its source."""
        children = ["child_links"] if self.children else []
        return [
            (None, {"fields": [self.owner_field, *self.record_fields, self._code_line(), *children]}),
            ("原文", {"fields": ["passage", "quote"]}),
        ]

    def _code_line(self):
        return ("code", "position") if self.form.letter else "code"
