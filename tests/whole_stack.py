"""`wecreate up` as its own process tree, as an operator runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.ports import free_ports
from tests.processes import Process

WECREATE = [sys.executable, "-m", "bots.cli"]
PORTS = 4
_SAYING = {"synapse": "synapse.app", "bot": "bots.cli bot", "dav": "bots.cli dav"}


def wecreate(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*WECREATE, *map(str, words)], capture_output=True, text=True, timeout=300, check=False
    )


class WholeStack:
    """One folder's stack. `facts` is its ready file."""

    def __init__(self, folder: Path, port_base: int | None = None) -> None:
        self.folder = folder
        self.port_base = port_base or free_ports(PORTS)
        self.ready_file = folder / "ready.json"
        self.facts: dict[str, Any] = {}
        command = [*WECREATE, "up", "--dir", str(folder), "--port-base", str(self.port_base)]
        self.process = Process("wecreate up", command, folder.with_suffix(".console"))

    def start(self) -> None:
        """Return when it is ready; raises DidNotStart with the end of its console."""
        self.process.start(self._ready)

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
        """Process id by name: synapse, bot, dav. One that is still or no more its parent isn't."""
        found: dict[str, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = stat.read_text().rpartition(")")[2].split()[1]
                command = (stat.parent / "cmdline").read_text().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == self.process.pid:
                name = next((name for name, said in _SAYING.items() if said in command), None)
                if name is not None:
                    found[name] = int(stat.parent.name)
        return found
