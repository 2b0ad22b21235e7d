"""What a command function gets: who asks, where, when, and the open unit of work."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bots.kit.i18n import Translator
from wecreate_module.domain.boxes import Box, Power
from wecreate_module.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Origin:
    """Where an answer belongs: stored with every effect that continues later."""

    room_id: str
    sender: str
    event_id: str | None = None
    thread_id: str | None = None
    command: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Context:
    """All that a command may use; it lives for one transaction."""

    uow: UnitOfWork
    origin: Origin
    now: datetime
    translator: Translator
    timezone: ZoneInfo
    bot_user_id: str
    box: Box | None = None
    power: int = Power.MEMBER
    replied_to: str | None = None
    via_button: bool = False
    server: ServerFacts | None = None

    @property
    def sender(self) -> str:
        return self.origin.sender

    @property
    def language(self) -> str:
        return self.translator.language

    def t(self, message: str, **params: object) -> str:
        """`message` in the reader's language, its {placeholders} filled."""
        return self.translator(message, **params)

    def in_language(self, translator: Translator) -> Context:
        return replace(self, translator=translator)


@dataclass(frozen=True)
class ServerFacts:
    """What commands may know of this installation."""

    server_name: str
    default_language: str = "de"
    default_timezone: str = "Europe/Berlin"
    version: str = ""
