"""What a text is looked up by: its units and its pairs of neighbouring units, as numbers of 31 bits.

Pure. Every database indexes these numbers, and only says which texts have all of them; whether the words stand there
is then asked of the folded text itself. So two pairs with one number cost a look and never a wrong answer.
"""

import zlib
from collections.abc import Iterable
from itertools import product

from ..folding import Folded

# The pairs of a longer word say enough; the folded text decides.
ASKED_OF_A_WORD = 32
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Every word of three letters, in order: a token is two of them.
_THREE = ["".join(letters) for letters in product(_LETTERS, repeat=3)]


def token(text: str) -> int:
    """The number of a unit, a pair or a facet."""
    return zlib.crc32(text.encode()) & 0x7FFFFFFF


def _pairs(folded: Folded) -> list[str]:
    units = folded.units
    return [f"{first}\n{second}" for first, second in zip(units, units[1:], strict=False)]


def tokens_of(folded: Folded) -> set[int]:
    """Everything that a text can be looked up by."""
    return {token(text) for text in (*folded.units, *_pairs(folded))}


def tokens_asked(word: Folded) -> list[int]:
    """What a text that holds the word must have."""
    return [token(text) for text in (_pairs(word) or word.units)[:ASKED_OF_A_WORD]]


def facet_token(name: str, value: str) -> int:
    """The number of a facet's value, so that a facet is looked up like a word."""
    return token(f"\n{name}\n{value}")


def as_letters(tokens: Iterable[int]) -> str:
    """Tokens as words of letters and digits, which no tokenizer of a database splits."""
    return " ".join(map(_letters, tokens))


def from_letters(words: str) -> list[int]:
    """The tokens of such words."""
    return [int(word, 36) for word in words.split()]


def _letters(number: int) -> str:
    high, low = divmod(number, len(_THREE))
    return _THREE[high] + _THREE[low]
