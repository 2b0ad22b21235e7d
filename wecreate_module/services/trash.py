"""What is deleted, by whomever and from wherever, can be brought back for a month."""

from __future__ import annotations

from datetime import timedelta

from wecreate_module.domain.boxes import Box
from wecreate_module.storage.calendar_objects import CalendarObject, Kind
from wecreate_module.storage.trash import Deleted
from wecreate_module.storage.uow import UnitOfWork

KEPT = timedelta(days=30)


def keep(uow: UnitOfWork, known: CalendarObject, *, actor: str) -> None:
    """Keep a copy of what is about to be deleted; what lies there for too long goes."""
    uow.trash.put(known, actor=actor)
    uow.trash.prune(uow.now - KEPT)


def keep_numbered(uow: UnitOfWork, box: Box, kind: Kind, number: int, *, actor: str) -> None:
    known = uow.calendar_objects.numbered(box.id, kind, number)
    if known is not None:
        keep(uow, known, actor=actor)


def deleted(uow: UnitOfWork, box: Box, kind: Kind) -> list[Deleted]:
    """What can be brought back, the latest first."""
    return [one for one in uow.trash.of(box.id, kind) if one.deleted_at >= uow.now - KEPT]
