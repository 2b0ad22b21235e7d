"""What is said about listings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from bots.kit.context import Context
from bots.kit.replies import Button, Question, Reply
from bots.kit.templates import html_to_text
from bots.marketplace.rooms.card import (
    HAND,
    JOIN,
    STATUSES,
    SUPPORT,
    THUMB,
    facts,
    kind_words,
    publisher_words,
)
from bots.marketplace.searching import SHOWN, Search
from wecreate_module.domain.listing_queries import Found
from wecreate_module.domain.listings import Listing, Publisher
from wecreate_module.services.listings import listing_json
from wecreate_module.storage.rooms import Member

NUMBERS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣")
_SUMMARY = 140


def link(listing: Listing) -> str:
    """Opens the room in whichever client."""
    via = f"?via={quote(listing.server, safe=':')}"
    return f"https://matrix.to/#/{quote(listing.room_id, safe='!:')}{via}"


def link_html(listing: Listing) -> str:
    return f'<a href="{escape(link(listing))}">{escape(listing.title)}</a>'


def found(ctx: Context, page: Found, search: Search) -> Reply:
    """Results as a list, the best first: a number shows one, ➡️ goes on, 🔔 follows."""
    first = SHOWN * (search.page - 1)
    results = page.listings[first:]
    data = {
        "results": [listing_json(each) for each in results],
        "total": page.total,
        "page": search.page,
    }
    if not results:
        said = ctx.t("I found nothing for “{text}”. Try fewer or other words.", text=search.text)
        empty = ctx.t("There is nothing on the marketplace yet. Begin: !market new")
        text = ctx.t("That was all.") if first else said if search.text else empty
        return Reply(text, data=data)
    title = ctx.ngettext("{n} listing", "{n} listings", page.total)
    html = f"<h4>{escape(f'📣 {title}')}</h4><ul>"
    html += "".join(_row(ctx, each, f"{NUMBERS[at]} ") for at, each in enumerate(results)) + "</ul>"
    buttons = [
        Button(NUMBERS[at], f"!markt zeigen {each.room_id}") for at, each in enumerate(results)
    ]
    hints = [ctx.t("Tap a number to see more of it.")]
    if page.total > first + len(results):
        hints.append(ctx.t("➡️ the next ones"))
        buttons.append(Button("➡️", f"!markt suche {search.text} seite:{search.page + 1}"))
    if not search.is_empty:
        hints.append(ctx.t("🔔 tell me what is new"))
        buttons.append(Button("🔔", f"!markt folgen {search.text}"))
    html += f"<i>{escape(' · '.join(hints))}</i>"
    return Reply(html_to_text(html), html, data=data, buttons=tuple(buttons))


def shown(ctx: Context, listing: Listing) -> Reply:
    """One listing, wherever somebody is; what is at home elsewhere is opened there."""
    t = ctx.translator
    lines = "".join(f"{escape(each)}<br>" for each in facts(t, listing, ctx.timezone, ctx.now))
    count = t.ngettext("{n} person supports this.", "{n} people support this.", listing.support)
    html = (
        f"<b>{link_html(listing)}</b><br>"
        f"{escape(kind_words(t, listing))} · {escape(ctx.t(STATUSES[listing.status]))}"
        f"<blockquote>{escape(listing.summary)}</blockquote>{lines}{THUMB} {escape(count)}<br>"
    )
    data = {"listing": listing_json(listing)}
    if listing.origin:
        there = ctx.t("This is at home on {server}: open it to join in.", server=listing.origin)
        html += f"<i>{escape(there)}</i>"
        return Reply(html_to_text(html), html, data=data)
    html += f"<i>{escape(ctx.t('👍 support · 🙋 join in · 🚩 report'))}</i>"
    room_id = listing.room_id
    buttons = (
        Button(THUMB, f"{SUPPORT} {room_id}"),
        Button(HAND, f"{JOIN} {room_id}"),
        Button("🚩", f"!melden {room_id}"),
    )
    return Reply(html_to_text(html), html, data=data, buttons=buttons)


def withdrawn(ctx: Context, listing: Listing) -> Reply:
    text = ctx.t("All right, your support of “{title}” is withdrawn.", title=listing.title)
    return Reply(text, data={"listing": listing.room_id})


def in_whose_name(ctx: Context, possible: Sequence[Publisher], question: Question) -> Reply:
    """Asked of those who may speak for others as well."""
    asked = ctx.t("In whose name shall it stand?")
    rows = "".join(
        f"<br>{NUMBERS[at]} {escape(publisher_words(ctx.translator, each))}"
        for at, each in enumerate(possible[: len(NUMBERS)])
    )
    html = f"<b>{escape(asked)}</b>{rows}"
    buttons = tuple(Button(NUMBERS[at], str(at + 1)) for at in range(len(possible[: len(NUMBERS)])))
    return Reply(html_to_text(html), html, data={}, question=question, buttons=buttons)


def preview(
    ctx: Context,
    listing: Listing,
    question: Question,
    asked: Sequence[Member] = (),
    mark: str = "",
) -> Reply:
    """How everybody will see it, before they do. `asked` are members it names: they must agree."""
    t = ctx.translator
    lines = "".join(f"{escape(each)}<br>" for each in facts(t, listing, ctx.timezone, ctx.now))
    buttons = [Button("✅", ctx.t("yes")), Button("❌", ctx.t("cancel"))]
    consent = ""
    if asked:
        people = ", ".join(ctx.display_name(one.user_id) for one in asked)
        said = ctx.t("{people} stands in it by name: tap 🤝 if that is all right.", people=people)
        consent = f"🔒 <b>{escape(said)}</b><br>"
        buttons.append(Button("🤝", f"!markt einverstanden {mark}"))
    html = (
        f"<p>{escape(ctx.t('This is what everybody will see, without an account too:'))}</p>"
        f"<b>{escape(listing.title)}</b><br>{escape(kind_words(t, listing))}"
        f"<blockquote>{escape(listing.summary)}</blockquote>{lines}{consent}"
        f"<i>{escape(ctx.t('✅ publish · ❌ leave it'))}</i>"
    )
    return Reply(
        html_to_text(html),
        html,
        data={"preview": listing_json(listing), "asked": [one.user_id for one in asked]},
        question=question,
        buttons=tuple(buttons),
        mentions=tuple(one.user_id for one in asked),
    )


def agreed(ctx: Context) -> Reply:
    text = ctx.t("🤝 Thank you, {person}: you agree to stand in it by name.",
                 person=ctx.display_name(ctx.sender))  # fmt: skip
    return Reply(text, data={"agreed": ctx.sender})


def published(ctx: Context, listing: Listing) -> Reply:
    text = ctx.t("📣 “{title}” is on the marketplace:", title=listing.title)
    where = link(listing)
    html = f"{escape(text)} {link_html(listing)}"
    return Reply(f"{text} {where}", html, data={"listing": listing_json(listing)})


def supported(ctx: Context, listing: Listing) -> Reply:
    text = ctx.t("👍 Noted: you support “{title}”.", title=listing.title)
    return Reply(text, data={"listing": listing.room_id})


def listing_rows(ctx: Context, title: str, listings: Sequence[Listing]) -> str:
    rows = "".join(_row(ctx, each) for each in listings)
    return f"<h4>{escape(title)}</h4><ul>{rows}</ul>"


def _row(ctx: Context, listing: Listing, number: str = "") -> str:
    summary = listing.summary
    short = summary if len(summary) <= _SUMMARY else f"{summary[: _SUMMARY - 1]}…"
    about = [kind_words(ctx.translator, listing), ctx.t(STATUSES[listing.status])]
    if listing.district:
        about.append(listing.district)
    about.append(f"{THUMB} {listing.support}")
    return (
        f"<li>{number}{link_html(listing)}<br>{escape(short)}<br>{escape(' · '.join(about))}</li>"
    )
