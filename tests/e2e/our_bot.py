"""WeCreate's own bot as a process of its own, with settings for a homeserver of the tests."""

from __future__ import annotations

import secrets
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.ports import free_port
from tests.processes import STARTED, Process
from tests.servers import SynapseServer
from wecreate_module.settings.sample import sample

USERNAME = "wecreate"


class OurBot:
    """`wecreate bot` at `homeserver` (the Synapse itself, or a proxy before it)."""

    def __init__(
        self,
        folder: Path,
        synapse: SynapseServer,
        homeserver: str | None = None,
        settings: Mapping[str, Mapping[str, object]] | None = None,
        username: str = USERNAME,
    ) -> None:
        self.folder = folder
        self.user_id = synapse.user_id(username)
        self.database = folder / "wecreate.db"
        folder.mkdir(parents=True)
        password = secrets.token_urlsafe()
        (folder / "password").write_text(password)
        synapse.register(username, password)
        self.web = f"http://127.0.0.1:{(port := free_port())}"
        values: dict[str, Mapping[str, object]] = {
            "server": {
                "name": synapse.server_name,
                "homeserver": homeserver or synapse.url,
            },
            "bot": {"username": username, "password_file": "password"},
            "web": {"port": port},
            **(settings or {}),
        }
        config = folder / "wecreate.yaml"
        config.write_text(sample(values))
        command = [sys.executable, "-m", "bots.cli", "bot", "--config", str(config)]
        self.process = Process("wecreate bot", command, folder / "bot.log")

    def command(self, number: int) -> str:
        """For the crash harness: a task with a title of its own."""
        return f"!aufgabe Beet k{number} gießen"

    def start(self) -> None:
        """Return as soon as the process runs; `healthy` tells more."""
        self.process.start(lambda: True)

    def start_and_wait(self, deadline: float = STARTED) -> None:
        self.process.start(self.healthy, deadline)

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.web}/health", timeout=5) as answer:  # noqa: S310  # loopback
                return int(answer.status) == 200
        except OSError:
            return False

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.stop()
