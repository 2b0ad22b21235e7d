from __future__ import annotations


class IdentityError(Exception):
    """The bot can't be who it should be; the text tells the operator what to do."""


class StoreError(Exception):
    """The encryption store can't be opened; the text tells the operator what to do."""
