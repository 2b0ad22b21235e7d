"""CalDAV: WeCreate beside plain Radicale and Xandikos, by the same requests in one run.

The servers run side by side and take turns with each request, so that what else this machine
does hits all alike. Processor time is told beside the time on the clock.

    python -m tests.bench caldav
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench import calendar_load
from tests.bench.peers.calendars import Server, ours, radicale, xandikos
from tests.bench.table import Row, at_least, at_most, within

EVENTS = int(os.environ.get("BENCH_EVENTS", "10000"))
_FEW = 1000
_TRIES = 5
_CLIENTS, _SECONDS = 8, 10.0


@dataclass(frozen=True)
class Took:
    """Milliseconds, medians: on the clock and of the processor."""

    clock: float
    cpu: float


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return [*_many_events(Path(folder)), *_many_clients(Path(folder))]


def _many_events(folder: Path) -> list[Row]:
    with ExitStack() as stack:
        mine, plain, other = (
            stack.enter_context(serve(folder / serve.__name__, EVENTS))
            for serve in (ours, radicale, xandikos)
        )
        servers = (mine, plain, other)
        rows = [within(f"CalDAV {EVENTS}: cold start to first answer", mine.cold, 1.0, "s")]
        rows += [_beside(f"· {peer.name}", mine.cold, peer.cold, "s") for peer in servers[1:]]
        for name, target, took in (
            ("PUT new", 1 / 25, _each(servers, _put)),
            ("one month", 1 / 20, _each(servers, lambda server, _: server.month())),
            ("sync with 2 changes", 1 / 50, _two_changes(servers)),
            ("first sync of all", 1 / 3, _each(servers, _sync_all, tries=3)),
        ):
            rows += _compared(f"CalDAV {EVENTS}: {name}", target, took)
        return rows


def _compared(name: str, target: float, took: Sequence[Took]) -> list[Row]:
    mine, plain, other = took
    return [
        at_most(name, mine.clock, plain.clock, target, "ms"),
        at_most("· processor time", mine.cpu, plain.cpu, target, "ms"),
        _beside("· Xandikos", mine.clock, other.clock, "ms"),
    ]


def _beside(name: str, mine: float, peer: float, unit: str) -> Row:
    """To see where we are; nobody set a target."""
    return Row(name, mine, peer, mine / peer, "-", unit, met=True)


def _put(server: Server, number: int) -> None:
    server.put(EVENTS + number)


def _sync_all(server: Server, _: int) -> None:
    count = server.sync()[1]
    if count < EVENTS:
        raise AssertionError(f"{server.name}: {count} objects in a first sync")


def _two_changes(servers: Sequence[Server]) -> list[Took]:
    tokens = {server.name: server.sync()[0] for server in servers}

    def change(server: Server, number: int) -> None:
        for twice in range(2):
            server.put(2 * EVENTS + 2 * number + twice)

    def sync(server: Server, _: int) -> None:
        token, count = server.sync(tokens[server.name])
        tokens[server.name] = token
        if count != 2:
            raise AssertionError(f"{server.name}: {count} changes instead of 2")

    return _each(servers, sync, before=change)


Work = Callable[[Server, int], None]


def _each(
    servers: Sequence[Server], work: Work, tries: int = _TRIES, before: Work | None = None
) -> list[Took]:
    """Let the servers take turns; the first time is not counted, it fills caches."""
    clock: dict[str, list[float]] = {server.name: [] for server in servers}
    cpu: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(tries + 1):
        for server in servers:
            if before is not None:
                before(server, number)
            used, began = server.cpu(), time.perf_counter()
            work(server, number)
            clock[server.name].append((time.perf_counter() - began) * 1000)
            cpu[server.name].append(server.cpu() - used)
    return [
        Took(statistics.median(clock[server.name][1:]), statistics.median(cpu[server.name][1:]))
        for server in servers
    ]


def _many_clients(folder: Path) -> list[Row]:
    """One server after the other, each alone with its eight clients."""
    speeds: dict[str, float] = {}
    health = 0.0
    for serve in (ours, radicale, xandikos):
        with serve(folder / f"few-{serve.__name__}", _FEW) as server:
            given = (server.port, server.path, server.authorization)
            clients = calendar_load.start("reports", *given, _CLIENTS, _SECONDS)
            if serve is ours:
                looking = calendar_load.start("health", server.port, "", "", 1, _SECONDS - 1)
                health = calendar_load.result(looking)["p99"]
            speeds[serve.__name__] = calendar_load.result(clients)["per_second"]
    name = f"CalDAV {_FEW}: months for {_CLIENTS} clients"
    return [
        at_least(name, speeds["ours"], speeds["radicale"], 10, "/s"),
        _beside("· Xandikos", speeds["ours"], speeds["xandikos"], "/s"),
        within("· 99 of 100 looks at the health page", health, 50, "ms"),
    ]
