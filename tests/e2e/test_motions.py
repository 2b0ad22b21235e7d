"""A motion from the first word to files in the Box, between two people and a real server."""

from __future__ import annotations

import hashlib
import io

import pikepdf
from docx import Document

from bots.operation.person import Message
from tests.clients import MatrixPerson
from tests.e2e.groups import Group


async def test_a_motion_is_drafted_signed_and_comes_as_encrypted_files(group: Group) -> None:
    anna, ben, box = group.anna, group.ben, group.box
    asked = await anna.ask(box, "!antrag neu SBB Südwest Zwölf Linden")
    assert asked.data["asked"] == "text"
    question = await anna.ask(box, "1. Die Stadt pflanzt zwölf Linden.\n2. Sie berichtet.")
    assert question.data["asked"] == "reason"
    await anna.ask(box, "Weil Schatten fehlt.")
    card = await anna.ask(box, "überspringen")
    await ben.until(lambda: card.event_id in ben.messages, "the card")
    assert (await ben.ask(box, "!antrag 1 änderung Zeile 2: 2. Sie berichtet jährlich.")).data[
        "amendment"
    ]["number"] == 1
    adopted = await anna.ask(box, "!antrag 1 annehmen Ä1")
    assert adopted.data["motion"]["lines"][1] == [2, "2. Sie berichtet jährlich."]
    signed = await ben.ask(box, "!antrag 1 mitzeichnen")
    assert signed.data["motion"]["cosigners"] == [ben.user_id]

    ready = await anna.ask(box, "!antrag 1 export antragsbuch pdf docx", deadline=60)
    assert "files" in ready.data, (ready.body, ready.result)
    files = ready.data["files"]
    assert [each["format"] for each in files] == ["pdf", "docx"]
    opened = []
    last = files[-1]["name"]
    await ben.until(lambda: any(seen.body == last for seen in seen_by(ben)), "the files")
    for file in files:
        (message,) = [seen for seen in seen_by(ben) if seen.body == file["name"]]
        assert message.encrypted
        assert message.content["file"]["url"] == file["mxc"]
        data = await ben.fetch_file(message)
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        opened.append(data)
    with pikepdf.open(io.BytesIO(opened[0])) as pdf:
        assert len(pdf.pages) == 1
    words = [paragraph.text for paragraph in Document(io.BytesIO(opened[1])).paragraphs]
    assert "2. Sie berichtet jährlich." in words


def seen_by(person: MatrixPerson) -> list[Message]:
    return list(person.messages.values())
