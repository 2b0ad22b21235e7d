"""The process' figures for Prometheus."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

log = logging.getLogger(__name__)

# Round trips are tens of milliseconds; a slow disk or a cold key query shows as seconds.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Level(StrEnum):
    """Figures that are asked for at each scrape."""

    INBOX_WAITING = "inbox_waiting"
    INBOX_UNDECRYPTABLE = "inbox_undecryptable"
    OUTBOX_PENDING = "outbox_pending"
    SYNC_AGE = "sync_age_seconds"
    ONE_TIME_KEYS = "one_time_keys"
    SCHEDULED_LATENESS = "scheduled_lateness_seconds"


_HELP = {
    Level.INBOX_WAITING: "Matrix events taken in and not yet done",
    Level.INBOX_UNDECRYPTABLE: "Matrix events whose key is missing",
    Level.OUTBOX_PENDING: "Messages and other effects not yet delivered",
    Level.SYNC_AGE: "Seconds since the last answer of the homeserver's sync",
    Level.ONE_TIME_KEYS: "One-time keys that the server still has of the bot's device",
    Level.SCHEDULED_LATENESS: "By how many seconds the oldest due work is late; 0 is in time",
}


class Metrics:
    """One registry of its own, so that two can live side by side in tests."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._commands = Counter(
            "wecreate_commands",
            "Commands done, by name and outcome",
            ("command", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "wecreate_command_seconds",
            "From taking a command up to its commit",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._levels = {
            level: Gauge(f"wecreate_{level}", _HELP[level], registry=self.registry)
            for level in Level
        }

    def command(self, name: str, ok: bool, seconds: float) -> None:  # noqa: FBT001 - an outcome
        """Count one command; `name` is a registered one, never a user's text."""
        self._commands.labels(name, "ok" if ok else "refused").inc()
        self._seconds.observe(seconds)

    def level(self, level: Level, ask: Callable[[], float]) -> None:
        """`ask` is called at each scrape, in a thread."""
        self._levels[level].set_function(lambda: _asked(level, ask))

    def text(self) -> bytes:
        return generate_latest(self.registry)


def _asked(level: Level, ask: Callable[[], float]) -> float:
    try:
        return float(ask())
    except Exception:  # a callback boundary: one broken figure must not hide the others
        log.exception("the figure %s failed", level)
        return math.nan
