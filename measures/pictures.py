"""What the pictures of a package draw: the money that its text sets aside, and its windows along the years. Pure.

Heights are in em, places along the width in per cent.
"""

from datetime import date

from gazette.pictures import DayAxis, em, percent

from .models import InForce, window_state
from .words import windows_in_words

ROW, WINDOW, GAP = 1.5, 0.75, 0.55


def draw_money(chapters: list[dict]) -> dict | None:
    """Bars of categories and of measures with money, on one scale; None where the text sets nothing aside.

    A category without money gets words and no bar: 未安排 is not zero.
    """
    most = max((chapter["amount"] or 0 for chapter in chapters), default=0)
    if not most:
        return None
    rows, y = [], 0.0
    for chapter in chapters:
        rows.append(_bar(chapter["category"].label, chapter["amount"], most, y) | {"is_sum": True})
        y += 2.6 if chapter["amount"] else 2
        for measure in chapter["measures"]:
            if measure.budget_total:
                rows.append(_bar(str(measure), measure.budget_total, most, y))
                y += 2.4
        y += 0.3
    return {
        "rows": rows,
        "height": em(y),
        "total": sum(chapter["amount"] or 0 for chapter in chapters),
        "with_money": [measure for chapter in chapters for measure in chapter["measures"] if measure.budget_total],
        "chapters": chapters,
    }


def _bar(label, amount, most, y) -> dict:
    return {
        "label": label,
        "amount": amount,
        "width": percent(amount / most) if amount else "",
        "text_y": em(y + 1.1),
        "bar_y": em(y + 1.5),
    }


def draw_validity(measures, begins: date | None, day: date) -> dict | None:
    """Each measure's windows along whole years, with a line for the day; None where no end is known at all.

    An edge is drawn only where the text states the day; what is unknown is dashed, and has no edge.
    """
    windows = [window for measure in measures for window in measure.windows.all()]
    years = {
        year
        for window in windows
        for year in (
            window.starts_on and window.starts_on.year,
            window.ends_on and window.ends_on.year,
            window.start_year,
            window.end_year,
        )
        if year
    }
    if not years:
        return None
    axis = DayAxis(min(years), max(years))
    rows, y = [], 2.2
    for measure in measures:
        row = {"label": str(measure), "text_y": em(y + 1), "windows": []}
        y += ROW
        for window in windows_in_words(measure.windows.all(), begins, day):
            row["windows"].append(
                _draw_window(axis, window.window, day)
                | {"y": em(y), "middle": em(y + 0.2), "foot": em(y + 0.5), "words": window}
            )
            y += WINDOW
        y += GAP
        rows.append(row)
    return {"rows": rows, "years": axis.years(), "day": axis.line(day), "height": em(y)}


def _draw_window(axis: DayAxis, window, day: date) -> dict:
    """A bar between known ends, dashes towards an unknown one, a tick at the end that is known."""
    start, end = window.starts_on, window.ends_on
    drawn = {"name": "on" if window_state(window, day) == InForce.YES else ""}
    if start and end:
        drawn["left"], drawn["width"] = axis.span(start, end)
        if window.continued:
            drawn["dash"] = ("0%", drawn["left"])
    elif start:
        drawn["tick"] = axis.at(start)
        drawn["dash"] = (drawn["tick"], "100%")
    elif end:
        drawn["tick"] = percent(axis.share(end))
        drawn["dash"] = ("0%", drawn["tick"])
    else:
        first, last = window.start_year or axis.first_year, window.end_year or axis.last_year
        drawn["dash"] = (axis.at(date(first, 1, 1)), percent(axis.share(date(last, 12, 31))))
    return drawn
