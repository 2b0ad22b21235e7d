"""Does a motion fit what its body asks for? What a machine can see, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from wecreate_module.domain.amendments import AmendmentState
from wecreate_module.domain.bodies import TEXT, Body, Section, plain
from wecreate_module.domain.deadlines import next_deadline
from wecreate_module.domain.motions import Motion
from wecreate_module.domain.plans import in_euros, plans_of

_MARKUP = re.compile(r"\*\*|__|https?://|www\.|\[\d+\]")
_UNFINISHED = re.compile(r"\?\?\?|XXX|\[(?:\.\.\.|…|todo)\]|\bTODO\b|\bN\.\s?N\.", re.IGNORECASE)


class Level(StrEnum):
    """ERROR: the body would send it back. WARNING: probably a slip. HINT: for people to judge."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True)
class Finding:
    """`code` says which; `line` is of the motion's text, None where it is about the whole."""

    code: str
    level: Level
    params: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None


def check(motion: Motion, body: Body, today: date) -> list[Finding]:
    """All findings, errors first, then by line."""
    found = [
        *_sections(motion, body),
        *_wording(motion, body),
        *_plan(motion, body),
        *_people(motion, body),
        *_dates(motion, body, today),
        *(Finding("hint", Level.HINT, {"text": hint}) for hint in body.hints),
    ]
    order = list(Level)
    return sorted(found, key=lambda each: (order.index(each.level), each.line or 0))


def _sections(motion: Motion, body: Body) -> Iterator[Finding]:
    for section in body.sections:
        text = motion.version.sections.get(section.key, "")
        if not text and section.required:
            yield Finding(
                "section-missing", Level.ERROR, {"section": section.title, "key": section.key}
            )
        if section.max_characters is not None and len(text) > section.max_characters:
            yield Finding(
                "section-too-long",
                Level.ERROR,
                {"section": section.title, "length": len(text), "most": section.max_characters},
                _line_at(motion, section, section.max_characters),
            )


def _line_at(motion: Motion, section: Section, place: int) -> int | None:
    """The line where the text gets too long."""
    if section.key != TEXT:
        return None
    return next((line.number for line in motion.version.lines if line.end > place), None)


def _wording(motion: Motion, body: Body) -> Iterator[Finding]:
    section = body.section(TEXT)
    prefix = section.prefix if section else ""
    for line in motion.version.lines:
        if line.number == 1 and prefix and plain(line.text).startswith(plain(prefix)[:30]):
            yield Finding("prefix-doubled", Level.WARNING, {"prefix": prefix}, 1)
        if body.plain_only and _MARKUP.search(line.text):
            yield Finding("not-plain", Level.WARNING, {}, line.number)
        if _UNFINISHED.search(line.text):
            yield Finding("unfinished", Level.WARNING, {}, line.number)


def _plan(motion: Motion, body: Body) -> Iterator[Finding]:
    """What is spent must be what comes in, where the body asks for both plans."""
    plans = plans_of(body, motion.version.sections)
    if plans is None:
        return
    costs, finance = plans
    for line in (*costs.unread, *finance.unread):
        yield Finding("no-amount", Level.WARNING, {"text": line[:60]})
    if costs.total != finance.total:
        params = {"costs": in_euros(costs.total), "finance": in_euros(finance.total)}
        yield Finding("plan-unbalanced", Level.ERROR, params)


def _people(motion: Motion, body: Body) -> Iterator[Finding]:
    signed = len(motion.signed)
    if body.cosigners and signed < body.cosigners:
        yield Finding("cosigners-missing", Level.ERROR, {"have": signed, "need": body.cosigners})
    chapters = len(motion.chapters)
    if signed and body.chapters and chapters < body.chapters:
        yield Finding("chapters-missing", Level.ERROR, {"have": chapters, "need": body.chapters})
    if motion.asked_again:
        yield Finding("cosigners-again", Level.WARNING, {"n": len(motion.asked_again)})
    waiting = [each for each in motion.amendments if each.state is AmendmentState.OPEN]
    if waiting:
        yield Finding("amendments-open", Level.WARNING, {"n": len(waiting)})


def _dates(motion: Motion, body: Body, today: date) -> Iterator[Finding]:
    if not body.sittings and motion.sitting is None:
        return
    found = next_deadline(motion, body, today)
    if found is None:
        yield Finding("no-sitting-left", Level.WARNING)
    elif found.last is not None:
        yield Finding("hand-in-by", Level.HINT, {"sitting": found.sitting, "last": found.last})
