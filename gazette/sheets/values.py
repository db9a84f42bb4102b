"""What a cell says, as the value of a field: days, money, numbers, choices; pure, strict where it is unclear."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

ESCAPE = "'"
# What a spreadsheet takes for the beginning of a formula, and the escape itself.
ESCAPED = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", ESCAPE)
DAY = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?")
NUMBER = re.compile(r"([+-]?[\d,]*\.?\d+)\s*(万亿|亿|万)?\s*(元|%)?")
TIMES = {None: 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}
YES, NO = {"是", "true", "1"}, {"否", "false", "0", ""}
# Excel writes characters that XML cannot hold as _x000D_, and its readers leave that to us.
HELD = re.compile(r"_x([0-9A-Fa-f]{4})_")


class BadCell(Exception):
    """A cell that cannot be understood; the message says what it holds and what to write."""


def escaped(text: str) -> str:
    """A text as its cell holds it: with an apostrophe before what would become a formula, or before an apostrophe."""
    return f"{ESCAPE}{text}" if text.startswith(ESCAPED) else text


def text(value) -> str:
    """The text of a cell; a number or a day is what it looks like."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return day(value).isoformat()
    if isinstance(value, int | float | Decimal):
        return plain(number(value))
    value = HELD.sub(lambda found: chr(int(found[1], 16)), str(value))
    return value[1:] if value.startswith(ESCAPE) else value


def folded(value) -> str:
    """The text of a cell with full-width digits, letters and signs as narrow ones, without spaces around it."""
    return unicodedata.normalize("NFKC", text(value)).strip()


def words(value) -> str:
    """A code or a name; one that a spreadsheet has taken for a day is lost."""
    if isinstance(value, date):
        raise BadCell(f"“{value:%Y-%m-%d}”被表格程序当成了日期；请把这一列设为“文本”格式，再写代码。")
    return text(value).strip()


def name(value) -> str:
    """The name of a person: without the spaces by which notices pad two characters to three (李  锴)."""
    words = text(value).split()
    if all(re.fullmatch(r"[\u3400-\u9fff·]+", word) for word in words):
        return "".join(words)
    return " ".join(words)


def day(value) -> date | None:
    """A day: one of the spreadsheet, 2023-06-30, 2023/6/30 or 2023年6月30日."""
    if isinstance(value, datetime):
        if value.time() != value.time().min:
            raise BadCell(f"“{value:%Y-%m-%d %H:%M}”带有时刻；请只写日期，例如 2023-06-30。")
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        raise BadCell(f"“{text(value)}”是数字，不是日期；请写 2023-06-30，或把单元格设为“日期”格式。")
    said = text(value).strip()
    if not said:
        return None
    found = DAY.fullmatch("".join(folded(value).split()))
    try:
        if found:
            return date(*map(int, found.groups()))
    except ValueError:
        raise BadCell(f"“{said}”没有这一天。") from None
    raise BadCell(f"“{said}”不是日期；请写 2023-06-30 或 2023年6月30日。")


def number(value, unit: str = "") -> Decimal | None:
    """A number; 400万元 and 1.5亿元 are understood where it is money (`unit` is 元), 8% where it is a percentage."""
    if isinstance(value, bool):
        raise BadCell(f"“{text(value)}”不是数字。")
    if isinstance(value, int | float | Decimal):
        return Decimal(repr(value) if isinstance(value, float) else value)
    if isinstance(value, date):
        raise BadCell(f"“{text(value)}”是日期，这里要写数字。")
    said = folded(value)
    if not said:
        return None
    found = NUMBER.fullmatch(said)
    if found and found[3] == "%" and unit != "%":
        raise BadCell(f"“{said}”是百分数，而计量单位不是 %；请写数字，单位另写。")
    if found is None or ((found[2] or found[3] == "元") and unit != "元") or (found[2] and found[3] == "%"):
        example = "例如 4000000 或 400万元" if unit == "元" else "例如 82.8，单位另写"
        raise BadCell(f"“{text(value).strip()}”不是数字；{example}。")
    try:
        return Decimal(found[1].replace(",", "")) * TIMES[found[2]]
    except InvalidOperation:
        raise BadCell(f"“{said}”不是数字。") from None


def whole(value, unit: str = "") -> int | None:
    """A whole number."""
    found = number(value, unit)
    if found is None:
        return None
    if not found.is_finite() or found != found.to_integral_value():
        raise BadCell(f"“{text(value).strip()}”不是整数{'（以元为单位）' if unit else ''}。")
    return int(found)


def yes(value) -> bool:
    """是 or 否; an empty cell is 否."""
    said = folded(value).lower()
    if said in YES:
        return True
    if said in NO:
        return False
    raise BadCell(f"“{text(value)}”应写“是”或“否”。")


def choice(value, choices: list[tuple[str, str]]) -> str:
    """The stored value of a choice, by its words or itself."""
    said = text(value).strip()
    if not said:
        return ""
    for stored, label in choices:
        if said in (stored, str(label)):
            return stored
    raise BadCell(f"“{said}”不在可选的词中；可写：{'、'.join(str(label) for stored, label in choices if stored)}。")


def plain(value: Decimal) -> str:
    """A number as people write it, without an exponent and without zeros at its end."""
    return format(value.normalize(), "f")
