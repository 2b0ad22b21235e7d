"""`!antrag 3 änderung …`: propose changes, decide on them."""

from __future__ import annotations

from bots.kit.arguments import Rest
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, argument, command
from bots.kit.replies import Replies
from bots.motions import exporting, views
from bots.motions.arguments import (
    Adoption,
    AdoptionText,
    AmendmentNumbers,
    AmendmentText,
    TextChange,
)
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion
from wecreate_module.services import amendments, motions


def require_author(ctx: Context, motion: Motion) -> None:
    """Whoever began the motion may, and moderators."""
    if ctx.sender != motion.created_by and ctx.power < Power.MODERATOR:
        raise UserError(
            "motion-not-allowed",
            "Only {person} or a moderator may do that with A{number}.",
            person=ctx.display_name(motion.created_by),
            number=motion.number,
        )


@command(
    "antrag # änderung",
    "motion # amend",
    area="motions",
    summary="Propose a change to a motion",
    examples=(
        ("!antrag 3 änderung Zeile 4-6: neue Worte", "!motion 3 amend line 4-6: new words"),
        ("!antrag 3 änderung streichen Zeile 4", "!motion 3 amend delete line 4"),
        (
            "!antrag 3 änderung einfügen nach Zeile 2: mehr Worte",
            "!motion 3 amend insert after line 2: more words",
        ),
        ("!antrag 3 änderung text: der ganze Text", "!motion 3 amend text: the whole text"),
    ),
    aliases=("antrag # ändern",),
)
@argument(
    "change",
    AmendmentText(),
    "zeile: text",
    "line: text",
    ask="What shall change? For example: line 4-6: new words",
)
def amend(ctx: Context, number: int, change: TextChange) -> Replies:
    """`{"motion": {…}, "amendment": {…}}`; with a whole text one for each place that differs."""
    if change.wish is None:
        motion, made = amendments.amend_by_text(
            ctx.uow, box_of(ctx), number, change.text, actor=ctx.sender, seen=change.seen
        )
        return [views.amended(ctx, motion, each) for each in made]
    motion, amendment = amendments.amend(
        ctx.uow, box_of(ctx), number, change.wish, actor=ctx.sender, seen=change.seen
    )
    return views.amended(ctx, motion, amendment)


@command(
    "antrag # änderung #",
    "motion # amendment #",
    area="motions",
    summary="See one amendment",
    examples=(("!antrag 3 änderung 1", "!motion 3 amendment 1"),),
    reading=True,
)
def show(ctx: Context, number: int, amendment: int) -> Replies:
    """`{"motion": {…}, "amendment": {…}}`."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    return views.amended(ctx, motion, motion.amendment(amendment))


@command(
    "antrag # änderung # begründung",
    "motion # amendment # reason",
    area="motions",
    summary="Say why an amendment is needed",
    examples=(
        (
            "!antrag 3 änderung 1 begründung So klarer.",
            "!motion 3 amendment 1 reason Clear.",
        ),
    ),
)
@argument("words", Rest(), "text", "text", ask="Why? Write the reasons.")
def reason(ctx: Context, number: int, amendment: int, words: str) -> Replies:
    """`{"motion": {…}, "amendment": {…}}`."""
    motion = amendments.give_reason(
        ctx.uow, box_of(ctx), number, amendment, words, actor=ctx.sender
    )
    return views.amended(ctx, motion, motion.amendment(amendment))


@command(
    "antrag # änderung # mitzeichnen",
    "motion # amendment # cosign",
    area="motions",
    summary="Stand behind an amendment with your name",
    examples=(("!antrag 3 änderung 1 mitzeichnen", "!motion 3 amendment 1 cosign"),),
)
def cosign(ctx: Context, number: int, amendment: int) -> Replies:
    """`{"motion": {…}, "amendment": {…}}`."""
    motion = amendments.cosign(ctx.uow, box_of(ctx), number, amendment, actor=ctx.sender)
    return views.amended(ctx, motion, motion.amendment(amendment))


@command(
    "antrag # änderung # nicht mitzeichnen",
    "motion # amendment # uncosign",
    area="motions",
    summary="Take your name back from an amendment",
    examples=(("!antrag 3 änderung 1 nicht mitzeichnen", "!motion 3 amendment 1 uncosign"),),
)
def uncosign(ctx: Context, number: int, amendment: int) -> Replies:
    """`{"motion": {…}, "amendment": {…}}`."""
    motion = amendments.uncosign(ctx.uow, box_of(ctx), number, amendment, actor=ctx.sender)
    return views.amended(ctx, motion, motion.amendment(amendment))


@command(
    "antrag # annehmen",
    "motion # adopt",
    area="motions",
    summary="Put amendments into the text, as proposed or in other words",
    examples=(
        ("!antrag 3 annehmen Ä1", "!motion 3 adopt 1"),
        ("!antrag 3 annehmen Ä1 Ä3", "!motion 3 adopt 1 3"),
        ("!antrag 3 annehmen Ä1 als: andere Worte", "!motion 3 adopt 1 as: other words"),
    ),
)
@argument("adoption", AdoptionText(), "Ä1", "1", ask="Which amendments? Type their numbers.")
def adopt(ctx: Context, number: int, adoption: Adoption) -> Replies:
    """`{"motion": {…}}`; all of them, or none where some collide."""
    box = box_of(ctx)
    require_author(ctx, motions.get_motion(ctx.uow, box, number))
    if adoption.text:
        motion = amendments.adopt_modified(
            ctx.uow, box, number, adoption.numbers[0], adoption.text, actor=ctx.sender
        )
        exporting.ahead(ctx, motion)
        words = ctx.t(
            "✅ {amendments} adopted in other words. Version {version}:",
            amendments=_names(adoption.numbers),
            version=motion.version.number,
        )
        return views.changed(ctx, motion, words)
    motion = amendments.adopt(ctx.uow, box, number, adoption.numbers, actor=ctx.sender)
    exporting.ahead(ctx, motion)
    said = ctx.t("✅ {amendments} adopted. Version {version}:",
                 amendments=_names(adoption.numbers), version=motion.version.number)  # fmt: skip
    return views.changed(ctx, motion, said)


@command(
    "antrag # wählen",
    "motion # choose",
    area="motions",
    summary="Adopt one amendment and reject those that it can't stand beside",
    examples=(("!antrag 3 wählen Ä1 statt Ä2", "!motion 3 choose 1 over 2"),),
)
@argument("numbers", AmendmentNumbers(), "Ä1 statt Ä2", "1 over 2",
          ask="Which one, and instead of which? For example: 1 over 2")  # fmt: skip
def choose(ctx: Context, number: int, numbers: tuple[int, ...]) -> Replies:
    """`{"motion": {…}}`."""
    box = box_of(ctx)
    require_author(ctx, motions.get_motion(ctx.uow, box, number))
    wanted, *others = numbers
    motion = amendments.choose(ctx.uow, box, number, wanted, others, actor=ctx.sender)
    exporting.ahead(ctx, motion)
    said = ctx.t("✅ {amendments} adopted. Version {version}:",
                 amendments=_names((wanted,)), version=motion.version.number)  # fmt: skip
    return views.changed(ctx, motion, said)


@command(
    "antrag # ablehnen",
    "motion # reject",
    area="motions",
    summary="Turn amendments down",
    examples=(("!antrag 3 ablehnen Ä2", "!motion 3 reject 2"),),
)
@argument("numbers", AmendmentNumbers(), "Ä1", "1", ask="Which amendments? Type their numbers.")
def reject(ctx: Context, number: int, numbers: tuple[int, ...]) -> Replies:
    """`{"motion": {…}}`."""
    require_author(ctx, motions.get_motion(ctx.uow, box_of(ctx), number))
    motion = amendments.reject(ctx.uow, box_of(ctx), number, numbers, actor=ctx.sender)
    said = ctx.t("❌ {amendments} rejected.", amendments=_names(numbers))
    return views.changed(ctx, motion, said, short=True)


@command(
    "antrag # kollisionen",
    "motion # collisions",
    area="motions",
    summary="See which amendments can't both be adopted",
    examples=(("!antrag 3 kollisionen", "!motion 3 collisions"),),
    reading=True,
)
def collisions(ctx: Context, number: int) -> Replies:
    """`{"collisions": [[1, 2], …]}`."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    return views.colliding(ctx, motion, amendments.colliding(ctx.uow, box_of(ctx), motion))


@command(
    "antrag # zeilen",
    "motion # lines",
    area="motions",
    summary="See which amendment or version made each line",
    examples=(("!antrag 3 zeilen", "!motion 3 lines"),),
    reading=True,
)
def lines(ctx: Context, number: int) -> Replies:
    """`{"number", "lines": [[no, text, [[version, note, author]…]]…]}`."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    return views.line_history(ctx, motion, amendments.origins(ctx.uow, box_of(ctx), number))


def _names(numbers: tuple[int, ...]) -> str:
    return ", ".join(f"Ä{number}" for number in numbers)


COMMANDS: tuple[Command, ...] = (
    amend,
    show,
    reason,
    cosign,
    uncosign,
    adopt,
    choose,
    reject,
    collisions,
    lines,
)
