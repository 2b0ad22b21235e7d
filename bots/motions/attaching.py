"""Texts sent as files: for the question that waits, or named in the file's caption."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from bots.kit import dialogues
from bots.kit.context import Context
from bots.kit.incoming import Incoming
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from bots.motions import drafting, handing_on, status, views
from bots.motions.arguments import SectionText
from bridges.documents.reading import MOST_BYTES, READABLE, read_text
from wecreate_module.domain.attachments import Attachment, read_attachment
from wecreate_module.domain.bodies import REASON, TEXT
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.effects import FetchFile
from wecreate_module.domain.errors import UserError
from wecreate_module.services import motions

FETCHED = "motions.fetched"
_CAPTION = re.compile(
    r"!?\s*(?:antrag|motion)\s+(\d{1,6})\s+"
    r"(?:(text)|(begr(?:ü|ue)ndung|reason)|(?:abschnitt|section)\s+([^:]{1,100}))\s*:?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Place:
    """Where a file's words belong. `at` is the question they answer."""

    number: int
    key: str
    at: int | None = None
    seen: int | None = None


def notice(ctx: Context, incoming: Incoming) -> Replies:
    """Fetch a file that is meant as words for a motion; any other is left alone."""
    attachment = read_attachment(incoming.content)
    if attachment is None or ctx.box is None or ctx.box.state is not BoxState.ACTIVE:
        return None
    if handing_on.is_offer(attachment):
        handing_on.fetch(ctx, attachment)
        return None
    if status.is_meant(attachment):
        return status.attach(ctx, attachment, incoming)
    place = _named(ctx, attachment) or _asked(ctx, incoming)
    if place is None:
        return None
    if not attachment.name.casefold().endswith(READABLE):
        raise UserError(
            "file-kind-unknown",
            "I can read Word (.docx), LibreOffice (.odt) and plain text (.txt, .md). "
            "Save it as one of these.",
        )
    ctx.put(
        FetchFile(attachment.media.to_file(), MOST_BYTES),
        then=FETCHED,
        extra={**vars(place), "name": attachment.name},
    )
    return None


def _named(ctx: Context, attachment: Attachment) -> Place | None:
    """`!antrag 3 text` written on the file itself."""
    found = _CAPTION.fullmatch(attachment.caption.strip())
    if found is None or ctx.box is None:
        return None
    number = int(found[1])
    motion = motions.get_motion(ctx.uow, ctx.box, number)
    if found[4]:
        return Place(number, SectionText.key_of(views.body_of(motion), found[4].strip()))
    return Place(number, TEXT if found[2] else REASON)


def _asked(ctx: Context, incoming: Incoming) -> Place | None:
    """The question that waits for this person here."""
    waiting = dialogues.find(ctx.uow, ctx.room_id, ctx.sender, incoming.thread_id)
    if waiting is None or waiting.answer != drafting.SECTION or waiting.data is None:
        return None
    if not waiting.is_answered_by(incoming, direct=False, now=ctx.now):
        return None
    return Place(int(waiting.data["number"]), "", int(waiting.data["at"]), waiting.data.get("seen"))


@continuation(FETCHED)
def fetched(ctx: Context, effect: FetchFile, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - the result is enough
    """Its words go where they belong."""
    data, box = result.get("data"), ctx.box
    if box is None:
        return None
    if not isinstance(data, str):
        raise UserError(
            "file-unreadable", "I can't open that file: it is damaged or too large. Send it again."
        )
    place = Place(**{name: ctx.extra[name] for name in Place.__dataclass_fields__})
    text = read_text(str(ctx.extra["name"]), base64.b64decode(data))
    motion = motions.get_motion(ctx.uow, box, place.number)
    if place.at is not None:
        waiting = dialogues.find(ctx.uow, ctx.room_id, ctx.sender, ctx.origin.thread_id)
        dialogues.end(ctx.uow, ctx.room_id, ctx.sender, waiting)
        seen = place.seen if place.seen is not None else motion.version.number
        return drafting.take(ctx, box, motion, place.at, text, seen)
    return drafting.replace_part(ctx, place.number, place.key, text)


CONTINUATIONS: tuple[Continuation, ...] = (fetched,)
