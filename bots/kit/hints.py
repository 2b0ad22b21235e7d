"""What the bot says of itself: hello, how to go on, why something can't be."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bots.kit.context import Context
from bots.kit.dialogues import ASKED
from bots.kit.markup import escape
from bots.kit.registry import Argument, plain_word
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.errors import UserError
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.uow import UnitOfWork

_HELLO = re.compile(r"(hallo|hi|hey|hello|moin|servus|guten (tag|morgen|abend)|gruess gott)\b")
_THANKS = re.compile(r"(vielen |herzlichen |many )?(danke?|dank dir|thanks?|thank you|thx|merci)\b")
_LONGEST_SMALL_TALK = 30


def first_time(uow: UnitOfWork, what: str) -> bool:
    """True once for each `what`, ever."""
    if uow.meta.get(what) is not None:
        return False
    uow.meta.set(what, "told")
    return True


def first_time_here(uow: UnitOfWork, room: Room) -> bool:
    """True once for each time that the bot came into a room."""
    return first_time(uow, f"hinted:{room.room_id}:{room.joined_at}")


def first_time_in_an_hour(uow: UnitOfWork, what: str, now: datetime) -> bool:
    """True at most once an hour for each `what`."""
    told = uow.meta.get(what)
    if told is not None and now - datetime.fromisoformat(told) < timedelta(hours=1):
        return False
    uow.meta.set(what, now.isoformat())
    return True


def is_hello(text: str) -> bool:
    return len(text) <= _LONGEST_SMALL_TALK and _HELLO.match(plain_word(text)) is not None


def is_thanks(text: str) -> bool:
    return len(text) <= _LONGEST_SMALL_TALK and _THANKS.match(plain_word(text)) is not None


def is_nod(text: str) -> bool:
    """Such as "ok" or 👍: nothing that wants an answer."""
    return not any(char.isalnum() for char in text) or text.casefold() in {"ok", "okay", "oki"}


def greeting(ctx: Context) -> Reply:
    """The first words in a direct chat: what this is, and three things to try."""
    html = render_template("kit/greeting.html.j2", ctx)
    buttons = [Button("💡", ctx.t("!help"))]
    if ctx.language != "en":
        buttons.append(Button("🇬🇧", "!language en"))
    return Reply(html_to_text(html), html, buttons=tuple(buttons))


def how_to_adopt(ctx: Context, room: Room) -> Reply:
    """Once in a group that is no Box: how it becomes one; at a listing what can be done there."""
    listing = ctx.uow.listings.get(room.room_id)
    if listing is not None and listing.listed:
        text = ctx.t(
            "This is a listing of the marketplace. Here you can type !support, !join, !market "
            "status or !report. Everything else: in our direct chat."
        )
    elif room.encrypted:
        text = ctx.t(
            "Hello! This group is not a Box yet. Shall I help here, with tasks and more? Then an "
            "admin types: {command}",
            command=ctx.t("!box adopt"),
        )
    else:
        text = ctx.t(
            "Hello! I only work in encrypted groups. An admin can switch encryption on in the "
            "room's settings and then type: {command}",
            command=ctx.t("!box adopt"),
        )
    return Reply(text)


def ask_for(ctx: Context, argument: Argument) -> Reply:
    """Ask for what is missing; programs see that the command is not done."""
    question = ctx.t(argument.ask)
    how = ctx.t("Just answer here. “{word}” ends this.", word=ctx.t("cancel"))
    return Reply(
        f"{question}\n{how}",
        f"<b>{escape(question)}</b><br>{escape(how)}",
        error={"code": "missing-argument", "message": question},
        then=ASKED,
        keep={"user_id": ctx.sender},
    )


def unknown(ctx: Context, typed: str, nearest: str | None) -> Reply:
    """Not a command; offer the nearest one, ready to be clicked."""
    shown = " ".join(typed.split()[:3])[:60]
    if nearest is None:
        error = UserError(
            "unknown-command",
            "I don't know “{typed}”. This shows what I can do: {help}",
            typed=shown,
            help=ctx.t("!help"),
        )
        return _refused(ctx, error)
    error = UserError(
        "unknown-command",
        "I don't know “{typed}”. Did you mean {nearest}? Then click 👍. This shows what I can "
        "do: {help}",
        typed=shown,
        nearest=f"!{nearest}",
        help=ctx.t("!help"),
    )
    return _refused(ctx, error, Button("👍", f"!{nearest}"))


def unreadable(ctx: Context, why: str) -> Reply:
    """What to do when a message can't be decrypted."""
    if why == "late":
        error = UserError(
            "unreadable-late",
            "I can't read your message yet, its key has not reached me. As soon as it comes I "
            "do what you asked. If nothing happens in a few minutes, please send it again.",
        )
    else:
        error = UserError(
            "unreadable-withheld",
            "I can't read your message: your app doesn't give me the key. Please verify your "
            "device in your app's security settings and allow messages to all of this room's "
            "members there; then send it again.",
        )
    return _refused(ctx, error)


def refused_by_server(ctx: Context) -> Reply:
    """The homeserver will not do it, now or later."""
    error = UserError(
        "refused-by-server",
        "The server didn't allow that, so it was not done. Perhaps I lack the rights in this "
        "room; an admin can see to it.",
    )
    return _refused(ctx, error)


def _refused(ctx: Context, error: UserError, *buttons: Button) -> Reply:
    text = ctx.t(error.message, **error.params)
    return Reply(text, error={"code": error.code, "message": text}, buttons=buttons)
