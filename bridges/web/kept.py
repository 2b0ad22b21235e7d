"""What lies on the operator's disk or in an S3 store: its folders, and why something can't."""

from __future__ import annotations

CHUNK = 1024 * 1024
LINKS, LARGE = "links/", "large/"
"""Folders: what open links need, and what lies nowhere else."""


class StoreAway(Exception):
    """The store does not answer, or refuses us."""


class CantKeep(Exception):
    """`why`: "altered", "gone" (from the homeserver), "too-large" (for the bound), "disk-full".

    `room` is the bound in bytes, where that is what it is about; 0: the disk itself is full.
    """

    def __init__(self, why: str, room: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.room = room
