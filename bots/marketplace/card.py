"""The card of a listing: the pinned announcement in its room."""

from __future__ import annotations

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from bots.kit.i18n import Translator, format_instant, msgid
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text
from wecreate_module.domain.listings import Kind, Listing, Status

THUMB = "👍"
SUPPORT = "!unterstützen"

KINDS: dict[Kind, tuple[str, str]] = {
    Kind.IDEA: ("💡", msgid("Idea")),
    Kind.EVENT: ("🎉", msgid("Public event")),
    Kind.REFORM: ("🏛️", msgid("Reform")),
    Kind.REQUEST: ("🔎", msgid("Request")),
    Kind.OFFER: ("🎁", msgid("Offer")),
}
STATUSES: dict[Status, str] = {
    Status.IDEA: msgid("just an idea"),
    Status.GATHERING: msgid("gathers support"),
    Status.BOX: msgid("is being worked on in a Box"),
    Status.MOTION: msgid("becomes a motion"),
    Status.SUBMITTED: msgid("handed in"),
    Status.DECIDED: msgid("decided"),
    Status.DONE: msgid("carried out"),
    Status.REJECTED: msgid("turned down"),
    Status.WITHDRAWN: msgid("withdrawn"),
    Status.ARCHIVED: msgid("archived"),
}


def kind_words(t: Translator, listing: Listing) -> str:
    emoji, word = KINDS[listing.kind]
    return f"{emoji} {t(word)}"


def facts(t: Translator, listing: Listing, timezone: ZoneInfo, now: datetime) -> list[str]:
    """When, where, from whom: one short text each."""
    found = []
    if listing.starts_at is not None:
        found.append(f"📅 {format_instant(listing.starts_at, t.language, timezone, now)}")
    if listing.place:
        found.append(f"📍 {listing.place}")
    if listing.district:
        found.append(f"🏘️ {listing.district}")
    if listing.publisher.name:
        found.append(f"👤 {listing.publisher.name}")
    if listing.tags:
        found.append(" ".join(f"#{tag}" for tag in listing.tags))
    return found


def card(t: Translator, listing: Listing, timezone: ZoneInfo, now: datetime) -> Reply:
    """What everybody sees first; 👍 below it is a support."""
    lines = [escape(each) for each in facts(t, listing, timezone, now)]
    count = t.ngettext("{n} person supports this.", "{n} people support this.", listing.support)
    html = (
        f"<b>{escape(listing.title)}</b><br>"
        f"{escape(kind_words(t, listing))} · {escape(t(STATUSES[listing.status]))}"
        f"<blockquote>{escape(listing.summary)}</blockquote>"
        + "".join(f"{line}<br>" for line in lines)
        + f"{THUMB} {escape(count)}<br>"
        + f"<i>{escape(t('Do you like it? Give it a 👍. Remove it to withdraw.'))}</i>"
    )
    return Reply(html_to_text(html), html, buttons=(Button(THUMB, SUPPORT),), pin=True)
