"""What the pump knows of the rooms it sends to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from bots.kit.client import Homeserver
from bots.kit.pump import intake
from bots.kit.pump.views import RoomViews
from wecreate_module.storage.store import Store

BOT, ANNA, ROOM = "@wecreate:test", "@anna:test", "!room"
Json = dict[str, Any]


def member(user_id: str, membership: str) -> Json:
    return {
        "type": "m.room.member",
        "state_key": user_id,
        "sender": BOT,
        "content": {"membership": membership},
        "event_id": f"${user_id}{membership}",
    }


CREATE = {
    "type": "m.room.create",
    "state_key": "",
    "sender": BOT,
    "content": {"room_version": "12"},
    "event_id": "$create",
}


def rule(kind: str, content: Json) -> Json:
    return {
        "type": kind, "state_key": "", "sender": BOT, "content": content, "event_id": f"${kind}",
    }  # fmt: skip


POWER = rule("m.room.power_levels", {"users": {ANNA: 50}})
ENCRYPTION = rule("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})


class FakeHomeserver:
    """Its state is as of the question; other things may happen before the answer arrives."""

    def __init__(self, state: list[Json], meanwhile: Callable[[], None]) -> None:
        self.state = state
        self.meanwhile = meanwhile

    async def get_state(self, room_id: str) -> list[Json]:
        assert room_id == ROOM
        self.meanwhile()
        return self.state


def views(store: Store, meanwhile: Callable[[], None]) -> RoomViews:
    state = [CREATE, POWER, ENCRYPTION, member(BOT, "join"), member(ANNA, "invite")]
    return RoomViews(store, cast("Homeserver", FakeHomeserver(state, meanwhile)), BOT)


def membership(store: Store, user_id: str) -> str | None:
    with store.read(datetime.now(UTC)) as uow:
        found = uow.rooms.member(ROOM, user_id)
    return found.membership if found else None


async def test_a_room_that_no_sync_has_told_of_is_asked_for(store: Store) -> None:
    view = await views(store, lambda: None).get(ROOM)
    assert view.readers == {BOT, ANNA}
    assert membership(store, ANNA) == "invite"


def told(store: Store, state: list[Json]) -> None:
    """A sync brings a room's state."""
    part = {"state": {"events": state}, "timeline": {"events": []}}
    response = {"next_batch": "s1", "rooms": {"join": {ROOM: part}}}
    with store.begin(datetime.now(UTC)) as uow:
        intake.note(uow, response, bot=BOT, since="s0", gaps={})


async def test_an_answer_that_a_sync_overtook_changes_nothing(store: Store) -> None:
    def sync() -> None:
        told(store, [CREATE, POWER, ENCRYPTION, member(BOT, "join"), member(ANNA, "join")])

    view = await views(store, sync).get(ROOM)
    assert view.readers == {BOT, ANNA}
    assert membership(store, ANNA) == "join"


async def test_nothing_goes_unencrypted_into_a_room_that_a_sync_saw_half_made(
    store: Store,
) -> None:
    told(store, [CREATE, member(BOT, "join")])
    view = await views(store, lambda: None).get(ROOM)
    assert view.encrypted
    assert view.readers == {BOT, ANNA}
