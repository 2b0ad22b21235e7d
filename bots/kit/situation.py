"""Where a message comes from, and with which rights, language and clock it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bots.kit.app import App
from bots.kit.context import Context, Keys, Origin
from bots.kit.i18n import zone
from bots.kit.incoming import Incoming
from bots.kit.registry import Where
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.matrix import parse_marker, power_of
from wecreate_module.storage.people import Person
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.uow import UnitOfWork

_EVENT_ID = re.compile(r"\$[\x21-\x7e]{1,254}")


@dataclass(frozen=True)
class Situation:
    """A room in which this bot may speak. `box` None: a direct chat, or a group that is none."""

    app: App
    uow: UnitOfWork
    room: Room
    box: Box | None

    @classmethod
    def of(cls, app: App, uow: UnitOfWork, room_id: str) -> Situation | None:
        """None where the bot keeps silent: rooms it isn't in, and Boxes that name another bot."""
        room = uow.rooms.get(room_id)
        if room is None or room.membership != "join":
            return None
        marker = parse_marker(room.marker)
        if marker is not None and marker.bot != app.bot_user_id:
            return None
        return cls(app, uow, room, uow.boxes.by_room(room_id))

    @classmethod
    def anywhere(cls, app: App, uow: UnitOfWork, room_id: str) -> Situation:
        """For our own work, which goes on whatever became of the room meanwhile."""
        room = uow.rooms.get(room_id) or Room(room_id)
        return cls(app, uow, room, uow.boxes.by_room(room_id))

    @property
    def where(self) -> Where:
        if self.box is not None:
            return Where.BOX
        return Where.DIRECT if self.room.direct else Where.OTHER

    @property
    def direct(self) -> bool:
        return self.where is Where.DIRECT

    def power(self, user_id: str) -> int:
        """As Matrix has it in this room, creators above all."""
        room = self.room
        return power_of(user_id, room.create, room.creator, room.power_levels)

    def context(
        self,
        origin: Origin,
        now: datetime,
        keys: Keys,
        *,
        replied_to: str | None = None,
        via_button: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Context:
        """`origin.language` is a hint: that of the words typed, or of the command before."""
        person = self.uow.people.get(origin.sender) if origin.sender else Person("")
        language = self._language(person, origin.language)
        origin = Origin(
            origin.room_id,
            origin.sender,
            valid_event_id(origin.event_id),
            valid_event_id(origin.thread_id),
            origin.command,
            language,
        )
        return Context(
            uow=self.uow,
            origin=origin,
            now=now,
            translator=self.app.translators[language],
            timezone=self._timezone(person),
            bot_user_id=self.app.bot_user_id,
            box=self.box,
            power=self.power(origin.sender),
            replied_to=valid_event_id(replied_to),
            via_button=via_button,
            direct=self.direct,
            server=self.app.server,
            app=self.app,
            keys=keys,
            extra=extra or {},
        )

    def _language(self, person: Person, hint: str) -> str:
        """The person's own; else the Box's; else that of the word typed; else the server's."""
        box = self.box.language if self.box is not None else ""
        for language in (person.language, box, hint, self.app.server.default_language):
            if language and language in self.app.translators:
                return language
        return "en"

    def _timezone(self, person: Person) -> ZoneInfo:
        box = self.box.timezone if self.box is not None else None
        return zone(person.timezone or box or self.app.server.default_timezone)


def valid_event_id(value: object) -> str | None:
    """An event id that Matrix will take in a relation; anything else is left out."""
    return value if isinstance(value, str) and _EVENT_ID.fullmatch(value) else None


def origin_of(incoming: Incoming, command: str = "", language: str = "") -> Origin:
    """Answers go to the message; for a button to the message that carries it."""
    event_id = incoming.replied_to if incoming.via == "button" else incoming.event_id
    return Origin(
        incoming.room_id, incoming.sender, event_id, incoming.thread_id, command, language
    )
