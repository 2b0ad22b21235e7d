"""A Matrix event as it reaches the commands: decrypted, fields not yet trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


class NotYet(Exception):
    """What a Matrix event speaks of is not known yet: it is taken again in a moment."""


@dataclass(frozen=True)
class Incoming:
    """One event of a room. `content` may be any JSON; `origin_server_ts` is in milliseconds.

    `thread_id` is the thread's first event, `replied_to` the event answered (for a button:
    the bot's message that carries it).
    """

    room_id: str
    event_id: str
    sender: str
    type: str = "m.room.message"
    content: dict[str, Any] = field(default_factory=dict)
    origin_server_ts: int = 0
    thread_id: str | None = None
    replied_to: str | None = None
    via: Literal["message", "button"] = "message"

    @classmethod
    def pressed(
        cls,
        *,
        room_id: str,
        event_id: str,
        sender: str,
        command: str,
        message_id: str,
        origin_server_ts: int = 0,
        thread_id: str | None = None,
    ) -> Incoming:
        """A reaction `event_id` on the bot's message `message_id` whose button is `command`."""
        return cls(
            room_id=room_id,
            event_id=event_id,
            sender=sender,
            type="m.reaction",
            content={"msgtype": "m.text", "body": command},
            origin_server_ts=origin_server_ts,
            thread_id=thread_id,
            replied_to=message_id,
            via="button",
        )
