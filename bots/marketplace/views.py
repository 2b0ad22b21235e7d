"""What is said about listings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from bots.kit.context import Context
from bots.kit.replies import Button, Question, Reply
from bots.kit.templates import html_to_text
from bots.marketplace.card import STATUSES, THUMB, facts, kind_words
from wecreate_module.domain.listing_queries import Found
from wecreate_module.domain.listings import Listing
from wecreate_module.services.listings import listing_json

_SUMMARY = 140


def link(listing: Listing) -> str:
    """Opens the room in whichever client."""
    via = f"?via={quote(listing.server, safe=':')}"
    return f"https://matrix.to/#/{quote(listing.room_id, safe='!:')}{via}"


def found(ctx: Context, page: Found, text: str) -> Reply:
    """Results as a list, the best first."""
    title = ctx.ngettext("{n} listing", "{n} listings", page.total)
    html = _list(ctx, f"📣 {title}", page.listings)
    if not page.listings:
        said = ctx.t("I found nothing for “{text}”. Try fewer or other words.", text=text)
        empty = ctx.t("There is nothing on the marketplace yet. Begin: !market new")
        html = escape(said if text else empty)
    elif page.total > len(page.listings):
        html += f"<i>{escape(ctx.t('There is more. Add words, a kind or a #tag.'))}</i>"
    data = {"results": [listing_json(each) for each in page.listings], "total": page.total}
    return Reply(html_to_text(html), html, data=data)


def mine(ctx: Context, listings: Sequence[Listing]) -> Reply:
    """A person's own."""
    if not listings:
        text = ctx.t("You have published nothing yet. Begin: !market new")
        return Reply(text, data={"results": [], "total": 0})
    html = _list(ctx, ctx.t("Your listings"), listings)
    data = {"results": [listing_json(each) for each in listings], "total": len(listings)}
    return Reply(html_to_text(html), html, data=data)


def preview(ctx: Context, listing: Listing, question: Question) -> Reply:
    """How everybody will see it, before they do."""
    t = ctx.translator
    lines = "".join(f"{escape(each)}<br>" for each in facts(t, listing, ctx.timezone, ctx.now))
    html = (
        f"<p>{escape(ctx.t('This is what everybody will see, without an account too:'))}</p>"
        f"<b>{escape(listing.title)}</b><br>{escape(kind_words(t, listing))}"
        f"<blockquote>{escape(listing.summary)}</blockquote>{lines}"
        f"<i>{escape(ctx.t('✅ publish · ❌ leave it'))}</i>"
    )
    return Reply(
        html_to_text(html),
        html,
        data={"preview": listing_json(listing)},
        question=question,
        buttons=(Button("✅", ctx.t("yes")), Button("❌", ctx.t("cancel"))),
    )


def published(ctx: Context, listing: Listing) -> Reply:
    text = ctx.t("📣 “{title}” is on the marketplace:", title=listing.title)
    where = link(listing)
    html = f'{escape(text)} <a href="{escape(where)}">{escape(listing.title)}</a>'
    return Reply(f"{text} {where}", html, data={"listing": listing_json(listing)})


def _list(ctx: Context, title: str, listings: Sequence[Listing]) -> str:
    rows = "".join(_row(ctx, each) for each in listings)
    return f"<h4>{escape(title)}</h4><ul>{rows}</ul>"


def _row(ctx: Context, listing: Listing) -> str:
    summary = listing.summary
    short = summary if len(summary) <= _SUMMARY else f"{summary[: _SUMMARY - 1]}…"
    about = [kind_words(ctx.translator, listing), ctx.t(STATUSES[listing.status])]
    if listing.district:
        about.append(listing.district)
    about.append(f"{THUMB} {listing.support}")
    return (
        f'<li><a href="{escape(link(listing))}">{escape(listing.title)}</a><br>'
        f"{escape(short)}<br>{escape(' · '.join(about))}</li>"
    )
