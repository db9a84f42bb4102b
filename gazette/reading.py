"""The reader: text taken from a gazette PDF → documents and their passages.

Pure: text in, dataclasses out; no ORM, no file, no clock. It repairs what the PDF broke (lines, page starts, stray
spaces) and keeps every character of wording: joined and stripped of white space, the passages equal the source.
"""

import re
import unicodedata
from dataclasses import dataclass, field

HAN_DIGITS = "一二三四五六七八九十百"
SECTION = re.compile(rf"([{HAN_DIGITS}]+)、")
SUBSECTION = re.compile(rf"（([{HAN_DIGITS}]+)）")
ACTION_HEADING = re.compile(r"(任命|免去)：")
NUMBER = re.compile(r"据?[\u4e00-\u9fff]+〔\d{4}〕\d+号")
NUMBER_LINE = re.compile(rf"（?({NUMBER.pattern})）?(?:\s*(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日)?")
DISCLOSURE = re.compile(r"（此件[^）]*）")
ADDRESSEE = re.compile(r"[^。；]+：")
CLOSING = re.compile(r"\d{4}年，我们将|以上政策措施|特此通知|本(通知|措施|办法)自")

ENDS_PARAGRAPH = "。；：）！？"
# A full line of the gazette is 33 characters wide, an indented first line 31; a line below 30 ends its paragraph.
FULL_LINE_WIDTH = 60


class Kind:
    """What a passage is; the values are those of `gazette.models.PassageKind`."""

    TITLE = "title"
    NUMBER_LINE = "number_line"
    ADDRESSEE = "addressee"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CLOSING = "closing"


@dataclass(frozen=True)
class ReadPassage:
    """One heading or paragraph; `label` and `level` are its place in the outline, `parent` the index of its heading."""

    kind: str
    text: str
    label: str = ""
    level: int = 0
    parent: int | None = None


@dataclass(frozen=True)
class ReadDocument:
    """One official text of a gazette, in reading order."""

    passages: tuple[ReadPassage, ...]
    title: str = ""
    number: str = ""
    written_on: str = ""
    addressees: str = ""
    disclosure_note: str = ""


@dataclass
class _Block:
    """Printed lines that belong together, while they are collected."""

    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return join_lines(self.lines)


def display_width(line: str) -> int:
    """The printed width of a line in half-width columns; curly quotes, dashes and dots are full width in Chinese."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" or c in "“”‘’—…·" else 1 for c in line.strip())


def is_han(char: str) -> bool:
    """Whether the character is a Chinese character (punctuation is not)."""
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf"


def join_lines(lines: list[str]) -> str:
    """Join printed lines into one text and drop the spaces that the PDF added.

    A space between two Chinese characters is the author's (“约惠乌海 畅享生活”, 李  锴) and stays; one that touches
    anything else is an artefact of typesetting (2023 年, 龙头 + 配套). The ideographic space separates and stays.
    """
    text = "".join(line.strip() for line in lines)

    def repair(match: re.Match) -> str:
        before, after = text[match.start() - 1], text[match.end()]
        return match.group() if is_han(before) and is_han(after) else ""

    return re.sub(r" +", repair, text)


def read_gazette(source: str) -> list[ReadDocument]:
    """Split the text of a gazette into its documents, each with its passages in order."""
    documents: list[list[_Block]] = []
    for block, starts_document in _blocks(source):
        if starts_document or not documents:
            documents.append([])
        documents[-1].append(block)
    return [_document([block.text for block in blocks]) for blocks in documents]


def places(passages: tuple[ReadPassage, ...]) -> list[tuple[str, int]]:
    """Each passage's place in the outline, as (path of labels, number of its part): ("一（二）", 1), or ("", 0)."""
    found: list[tuple[str, int]] = []
    part = 0
    for passage in passages:
        part += passage.level == 1
        above, above_part = found[passage.parent] if passage.parent is not None else ("", 0)
        found.append((above + passage.label, part if passage.level == 1 else above_part))
    return found


def _blocks(source: str):
    """Yield (block, whether it begins a new document): lines of one title, heading or paragraph together."""
    block, started = _Block(), True
    for line in source.split("\n"):
        if not line.strip():
            continue
        page_start = line.startswith(" ") and not line.strip().startswith("（据")
        if block.lines and _ends(block, line):
            yield block, started
            # Only a page can begin a document, and only with a title.
            block, started = _Block(), page_start and _is_title_line(line) and not _is_labelled(join_lines([line]))
        block.lines.append(line)
    if block.lines:
        yield block, started


def _ends(block: _Block, following: str) -> bool:
    """Whether `following` begins a new block after the lines collected so far."""
    last = block.lines[-1].strip()
    following_text = join_lines([following])
    if NUMBER_LINE.fullmatch(block.text):
        return True
    if _is_title_line(block.lines[-1]):
        heading = _is_labelled(join_lines([block.lines[0]]))
        return heading or _is_labelled(following_text) or not _is_title_line(following)
    if last[-1] not in ENDS_PARAGRAPH:
        return False
    if display_width(last) < FULL_LINE_WIDTH or _is_labelled(following_text):
        return True
    return NUMBER_LINE.fullmatch(following_text) is not None


def _is_labelled(text: str) -> bool:
    return bool(SECTION.match(text) or SUBSECTION.match(text) or ACTION_HEADING.fullmatch(text))


def _is_title_line(line: str) -> bool:
    """A short line without a full stop: a line of a title or a heading."""
    text = join_lines([line])
    if NUMBER_LINE.fullmatch(text):
        return False
    return display_width(line) < FULL_LINE_WIDTH and text[-1] not in ENDS_PARAGRAPH + "，、"


def _document(texts: list[str]) -> ReadDocument:
    passages: list[ReadPassage] = []
    found: dict[str, str] = {}
    sections: dict[int, int] = {}
    for text in texts:
        kind, label, level = _classify(text, passages)
        if level:
            sections = {depth: index for depth, index in sections.items() if depth < level}
        parent = sections[max(sections)] if sections and kind in (Kind.HEADING, Kind.PARAGRAPH) else None
        if kind == Kind.HEADING:
            sections[level] = len(passages)
        passages.append(ReadPassage(kind, text, label, level, parent))
        _note(found, kind, text)
    return ReadDocument(tuple(passages), **found)


def _classify(text: str, before: list[ReadPassage]) -> tuple[str, str, int]:
    """The kind, outline label and level of a text, given the passages before it."""
    if NUMBER_LINE.fullmatch(text):
        return Kind.NUMBER_LINE, "", 0
    if DISCLOSURE.fullmatch(text) or CLOSING.match(text):
        return Kind.CLOSING, "", 0
    if match := ACTION_HEADING.fullmatch(text):
        return Kind.HEADING, match[1], 1
    for pattern, level in ((SECTION, 1), (SUBSECTION, 2)):
        if match := pattern.match(text):
            label = match.group().rstrip("、")
            kind = Kind.PARAGRAPH if text[-1] in ENDS_PARAGRAPH else Kind.HEADING
            return kind, label, level
    if text[-1] not in ENDS_PARAGRAPH:
        return Kind.TITLE, "", 0
    if before and before[-1].kind == Kind.NUMBER_LINE and ADDRESSEE.fullmatch(text):
        return Kind.ADDRESSEE, "", 0
    return Kind.PARAGRAPH, "", 0


def _note(found: dict[str, str], kind: str, text: str) -> None:
    """Keep what the head of a document says about itself; the first of each counts."""
    if kind == Kind.TITLE:
        found.setdefault("title", text)
    elif kind == Kind.NUMBER_LINE:
        number, year, month, day = NUMBER_LINE.fullmatch(text).groups()
        if "number" not in found:
            found["number"] = number
            found["written_on"] = f"{year}-{int(month):02}-{int(day):02}" if year else ""
    elif kind == Kind.ADDRESSEE:
        found.setdefault("addressees", text.rstrip("："))
    elif DISCLOSURE.fullmatch(text):
        found.setdefault("disclosure_note", text)
