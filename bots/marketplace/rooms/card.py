"""The card of a listing: the pinned announcement in its room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from zoneinfo import ZoneInfo

from bots.kit.i18n import Translator, format_day, format_instant, msgid
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text
from wecreate_module.domain.listing_lives import MAX_VERSIONS_SHOWN, Life
from wecreate_module.domain.listings import Kind, Listing, Publisher, PublisherType, Status

THUMB = "👍"
SUPPORT = "!unterstützen"
HAND = "🙋"
JOIN = "!mitmachen"

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
PUBLISHERS: dict[PublisherType, str] = {
    PublisherType.PERSON: msgid("person"),
    PublisherType.GROUP: msgid("group"),
    PublisherType.ASSOCIATION: msgid("association"),
    PublisherType.PARTY: msgid("party"),
    PublisherType.ADMINISTRATION: msgid("administration"),
}

_MARKS = str.maketrans("", "", "✓✔✅☑🗸🗹")


@dataclass(frozen=True)
class Standing:
    """What the card shows beside the record. `versions`: how many support each of the texts."""

    life: Life | None = None
    versions: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, life: Life, supports: Mapping[str, int]) -> Standing:
        return cls(life, Counter(supports.values()))


def kind_words(t: Translator, listing: Listing) -> str:
    emoji, word = KINDS[listing.kind]
    return f"{emoji} {t(word)}"


def publisher_words(t: Translator, publisher: Publisher) -> str:
    """The name; who is vouched for carries the mark, which nobody can type into a name."""
    if not publisher.verified:
        name = publisher.name.translate(_MARKS).strip()
        return f"👤 {name}" if name else ""
    checked = t("{kind}, checked", kind=t(PUBLISHERS[publisher.type]))
    return f"✔️ {publisher.name} ({checked})"


def facts(t: Translator, listing: Listing, timezone: ZoneInfo, now: datetime) -> list[str]:
    """When, where, from whom: one short text each."""
    found = []
    if listing.starts_at is not None:
        found.append(f"📅 {format_instant(listing.starts_at, t.language, timezone, now)}")
    if listing.place:
        found.append(f"📍 {listing.place}")
    if listing.district:
        found.append(f"🏘️ {listing.district}")
    if publisher := publisher_words(t, listing.publisher):
        found.append(publisher)
    if listing.tags:
        found.append(" ".join(f"#{tag}" for tag in listing.tags))
    return found


def card(
    t: Translator,
    listing: Listing,
    timezone: ZoneInfo,
    now: datetime,
    standing: Standing | None = None,
) -> Reply:
    """What everybody sees first; 👍 below it is a support."""
    shown = standing or Standing()
    lines = [escape(each) for each in facts(t, listing, timezone, now)]
    lines += [escape(each) for each in _way(t, shown.life, timezone, now)]
    count = t.ngettext("{n} person supports this.", "{n} people support this.", listing.support)
    lines.append(f"{THUMB} {escape(count)}")
    lines += [escape(each) for each in _versions(t, shown)]
    how = t("Do you like it? Give it a 👍. Remove it to withdraw.")
    join = t("Do you want to help? Tap 🙋 or type !join")
    html = (
        f"<b>{escape(listing.title)}</b><br>"
        f"{escape(kind_words(t, listing))} · {escape(t(STATUSES[listing.status]))}"
        f"<blockquote>{escape(listing.summary)}</blockquote>"
        + _answers(t, shown.life, timezone, now)
        + "".join(f"{line}<br>" for line in lines)
        + f"<i>{escape(how)}<br>{escape(join)}</i>"
    )
    buttons = (Button(THUMB, SUPPORT), Button(HAND, JOIN))
    return Reply(html_to_text(html), html, buttons=buttons, pin=True)


def _way(t: Translator, life: Life | None, timezone: ZoneInfo, now: datetime) -> list[str]:
    """The steps with their days, and who is asked for an answer."""
    if life is None:
        return []
    today = now.astimezone(timezone).date()
    steps = [
        f"{t(STATUSES[step.status])} ({_day(t, step.at, timezone, today)})" for step in life.steps
    ]
    found = [f"🗓️ {' → '.join(steps)}"] if steps else []
    answered = {each.organisation for each in life.answers}
    if life.addressee and life.addressee not in answered:
        asked = t("{body} is asked for an answer.", body=life.addressee)
        found.append(f"📬 {asked}")
    return found


def _answers(t: Translator, life: Life | None, timezone: ZoneInfo, now: datetime) -> str:
    today = now.astimezone(timezone).date()
    found = ""
    for answer in life.answers if life is not None else ():
        day = _day(t, answer.at, timezone, today)
        said = t("Answer of {body}, {day}:", body=answer.organisation, day=day)
        found += f"✔️ <b>{escape(said)}</b><blockquote>{escape(answer.text)}</blockquote>"
    return found


def _versions(t: Translator, shown: Standing) -> list[str]:
    """Once the text has changed: how many of them stand behind which one."""
    if shown.life is None or shown.life.version == 1:
        return []
    now = shown.life.version
    parts = [t("today's text: {n}", n=shown.versions.get(now, 0))]
    older = sorted((each for each in shown.versions if each != now), reverse=True)
    parts += [
        t("version {version}: {n}", version=version, n=shown.versions[version])
        for version in older[:MAX_VERSIONS_SHOWN]
    ]
    changed = t("The text has changed (version {version}).", version=now)
    return [f"✏️ {changed} {', '.join(parts)}"]


def _day(t: Translator, instant: datetime, timezone: ZoneInfo, today: date) -> str:
    return format_day(instant.astimezone(timezone).date(), t.language, today)
