"""What goes wrong with calendars on other servers."""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    """What is told to people; the words for it are the bot's."""

    FORBIDDEN_ADDRESS = "forbidden-address"
    LOGIN = "login"
    GONE = "gone"
    NO_CALENDAR = "no-calendar"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    TOO_LARGE = "too-large"
    BROKEN = "broken"


LASTING = frozenset({
    Trouble.FORBIDDEN_ADDRESS,
    Trouble.LOGIN,
    Trouble.CERTIFICATE,
    Trouble.GONE,
    Trouble.TOO_LARGE,
})  # fmt: skip
"""Told at once; the others may be gone by themselves."""


class ExternalError(Exception):
    """The other server can't be used now; `why` is for the log and holds no secret."""

    def __init__(self, trouble: Trouble, why: str) -> None:
        super().__init__(why)
        self.trouble = trouble


class NotTaken(Exception):
    """The other server refused one object (403, 409, 413, 415, 422 …)."""


class Outdated(Exception):
    """The object there is another than we knew (412, 404): look again, then decide anew."""
