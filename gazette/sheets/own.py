"""The ground floor's own sheets: units with their aliases, the head of a document, what it cites and changes."""

import re

from .registry import Sheet, register
from .values import words

DATES = ("written", "released", "effective", "expires")
BRACKETED_YEAR = re.compile(r"[\[【［(（﹝](\d{4})[\])】］）﹞]")


def with_city(name):
    """A unit's name that drops 市 (财政局 for 市财政局), with it."""
    return ("市" + name,)


def of_document(name):
    """A number with the brackets that a keyboard has, and a title in 《》."""
    return (BRACKETED_YEAR.sub(r"〔\1〕", name), name.removeprefix("《").removesuffix("》"))


def register_sheets():
    """Units first, since all else refers to them."""
    dates = [f"{date}_{what}" for date in DATES for what in ("on", "basis")]
    register(
        Sheet(
            "unit",
            ("name", "kind", "parent", "note"),
            named_by=("name", "aliases__name", "former_names__name"),
            spellings=with_city,
        ),
        Sheet("unit", ("name",), owners=("unit",), rows="aliases", key="name", normal={"name": words}),
        Sheet(
            "document",
            (
                *("number", "title", "kind", "issuer", *dates, "addressees", "approved_by", "based_on"),
                *("disclosure_note", "index_number", "subject", "gazette_issue", "note"),
            ),
            shown=("kind",),
            named_by=("number", "title"),
            named_as="、发文字号或标题",
            spellings=of_document,
        ),
        Sheet("citation", ("title", "cited")),
        Sheet("relation", ("kind", "target", "takes_effect_on")),
    )
