"""Showing a file in the Box: as a message, or by a link where it is too large for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bots.files import link_views, sharing, views
from bots.files.places import rules_of
from bots.kit.context import Context, box_of
from bots.kit.outgoing import say
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies
from wecreate_module.domain.effects import SealLink, Send
from wecreate_module.domain.files import File
from wecreate_module.services import files, links

POSTED, OFFERED = "files.posted", "files.offered"


def show(ctx: Context, file: File) -> Replies:
    """Post it again; the message says `{"file": {…}}`, and `link` where it comes by one."""
    if file.version.media.kept is not None:
        return offer(ctx, file)
    say(ctx, views.here(ctx, file))  # first the word, then the file below it
    content = views.posted(ctx, file)
    ctx.put(Send(ctx.room_id, content), then=POSTED, extra={"number": file.number})
    return None


def offer(ctx: Context, file: File, said: str = "") -> Replies:
    """Answered by files.offered. `said` stands in the message, above the link."""
    new, found = links.prepare_offer(ctx.uow, box_of(ctx), file, rules_of(ctx))
    return sharing.seal(ctx, new, found, then=OFFERED, more={"said": said})


@continuation(OFFERED)
def offered(ctx: Context, effect: SealLink, result: dict[str, Any]) -> Replies:
    """`{"file": {…}, "link": {…}}`."""
    box = box_of(ctx)
    file = files.get_file(ctx.uow, box, int(ctx.extra["number"]))
    new = sharing.made(ctx, effect, result, ctx.sender or file.version.sender)
    reply = link_views.offered(ctx, file, new, rules_of(ctx), str(ctx.extra["said"]))
    return replace(reply, then=POSTED, keep={"number": file.number})


@continuation(POSTED)
def posted(ctx: Context, effect: Send, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - only where it stands counts
    """A reply to this message is about the file too."""
    event_id = result.get("event_id")
    if ctx.box is not None and isinstance(event_id, str):
        files.note_post(ctx.uow, ctx.box, int(ctx.extra["number"]), event_id)
    return None


CONTINUATIONS: tuple[Continuation, ...] = (offered, posted)
