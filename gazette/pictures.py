"""Scales of the pictures: places along a page in per cent, so that one drawing fits every width. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, log10

# More years than this along one axis, and only every second, third … one is named.
YEARS_NAMED = 8


def percent(share: float) -> str:
    """A share of the width as an SVG length."""
    return f"{100 * share:.2f}%"


def em(height: float) -> str:
    """A height as an SVG length, in the size of the picture's text."""
    return f"{round(height, 2):g}em"


def round_up(value: float) -> float:
    """The next round number: 1, 2, 4, 5, 8 or 10 times a power of ten."""
    size = 10 ** (ceil(log10(value)) - 1)
    return next(step * size for step in (1, 2, 4, 5, 8, 10) if step * size >= value)


@dataclass(frozen=True)
class DayAxis:
    """An axis of whole years; a day's place is where it begins."""

    first_year: int
    last_year: int

    @property
    def _first(self) -> date:
        return date(self.first_year, 1, 1)

    @property
    def _days(self) -> int:
        return (date(self.last_year, 12, 31) - self._first).days + 1

    def share(self, day: date) -> float:
        """Where a day begins, from 0 to 1; a day off the axis is at its edge."""
        return min(max((day - self._first).days / self._days, 0), 1)

    def at(self, day: date) -> str:
        """Where a day begins."""
        return percent(self.share(day))

    def span(self, first: date, last: date) -> tuple[str, str]:
        """Left edge and width of a stretch of days, the last one included."""
        left, right = self.share(first), self.share(last + timedelta(days=1))
        return percent(left), percent(right - left)

    def year_span(self, first: int, last: int) -> tuple[str, str]:
        """Left edge and width of whole years."""
        return self.span(date(first, 1, 1), date(last, 12, 31))

    def years(self) -> list[tuple[str, int | str]]:
        """Where each year begins, and its name; empty where names would crowd."""
        every = ceil((self.last_year - self.first_year + 1) / YEARS_NAMED)
        return [
            (self.at(date(year, 1, 1)), year if (year - self.first_year) % every == 0 else "")
            for year in range(self.first_year, self.last_year + 1)
        ]

    def line(self, day: date) -> dict:
        """The line of a day: where it is, on which side its name fits; `off` where the axis does not reach."""
        share = self.share(day)
        off = "before" if day.year < self.first_year else "after" if day.year > self.last_year else ""
        return {"day": day, "at": percent(share), "anchor": "end" if share > 0.5 else "start", "off": off}
