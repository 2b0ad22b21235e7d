"""`!datei anfrage Fotos`: a link by which people without an account send files into the Box."""

from __future__ import annotations

import base64
from typing import Any

from bots.files import request_views, views
from bots.files.offering import offer
from bots.files.places import rules_of
from bots.kit.arguments import Rest
from bots.kit.context import Context, box_of
from bots.kit.hints import first_time_in_an_hour
from bots.kit.outgoing import say
from bots.kit.registry import (
    Command,
    Continuation,
    Scheduler,
    argument,
    command,
    continuation,
    scheduled,
)
from bots.kit.replies import Replies
from wecreate_module.domain.attachments import (
    Attachment,
    Media,
    clean_mimetype,
    kind_of,
    message,
)
from wecreate_module.domain.effects import ReceiveUpload, Send
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.file_requests import FileRequest, read_request
from wecreate_module.domain.files import clean_file_name, shortened
from wecreate_module.services import file_requests, large_files
from wecreate_module.storage.schedule import Scheduled

RECEIVED, POSTED = "files.received", "files.received_posted"
_LONGEST_WISH = 300
_LONGEST_SENDER = 60


@command(
    "datei anfrage",
    "file request",
    area="files",
    summary="Get a link by which people without an account send files into this Box",
    examples=(
        ("!datei anfrage Fotos vom Fest", "!file request Photos of the fair"),
        ("!datei anfrage Belege 14 tage max 20", "!file request Receipts 14 days max 20"),
    ),
    aliases=("dateianfrage",),
)
@argument("text", Rest(_LONGEST_WISH), "titel", "title", ask="What shall be sent?")
def ask_for_files(ctx: Context, text: str) -> Replies:
    """`{"request": {"number", "title", "url", "expires_at", "max_files", "max_size"}}`."""
    rules = rules_of(ctx)
    wish = read_request(text, rules)
    request, secret = file_requests.make_request(
        ctx.uow, box_of(ctx), wish, rules, actor=ctx.sender
    )
    message = large_files.largest_message(ctx.uow)
    return request_views.made(ctx, request, secret, rules.url, message)


@command(
    "datei anfragen",
    "file requests",
    area="files",
    summary="See the open requests for files",
    examples=(("!datei anfragen", "!file requests"),),
    reading=True,
)
def show_requests(ctx: Context) -> Replies:
    """`{"requests": [{…, "files"}], "total"}`."""
    return request_views.listing(ctx, file_requests.open_requests(ctx.uow, box_of(ctx)))


@command(
    "datei anfrage # schließen",
    "file request # close",
    area="files",
    summary="Let nothing more come in by a request",
    examples=(("!datei anfrage 2 schließen", "!file request 2 close"),),
    aliases=("datei anfrage # sperren",),
    reading=True,
)
def close(ctx: Context, number: int) -> Replies:
    """`{"request": {…}}`."""
    request = file_requests.close_request(
        ctx.uow, box_of(ctx), number, actor=ctx.sender, power=ctx.power
    )
    return request_views.closed(ctx, request)


@scheduled(file_requests.ARRIVED)
def arrived(ctx: Context, item: Scheduled) -> Replies:
    """All bytes of a file are here: bring it to the homeserver."""
    found = file_requests.waiting_upload(ctx.uow, str(item.payload["upload"]))
    if found is None:
        return None
    request, upload = found
    letter = base64.b64encode(upload.letter or b"").decode()
    effect = ReceiveUpload(upload.id, request.id, request.private_key, letter, upload.size)
    ctx.put(effect, then=RECEIVED)
    return None


@continuation(RECEIVED)
def received(ctx: Context, effect: ReceiveUpload, result: dict[str, Any]) -> Replies:
    """Post it, as any member would; it is entered when it stands in the Box."""
    found = file_requests.waiting_upload(ctx.uow, effect.upload_id)
    if found is None:
        return None
    request, _ = found
    if "failed" in result:
        file_requests.refuse_upload(ctx.uow, effect.upload_id)
        return request_views.lost(ctx, request, str(result["failed"]))
    if first_time_in_an_hour(ctx.uow, f"request:{request.id}", ctx.now):
        say(ctx, request_views.coming(ctx, request))
    attachment = _attachment(ctx, request, result)
    if attachment.media.kept is not None:
        return _keep(ctx, attachment, effect.upload_id)
    kept = {
        "upload": effect.upload_id,
        "attachment": {**vars(attachment), "media": result["media"]},
    }
    ctx.put(Send(ctx.room_id, message(attachment)), then=POSTED, extra=kept)
    return None


def _keep(ctx: Context, attachment: Attachment, upload_id: str) -> Replies:
    """No message holds it: it is entered, and shown by a link."""
    file = file_requests.enter_upload(
        ctx.uow, box_of(ctx), upload_id, attachment, event_id=None, sent_at=ctx.now
    )
    if file is None:
        return None
    try:
        return offer(ctx, file, attachment.caption)
    except UserError:  # as many links as there may be are open; it is here all the same
        return views.card(ctx, file, ctx.t("Too large for the chat, but kept:"))


@continuation(POSTED)
def posted(ctx: Context, effect: Send, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - only where it stands counts
    """Enter what now stands in the Box."""
    event_id = result.get("event_id")
    if ctx.box is None or not isinstance(event_id, str):
        return None
    stored = ctx.extra["attachment"]
    attachment = Attachment(**{**stored, "media": Media(**stored["media"])})
    upload_id = str(ctx.extra["upload"])
    file_requests.enter_upload(
        ctx.uow, ctx.box, upload_id, attachment, event_id=event_id, sent_at=ctx.now
    )
    return None


def _attachment(ctx: Context, request: FileRequest, result: dict[str, Any]) -> Attachment:
    """What the visitor's browser said, as far as it can be shown."""
    mimetype = clean_mimetype(result["mimetype"]) or "application/octet-stream"
    sender = shortened(str(result["sender"]), _LONGEST_SENDER)
    said = (
        ctx.t("sent by {who} for “{title}”", who=sender, title=request.title)
        if sender
        else ctx.t("sent for “{title}”", title=request.title)
    )
    kind = kind_of(mimetype)
    name = clean_file_name(str(result["name"])) or kind.removeprefix("m.")
    return Attachment(
        kind=kind,
        name=name,
        media=Media(**result["media"]),
        size=int(result["size"]),
        mimetype=mimetype,
        caption=said,
    )


COMMANDS: tuple[Command, ...] = (ask_for_files, show_requests, close)
CONTINUATIONS: tuple[Continuation, ...] = (received, posted)
SCHEDULED: tuple[Scheduler, ...] = (arrived,)
