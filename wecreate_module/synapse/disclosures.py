"""What was sent to which other server: a log of its own, one JSON object a line.

Never content, never who wrote: how many events of which kind out of which Box, and how many
listings. Synapse's log config says where it goes; `wecreate up` writes logs/disclosures.log.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

logger = logging.getLogger("wecreate_module.disclosures")

IsBox = Callable[[str], Awaitable[bool]]


def listings_sent(server: str, count: int, revision: int) -> None:
    """A partner was given a page of the directory."""
    _note(to=server, what="listings", count=count, revision=revision)


async def events_sent(delivery: Any, is_box: IsBox) -> None:  # noqa: ANN401 - Synapse's
    """Events went to another server: those of Boxes are noted; other rooms are people's own."""
    rooms: dict[str, Counter[str]] = {}
    for event in delivery.events:
        if await is_box(event.room_id):
            rooms.setdefault(event.room_id, Counter())[event.type] += 1
    for room_id, kinds in rooms.items():
        _note(
            to=delivery.server_name,
            what="box",
            how=str(delivery.method.value),
            room_id=room_id,
            events=dict(kinds),
        )


def _note(**fields: object) -> None:
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **fields}
    logger.info("%s", json.dumps(line, ensure_ascii=False, sort_keys=False))
