"""What the picture of a post draws: who came and went along the years, as far as notices say. Pure."""

from datetime import date

from gazette.pictures import DayAxis, em

from .models import ENTERS, by_time

ROW = 3.4


def draw_post(events, successions, day: date, read_until: date | None) -> dict | None:
    """A row for each person of a post, those who left first; None where no event has so much as a year.

    A day is an edge, a year is a band with no edge, and what is unknown is dashed. Nothing is drawn past what is read.
    """
    years = {event.year for event in events if event.year}
    if not years:
        return None
    axis = DayAxis(min(years) - 1, max(years | ({read_until.year} if read_until else set())) + 1)
    people = {}
    for event in sorted(events, key=lambda event: (event.kind in ENTERS, *by_time(event))):
        people.setdefault(event.person_id, []).append(event)
    rows = {person: _row(axis, moves, index, read_until) for index, (person, moves) in enumerate(people.items())}
    arrows = []
    for appointment, removal in successions:
        lower, upper = rows[appointment.person_id], rows[removal.person_id]
        if appointment.year:
            place = axis.at(_middle(appointment))
            arrows.append({"at": place, "from": em(upper["y"] + 2.5), "to": em(lower["y"] + 1.5)})
    return {
        "rows": list(rows.values()),
        "arrows": arrows,
        "years": axis.years(),
        "day": axis.line(day),
        "read": axis.line(read_until) if read_until else None,
        "height": em(2.4 + ROW * len(rows)),
    }


def _middle(event) -> date:
    return event.effective_on or date(event.year, 7, 1)


def _row(axis, moves, index, read_until) -> dict:
    """One person's events in their order of time, and the stretches between them."""
    y, moves = 2.4 + ROW * index, sorted(moves, key=by_time)
    row = {"y": y, "text_y": em(y + 1), "bar_y": em(y + 1.6), "middle": em(y + 2), "foot": em(y + 2.4)}
    row |= {"person": moves[0].person, "events": moves, "bands": [], "ticks": [], "held": [], "dashes": []}
    since = None
    for event in moves:
        if event.effective_on:
            row["ticks"].append(axis.at(event.effective_on))
        elif event.year:
            row["bands"].append(axis.year_span(event.year, event.year))
        if event.kind in ENTERS:
            since = event
        else:
            _stretch(row, axis, since, _edge(event, is_start=False))
            since = None
    if since:
        _stretch(row, axis, since, read_until)
    return row


def _stretch(row, axis, since, until) -> None:
    """From an appointment to a day: a bar where the text states when it began, else dashes from nowhere."""
    start = since and _edge(since, is_start=True)
    if start and until and start < until:
        row["held"].append(axis.span(start, until))
    elif not start and until:
        row["dashes"].append(axis.at(until))


def _edge(event, *, is_start: bool) -> date | None:
    """The first day on which an event has surely happened, or the last before which it surely has not."""
    if event.effective_on:
        return event.effective_on
    return event.year and (date(event.year + 1, 1, 1) if is_start else date(event.year, 1, 1))
