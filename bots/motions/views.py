"""What is said about motions: each function turns results into one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text, render_template
from bots.motions.results import in_words, result_data, result_words
from wecreate_module.domain.amendments import Amendment, AmendmentKind, AmendmentState
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.checks import Finding, Level, check
from wecreate_module.domain.deadlines import next_deadline
from wecreate_module.domain.motions import Motion, MotionState
from wecreate_module.domain.origins import LineOrigin
from wecreate_module.domain.outcomes import News
from wecreate_module.services.bodies import known_bodies
from wecreate_module.services.motions import Comparison

STATES: Mapping[MotionState, tuple[str, str]] = {
    MotionState.DRAFT: ("📝", msgid("draft")),
    MotionState.SENDING: ("📨", msgid("being sent")),
    MotionState.SUBMITTED: ("📬", msgid("handed in")),
    MotionState.ADOPTED: ("✅", msgid("adopted")),
    MotionState.REJECTED: ("❌", msgid("rejected")),
    MotionState.REFERRED: ("↪️", msgid("referred")),
    MotionState.DEFERRED: ("⏸️", msgid("put off")),
    MotionState.NOTED: ("📥", msgid("taken note of")),
    MotionState.SETTLED: ("☑️", msgid("settled")),
    MotionState.WITHDRAWN: ("🚫", msgid("withdrawn")),
}
AMENDMENT_STATES: Mapping[AmendmentState, tuple[str, str]] = {
    AmendmentState.OPEN: ("🟡", msgid("open")),
    AmendmentState.ADOPTED: ("✅", msgid("adopted")),
    AmendmentState.REJECTED: ("❌", msgid("rejected")),
    AmendmentState.WITHDRAWN: ("🚫", msgid("withdrawn")),
}
MOST_LINES = 80
_LONGEST_SECTION = 3000
_LEVELS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.HINT: "💡"}


def body_of(motion: Motion) -> Body:
    """The body it is for; the general one where its pack is no longer there."""
    bodies = known_bodies()
    body = bodies.get(motion.body) or bodies.get("allgemein")
    if body is None:
        raise RuntimeError("the general rule pack is missing")
    return body


def motion_data(ctx: Context, motion: Motion) -> dict[str, Any]:
    """For programs."""
    body = body_of(motion)
    return {
        "number": motion.number,
        "title": motion.title,
        "body": motion.body,
        "state": motion.state.value,
        "version": motion.version.number,
        "sha256": motion.version.sha256,
        "lines": [[line.number, line.text] for line in motion.version.lines],
        "cosigners": list(motion.signed),
        "required_cosigners": body.cosigners,
        "chapters": sorted(motion.chapters),
        "required_chapters": body.chapters,
        "findings": [finding_data(each) for each in check(motion, body, ctx.today)],
        "amendments": [amendment_data(each) for each in motion.amendments],
        "body_number": motion.body_number,
        "news": [news_data(each) for each in motion.news],
        "decided_text": motion.decided_text,
        "origin": motion.origin and vars(motion.origin),
        "deadline": _deadline_data(ctx, motion, body),
        "votes": [result_data(each) for each in motion.votes],
        "days_to_submission": motion.days_to_submission,
        "days_to_decision": motion.days_to_decision,
    }


def news_data(news: News) -> dict[str, Any]:
    return {
        "kind": news.kind.value,
        "text": news.text,
        "at": news.at.isoformat(),
        "file": news.file,
    }


def _deadline_data(ctx: Context, motion: Motion, body: Body) -> dict[str, Any] | None:
    found = next_deadline(motion, body, ctx.today)
    if found is None:
        return None
    return {
        "sitting": found.sitting.isoformat(),
        "last": found.last and found.last.isoformat(),
        "until": found.until,
    }


def deadline_words(ctx: Context, motion: Motion) -> str:
    """For which sitting, and until when; empty when nothing is known or it is too late."""
    found = next_deadline(motion, body_of(motion), ctx.today)
    if found is None:
        return ""
    sitting = ctx.when(found.sitting)
    if found.last is None:
        return ctx.t(
            "📅 Sitting on {sitting}. Ask until when it has to be in; I don't know that.",
            sitting=sitting,
        )
    last = ctx.when(found.last) + (f", {found.until}" if found.until else "")
    return ctx.t("📅 Sitting on {sitting}, hand it in by {last}.", sitting=sitting, last=last)


def finding_data(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "level": finding.level.value, "line": finding.line}


def amendment_data(amendment: Amendment) -> dict[str, Any]:
    return {
        "number": amendment.number,
        "version": amendment.base,
        "kind": amendment.kind.value,
        "lines": [amendment.first, amendment.last],
        "text": amendment.text,
        "reason": amendment.reason,
        "state": amendment.state.value,
        "adopted_in": amendment.adopted_in,
        "adopted_as": amendment.adopted_as,
        "author": amendment.author,
        "cosigners": list(amendment.cosigners),
    }


def card(
    ctx: Context, motion: Motion, headline: str = "", *, mentions: Sequence[str] = ()
) -> Reply:
    """The motion with its numbered lines, who stands behind it, and its buttons."""
    body = body_of(motion)
    lines = motion.version.lines
    html = render_template(
        "motions/motion.html.j2",
        ctx,
        motion=motion,
        body=body,
        headline=headline,
        emoji=STATES[motion.state][0],
        state=ctx.t(STATES[motion.state][1]),
        lines=lines[:MOST_LINES],
        left_out=max(0, len(lines) - MOST_LINES),
        others=_other_sections(motion, body),
        amendments=[_amendment_row(ctx, each) for each in motion.amendments],
        votes=[(each, result_words(ctx, each)) for each in motion.votes],
        mentions=mentions,
        is_draft=motion.state is MotionState.DRAFT,
        deadline=deadline_words(ctx, motion) if motion.state is MotionState.DRAFT else "",
    )
    return Reply(
        html_to_text(html),
        html,
        data={"motion": motion_data(ctx, motion)},
        buttons=buttons(ctx, motion),
        mentions=tuple(mentions),
    )


def changed(ctx: Context, motion: Motion, headline: str, *, short: bool = False) -> Reply:
    """What was done, with the motion as it is now; who signed older words is asked again."""
    again = [who for who in motion.asked_again if who != ctx.sender]
    if not short:
        return card(ctx, motion, headline, mentions=again)
    html = render_template(
        "motions/changed.html.j2", ctx, motion=motion, headline=headline, mentions=again
    )
    return Reply(
        html_to_text(html),
        html,
        data={"motion": motion_data(ctx, motion)},
        buttons=buttons(ctx, motion),
        mentions=tuple(again),
    )


def buttons(ctx: Context, motion: Motion) -> tuple[Button, ...]:
    if motion.state is not MotionState.DRAFT or not motion.version.text:
        return ()
    return (
        Button("✍️", ctx.t("!motion {number} cosign", number=motion.number)),
        Button("🔎", ctx.t("!motion {number} check", number=motion.number)),
        Button("📄", ctx.t("!motion {number} export", number=motion.number)),
    )


def listing(ctx: Context, motions: Sequence[Motion], title: str, empty: str) -> Reply:
    rows = [
        (each, STATES[each.state][0], ctx.t(STATES[each.state][1]), body_of(each).name)
        for each in motions
    ]
    html = render_template("motions/list.html.j2", ctx, title=title, rows=rows, empty=empty)
    data = [
        {"number": each.number, "title": each.title, "body": each.body, "state": each.state.value,
         "version": each.version.number}
        for each in motions
    ]  # fmt: skip
    return Reply(html_to_text(html), html, data={"motions": data})


def checked(ctx: Context, motion: Motion, findings: Sequence[Finding]) -> Reply:
    body = body_of(motion)
    rows = [(_LEVELS[each.level], in_words(ctx, motion, each)) for each in findings]
    html = render_template(
        "motions/check.html.j2",
        ctx,
        motion=motion,
        body=body,
        rows=rows,
        passed=not any(each.level is Level.ERROR for each in findings),
        unknown=[ctx.t(UNKNOWN[field]) for field in body.unknown if field in UNKNOWN],
    )
    return Reply(html_to_text(html), html, data={"motion": motion_data(ctx, motion)})


UNKNOWN: Mapping[str, str] = {
    "movers": msgid("who may hand something in"),
    "cosigners": msgid("how many co-signers it wants"),
    "days_before": msgid("how long before a sitting it must be handed in"),
    "sittings": msgid("when it sits"),
    "email": msgid("its e-mail address"),
    "address": msgid("its postal address"),
    "chapters": msgid("from how many chapters they must be"),
    "majority": msgid("which majority it decides by"),
    "quorum": msgid("how many must take part in a vote"),
}


def compared(
    ctx: Context, motion: Motion, first: int, last: int, comparisons: Sequence[Comparison]
) -> Reply:
    body = body_of(motion)
    rows = []
    for each in comparisons:
        section = body.section(each.section)
        rows.append((section.title if section else each.section, each.changes))
    html = render_template(
        "motions/compare.html.j2", ctx, motion=motion, first=first, last=last, rows=rows,
        author=comparisons[0].after.author if comparisons else "",
    )  # fmt: skip
    data = {
        "number": motion.number,
        "versions": [first, last],
        "changes": [
            {"section": each.section, "changes": [[c.kind.value, c.text] for c in each.changes]}
            for each in comparisons
        ],
    }
    return Reply(html_to_text(html), html, data=data)


def amended(ctx: Context, motion: Motion, amendment: Amendment) -> Reply:
    html = render_template(
        "motions/amendment.html.j2",
        ctx,
        motion=motion,
        amendment=amendment,
        row=_amendment_row(ctx, amendment),
    )
    return Reply(
        html_to_text(html),
        html,
        data={"motion": motion_data(ctx, motion), "amendment": amendment_data(amendment)},
        buttons=_amendment_buttons(ctx, motion, amendment),
    )


def _amendment_buttons(ctx: Context, motion: Motion, amendment: Amendment) -> tuple[Button, ...]:
    if amendment.state is not AmendmentState.OPEN or motion.state is not MotionState.DRAFT:
        return ()
    which = _pair(motion, amendment)
    return (
        Button("✍️", ctx.t("!motion {number} amendment {amendment} cosign", **which)),
        Button("✅", ctx.t("!motion {number} adopt {amendment}", **which)),
        Button("❌", ctx.t("!motion {number} reject {amendment}", **which)),
        Button("🗳️", ctx.t("!motion {number} vote Ä{amendment}", **which)),
    )


def colliding(ctx: Context, motion: Motion, pairs: Sequence[tuple[int, int]]) -> Reply:
    """Which open amendments can't both be adopted, and a choice between the first two."""
    data = {"number": motion.number, "collisions": [list(pair) for pair in pairs]}
    if not pairs:
        return Reply(ctx.t("✅ All open amendments go together."), data=data)
    one, other = (motion.amendment(number) for number in pairs[0])
    html = render_template(
        "motions/collision.html.j2",
        ctx,
        motion=motion,
        pairs=[f"Ä{first} + Ä{second}" for first, second in pairs[:20]],
        lines=[
            (line.number, line.text)
            for line in motion.version.lines
            if min(one.first, other.first) <= line.number <= max(one.last, other.last)
        ][:MOST_LINES],
        both=[(each, _amendment_row(ctx, each)) for each in (one, other)],
    )
    choices = [
        ctx.t("!motion {number} choose Ä{first} over Ä{second}", number=motion.number,
              first=first.number, second=second.number)
        for first, second in ((one, other), (other, one))
    ]  # fmt: skip
    return Reply(
        html_to_text(html),
        html,
        data=data,
        buttons=(Button("1️⃣", choices[0]), Button("2️⃣", choices[1])),
    )


def line_history(ctx: Context, motion: Motion, lines: Sequence[LineOrigin]) -> Reply:
    """Each line with the version that last changed it, and the amendment that made that."""
    rows = [
        (each, each.latest.note or ctx.t("version {n}", n=each.latest.number)) for each in lines
    ]
    html = render_template(
        "motions/lines.html.j2",
        ctx,
        motion=motion,
        rows=rows[:MOST_LINES],
        left_out=max(0, len(rows) - MOST_LINES),
    )
    data = {
        "number": motion.number,
        "lines": [
            [each.number, each.text, [[one.number, one.note, one.author] for one in each.versions]]
            for each in lines
        ],
    }
    return Reply(html_to_text(html), html, data=data)


def _pair(motion: Motion, amendment: Amendment) -> dict[str, int]:
    return {"number": motion.number, "amendment": amendment.number}


def _other_sections(motion: Motion, body: Body) -> list[tuple[str, str]]:
    """Title and words of what is not the text, shortened for the chat."""
    found = []
    for section in body.sections:
        words = motion.version.sections.get(section.key, "")
        if words and section.key != "text":
            cut = len(words) > _LONGEST_SECTION
            found.append((section.title, words[:_LONGEST_SECTION] + ("…" if cut else "")))
    return found


def _amendment_row(ctx: Context, amendment: Amendment) -> dict[str, Any]:
    emoji, state = AMENDMENT_STATES[amendment.state]
    first, last = amendment.first, amendment.last
    lines = str(first) if first == last else f"{first}-{last}"
    what = {
        AmendmentKind.REPLACE: ctx.t("replace line {lines} by: {text}", lines=lines, text="{text}"),
        AmendmentKind.DELETE: ctx.t("strike line {lines}", lines=lines),
        AmendmentKind.INSERT: ctx.t("after line {lines} insert: {text}", lines=last, text="{text}"),
    }[amendment.kind]
    return {
        "number": amendment.number,
        "emoji": emoji,
        "state": ctx.t(state),
        "what": what.replace("{text}", amendment.text[:600]),
        "author": amendment.author,
        "reason": amendment.reason,
        "base": amendment.base,
        "cosigners": amendment.cosigners,
        "adopted_as": (amendment.adopted_as or "")[:600],
    }
