from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.contract.conftest import NOW, interrupted
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.events import (
    Answer,
    Attendee,
    Event,
    EventStatus,
    Proposal,
    Variant,
    When,
)
from wecreate_module.storage.ical_events import ical_to_event
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 27, 19, tzinfo=BERLIN)
PLAIN = Event(0, "", "Chor", "@anna:x.org", NOW, START, START + timedelta(hours=2))
FULL = replace(
    PLAIN,
    place="Rathaus; Saal 1",
    description="mit Noten\nund Tee",
    rrule="FREQ=WEEKLY;BYDAY=FR",
    added=(datetime(2026, 12, 5, 19, tzinfo=BERLIN),),
    excluded=(datetime(2026, 12, 4, 19, tzinfo=BERLIN),),
    variants=(
        Variant(
            datetime(2026, 12, 11, 19, tzinfo=BERLIN),
            start=datetime(2026, 12, 12, 20, tzinfo=BERLIN),
            end=datetime(2026, 12, 12, 22, tzinfo=BERLIN),
            title="Chor, Generalprobe",
            answers=(Attendee("@ben:x.org", Answer.NO),),
        ),
    ),
    answers=(Attendee("@ben:x.org", Answer.YES), Attendee("@anna:x.org", Answer.MAYBE)),
    reminders=(120, 10),
)
DAYS = replace(PLAIN, start=date(2027, 5, 1), end=date(2027, 5, 4))
POLL = replace(
    PLAIN,
    status=EventStatus.TENTATIVE,
    proposals=(
        Proposal(START, START + timedelta(hours=1), ("@ben:x.org",)),
        Proposal(date(2026, 12, 6), date(2026, 12, 7)),
    ),
)


def add(uow: UnitOfWork, box: Box, event: Event = PLAIN) -> Event:
    number = uow.events.next_number(box.id)
    return uow.events.add(box.id, replace(event, number=number, uid=f"uid-{number}"))


class TestEvents:
    @pytest.mark.parametrize(
        "event", [PLAIN, FULL, DAYS, POLL], ids=["plain", "full", "days", "poll"]
    )
    def test_an_event_comes_back_as_it_was(self, store: Store, box: Box, event: Event) -> None:
        with store.begin(NOW) as uow:
            kept = add(uow, box, event)
        with store.begin(NOW) as uow:
            assert uow.events.get(box.id, 1) == kept
            assert uow.events.get(box.id, 2) is None
            assert uow.events.list(box.id) == [kept]

    @pytest.mark.parametrize(
        "event", [PLAIN, FULL, DAYS, POLL], ids=["plain", "full", "days", "poll"]
    )
    def test_its_text_says_the_same(self, store: Store, box: Box, event: Event) -> None:
        with store.begin(NOW) as uow:
            kept = add(uow, box, event)
            text = uow.events.ical(box.id, 1)
        assert text is not None
        assert text.startswith("BEGIN:VCALENDAR")
        found = ical_to_event(text, number=1, zone=BERLIN)
        assert replace(found, created_at=kept.created_at, revision=kept.revision) == kept

    def test_numbers_are_events_own_and_never_used_again(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.tasks.next_number(box.id)
            event = add(uow, box)
            uow.events.delete(box.id, event.number)
        with store.begin(NOW) as uow:
            assert event.number == 1
            assert uow.events.next_number(box.id) == 2

    def test_each_write_counts_the_revision_up_and_is_in_the_journal(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            event = add(uow, box)
            changed = uow.events.update(box.id, replace(event, title="Probe"), "@ben:x.org")
            uow.events.delete(box.id, event.number, "@cem:x.org")
            found = uow.journal.of_box(box.id)
        assert changed.revision == event.revision + 1
        assert [each.kind for each in found] == ["event.added", "event.changed", "event.deleted"]
        assert found[1].data == {"title": "Probe"}
        assert found[1].actor == "@ben:x.org"

    def test_an_update_of_nothing_is_an_error(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow, pytest.raises(KeyError):
            uow.events.update(box.id, replace(PLAIN, number=7))

    def test_what_was_rolled_back_is_not_there(self, store: Store, box: Box) -> None:
        with interrupted(store.begin(NOW)) as uow:
            add(uow, box)
        with store.begin(NOW) as uow:
            assert uow.events.list(box.id) == []

    def test_lists_are_by_status(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            one, two, poll = add(uow, box), add(uow, box), add(uow, box, POLL)
            gone = uow.events.update(box.id, replace(two, status=EventStatus.CANCELLED))
            assert uow.events.list(box.id) == [one, poll]
            assert uow.events.list(box.id, (EventStatus.CANCELLED,)) == [gone]

    @pytest.mark.parametrize(
        ("begin", "end", "numbers"),
        [
            (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC), []),
            (datetime(2026, 11, 27, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC), [1, 2, 3]),
            (datetime(2026, 12, 20, tzinfo=UTC), datetime(2026, 12, 21, tzinfo=UTC), [2]),
            (datetime(2027, 1, 5, tzinfo=UTC), datetime(2027, 1, 6, tzinfo=UTC), [2, 4]),
            (datetime(2099, 1, 1, tzinfo=UTC), datetime(2099, 2, 1, tzinfo=UTC), [2]),
        ],
    )
    def test_a_time_range_is_narrowed_down_in_the_database(
        self, store: Store, box: Box, begin: datetime, end: datetime, numbers: list[int]
    ) -> None:
        ending = replace(PLAIN, rrule="FREQ=WEEKLY;UNTIL=20261204T225959Z")
        far = moved(PLAIN, datetime(2027, 1, 5, 10, tzinfo=BERLIN))
        with store.begin(NOW) as uow:
            for event in (PLAIN, replace(PLAIN, rrule="FREQ=DAILY"), ending, far):
                add(uow, box, event)
            assert [each.number for each in uow.events.between(box.id, begin, end)] == numbers

    def test_a_date_moved_before_the_start_is_found_there(self, store: Store, box: Box) -> None:
        early = datetime(2026, 11, 20, 19, tzinfo=BERLIN)
        variant = Variant(START, start=early, end=early + timedelta(hours=1))
        with store.begin(NOW) as uow:
            add(uow, box, replace(PLAIN, rrule="FREQ=WEEKLY", variants=(variant,)))
            day = timedelta(days=1)
            assert uow.events.between(box.id, early - day, early + day)

    def test_events_of_another_box_are_not_seen(self, store: Store, box: Box) -> None:
        other = replace(box, id="box2", room_id="!other:x")
        with store.begin(NOW) as uow:
            uow.boxes.add(other)
            add(uow, box)
            assert uow.events.list(other.id) == []
            assert uow.events.get(other.id, 1) is None

    def test_titles_do_not_lie_in_the_open(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            add(uow, box, FULL)
            rows = uow._connection.exec_driver_sql("SELECT * FROM objects").all()
        seen = b" ".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for row in rows
            for value in row
        )
        assert b"Chor" not in seen
        assert b"Rathaus" not in seen


def moved(event: Event, start: When) -> Event:
    assert isinstance(start, datetime)
    return replace(event, start=start, end=start + timedelta(hours=1))
