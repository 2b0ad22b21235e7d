"""A calendar file dropped into the Box: one question, one summary."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from bots.calendar import views
from bots.calendar.wording import span_words
from bots.kit.context import Context, box_of
from bots.kit.incoming import Incoming
from bots.kit.registry import Answer, Continuation, answer, continuation, plain_word
from bots.kit.replies import Button, Question, Replies, Reply
from bots.kit.templates import html_to_text, render_template
from bridges.caldav.ical_check import check_object
from bridges.caldav.refusals import Refused
from wecreate_module.domain.attachments import read_attachment
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.effects import Effect, FetchFile
from wecreate_module.domain.events import Event
from wecreate_module.services import event_import
from wecreate_module.storage.calendar_objects import Kind

FETCHED = "calendar.fetched"
IMPORT = "calendar.import"
_YES = {"ja", "j", "jo", "klar", "gerne", "bitte", "ok", "okay", "yes", "y", "sure", "please"}
_MOST_SHOWN = 10
_LONGEST_TITLE = 80


def notice(ctx: Context, incoming: Incoming) -> Replies:
    """Fetch what looks like a calendar; nothing is said before it was read."""
    attachment = read_attachment(incoming.content)
    if attachment is None or ctx.box is None or ctx.box.state is not BoxState.ACTIVE:
        return None
    is_calendar = attachment.name.lower().endswith(".ics") or attachment.mimetype == "text/calendar"
    if is_calendar and attachment.size <= event_import.MOST_BYTES:
        fetch = FetchFile(attachment.media.to_file(), event_import.MOST_BYTES)
        ctx.put(fetch, then=FETCHED, extra={"name": attachment.name})
    return None


@continuation(FETCHED)
def fetched(ctx: Context, effect: Effect, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - the result is enough
    """Say what is in it and ask."""
    data = result.get("data")
    if ctx.box is None or not isinstance(data, str):
        return None
    found = event_import.look_into(ctx.uow, ctx.box, base64.b64decode(data), _wanted(ctx))
    if not found.new:
        text = ctx.t("📎 All events of this file are in the calendar already.")
        return Reply("\n".join((text, *_asides(ctx, replace(found, known=0)))))
    html = _page(
        ctx,
        ctx.ngettext(
            "📎 {n} event is in this file:", "📎 {n} events are in this file:", len(found.new)
        ),
        [event for _, event in found.new],
        _asides(ctx, found),
        ctx.t("Shall I put it into the Box's calendar? Type: yes"),
    )
    return Reply(
        html_to_text(html),
        html,
        data={
            "events": [views.event_data(ctx, event) for _, event in found.new[:_MOST_SHOWN]],
            "total": len(found.new),
        },
        buttons=(Button("✅", ctx.t("yes")),),
        question=Question(IMPORT, {"data": data}),
    )


@answer(IMPORT)
def take_in(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """`{"events": […], "total"}` of what is in the calendar now."""
    if plain_word(text.strip(" .!✅")) not in _YES:
        return Reply(ctx.t("All right, I leave it."))
    box = box_of(ctx)
    file = base64.b64decode(str(data["data"]))
    found = event_import.look_into(ctx.uow, box, file, _wanted(ctx))
    kept = event_import.take_in(ctx.uow, box, found, actor=ctx.sender)
    if len(kept) == 1:
        return views.card(ctx, kept[0], ctx.t("Is in the calendar now:"))
    title = ctx.ngettext(
        "📥 {n} event is in the calendar now:", "📥 {n} events are in the calendar now:", len(kept)
    )
    html = _page(ctx, title, kept, [], "")
    shown = [views.event_data(ctx, event) for event in kept[:_MOST_SHOWN]]
    return Reply(html_to_text(html), html, data={"events": shown, "total": len(kept)})


def _wanted(ctx: Context) -> event_import.Wanted:
    return event_import.Wanted(ctx.sender, ctx.t("Event"), _is_sound)


def _is_sound(text: str) -> bool:
    """What calendar programs may not put there does not come in this way either."""
    try:
        check_object(text.encode(), Kind.EVENT)
    except Refused:
        return False
    return True


def _page(ctx: Context, title: str, events: list[Event], asides: list[str], question: str) -> str:
    rows = [
        (
            event.number,
            event.title[:_LONGEST_TITLE],
            span_words(ctx, event.start, event.end),
            event.repeats,
        )
        for event in events[:_MOST_SHOWN]
    ]
    return render_template(
        "calendar/dropped.html.j2",
        ctx,
        title=title,
        rows=rows,
        left_out=len(events) - _MOST_SHOWN,
        asides=asides,
        question=question,
    )


def _asides(ctx: Context, found: event_import.Found) -> list[str]:
    lines = []
    if found.known:
        lines.append(ctx.ngettext("{n} is there already.", "{n} are there already.", found.known))
    if found.broken:
        lines.append(ctx.t("{n} I can't read.", n=found.broken))
    if found.once:
        lines.append(
            ctx.t("{n} repeat in a way that I don't know: I take the first date.", n=found.once)
        )
    return lines


CONTINUATIONS: tuple[Continuation, ...] = (fetched,)
ANSWERS: tuple[Answer, ...] = (take_in,)
