"""What is asked: the words of a query, each looked for as an exact run of characters; all of them must be found."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from ..folding import Folded, fold
from .tokens import tokens_asked

LENGTH = 100
WORDS = 10
NO_WORD = "请写出要找的词，例如“消费券”。"


@dataclass(frozen=True)
class Query:
    """The words of a query, folded, each once, and the query as it was typed."""

    text: str
    words: tuple[Folded, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def folded_words(self) -> list[str]:
        """The words as the folded text holds them."""
        return [str(word) for word in self.words]

    @property
    def tokens(self) -> list[int]:
        """What the index must have."""
        return sorted({token for word in self.words for token in tokens_asked(word)})


def read_query(text: str) -> Query:
    """The words between white space; ValidationError says what to write."""
    if len(text) > LENGTH:
        raise ValidationError(f"检索词最多{LENGTH}字，这里有{len(text)}字。")
    words = {str(word): word for word in map(fold, text.split()) if word.units}
    if not words:
        raise ValidationError(NO_WORD)
    if len(words) > WORDS:
        raise ValidationError(f"一次最多找{WORDS}个词，这里有{len(words)}个。")
    return Query(" ".join(text.split()), tuple(words.values()))
