"""The bot's commands put together: what the dispatch works with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bots.kit.context import Context, ServerFacts
from bots.kit.i18n import Translator, load_translators
from bots.kit.registry import Answer, Command, Continuation, Registry, Scheduler
from bots.kit.replies import Replies


@dataclass(frozen=True)
class Part:
    """What one slice brings: its tables."""

    commands: tuple[Command, ...] = ()
    continuations: tuple[Continuation, ...] = ()
    scheduled: tuple[Scheduler, ...] = ()
    answers: tuple[Answer, ...] = ()
    joined_box: Callable[[Context], Replies] | None = None
    """Says hello when the bot comes into a room that is made as a Box of its own."""


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

    @classmethod
    def assemble(cls, parts: Iterable[Part], *, bot_user_id: str, server: ServerFacts) -> App:
        """Put the slices and the kit's own commands together; ValueError on doubled names."""
        raise NotImplementedError(parts, bot_user_id, server, load_translators)
