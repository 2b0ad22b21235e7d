"""What people write behind `!termin`: a title, when, where and how often, in one sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bots.kit.context import Context
from bots.kit.wording import remark_skipped
from wecreate_module.domain.dates import Recurrence, find_recurrence
from wecreate_module.domain.dates.days import add_days
from wecreate_module.domain.dates.moments import moment_of
from wecreate_module.domain.dates.spans import Found, Span, find_spans, parse_span
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.events import When, from_wall, wall
from wecreate_module.services.events import NewEvent

_PLACE = re.compile(
    r"(?:^|(?<=\s))(?:(?P<cut>in|im|at|@|ort:|place:)|(?P<kept>bei|beim|am|an|auf|vor))\s+(?=\S)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:der|dem|den|die|das|the)\s+(?=\S)", re.IGNORECASE)
_MOST_CUTS = 12


def read_event(text: str, ctx: Context) -> NewEvent:
    """`Vorstand Fr 19-21 Uhr im Rathaus jede Woche`; further lines are the description.

    Without a date in it `start` is None.
    """
    first, _, note = text.strip().partition("\n")
    recurrence, sentence = _recurrence(first, ctx)
    title, span, place = _when_and_where(sentence, ctx, repeats=recurrence is not None)
    if not any(char.isalnum() for char in title):
        raise UserError(
            "title-missing",
            "What is it? Write it like !event Summer party saturday 3pm in Town hall",
        )
    new = NewEvent(title, place=place, description=note, recurrence=recurrence)
    return new if span is None else with_span(new, span, ctx)


def with_span(new: NewEvent, span: Span, ctx: Context) -> NewEvent:
    remark_all(span, ctx)
    start, end = bounds(span)
    at = None if new.recurrence is None else new.recurrence.time
    if at is not None and not isinstance(start, datetime):
        first = moment_of(datetime.combine(start, at), ctx.timezone)
        remark_skipped(ctx, first)
        start, end = first.value, None
    return replace(new, start=start, end=end)


def remark_all(span: Span, ctx: Context) -> None:
    for each in span.skipped:
        remark_skipped(ctx, each)


def bounds(span: Span) -> tuple[When, When | None]:
    """Start and end; the end of whole days is the day after the last."""
    end = span.end
    if end is not None and not isinstance(end, datetime):
        end = add_days(end, 1)
    if end is None and span.length is not None and isinstance(span.start, datetime):
        end = from_wall(wall(span.start) + span.length, span.start)
    return span.start, end


def read_proposals(text: str, ctx: Context) -> tuple[str, list[NewEvent]]:
    """`Sommerfest Fr 18 Uhr, Sa 15 Uhr, So 11-14 Uhr`: the title and the dates."""
    lines = [part.strip() for part in re.split(r"[,;\n]|\s(?:oder|or)\s", text) if part.strip()]
    if not lines:
        raise _no_proposals()
    title, span, _ = _when_and_where(lines[0], ctx, repeats=False)
    spans = [] if span is None else [span]
    spans.extend(parse_span(line, ctx.now, ctx.timezone) for line in lines[1:])
    if not title.strip(" :"):
        raise _no_proposals()
    return title.strip(" :"), [with_span(NewEvent(title), each, ctx) for each in spans]


def _recurrence(text: str, ctx: Context) -> tuple[Recurrence | None, str]:
    """A repetition anywhere before a place or at the end; and the sentence without it."""
    marks = [found.start() for found in _PLACE.finditer(text)][-_MOST_CUTS:]
    for cut in (len(text), *reversed(marks)):
        found = find_recurrence(_plain_spans(text[:cut]), ctx.now, ctx.timezone)
        if found is None:
            continue
        recurrence, rest = found
        sentence = f"{rest} {text[cut:]}".strip()
        return _with_time(recurrence, text[:cut], sentence, ctx)
    return None, text


def _plain_spans(text: str) -> str:
    """Say "19-21 Uhr" as "19 Uhr": repetitions know no ends."""
    return _CLOCK_END.sub(r"\1\2", text)


_CLOCK_END = re.compile(
    r"\b([0-9]{1,2}(?::[0-9]{2})?)\s*(?:uhr)?\s*(?:-|\u2013|bis|to)\s*[0-9]{1,2}(?::[0-9]{2})?"
    r"(\s*(?:uhr|pm|am))\b",
    re.IGNORECASE,
)


def _with_time(
    recurrence: Recurrence, said: str, sentence: str, ctx: Context
) -> tuple[Recurrence, str]:
    """The clock's end that stood in the repetition goes back into the sentence."""
    ends = _CLOCK_END.search(said)
    if ends is None:
        return recurrence, sentence
    plain = ends.expand(r"\1\2")
    if recurrence.time is None:
        return recurrence, sentence.replace(plain, ends.group(), 1)
    spans = find_spans(ends.group(), ctx.now, ctx.timezone)
    if not spans or not isinstance(spans[0].span.end, datetime):
        return recurrence, sentence
    return recurrence, f"{sentence}\x00{ends.group()}"


def _when_and_where(text: str, ctx: Context, *, repeats: bool) -> tuple[str, Span | None, str]:
    text, _, clock = text.partition("\x00")
    found = _best(find_spans(text, ctx.now, ctx.timezone))
    if found is None:
        title, place = _place_behind(text) if repeats else (text, "")
        return title.strip(" ,:"), _clock_length(clock, ctx), place
    before, behind = found.before, found.behind
    if not before:
        title, place = _place_behind(behind)
        return title, found.span, place
    where = _place(behind)
    if where is None:  # more of the title, behind the date
        title, place = _place_behind(behind)
        return f"{before} {title}".strip(), found.span, place
    return before, found.span, where


def _clock_length(clock: str, ctx: Context) -> Span | None:
    return parse_span(clock, ctx.now, ctx.timezone) if clock else None


def _best(found: list[Found]) -> Found | None:
    """The one with the most words; of these one that leaves a title and a place."""
    most = found[0].words if found else 0
    likely = [each for each in found if each.words == most]
    return next((each for each in likely if each.before), likely[0] if likely else None)


def _place_behind(text: str) -> tuple[str, str]:
    """Title and place of "Vorstand im Rathaus"."""
    for found in _PLACE.finditer(text):
        if found.start() > 0:
            return text[: found.start()].strip(" ,"), _place(text[found.start() :]) or ""
    return text, ""


def _place(text: str) -> str | None:
    """From "im Rathaus" "Rathaus", "am See" as it is; None for what is no place."""
    if not text:
        return ""
    found = _PLACE.match(text)
    if found is None:
        return None
    if found["kept"]:
        return text.strip()
    return _ARTICLE.sub("", text[found.end() :].strip(), count=1)


def _no_proposals() -> UserError:
    return UserError(
        "proposals-missing",
        "Write a title and the dates, like !event find Summer party friday 6pm, saturday 3pm",
    )
