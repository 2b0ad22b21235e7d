"""What lies on the operator's disk or in an S3 store: its folders, and that it can be away."""

from __future__ import annotations

CHUNK = 1024 * 1024
LINKS, LARGE = "links/", "large/"
"""Folders: what open links need, and what lies nowhere else."""


class StoreAway(Exception):
    """The store does not answer, or refuses us."""
