"""What the picture of a post draws: who came and went along the years, as far as notices say. Pure."""

from datetime import date

from gazette.pictures import DayAxis

from .models import ENTERS

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
    for event in sorted(events, key=lambda event: (event.kind in ENTERS, event.year or 0)):
        people.setdefault(event.person_id, []).append(event)
    rows = {person: _row(axis, moves, index, read_until) for index, (person, moves) in enumerate(people.items())}
    arrows = []
    for appointment, removal in successions:
        lower, upper = rows[appointment.person_id], rows[removal.person_id]
        if appointment.year:
            place = axis.at(_middle(appointment))
            arrows.append({"at": place, "from": upper["foot"] + 0.1, "to": lower["bar_y"] - 0.1})
    return {
        "rows": list(rows.values()),
        "arrows": arrows,
        "years": axis.years(),
        "day": axis.line(day),
        "read": axis.line(read_until) if read_until else None,
        "height": 2.4 + ROW * len(rows),
    }


def _middle(event) -> date:
    return event.effective_on or date(event.year, 7, 1)


def _row(axis, moves, index, read_until) -> dict:
    """One person's bands and stretches; each stretch is known, or dashed where its other end is not stated."""
    y = 2.4 + ROW * index
    heights = {"text_y": y + 1, "bar_y": y + 1.6, "middle": y + 2, "foot": y + 2.4}
    row = {"person": moves[0].person, "events": moves, "bands": [], "ticks": [], **heights}
    entered = next((event for event in moves if event.kind in ENTERS), None)
    left = next((event for event in moves if event.kind not in ENTERS), None)
    for event in (entered, left):
        if event and event.effective_on:
            row["ticks"].append(axis.at(event.effective_on))
        elif event and event.year:
            row["bands"].append(axis.year_span(event.year, event.year))
    start = entered and _edge(entered, last=True)
    end = _edge(left, last=False) if left else read_until
    if entered is None and end:
        row["dash"] = ("0%", axis.at(end))
    elif start and end and start < end:
        row["left"], row["width"] = axis.span(start, end)
    return row


def _edge(event, *, last: bool) -> date | None:
    """From when an event has surely happened (`last`), or until when it surely has not; None where no year is known."""
    if event.effective_on:
        return event.effective_on
    return event.year and (date(event.year, 12, 31) if last else date(event.year, 1, 1))
