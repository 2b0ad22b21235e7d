"""What can be wrong with the store, in words for the operator."""

from __future__ import annotations


class StoreError(Exception):
    """The store can't be used; the text says why and what to do."""


class KeyDestroyed(StoreError):
    """The key of this scope was destroyed for good: its Box was deleted."""


class SealBroken(StoreError):
    """Sealed bytes do not belong to this key and place, or were changed."""
