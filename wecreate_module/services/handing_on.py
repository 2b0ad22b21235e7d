"""From Box to Box: a motion is offered, and made anew where it is taken over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from wecreate_module.domain.bodies import Body
from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.handover import MOST_VERSIONS, Offer, offer_of
from wecreate_module.domain.motions import Motion, MotionState, Version
from wecreate_module.domain.outcomes import NewsKind, Origin
from wecreate_module.services import outcomes, submission
from wecreate_module.services.motions import get_motion, get_version
from wecreate_module.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Choice:
    """What the receiving side decides; None is the newest version, the next number."""

    version: int | None = None
    number: int | None = None
    body_number: str = ""


def hand_on(
    uow: UnitOfWork,
    box: Box,
    number: int,
    body: Body,
    today: date,
    *,
    to: str,
    server: str,
    name_of: Callable[[str], str],
    actor: str,
) -> Offer:
    """The motion as another Box gets it; a draft is handed in by it, and stays as it is.

    People stand in it by name: their accounts are nobody's business elsewhere.
    """
    motion = get_motion(uow, box, number)
    if motion.state is MotionState.DRAFT:
        ready = submission.require_ready(uow, box, number, body, today)
        submission.hand_in(uow, box, number, body, today, sha256=ready.sha256, actor=actor)
    learned = outcomes.Learned(NewsKind.HANDED_ON, to)
    motion = outcomes.learn(uow, box, number, learned, actor=actor)
    newest = motion.version.number
    first = max(1, newest - MOST_VERSIONS + 1)
    versions = [get_version(uow, box, number, each) for each in range(first, newest + 1)]
    named = [replace(each, author=name_of(each.author)) for each in versions]
    return offer_of(motion, named, [name_of(who) for who in motion.signed], box.name, server)


def take_over(
    uow: UnitOfWork, box: Box, offered: int | None, body: Body | None, choice: Choice, *, actor: str
) -> Motion:
    """A motion of this Box, made of one that was offered."""
    require_active(box)
    offered = uow.offers.newest(box.id) if offered is None else offered
    offer = uow.offers.get(box.id, offered) if offered is not None else None
    if offer is None or offered is None:
        raise UserError("no-offer", "No motion is waiting here to be taken over.")
    chosen = offer.newest if choice.version is None else offer.version(choice.version)
    number = _number(uow, box, choice.number)
    note = f"{offer.box} A{offer.number}, Fassung {chosen.number}"
    words = Version(1, chosen.title, chosen.sections, actor, uow.now, note)
    motion = Motion(
        number=number,
        body=body.id if body is not None else offer.body,
        version=words,
        created_by=actor,
        created_at=uow.now,
        body_number=choice.body_number,
        first_idea=offer.first_idea,
        origin=Origin(
            box=offer.box,
            number=offer.number,
            version=chosen.number,
            sha256=chosen.sha256,
            server=offer.server,
            box_id=offer.box_id,
        ),
    )
    uow.offers.taken(box.id, offered, offer)
    return uow.motions.add(box.id, motion)


def _number(uow: UnitOfWork, box: Box, wanted: int | None) -> int:
    if wanted is None:
        return uow.motions.next_number(box.id)
    if not uow.motions.reserve(box.id, wanted):
        raise UserError(
            "number-taken",
            "A{number} or a later number was given already. Choose a higher one, or none.",
            number=wanted,
        )
    return wanted
