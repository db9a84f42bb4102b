"""One FilterSet per list, for the page and the API alike; what a parameter may be is said here once."""

from datetime import datetime, time

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field

from . import registry
from .models import AudienceGroup, Change, Correction, Document, DocumentKind, Operation, SearchEntry, Unit, UnitKind
from .search.query import LENGTH, NO_WORD, Query, read_query
from .search.results import FACETS, Results

DAY_ERROR = "日期写作 2023-03-15。"


class DayField(forms.DateField):
    """A day in ISO form."""

    default_error_messages = {"invalid": DAY_ERROR}

    def __init__(self, **kwargs):
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class DayFilter(filters.Filter):
    """Filter by a day."""

    field_class = DayField


class CodeField(forms.ModelChoiceField):
    """A public record by its code."""

    default_error_messages = {"invalid_choice": "没有代码为“%(value)s”的公开记录。"}


class CodeFilter(filters.ModelChoiceFilter):
    """Filter by a reference: `CodeFilter(model, ...)` offers the public records of the model, or those of `records`."""

    class field_class(CodeField):
        def __init__(self, *args, null_label=None, null_value=None, **kwargs):
            super().__init__(*args, **kwargs)

    def __init__(self, model, records=lambda model: model.objects.public(), **kwargs):
        super().__init__(queryset=lambda request: records(model), to_field_name="code", **kwargs)


class BooleanField(forms.TypedChoiceField):
    """true or false, as JSON writes them."""

    default_error_messages = {"invalid_choice": "只能写 true 或 false。"}

    def __init__(self, **kwargs):
        kwargs.update(
            choices=[("", "不限"), ("true", "是"), ("false", "否")],
            coerce=lambda value: value == "true",
            empty_value=None,
        )
        super().__init__(**kwargs)


class BooleanFilter(filters.Filter):
    """Filter by yes or no."""

    field_class = BooleanField

    def __init__(self, **kwargs):
        # Written as a column alone, a condition is one that SQLite looks up in no index; in a list of one it is.
        super().__init__(**{"lookup_expr": "in", **kwargs})

    def filter(self, queryset, value):
        """The rows where it is so."""
        return queryset if value is None else super().filter(queryset, [value])


class ChoiceFilter(filters.ChoiceFilter):
    """Filter by one value of a closed list, which the error names."""

    def __init__(self, choices, **kwargs):
        values = "、".join(str(value) for value, _label in choices.choices)
        kwargs.setdefault("error_messages", {"invalid_choice": f"“%(value)s”不在可选值之中：{values}。"})
        super().__init__(choices=choices.choices, empty_label="不限", **kwargs)


class NumberField(forms.IntegerField):
    """A whole number from 0."""

    def __init__(self, **kwargs):
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", 10**15)
        super().__init__(**kwargs)


class NumberFilter(filters.Filter):
    """Filter by a whole number."""

    field_class = NumberField


class QueryField(forms.CharField):
    """The words of a search."""

    widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
    default_error_messages = {"required": NO_WORD}

    def __init__(self, **kwargs):
        # White space alone is a question without a word, and not no question.
        super().__init__(**{**kwargs, "strip": False})

    def clean(self, value) -> Query | None:
        value = super().clean(value)
        return read_query(value) if value else None


@extend_schema_field({"type": "string", "maxLength": LENGTH})
class QueryFilter(filters.Filter):
    """Filter by words as the search page does; unused, it asks the database nothing."""

    field_class = QueryField

    def filter(self, queryset, value: Query | None):
        return queryset if value is None else self.matching(queryset, value)

    def matching(self, queryset, query: Query):
        """The records that hold the words."""
        entries = SearchEntry.objects.matching(query, registry.of(queryset.model).name)
        return queryset.filter(code__in=entries.order_by().values("code"))


class LedgerQueryFilter(QueryFilter):
    """Lines of the ledger about records that hold the words now; what was withdrawn is not found."""

    def matching(self, queryset, query):
        entries = SearchEntry.objects.matching(query)
        return queryset.filter(Exists(entries.filter(kind=OuterRef("kind"), code=OuterRef("code"))))


class RecordFilter(filters.FilterSet):
    """What every list of records is asked by."""

    q = QueryFilter(label="检索")


class DocumentFilter(RecordFilter):
    """The library's filters."""

    kind = ChoiceFilter(DocumentKind, label="类型")
    issuer = CodeFilter(Unit, field_name="issuer", label="发文机关")
    year = NumberFilter(label="文号年份")

    class Meta:
        model = Document
        fields = []


class UnitFilter(RecordFilter):
    """The register of units' filters."""

    kind = ChoiceFilter(UnitKind, label="类别")
    parent = CodeFilter(Unit, field_name="parent", label="上级单位")

    class Meta:
        model = Unit
        fields = []


def ever_public(model):
    """The documents that the ledger names: a mirror asks for the lines of a withdrawn one, too."""
    return model.objects.filter(Exists(Change.objects.filter(document=OuterRef("pk"))))


class ChangeFilter(filters.FilterSet):
    """What a mirror asks of the ledger."""

    q = LedgerQueryFilter(label="检索")
    after = NumberFilter(field_name="seq", lookup_expr="gt", label="此序号之后")
    kind = filters.CharFilter(label="类别")
    code = filters.CharFilter(label="代码")
    op = ChoiceFilter(Operation, label="操作")
    document = CodeFilter(Document, ever_public, field_name="document", label="文件")

    class Meta:
        model = Change
        fields = []


class SinceFilter(DayFilter):
    """Filter by a moment, from the beginning of a day on, Beijing time."""

    def filter(self, queryset, value):
        """The rows from that day on."""
        if value is None:
            return queryset
        start = timezone.make_aware(datetime.combine(value, time()))
        return queryset.filter(**{f"{self.field_name}__gte": start})


class CorrectionFilter(ChangeFilter):
    """What a mirror asks of the corrections, and the day since which."""

    # The number is null only where nothing is public yet, so never here.
    after = extend_schema_field({"type": "integer", "minimum": 0, "title": "序号"})(
        NumberFilter(field_name="seq", lookup_expr="gt", label="此序号之后")
    )
    op = ChoiceFilter(Operation, method="done_by", label="操作")
    since = SinceFilter(field_name="decided_at", label="自此日起")

    class Meta:
        model = Correction
        fields = []

    def done_by(self, queryset, name, value: str):
        """A correction updates its record, deletes it, or publishes one that was left out; it withdraws none."""
        added, removed = Q(base_revision=0), Q(difference__removed=True)
        done = {Operation.UPDATE: ~added & ~removed, Operation.DELETE: removed, Operation.PUBLISH: added}
        return queryset.filter(done[value]) if value in done else queryset.none()


def found_kinds() -> list[tuple[str, str]]:
    """The kinds of record that the search page finds, in its order: (name, label)."""
    kinds = [kind for kind in registry.kinds() if kind.search_rank is not None]
    return [(kind.name, kind.label) for kind in sorted(kinds, key=lambda kind: kind.search_rank)]


class FoundKindFilter(filters.ChoiceFilter):
    """Filter by a kind of record that search finds; known once every app has registered its kinds."""

    def __init__(self, **kwargs):
        kwargs["error_messages"] = {"invalid_choice": "“%(value)s”不是能检索的类别。"}
        super().__init__(choices=found_kinds, empty_label="不限", **kwargs)


@extend_schema_field({"type": "string"})
class FacetFilter(CodeFilter):
    """Filter by a facet whose values are codes."""


class SearchFilter(filters.FilterSet):
    """The search page's own: words, and facets; its `qs` is a `Results`."""

    q = QueryFilter(label="检索", required=True)
    kind = FoundKindFilter(label="类别")
    part = FacetFilter(SearchEntry, label="部分")
    unit = FacetFilter(Unit, label="单位")
    year = NumberFilter(label="年份")
    audience = ChoiceFilter(AudienceGroup, label="谁能享受")

    class Meta:
        model = SearchEntry
        fields = []

    def filter_queryset(self, queryset):
        """The ranked results, where a queryset of another list would be."""
        given = self.form.cleaned_data
        chosen = {name: str(getattr(given[name], "code", given[name])) for name in FACETS if given[name]}
        return Results(given["q"], chosen)
