"""What is said about events: each function turns results into one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import escape

from bots.calendar.wording import ANSWERS, before_words, names, span_words, who_comes
from bots.kit.context import Context
from bots.kit.markup import pill
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text, render_template
from bots.kit.wording import due_words, recurrence_words
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.events import (
    Answer,
    Attendee,
    Event,
    EventStatus,
    When,
    instant,
    usual_reminders,
    wall,
    zone_of,
)
from wecreate_module.domain.occurrences import Occurrence, upcoming

SHOWN = "calendar.shown"
NUMBERS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣", "🔟")


def event_data(ctx: Context, event: Event, found: Occurrence | None = None) -> dict[str, Any]:
    """For programs: the series, or the one occurrence `found` of it.

    `start` and `end` are days (the end not among them) or instants, both ISO 8601.
    """
    shown = found if found is not None else Occurrence(event, event.start, event.start, event.end)
    data: dict[str, Any] = {
        "number": event.number,
        "title": shown.title,
        "start": shown.start.isoformat(),
        "end": shown.end.isoformat(),
        "all_day": not isinstance(shown.start, datetime),
        "location": shown.place,
        "rrule": event.rrule,
        "timezone": timezone_name(ctx, shown.start),
        "attendees": [{"user": one.user, "status": one.answer.value} for one in shown.answers],
        "status": event.status.value,
        "description": shown.description,
    }
    if event.proposals:
        data["proposals"] = [
            {
                "start": each.start.isoformat(),
                "end": each.end.isoformat(),
                "voters": list(each.voters),
            }
            for each in event.proposals
        ]
    return data


def timezone_name(ctx: Context, start: When) -> str:
    """The event's clock; for whole days the Box's."""
    zone = zone_of(start)
    if zone is None:
        return ctx.box.timezone if ctx.box is not None else ctx.timezone.key
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def card(
    ctx: Context,
    event: Event,
    headline: str = "",
    *,
    conflicts: Sequence[Occurrence] = (),
    mentions: Sequence[str] = (),
) -> Reply:
    """One event with all that is known of it, and its buttons; kept up to date from now on."""
    html = card_html(ctx, event, headline, _conflict_lines(ctx, conflicts))
    data: dict[str, Any] = {"event": event_data(ctx, event)}
    if conflicts:
        data["conflicts"] = [event_data(ctx, each.event, each) for each in conflicts]
    return Reply(
        html_to_text(html),
        html,
        data=data,
        buttons=buttons(ctx, event),
        mentions=tuple(mentions),
        then=SHOWN,
        keep={"number": event.number},
    )


def card_html(ctx: Context, event: Event, headline: str = "", notes: Sequence[str] = ()) -> str:
    return render_template(
        "calendar/event.html.j2",
        ctx,
        event=event,
        headline=headline,
        notes=notes,
        emoji=_emoji(event),
        cancelled=event.status is EventStatus.CANCELLED,
        facts=_facts(ctx, event),
        changes=_changes(ctx, event),
        coming=who_comes(ctx, event.answers),
        proposals=_proposals(ctx, event),
    )


def buttons(ctx: Context, event: Event) -> tuple[Button, ...]:
    number = event.number
    if event.status is EventStatus.CANCELLED:
        return (Button("↩️", ctx.t("!event {number} reopen", number=number)),)
    if event.proposals:
        return tuple(
            Button(emoji, ctx.t("!event {number} vote {place}", number=number, place=place))
            for place, (emoji, _) in enumerate(zip(NUMBERS, event.proposals, strict=False), start=1)
        )
    return (
        Button("👍", ctx.t("!event {number} yes", number=number)),
        Button("👎", ctx.t("!event {number} no", number=number)),
        Button("🤔", ctx.t("!event {number} maybe", number=number)),
    )


def answered(ctx: Context, event: Event, user: str, answer: Answer, at: Occurrence | None) -> Reply:
    """One line: who said what, and how many come now."""
    answers = event.answers if at is None else at.answers
    when = ""
    if at is not None:
        when = due_words(ctx, at.start)
    elif (coming := upcoming(event, ctx.now, ctx.timezone)) is not None and not event.repeats:
        when = due_words(ctx, coming.start)
    said = {
        Answer.YES: ctx.t("👍 {name} comes to #{number} {title}."),
        Answer.MAYBE: ctx.t("🤔 {name} perhaps comes to #{number} {title}."),
        Answer.NO: ctx.t("👎 {name} can't come to #{number} {title}."),
    }[answer]
    title = event.title if not when else f"{event.title} ({when})"
    text = said.format(name=ctx.display_name(user), number=event.number, title=title)
    return Reply(f"{text} {_count(answers)}".strip(), data={"event": event_data(ctx, event, at)})


def voted(ctx: Context, event: Event, user: str, place: int) -> Reply:
    chosen = event.proposals[place - 1]
    when = span_words(ctx, chosen.start, chosen.end)
    if user in chosen.voters:
        text = ctx.t("{name} can come: {when}", name=ctx.display_name(user), when=when)
    else:
        text = ctx.t(
            "{name} can't come then after all: {when}", name=ctx.display_name(user), when=when
        )
    count = ctx.ngettext("{n} vote now", "{n} votes now", len(chosen.voters))
    return Reply(f"{NUMBERS[place - 1]} {text} ({count})", data={"event": event_data(ctx, event)})


def moved(
    ctx: Context, event: Event, before: str, found: Occurrence | None, rest: Event | None
) -> Reply:
    """What moved: the whole event with its card, or one occurrence, or the rest of a series."""
    if rest is not None:
        headline = ctx.t(
            "From {day} on the series is #{number}; before, #{old} stays as it was.",
            day=due_words(ctx, _day_of(ctx, rest.start)),
            number=rest.number,
            old=event.number,
        )
        return _calling(ctx, card(ctx, rest, headline), _coming(ctx, rest.answers))
    if found is not None:
        text = ctx.t(
            "📅 #{number} {title}: {before} → {after}",
            **_named(event),
            before=before,
            after=span_words(ctx, found.start, found.end),
        )
        people = _coming(ctx, found.answers)
        data = {"event": event_data(ctx, event, found)}
        return _calling(ctx, Reply(text, data=data), people)
    people = _coming(ctx, event.answers)
    return _calling(
        ctx, card(ctx, event, ctx.t("Moved (before: {before}):", before=before)), people
    )


def cancelled(
    ctx: Context, event: Event, when: str, answers: Sequence[Attendee], *, rest: bool
) -> Reply:
    """Called off: whole (`when` empty), once, or from then on."""
    if not when:
        text = ctx.t("🚫 #{number} {title} is called off.", **_named(event))
    elif rest:
        text = ctx.t(
            "🚫 #{number} {title} ends: from {when} on it is called off.",
            when=when,
            **_named(event),
        )
    else:
        text = ctx.t(
            "🚫 #{number} {title} is called off once ({when}); all else stays.",
            when=when,
            **_named(event),
        )
    people = _coming(ctx, answers)
    shown = buttons(ctx, event) if event.status is EventStatus.CANCELLED else ()
    if shown:
        text = f"{text} ↩️ {ctx.t('hold it after all')}"
    data = {"event": event_data(ctx, event)}
    return _calling(ctx, Reply(text, data=data, buttons=shown), people)


def fixed(ctx: Context, event: Event) -> Reply:
    """The date stands: for those who can come then."""
    people = _coming(ctx, event.answers)
    return _calling(ctx, card(ctx, event, ctx.t("The date stands:")), people)


def reminder(ctx: Context, found: Occurrence, people: Sequence[str]) -> Reply:
    """It comes: for those who come, or who may."""
    event = found.event
    html = render_template(
        "calendar/reminder.html.j2",
        ctx,
        event=event,
        title=found.title,
        people=people,
        span=span_words(ctx, found.start, found.end),
        place=found.place,
        coming=who_comes(ctx, found.answers),
    )
    day = ""
    if event.repeats:
        start = found.at
        named = start.astimezone(ctx.timezone).date() if isinstance(start, datetime) else start
        day = f" {ctx.t('on {day}', day=named.isoformat())}"
    return Reply(
        html_to_text(html),
        html,
        data={"event": event_data(ctx, event, found)},
        mentions=tuple(people),
        buttons=tuple(Button(each.emoji, f"{each.command}{day}") for each in buttons(ctx, event)),
    )


def with_conflicts(ctx: Context, reply: Reply, found: Sequence[Occurrence]) -> Reply:
    """The same, with what else is at that time."""
    if not found:
        return reply
    lines = _conflict_lines(ctx, found)
    html = "".join(f"<br>{escape(line)}" for line in lines)
    data = {**(reply.data or {}), "conflicts": [event_data(ctx, one.event, one) for one in found]}
    shown = str(escape(reply.text)) if reply.html is None else reply.html
    return replace(reply, text="\n".join((reply.text, *lines)), html=f"{shown}{html}", data=data)


def reminders(ctx: Context, event: Event) -> Reply:
    minutes = usual_reminders(event)
    title = {"number": event.number, "title": event.title}
    if minutes:
        when = ", ".join(before_words(ctx, each) for each in minutes)
        text = ctx.t("🔔 I remind those who come to #{number} {title}: {when}.", when=when, **title)
    else:
        text = ctx.t("🔕 I won't remind anybody of #{number} {title}.", **title)
    return Reply(text, data={"event": event_data(ctx, event), "reminders": list(minutes)})


def _conflict_lines(ctx: Context, found: Sequence[Occurrence]) -> list[str]:
    return [
        ctx.t(
            "⚠️ At the same time: #{number} {title} ({when})",
            number=each.event.number,
            title=each.title,
            when=span_words(ctx, each.start, each.end),
        )
        for each in found
    ]


def as_the_box(ctx: Context, box: Box) -> Context:
    """As the Box reads it, whoever made the change."""
    ctx = replace(ctx, timezone=box.zone)
    if ctx.app is not None and box.language in ctx.app.translators:
        ctx = ctx.in_language(ctx.app.translators[box.language])
    return ctx


def _emoji(event: Event) -> str:
    if event.status is EventStatus.CANCELLED:
        return "🚫"
    return "🗳️" if event.proposals else "📅"


def _facts(ctx: Context, event: Event) -> list[str]:
    """When, how often and where."""
    facts = []
    if not event.proposals:
        coming = upcoming(event, ctx.now, ctx.timezone) if event.repeats else None
        shown = coming or Occurrence(event, event.start, event.start, event.end)
        facts.append(f"🕐 {span_words(ctx, shown.start, shown.end)}")
        if event.rrule is not None:
            facts.append(f"🔁 {recurrence_words(ctx, event.rrule)}")
    if event.place:
        facts.append(f"📍 {event.place}")
    return facts


def _changes(ctx: Context, event: Event) -> list[str]:
    """What is different from the rule, as far as it is still to come."""
    off = (*event.excluded, *(each.at for each in event.variants if each.cancelled))
    lines = [
        "❌ " + ctx.t("not on {day}", day=due_words(ctx, _day_of(ctx, each)))
        for each in sorted(off, key=wall)
        if _to_come(ctx, each)
    ]
    for variant in event.variants:
        start = variant.at if variant.start is None else variant.start
        if variant.cancelled or not _to_come(ctx, start):
            continue
        day = due_words(ctx, _day_of(ctx, variant.at))
        if variant.start is not None and variant.end is not None:
            lines.append(f"➡️ {day} → {span_words(ctx, variant.start, variant.end)}")
        lines.extend(f"{day}: {line}" for line in who_comes(ctx, variant.answers))
    return lines[:10]


def _to_come(ctx: Context, when: When) -> bool:
    return instant(when, ctx.timezone) > ctx.now


def _day_of(ctx: Context, when: When) -> date:
    return when.astimezone(ctx.timezone).date() if isinstance(when, datetime) else when


def _proposals(ctx: Context, event: Event) -> list[str]:
    return [
        f"{emoji} {span_words(ctx, each.start, each.end)}"
        + (f" · {len(each.voters)}: {names(ctx, each.voters)}" if each.voters else "")
        for emoji, each in zip(NUMBERS, event.proposals, strict=False)
    ]


def _count(answers: Sequence[Attendee]) -> str:
    counts = [
        f"{ANSWERS[answer]} {sum(one.answer is answer for one in answers)}"
        for answer in ANSWERS
        if any(one.answer is answer for one in answers)
    ]
    return " · ".join(counts)


def _coming(ctx: Context, answers: Sequence[Attendee]) -> tuple[str, ...]:
    """Those who said that they come, or may, are still here, and don't know it already."""
    here = {member.user_id for member in ctx.members()} - {ctx.sender}
    return tuple(one.user for one in answers if one.answer is not Answer.NO and one.user in here)[
        :50
    ]


def _calling(ctx: Context, reply: Reply, people: Sequence[str]) -> Reply:
    """The same for these people in particular."""
    if not people:
        return reply
    shown = str(escape(reply.text)) if reply.html is None else reply.html
    pills = ", ".join(pill(user, ctx.display_name(user)) for user in people)
    return replace(
        reply,
        text=f"{reply.text}\n{names(ctx, people)}",
        html=f"{shown}<br>{pills}",
        mentions=tuple(people),
    )


def _named(event: Event) -> dict[str, Any]:
    return {"number": event.number, "title": event.title}
