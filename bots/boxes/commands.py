"""`!box …`: what people do with their Boxes. What follows on Matrix: continuations.py."""

from __future__ import annotations

import base64
from dataclasses import replace

from bots.boxes import views
from bots.boxes.answers import ANSWERS
from bots.boxes.continuations import CONTINUATIONS
from bots.boxes.deletion import delete_box
from bots.boxes.joining import joined
from bots.boxes.newcomers import NEWCOMERS, came
from bots.boxes.page import export_page
from bots.boxes.schedule import SCHEDULED
from bots.kit.app import Part
from bots.kit.arguments import Language, Persons, Text, Timezone
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Question, Replies
from wecreate_module.domain.boxes import (
    MAX_INVITES,
    MAX_NAME,
    Box,
    Power,
    clean_name,
    may_create,
    require_active,
    room_request,
    settings_content,
)
from wecreate_module.domain.effects import CreateRoom, Invite, SendFile, SetState
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.matrix import BOX, SETTINGS, make_marker, marker_in
from wecreate_module.services import boxes, export
from wecreate_module.storage.rooms import Room

EVERYWHERE = Where.BOX | Where.DIRECT | Where.OTHER


@command(
    "box neu",
    "box new",
    area="boxes",
    summary="Make a new Box, an encrypted room for your group",
    where=EVERYWHERE,
    reading=True,
    examples=(("!box neu Gartenfest", "!box new Garden party"),),
)
@argument("name", Text(MAX_NAME), "name", "name", ask="What shall the Box be called?")
def new(ctx: Context, name: str) -> Replies:
    """Answered by boxes.created with `{"box": {…}}`."""
    _require_may_create(ctx)
    name, timezone = clean_name(name), str(ctx.timezone)
    body = room_request(
        name=name,
        topic=ctx.t("A Box: tasks and more with WeCreate. Type !help to see what it can do."),
        founder=ctx.sender,
        bot_user_id=ctx.bot_user_id,
        language=ctx.language,
        timezone=timezone,
    )
    effect = CreateRoom(request=f"box:{ctx.keys.base}:{ctx.keys.used}", body=body)
    kept = {"name": name, "language": ctx.language, "timezone": timezone}
    replace(ctx, box=None).put(effect, then="boxes.created", extra=kept)
    return None


@command(
    "box einrichten",
    "box adopt",
    area="boxes",
    summary="Make this encrypted room a Box",
    power=Power.ADMIN,
    where=EVERYWHERE,
    reading=True,
    examples=(("!box einrichten", "!box adopt"),),
)
@argument("name", Text(MAX_NAME), "name", "name", optional=True)
def adopt(ctx: Context, name: str | None) -> Replies:
    """Answered by boxes.adopted with `{"box": {…}}`."""
    room = _room(ctx)
    boxes.require_adoptable(ctx.uow, room, ctx.bot_user_id)
    _require_may_create(ctx)
    kept = {
        "name": clean_name(name) if name else boxes.room_name(room) or ctx.t("Our Box"),
        "language": ctx.language,
        "timezone": str(ctx.timezone),
    }
    if marker_in(room.create) is None:
        ctx.put(SetState(room.room_id, BOX, make_marker(ctx.bot_user_id)))
    content = settings_content(room.settings, ctx.language, str(ctx.timezone))
    ctx.put(SetState(room.room_id, SETTINGS, content), then="boxes.adopted", extra=kept)
    return None


@command(
    "box einladen",
    "box invite",
    area="boxes",
    summary="Invite people into this Box, also from partner servers",
    examples=(
        ("!box einladen @ben", "!box invite @ben"),
        ("!box einladen @ben @cem:partner.example", "!box invite @ben @cem:partner.example"),
    ),
    aliases=("einladen", "invite"),
)
@argument(
    "people",
    Persons(known_only=False, most=MAX_INVITES),
    "@wer",
    "@who",
    ask="Whom shall I invite? Several are fine: @ben @cem:partner.example",
)
def invite(ctx: Context, people: tuple[str, ...]) -> Replies:
    """`{"invited": {user_id: outcome}}`: invited, member, unknown, refused, banned."""
    room = _room(ctx)
    boxes.require_invite_power(room, ctx.power)
    boxes.require_bot_may_invite(room, ctx.bot_user_id)
    here = {member.user_id for member in ctx.members()} | {ctx.bot_user_id}
    known = {user_id: "member" if user_id in here else "" for user_id in people}
    missing = tuple(user_id for user_id, outcome in known.items() if not outcome)
    if not missing:
        return views.invited(ctx, known)
    ctx.put(Invite(room.room_id, missing), then="boxes.invited", extra={"known": known})
    return None


@command(
    "box info",
    "box info",
    area="boxes",
    summary="Show who is in this Box and how it is set",
    reading=True,
)
def info(ctx: Context) -> Replies:
    """`{"box": {…}}`, see views.box_data."""
    return views.info(ctx, boxes.overview(ctx.uow, box_of(ctx), ctx.bot_user_id))


@command(
    "boxen",
    "boxes",
    area="boxes",
    summary="List the Boxes you are in",
    where=Where.DIRECT,
    reading=True,
)
def mine(ctx: Context) -> Replies:
    """`{"boxes": [{…}]}`."""
    return views.mine(ctx, ctx.uow.boxes.of_member(ctx.sender))


@command(
    "box name",
    "box name",
    area="boxes",
    summary="Give this Box another name",
    power=Power.MODERATOR,
    examples=(("!box name Sommerfest 2027", "!box name Summer party 2027"),),
)
@argument("name", Text(MAX_NAME), "name", "name", ask="What shall the Box be called from now on?")
def rename(ctx: Context, name: str) -> Replies:
    """`{"box": {…}}`."""
    room = _room(ctx)
    boxes.require_bot_may_rename(room, ctx.bot_user_id)
    box = boxes.rename(ctx.uow, box_of(ctx), name, ctx.sender)
    ctx.put(SetState(room.room_id, "m.room.name", {"name": box.name}))
    return views.renamed(ctx, box)


@command(
    "box sprache",
    "box language",
    area="boxes",
    summary="Choose the language I speak in this Box",
    power=Power.MODERATOR,
    examples=(("!box sprache en", "!box language de"),),
)
@argument("language", Language(), "de|en", "de|en", ask="Which language: de or en?")
def language(ctx: Context, language: str) -> Replies:
    """`{"box": {…}}`; answered in the new language."""
    box = boxes.set_language(ctx.uow, box_of(ctx), language, ctx.sender)
    _write_settings(ctx, box)
    if ctx.app is not None:
        ctx = ctx.in_language(ctx.app.translators[language])
    return views.language_set(ctx, box)


@command(
    "box zeitzone",
    "box timezone",
    area="boxes",
    summary="Choose the time zone of this Box",
    power=Power.MODERATOR,
    examples=(("!box zeitzone Berlin", "!box timezone Europe/Lisbon"),),
)
@argument(
    "timezone", Timezone(), "zeitzone", "timezone", ask="Which time zone? For example: Berlin"
)
def timezone(ctx: Context, timezone: str) -> Replies:
    """`{"box": {…}}`."""
    box = boxes.set_timezone(ctx.uow, box_of(ctx), timezone, ctx.sender)
    _write_settings(ctx, box)
    return views.timezone_set(ctx, box)


@command(
    "box export",
    "box export",
    area="boxes",
    summary="Get all that I keep of this Box as one file",
    power=Power.MODERATOR,
    reading=True,
)
def export_box(ctx: Context) -> Replies:
    """The ZIP comes first, then boxes.exported: `{"file": {"name", "size"}}`, size in bytes."""
    box = box_of(ctx)
    collected = export.collect(ctx.uow, box, ctx.bot_user_id)
    files = {
        "index.html": export_page(ctx, collected).encode(errors="replace"),
        "box.json": export.as_json(collected),
        "tasks.ics": export.tasks_file(ctx.uow, box),
        "events.ics": export.events_file(ctx.uow, box),
    }
    archive = export.pack(files, ctx.now.astimezone(ctx.timezone))
    name = export.file_name(collected["box"]["name"], ctx.today)
    file = SendFile(box.room_id, name, "application/zip", base64.b64encode(archive).decode())
    ctx.put(file, then="boxes.exported", extra={"name": name, "size": len(archive)})
    return None


@command(
    "box archivieren",
    "box archive",
    area="boxes",
    summary="Close this Box: it can be read, not changed, and reminders stop",
    power=Power.ADMIN,
    reading=True,
)
def archive(ctx: Context) -> Replies:
    """`{"box": {…}}`."""
    return views.archived(ctx, boxes.archive(ctx.uow, box_of(ctx), ctx.sender))


@command(
    "box wieder öffnen",
    "box reopen",
    area="boxes",
    summary="Open an archived Box again",
    power=Power.ADMIN,
    reading=True,
    aliases=("box öffnen", "box open"),
)
def reopen(ctx: Context) -> Replies:
    """`{"box": {…}}`."""
    return views.reopened(ctx, boxes.reopen(ctx.uow, box_of(ctx), ctx.sender))


@command(
    "box löschen",
    "box delete",
    area="boxes",
    summary="Delete all that I keep of this Box, for good",
    power=Power.ADMIN,
    reading=True,
    examples=(("!box löschen", "!box delete"),),
)
@argument("name", Text(MAX_NAME), "name", "name", optional=True)
def delete(ctx: Context, name: str | None) -> Replies:
    """Asks for the Box's name first; then `{"deleted": {"room_id"}}`."""
    box = box_of(ctx)
    if name is None:
        overview = boxes.overview(ctx.uow, box, ctx.bot_user_id)
        question = Question("boxes.delete", {"box_id": box.id})
        return replace(views.really_delete(ctx, overview), question=question)
    return delete_box(ctx, box, name)


COMMANDS: tuple[Command, ...] = (
    new,
    adopt,
    invite,
    info,
    mine,
    rename,
    language,
    timezone,
    export_box,
    archive,
    reopen,
    delete,
)

PART = Part(
    commands=COMMANDS,
    continuations=CONTINUATIONS,
    scheduled=(*SCHEDULED, *NEWCOMERS),
    answers=ANSWERS,
    joined_box=joined,
    newcomer=came,
)


def _room(ctx: Context) -> Room:
    room = ctx.uow.rooms.get(ctx.room_id)
    if room is None:
        raise RuntimeError("a command came from a room that is not known")
    return room


def _require_may_create(ctx: Context) -> None:
    if ctx.server is None:
        raise RuntimeError("this context was made without facts of the server")
    if not may_create(ctx.sender, ctx.server.box_creators, ctx.server.server_name):
        raise UserError(
            "box-creation-not-allowed",
            "You can't make Boxes here; please ask those who run this server, or let a member "
            "make one and invite you.",
        )


def _write_settings(ctx: Context, box: Box) -> None:
    """What servers and other clients may know; the Box itself knows it anyway."""
    require_active(box)
    room = _room(ctx)
    if boxes.may_send_state(room, ctx.bot_user_id, SETTINGS):
        content = settings_content(room.settings, box.language, box.timezone)
        ctx.put(SetState(box.room_id, SETTINGS, content))
