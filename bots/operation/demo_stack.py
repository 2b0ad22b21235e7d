"""What the demos stand on: `wecreate up` as a child, and fresh accounts on it."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from bots.operation.accounts import AccountRefused, register
from bots.operation.layout import DEFAULT_PORT_BASE, Layout, Ports
from bots.operation.terminal import Failure, say

START_WITHIN = 180.0
STOP_WITHIN = 60.0
_LAST_LINES = 20


@dataclass(frozen=True)
class Login:
    user_id: str
    password: str


def free_base(beyond: int = 0) -> int:
    """The first of four neighbouring free ports, above `beyond`. Raises Failure."""
    for base in range(DEFAULT_PORT_BASE, DEFAULT_PORT_BASE + 1000, 100):
        if base <= beyond:
            continue
        with suppress(Failure):
            Ports(base).check_free()
            return base
    raise Failure("No four free ports were found; choose some with --port-base.")


async def account(homeserver: str, secret: str, name: str) -> Login:
    """`name`, or the name with a number when an earlier demo made it in this folder."""
    password = secrets.token_urlsafe(9)
    for number in count(1):
        with suppress(AccountRefused):
            localpart = name if number == 1 else f"{name}{number}"
            return Login(await register(homeserver, secret, localpart, password), password)
    raise AssertionError("count() does not end")


class DemoStack:
    """`wecreate up` as a child; its progress is shown, its log is left to its files.

    `name` stands before each line where there are several.
    """

    def __init__(self, layout: Layout, base: int, name: str = "") -> None:
        self.layout = layout
        self.base = base
        self.name = name
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
                say(f"{line} ({self.name})" if self.name else line)
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
