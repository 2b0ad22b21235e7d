"""`wecreate up` as its own process tree, as an operator runs it."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.processes import Process

WECREATE = [sys.executable, "-m", "bots.cli"]


def free_port_base(ports: int = 4) -> int:
    """The first of so many neighbouring ports that are free.

    Below those that the kernel hands out: a client's connection would take one meanwhile.
    """
    while True:
        base = random.randrange(10_000, 30_000, 4)
        if all(_is_free(base + offset) for offset in range(ports)):
            return base


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wecreate(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*WECREATE, *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )


class WholeStack:
    """One folder's stack. `facts` is its ready file."""

    def __init__(self, folder: Path, port_base: int | None = None) -> None:
        self.folder = folder
        self.port_base = port_base or free_port_base()
        self.ready_file = folder / "ready.json"
        self.facts: dict[str, Any] = {}
        command = [*WECREATE, "up", "--dir", str(folder), "--port-base", str(self.port_base)]
        self.process = Process("wecreate up", command, folder.with_suffix(".console"))

    def start(self) -> None:
        """Return when it is ready; raises DidNotStart with the end of its console."""
        self.process.start(self._ready, deadline=120)

    def _ready(self) -> bool:
        if not self.ready_file.exists():
            return False
        self.facts = json.loads(self.ready_file.read_text())
        # One that was killed could not remove its file.
        return bool(self.facts["pid"] == self.process.pid)

    def stop(self) -> int | None:
        """SIGTERM, and the exit code."""
        child = self.process._child
        self.process.stop(60)
        return child.returncode if child else None

    @property
    def console(self) -> str:
        return self.process.log.read_text(errors="replace")

    def children(self) -> dict[str, int]:
        """Process id by name: synapse, bot, dav."""
        found: dict[str, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = stat.read_text().rpartition(")")[2].split()[1]
                command = (stat.parent / "cmdline").read_text().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == self.process.pid:
                served = "dav" if "bots.cli dav" in command else "bot"
                name = "synapse" if "synapse.app" in command else served
                found[name] = int(stat.parent.name)
        return found
