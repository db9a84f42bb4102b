"""What stands on a day of the calendar: what starts, ends and falls due; for the page, the feeds and a unit alike.

Every source is asked by a range of days along an index, and gives no more than `LIMIT` rows. A window whose day comes
from the package (随总有效期) does not stand here by itself: the package's own day stands for all of them, except where
one measure alone is asked about.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gazette.models import Unit
from measures.models import Deadline, Measure, MeasurePackage, Responsibility, ValidityWindow, WindowBasis
from personnel.models import Appointment
from plans.models import DuePrecision, KeyProject, Plan, Target

LIMIT = 500  # entries that one page or feed lists
SHOWN = 20  # records that a year's box names

START, END, DEADLINE, DUE, PROBATION = "start", "end", "deadline", "due", "probation"
BEGINS_OR_ENDS = {START: "开始", END: "到期"}


@dataclass(frozen=True)
class Scope:
    """Whose entries: all, those of a unit, or those of one measure."""

    unit: Unit | None = None
    measure: Measure | None = None

    def of_measures(self, rows: QuerySet) -> QuerySet:
        """Rows of measures that are in scope."""
        if self.measure:
            return rows.filter(measure=self.measure)
        return rows.filter(measure__in=self.measure_ids()) if self.unit else rows

    def measure_ids(self) -> QuerySet:
        """The measures that the unit answers for."""
        return Responsibility.objects.filter(unit=self.unit).order_by().values("measure")

    def packages(self, basis: str) -> QuerySet:
        """Packages in scope: of a unit, those whose day one of its measures takes over.

        None for one measure, whose windows stand by themselves.
        """
        packages = MeasurePackage.objects.public().select_related("document")
        if self.measure:
            return packages.none()
        if self.unit:
            inherited = ValidityWindow.objects.filter(**{basis: WindowBasis.INHERITED}, measure__in=self.measure_ids())
            return packages.filter(pk__in=inherited.order_by().values("measure__package"))
        return packages

    def windows(self, basis: str) -> QuerySet:
        """Windows in scope; of a measure all of them, else those of which the clause itself states this end."""
        rows = self.of_measures(ValidityWindow.objects.public().select_related("measure__package"))
        return rows if self.measure else rows.filter(**{basis: WindowBasis.OWN})

    def deadlines(self) -> QuerySet:
        """Deadlines in scope."""
        return self.of_measures(Deadline.objects.public().select_related("measure__package"))

    def promises(self, model) -> QuerySet:
        """Targets or projects in scope: of a unit, those that staff assigned to it."""
        rows = model.objects.public().select_related("plan")
        if self.measure:
            return rows.none()
        return rows.filter(assignments__unit=self.unit) if self.unit else rows

    def appointments(self) -> QuerySet:
        """Appointments in scope: of a unit, those to its posts."""
        rows = Appointment.objects.public().select_related("person", "post", "document")
        if self.measure:
            return rows.none()
        return rows.filter(post__unit=self.unit) if self.unit else rows


EVERYTHING = Scope()


@dataclass(frozen=True)
class Entry:
    """One thing on one day; `code` is the record's, `parent` the record whose name it bears too: (kind, code)."""

    day: date
    what: str
    label: str
    title: str
    kind: str
    code: str
    address: str
    quote: str
    parent: tuple[str, str]
    note: str = ""
    package: MeasurePackage | None = None

    @property
    def order(self) -> tuple:
        """By day; what begins stands before what ends, the package before its clauses. Rows of a source keep theirs."""
        return self.day, (START, DUE, DEADLINE, PROBATION, END).index(self.what), self.kind != "package"


def _package_entry(what: str, day: str, label: str):
    note = f"没有自定期限的措施随此{BEGINS_OR_ENDS[what]}"

    def entry(package) -> Entry:
        return Entry(
            getattr(package, day), what, label, package.title, "package", package.code, package.get_absolute_url(),
            package.quote, ("document", package.document.code), note, package,
        )  # fmt: skip

    return entry


def _window_entry(what: str, day: str, label: str):
    def entry(window) -> Entry:
        measure = window.measure
        notes = [f"仅指{window.part}"] if window.part else []
        if what == START and window.continued:
            notes.append("此前已在执行，从何时起文中未载明")
        basis = window.get_start_basis_display() if what == START else window.get_end_basis_display()
        return Entry(
            getattr(window, day), what, label, str(measure), "validity-window", window.code, window.get_absolute_url(),
            window.quote, ("measure", measure.code), "；".join([*notes, basis]),
        )  # fmt: skip

    return entry


def _deadline_entry(deadline) -> Entry:
    return Entry(
        deadline.due, DEADLINE, f"{deadline.softness}截止", deadline.action, "deadline", deadline.code,
        deadline.get_absolute_url(), deadline.quote, ("measure", deadline.measure.code), str(deadline.measure),
    )  # fmt: skip


def _due_entry(kind: str):
    def entry(promise) -> Entry:
        return Entry(
            date.fromisoformat(promise.due), DUE, "完成时限", promise.name, kind, promise.code,
            promise.get_absolute_url(), promise.quote, ("plan", promise.plan.code), promise.plan.title,
        )  # fmt: skip

    return entry


def _probation_entry(event) -> Entry:
    return Entry(
        event.probation_until, PROBATION, "试用期满", f"{event.person} {event.post}", "appointment", event.code,
        event.get_absolute_url(), event.quote, ("person", event.person.code), f"试用期{event.probation_months}个月",
    )  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Records of one kind by one of their days: the field, the rows in scope, and a row as an entry."""

    day: str
    rows: Callable[[Scope], QuerySet]
    entry: Callable[[object], Entry]
    text: bool = False  # the day is kept as ISO text

    def value(self, day: date):
        """A day as the field holds it."""
        return day.isoformat() if self.text else day

    def between(self, scope: Scope, first: date, last: date) -> list:
        """The rows of a range of days, the earliest first."""
        days = {f"{self.day}__gte": self.value(first), f"{self.day}__lte": self.value(last)}
        return list(self.rows(scope).filter(**days).order_by(self.day, "place")[: LIMIT + 1])

    def newest(self, scope: Scope) -> list:
        """The rows with the latest days."""
        return list(self.rows(scope).filter(**{f"{self.day}__isnull": False}).order_by(f"-{self.day}", "place")[:LIMIT])

    def nearest(self, scope: Scope, day: date, *, before: bool) -> date | None:
        """The nearest day with a row, before or after a day."""
        lookup, order = (f"{self.day}__lt", f"-{self.day}") if before else (f"{self.day}__gt", self.day)
        rows = self.rows(scope).filter(**{lookup: self.value(day)}).order_by(order)
        found = rows.values_list(self.day, flat=True).first()
        return date.fromisoformat(found) if self.text and found else found


def _due_source(kind: str, model) -> Source:
    return Source(
        "due", lambda scope: scope.promises(model).filter(due_precision=DuePrecision.DAY), _due_entry(kind), text=True
    )


SOURCES = (
    Source(
        "valid_from", lambda scope: scope.packages("start_basis"), _package_entry(START, "valid_from", "总有效期起")
    ),
    Source("valid_until", lambda scope: scope.packages("end_basis"), _package_entry(END, "valid_until", "总有效期止")),
    Source("starts_on", lambda scope: scope.windows("start_basis"), _window_entry(START, "starts_on", "开始执行")),
    Source("ends_on", lambda scope: scope.windows("end_basis"), _window_entry(END, "ends_on", "最后一天")),
    Source("due", Scope.deadlines, _deadline_entry),
    _due_source("target", Target),
    _due_source("project", KeyProject),
    Source("probation_until", Scope.appointments, _probation_entry),
)


def entries_between(scope: Scope, first: date, last: date) -> tuple[list[Entry], bool]:
    """The entries from a day to a day, both included, in order; and whether there are more than `LIMIT`."""
    found = [source.entry(row) for source in SOURCES for row in source.between(scope, first, last)]
    found.sort(key=lambda entry: entry.order)
    return found[:LIMIT], len(found) > LIMIT


def newest_entries(scope: Scope) -> list[Entry]:
    """The `LIMIT` entries with the latest days, in order."""
    found = [source.entry(row) for source in SOURCES for row in source.newest(scope)]
    return sorted(found, key=lambda entry: entry.order)[-LIMIT:]


def nearest_days(scope: Scope, first: date, last: date) -> tuple[date | None, date | None]:
    """The last day with an entry before a range of days, and the first after it."""
    before = [day for source in SOURCES if (day := source.nearest(scope, first, before=True))]
    after = [day for source in SOURCES if (day := source.nearest(scope, last, before=False))]
    return max(before, default=None), min(after, default=None)


def with_counts(scope: Scope, entries: list[Entry]) -> list[Entry]:
    """The entries, those of packages with how many measures begin or end with them; one query, if there are any."""
    packages = {entry.package.pk for entry in entries if entry.package}
    if not packages:
        return entries
    measures = Measure.objects.filter(package__in=packages)
    if scope.unit:
        measures = measures.filter(pk__in=scope.measure_ids())
    windows = ValidityWindow.objects.filter(measure=OuterRef("pk"))
    with_package = {
        f"{what}_{name}": Exists(windows.filter(condition))
        for what, basis in ((START, "start_basis"), (END, "end_basis"))
        for name, condition in (
            ("inherited", Q(**{basis: WindowBasis.INHERITED})),
            ("other", ~Q(**{basis: WindowBasis.INHERITED})),
        )
    }
    rows = measures.annotate(**with_package).order_by().values("package", *with_package).annotate(n=Count("pk"))
    counts: Counter = Counter()
    for row in rows:
        for what in (START, END):
            if row[f"{what}_inherited"]:
                counts[row["package"], what, row[f"{what}_other"]] += row["n"]

    def counted(entry: Entry) -> Entry:
        wholly, partly = (counts[entry.package.pk, entry.what, other] for other in (False, True))
        word = BEGINS_OR_ENDS[entry.what]
        words = [f"{wholly}条措施全部随此{word}"] if wholly else []
        words += [f"{partly}条措施部分随此{word}"] if partly else []
        return replace(entry, note="，".join(words) or f"没有措施随此{word}")

    return [counted(entry) if entry.package else entry for entry in entries]


@dataclass(frozen=True)
class Year:
    """What belongs to a year and to no day: promises whose words name it, whole plans, and unknown days."""

    year: int
    stated: list
    plans: list
    windows: list
    probations: list

    def __bool__(self):
        return bool(self.stated or self.plans or self.windows or self.probations)


def year_box(scope: Scope, year: int) -> Year:
    """What is due within a year or has no known day in it, no more than `SHOWN` of each; a fixed number of queries."""
    in_year = (DuePrecision.YEAR, DuePrecision.BEFORE_YEAR)
    plans = [] if scope.unit else list(Plan.objects.public().filter(year=year).order_by("place")[:SHOWN])
    stated, counts = [], {}
    for kind, model in (("target", Target), ("project", KeyProject)):
        due = scope.promises(model).filter(due_precision__in=in_year, due=str(year))
        if scope.unit:
            # What staff assigned to a unit is named: the lists of the plan do not tell it apart.
            stated += due.order_by("place")[:SHOWN]
            continue
        stated += due.filter(due_basis="stated").order_by("place")[:SHOWN]
        counts[kind] = dict(
            due.filter(plan__in=[plan.pk for plan in plans], due_precision=DuePrecision.YEAR)
            .order_by()
            .values_list("plan")
            .annotate(n=Count("pk"))
        )
    for plan in plans:
        plan.due = {kind: counts[kind].get(plan.pk, 0) for kind in counts}
    windows = scope.of_measures(ValidityWindow.objects.public().select_related("measure__package"))
    appointments = scope.appointments().filter(probation_months__isnull=False, effective_on__isnull=True)
    return Year(
        year,
        stated,
        [plan for plan in plans if any(plan.due.values())],
        list(windows.filter(Q(start_year=year) | Q(end_year=year)).order_by("place")[:SHOWN]),
        list(appointments.filter(document__year=year).order_by("place")[:SHOWN]),
    )
