"""When a series goes on, in Berlin. Clocks go forward on 28 March 2027, back on 31 October."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.processor import at_most
from wecreate_module.domain.dates import full_rule, parse_recurrence
from wecreate_module.domain.errors import UserError
from wecreate_module.services.recurrence import check_rule, first_due, next_due

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def shown(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(BERLIN).isoformat(timespec="minutes")
    return value.isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jede Woche", "2026-11-25"),
        ("täglich", "2026-11-25"),
        ("täglich um 8", "2026-11-26T08:00+01:00"),
        ("täglich um 18 Uhr", "2026-11-25T18:00+01:00"),
        ("jeden Mittwoch", "2026-11-25"),
        ("jeden Freitag", "2026-11-27"),
        ("jeden Freitag um 11", "2026-11-27T11:00+01:00"),
        ("jeden 1. Montag im Monat", "2026-12-07"),
        ("letzter Donnerstag im Monat 19 Uhr", "2026-11-26T19:00+01:00"),
        ("jeden 15.", "2026-12-15"),
        ("jeden letzten Tag im Monat", "2026-11-30"),
        ("jeden 24. Dezember", "2026-12-24"),
        ("werktags um 8", "2026-11-26T08:00+01:00"),
        ("jede Woche ab 1.12.", "2026-12-01"),
        ("jeden Freitag ab 1.12.", "2026-12-04"),
        ("jeden 31.", "2026-12-31"),
    ],
)
def test_a_series_starts_with_the_first_date_to_come(text: str, expected: str) -> None:
    assert shown(first_due(parse_recurrence(text, NOW, BERLIN), NOW, BERLIN)) == expected


D = date
SERIES = [
    ("FREQ=DAILY", D(2026, 11, 25), ["2026-11-26", "2026-11-27"]),
    ("FREQ=WEEKLY", D(2026, 11, 27), ["2026-12-04", "2026-12-11"]),
    ("FREQ=WEEKLY;INTERVAL=2", D(2026, 11, 27), ["2026-12-11", "2026-12-25"]),
    ("FREQ=WEEKLY;BYDAY=MO,TH", D(2026, 11, 26), ["2026-11-30", "2026-12-03"]),
    ("FREQ=WEEKLY;BYDAY=FR", D(2026, 11, 28), ["2026-12-04", "2026-12-11"]),
    ("FREQ=MONTHLY;BYDAY=1MO", D(2026, 12, 7), ["2027-01-04", "2027-02-01"]),
    ("FREQ=MONTHLY;BYDAY=-1TH", D(2026, 11, 26), ["2026-12-31", "2027-01-28"]),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", D(2026, 12, 31), ["2027-01-31", "2027-02-28", "2027-03-31"]),
    (
        "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
        D(2027, 1, 30),
        ["2027-02-28", "2027-03-30", "2027-04-30"],
    ),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", D(2028, 2, 29), ["2029-02-28", "2030-02-28"]),
    ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", D(2026, 12, 24), ["2027-12-24"]),
    (
        "FREQ=WEEKLY",
        datetime(2027, 3, 21, 18, tzinfo=BERLIN),
        ["2027-03-28T18:00+02:00", "2027-04-04T18:00+02:00"],
    ),
    (
        "FREQ=DAILY",
        datetime(2027, 3, 27, 2, 30, tzinfo=BERLIN),
        ["2027-03-28T03:30+02:00"],
    ),
    (
        "FREQ=DAILY",
        datetime(2027, 10, 30, 2, 30, tzinfo=BERLIN),
        ["2027-10-31T02:30+02:00", "2027-11-01T02:30+01:00"],
    ),
]


@pytest.mark.parametrize(("rrule", "start", "expected"), SERIES)
def test_a_series_goes_on(rrule: str, start: date | datetime, expected: list[str]) -> None:
    due = start
    for day in expected:
        found = next_due(rrule, due, NOW, BERLIN)
        assert found is not None
        due, rrule = found
        assert shown(due) == day


def test_what_was_missed_is_left_out() -> None:
    found = next_due("FREQ=WEEKLY;BYDAY=MO", date(2026, 10, 5), NOW, BERLIN)
    assert found is not None
    assert found[0] == date(2026, 11, 30)


def test_what_is_finished_early_goes_on_after_its_date() -> None:
    found = next_due("FREQ=WEEKLY", date(2027, 2, 1), NOW, BERLIN)
    assert found is not None
    assert found[0] == date(2027, 2, 8)


def test_a_count_counts_down_what_was_missed_as_well() -> None:
    found = next_due("FREQ=WEEKLY;COUNT=5", date(2026, 11, 11), NOW, BERLIN)
    assert found == (date(2026, 12, 2), "FREQ=WEEKLY;COUNT=2")
    assert next_due("FREQ=WEEKLY;COUNT=1", date(2026, 11, 27), NOW, BERLIN) is None
    assert next_due("FREQ=WEEKLY;COUNT=2", date(2026, 10, 1), NOW, BERLIN) is None


def test_a_series_ends_with_its_last_day() -> None:
    rule = "FREQ=WEEKLY;UNTIL=20261204"
    found = next_due(rule, date(2026, 11, 27), NOW, BERLIN)
    assert found == (date(2026, 12, 4), rule)
    assert next_due(rule, date(2026, 12, 4), NOW, BERLIN) is None


def test_the_last_instant_belongs_to_a_timed_series() -> None:
    rule = "FREQ=WEEKLY;UNTIL=20261204T170000Z"  # 18:00 in Berlin
    found = next_due(rule, datetime(2026, 11, 27, 18, tzinfo=BERLIN), NOW, BERLIN)
    assert found is not None
    assert shown(found[0]) == "2026-12-04T18:00+01:00"
    assert next_due(rule, found[0], NOW, BERLIN) is None


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=99999999",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=DAILY;BYSECOND=1,2,3",
        "FREQ=DAILY;BYDAY=XX",
        "BYDAY=MO",
        "",
        "quatsch",
        "FREQ=WEEKLY;UNTIL=quatsch",
    ],
)
def test_rules_beyond_reason_are_refused_at_once(rrule: str) -> None:
    with at_most(0.5), pytest.raises(UserError) as refused:
        next_due(rrule, date(2026, 11, 25), NOW, BERLIN)
    assert refused.value.code == "recurrence-unsupported"


@settings(max_examples=200)
@given(
    text=st.sampled_from(
        [
            "jede Woche",
            "jeden Monat",
            "jedes Jahr",
            "alle 3 Tage",
            "jeden 1. Montag im Monat",
            "werktags um 8",
            "jeden letzten Tag im Monat",
            "alle 2 Wochen freitags um 19 Uhr",
        ]
    ),
    now=st.datetimes(datetime(2024, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
)
def test_the_next_date_is_always_later_and_still_to_come(text: str, now: datetime) -> None:
    recurrence = parse_recurrence(text, now, BERLIN)
    due = first_due(recurrence, now, BERLIN)
    rrule = full_rule(recurrence, due, BERLIN)
    check_rule(rrule)
    for _ in range(3):
        found = next_due(rrule, due, now, BERLIN)
        assert found is not None
        later, rrule = found
        if isinstance(later, datetime) and isinstance(due, datetime):
            assert later > max(due, now)
        else:
            assert not isinstance(later, datetime)
            assert later > due
            assert later > now.astimezone(BERLIN).date()
        due = later
