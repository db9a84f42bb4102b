"""Folds texts for search: what readers type in many ways becomes one, and every place can be found back.

Pure. Width and compatibility forms (NFKC), case, traditional characters, styles of brackets, quotation marks and dashes
become one form; white space is dropped. A whole number is one unit, so that 6% is not found in 16%; every other
character is a unit of its own.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from opencc import OpenCC

# Stands on both sides of a number, and nowhere else: control characters are dropped from texts.
NUMBER_EDGE = "\x1f"
# A run of digits longer than any number or code is cut.
_UNIT = re.compile(r"(?P<number>[0-9]{1,40}(?:\.[0-9]{1,40})?)|.", re.DOTALL)
_DIGITS = re.compile("[0-9]+")
_ALIKE = {
    "(": "（〔[【〖［﹝",
    ")": "）〕]】〗］﹞",
    '"': "“”„‟「」『』＂",
    "'": "‘’‚‛",
    "-": "‐‑‒–—―−",
    "·": "•‧・∙⋅",
    "~": "〜～",
}
_IDEOGRAPHS = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
# Control characters, and marks that are not seen: they would make equal words differ.
_UNSEEN = {"Cc", "Cf"}


@dataclass(frozen=True)
class Folded:
    """A text in units; unit `i` stands at `places[i]` of the original: code points, half-open."""

    units: tuple[str, ...]
    places: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        """The units as one string in which a plain substring is a run of whole units."""
        return "".join(f"{NUMBER_EDGE}{unit}{NUMBER_EDGE}" if is_number(unit) else unit for unit in self.units)


def is_number(unit: str) -> bool:
    """Whether a unit is a whole number."""
    return "0" <= unit[0] <= "9"


@functools.cache
def _alike() -> dict[int, str]:
    """Characters that become another one: simplified characters, and one style of each mark."""
    characters = [chr(code) for start, end in _IDEOGRAPHS for code in range(start, end)]
    simplified = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, simplified, strict=True)
    table = {ord(old): new for old, new in pairs if old != new}
    return table | {ord(mark): one for one, marks in _ALIKE.items() for mark in marks}


@functools.lru_cache(maxsize=20_000)
def fold_character(character: str) -> str:
    """What one character becomes: often itself, a space for white space, nothing for what is not seen."""
    if character.isspace():
        return " "
    table = _alike()
    # Before and after: ～ becomes a plain tilde of its own, and a compatibility form may hide a traditional character.
    folded = unicodedata.normalize("NFKC", character.translate(table)).translate(table).lower()
    if unicodedata.decimal(character, None) is None:
        # The digit of ① or ㎡ is no part of the number beside it.
        folded = _DIGITS.sub(r" \g<0> ", folded)
    return "".join(" " if part.isspace() else part for part in folded if unicodedata.category(part) not in _UNSEEN)


def fold(text: str) -> Folded:
    """A text in units with their places. White space ends a number, and is otherwise as if it were not there."""
    characters, origins = [], []
    for place, character in enumerate(text):
        for part in fold_character(character):
            characters.append(part)
            origins.append(place)
    units, places = [], []
    for match in _UNIT.finditer("".join(characters)):
        if match.group() != " ":
            units.append(match.group())
            places.append((origins[match.start()], origins[match.end() - 1] + 1))
    return Folded(tuple(units), tuple(places))


def find(text: Folded, word: Folded) -> Iterator[tuple[int, int]]:
    """Every place of a word in a text, in order: code points of the original, half-open."""
    length = len(word.units)
    for start in range(len(text.units) - length + 1) if length else ():
        if text.units[start : start + length] == word.units:
            yield text.places[start][0], text.places[start + length - 1][1]
