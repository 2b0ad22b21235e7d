"""Dates and repetitions in words, the same for tasks and events."""

from __future__ import annotations

from datetime import datetime

from bots.kit.context import Context
from bots.kit.i18n import format_near_day, format_time, msgid
from wecreate_module.domain.dates import Moment, rule_parts
from wecreate_module.domain.dates.rules import DAY_CODES, WORKDAYS
from wecreate_module.services.recurrence import Due

_DAYS = dict(
    zip(
        DAY_CODES,
        (
            msgid("Monday"),
            msgid("Tuesday"),
            msgid("Wednesday"),
            msgid("Thursday"),
            msgid("Friday"),
            msgid("Saturday"),
            msgid("Sunday"),
        ),
        strict=True,
    )
)
_PLACES = {
    "1": msgid("every first {day} of the month"),
    "2": msgid("every second {day} of the month"),
    "3": msgid("every third {day} of the month"),
    "4": msgid("every fourth {day} of the month"),
    "5": msgid("every fifth {day} of the month"),
    "-1": msgid("every last {day} of the month"),
}


def due_words(ctx: Context, due: Due) -> str:
    """Like "heute, 18:00", "morgen", "Fr 27.11."."""
    if not isinstance(due, datetime):
        return format_near_day(due, ctx.language, ctx.today)
    day = format_near_day(due.astimezone(ctx.timezone).date(), ctx.language, ctx.today)
    return f"{day}, {format_time(due, ctx.language, ctx.timezone)}"


def remark_skipped(ctx: Context, moment: Moment) -> None:
    """Say so where the clocks skip the time that was written."""
    if moment.skipped is None or not isinstance(moment.value, datetime):
        return
    ctx.remark(
        ctx.t(
            "🕑 On {day} there is no {said}, because the clocks go forward. I took {taken}.",
            day=ctx.when(moment.skipped.date()),
            said=f"{moment.skipped:%H:%M}",
            taken=f"{moment.value:%H:%M}",
        )
    )


def recurrence_words(ctx: Context, rrule: str) -> str:
    """What people would say; for rules of other programs just that it repeats."""
    parts = rule_parts(rrule)
    words = _rhythm(ctx, parts)
    if "COUNT" in parts and parts["COUNT"].isdigit():
        words += ", " + ctx.ngettext("{n} more time", "{n} more times", int(parts["COUNT"]))
    until = parts.get("UNTIL", "")
    if until[:8].isdigit():
        day = datetime.strptime(until[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
        words += ", " + ctx.t("until {day}", day=ctx.when(day))
    return words


def _rhythm(ctx: Context, parts: dict[str, str]) -> str:
    interval = int(parts["INTERVAL"]) if parts.get("INTERVAL", "").isdigit() else 1
    days = parts.get("BYDAY", "").split(",") if "BYDAY" in parts else []
    match parts.get("FREQ"):
        case "DAILY":
            return ctx.ngettext("every day", "every {n} days", interval)
        case "WEEKLY":
            return _weekly(ctx, interval, days)
        case "MONTHLY":
            return _monthly(ctx, interval, days, parts.get("BYMONTHDAY", ""))
        case "YEARLY":
            return ctx.ngettext("every year", "every {n} years", interval)
    return ctx.t("again and again")


def _weekly(ctx: Context, interval: int, days: list[str]) -> str:
    if not days or any(day not in _DAYS for day in days):
        return ctx.ngettext("every week", "every {n} weeks", interval)
    if tuple(days) == WORKDAYS and interval == 1:
        return ctx.t("on workdays")
    names = _and(ctx, [ctx.t(_DAYS[day]) for day in days])
    return ctx.ngettext("every {days}", "every {n} weeks on {days}", interval, days=names)


def _monthly(ctx: Context, interval: int, days: list[str], month_day: str) -> str:
    places = [(day[:-2], day[-2:]) for day in days]
    if interval == 1 and places and all(p in _PLACES and d in _DAYS for p, d in places):
        return _and(ctx, [ctx.t(_PLACES[p], day=ctx.t(_DAYS[d])) for p, d in places])
    if interval == 1 and month_day == "-1":
        return ctx.t("on the last day of every month")
    if interval == 1 and month_day.isdigit():
        return ctx.t("every month on day {day}", day=month_day)
    return ctx.ngettext("every month", "every {n} months", interval)


def _and(ctx: Context, words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return ctx.t("{first} and {last}", first=", ".join(words[:-1]), last=words[-1])
