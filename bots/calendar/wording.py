"""An event's times and people in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bots.kit.context import Context
from bots.kit.i18n import format_time
from bots.kit.wording import due_words
from wecreate_module.domain.events import Answer, Attendee, When, zone_of

ANSWERS: dict[Answer, str] = {Answer.YES: "👍", Answer.MAYBE: "🤔", Answer.NO: "👎"}
_MOST_NAMES = 20


def span_words(ctx: Context, start: When, end: When) -> str:
    """Like "Fr 27.11., 19:00-21:00", "Sa 1.5. - Mo 3.5."; other clocks are named."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return _times(ctx, start, end) + _elsewhere(ctx, start)
    last = end.date() if isinstance(end, datetime) else end - timedelta(days=1)
    if last <= start:
        return due_words(ctx, start)
    return f"{due_words(ctx, start)} \u2013 {due_words(ctx, last)}"


def _times(ctx: Context, start: datetime, end: datetime) -> str:
    if end <= start:
        return due_words(ctx, start)
    until = end.astimezone(ctx.timezone)
    same_day = start.astimezone(ctx.timezone).date() == until.date()
    midnight = (until.hour, until.minute) == (0, 0) and end - start < timedelta(days=1)
    if same_day or midnight:
        clock = format_time(end, ctx.language, ctx.timezone)
        return f"{due_words(ctx, start)}\u2013{clock}"
    return f"{due_words(ctx, start)} \u2013 {due_words(ctx, end)}"


def _elsewhere(ctx: Context, start: datetime) -> str:
    """The time where the event's own clock hangs, when that is another."""
    zone = zone_of(start)
    name = getattr(zone, "key", "UTC")
    there = start.astimezone(zone or UTC)
    if zone is UTC or there.utcoffset() == start.astimezone(ctx.timezone).utcoffset():
        return ""
    return f" ({there:%H:%M} {name.rsplit('/', 1)[-1].replace('_', ' ')})"


def names(ctx: Context, users: Iterable[str]) -> str:
    every = list(users)
    said = ", ".join(ctx.display_name(user) for user in every[:_MOST_NAMES])
    more = len(every) - _MOST_NAMES
    return said if more <= 0 else ctx.t("{names} and {count} more", names=said, count=more)


def who_comes(ctx: Context, answers: Iterable[Attendee]) -> list[str]:
    """One line for each answer that somebody gave."""
    every = list(answers)
    lines = []
    for answer, emoji in ANSWERS.items():
        users = [one.user for one in every if one.answer is answer]
        if users:
            lines.append(f"{emoji} {len(users)}: {names(ctx, users)}")
    return lines


def before_words(ctx: Context, minutes: int) -> str:
    """Like "2 Stunden vorher"."""
    if not minutes:
        return ctx.t("when it begins")
    if minutes % (24 * 60) == 0:
        return ctx.ngettext("{n} day before", "{n} days before", minutes // (24 * 60))
    if minutes % 60 == 0:
        return ctx.ngettext("{n} hour before", "{n} hours before", minutes // 60)
    return ctx.ngettext("{n} minute before", "{n} minutes before", minutes)
