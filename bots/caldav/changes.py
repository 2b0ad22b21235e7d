"""What was changed outside, in words: who, what, before → after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.events import Answer, Event, EventStatus
from wecreate_module.domain.tasks import Task, TaskStatus
from wecreate_module.services import event_search
from wecreate_module.storage import events, tasks
from wecreate_module.storage.calendar_objects import Kind

Json = dict[str, Any]
Entry = Event | Task
MOST_LINES = 12
_LONGEST = 80

_ANSWERS = {
    Answer.YES: msgid("comes"),
    Answer.MAYBE: msgid("may come"),
    Answer.NO: msgid("doesn't come"),
}
_EVENT_STATUS = {
    EventStatus.CONFIRMED: msgid("takes place"),
    EventStatus.TENTATIVE: msgid("not certain yet"),
    EventStatus.CANCELLED: msgid("called off"),
}
_TASK_STATUS = {
    TaskStatus.OPEN: msgid("open again"),
    TaskStatus.DONE: msgid("done"),
    TaskStatus.CANCELLED: msgid("called off"),
}
_QUIET = (
    ("place", msgid("place")),
    ("description", msgid("note")),
    ("rrule", msgid("repetition")),
    ("excluded", msgid("single dates")),
    ("variants", msgid("single dates")),
    ("added", msgid("single dates")),
    ("assignees", msgid("people")),
    ("labels", msgid("labels")),
    ("priority", msgid("urgency")),
    ("items", msgid("list")),
)


@dataclass(frozen=True)
class Changed:
    """One object of one person: as it was before the first change, and after the last."""

    kind: Kind
    number: int
    actor: str
    before: Entry | None
    after: Entry | None

    @property
    def entry(self) -> Entry:
        found = self.after or self.before
        if found is None:
            raise RuntimeError("a change of nothing")
        return found

    @property
    def what(self) -> str:
        if self.before is None:
            return "added"
        return "changed" if self.after is not None else "deleted"


def merged(stored: Iterable[Json]) -> list[Changed]:
    """One for each object and person; what came and went meanwhile is left out."""
    firsts: dict[tuple[str, str, int], Json | None] = {}
    lasts: dict[tuple[str, str, int], Json | None] = {}
    for change in stored:
        key = (change["actor"], change["kind"], change["number"])
        firsts.setdefault(key, change["before"])
        lasts[key] = change["after"]
    return [
        Changed(
            Kind(kind), number, actor, _entry(kind, number, firsts[key]), _entry(kind, number, last)
        )
        for key, last in lasts.items()
        if firsts[key] != last
        for actor, kind, number in [key]
    ]


def message(ctx: Context, found: Sequence[Changed]) -> Reply:
    """One message for all; the lines say the most important of each."""
    shown = sorted(found[:MOST_LINES], key=lambda one: one.actor)
    people = [
        (actor, [_line(ctx, one) for one in group])
        for actor, group in groupby(shown, key=lambda one: one.actor)
    ]
    html = render_template(
        "caldav/changes.html.j2", ctx, people=people, more=max(0, len(found) - MOST_LINES)
    )
    data = [
        {
            "kind": one.kind.value,
            "number": one.number,
            "title": one.entry.title,
            "change": one.what,
            "actor": one.actor,
        }
        for one in found
    ]
    return Reply(html_to_text(html), html, data={"changes": data})


def _entry(kind: str, number: int, stored: Json | None) -> Entry | None:
    if stored is None:
        return None
    read: Callable[[int, int, Json], Entry] = (
        events.from_json if kind == Kind.EVENT.value else tasks.from_json
    )
    return read(number, 0, dict(stored))


def _line(ctx: Context, one: Changed) -> Json:
    emoji = {"added": "🆕", "changed": "✏️", "deleted": "🗑️"}[one.what]
    facts = []
    if one.before is not None and one.after is not None:
        facts = list(_differences(ctx, one.before, one.after, one.actor))
    elif one.after is not None and (when := _when(one.after)) is not None:
        facts = [ctx.when(when)]
    facts.extend(_conflicts(ctx, one))
    return {"emoji": emoji, "number": one.number, "title": _short(one.entry.title), "facts": facts}


def _conflicts(ctx: Context, one: Changed) -> Iterable[str]:
    """What else is at the time that an event has now."""
    moved = one.before is None or (_when(one.before), _end(one.before)) != (
        _when(one.entry),
        _end(one.entry),
    )
    event = ctx.uow.events.get(ctx.box.id, one.number) if ctx.box is not None else None
    if one.kind is not Kind.EVENT or one.after is None or not moved or event is None:
        return
    if ctx.box is not None:
        for each in event_search.conflicts(ctx.uow, ctx.box, event, ctx.timezone):
            other = {"number": each.event.number, "title": _short(each.title)}
            yield ctx.t("⚠️ at the same time: #{number} {title}", **other)


def _differences(ctx: Context, before: Entry, after: Entry, actor: str) -> Iterable[str]:
    if before.title != after.title:
        yield f"„{_short(before.title)}“ → „{_short(after.title)}“"
    if (old := _when(before)) != (new := _when(after)) or _end(before) != _end(after):
        nothing = ctx.t("no date")
        yield f"{ctx.when(old) if old else nothing} → {ctx.when(new) if new else nothing}"
    if before.status is not after.status:
        yield ctx.t(_status(after))
    if isinstance(after, Event) and isinstance(before, Event):
        old_answers = {one.user: one.answer for one in before.answers}
        for one in after.answers:
            if one.user == actor and old_answers.get(actor) is not one.answer:
                yield ctx.t(_ANSWERS[one.answer])
    told = dict.fromkeys(
        word for name, word in _QUIET if getattr(before, name, None) != getattr(after, name, None)
    )
    for word in told:
        yield ctx.t("{what} changed", what=ctx.t(word))


def _status(entry: Entry) -> str:
    if isinstance(entry, Event):
        return _EVENT_STATUS[entry.status]
    return _TASK_STATUS[entry.status]


def _when(entry: Entry) -> date | datetime | None:
    return entry.start if isinstance(entry, Event) else entry.due


def _end(entry: Entry) -> date | datetime | None:
    return entry.end if isinstance(entry, Event) else None


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"
