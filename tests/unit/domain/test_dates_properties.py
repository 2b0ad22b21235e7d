"""What holds for every text, every moment and every zone."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.processor import at_most
from wecreate_module.domain.dates import (
    Moment,
    find_moment,
    find_recurrence,
    full_rule,
    parse_moment,
    parse_recurrence,
    rule_parts,
)
from wecreate_module.domain.dates import words as vocabulary
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.errors import UserError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ZONES = st.sampled_from(
    ["Europe/Berlin", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Europe/Lisbon"]
).map(ZoneInfo)
NOWS = st.datetimes(datetime(2024, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy's bounds

SIGNS = """
    heute morgen übermorgen today tomorrow tonight uhr pm am halb viertel ende anfang
    täglich weekly mal x times ab und , . : / ! wochenende monatsende
    24.12. 24.12 1.1.2027 31.02. 18:00 18.30 25:00 2026-12-24 2026-12-24t18:00z
    0 1 2 9 12 31 99 999999 5. 31. 1st 24th 24/12 12/24
"""
KNOWN = sorted(
    {
        *vocabulary.WEEKDAYS,
        *vocabulary.WEEKDAY_PLURALS,
        *vocabulary.MONTHS,
        *vocabulary.NUMBERS,
        *vocabulary.ORDINALS,
        *vocabulary.UNITS,
        *vocabulary.NEXT,
        *vocabulary.THIS,
        *vocabulary.AFTER_NEXT,
        *vocabulary.DAY_PARTS,
        *vocabulary.EVERY,
        *vocabulary.OTHER,
        *vocabulary.DUE,
        *vocabulary.GLUE,
        *vocabulary.HALF,
        *SIGNS.split(),
    }
)
DATEISH = st.lists(st.sampled_from(KNOWN), max_size=12).map(" ".join)
ANY_TEXT = st.one_of(st.text(max_size=80), DATEISH)


def is_sound(moment: Moment, zone: ZoneInfo) -> bool:
    value = moment.value
    if isinstance(value, datetime):
        return value.tzinfo is zone and 1970 <= value.year <= 2201
    return 1970 <= value.year <= 2201


@settings(max_examples=600)
@given(text=ANY_TEXT, now=NOWS, zone=ZONES)
def test_any_text_is_a_sound_date_or_refused_in_words(
    text: str, now: datetime, zone: ZoneInfo
) -> None:
    try:
        found = parse_moment(text, now, zone)
    except UserError:
        return
    assert is_sound(found, zone)


@settings(max_examples=600)
@given(text=ANY_TEXT, now=NOWS, zone=ZONES)
def test_any_sentence_has_a_sound_date_or_none(text: str, now: datetime, zone: ZoneInfo) -> None:
    try:
        found = find_moment(text, now, zone)
    except UserError:
        return
    if found is not None:
        assert is_sound(found[0], zone)
        assert len(found[1]) <= len(text) * 2


@settings(max_examples=600)
@given(text=ANY_TEXT, now=NOWS, zone=ZONES)
def test_any_text_is_a_sound_rule_or_refused_in_words(
    text: str, now: datetime, zone: ZoneInfo
) -> None:
    try:
        found = parse_recurrence(text, now, zone)
    except UserError:
        return
    rrule = full_rule(found, date(2026, 11, 25), zone)
    assert rrulestr(rrule, dtstart=datetime(2026, 11, 25)) is not None  # noqa: DTZ001 - wall time
    parts = rule_parts(rrule)
    assert parts["FREQ"] in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
    assert int(parts.get("INTERVAL", "1")) >= 1


@settings(max_examples=300)
@given(text=ANY_TEXT, now=NOWS, zone=ZONES)
def test_any_sentence_has_a_rule_or_none(text: str, now: datetime, zone: ZoneInfo) -> None:
    try:
        found = find_recurrence(text, now, zone)
    except UserError:
        return
    assert found is None or found[0].rrule.startswith("FREQ=")


FORMATS = [
    "{0:%d.%m.%Y} {0:%H:%M}",
    "{0:%d.%m.%Y}, {0:%H:%M} Uhr",
    "{0:%H:%M} am {0:%d.%m.%Y}",
    "{0:%Y-%m-%d} {0:%H:%M}",
    "{0:%Y-%m-%dT%H:%M:%S%z}",
    "{0:%d/%m/%Y} at {0:%H:%M}",
    "{0:%B} {0:%d}, {0:%Y} {0:%H:%M}",
    "{0:%d} {0:%b} {0:%Y} at {0:%I:%M %p}",
    "{0:%A}, {0:%d}. {0:%B} {0:%Y} um {0:%H}.{0:%M} Uhr",
]


@given(instant=NOWS, now=NOWS, zone=ZONES, pattern=st.sampled_from(FORMATS))
def test_what_was_written_out_is_read_back(
    instant: datetime, now: datetime, zone: ZoneInfo, pattern: str
) -> None:
    local = instant.replace(second=0, microsecond=0).astimezone(zone)
    text = pattern.format(local)
    found = parse_moment(text, now, zone).value
    assert isinstance(found, datetime)
    if "%z" in pattern:
        assert found == local
    assert (found.date(), found.hour, found.minute) == (local.date(), local.hour, local.minute)


@given(day=st.dates(date(1970, 1, 1), date(2199, 12, 31)), now=NOWS, zone=ZONES)
def test_a_day_written_out_is_read_back(day: date, now: datetime, zone: ZoneInfo) -> None:
    for text in (day.isoformat(), f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day.year}"):
        assert parse_moment(text, now, zone).value == day


@given(now=NOWS, zone=ZONES, month=st.integers(1, 12), day=st.integers(1, 28))
def test_a_date_without_a_year_is_the_next_to_come(
    now: datetime, zone: ZoneInfo, month: int, day: int
) -> None:
    today = now.astimezone(zone).date()
    found = parse_moment(f"{day}.{month}.", now, zone).day
    assert today <= found < today + timedelta(days=366)


@given(now=NOWS, zone=ZONES, name=st.sampled_from(sorted(vocabulary.WEEKDAY_NAMES)))
def test_a_weekday_is_within_the_next_seven_days(now: datetime, zone: ZoneInfo, name: str) -> None:
    today = now.astimezone(zone).date()
    found = parse_moment(name, now, zone).day
    assert found.weekday() == vocabulary.WEEKDAY_NAMES[name]
    assert timedelta(0) < found - today <= timedelta(days=7)


@given(now=NOWS, zone=ZONES, hour=st.integers(0, 23))
def test_a_time_alone_is_within_a_day(now: datetime, zone: ZoneInfo, hour: int) -> None:
    found = parse_moment(f"{hour} Uhr", now, zone).value
    assert isinstance(found, datetime)
    assert timedelta(0) < found - now <= timedelta(hours=50)


@pytest.mark.parametrize(
    "hostile",
    [
        "bis " * 2500,
        "jede " * 2000,
        "24.12. " * 1400,
        "." * 10_000,
        "9" * 10_000,
        "9:" * 5_000,
        "in " * 3300,
        "jeden montag und " * 600,
        "am 1. und 2. und " * 600,
        "a'" * 5_000,
        " " * 10_000,
        "ü" * 10_000,
        "u\u0308" * 5_000,
        "2026-12-24T" * 900,
        "next " * 2000 + "friday",
        "so gegen " * 1100,
        "ca." * 3300,
        "in 1,5 " * 1400,
        "\u0661\u0663 ½ " * 1500,
    ],
)
def test_ten_thousand_signs_take_no_time(hostile: str) -> None:
    with at_most(0.5):
        for read in (find_moment, find_recurrence, parse_moment, parse_recurrence):
            with suppress(UserError):
                read(hostile, NOW, BERLIN)


# The clocks in Berlin go forward on 28 March 2027 at 2:00, back on 31 October 2027 at 3:00.
def test_a_time_that_the_clocks_skip_is_moved_on() -> None:
    found = parse_moment("28.3.2027 2:30", NOW, BERLIN).value
    assert isinstance(found, datetime)
    assert found.isoformat() == "2027-03-28T03:30:00+02:00"


def test_a_time_that_comes_twice_is_the_first() -> None:
    found = parse_moment("31.10.2027 2:30", NOW, BERLIN).value
    assert isinstance(found, datetime)
    assert found.isoformat() == "2027-10-31T02:30:00+02:00"


def test_an_hour_from_now_is_an_hour_in_the_night_of_the_change() -> None:
    now = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # 1:30 in Berlin
    found = parse_moment("in einer Stunde", now, BERLIN).value
    assert isinstance(found, datetime)
    assert found.isoformat() == "2027-03-28T03:30:00+02:00"


def test_tomorrow_at_nine_is_nine_after_the_change_as_well() -> None:
    now = datetime(2027, 3, 27, 9, 0, tzinfo=UTC)
    found = parse_moment("morgen um 9", now, BERLIN).value
    assert isinstance(found, datetime)
    assert found.isoformat() == "2027-03-28T09:00:00+02:00"


def test_today_is_the_day_where_the_person_is() -> None:
    late = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert parse_moment("heute", late, BERLIN).value == date(2026, 11, 26)
    assert parse_moment("heute", late, ZoneInfo("America/New_York")).value == date(2026, 11, 25)


@given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)), minutes=st.integers(0, 1440), zone=ZONES)
def test_every_time_of_every_day_exists_in_utc(day: date, minutes: int, zone: ZoneInfo) -> None:
    found = at_time(day, minutes, zone)
    assert found.astimezone(UTC).astimezone(zone) == found
