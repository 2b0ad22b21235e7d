"""The bot's commands put together: what the dispatch works with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar

from bots.kit.client import Homeserver
from bots.kit.companions import Companions, MakeCompanions
from bots.kit.context import Context, ServerFacts
from bots.kit.i18n import Translator, load_translators
from bots.kit.incoming import Incoming
from bots.kit.registry import Answer, Command, Continuation, Registry, Scheduler
from bots.kit.replies import Replies
from wecreate_module.storage.store import Store

Watcher = Callable[[Context, Incoming], Replies]
"""Sees a message in a Box that asked for nothing (a file, say), in the message's transaction."""


@dataclass(frozen=True)
class Part:
    """What one slice brings: its tables. The kit's own is `bots.kit.basics.PART`."""

    commands: tuple[Command, ...] = ()
    continuations: tuple[Continuation, ...] = ()
    scheduled: tuple[Scheduler, ...] = ()
    answers: tuple[Answer, ...] = ()
    joined_box: Callable[[Context], Replies] | None = None
    """Says hello when the bot comes into a room that somebody else made as its Box."""
    newcomer: Callable[[Context], Replies] | None = None
    """Told that a person (the sender) came into a Box."""
    on_message: tuple[Watcher, ...] = ()
    on_redaction: tuple[Watcher, ...] = ()
    """Told that somebody took an event back: `content["redacts"]`."""
    on_event: Mapping[str, Watcher] = field(default_factory=dict)
    """Told of Matrix events of other types, a poll's answers say, by type; may raise NotYet."""
    on_start: Callable[[Context], Replies] | None = None
    """Once at each start of the bot, before anything else: what has to be so by now."""
    companions: MakeCompanions | None = None
    """What runs beside the pump as long as the bot does."""


@dataclass(frozen=True)
class App:
    """All tables of all slices, checked at start."""

    registry: Registry
    bot_user_id: str
    server: ServerFacts
    translators: Mapping[str, Translator]
    continuations: Mapping[str, Continuation] = field(default_factory=dict)
    schedulers: Mapping[str, Scheduler] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    joined_box: Callable[[Context], Replies] | None = None
    newcomer: Callable[[Context], Replies] | None = None
    watchers: tuple[Watcher, ...] = ()
    redaction_watchers: tuple[Watcher, ...] = ()
    event_watchers: Mapping[str, Watcher] = field(default_factory=dict)
    starters: tuple[Callable[[Context], Replies], ...] = ()
    companion_makers: tuple[MakeCompanions, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """How people address the bot: "WeCreate: …", or by a mention."""
        localpart = self.bot_user_id.removeprefix("@").split(":", 1)[0]
        return (self.bot_user_id, f"@{localpart}", localpart, "WeCreate")

    @classmethod
    def assemble(cls, parts: Iterable[Part], *, bot_user_id: str, server: ServerFacts) -> App:
        """Put the slices' tables together; raises ValueError when two have one name."""
        every = tuple(parts)
        return cls(
            registry=Registry(declared for part in every for declared in part.commands),
            bot_user_id=bot_user_id,
            server=server,
            translators=load_translators(),
            continuations=_by_name(each for part in every for each in part.continuations),
            schedulers=_by_name(each for part in every for each in part.scheduled),
            answers=_by_name(each for part in every for each in part.answers),
            joined_box=next((part.joined_box for part in every if part.joined_box), None),
            newcomer=next((part.newcomer for part in every if part.newcomer), None),
            watchers=tuple(each for part in every for each in part.on_message),
            redaction_watchers=tuple(each for part in every for each in part.on_redaction),
            event_watchers={kind: each for part in every for kind, each in part.on_event.items()},
            starters=tuple(part.on_start for part in every if part.on_start is not None),
            companion_makers=tuple(part.companions for part in every if part.companions),
        )

    def companions(self, store: Store, homeserver: Homeserver) -> Companions:
        """What the slices run beside the pump, made anew."""
        makers = self.companion_makers
        return Companions(each for make in makers for each in make(store, homeserver, self.server))


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _by_name(tables: Iterable[N]) -> dict[str, N]:
    found: dict[str, N] = {}
    for each in tables:
        if each.name in found:
            raise ValueError(f"two functions are declared for {each.name!r}")
        found[each.name] = each
    return found
