"""A bucket of requests for each address."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from synapse.http.site import SynapseRequest

# Of one address: so many at once, and so many a second after that.
BURST = 200
PER_SECOND = 20.0
ADDRESSES = 10_000


class Throttle:
    """The addresses used last are remembered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Take one request; 0.0, or the seconds until the next may come.

        "" is this machine itself: its operator, who is not slowed down.
        """
        if not address:
            return 0.0
        now = self._clock()
        left, before = self._buckets.pop(address, (float(BURST), now))
        left = min(float(BURST), left + (now - before) * PER_SECOND)
        wait = 0.0 if left >= 1 else (1 - left) / PER_SECOND
        self._buckets[address] = (left if wait else left - 1, now)
        while len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return wait


def address_of(request: SynapseRequest) -> str:
    """Who asks; "" for this machine, not for what says so behind a proxy."""
    host = str(request.getClientAddress().host)  # type: ignore[no-untyped-call]  # Twisted's
    if request.getHeader("X-Forwarded-For") is not None:
        return host
    try:
        return "" if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host
