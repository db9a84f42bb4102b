"""Where a text states a number, and what that number is.

Pure. A numeral is an Arabic number, or a number in Chinese characters that counts something: one followed by a measure
word or a unit, by 以上 or 以内, one after 第, or 减半. An outline label (一、（二）) and a number inside a word (统一,
万达, 进一步, 一体化) state no quantity and are not numerals.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
LARGE_UNITS = {"万": 10_000, "亿": 100_000_000}

# What numbers in Chinese characters count; 千瓦 and the like stand whole, so that a numeral ends before them.
MEASURE_WORDS = (
    "个|种|大|条|项|户|家|座|处|套|级|批|系列|揽子|类|期|届|轮|次|名|位|支|场|所|间|栋|楼盘|"
    "区|方面|刻钟|产业|梯队|步走|年|月|日|天|周|季度|小时|分钟|人|元|亩|里|米|公里|公顷|平方米|吨|千瓦|倍|成|百分点|折"
)

_HAN = "".join((*DIGITS, *SMALL_UNITS, *LARGE_UNITS))
_NUMERAL = re.compile(
    rf"(?P<arabic>\d+(?:\.\d+)?)[{''.join((*SMALL_UNITS, *LARGE_UNITS))}]*"
    rf"|(?P<ordinal>第[{_HAN}]+)"
    rf"|(?P<han>[{_HAN}]+)(?={MEASURE_WORDS}|以上|以内)"
    r"|(?P<half>减半)"
)
_AMOUNT = re.compile(rf"(\d+(?:\.\d+)?)([{''.join((*SMALL_UNITS, *LARGE_UNITS))}]*)")


@dataclass(frozen=True)
class Numeral:
    """One numeral and its place: code points, half-open."""

    start: int
    end: int
    text: str


def find_numerals(text: str) -> list[Numeral]:
    """Every numeral of a text, in order."""
    found = []
    for match in _NUMERAL.finditer(text):
        name = match.lastgroup
        found.append(Numeral(match.start(name), match.end(name), match[name]))
    return found


def parse_han(text: str) -> int:
    """The value of a number in Chinese characters: 二十三 → 23, 千亿 → 100000000000. ValueError for anything else."""
    if not text or any(char not in _HAN for char in text):
        raise ValueError(f"“{text}”不是汉字数字")
    total = section = 0
    digit: int | None = None
    for char in text:
        if char in DIGITS:
            if digit:
                raise ValueError(f"“{text}”不是汉字数字")
            digit = DIGITS[char]
        elif char in SMALL_UNITS:
            section += (1 if digit is None else digit) * SMALL_UNITS[char]
            digit = None
        else:
            section, unit = section + (digit or 0), LARGE_UNITS[char]
            # 一亿二千万 adds, 三千万亿 multiplies.
            total = total + section * unit if total > unit else (total + (section or (0 if total else 1))) * unit
            section, digit = 0, None
    return total + section + (digit or 0)


def parse_amount(text: str) -> Decimal:
    """The first number of a text with its multipliers: 400万元 → 4000000, 82.8% → 82.8, 千亿级 → 10¹¹."""
    if match := _AMOUNT.search(text):
        value = Decimal(match[1])
        return value * parse_han(match[2]) if match[2] else value
    if match := re.search(rf"[{_HAN}]+", text):
        return Decimal(parse_han(match.group()))
    raise ValueError(f"“{text}”没有写明数字")
