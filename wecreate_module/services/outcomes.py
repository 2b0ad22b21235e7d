"""What became of a motion: learned, kept with its time, told where it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion, MotionState, clean_wording, move_on
from wecreate_module.domain.outcomes import News, NewsKind
from wecreate_module.services.motions import change, get_motion, set_state
from wecreate_module.storage.uow import UnitOfWork

MOST_NEWS = 200


@dataclass(frozen=True)
class Learned:
    """What somebody says became of it; `text` in their words or the body's."""

    kind: NewsKind
    text: str
    state: MotionState | None = None
    body_number: str = ""
    decided_text: str = ""


def learn(
    uow: UnitOfWork,
    box: Box,
    number: int,
    learned: Learned,
    *,
    actor: str,
    file: str = "",
    event_id: str = "",
) -> Motion:
    """Keep it, and move the motion on where it says so."""
    before = get_motion(uow, box, number)
    if len(before.news) >= MOST_NEWS:
        raise UserError("too-much-news", "That is as much news as fits on one motion.")
    if learned.state is not None and learned.state is not before.state:
        set_state(uow, box, number, learned.state, actor=actor, remark=learned.text[:1000])
    news = News(learned.kind, learned.text[:1000], actor, uow.now, file, event_id)

    def told(motion: Motion) -> Motion:
        kept = replace(motion, news=(*motion.news, news))
        if learned.decided_text:
            kept = replace(kept, decided_text=clean_wording(learned.decided_text))
        return move_on(kept, kept.state, uow.now, body_number=learned.body_number)

    return change(uow, box, number, actor, "news", told)
