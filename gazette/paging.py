"""Pages of a list whose cost grows with the page and never with the list.

A list is walked along the index of one column that sorts like it (`place`, or `key`). The count stops at `BOUND`: up to
there it is exact, beyond it an estimate of the database's planner, or the bound itself where the database has none.
Numbered pages lie within the bound. From there a page begins after the last row of the one before, which an opaque
cursor names.
"""

import base64
import binascii
import json
from functools import cached_property

from django.core import paginator as numbered
from django.db import connections
from django.db.models import Subquery

BOUND = 10_000
# A page that begins within so many rows is reached by passing over them.
NEAR = 1_000
# Longer than that of any place.
LONGEST_CURSOR = 500
NO_PAGE = {"page": None, "cursor": None}


class PageError(ValueError):
    """A page that cannot be given: `parameter` is what asked for it, `missing` whether it merely does not exist."""

    def __init__(self, parameter: str, message: str, missing: bool = False):
        super().__init__(message)
        self.parameter, self.missing = parameter, missing


class Page(numbered.Page):
    """One page: its rows, and the parameters of the pages beside it (`next`, `previous`), or None where there is none.

    The parameters name `page` and `cursor`, of which one is None: it is to be taken away. `number` is None for a page
    by cursor.
    """

    def __init__(self, rows, number, paginator, following=None, previous=None):
        super().__init__(rows, number, paginator)
        self.next = following and NO_PAGE | following
        self.previous = previous and NO_PAGE | previous

    def __repr__(self):
        return f"<Page {self.number or 'by cursor'}>"

    def has_next(self):
        return self.next is not None

    def has_previous(self):
        return self.previous is not None

    def has_other_pages(self):
        return self.has_next() or self.has_previous()


class Paginator(numbered.Paginator):
    """Pages of a queryset of public records, in the order of `key`; of `values()` rows too, if they hold the key."""

    def __init__(self, object_list, per_page, orphans=0, allow_empty_first_page=True, *, key="place", **kwargs):
        # No orphans: a page by cursor cannot know that the last one is short.
        super().__init__(object_list.order_by(key), per_page, 0, allow_empty_first_page, **kwargs)
        self.key = key

    @cached_property
    def _counted(self) -> int:
        # Only the key is read, in the order of the list, so that the index answers and stops.
        return self.object_list.values(self.key)[: BOUND + 1].count()

    @property
    def bound(self) -> int:
        """What a list that is not counted to its end has more rows than."""
        return BOUND

    @property
    def count_exact(self) -> bool:
        """Whether `count` is the number of rows, and not an estimate or the bound."""
        return self._counted <= BOUND

    @cached_property
    def count(self) -> int:
        return self._counted if self.count_exact else max(BOUND, self._estimate() or BOUND)

    def _estimate(self) -> int | None:
        """What the planner expects of the whole query; None on SQLite, which keeps no such estimate."""
        if connections[self.object_list.db].vendor != "postgresql":
            return None
        plan = json.loads(self.object_list.order_by().values(self.key).explain(format="json"))
        return int(plan[0]["Plan"]["Plan Rows"])

    @property
    def num_pages(self) -> int:
        """How many pages have a number."""
        rows = min(self._counted, BOUND)
        return max(1, -(-rows // self.per_page)) if self.count_exact else rows // self.per_page

    def asked(self, page: str | None = None, cursor: str | None = None) -> Page:
        """The page that a request's parameters ask for; `PageError` says what is wrong with them."""
        if cursor is not None:
            if page is not None:
                raise PageError("cursor", "cursor 与 page 不能同时使用。")
            return self.by_cursor(cursor)
        if page in (None, "1"):
            return self.page(1)
        if not (page.isascii() and page.isdigit() and 1 <= int(page[:10]) < 10**9):
            raise PageError("page", f"“{page[:20]}”应为从 1 起的整数。")
        if int(page) > self.num_pages:
            if self.count_exact:
                raise PageError("page", f"没有第{page}页，共{self.num_pages}页。", missing=True)
            raise PageError(
                "page", f"页码只到第{self.num_pages}页（前{BOUND}条）；更后面的请由上一页的“下一页”（next）逐页取得。"
            )
        return self.page(int(page))

    def page(self, number) -> Page:
        if number == 1:
            return self._first()
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        if start < NEAR:
            rows = list(self.object_list[start : start + self.per_page])
        else:
            # Only keys are passed over, which the index holds, and no rows.
            first = self.object_list.values(self.key)[start : start + 1]
            rows = list(self.object_list.filter(**{f"{self.key}__gte": Subquery(first)})[: self.per_page])
        return self._numbered(rows, number)

    def _first(self) -> Page:
        """The first page, which counts a list that it holds whole."""
        rows = list(self.object_list[: self.per_page + 1])
        if len(rows) <= self.per_page:
            self._counted = len(rows)
        return self._numbered(rows[: self.per_page], 1)

    def _numbered(self, rows, number: int) -> Page:
        following = None
        if self.count_exact:
            following = {"page": number + 1} if number < self.num_pages else None
        elif rows:
            following = {"cursor": self._cursor("after", rows[-1])}
        return Page(rows, number, self, following, {"page": number - 1} if number > 1 else None)

    def by_cursor(self, cursor: str) -> Page:
        """The page after or before a row."""
        way, key = self._read(cursor)
        backwards = way == "before"
        queryset = self.object_list.filter(**{f"{self.key}__{'lt' if backwards else 'gt'}": key})
        if backwards:
            queryset = queryset.reverse()
        # One row more than is shown tells whether there is a page beyond.
        rows = list(queryset[: self.per_page + 1])
        more, rows = len(rows) > self.per_page, rows[: self.per_page]
        if not rows:
            raise PageError("cursor", "这个 cursor 之后没有记录了。", missing=True)
        if backwards:
            rows.reverse()
        following = {"cursor": self._cursor("after", rows[-1])} if more or backwards else None
        previous = {"cursor": self._cursor("before", rows[0])} if more or not backwards else None
        return Page(rows, None, self, following, previous)

    def _cursor(self, way: str, row) -> str:
        key = row[self.key] if isinstance(row, dict) else getattr(row, self.key)
        return base64.urlsafe_b64encode(json.dumps([way, key]).encode()).decode().rstrip("=")

    def _read(self, cursor: str) -> tuple[str, str | int]:
        field = self.object_list.model._meta.get_field(self.key)
        kind = int if field.get_internal_type().endswith("IntegerField") else str
        try:
            if len(cursor) > LONGEST_CURSOR:
                raise ValueError(cursor)
            way, key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
            sound = type(key) is kind and (0 <= key < 2**63 if kind is int else key.isascii() and key.isprintable())
            if way not in ("after", "before") or not sound:
                raise ValueError(cursor)
        except (binascii.Error, UnicodeError, ValueError, TypeError):
            raise PageError(
                "cursor",
                f"“{cursor[:20]}”不是本站给出的 cursor，请照“上一页”“下一页”（previous、next）的链接原样使用。",
            ) from None
        return way, key
