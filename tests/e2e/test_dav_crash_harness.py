"""The account of the calendars' crash run finds what it is there to find."""

from __future__ import annotations

import pytest

from tests.e2e.dav_crash_run import Written, amiss, dav_plan

ADDED = {"change": "added", "title": "a v0."}
CHANGED = {"change": "changed", "title": "a v1."}
DELETED = {"change": "deleted", "title": "a v1."}


@pytest.mark.parametrize(
    ("may_be", "told"),
    [
        ({"a v0."}, [ADDED]),
        ({"a v1."}, [ADDED, CHANGED]),
        ({"a v1."}, [{"change": "added", "title": "a v1."}]),
        ({None}, [ADDED, DELETED]),
        ({None}, []),
        ({None, "a v0."}, []),
        ({None, "a v0."}, [ADDED]),
    ],
)
def test_what_was_told_once_is_well(may_be: set[str | None], told: list[dict[str, str]]) -> None:
    assert amiss("a", Written("/a", may_be=may_be), told) == []


@pytest.mark.parametrize(
    ("may_be", "told"),
    [
        ({"a v0."}, []),  # never told
        ({"a v0."}, [ADDED, ADDED]),  # told twice
        ({"a v1."}, [ADDED]),  # the change was not told
        ({"a v1."}, [ADDED, CHANGED, CHANGED]),
        ({"a v1."}, [CHANGED]),
        ({None}, [ADDED]),  # its end was not told
        ({None}, [ADDED, DELETED, DELETED]),
        ({"a v1."}, [ADDED, CHANGED, DELETED]),  # told of an end that was none
    ],
)
def test_what_is_lost_or_doubled_is_found(
    may_be: set[str | None], told: list[dict[str, str]]
) -> None:
    assert amiss("a", Written("/a", may_be=may_be), told)


def test_a_seed_repeats_its_plan() -> None:
    assert dav_plan(7, 20) == dav_plan(7, 20) != dav_plan(8, 20)
    victims = [(step.bot, step.dav) for step in dav_plan(7, 20)]
    assert victims.count((True, True)) == 4
    assert victims.count((True, False)) == victims.count((False, True)) == 8
