"""Ports that stay free till a server of the tests takes them, seconds later.

They lie below those that the kernel hands out: any client's connection would take one of them
meanwhile. Each worker of a run has a range of its own, and no port is given out twice.
"""

from __future__ import annotations

import os
import secrets
import socket

_FIRST = 10_000
_WORKERS = 8
_EACH = 2_496
_next = secrets.randbelow(_EACH)  # two runs at a time seldom begin at the same one


def free_port(host: str = "127.0.0.1") -> int:
    """One that nobody listens at, nor will."""
    return free_ports(1, host)


def free_ports(count: int, host: str = "127.0.0.1") -> int:
    """The first of so many neighbouring ones."""
    global _next  # noqa: PLW0603  # one run's ports are counted in one place
    lowest = _FIRST + _worker() % _WORKERS * _EACH
    for _ in range(_EACH):
        start = _next if _next + count <= _EACH else 0
        _next = start + count
        if all(_is_free(host, lowest + start + offset) for offset in range(count)):
            return lowest + start
    raise OSError(f"no {count} neighbouring ports are free from {lowest} on")


def _worker() -> int:
    """The number of this process among those of pytest-xdist."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
