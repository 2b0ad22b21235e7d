"""What a command function gets: who asks, where, when, and the open unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bots.kit.i18n import Translator, format_day, format_instant, zone
from wecreate_module.domain.boxes import Box, Power
from wecreate_module.domain.effects import Effect
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.storage.rooms import Member
from wecreate_module.storage.uow import UnitOfWork

if TYPE_CHECKING:  # app knows the registry, whose commands take a Context
    from bots.kit.app import App
    from bots.kit.registry import Registry


@dataclass(frozen=True)
class Origin:
    """Where an answer belongs: stored with every effect that continues later."""

    room_id: str
    sender: str
    event_id: str | None = None
    thread_id: str | None = None
    command: str = ""
    language: str = ""

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Origin:
        known = cls.__dataclass_fields__.keys()
        return cls(**{name: value for name, value in stored.items() if name in known})


@dataclass
class Keys:
    """Names for outbox rows, the same ones when the same work is done again."""

    base: str = "local"
    separator: str = ":"
    used: int = 0

    def next(self) -> str:
        key = f"{self.base}{self.separator}{self.used}"
        self.used += 1
        return key


@dataclass(frozen=True)
class ServerFacts:
    """What commands may know of this installation."""

    server_name: str
    default_language: str = "de"
    default_timezone: str = "Europe/Berlin"
    version: str = ""
    box_creators: str | frozenset[str] = "everyone"
    """Who may make Boxes: "everyone", "local" or these user ids."""
    caldav_url: str = ""
    """Where people's devices reach their calendars."""
    links: LinkRules = field(default_factory=LinkRules)
    """Links to files; none without an address."""
    mail_sender: str = ""
    """The address that mail comes from; empty where none can be sent."""
    market: MarketRules = field(default_factory=MarketRules)
    partners: tuple[str, ...] = ()
    """Servers whose marketplaces are shown here too."""
    pull_seconds: float = 300.0
    """How often these are looked at for what is new."""


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
    direct: bool = False
    server: ServerFacts | None = None
    app: App | None = None
    keys: Keys = field(default_factory=Keys)
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What was kept by `put(…, extra=…)` or `Reply.keep`, in a continuation."""
    _people: dict[str, list[Member]] = field(default_factory=dict, compare=False)
    remarks: list[str] = field(default_factory=list, compare=False)
    """Lines still to be said below the answer: see `remark`."""

    @property
    def sender(self) -> str:
        return self.origin.sender

    @property
    def room_id(self) -> str:
        return self.origin.room_id

    @property
    def language(self) -> str:
        return self.translator.language

    @property
    def registry(self) -> Registry:
        if self.app is None:
            raise RuntimeError("this context was made without an app")
        return self.app.registry

    def t(self, message: str, **params: object) -> str:
        """`message` in the reader's language, its {placeholders} filled."""
        return self.translator(message, **params)

    def ngettext(self, singular: str, plural: str, n: int, **params: object) -> str:
        """One or many, in the reader's language; `{n}` is filled."""
        return self.translator.ngettext(singular, plural, n, **params)

    def remark(self, line: str) -> None:
        """Say this below the answer: what was understood otherwise than it was written."""
        if line not in self.remarks:
            self.remarks.append(line)

    def when(self, value: date | datetime) -> str:
        """A date or an instant, short, in the reader's language and time zone."""
        if isinstance(value, datetime):
            return format_instant(value, self.language, self.timezone, self.now)
        return format_day(value, self.language, self.today)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.timezone).date()

    def in_thread(self) -> Context:
        """The same, in a thread below what it answers; where it is in one or alone, as it is."""
        if self.direct or self.origin.thread_id or not self.origin.event_id:
            return self
        return replace(self, origin=replace(self.origin, thread_id=self.origin.event_id))

    def in_language(self, translator: Translator) -> Context:
        return replace(self, translator=translator)

    def put(
        self,
        effect: Effect,
        *,
        then: str | None = None,
        extra: Mapping[str, Any] | None = None,
        box_id: str | None = None,
        not_before: datetime | None = None,
    ) -> int:
        """Queue an effect; `then` names the continuation that gets its result."""
        if box_id is None and self.box is not None:
            box_id = self.box.id
        return self.uow.outbox.put(
            effect,
            key=self.keys.next(),
            box_id=box_id,
            then=then,
            origin=self.origin.to_json(),
            extra=dict(extra) if extra is not None else None,
            not_before=not_before,
        )

    def members(self, room_id: str | None = None) -> list[Member]:
        """Who is joined to this room (or another one), the bot too."""
        room = room_id or self.origin.room_id
        if room not in self._people:
            self._people[room] = self.uow.rooms.members(room)
        return self._people[room]

    def display_name(self, user_id: str) -> str:
        """As the room calls this person; else the part before the server's name."""
        for member in self.members():
            if member.user_id == user_id and member.display_name:
                return member.display_name
        person = self.uow.people.get(user_id)
        return person.display_name or user_id.removeprefix("@").split(":", 1)[0]

    def for_person(self, user_id: str) -> Context:
        """The same, as that person reads it: their language and time zone where set."""
        person = self.uow.people.get(user_id)
        known = self.app.translators if self.app is not None else {}
        translator = known.get(person.language or "", self.translator)
        timezone = zone(person.timezone) if person.timezone else self.timezone
        return replace(self, translator=translator, timezone=timezone)


def box_of(ctx: Context) -> Box:
    """The Box of a command that runs only in one."""
    if ctx.box is None:
        raise RuntimeError("a command for Boxes ran outside of one")
    return ctx.box
