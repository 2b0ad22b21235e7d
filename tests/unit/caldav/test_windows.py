"""A short cut through a series finds what going through it finds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridges.caldav.windows import Window, times_of
from wecreate_module.domain.events import Event, When
from wecreate_module.domain.occurrences import occurrences

BERLIN = "Europe/Berlin"
ZONES = ("UTC", BERLIN, "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SECOND = timedelta(seconds=1)

moments = st.builds(
    lambda days, seconds, zone: (
        (
            datetime(2026, 1, 1) + timedelta(days=days, seconds=seconds)  # noqa: DTZ001  given below
        ).replace(tzinfo=ZoneInfo(zone))
    ),
    st.integers(0, 800),
    st.integers(0, 86_399),
    st.sampled_from(ZONES),
)
days = st.integers(0, 800).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
lists_of_days = st.lists(st.sampled_from(DAYS), max_size=4, unique=True).map(",".join)


@st.composite
def rules(draw: st.DrawFn) -> str:
    parts = [f"FREQ={draw(st.sampled_from(('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY')))}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 12))}")
    if chosen := draw(lists_of_days):
        parts.append(f"BYDAY={chosen}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(DAYS))}")
    more = ("", "", "", "COUNT=3", "UNTIL=20260601T000000Z", "BYMONTH=3", "BYSETPOS=1")
    parts.append(draw(st.sampled_from(more)))
    return ";".join(filter(None, parts))


def series(start: When, rule: str | None, length: timedelta, *excluded: When) -> Event:
    end = start + length if isinstance(start, datetime) else start + max(length, timedelta(days=1))
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return Event(1, "u", "x", "@a:b", made, start, end, rrule=rule, excluded=excluded)


@settings(max_examples=600, deadline=None)
@given(
    start=moments | days,
    rule=rules() | st.none(),
    hours=st.integers(0, 100),
    first=st.integers(-100, 1500),
    length=st.integers(1, 24 * 60),
)
def test_a_short_cut_finds_the_same(
    start: When, rule: str | None, hours: int, first: int, length: int
) -> None:
    event = series(start, rule, timedelta(hours=hours))
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=first)
    end = begin + timedelta(hours=length)
    found = occurrences(event, begin, end, ZoneInfo(BERLIN), most=1)
    assert Window(begin, end, BERLIN).happens(times_of(event)) == bool(found)


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR"])
def test_a_plain_series_takes_the_short_cut(rule: str) -> None:
    start = datetime(2026, 1, 1, 19, tzinfo=ZoneInfo(BERLIN))
    assert times_of(series(start, rule, SECOND)).gap is not None
    assert times_of(series(start, rule, SECOND, start)).gap is None


@pytest.mark.parametrize(
    "rule",
    [
        None, "FREQ=WEEKLY;COUNT=9", "FREQ=WEEKLY;UNTIL=20270101T000000Z", "FREQ=MONTHLY",
        "FREQ=YEARLY", "FREQ=DAILY;BYMONTH=1", "FREQ=DAILY;BYDAY=MO", "FREQ=WEEKLY;BYSETPOS=2",
    ],
)  # fmt: skip
def test_other_series_are_gone_through(rule: str | None) -> None:
    start = datetime(2026, 1, 1, 19, tzinfo=ZoneInfo(BERLIN))
    assert times_of(series(start, rule, SECOND)).gap is None
