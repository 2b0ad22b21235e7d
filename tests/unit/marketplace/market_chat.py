"""A marketplace without a server: the dispatch on a store, and what Matrix would do, noted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bots.kit import dispatch
from bots.kit.app import App
from bots.kit.incoming import Incoming
from wecreate_module.domain.effects import CreateRoom, Effect, Invite, Send
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.domain.matrix import BOX, BUTTONS
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

Json = dict[str, Any]
BOT, ANNA, BEN, EVE = "@wecreate:w.example", "@anna:w.example", "@ben:w.example", "@eve:y.example"
DIRECT, BENS, EVES = "!direct", "!bens", "!eves"
# A Wednesday, 10:00 in Berlin.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@dataclass
class Chat:
    app: App
    store: Store
    now: datetime = NOW
    done: list[Effect] = field(default_factory=list)
    count: int = 0
    ids: dict[int, str] = field(default_factory=dict)
    """Event ids of what was sent, by the effect's identity."""

    def say(self, text: str, sender: str = ANNA, room_id: str = DIRECT) -> Json:
        """The last message it leads to here; {} when there is none."""
        self.count += 1
        content = {"msgtype": "m.text", "body": text}
        return self.handle(Incoming(room_id, f"$in{self.count}", sender, content=content))

    def thumb(self, room_id: str, sender: str, card: str = "$card") -> str:
        """A 👍 below the card; its event id."""
        self.count += 1
        event_id = f"$in{self.count}"
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
        self.count += 1
        content = {"redacts": event_id}
        kind = "m.room.redaction"
        self.handle(Incoming(room_id, f"$in{self.count}", sender, kind, content))

    def handle(self, incoming: Incoming) -> Json:
        before = len(self.done)
        with self.store.begin(self.now) as uow:
            dispatch.handle(self.app, uow, incoming, self.now)
        self.deliver()
        sent = [each for each in self.done[before:] if isinstance(each, Send)]
        here = [
            each.content
            for each in sent
            if each.room_id == incoming.room_id and "m.new_content" not in each.content
        ]
        return here[-1] if here else {}

    def deliver(self) -> None:
        while True:
            with self.store.begin(self.now) as uow:
                rows = uow.outbox.due(100, self.now)
            if not rows:
                return
            for row in rows:
                self.count += 1
                result = self.carry_out(row.effect)
                self.done.append(row.effect)
                with self.store.begin(self.now) as uow:
                    uow.outbox.done(row.id, result.get("event_id"), result)
                    if row.then:
                        dispatch.continue_(self.app, uow, row, result, self.now)

    def carry_out(self, effect: Effect) -> Json:
        """As the homeserver would."""
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
            case _:
                self.ids[id(effect)] = f"$out{self.count}"
                return {"event_id": f"$out{self.count}"}

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

    def press(self, room_id: str, emoji: str, sender: str) -> Json:
        """A button below the last message in a room that has it."""
        message = next(
            each
            for each in reversed(self.done)
            if isinstance(each, Send)
            and each.room_id == room_id
            and emoji in each.content.get(BUTTONS, {})
        )
        self.count += 1
        pressed = Incoming.pressed(
            room_id=room_id,
            event_id=f"$in{self.count}",
            sender=sender,
            command=message.content[BUTTONS][emoji],
            message_id=self.ids[id(message)],
        )
        return self.handle(pressed)

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
        self.now += timedelta(**duration)
        with self.store.begin(self.now) as uow:
            for item in uow.schedule.due(self.now, 50):
                dispatch.run_scheduled(self.app, uow, item, self.now)
                uow.schedule.done(item.id)
        self.deliver()
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
