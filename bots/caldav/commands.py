"""`!kalender`: calendars on people's own devices, and what a Box lets out."""

from __future__ import annotations

from bots.caldav import external, trash, views
from bots.caldav.private import require_private
from bots.caldav.schedule import SCHEDULED
from bots.kit.app import Part
from bots.kit.arguments import Choice, Text
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies, Reply
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.effects import SetState
from wecreate_module.domain.matrix import SETTINGS
from wecreate_module.services import app_passwords, boxes, calendars, external_calendars
from wecreate_module.storage.calendars import Sharing


@command(
    "kalender",
    "calendar",
    area="calendar",
    summary="See your devices and calendars; in a Box whether its calendar is shared",
    where=Where.ANY,
    examples=(("!kalender", "!calendar"),),
    reading=True,
)
def show(ctx: Context) -> Replies:
    """`{"calendar": {"url", "username", "devices", "collections"}}`; in a Box `{"sharing"}`."""
    if ctx.box is not None:
        sharing = calendars.sharing_of(ctx.uow, ctx.box)
        return external.with_state(ctx, views.sharing(ctx, ctx.box, sharing), [ctx.box])
    devices = ctx.uow.app_passwords.of(ctx.sender)
    shown = views.mine(ctx, devices, calendars.collections_of(ctx.uow, ctx.sender))
    return external.with_state(ctx, shown, ctx.uow.boxes.of_member(ctx.sender))


@command(
    "kalender neu",
    "calendar new",
    area="calendar",
    summary="Connect a phone or computer with your calendars",
    where=Where.DIRECT,
    examples=(("!kalender neu Annas Telefon", "!calendar new Anna's phone"),),
    reading=True,
)
@argument(
    "device",
    Text(200),
    "gerät",
    "device",
    ask="What is the device called? For example: Anna's phone",
)
def new(ctx: Context, device: str) -> Replies:
    """`{"calendar": {"url", "username", "password", "collections", "ics"}}`."""
    require_private(ctx)
    password = app_passwords.add(ctx.uow, ctx.sender, device)
    return views.connected(ctx, device, password, calendars.collections_of(ctx.uow, ctx.sender))


@command(
    "kalender weg",
    "calendar remove",
    area="calendar",
    summary="Take a device's access to your calendars away",
    where=Where.DIRECT,
    examples=(("!kalender weg Annas Telefon", "!calendar remove Anna's phone"),),
    reading=True,
)
@argument(
    "device",
    Text(200),
    "gerät",
    "device",
    ask="Which device? See them with !calendar",
)
def remove(ctx: Context, device: str) -> Replies:
    """`{"removed": {"device"}}`."""
    return views.removed(ctx, app_passwords.remove(ctx.uow, ctx.sender, device))


@command(
    "kalender abo weg",
    "calendar feed remove",
    area="calendar",
    summary="Make your secret calendar addresses invalid",
    where=Where.DIRECT,
    examples=(("!kalender abo weg", "!calendar feed remove"),),
    reading=True,
)
def remove_feeds(ctx: Context) -> Replies:
    """`{"removed": {"feeds": n}}`."""
    return views.feeds_removed(ctx, ctx.uow.feeds.revoke(ctx.sender))


@command(
    "kalender abo",
    "calendar feed",
    area="calendar",
    summary="Get secret addresses for programs that can only read calendars",
    where=Where.DIRECT,
    examples=(("!kalender abo", "!calendar feed"),),
    reading=True,
)
def feeds(ctx: Context) -> Replies:
    """`{"calendar": {"ics": [{"box", "url"}]}}`."""
    require_private(ctx)
    return views.feeds(ctx, calendars.collections_of(ctx.uow, ctx.sender))


@command(
    "kalender freigeben",
    "calendar share",
    area="calendar",
    summary="Let members see this Box's events and tasks in their calendar programs",
    power=Power.ADMIN,
    examples=(
        ("!kalender freigeben", "!calendar share"),
        ("!kalender freigeben lesen", "!calendar share read"),
    ),
)
@argument(
    "how",
    Choice({"read": ("lesen", "read"), "write": ("schreiben", "write")}),
    "lesen",
    "read",
    optional=True,
)
def share(ctx: Context, how: str | None) -> Replies:
    """`{"sharing": "read"|"write"}`; says to all what the server can read from now on."""
    return _share(ctx, Sharing(how or "write"))


@command(
    "kalender geheim",
    "calendar private",
    area="calendar",
    summary="Keep this Box's events and tasks in the chat alone again",
    power=Power.ADMIN,
    examples=(("!kalender geheim", "!calendar private"),),
)
def unshare(ctx: Context) -> Replies:
    """`{"sharing": "off"}`; calendars elsewhere are let go of too."""
    gone = external_calendars.untie(ctx.uow, box_of(ctx), actor=ctx.sender)
    return [_share(ctx, Sharing.OFF), *external.let_go(ctx, box_of(ctx), gone)]


COMMANDS: tuple[Command, ...] = (
    show,
    new,
    remove,
    feeds,
    remove_feeds,
    share,
    unshare,
    *external.COMMANDS,
    *trash.COMMANDS,
)

PART = Part(
    commands=COMMANDS,
    scheduled=(*SCHEDULED, *external.SCHEDULED),
    answers=external.ANSWERS,
)


def _share(ctx: Context, sharing: Sharing) -> Reply:
    box = box_of(ctx)
    calendars.share(ctx.uow, box, sharing, actor=ctx.sender)
    room = ctx.uow.rooms.get(box.room_id)
    if room is not None and boxes.may_send_state(room, ctx.bot_user_id, SETTINGS):
        content = {**room.settings, "caldav": sharing.value}
        ctx.put(SetState(box.room_id, SETTINGS, content))
    return views.sharing(ctx, box, sharing)
