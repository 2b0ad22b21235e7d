"""From a Reply to a Matrix message: plain, HTML, relations, mentions, data, buttons, bounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bots.kit.context import Context
from bots.kit.markup import shorten_html, shorten_text
from bots.kit.replies import Reply
from wecreate_module.domain.matrix import BUTTONS, RESULT

LARGEST = 45_000
"""Bytes of JSON: encryption makes a third more of it, and Matrix allows 65,536."""

_LARGEST_TEXT = 9_000
_LARGEST_HTML = 14_000
_LEFT_FOR_DATA = 5_000
_LARGEST_FALLBACK = 7_000  # an edit's own words, 1000 bytes before JSON escapes them
_LARGEST_BUTTONS = 20
_SHORT_LIST = 10  # items, and characters of a text, that are left alone
_SHORT_TEXT = 1000
_FORMAT = "org.matrix.custom.html"
_NOT_A_MENTION = "@\u200broom"


@dataclass(frozen=True)
class Place:
    """What a message answers: the command's event, in its thread if there was one."""

    event_id: str | None = None
    thread_id: str | None = None


def message_content(ctx: Context, reply: Reply) -> dict[str, Any]:
    """A Reply as the content of an m.room.message, for where the context stands."""
    here = reply.room_id in {None, ctx.origin.room_id}
    place = Place(ctx.origin.event_id, ctx.origin.thread_id) if here else None
    return render(reply, ctx.origin.command, place)


def render(reply: Reply, command: str = "", place: Place | None = None) -> dict[str, Any]:
    """The content of an m.room.message. `place` None: it answers nothing."""
    result = _result(reply, command)
    content = _message(reply, reply.text, reply.html, result)
    largest = LARGEST if reply.edits is None else LARGEST - _LARGEST_FALLBACK
    if json_size(content) > largest:
        content = _fitting(reply, result, largest)
    if reply.edits is not None:
        return _edit(content, reply.edits)
    if place is not None and (relation := _relation(place)):
        content["m.relates_to"] = relation
    elif reply.mentions:
        # It answers nobody who is waiting: phones shall ring, which they never do for a notice.
        content["msgtype"] = "m.text"
    return content


def json_size(value: object) -> int:
    """Bytes of its JSON as it is sent."""
    return len(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    )


def _result(reply: Reply, command: str) -> dict[str, Any] | None:
    """What programs read; without data an edit and what belongs to no command have none."""
    if reply.error is not None:
        return {"command": command, "ok": False, "error": dict(reply.error)}
    if reply.data is None and (not command or reply.edits is not None):
        return None
    return {"command": command, "ok": True, "data": dict(reply.data or {})}


def _message(
    reply: Reply, text: str, html: str | None, result: dict[str, Any] | None
) -> dict[str, Any]:
    content: dict[str, Any] = {
        **reply.extra,
        "msgtype": "m.notice",
        "body": _quiet(text),
        # Always there: a client that finds it looks for no names in the text.
        "m.mentions": {"user_ids": list(reply.mentions)} if reply.mentions else {},
    }
    if html is not None:
        content["format"] = _FORMAT
        content["formatted_body"] = _quiet(html)
    if result is not None:
        content[RESULT] = result
    if reply.buttons:
        content[BUTTONS] = {
            button.emoji: button.command for button in reply.buttons[:_LARGEST_BUTTONS]
        }
    return content


def _fitting(reply: Reply, result: dict[str, Any] | None, largest: int) -> dict[str, Any]:
    """Shortened until it fits: the words first, then the data gets what is left."""
    bare = _shorter(reply, 1)
    for share in (2, 4, 8):  # quotes and control characters grow as JSON
        if json_size(bare) <= largest - _LEFT_FOR_DATA:
            break
        bare = _shorter(reply, share)
    else:  # far too much in `extra`, mentions or buttons
        bare = _shorter(Reply(reply.text, reply.html), 8)
    if result is not None:
        bare[RESULT] = shorten_data(result, largest - json_size(bare) - 100)
    return bare


def _shorter(reply: Reply, divisor: int) -> dict[str, Any]:
    text = shorten_text(reply.text, _LARGEST_TEXT // divisor)
    html = reply.html and shorten_html(reply.html, _LARGEST_HTML // divisor)
    return _message(reply, text, html, None)


def shorten_data(result: dict[str, Any], size: int) -> dict[str, Any]:
    """The result with its long lists and texts cut, and `"truncated": true`."""
    whole = json_size(result)
    if whole <= size:
        return result
    share = size / whole
    for _ in range(12):
        shorter: dict[str, Any] = {**_cut(result, share), "truncated": True}
        if json_size(shorter) <= size:
            return shorter
        share /= 1.5
    kept = {name: result[name] for name in ("command", "ok")}
    return {**kept, "data" if result["ok"] else "error": {}, "truncated": True}


def _cut(value: Any, share: float) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return {name: _cut(each, share) for name, each in value.items()}
    if isinstance(value, list | tuple):
        kept = value[: int(len(value) * share)] if len(value) > _SHORT_LIST else value
        return [_cut(each, share) for each in kept]
    if isinstance(value, str) and len(value) > _SHORT_TEXT:
        return value[: int(len(value) * share)] + "…"
    return value


def _relation(place: Place) -> dict[str, Any] | None:
    if place.event_id is None:
        return None
    relation: dict[str, Any] = {"m.in_reply_to": {"event_id": place.event_id}}
    if place.thread_id is not None:
        relation |= {"rel_type": "m.thread", "event_id": place.thread_id, "is_falling_back": False}
    return relation


def _edit(content: dict[str, Any], event_id: str) -> dict[str, Any]:
    """The message as an edit. The data stands in the new content only, so that it fits."""
    return {
        "msgtype": content["msgtype"],
        "body": f"* {shorten_text(content['body'], 1000)}",
        "m.mentions": {},
        "m.new_content": content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
    }


def _quiet(text: str) -> str:
    """Nobody is called together by what someone wrote into a title."""
    return text.replace("@room", _NOT_A_MENTION)
