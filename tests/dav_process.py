"""`wecreate dav` as a process of its own, for tests that kill it or measure it."""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import yaml

from tests.ports import free_port
from tests.processes import Process


def dav_process(folder: Path, database: str = "", *, external: str = "none") -> tuple[Process, int]:
    """Not started yet; and its port. The store lies in `folder` under its usual names.

    `external` is a host that calendars may be tied to.
    """
    port = free_port()
    settings: dict[str, Any] = {
        "server": {"name": "w.example", "homeserver": "http://127.0.0.1:1"},
        "database": {"url": database or f"sqlite:///{folder}/wecreate.db"},
        "storage": {"keys": str(folder / "keys.db"), "key_file": str(folder / "key")},
        "calendars": {
            "port": port,
            "external": external if external == "none" else [external],
        },
    }
    config = folder / f"wecreate-{port}.yaml"
    config.write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "bots.cli", "dav", "--config", str(config)]
    return Process("dav", command, folder / "dav.log"), port


def healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
