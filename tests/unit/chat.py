"""People talking to the bot: commands through the dispatch, on a store, and no server.

Each slice's conftest.py says which parts the bot has and what its tests ask for beyond this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bots.kit import basics, dispatch
from bots.kit.app import App, Part
from bots.kit.context import ServerFacts
from bots.kit.incoming import Incoming
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import Effect, Send
from wecreate_module.domain.matrix import BUTTONS, RESULT
from wecreate_module.storage.outbox import OutboxRow
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

Json = dict[str, Any]
BOT, ANNA, BEN, CEM = "@wecreate:w.example", "@anna:w.example", "@ben:w.example", "@cem:w.example"
ROOM, DIRECT = "!box", "!direct"
# A Wednesday, 10:00 in Berlin.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BOX = Box("box1", ROOM, "Sommerfest", "de", "Europe/Berlin", ANNA, NOW)


@dataclass(frozen=True)
class Message:
    """A message of the bot, as Matrix would get it."""

    room_id: str
    content: Json
    pinned: bool = False
    event_id: str = ""

    @property
    def text(self) -> str:
        return str(self.content["body"])

    @property
    def html(self) -> str:
        return str(self.content.get("formatted_body", ""))

    @property
    def result(self) -> Json:
        found: Json = self.content[RESULT]
        return found

    @property
    def data(self) -> Json:
        assert self.result["ok"] is True, self.text
        data: Json = self.result["data"]
        return data

    @property
    def code(self) -> str:
        assert self.result["ok"] is False, self.text
        return str(self.result["error"]["code"])

    @property
    def task(self) -> Json:
        task: Json = self.data["task"]
        return task

    @property
    def event(self) -> Json:
        event: Json = self.data["event"]
        return event

    @property
    def motion(self) -> Json:
        motion: Json = self.data["motion"]
        return motion

    @property
    def lines(self) -> list[str]:
        return [text for _, text in self.motion["lines"]]

    @property
    def buttons(self) -> Json:
        return dict(self.content.get(BUTTONS, {}))

    @property
    def mentions(self) -> list[str]:
        return list(self.content["m.mentions"].get("user_ids", []))

    @property
    def edits(self) -> str | None:
        return self._related("m.replace")

    @property
    def thread(self) -> str | None:
        return self._related("m.thread")

    def _related(self, how: str) -> str | None:
        relation = self.content.get("m.relates_to", {})
        return relation["event_id"] if relation.get("rel_type") == how else None


@dataclass(repr=False)
class BotChat:
    """`done` are the effects carried out, `messages` what of it people read, in order.

    What is said is said `here`, unless another room is named.
    """

    app: App
    store: Store
    here: str = ROOM
    now: datetime = NOW
    done: list[Effect] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    count: int = 0

    def hear(self, text: str, sender: str = ANNA, room_id: str | None = None) -> list[Message]:
        """All that the bot sends to this, edits included."""
        return self.receive(self.incoming(words(text), sender, room_id))

    def ask(self, text: str, sender: str = ANNA, room_id: str | None = None) -> Message:
        """The one answer."""
        return the_answer(self.hear(text, sender, room_id))

    def click(
        self, message: Message, emoji: str, sender: str = ANNA, room_id: str | None = None
    ) -> list[Message]:
        """All that the bot sends when somebody presses a button of a message."""
        pressed = Incoming.pressed(
            room_id=room_id or message.room_id,
            event_id=self.new_id(),
            sender=sender,
            command=message.buttons[emoji],
            message_id=message.event_id,
        )
        return self.receive(pressed)

    def redact(self, event_id: str, sender: str, room_id: str | None = None) -> list[Message]:
        """Somebody takes a Matrix event back."""
        content = {"redacts": event_id}
        return self.receive(self.incoming(content, sender, room_id, type="m.room.redaction"))

    def wait_until(self, instant: datetime) -> list[Message]:
        """What the bot sends by itself until then."""
        before = len(self.messages)
        while (due := self._next_due()) is not None and due <= instant:
            self.now = max(self.now, due)
            with self.store.begin(self.now) as uow:
                for item in uow.schedule.due(self.now, 50):
                    dispatch.run_scheduled(self.app, uow, item, self.now)
                    uow.schedule.done(item.id)
            self.deliver()
        self.now = instant
        self.deliver()
        return self.messages[before:]

    def new_id(self) -> str:
        self.count += 1
        return f"$in{self.count}"

    def incoming(
        self, content: Json, sender: str = ANNA, room_id: str | None = None, **more: Any
    ) -> Incoming:
        """A Matrix event that nobody has had yet."""
        return Incoming(room_id or self.here, self.new_id(), sender, content=content, **more)

    def receive(self, incoming: Incoming) -> list[Message]:
        """All that the bot sends to a Matrix event."""
        before = len(self.messages)
        self.hand_in(incoming)
        self.deliver()
        return self.messages[before:]

    def hand_in(self, incoming: Incoming) -> None:
        """Done, but what the bot sends waits for `deliver`."""
        with self.store.begin(self.now) as uow:
            dispatch.handle(self.app, uow, incoming, self.now)

    def deliver(self) -> None:
        while rows := self._due():
            for row in rows:
                self._deliver(row)

    def carry_out(self, effect: Effect) -> Json:
        """What the homeserver would answer; {"error": …} when it refuses."""
        event_id = f"$out{self.count}"
        if isinstance(effect, Send) and effect.type == "m.room.message":
            message = Message(effect.room_id, effect.content, effect.pin, event_id)
            self.messages.append(message)
        return {"event_id": event_id}

    def _deliver(self, row: OutboxRow) -> None:
        self.count += 1
        result = self.carry_out(row.effect)
        refused = "error" in result
        if not refused:
            self.done.append(row.effect)
        with self.store.begin(self.now) as uow:
            if refused:
                uow.outbox.fail(row.id, "refused")
            else:
                uow.outbox.done(row.id, result.get("event_id"), result)
            if row.then:
                dispatch.continue_(self.app, uow, row, result, self.now)

    def _due(self) -> list[OutboxRow]:
        with self.store.begin(self.now) as uow:
            return uow.outbox.due(100, self.now)

    def _next_due(self) -> datetime | None:
        with self.store.begin(self.now) as uow:
            return uow.schedule.next_due()


@dataclass(repr=False)
class BoxChat(BotChat):
    """What is said is said in a Box."""

    box: Box = BOX

    def press(
        self, message: Message, emoji: str, sender: str = ANNA, room_id: str | None = None
    ) -> Message:
        """The one answer to a button."""
        return the_answer(self.click(message, emoji, sender, room_id))

    def reply(self, to: str, text: str, sender: str = ANNA) -> Message:
        """The one answer to what is said in reply to a Matrix event."""
        return the_answer(self.receive(self.incoming(words(text), sender, replied_to=to)))

    def ask_formatted(self, body: str, html: str, sender: str = ANNA) -> Message:
        """Said with a client that writes HTML, links to people for example."""
        said = {**words(body), "format": "org.matrix.custom.html", "formatted_body": html}
        return the_answer(self.receive(self.incoming(said, sender)))

    def wait(self, **delta: float) -> list[Message]:
        return self.wait_until(self.now + timedelta(**delta))


def words(text: str) -> Json:
    """The content of a plain message."""
    return {"msgtype": "m.text", "body": text}


def the_answer(messages: list[Message]) -> Message:
    """The one that is no edit of an older message."""
    (answer,) = [message for message in messages if message.edits is None]
    return answer


def make_app(*parts: Part, server: ServerFacts | None = None) -> App:
    """A bot with these parts beside the basic ones."""
    facts = server or ServerFacts("w.example")
    return App.assemble((basics.PART, *parts), bot_user_id=BOT, server=facts)


def add_box(store: Store, box: Box = BOX) -> None:
    """The Box with Anna (an admin), Ben and Cem, and Anna's direct chat with the bot."""
    levels = {"users": {ANNA: 100, BOT: 100}}
    names = {ANNA: "Anna", BEN: "Ben Meier", CEM: "Cem", BOT: "WeCreate"}
    with store.begin(NOW) as uow:
        uow.rooms.save(Room(ROOM, encrypted=True, power_levels=levels, creator=ANNA))
        uow.rooms.save(Room(DIRECT, encrypted=True, direct=True, inviter=ANNA))
        uow.boxes.add(box)
        for user_id, name in names.items():
            uow.rooms.set_member(ROOM, user_id, "join", name)
        for user_id in (ANNA, BOT):
            uow.rooms.set_member(DIRECT, user_id, "join", None)
