"""Telling one person something in their direct chat, which is made if there is none yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bots.kit.context import Context, Origin
from bots.kit.outgoing import say
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Button, Question, Replies, Reply
from bots.marketplace.desk import facts, of_server
from wecreate_module.domain.effects import CreateRoom, Invite

Json = dict[str, Any]
Write = Callable[[Context], Reply]
_CHAT = "market.chat:"


def tell(ctx: Context, user_id: str, write: Write, *, unasked: bool = False) -> None:
    """Write to somebody, in their language. `unasked`: not to who has left the chat."""
    if not user_id or user_id == ctx.bot_user_id:
        return
    room_id = ctx.uow.rooms.direct_with(user_id)
    there = _as_read_by(ctx, user_id, room_id or "")
    if room_id is not None:
        say(there, write(there))
        return
    made = json.loads(ctx.uow.meta.get(_CHAT + user_id) or '{"count": 0, "room_id": ""}')
    if made["room_id"]:
        # The person has left the chat that was made for them.
        if unasked:
            return
        made = {"count": made["count"] + 1, "room_id": ""}
    ctx.uow.meta.set(_CHAT + user_id, json.dumps(made))
    effect = CreateRoom(_request(user_id, made["count"]), chat_with(there, user_id))
    kept = {"user_id": user_id, "count": made["count"], "letter": _to_json(write(there))}
    replace(there, box=None).put(effect, then="market.chat", extra=kept)


@continuation("market.chat")
def chat_made(ctx: Context, effect: CreateRoom, result: Json) -> Replies:
    """The chat stands: note it as one, invite, then say what was to be said."""
    del effect
    room_id, user_id = str(result["room_id"]), str(ctx.extra["user_id"])
    room = ctx.uow.rooms.get(room_id)
    if room is not None and not room.direct:
        ctx.uow.rooms.save(replace(room, direct=True))
    stands = {"count": ctx.extra["count"], "room_id": room_id}
    ctx.uow.meta.set(_CHAT + user_id, json.dumps(stands))
    there = _as_read_by(ctx, user_id, room_id)
    there.put(Invite(room_id, (user_id,)))
    say(there, _from_json(dict(ctx.extra["letter"])))
    return None


def _as_read_by(ctx: Context, user_id: str, room_id: str) -> Context:
    """As if they had asked for it there: their language, answers to questions are theirs."""
    here = replace(of_server(ctx), box=None, direct=True, replied_to=None).for_person(user_id)
    origin = Origin(room_id, user_id, command=ctx.origin.command, language=here.language)
    return replace(here, origin=origin)


def _request(user_id: str, count: int) -> str:
    return f"market:chat:{hashlib.sha256(user_id.encode()).hexdigest()[:32]}:{count}"


def chat_with(ctx: Context, user_id: str) -> Json:
    """Body of createRoom; who is here is invited with it, so that clients see a direct chat."""
    encryption = {"algorithm": "m.megolm.v1.aes-sha2"}
    here = user_id.partition(":")[2] == facts(ctx).server_name
    return {
        "preset": "trusted_private_chat",
        "is_direct": True,
        "visibility": "private",
        "invite": [user_id] if here else [],
        "initial_state": [
            {"type": "m.room.encryption", "state_key": "", "content": encryption},
            {
                "type": "m.room.history_visibility",
                "state_key": "",
                "content": {"history_visibility": "shared"},
            },
        ],
    }


def _to_json(reply: Reply) -> Json:
    question = reply.question
    return {
        "text": reply.text,
        "html": reply.html,
        "data": reply.data,
        "buttons": [[button.emoji, button.command] for button in reply.buttons],
        "question": [question.answer, dict(question.data)] if question else None,
    }


def _from_json(kept: Json) -> Reply:
    question = kept["question"]
    return Reply(
        kept["text"],
        kept["html"],
        data=kept["data"],
        buttons=tuple(Button(emoji, command) for emoji, command in kept["buttons"]),
        question=Question(question[0], question[1]) if question else None,
    )


CONTINUATIONS: tuple[Continuation, ...] = (chat_made,)
