"""What is said about what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bots.kit.context import Context
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text
from bots.marketplace.rooms.card import STATUSES, kind_words
from bots.marketplace.views import link_html
from wecreate_module.domain.listings import Listing, Status
from wecreate_module.services.listing_news import ADDRESSED, ANSWER, STEP, TEXT
from wecreate_module.services.listings import listing_json
from wecreate_module.storage.listing_news import Follow, News

NUMBERS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣")
_SHOWN = 10
Found = Sequence[tuple[Follow, Sequence[Listing]]]


def follows(ctx: Context, known: Sequence[Follow]) -> Reply:
    if not known:
        text = ctx.t("You follow nothing yet. For example: !market follow #bike")
        return Reply(text, data=_follows(known))
    rows = "".join(f"<li>#{each.number} {escape(_shown(ctx, each))}</li>" for each in known)
    title = ctx.t("Of this you hear once a day")
    how = ctx.t("No longer? Type !market unfollow and the number.")
    html = f"<h4>🔔 {escape(title)}</h4><ul>{rows}</ul><i>{escape(how)}</i>"
    return Reply(html_to_text(html), html, data=_follows(known))


def followed(ctx: Context, follow: Follow) -> Reply:
    text = ctx.t(
        "🔔 I tell you here, once a day at most, what is new: {text}", text=_shown(ctx, follow)
    )
    known = ctx.uow.listing_news.follows(ctx.sender)
    data = {"follow": {"number": follow.number, "text": follow.text}, **_follows(known)}
    return Reply(text, data=data)


def unfollowed(ctx: Context, left: Sequence[Follow]) -> Reply:
    return Reply(ctx.t("🔕 All right, you hear no more of it."), data=_follows(left))


def still(ctx: Context, listing: Listing) -> Reply:
    text = ctx.t("👍 Good: you are for the new text of “{title}” too.", title=listing.title)
    return Reply(text, data={"listing": listing.room_id})


def digest(
    ctx: Context, news: Sequence[News], listings: Mapping[str, Listing], found: Found
) -> Reply:
    """Steps and texts of what somebody supports, what they are asked, what they follow."""
    lines: list[str] = []
    buttons: list[Button] = []
    for room_id, listing in listings.items():
        of_it = [each for each in news if each.room_id == room_id]
        asks = any(each.kind == TEXT for each in of_it) and len(buttons) < len(NUMBERS)
        number = NUMBERS[len(buttons)] if asks else ""
        lines.append(f"<li>{link_html(listing)}<br>{_happened(ctx, of_it, number)}</li>")
        if asks:
            buttons.append(Button(number, f"!markt weiter dafür {room_id}"))
    html = f"<h4>📣 {escape(ctx.t('New on the marketplace'))}</h4>"
    html += f"<ul>{''.join(lines)}</ul>" if lines else ""
    for follow, fresh in found:
        if fresh:
            html += f"<b>🔔 {escape(_shown(ctx, follow))}</b><ul>{_rows(ctx, fresh)}</ul>"
    data = {
        "news": [{"listing": e.room_id, "kind": e.kind, "text": e.text} for e in news],
        "new": [listing_json(each) for _, fresh in found for each in fresh],
    }
    return Reply(html_to_text(html), html, data=data, buttons=tuple(buttons))


def _happened(ctx: Context, news: Sequence[News], number: str) -> str:
    """One line for each thing that happened to one listing; its steps are one line."""
    lines: list[str] = []
    steps = [ctx.t(STATUSES[Status(each.text)]) for each in news if each.kind == STEP]
    if steps:
        lines.append(f"🗓️ {' → '.join(steps)}")
    for each in news:
        if each.kind == ANSWER:
            lines.append("✔️ " + ctx.t("{body} has answered.", body=each.text))
        if each.kind == ADDRESSED:
            lines.append("📬 " + ctx.t("{body} is asked for an answer: that is you. Answer in its "
                                       "room: !market answer", body=each.text))  # fmt: skip
    if any(each.kind == TEXT for each in news):
        asked = ctx.t("The text has changed. Please look at it again.")
        tap = ctx.t("Are you still for it? Tap {number}", number=number) if number else ""
        lines.append(f"✏️ {asked} {tap}".rstrip())
    return "<br>".join(escape(line) for line in lines)


def _rows(ctx: Context, listings: Sequence[Listing]) -> str:
    rows = "".join(
        f"<li>{link_html(each)}<br>{escape(kind_words(ctx.translator, each))}"
        + (f" · {escape(each.district)}" if each.district else "")
        + "</li>"
        for each in listings[:_SHOWN]
    )
    more = len(listings) - _SHOWN
    return rows + (f"<li>{escape(ctx.t('and {n} more', n=more))}</li>" if more > 0 else "")


def _shown(ctx: Context, follow: Follow) -> str:
    return follow.text or ctx.t("everything new")


def _follows(known: Sequence[Follow]) -> dict[str, Any]:
    return {"follows": [{"number": each.number, "text": each.text} for each in known]}
