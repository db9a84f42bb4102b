"""Rows of a record on its own page: closed with it, their choices and their source read once for all."""

from django.contrib import admin
from django.utils.html import format_html

from .admin_base import bind
from .forms import QuotingForm, RecordForm
from .formsets import ReadOnceFormSet, RowFormSet

CONTEXT = 30  # How many characters either side of a quote an excerpt shows.


def _correcting(request):
    """Whether the page proposes a correction, for which its view has asked the permission."""
    return getattr(request, "correcting", False)


class PortalInline(admin.StackedInline):
    """Rows of a record, closed when that is; what to write in them is said once, above all."""

    form = RecordForm
    formset = ReadOnceFormSet
    template = "admin/gazette/rows.html"
    extra = 0

    def _is_open(self, obj):
        return obj is None or obj.pk is None or not self.admin_site.get_model_admin(type(obj)).is_closed(obj)

    def has_add_permission(self, request, obj=None):
        """While the owner is open, or corrected."""
        return _correcting(request) or (super().has_add_permission(request, obj) and self._is_open(obj))

    def has_change_permission(self, request, obj=None):
        """While the owner is open, or corrected."""
        return _correcting(request) or (super().has_change_permission(request, obj) and self._is_open(obj))

    def has_delete_permission(self, request, obj=None):
        """While the owner is open, or corrected."""
        return _correcting(request) or (super().has_delete_permission(request, obj) and self._is_open(obj))

    def get_formset(self, request, obj=None, **kwargs):
        """The formset, its choices read once for all rows."""
        kwargs["form"] = bind(self.form, **self.bound(request, obj))
        return super().get_formset(request, obj, **kwargs)

    def bound(self, request, obj):
        """What the request gives to the form class."""
        return {"shared": self.shared_choices(request, obj), "correcting": _correcting(request), "is_row": True}

    def shared_choices(self, request, obj):
        """Field name → choices, for fields that choose from a short list."""
        return {}


class SourcedInline(PortalInline):
    """Rows that quote passages of their owner's document."""

    form = QuotingForm
    formset = RowFormSet
    record_fields = ()
    readonly_fields = ["excerpt"]
    show_change_link = True
    view_on_site = False

    def get_fields(self, request, obj=None):
        """The row's own fields and its source."""
        place = ("code", "position") if self.form.letter else "code"
        return [*self.record_fields, "passage", "quote", "excerpt", place]

    def get_queryset(self, request):
        """With the joins that the model names."""
        return super().get_queryset(request).for_list()

    def bound(self, request, obj):
        """The page's source as well."""
        owner = self.admin_site.get_model_admin(self.parent_model)
        fks = (field.name for field in self.opts.fields if field.related_model is self.parent_model)
        fk = self.fk_name or next(fks)
        return {**super().bound(request, obj), "source": owner.source_of(request, obj), "owner_field": fk}

    @admin.display(description="原文上下文")
    def excerpt(self, obj):
        """The quote, marked, between a few words before and after."""
        if obj.start is None or not obj.passage_id:
            return "保存后显示。"
        text = obj.passage.text
        before, after = text[max(0, obj.start - CONTEXT) : obj.start], text[obj.end : obj.end + CONTEXT]
        return format_html(
            '<span class="excerpt">第{}段：{}{}<mark>{}</mark>{}{}</span>',
            obj.passage.position,
            "…" if obj.start > CONTEXT else "",
            before,
            text[obj.start : obj.end],
            after,
            "…" if obj.end + CONTEXT < len(text) else "",
        )
