"""Child processes: started in order, restarted with back-off, stopped in reverse order."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from bots.operation.terminal import Failure

_POLL = 0.1
_KEPT_LINES = 60
_TELLING = re.compile(
    r"\b(?:\w+(?:Error|Exception|Broken|Destroyed)|[Ee]rror|No module named)\b:? ."
)
_LONGEST_LINE = 32 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_STEADY = 60.0
"""Seconds of running after which a crash counts as the first one again."""

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Service:
    """One child. `healthy` answers whether it serves; times are seconds."""

    name: str
    command: tuple[str, ...]
    healthy: Callable[[], Awaitable[bool]]
    start_within: float = 120.0
    stop_within: float = 20.0


class Supervisor:
    """`log` gets (name of the service, line) for each line that a child writes."""

    def __init__(self, log: Callable[[str, str], None]) -> None:
        self._log = log
        self._children: list[_Child] = []

    async def start(self, service: Service) -> None:
        """Start one and wait for its health; from then on it is kept running.

        Raises Failure with its most telling last line when it ends or isn't healthy in time.
        """
        child = _Child(service, self._log)
        self._children.append(child)
        await child.start()

    async def stop(self) -> None:
        """Stop all, the last started first; each gets its time to end by itself."""
        while self._children:
            await self._children.pop().stop()


class _Child:
    def __init__(self, service: Service, log: Callable[[str, str], None]) -> None:
        self.service = service
        self._log = log
        self._last_words: deque[str] = deque(maxlen=_KEPT_LINES)
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        process = await self._spawn()
        until = monotonic() + self.service.start_within
        while not await self.service.healthy():
            if process.returncode is not None:
                await self._read_out()
                raise Failure(self._why(f"ended with {_ending(process.returncode)}"))
            if monotonic() > until:
                raise Failure(self._why(f"gave no answer in {self.service.start_within:.0f} s"))
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _POLL)
        self._keeper = asyncio.create_task(self._keep(process))

    async def stop(self) -> None:
        if self._keeper:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), self.service.stop_within)
            except TimeoutError:
                self._tell(f"did not end in {self.service.stop_within:.0f} s and is killed")
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        await self._read_out()

    async def _keep(self, process: Process) -> None:
        pause = _FIRST_PAUSE
        while True:
            started = monotonic()
            code = await process.wait()
            if monotonic() - started > _STEADY:
                pause = _FIRST_PAUSE
            self._tell(f"ended with {_ending(code)}; it starts again in {pause:.0f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            process = await self._spawn()

    async def _spawn(self) -> Process:
        await self._read_out()
        process = await asyncio.create_subprocess_exec(
            *self.service.command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            # Not in our group: Ctrl-C is for us, who stop the children in order.
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid()),
        )
        self._process = process
        self._reader = asyncio.create_task(self._read(process))
        return process

    async def _read(self, process: Process) -> None:
        rest = b""
        stream = process.stdout
        while stream and (chunk := await stream.read(_LONGEST_LINE)):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._line(line)
        if rest:
            self._line(rest)

    async def _read_out(self) -> None:
        if self._reader:
            await self._reader
            self._reader = None

    def _line(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self._last_words.append(text)
        self._log(self.service.name, text)

    def _tell(self, what: str) -> None:
        self._log("up", f"{self.service.name} {what}")

    def _why(self, what: str) -> str:
        telling = [line for line in self._last_words if _TELLING.search(line)]
        words = telling[-1:] or list(self._last_words)[-3:] or ["(it said nothing)"]
        return f"{self.service.name} {what}: " + "\n".join(line.strip() for line in words)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _die_with_parent(parent: int) -> Callable[[], None]:
    """For the child, before it becomes the program: SIGKILL it when its parent ends.

    However we end, no homeserver stays behind that holds the ports. The data survives it:
    SQLite's journals and the bot's inbox and outbox are made for that.
    """

    def prepare() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the call above
            os._exit(1)

    return prepare
