"""`wecreate demo`: the whole stack, and two people who use it, as a conversation to read."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from bots.operation.accounts import AccountRefused, register
from bots.operation.layout import DEFAULT_PORT_BASE, Layout, Ports
from bots.operation.person import MatrixPerson, PersonError
from bots.operation.story import Story, Voice
from bots.operation.terminal import FAILED, FINE, Failure, say, step

DEFAULT_DEMO_DIR = Path("var/demo")
START_WITHIN = 180.0
STOP_WITHIN = 60.0
ANSWER_WITHIN = 60.0
_LAST_LINES = 20


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir",
        type=Path,
        default=DEFAULT_DEMO_DIR,
        help=f"the folder of the demo's stack (default: {DEFAULT_DEMO_DIR})",
    )
    parser.add_argument(
        "--port-base",
        type=int,
        metavar="N",
        help=f"ports N to N+3 are used (default: {DEFAULT_PORT_BASE}, or others that are free)",
    )


def run(args: argparse.Namespace) -> int:
    """0 when the story was told to its end; with DEMO_EXIT=1 the stack stops then."""
    # Which old messages ben has no keys for is no news in this conversation.
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    layout = Layout(args.dir.expanduser().resolve())
    base = args.port_base or _free_base()
    return asyncio.run(_demo(layout, base, leave=os.environ.get("DEMO_EXIT") == "1"))


def _free_base() -> int:
    for base in range(DEFAULT_PORT_BASE, DEFAULT_PORT_BASE + 1000, 100):
        with suppress(Failure):
            Ports(base).check_free()
            return base
    raise Failure("No four free ports were found; choose some with --port-base.")


async def _demo(layout: Layout, base: int, *, leave: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    stack = _Stack(layout, base)
    telling = asyncio.create_task(_tell(stack))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done() and not leave:
            _where_to_look(stack, telling.result())
            await stopping
        elif telling.done():
            telling.result()
        return FINE if telling.done() else FAILED
    except PersonError as error:
        raise Failure(f"The story broke off: {error}\n{stack.last_words()}") from error
    finally:
        for task in (telling, stopping):
            task.cancel()
        await asyncio.wait({telling, stopping})
        await stack.stop()


@dataclass(frozen=True)
class Login:
    user_id: str
    password: str


async def _tell(stack: _Stack) -> list[Login]:
    facts = await stack.start()
    homeserver, secret = facts["homeserver"], facts["registration_shared_secret"]
    async with AsyncExitStack() as people:
        voices, logins = [], []
        for name in ("anna", "ben"):
            step(f"{name} registers and logs in, with encryption")
            login = await _account(homeserver, secret, name)
            person = MatrixPerson(homeserver, login.user_id, login.password)
            await people.enter_async_context(person)
            voices.append(Voice(name, person))
            logins.append(login)
        await Story(*voices, bot=facts["bot_user_id"], deadline=ANSWER_WITHIN).tell()
    return logins


async def _account(homeserver: str, secret: str, name: str) -> Login:
    """`name`, or the name with a number when an earlier demo made it in this folder."""
    password = secrets.token_urlsafe(9)
    for number in count(1):
        with suppress(AccountRefused):
            localpart = name if number == 1 else f"{name}{number}"
            return Login(await register(homeserver, secret, localpart, password), password)
    raise AssertionError("count() does not end")


def _where_to_look(stack: _Stack, logins: list[Login]) -> None:
    homeserver = stack.facts["homeserver"]
    say("\nThe stack goes on running. Look at it with Element or any other Matrix client:\n")
    say(f"  homeserver  {homeserver}")
    for login in logins:
        say(f"  login       {login.user_id}   password {login.password}")
    say("\nA new login can't read older encrypted messages; try: !aufgaben")
    say(f"Ctrl-C stops it; `wecreate up --dir {stack.layout.root}` starts it again.")


class _Stack:
    """`wecreate up` as a child; its progress is shown, its log is left to its files."""

    def __init__(self, layout: Layout, base: int) -> None:
        self.layout = layout
        self.base = base
        self.facts: dict[str, Any] = {}
        self._process: Process | None = None
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._started = asyncio.Event()

    async def start(self) -> dict[str, Any]:
        """What the ready file says, once all is healthy; raises Failure."""
        command = (sys.executable, "-m", "bots.cli", "up", "--dir", str(self.layout.root))
        self._process = await asyncio.create_subprocess_exec(
            *command,
            "--port-base",
            str(self.base),
            stdout=PIPE,
            stderr=STDOUT,
            # Ctrl-C reaches it by way of us, after the people have left.
            process_group=0,
        )
        if self._process.stdout:
            self._reading = asyncio.create_task(self._read(self._process.stdout))
        ended = asyncio.create_task(self._process.wait())
        ready = asyncio.create_task(self._started.wait())
        waits = {ended, ready}
        await asyncio.wait(waits, timeout=START_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            raise Failure(f"The stack did not start.\n{self.last_words()}")
        self.facts = json.loads(self.layout.ready.read_text(encoding="utf-8"))
        return self.facts

    async def _read(self, output: asyncio.StreamReader) -> None:
        async for raw in output:
            line = raw.decode(errors="replace").rstrip()
            self._lines.append(line)
            if line.startswith("·"):
                say(line)
            if line.startswith("· all is healthy"):
                self._started.set()

    def last_words(self) -> str:
        return "\n".join(self._lines)

    async def stop(self) -> None:
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_WITHIN)
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading
