"""What a task is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum


class TaskStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(IntEnum):
    """As in VTODO's PRIORITY: 1 is high, 5 normal, 9 low (RFC 5545, 3.8.1.9)."""

    HIGH = 1
    NORMAL = 5
    LOW = 9


@dataclass(frozen=True)
class ChecklistItem:
    text: str
    done: bool = False


@dataclass(frozen=True)
class Task:
    """A VTODO of the Box. `due` is a date, or an aware instant; `rrule` as in RFC 5545."""

    number: int
    uid: str
    title: str
    created_by: str
    created_at: datetime
    description: str = ""
    status: TaskStatus = TaskStatus.OPEN
    due: date | datetime | None = None
    assignees: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    items: tuple[ChecklistItem, ...] = ()
    rrule: str | None = None
    finished_by: str | None = None
    finished_at: datetime | None = None
    revision: int = 0
