"""No rate limits for the bot: it answers as fast as people ask.

Synapse 1.163 asks `get_ratelimit_override_for_user` for invites alone; messages, reactions and
new rooms are measured by the table that its admin API fills. So the row is written at start,
as `POST /_synapse/admin/v1/users/<bot>/override_ratelimit` would with nulls; with it, every
limit is off for that user.
"""

from __future__ import annotations

import logging
from typing import Protocol

from synapse.module_api import ModuleApi, RatelimitOverride

logger = logging.getLogger(__name__)

# Not 0.0, though Synapse's own docstring says that means no limit: 1.163 then denies all that
# comes in numbers (invites at room creation) and divides by it.
UNLIMITED = RatelimitOverride(per_second=1_000_000.0, burst_count=1_000_000)


class Cursor(Protocol):
    """What of Synapse's LoggingTransaction is needed here."""

    def execute(self, sql: str, parameters: tuple[object, ...]) -> None: ...


def lift_limits(api: ModuleApi, bot: str) -> None:
    """Write the row, from the one process that runs background work."""
    if api.should_run_background_tasks():
        api.run_as_background_process("wecreate_lift_limits", _lift, api, bot)


async def _lift(api: ModuleApi, bot: str) -> None:
    try:
        await api.run_db_interaction("wecreate_lift_limits", _write, bot)
    except Exception:
        # A background boundary: a slow bot is no reason to keep Synapse from starting.
        logger.exception("could not lift the rate limits of %s", bot)


def _write(cursor: Cursor, bot: str) -> None:
    cursor.execute("DELETE FROM ratelimit_override WHERE user_id = ?", (bot,))
    cursor.execute(
        "INSERT INTO ratelimit_override (user_id, messages_per_second, burst_count)"
        " VALUES (?, 0, 0)",
        (bot,),
    )
