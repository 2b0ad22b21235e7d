"""`!antrag …`: drafting, standing behind it, files. Amendments: amending.py."""

from __future__ import annotations

import re

from bots.kit.app import Part
from bots.kit.arguments import Number, Rest, Text
from bots.kit.context import Context, box_of
from bots.kit.incoming import Incoming
from bots.kit.registry import Command, argument, command
from bots.kit.replies import Replies, Reply
from bots.motions import (
    amending,
    attaching,
    bodies,
    deadlines,
    drafting,
    exporting,
    handing_on,
    mailing,
    polling,
    status,
    submitting,
    views,
    vote_views,
    voting,
)
from bots.motions.arguments import (
    BookText,
    ChangeKind,
    ExportText,
    SectionText,
    TextChange,
    TextChangeArgument,
    Versions,
    Wanted,
)
from wecreate_module.domain.bodies import REASON, TEXT
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.checks import check as check_motion
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import MAX_TITLE, Motion
from wecreate_module.domain.polls import RESPONSES
from wecreate_module.services import motions, votes

_FOR = re.compile(r"^\s*(?:für|for)\s+", re.IGNORECASE)


@command(
    "antrag #",
    "motion #",
    area="motions",
    summary="Show a motion with its numbered lines",
    examples=(("!antrag 3", "!motion 3"),),
    reading=True,
)
def show(ctx: Context, number: int) -> Replies:
    """`{"motion": {…}}`."""
    return views.card(ctx, motions.get_motion(ctx.uow, box_of(ctx), number))


@command(
    "anträge",
    "motions",
    area="motions",
    summary="See the motions of this Box",
    examples=(("!anträge", "!motions"),),
    aliases=("antrag liste", "motion list"),
    reading=True,
)
def show_all(ctx: Context) -> Replies:
    """`{"motions": [{…}]}`."""
    found = ctx.uow.motions.list(box_of(ctx).id)
    empty = ctx.t("There are none yet. Begin one with !motion new")
    return views.listing(ctx, found, ctx.t("Motions"), empty)


@command(
    "antrag offen",
    "motion open",
    area="motions",
    summary="See what waits for your vote or your signature",
    examples=(("!antrag offen", "!motion open"),),
    aliases=("anträge offen", "motions open"),
    reading=True,
)
def unsigned(ctx: Context) -> Replies:
    """`{"motions": [{…}], "votes": [{…}], "amendments": [{…}]}`."""
    box = box_of(ctx)
    drafts = motions.unsigned(ctx.uow, box, ctx.sender)
    waiting = votes.waiting_for(ctx.uow, [box], ctx.sender)
    return vote_views.still_open(ctx, drafts, [vote for _, vote in waiting])


@command(
    "antrag # text",
    "motion # text",
    area="motions",
    summary="Write or change the text of a motion",
    examples=(
        (
            "!antrag 3 text 1. Die Stadt pflanzt zwölf Linden.",
            "!motion 3 text 1. The city …",
        ),
        ("!antrag 3 text Zeile 4-6: neue Worte", "!motion 3 text line 4-6: new words"),
        ("!antrag 3 text streichen Zeile 4", "!motion 3 text delete line 4"),
        ("!antrag 3 text nach Zeile 2: mehr", "!motion 3 text after line 2: more"),
        ("!antrag 3 text anhängen: mehr", "!motion 3 text append: more"),
    ),
)
@argument("change", TextChangeArgument(), "text", "text", ask="What shall the text be?")
def text(ctx: Context, number: int, change: TextChange) -> Replies:
    """`{"motion": {…}}`; "Fassung 2 Zeile 4: …" means the lines of that version."""
    box, actor = box_of(ctx), ctx.sender
    if change.kind is ChangeKind.LINES and change.wish is not None:
        motion = motions.edit_lines(
            ctx.uow, box, number, change.wish, actor=actor, seen=change.seen
        )
    elif change.kind is ChangeKind.APPEND:
        motion = motions.add_to_section(ctx.uow, box, number, TEXT, change.text, actor=actor)
    else:
        return drafting.replace_part(ctx, number, TEXT, change.text)
    return _changed(ctx, motion)


@command(
    "antrag # begründung",
    "motion # reason",
    area="motions",
    summary="Write the reasons of a motion",
    examples=(("!antrag 3 begründung Weil Schatten fehlt.", "!motion 3 reason For the shade."),),
)
@argument("words", Rest(), "text", "text", ask="Why? Write the reasons.")
def reason(ctx: Context, number: int, words: str) -> Replies:
    """`{"motion": {…}}`."""
    return drafting.replace_part(ctx, number, REASON, words)


@command(
    "antrag # abschnitt",
    "motion # section",
    area="motions",
    summary="Write another part that the body asks for",
    examples=(
        (
            "!antrag 3 abschnitt Finanzielle Auswirkungen: 24.000 €",
            "!motion 3 section Finanzielle Auswirkungen: 24,000 €",
        ),
    ),
)
@argument(
    "words", SectionText(), "teil: text", "part: text", ask="Which part? Write it like: part: words"
)
def other_section(ctx: Context, number: int, words: tuple[str, str]) -> Replies:
    """`{"motion": {…}}`; the part by its title, or the beginning of it."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    key = SectionText.key_of(views.body_of(motion), words[0])
    return drafting.replace_part(ctx, number, key, words[1])


@command(
    "antrag # titel",
    "motion # title",
    area="motions",
    summary="Give a motion another title",
    examples=(("!antrag 3 titel Zwanzig Linden", "!motion 3 title Twenty lime trees"),),
)
@argument("title", Text(MAX_TITLE), "titel", "title", ask="What shall its title be?")
def title(ctx: Context, number: int, title: str) -> Replies:
    """`{"motion": {…}}`."""
    motion = motions.set_title(ctx.uow, box_of(ctx), number, title, actor=ctx.sender)
    return _changed(ctx, motion)


@command(
    "antrag # fassung",
    "motion # version",
    area="motions",
    summary="See what changed between versions",
    examples=(("!antrag 3 fassung 2..5", "!motion 3 version 2..5"),),
    aliases=("antrag # fassungen", "motion # versions"),
    reading=True,
)
@argument("versions", Versions(), "von..bis", "from..to", optional=True)
def version(ctx: Context, number: int, versions: tuple[int | None, int] | None) -> Replies:
    """`{"number", "versions", "changes"}`; without numbers the latest change."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    first, last = versions or (None, motion.version.number)
    first = max(1, last - 1) if first is None else first
    found = motions.compare(ctx.uow, box_of(ctx), number, first, last)
    return views.compared(ctx, motion, first, last, found)


@command(
    "antrag # zurück",
    "motion # restore",
    area="motions",
    summary="Take the words of an older version again",
    examples=(("!antrag 3 zurück 2", "!motion 3 restore 2"),),
)
@argument("version", Number(), "fassung", "version", ask="Which version? Type its number.")
def restore(ctx: Context, number: int, version: int) -> Replies:
    """`{"motion": {…}}`; a new version with the old words, so nothing is lost."""
    motion = motions.restore(ctx.uow, box_of(ctx), number, version, actor=ctx.sender)
    return _changed(ctx, motion)


@command(
    "antrag # prüfen",
    "motion # check",
    area="motions",
    summary="Check whether a motion has all that its body asks for",
    examples=(("!antrag 3 prüfen", "!motion 3 check"),),
    reading=True,
)
def check(ctx: Context, number: int) -> Replies:
    """`{"motion": {…, "findings": […]}}`."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    exporting.ahead(ctx, motion)
    return views.checked(ctx, motion, check_motion(motion, views.body_of(motion), ctx.today))


@command(
    "antrag # mitzeichnen",
    "motion # cosign",
    area="motions",
    summary="Stand behind a motion with your name",
    examples=(
        ("!antrag 3 mitzeichnen", "!motion 3 cosign"),
        ("!antrag 3 mitzeichnen für OV Süd", "!motion 3 cosign for OV Süd"),
    ),
    aliases=("motion # sign",),
)
@argument("chapter", Text(100), "für wen", "for whom", optional=True)
def cosign(ctx: Context, number: int, chapter: str | None) -> Replies:
    """`{"motion": {…}}`; counts for these words: when they change you are asked again."""
    before = motions.get_motion(ctx.uow, box_of(ctx), number)
    if not before.version.text:
        raise UserError(
            "motion-without-text", "There is no text yet to stand behind. Write it first."
        )
    motion = motions.cosign(
        ctx.uow,
        box_of(ctx),
        number,
        actor=ctx.sender,
        chapter=_FOR.sub("", chapter or ""),
        event_id=ctx.keys.base if ctx.via_button else "",
    )
    said = ctx.t("✍️ Thank you! You stand behind version {version}.", version=motion.version.number)
    return views.changed(ctx, motion, said, short=True)


def taken_back(ctx: Context, incoming: Incoming) -> Replies:
    """Who takes the ✍️ back takes the signature back."""
    event_id = incoming.content.get("redacts")
    if ctx.box is None or ctx.box.state is not BoxState.ACTIVE or not isinstance(event_id, str):
        return None
    signed = motions.signed_by(ctx.uow, ctx.box, event_id, ctx.sender)
    if signed is None:
        return None
    motion = motions.uncosign(ctx.uow, ctx.box, signed.number, actor=ctx.sender)
    name = ctx.display_name(ctx.sender)
    said = ctx.t("{person} no longer stands behind A{number}.", person=name, number=motion.number)
    return Reply(said, data={"motion": views.motion_data(ctx, motion)})


@command(
    "antrag # nicht mitzeichnen",
    "motion # uncosign",
    area="motions",
    summary="Take your name back from a motion",
    examples=(("!antrag 3 nicht mitzeichnen", "!motion 3 uncosign"),),
    aliases=("motion # unsign",),
)
def uncosign(ctx: Context, number: int) -> Replies:
    """`{"motion": {…}}`."""
    motion = motions.uncosign(ctx.uow, box_of(ctx), number, actor=ctx.sender)
    return views.changed(ctx, motion, ctx.t("Your name is taken off."), short=True)


@command(
    "antrag # export",
    "motion # export",
    area="motions",
    summary="Get a motion as files",
    examples=(
        ("!antrag 3 export", "!motion 3 export"),
        ("!antrag 3 export pdf docx", "!motion 3 export pdf docx"),
        ("!antrag 3 export antragsbuch pdf", "!motion 3 export book pdf"),
        ("!antrag 3 export brief", "!motion 3 export letter"),
        ("!antrag 3 export synopse", "!motion 3 export synopsis"),
        ("!antrag 3 export unterschriften", "!motion 3 export signatures"),
        ("!antrag 3 export förderantrag", "!motion 3 export funding"),
    ),
    reading=True,
)
@argument("wanted", ExportText(), "format", "format", optional=True)
def export(ctx: Context, number: int, wanted: Wanted | None) -> Replies:
    """`{"motion", "files": [{"format", "layout", "name", "mxc", "sha256"}]}` when all are there."""
    motion = motions.get_motion(ctx.uow, box_of(ctx), number)
    files = exporting.files_of(ctx, box_of(ctx), motion, wanted or ExportText().parse("", ctx))
    return exporting.send(ctx, motion, files)


@command(
    "anträge export",
    "motions export",
    area="motions",
    summary="Get all motions with their amendments as one book",
    examples=(
        ("!anträge export", "!motions export"),
        ("!anträge export pdf docx", "!motions export pdf docx"),
    ),
    aliases=("antragsbuch", "anträge antragsbuch", "motions book"),
    reading=True,
)
@argument("formats", BookText(), "format", "format", optional=True)
def export_all(ctx: Context, formats: tuple[str, ...] | None) -> Replies:
    """`{"files": [{…}]}` when it is there; a PDF unless said otherwise."""
    return exporting.send_books(ctx, exporting.books_of(ctx, box_of(ctx), formats or ("pdf",)))


def _changed(ctx: Context, motion: Motion) -> Reply:
    exporting.ahead(ctx, motion)
    said = ctx.t("Version {version}:", version=motion.version.number)
    return views.changed(ctx, motion, said)


COMMANDS: tuple[Command, ...] = (
    *drafting.COMMANDS,
    show,
    show_all,
    unsigned,
    text,
    reason,
    other_section,
    title,
    version,
    restore,
    check,
    cosign,
    uncosign,
    *amending.COMMANDS,
    *voting.COMMANDS,
    *deadlines.COMMANDS,
    export,
    export_all,
    *submitting.COMMANDS,
    *status.COMMANDS,
    *handing_on.COMMANDS,
    *bodies.COMMANDS,
)

PART = Part(
    commands=COMMANDS,
    continuations=(
        *exporting.CONTINUATIONS,
        *polling.CONTINUATIONS,
        *mailing.CONTINUATIONS,
        *attaching.CONTINUATIONS,
        *handing_on.CONTINUATIONS,
    ),
    scheduled=(*polling.SCHEDULED, *deadlines.SCHEDULED),
    answers=(*drafting.ANSWERS, *submitting.ANSWERS, *voting.ANSWERS),
    on_redaction=(taken_back, polling.taken_back),
    on_message=(attaching.notice,),
    on_event=dict.fromkeys(RESPONSES, polling.answered),
)
