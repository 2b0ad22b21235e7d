"""`!antrag 3 stand …`: what became of a motion, in its body's terms."""

from __future__ import annotations

import re

from bots.kit.arguments import Rest
from bots.kit.context import Context, box_of
from bots.kit.incoming import Incoming
from bots.kit.registry import Command, argument, command
from bots.kit.replies import Replies, Reply
from bots.motions import views
from bots.motions.amending import require_author
from bots.motions.sentences import read_news
from wecreate_module.domain.attachments import Attachment
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.motions import Motion
from wecreate_module.domain.outcomes import NewsKind
from wecreate_module.services import motions, outcomes
from wecreate_module.services.outcomes import Learned

_CAPTION = re.compile(
    r"!?\s*(?:antrag|motion)\s+(\d{1,6})\s+(?:stand|status)\s+(\S.*)", re.IGNORECASE | re.DOTALL
)


@command(
    "antrag # stand",
    "motion # status",
    area="motions",
    summary="Note what became of a motion",
    examples=(
        ("!antrag 3 stand eingereicht", "!motion 3 status submitted"),
        ("!antrag 3 stand Nummer VII-A-00605", "!motion 3 status number VII-A-00605"),
        (
            "!antrag 3 stand überwiesen an den Ausschuss für Umwelt",
            "!motion 3 status referred to the committee",
        ),
        (
            "!antrag 3 stand Verwaltungsstandpunkt Ablehnung: zu teuer",
            "!motion 3 status statement Ablehnung: too expensive",
        ),
        ("!antrag 3 stand geändert beschlossen", "!motion 3 status adopted with changes"),
        ("!antrag 3 stand Beschlusstext: 1. …", "!motion 3 status decided: 1. …"),
    ),
)
@argument("said", Rest(), "was", "what", optional=True)
def status(ctx: Context, number: int, said: str | None) -> Replies:
    """`{"motion": {…, "news": […]}}`; once it is handed in, its text stays as it is."""
    box = box_of(ctx)
    motion = motions.get_motion(ctx.uow, box, number)
    if said is None:
        return views.card(ctx, motion)
    return _learn(ctx, box, motion, said)


def _learn(
    ctx: Context, box: Box, motion: Motion, said: str, file: str = "", event_id: str = ""
) -> Replies:
    require_author(ctx, motion)
    learned = read_news(said, views.body_of(motion).level)
    motion = outcomes.learn(
        ctx.uow, box, motion.number, learned, actor=ctx.sender, file=file, event_id=event_id
    )
    emoji, state = views.STATES[motion.state]
    told = ctx.t("{emoji} Noted: {state}.", emoji=emoji, state=ctx.t(state))
    if learned.kind is not NewsKind.STATE:
        told = ctx.t("📌 Noted: {text}", text=learned.text[:300])
    mine = views.changed(ctx, motion, told, short=True)
    elsewhere = _where_it_came_from(ctx, box, motion, learned)
    return [mine, elsewhere] if elsewhere is not None else mine


def _where_it_came_from(ctx: Context, box: Box, motion: Motion, learned: Learned) -> Reply | None:
    """The Box that handed it on hears of it, where it is on this server."""
    origin = motion.origin
    source = ctx.uow.boxes.get(origin.box_id) if origin is not None and origin.box_id else None
    before = ctx.uow.motions.get(source.id, origin.number) if source and origin else None
    if source is None or before is None or len(before.news) >= outcomes.MOST_NEWS:
        return None
    text = f"{box.name} A{motion.number}: {learned.text}"
    note = Learned(NewsKind.NOTE, text)
    outcomes.learn(ctx.uow, source, before.number, note, actor=ctx.sender)
    words = ctx.t(
        "📌 A{number} “{title}”: {text}", number=before.number, title=before.title, text=text
    )
    return Reply(words, room_id=source.room_id)


def is_meant(attachment: Attachment) -> bool:
    """Whether a file's caption says what became of a motion."""
    return _CAPTION.fullmatch(attachment.caption.strip()) is not None


def attach(ctx: Context, attachment: Attachment, incoming: Incoming) -> Replies:
    """News with the file that they stand in: the minutes, the decision."""
    found = _CAPTION.fullmatch(attachment.caption.strip())
    if found is None:
        return None
    box = box_of(ctx)
    motion = motions.get_motion(ctx.uow, box, int(found[1]))
    return _learn(ctx, box, motion, found[2], attachment.name[:200], incoming.event_id)


COMMANDS: tuple[Command, ...] = (status,)
