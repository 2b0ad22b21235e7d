"""`!kalender verbinden`: a Box's calendar and one on another server, kept in step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bots.caldav import external_views as views
from bots.caldav.private import require_private
from bots.kit.arguments import ArgumentType, Choice, Numbers, Text
from bots.kit.context import Context, box_of
from bots.kit.registry import (
    Answer,
    Command,
    Scheduler,
    Where,
    answer,
    argument,
    command,
    scheduled,
)
from bots.kit.replies import Replies, Reply
from wecreate_module.domain.boxes import Box, Power
from wecreate_module.domain.errors import UserError
from wecreate_module.services import external_calendars as ties
from wecreate_module.services import external_sync
from wecreate_module.services.external_calendars import SAY, Login
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.external_calendars import ExternalCalendar, State
from wecreate_module.storage.schedule import Scheduled

_BOTH = 2


class Word(Text):
    """One word, so that more can follow it."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002  whoever asks
        return 1 if words else 0


class OneBox(ArgumentType[Box]):
    """A Box by its name, of those that `among` gives."""

    def __init__(self, among: Callable[[Context], list[Box]]) -> None:
        self.among = among

    def take(self, words: Sequence[str], ctx: Context) -> int:
        names = {_plain(box.name) for box in self.among(ctx)}
        for length in range(len(words), 0, -1):
            if _plain(" ".join(words[:length])) in names:
                return length
        return 0

    def parse(self, text: str, ctx: Context) -> Box:
        boxes = self.among(ctx)
        found = [box for box in boxes if _plain(box.name) == _plain(text)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(
                "several-boxes",
                "Several of your Boxes are called “{name}”. Give one of them another name first.",
                name=found[0].name,
            )
        names = ", ".join(box.name for box in boxes) or "…"
        raise UserError("no-such-box", "Which Box? Type one of these: {boxes}", boxes=names)


def _mine(ctx: Context) -> list[Box]:
    return ties.boxes_to_tie(ctx.uow, ctx.sender)


def _only_one(ctx: Context) -> Box | None:
    """The Box that must be meant; None if there are several."""
    require_private(ctx)
    boxes = _mine(ctx)
    if not boxes:
        raise UserError(
            "no-box-to-connect", "You are an admin of no Box. Make one: !box new Garden party"
        )
    return boxes[0] if len(boxes) == 1 else None


@command(
    "kalender verbinden",
    "calendar connect",
    area="calendar",
    summary="Keep a Box's calendar in step with one elsewhere, like Nextcloud",
    where=Where.DIRECT,
    examples=(("!kalender verbinden", "!calendar connect"),),
)
@argument(
    "kind",
    Choice({"event": ("termine", "events"), "task": ("aufgaben", "tasks")}),
    "aufgaben",
    "tasks",
    optional=True,
)
@argument("box", OneBox(_mine), "box", "box", ask="Which Box? Type its name.", infer=_only_one)
@argument(
    "address",
    Word(1000),
    "adresse",
    "address",
    ask="What is the other calendar's address? In Nextcloud it is under Calendar → Settings, for "
    "example https://cloud.example.org/remote.php/dav",
)
@argument("username", Word(1000), "name", "name", ask="With which name do you log in there?")
@argument(
    "password",
    Text(1000),
    "passwort",
    "password",
    ask="And the password? Best make an app password there, just for this. Delete your message "
    "afterwards.",
)
def connect(
    ctx: Context, kind: str | None, box: Box, address: str, username: str, password: str
) -> Replies:
    """`{"connecting": {"box", "kind"}}`; what became of it is said soon after."""
    require_private(ctx)
    login = Login(address, username, password)
    wanted = Kind(kind or "event")
    ties.tie(ctx.uow, box, wanted, login, owner=ctx.sender, room_id=ctx.room_id)
    return views.connecting(ctx, box, wanted)


@answer(views.CHOOSE)
def choose(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """`{"connecting": {"box", "kind", "name"}}`."""
    del data
    waiting = ties.choosing(ctx.uow, ctx.sender)
    digits = text.strip().removeprefix("#").rstrip(".")
    if not waiting or not digits.isascii() or not digits.isdigit():
        raise UserError("number-wanted", "Type the number of the calendar.")
    box, calendar = waiting[0]
    tied = ties.choose(ctx.uow, box, calendar.kind, int(digits[:9]), actor=ctx.sender)
    return views.chosen(ctx, box, tied)


def _tied(ctx: Context) -> list[Box]:
    boxes = [ctx.box] if ctx.box else ctx.uow.boxes.of_member(ctx.sender)
    return [box for box in boxes if ctx.uow.external_calendars.of_box(box.id)]


def _only_tied(ctx: Context) -> Box | None:
    boxes = _tied(ctx)
    if not boxes:
        raise UserError("not-connected", "No calendar elsewhere is connected.")
    return boxes[0] if len(boxes) == 1 else None


@command(
    "kalender trennen",
    "calendar disconnect",
    area="calendar",
    summary="Let go of a calendar elsewhere; all events stay on both sides",
    where=Where.ANY,
    examples=(("!kalender trennen", "!calendar disconnect"),),
    reading=True,
)
@argument("box", OneBox(_tied), "box", "box", ask="Which Box? Type its name.", infer=_only_tied)
def disconnect(ctx: Context, box: Box) -> Replies:
    """`{"disconnected": {"box", "calendars": [{"kind", "name"}]}}`."""
    every = ctx.uow.external_calendars.of_box(box.id)
    own = all(calendar.owner == ctx.sender for calendar in every)
    if not own and not ties.is_admin(ctx.uow, box, ctx.sender):
        raise UserError("not-admin", "Only admins of “{box}” can do that.", box=box.name)
    gone = ties.untie(ctx.uow, box, actor=ctx.sender)
    return views.disconnected(ctx, box, gone)


@command(
    "kalender abgleichen",
    "calendar sync",
    area="calendar",
    summary="Look for changes in the connected calendar at once",
    examples=(("!kalender abgleichen", "!calendar sync"),),
)
def sync(ctx: Context) -> Replies:
    """`{"syncing": [{"kind", "name"}]}`."""
    found = ties.sync_now(ctx.uow, box_of(ctx))
    if not found:
        raise UserError("not-connected", "No calendar elsewhere is connected.")
    return views.syncing(ctx, found)


@command(
    "kalender abgleich",
    "calendar sync answer",
    area="calendar",
    summary="After a safety stop: delete what is gone elsewhere, or keep it",
    power=Power.ADMIN,
    examples=(
        ("!kalender abgleich behalten", "!calendar sync answer keep"),
        ("!kalender abgleich löschen", "!calendar sync answer delete"),
    ),
)
@argument(
    "what",
    Choice({"keep": ("behalten", "keep"), "delete": ("löschen", "delete")}),
    "behalten",
    "keep",
    ask="Keep or delete?",
)
def answer_stop(ctx: Context, what: str) -> Replies:
    """`{"stopped": {"answer": "keep"|"delete", "count"}}`."""
    count = ties.answer_stop(ctx.uow, box_of(ctx), delete=what == "delete")
    return views.stop_answered(ctx, what, count)


@command(
    "kalender behalten",
    "calendar keep",
    area="calendar",
    summary="Of two versions of one event keep the first number and drop the other",
    examples=(("!kalender behalten 3 7", "!calendar keep 3 7"),),
)
@argument("numbers", Numbers(), "nummern", "numbers", ask="Which one stays, and which one goes?")
def keep(ctx: Context, numbers: tuple[int, ...]) -> Replies:
    """`{"kept": {"kind", "number", "title", "dropped"}}`."""
    if len(numbers) != _BOTH:
        raise UserError("two-numbers", "Type two numbers: !calendar keep 3 7 keeps #3.")
    box, (number, other) = box_of(ctx), numbers
    return views.kept(ctx, external_sync.keep_one(ctx.uow, box, number, other, actor=ctx.sender))


@scheduled(SAY, reading=True)
def say(ctx: Context, item: Scheduled) -> Replies:
    """What a sync has to say; `{"external": {"what", "kind", "name", "host", …}}`."""
    late = item.payload.get("what") == ties.LATE
    if late and not ties.was_never_looked_for(ctx.uow, item.payload):
        return None
    return views.said(ctx, item.payload)


def with_state(ctx: Context, shown: Reply, boxes: Sequence[Box]) -> Reply:
    """What `!kalender` shows, with the calendars elsewhere of these Boxes."""
    found = [one for box in boxes for one in ctx.uow.external_calendars.of_box(box.id)]
    tied = [one for one in found if one.state is State.TIED]
    return views.with_state(ctx, shown, tied)


def let_go(ctx: Context, box: Box, gone: Sequence[ExternalCalendar]) -> list[Reply]:
    """What is said when a Box's calendar is to stay in the chat."""
    return [views.disconnected(ctx, box, gone)] if gone else []


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


COMMANDS: tuple[Command, ...] = (connect, disconnect, sync, answer_stop, keep)
SCHEDULED: tuple[Scheduler, ...] = (say,)
ANSWERS: tuple[Answer, ...] = (choose,)
