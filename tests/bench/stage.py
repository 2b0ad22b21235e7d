"""Where bots are compared: one Synapse with our module, all bots on it, one load for all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.ceiling import NAME, Ceiling
from tests.bench.load import Load
from tests.bench.peers.processes import maubot_echo, nio_echo
from tests.e2e.our_bot import OurBot
from tests.processes import Process
from tests.servers import SynapseServer

START = 60.0


@dataclass(frozen=True)
class Contestant:
    """A running bot and its encrypted rooms of two: the load's person and the bot.

    `command` is the cheapest that the bot answers: the peers echo; ours says that it is there,
    for which it goes the same way as for any command (inbox, transaction, outbox).
    """

    name: str
    command: str
    rooms: list[str]


@asynccontextmanager
async def stage(folder: Path, rooms: int) -> AsyncIterator[tuple[Load, list[Contestant]]]:
    """Ours first, then the bare nio bot, maubot and the ceiling; keys of all rooms are shared."""
    async with AsyncExitStack() as stack:
        module = {"bot": "@wecreate:localhost"}
        synapse = stack.enter_context(SynapseServer(folder / "synapse", module=module))
        ours = OurBot(folder / "wecreate", synapse)
        stack.callback(ours.stop)
        ours.start_and_wait()
        for peer in (nio_echo(synapse, folder), maubot_echo(synapse, folder)):
            stack.callback(peer.stop)
            start(peer)
        load = await stack.enter_async_context(Load(synapse, "load"))
        boxes = await make_boxes(load, ours.user_id, rooms)
        contestants = [Contestant("WeCreate", "!ping", boxes)]
        for name in ("nio", "maubot"):
            user_id = synapse.user_id(name)
            theirs = [await load.person.create_room([user_id]) for _ in range(rooms)]
            contestants.append(Contestant(name, "!echo Hallo", theirs))
        for contestant in contestants:
            for room_id in contestant.rooms:
                await load.person.ask(room_id, contestant.command, START)
        ceiling = Ceiling(synapse, load)
        stack.push_async_callback(ceiling.stop)
        theirs = await ceiling.make_rooms(rooms, "!echo Hallo", START)
        contestants.append(Contestant(NAME, "!echo Hallo", theirs))
        await load.person.pause()
        yield load, contestants


def start(peer: Process) -> None:
    """Return as soon as the process runs: a bot is ready when it answers."""
    peer.start(lambda: True)


async def make_boxes(load: Load, bot: str, count: int) -> list[str]:
    """As people make them: by a command in a direct chat."""
    chat = await load.person.direct_chat(bot, START)
    rooms = []
    for number in range(count):
        made = await load.person.ask(chat, f"!box neu Box {number}", START)
        room_id = str(made.data["box"]["room_id"])
        await load.person.until_joined(room_id, bot)
        rooms.append(room_id)
    return rooms
