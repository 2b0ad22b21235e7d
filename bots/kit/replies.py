"""What a command answers with, before it becomes a Matrix message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Button:
    """A reaction the bot puts below its message; `command` is run for whoever clicks it."""

    emoji: str
    command: str


@dataclass(frozen=True)
class Question:
    """The bot waits for what the person says next in this room; `text` of the Reply asks.

    `answer` names the `@answer` function that gets the words, `data` is kept for it (JSON).
    `in_thread`: in a Box it is asked in a thread below the command, where it waits for days and
    beside other questions.
    """

    answer: str
    data: Mapping[str, Any] = field(default_factory=dict)
    in_thread: bool = False


@dataclass(frozen=True)
class Reply:
    """One message. `data` is the result for programs; `html` None means plain text only.

    `room_id` None answers where the command came from (in its thread); another room gets a
    message of its own. `mentions` are the people meant, nobody else is notified; their phones
    ring for what answers no command (docs/decisions/0031-whom-a-message-wakes.md).
    `edits` replaces that earlier message of the bot instead.
    `then` names a continuation that gets `{"event_id"}` once the message is sent, and `keep`
    in its `ctx.extra`. `error` (`{"code", "message"}`) makes it a refusal.
    """

    text: str
    html: str | None = None
    data: Mapping[str, Any] | None = None
    buttons: tuple[Button, ...] = ()
    mentions: tuple[str, ...] = ()
    room_id: str | None = None
    pin: bool = False
    edits: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, str] | None = None
    question: Question | None = None
    then: str | None = None
    keep: Mapping[str, Any] | None = None


Replies = Reply | Sequence[Reply] | None
