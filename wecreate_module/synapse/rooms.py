"""Which rooms are Boxes: one small look-up per room, remembered."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from wecreate_module.domain.matrix import BOX, BoxMarker, marker_in, parse_marker

CREATE = "m.room.create"
# A Box that is upgraded (`/upgrade` drops the marker) goes on in the new room; so far back, no
# further: a chain that somebody made up must end.
GENERATIONS = 5
CAPACITY = 20_000
# An ordinary room can be adopted, and an adopted one let go, through another worker than this
# one: so that is looked up anew after a while (two rows). A Box by creation is one for good.
SECONDS = 60.0


class HasContent(Protocol):
    @property
    def content(self) -> Mapping[str, object]: ...


class RoomState(Protocol):
    """What of Synapse's ModuleApi is needed here."""

    async def get_room_state(
        self, room_id: str, event_filter: list[tuple[str, str | None]]
    ) -> Mapping[tuple[str, str], HasContent]: ...


@dataclass(frozen=True)
class Known:
    marker: BoxMarker | None
    until: float


class Rooms:
    """Remembers up to `CAPACITY` rooms, the last used ones."""

    def __init__(self, state: RoomState, clock: Callable[[], float] = time.monotonic) -> None:
        self._state = state
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()

    async def marker(self, room_id: str, generations: int = GENERATIONS) -> BoxMarker | None:
        """The room's marker; None for an ordinary room and for one not known yet.

        A room that is just being joined has no state here, and what comes in is its past:
        that is neither judged nor remembered. A room that names a Box as its predecessor is
        held to the same rules: whoever only claims it binds nobody but themselves.
        """
        known = self._known.get(room_id)
        if known is not None and self._clock() < known.until:
            self._known.move_to_end(room_id)
            return known.marker
        state = await self._state.get_room_state(room_id, [(CREATE, ""), (BOX, "")])
        create, adopted = state.get((CREATE, "")), state.get((BOX, ""))
        if create is None:
            return None
        born = marker_in(create.content)
        marker = born or (parse_marker(adopted.content) if adopted else None)
        if marker is None and generations:
            before = _predecessor(create.content)
            marker = await self.marker(before, generations - 1) if before else None
        self._remember(room_id, Known(marker, float("inf") if born else self._clock() + SECONDS))
        return marker

    def last_known(self, room_id: object) -> BoxMarker | None:
        """What was known last, however old: for when a look-up fails."""
        known = self._known.get(room_id) if isinstance(room_id, str) else None
        return known.marker if known else None

    def expire(self, room_id: str) -> None:
        """Look it up anew next time: it was, or will be, adopted or let go."""
        known = self._known.get(room_id)
        if known is not None and known.until != float("inf"):
            self._known[room_id] = Known(known.marker, 0.0)

    def _remember(self, room_id: str, known: Known) -> None:
        self._known[room_id] = known
        self._known.move_to_end(room_id)
        while len(self._known) > CAPACITY:
            self._known.popitem(last=False)


def _predecessor(create_content: object) -> str | None:
    named = create_content.get("predecessor") if isinstance(create_content, Mapping) else None
    room_id = named.get("room_id") if isinstance(named, Mapping) else None
    return room_id if isinstance(room_id, str) else None
