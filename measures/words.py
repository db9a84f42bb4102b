"""What pages say of a measure on a day: its state, its windows, and the sentences about applying. Pure."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date

from .models import InForce, WindowBasis, in_force, window_state

RETROACTIVE = "追溯执行"


@dataclass(frozen=True)
class State:
    """Whether something is in force on a day: a name for the stylesheet, and the word."""

    name: str
    label: str


YES = State("yes", "执行中")
PART = State("part", "部分执行中")
NOT_YET = State("not-yet", "尚未开始")
OVER = State("over", "已到期")
UNKNOWN = State("unknown", "起止日期文中未载明")
STATES = (YES, PART, UNKNOWN, NOT_YET, OVER)
_STATES = {InForce.YES: YES, InForce.PART: PART, InForce.UNKNOWN: UNKNOWN}


def _state(answer: InForce, windows, day: date) -> State:
    """The state of an answer; 'no' is 'not yet' while a window is still to begin."""
    if answer in _STATES:
        return _STATES[answer]
    return NOT_YET if any(window.starts_on and window.starts_on > day for window in windows) else OVER


def measure_state(measure, day: date) -> State:
    """The state of a measure on a day; reads `windows`."""
    windows = measure.windows.all()
    return _state(in_force(windows, day), windows, day)


def count_states(measures) -> list[tuple[State, int]]:
    """How many measures are in each state (their `state`), in a fixed order."""
    counts = Counter(measure.state for measure in measures)
    return [(state, counts[state]) for state in STATES if counts[state]]


def quiet_day(measures, day: date) -> dict:
    """For a day on which no measure is known to be in force: a day when one was, and a sentence; empty for any other.

    Reads `state` and `windows`. The day is the nearest before, else the nearest after.
    """
    if not measures or any(measure.state in (YES, PART) for measure in measures):
        return {}
    windows = [window for measure in measures for window in measure.windows.all() if window.starts_on]
    before = [window.ends_on for window in windows if window.ends_on and window.ends_on < day]
    after = [window.starts_on for window in windows if window.ends_on and window.starts_on > day]
    nearest = max(before) if before else min(after, default=None)
    return {"all_over": all(measure.state is OVER for measure in measures), "nearest": nearest} if nearest else {}


@dataclass(frozen=True)
class WindowInWords:
    """A window as a page shows it: the part that it covers, its state, and where each end comes from."""

    window: object
    state: State
    start_basis: str
    end_basis: str

    @property
    def one_basis(self) -> str:
        """The basis that both ends share, or nothing."""
        return self.start_basis if self.start_basis == self.end_basis else ""


def windows_in_words(windows, begins: date | None, day: date) -> list[WindowInWords]:
    """The windows of a measure; one that begins before its package does is retroactive."""
    found = []
    for window in windows:
        start, end = window.get_start_basis_display(), window.get_end_basis_display()
        if window.start_basis == WindowBasis.OWN and begins and window.starts_on < begins:
            start = f"{start}，{RETROACTIVE}"
        found.append(WindowInWords(window, _state(window_state(window, day), [window], day), start, end))
    return found


def sentences_about_applying(text: str) -> list[str]:
    """The sentences of a clause that speak of applying or handling, word for word."""
    sentences = re.findall(r"[^。；]+[。；]?", text)
    return [sentence for sentence in sentences if re.search(r"申请|办理", sentence)]
