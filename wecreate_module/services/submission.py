"""Handing a motion in: what must be so before it leaves the Box, and what then holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from wecreate_module.domain.bodies import Body
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.checks import Level, check
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion, MotionState, require_draft
from wecreate_module.services import motions
from wecreate_module.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Ready:
    """A motion that may be handed in: these words and no others."""

    motion: Motion
    sha256: str


def require_ready(uow: UnitOfWork, box: Box, number: int, body: Body, today: date) -> Ready:
    """UserError while the check finds errors, or when it was handed in already."""
    motion = motions.get_motion(uow, box, number)
    require_draft(motion)
    errors = [each for each in check(motion, body, today) if each.level is Level.ERROR]
    if errors:
        raise UserError(
            "motion-not-ready",
            "Something is still missing. See what with: !motion {number} check",
            number=number,
        )
    return Ready(motion, motion.version.sha256)


def hand_in(
    uow: UnitOfWork, box: Box, number: int, body: Body, today: date, *, sha256: str, actor: str
) -> Motion:
    """Freeze the words that were shown; refused if others changed them meanwhile."""
    ready = require_ready(uow, box, number, body, today)
    if ready.sha256 != sha256:
        raise UserError(
            "motion-changed-meanwhile",
            "The text has changed meanwhile. Look at it and type again: !motion {number} submit",
            number=number,
        )
    return motions.set_state(uow, box, number, MotionState.SUBMITTED, actor=actor)
