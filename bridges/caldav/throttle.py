"""Slows down who guesses passwords, and nobody else.

Failures are counted per address, and per login and address: a stranger's guesses don't lock the
owner out, who comes from elsewhere or has been let in before.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

_PER_LOGIN, _PER_ADDRESS = 5, 30
_FORGET_AFTER = 60.0
"""Seconds after which one failure is forgiven."""
_MOST = 20_000
"""Counters kept; the oldest is dropped when a flood brings more."""


class Throttle:
    """Leaky buckets of failures. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def wait(self, login: str, address: str) -> int:
        """Tell how many seconds to wait before the next try; 0: none."""
        with self._lock:
            over = max(
                self._level((login, address)) - _PER_LOGIN,
                self._level(("", address)) - _PER_ADDRESS,
            )
        return 0 if over < 0 else max(1, round((over + 1) * _FORGET_AFTER))

    def failed(self, login: str, address: str) -> None:
        with self._lock:
            for key in ((login, address), ("", address)):
                self._failures[key] = (self._level(key) + 1, self._clock())
                self._failures.move_to_end(key)
            while len(self._failures) > _MOST:
                self._failures.popitem(last=False)

    def succeeded(self, login: str, address: str) -> None:
        with self._lock:
            self._failures.pop((login, address), None)

    def _level(self, key: tuple[str, str]) -> float:
        level, since = self._failures.get(key, (0.0, 0.0))
        return max(0.0, level - (self._clock() - since) / _FORGET_AFTER)
