"""Words for values: money, days, qualifiers; and links that keep the chosen day or the active filters."""

from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode

from gazette.stored import plain_decimal

register = template.Library()

UNKNOWN = "文中未载明"
# How each qualifier binds a figure, in words; the printed words always stand beside it.
QUALIFIED = {
    "at_least": "至少{}",
    "more_than": "超过{}",
    "at_most": "不超过{}",
    "less_than": "不满{}",
    "about": "{}左右",
    "reach": "达到{}",
    "keep": "保持{}",
    "scale": "{}量级",
}


@register.filter
def money(yuan) -> str:
    """Whole yuan in the largest of 元, 万元, 亿元 that needs no more than two decimals."""
    if yuan is None:
        return ""
    yuan = Decimal(yuan)
    for size, word in ((100_000_000, "亿元"), (10_000, "万元")):
        if yuan >= size and yuan % (size // 100) == 0:
            return f"{plain_decimal(yuan / size)}{word}"
    return f"{plain_decimal(yuan)}元"


@register.filter
def number(value) -> str:
    """A decimal as people write it: 82.8000 → 82.8, 10000000 → 1000万."""
    value = Decimal(value)
    for size, word in ((100_000_000, "亿"), (10_000, "万")):
        if value >= size and value % size == 0:
            return f"{plain_decimal(value / size)}{word}"
    return plain_decimal(value)


def measured(value, unit: str) -> str:
    """A value with its unit; money is shortened."""
    return money(value) if unit == "元" and value == int(value) else f"{number(value)}{unit}"


@register.filter
def in_words(record) -> str:
    """What a target, condition or benefit states, with its qualifier as a word; empty where it states no value."""
    if record.value is None:
        if record.qualifier == "in_step_with":
            return f"{record.basis}基本同步"
        return str(record.get_qualifier_display()) if record.qualifier else ""
    words = measured(record.value, record.unit)
    if record.value_max is not None:
        words = f"{number(record.value)}至{measured(record.value_max, record.unit)}"
    if getattr(record, "direction", "") == "decrease" and record.unit == "%":
        words = f"下降{words}"
    return QUALIFIED.get(record.qualifier, "{}").format(words)


@register.filter
def benefit_words(benefit) -> str:
    """The standard of a benefit: which way a rate works (按95%计, 减去10%), and the old figure of 由…提高至…."""
    words = in_words(benefit)
    if benefit.sense == "off":
        words = f"减去{words}"
    elif benefit.sense == "pay" and benefit.kind == "reduction":
        words = f"按{words}计"
    if benefit.value_before is not None:
        words = f"{words}（原为{measured(benefit.value_before, benefit.unit)}）"
    return words


@register.filter
def due_words(record) -> str:
    """By when a target or project is due, as precisely as the text says it."""
    if record.due_precision == "none":
        return UNKNOWN
    if record.due_precision == "day":
        return date_format(date.fromisoformat(record.due))
    words = f"{record.due}年前" if record.due_precision == "before_year" else f"{record.due}年"
    return words if record.due_basis == "stated" else f"{words}（随计划年度）"


@lru_cache(maxsize=4096)
def day_words(day: date) -> str:
    """A day in Chinese; a table says the same few days over and over."""
    return date_format(day)


@register.filter
def known(value):
    """A value, or 文中未载明 marked as such; days in Chinese."""
    if value is None or value == "":
        return format_html('<span class="unknown">{}</span>', UNKNOWN)
    return day_words(value) if isinstance(value, date) else value


@register.simple_tag
def quoted(record):
    """The passage of a record with its quote marked; plain where the quote is the whole passage."""
    text = record.passage.text
    before, quote, after = text[: record.start], text[record.start : record.end], text[record.end :]
    return format_html("{}<mark>{}</mark>{}", before, quote, after) if before or after else quote


@register.simple_tag
def corrected(change: dict) -> str:
    """Old and new words of a correction in one sentence."""
    return format_html("原为{}，现为{}", *corrected_pair(change))


@register.simple_tag
def corrected_pair(change: dict) -> tuple[str, str]:
    """Old and new words of a correction, each with what differs from the other marked."""
    old, new = change["old"], change["new"]
    if old is None or new is None:
        return tuple("空" if words is None else f"“{words}”" for words in (old, new))
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    before = _marked("del", old, [(block.a, block.size) for block in blocks])
    after = _marked("ins", new, [(block.b, block.size) for block in blocks])
    return before, after


def _marked(tag: str, text: str, kept: list[tuple[int, int]]) -> str:
    """A text in quotation marks, with all but the kept stretches in an element."""
    pieces, place = [], 0
    for start, size in kept:
        if start > place:
            pieces.append(format_html("<{0}>{1}</{0}>", tag, text[place:start]))
        pieces.append(text[start : start + size])
        place = start + size
    return format_html("“{}”", format_html_join("", "{}", ((piece,) for piece in pieces)))


@register.simple_tag(takes_context=True)
def href(context, address: str) -> str:
    """An address that keeps the chosen day, where one was chosen."""
    day = context.get("asked_day")
    if not day:
        return address
    page, mark, fragment = address.partition("#")
    return f"{page}{'&' if '?' in page else '?'}on={day.isoformat()}{mark}{fragment}"


@register.simple_tag(takes_context=True)
def keep(context, changes: dict | None = None, **more) -> str:
    """The query string of this page with changes; None takes a parameter away, unknown ones are not carried on.

    Whoever changes the page leaves the place in the list, which a cursor names too.
    """
    changes = {**(changes or {}), **more}
    if "page" in changes:
        changes.setdefault("cursor", None)
    query = {**context["query"], **changes}
    return "?" + urlencode({name: value for name, value in query.items() if value is not None})
