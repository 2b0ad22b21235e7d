"""What comes again and again: "jede Woche", "every friday at 11" → a rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from wecreate_module.domain.dates.drafts import Draft
from wecreate_module.domain.dates.endings import ENDINGS
from wecreate_module.domain.dates.moments import without
from wecreate_module.domain.dates.rhythms import RHYTHMS
from wecreate_module.domain.dates.rules import Recurrence
from wecreate_module.domain.dates.tokens import Reader, tidy, tokenize
from wecreate_module.domain.errors import UserError

_LONGEST = 200
_MOST_TOKENS = 24


def parse_recurrence(text: str, now: datetime, tz: tzinfo) -> Recurrence:
    """The whole text as a rule; raises UserError with what to write instead."""
    tokens = tokenize(tidy(text)) if len(text) <= _LONGEST else []
    reader = Reader(tokens, now.astimezone(tz), strict=True)
    draft = _read(reader)
    reader.skip({".", "!"})
    if draft is None or not reader.done:
        shown = text.strip()
        raise UserError(
            "recurrence-unknown",
            "I can't read “{text}” as a repetition. Write it for example like every week, "
            "every 2nd day, every friday at 11 or every first monday of the month.",
            text=shown if len(shown) <= 40 else f"{shown[:39]}…",  # noqa: PLR2004 - a line on a phone
        )
    return draft.finish()


def find_recurrence(text: str, now: datetime, tz: tzinfo) -> tuple[Recurrence, str] | None:
    """A rule in a sentence ("den Müll jeden Freitag rausbringen"), and the rest of it."""
    text = tidy(text)
    tokens = tokenize(text)
    local = now.astimezone(tz)
    end = len(tokens)
    while end and tokens[end - 1].text in {".", "!", "?"}:
        end -= 1
    for start in dict.fromkeys([0, *range(max(0, end - _MOST_TOKENS), end)]):
        reader = Reader(tokens[: min(end, start + _MOST_TOKENS)], local, strict=True, at=start)
        draft = _read(reader)
        if draft is None:
            continue
        at_edge = reader.at == end or (start == 0 and draft.at == "edge")
        if at_edge or draft.at == "anywhere":
            return draft.finish(), without(text, tokens, start, reader.at)
    return None


def _read(reader: Reader) -> Draft | None:
    draft = reader.first(*RHYTHMS)
    if draft is not None:
        while any(_goes_on(reader, draft, read) for read in ENDINGS):
            pass
    return draft


def _goes_on(reader: Reader, draft: Draft, read: Callable[[Reader, Draft], bool | None]) -> bool:
    return reader.attempt(lambda here: read(here, draft)) is not None
