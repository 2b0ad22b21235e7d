"""Every file that is sent into the Box is entered, whatever client it came from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bots.files import views
from bots.files.arguments import DescriptionText, FolderText
from bots.files.places import quotas_of
from bots.kit.arguments import ArgumentType
from bots.kit.context import Context
from bots.kit.incoming import Incoming
from bots.kit.outgoing import refusal, say
from bots.kit.parsing import command_text
from bots.kit.replies import Replies
from wecreate_module.domain.attachments import Attachment, read_attachment
from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.domain.effects import Redact
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.files import File
from wecreate_module.domain.quotas import passes_nearly
from wecreate_module.services import files

# More messages that show one file than anybody posts.
MOST_REDACTED = 100

# A caption may say what to do with the file it is written on.
CAPTIONS: dict[str, ArgumentType[str]] = {
    "file folder": FolderText(),
    "file description": DescriptionText(),
}


def enter(ctx: Context, incoming: Incoming) -> Replies:
    """Note a file; `{"file": {…}}` where something is said about it."""
    attachment = read_attachment(incoming.content)
    box = ctx.box
    if attachment is None or box is None or box.state is not BoxState.ACTIVE:
        return None
    command, words, attachment = _caption(ctx, attachment)
    entered = files.enter_file(
        ctx.uow,
        box,
        attachment,
        event_id=incoming.event_id,
        sender=incoming.sender,
        sent_at=_sent_at(ctx, incoming),
        replied_to=incoming.replied_to,
        quotas=quotas_of(ctx),
    )
    if entered is None:
        return None
    warn_when_nearly_full(ctx, box, entered.file.version.size)
    if command is None:
        return views.entered(ctx, entered)
    try:
        with ctx.uow.savepoint():
            file = _apply(ctx, box, command, words, entered.file)
    except UserError as error:  # the file is kept all the same
        return refusal(ctx, error)
    return views.card(ctx, file, ctx.t("Kept:"))


def warn_when_nearly_full(ctx: Context, box: Box, size: int) -> None:
    """Said once, with the file that does it."""
    quotas = quotas_of(ctx)
    used = ctx.uow.files.usage(box.id).size if quotas.box else 0
    if passes_nearly(quotas, used - size, used):
        say(ctx, views.nearly_full(ctx, used, quotas))


def take_back(ctx: Context, incoming: Incoming) -> Replies:
    """The message that a file came with was redacted: its entry goes too."""
    event_id, box = incoming.content.get("redacts"), ctx.box
    if not isinstance(event_id, str) or box is None or box.state is not BoxState.ACTIVE:
        return None
    gone = files.take_back(ctx.uow, box, event_id, actor=incoming.sender, power=ctx.power)
    if gone is not None:
        for each in gone[1][:MOST_REDACTED]:
            ctx.put(Redact(ctx.room_id, each))
    return None


def _caption(ctx: Context, attachment: Attachment) -> tuple[str | None, str, Attachment]:
    """The command in a caption and the words after it; then the caption describes nothing."""
    app = ctx.app
    if app is None or not attachment.caption:
        return None, "", attachment
    said = command_text(attachment.caption, direct=False, names=app.names, known=app.registry.knows)
    words = said.text.split() if said is not None else []
    match = app.registry.find(words) if words else None
    if match is None or match.command.name not in CAPTIONS or match.numbers:
        return None, "", attachment
    rest = " ".join(words[match.length :])
    return match.command.name, rest, replace(attachment, caption="")


def _apply(ctx: Context, box: Box, command: str, words: str, file: File) -> File:
    if not words:
        return file
    value = CAPTIONS[command].parse(words, ctx)
    change = files.move_file if command == "file folder" else files.describe_file
    return change(ctx.uow, box, file.number, value, actor=ctx.sender)


def _sent_at(ctx: Context, incoming: Incoming) -> datetime:
    """As the sender's server says, but never in the future; ours where it says nonsense."""
    if not 0 < incoming.origin_server_ts < ctx.now.timestamp() * 1000:
        return ctx.now
    return datetime.fromtimestamp(incoming.origin_server_ts / 1000, UTC)
