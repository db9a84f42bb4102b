"""What the pictures of a plan draw: how far a target binds along a scale, and projects by part and light. Pure."""

from collections import defaultdict
from dataclasses import dataclass

from gazette.pictures import em, percent, round_up
from gazette.templatetags.portal import measured

from .choices import Light, Qualifier

# How a qualifier is drawn. A floor and a ceiling are open on one side; a point has no width but the text's.
MARKS = {
    Qualifier.AT_LEAST: "floor",
    Qualifier.MORE_THAN: "above",
    Qualifier.AT_MOST: "ceiling",
    Qualifier.ABOUT: "about",
    Qualifier.SCALE: "about",
}
UNREPORTED, UNLIT = "none", "plain"
LIGHTS = [
    (Light.GREEN, "绿灯 正常推进", "▲"),
    (Light.YELLOW, "黄灯 进度偏慢", "◆"),
    (Light.RED, "红灯 进度滞后", "▼"),
    (Light.DONE, "已完成", "✔"),
    (UNLIT, "已报送，未标进度", "●"),
    (UNREPORTED, "未报送", "□"),
]


@dataclass(frozen=True)
class Rail:
    """A target's value on a scale from 0 to `limit`; `mark` says how it binds, `side` where a word beside it fits."""

    mark: str
    side: str
    at: str
    to: str
    limit: str


def with_rails(targets) -> list:
    """The targets as a list, each with its `rail`, or None where it has no number.

    Targets of one unit and one direction share a scale, so that their rails can be compared.
    """
    targets = list(targets)
    most = defaultdict(float)
    for target in targets:
        if target.value is not None:
            most[_scale(target)] = max(most[_scale(target)], float(target.value_max or target.value))
    for target in targets:
        limit = most[_scale(target)] and round_up(1.25 * most[_scale(target)])
        target.rail = _rail(target, limit) if target.value and limit else None
    return targets


def _scale(target) -> tuple:
    return target.unit, target.direction == "decrease"


def _rail(target, limit: float) -> Rail:
    words = measured(round(limit, 4), target.unit)
    share = float(target.value) / limit
    return Rail(
        side="end" if share > 0.6 else "start",
        mark="range" if target.value_max else MARKS.get(target.qualifier, "point"),
        at=percent(share),
        to=percent(float(target.value_max) / limit) if target.value_max else "",
        limit=f"下降{words}" if target.direction == "decrease" and target.unit == "%" else words,
    )


def draw_projects(parts: list[dict], lights: dict) -> dict | None:
    """Bars of the parts of a plan, cut by light: `lights` are numbers by part and light, None for no report."""
    rows = [(part["heading"].text, lights[part["number"]]) for part in parts]
    most = max((sum(counts.values()) for _label, counts in rows), default=0)
    if not most:
        return None
    drawn = []
    for index, (label, counts) in enumerate(rows):
        y, left, segments = 4.4 * index, 0.0, []
        numbers = [(name, words, shape, _number(counts, name)) for name, words, shape in LIGHTS]
        for name, _words, _shape, n in numbers:
            if n:
                segments.append({"name": name, "left": percent(left / most), "width": percent(n / most)})
                left += n
        drawn.append(
            {
                "label": label,
                "total": sum(counts.values()),
                "numbers": numbers,
                "segments": segments,
                "text_y": em(y + 1),
                "number_y": em(y + 2.3),
                "bar_y": em(y + 2.7),
            }
        )
    used = [light for light in LIGHTS if any(_number(counts, light[0]) for _label, counts in rows)]
    return {"rows": drawn, "height": em(4.4 * len(drawn)), "lights": LIGHTS, "used": used}


def _number(counts, name) -> int:
    """How many of a part's projects have a light; no report is None, and a report without one is empty."""
    return counts.get({UNREPORTED: None, UNLIT: ""}.get(name, name), 0)
