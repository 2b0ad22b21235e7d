"""A bot with a few commands of its own, in a Box, a direct chat and an ordinary group."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bots.kit import basics, dispatch
from bots.kit.app import App, Part
from bots.kit.arguments import Number, Numbers, Persons, Text
from bots.kit.context import Context, ServerFacts
from bots.kit.dispatch import Done
from bots.kit.incoming import Incoming
from bots.kit.registry import Where, answer, argument, command, continuation, scheduled
from bots.kit.replies import Button, Question, Replies, Reply
from wecreate_module.domain.boxes import Box, Power
from wecreate_module.domain.effects import Send, SetState
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.matrix import BOX, make_marker
from wecreate_module.storage.outbox import OutboxRow
from wecreate_module.storage.people import Person
from wecreate_module.storage.rooms import Member, Room
from wecreate_module.storage.schedule import Scheduled
from wecreate_module.storage.store import Store

BOT = "@wecreate:x.example"
ANNA = "@anna:x.example"
BEN = "@ben:x.example"
BOXED, DIRECT, GROUP = "!box", "!direct", "!group"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@command(
    "erledigt",
    "done",
    area="tasks",
    summary="Finishes tasks",
    examples=(("!erledigt 3", "!done 3"),),
    aliases=("fertig",),
)
@argument("numbers", Numbers(), "nummer", "number", ask="Which task is done?")
def done(ctx: Context, numbers: tuple[int, ...]) -> Replies:
    if 999 in numbers:
        raise UserError("task-not-found", "There is no task {number}.", number=999)
    ctx.uow.meta.set("done", ",".join(map(str, numbers)))
    return Reply(f"done {numbers}", data={"numbers": list(numbers)}, buttons=(Button("↩️", "!x"),))


@command("aufgabe", "task", area="tasks", summary="Makes a task", where=Where.ANY)
@argument("title", Text(250), "titel", "title", ask="What is to be done?")
def task(ctx: Context, title: str) -> Replies:
    return Reply(ctx.t("made {title}", title=title), data={"title": title})


@command("aufgabe #", "task #", area="tasks", summary="Shows a task")
def show(_: Context, number: int) -> Replies:
    return Reply(f"shown {number}", data={"number": number})


@command("aufgabe # an", "task # assign", area="tasks", summary="Assigns a task")
@argument("people", Persons(), "wer", "who", ask="Who?")
def assign(_: Context, number: int, people: tuple[str, ...]) -> Replies:
    return Reply("assigned", mentions=people, data={"number": number, "people": list(people)})


@command("merken", "keep", area="tasks", summary="Two arguments")
@argument("number", Number(), "nummer", "number", ask="Which number?")
@argument("text", Text(), "text", "text", ask="Which text?")
def keep(_: Context, number: int, text: str) -> Replies:
    return Reply("kept", data={"number": number, "text": text})


@command("halb", "half", area="tasks", summary="Writes, then refuses")
def half(ctx: Context) -> Replies:
    ctx.uow.meta.set("half", "written")
    ctx.put(SetState(BOXED, "m.room.topic", {"topic": "x"}))
    raise UserError("no", "No.")


@command("kaputt", "broken", area="tasks", summary="Has a fault")
def broken(_: Context) -> Replies:
    raise ZeroDivisionError


@command("nur admin", "admin only", area="boxes", summary="For admins", power=Power.ADMIN)
def admin_only(_: Context) -> Replies:
    return Reply("yes")


@command("box einrichten", "box adopt", area="boxes", summary="Adopts", where=Where.OTHER)
def adopt(_: Context) -> Replies:
    return Reply("adopted")


@command("box löschen", "box delete", area="boxes", summary="Deletes")
def delete(_: Context) -> Replies:
    return Reply("Type the name", question=Question("test.delete", {"name": "Garden"}))


@answer("test.delete")
def deleted(_: Context, text: str, data: dict[str, Any]) -> Replies:
    if text == "again":
        raise UserError("again", "Once more.")
    return Reply("deleted" if text == data["name"] else "kept")


@command("später", "later", area="tasks", summary="Goes on later")
def later(ctx: Context) -> Replies:
    ctx.put(SetState(BOXED, "m.room.topic", {"topic": "x"}), then="test.later", extra={"a": 1})
    return None


@continuation("test.later")
def gone_on(ctx: Context, effect: SetState, result: dict[str, Any]) -> Replies:
    if result.get("event_id") == "$boom":
        raise ZeroDivisionError
    return Reply("went on", data={"extra": dict(ctx.extra), "topic": effect.content["topic"]})


@scheduled("test.remind")
def remind(ctx: Context, item: Scheduled) -> Replies:
    return Reply(f"remember {item.subject} {ctx.language} {ctx.timezone}", mentions=(ANNA,))


PART = Part(
    commands=(
        done,
        task,
        show,
        assign,
        keep,
        half,
        broken,
        admin_only,
        adopt,
        delete,
        later,
    ),
    continuations=(gone_on,),
    scheduled=(remind,),
    answers=(deleted,),
)


class Chat:
    """Says things in rooms and reads what the bot would send."""

    def __init__(self, app: App, store: Store) -> None:
        self.app = app
        self.store = store
        self.now = START
        self.count = 0
        self.seen = 0
        self.result: Done | None = None

    def says(self, body: str, sender: str = ANNA, room: str = BOXED, **fields: Any) -> list[Any]:
        """The contents of the messages the bot answers with."""
        content = {"msgtype": "m.text", "body": body, **fields.pop("content", {})}
        return self.gets(content, sender, room, **fields)

    def gets(
        self, content: dict[str, Any], sender: str = ANNA, room: str = BOXED, **fields: Any
    ) -> list[Any]:
        self.count += 1
        incoming = Incoming(room, f"$e{self.count}", sender, content=content, **fields)
        return self.handles(incoming)

    def handles(self, incoming: Incoming) -> list[Any]:
        with self.store.begin(self.now) as uow:
            self.result = dispatch.handle(self.app, uow, incoming, self.now)
        return [row.effect.content for row in self.rows() if isinstance(row.effect, Send)]

    def rows(self) -> list[OutboxRow]:
        """What came into the outbox since the last look."""
        found = []
        with self.store.begin(self.now) as uow:
            while row := uow.outbox.get(self.seen + 1):
                self.seen += 1
                found.append(row)
        return found

    def passes(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def person(self, user_id: str, **choices: str) -> None:
        with self.store.begin(self.now) as uow:
            uow.people.save(Person(user_id, **choices))

    def meta(self, key: str) -> str | None:
        with self.store.begin(self.now) as uow:
            return uow.meta.get(key)


@pytest.fixture
def app() -> App:
    return App.assemble([basics.PART, PART], bot_user_id=BOT, server=ServerFacts("x.example"))


@pytest.fixture
def chat(app: App, store: Store) -> Chat:
    create = {"room_version": "12", "additional_creators": [ANNA], BOX: make_marker(BOT)}
    people = [Member(BOT), Member(ANNA, display_name="Anna Alt"), Member(BEN, display_name="Ben")]
    with store.begin(START) as uow:
        uow.boxes.add(Box("b1", BOXED, "Garden", "en", "Europe/Berlin", ANNA, START))
        uow.rooms.save(Room(BOXED, create, BOT, {}, encrypted=True, marker=make_marker(BOT)))
        uow.rooms.save(Room(DIRECT, {"room_version": "12"}, ANNA, {}, encrypted=True, direct=True))
        uow.rooms.save(Room(GROUP, {"room_version": "12"}, ANNA, {}, encrypted=True))
        for room in (BOXED, DIRECT, GROUP):
            uow.rooms.set_members(room, people)
    return Chat(app, store)
