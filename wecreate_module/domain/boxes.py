"""What a Box is, and who may do what in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Power(IntEnum):
    """Power levels that commands ask for (Matrix levels; room creators are above all)."""

    MEMBER = 0
    MODERATOR = 50
    ADMIN = 100


class BoxState(StrEnum):
    """A deleted Box has no row: its key and its rows are destroyed."""

    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class Box:
    """An encrypted room with WeCreate's features.

    `id` is our own random name for it, safe in paths; `room_id` is Matrix' one.
    """

    id: str
    room_id: str
    name: str
    language: str
    timezone: str
    created_by: str
    created_at: datetime
    state: BoxState = BoxState.ACTIVE
    adopted: bool = False
    revision: int = 0
