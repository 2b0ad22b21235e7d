"""Lists of events in words: day by day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bots.calendar.ranges import Range
from bots.calendar.views import event_data
from bots.kit.context import Context
from bots.kit.i18n import format_day, format_near_day, format_time
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.events import Answer
from wecreate_module.domain.occurrences import Occurrence

MOST_SHOWN = 50
_LARGEST_DATA = 24_000
_LONGEST_TITLE = 120
_MOST_OF_A_SERIES = 3


@dataclass(frozen=True)
class Row:
    """One event on one line."""

    number: int
    time: str
    title: str
    more: str


@dataclass(frozen=True)
class Section:
    """A day's events under its name; for a person's list a Box's."""

    title: str
    rows: list[Row]


def listing(ctx: Context, found: Sequence[Occurrence], wanted: Range) -> Reply:
    """What takes place in the Box."""
    sections: dict[str, list[Row]] = {}
    shortened = _shortened(found) if wanted.first is None else list(found)
    for each in shortened[:MOST_SHOWN]:
        day = max(_day(ctx, each), wanted.first_day(ctx))
        sections.setdefault(_heading(ctx, day), []).append(_row(ctx, each))
    footer = []
    if found and wanted.usual:
        footer = [ctx.t("Another time: !events today · week · month · 1.5.-31.5. · me")]
    shown = [Section(title, rows) for title, rows in sections.items()]
    html = _page(ctx, wanted.title(ctx), shown, len(shortened) - MOST_SHOWN, footer)
    every = (event_data(ctx, each.event, each) for each in found)
    return Reply(html_to_text(html), html, data=_data(every, len(found)))


def of_person(
    ctx: Context, found: Sequence[tuple[Box, Sequence[Occurrence]]], wanted: Range
) -> Reply:
    """What takes place in a person's Boxes, for their direct chat."""
    left = MOST_SHOWN
    sections = []
    for box, coming in found:
        rows = [_row(ctx, each, day=True) for each in coming[:left]]
        left -= len(rows)
        if rows:
            sections.append(Section(f"📦 {box.name}", rows))
    total = sum(len(coming) for _, coming in found)
    html = _page(ctx, wanted.title(ctx), sections, total - MOST_SHOWN, [])
    every = (
        {**event_data(ctx, each.event, each), "box": box.name}
        for box, coming in found
        for each in coming
    )
    return Reply(html_to_text(html), html, data=_data(every, total))


def _shortened(found: Sequence[Occurrence]) -> list[Occurrence]:
    """Of each series the next few: a choir's Fridays must not hide the summer party."""
    count: dict[int, int] = {}
    kept = []
    for each in found:
        count[each.event.number] = count.get(each.event.number, 0) + 1
        if count[each.event.number] <= _MOST_OF_A_SERIES:
            kept.append(each)
    return kept


def _page(
    ctx: Context, title: str, sections: list[Section], left_out: int, footer: list[str]
) -> str:
    return render_template(
        "calendar/list.html.j2",
        ctx,
        title=f"📅 {title}",
        sections=sections,
        empty=ctx.t("Nothing yet. Plan something with !event Summer party saturday 3pm"),
        left_out=max(0, left_out),
        footer=footer,
    )


def _data(every: Iterable[dict[str, Any]], total: int) -> dict[str, Any]:
    """As many as fit; `total` tells programs whether that is all."""
    found: list[dict[str, Any]] = []
    left = _LARGEST_DATA
    for event in every:
        left -= len(json.dumps(event, ensure_ascii=False).encode())
        if left < 0:
            break
        found.append(event)
    return {"events": found, "total": total}


def _heading(ctx: Context, day: date) -> str:
    """Like "heute, Mi 25.11."."""
    near, plain = (
        format_near_day(day, ctx.language, ctx.today),
        format_day(day, ctx.language, ctx.today),
    )
    return plain if near == plain else f"{near}, {plain}"


def _row(ctx: Context, found: Occurrence, *, day: bool = False) -> Row:
    title = found.title
    if len(title) > _LONGEST_TITLE:
        title = f"{title[: _LONGEST_TITLE - 1]}…"
    said = _time(ctx, found)
    if day:
        said = f"{format_near_day(_day(ctx, found), ctx.language, ctx.today)} {said}".strip()
    return Row(found.event.number, said, title, " · ".join(_more(ctx, found)))


def _time(ctx: Context, found: Occurrence) -> str:
    if not isinstance(found.start, datetime):
        return ""
    return format_time(found.start, ctx.language, ctx.timezone)


def _more(ctx: Context, found: Occurrence) -> list[str]:
    more = []
    last = _last_day(ctx, found)
    if last > _day(ctx, found):
        more.append(ctx.t("until {day}", day=format_day(last, ctx.language, ctx.today)))
    if found.place:
        more.append(f"📍 {found.place[:_LONGEST_TITLE]}")
    coming = sum(one.answer is Answer.YES for one in found.answers)
    if coming:
        more.append(f"👍 {coming}")
    if found.event.repeats:
        more.append("🔁")
    if found.event.proposals:
        more.append(ctx.t("the date is being found"))
    return more


def _day(ctx: Context, found: Occurrence) -> date:
    start = found.start
    return start.astimezone(ctx.timezone).date() if isinstance(start, datetime) else start


def _last_day(ctx: Context, found: Occurrence) -> date:
    if not isinstance(found.end, datetime):
        return found.end - timedelta(days=1)
    moment = found.end.astimezone(ctx.timezone) - timedelta(seconds=1)
    return max(moment.date(), _day(ctx, found))
