"""Calendars elsewhere as rows, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.calendar_sync import Common
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.errors import KeyDestroyed
from wecreate_module.storage.external_calendars import ExternalCalendar, ExternalObject, State
from wecreate_module.storage.store import Store

HOUR = timedelta(hours=1)


def calendar(box: Box, **changes: object) -> ExternalCalendar:
    made = ExternalCalendar(
        box.id,
        Kind.EVENT,
        "first",
        State.TIED,
        NOW + HOUR,
        "https://cloud.example.org/dav/",
        "anna",
        "secret",
        "@anna:x.org",
        "!direct:x.org",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # its own fields


def test_a_calendar_comes_back_as_it_was_put(store: Store, box: Box) -> None:
    full = calendar(
        box,
        name="Verein",
        found=(("https://a", "A"), ("https://b", "B")),
        unreadable={"/x": '"1"'},
        conflicts={"copy": "uid"},
        stopped=3,
        told="login",
    )
    with store.begin(NOW) as uow:
        uow.external_calendars.put(calendar(box))
        uow.external_calendars.put(full)
    with store.read(NOW) as uow:
        assert uow.external_calendars.get(box.id, Kind.EVENT) == full
        assert uow.external_calendars.get(box.id, Kind.TASK) is None
        assert uow.external_calendars.of_box(box.id) == [full]


def test_it_is_time_to_look_there_when_the_time_has_come_or_something_has_changed_here(
    store: Store, box: Box
) -> None:
    with store.begin(NOW) as uow:
        revision = uow.boxes.bump(box.id)
        uow.external_calendars.put(calendar(box, seen_revision=revision))
        assert uow.external_calendars.due(NOW) == []
        assert uow.external_calendars.due(NOW + HOUR) == [(box.id, Kind.EVENT)]
        uow.boxes.bump(box.id)
        assert uow.external_calendars.due(NOW) == [(box.id, Kind.EVENT)]
        uow.external_calendars.seen(box.id, Kind.EVENT, revision + 1)
        assert uow.external_calendars.due(NOW) == []
        uow.external_calendars.put(calendar(box, seen_revision=-1))
        assert uow.external_calendars.due(NOW) == []


def test_what_both_have_is_kept_by_uid_and_goes_with_the_calendar(store: Store, box: Box) -> None:
    known = ExternalObject("a", "/dav/a.ics", Common('"1"', '"x"', "digest"))
    with store.begin(NOW) as uow:
        uow.external_calendars.put(calendar(box))
        uow.external_calendars.put_object(box.id, Kind.EVENT, known)
        uow.external_calendars.put_object(box.id, Kind.EVENT, replace(known, uid="b"))
        uow.external_calendars.put_object(box.id, Kind.EVENT, replace(known, refused='"2"'))
        uow.external_calendars.drop_object(box.id, Kind.EVENT, "b")
        found = uow.external_calendars.objects(box.id, Kind.EVENT)
        assert found == {"a": replace(known, refused='"2"')}
        uow.external_calendars.drop(box.id, Kind.EVENT)
        assert uow.external_calendars.objects(box.id, Kind.EVENT) == {}
        assert uow.external_calendars.of_box(box.id) == []


def test_they_are_sealed_with_the_boxs_key(store: Store, box: Box) -> None:
    with store.begin(NOW) as uow:
        uow.external_calendars.put(calendar(box))
    store.keys.destroy(box.id)
    with store.read(NOW) as uow, pytest.raises(KeyDestroyed):
        uow.external_calendars.get(box.id, Kind.EVENT)


def test_they_go_with_the_box(store: Store, box: Box) -> None:
    with store.begin(NOW) as uow:
        uow.external_calendars.put(calendar(box))
        uow.boxes.delete(box.id)
        assert uow.external_calendars.due(NOW + HOUR) == []
        assert uow.external_calendars.of_box(box.id) == []
