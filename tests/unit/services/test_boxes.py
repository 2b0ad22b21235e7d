from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.matrix import ABOVE_ALL
from wecreate_module.domain.tasks import Task
from wecreate_module.services import boxes, people
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOT, ANNA, BEN = "@wecreate:w.example", "@anna:w.example", "@ben:w.example"
LEVELS = {"users": {ANNA: 100, BOT: 50}, "state_default": 50, "invite": 50}
ROOM = Room("!r", encrypted=True, join_rule="invite", power_levels=LEVELS, creator=ANNA)


@pytest.fixture
def uow(store: Store) -> Iterator[UnitOfWork]:
    with store.begin(NOW) as unit:
        yield unit


@pytest.fixture
def box(uow: UnitOfWork) -> Box:
    uow.rooms.save(ROOM)
    return found(uow)


def found(uow: UnitOfWork, room_id: str = "!r") -> Box:
    return boxes.found(
        uow,
        room_id=room_id,
        name="Sommerfest",
        founder=ANNA,
        language="de",
        timezone="Europe/Berlin",
    )


def test_a_box_is_founded_once_for_each_room(uow: UnitOfWork, box: Box) -> None:
    assert found(uow) == box
    assert uow.boxes.all() == [box]
    assert [entry.kind for entry in uow.journal.of_box(box.id)] == ["box.created"]


def test_changes_are_kept_and_stand_in_the_journal(uow: UnitOfWork, box: Box) -> None:
    box = boxes.rename(uow, box, " Winter\nfest ", ANNA)
    box = boxes.set_language(uow, box, "en", ANNA)
    box = boxes.set_timezone(uow, box, "Europe/Lisbon", BEN)
    kept = uow.boxes.get(box.id)
    assert kept is not None
    assert (kept.name, kept.language, kept.timezone) == ("Winter fest", "en", "Europe/Lisbon")
    last = uow.journal.of_box(box.id)[-1]
    assert (last.kind, last.actor, last.data) == (
        "box.timezone",
        BEN,
        {"timezone": "Europe/Lisbon"},
    )


def test_an_archived_box_is_only_reopened(uow: UnitOfWork, box: Box) -> None:
    archived = boxes.archive(uow, box, ANNA)
    assert archived.state is BoxState.ARCHIVED
    with pytest.raises(UserError, match="archived"):
        boxes.rename(uow, archived, "Anders", ANNA)
    with pytest.raises(UserError, match="archived already"):
        boxes.archive(uow, archived, ANNA)
    opened = boxes.reopen(uow, archived, ANNA)
    assert opened.state is BoxState.ACTIVE
    with pytest.raises(UserError, match="nothing to reopen"):
        boxes.reopen(uow, opened, ANNA)


def test_a_box_is_deleted_only_by_its_name(uow: UnitOfWork, box: Box) -> None:
    with pytest.raises(UserError) as refused:
        boxes.delete(uow, box, "Winterfest")
    assert refused.value.code == "box-name-differs"
    assert uow.boxes.get(box.id)
    boxes.delete(uow, box, " sommerfest")
    assert uow.boxes.get(box.id) is None


def test_a_name_changed_in_a_client_counts(uow: UnitOfWork, box: Box) -> None:
    uow.rooms.save(replace(ROOM, name="Herbstfest"))
    assert boxes.title(uow, box) == "Herbstfest"
    uow.rooms.save(replace(ROOM, name="\u200b"))
    assert boxes.title(uow, box) == "Sommerfest"


def test_the_overview_counts_people_without_the_bot_and_tasks(uow: UnitOfWork, box: Box) -> None:
    for user_id in (BOT, BEN, ANNA):
        uow.rooms.set_member("!r", user_id, "join", None)
    uow.rooms.set_member("!r", "@cem:w.example", "invite", None)
    uow.tasks.add(box.id, Task(uow.tasks.next_number(box.id), "u", "Kuchen", ANNA, NOW))
    seen = boxes.overview(uow, box, BOT)
    assert (seen.members, seen.open_tasks, seen.done_tasks) == ((ANNA, BEN), 1, 0)


def test_an_encrypted_room_by_invitation_may_become_a_box(uow: UnitOfWork) -> None:
    boxes.require_adoptable(uow, ROOM, BOT)
    own = {"version": 1, "bot": BOT}
    boxes.require_adoptable(uow, replace(ROOM, marker=own), BOT)


@pytest.mark.parametrize(
    ("room", "code"),
    [
        (replace(ROOM, encrypted=False), "room-not-encrypted"),
        (replace(ROOM, join_rule="public"), "room-not-private"),
        (replace(ROOM, join_rule="restricted"), "room-not-private"),
        (replace(ROOM, join_rule=None), "room-not-private"),
        (replace(ROOM, direct=True), "box-direct-chat"),
        (replace(ROOM, marker={"version": 1, "bot": "@other:x.example"}), "box-of-another-bot"),
        (replace(ROOM, power_levels={"users": {ANNA: 100}}), "bot-needs-moderator"),
        (replace(ROOM, power_levels={**LEVELS, "state_default": 100}), "bot-needs-admin"),
        (
            replace(ROOM, power_levels={**LEVELS, "events": {"de.wecreate.box": 100}}),
            "bot-needs-admin",
        ),
    ],
)
def test_what_keeps_a_room_from_becoming_a_box_is_named(
    uow: UnitOfWork, room: Room, code: str
) -> None:
    with pytest.raises(UserError) as refused:
        boxes.require_adoptable(uow, room, BOT)
    assert refused.value.code == code


def test_a_box_is_not_adopted_again(uow: UnitOfWork, box: Box) -> None:
    assert box.room_id == ROOM.room_id
    with pytest.raises(UserError) as refused:
        boxes.require_adoptable(uow, ROOM, BOT)
    assert refused.value.code == "box-already"


def test_a_box_follows_an_admin_of_its_old_room_only(uow: UnitOfWork, box: Box) -> None:
    create = {"room_version": "12", "predecessor": {"room_id": "!r"}}
    new = Room("!new", create=create, creator=BEN, encrypted=True)
    assert boxes.power_in(new, BEN) == ABOVE_ALL
    assert boxes.moved_from(uow, new, BEN) is None
    assert boxes.moved_from(uow, new, ANNA) == box


@pytest.mark.parametrize("predecessor", [None, 7, [], {"room_id": 1}, {"room_id": "!unknown"}])
def test_a_room_with_a_senseless_predecessor_follows_no_box(
    uow: UnitOfWork, box: Box, predecessor: object
) -> None:
    assert box.room_id == "!r"
    new = Room("!new", create={"predecessor": predecessor}, creator=ANNA)
    assert boxes.moved_from(uow, new, ANNA) is None


def test_a_moved_box_takes_all_along(uow: UnitOfWork, box: Box) -> None:
    uow.boxes.set_live_message(box.id, "tasks", "$pinned")
    uow.tasks.add(box.id, Task(uow.tasks.next_number(box.id), "u", "Kuchen", ANNA, NOW))
    uow.rooms.save(Room("!new", name="Sommerfest"))
    moved = boxes.move(uow, box, "!new", ANNA)
    assert uow.boxes.by_room("!new") == uow.boxes.get(box.id)
    assert uow.boxes.by_room("!r") is None
    assert [task.title for task in uow.tasks.list(moved.id)] == ["Kuchen"]
    assert uow.boxes.live_message(box.id, "tasks") is None
    assert uow.rooms.scope_of("!new") == box.id
    uow.boxes.delete(box.id)
    assert uow.rooms.get("!r") is not None


def test_inviting_takes_the_power_the_room_asks_for() -> None:
    boxes.require_invite_power(ROOM, 50)
    with pytest.raises(UserError, match="may not invite"):
        boxes.require_invite_power(ROOM, 49)
    boxes.require_bot_may_invite(ROOM, BOT)
    with pytest.raises(UserError, match="I may not invite"):
        boxes.require_bot_may_invite(replace(ROOM, power_levels={"invite": 1}), BOT)


def test_people_keep_what_they_set(uow: UnitOfWork) -> None:
    people.set_language(uow, ANNA, "en")
    people.set_timezone(uow, ANNA, "Europe/Lisbon")
    people.set_digest(uow, ANNA, "07:30")
    kept = uow.people.get(ANNA)
    assert (kept.language, kept.timezone, kept.digest_at) == ("en", "Europe/Lisbon", "07:30")
