"""One FilterSet per list, for the page and the API alike; what a parameter may be is said here once."""

import django_filters as filters
from django import forms

from .models import Change, Document, DocumentKind, Operation, Unit, UnitKind

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
    """Filter by a reference: `CodeFilter(model, ...)` offers the public records of the model."""

    class field_class(CodeField):
        def __init__(self, *args, null_label=None, null_value=None, **kwargs):
            super().__init__(*args, **kwargs)

    def __init__(self, model, **kwargs):
        super().__init__(queryset=lambda request: model.objects.public(), to_field_name="code", **kwargs)


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


class DocumentFilter(filters.FilterSet):
    """The library's filters."""

    kind = ChoiceFilter(DocumentKind, label="类型")
    issuer = CodeFilter(Unit, field_name="issuer", label="发文机关")
    year = NumberFilter(field_name="number", method="of_year", label="文号年份")

    class Meta:
        model = Document
        fields = []

    def of_year(self, queryset, name, value: int):
        """Documents whose number bears the year."""
        return queryset.filter(number__contains=f"〔{value}〕")


class UnitFilter(filters.FilterSet):
    """The register of units' filters."""

    kind = ChoiceFilter(UnitKind, label="类别")
    parent = CodeFilter(Unit, field_name="parent", label="上级单位")

    class Meta:
        model = Unit
        fields = []


class ChangeFilter(filters.FilterSet):
    """What a mirror asks of the ledger."""

    after = NumberFilter(field_name="seq", lookup_expr="gt", label="此序号之后")
    kind = filters.CharFilter(label="类别")
    code = filters.CharFilter(label="代码")
    op = ChoiceFilter(Operation, label="操作")
    document = CodeFilter(Document, field_name="document", label="文件")

    class Meta:
        model = Change
        fields = []
