"""Child processes of the tests: ready-wait with a deadline, stop by PID."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

POLL = 0.05
LOG_TAIL = 60
STARTED = 180.0  # seconds: with others that start beside it, on a slow machine
ENDED = 60.0


class DidNotStart(Exception):
    """A server of the tests is not there; carries the end of its log."""


class Process:
    """One child with its log file. `start` returns once `ready` says so."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.arguments = list(arguments)
        self.log = log
        self._environment = dict(environment or {})
        self._user = user
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Raises RuntimeError when it does not run."""
        if self._child is None:
            raise RuntimeError(f"{self.name} does not run")
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self, ready: Callable[[], bool], deadline: float = STARTED) -> None:
        """Raises DidNotStart when it ends early or isn't ready in `deadline` seconds."""
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._environment},
                user=self._user,
            )
        until = time.monotonic() + deadline
        while not ready():
            ended = self._ended_within(POLL)
            if ended or time.monotonic() > until:
                how = (
                    f"ended with {self._child.returncode}"
                    if ended
                    else f"no answer in {deadline} s"
                )
                self.kill()
                raise DidNotStart(f"{self.name}: {how}\n{self.log_tail()}")

    def stop(self, deadline: float = ENDED, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end; after `deadline` seconds end it."""
        child = self._child
        if child is None:
            return
        if child.poll() is None:
            child.send_signal(how)
            if not self._ended_within(deadline):
                child.kill()
        child.wait()
        self._child = None

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()

    def log_tail(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return "(no log)"
        return "\n".join([f"--- {self.log.name} of {self.name} ---", *lines[-LOG_TAIL:]])

    def _ended_within(self, seconds: float) -> bool:
        if self._child is None:
            return True
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
