"""`!antrag neu`: the body's own questions one by one, in a thread; each answer is a message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bots.kit.arguments import Text
from bots.kit.context import Context, box_of
from bots.kit.registry import Answer, answer, argument, command, plain_word
from bots.kit.registry import Command as Declared
from bots.kit.replies import Button, Question, Replies, Reply
from bots.motions import deadlines, exporting, views
from bots.motions.arguments import BodyName
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import MAX_TITLE, Motion, Version, require_draft
from wecreate_module.services import motions, writing

SECTION, CLASH = "motions.section", "motions.clash"
_SKIP = frozenset({"ueberspringen", "skip", "weiter", "next"})
_BACK = frozenset({"zurueck", "back"})
_LATER = frozenset({"spaeter", "later"})
_REPLACE = frozenset({"ersetzen", "replace", "ja", "yes"})
_APPEND = frozenset({"anhaengen", "append", "dazu", "beides", "both"})
_SHOWN = 300


@command(
    "antrag neu",
    "motion new",
    area="motions",
    summary="Begin a motion; I ask for its parts one by one",
    examples=(
        ("!antrag neu SBB Südwest Zwölf Linden", "!motion new SBB Südwest Twelve lime trees"),
        ("!antrag neu allgemein Mehr Bänke", "!motion new general More benches"),
    ),
)
@argument(
    "body",
    BodyName(),
    "gremium",
    "body",
    ask="For which body? For example Stadtrat, SBB Süd, general",
)
@argument("title", Text(MAX_TITLE), "titel", "title", ask="What shall its title be?")
def new(ctx: Context, body: Body, title: str) -> Replies:
    """`{"motion": {…}, "asked": section}`; the questions come in a thread."""
    box = box_of(ctx)
    motion = motions.add_motion(ctx.uow, box, body, title, actor=ctx.sender)
    deadlines.plan(ctx, box, motion)
    said = ctx.t(
        "📝 Motion A{number} “{title}” for: {body}.",
        number=motion.number,
        title=motion.title,
        body=body.name,
    )
    question = ask(ctx, motion, body, 0, in_thread=True)
    where = ctx.t("I ask you for its parts in the thread below your message.")
    return [Reply(f"{said}\n{where}", data=question.data), question]


@command(
    "antrag # weiter",
    "motion # continue",
    area="motions",
    summary="Go on with the questions about a motion",
    examples=(("!antrag 3 weiter", "!motion 3 continue"),),
)
def go_on(ctx: Context, number: int) -> Replies:
    """`{"motion": {…}, "asked": section}`: the first part that is still empty."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    require_draft(motion)
    body = views.body_of(motion)
    empty = (
        at
        for at, section in enumerate(body.sections)
        if not motion.version.sections.get(section.key)
    )
    return ask(ctx, motion, body, next(empty, len(body.sections)), in_thread=True)


def ask(
    ctx: Context,
    motion: Motion,
    body: Body,
    at: int,
    said: str = "",
    *,
    in_thread: bool | None = None,
) -> Reply:
    """The body's question for its section `at`; behind the last one the motion is shown.

    `in_thread` None: where the person is.
    """
    if at >= len(body.sections):
        return views.card(ctx, motion, ctx.t("That is all! Here is your draft:"))
    section = body.sections[at]
    place = f"{at + 1}/{len(body.sections)}"
    lines = [said] if said else []
    lines.append(f"{place} · {section.title}: {section.ask}")
    here = motion.version.sections.get(section.key)
    if here:
        lines.append(ctx.t("So far it says: {text}", text=here[:_SHOWN]))
    lines.append(ctx.t("(Or type: skip, back, later. Or send a file: .txt, .docx, .odt)"))
    kept = {"number": motion.number, "at": at, "seen": motion.version.number}
    if in_thread is None:
        in_thread = ctx.origin.thread_id is not None
    return Reply(
        "\n".join(lines),
        data={"motion": views.motion_data(ctx, motion), "asked": section.key},
        question=Question(SECTION, kept, in_thread=in_thread),
    )


@answer(SECTION)
def section(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """Keep the words and ask on; `zurück`, `überspringen`, `später` steer."""
    if ctx.box is None:
        return None
    motion = motions.get_motion(ctx.uow, ctx.box, int(data["number"]))
    body, at = views.body_of(motion), int(data["at"])
    word = plain_word(text.strip(" .!"))
    if word in _LATER:
        said = ctx.t(
            "All right. What you wrote is kept; go on any time with !motion {number} continue",
            number=motion.number,
        )
        return Reply(said, data={"motion": views.motion_data(ctx, motion)})
    if word in _BACK:
        return ask(ctx, motion, body, max(0, at - 1))
    if word in _SKIP:
        return ask(ctx, motion, body, at + 1)
    return take(ctx, ctx.box, motion, at, text, int(data.get("seen", motion.version.number)))


def take(ctx: Context, box: Box, motion: Motion, at: int, text: str, seen: int) -> Replies:
    """The words for section `at`, typed or out of a file; then the next question."""
    body = views.body_of(motion)
    if at >= len(body.sections):
        raise UserError("motion-nothing-asked", "I have no more questions about this motion.")
    key = body.sections[at].key
    newer = writing.newer_words(ctx.uow, box, motion, key, ctx.sender, seen)
    if newer is not None:
        return clash(ctx, motion, key, text, newer, following=at + 1)
    motion = motions.set_section(ctx.uow, box, motion.number, key, text, actor=ctx.sender)
    return ask(ctx, motion, body, at + 1, ctx.t("Noted."))


def clash(
    ctx: Context, motion: Motion, key: str, text: str, newer: Version, following: int | None = None
) -> Reply:
    """Ask which words it shall be: somebody else wrote here meanwhile."""
    shown = newer.sections.get(key, "")
    words = ctx.t(
        "✋ {person} wrote here just now (version {version}): “{text}”\nShall your words replace "
        "that, or be added to it? Type: replace, append or keep",
        person=ctx.display_name(newer.author),
        version=newer.number,
        text=shown[:_SHOWN] + ("…" if len(shown) > _SHOWN else ""),
    )
    kept = {"number": motion.number, "key": key, "text": text, "following": following}
    return Reply(
        words,
        data={"motion": views.motion_data(ctx, motion), "newer": newer.number},
        question=Question(CLASH, kept, in_thread=ctx.origin.thread_id is not None),
    )


@answer(CLASH)
def decided(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """One's own words, both, or the other's."""
    if ctx.box is None:
        return None
    number, key, words = int(data["number"]), str(data["key"]), str(data["text"])
    choice = plain_word(text.strip(" .!"))
    if choice in _REPLACE:
        motion = motions.set_section(ctx.uow, ctx.box, number, key, words, actor=ctx.sender)
    elif choice in _APPEND:
        motion = motions.add_to_section(ctx.uow, ctx.box, number, key, words, actor=ctx.sender)
    else:
        motion = motions.get_motion(ctx.uow, ctx.box, number)
    following = data.get("following")
    if following is not None:
        return ask(ctx, motion, views.body_of(motion), int(following), ctx.t("Noted."))
    exporting.ahead(ctx, motion)
    said = ctx.t("Version {version}:", version=motion.version.number)
    return views.changed(ctx, motion, said)


def replace_part(ctx: Context, number: int, key: str, words: str) -> Reply:
    """A whole part anew; what somebody else wrote just now can be had back at a click."""
    box = box_of(ctx)
    motion = motions.get_motion(ctx.uow, box, number)
    newer = writing.newer_words(ctx.uow, box, motion, key, ctx.sender, None)
    motion = motions.set_section(ctx.uow, box, number, key, words, actor=ctx.sender)
    exporting.ahead(ctx, motion)
    said = ctx.t("Version {version}:", version=motion.version.number)
    if newer is None or motion.version.number == newer.number:
        return views.changed(ctx, motion, said)
    aside = ctx.t(
        "✋ It replaces what {person} wrote just now. To have that back, tap ↩️",
        person=ctx.display_name(newer.author),
    )
    shown = views.changed(ctx, motion, f"{aside}\n{said}")
    back = ctx.t("!motion {number} restore {version}", number=number, version=newer.number)
    return replace(shown, buttons=(*shown.buttons, Button("↩️", back)))


COMMANDS: tuple[Declared, ...] = (new, go_on)
ANSWERS: tuple[Answer, ...] = (section, decided)
