"""One odd object, which some program wrote, spoils no answer and holds no worker up.

Each of these made Radicale's layer fail for the whole calendar, or never end, before the object
was written anew for it (`wellformed.py`).
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from tests.dav import House, vevent
from tests.integration.caldav.test_hostile import START, event, query

SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
WINDOW = '<C:time-range start="20261101T000000Z" end="20270101T000000Z"/>'
OVERRIDE = ("END:VEVENT", "BEGIN:VEVENT", "UID:one", "DTSTAMP:20261125T090000Z", "SUMMARY:Geheim")
DAILY = (START, "RRULE:FREQ=DAILY;COUNT=20")
SECRET = "Geheim"


def search(inside: str) -> str:
    return (
        f"<C:calendar-query {SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter>"
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inside}'
        "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    )


def words(text: str, name: str = "SUMMARY", more: str = "") -> str:
    return search(
        f'<C:prop-filter name="{name}"><C:text-match{more}>{text}</C:text-match></C:prop-filter>'
    )


REQUESTS = {
    "words": words("good"),
    "alarms": search(f'<C:comp-filter name="VALARM">{WINDOW}</C:comp-filter>'),
    "stamps": search(f'<C:prop-filter name="DTSTAMP">{WINDOW}</C:prop-filter>'),
    "busy": f"<C:free-busy-query {SPACES}>{WINDOW}</C:free-busy-query>",
    "expanded": query("20261101T000000Z", "20270101T000000Z", expand=True),
}
ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:good\n{trigger}END:VALARM\n"
ODD = {
    "a name with an underscore": event(START, "X_NOTE:Geheim"),
    "a name with a group": event(START, "A.X-B:Geheim"),
    "a line without a colon": event(START, "X-FOO"),
    "an open quote": event(START, 'ATTENDEE;CN="Geheim:mailto:x@y'),
    "an override named by a day": event(*DAILY, *OVERRIDE, "RECURRENCE-ID;VALUE=DATE:20261203",
                                        START),
    "an override of floating time": event(*DAILY, *OVERRIDE, "RECURRENCE-ID:20261203T180000",
                                          "DTSTART:20261203T180000"),
    "an override with a rule": event(*DAILY, *OVERRIDE, "RECURRENCE-ID:20261203T180000Z", START,
                                     "RRULE:FREQ=DAILY"),
    "an override of the rest": event(
        *DAILY, *OVERRIDE, "RECURRENCE-ID;RANGE=THISANDFUTURE:20261203T180000Z", START
    ),
    "two kinds of time": event("DTSTART:20261201T180000", "DTEND:20261201T200000Z"),
    "a floating series": event("DTSTART:20261201T180000", "RRULE:FREQ=DAILY;COUNT=20"),
    "an unknown zone": event("DTSTART;TZID=Geheim:20261201T180000", "RRULE:FREQ=DAILY;COUNT=9"),
    "an excluded day": event(*DAILY, "EXDATE;VALUE=DATE:20261203"),
    "an excluded floating time": event(*DAILY, "EXDATE:20261203T180000"),
    "an added day": event(START, "RDATE;VALUE=DATE:20261203"),
    "an added period": event(START, "RDATE;VALUE=PERIOD:20261203T180000Z/PT1H"),
    "an excluded rule": event(*DAILY, "EXRULE:FREQ=SECONDLY"),
    "a broken excluded rule": event(*DAILY, "EXRULE:Geheim"),
    "a broken stamp": event(START, "CREATED:gestern"),
    "a floating trigger": vevent(
        "one", "Geheim", ALARM.format(trigger="TRIGGER;VALUE=DATE-TIME:20261201T170000\n")
    ),
    "no trigger": vevent("one", "Geheim", ALARM.format(trigger="")),
    "two titles": event(START, "SUMMARY:Geheim"),
    "two ends": event(START, "DTEND:20261203T180000Z", "DTEND:20261204T180000Z"),
    "a place that is none": event(START, "GEO:Geheim"),
    "a broken packing": event(START, "X-A;ENCODING=QUOTED-PRINTABLE:a=3Db=ZZ"),
    "a broken attachment": event(START, "ATTACH;ENCODING=BASE64;VALUE=BINARY:!!!!"),
    "a negative length": event(START, "DURATION:-PT1H"),
}  # fmt: skip


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the plainest of formatters writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_object_spoils_nothing(dav: House, log: io.StringIO, name: str) -> None:
    dav.put(dav.events() + "good.ics", vevent("good", "good"))
    made = dav.put(dav.events() + "odd.ics", ODD[name])
    assert made.status == 201, made.text
    assert dav.ask("GET", dav.events() + "odd.ics").status == 200
    for kind, body in REQUESTS.items():
        answer = dav.ask("REPORT", dav.events(), body, Depth="1")
        assert answer.status == (200 if kind == "busy" else 207), (kind, answer.text)
        if kind in {"words", "expanded", "stamps"}:
            assert any(href.endswith("good.ics") for href in answer.hrefs), kind
        if kind == "busy":
            assert "FREEBUSY;FBTYPE=BUSY:20261201T1" in answer.text
    assert SECRET not in log.getvalue()


def test_an_override_by_day_counts_when_it_is_expanded(dav: House) -> None:
    dav.put(dav.events() + "odd.ics", ODD["an override named by a day"])
    answer = dav.ask("REPORT", dav.events(), REQUESTS["expanded"], Depth="1")
    assert answer.text.count("SUMMARY:Geheim") == 1
    assert answer.text.count("SUMMARY:x") == 19


def test_a_floating_series_is_where_the_box_is(dav: House) -> None:
    dav.put(dav.events() + "odd.ics", ODD["a floating series"])
    answer = dav.ask("REPORT", dav.events(), REQUESTS["expanded"], Depth="1")
    assert "DTSTART:20261201T170000Z" in answer.text


def test_an_expansion_looks_at_what_is_on_then_alone(dav: House) -> None:
    dav.put(dav.events() + "now.ics", vevent("now"))
    for number in range(3):
        old = event("DTSTART:20200101T180000Z", uid=str(number))
        dav.put(f"{dav.events()}{number}.ics", old)
    answer = dav.ask("REPORT", dav.events(), REQUESTS["expanded"], Depth="1")
    assert [href.rsplit("/", 1)[1] for href in answer.hrefs] == ["now.ics"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KUCHEN", True), ("kuchen &amp; tee", True), ("tee, kaffee", True), ("lang", True),
        ("gürt", True), ("torte", False), ("kuchen kaffee", False), ("", True),
    ],
)  # fmt: skip
def test_words_are_found_in_texts(dav: House, text: str, found: bool) -> None:  # noqa: FBT001
    long = "Kuchen & Tee\\, Kaffee\\; " + "sehr " * 20 + "langer Gürtel"
    folded = f"{long[:60]}\r\n {long[60:]}"
    dav.put(dav.events() + "a.ics", vevent(title=folded))
    assert bool(dav.ask("REPORT", dav.events(), words(text)).hrefs) is found
    negated = words(text, more=' negate-condition="yes"')
    assert bool(dav.ask("REPORT", dav.events(), negated).hrefs) is not found


@pytest.mark.parametrize("uid", ["{8A1B}: ä", "040000008200E00074C5B7101A82E008" * 4, "a,b;c"])
def test_an_object_is_found_by_its_uid(dav: House, uid: str) -> None:
    written = uid.replace(",", "\\,").replace(";", "\\;")
    assert dav.put(dav.events() + "a.ics", vevent(written)).status == 201
    assert len(dav.ask("REPORT", dav.events(), words(uid, "UID")).hrefs) == 1
    assert dav.ask("REPORT", dav.events(), words(uid + "x", "UID")).hrefs == []


def test_a_search_that_takes_too_long_is_refused(
    dav: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    dav.put(dav.events() + "a.ics", vevent())
    monkeypatch.setattr("bridges.caldav.collections._LONGEST_SEARCH", -1)
    answer = dav.ask("REPORT", dav.events(), words("probe"))
    assert answer.status == 507
    assert "number-of-matches-within-limits" in answer.text


def test_a_filter_that_means_nothing_is_a_bad_request(dav: House) -> None:
    dav.put(dav.events() + "a.ics", vevent())
    assert dav.ask("REPORT", dav.events(), search("<C:nothing/><C:nothing/>")).status == 400
