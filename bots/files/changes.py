"""`!datei 3 ordner …`: changes to one file, and what became of it."""

from __future__ import annotations

from bots.files import views
from bots.files.arguments import DescriptionText, FolderText
from bots.files.entering import MOST_REDACTED
from bots.files.offering import show as show_again
from bots.kit.arguments import Text
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, argument, command
from bots.kit.replies import Replies
from wecreate_module.domain.effects import Redact
from wecreate_module.domain.files import MAX_NAME, File
from wecreate_module.services import files


def _changed(ctx: Context, file: File) -> Replies:
    return views.card(ctx, file, ctx.t("Changed:"))


@command(
    "datei # ordner",
    "file # folder",
    area="files",
    summary="Put a file into a folder",
    examples=(
        ("!datei 3 ordner Protokolle/2026", "!file 3 folder Minutes/2026"),
        ("!datei 3 ordner raus", "!file 3 folder out"),
    ),
    aliases=("file # move", "datei # verschieben"),
)
@argument("folder", FolderText(), "ordner", "folder", ask="Into which folder?")
def move(ctx: Context, number: int, folder: str) -> Replies:
    """`{"file": {…}}`."""
    return _changed(ctx, files.move_file(ctx.uow, box_of(ctx), number, folder, actor=ctx.sender))


@command(
    "datei ordner",
    "file folder",
    area="files",
    summary="As reply to a file, or written with it: put it into a folder",
    examples=(("!datei ordner Protokolle", "!file folder Minutes"),),
)
@argument("folder", FolderText(), "ordner", "folder", ask="Into which folder?")
def move_replied(ctx: Context, folder: str) -> Replies:
    """`{"file": {…}}`."""
    file = files.file_shown_by(ctx.uow, box_of(ctx), ctx.replied_to)
    return move(ctx, file.number, folder=folder)


@command(
    "datei # umbenennen",
    "file # rename",
    area="files",
    summary="Give a file another name",
    examples=(("!datei 3 umbenennen Protokoll Mai", "!file 3 rename Minutes May"),),
    aliases=("datei # name",),
)
@argument("name", Text(MAX_NAME), "name", "name", ask="What shall it be called?")
def rename(ctx: Context, number: int, name: str) -> Replies:
    """`{"file": {…}}`."""
    return _changed(ctx, files.rename_file(ctx.uow, box_of(ctx), number, name, actor=ctx.sender))


@command(
    "datei # beschreibung",
    "file # description",
    area="files",
    summary="Say what is in a file",
    examples=(
        ("!datei 3 beschreibung Stand nach der Sitzung", "!file 3 description After the meeting"),
        ("!datei 3 beschreibung weg", "!file 3 description remove"),
    ),
)
@argument("text", DescriptionText(), "text", "text", ask="What is in it?")
def describe(ctx: Context, number: int, text: str) -> Replies:
    """`{"file": {…}}`."""
    return _changed(ctx, files.describe_file(ctx.uow, box_of(ctx), number, text, actor=ctx.sender))


@command(
    "datei beschreibung",
    "file description",
    area="files",
    summary="As reply to a file, or written with it: say what is in it",
    examples=(("!datei beschreibung Plan B", "!file description Plan B"),),
)
@argument("text", DescriptionText(), "text", "text", ask="What is in it?")
def describe_replied(ctx: Context, text: str) -> Replies:
    """`{"file": {…}}`."""
    file = files.file_shown_by(ctx.uow, box_of(ctx), ctx.replied_to)
    return describe(ctx, file.number, text=text)


@command(
    "datei # version #",
    "file # version #",
    area="files",
    summary="Make an old version of a file the newest again",
    examples=(("!datei 3 version 1", "!file 3 version 1"),),
)
def restore_version(ctx: Context, number: int, version: int) -> Replies:
    """`{"file": {…}}`; the file's own message follows."""
    file, changed = files.restore_version(ctx.uow, box_of(ctx), number, version, actor=ctx.sender)
    if not changed:
        return views.card(ctx, file, ctx.t("That is the newest version already:"))
    return show_again(ctx, file)


@command(
    "datei # version von #",
    "file # version of #",
    area="files",
    summary="Make a file the newest version of another one",
    examples=(("!datei 7 version von 3", "!file 7 version of 3"),),
)
def merge(ctx: Context, number: int, into: int) -> Replies:
    """`{"file": {…}}` of the other one."""
    box = box_of(ctx)
    return _changed(ctx, files.merge_files(ctx.uow, box, number, into, actor=ctx.sender))


@command(
    "datei # löschen",
    "file # delete",
    area="files",
    summary="Delete a file, here and in the chat; for 30 days it can be brought back",
    examples=(("!datei 3 löschen", "!file 3 delete"),),
)
def delete(ctx: Context, number: int) -> Replies:
    """`{"file": {…}}`."""
    file, posts = files.delete_file(ctx.uow, box_of(ctx), number, actor=ctx.sender, power=ctx.power)
    for event_id in posts[:MOST_REDACTED]:
        ctx.put(Redact(ctx.room_id, event_id))
    return views.deleted(ctx, file)


@command(
    "datei # zurück",
    "file # restore",
    area="files",
    summary="Bring a deleted file back",
    examples=(("!datei 3 zurück", "!file 3 restore"),),
    aliases=("datei # wiederherstellen",),
)
def undelete(ctx: Context, number: int) -> Replies:
    """`{"file": {…}}`; the file's own message follows."""
    file = files.undelete_file(ctx.uow, box_of(ctx), number, actor=ctx.sender)
    return show_again(ctx, file)


COMMANDS: tuple[Command, ...] = (
    move,
    move_replied,
    rename,
    describe,
    describe_replied,
    restore_version,
    merge,
    delete,
    undelete,
)
