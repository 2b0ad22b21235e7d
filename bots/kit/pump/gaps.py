"""What a limited timeline left out, fetched back to the last event known."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

from bots.kit.client import Homeserver, MatrixError
from bots.kit.pump.intake import is_join_of, last_known
from bots.kit.pump.json_fields import as_dict, as_list, as_text
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.pump.gaps")

Json = dict[str, Any]
PAGE = 100
# 10,000 events in one gap: whoever was away longer than that is told nothing of the oldest.
MOST_PAGES = 100


async def fill_gaps(
    homeserver: Homeserver, store: Store, response: Json, bot: str
) -> dict[str, list[Json]]:
    """The missing Matrix events by room, oldest first. Raises MatrixError or Unreachable."""
    limited = {}
    for room_id, part in as_dict(as_dict(response.get("rooms")).get("join")).items():
        timeline = as_dict(as_dict(part).get("timeline"))
        if timeline.get("limited") is True and as_text(timeline.get("prev_batch")):
            limited[room_id] = timeline
    if not limited:
        return {}
    known = await asyncio.to_thread(_last_known, store, set(limited))
    gaps = {}
    for room_id, last in known.items():
        timeline = limited[room_id]
        ids = {as_dict(event).get("event_id") for event in as_list(timeline.get("events"))}
        if last not in ids:
            start = as_text(timeline["prev_batch"])
            gaps[room_id] = await _fill(homeserver, room_id, start, last, bot)
    return gaps


def _last_known(store: Store, room_ids: set[str]) -> dict[str, str]:
    with store.read(datetime.now(UTC)) as uow:
        rooms = [uow.rooms.get(room_id) for room_id in room_ids]
        joined = [room.room_id for room in rooms if room and room.membership == "join"]
        known = {room_id: last_known(uow, room_id) for room_id in joined}
    return {room_id: last for room_id, last in known.items() if last}


async def _fill(
    homeserver: Homeserver, room_id: str, start: str, last: str, bot: str
) -> list[Json]:
    found: list[Json] = []
    for _ in range(MOST_PAGES):
        try:
            page = await homeserver.messages(room_id, start=start, limit=PAGE)
        except MatrixError as error:
            if error.status in {403, 404}:
                break
            raise
        chunk = [event for event in as_list(page.get("chunk")) if isinstance(event, dict)]
        for event in chunk:
            if event.get("event_id") == last or is_join_of(bot, event):
                return found[::-1]
            found.append(event)
        start = as_text(page.get("end"))
        if not start or not chunk:
            break
    else:
        log.warning("a gap was too long to be filled whole")
    return found[::-1]
