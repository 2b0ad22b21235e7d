"""`wecreate demo`: the whole stack, and people who use it, as a conversation to read."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bots.operation.demo_stack import DemoStack, Login, account, free_base
from bots.operation.federation_story import FederationStory
from bots.operation.layout import DEFAULT_PORT_BASE, Layout, Ports
from bots.operation.mailbox import Mailbox
from bots.operation.motion_story import MotionStory
from bots.operation.neighbours import Neighbour, make_neighbours
from bots.operation.person import MatrixPerson, PersonError
from bots.operation.story import Story
from bots.operation.terminal import FAILED, FINE, Failure, say, step
from bots.operation.voice import Voice

DEFAULT_DEMO_DIR = Path("var/demo")
PORTS = 4


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir",
        type=Path,
        help=f"the folder of the demo's stack (default: {DEFAULT_DEMO_DIR})",
    )
    parser.add_argument(
        "--port-base",
        type=int,
        metavar="N",
        help=f"ports N to N+3 are used (default: {DEFAULT_PORT_BASE}, or others that are free); "
        "with --federation N to N+7",
    )
    parser.add_argument(
        "--federation",
        action="store_true",
        help="two towns' servers as partners: somebody of one joins in on the other",
    )


def run(args: argparse.Namespace) -> int:
    """0 when the story was told to its end; with DEMO_EXIT=1 the stack stops then."""
    # Which old messages ben has no keys for is no news in this conversation.
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    default = DEFAULT_DEMO_DIR.with_name("demo-federation") if args.federation else DEFAULT_DEMO_DIR
    folder = (args.dir or default).expanduser().resolve()
    scene = _two_towns(folder, args.port_base) if args.federation else _one(folder, args.port_base)
    return asyncio.run(_demo(scene, leave=os.environ.get("DEMO_EXIT") == "1"))


@dataclass(frozen=True)
class Scene:
    """Stacks, and who lives on which of them."""

    stacks: Sequence[DemoStack]
    people: Sequence[tuple[str, DemoStack]]
    mailbox: Mailbox | None = None

    async def tell(self) -> list[tuple[DemoStack, Login]]:
        if self.mailbox is not None:
            await self.mailbox.open()
            for stack in self.stacks:
                self.mailbox.use_in(stack.layout, Ports(stack.base))
        for stack in self.stacks:
            await stack.start()
        async with AsyncExitStack() as rooms:
            voices, logins = [], []
            for name, stack in self.people:
                step(f"{name} registers and logs in, with encryption")
                homeserver = stack.facts["homeserver"]
                secret = stack.facts["registration_shared_secret"]
                login = await account(homeserver, secret, name)
                person = MatrixPerson(homeserver, login.user_id, login.password)
                await rooms.enter_async_context(person)
                voices.append(Voice(name, person))
                logins.append((stack, login))
            first, second = voices
            bots = [str(stack.facts["bot_user_id"]) for _, stack in self.people]
            if len(self.stacks) > 1:
                story = FederationStory(first, second, *bots)
                await story.tell()
            else:
                await self._one_town(first, second, bots[0])
        return logins

    async def _one_town(self, anna: Voice, ben: Voice, bot: str) -> None:
        """A party, and then a motion."""
        party = Story(anna, ben, bot=bot)
        await party.tell()
        if self.mailbox is not None:
            motion = MotionStory(
                anna,
                ben,
                bot=bot,
                mailbox=self.mailbox,
                folder=self.stacks[0].layout.root,
            )
            await motion.tell(party.chat)

    def last_words(self) -> str:
        return "\n".join(stack.last_words() for stack in self.stacks)

    async def stop(self) -> None:
        await asyncio.gather(*(stack.stop() for stack in self.stacks))
        if self.mailbox is not None:
            await self.mailbox.close()


def _one(folder: Path, base: int | None) -> Scene:
    stack = DemoStack(Layout(folder), base or free_base())
    return Scene([stack], [("anna", stack), ("ben", stack)], Mailbox(folder / "mail"))


def _two_towns(folder: Path, base: int | None) -> Scene:
    first = base or free_base()
    second = base + PORTS if base else free_base(beyond=first)
    stadt, partei = Layout(folder / "stadt"), Layout(folder / "partei")
    make_neighbours([Neighbour(stadt, first), Neighbour(partei, second)])
    town, party = DemoStack(stadt, first, "stadt"), DemoStack(partei, second, "partei")
    return Scene([town, party], [("anna", town), ("bea", party)])


async def _demo(scene: Scene, *, leave: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    telling = asyncio.create_task(scene.tell())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done() and not leave:
            _where_to_look(telling.result())
            await stopping
        elif telling.done():
            telling.result()
        return FINE if telling.done() else FAILED
    except PersonError as error:
        raise Failure(f"The story broke off: {error}\n{scene.last_words()}") from error
    finally:
        for task in (telling, stopping):
            task.cancel()
        await asyncio.wait({telling, stopping})
        await scene.stop()


def _where_to_look(logins: list[tuple[DemoStack, Login]]) -> None:
    say("\nThe stack goes on running. Look at it with Element or any other Matrix client:\n")
    shown = None
    for stack, login in logins:
        if stack is not shown:
            say(f"  homeserver  {stack.facts['homeserver']}")
            say(f"  marketplace {stack.facts['web']}/markt")
            shown = stack
        say(f"  login       {login.user_id}   password {login.password}")
    say("\nA new login can't read older encrypted messages; try: !aufgaben")
    folders = dict.fromkeys(stack.layout.root for stack, _ in logins)
    again = " and ".join(f"`wecreate up --dir {folder}`" for folder in folders)
    say(f"Ctrl-C stops it; {again} starts it again.")
