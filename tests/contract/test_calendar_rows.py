"""Many objects at once, as answers list them: the same as one by one, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.storage.calendar_objects import CalendarObject, Indexed, Kind
from wecreate_module.storage.errors import SealBroken
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import to_microseconds
from wecreate_module.storage.uow import UnitOfWork

HOUR = timedelta(hours=1)
NAMES = ("a", "b", "ü c")


def add(
    uow: UnitOfWork,
    box: Box,
    name: str,
    times: tuple[datetime | None, datetime | None] = (None, None),
    rrule: str | None = None,
) -> CalendarObject:
    number = uow.calendar_objects.next_number(box.id, Kind.EVENT)
    new = Indexed("confirmed", {"title": name}, *times, rrule=rrule)
    return uow.calendar_objects.add(
        box.id, Kind.EVENT, number, (f"uid-{name}", f"{name}.ics"), f"Text {name} ü", new
    )


@pytest.fixture
def objects(store: Store, box: Box) -> list[CalendarObject]:
    with store.begin(NOW) as uow:
        return [add(uow, box, name) for name in NAMES]


def test_all_are_listed_with_their_etags(
    store: Store, box: Box, objects: list[CalendarObject]
) -> None:
    with store.read(NOW) as uow:
        bare = list(uow.calendar_rows.all(box.id, Kind.EVENT, texts=False))
        whole = list(uow.calendar_rows.all(box.id, Kind.EVENT, texts=True))
        texts = [uow.calendar_rows.text(box.id, Kind.EVENT, row).decode() for row in whole]
        assert list(uow.calendar_rows.all(box.id, Kind.TASK, texts=False)) == []
    assert [(row.href, row.etag) for row in bare] == [(one.href, one.etag) for one in objects]
    assert [row.sealed for row in bare] == [b""] * len(objects)
    assert texts == [one.text for one in objects]


def test_names_are_found_however_many_are_asked_for(
    store: Store, box: Box, objects: list[CalendarObject]
) -> None:
    asked = [f"{number}.ics" for number in range(1200)] + [one.href for one in objects]
    with store.read(NOW) as uow:
        found = uow.calendar_rows.named(box.id, Kind.EVENT, asked, texts=False)
        assert {row.href for row in found} == {one.href for one in objects}


def test_changes_come_in_order_and_what_is_gone_beside_them(
    store: Store, box: Box, objects: list[CalendarObject]
) -> None:
    first, second, third = objects
    with store.begin(NOW + HOUR) as uow:
        uow.calendar_objects.rewrite(first, "new", Indexed("confirmed", {}))
        uow.calendar_objects.delete(second)
        uow.calendar_objects.rename(third, "d.ics")
    with store.read(NOW) as uow:
        rows = uow.calendar_rows
        changed = list(rows.changed(box.id, Kind.EVENT, third.revision, texts=False))
        gone = rows.gone(box.id, Kind.EVENT, third.revision)
        assert [(revision, row.href) for revision, row in changed] == [
            (third.revision + 1, "a.ics"),
            (third.revision + 3, "d.ics"),
        ]
        assert sorted(gone) == [
            (third.revision + 2, second.href),
            (third.revision + 3, third.href),
        ]
        top = uow.calendar_objects.top(box.id, Kind.EVENT)
        assert list(rows.changed(box.id, Kind.EVENT, top, texts=True)) == []
        assert rows.gone(box.id, Kind.EVENT, top) == []


def test_a_time_range_finds_what_may_be_on_then(store: Store, box: Box) -> None:
    with store.begin(NOW) as uow:
        add(uow, box, "before", (NOW - 2 * HOUR, NOW - HOUR))
        add(uow, box, "now", (NOW, NOW + HOUR))
        add(uow, box, "endless", (NOW - 9 * HOUR, None), "FREQ=DAILY")
        add(uow, box, "after", (NOW + 3 * HOUR, NOW + 4 * HOUR))
        add(uow, box, "undated")
    with store.read(NOW) as uow:

        def found(start: datetime | None, end: datetime | None) -> set[str]:
            since = None if start is None else to_microseconds(start)
            until = None if end is None else to_microseconds(end)
            rows = uow.calendar_rows.between(box.id, Kind.EVENT, since, until)
            return {one.row.href.removesuffix(".ics") for one in rows}

        assert found(NOW, NOW + HOUR) == {"now", "endless", "undated"}
        assert found(None, NOW) == {"before", "endless", "undated"}
        assert found(NOW + 2 * HOUR, None) == {"endless", "after", "undated"}
        assert found(None, None) == {"before", "now", "endless", "after", "undated"}
        rows = {one.row.href: one for one in uow.calendar_rows.between(box.id, Kind.EVENT, 0, None)}
    assert rows["endless.ics"].repeats
    assert (rows["now.ics"].starts_at, rows["now.ics"].ends_at) == (
        to_microseconds(NOW),
        to_microseconds(NOW + HOUR),
    )
    assert not rows["now.ics"].repeats


def test_summaries_are_opened_for_those_asked_for(
    store: Store, box: Box, objects: list[CalendarObject]
) -> None:
    with store.read(NOW) as uow:
        asked = [objects[0].number, objects[2].number, 99]
        found = sorted(
            uow.calendar_rows.summaries(box.id, Kind.EVENT, asked), key=lambda each: each[0]
        )
    assert found == [
        (one.number, one.revision, {"title": name})
        for one, name in ((objects[0], "a"), (objects[2], "ü c"))
    ]


def test_what_lies_elsewhere_opens_nothing(
    store: Store, box: Box, objects: list[CalendarObject]
) -> None:
    with store.read(NOW) as uow:
        first = next(iter(uow.calendar_rows.all(box.id, Kind.EVENT, texts=True)))
        moved = first._replace(number=objects[1].number)
        with pytest.raises(SealBroken):
            uow.calendar_rows.text(box.id, Kind.EVENT, moved)
