"""A marketplace: people in direct chats, and the rooms that a homeserver would make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bots.kit.incoming import Incoming
from tests.unit.chat import ANNA, BEN, BOT, DIRECT, NOW, BotChat, Json, words
from wecreate_module.domain.effects import CreateRoom, Effect, Invite, Send
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.domain.matrix import BOX
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.rooms import Room

__all__ = [
    "ANNA",
    "BEN",
    "BENS",
    "BOT",
    "DIRECT",
    "EVE",
    "EVES",
    "NOW",
    "Chat",
    "Json",
    "put",
]

EVE = "@eve:y.example"
BENS, EVES = "!bens", "!eves"


@dataclass(repr=False)
class Chat(BotChat):
    here: str = DIRECT

    def say(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> Json:
        """The last message it leads to here; {} when there is none."""
        return self.handle(self.incoming(words(text), sender, room_id))

    def thumb(self, room_id: str, sender: str, card: str = "$card") -> str:
        """A 👍 below the card; its event id."""
        event_id = self.new_id()
        pressed = Incoming.pressed(
            room_id=room_id,
            event_id=event_id,
            sender=sender,
            command="!unterstützen",
            message_id=card,
        )
        self.handle(pressed)
        return event_id

    def take_back(self, room_id: str, event_id: str, sender: str) -> None:
        self.redact(event_id, sender, room_id)

    def handle(self, incoming: Incoming) -> Json:
        here = [
            message.content
            for message in self.receive(incoming)
            if message.room_id == incoming.room_id and message.edits is None
        ]
        return here[-1] if here else {}

    def press(self, room_id: str, emoji: str, sender: str) -> Json:
        """A button below the last message in a room that has it."""
        message = next(
            each
            for each in reversed(self.messages)
            if each.room_id == room_id and emoji in each.buttons
        )
        here = [each for each in self.click(message, emoji, sender) if each.room_id == room_id]
        return next((each.content for each in reversed(here) if each.edits is None), {})

    def carry_out(self, effect: Effect) -> Json:
        match effect:
            case CreateRoom(body=body):
                room_id = f"!made{self.count}:w.example"
                self.make_room(room_id, body)
                return {"room_id": room_id}
            case Invite(room_id=room_id, users=users):
                with self.store.begin(self.now) as uow:
                    for who in users:
                        uow.rooms.set_member(room_id, who, "invite", None)
                return {"outcomes": dict.fromkeys(users, "invited")}
        return super().carry_out(effect)

    def make_room(self, room_id: str, body: Json) -> None:
        create = {
            "room_version": body.get("room_version", "12"),
            **body.get("creation_content", {}),
        }
        states = {each["type"]: each["content"] for each in body.get("initial_state", [])}
        levels = body.get("power_level_content_override")
        room = Room(room_id, create, BOT, levels, encrypted="m.room.encryption" in states)
        with self.store.begin(self.now) as uow:
            uow.rooms.save(replace(room, marker=create.get(BOX), join_rule="invite"))
            uow.rooms.set_member(room_id, BOT, "join", None)
            for who in body.get("invite", []):
                uow.rooms.set_member(room_id, who, "invite", None)

    def enter(self, room_id: str, who: str, name: str | None = None) -> None:
        with self.store.begin(self.now) as uow:
            uow.rooms.set_member(room_id, who, "join", name)

    def set_power(self, room_id: str, levels: Json) -> None:
        with self.store.begin(self.now) as uow:
            room = uow.rooms.get(room_id)
            assert room is not None
            uow.rooms.save(replace(room, power_levels=levels))

    def sent(self, room_id: str) -> list[Json]:
        """All messages to a room, as they are now said."""
        every = [each for each in self.done if isinstance(each, Send) and each.room_id == room_id]
        return [each.content.get("m.new_content", each.content) for each in every]

    def made(self, *, encrypted: bool = False, space: bool = False) -> list[str]:
        """Rooms that were made of a kind."""
        with self.store.read(self.now) as uow:
            rooms = [uow.rooms.get(each) for each in uow.rooms.joined() if each.startswith("!made")]
        return [
            room.room_id
            for room in rooms
            if room and room.encrypted is encrypted and ("type" in room.create) is space
        ]

    def wait(self, **duration: float) -> list[Effect]:
        before = len(self.done)
        self.wait_until(self.now + timedelta(**duration))
        return self.done[before:]

    def listing(self, room_id: str) -> Listing:
        with self.store.read(self.now) as uow:
            found = uow.listings.get(room_id)
        assert found is not None
        return found

    def publish(self, kind: str = "Idee", title: str = "Bücherschrank am Markt") -> Json:
        self.say(f"!markt neu {kind} {title}")
        self.say("Eine alte Telefonzelle voller Romane.")
        self.say("Süd #kultur #lesen")
        return self.say("ja")


def put(chat: Chat, title: str, **fields: Any) -> Listing:
    """A listing that was published before, and its room."""
    listing = Listing("!l", "w.example", Kind.IDEA, title, "Worum es geht", NOW, card="$card")
    listing = replace(listing, **fields)
    import_listings(chat.store, [listing], NOW)
    with chat.store.begin(NOW) as uow:
        levels = {"users": {BOT: 100}}
        create = {"room_version": "11"}
        uow.rooms.save(Room(listing.room_id, create, BOT, levels, name=title))
        for who in (ANNA, BEN, EVE, BOT):
            uow.rooms.set_member(listing.room_id, who, "join", None)
    return listing
