"""`!termin 3 …`: changes to one event, and who comes."""

from __future__ import annotations

import base64
from datetime import timedelta

from bots.calendar import live, views, which
from bots.calendar.arguments import (
    ClearableText,
    LengthText,
    Move,
    MoveText,
    RecurrenceText,
    RemindersText,
    SelectionText,
)
from bots.kit.arguments import Text
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, argument, command
from bots.kit.replies import Replies, Reply
from wecreate_module.domain import events as rules
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.dates import Recurrence
from wecreate_module.domain.effects import SendFile
from wecreate_module.domain.events import Answer, Event
from wecreate_module.domain.tasks import MAX_DESCRIPTION, MAX_TITLE, clean_note, clean_title
from wecreate_module.services import events
from wecreate_module.services.events import EVERY, Selection
from wecreate_module.storage.ical_events import one_text

_LONGEST_FILE_NAME = 60


def _changed(ctx: Context, event: Event) -> Replies:
    return views.card(ctx, event, ctx.t("Changed:"))


def _edited(ctx: Context, number: int, **fields: object) -> Replies:
    event = events.edit_event(
        ctx.uow,
        box_of(ctx),
        number,
        lambda event: rules.with_fields(event, **fields),
        actor=ctx.sender,
    )
    return _changed(ctx, event)


@command(
    "termin # verschieben",
    "event # move",
    area="calendar",
    summary="Move an event: all of a series, one date of it, or from a date on",
    examples=(
        ("!termin 3 verschieben auf Sonntag 16 Uhr", "!event 3 move to sunday 4pm"),
        ("!termin 3 verschieben am 4.12. auf 5.12. 18 Uhr", "!event 3 move on 4.12. to 5.12. 6pm"),
        ("!termin 3 verschieben ab 4.12. auf 20 Uhr", "!event 3 move from 4.12. to 8pm"),
        ("!termin 3 verschieben alle 1 Stunde später", "!event 3 move all 1 hour later"),
    ),
)
@argument("to", MoveText(), "wann", "when", ask="To when? For example: sunday 4pm, or 1 hour later")
def move(ctx: Context, number: int, to: Move) -> Replies:
    """`{"event": {…}}`; those who come are mentioned."""
    event = events.get_event(ctx.uow, box_of(ctx), number)
    if event.repeats and to.selection is None:
        return which.ask_to_move(ctx, event, to.said)
    return which.move(ctx, event, to)


@command(
    "termin # absagen",
    "event # cancel",
    area="calendar",
    summary="Call an event off: all of a series, one date of it, or from a date on",
    examples=(
        ("!termin 3 absagen", "!event 3 cancel"),
        ("!termin 3 absagen am 4.12.", "!event 3 cancel on 4.12."),
        ("!termin 3 absagen ab 4.12.", "!event 3 cancel from 4.12."),
    ),
)
@argument("selection", SelectionText(), "welche", "which", optional=True)
def cancel(ctx: Context, number: int, selection: Selection | None) -> Replies:
    """`{"event": {…}}`; those who wanted to come are mentioned."""
    event = events.get_event(ctx.uow, box_of(ctx), number)
    if event.repeats and selection is None:
        return which.ask_to_cancel(ctx, event)
    return which.cancel(ctx, event, selection or EVERY)


@command(
    "termin # zusagen",
    "event # yes",
    area="calendar",
    summary="Say that you come",
    examples=(
        ("!termin 3 zusagen", "!event 3 yes"),
        ("!termin 3 zusagen am 4.12.", "!event 3 yes on 4.12."),
    ),
    aliases=("termin # ja", "termin # komme"),
)
@argument("selection", SelectionText(), "welche", "which", optional=True)
def yes(ctx: Context, number: int, selection: Selection | None) -> Replies:
    """`{"event": {…}}`."""
    return _answer(ctx, number, Answer.YES, selection)


@command(
    "termin # vielleicht",
    "event # maybe",
    area="calendar",
    summary="Say that you perhaps come",
    examples=(("!termin 3 vielleicht", "!event 3 maybe"),),
)
@argument("selection", SelectionText(), "welche", "which", optional=True)
def maybe(ctx: Context, number: int, selection: Selection | None) -> Replies:
    """`{"event": {…}}`."""
    return _answer(ctx, number, Answer.MAYBE, selection)


@command(
    "termin # ablehnen",
    "event # no",
    area="calendar",
    summary="Say that you can't come",
    examples=(("!termin 3 ablehnen", "!event 3 no"),),
    aliases=("termin # nein", "event # decline"),
)
@argument("selection", SelectionText(), "welche", "which", optional=True)
def no(ctx: Context, number: int, selection: Selection | None) -> Replies:
    """`{"event": {…}}`."""
    return _answer(ctx, number, Answer.NO, selection)


def _answer(ctx: Context, number: int, answer: Answer, selection: Selection | None) -> Replies:
    box = box_of(ctx)
    event, found = events.respond(
        ctx.uow, box, number, answer, selection or EVERY, actor=ctx.sender
    )
    said = views.answered(ctx, event, ctx.sender, answer, found)
    return [said, *live.refresh(ctx, box, event)]


@command(
    "termin # ics",
    "event # ics",
    area="calendar",
    summary="Get an event as a file for your calendar",
    examples=(("!termin 3 ics", "!event 3 ics"),),
    reading=True,
)
def ics(ctx: Context, number: int) -> Replies:
    """`{"event": {…}, "file": name}`."""
    box = box_of(ctx)
    event = events.get_event(ctx.uow, box, number)
    text = ctx.uow.events.ical(box.id, number)
    if text is None:
        raise RuntimeError("an event without its text")
    name = f"{_file_name(event.title) or 'termin'}.ics"
    data = base64.b64encode(one_text(text).encode()).decode()
    ctx.put(SendFile(ctx.room_id, name, "text/calendar", data))
    text = ctx.t("📎 {name}: open it, and #{number} is in your calendar.", name=name, number=number)
    return Reply(text, data={"event": views.event_data(ctx, event), "file": name})


def _file_name(title: str) -> str:
    """Letters and digits of the title: fine on every machine."""
    plain = "".join(char if char.isalnum() else " " for char in title)
    return "-".join(plain.split())[:_LONGEST_FILE_NAME].strip("-")


@command(
    "termin # erinnern",
    "event # remind",
    area="calendar",
    summary="Say when I remind those who come; usual are a day and an hour before",
    examples=(
        ("!termin 3 erinnern 1 Woche, 2 Stunden vorher", "!event 3 remind 1 week, 2 hours before"),
        ("!termin 3 erinnern aus", "!event 3 remind off"),
        ("!termin 3 erinnern normal", "!event 3 remind usual"),
    ),
)
@argument(
    "minutes",
    RemindersText(),
    "wann",
    "when",
    ask="How long before? For example: 1 day, 2 hours; “off” for not at all.",
)
def remind(ctx: Context, number: int, minutes: tuple[int, ...] | None) -> Replies:
    """`{"event": {…}, "reminders": [minutes before]}`."""
    event = events.set_reminders(ctx.uow, box_of(ctx), number, minutes, actor=ctx.sender)
    return views.reminders(ctx, event)


@command(
    "termin # titel",
    "event # title",
    area="calendar",
    summary="Give an event another title",
    examples=(("!termin 3 titel Herbstfest", "!event 3 title Autumn party"),),
)
@argument("title", Text(MAX_TITLE), "titel", "title", ask="What shall it be called?")
def title(ctx: Context, number: int, title: str) -> Replies:
    """`{"event": {…}}`."""
    return _edited(ctx, number, title=clean_title(title))


@command(
    "termin # ort",
    "event # place",
    area="calendar",
    summary="Say where an event is",
    examples=(
        ("!termin 3 ort Rathaus", "!event 3 place Town hall"),
        ("!termin 3 ort weg", "!event 3 place remove"),
    ),
)
@argument("place", ClearableText(), "ort", "place", ask="Where is it?")
def place(ctx: Context, number: int, place: str) -> Replies:
    """`{"event": {…}}`."""
    return _edited(ctx, number, place=rules.clean_place(place))


@command(
    "termin # notiz",
    "event # note",
    area="calendar",
    summary="Write more about an event",
    examples=(("!termin 3 notiz Bringt Teller mit", "!event 3 note Bring plates"),),
    aliases=("termin # beschreibung", "event # description"),
)
@argument(
    "note", ClearableText(MAX_DESCRIPTION * 2), "notiz", "note", ask="What shall be written there?"
)
def note(ctx: Context, number: int, note: str) -> Replies:
    """`{"event": {…}}`."""
    return _edited(ctx, number, description=clean_note(note))


@command(
    "termin # dauer",
    "event # duration",
    area="calendar",
    summary="Say how long an event lasts",
    examples=(("!termin 3 dauer 2 Stunden", "!event 3 duration 2 hours"),),
    aliases=("termin # länge", "event # length"),
)
@argument("length", LengthText(), "wie lange", "how long", ask="How long? For example: 2 hours")
def duration(ctx: Context, number: int, length: timedelta) -> Replies:
    """`{"event": {…}}`."""
    event = events.edit_event(
        ctx.uow, box_of(ctx), number, lambda event: rules.lasting(event, length), actor=ctx.sender
    )
    return _changed(ctx, event)


@command(
    "termin # wiederholen",
    "event # repeat",
    area="calendar",
    summary="Say how an event repeats",
    examples=(
        ("!termin 3 wiederholen jede Woche", "!event 3 repeat every week"),
        ("!termin 3 wiederholen nie", "!event 3 repeat never"),
    ),
)
@argument(
    "recurrence",
    RecurrenceText(),
    "wie oft",
    "how often",
    ask="How often? For example: every week, or never",
)
def repeat(ctx: Context, number: int, recurrence: Recurrence | None) -> Replies:
    """`{"event": {…}}`."""
    event = events.set_recurrence(ctx.uow, box_of(ctx), number, recurrence, actor=ctx.sender)
    return _changed(ctx, event)


@command(
    "termin # doch",
    "event # reopen",
    area="calendar",
    summary="Hold an event after all",
    examples=(("!termin 3 doch", "!event 3 reopen"),),
    aliases=("termin # offen",),
)
def reopen(ctx: Context, number: int) -> Replies:
    """`{"event": {…}}`."""
    event = events.reopen(ctx.uow, box_of(ctx), number, actor=ctx.sender)
    return views.card(ctx, event, ctx.t("It takes place after all:"))


@command(
    "termin # löschen",
    "event # delete",
    area="calendar",
    summary="Delete an event; for 30 days it can be brought back",
    power=Power.MODERATOR,
    examples=(("!termin 3 löschen", "!event 3 delete"),),
)
def delete(ctx: Context, number: int) -> Replies:
    """`{"event": {…}}` as it was."""
    event = events.delete_event(ctx.uow, box_of(ctx), number, actor=ctx.sender)
    text = ctx.t(
        "🗑️ #{number} {title} is deleted. For 30 days it can be brought back: "
        "!event {number} restore",
        number=event.number,
        title=event.title,
    )
    said = Reply(text, data={"event": views.event_data(ctx, event)})
    return [said, *live.gone(ctx, box_of(ctx), number)]


COMMANDS: tuple[Command, ...] = (
    *(yes, maybe, no, move, cancel, reopen, remind, ics),
    *(title, place, note, duration, repeat, delete),
)
