"""`!antrag 3 export`: files into the Box, encrypted, one after the other."""

from __future__ import annotations

import base64
import logging
from typing import Any

from bots.kit.context import Context
from bots.kit.registry import Continuation, continuation
from bots.kit.replies import Replies, Reply
from bots.motions.arguments import Wanted
from bots.motions.views import body_of
from bridges.documents.book import MOST_LETTERS, MOST_MOTIONS, Chapter, letters, render_book
from bridges.documents.export import DocumentFailed, File, formats_of, render
from bridges.documents.view import Layout, MotionDocument, document
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import SendFile
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion, MotionState, Version
from wecreate_module.services import motions

log = logging.getLogger("wecreate.motions")

EXPORTED = "motions.exported"
_BY_ITSELF = 2
WITHDRAWN = MotionState.WITHDRAWN


def files_of(ctx: Context, box: Box, motion: Motion, wanted: Wanted) -> list[File]:
    """Rendered; UserError when a document can't be made."""
    shown = _document(ctx, box, motion, wanted.layout)
    formats = wanted.formats or usual_formats(motion, wanted.layout)
    made = motion.version.at
    try:
        return [render(shown, each, motion.number, made) for each in formats]
    except DocumentFailed as error:
        raise _failed(error) from error


def submission_files(ctx: Context, box: Box, motion: Motion) -> list[File]:
    """What the body gets."""
    return files_of(ctx, box, motion, Wanted((), Layout.SUBMISSION))


def book_of(ctx: Context, box: Box) -> File:
    """All motions of the Box that were not withdrawn, in one PDF."""
    found = [each for each in ctx.uow.motions.list(box.id) if each.state is not WITHDRAWN]
    if not found:
        raise UserError("no-motions", "There are none yet. Begin one with !motion new")
    chapters = [
        Chapter(
            f"A{each.number} {each.title}",
            _document(ctx, box, each, Layout.BOOK),
            tuple((one, ctx.display_name(one.author)) for one in each.amendments),
        )
        for each in found[: MOST_MOTIONS + 1]
    ]
    if len(chapters) > MOST_MOTIONS or letters(chapters) > MOST_LETTERS:
        raise UserError("book-too-long", "That is too much for one book; get the files one by one.")
    try:
        data = render_book(f"Antragsbuch · {box.name}", chapters, ctx.today, ctx.now)
    except DocumentFailed as error:
        raise _failed(error) from error
    return File("pdf", Layout.BOOK.value, "Antragsbuch.pdf", "application/pdf", data)


def _failed(error: DocumentFailed) -> UserError:
    log.warning("a document could not be made", extra={"why": str(error)})
    return UserError(
        "export-failed",
        "I could not make that file. Your text is safe; try another format, like txt.",
    )


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


def send(ctx: Context, motion: Motion, files: list[File]) -> Replies:
    """The first file now; each next one when the one before it is there."""
    about = {"number": motion.number, "version": motion.version.number}
    _next(ctx, about, [], [_waiting(each) for each in files])
    return None


def send_book(ctx: Context, file: File) -> Replies:
    _next(ctx, {}, [], [_waiting(file)])
    return None


def _waiting(file: File) -> dict[str, str]:
    return {
        "format": file.format,
        "layout": file.layout,
        "name": file.name,
        "mimetype": file.mimetype,
        "sha256": file.sha256,
        "data": base64.b64encode(file.data).decode(),
    }


def _next(
    ctx: Context, about: dict[str, Any], sent: list[dict[str, Any]], waiting: list[dict[str, Any]]
) -> None:
    head, rest = waiting[0], waiting[1:]
    known = {name: head[name] for name in ("format", "layout", "name", "sha256")}
    ctx.put(
        SendFile(ctx.room_id, head["name"], head["mimetype"], head["data"]),
        then=EXPORTED,
        extra={"about": about, "sent": sent, "file": known, "waiting": rest},
    )


@continuation(EXPORTED)
def exported(ctx: Context, effect: SendFile, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - what was sent is in extra
    """A file is in the Box (or could not be put there): the next one, or a word at the end."""
    extra = dict(ctx.extra)
    sent, waiting, about = list(extra["sent"]), list(extra["waiting"]), dict(extra["about"])
    sent.append({**extra["file"], "mxc": result.get("mxc"), "event_id": result.get("event_id")})
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
