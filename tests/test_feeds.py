"""What others subscribe to: calendars read back with a reader of the format, and Atom read back as XML."""

from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.conf import settings
from icalendar import Calendar

from gazette import publication
from gazette.models import Change, Document, PublicRecord
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


# Atom

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ["/feeds/documents.atom", "/feeds/changes.atom"]


@pytest.fixture
def read_feed(client, founding):
    """An Atom feed, read as XML."""

    def read(path):
        response = client.get(path)
        assert response.status_code == 200, path
        assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
        return ElementTree.fromstring(response.content)

    return read


def entries_of(feed):
    """Each entry as its texts by element; links as their addresses."""
    return [
        {child.tag.removeprefix(ATOM): child.get("href") or child.text for child in entry}
        for entry in feed.findall(f"{ATOM}entry")
    ]


def test_new_documents(read_feed):
    feed = read_feed("/feeds/documents.atom")
    assert feed.findtext(f"{ATOM}title") == f"新公开的文件 - {settings.SITE_NAME}"
    assert feed.findtext(f"{ATOM}id") == "tag:127.0.0.1,2023-01-01:documents"
    assert feed.findtext(f"{ATOM}updated") == "2023-02-01T01:00:00+00:00"
    assert {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")} == {
        "alternate": f"{settings.SITE_ADDRESS}/documents/",
        "self": f"{settings.SITE_ADDRESS}/feeds/documents.atom",
    }
    entries = entries_of(feed)
    assert [entry["id"].rpartition("/")[2] for entry in entries] == ["wzrz-2023-1", "whzf-2023-2", "whzbf-2023-2"]
    assert entries[1] == {
        "title": Document.objects.get(code="whzf-2023-2").title,
        "link": f"{settings.SITE_ADDRESS}/documents/whzf-2023-2/",
        "published": "2023-02-01T01:00:00+00:00",
        "updated": "2023-02-01T01:00:00+00:00",
        "id": "tag:127.0.0.1,2023-01-01:document/whzf-2023-2",
        "summary": "年度计划，乌海政发〔2023〕2号，乌海市人民政府，成文日期 2023-01-18",
    }
    assert "成文日期 文中未载明" in entries[0]["summary"]


def test_changes_come_from_the_ledger_the_newest_first(read_feed):
    at = datetime.fromisoformat("2023-05-01T00:00:00+00:00")
    publication.withdraw(Document.objects.get(code="wzrz-2023-1"), at=at)
    feed = read_feed("/feeds/changes.atom")
    last = Change.objects.order_by("-seq").first()
    entries = entries_of(feed)
    assert len(entries) == 50
    assert [entry["id"] for entry in entries[:2]] == [
        f"tag:127.0.0.1,2023-01-01:change/{last.seq}",
        f"tag:127.0.0.1,2023-01-01:change/{last.seq - 1}",
    ]
    assert entries[0]["updated"] == "2023-05-01T00:00:00+00:00"
    assert entries[0]["link"] == f"{settings.SITE_ADDRESS}{last.path}"
    assert "撤回" in entries[0]["title"]
    assert feed.findtext(f"{ATOM}updated") == entries[0]["updated"]
    # What was withdrawn is named by its code, and no more by its words.
    text = ElementTree.tostring(feed, encoding="unicode")
    assert "张立明" not in text
    assert "zhang-liming" in text


def test_a_change_names_the_record(read_feed, publish):
    from plans.models import Target

    target = Target.objects.get(code="2023-gdp-growth")
    target.note = "示例说明"
    target.save()
    publish(target.document)
    first = entries_of(read_feed("/feeds/changes.atom"))[0]
    assert first["title"] == "更新目标：地区生产总值"
    assert "目标 2023-gdp-growth，第2版" in first["summary"]


def test_a_document_published_again_is_one_entry_and_a_withdrawn_one_none(read_feed):
    document = Document.objects.get(code="whzf-2023-2")
    publication.withdraw(document)
    assert len(entries_of(read_feed("/feeds/documents.atom"))) == 2
    publication.publish(document)
    entries = entries_of(read_feed("/feeds/documents.atom"))
    assert len(entries) == 3
    assert entries[0]["id"].endswith("whzf-2023-2")


def test_drafts_are_in_no_feed(client, founding, make_target):
    make_target()
    for path in FEEDS:
        assert "示例" not in client.get(path).content.decode()


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_the_same_every_time_and_empty_ones_too(path, client, founding, read_feed):
    assert client.get(path).content == client.get(f"{path}?utm_source=x").content
    ids = [entry["id"] for entry in entries_of(read_feed(path))]
    assert len(ids) == len(set(ids))


def test_an_empty_feed_has_no_time_of_its_own(read_feed):
    for document in Document.objects.public():
        publication.withdraw(document)
    assert read_feed("/feeds/documents.atom").findtext(f"{ATOM}updated") == "2023-01-01T00:00:00+00:00"


@pytest.mark.parametrize(("path", "queries"), [(FEEDS[0], 3), (FEEDS[1], 2)])
@pytest.mark.parametrize("rows", [1, 12])
def test_a_feed_takes_a_fixed_number_of_queries(
    rows, path, queries, client, founding, make_document, publish, django_assert_num_queries
):
    for _ in range(rows):
        publish(make_document())
    with django_assert_num_queries(queries):  # the lines, the documents and what changed, or the names
        client.get(path)


@pytest.mark.parametrize("path", ["/", "/documents/"])
def test_readers_find_the_feeds(path, client, founding):
    page = client.get(path).content.decode()
    for feed in FEEDS:
        assert 'type="application/atom+xml" title="' in page
        assert f'href="{feed}">' in page
