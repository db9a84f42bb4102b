"""How the lines of an appointment notice are read as events.

Pure: the words that carry each field, and a reader of lines whose proposals a test compares with the typed records.
"""

import re
from dataclasses import dataclass

from gazette.numerals import parse_han
from gazette.proof import Proof

KIND_WORDS = {"任命": "appoint", "兼任": "concurrent", "免去": "remove"}

PROOFS = {
    "appointment": {
        "person": Proof("spaced"),
        "post": Proof("verbatim"),
        "kind": Proof("word", KIND_WORDS),
        "unit_as_written": Proof("verbatim"),
        "probation_months": Proof("months"),
        "effective_on": Proof("date"),
    },
}

_LINE = re.compile(
    r"(?P<name>[\u4e00-\u9fff](?:[ 　]*[\u4e00-\u9fff]){1,3}?)[ 　]+(?P<verb>为|兼任)?(?P<posts>[^（；。]+?)(?:职务)?"
    r"(?:（试用期(?P<years>[一二三])年）)?[；。]?"
)

# A head of a unit is one person; how many deputies there are the text does not say.
_ONE_SEAT = re.compile(r"(?<!副)(?:局长|支队长|院长|会长|校长|主任|主席)$")


@dataclass(frozen=True)
class ReadAppointment:
    """One event as a line states it."""

    person: str
    post: str
    kind: str
    probation_months: int | None


def read_line(line: str, heading: str) -> list[ReadAppointment]:
    """The events of one line under 任命 or 免去; a line that names two posts is two events, an unknown shape none."""
    match = _LINE.fullmatch(line)
    if not match or heading not in KIND_WORDS:
        return []
    kind = KIND_WORDS["兼任" if match["verb"] == "兼任" else heading]
    months = parse_han(match["years"]) * 12 if match["years"] else None
    person = re.sub(r"\s", "", match["name"])
    return [ReadAppointment(person, post, kind, months) for post in match["posts"].split("、")]


def seats_by_title(title: str) -> int | None:
    """1 for the head of a unit (局长, 支队长, 院长, 会长, 校长 …); None where the title does not say."""
    return 1 if _ONE_SEAT.search(title) else None
