"""`!termin`, `!termine`: what people do with events. Changes to one: changes.py."""

from __future__ import annotations

from typing import Any

from bots.calendar import answers, changes, dropped, lists, live, memos, views
from bots.calendar.arguments import NewEventText, ProposalsText
from bots.calendar.continuations import CONTINUATIONS
from bots.calendar.planning import planned
from bots.calendar.ranges import Range, RangeText
from bots.calendar.schedule import SCHEDULED
from bots.kit.app import Part
from bots.kit.arguments import Number
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Question, Replies, Reply
from wecreate_module.domain.errors import UserError
from wecreate_module.services import event_search, events
from wecreate_module.services.events import NewEvent


@command(
    "termin",
    "event",
    area="calendar",
    summary="Plan an event",
    examples=(
        ("!termin Grillen Samstag 15 Uhr im Garten", "!event Barbecue saturday 3pm at the garden"),
        (
            "!termin Vorstand letzter Donnerstag im Monat 19-21 Uhr",
            "!event Board last thursday of the month 7-9pm",
        ),
        ("!termin Zeltlager 1.-3.5. am See", "!event Camp 1.5. to 3.5."),
    ),
    aliases=("termin neu", "event new", "event add"),
)
@argument(
    "new",
    NewEventText(),
    "titel wann [in ort]",
    "title when [at place]",
    ask="What is it, and when? For example: Barbecue saturday 3pm",
)
def add(ctx: Context, new: NewEvent) -> Replies:
    """`{"event": {…}}`; other events at that time are `conflicts`."""
    if new.start is None and new.recurrence is None:
        data: dict[str, Any] = {"title": new.title, "place": new.place, "note": new.description}
        text = ctx.t("When is “{title}”? For example: saturday 3pm or 1.-3.5.", title=new.title)
        return Reply(text, question=Question(answers.WHEN, data))
    return planned(ctx, events.add_event(ctx.uow, box_of(ctx), new, actor=ctx.sender))


@command(
    "termin #",
    "event #",
    area="calendar",
    summary="Show an event",
    examples=(("!termin 3", "!event 3"),),
    reading=True,
)
def show(ctx: Context, number: int) -> Replies:
    """`{"event": {…}}`."""
    return views.card(ctx, events.get_event(ctx.uow, box_of(ctx), number))


@command(
    "termine",
    "events",
    area="calendar",
    summary="See the events of this Box; in our direct chat those of all your Boxes",
    where=Where.ANY,
    examples=(
        ("!termine", "!events"),
        ("!termine woche", "!events week"),
        ("!termine ich nächster Monat", "!events me next month"),
        ("!termine 1.5.-31.5.", "!events may"),
    ),
    reading=True,
)
@argument("wanted", RangeText(), "zeitraum", "range", optional=True)
def show_all(ctx: Context, wanted: Range | None) -> Replies:
    """`{"events": [{…}], "total"}`, a series by its dates; in a direct chat with its `box`."""
    wanted = wanted or Range()
    begin, end = wanted.bounds(ctx)
    if ctx.box is None:
        found = event_search.occurrences_of_person(ctx.uow, ctx.sender, begin, end, ctx.timezone)
        return lists.of_person(ctx, found, wanted)
    coming = event_search.list_occurrences(ctx.uow, ctx.box, begin, end, ctx.timezone)
    if wanted.mine:
        coming = [each for each in coming if event_search.concerns(each, ctx.sender)]
    return lists.listing(ctx, coming, wanted)


@command(
    "termin finden",
    "event find",
    area="calendar",
    summary="Find a date together",
    examples=(
        (
            "!termin finden Sommerfest Fr 18 Uhr, Sa 15 Uhr, So 11 Uhr",
            "!event find Summer party friday 6pm, saturday 3pm, sunday 11am",
        ),
    ),
)
@argument(
    "proposed",
    ProposalsText(),
    "titel vorschläge",
    "title proposals",
    ask="What is it, and when could it be? For example: Summer party friday 6pm, saturday 3pm",
)
def find(ctx: Context, proposed: tuple[str, list[NewEvent]]) -> Replies:
    """`{"event": {…, "proposals": [{"start", "end", "voters"}]}}`."""
    title, dates = proposed
    event = events.propose(ctx.uow, box_of(ctx), title, dates, actor=ctx.sender)
    return views.card(ctx, event)


@command(
    "termin # stimme",
    "event # vote",
    area="calendar",
    summary="Say that you can come to a proposed date, or can't after all",
    examples=(("!termin 3 stimme 2", "!event 3 vote 2"),),
    listed=False,
)
@argument("place", Number(), "vorschlag", "proposal", ask="Which proposal? Type its number.")
def vote(ctx: Context, number: int, place: int) -> Replies:
    """`{"event": {…}}`."""
    event = events.vote(ctx.uow, box_of(ctx), number, place, actor=ctx.sender)
    said = views.voted(ctx, event, ctx.sender, place)
    return [said, *live.refresh(ctx, box_of(ctx), event)]


@command(
    "termin # fest",
    "event # fix",
    area="calendar",
    summary="Make a proposed date the event's date",
    examples=(("!termin 3 fest 2", "!event 3 fix 2"),),
)
@argument("place", Number(), "vorschlag", "proposal", ask="Which proposal? Type its number.")
def fix(ctx: Context, number: int, place: int) -> Replies:
    """`{"event": {…}}`; who voted for it comes, and is mentioned."""
    return _fixed(ctx, number, place)


@command(
    "fest",
    "fix",
    area="calendar",
    summary="Make a date of the latest proposals the event's date",
    examples=(("!fest 2", "!fix 2"),),
)
@argument("place", Number(), "vorschlag", "proposal", ask="Which proposal? Type its number.")
def fix_latest(ctx: Context, place: int) -> Replies:
    """`{"event": {…}}`."""
    found = event_search.open_proposals(ctx.uow, box_of(ctx))
    if not found:
        raise UserError(
            "nothing-to-fix",
            "No date is being found here. Propose some with !event find Summer party friday 6pm, "
            "saturday 3pm",
        )
    return _fixed(ctx, found[-1].number, place)


def _fixed(ctx: Context, number: int, place: int) -> Replies:
    event = events.fix(ctx.uow, box_of(ctx), number, place, actor=ctx.sender)
    others = event_search.conflicts(ctx.uow, box_of(ctx), event, ctx.timezone)
    return views.with_conflicts(ctx, views.fixed(ctx, event), others)


COMMANDS: tuple[Command, ...] = (
    add,
    show,
    show_all,
    find,
    vote,
    fix,
    fix_latest,
    *changes.COMMANDS,
    *memos.COMMANDS,
)

PART = Part(
    commands=COMMANDS,
    continuations=(*CONTINUATIONS, *dropped.CONTINUATIONS),
    scheduled=(*SCHEDULED, *memos.SCHEDULED),
    answers=(*answers.ANSWERS, *dropped.ANSWERS),
    on_message=(dropped.notice,),
)
