"""Two people and their Box, made as people make it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from tests.clients import MatrixPerson
from tests.e2e.stack import Stack


@dataclass(frozen=True)
class Group:
    """Anna made the Box and has a direct chat with the bot; ben was invited."""

    stack: Stack
    anna: MatrixPerson
    ben: MatrixPerson
    chat: str
    box: str

    @property
    def bot(self) -> str:
        return self.stack.bot


@asynccontextmanager
async def new_group(stack: Stack) -> AsyncIterator[Group]:
    """Accounts of their own, so that tests don't meet."""
    mark = uuid4().hex[:8]
    async with await stack.person(f"anna-{mark}") as anna, await stack.person(f"ben-{mark}") as ben:
        chat = await anna.direct_chat(stack.bot)
        box = await new_box(anna, chat, stack.bot)
        await anna.ask(box, f"!box einladen {ben.user_id}")
        await anna.until_joined(box, ben.user_id)
        await ben.until_joined(box, anna.user_id, stack.bot)
        yield Group(stack, anna, ben, chat, box)


async def new_box(anna: MatrixPerson, chat: str, bot: str, name: str = "Garten") -> str:
    """Its room id, once anna is in it."""
    made = await anna.ask(chat, f"!box neu {name}")
    room_id = str(made.data["box"]["room_id"])
    await anna.until_joined(room_id, bot)
    return room_id
