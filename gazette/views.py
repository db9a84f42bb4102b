"""What every page shares (a trail, the chosen day, filters, what is gone), and the library's own pages."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.forms.models import ModelChoiceField
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.views import generic

from . import registry
from .filters import DayField, DocumentFilter
from .models import Change, Correction, Document, Operation, PublicRecord
from .reader import read

# A select offers no more than this, whatever the register holds; a value beyond it still works in the address.
OFFERED = 200


class Gone(Exception):
    """A record that was public once and is withdrawn; carries the ledger's line that says when."""

    def __init__(self, line: Change):
        self.line = line


class NoSuchPage(Exception):
    """A page number past the end, or none at all; the message is for the reader."""


def find_public(queryset, code: str):
    """The public record of a code; `Gone` where the last line of the code in the ledger withdraws it, else 404."""
    try:
        return queryset.public().for_page().get(code=code)
    except queryset.model.DoesNotExist:
        kind = registry.of(queryset.model).name
        line = Change.objects.withdrawal_of(kind, code)
        raise Gone(line) if line else Http404 from None


def answer_gone(request, line: Change):
    """410 with what the ledger says; a record that was merged into another leads there."""
    if line.merged_into:
        survivor = Change.objects.filter(kind=line.kind, code=line.merged_into).order_by("-seq").first()
        if survivor is not None:
            return redirect(survivor.path, permanent=True)
    correction = None
    if line.op == Operation.DELETE:
        correction = Correction.objects.of_record(line.kind, line.code).first()
    context = {"line": line, "label": registry.get(line.kind).label, "correction": correction}
    return render(request, "410.html", context, status=410)


class DayForm(forms.Form):
    """The control of the chosen day; works without script."""

    on = DayField(required=False, label="查看日期")


class Page:
    """A page with a title, a trail to it, and where `dated`, the chosen day (`?on=`, today by default).

    A bad day is said beside the control and answered 400; a page that is not dated ignores it, and hands a good one on.
    """

    title = ""
    trail: tuple[tuple[str, str], ...] = ()
    dated = False
    day_bound: tuple[str, ...] = ()  # parameters that go when another day is chosen
    status = 200

    @classmethod
    def known_parameters(cls) -> set[str]:
        """The parameters that the page's answer depends on; all others are ignored, in its links too."""
        return {"on"}

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except Gone as gone:
            return answer_gone(request, gone.line)
        except NoSuchPage as missing:
            return render(request, "404.html", {"sentence": str(missing), "first_page": request.path}, status=404)

    @cached_property
    def query(self) -> dict[str, str]:
        """The known parameters that the address gives."""
        known = self.known_parameters()
        return {name: value for name, value in self.request.GET.items() if name in known and value}

    @cached_property
    def day_form(self) -> DayForm:
        form = DayForm(self.query if "on" in self.query else None)
        if form.is_bound and not form.is_valid() and self.dated:
            self.status = 400
        return form

    @property
    def asked_day(self) -> date | None:
        """The day that the address names, if it is one."""
        return self.day_form.cleaned_data.get("on") if self.day_form.is_bound else None

    @property
    def day(self) -> date:
        """The day that the page is about."""
        return self.asked_day or timezone.localdate()

    def get_title(self) -> str:
        """The page's own name."""
        return self.title or str(self.object)

    def get_trail(self):
        """The pages above this one: (label, address)."""
        return [(label, reverse(name)) for label, name in self.trail]

    def get_day_links(self):
        """Days worth looking at, beside the control: (label, day)."""
        return ()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context |= {
            "title": self.get_title(),
            "page_trail": self.get_trail(),
            "query": self.query,
            "asked_day": self.asked_day,
        }
        if self.dated:
            context |= {
                "day": self.day,
                "is_today": self.day == timezone.localdate(),
                "day_form": self.day_form,
                "day_links": [(label, day) for label, day in self.get_day_links() if day],
                "day_kept": [pair for pair in self.query.items() if pair[0] not in {"on", "page", *self.day_bound}],
            }
        return context

    def render_to_response(self, context, **kwargs):
        return super().render_to_response(context, status=self.status, **kwargs)


@dataclass(frozen=True)
class Chip:
    """One active filter in words, and the change of the query string that takes it away."""

    label: str
    value: str
    without: dict


class ListPage(Page, generic.ListView):
    """A list of public records with the filters of its FilterSet.

    Unknown parameters are ignored; a bad value of a known one is said in the form and answered 400. `shown` names the
    filters of the bar; the others work from the address, and show as chips.
    """

    filterset_class = None
    shown: tuple[str, ...] = ()
    paginate_by = 50

    @classmethod
    def known_parameters(cls):
        return {"on", "page", *cls.filterset_class.base_filters}

    def get_queryset(self):
        return self.model.objects.public().for_list()

    def get(self, request, *args, **kwargs):
        self.filterset = self.filterset_class(self.query, queryset=self.get_queryset(), request=request)
        valid = self.filterset.is_valid()
        if not valid:
            self.status = 400
        self.object_list = self.filterset.qs if valid else self.get_queryset().none()
        return self.render_to_response(self.get_context_data())

    def paginate_queryset(self, queryset, page_size):
        paginator = self.get_paginator(queryset, page_size)
        given = self.request.GET.get("page", "1")
        if not (given.isascii() and given.isdigit() and len(given) < 10):
            raise NoSuchPage(f"页码“{given[:20]}”不是从1起的整数。")
        if not 1 <= int(given) <= paginator.num_pages:
            raise NoSuchPage(f"没有第{given}页，这个列表共{paginator.num_pages}页。")
        page = paginator.page(int(given))
        return paginator, page, page.object_list, page.has_other_pages()

    def get_choices(self) -> dict:
        """Choices of the bar's selects that differ from what their fields offer: name → [(value, label)]."""
        return {}

    def get_context_data(self, **kwargs):
        form, choices = self.filterset.form, self.get_choices()
        active = [name for name in form.fields if name in self.query]
        words = {name: self._in_words(form, name, choices) for name in active if name in form.cleaned_data}
        hidden = [name for name in active if name not in self.shown]
        for name in self.shown:
            self._offer(form, name, choices, words)
        return super().get_context_data(
            filterset=self.filterset,
            filter_fields=[form[name] for name in self.shown],
            filter_errors=[form[name] for name in hidden if form.errors.get(name)],
            filter_kept=[(name, self.query[name]) for name in (*hidden, "on") if name in self.query],
            chips=[Chip(form.fields[name].label, words[name], {name: None, "page": None}) for name in words],
            **kwargs,
        )

    def _offer(self, form, name, choices, words):
        """Give a filter of the bar a select with few enough choices, the given value among them."""
        field = form.fields[name]
        if name in choices:
            offered = list(choices[name])
        elif isinstance(field, ModelChoiceField):
            offered = [(record.code, str(record)) for record in field.queryset[:OFFERED]]
        else:
            return
        if name in words and self.query[name] not in {str(value) for value, _label in offered}:
            offered.append((self.query[name], words[name]))
        field.widget = forms.Select(choices=[("", "不限"), *offered])

    def _in_words(self, form, name, choices) -> str:
        """A filter's value as its label."""
        field, value = form.fields[name], form.cleaned_data[name]
        if isinstance(value, date):
            return date_format(value)
        if isinstance(field, ModelChoiceField):
            return str(value)
        labels = {str(code): str(label) for code, label in choices.get(name, getattr(field, "choices", ()))}
        return labels.get(self.query[name], str(value))


class DetailPage(Page, generic.DetailView):
    """One public record by the code in its address; a withdrawn one answers 410."""

    def get_object(self, queryset=None):
        return find_public(self.model.objects.all(), self.kwargs["code"])

    def get_corrections(self):
        """The corrections that the page shows for ever, newest first."""
        return Correction.objects.of_record(registry.of(self.model).name, self.object.code)

    def get_context_data(self, **kwargs):
        return super().get_context_data(corrections=self.get_corrections(), **kwargs)


class RecordPage(DetailPage):
    """A record that rests on a sentence: with its neighbours in the text, and its public revision."""

    def get_context_data(self, **kwargs):
        kind = registry.of(self.model)
        previous, following = self.model.objects.public().neighbours(self.object)
        return super().get_context_data(
            previous=previous,
            following=following,
            api_address=f"/api/v1/{kind.resource}/{self.object.code}/",
            public_record=PublicRecord.objects.defer("body").get(kind=kind.name, code=self.object.code),
            **kwargs,
        )


class DocumentList(ListPage):
    """The library."""

    title = "文件"
    model = Document
    filterset_class = DocumentFilter
    shown = ("kind", "issuer", "year")


class DocumentDetail(DetailPage):
    """The full text, every recorded figure marked and linked."""

    model = Document
    trail = (("文件", "document-list"),)

    def get_corrections(self):
        """Those of the document, its text and what it cites; the other records have pages of their own."""
        kinds = ["document", "passage", "citation"]
        return Correction.objects.public().filter(document=self.object, kind__in=kinds).order_by("-seq")

    def get_context_data(self, **kwargs):
        return super().get_context_data(reading=read(self.object), citations=self.object.citations.all(), **kwargs)
