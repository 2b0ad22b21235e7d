"""What is said about Boxes: each function turns results into one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.boxes import Box, BoxState
from wecreate_module.services import boxes
from wecreate_module.services.boxes import Overview

HELP = Button("💡", "!help")
NAMES_SHOWN = 20
NEWCOMERS_SHOWN = 5
LANGUAGES: Mapping[str, str] = {"de": "Deutsch", "en": "English"}

# Outcome of an invite: an emoji, and what is said of the person.
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "invited": ("✅", msgid("{person} is invited")),
    "member": ("👋", msgid("{person} is here already")),
    "unknown": ("❓", msgid("{person} does not exist; please check the spelling")),
    "refused": ("⛔", msgid("{person} may not be invited")),
    "banned": ("⛔", msgid("{person} was banned here; please lift the ban in your app first")),
    "unreachable": ("⏳", msgid("{person} can't be reached right now; please try again later")),
}


def box_data(ctx: Context, box: Box, name: str | None = None) -> dict[str, Any]:
    """`{"id", "room_id", "name", "language", "timezone", "state", "members"}` for programs.

    `members` are user ids without the bot's; `state` is "active" or "archived". `name` is for
    one that was just given: the room does not show it yet.
    """
    members = boxes.member_ids(ctx.uow, box, ctx.bot_user_id)
    return {
        "id": box.id,
        "room_id": box.room_id,
        "name": name or boxes.title(ctx.uow, box),
        "language": box.language,
        "timezone": box.timezone,
        "state": box.state.value,
        "members": list(members),
    }


def created(ctx: Context, box: Box) -> Reply:
    html = render_template("boxes/created.html.j2", ctx, box=box)
    return _said(html, {"box": box_data(ctx, box)})


def welcome(ctx: Context, box: Box, *, room_id: str | None, pin: bool = True) -> Reply:
    """The first message in a Box; as the answer to `!box adopt` when `room_id` is None."""
    ctx = in_language_of(ctx, box)
    html = render_template("boxes/welcome.html.j2", ctx, box=box)
    said = _said(html, {"box": box_data(ctx, box)})
    return replace(said, room_id=room_id, pin=pin, buttons=(HELP,))


def newcomers(ctx: Context, box: Box, people: Sequence[str]) -> Reply:
    """For those who came later; nobody is mentioned, they are looking at the room anyway."""
    ctx = in_language_of(ctx, box)
    shown = [ctx.display_name(user_id) for user_id in people[:NEWCOMERS_SHOWN]]
    if len(people) > len(shown):
        shown.append("…")
    html = render_template("boxes/newcomers.html.j2", ctx, people=", ".join(shown))
    return replace(_said(html, {"newcomers": list(people)}), buttons=(HELP,))


def moved(ctx: Context, box: Box) -> Reply:
    text = ctx.t("📦 {name} goes on here, with all its tasks and their numbers.", name=box.name)
    return Reply(text, data={"box": box_data(ctx, box)})


def founder_not_invited(ctx: Context) -> Reply:
    message = msgid(
        "The Box is ready, but your invitation did not get through. Please ask those who run "
        "the server."
    )
    return _refused(ctx, "founder-not-invited", message)


def invited(ctx: Context, outcomes: Mapping[str, str]) -> Reply:
    """One line for each person."""
    lines = []
    for user_id, outcome in outcomes.items():
        emoji, said = OUTCOMES.get(outcome, OUTCOMES["refused"])
        lines.append(f"{emoji} {ctx.t(said, person=user_id)}")
    return Reply("\n".join(lines), data={"invited": dict(outcomes)})


def info(ctx: Context, overview: Overview) -> Reply:
    box = replace(overview.box, name=boxes.title(ctx.uow, overview.box))
    html = render_template(
        "boxes/info.html.j2",
        ctx,
        box=box,
        overview=overview,
        shown=overview.members[:NAMES_SHOWN],
        language=LANGUAGES.get(box.language, box.language),
        archived=box.state is BoxState.ARCHIVED,
    )
    return _said(html, {"box": box_data(ctx, box)})


def mine(ctx: Context, found: Sequence[Box]) -> Reply:
    named = [replace(box, name=boxes.title(ctx.uow, box)) for box in found]
    html = render_template("boxes/mine.html.j2", ctx, boxes=named, archived=BoxState.ARCHIVED)
    return _said(html, {"boxes": [box_data(ctx, box) for box in named]})


def renamed(ctx: Context, box: Box) -> Reply:
    text = ctx.t("📦 This Box is now called {name}.", name=box.name)
    return Reply(text, data={"box": box_data(ctx, box, box.name)})


def language_set(ctx: Context, box: Box) -> Reply:
    text = ctx.t("From now on I speak English in this Box.")
    return Reply(text, data={"box": box_data(ctx, box)})


def timezone_set(ctx: Context, box: Box) -> Reply:
    text = ctx.t("This Box now goes by the time of {timezone}.", timezone=box.timezone)
    return Reply(text, data={"box": box_data(ctx, box)})


def exported(ctx: Context, name: str, size: int) -> Reply:
    """`size` in bytes."""
    text = ctx.t(
        "📎 This is all that I keep of this Box. Unpack the file and open index.html; "
        "no internet is needed. Mind that everyone here can open it.",
    )
    return Reply(text, data={"file": {"name": name, "size": size}})


def archived(ctx: Context, box: Box) -> Reply:
    text = ctx.t(
        "🗄️ This Box is archived: you can still read and export everything, nothing can be "
        "changed, and I remind nobody. To open it again: !box reopen",
    )
    return Reply(text, data={"box": box_data(ctx, box)})


def reopened(ctx: Context, box: Box) -> Reply:
    text = ctx.t("📦 This Box is open again.")
    return Reply(text, data={"box": box_data(ctx, box)})


def really_delete(ctx: Context, overview: Overview) -> Reply:
    """The question before the end: what goes, what stays, and how to say yes."""
    html = render_template(
        "boxes/really_delete.html.j2",
        ctx,
        title=boxes.title(ctx.uow, overview.box),
        tasks=overview.open_tasks + overview.done_tasks,
        events=overview.events,
    )
    return _said(html, None)


def not_deleted(ctx: Context) -> Reply:
    message = msgid("That was not the name, so nothing was deleted. To try again: !box delete")
    return _refused(ctx, "box-not-deleted", message)


def deleted(ctx: Context, room_id: str) -> Reply:
    """The last word in the room. It names nothing that was in the Box."""
    text = ctx.t(
        "🗑️ All that I kept of this Box is deleted, for good. I am leaving now. The messages in "
        "this room stay with you until you leave it.",
    )
    return Reply(text, data={"deleted": {"room_id": room_id}})


def lost(ctx: Context) -> Reply:
    """For a room that names this bot but that nothing is kept of (any more)."""
    return Reply(
        ctx.t(
            "👋 This room names me as its bot, but I keep nothing of it (any more). "
            "An admin can start anew here: !box adopt",
        )
    )


def in_language_of(ctx: Context, box: Box) -> Context:
    """For what everyone in the Box reads."""
    if ctx.app is None or box.language not in ctx.app.translators:
        return ctx
    return ctx.in_language(ctx.app.translators[box.language])


def _said(html: str, data: Mapping[str, Any] | None) -> Reply:
    return Reply(html_to_text(html), html=html, data=data)


def _refused(ctx: Context, code: str, message: str) -> Reply:
    text = ctx.t(message)
    return Reply(text, error={"code": code, "message": text})
