"""Events' single times: zones, changes of the clocks, exceptions; against another expansion."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events  # type: ignore[import-untyped]  # ships no types
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from tests.processor import at_most
from tests.unit.domain.test_series import rules
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import (
    Event,
    EventStatus,
    Variant,
    When,
    drop_one,
    from_wall,
    instant,
    move_one,
    wall,
)
from wecreate_module.domain.occurrences import (
    at_day,
    last_end,
    occurrences,
    starting,
    upcoming,
)
from wecreate_module.domain.series import read_rule, walls
from wecreate_module.storage.ical_events import event_to_ical

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
unhurried = settings(deadline=None, max_examples=100)


def event(start: When, end: When | None = None, rrule: str | None = None) -> Event:
    if end is None:
        end = from_wall(wall(start) + timedelta(hours=2), start)
    return Event(1, "uid-1", "Chor", "@anna:x.org", NOW, start, end, rrule=rrule)


def berlin(*parts: int) -> datetime:
    year, month, day, hour, minute = (*parts, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def starts(found: Event, begin: datetime, days: int = 30) -> list[str]:
    every = occurrences(found, begin, begin + timedelta(days=days), BERLIN)
    return [each.start.isoformat() for each in every]


def test_a_series_stays_at_its_hour_when_the_clocks_go_back() -> None:
    series = event(berlin(2026, 10, 23, 19), rrule="FREQ=DAILY")
    assert starts(series, berlin(2026, 10, 24, 0), 3) == [
        "2026-10-24T19:00:00+02:00",
        "2026-10-25T19:00:00+01:00",
        "2026-10-26T19:00:00+01:00",
    ]


def test_a_time_that_the_clocks_skip_is_moved_on_and_back_the_next_day() -> None:
    series = event(berlin(2027, 3, 26, 2, 30), rrule="FREQ=DAILY")
    assert starts(series, berlin(2027, 3, 27, 0), 3) == [
        "2027-03-27T02:30:00+01:00",
        "2027-03-28T03:30:00+02:00",
        "2027-03-29T02:30:00+02:00",
    ]


def test_a_time_that_comes_twice_is_the_first() -> None:
    series = event(berlin(2026, 10, 24, 2, 30), rrule="FREQ=DAILY")
    assert starts(series, berlin(2026, 10, 25, 0), 1) == ["2026-10-25T02:30:00+02:00"]


def test_a_night_ends_at_its_hour_when_the_clocks_change() -> None:
    night = event(berlin(2026, 10, 23, 22), berlin(2026, 10, 24, 6), "FREQ=DAILY")
    found = occurrences(night, berlin(2026, 10, 24, 12), berlin(2026, 10, 25, 12), BERLIN)
    assert found[0].end.isoformat() == "2026-10-25T06:00:00+01:00"


def test_several_zones_in_one_box_each_follow_their_own_clock() -> None:
    # New York changes its clocks a week after Berlin: the distance is five hours for a while.
    there = event(datetime(2026, 10, 20, 13, tzinfo=NEW_YORK), rrule="FREQ=WEEKLY")
    found = occurrences(there, berlin(2026, 10, 19, 0), berlin(2026, 11, 12, 0), BERLIN)
    assert [
        f"{each.start.astimezone(BERLIN):%H}" for each in found if isinstance(each.start, datetime)
    ] == [
        "19",
        "18",
        "19",
        "19",
    ]


def test_over_the_end_of_the_year() -> None:
    series = event(berlin(2026, 12, 30, 23), berlin(2026, 12, 31, 1), "FREQ=DAILY")
    assert len(starts(series, berlin(2026, 12, 31, 0), 2)) == 3
    days = event(date(2026, 12, 28), date(2027, 1, 3), "FREQ=YEARLY")
    assert starts(days, berlin(2027, 1, 1, 0), 1) == ["2026-12-28"]
    assert starts(days, berlin(2028, 1, 1, 0), 1) == ["2027-12-28"]


def test_whole_days_begin_at_midnight_where_one_is() -> None:
    day = event(date(2026, 12, 24), date(2026, 12, 25))
    before = datetime(2026, 12, 23, 22, 30, tzinfo=UTC)
    assert occurrences(day, before, before + timedelta(minutes=15), BERLIN) == []
    assert len(occurrences(day, before, before + timedelta(hours=1), BERLIN)) == 1
    assert len(occurrences(day, before, before + timedelta(hours=1), NEW_YORK)) == 0


def test_29_february_waits_for_its_year() -> None:
    leap = event(date(2028, 2, 29), date(2028, 3, 1), "FREQ=YEARLY")
    found = upcoming(leap, datetime(2029, 1, 1, tzinfo=UTC), BERLIN)
    assert found is not None
    assert found.start == date(2032, 2, 29)


def test_what_fell_out_and_what_moved() -> None:
    series = event(berlin(2026, 11, 27, 19), rrule="FREQ=WEEKLY")
    series = drop_one(series, berlin(2026, 12, 4, 19))
    series = move_one(
        series, berlin(2026, 12, 11, 19), berlin(2026, 12, 12, 20), berlin(2026, 12, 12, 21)
    )
    assert starts(series, berlin(2026, 11, 25, 0)) == [
        "2026-11-27T19:00:00+01:00",
        "2026-12-12T20:00:00+01:00",
        "2026-12-18T19:00:00+01:00",
    ]
    assert at_day(series, date(2026, 12, 12), BERLIN).at == berlin(2026, 12, 11, 19)
    with pytest.raises(UserError, match="is not on"):
        at_day(series, date(2026, 12, 11), BERLIN)


def test_what_moved_far_away_is_found_there_and_nowhere_else() -> None:
    series = event(berlin(2026, 11, 27, 19), rrule="FREQ=WEEKLY;COUNT=3")
    there = berlin(2028, 1, 1, 10)
    series = move_one(series, berlin(2026, 12, 4, 19), there, there + timedelta(hours=1))
    assert starts(series, berlin(2027, 12, 31, 0), 3) == ["2028-01-01T10:00:00+01:00"]
    end = last_end(series)
    assert end is None or end >= there


def test_days_that_fall_out_may_be_named_by_the_day() -> None:
    series = event(berlin(2026, 11, 27, 19), rrule="FREQ=DAILY")
    series = replace(series, excluded=(date(2026, 11, 28),))
    assert starts(series, berlin(2026, 11, 27, 0), 3)[1].startswith("2026-11-29")


def test_the_last_day_of_a_series_counts() -> None:
    instants = event(berlin(2026, 11, 27, 19), rrule="FREQ=DAILY;UNTIL=20261129T180000Z")
    assert len(starts(instants, berlin(2026, 11, 25, 0))) == 3
    days = event(berlin(2026, 11, 27, 19), rrule="FREQ=DAILY;UNTIL=20261129")
    assert len(starts(days, berlin(2026, 11, 25, 0))) == 3


def test_called_off_is_nowhere() -> None:
    series = event(berlin(2026, 11, 27, 19), rrule="FREQ=DAILY")
    assert starts(replace(series, status=EventStatus.CANCELLED), NOW) == []


def test_what_is_on_is_upcoming_but_no_longer_starting() -> None:
    series = event(berlin(2026, 11, 27, 19), rrule="FREQ=DAILY")
    now = berlin(2026, 11, 28, 20)
    on, next_one = upcoming(series, now, BERLIN), starting(series, now, BERLIN)
    assert on is not None
    assert next_one is not None
    assert (wall(on.start).day, wall(next_one.start).day) == (28, 29)


def test_endless_and_hostile_series_cost_a_moment() -> None:
    with at_most(10):
        for rrule in ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;COUNT=1000000"):
            series = event(berlin(1970, 1, 1, 19), rrule=rrule)
            occurrences(series, NOW, NOW + timedelta(days=400), BERLIN)
            upcoming(series, NOW, BERLIN)
    series = event(berlin(2026, 1, 1, 19), rrule="FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10")
    assert len(occurrences(series, NOW, NOW + timedelta(days=4000), BERLIN)) == 1000


ZONES = st.sampled_from([BERLIN, NEW_YORK, ZoneInfo("Asia/Kolkata"), UTC])


@st.composite
def series_of_events(draw: st.DrawFn) -> Event:
    rule = draw(rules())
    start: When
    day = date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 900)))
    if draw(st.booleans()) and "BYHOUR" not in rule:
        start, end = day, day + timedelta(days=draw(st.integers(1, 4)))
        series = event(start, end, rule)
    else:
        minutes = draw(st.integers(0, 24 * 60 - 1))
        local = wall(day) + timedelta(minutes=minutes)
        first = from_wall(local, datetime(2020, 1, 1, tzinfo=draw(ZONES)))
        length = timedelta(minutes=draw(st.integers(1, 3000)))
        series = event(first, from_wall(wall(first) + length, first), rule)
    begin = wall(series.start)
    some_walls = [
        at
        for at, _ in zip(
            walls(read_rule(rule), begin, begin, begin + timedelta(days=400)),
            range(30),
            strict=False,
        )
    ]
    for local in draw(st.lists(st.sampled_from(some_walls), max_size=3, unique=True)):
        at = from_wall(local, series.start)
        if draw(st.booleans()):
            series = drop_one(series, at)
        else:
            later = from_wall(wall(at) + timedelta(days=draw(st.integers(-5, 5)), hours=0), at)
            end = from_wall(wall(later) + series.length, later)
            series = move_one(series, at, later, end)
    return series


@unhurried
@given(series_of_events(), st.integers(-10, 700))
def test_expansion_equals_recurring_ical_events(series: Event, ahead: int) -> None:
    """Seen from UTC, as that library does with whole days."""
    rule = read_rule(series.rrule or "")
    begin_wall = wall(series.start)
    fitting = next(
        walls(
            replace(rule, count=None),
            begin_wall - timedelta(days=1),
            begin_wall,
            begin_wall + timedelta(seconds=1),
        ),
        None,
    )
    if rule.count is not None and fitting is None:
        return  # the first that no rule has: counted differently everywhere
    if series.excluded and "BYHOUR" in (series.rrule or ""):
        return  # that library also drops the hour whose UTC reads like the dropped one's wall
    begin = instant(series.start, UTC) + timedelta(days=ahead)
    end = begin + timedelta(days=120)
    ours = {
        (each.start.astimezone(UTC) if isinstance(each.start, datetime) else each.start)
        for each in occurrences(series, begin, end, UTC, most=5000)
    }
    calendar = Calendar.from_ical(event_to_ical(series, None, NOW))
    theirs = set()
    for part in recurring_ical_events.of(calendar, skip_bad_series=True).between(begin, end):
        at = part["DTSTART"].dt
        theirs.add(at.astimezone(UTC) if isinstance(at, datetime) else at)
    assert ours == theirs


def test_a_variant_without_a_time_of_its_own_stays_where_it_is() -> None:
    at = berlin(2026, 11, 27, 19)
    series = replace(event(at, rrule="FREQ=DAILY"), variants=(Variant(at, title="Probe"),))
    (first, *_) = occurrences(series, NOW, NOW + timedelta(days=6), BERLIN)
    assert (first.title, first.start) == ("Probe", at)


@pytest.mark.parametrize(
    ("rrule", "end"),
    [
        (None, datetime(2026, 11, 27, 20, tzinfo=UTC)),
        ("FREQ=DAILY", None),
        ("FREQ=DAILY;COUNT=3", datetime(2026, 12, 1, 21, tzinfo=UTC)),
        ("FREQ=DAILY;COUNT=1000000", None),
        ("FREQ=DAILY;UNTIL=20261129T180000Z", datetime(2026, 12, 1, 21, tzinfo=UTC)),
    ],
)
def test_the_end_of_all_is_known_or_a_little_late(rrule: str | None, end: datetime | None) -> None:
    assert last_end(event(berlin(2026, 11, 27, 19), rrule=rrule)) == end
