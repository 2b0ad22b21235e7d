"""What `wecreate demo --federation` shows: somebody of a town joins in on a party's server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from bots.operation.person import Message, PersonError
from bots.operation.terminal import step
from bots.operation.voice import Voice, heard, said

THUMB = "👍"
AGAIN = 2.0
"""Seconds between two looks into the marketplace."""


class FederationStory:
    """Anna lives in the town, Bea's party has a server of its own; each has its bot."""

    def __init__(self, anna: Voice, bea: Voice, town_bot: str, party_bot: str) -> None:
        self.anna = anna
        self.bea = bea
        self.town_bot = town_bot
        self.party_bot = party_bot
        self.deadline = anna.deadline
        self.listing = ""
        self.box = ""
        self._bea_chat = ""

    async def tell(self) -> None:
        """Raise PersonError where a bot did not answer, or refused."""
        step("bea, of the party, writes to the WeCreate of her server")
        self.listing = await self._bea_publishes(await self.chat_of_bea())
        step("anna, of the town, writes to the WeCreate of hers")
        greeting = await self.anna.greeted_by(self.town_bot)
        await self._anna_finds(greeting.room_id, self.listing)
        await self._anna_supports(self.listing)
        self.box = await self._anna_joins_in(self.listing)
        await self._they_work(self.box)

    async def chat_of_bea(self) -> str:
        """Her direct chat with her bot, opened the first time."""
        if not self._bea_chat:
            self._bea_chat = (await self.bea.greeted_by(self.party_bot)).room_id
        return self._bea_chat

    async def _bea_publishes(self, chat: str) -> str:
        """The listing's room."""
        bea = self.bea
        await bea.ask(chat, "!markt neu Reform Radweg an der Hauptstraße")
        await bea.ask(chat, "Vom Bahnhof bis zur Schule, auf beiden Seiten.")
        preview = await bea.ask(chat, "Mitte #rad #schule")
        said(bea.name, "presses ✅ below the preview")
        await bea.person.react(chat, preview.event_id, "✅")
        told = await self._notice(bea, lambda seen: "listing" in seen.data, "the new listing")
        return str(told.data["listing"]["room_id"])

    async def _anna_finds(self, chat: str, listing: str) -> None:
        """Her server looks at its partners every few seconds here, every minute elsewhere."""
        asked, command = self.anna.person, "!markt suche Radweg"
        said(self.anna.name, command)
        until = monotonic() + self.deadline
        answer = await asked.ask(chat, command, self.deadline)
        while listing not in [each["room_id"] for each in answer.data["results"]]:
            if monotonic() > until:
                raise PersonError("the partner's listing did not come to anna's server")
            await asyncio.sleep(AGAIN)
            answer = await asked.ask(chat, command, self.deadline)
        heard(answer)

    async def _anna_supports(self, listing: str) -> None:
        step("anna opens the listing, which lives on the party's server")
        server = self.party_bot.partition(":")[2]
        await self.anna.person.join(listing, server, self.deadline)
        card = await self.anna.person.wait_for(
            lambda seen: seen.room_id == listing and THUMB in seen.buttons,
            self.deadline,
            "the card",
        )
        said(self.anna.name, f"gives the card a {THUMB}")
        await self.anna.person.react(listing, card.event_id, THUMB)
        await self.anna.person.wait_for(
            lambda seen: seen.replaces == card.event_id and f"{THUMB} 1" in seen.body,
            self.deadline,
            "the card's new count",
        )
        step("the card on the party's server counts her")

    async def _anna_joins_in(self, listing: str) -> str:
        """The Box's room."""
        known = set(self.bea.person.messages)
        await self.anna.ask(listing, "!mitmachen Zwei Stunden die Woche, ich zeichne gern")
        request = await self._notice(
            self.bea,
            lambda seen: seen.event_id not in known and "✅" in seen.buttons,
            "anna's request",
        )
        said(self.bea.name, "presses ✅ below it")
        before = set(self.anna.person.invites)
        await self.bea.person.react(request.room_id, request.event_id, "✅")
        anna = self.anna.person
        came = [self.party_bot, self.bea.person.user_id]
        boxes: list[str] = []

        def invited() -> bool:
            boxes[:] = [
                room
                for room in anna.invites.keys() - before
                if room in anna.client.rooms
                and came[1] in anna.client.rooms[room].users
                and anna.client.rooms[room].encrypted
            ]
            return bool(boxes)

        await anna.until(invited, "the invite into the Box", self.deadline)
        await anna.until_joined(boxes[0], *came, deadline=self.deadline)
        step("a Box was made on the party's server, and anna is in it")
        return boxes[0]

    async def _they_work(self, box: str) -> None:
        anna, bea = self.anna, self.bea
        await bea.person.until_joined(
            box, anna.person.user_id, self.party_bot, deadline=self.deadline
        )
        await anna.ask(box, "!aufgabe Strecke abfahren und fotografieren bis Samstag")
        await bea.ask(box, "!aufgaben")
        step("all of this was encrypted, between two servers")

    async def _notice(self, who: Voice, wanted: Callable[[Message], bool], what: str) -> Message:
        found = await who.person.wait_for(
            lambda seen: seen.msgtype == "m.notice" and wanted(seen), self.deadline, what
        )
        heard(found)
        return found
