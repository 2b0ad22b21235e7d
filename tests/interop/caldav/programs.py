"""Other people's CalDAV programs, each as its users run it."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
from pathlib import Path
from typing import Any, ClassVar, Self

from tests.ports import free_port
from tests.processes import Process

ROOT = Path(__file__).parents[3]
BIN = ROOT / "var/interop/caldav/bin"
Json = dict[str, Any]


def program(name: str) -> str:
    """Its path; fails with what to do."""
    path = BIN / name
    if not path.exists():
        raise FileNotFoundError(f"{path}: run `make interop-setup` first")
    return str(path)


def run(
    name: str, *arguments: str, home: Path, check: bool = True, words: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program in a home of its own."""
    home.mkdir(exist_ok=True)
    environment = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "PATH": f"{BIN}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "Europe/Berlin",
    }
    done = subprocess.run(
        [program(name), *arguments],
        env=environment,
        cwd=home,
        input=words,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{name} {arguments}: {done.stdout}\n{done.stderr}")
    return done


def features_of(url: str, username: str, password: str, calendar: str, home: Path) -> Json:
    """What caldav-server-tester finds: feature → its support."""
    done = run(
        "caldav-server-tester",
        *("--caldav-url", url, "--caldav-username", username, "--caldav-password", password),
        *("--caldav-calendar", calendar, "--format", "json"),
        home=home,
        check=False,
    )
    start = done.stdout.find("{")
    if start < 0:
        raise AssertionError(done.stdout + done.stderr)
    found: Json = json.loads(done.stdout[start:])
    return found


class PlainRadicale:
    """Radicale as it comes, with one user and one calendar for each kind."""

    username, password = "anna", "secret"
    authorization: ClassVar[dict[str, str]] = {
        "Authorization": f"Basic {base64.b64encode(b'anna:secret').decode()}"
    }

    def __init__(self, folder: Path, tls: tuple[Path, Path] | None = None) -> None:
        """`tls` is a certificate and its key."""
        folder.mkdir()
        self.port = free_port()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}/"
        (folder / "users").write_text(f"{self.username}:{self.password}\n")
        config = folder / "config"
        config.write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            + (f"ssl = True\ncertificate = {tls[0]}\nkey = {tls[1]}\n" if tls else "")
            + f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder}/users\n"
            "htpasswd_encryption = plain\ndelay = 0\n"
            f"[storage]\nfilesystem_folder = {folder}/collections\n"
        )
        command = [program("radicale"), "--config", str(config)]
        self.process = Process("radicale", command, folder / "log")

    def __enter__(self) -> Self:
        self.process.start(self._ready)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()

    def asked(self) -> int:
        """How many requests it has read."""
        return self.process.log.read_text(errors="replace").count(" request for ")

    def _ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2):
                return True
        except OSError:
            return False
