"""Who was appointed to what and removed from what, and what follows from it for a day."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, date

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format

from gazette.models import (
    DateBasis,
    History,
    Listed,
    RegisterQuerySet,
    Sourced,
    SourcedQuerySet,
    Unit,
    choice_constraint,
    code_field,
    list_index,
    newest_first,
    place_of,
    place_once,
)


class AppointmentKind(models.TextChoices):
    """What happened."""

    APPOINT = "appoint", "任命"
    CONCURRENT = "concurrent", "兼任"
    REMOVE = "remove", "免去"


ENTERS = [AppointmentKind.APPOINT, AppointmentKind.CONCURRENT]


class PersonQuerySet(RegisterQuerySet):
    """People whom notices name."""

    def with_events(self):
        """With every public event and its post, newest first."""
        events = Appointment.objects.public().select_related("post", "document").order_by("document", "code")
        return self.prefetch_related(models.Prefetch("appointments", events, to_attr="public_events"))


class Person(Listed):
    """A person as notices name him or her; two notices' namesakes are one person only when tied by hand."""

    register_kind = "person"

    code = code_field()
    name = models.CharField(
        "姓名", max_length=40, help_text="照抄姓名，不留公报排版的空格，如 李锴（公报印作 李  锴）。"
    )
    note = models.CharField(
        "说明", max_length=240, blank=True, help_text="用来分清同名的人，公开，只写文件中有的；没有的留空。"
    )
    history = History()

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        ordering = ["code"]
        indexes = [list_index("person", "name")]
        constraints = [place_once("person")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"/personnel/people/{self.code}/"


class PostQuerySet(RegisterQuerySet):
    """Posts and who holds them."""

    def for_list(self):
        """With the unit."""
        return self.select_related("unit")

    def for_tenure(self):
        """With the unit and every public event, for `personnel.tenure`."""
        events = Appointment.objects.public().select_related("person", "document").order_by("document", "code")
        return self.for_list().prefetch_related(models.Prefetch("appointments", events, to_attr="public_events"))

    def for_page(self):
        """What tenure asks for."""
        return self.for_tenure()


class Post(Listed):
    """An office as notices print it; `seats` is 1 for the head of a unit and unknown otherwise."""

    register_kind = "post"

    code = code_field()
    title = models.CharField(
        "职务", max_length=120, unique=True, help_text="照抄任免通知中的职务全称，连同单位，如 市财政局副局长。"
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="单位",
        related_name="posts",
        null=True,
        blank=True,
        help_text="职务所属的单位，按名称查找；原文未写明单位的（如 市自然资源总督察）留空。",
    )
    seats = models.PositiveSmallIntegerField(
        "职数", null=True, blank=True, help_text="只由一人担任的正职写 1，如 市地震局局长；副职等无从得知的留空。"
    )
    history = History()

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "职务"
        verbose_name_plural = "职务"
        ordering = ["code"]
        indexes = [list_index("post", "seats")]
        constraints = [
            place_once("post"),
            models.CheckConstraint(
                name="post_seats_positive",
                condition=Q(seats__isnull=True) | Q(seats__gt=0),
                violation_error_message="职数必须大于零；无从得知请留空。",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"/personnel/posts/{self.code}/"


class AppointmentQuerySet(SourcedQuerySet):
    """Events of appointment and removal."""

    def for_list(self):
        """With person, post and unit, and the source."""
        return self.select_related("document", "passage__parent", "person", "post__unit")

    def entering(self):
        """Appointments, concurrent ones included."""
        return self.filter(kind__in=ENTERS)

    def leaving(self):
        """Removals."""
        return self.filter(kind=AppointmentKind.REMOVE)

    def successions(self):
        """Appointments to a one-seat post whose predecessor the same document removes (`predecessor`, its id).

        Only where the post has one seat: deputies come and go without succeeding each other.
        """
        removal = Appointment.objects.leaving().filter(
            document=models.OuterRef("document"), post=models.OuterRef("post")
        )
        return (
            self.entering()
            .filter(post__seats=1)
            .annotate(predecessor=models.Subquery(removal.values("pk")[:1]))
            .filter(predecessor__isnull=False)
        )


class Appointment(Listed, Sourced):
    """One event: a person is appointed to, given concurrently, or removed from a post.

    `effective_on` is empty where the text prints no date; `probation_months` counts from a start that may be unknown.
    """

    person = models.ForeignKey(
        Person,
        models.PROTECT,
        verbose_name="人员",
        related_name="appointments",
        help_text="按姓名查找，没有的先在“人员”中新增；同名而不能确定是一个人的，另建一条。",
    )
    post = models.ForeignKey(
        Post,
        models.PROTECT,
        verbose_name="职务",
        related_name="appointments",
        help_text="按职务查找，没有的先在“职务”中新增；一人任两职的录两条，如 张立明。",
    )
    kind = models.CharField(
        "任免",
        max_length=16,
        choices=AppointmentKind,
        help_text="“任命”之下的选任命，写“兼任”的选兼任（如 张伟），“免去”之下的选免去。",
    )
    unit_as_written = models.CharField(
        "单位原文写法",
        max_length=120,
        blank=True,
        help_text="照抄职务前的单位，如 市林业和草原局；没有印单位的（如 市自然资源总督察）留空。",
    )
    probation_months = models.PositiveSmallIntegerField(
        "试用期（月）",
        null=True,
        blank=True,
        help_text="原文括注的试用期换算成月，如（试用期一年）写 12；没有括注的和免职的留空。",
    )
    effective_on = models.DateField(
        "任免日期", null=True, blank=True, help_text="通知写明任免的日子才填，不用公报的日期代替；文中未载明的留空。"
    )
    date_basis = models.CharField(
        "日期依据",
        max_length=16,
        choices=DateBasis,
        default=DateBasis.UNKNOWN,
        help_text=("写明日子的选“文中载明”；没有日子、文号有年份的选“仅据文号知年份”，如 乌政任字〔2023〕1号。"),
    )
    probation_until = models.DateField("试用期止", null=True, blank=True, editable=False)

    kept_by_publication = ("place", "probation_until")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "任免"
        verbose_name_plural = "任免"
        ordering = [F("effective_on").desc(nulls_last=True), "document", "passage__order", "code"]
        indexes = [
            list_index("appointment", "kind"),
            # Serves the calendar.
            models.Index(fields=["probation_until"], name="appointment_by_probation"),
        ]
        constraints = [
            place_once("appointment"),
            choice_constraint("appointment_kind_known", "kind", AppointmentKind),
            choice_constraint("appointment_date_basis_known", "date_basis", DateBasis),
            models.CheckConstraint(
                name="appointment_date_agrees_with_basis",
                condition=Q(effective_on__isnull=True, date_basis__in=[DateBasis.NUMBER_YEAR, DateBasis.UNKNOWN])
                | (Q(effective_on__isnull=False) & ~Q(date_basis__in=[DateBasis.NUMBER_YEAR, DateBasis.UNKNOWN])),
                violation_error_message="任免日期与依据不一致：没有日期时依据选“仅据文号知年份”或“文中未载明”。",
            ),
            models.CheckConstraint(
                name="appointment_probation_only_on_entering",
                condition=Q(probation_months__isnull=True) | ~Q(kind="remove"),
                violation_error_message="免职没有试用期。",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.person} {self.post}"

    def get_absolute_url(self):
        return f"{self.person.get_absolute_url()}#{self.code}"

    def listing(self):
        """Newest first, those without a date last; then by document and in the order of its text."""
        document = self.document.listing()["place"]
        return {
            "place": place_of(newest_first(self.effective_on), document, self.passage.order, self.code),
            "probation_until": self.probation_ends_on,
        }

    @property
    def year(self):
        """The year of the event: of its date, or else of the document's number where that is the basis; or None."""
        if self.effective_on:
            return self.effective_on.year
        return self.document.number_year if self.date_basis == DateBasis.NUMBER_YEAR else None

    @property
    def probation_ends_on(self):
        """The last day of probation, or None where there is none or its start is unknown."""
        if not (self.probation_months and self.effective_on):
            return None
        months = self.effective_on.month - 1 + self.probation_months
        year, month = self.effective_on.year + months // 12, months % 12 + 1
        return date(year, month, min(self.effective_on.day, monthrange(year, month)[1]))


class Certainty(models.TextChoices):
    """How sure it is that somebody holds a post on a day."""

    KNOWN = "known", "可以确定"
    START_UNKNOWN = "start_unknown", "起始日期未载明"
    YEAR_ONLY = "year_only", "仅知年份"
    UNKNOWN = "unknown", "文中未载明"
    NO_LATER_RECORD = "no_later_record", "其后无记录"


@dataclass(frozen=True)
class Holder:
    """Who holds a post on a day, how surely, and why; `person` is None where nobody can be named."""

    person: Person | None
    certainty: Certainty
    why: str


def _happened(event: Appointment, day: date) -> bool | None:
    """Whether an event lies on or before a day; None where the text does not let one know."""
    if event.effective_on:
        return event.effective_on <= day
    if event.year is None or event.year == day.year:
        return None
    return event.year < day.year


def holders_on(events: list[Appointment], day: date, read_until: date | None) -> list[Holder]:
    """Who holds a post on a day, by its public events; `read_until` is how far the portal has read.

    Past that day there is no answer: the last name known may have been followed by another.
    """
    if read_until is None or day > read_until:
        until = f"本站读到{date_format(read_until)}为止" if read_until else "本站尚未收录文件"
        return [Holder(None, Certainty.NO_LATER_RECORD, f"{until}，其后的任免尚未读到。")]
    people: dict[int, list[Appointment]] = {}
    for event in events:
        people.setdefault(event.person_id, []).append(event)
    found = [holder for moves in people.values() if (holder := _holder(moves, day))]
    return found or [Holder(None, Certainty.UNKNOWN, "已收录的文件未载明此日由谁任职。")]


def by_time(event: Appointment) -> tuple:
    """Events by time, as far as it is known; what is undated comes last, and a removal after an appointment."""
    return event.year or MAXYEAR, event.effective_on or date.max, event.kind not in ENTERS


def _holder(moves: list[Appointment], day: date) -> Holder | None:
    """One person's holding of a post on a day, from all appointments to it and removals from it."""
    states: dict[bool | None, list[Appointment]] = {True: [], None: [], False: []}
    for event in sorted(moves, key=by_time):
        states[_happened(event, day)].append(event)
    last = states[True][-1] if states[True] else None
    perhaps = {event.kind in ENTERS: event for event in reversed(states[None])}
    has_left = last is not None and last.kind not in ENTERS
    # Who may have left is doubted first; who has left, or was never seen to enter, may have entered.
    doubt = perhaps.get(has_left) or (perhaps.get(True) if last is None else None)
    if doubt:
        word = doubt.get_kind_display()
        if doubt.year is None:
            return Holder(doubt.person, Certainty.UNKNOWN, f"{word}的日期文中未载明。")
        return Holder(doubt.person, Certainty.YEAR_ONLY, f"仅知{doubt.year}年{word}，具体日期文中未载明。")
    if last is None:
        if states[False] and states[False][0].kind not in ENTERS:
            person = states[False][0].person
            return Holder(person, Certainty.START_UNKNOWN, "此后被免去该职务，何时任职已收录的文件未载明。")
        return None
    if has_left:
        return None
    return Holder(last.person, Certainty.KNOWN, f"{last.effective_on or f'{last.year}年'}任职。")
