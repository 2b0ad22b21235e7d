"""How large files may be: the homeserver's limit for a message, and what we keep beyond it."""

from __future__ import annotations

from dataclasses import dataclass

from wecreate_module.domain.links import LinkRules
from wecreate_module.storage.uow import UnitOfWork

LARGEST_MEDIA = "homeserver.largest_media"
"""In `meta`: bytes of the largest file that the homeserver takes."""


@dataclass(frozen=True)
class Largest:
    """In bytes: in a Matrix message (None: the homeserver does not say), and by a request."""

    message: int | None
    request: int


def largest_files(uow: UnitOfWork, rules: LinkRules) -> Largest:
    taken = largest_message(uow)
    allowed = rules.request_size
    if taken is None or rules.large_room:
        return Largest(taken, allowed)
    return Largest(taken, min(allowed, taken))


def largest_message(uow: UnitOfWork) -> int | None:
    taken = uow.meta.get(LARGEST_MEDIA)
    return int(taken) if taken else None


def room_for_large(uow: UnitOfWork, most: int) -> int:
    """Bytes of what `most` grants that are left."""
    return max(0, most - sum(uow.files.kept().values()))
