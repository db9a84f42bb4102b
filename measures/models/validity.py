"""When a measure is in force: its windows, and what they say of a day."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gazette.models import choice_constraint, list_index, place_once

from .choices import InForce, WindowBasis
from .rows import ChildQuerySet, ListedChild, once_in_measure


class Around(models.Func):
    """Whether a day lies between two others, both known and both included: `Around("starts_on", "ends_on", day)`.

    Two comparisons say so; but PostgreSQL takes them for independent of each other, expects far too many rows where
    most windows are past, and reads the measures' table whole. A range has statistics of its own, and an index
    (`window_by_range`, made by migration on PostgreSQL only).
    """

    arity = 3
    output_field = models.BooleanField()

    def as_sql(self, compiler, connection, **extra):
        """Two comparisons."""
        (start, first), (end, last), (day, given) = map(compiler.compile, self.source_expressions)
        return f"({start} <= {day} AND {end} >= {day})", [*first, *given, *last, *given]

    def as_postgresql(self, compiler, connection, **extra):
        """The range contains the day; a missing end would be an endless range."""
        (start, first), (end, last), (day, given) = map(compiler.compile, self.source_expressions)
        known = f"{start} IS NOT NULL AND {end} IS NOT NULL"
        return f"({known} AND daterange({start}, {end}, '[]') @> {day}::date)", [*first, *last, *first, *last, *given]


class WindowQuerySet(ChildQuerySet):
    """Windows of validity."""

    def in_force_on(self, day=None):
        """Windows that contain `day` (default today, local date); both ends inclusive, an unknown end never matches."""
        day = day or timezone.localdate()
        return self.filter(Around("starts_on", "ends_on", models.Value(day, output_field=models.DateField())))

    def nearest_day(self, day):
        """The day nearest before `day` on which one of the windows was certainly in force, else the nearest after it.

        None where the windows state no such day. For a day on which none is in force.
        """
        known = self.filter(starts_on__isnull=False, ends_on__isnull=False)
        before = known.filter(ends_on__lt=day).order_by("-ends_on").values_list("ends_on", flat=True)
        after = known.filter(starts_on__gt=day).order_by("starts_on").values_list("starts_on", flat=True)
        return before.first() or after.first()


class ValidityWindow(ListedChild):
    """From–until of a measure or a part of it; `ends_on` is the last valid day.

    `continued` (继续): the support was given before `starts_on` already, since a day that the text does not state.
    `start_year` and `end_year` keep what is known of an end without a day (2022—2023供暖季).
    """

    measure = models.ForeignKey("measures.Measure", models.PROTECT, verbose_name="措施", related_name="windows")
    part = models.CharField(
        "所指部分",
        max_length=120,
        blank=True,
        help_text="期限只管条款的一部分时，照抄那一部分，如 小微企业“六税两费”减免政策；管全条的留空。",
    )
    starts_on = models.DateField(
        "起始日",
        null=True,
        blank=True,
        help_text=(
            "期限的第一天，如 自2023年1月1日起 写 2023-01-01；本条只写到何时为止的，写总有效期的第一天；"
            "文中未载明的留空。"
        ),
    )
    start_basis = models.CharField(
        "起始依据",
        max_length=16,
        choices=WindowBasis,
        help_text="本条写了第一天的选“本条自定期限”，用总有效期的选“随总有效期”，都没有的选“文中未载明”。",
    )
    ends_on = models.DateField(
        "截止日",
        null=True,
        blank=True,
        help_text=("期限的最后一天，当日仍有效，如 至2024年12月31日 写 2024-12-31；2022—2023年供暖季 没有日子，留空。"),
    )
    end_basis = models.CharField(
        "截止依据",
        max_length=16,
        choices=WindowBasis,
        help_text=("本条写了最后一天的选“本条自定期限”，用总有效期的选“随总有效期”，都没有的选“文中未载明”。"),
    )
    continued = models.BooleanField(
        "此前已执行",
        default=False,
        help_text="原文写“继续”的才勾选，如 继续落实小微企业“六税两费”减免政策：此前从何时起文中未载明。",
    )
    start_year = models.PositiveSmallIntegerField(
        "起始年份",
        null=True,
        blank=True,
        help_text="没有起始日、只知年份的才填，如 2022—2023年供暖季 写 2022；其余留空。",
    )
    end_year = models.PositiveSmallIntegerField(
        "截止年份",
        null=True,
        blank=True,
        help_text="没有截止日、只知年份的才填，如 2022—2023年供暖季 写 2023；其余留空。",
    )

    objects = WindowQuerySet.as_manager()

    class Meta:
        verbose_name = "执行期限"
        verbose_name_plural = "执行期限"
        ordering = ["measure", "position"]
        indexes = [
            # Serves `in_force_on`: which measures have a window around a day; few windows end after today.
            models.Index(fields=["ends_on", "starts_on", "measure"], name="window_by_days"),
            *(list_index("window", field) for field in ("category", "end_basis")),
            # Serves the calendar, with the one above.
            models.Index(fields=["starts_on"], name="window_by_start"),
            # Serve the calendar's year: ends of which no day is known.
            models.Index(fields=["start_year"], name="window_by_start_year"),
            models.Index(fields=["end_year"], name="window_by_end_year"),
        ]
        constraints = [
            place_once("window"),
            once_in_measure("window_position_once"),
            choice_constraint("window_start_basis_known", "start_basis", WindowBasis),
            choice_constraint("window_end_basis_known", "end_basis", WindowBasis),
            models.CheckConstraint(
                name="window_start_agrees_with_basis",
                condition=Q(starts_on__isnull=True, start_basis="unknown")
                | (Q(starts_on__isnull=False) & ~Q(start_basis="unknown")),
                violation_error_message="起始日与依据不一致：依据为“文中未载明”时起始日留空，否则必须填写。",
            ),
            models.CheckConstraint(
                name="window_end_agrees_with_basis",
                condition=Q(ends_on__isnull=True, end_basis="unknown")
                | (Q(ends_on__isnull=False) & ~Q(end_basis="unknown")),
                violation_error_message="截止日与依据不一致：依据为“文中未载明”时截止日留空，否则必须填写。",
            ),
            models.CheckConstraint(
                name="window_ends_after_start",
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="执行期限的截止日不能早于起始日。",
            ),
            models.CheckConstraint(
                name="window_year_only_without_day",
                condition=(Q(start_year__isnull=True) | Q(starts_on__isnull=True))
                & (Q(end_year__isnull=True) | Q(ends_on__isnull=True)),
                violation_error_message="已有起始日或截止日的，不再填写相应的年份。",
            ),
        ]

    def __str__(self):
        return f"{self.part or '全条'} {self.starts_on or '?'}—{self.ends_on or '?'}"


def window_state(window, day: date) -> InForce:
    """Whether one window contains a day; what the text does not state is unknown, never guessed."""
    ended = day > window.ends_on if window.ends_on else bool(window.end_year) and day.year > window.end_year
    if ended:
        return InForce.NO
    if window.starts_on and day < window.starts_on:
        return InForce.UNKNOWN if window.continued else InForce.NO
    if window.start_year and day.year < window.start_year:
        return InForce.NO
    return InForce.YES if window.starts_on and window.ends_on else InForce.UNKNOWN


def in_force(windows, day: date) -> InForce:
    """Whether a measure with these windows is in force on a day.

    Yes while some window holds and none has ended or not begun; in part while some hold and some do not; unknown while
    none is known to hold and one may; else no.
    """
    states = {window_state(window, day) for window in windows}
    if InForce.YES in states:
        return InForce.PART if InForce.NO in states else InForce.YES
    return InForce.UNKNOWN if InForce.UNKNOWN in states else InForce.NO
