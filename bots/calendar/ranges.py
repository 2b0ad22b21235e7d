"""Which events to list: `heute`, `woche`, `monat`, `1.5.-31.5.`, `mai`, `ich`, in any order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bots.kit.arguments import ArgumentType
from bots.kit.context import Context
from bots.kit.i18n import format_day
from bots.kit.registry import plain_word
from wecreate_module.domain.dates.days import add_months, check_year
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.dates.spans import parse_span
from wecreate_module.domain.dates.words import MONTHS, NEXT
from wecreate_module.domain.errors import UserError

_USUAL_DAYS = 92
_LONGEST_DAYS = 732
_WEEK = 7
_WEEK_OF_YEAR = re.compile(r"(?:kw|kalenderwoche) ?[0-9]{1,2}(?: [0-9]{4})?")
_YEAR = re.compile(r"[0-9]{4}")
_MINE = {"ich", "mich", "mir", "meine", "me", "mine", "my", "i"}
_FILLERS = {
    "diese",
    "dieser",
    "diesen",
    "dieses",
    "this",
    "the",
    "im",
    "in",
    "fuer",
    "for",
    "von",
} | {
    *("vom", "termine", "events", "nur", "only", "kommende", "kommenden", "of"),
}


@dataclass(frozen=True)
class Range:
    """Days from `first` up to `last`; None: from now on, a quarter of a year."""

    first: date | None = None
    last: date | None = None
    mine: bool = False

    @property
    def usual(self) -> bool:
        return self.first is None and not self.mine

    def first_day(self, ctx: Context) -> date:
        return self.first or ctx.today

    def bounds(self, ctx: Context) -> tuple[datetime, datetime]:
        if self.first is None or self.last is None:
            return ctx.now, ctx.now + timedelta(days=_USUAL_DAYS)
        return _midnight(self.first, ctx.timezone), _midnight(
            self.last + timedelta(days=1), ctx.timezone
        )

    def title(self, ctx: Context) -> str:
        mine = ctx.t("Your events") if self.mine else ctx.t("Events")
        if self.first is None or self.last is None:
            return mine
        first = format_day(self.first, ctx.language, ctx.today)
        if self.first == self.last:
            return f"{mine}: {first}"
        return f"{mine}: {first} \u2013 {format_day(self.last, ctx.language, ctx.today)}"


class RangeText(ArgumentType[Range]):
    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - takes all, whatever it is
        return len(words)

    def parse(self, text: str, ctx: Context) -> Range:
        wanted, left = Range(), []
        for word in text.split():
            plain = plain_word(word.strip(",;"))
            if plain in _MINE:
                wanted = replace(wanted, mine=True)
            elif plain not in _FILLERS:
                left.append(plain if plain in NEXT else word)
        if not left:
            return wanted
        first, last = _named(left, ctx) or _said(" ".join(left), ctx)
        if (last - first).days > _LONGEST_DAYS:
            raise UserError("range-too-long", "That is too long a time. At most two years fit.")
        return replace(wanted, first=first, last=last)


def _named(words: list[str], ctx: Context) -> tuple[date, date] | None:
    """Today, this week, next month, May."""
    today = ctx.today
    coming = int(plain_word(words[0]) in NEXT)
    plain = [plain_word(word) for word in words[coming:]]
    if _WEEK_OF_YEAR.fullmatch(" ".join(plain)):
        monday, _ = _said(" ".join(plain), ctx)
        return monday, monday + timedelta(days=_WEEK - 1)
    if len(plain) == 1 and _YEAR.fullmatch(plain[0]):
        year = int(plain[0])
        check_year(year)
        first = today if year == today.year else date(year, 1, 1)
        return first, date(year, 12, 31)
    if len(plain) != 1:
        return None
    found = _period(plain[0], today, coming)
    return None if found is None else (max(found[0], today), found[1])


def _period(word: str, today: date, coming: int) -> tuple[date, date] | None:
    """Its first and last day; `coming` is 1 for the next one."""
    monday = today + timedelta(days=_WEEK * coming - today.weekday())
    month = add_months(today.replace(day=1), coming)
    if word in MONTHS:
        month = date(today.year + (MONTHS[word] < today.month), MONTHS[word], 1)
        word = "month"
    match word:
        case "woche" | "week":
            return monday, monday + timedelta(days=_WEEK - 1)
        case "wochenende" | "weekend":
            return monday + timedelta(days=_WEEK - 2), monday + timedelta(days=_WEEK - 1)
        case "monat" | "month":
            return month, add_months(month, 1) - timedelta(days=1)
        case "jahr" | "year":
            return date(today.year + coming, 1, 1), date(today.year + coming, 12, 31)
        case "alle" | "all" | "alles" | "everything":
            return today, today + timedelta(days=_LONGEST_DAYS)
    return None


def _said(text: str, ctx: Context) -> tuple[date, date]:
    span = parse_span(text, ctx.now, ctx.timezone)
    first = span.start.date() if isinstance(span.start, datetime) else span.start
    end = span.end if span.end is not None else first
    return first, end.date() if isinstance(end, datetime) else end


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return at_time(day, 0, zone)
