"""From a decrypted message to rows in the outbox; nothing here commits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bots.kit.app import App
from bots.kit.incoming import Incoming

if TYPE_CHECKING:
    from wecreate_module.storage.outbox import OutboxRow
    from wecreate_module.storage.schedule import Scheduled
    from wecreate_module.storage.uow import UnitOfWork

__all__ = ["Incoming"]


def handle(app: App, uow: UnitOfWork, incoming: Incoming, now: datetime) -> None:
    """Do what a message asks for. Raises only on faults of ours."""
    raise NotImplementedError


def failed(app: App, uow: UnitOfWork, incoming: Incoming, now: datetime) -> None:
    """After a fault of ours was rolled back: tell the person that it was noted."""
    raise NotImplementedError


def continue_(
    app: App, uow: UnitOfWork, row: OutboxRow, result: dict[str, Any], now: datetime
) -> None:
    """Go on after an effect is done."""
    raise NotImplementedError


def run_scheduled(app: App, uow: UnitOfWork, item: Scheduled, now: datetime) -> None:
    """Do scheduled work."""
    raise NotImplementedError


def unreadable(
    app: App,
    uow: UnitOfWork,
    room_id: str,
    event_id: str,
    sender: str,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Tell the room once why a message can't be read and what to do."""
    raise NotImplementedError


def joined(app: App, uow: UnitOfWork, room_id: str, inviter: str | None, now: datetime) -> None:
    """Say hello in a room the bot has just joined."""
    raise NotImplementedError
