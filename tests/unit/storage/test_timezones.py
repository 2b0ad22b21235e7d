from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical

from wecreate_module.storage.timezones import rules, timezone_component

INSTANTS = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=61 * n) for n in range(290)]
EVERYDAY = [
    "Europe/Berlin",
    "Europe/Lisbon",
    "Europe/Dublin",
    "America/New_York",
    "America/Havana",
    "Australia/Sydney",
    "Asia/Kolkata",
    "Asia/Tokyo",
]


@pytest.mark.parametrize("name", EVERYDAY)
def test_another_program_reads_the_right_clock_from_the_component(name: str) -> None:
    zone = ZoneInfo(name)
    component = timezone_component(name, INSTANTS[0].astimezone(zone))
    assert component is not None
    text = f"BEGIN:VCALENDAR\r\n{component.to_ical().decode()}END:VCALENDAR\r\n"
    read = tzical(io.StringIO(text)).get(name)
    for instant in INSTANTS:
        local = instant.astimezone(zone)
        assert local.replace(tzinfo=read).utcoffset() == local.utcoffset(), instant


def test_a_component_never_says_a_wrong_offset() -> None:
    said = 0
    for name in sorted(available_timezones()):
        found = rules(name)
        for instant in INSTANTS[::29]:
            local = instant.astimezone(ZoneInfo(name))
            if timezone_component(name, local) is not None:
                said += 1
                assert found is not None
                assert found.offset(local) == local.utcoffset(), (name, instant)
    assert said > 5000


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "Europe", "Nowhere/City", "Europe/Bärlin"]
)
def test_a_name_that_is_no_zone_has_no_rules(name: str) -> None:
    assert rules(name) is None


def test_a_change_on_another_day_than_its_rule_has_no_component() -> None:
    assert rules("Africa/Cairo") is None
