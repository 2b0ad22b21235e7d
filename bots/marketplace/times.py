"""When and where an event is, as people write it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from bots.kit.context import Context
from wecreate_module.domain.dates import find_moment, parse_moment
from wecreate_module.domain.errors import UserError

_MOST_COMMAS = 6


def when_and_where(ctx: Context, text: str) -> tuple[datetime, str]:
    """`Saturday 3pm, town hall`; without a comma the time may stand at either end."""
    commas = [at for at, sign in enumerate(text) if sign == ","]
    for at in reversed(commas[:_MOST_COMMAS]):
        with suppress(UserError):
            moment = parse_moment(text[:at], ctx.now, ctx.timezone)
            if isinstance(moment.value, datetime):
                return moment.value, text[at + 1 :].strip(" ,;.")
    found = find_moment(text, ctx.now, ctx.timezone)
    if found is None or not isinstance(found[0].value, datetime):
        raise UserError("no-time", "Tell me day and time, like: Saturday 3pm, town hall")
    return found[0].value, found[1].strip(" ,;.")
