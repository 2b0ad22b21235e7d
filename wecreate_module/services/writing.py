"""Two people at one text: what each wrote is kept, and who comes second is asked."""

from __future__ import annotations

from datetime import timedelta

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.motions import Motion, Version
from wecreate_module.storage.uow import UnitOfWork

JUST_NOW = timedelta(minutes=15)


def newer_words(
    uow: UnitOfWork, box: Box, motion: Motion, key: str, actor: str, seen: int | None
) -> Version | None:
    """The version by somebody else whose words would be replaced unseen; None when none would.

    `seen` is the version that the person wrote on; where that isn't known, whatever somebody
    else wrote just now counts as unseen.
    """
    now = motion.version
    words = now.sections.get(key, "")
    if not words or now.author == actor:
        return None
    if seen is None:
        before = uow.motions.version(box.id, motion.number, now.number - 1)
        if uow.now - now.at > JUST_NOW or (before and before.sections.get(key, "") == words):
            return None
        return now
    known = uow.motions.version(box.id, motion.number, seen)
    return None if known is None or known.sections.get(key, "") == words else now
