"""`!dateien einlesen`: files from a ZIP, or from a shared folder of another cloud."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bots.files.places import rules_of
from bots.kit.arguments import Text
from bots.kit.context import Context, box_of
from bots.kit.registry import Command, Continuation, argument, command, continuation
from bots.kit.replies import Replies, Reply
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.effects import BringIn, ListFiles, Redact
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.file_imports import FileImport, Found, read_address
from wecreate_module.services import file_imports, files

LISTED, BROUGHT = "files.import_listed", "files.import_brought"
_QUARTERS = 4
_MANY = 100


@command(
    "dateien einlesen",
    "files import",
    area="files",
    summary="Bring files in: from a ZIP that you reply to, or from a shared folder of a cloud",
    examples=(
        ("!dateien einlesen", "!files import"),
        (
            "!dateien einlesen https://cloud.example.org/s/AbCdEf",
            "!files import https://cloud.example.org/s/AbCdEf",
        ),
    ),
    aliases=("dateien import",),
    power=Power.MODERATOR,
)
@argument("address", Text(2000), "adresse", "address", optional=True)
def bring_in(ctx: Context, address: str | None) -> Replies:
    """Answered by files.import_listed, and at the end by files.import_brought."""
    box = box_of(ctx)
    if address is None:
        source, folder = _zip_source(ctx)
    else:
        if not rules_of(ctx).imports:
            raise UserError(
                "import-off", "This server fetches nothing from others. Send a ZIP instead."
            )
        source, folder = read_address(address), ""
        if source["password"] and ctx.origin.event_id is not None:
            ctx.put(Redact(ctx.room_id, ctx.origin.event_id))
    one = file_imports.begin_import(ctx.uow, box, dict(source), folder, actor=ctx.sender)
    ctx.put(ListFiles(dict(source)), then=LISTED, extra={"import": one.id})
    return None


def _zip_source(ctx: Context) -> tuple[dict[str, Any], str]:
    if ctx.replied_to is None:
        raise UserError(
            "import-address",
            "Reply to a ZIP file, or give a shared folder's address: "
            "!files import https://cloud.example.org/s/AbCdEf",
        )
    file = files.file_shown_by(ctx.uow, box_of(ctx), ctx.replied_to)
    return {"kind": "zip", "media": asdict(file.version.media)}, file.folder


@command(
    "dateien einlesen stopp",
    "files import stop",
    area="files",
    summary="Stop bringing files in; what is here stays",
    examples=(("!dateien einlesen stopp", "!files import stop"),),
    power=Power.MODERATOR,
    reading=True,
)
def stop(ctx: Context) -> Replies:
    """`{"stopped": <how many>}`."""
    stopped = file_imports.stop_imports(ctx.uow, box_of(ctx))
    text = (
        ctx.t("⏹️ Stopped. What is here stays.")
        if stopped
        else ctx.t("No files are being brought in.")
    )
    return Reply(text, data={"stopped": stopped})


@continuation(LISTED)
def listed(ctx: Context, effect: ListFiles, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - its result counts
    """`{"import": {"files", "left"}}`: how many will come."""
    box, import_id = box_of(ctx), str(ctx.extra["import"])
    try:
        if "failed" in result:
            raise _failed(str(result["failed"]))
        found = [Found(*each) for each in result["found"]]
        one = file_imports.plan_import(ctx.uow, box, import_id, found, rules_of(ctx))
    except UserError:
        ctx.uow.file_imports.end(import_id)
        raise
    if one is None:
        return None
    if not one.take:
        return _finish(ctx, one)
    _fetch_next(ctx, one)
    text = ctx.ngettext(
        "📦 I am fetching one file …", "📦 I am fetching {n} files …", len(one.take)
    )
    return Reply(text, data={"import": _data(one)})


@continuation(BROUGHT)
def brought(ctx: Context, effect: BringIn, result: dict[str, Any]) -> Replies:  # noqa: ARG001 - its result counts
    """Enter them, and go on; a word at each quarter of many."""
    import_id = str(ctx.extra["import"])
    one = file_imports.enter_batch(ctx.uow, box_of(ctx), import_id, result["results"])
    if one is None:
        return None
    if one.done >= len(one.take):
        return _finish(ctx, one)
    _fetch_next(ctx, one)
    before, total = one.done - len(result["results"]), len(one.take)
    if total >= _MANY and before * _QUARTERS // total < one.done * _QUARTERS // total:
        text = ctx.t("📦 {done} of {total} files are here.", done=one.done, total=total)
        return Reply(text, data={"import": _data(one)})
    return None


def _fetch_next(ctx: Context, one: FileImport) -> None:
    batch = [[each.ref, each.path, each.size] for each in file_imports.next_batch(one)]
    ctx.put(BringIn(one.source, batch), then=BROUGHT, extra={"import": one.id})


def _finish(ctx: Context, one: FileImport) -> Reply:
    file_imports.end_import(ctx.uow, box_of(ctx), one)
    left = one.left or {}
    here = one.done - left.get("failed", 0)
    said = {
        "here": ctx.t("{n} lay here already", n=left.get("here", 0)),
        "too-large": ctx.t("{n} are too large for this server", n=left.get("too-large", 0)),
        "failed": ctx.t("{n} could not be read", n=left.get("failed", 0)),
        "nameless": ctx.t("{n} have no name", n=left.get("nameless", 0)),
    }
    lines = [ctx.ngettext("✅ One file was brought in.", "✅ {n} files were brought in.", here)]
    lines += [f"· {words}" for why, words in said.items() if left.get(why)]
    return Reply(
        "\n".join(lines), "<br>".join(lines), data={"import": {**_data(one), "here": here}}
    )


def _data(one: FileImport) -> dict[str, Any]:
    return {"files": len(one.take), "done": one.done, "left": one.left or {}}


_NO_FOLDER = UserError(
    "import-no-folder", "I find no shared folder at that address. Is the whole link there?"
)
_ZIP_AWAY = UserError("import-zip-away", "I can't get at that ZIP. Send it once more.")
_FAILED = {
    "no-zip": UserError("import-no-zip", "That is no ZIP file that I can read."),
    "trap": UserError("import-trap", "This ZIP says that it holds far too much. I don't open it."),
    "too-many": UserError("import-too-large", "That is too much at once. Bring it in by parts."),
    "forbidden": UserError(
        "import-forbidden", "I don't fetch from that address. Use one that begins with https://"
    ),
    "login": UserError(
        "import-login", "The other server did not let me in. Check link, name and password."
    ),
    "away": UserError("import-away", "The other server does not answer. Try again later."),
    **dict.fromkeys(("altered", "too-large", "disk-full"), _ZIP_AWAY),
}


def _failed(why: str) -> UserError:
    known = _FAILED.get(why, _NO_FOLDER)
    return UserError(known.code, known.message)


COMMANDS: tuple[Command, ...] = (bring_in, stop)
CONTINUATIONS: tuple[Continuation, ...] = (listed, brought)
