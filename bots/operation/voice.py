"""People of the demo's stories: what they say and hear stands in the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from bots.operation.person import DEADLINE, MatrixPerson, Message, PersonError
from bots.operation.terminal import say


@dataclass(frozen=True)
class Voice:
    """A person, the name under which the conversation shows them, and their patience in seconds."""

    name: str
    person: MatrixPerson
    deadline: float = DEADLINE

    @property
    def at(self) -> str:
        """As one writes it to somebody of the same server."""
        return self.person.user_id.partition(":")[0]

    async def greeted_by(self, bot: str) -> Message:
        """The bot's greeting in a new direct chat."""
        chat = await self.person.direct_chat(bot, self.deadline)
        return await self.person.wait_for(
            lambda seen: (seen.room_id, seen.sender, seen.msgtype) == (chat, bot, "m.notice"),
            self.deadline,
            "the greeting",
        )

    async def ask(self, room_id: str, command: str) -> Message:
        """The bot's answer; PersonError when it refuses."""
        said(self.name, command)
        answer = await self.person.ask(room_id, command, self.deadline)
        heard(answer)
        if not answer.result.get("ok"):
            raise PersonError(f"{self.name} asked {command!r} and got: {answer.body}")
        return answer


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
