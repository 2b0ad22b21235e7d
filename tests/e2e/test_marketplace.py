"""From an idea in the direct chat to supports on its card, on the whole stack."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
import urllib.request
from typing import Any

from tests.e2e.groups import Group
from tests.e2e.stack import Stack

THUMB = "👍"
PATH = "/_synapse/client/wecreate/v1/marketplace"


async def test_an_idea_is_published_found_and_supported(stack: Stack, group: Group) -> None:
    anna, ben = group.anna, group.ben
    await anna.ask(group.chat, "!markt neu Idee Bücherschränke am Lindenmarkt")
    await anna.ask(group.chat, "Eine alte Telefonzelle voller Romane.")
    preview = await anna.ask(group.chat, "Süd #kultur")
    assert set(preview.buttons) == {"✅", "❌"}
    await anna.react(group.chat, preview.event_id, "✅")
    told = await anna.wait_for(
        lambda seen: seen.sender == stack.bot and "listing" in seen.result.get("data", {})
    )
    room_id = str(told.data["listing"]["room_id"])
    found = await anna.ask(group.chat, "!markt suche bucherschrank")
    assert [each["room_id"] for each in found.data["results"]] == [room_id]

    await ben.client.join(room_id)
    card = await ben.wait_for(lambda seen: seen.room_id == room_id and THUMB in seen.buttons)
    thumb = await ben.react(room_id, card.event_id, THUMB)
    await ben.wait_for(
        lambda seen: seen.room_id == room_id and seen.replaces == card.event_id,
        what="the card's new count",
    )
    assert (await asyncio.to_thread(search, stack, "Bücherschrank"))["support"] == 1
    known = set(ben.messages)
    await ben.redact(room_id, thumb)
    await ben.wait_for(
        lambda seen: seen.replaces == card.event_id and seen.event_id not in known,
        what="the card without the support",
    )
    shown = await asyncio.to_thread(search, stack, "Bücherschrank")
    assert shown["support"] == 0
    assert shown["room_id"] == room_id
    assert shown["publisher"]["type"] == "person"


def search(stack: Stack, words: str) -> dict[str, Any]:
    """The one result of the public directory."""
    query = urllib.parse.urlencode({"q": words})
    url = f"{stack.url}{PATH}?{query}"
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  # our own loopback server
        (result,) = json.load(answer)["results"]
    found: dict[str, Any] = result
    return found
