"""The calendar: a month as a grid, a year as a list, and what belongs to a year but to no day."""

from calendar import Calendar, monthrange
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.views import generic

from gazette.filters import CodeField
from gazette.models import Unit
from gazette.views import Page

from .entries import LIMIT, Entry, Scope, entries_between, nearest_days, with_counts, year_box

FIRST_YEAR, LAST_YEAR = 1949, 2199
YEARS = f"{FIRST_YEAR}年至{LAST_YEAR}年"
WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


@dataclass(frozen=True, order=True)
class Month:
    """A month of a year."""

    year: int
    month: int

    def __str__(self):
        return f"{self.year:04}-{self.month:02}"

    @property
    def label(self) -> str:
        """In Chinese."""
        return f"{self.year}年{self.month}月"

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def moved(self, by: int) -> "Month | None":
        """The month so many months on; None where the calendar does not reach."""
        year, month = divmod(self.year * 12 + self.month - 1 + by, 12)
        return Month(year, month + 1) if FIRST_YEAR <= year <= LAST_YEAR else None

    def weeks(self, entries: list[Entry]) -> list[list[tuple[date | None, list[Entry]]]]:
        """The weeks from Monday on: each day with its entries, None for the days of other months."""
        by_day = {day: list(rows) for day, rows in groupby(entries, key=lambda entry: entry.day)}
        days = {n: date(self.year, self.month, n) for n in range(1, self.last.day + 1)}
        return [
            [(days.get(n), by_day.get(days.get(n), [])) for n in week]
            for week in Calendar().monthdayscalendar(self.year, self.month)
        ]


class MonthField(forms.Field):
    """A month as 2023-03."""

    widget = forms.DateInput(attrs={"type": "month"})

    def clean(self, value) -> Month | None:
        if not value:
            return None
        year, _, month = value.partition("-")
        if len(year) == 4 and len(month) == 2 and year.isascii() and (year + month).isdecimal() and month.isascii():
            found = Month(int(year), int(month))
            if FIRST_YEAR <= found.year <= LAST_YEAR and 1 <= found.month <= 12:
                return found
        raise forms.ValidationError(f"“{value[:20]}”不是月份。月份写作 2023-03，从{YEARS}。")


class YearField(forms.Field):
    """A year as 2023."""

    def clean(self, value) -> int | None:
        if not value:
            return None
        if len(value) == 4 and value.isascii() and value.isdecimal() and FIRST_YEAR <= int(value) <= LAST_YEAR:
            return int(value)
        raise forms.ValidationError(f"“{value[:20]}”不是年份。年份写作 2023，从{YEARS}。")


class CalendarForm(forms.Form):
    """Which month, or which year as a list, and whose."""

    month = MonthField(label="月份")
    year = YearField(label="年份")
    unit = CodeField(
        queryset=Unit.objects.none(), to_field_name="code", required=False, label="单位", empty_label="不限"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.public()


class CalendarPage(Page, generic.TemplateView):
    """A month, or with `year` a whole year as a list; without either the month of the chosen day."""

    template_name = "portal/calendar.html"
    title = "日历"
    dated = True
    day_bound = ("month", "year")

    @classmethod
    def known_parameters(cls):
        return {"on", "month", "year", "unit"}

    @cached_property
    def form(self) -> CalendarForm:
        form = CalendarForm(self.query)
        if not form.is_valid():
            self.status = 400
        return form

    def get_context_data(self, **kwargs):
        asked = self.form.cleaned_data
        month = asked.get("month") or Month(self.day.year, self.day.month)
        year = None if asked.get("month") else asked.get("year")
        scope = Scope(unit=asked.get("unit"))
        first, last = (date(year, 1, 1), date(year, 12, 31)) if year else (month.first, month.last)
        entries, more = entries_between(scope, first, last)
        entries = with_counts(scope, entries)
        nearest = () if entries else nearest_days(scope, first, last)
        return super().get_context_data(
            month=month,
            year=year,
            unit=scope.unit,
            limit=LIMIT,
            feed_path=_feed_path(scope),
            feed_address=f"{settings.SITE_ADDRESS}{_feed_path(scope)}",
            errors=[error for errors in self.form.errors.values() for error in errors],
            entries=entries,
            more=more,
            day_is_shown=bool(entries) and first <= self.day <= last,
            days=[(day, list(rows)) for day, rows in groupby(entries, key=lambda entry: entry.day)],
            weeks=[] if year else month.weeks(entries),
            weekdays=WEEKDAYS,
            nearest=[Month(day.year, day.month) for day in nearest if day],
            earlier=_moved(year, -1) if year else month.moved(-1),
            later=_moved(year, 1) if year else month.moved(1),
            in_year=year_box(scope, year or month.year),
            **kwargs,
        )


def _feed_path(scope: Scope) -> str:
    return reverse("unit-days", args=[scope.unit.code]) if scope.unit else reverse("all-days")


def _moved(year: int, by: int) -> int | None:
    return year + by if FIRST_YEAR <= year + by <= LAST_YEAR else None
