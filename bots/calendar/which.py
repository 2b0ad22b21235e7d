"""Of a series: one date, from a date on, or all? Asked when it was not said, and then done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bots.calendar import live, views
from bots.calendar.arguments import Move
from bots.calendar.wording import span_words
from bots.kit.context import Context, box_of
from bots.kit.i18n import msgid
from bots.kit.replies import Button, Question, Replies, Reply
from bots.kit.wording import due_words
from wecreate_module.domain.events import Event
from wecreate_module.domain.occurrences import Occurrence
from wecreate_module.services import event_search, event_series, events
from wecreate_module.services.events import Scope, Selection

ANSWER = "calendar.which"
NEXT = Selection(Scope.ONE)
_CHOICES = (
    ("1️⃣", msgid("on {day}"), msgid("only {day}")),
    ("2️⃣", msgid("from {day}"), msgid("{day} and all after it")),
    ("3️⃣", msgid("all"), msgid("the whole series")),
)


def ask_to_cancel(ctx: Context, event: Event) -> Reply:
    return _ask(ctx, event, ctx.t("!event {number} cancel", number=event.number), "")


def ask_to_move(ctx: Context, event: Event, target: str) -> Reply:
    start = ctx.t("!event {number} move", number=event.number)
    return _ask(ctx, event, start, ctx.t("to {target}", target=target), target)


def _ask(ctx: Context, event: Event, start: str, behind: str, target: str = "") -> Reply:
    """Buttons that say all, and a question for those who type."""
    found = event_search.occurrence(ctx.uow, event, NEXT, ctx.timezone)
    day = _day(ctx, found)
    buttons, lines = [], []
    for emoji, command, said in _CHOICES:
        words = f"{start} {ctx.t(command).format(day=day.isoformat())} {behind}".strip()
        buttons.append(Button(emoji, words))
        lines.append(f"{emoji} {ctx.t(said).format(day=due_words(ctx, day))}")
    text = ctx.t(
        "#{number} {title} repeats. Which one is meant?", number=event.number, title=event.title
    )
    data: dict[str, Any] = {"number": event.number, "day": day.isoformat(), "target": target}
    return Reply(
        "\n".join((text, *lines)),
        data={"event": views.event_data(ctx, event), "asked": "which"},
        buttons=tuple(buttons),
        question=Question(ANSWER, data),
    )


def move(ctx: Context, event: Event, to: Move) -> Replies:
    box = box_of(ctx)
    selection = to.selection or events.EVERY
    before = _shown(ctx, event, selection)
    changed = event_series.move(ctx.uow, box, event.number, selection, to.target, actor=ctx.sender)
    found = None
    if changed.at is not None and changed.rest is None:
        found = event_search.occurrence_at(changed.event, changed.at)
    said = views.moved(
        ctx, changed.event, span_words(ctx, before.start, before.end), found, changed.rest
    )
    more = live.refresh(ctx, box, changed.event) if changed.rest is not None else []
    return [*_with_conflicts(ctx, said, changed.rest or changed.event), *more]


def _with_conflicts(ctx: Context, said: Reply, event: Event) -> list[Reply]:
    """The answer, and the event's message brought up to date where it is not the answer."""
    more = [] if said.then == views.SHOWN else live.refresh(ctx, box_of(ctx), event)
    others = event_search.conflicts(ctx.uow, box_of(ctx), event, ctx.timezone)
    return [views.with_conflicts(ctx, said, others), *more]


def cancel(ctx: Context, event: Event, selection: Selection) -> Replies:
    box = box_of(ctx)
    before = _shown(ctx, event, selection) if event.repeats else None
    changed = event_series.cancel(ctx.uow, box, event.number, selection, actor=ctx.sender)
    when = ""
    if changed.at is not None and before is not None:
        when = due_words(ctx, _day(ctx, before))
    answers = event.answers if before is None else before.answers
    rest = selection.scope is Scope.FOLLOWING
    said = views.cancelled(ctx, changed.event, when, answers, rest=rest)
    return [said, *live.refresh(ctx, box, changed.event)]


def _shown(ctx: Context, event: Event, selection: Selection) -> Occurrence:
    if not event.repeats or selection.scope is Scope.ALL:
        return Occurrence(event, event.start, event.start, event.end)
    return event_search.occurrence(ctx.uow, event, selection, ctx.timezone)


def _day(ctx: Context, found: Occurrence) -> date:
    start = found.start
    return start.astimezone(ctx.timezone).date() if isinstance(start, datetime) else start
