"""`!dateien`, `!datei 3`: seeing and finding files. Changes to one: changes.py."""

from __future__ import annotations

from bots.files import changes, importing, offering, requests, sharing, texts, views
from bots.files.entering import enter, take_back
from bots.files.offering import show as show_again
from bots.files.places import quotas_of, rules_of
from bots.kit.app import Part
from bots.kit.arguments import Text
from bots.kit.context import Context, box_of
from bots.kit.registry import (
    Command,
    Continuation,
    Scheduler,
    argument,
    command,
    scheduled,
)
from bots.kit.replies import Replies
from wecreate_module.services import files
from wecreate_module.services.large_files import largest_files
from wecreate_module.storage.schedule import Scheduled


@command(
    "dateien",
    "files",
    area="files",
    summary="See and search the files of this Box",
    examples=(
        ("!dateien", "!files"),
        ("!dateien Protokoll Mai", "!files minutes may"),
        ("!dateien pdf @ben 11.2026", "!files pdf @ben 11.2026"),
    ),
    reading=True,
)
@argument("text", Text(200), "suche", "search", optional=True)
def show_all(ctx: Context, text: str | None) -> Replies:
    """`{"files": [{…}], "total"}`; without a search also `folders` and the `size` of all."""
    box = box_of(ctx)
    if text is None:
        return views.drive(ctx, files.look_around(ctx.uow, box, views.NEWEST))
    return views.found(ctx, text, files.find_files(ctx.uow, box, text))


@command(
    "dateien platz",
    "files space",
    area="files",
    summary="See how much room your files take",
    examples=(("!dateien platz", "!files space"),),
    aliases=("datei platz", "speicherplatz"),
    reading=True,
)
def show_space(ctx: Context) -> Replies:
    """`{"box": {"used", "files", "most"}, "mine": {…}, "largest": {"message", "request"}}`.

    All in bytes.
    """
    found = files.look_at_space(ctx.uow, box_of(ctx), ctx.sender)
    largest = largest_files(ctx.uow, rules_of(ctx))
    return views.space(ctx, found, quotas_of(ctx), largest)


@command(
    "datei #",
    "file #",
    area="files",
    summary="Show what is known of a file",
    examples=(("!datei 3", "!file 3"),),
    reading=True,
)
def show(ctx: Context, number: int) -> Replies:
    """`{"file": {…}}`."""
    return views.card(ctx, files.get_file(ctx.uow, box_of(ctx), number))


@command(
    "datei # holen",
    "file # get",
    area="files",
    summary="Post a file here again, so that everybody who is here now can open it",
    examples=(("!datei 3 holen", "!file 3 get"),),
    reading=True,
)
def get(ctx: Context, number: int) -> Replies:
    """`{"file": {…}}`; the file's own message follows."""
    return show_again(ctx, files.get_file(ctx.uow, box_of(ctx), number))


@command(
    "datei # versionen",
    "file # versions",
    area="files",
    summary="See the versions of a file",
    examples=(("!datei 3 versionen", "!file 3 versions"),),
    reading=True,
)
def show_versions(ctx: Context, number: int) -> Replies:
    """`{"file": {…}, "versions": [{"version", "sender", "sent_at", "size"}]}`."""
    return views.versions(ctx, *files.versions_of(ctx.uow, box_of(ctx), number))


@scheduled(files.PURGE, reading=True)
def purge(ctx: Context, item: Scheduled) -> Replies:
    """A deleted file's days are over."""
    files.purge_file(ctx.uow, box_of(ctx), int(item.payload["number"]))
    return None


COMMANDS: tuple[Command, ...] = (
    show_all,
    show_space,
    show,
    get,
    show_versions,
    *changes.COMMANDS,
    *sharing.COMMANDS,
    *requests.COMMANDS,
    *importing.COMMANDS,
    *texts.COMMANDS,
)
CONTINUATIONS: tuple[Continuation, ...] = (
    *offering.CONTINUATIONS,
    *sharing.CONTINUATIONS,
    *requests.CONTINUATIONS,
    *importing.CONTINUATIONS,
    *texts.CONTINUATIONS,
)
SCHEDULED: tuple[Scheduler, ...] = (
    purge,
    *sharing.SCHEDULED,
    *requests.SCHEDULED,
    *texts.SCHEDULED,
)

PART = Part(
    commands=COMMANDS,
    continuations=CONTINUATIONS,
    scheduled=SCHEDULED,
    on_message=(enter,),
    on_redaction=(take_back,),
)
