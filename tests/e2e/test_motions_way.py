"""A motion's way through two Boxes on a real server: amended, signed, handed on, decided."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.clients import MatrixPerson
from tests.e2e.groups import Group, new_box

BERLIN = ZoneInfo("Europe/Berlin")


async def send_captioned(
    person: MatrixPerson, box: str, name: str, data: bytes, caption: str
) -> str:
    """A file whose message says what it is for, as clients send captions."""
    plain = await person.send_file(box, name, data)
    await person.until(lambda: plain in person.messages, "its own file")
    content = {**person.messages[plain].content, "body": caption, "filename": name}
    return await person.send(box, "m.room.message", content)


async def test_a_motion_is_amended_signed_handed_on_and_decided(group: Group) -> None:
    anna, ben, box = group.anna, group.ben, group.box
    await anna.ask(box, "!antrag neu Ortsverein Mehr Bänke")
    for part in ("text 1. Zehn Bänke.\n2. Bald.", "begründung Viele warten."):
        await anna.ask(box, f"!antrag 1 {part}")
    await anna.ask(box, "!antrag 1 abschnitt Antragsteller:in: OV Süd")
    await ben.ask(box, "!antrag 1 änderung Zeile 1: 1. Elf Bänke.")
    await ben.ask(box, "!antrag 1 änderung Zeile 1: 1. Zwölf Bänke.")
    clash = await anna.ask(box, "!antrag 1 kollisionen")
    assert clash.data["collisions"] == [[1, 2]]
    await anna.react(box, clash.event_id, "2️⃣")
    chosen = await anna.answer_to(clash.event_id)
    assert chosen.data["motion"]["lines"][0] == [1, "1. Zwölf Bänke."]

    await ben.until(lambda: chosen.event_id in ben.messages, "the card")
    reaction = await ben.react(box, chosen.event_id, "✍️")
    signed = await ben.wait_for(
        lambda seen: (seen.data.get("motion") or {}).get("cosigners") == [ben.user_id]
    )
    assert signed.encrypted
    await ben.redact(box, reaction)
    await ben.wait_for(lambda seen: "steht nicht mehr hinter A1" in seen.body)

    await anna.ask(box, "!antrag 1 weitergeben")
    sent = await anna.wait_for(lambda seen: seen.body == "A1.antrag.json", what="the file")
    upper = await new_box(anna, group.chat, group.bot, "Unterbezirk")
    await anna.send(upper, "m.room.message", dict(sent.content))
    offer = await anna.wait_for(lambda seen: "offer" in seen.data, what="the offer")
    assert offer.room_id == upper
    taken = await anna.ask(upper, "!antrag übernehmen 1 Fassung 2 als A7")
    motion = taken.data["motion"]
    assert (motion["number"], motion["body"]) == (7, "spd-unterbezirk")
    assert motion["lines"][0] == [1, "1. Zehn Bänke."]

    submitted = datetime.now(BERLIN).date()
    await anna.ask(upper, "!antrag 7 stand eingereicht")
    file = await send_captioned(
        anna, upper, "Protokoll.pdf", b"%PDF-1.7", "!antrag 7 stand Annahme in geänderter Fassung"
    )
    decided = await anna.wait_for(
        lambda seen: seen.reply_to == file and "motion" in seen.data, what="the decision"
    )
    assert decided.data["motion"]["state"] == "adopted"
    assert decided.data["motion"]["news"][-1]["file"] == "Protokoll.pdf"
    days = (datetime.now(BERLIN).date() - submitted).days  # one, where midnight lies between
    assert decided.data["motion"]["days_to_decision"] in range(days + 1)
