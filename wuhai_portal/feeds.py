"""What calendars subscribe to (iCalendar): all days, those of a unit, those of one measure.

A feed is a function of the ledger alone: stamps are those of publication, never of the moment of the answer. What is
withdrawn vanishes from it, and what has no known day is not in it.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.views import View
from icalendar import Calendar, Event

from gazette.models import PublicRecord, Unit
from gazette.views import Page, find_public
from measures.views import find_measure

from .entries import Entry, Scope, newest_entries

ASK_AGAIN = timedelta(days=1)


class Feed(Page, View):
    """An answer that depends on its path alone; a withdrawn record's is 410."""

    @classmethod
    def known_parameters(cls):
        return set()


def named(pairs: Iterable[tuple[str, str]]) -> Q:
    """The condition on rows with a kind and a code, such that both databases look each kind up in its index."""
    codes: dict[str, set[str]] = {}
    for kind, code in pairs:
        codes.setdefault(kind, set()).add(code)
    return reduce(or_, (Q(kind=kind, code__in=sorted(codes[kind])) for kind in sorted(codes)), Q(pk__in=[]))


def _records_of(entries: list[Entry]) -> dict[tuple[str, str], PublicRecord]:
    """The public records that the entries rest on, by kind and code: one query."""
    pairs = [pair for entry in entries for pair in ((entry.kind, entry.code), entry.parent)]
    return {(record.kind, record.code): record for record in PublicRecord.objects.filter(named(pairs)).defer("body")}


def _event(entry: Entry, records: list[PublicRecord]) -> Event:
    """An all-day event; its sequence moves when the record does, or the one whose name it bears."""
    changed_at = max(record.changed_at for record in records)
    event = Event()
    event.add("UID", f"{entry.kind}.{entry.code}.{entry.what}@{settings.SITE_ADDRESS.host}")
    event.add("DTSTAMP", changed_at)
    event.add("LAST-MODIFIED", changed_at)
    event.add("SEQUENCE", sum(record.revision for record in records))
    event.add("DTSTART", entry.day)
    if entry.day < date.max:
        event.add("DTEND", entry.day + timedelta(days=1))
    event.add("SUMMARY", f"{entry.label}：{entry.title}")
    words = [entry.note, f"原文：“{entry.quote}”", "以文件原文和主管部门解释为准。"]
    event.add("DESCRIPTION", "\n".join(filter(None, words)))
    event.add("URL", f"{settings.SITE_ADDRESS}{entry.address}")
    event.add("CATEGORIES", [entry.label])
    # Nobody is busy on the day on which a measure ends.
    event.add("TRANSP", "TRANSPARENT")
    return event


def calendar_of(scope: Scope, name: str) -> bytes:
    """The iCalendar (RFC 5545) of a scope: its newest entries by day."""
    entries = newest_entries(scope)
    records = _records_of(entries)
    calendar = Calendar()
    calendar.add("PRODID", f"-//{settings.SITE_NAME}//日历//ZH")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", name)
    calendar.add("X-WR-TIMEZONE", settings.TIME_ZONE)
    calendar.add("REFRESH-INTERVAL", ASK_AGAIN, {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "P1D")
    for entry in entries:
        found = [records.get((entry.kind, entry.code)), records.get(entry.parent)]
        # What was withdrawn between the two queries is gone.
        if all(found):
            calendar.add_component(_event(entry, found))
    return calendar.to_ical()


class DaysFeed(Feed):
    """An iCalendar feed."""

    def get(self, request, *args, **kwargs):
        scope, name = self.get_scope()
        body = calendar_of(scope, f"{name} - {settings.SITE_NAME}")
        return HttpResponse(body, content_type="text/calendar; charset=utf-8")


class AllDays(DaysFeed):
    """Every day of the calendar, the newest first where there are too many."""

    def get_scope(self):
        return Scope(), "日历"


class DaysOfUnit(DaysFeed):
    """The days of all that one unit answers for."""

    def get_scope(self):
        unit = find_public(Unit.objects.all(), self.kwargs["code"])
        return Scope(unit=unit), unit.name


class DaysOfMeasure(DaysFeed):
    """The days of one measure, those that it takes over from its package too."""

    def get_scope(self):
        measure = find_measure(self.kwargs["package"], self.kwargs["number"])
        return Scope(measure=measure), str(measure)
