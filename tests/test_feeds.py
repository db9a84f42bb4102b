"""What others subscribe to: calendars read back with a reader of the format, and Atom read back as XML."""

from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from icalendar import Calendar

from gazette import publication
from gazette.models import Document, PublicRecord
from wuhai_portal import entries as entries_module
from wuhai_portal import feeds

MEASURE_7 = "/measures/2023-consumption/7/calendar.ics"


@pytest.fixture
def subscribe(client, founding):
    """The calendar at an address, read back."""

    def read(path="/calendar.ics"):
        response = client.get(path)
        assert response.status_code == 200, path
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        return Calendar.from_ical(response.content)

    return read


def events_of(calendar):
    return [
        (event.decoded("DTSTART").isoformat(), str(event["SUMMARY"])) for event in calendar.walk("VEVENT")
    ]  # fmt: skip


def test_the_calendar_of_all_days(subscribe):
    calendar = subscribe()
    assert str(calendar["X-WR-CALNAME"]) == f"日历 - {settings.SITE_NAME}"
    assert str(calendar["X-WR-TIMEZONE"]) == "Asia/Shanghai"
    assert (str(calendar["VERSION"]), str(calendar["METHOD"])) == ("2.0", "PUBLISH")
    events = events_of(calendar)
    assert len(events) == 16
    assert events[0] == ("2023-01-01", "开始执行：（13）持续降低企业运营成本")
    assert events[5] == ("2023-06-30", "总有效期止：乌海市进一步提信心扩消费稳增长二十三条措施")
    assert events[-1][0] == "2025-12-31"


def test_one_event_whole(subscribe):
    (event,) = [event for event in subscribe().walk("VEVENT") if "2023-consumption-13-d1" in event["UID"]]
    assert {name: event.decoded(name) for name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE")} == {
        "DTSTART": date(2023, 7, 31),
        "DTEND": date(2023, 8, 1),
        "DTSTAMP": datetime.fromisoformat("2023-02-01T01:00:00+00:00"),
        "LAST-MODIFIED": datetime.fromisoformat("2023-02-01T01:00:00+00:00"),
        "SEQUENCE": 2,
    }
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["UID"] == f"deadline.2023-consumption-13-d1.deadline@{settings.SITE_ADDRESS.host}"
    assert event["SUMMARY"] == "截止：补缴相关欠款"
    assert event["URL"] == f"{settings.SITE_ADDRESS}/measures/2023-consumption/13/#2023-consumption-13-d1"
    assert event["TRANSP"] == "TRANSPARENT"
    note, quote, foot = str(event["DESCRIPTION"]).split("\n")
    assert note == "（13）持续降低企业运营成本"
    assert quote.startswith("原文：“")
    assert "补缴" in quote
    assert foot == "以文件原文和主管部门解释为准。"


@pytest.mark.parametrize("path", ["/calendar.ics", "/units/finance-bureau/calendar.ics", MEASURE_7])
def test_names_of_events_are_unique_and_lines_are_short(path, subscribe, client):
    names = [str(event["UID"]) for event in subscribe(path).walk("VEVENT")]
    assert len(names) == len(set(names)) > 0
    body = client.get(path).content
    assert body.endswith(b"END:VCALENDAR\r\n")
    for line in body.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is split between two lines
        assert b"\n" not in line


def test_of_a_unit(subscribe):
    calendar = subscribe("/units/housing-fund-center/calendar.ics")
    assert str(calendar["X-WR-CALNAME"]) == f"市公积金中心 - {settings.SITE_NAME}"
    assert events_of(calendar) == [
        ("2023-01-20", "总有效期起：乌海市进一步提信心扩消费稳增长二十三条措施"),
        ("2023-06-30", "最后一天：（18）实施公积金阶段性支持政策"),
    ]


def test_of_a_measure_with_the_days_that_it_takes_over(subscribe):
    calendar = subscribe(MEASURE_7)
    assert events_of(calendar) == [
        ("2023-01-20", "开始执行：（7）扩大汽车成品油大宗商品消费"),
        ("2023-06-30", "最后一天：（7）扩大汽车成品油大宗商品消费"),
    ]
    assert "随总有效期" in str(calendar.walk("VEVENT")[0]["DESCRIPTION"])
    thirteen = subscribe("/measures/2023-consumption/13/calendar.ics")
    assert len(thirteen.walk("VEVENT")) == 9  # four windows with both ends, one with neither, and a deadline
    fourteen = str(subscribe("/measures/2023-consumption/14/calendar.ics").walk("VEVENT")[0]["DESCRIPTION"])
    assert "此前已在执行，从何时起文中未载明" in fourteen


def test_the_same_answer_every_time(client, founding):
    assert client.get("/calendar.ics").content == client.get("/calendar.ics?x=1").content


def test_what_changes_moves_its_sequence_and_keeps_its_name(subscribe):
    from measures.models import Measure

    def seventh():
        (event,) = [
            event for event in subscribe(MEASURE_7).walk("VEVENT") if str(event["UID"]).endswith("-w1.end@127.0.0.1")
        ]
        return event

    before = seventh()
    measure = Measure.objects.get(number=7)
    window = measure.windows.get()
    window.ends_on, window.end_basis = date(2023, 7, 31), "own"
    window.save()
    at = datetime.fromisoformat("2023-05-01T00:00:00+00:00")
    publication.publish(measure.document, at=at)
    after = seventh()
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after.decoded("DTSTAMP") == at
    assert after.decoded("DTEND") == date(2023, 8, 1)
    measure.title = "促进汽车消费（改）"
    measure.save()
    publication.publish(measure.document, at=at + timedelta(days=1))
    assert seventh()["SEQUENCE"] == before["SEQUENCE"] + 2
    assert PublicRecord.objects.get(kind="measure", code=measure.code).revision == 2


def test_drafts_and_withdrawn_records_are_in_no_calendar(subscribe, client, make_deadline):
    draft = make_deadline()
    assert "示例" not in str(events_of(subscribe()))
    assert client.get(f"{draft.measure.get_absolute_url()}calendar.ics").status_code == 404
    publication.withdraw(Document.objects.get(code="whzbf-2023-2"))
    assert events_of(subscribe()) == []
    for path in (MEASURE_7, "/units/housing-fund-center/calendar.ics"):
        response = client.get(path)
        assert response.status_code == 410
        assert "从本站撤回" in response.content.decode()
    assert client.get("/measures/2023-consumption/99/calendar.ics").status_code == 404


def test_a_huge_calendar_keeps_the_days_that_are_latest(subscribe, monkeypatch):
    monkeypatch.setattr(entries_module, "LIMIT", 3)
    assert [day for day, _summary in events_of(subscribe())] == ["2023-12-31", "2024-12-31", "2025-12-31"]


def test_the_last_day_of_time_needs_no_morrow(make_deadline):
    entry = entries_module._deadline_entry(make_deadline(due=date.max))
    record = PublicRecord.objects.get(kind="measure", code="2023-consumption-7")
    assert "DTEND" not in feeds._event(entry, [record])


@pytest.mark.parametrize("rows", [1, 12])
def test_a_calendar_takes_a_fixed_number_of_queries(
    rows, client, founding, make_package, make_measure, make_window, make_deadline, publish, django_assert_num_queries
):
    package = make_package()
    for _ in range(rows):
        measure = make_measure(package=package)
        make_window(measure=measure, starts_on=date(2022, 6, 2), start_basis="own")
        make_deadline(measure=measure)
    publish(package.document)
    with django_assert_num_queries(9):  # 8 sources, the records
        client.get("/calendar.ics")
