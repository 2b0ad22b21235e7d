"""Replies into the outbox: the message, then a reaction for each of its buttons."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import escape

from bots.kit import dialogues
from bots.kit.context import Context
from bots.kit.render import message_content
from bots.kit.replies import Replies, Reply
from wecreate_module.domain.effects import React, Send
from wecreate_module.domain.errors import UserError


def say(ctx: Context, replies: Replies) -> bool:
    """Queue what a function answered. False if it was a refusal."""
    if replies is None:
        return True
    every = [replies] if isinstance(replies, Reply) else list(replies)
    for reply in _with_remarks(ctx, every):
        _queue(ctx, reply)
    return all(reply.error is None for reply in every)


def _with_remarks(ctx: Context, every: list[Reply]) -> list[Reply]:
    """Below the first; not below a refusal or a question, with which nothing was done yet."""
    lines = list(ctx.remarks)
    ctx.remarks.clear()
    if not lines or not every or every[0].error is not None or every[0].question is not None:
        return every
    first = every[0]
    shown = str(escape(first.text)) if first.html is None else first.html
    html = shown + "".join(f"<br>{escape(line)}" for line in lines)
    return [replace(first, text="\n".join((first.text, *lines)), html=html), *every[1:]]


def refusal(ctx: Context, error: UserError) -> Reply:
    """A UserError as the sentence that the person reads."""
    text = ctx.t(error.message, **error.params)
    return Reply(text, error={"code": error.code, "message": text})


def _queue(ctx: Context, reply: Reply) -> None:
    if reply.question is not None and reply.question.in_thread:
        ctx = ctx.in_thread()
    room_id = reply.room_id or ctx.origin.room_id
    box_id = _box_of(ctx, room_id)
    content = message_content(ctx, reply)
    then, keep = reply.then, reply.keep
    if reply.question is not None:
        dialogues.wait_for_answer(ctx, reply.question)
        if then is None:  # to know replies to the question from talk with others
            then, keep = dialogues.ASKED, {"user_id": ctx.sender}
    ctx.put(Send(room_id, content, pin=reply.pin), then=then, extra=keep, box_id=box_id)
    if reply.edits is None:
        for button in reply.buttons:
            ctx.put(React(room_id, button.emoji, to_previous=True), box_id=box_id)


def _box_of(ctx: Context, room_id: str) -> str | None:
    """Whose key seals the message."""
    if ctx.box is not None and ctx.box.room_id == room_id:
        return ctx.box.id
    if room_id == ctx.origin.room_id:
        return None
    box = ctx.uow.boxes.by_room(room_id)
    return box.id if box is not None else None
