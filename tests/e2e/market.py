"""How people use the marketplace in tests."""

from __future__ import annotations

import asyncio

import nio

from tests.clients import DEADLINE, MatrixPerson, Message
from tests.processes import POLL

THUMB, HAND = "👍", "🙋"


async def publish(
    person: MatrixPerson,
    chat: str,
    bot: str,
    what: str,
    *,
    place: str = "-",
    deadline: float = DEADLINE,
) -> str:
    """Through the questions to the room of the listing; `what` is kind and title."""
    await person.ask(chat, f"!markt neu {what}", deadline)
    await person.ask(chat, "Eine alte Telefonzelle voller Romane.", deadline)
    preview = await person.ask(chat, place, deadline)
    known = set(person.messages)
    await person.react(chat, preview.event_id, "✅")
    told = await person.wait_for(
        lambda seen: (
            seen.sender == bot
            and seen.event_id not in known
            and "listing" in seen.result.get("data", {})
        ),
        deadline,
        "the listing",
    )
    return str(told.data["listing"]["room_id"])


async def come_in(person: MatrixPerson, room_id: str, *others: str, deadline: float) -> None:
    """Accept an invitation again and again: over federation it can be there before its room."""
    async with asyncio.timeout(deadline):
        while isinstance(await person.client.join(room_id), nio.ErrorResponse):  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(POLL)
    await person.until_joined(room_id, *others, deadline=deadline)


async def open_listing(
    person: MatrixPerson, room_id: str, via: str | None = None, deadline: float = DEADLINE
) -> Message:
    """Come into its room; the card."""
    if via is None:
        await person.client.join(room_id)
    else:
        path = f"/_matrix/client/v3/join/{room_id}?server_name={via}&via={via}"
        headers = {"Authorization": f"Bearer {person.client.access_token}"}
        answer = await person.client.send("POST", path, "{}", headers)
        answer.release()
    return await person.wait_for(
        lambda seen: seen.room_id == room_id and THUMB in seen.buttons, deadline, "the card"
    )


async def card_says(
    person: MatrixPerson, card: Message, words: str, deadline: float = DEADLINE
) -> str:
    """Wait till the card, as it was last edited, says this; its text."""

    def text(seen: Message) -> str:
        return str(seen.content.get("m.new_content", {}).get("body", ""))

    found = await person.wait_for(
        lambda seen: seen.replaces == card.event_id and words in text(seen),
        deadline,
        f"{words!r} on the card",
    )
    return text(found)
