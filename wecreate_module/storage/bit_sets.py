"""Sets of small numbers as bits of one large integer.

Python's integers do AND, OR and counting of 100,000 bits in a few microseconds.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator

_NOT_EMPTY = re.compile(rb"[^\x00]")
_FEW = 40


class Posting:
    """Slots in the order they came; as bits once they were asked for."""

    __slots__ = ("bits", "slots", "upto")

    def __init__(self) -> None:
        self.slots = array("I")
        self.bits: int | None = None
        self.upto = 0

    def add(self, slot: int) -> None:
        self.slots.append(slot)


class BitCache:
    """Turns postings into bits; those not asked for lately give their bits back."""

    def __init__(self, most: int = 1500) -> None:
        self._most = most
        self._warm: OrderedDict[int, Posting] = OrderedDict()

    def bits(self, posting: Posting) -> int:
        if posting.bits is None:
            posting.bits = bits_of(posting.slots)
        elif posting.upto < len(posting.slots):
            posting.bits |= bits_of(posting.slots[posting.upto :])
        posting.upto = len(posting.slots)
        self._warm[id(posting)] = posting
        self._warm.move_to_end(id(posting))
        if len(self._warm) > self._most:
            self._warm.popitem(last=False)[1].bits = None
        return posting.bits

    def union(self, postings: Iterable[Posting]) -> int:
        found = 0
        for posting in postings:
            found |= self.bits(posting)
        return found


def bits_of(slots: Iterable[int]) -> int:
    given = slots if isinstance(slots, array | list) else list(slots)
    if len(given) < _FEW:
        found = 0
        for slot in given:
            found |= 1 << slot
        return found
    data = bytearray((max(given) >> 3) + 1)
    for slot in given:
        data[slot >> 3] |= 1 << (slot & 7)
    return int.from_bytes(data, "little")


def as_bytes(bits: int) -> bytes:
    """Slot n is bit n & 7 of byte n >> 3."""
    return bits.to_bytes((bits.bit_length() + 7) >> 3, "little")


def slots_in(bits: int) -> Iterator[int]:
    """Ascending."""
    for found in _NOT_EMPTY.finditer(as_bytes(bits)):
        byte, base = found[0][0], found.start() << 3
        for bit in range(8):
            if byte >> bit & 1:
                yield base + bit
