"""A Box that goes by another time zone: what was planned follows it."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.dav import vevent, vtodo
from tests.unit.calendar.conftest import Chat
from tests.unit.chat import ANNA
from wecreate_module.services import boxes, outside, tasks
from wecreate_module.services.outside import Written
from wecreate_module.services.tasks import NewTask
from wecreate_module.storage.calendar_objects import Kind


def go_by(chat: Chat, timezone: str) -> None:
    with chat.store.begin(chat.now) as uow:
        boxes.set_timezone(uow, chat.box, timezone, ANNA)


def planned(chat: Chat) -> list[tuple[str, str]]:
    """Which reminders are ahead, by kind and instant."""
    with chat.store.read(chat.now) as uow:
        found = uow.schedule.due(datetime(2028, 1, 1, tzinfo=UTC), 50)
    return sorted(
        (item.kind, f"{item.due_at:%d.%m. %H:%M}") for item in found if "remind" in item.kind
    )


def from_program(chat: Chat, kind: Kind, body: bytes) -> None:
    with chat.store.begin(chat.now) as uow:
        outside.put(uow, chat.box, kind, "a", Written("one", body.decode()), actor=ANNA)
        uow.outside_changes.take(chat.box.id)
        uow.schedule.cancel(chat.box.id, outside.TELL)


def test_whole_days_are_reminded_of_by_the_new_clock(chat: Chat) -> None:
    chat.ask("!termin Zeltlager 1.-3.5.2027")
    with chat.store.begin(chat.now) as uow:
        due = datetime(2026, 12, 4).date()  # noqa: DTZ001 - a day
        tasks.add_task(uow, chat.box, NewTask("Zelt", due=due), actor=ANNA)
    assert planned(chat) == [("calendar.remind", "30.04. 16:00"), ("tasks.remind", "04.12. 07:00")]
    go_by(chat, "America/New_York")
    assert planned(chat) == [("calendar.remind", "30.04. 22:00"), ("tasks.remind", "04.12. 13:00")]


def test_a_time_with_its_own_zone_stays(chat: Chat) -> None:
    chat.ask("!termin Grillen 4.12. 18 Uhr")
    before = planned(chat)
    go_by(chat, "America/New_York")
    assert planned(chat) == before
    found = chat.event(1)
    assert found is not None
    assert found.start == datetime(2026, 12, 4, 17, tzinfo=UTC)


def test_a_floating_time_is_that_hour_at_the_new_place(chat: Chat) -> None:
    body = vevent().replace(b"20261201T180000Z", b"20261201T180000")
    from_program(chat, Kind.EVENT, body.replace(b"20261201T190000Z", b"20261201T190000"))
    assert planned(chat) == [
        ("calendar.remind", "01.12. 16:00"),
        ("calendar.remind", "30.11. 17:00"),
    ]
    go_by(chat, "America/New_York")
    found = chat.event(1)
    assert found is not None
    assert found.start == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert planned(chat) == [
        ("calendar.remind", "01.12. 22:00"),
        ("calendar.remind", "30.11. 23:00"),
    ]
    with chat.store.read(chat.now) as uow:
        text = uow.events.ical(chat.box.id, 1)
    assert text is not None
    assert "DTSTART:20261201T180000\r\n" in text


def test_a_floating_task_is_due_at_that_hour_at_the_new_place(chat: Chat) -> None:
    from_program(chat, Kind.TASK, vtodo(more="DUE:20261201T180000\n"))
    go_by(chat, "America/New_York")
    with chat.store.read(chat.now) as uow:
        task = uow.tasks.get(chat.box.id, 1)
    assert task is not None
    assert task.due == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert planned(chat) == [("tasks.remind", "01.12. 13:00"), ("tasks.remind", "01.12. 23:00")]


def test_the_card_shows_the_new_clock(chat: Chat) -> None:
    card = chat.ask("!termin Grillen 4.12. 18 Uhr")
    go_by(chat, "America/New_York")
    (edit,) = [each for each in chat.wait(seconds=5) if each.edits == card.event_id]
    assert "12:00" in str(edit.content["m.new_content"]["body"])
