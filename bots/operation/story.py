"""What the demo shows: a garden party is planned in a Box, in German and English."""

from __future__ import annotations

from bots.operation.person import Message
from bots.operation.terminal import step
from bots.operation.voice import Voice, heard, said


class Story:
    """Told over a running stack."""

    def __init__(self, anna: Voice, ben: Voice, *, bot: str) -> None:
        self.anna = anna
        self.ben = ben
        self.bot = bot
        self.deadline = anna.deadline
        self.room_id = ""
        self.chat = ""

    async def tell(self) -> None:
        """Raise PersonError where the bot did not answer, or refused."""
        await self._anna_makes_a_box()
        await self._ben_comes()
        await self._they_plan()

    async def _anna_makes_a_box(self) -> None:
        step("anna opens a direct chat with WeCreate")
        greeting = await self.anna.greeted_by(self.bot)
        heard(greeting)
        self.chat = greeting.room_id
        made = await self.anna.ask(self.chat, "!box neu Gartenfest")
        self.room_id = str(made.data["box"]["room_id"])
        await self.anna.person.until_joined(self.room_id, self.bot, deadline=self.deadline)
        step("anna is in the Box; from here on all is said there")

    async def _ben_comes(self) -> None:
        await self.anna.ask(self.room_id, f"!box einladen {self.ben.at}")
        await self.ben.person.until_joined(self.room_id, self.bot, deadline=self.deadline)
        await self.anna.person.until_joined(
            self.room_id, self.ben.person.user_id, deadline=self.deadline
        )
        step("ben has accepted the invite")
        chat = await self.ben.person.direct_chat(self.bot, self.deadline)
        await self.ben.ask(chat, "language en")

    async def _they_plan(self) -> None:
        box, anna, ben = self.room_id, self.anna, self.ben
        await anna.ask(box, "!aufgabe Hecke schneiden bis morgen 18 Uhr")
        await anna.ask(box, f"!aufgabe Grill ausleihen {ben.at} bis Samstag #fest")
        cake = await ben.ask(box, f"!task Bake a cake due saturday {anna.at} !high")
        await ben.ask(box, "!tasks")
        await ben.ask(box, "!task 1 assign me")
        await anna.ask(box, "!aufgaben ich")
        await self._press(anna, cake, "✅")
        await ben.ask(box, "!done 1")
        await anna.ask(box, "!aufgaben")

    async def _press(self, who: Voice, message: Message, emoji: str) -> None:
        """A button below the bot's message; its answer is a message of its own."""
        said(who.name, f"presses {emoji} below “{message.data['task']['title']}”")
        known = set(who.person.messages)
        await who.person.react(message.room_id, message.event_id, emoji)
        answer = await who.person.wait_for(
            lambda seen: (
                seen.event_id not in known
                and seen.sender == self.bot
                and seen.msgtype == "m.notice"
                and seen.replaces is None
            ),
            self.deadline,
            f"what {emoji} does",
        )
        heard(answer)
