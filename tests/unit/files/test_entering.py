from __future__ import annotations

from dataclasses import replace
from typing import Any

from bots.kit import dispatch
from bots.kit.incoming import Incoming
from tests.unit.domain.test_files import content
from tests.unit.files.conftest import ANNA, BEN, ROOM
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.effects import Redact
from wecreate_module.domain.matrix import BUTTONS, RESULT


def test_every_file_is_entered_without_a_word(chat: Any) -> None:
    assert chat.send("Protokoll.pdf") == []
    assert chat.send("Fest.jpg", BEN, msgtype="m.image") == []
    data = chat.data("!dateien")
    assert [(file["number"], file["name"], file["sender"]) for file in data["files"]] == [
        (2, "Fest.jpg", BEN),
        (1, "Protokoll.pdf", ANNA),
    ]
    assert data["total"] == 2
    assert data["size"] == 2468


def test_the_result_of_a_file_has_the_fields_promised(chat: Any) -> None:
    chat.send()
    file = chat.data("!datei 1")["file"]
    assert file.pop("description") == ""
    assert file == {
        "number": 1,
        "name": "Protokoll.pdf",
        "folder": "",
        "size": 1234,
        "mimetype": "application/pdf",
        "version": 1,
        "sender": ANNA,
        "sent_at": "2026-11-25T10:00:00+01:00",
    }


def test_a_message_that_comes_twice_is_one_file(chat: Any) -> None:
    incoming = Incoming(ROOM, "$same", ANNA, content=content())
    for _ in range(2):
        with chat.store.begin(chat.now) as uow:
            dispatch.handle(chat.app, uow, incoming, chat.now)
    assert chat.data("!dateien")["total"] == 1


def test_a_caption_describes_and_a_command_in_it_is_done(chat: Any) -> None:
    chat.send("Stand am Markt", filename="IMG_1.jpg", msgtype="m.image")
    assert chat.file(1).description == "Stand am Markt"
    (answer,) = chat.send("!datei ordner Protokolle/2026", filename="Mai.pdf")
    assert answer[RESULT]["data"]["file"]["folder"] == "Protokolle/2026"
    assert chat.file(2).description == ""
    (answer,) = chat.send("!file description Plan B", filename="Plan.pdf")
    assert chat.file(3).description == "Plan B"


def test_a_caption_with_a_mistake_keeps_the_file_all_the_same(chat: Any) -> None:
    (answer,) = chat.send("!datei ordner " + "x" * 200, filename="Mai.pdf")
    assert answer[RESULT]["error"]["code"] == "folder-too-long"
    assert chat.file(1).name == "Mai.pdf"
    assert chat.file(1).folder == ""


def test_a_file_sent_as_reply_to_a_file_is_its_next_version(chat: Any) -> None:
    chat.send("Satzung.odt")
    (answer,) = chat.send("Satzung neu.odt", BEN, replied_to="$in1")
    file = answer[RESULT]["data"]["file"]
    assert (file["number"], file["name"], file["version"], file["sender"]) == (
        1,
        "Satzung.odt",
        2,
        BEN,
    )
    # A reply to the newer message counts as well.
    (answer,) = chat.send("Satzung.odt", replied_to="$in2")
    assert answer[RESULT]["data"]["file"]["version"] == 3
    assert chat.data("!dateien")["total"] == 1


def test_a_file_of_the_same_name_can_become_the_next_version_by_a_click(chat: Any) -> None:
    chat.send("Satzung.odt")
    (question,) = chat.send("satzung.ODT", BEN)
    assert question[RESULT]["data"]["like"] == 1
    answer = chat.data(question[BUTTONS]["✅"])
    assert (answer["file"]["number"], answer["file"]["version"]) == (1, 2)
    assert chat.file(2) is None
    assert chat.data("!datei ordner Recht", replied_to="$in2")["file"]["number"] == 1


def test_photos_of_one_name_are_not_asked_about(chat: Any) -> None:
    chat.send("image.png", msgtype="m.image")
    assert chat.send("image.png", msgtype="m.image") == []


def test_what_is_no_encrypted_file_is_passed_over(chat: Any) -> None:
    assert chat.send(file=None, url="mxc://w.example/1") == []
    assert chat.send(msgtype="m.sticker") == []
    assert chat.data("!dateien")["total"] == 0


def test_an_archived_box_takes_no_more_files(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        uow.boxes.update(replace(chat.box, state=BoxState.ARCHIVED))
    assert chat.send() == []
    assert chat.data("!dateien")["total"] == 0


def test_the_time_is_the_servers_unless_it_is_nonsense(chat: Any) -> None:
    for number, stamp in enumerate((1_600_000_000_000, 10**18, -5), start=1):
        incoming = Incoming(ROOM, f"$t{number}", ANNA, "m.room.message", content(), stamp)
        with chat.store.begin(chat.now) as uow:
            dispatch.handle(chat.app, uow, incoming, chat.now)
    assert chat.file(1).version.sent_at.timestamp() == 1_600_000_000
    assert chat.file(2).version.sent_at == chat.now
    assert chat.file(3).version.sent_at == chat.now


def test_a_file_whose_message_was_taken_back_is_no_longer_listed(chat: Any) -> None:
    chat.send()
    chat.say("!datei 1 holen")
    again = chat.count
    chat.redact("$in1", ANNA)
    assert chat.data("!dateien")["files"] == []
    # What the bot posted of it goes too; and for 30 days it can be brought back.
    assert [each.event_id for each in chat.done if isinstance(each, Redact)] == [f"$out{again}"]
    assert chat.data("!datei 1 zurück")["file"]["number"] == 1


def test_taking_back_the_newest_version_leaves_the_one_before(chat: Any) -> None:
    chat.send(info={"size": 10})
    chat.send(info={"size": 20}, replied_to="$in1")
    newest = f"$in{chat.count - 1}"
    assert chat.data("!datei 1")["file"]["version"] == 2
    chat.redact(newest, ANNA)
    assert chat.data("!datei 1")["file"]["version"] == 1
    chat.send(info={"size": 30}, replied_to="$in1")
    assert chat.data("!datei 1")["file"]["size"] == 30


def test_only_who_sent_a_file_or_a_moderator_takes_its_entry_away(chat: Any) -> None:
    chat.send(sender=BEN)
    chat.send(sender=ANNA, name="Anderes.pdf")
    chat.redact("$in2", BEN)
    assert chat.data("!datei 2")["file"]["number"] == 2
    chat.redact("$in1", ANNA)
    assert chat.code("!datei 1") == "file-not-found"
