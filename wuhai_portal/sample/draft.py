"""How a sample document is put together: passages, and the records that their sentences carry.

The content of a draft has exactly the shape of a fixture, so that the loader and the proof treat it like one.
"""

from dataclasses import dataclass, field

Rows = list[tuple[str, dict]]


@dataclass
class Sentence:
    """A sentence without its full stop, the rows of records that rest on it, and what in it is no figure.

    A row's quote is the sentence unless the row has its own; a reason is (words, reason).
    """

    text: str
    rows: Rows = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class SampleDocument:
    """One document as a fixture would hold it: the content of its file and of its file of passages."""

    name: str
    content: dict
    passages: list[dict]


def nth_of(text: str, words: str, at: int) -> dict:
    """What a fixture says beside words that stand at `at`: `nth` where the text has them more than once."""
    starts, start = [], text.find(words)
    while start >= 0:
        starts.append(start)
        start = text.find(words, start + 1)
    return {"nth": starts.index(at) + 1} if len(starts) > 1 else {}


def spoken_day(day) -> str:
    """A day as a document prints it: 2023年6月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


class Draft:
    """A document while it is written; passages are added in order."""

    def __init__(self, code: str, **document):
        self.document = {"code": code, **document, "ties": {}}
        self.passages: list[dict] = []
        self.records: dict[str, list[dict]] = {}
        self.reasons: list[dict] = []

    def passage(self, kind: str, text: str, *, label: str = "", level: int = 0, parent: int | None = None) -> int:
        """Add a passage and return its position."""
        position = len(self.passages) + 1
        self.passages.append(
            {"position": position, "kind": kind, "label": label, "level": level, "parent": parent, "text": text}
        )
        return position

    def paragraph(self, sentences: list[Sentence], *, before: str = "", after: str = "", **place) -> int:
        """Add a paragraph of sentences with their rows and reasons; `before` and `after` stand around them."""
        text = before + "".join(f"{sentence.text}。" for sentence in sentences) + after
        position = self.passage("paragraph", text, **place)
        at = len(before)
        for sentence in sentences:
            for kind, row in sentence.rows:
                self.record(kind, position, at, sentence.text, row)
            for words, reason in sentence.reasons:
                self.reason(position, words, reason, at + sentence.text.index(words))
            at += len(sentence.text) + 1
        return position

    def record(self, kind: str, position: int, at: int, sentence: str, row: dict) -> None:
        """Add a record whose quote stands in a sentence that begins at `at` of a passage."""
        self.records.setdefault(kind, []).append(self.quoted(position, at, sentence, row))

    def quoted(self, position: int, at: int, sentence: str, row: dict) -> dict:
        """A row with its passage and its quote, placed by `nth` where the passage has the words twice."""
        quote = row.get("quote", sentence)
        place = nth_of(self.text(position), quote, at + sentence.index(quote))
        return {**row, "passage": position, "quote": quote, **place}

    def text(self, position: int) -> str:
        """The text of a passage."""
        return self.passages[position - 1]["text"]

    def reason(self, position: int, words: str, reason: str, at: int | None = None) -> None:
        """Say why words of a passage are no figure; `at` where they stand more than once."""
        place = {} if at is None else nth_of(self.text(position), words, at)
        self.reasons.append({"passage": position, "text": words, **place, "reason": reason})

    def tie(self, name: str, position: int, words: str | None = None) -> None:
        """Tie a field of the document to words of a passage, the field's value unless they are given."""
        self.document["ties"][name] = {"text": words or self.document[name], "in": position}

    def done(self) -> SampleDocument:
        """The document as a fixture's two files."""
        content = {"document": self.document, "records": self.records, "reasons": self.reasons}
        return SampleDocument(f"{self.document['code']}.json", content, self.passages)
