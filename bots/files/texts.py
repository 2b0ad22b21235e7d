"""`!dateien texte an`: search inside files too."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bots.kit.arguments import Text
from bots.kit.context import Context, box_of
from bots.kit.registry import (
    Command,
    Continuation,
    Scheduler,
    argument,
    command,
    continuation,
    plain_word,
    scheduled,
)
from bots.kit.replies import Replies, Reply
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.effects import ReadText
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.file_texts import MOST_SIZE, kind_of_text
from wecreate_module.services import file_texts
from wecreate_module.storage.schedule import Scheduled

TEXT_READ = "files.text_read"
_ON = frozenset({"an", "on", "ein", "ja", "yes"})
_OFF = frozenset({"aus", "off", "nein", "no"})


@command(
    "dateien texte",
    "files texts",
    area="files",
    summary="Search inside PDF, Word, OpenDocument and text files too: on or off",
    examples=(("!dateien texte an", "!files texts on"), ("!dateien texte aus", "!files texts off")),
    power=Power.ADMIN,
)
@argument("wanted", Text(20), "an oder aus", "on or off", optional=True)
def switch(ctx: Context, wanted: str | None) -> Replies:
    """`{"texts": true|false, "reading": <files>}`."""
    box = box_of(ctx)
    word = plain_word(wanted or "")
    if wanted is None:
        on, reading = file_texts.are_texts_read(ctx.uow, box), 0
    elif word in _ON | _OFF:
        on = word in _ON
        reading = file_texts.switch_texts(ctx.uow, box, on, actor=ctx.sender)
    else:
        raise UserError("texts-which", "On or off? Like !files texts on")
    text = (
        ctx.t("🔎 Files of this Box are found by what is in them.")
        if on
        else ctx.t("🔎 Files of this Box are found by name, folder and description alone.")
    )
    if reading:
        text += " " + ctx.ngettext("I am reading one file …", "I am reading {n} files …", reading)
    return Reply(text, data={"texts": on, "reading": reading})


@scheduled(file_texts.READ)
def read(ctx: Context, item: Scheduled) -> Replies:
    """Its time has come: fetch and read it."""
    number, version = int(item.payload["number"]), int(item.payload["version"])
    file = file_texts.file_to_read(ctx.uow, box_of(ctx), number, version)
    kind = kind_of_text(file) if file is not None else None
    if file is not None and kind is not None:
        effect = ReadText(asdict(file.version.media), kind, MOST_SIZE)
        ctx.put(effect, then=TEXT_READ, extra={"number": number, "version": version})
    return None


@continuation(TEXT_READ)
def text_read(ctx: Context, effect: ReadText, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - its result counts
    """What can't be read is found by its name alone."""
    if ctx.box is not None and isinstance(result.get("text"), str):
        number, version = int(ctx.extra["number"]), int(ctx.extra["version"])
        file_texts.keep_text(ctx.uow, ctx.box, number, version, result["text"])
    return None


COMMANDS: tuple[Command, ...] = (switch,)
CONTINUATIONS: tuple[Continuation, ...] = (text_read,)
SCHEDULED: tuple[Scheduler, ...] = (read,)
