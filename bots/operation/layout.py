"""Where things lie in an embedded installation's folder, and on which ports it listens."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from bots.operation.terminal import Failure

DEFAULT_DIR = Path("var")
DEFAULT_PORT_BASE = 8008
HOST = "127.0.0.1"
LEAST_FREE = 200_000_000
"""Bytes on the disk below which nothing is started."""


@dataclass(frozen=True)
class Layout:
    """Everything `wecreate up` writes is under `root`."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "wecreate.yaml"

    @property
    def synapse(self) -> Path:
        return self.root / "synapse"

    @property
    def homeserver_yaml(self) -> Path:
        return self.synapse / "homeserver.yaml"

    @property
    def local_yaml(self) -> Path:
        """The operator's own additions to Synapse's configuration; never written by us."""
        return self.synapse / "local.yaml"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def shared_secret(self) -> Path:
        return self.secrets / "registration_shared_secret"

    @property
    def bot_password(self) -> Path:
        return self.secrets / "bot_password"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def disclosures(self) -> Path:
        """What was sent to which other server, one JSON object a line."""
        return self.logs / "disclosures.log"

    @property
    def lock(self) -> Path:
        return self.root / "up.lock"

    @property
    def ready(self) -> Path:
        return self.root / "ready.json"

    def make(self) -> None:
        """The folders, closed to others; raises Failure when they can't be made."""
        for folder in (self.root, self.synapse, self.secrets, self.logs):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise Failure(
                    f"The folder {folder} can't be made: {error.strerror}. "
                    "Choose another one with --dir."
                ) from error


@dataclass(frozen=True)
class Ports:
    """Four neighbours from `base` on."""

    base: int

    @property
    def client(self) -> int:
        return self.base

    @property
    def federation(self) -> int:
        return self.base + 1

    @property
    def dav(self) -> int:
        return self.base + 2

    @property
    def web(self) -> int:
        return self.base + 3

    def check_free(self) -> None:
        """Raise Failure naming every port that is taken, and what to do."""
        uses = {
            self.client: "the homeserver",
            self.federation: "the homeserver's federation",
            self.dav: "calendars",
            self.web: "health and metrics",
        }
        taken = [
            f"Port {port} (for {use}) {why}."
            for port, use in uses.items()
            if (why := _why_not(port)) is not None
        ]
        if taken:
            raise Failure(
                "\n".join(taken) + "\nStop what uses it, or choose four other ports with "
                "--port-base N (N to N+3 are used)."
            )


def _why_not(port: int) -> str | None:
    with socket.socket() as probe:
        # As the servers do: a connection that is only dying does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except PermissionError:
            return "needs more rights than this user has"
        except OSError:
            return "is taken"
    return None


def check_room(folder: Path) -> None:
    """Raise Failure when the disk is as good as full."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise Failure(
            f"Only {free // 1_000_000} MB are free for {folder}, too little to start: "
            f"{LEAST_FREE // 1_000_000} MB are needed. Free some space, or choose another "
            "folder with --dir."
        )


def write_private(path: Path, text: str) -> None:
    """Replace `path` at once, readable by its owner only."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def secret_in(path: Path) -> str:
    """The secret of `path`; on the first use a fresh one is made."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32) + "\n")
    return path.read_text(encoding="utf-8").strip()
