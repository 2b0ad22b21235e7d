"""`!antrag 3 export`: files into the Box, encrypted, one after the other.

A command only says what a file is made of; it is made when its turn comes, outside of the
command's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bots.kit.context import Context, box_of
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies, Reply
from bots.motions.arguments import Wanted
from bots.motions.views import body_of
from bridges.documents.book import Book, Chapter, shown_amendment
from bridges.documents.export import formats_of
from bridges.documents.making import named
from bridges.documents.recipes import BookRecipe, MotionRecipe, Recipe, to_json
from bridges.documents.view import Layout, MotionDocument, document
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import MakeFile, PrepareFile, SendFile
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion, MotionState, Version
from wecreate_module.services import motions

EXPORTED = "motions.exported"
_BY_ITSELF = 2
WITHDRAWN = MotionState.WITHDRAWN


def files_of(ctx: Context, box: Box, motion: Motion, wanted: Wanted) -> list[Recipe]:
    """What the files are made of; UserError where there is nothing to make them of."""
    shown = _document(ctx, box, motion, wanted.layout)
    formats = wanted.formats or usual_formats(motion, wanted.layout)
    return [MotionRecipe(shown, each, motion.number, motion.version.at) for each in formats]


def ahead(ctx: Context, motion: Motion) -> None:
    """Whoever changes or checks a motion often wants its PDF next: it is made while they read."""
    if not motion.version.text:
        return
    wanted = Wanted(("pdf",), Layout.SUBMISSION)
    for file in files_of(ctx, box_of(ctx), motion, wanted):
        ctx.put(PrepareFile(to_json(file)))


def submission_files(ctx: Context, box: Box, motion: Motion) -> list[Recipe]:
    """What the body gets."""
    return files_of(ctx, box, motion, Wanted((), Layout.SUBMISSION))


def books_of(ctx: Context, box: Box, formats: Sequence[str]) -> list[Recipe]:
    """All motions of the Box that were not withdrawn, in one book; once in each format."""
    found = [each for each in ctx.uow.motions.list(box.id) if each.state is not WITHDRAWN]
    if not found:
        raise UserError("no-motions", "There are none yet. Begin one with !motion new")
    chapters = tuple(
        Chapter(
            f"A{each.number} {each.title}",
            _document(ctx, box, each, Layout.BOOK),
            tuple(shown_amendment(one, ctx.display_name(one.author)) for one in each.amendments),
        )
        for each in found
    )
    book = Book(f"Antragsbuch · {box.name}", chapters, ctx.today)
    return [BookRecipe(book, ctx.now, each) for each in formats]


def usual_formats(motion: Motion, layout: Layout) -> tuple[str, ...]:
    """The first formats that the body takes."""
    possible = [each for each in body_of(motion).formats if each in formats_of(layout)]
    return tuple(possible[:_BY_ITSELF]) or ("pdf",)


def _document(ctx: Context, box: Box, motion: Motion, layout: Layout) -> MotionDocument:
    handed_in = motion.submitted_at  # from then on its papers are always the same
    return document(
        motion,
        body_of(motion),
        layout,
        group=box.name,
        signers=tuple(ctx.display_name(who) for who in motion.signed),
        today=handed_in.astimezone(ctx.timezone).date() if handed_in else ctx.today,
        before=_before(ctx, box, motion) if layout is Layout.SYNOPSIS else None,
    )


def _before(ctx: Context, box: Box, motion: Motion) -> Version | None:
    """What a synopsis compares with: the statute as it is, else the version before."""
    if "old" in motion.version.sections:
        return None
    if motion.version.number == 1:
        raise UserError("synopsis-needs-two", "There is only one version so far.")
    return motions.get_version(ctx.uow, box, motion.number, motion.version.number - 1)


def send(ctx: Context, motion: Motion, files: Sequence[Recipe]) -> Replies:
    """The first file now; each next one when the one before it is there."""
    return send_packed(ctx, motion, [packed(each) for each in files])


def send_packed(ctx: Context, motion: Motion, files: Sequence[Mapping[str, Any]]) -> Replies:
    """The same with files as they stand in an effect."""
    about = {"number": motion.number, "version": motion.version.number}
    _next(ctx, about, [], [dict(each) for each in files])
    return None


def send_books(ctx: Context, books: Sequence[Recipe]) -> Replies:
    _next(ctx, {}, [], [packed(each) for each in books])
    return None


def packed(file: Recipe) -> dict[str, Any]:
    """What it will be called, and what it is made of when its turn comes."""
    format_, layout, name, mimetype = named(file)
    known = {"format": format_, "layout": layout, "name": name, "mimetype": mimetype}
    return {**known, "recipe": to_json(file)}


def _next(
    ctx: Context,
    about: dict[str, Any],
    sent: list[dict[str, Any]],
    waiting: list[dict[str, Any]],
) -> None:
    head, rest = waiting[0], waiting[1:]
    known = {name: head[name] for name in ("format", "layout", "name")}
    ctx.put(
        _effect(ctx.room_id, head),
        then=EXPORTED,
        extra={"about": about, "sent": sent, "file": known, "waiting": rest},
    )


def _effect(room_id: str, head: Mapping[str, Any]) -> SendFile | MakeFile:
    if "recipe" in head:
        return MakeFile(room_id, head["recipe"])
    return SendFile(room_id, head["name"], head["mimetype"], head["data"])


@continuation(EXPORTED)
def exported(ctx: Context, effect: SendFile | MakeFile, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - what was sent is in extra
    """A file is in the Box (or could not be made): the next one, or a word at the end."""
    if "failed" in result:
        raise UserError(
            "export-failed",
            "I could not make that file. Your text is safe; try another format, like txt.",
        )
    extra = dict(ctx.extra)
    sent, waiting, about = list(extra["sent"]), list(extra["waiting"]), dict(extra["about"])
    sent.append(
        {**extra["file"], **{name: result.get(name) for name in ("sha256", "mxc", "event_id")}}
    )
    if waiting:
        _next(ctx, about, sent, waiting)
        return None
    if not about:
        return Reply(ctx.t("📚 Your book of motions is above."), data={"files": sent})
    text = ctx.ngettext(
        "📄 A{number}, version {version}: {n} file for you, above.",
        "📄 A{number}, version {version}: {n} files for you, above.",
        len(sent),
        **about,
    )
    return Reply(text, data={"motion": about, "files": sent})


CONTINUATIONS: tuple[Continuation, ...] = (exported,)
