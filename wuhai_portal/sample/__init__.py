"""Sample documents in the genre's shapes: for each city and year a plan, a package of measures and a notice.

Pure: a seed in, content in the shape of the fixtures out. Each document has a source of chance of its own, so that the
same seed gives the same rows however many are made. Every title and every name of a unit, post or person says 示例.
"""

from collections.abc import Iterator

from .cities import MARK, City
from .draft import SampleDocument
from .notices import notice
from .packages import package
from .plans import plan

LAST_YEAR = 2023

__all__ = ["LAST_YEAR", "MARK", "City", "SampleDocument", "documents", "years"]


def years(count: int) -> range:
    """So many years, the last of which is 2023."""
    return range(LAST_YEAR - count + 1, LAST_YEAR + 1)


def documents(city: City, year: int) -> Iterator[SampleDocument]:
    """The three documents of a city and year."""
    for make in (plan, package, notice):
        yield make(city, year)
