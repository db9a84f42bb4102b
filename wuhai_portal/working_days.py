"""Working days of the mainland: 国务院办公厅's yearly notices of holidays, where the year's is known.

The notices are read from `chinesecalendar`, which knows 2004 to the last year announced when it was released.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import is_workday

SATURDAY = 5


@dataclass(frozen=True)
class Reckoning:
    """The day that lies some working days back, and the years whose holidays were not known in counting."""

    day: date
    unknown_years: tuple[int, ...] = ()

    @property
    def in_words(self) -> str:
        """How the days were counted."""
        if not self.unknown_years:
            return "工作日按国务院办公厅公布的放假调休安排计。"
        years = "、".join(f"{year}年" for year in self.unknown_years)
        return f"{years}的放假调休安排尚不掌握，这部分按周一至周五计，不扣除节假日。"


def working_days_before(day: date, days: int) -> Reckoning:
    """The day that is a number of working days before another; a year without a notice counts Monday to Friday."""
    unknown = set()
    while days:
        day -= timedelta(days=1)
        try:
            days -= is_workday(day)
        except NotImplementedError:
            # The library's way to say that it has no notice for the year.
            unknown.add(day.year)
            days -= day.weekday() < SATURDAY
    return Reckoning(day, tuple(sorted(unknown)))
