"""What is said about the life of a listing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from bots.kit.context import Context
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text
from bots.marketplace.rooms.card import STATUSES
from bots.marketplace.views import link_html, listing_rows
from wecreate_module.domain.listing_lives import Life
from wecreate_module.domain.listings import Listing, Status, next_statuses, status_word
from wecreate_module.services.listings import listing_json

MINE = 20
_EMOJI = {
    Status.GATHERING: "📣", Status.BOX: "📦", Status.MOTION: "📝", Status.SUBMITTED: "📨",
    Status.DECIDED: "⚖️", Status.DONE: "🏁", Status.REJECTED: "🚫", Status.WITHDRAWN: "↩️",
    Status.ARCHIVED: "🗄️",
}  # fmt: skip


def standing(ctx: Context, listing: Listing, life: Life, *, may: bool) -> Reply:
    """Its way so far; to those who may go on with it, the next steps as buttons."""
    possible = [each for each in Status if each in next_statuses(listing)]
    way = " → ".join(
        f"{ctx.t(STATUSES[step.status])} ({ctx.when(step.at.astimezone(ctx.timezone).date())})"
        for step in life.steps
    )
    html = f"<b>{link_html(listing)}</b><br>🗓️ {escape(way)}"
    buttons: tuple[Button, ...] = ()
    if may and possible:
        steps = " · ".join(f"{_EMOJI[each]} {ctx.t(STATUSES[each])}" for each in possible)
        html += f"<br>{escape(ctx.t('What comes next? Tap it:'))} {escape(steps)}"
        buttons = tuple(
            Button(_EMOJI[each], f"!markt status {listing.room_id} {each.value}")
            for each in possible
        )
    return Reply(html_to_text(html), html, data=_data(ctx, listing, life), buttons=buttons)


def stepped(ctx: Context, listing: Listing, life: Life) -> Reply:
    now = ctx.t(STATUSES[listing.status])
    text = ctx.t("{emoji} “{title}”: {now}. The supporters hear of it.",
                 emoji=_EMOJI[listing.status], title=listing.title, now=now)  # fmt: skip
    return Reply(text, data=_data(ctx, listing, life))


def box_comes(ctx: Context, listing: Listing) -> Reply:
    text = ctx.t("📦 I make a Box for “{title}”.", title=listing.title)
    return Reply(text, data={"listing": listing_json(listing)})


def rewritten(ctx: Context, listing: Listing, life: Life, *, substance: bool) -> Reply:
    text = (
        ctx.t(
            "✏️ The new text stands (version {version}). I ask the supporters to look at it again.",
            version=life.version,
        )
        if substance
        else ctx.t("✏️ The new text stands. It means the same, so all supports count as before.")
    )
    data = {"listing": listing_json(listing), "version": life.version, "substance": substance}
    return Reply(text, data=data)


def addressed(ctx: Context, listing: Listing, life: Life) -> Reply:
    text = ctx.t("📬 {body} is asked for an answer.", body=life.addressee)
    return Reply(text, data={"listing": listing_json(listing), "addressee": life.addressee})


def answered(ctx: Context, listing: Listing, life: Life) -> Reply:
    given = life.answers[-1]
    text = ctx.t("✔️ The answer of {body} stands on the card.", body=given.organisation)
    answer = {"organisation": given.organisation, "text": given.text}
    return Reply(text, data={"listing": listing_json(listing), "answer": answer})


def mine(ctx: Context, listings: Sequence[Listing]) -> Reply:
    """A person's own, or those of a Box."""
    if not listings:
        text = ctx.t("You have published nothing yet. Begin: !market new")
        return Reply(text, data={"results": [], "total": 0})
    html = listing_rows(ctx, ctx.t("Your listings"), listings)
    data = {"results": [listing_json(each) for each in listings], "total": len(listings)}
    return Reply(html_to_text(html), html, data=data)


def _data(ctx: Context, listing: Listing, life: Life) -> dict[str, Any]:
    possible = [each for each in Status if each in next_statuses(listing)]
    return {
        "listing": listing_json(listing),
        "steps": [{"status": step.status.value, "at": step.at.isoformat()} for step in life.steps],
        "possible": [each.value for each in possible],
        "words": [status_word(each, ctx.language) for each in possible],
    }
