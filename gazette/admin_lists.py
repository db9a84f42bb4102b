"""Columns and filters that lists of the desk share: a kind of record by its word, a number as people write it."""

from django.contrib import admin

from . import registry
from .stored import plain_decimal


@admin.display(description="记录类别", ordering="kind")
def kind_label(obj):
    """The kind of a record in Chinese; None where a row has none."""
    return registry.get(obj.kind).label if obj.kind else None


@admin.display(description="字段", ordering="field")
def field_label(obj):
    """The field of a tie by its label; a count or the like, which is no field, by its name."""
    if not obj.field:
        return None
    fields = {field.name: field for field in registry.get(obj.kind).model._meta.get_fields()}
    return getattr(fields.get(obj.field), "verbose_name", obj.field)


class KindFilter(admin.SimpleListFilter):
    """Rows by the kind of record that they name."""

    title, parameter_name = "记录类别", "kind__exact"

    def lookups(self, request, model_admin):
        """The kinds by their words."""
        return [(kind.name, kind.label) for kind in registry.kinds()]

    def queryset(self, request, queryset):
        """Those of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


def plain(name: str, description: str):
    """A column for a decimal, without the zeros that the database keeps behind it."""

    @admin.display(description=description, ordering=name)
    def column(obj):
        return plain_decimal(getattr(obj, name))

    return column
