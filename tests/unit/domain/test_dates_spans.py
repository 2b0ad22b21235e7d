from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wecreate_module.domain.dates.spans import (
    Span,
    clock_only,
    find_spans,
    parse_length,
    parse_span,
)
from wecreate_module.domain.errors import UserError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)  # a Wednesday, 10:00 in Berlin
unhurried = settings(deadline=None, max_examples=300)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Fr 19-21 Uhr", at(27, 19), at(27, 21)),
        ("Freitag von 19 bis 21 Uhr", at(27, 19), at(27, 21)),
        ("19:30-21:00 morgen", at(26, 19, 30), at(26, 21)),
        ("Fr 18 Uhr bis So 12 Uhr", at(27, 18), at(29, 12)),
        ("Samstag 22 Uhr bis 2 Uhr", at(28, 22), at(29, 2)),
        ("friday 7-9pm", at(27, 19), at(27, 21)),
        ("friday 10am-1pm", at(27, 10), at(27, 13)),
        ("1.-3.5.", date(2027, 5, 1), date(2027, 5, 3)),
        ("vom 1. bis 3. Mai", date(2027, 5, 1), date(2027, 5, 3)),
        ("24.12.-2.1.", date(2026, 12, 24), date(2027, 1, 2)),
        ("Samstag bis Sonntag", date(2026, 11, 28), date(2026, 11, 29)),
        ("am 4.12. für 3 Tage", date(2026, 12, 4), date(2026, 12, 6)),
        ("24.12. 18 Uhr ganztägig", date(2026, 12, 24), None),
        ("morgen", date(2026, 11, 26), None),
        ("Freitag 19 Uhr", at(27, 19), None),
        ("in 2 Stunden", at(25, 12), None),
        ("3.12. 9 Uhr bis 5.12. 17 Uhr", at(3, 9, month=12), at(5, 17, month=12)),
        ("vom 3.12. 9 Uhr bis zum 5.12. um 17 Uhr", at(3, 9, month=12), at(5, 17, month=12)),
        ("3.12. 9am to 5.12. 5pm", at(3, 9, month=12), at(5, 17, month=12)),
        ("3.12. 9 Uhr bis 5. Dezember 17 Uhr", at(3, 9, month=12), at(5, 17, month=12)),
        ("Sonntag 10-12", at(29, 10), at(29, 12)),
        ("So. 10-12", at(29, 10), at(29, 12)),
        ("1.12. 10-12", at(1, 10, month=12), at(1, 12, month=12)),
        ("Fr 19-21.30 Uhr", at(27, 19), at(27, 21, 30)),
        ("gestern 10 Uhr", at(24, 10), None),
        ("3.12. 10:30 bis 5.12. 4:00", at(3, 10, 30, month=12), at(5, 4, month=12)),
        ("3.12. 10:30 - 5.12. 17 Uhr", at(3, 10, 30, month=12), at(5, 17, month=12)),
        ("3.12.2026 10:00 bis 5.12.2026 4:00", at(3, 10, month=12), at(5, 4, month=12)),
        ("3.12., 9 Uhr, bis 5.12., 17 Uhr", at(3, 9, month=12), at(5, 17, month=12)),
        ("3 Dec 10:30am - 5 Dec 12pm", at(3, 10, 30, month=12), at(5, 12, month=12)),
        ("1.12. zwischen 10 und 12 Uhr", at(1, 10, month=12), at(1, 12, month=12)),
        ("tomorrow between 9:00 and 11:30", at(26, 9), at(26, 11, 30)),
        ("Fr 18 Uhr bis ca. 20 Uhr", at(27, 18), at(27, 20)),
        ("Fr ab ca. 18 Uhr", at(27, 18), None),
        ("Fr 18 Uhr bis open end", at(27, 18), None),
        ("24.12. bis 20.12.2027", date(2026, 12, 24), date(2027, 12, 20)),
    ],
)
def test_from_when_until_when(text: str, start: date, end: date | None) -> None:
    assert parse_span(text, NOW, BERLIN) == Span(start, end)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("morgen 18 Uhr 2 Stunden", timedelta(hours=2)),
        ("morgen um 18 Uhr für anderthalb Stunden", timedelta(minutes=90)),
        ("morgen 18 Uhr 90 Minuten", timedelta(minutes=90)),
        ("tomorrow 6pm for half an hour", timedelta(minutes=30)),
        ("morgen 18 Uhr eine halbe Stunde", timedelta(minutes=30)),
        ("morgen 18 Uhr 1,5 Stunden", timedelta(minutes=90)),
        ("morgen 18 Uhr 1 1/2 Stunden", timedelta(minutes=90)),
        ("morgen 18 Uhr 2½ Stunden", timedelta(minutes=150)),
        ("morgen 18 Uhr (2 h)", timedelta(hours=2)),
        ("morgen 18 Uhr, 2h", timedelta(hours=2)),
    ],
)
def test_how_long(text: str, length: timedelta) -> None:
    span = parse_span(text, NOW, BERLIN)
    assert span.length == length
    assert span.start == at(26, 18)


def test_over_the_change_of_the_clocks() -> None:
    span = parse_span("27.3.2027 22 Uhr bis 6 Uhr", NOW, BERLIN)
    assert isinstance(span.end, datetime)
    assert span.end.isoformat() == "2027-03-28T06:00:00+02:00"


def test_an_end_before_its_start_is_no_event_of_a_year() -> None:
    with pytest.raises(UserError) as raised:
        parse_span("24.12. bis 20.12.", NOW, BERLIN)
    assert raised.value.code == "end-before-start"


def test_a_number_before_a_german_date_is_no_hour() -> None:
    for text in ("Tag 1 am 1.12.", "Gruppe 2 am Freitag"):
        found = find_spans(text, NOW, BERLIN)[0]
        assert found.before == " ".join(text.split()[:2])
        assert not isinstance(found.span.start, datetime)


def test_the_reading_with_the_most_words_comes_first() -> None:
    found = find_spans("Vorstand Fr 19-21 Uhr im Rathaus", NOW, BERLIN)[0]
    assert (found.before, found.behind) == ("Vorstand", "im Rathaus")
    assert found.span == Span(at(27, 19), at(27, 21))


@pytest.mark.parametrize(
    "text",
    ["2-3 Kuchen", "Sonntag 2-3 Kuchen", "Kapitel 3:1-3:9", "Quatsch", "", "99:99-99:99 Uhr"],
)
def test_what_is_no_date_is_none(text: str) -> None:
    with pytest.raises(UserError):
        parse_span(text, NOW, BERLIN)


def test_a_time_of_day_alone() -> None:
    day = date(2026, 12, 4)
    assert clock_only("19 Uhr", day, BERLIN) == Span(at(4, 19, month=12))
    assert clock_only("19-21 Uhr", day, BERLIN) == Span(at(4, 19, month=12), at(4, 21, month=12))
    assert clock_only("Freitag 19 Uhr", day, BERLIN) is None
    assert clock_only("morgen", day, BERLIN) is None


def test_lengths_alone() -> None:
    assert parse_length("2 Stunden") == timedelta(hours=2)
    assert parse_length("3 Tage") == timedelta(days=3)
    assert parse_length("bald") is None


SAID = """
Fr Freitag 19 21 Uhr bis - \u2013 24.12. 1. 3.5. 1.-3.5. 19-21 12:30 25:99 99 0 um am in im von für
2 Stunden Tage Woche jede ganztägig morgen heute pm am half an hour Mai 2027 99999999 9:99-9:99
31.02. 29.2. to until ein halbe anderthalb Minuten lang der Rathaus , . : ( )
"""
WORDS = st.sampled_from(SAID.split())


@unhurried
@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=60))
def test_whatever_is_written_is_read_or_refused_in_words(text: str) -> None:
    for read in (
        lambda: parse_span(text, NOW, BERLIN),
        lambda: find_spans(text, NOW, BERLIN),
        lambda: clock_only(text, date(2026, 12, 4), BERLIN),
    ):
        try:
            read()
        except UserError as error:
            assert error.code  # noqa: PT017 - either outcome is fine


def test_long_texts_end_in_a_moment() -> None:
    for text in ("1. bis " * 5000, "19-" * 5000, "ein " * 5000, "2 Stunden " * 2000, "9" * 50_000):
        assert isinstance(find_spans(text, NOW, BERLIN), list)
