"""What people answer to questions about events."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bots.calendar import which
from bots.calendar.arguments import Move, SelectionText, read_target
from bots.calendar.planning import planned
from bots.calendar.sentences import with_span
from bots.kit.context import Context, box_of
from bots.kit.registry import Answer, answer, plain_word
from bots.kit.replies import Replies
from wecreate_module.domain.dates import find_recurrence
from wecreate_module.domain.dates.spans import parse_span
from wecreate_module.services import events
from wecreate_module.services.events import EVERY, NewEvent, Scope, Selection

WHEN = "calendar.when"
_ONE = {"1", "nur", "diesen", "dieser", "einen", "only", "one", "this"}
_FOLLOWING = {"2", "ab", "folgende", "danach", "from", "following"}
_ALL = {"3", "alle", "alles", "ganz", "serie", "all", "whole", "series", "every"}
_WORDS = re.compile(r"[\s.,!\ufe0f\u20e3]+")


@answer(WHEN)
def when(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """The date of an event that had none."""
    new = NewEvent(str(data["title"]), place=str(data["place"]), description=str(data["note"]))
    repeated = find_recurrence(text, ctx.now, ctx.timezone)
    if repeated is not None:
        recurrence, text = repeated
        new = NewEvent(new.title, None, None, new.place, new.description, recurrence)
    if text.strip():
        new = with_span(new, parse_span(text, ctx.now, ctx.timezone), ctx)
    return planned(ctx, events.add_event(ctx.uow, box_of(ctx), new, actor=ctx.sender))


@answer(which.ANSWER)
def which_one(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """One date, from then on, or all."""
    day = date.fromisoformat(str(data["day"]))
    selection = _selection(text, day, ctx)
    event = events.get_event(ctx.uow, box_of(ctx), int(data["number"]))
    target = str(data.get("target", ""))
    if not target:
        return which.cancel(ctx, event, selection)
    return which.move(ctx, event, Move(read_target(target, ctx), target, selection))


def _selection(text: str, day: date, ctx: Context) -> Selection:
    words = {plain_word(word) for word in _WORDS.split(text) if word}
    chosen = [found for found in (_ONE, _FOLLOWING, _ALL) if words & found]
    if len(words) > len("day") or len(chosen) != 1:
        return SelectionText().parse(text, ctx)
    if chosen[0] is _ALL:
        return EVERY
    return Selection(Scope.ONE if chosen[0] is _ONE else Scope.FOLLOWING, day)


ANSWERS: tuple[Answer, ...] = (when, which_one)
