"""How much of the processor something takes, whoever else works on the machine."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage


@contextmanager
def at_most(seconds: float, *, of: int = RUSAGE_SELF) -> Iterator[None]:
    """Fails when it took more. `of` RUSAGE_CHILDREN: those that have ended meanwhile."""
    collecting = gc.isenabled()
    gc.disable()  # the garbage of all tests before is not its own
    began = getrusage(of)
    try:
        yield
    finally:
        if collecting:
            gc.enable()
    ended = getrusage(of)
    took = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
    assert took < seconds, f"{took:.2f} s of processor, at most {seconds} s were expected"


__all__ = ["RUSAGE_CHILDREN", "at_most"]
