"""The sample's appointment notices: who is appointed and who removed, with a date or without one."""

from datetime import date

from .cities import MARK, City
from .draft import Draft, SampleDocument, spoken_day


def notice(city: City, year: int) -> SampleDocument:
    """The notice of one city and year; those whom it removes were appointed the year before."""
    chance = city.random(year, "notice")
    written = date(year, chance.randint(2, 11), chance.randint(1, 28)) if chance.random() < 0.5 else None
    number = f"据{city.name}政任字〔{year}〕1号"
    title = f"{city.government}近期任免一批领导干部"
    draft = Draft(f"{city.code}-{year}-notice", title=title, number=number, kind="personnel")
    draft.document["issuer"] = f"{city.code}-government"
    draft.document["note"] = f"{MARK}数据，不是任何城市的任免。"
    if written:
        draft.document |= {"written_on": written.isoformat(), "written_basis": "head_date"}
    known = [("number_year", None), ("unknown", None)]
    basis = ("head_date", written.isoformat()) if written else chance.choice(known)

    draft.reason(draft.passage("title", title), "一批", "indefinite")
    heading = draft.passage("heading", "任命：", label="任命", level=1)
    people, posts, events = {}, {}, []
    appointed = city.appointed(year)
    for n, (post, person) in enumerate(appointed, 1):
        concurrent = n == len(appointed)
        probation = not concurrent and chance.random() < 0.2
        verb = "兼任" if concurrent else "为"
        note = "（试用期一年）" if probation else ""
        words = f"{_spaced(person['name'])}　{verb}{post.title}{note}{'。' if concurrent else '；'}"
        event = {"code": f"{draft.document['code']}-a{n}", "kind": "concurrent" if concurrent else "appoint"}
        event["ties"] = {"kind": "兼任" if concurrent else {"text": "任命", "in": heading}}
        if probation:
            event["probation_months"] = 12
            event["ties"]["probation_months"] = "一年"
        events.append((event, post, person, draft.passage("paragraph", words, parent=heading)))
    line = f"（{number}{'　' + spoken_day(written) if written else ''}）"
    first = draft.passage("number_line", line)
    removed = city.appointed(year - 1)
    heading = draft.passage("heading", "免去：", label="免去", level=1)
    for n, (post, person) in enumerate(removed, 1):
        words = f"{_spaced(person['name'])}　{post.title}职务{'。' if n == len(removed) else '；'}"
        event = {"code": f"{draft.document['code']}-r{n}", "kind": "remove"}
        event["ties"] = {"kind": {"text": "免去", "in": heading}}
        events.append((event, post, person, draft.passage("paragraph", words, parent=heading)))
    second = draft.passage("number_line", line)

    for position in (first, second):
        draft.reason(position, f"〔{year}〕1号", "number")
    if written:
        draft.tie("written_on", first, spoken_day(written))
        draft.reason(second, spoken_day(written), "date")
    draft.tie("title", 1)
    draft.tie("number", first)
    draft.tie("issuer", 1, city.government)
    for event, post, person, position in events:
        people[person["code"]], posts[post.code] = person, post.row
        event |= {"passage": position, "quote": draft.text(position), "person": person["code"], "post": post.code}
        event |= {"unit_as_written": post.unit_name, "date_basis": basis[0], "effective_on": basis[1]}
        if written:
            event["ties"]["effective_on"] = {"text": spoken_day(written), "in": first}
        draft.records.setdefault("appointment", []).append(event)
    draft.records |= {"person": list(people.values()), "post": list(posts.values())}
    return draft.done()


def _spaced(name: str) -> str:
    """A given name of one character is padded, as gazettes do."""
    return f"{name[:-1]}  {name[-1]}" if len(name) == len(MARK) + 2 else name
