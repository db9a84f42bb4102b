"""What every page shares: a trail, the chosen day, filters, what is gone."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.forms.models import ModelChoiceField
from django.forms.utils import flatatt
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.views import generic

from .. import downloads, registry, tables
from ..filters import DayField
from ..models import Change, Correction, Operation, PublicRecord
from ..paging import PageError, Paginator

# A select offers no more than this, whatever the register holds; a value beyond it still works in the address.
OFFERED = 200
# A description for search engines and messengers is cut after so many characters.
DESCRIPTION = 120
# The parameters that say where in a list a page begins.
PLACE = ("page", "cursor")


class Gone(Exception):
    """A record that was public once and is withdrawn; carries the ledger's line that says when."""

    def __init__(self, line: Change):
        self.line = line


class NoSuchPage(Exception):
    """A page number past the end, or none at all; the message is for the reader."""


def find_public(queryset, code: str):
    """The public record of a code, with `published_at` and `changed_at`, when the portal did so.

    `Gone` where the last line of the code in the ledger withdraws it, else 404.
    """
    kind = registry.of(queryset.model).name
    projection = PublicRecord.objects.filter(kind=kind, code=OuterRef("code"))
    moments = {name: Subquery(projection.values(name)) for name in ("published_at", "changed_at")}
    try:
        return queryset.public().for_page().annotate(**moments).get(code=code)
    except queryset.model.DoesNotExist:
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


class Select(forms.Select):
    """A select written at once: Django's own renders two templates for each of its options."""

    def render(self, name, value, attrs=None, renderer=None):
        given = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((code, mark_safe(" selected") if str(code) == given else "", label) for code, label in self.choices),
        )
        return format_html("<select{}>{}</select>", flatatt(self.build_attrs(attrs, {"name": name})), options)


class DayForm(forms.Form):
    """The control of the chosen day; works without script."""

    on = DayField(required=False, label="查看日期")


class Page:
    """A page with a title, a trail to it, and where `dated`, the chosen day (`?on=`, today by default).

    A bad day is said beside the control and answered 400; a page that is not dated ignores it, and hands a good one on.
    """

    title = ""
    description = ""  # one sentence for search engines and messengers
    page_class = ""  # of 政府网站发展指引: a "column", an "article", or neither
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

    def get_description(self) -> str:
        """What the page is about, in one sentence; empty where there is none."""
        return self.description

    def get_linked_data(self) -> dict:
        """The page's subject in the words of schema.org, for JSON-LD; empty where none fits."""
        return {}

    def get_trail(self):
        """The pages above this one: (label, address)."""
        return [(label, reverse(name)) for label, name in self.trail]

    def address(self, *without: str) -> str:
        """The page's address on this site with its known parameters in a fixed order, without some of them."""
        query = sorted((name, value) for name, value in self.query.items() if name not in without)
        return f"{self.request.path}?{urlencode(query)}" if query else self.request.path

    @property
    def canonical(self) -> str:
        """The one address of this content: the first page has no number, and an undated page no day."""
        without = {"page"} if self.query.get("page") == "1" else set()
        return self.address(*without, *([] if self.dated else ["on"]))

    def get_day_links(self):
        """Days worth looking at, beside the control: (label, day)."""
        return ()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context |= {
            "title": self.get_title(),
            "description": self.get_description(),
            "page_class": self.page_class,
            "linked_data": self.get_linked_data(),
            "here": self.address(),
            "canonical": self.canonical,
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
                "day_kept": [pair for pair in self.query.items() if pair[0] not in {"on", *PLACE, *self.day_bound}],
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
    filters of the bar beside the words of a search; the others work from the address, and show as chips. The files
    beside it (`gazette.downloads`) hold all that the filters leave.
    """

    page_class = "column"
    filterset_class = None
    shown: tuple[str, ...] = ()
    paginate_by = 50
    paginator_class = Paginator
    downloadable = True

    @classmethod
    def known_parameters(cls):
        return {"on", *PLACE, *cls.filterset_class.base_filters}

    def get_queryset(self):
        return self.model.objects.public().for_list()

    def get(self, request, *args, **kwargs):
        self.filterset = self.filterset_class(self.query, queryset=self.get_queryset(), request=request)
        valid = self.filterset.is_valid()
        if "format" in kwargs:
            return self.download(kwargs["format"], valid)
        if not valid:
            self.status = 400
        self.object_list = self.filterset.qs if valid else self.get_queryset().none()
        return self.render_to_response(self.get_context_data())

    def download(self, format: str, valid: bool):
        """The list as a file; what is wrong with the filters, or that it is too long, is said and answered 400."""
        if not valid:
            errors = (
                f"{self.filterset.form[name].label}：{'、'.join(e)}" for name, e in self.filterset.form.errors.items()
            )
            return render(self.request, "400.html", {"sentence": " ".join(errors)}, status=400)
        found = self.filterset.qs
        if found.order_by().values("pk")[: downloads.BOUND + 1].count() > downloads.BOUND:
            return render(self.request, "400.html", {"sentence": downloads.TOO_MANY}, status=400)
        kind = registry.of(self.model)
        of_list = tables.of_list(kind, found)
        query = self._filters()
        page = self.request.path.removesuffix(f"records.{format}")
        fields = self.filterset.form.fields
        conditions = "；".join(
            f"{fields[name].label}：{word}" for name, word in self._words(self.get_choices() if query else {}).items()
        )
        # Only a workbook has room for the rows that belong to the records.
        shown = of_list if format == "xlsx" else of_list[:1]
        return downloads.answer(format, self.get_file_title(), f"{page}{query}", shown, conditions)

    def get_file_title(self) -> str:
        """The name of the files, which leave their page behind."""
        return self.get_title()

    def _filters(self) -> str:
        """The filters as a query string, without the place in the list and the day."""
        given = {name: value for name, value in self.query.items() if name not in (*PLACE, "on")}
        return f"?{urlencode(given)}" if given else ""

    def _words(self, choices) -> dict[str, str]:
        """The active filters that are valid, by name, each value as its label."""
        form = self.filterset.form
        given = (name for name in form.fields if name in self.query and name in form.cleaned_data)
        return {name: self._in_words(form, name, choices) for name in given}

    def paginate_queryset(self, queryset, page_size):
        paginator = self.get_paginator(queryset, page_size)
        try:
            page = paginator.asked(self.query.get("page"), self.query.get("cursor"))
        except PageError as error:
            raise NoSuchPage(str(error)) from None
        return paginator, page, page.object_list, page.has_other_pages()

    def get_choices(self) -> dict:
        """Choices of the bar's selects that differ from what their fields offer: name → [(value, label)]."""
        return {}

    def get_context_data(self, **kwargs):
        form, choices = self.filterset.form, self.get_choices()
        active = [name for name in form.fields if name in self.query]
        words = self._words(choices)
        bar = ("q", *self.shown)
        hidden = [name for name in active if name not in bar]
        for name in bar:
            self._offer(form, name, choices, words)
        return super().get_context_data(
            filterset=self.filterset,
            filter_fields=[form[name] for name in bar],
            filter_errors=[form[name] for name in hidden if form.errors.get(name)],
            filter_kept=[(name, self.query[name]) for name in (*hidden, "on") if name in self.query],
            chips=[Chip(form.fields[name].label, words[name], {name: None, "page": None}) for name in words],
            downloads=downloads.links(self.request.path, self._filters()) if self.downloadable else (),
            **kwargs,
        )

    def _offer(self, form, name, choices, words):
        """Give a filter of the bar a select with few enough choices, the given value among them."""
        field = form.fields[name]
        if name in choices:
            offered = list(choices[name])
        elif isinstance(field, ModelChoiceField):
            offered = [(record.code, str(record)) for record in field.queryset[:OFFERED]]
        elif isinstance(field.widget, forms.Select):
            field.widget = Select(choices=field.choices)
            return
        else:
            return
        if name in words and self.query[name] not in {str(value) for value, _label in offered}:
            offered.append((self.query[name], words[name]))
        field.widget = Select(choices=[("", "不限"), *offered])

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

    page_class = "article"

    def get_object(self, queryset=None):
        return find_public(self.model.objects.all(), self.kwargs["code"])

    def get_description(self):
        quote = getattr(self.object, "quote", "")
        return Truncator(quote).chars(DESCRIPTION) if quote else self.description

    def get_source(self) -> str:
        """Where the content comes from: a record's document; an entry of a register is the site's own work."""
        document = getattr(self.object, "document", None)
        return document.cited_as if document else settings.SITE_NAME

    def get_keywords(self) -> list[str]:
        """Words that the page is found by: its name and the columns above it."""
        return [str(self.object), *(label for label, _address in self.get_trail())]

    def get_corrections(self):
        """The corrections that the page shows for ever, newest first."""
        return Correction.objects.of_record(registry.of(self.model).name, self.object.code)

    def get_context_data(self, **kwargs):
        kind = registry.of(self.model).name
        return super().get_context_data(
            doubt_path=f"{reverse('doubt-new')}?{urlencode({'kind': kind, 'code': self.object.code})}",
            content_source=self.get_source(),
            keywords=self.get_keywords(),
            corrections=self.get_corrections(),
            **kwargs,
        )


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
