"""Rules against dateutil's expansion, and what hostile ones cost."""

# ruff: noqa: DTZ001 - clocks on the wall have no zone

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.processor import at_most
from wecreate_module.domain.dates.rules import DAY_CODES
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.series import read_rule, walls

unhurried = settings(deadline=None, max_examples=200)


def some(values: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


@st.composite
def rules(draw: st.DrawFn) -> str:  # noqa: C901 - one branch for each part of a rule
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 6))}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={draw(some(st.integers(1, 12)))}")
    which = draw(st.sampled_from(["", "", "days", "nth", "dates", "year days", "weeks"]))
    by_day = draw(st.lists(st.sampled_from(DAY_CODES), min_size=1, max_size=3, unique=True))
    if which == "days":
        parts.append(f"BYDAY={','.join(by_day)}")
    if which == "nth" and freq in {"MONTHLY", "YEARLY"}:
        places = [draw(st.sampled_from([-2, -1, 1, 2, 3, 5])) for _ in by_day]
        parts.append(
            "BYDAY=" + ",".join(f"{n}{day}" for n, day in zip(places, by_day, strict=True))
        )
    if which == "dates" and freq != "WEEKLY":
        dates = st.sampled_from([1, 2, 15, 28, 29, 30, 31, -1, -2, -31])
        parts.append(f"BYMONTHDAY={draw(some(dates))}")
    if which == "year days" and freq == "YEARLY":
        parts.append(f"BYYEARDAY={draw(some(st.sampled_from([1, 60, 200, 365, 366, -1, -366])))}")
    if which == "weeks" and freq == "YEARLY":
        parts.append(f"BYWEEKNO={draw(some(st.sampled_from([1, 2, 20, 52, 53, -1, -52])))}")
    if which and len(parts) > 2 and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from(['1', '-1', '2', '1,-1']))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(DAY_CODES))}")
    if draw(st.booleans()):
        parts.append(f"BYHOUR={draw(some(st.integers(0, 23)))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 40))}")
    return ";".join(parts)


@unhurried
@given(rules(), st.integers(0, 3000), st.integers(-20, 2000))
def test_expansion_is_the_same_as_dateutils(rule: str, start_day: int, ahead: int) -> None:
    start = datetime(2022, 1, 1, 18, 30) + timedelta(days=start_day)
    begin = start + timedelta(days=ahead)
    end = begin + timedelta(days=500)
    every = rrulestr(rule, dtstart=start)
    # The first counts although no rule has it: there dateutil counts otherwise.
    assume("COUNT" not in rule or every.after(start, inc=True) == start)
    expected = {at for at in takewhile(lambda each: each < end, every) if at >= begin}
    if begin <= start < end:
        expected.add(start)
    assert list(walls(read_rule(rule), start, begin, end)) == sorted(expected)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=5",
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=99999999999999999999",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;BYDAY=",
        "FREQ=YEARLY;BYEASTER=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYMONTH=1" + ",1" * 500,
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5;BYMINUTE=0,1,2,3,4,5;BYSECOND=0,1,2,3,4,5",
        "COUNT=5",
        "",
        "FREQ=DAILY;BYHOUR=\u0663",
    ],
)
def test_a_rule_that_makes_no_sense_or_is_too_fast_is_refused(rule: str) -> None:
    if rule == "FREQ=DAILY;BYDAY=":
        assert read_rule(rule).days == ()
        return
    with pytest.raises(UserError) as refused:
        read_rule(rule)
    assert refused.value.code == "recurrence-unsupported"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2",
        "FREQ=DAILY;INTERVAL=100000",
        "FREQ=YEARLY;INTERVAL=100000",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3,4,5,6,7,8,9",
        "FREQ=DAILY;COUNT=1000000",
        "FREQ=WEEKLY;BYSETPOS=366",
    ],
)
def test_a_hostile_rule_ends_in_a_moment(rule: str) -> None:
    start = datetime(2026, 1, 1, 18)
    with at_most(20):
        count = sum(1 for _ in walls(read_rule(rule), start, start, datetime(9990, 1, 1)))
    assert count <= 100 * 20_000 + 1


def test_a_window_far_ahead_costs_no_more_than_a_near_one() -> None:
    start = datetime(1970, 1, 1, 18)
    with at_most(10):
        for year in range(3000, 3100):
            window = datetime(year, 1, 1), datetime(year, 2, 1)
            assert len(list(walls(read_rule("FREQ=DAILY"), start, *window))) == 31


def test_the_end_of_time_is_no_error() -> None:
    start = datetime(9980, 12, 31)
    found = list(walls(read_rule("FREQ=YEARLY"), start, start, datetime(9999, 12, 31)))
    assert found[-1].year == 9990
