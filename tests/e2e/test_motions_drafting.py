"""Drafting in threads, with a Word file, by two people at once, on a real server."""

from __future__ import annotations

import asyncio
import io
from typing import Any

from docx import Document

from bots.operation.person import Message
from tests.clients import MatrixPerson
from tests.e2e.groups import Group


def in_thread(root: str) -> dict[str, Any]:
    relation = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}
    return {"m.relates_to": {**relation, "m.in_reply_to": {"event_id": root}}}


def word_file(*paragraphs: str) -> bytes:
    document, made = Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(made)
    return made.getvalue()


async def send_captioned(person: MatrixPerson, box: str, data: bytes, caption: str) -> str:
    """A file whose message says what it is for, as clients send captions."""
    plain = await person.send_file(box, "Warum.docx", data)
    await person.until(lambda: plain in person.messages, "its own file")
    content = {**person.messages[plain].content, "body": caption, "filename": "Warum.docx"}
    return await person.send(box, "m.room.message", content)


async def test_two_motions_are_drafted_in_threads_at_once_one_from_a_word_file(
    group: Group,
) -> None:
    anna, ben, box = group.anna, group.ben, group.box

    async def begun(person: MatrixPerson, title: str) -> str:
        root = await person.say(box, f"!antrag neu allgemein {title}")

        def is_question(seen: Message) -> bool:
            return seen.relation.get("event_id") == root and seen.data.get("asked") == "text"

        question = await person.wait_for(is_question, what="the first question")
        assert question.relation["rel_type"] == "m.thread"
        return root

    annas, bens = await asyncio.gather(begun(anna, "Bänke"), begun(ben, "Linden"))
    told = await asyncio.gather(
        anna.answer_to(await anna.say(box, "Zehn Bänke.", **in_thread(annas))),
        ben.answer_to(await ben.say(box, "Zwölf Linden.", **in_thread(bens))),
    )
    assert [each.data["asked"] for each in told] == ["reason", "reason"]
    assert {each.relation["event_id"] for each in told} == {annas, bens}
    data = word_file("Weil es im Sommer heiß ist.", "Und weil Schatten fehlt.")
    listed = await anna.ask(box, "!anträge")
    numbers = {each["title"]: each["number"] for each in listed.data["motions"]}
    caption = f"!antrag {numbers['Bänke']} begründung"
    file = await send_captioned(anna, box, data, caption)
    await anna.wait_for(
        lambda seen: seen.reply_to == file and "Schatten fehlt" in seen.body, what="the new words"
    )
    linden = await ben.ask(box, f"!antrag {numbers['Linden']}")
    assert linden.data["motion"]["lines"] == [[1, "Zwölf Linden."]]


async def test_two_people_who_write_at_the_same_time_lose_nothing(group: Group) -> None:
    anna, ben, box = group.anna, group.ben, group.box
    await anna.ask(box, "!antrag neu allgemein Bänke")
    await anna.ask(box, "!antrag 1 text 1. Eins.\n2. Zwei.\n3. Drei.")
    first = [
        anna.ask(box, "!antrag 1 text Fassung 2 Zeile 1: 1. Eins von Anna."),
        ben.ask(box, "!antrag 1 text Fassung 2 Zeile 3: 3. Drei von Ben."),
    ]
    await asyncio.gather(*first)
    lines = (await anna.ask(box, "!antrag 1")).data["motion"]["lines"]
    assert [text for _, text in lines] == ["1. Eins von Anna.", "2. Zwei.", "3. Drei von Ben."]
    await asyncio.gather(
        anna.ask(box, "!antrag 1 text Alles von Anna."),
        ben.ask(box, "!antrag 1 text Alles von Ben."),
    )
    both = [await anna.ask(box, f"!antrag 1 zurück {number}") for number in (5, 6)]
    texts = {each.data["motion"]["lines"][0][1] for each in both}
    assert texts == {"Alles von Anna.", "Alles von Ben."}
