"""`!antrag 3 weitergeben`: a motion goes on to another Box, here or on a partner's server."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

from bots.kit.arguments import Text
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, Continuation, argument, command, continuation
from bots.kit.replies import Button, Replies, Reply
from bots.kit.templates import html_to_text, render_template
from bots.motions import deadlines, views
from bots.motions.amending import require_author
from bots.motions.sentences import Takeover, TakeoverText
from wecreate_module.domain.attachments import Attachment
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.domain.effects import FetchFile, SendFile
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.handover import ENDING, MOST_BYTES, Offer, read_offer, to_json
from wecreate_module.services import handing_on, motions
from wecreate_module.services.bodies import known_bodies
from wecreate_module.services.handing_on import Choice

OFFERED, SENT = "motions.offered", "motions.handed_on"


@command(
    "antrag # weitergeben",
    "motion # forward",
    area="motions",
    summary="Hand a motion on to another Box, here or on another server",
    examples=(
        ("!antrag 3 weitergeben", "!motion 3 forward"),
        ("!antrag 3 weitergeben Unterbezirk Leipzig", "!motion 3 forward Unterbezirk Leipzig"),
    ),
)
@argument("name", Text(250), "box", "box", optional=True)
def forward(ctx: Context, number: int, name: str | None) -> Replies:
    """`{"motion": {…}}`; a Box of this server is asked at once, for others there is a file."""
    box = box_of(ctx)
    motion = motions.get_motion(ctx.uow, box, number)
    require_author(ctx, motion)
    target = _box_called(ctx, box, name) if name else None
    offer = handing_on.hand_on(
        ctx.uow,
        box,
        number,
        views.body_of(motion),
        ctx.today,
        to=f"→ {target.name}" if target else "→",
        server=ctx.server.server_name if ctx.server else "",
        name_of=ctx.display_name,
        actor=ctx.sender,
    )
    motion = motions.get_motion(ctx.uow, box, number)
    data = {"motion": views.motion_data(ctx, motion)}
    if target is not None:
        told = ctx.t("↪️ A{number} is offered to “{box}”.", number=number, box=target.name)
        asked = _ask(ctx, target, replace(offer, box_id=box.id))
        return [Reply(told, data=data), replace(asked, room_id=target.room_id)]
    file = json.dumps(to_json(offer), ensure_ascii=False, indent=1).encode()
    ctx.put(
        SendFile(
            ctx.room_id,
            f"A{number}{ENDING}",
            "application/json",
            base64.b64encode(file).decode(),
        ),
        then=SENT,
        extra={"number": number},
    )
    return None


@continuation(SENT)
def sent(ctx: Context, effect: SendFile, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - that it is there is enough
    """How it comes into the other Box."""
    if ctx.box is None:
        return None
    motion = motions.get_motion(ctx.uow, ctx.box, int(ctx.extra["number"]))
    text = ctx.t(
        "↪️ This file is A{number} for another Box. Forward it there, whatever server it is on; "
        "there I ask whether to take it over.",
        number=motion.number,
    )
    return Reply(text, data={"motion": views.motion_data(ctx, motion)})


def _box_called(ctx: Context, here: Box, name: str) -> Box:
    """A Box of this person by its name."""
    wanted = name.casefold().strip(" „“\"'")
    mine = [
        box
        for box in ctx.uow.boxes.of_member(ctx.sender)
        if box.id != here.id and box.state is BoxState.ACTIVE
    ]
    found = [box for box in mine if box.name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    raise UserError(
        "box-not-found",
        "I know no other Box “{name}” that you are in. Without a name you get a file that you can "
        "forward to any Box.",
        name=name[:60],
    )


def is_offer(attachment: Attachment) -> bool:
    return attachment.name.casefold().endswith(ENDING)


def fetch(ctx: Context, attachment: Attachment) -> None:
    """Look into a file that may be a motion from elsewhere."""
    if attachment.size <= MOST_BYTES:
        ctx.put(FetchFile(attachment.media.to_file(), MOST_BYTES), then=OFFERED)


@continuation(OFFERED)
def offered(ctx: Context, effect: FetchFile, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - the result is enough
    """Ask whether to take it over."""
    data = result.get("data")
    if ctx.box is None or not isinstance(data, str):
        return None
    return _ask(ctx, ctx.box, read_offer(base64.b64decode(data)))


def _ask(ctx: Context, box: Box, offer: Offer) -> Reply:
    number = ctx.uow.offers.add(box.id, offer)
    body = _next_body(offer)
    html = render_template(
        "motions/offer.html.j2", ctx, offer=offer, number=number, body=body,
        lines=len(offer.newest.lines),
    )  # fmt: skip
    data = {
        "offer": {
            "number": number,
            "title": offer.newest.title,
            "box": offer.box,
            "server": offer.server,
            "versions": [each.number for each in offer.versions],
            "body": body.id if body else offer.body,
        }
    }
    take = Button("✅", ctx.t("!motion takeover {number}", number=number))
    return Reply(html_to_text(html), html, data=data, buttons=(take,))


def _next_body(offer: Offer) -> Body | None:
    """Where motions of that body go on to; else the same body."""
    bodies = known_bodies()
    body = bodies.get(offer.body)
    following = bodies.get(body.hands_on_to) if body and body.hands_on_to else None
    return following or body


@command(
    "antrag übernehmen",
    "motion takeover",
    area="motions",
    summary="Take over a motion that another Box hands on; you choose version and number",
    examples=(
        ("!antrag übernehmen", "!motion takeover"),
        (
            "!antrag übernehmen 1 Fassung 4 als A12 für Landesparteitag",
            "!motion takeover 1 version 4 as A12 for Landesparteitag",
        ),
    ),
)
@argument("wanted", TakeoverText(), "welchen", "which", optional=True)
def take_over(ctx: Context, wanted: Takeover | None) -> Replies:
    """`{"motion": {…}}`, a draft of this Box."""
    box = box_of(ctx)
    wanted = wanted or Takeover(None, Choice(), None)
    offered_number = wanted.offered or ctx.uow.offers.newest(box.id)
    offer = ctx.uow.offers.get(box.id, offered_number) if offered_number else None
    body = wanted.body or (_next_body(offer) if offer is not None else None)
    motion = handing_on.take_over(
        ctx.uow, box, offered_number, body, wanted.choice, actor=ctx.sender
    )
    deadlines.plan(ctx, box, motion)
    said = ctx.t("📥 Taken over as A{number}:", number=motion.number)
    mine = views.card(ctx, motion, said)
    source = ctx.uow.boxes.get(motion.origin.box_id) if motion.origin else None
    if source is None or motion.origin is None:
        return mine
    told = ctx.t(
        "📌 “{box}” has taken over A{number}; there it is A{new}.",
        box=box.name,
        number=motion.origin.number,
        new=motion.number,
    )
    return [mine, Reply(told, room_id=source.room_id)]


COMMANDS: tuple[Command, ...] = (forward, take_over)
CONTINUATIONS: tuple[Continuation, ...] = (sent, offered)
