"""From what a person typed (a quote, a value, perhaps the words that carry it) to places in the passages.

Pure. A fixture says the words; a place is found only where it is the only one, and a doubt is an error that asks for
`nth`. What is written by hand in a fixture:

    "ties": {"value": "75%"}                                the words, once in the quote or else once in the passage
    "ties": {"value": {"text": "90%", "nth": 2}}            the second in the quote
    "ties": {"action": {"text": "任命：", "in": 2}}           in passage 2
    "ties": {"rate": {"text": "减半", "rule": "half"}}        with another rule than the field's own
    "ties": {"name": ["海勃湾区", "创建工作"]}                 several pieces, read together
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from .proof import Proof, candidates


@dataclass(frozen=True)
class Anchor:
    """One place of a passage that carries a field; code points, half-open."""

    field: str
    rule: str
    position: int
    start: int
    end: int


class CannotAnchor(ValueError):
    """A quote or the words of a field cannot be placed; the message names them and says what to give."""


def find_only(text: str, words: str, nth: int | None = None) -> int:
    """The position of `words` in `text`; where they stand more than once, `nth` (from 1) says which."""
    if not words:
        raise CannotAnchor("没有写明是哪些文字")
    starts, start = [], text.find(words)
    while start >= 0:
        starts.append(start)
        start = text.find(words, start + 1)
    if not starts:
        raise CannotAnchor(f"“{words}”不在该段原文中")
    if nth is None and len(starts) > 1:
        raise CannotAnchor(f"“{words}”在该段原文中出现{len(starts)}次，请用 nth 指明是第几处")
    if nth is not None and not 1 <= nth <= len(starts):
        raise CannotAnchor(f"“{words}”在该段原文中只出现{len(starts)}次，没有第{nth}处")
    return starts[(nth or 1) - 1]


def anchor_fields(
    values: Mapping[str, object],
    proofs: Mapping[str, Proof],
    typed: Mapping[str, object],
    passages: Mapping[int, str],
    position: int,
    start: int,
    quote: str,
) -> list[Anchor]:
    """The ties of one record: those typed by hand, and the only possible place for each other value that needs one."""
    anchors = []
    for name in typed:
        if name not in proofs:
            raise CannotAnchor(f"字段 {name} 没有对应规则，不能写在 ties 中")
    for name, proof in proofs.items():
        if name in typed:
            specs = typed[name] if isinstance(typed[name], list) else [typed[name]]
            for spec in specs:
                spec = {"text": spec} if isinstance(spec, str) else spec
                anchors.append(_typed(name, proof, spec, passages, position, start, quote))
        elif proof.needed_for(values.get(name)):
            anchors.append(_only(name, proof, values[name], position, start, quote))
    return anchors


def _typed(name, proof, spec, passages, position, start, quote) -> Anchor:
    rule, words, nth = spec.get("rule", proof.rule), spec.get("text", ""), spec.get("nth")
    if "in" in spec:
        if spec["in"] not in passages:
            raise CannotAnchor(f"没有第{spec['in']}段")
        place = find_only(passages[spec["in"]], words, nth)
        return Anchor(name, rule, spec["in"], place, place + len(words))
    inside = words in quote
    place = find_only(quote if inside else passages[position], words, nth) + (start if inside else 0)
    return Anchor(name, rule, position, place, place + len(words))


def _only(name, proof, value, position, start, quote) -> Anchor:
    found = candidates(proof, value, quote)
    if len(found) != 1:
        reason = "摘录中没有能证明它的文字" if not found else f"摘录中有{len(found)}处可能的文字"
        raise CannotAnchor(f"字段 {name} 的值“{value}”：{reason}，请在 ties 中写明")
    begin, end, rule = found[0]
    return Anchor(name, rule, position, start + begin, start + end)


class Rewritten:
    """A text and what became of it: where its words stand now."""

    def __init__(self, old: str, new: str):
        self.old, self.new = old, new
        # No "junk": in a long Chinese text every frequent character would be taken for it.
        self.blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a span stands now, from its first character to its last; None where one of the two is gone.

        The beginning and the end of the text stay what they are, whatever characters stand there.
        """
        first = 0 if start == 0 else self._moved(start)
        last = len(self.new) - 1 if end == len(self.old) else self._moved(end - 1)
        return None if first is None or last is None or last < first else (first, last + 1)

    def _moved(self, place: int) -> int | None:
        for block in self.blocks:
            if block.a <= place < block.a + block.size:
                return place - block.a + block.b
        return None
