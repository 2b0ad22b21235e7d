"""What is said about reports, decisions and appeals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from bots.kit.context import Context
from bots.kit.replies import Button, Question, Reply
from bots.kit.templates import html_to_text
from bots.marketplace.desk import rules
from bots.marketplace.moderation.choices import CHOICES
from bots.marketplace.rooms.card import kind_words, publisher_words
from bots.marketplace.views import link_html
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.listing_cases import Case, CaseKind, Decision

Json = dict[str, Any]


def why(ctx: Context, listing: Listing) -> Reply:
    asked = ctx.t("What is wrong with “{title}”?", title=listing.title)
    who = ctx.t(
        "One sentence. Only the moderators read it; who published it doesn't learn who you are."
    )
    html = f"🚩 <b>{escape(asked)}</b><br>{escape(who)}"
    question = Question("market.report", {"listing": listing.room_id})
    return Reply(html_to_text(html), html, data={}, question=question)


def thanks(ctx: Context, listing: Listing) -> Reply:
    text = ctx.t("🚩 Thank you. The moderators look at “{title}” and you hear what they decide.",
                 title=listing.title)  # fmt: skip
    if listing.origin:
        text += " " + ctx.t(
            "It is at home on {server}: here they can hide it, or pass your report on.",
            server=listing.origin,
        )
    return Reply(text, data={"reported": listing.room_id})


def what_this_is(ctx: Context) -> Reply:
    text = ctx.t(
        "Here you see what is reported on the marketplace, and decide: tap a sign below a case and "
        "tell me why. Every decision is kept with its reason: !market log"
    )
    return Reply(text, pin=True)


def room_request(ctx: Context) -> Json:
    """The moderators' room: private, encrypted from its first event."""
    states: list[tuple[str, Json]] = [
        ("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}),
        ("m.room.join_rules", {"join_rule": "invite"}),
        ("m.room.history_visibility", {"history_visibility": "shared"}),
        ("m.room.guest_access", {"guest_access": "forbidden"}),
    ]
    return {
        "preset": "private_chat",
        "visibility": "private",
        "name": ctx.t("{market}: moderation", market=rules(ctx).name),
        "initial_state": [{"type": t, "state_key": "", "content": c} for t, c in states],
        # Who comes in is the operator's word.
        "power_level_content_override": {"invite": 100},
    }


def case(
    ctx: Context, case: Case, listing: Listing, earlier: Sequence[Case], *, new: bool
) -> Reply:
    """All that is needed to decide: what it is, who says what, what was decided before."""
    appeal = case.kind is CaseKind.APPEAL
    title = ctx.t("Case {number}", number=case.number)
    about = [
        kind_words(ctx.translator, listing),
        publisher_words(ctx.translator, listing.publisher),
    ]
    about.append(f"👍 {listing.support}")
    if listing.origin:
        about.append(ctx.t("at home on {server}", server=listing.origin))
    says = ctx.t("The publisher appeals:") if appeal else ctx.t("What people say:")
    shown = case.complaints if new else case.complaints[-1:]
    complaints = "".join(
        f"<li>{escape(each.text)}<br>{escape(each.user_id)}, {_day(ctx, each.at)}</li>"
        for each in shown
    )
    decided = "".join(
        f"<li>{escape(_decision(ctx, each))}</li>" for each in earlier if each.decision is not None
    )
    before = ctx.t("Decided before:")
    choices = [each for each in Decision if CHOICES[each].fits(case, listing)]
    how = " · ".join(f"{CHOICES[each].emoji} {ctx.t(CHOICES[each].word)}" for each in choices)
    html = (
        f"<h4>{'✋' if appeal else '🚩'} {escape(title)}: {link_html(listing)}</h4>"
        f"{escape(' · '.join(each for each in about if each))}<br>{escape(listing.author)}"
        f"<blockquote>{escape(listing.summary)}</blockquote>"
        f"<b>{escape(says)}</b><ul>{complaints}</ul>"
        + (f"<b>{escape(before)}</b><ul>{decided}</ul>" if decided else "")
        + f"<i>{escape(how)}</i>"
    )
    buttons = tuple(
        Button(CHOICES[each].emoji, f"!{CHOICES[each].german} {case.number}") for each in choices
    )
    return Reply(html_to_text(html), html, data={"case": case_data(case)}, buttons=buttons)


def decided(ctx: Context, case: Case, listing: Listing) -> Reply:
    text = ctx.t(
        "Case {number}, “{title}”: {said}",
        number=case.number,
        title=listing.title,
        said=_decision(ctx, case),
    )
    data = {"case": case_data(case)}
    if not (listing.origin and case.decision is Decision.HIDE):
        return Reply(text, data=data)
    # Nobody here published it, so nobody would appeal.
    choice = CHOICES[Decision.RESTORE]
    how = ctx.t("It is hidden on this server alone. Tap ↩️ to show it again.")
    button = Button(choice.emoji, f"!{choice.german} {case.number}")
    return Reply(f"{text}\n{how}", data=data, buttons=(button,))


def told(ctx: Context, case: Case, listing: Listing) -> Reply:
    """To who published it: what, why, and how to appeal."""
    decision = case.decision or Decision.DISMISS
    said = ctx.t(CHOICES[decision].told, title=listing.title)
    reason = ctx.t("Their reason: {reason}", reason=case.reason)
    html = f"{CHOICES[decision].emoji} <b>{escape(said)}</b><br>{escape(reason)}"
    buttons: tuple[Button, ...] = ()
    if case.kind is CaseKind.REPORT and decision is not Decision.DISMISS:
        how = ctx.t("Is that wrong? Tap ✋ and tell them why.")
        html += f"<br><i>{escape(how)}</i>"
        buttons = (Button("✋", f"!markt widerspruch {case.number}"),)
    data = {"case": case.number, "decision": decision.value, "reason": case.reason}
    return Reply(html_to_text(html), html, data=data, buttons=buttons)


def outcome(ctx: Context, case: Case, listing: Listing) -> Reply:
    decision = case.decision or Decision.DISMISS
    text = ctx.t(CHOICES[decision].outcome, title=listing.title, server=listing.server)
    return Reply(text, data={"decision": decision.value})


def not_passed_on(ctx: Context, server: str) -> Reply:
    text = ctx.t(
        "📨 The WeCreate of {server} has not come to take the report. Open the room of the listing "
        "and ask there.",
        server=server,
    )
    return Reply(text, data={"server": server})


def appealed(ctx: Context, case: Case) -> Reply:
    text = ctx.t("✋ Thank you. The moderators look at it once more and you hear from them.")
    return Reply(text, data={"appeal": case.number})


def log(ctx: Context, cases: Sequence[Case]) -> Reply:
    if not cases:
        return Reply(ctx.t("Nothing has been reported yet."), data={"cases": []})
    waits = ctx.t("still open")
    rows = ""
    for each in cases:
        listing = ctx.uow.listings.get(each.room_id)
        title = listing.title if listing is not None else each.room_id
        said = _decision(ctx, each) if each.decision is not None else waits
        row = ctx.t("Case {number}, “{title}”: {said}", number=each.number, title=title, said=said)
        rows += f"<li>{escape(row)}</li>"
    html = f"<ul>{rows}</ul>"
    return Reply(html_to_text(html), html, data={"cases": [case_data(each) for each in cases]})


def case_data(case: Case) -> Json:
    return {
        "number": case.number,
        "kind": case.kind.value,
        "listing": case.room_id,
        "complaints": len(case.complaints),
        "decision": case.decision.value if case.decision else None,
        "reason": case.reason,
        "moderator": case.moderator,
        "of": case.of or None,
    }


def _decision(ctx: Context, case: Case) -> str:
    """`🙈 hide · @mod:server, Fr 24.11.: reason`."""
    choice = CHOICES[case.decision or Decision.DISMISS]
    day = _day(ctx, case.decided_at)
    return f"{choice.emoji} {ctx.t(choice.word)} · {case.moderator}, {day}: {case.reason}"


def _day(ctx: Context, instant: str) -> str:
    return ctx.when(datetime.fromisoformat(instant).astimezone(ctx.timezone).date())
