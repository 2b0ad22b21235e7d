from __future__ import annotations

import base64
import io
import json
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bots.kit import dispatch
from tests.unit.boxes.conftest import ANNA, BEN, Chat
from tests.unit.chat import words
from wecreate_module.domain import effects as fx
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.events import Answer, EventStatus
from wecreate_module.domain.tasks import Task
from wecreate_module.services import events
from wecreate_module.services.event_search import Scope, Selection
from wecreate_module.services.events import NewEvent
from wecreate_module.storage.dialogues import Dialogue
from wecreate_module.storage.errors import KeyDestroyed

CANARY = "Kanarienvogel-7f3a"


@pytest.fixture
def box(chat: Chat) -> Box:
    """A Box with a canary in every place that content can be in."""
    box = chat.found(f"Box {CANARY}")
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(box.room_id, BEN, "join", f"Ben {CANARY}")
        number = uow.tasks.next_number(box.id)
        task = Task(
            number,
            f"uid-{number}",
            f"<script>alert('{CANARY}')</script> & mehr",
            ANNA,
            chat.now,
            description=f"Notiz {CANARY}\nzweite Zeile",
            assignees=(BEN,),
            labels=("küche",),
        )
        uow.tasks.add(box.id, task)
        uow.journal.add(box.id, "task.note", "1", ANNA, {"text": CANARY})
        uow.schedule.put(
            chat.now, "tasks.remind", key="k", box_id=box.id, payload={"title": CANARY}
        )
        uow.dialogues.save(
            Dialogue(box.room_id, BEN, {"given": CANARY}, chat.now.replace(year=2027))
        )
    chat.done.clear()
    return box


def exported(chat: Chat, box: Box, command: str = "!box export") -> zipfile.ZipFile:
    message = chat.answer(command, room_id=box.room_id)
    (file,) = [effect for effect in chat.done if isinstance(effect, fx.SendFile)]
    data = base64.b64decode(file.data)
    assert message.data == {"file": {"name": file.name, "size": len(data)}}
    return zipfile.ZipFile(io.BytesIO(data))


def test_the_export_holds_a_page_data_and_a_calendar(chat: Chat, box: Box) -> None:
    with exported(chat, box) as archive:
        assert archive.namelist() == ["index.html", "box.json", "tasks.ics", "events.ics"]
        data = json.loads(archive.read("box.json"))
        assert data["tasks"][0]["description"].startswith("Notiz")
        assert b"BEGIN:VTODO" in archive.read("tasks.ics")


def test_the_export_holds_events_and_who_comes(chat: Chat, box: Box) -> None:
    start = datetime(2026, 12, 1, 19, tzinfo=ZoneInfo("Europe/Berlin"))
    with chat.store.begin(chat.now) as uow:
        new = NewEvent("Probe", start=start, place="Aula")
        event = events.add_event(uow, box, new, actor=ANNA)
        events.respond(uow, box, event.number, Answer.YES, Selection(Scope.ALL), actor=ANNA)
        cancelled = events.add_event(uow, box, replace(new, title="Fest"), actor=ANNA)
        events.edit_event(
            uow,
            box,
            cancelled.number,
            lambda event: replace(event, status=EventStatus.CANCELLED),
            actor=ANNA,
        )
    with exported(chat, box) as archive:
        data = json.loads(archive.read("box.json"))
        assert [one["title"] for one in data["events"]] == ["Probe", "Fest"]
        assert data["events"][0]["attendees"] == [{"user": ANNA, "status": "yes"}]
        assert archive.read("events.ics").count(b"BEGIN:VEVENT") == 2
        page = archive.read("index.html").decode()
    assert "Probe" in page
    assert "📍 Aula" in page
    assert "👍 Anna" in page
    assert "Event #1 planned" in page
    assert "2 events" in chat.answer("!box delete", room_id=box.room_id).text


def test_what_happened_is_told_in_words_whatever_it_was(chat: Chat, box: Box) -> None:
    with chat.store.begin(chat.now) as uow:
        for kind in ("motion.voted", "calendar.shared", "quite.new"):
            uow.journal.add(box.id, kind, "1", ANNA, {})
    with exported(chat, box) as archive:
        page = archive.read("index.html").decode()
    assert "Motion #1 changed" in page
    assert "Chosen who may see the calendar" in page
    assert "Something was changed" in page
    for raw in ("motion.voted", "calendar.shared", "quite.new", "task.note"):
        assert raw not in page


def test_the_page_is_escaped_and_stands_alone(chat: Chat, box: Box) -> None:
    with exported(chat, box) as archive:
        page = archive.read("index.html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page
    assert "https://" not in page
    assert 'name="viewport"' in page
    assert f"Ben {CANARY}" in page
    assert "Task #1 noted" in page


def test_hostile_names_of_people_and_rooms_do_no_harm(chat: Chat, box: Box) -> None:
    room = chat.room(box.room_id)
    chat.save_room(replace(room, name="\ud800 <i>\u202e", settings={"x": ["\udfff", {"y": None}]}))
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(box.room_id, BEN, "join", "\ud800</li><script>")
    with exported(chat, box) as archive:
        assert "<script" not in archive.read("index.html").decode()
        assert json.loads(archive.read("box.json"))["members"][1]["user_id"] == BEN
    assert chat.answer("!box info", room_id=box.room_id).data["box"]["id"] == box.id


def test_the_page_is_in_the_readers_language(chat: Chat, box: Box) -> None:
    chat.answer("!box language de", room_id=box.room_id)
    with exported(chat, box) as archive:
        page = archive.read("index.html").decode()
    assert 'lang="de"' in page
    assert "Offene Aufgaben" in page


def test_the_file_goes_before_the_line_that_explains_it(chat: Chat, box: Box) -> None:
    exported(chat, box)
    kinds = [type(effect).__name__ for effect in chat.done]
    assert kinds == ["SendFile", "Send"]


def test_an_archived_box_is_still_exported(chat: Chat, box: Box) -> None:
    chat.answer("!box archive", room_id=box.room_id)
    with exported(chat, box) as archive:
        assert json.loads(archive.read("box.json"))["box"]["state"] == "archived"


def test_deleting_asks_for_the_name_first(chat: Chat, box: Box) -> None:
    asked = chat.answer("!box löschen", room_id=box.room_id)
    assert "1 task" in asked.text or "1 Aufgabe" in asked.text
    assert chat.box(box) is not None
    gone = chat.answer(f"  box {CANARY.upper()} ", room_id=box.room_id)
    assert gone.data == {"deleted": {"room_id": box.room_id}}
    assert chat.box(box) is None


@pytest.mark.parametrize("said", ["ja", "Box", "x" * 5000])
def test_another_word_than_the_name_ends_the_question(chat: Chat, box: Box, said: str) -> None:
    chat.answer("!box delete", room_id=box.room_id)
    assert chat.answer(said, room_id=box.room_id).code == "box-not-deleted"
    assert chat.say(f"Box {CANARY}", room_id=box.room_id) == []
    assert chat.box(box) is not None


def test_deleting_can_be_cancelled(chat: Chat, box: Box) -> None:
    chat.answer("!box delete", room_id=box.room_id)
    chat.answer("abbrechen", room_id=box.room_id)
    assert chat.say(f"Box {CANARY}", room_id=box.room_id) == []
    assert chat.box(box) is not None


def test_nobody_else_can_answer_the_question(chat: Chat, box: Box) -> None:
    chat.answer("!box delete", room_id=box.room_id)
    with chat.store.begin(chat.now) as uow:
        uow.dialogues.end(box.room_id, BEN)
    assert chat.say(f"Box {CANARY}", sender=BEN, room_id=box.room_id) == []
    assert chat.box(box) is not None


def test_the_room_is_told_then_the_key_goes_then_the_bot(chat: Chat, box: Box) -> None:
    farewell = chat.answer(f"!box delete Box {CANARY}", room_id=box.room_id)
    kinds = [type(effect).__name__ for effect in chat.done]
    assert kinds == ["Send", "DestroyKey", "Leave"]
    assert CANARY not in str(farewell.content)


def test_nothing_of_a_deleted_box_can_be_read(chat: Chat, box: Box, tmp_path: Path) -> None:
    chat.hand_in(chat.incoming(words("!box info"), room_id=box.room_id))
    chat.hand_in(chat.incoming(words(f"!box delete Box {CANARY}"), room_id=box.room_id))
    chat.deliver()
    with pytest.raises(KeyDestroyed):
        chat.store.keys.key(box.id)
    with chat.store.begin(chat.now) as uow:
        assert uow.boxes.all() == []
        assert uow.tasks.list(box.id) == []
        assert uow.journal.of_box(box.id) == []
        assert uow.schedule.due(chat.now.replace(year=2028), 10) == []
        assert uow.outbox.due(10, chat.now) == []
        for user_id in (ANNA, BEN):
            assert uow.dialogues.get(box.room_id, user_id) is None
        room = uow.rooms.get(box.room_id)
        assert room is not None
        assert room.name is None
        names = [member.display_name for member in uow.rooms.members(box.room_id)]
        assert names == [None, None, None]
    for file in tmp_path.iterdir():
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes(), file.name


def test_a_box_that_all_have_left_is_deleted_at_the_second_look(chat: Chat, box: Box) -> None:
    leave(chat, box, ANNA, BEN)
    looks(chat)
    assert chat.box(box) is not None
    looks(chat)
    assert chat.box(box) is None
    assert [type(effect).__name__ for effect in chat.done] == ["DestroyKey", "Leave"]


def test_a_box_with_somebody_in_it_or_invited_stays(chat: Chat, box: Box) -> None:
    leave(chat, box, ANNA)
    looks(chat)
    leave(chat, box, BEN)
    looks(chat)
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(box.room_id, BEN, "invite", None)
    for _ in range(3):
        looks(chat)
    assert chat.box(box) is not None
    assert chat.done == []


def test_an_archived_box_is_looked_after_as_well(chat: Chat, box: Box) -> None:
    chat.answer("!box archive", room_id=box.room_id)
    leave(chat, box, ANNA, BEN)
    looks(chat)
    looks(chat)
    assert chat.box(box) is None


def leave(chat: Chat, box: Box, *people: str) -> None:
    with chat.store.begin(chat.now) as uow:
        for user_id in people:
            uow.rooms.set_member(box.room_id, user_id, "leave", None)


def looks(chat: Chat) -> None:
    """A month later."""
    chat.now += timedelta(days=31)
    with chat.store.begin(chat.now) as uow:
        for item in uow.schedule.due(chat.now, 10):
            if item.kind == "boxes.check":
                dispatch.run_scheduled(chat.app, uow, item, chat.now)
                uow.schedule.done(item.id)
    chat.deliver()
