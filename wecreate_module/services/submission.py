"""Handing a motion in: what must be so before it leaves the Box, and what then holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from wecreate_module.domain.bodies import Body
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.checks import Level, check
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.mail import Mailing
from wecreate_module.domain.motions import Motion, MotionState, move_on, require_draft
from wecreate_module.services.motions import change, get_motion, require_no_vote, set_state
from wecreate_module.storage.mails import Mail, MailState
from wecreate_module.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Ready:
    """A motion that may be handed in: these words and no others."""

    motion: Motion
    sha256: str


def require_ready(uow: UnitOfWork, box: Box, number: int, body: Body, today: date) -> Ready:
    """UserError while the check finds errors, or when it was handed in already.

    A motion of whose mail nobody knows whether it went out may be handed in once more.
    """
    motion = get_motion(uow, box, number)
    if not is_uncertain(motion):
        require_draft(motion)
    require_no_vote(uow, box, number)
    errors = [each for each in check(motion, body, today) if each.level is Level.ERROR]
    if errors:
        raise UserError(
            "motion-not-ready",
            "Something is still missing. See what with: !motion {number} check",
            number=number,
        )
    return Ready(motion, motion.version.sha256)


def is_uncertain(motion: Motion) -> bool:
    """Whether its mail broke off at the last step."""
    sending = motion.state is MotionState.SENDING
    return sending and motion.mailing is not None and motion.mailing.uncertain


def hand_in(
    uow: UnitOfWork, box: Box, number: int, body: Body, today: date, *, sha256: str, actor: str
) -> Motion:
    """Freeze the words that were shown; refused if others changed them meanwhile."""
    _require_same(require_ready(uow, box, number, body, today), sha256)
    return set_state(uow, box, number, MotionState.SUBMITTED, actor=actor)


def start_sending(
    uow: UnitOfWork,
    box: Box,
    number: int,
    body: Body,
    today: date,
    *,
    sha256: str,
    to: str,
    reply_to: str,
    sender: str,
    actor: str,
) -> Motion:
    """The words that were shown go out by mail; until it is known what came of it they stay."""
    ready = require_ready(uow, box, number, body, today)
    _require_same(ready, sha256)
    message_id = _message_id(box, ready, to, sender, attempt=ready.motion.revision)
    before = ready.motion.mailing
    if is_uncertain(ready.motion) and before is not None and before.to == to:
        # The same one once more: a mail server that has it already can tell.
        message_id = before.message_id
        uow.mails.put(Mail(message_id, box.id, MailState.WAITING))
    mailing = Mailing(to, reply_to, message_id, uow.now)

    def sending(motion: Motion) -> Motion:
        moved = move_on(motion, MotionState.SENDING, uow.now)
        return replace(moved, mailing=mailing)

    return change(uow, box, number, actor, "sending", sending)


def _require_same(ready: Ready, sha256: str) -> None:
    if ready.sha256 != sha256:
        raise UserError(
            "motion-changed-meanwhile",
            "The text has changed meanwhile. Look at it and type again: !motion {number} submit",
            number=ready.motion.number,
        )


def _message_id(box: Box, ready: Ready, to: str, sender: str, *, attempt: int) -> str:
    """Stable for one decision to send, and telling nothing."""
    about = f"{box.id}:{ready.motion.number}:{ready.sha256}:{to}:{attempt}"
    domain = sender.rpartition("@")[2]
    return f"<motion.{hashlib.sha256(about.encode()).hexdigest()[:32]}@{domain}>"


def was_accepted(uow: UnitOfWork, box: Box, number: int, answer: str, *, actor: str) -> Motion:
    """The mail server took it: handed in, for good."""

    def submitted(motion: Motion) -> Motion:
        return _noted(move_on(motion, MotionState.SUBMITTED, uow.now), answer=answer)

    return change(uow, box, number, actor, "state", submitted)


def was_refused(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Motion:
    """Nothing went out: a draft as before."""

    def draft(motion: Motion) -> Motion:
        return replace(move_on(motion, MotionState.DRAFT, uow.now), mailing=None)

    return change(uow, box, number, actor, "state", draft)


def is_unknown(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Motion:
    """It broke off at the last step; people have to find out."""
    return change(uow, box, number, actor, "state", lambda it: _noted(it, uncertain=True))


def _noted(motion: Motion, *, answer: str = "", uncertain: bool = False) -> Motion:
    if motion.mailing is None:
        return motion
    return replace(motion, mailing=replace(motion.mailing, answer=answer, uncertain=uncertain))
