"""How a record's value is proven by words of the text, and where in a quote those words stand.

Pure. A `Proof` says how one field of a kind is read from the text; a rule compares the tied words with the value. The
rules that are more than a comparison (万元 → 元, 减半 → 50, an elided 市, a heading's 任命) are the named derivations
that `verify_sources` recomputes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from .numerals import find_numerals, parse_amount, parse_han

ALL_DISTRICTS = "各区人民政府"


@dataclass(frozen=True)
class Proof:
    """How one field is proven: the usual rule, the words of a closed list, and the values that need no words."""

    rule: str
    words: Mapping[str, object] = field(default_factory=dict)
    unless: frozenset = frozenset()

    def needed_for(self, value: object) -> bool:
        """Whether a record with this value must show a tie for the field."""
        return not (value is None or value == "" or value is False or value in self.unless)


@dataclass(frozen=True)
class Named:
    """A unit as the rules see it: its names as printed anywhere, and whether it is a district's government."""

    names: tuple[str, ...]
    is_district: bool = False

    def __str__(self):
        return self.names[0]


def _decimal(value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"“{value}”不是数字") from None


def _arabic(text: str) -> Decimal:
    numbers = re.findall(r"\d+(?:\.\d+)?", text)
    if len(numbers) != 1:
        raise ValueError(f"“{text}”中的数字不是恰好一个")
    return Decimal(numbers[0])


def _scaled(value: object, unit: str) -> Decimal:
    """A value in base units: 1000 with unit 亿 is 10¹¹."""
    prefix = re.match(r"[十百千万亿]+", unit or "")
    return _decimal(value) * (parse_han(prefix.group()) if prefix else 1)


def read_date(text: str) -> str:
    """An ISO date from Chinese words, as precise as they are: 2023年6月30日 → 2023-06-30, 2025年 → 2025."""
    match = re.match(r"(\d{4})年?(?:(\d{1,2})月)?(?:(\d{1,2})日)?", text)
    if not match:
        raise ValueError(f"“{text}”没有写明日期")
    year, month, day = match.groups()
    return "-".join([year] + [f"{int(part):02}" for part in (month, day) if part])


def read_months(text: str) -> int:
    """A duration in months: 一年 → 12, 3年 → 36, 3个月 → 3."""
    amount = int(parse_amount(text))
    return amount * (12 if "年" in text else 1)


def proven(rule: str, pieces: list[str], value: object, *, words: Mapping[str, object] = {}, unit: str = "") -> bool:
    """Whether the tied words prove the value under a rule; ValueError says why they cannot be read at all."""
    text = "".join(pieces)
    match rule:
        case "verbatim":
            return text == str(value)
        case "spaced":
            return re.sub(r"\s", "", text) == str(value)
        case "number":
            return _arabic(text) == _decimal(value)
        case "quantity":
            return parse_amount(text) in (_decimal(value), _scaled(value, unit))
        case "money" | "count":
            return parse_amount(text) == _decimal(value)
        case "label":
            return parse_han(text) == int(str(value))
        case "year":
            return int(_arabic(text)) == int(str(value))
        case "date":
            return read_date(text) == str(value)
        case "word" | "heading":
            return text in words and words[text] == value
        case "half":
            return text == "减半" and (value == "%" or _decimal(value) == 50)
        case "months":
            return read_months(text) == int(str(value))
        case "unit_name":
            return text in value.names
        case "elided_city":
            return "市" + text in value.names
        case "all_districts":
            return text == ALL_DISTRICTS and value.is_district
    raise ValueError(f"没有规则“{rule}”")


def candidates(proof: Proof, value: object, text: str) -> list[tuple[int, int, str]]:
    """Places (start, end, rule) of a text that prove a typed value, in order.

    This finds where a value that a person has typed stands; it proposes no value.
    """
    match proof.rule:
        case "number" | "money" | "count":
            found = []
            for numeral in find_numerals(text):
                tail = re.match(r"[十百千万亿]*", text[numeral.end :]).group() if proof.rule == "money" else ""
                end = numeral.end + len(tail)
                if proof.rule == "number" and not numeral.text[0].isdigit():
                    continue
                if proven(proof.rule, [text[numeral.start : end]], value):
                    found.append((numeral.start, end, proof.rule))
            return found
        case "year" | "date":
            pattern = re.compile(r"\d{4}年(?:\d{1,2}月\d{1,2}日)?" if proof.rule == "date" else r"\d{4}年")
            return [
                (m.start(), m.end(), proof.rule)
                for m in pattern.finditer(text)
                if proven(proof.rule, [m.group()], value)
            ]
        case "word" | "heading":
            wanted = [(word, proof.rule) for word, meaning in proof.words.items() if meaning == value]
        case "unit_name":
            wanted = [(name, "unit_name") for name in value.names]
        case "spaced":
            wanted = [(m.group(), "spaced") for m in re.finditer(r"\s*".join(map(re.escape, str(value))), text)]
        case _:
            wanted = [(str(value), proof.rule)]
    places: list[tuple[int, int, str]] = []
    for word, rule in sorted(set(wanted), key=lambda item: -len(item[0])):
        for match in re.finditer(re.escape(word), text):
            # A word inside a longer one (以上 in 及以上) is no place of its own.
            if not any(start <= match.start() and match.end() <= end for start, end, _rule in places):
                places.append((match.start(), match.end(), rule))
    return sorted(places)
