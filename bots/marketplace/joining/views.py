"""What is said when somebody wants to join in."""

from __future__ import annotations

from html import escape
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.replies import Button, Question, Reply
from bots.kit.templates import html_to_text
from bots.marketplace.views import link_html
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.listing_requests import JoinRequest

_OUTCOMES = {
    "invited": msgid("✅ {person} is invited. The offer is task #{task}."),
    "member": msgid("👋 {person} is in the Box already. The offer is task #{task}."),
    "unreachable": msgid(
        "⏳ {person}'s server can't be reached right now. Please invite them later: !box invite "
        "{user}"
    ),
}


def request_data(request: JoinRequest) -> dict[str, Any]:
    return {
        "number": request.number,
        "listing": request.room_id,
        "user_id": request.user_id,
        "name": request.name,
        "offer": request.offer,
        "status": request.status.value,
    }


def question(ctx: Context, listing: Listing) -> Reply:
    """In the direct chat: what the group gets to hear."""
    asked = ctx.t("How nice that you want to help with “{title}”!", title=listing.title)
    what = ctx.t(
        "What can you offer? A few hours, something you can do, a room … One sentence is enough. "
        "The people who work on it get to read it."
    )
    html = f"🙋 <b>{escape(asked)}</b><br>{escape(what)}"
    data = {"listing": listing.room_id}
    return Reply(html_to_text(html), html, data={}, question=Question("market.offer", data))


def asked(ctx: Context, listing: Listing, request: JoinRequest, people: tuple[str, ...]) -> Reply:
    """To those who decide."""
    said = ctx.t("🙋 {person} wants to join in:", person=request.name)
    how = ctx.t("✅ take them in · ❌ not now")
    html = (
        f"<b>{escape(said)}</b> {link_html(listing)}"
        f"<blockquote>{escape(request.offer)}</blockquote>"
        f"{escape(request.user_id)}<br><i>{escape(how)}</i>"
    )
    return Reply(
        html_to_text(html),
        html,
        data={"request": request_data(request)},
        mentions=people,
        buttons=(
            Button("✅", f"!markt annehmen {request.number}"),
            Button("❌", f"!markt ablehnen {request.number}"),
        ),
    )


def sent(ctx: Context, request: JoinRequest) -> Reply:
    text = ctx.t("🙋 Thank you! I have asked them. The answer comes in our direct chat.")
    return Reply(text, data={"request": request_data(request)})


def look_there(ctx: Context) -> Reply:
    return Reply(ctx.t("🙋 How nice! I have a question: look into our direct chat."), data={})


def taken_in(ctx: Context, request: JoinRequest, outcome: str, task: int) -> Reply:
    said = _OUTCOMES.get(
        outcome, msgid("⛔ {person} can't be invited here. The offer is task #{task}.")
    )
    text = ctx.t(said, person=request.name, task=task, user=request.user_id)
    data = {"request": request_data(request), "outcome": outcome, "task": task}
    return Reply(text, data=data)


def declined(ctx: Context, request: JoinRequest) -> Reply:
    text = ctx.t("All right. I'll tell {person} kindly.", person=request.name)
    return Reply(text, data={"request": request_data(request)})


def box_comes(ctx: Context, request: JoinRequest) -> Reply:
    text = ctx.t(
        "✅ I make a Box for it and invite {person}. You find it in your list of chats.",
        person=request.name,
    )
    return Reply(text, data={"request": request_data(request)})


def welcome(ctx: Context, listing: Listing, box: Box) -> Reply:
    """To the person who asked."""
    said = ctx.t("🎉 You are in! The Box “{box}” is glad about your help with:", box=box.name)
    where = ctx.t("The invitation is in your list of chats: accept it.")
    html = f"{escape(said)} {link_html(listing)}<br>{escape(where)}"
    return Reply(html_to_text(html), html, data={"listing": listing.room_id, "accepted": True})


def not_now(ctx: Context, listing: Listing) -> Reply:
    said = ctx.t("Thank you for offering your help with:")
    why = ctx.t(
        "The group can't take anybody in right now; that says nothing about you. Your support "
        "counts all the same. Other groups are looking for people: !market search"
    )
    html = f"💛 {escape(said)} {link_html(listing)}<br>{escape(why)}"
    return Reply(html_to_text(html), html, data={"listing": listing.room_id, "accepted": False})
