"""What the demo shows: a garden party is planned in a Box, in German and English."""

from __future__ import annotations

from dataclasses import dataclass

from bots.operation.person import MatrixPerson, Message, PersonError
from bots.operation.terminal import say, step


@dataclass(frozen=True)
class Voice:
    """A person and the name under which the conversation shows them."""

    name: str
    person: MatrixPerson

    @property
    def at(self) -> str:
        """As one writes it to somebody of the same server."""
        return self.person.user_id.partition(":")[0]


class Story:
    """Told over a running stack; `deadline` in seconds is for each answer."""

    def __init__(self, anna: Voice, ben: Voice, *, bot: str, deadline: float = 60) -> None:
        self.anna = anna
        self.ben = ben
        self.bot = bot
        self.deadline = deadline
        self.room_id = ""
        self.chat = ""

    async def tell(self) -> None:
        """Raise PersonError where the bot did not answer, or refused."""
        await self._anna_makes_a_box()
        await self._ben_comes()
        await self._they_plan()

    async def _anna_makes_a_box(self) -> None:
        step("anna opens a direct chat with WeCreate")
        chat = await self.anna.person.direct_chat(self.bot, self.deadline)
        greeting = await self.anna.person.wait_for(
            lambda seen: seen.sender == self.bot and seen.msgtype == "m.notice",
            self.deadline,
            "the greeting",
        )
        heard(greeting)
        self.chat = chat
        made = await self._ask(self.anna, chat, "!box neu Gartenfest")
        self.room_id = str(made.data["box"]["room_id"])
        await self.anna.person.until_joined(self.room_id, self.bot, deadline=self.deadline)
        step("anna is in the Box; from here on all is said there")

    async def _ben_comes(self) -> None:
        await self._ask(self.anna, self.room_id, f"!box einladen {self.ben.at}")
        await self.ben.person.until_joined(self.room_id, self.bot, deadline=self.deadline)
        await self.anna.person.until_joined(
            self.room_id, self.ben.person.user_id, deadline=self.deadline
        )
        step("ben has accepted the invite")
        chat = await self.ben.person.direct_chat(self.bot, self.deadline)
        await self._ask(self.ben, chat, "language en")

    async def _they_plan(self) -> None:
        box, anna, ben = self.room_id, self.anna, self.ben
        await self._ask(anna, box, "!aufgabe Hecke schneiden bis morgen 18 Uhr")
        await self._ask(anna, box, f"!aufgabe Grill ausleihen {ben.at} bis Samstag #fest")
        cake = await self._ask(ben, box, f"!task Bake a cake due saturday {anna.at} !high")
        await self._ask(ben, box, "!tasks")
        await self._ask(ben, box, "!task 1 assign me")
        await self._ask(anna, box, "!aufgaben ich")
        await self._press(anna, cake, "✅")
        await self._ask(ben, box, "!done 1")
        await self._ask(anna, box, "!aufgaben")

    async def _ask(self, who: Voice, room_id: str, command: str) -> Message:
        said(who.name, command)
        answer = await who.person.ask(room_id, command, self.deadline)
        heard(answer)
        if not answer.result.get("ok"):
            raise PersonError(f"{who.name} asked {command!r} and got: {answer.body}")
        return answer

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


def said(name: str, text: str) -> None:
    """Show what somebody says or does."""
    _line(name, text)


def heard(message: Message) -> None:
    """Show what the bot says."""
    _line("WeCreate", message.body)


def _line(name: str, text: str) -> None:
    """Who, an arrow, the text; further lines stand below its first one."""
    first, *rest = text.split("\n")
    say(f"{name:>9} \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} {first}")
    for line in rest:
        say(f"{'':>9}   {line}".rstrip())
