"""What is said about files: each function turns results into one message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from babel.numbers import format_decimal

from bots.kit.context import Context
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.attachments import Attachment, message
from wecreate_module.domain.files import KEPT_DELETED, File, Folder, Version
from wecreate_module.domain.quotas import Quotas
from wecreate_module.services.files import MOST_FOUND, Drive, Entered, Space
from wecreate_module.services.large_files import Largest

NEWEST = 15
MOST_SHOWN = 40
# Bytes of JSON: what fits in a message beside the words.
_LARGEST_DATA = 24_000
_LONGEST_NAME = 90
_UNITS = ("B", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
_EMOJI: Mapping[str, str] = {"m.image": "🖼️", "m.video": "🎬", "m.audio": "🎧"}


def file_data(ctx: Context, file: File) -> dict[str, Any]:
    """For programs. `size` in bytes, as its sender declared it."""
    version = file.version
    return {
        "number": file.number,
        "name": file.name,
        "folder": file.folder,
        "size": version.size,
        "mimetype": version.mimetype,
        "version": version.number,
        "sender": version.sender,
        "sent_at": version.sent_at.astimezone(ctx.timezone).isoformat(),
        "description": file.description,
    }


def card(ctx: Context, file: File, headline: str = "") -> Reply:
    """One file with all that is known of it."""
    html = render_template(
        "files/file.html.j2",
        ctx,
        file=file,
        headline=headline,
        emoji=_emoji(file),
        facts=_facts(ctx, file.version),
    )
    return Reply(
        html_to_text(html),
        html,
        data={"file": file_data(ctx, file)},
        buttons=(Button("📥", ctx.t("!file {number} get", number=file.number)),),
    )


def drive(ctx: Context, found: Drive) -> Reply:
    """Folders and what came last."""
    folders = [folder for folder in found.folders if folder.name]
    html = render_template(
        "files/drive.html.j2",
        ctx,
        count=found.usage.files,
        size=size_words(ctx, found.usage.size),
        folders=folders[:MOST_SHOWN],
        folders_left=len(folders[MOST_SHOWN:]),
        rows=[_row(ctx, file) for file in found.newest],
    )
    data = {
        **_listed(ctx, found.newest),
        "folders": [_folder_data(folder) for folder in found.folders[:MOST_SHOWN]],
        "total": found.usage.files,
        "size": found.usage.size,
    }
    return Reply(html_to_text(html), html, data=data)


def found(ctx: Context, text: str, files: Sequence[File]) -> Reply:
    """What a search found, the newest first."""
    html = render_template(
        "files/found.html.j2",
        ctx,
        text=text,
        count=len(files),
        many=len(files) >= MOST_FOUND,
        rows=[_row(ctx, file) for file in files[:MOST_SHOWN]],
        left_out=len(files[MOST_SHOWN:]),
    )
    return Reply(html_to_text(html), html, data={**_listed(ctx, files), "total": len(files)})


def versions(ctx: Context, file: File, every: Sequence[Version]) -> Reply:
    rows = [(version.number, " · ".join(_facts(ctx, version))) for version in reversed(every)]
    html = render_template("files/versions.html.j2", ctx, file=file, rows=rows)
    data = {
        "file": file_data(ctx, file),
        "versions": [
            {
                "version": version.number,
                "sender": version.sender,
                "sent_at": version.sent_at.astimezone(ctx.timezone).isoformat(),
                "size": version.size,
            }
            for version in every
        ],
    }
    return Reply(html_to_text(html), html, data=data)


def entered(ctx: Context, what: Entered) -> Reply | None:
    """Silent, as a rule: a group that sends photos does not want a word for each."""
    file = what.file
    if what.is_version:
        text = ctx.t(
            "📄 That is now version {version} of {name}.",
            version=file.version.number,
            name=_named(file),
        )
        return Reply(text, data={"file": file_data(ctx, file)})
    if what.like is not None and file.version.kind == "m.file":
        text = ctx.t(
            "📄 {name} is called like #{like}. If it is a new version of it, click ✅; else it "
            "stays a file of its own.",
            name=_named(file),
            like=what.like.number,
        )
        merge = ctx.t("!file {number} version of {like}", number=file.number, like=what.like.number)
        data = {"file": file_data(ctx, file), "like": what.like.number}
        return Reply(text, data=data, buttons=(Button("✅", merge),))
    return None


def nearly_full(ctx: Context, used: int, quotas: Quotas) -> Reply:
    text = ctx.t(
        "📦 The files of this Box take {used} of {most}. See what could go: !files space",
        used=size_words(ctx, used),
        most=size_words(ctx, quotas.box),
    )
    return Reply(text, data={"used": used, "most": quotas.box})


def space(ctx: Context, found: Space, quotas: Quotas, largest: Largest) -> Reply:
    """How much room is taken, and of how much; how large one file may be."""
    lines = [
        ctx.t("📦 Files of this Box: {used}", used=_of(ctx, found.box.size, quotas.box)),
        ctx.t("👤 Sent by you here: {used}", used=size_words(ctx, found.mine.size)),
        ctx.t(
            "🌍 Sent by you in all Boxes: {used}", used=_of(ctx, found.everywhere, quotas.person)
        ),
    ]
    if quotas.box or quotas.person:
        lines.append(
            ctx.t("What is deleted gives its room back after {days} days.", days=KEPT_DELETED.days)
        )
    if largest.message is not None:
        most = size_words(ctx, largest.message)
        lines.append(ctx.t("📎 A file in a message may have up to {size}.", size=most))
    lines.append(
        ctx.t(
            "📥 By a link for sending, up to {size}: !file request",
            size=size_words(ctx, largest.request),
        )
    )
    data = {
        "largest": {"message": largest.message, "request": largest.request},
        "box": {"used": found.box.size, "files": found.box.files, "most": quotas.box or None},
        "mine": {"here": found.mine.size, "used": found.everywhere, "most": quotas.person or None},
    }
    return Reply("\n".join(lines), "<br>".join(lines), data=data)


def _of(ctx: Context, used: int, most: int) -> str:
    if not most:
        return size_words(ctx, used)
    return ctx.t(
        "{used} of {most} ({percent} %)",
        used=size_words(ctx, used),
        most=size_words(ctx, most),
        percent=used * 100 // most,
    )


def deleted(ctx: Context, file: File) -> Reply:
    text = ctx.t(
        "🗑️ {name} is deleted. For {days} days it can be brought back: !file {number} restore",
        name=_named(file),
        days=KEPT_DELETED.days,
        number=file.number,
    )
    return Reply(text, data={"file": file_data(ctx, file)})


def here(ctx: Context, file: File) -> Reply:
    """Said above a file that is posted again."""
    text = ctx.t("📥 Here is {name}:", name=_named(file))
    return Reply(text, data={"file": file_data(ctx, file)})


def posted(ctx: Context, file: File) -> dict[str, Any]:
    """Show a file again: the same bytes, with their key for all who are here now."""
    version = file.version
    content = message(
        Attachment(
            kind=version.kind,
            name=file.name,
            media=version.media,
            size=version.size,
            mimetype=version.mimetype,
            info=version.info,
        )
    )
    origin = ctx.origin
    if origin.event_id is not None:
        relation: dict[str, Any] = {"m.in_reply_to": {"event_id": origin.event_id}}
        if origin.thread_id is not None:
            thread = {"rel_type": "m.thread", "event_id": origin.thread_id}
            relation |= {**thread, "is_falling_back": True}
        content["m.relates_to"] = relation
    return content


def size_words(ctx: Context, size: int) -> str:
    """`1,2 MB`, as people read it."""
    amount, unit = float(size), 0
    while amount >= _THOUSAND and unit < len(_UNITS) - 1:
        amount, unit = amount / _THOUSAND, unit + 1
    digits = "0.#" if unit > 0 and amount < 100 else "0"  # noqa: PLR2004 - 1.2, but 120
    return f"{format_decimal(round(amount, 1), digits, ctx.language)} {_UNITS[unit]}"


def _facts(ctx: Context, version: Version) -> list[str]:
    facts = [ctx.display_name(version.sender), ctx.when(version.sent_at)]
    if version.size:
        facts.append(size_words(ctx, version.size))
    return facts


def _row(ctx: Context, file: File) -> dict[str, Any]:
    name = file.name
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 1]}…"
    more = [file.folder] if file.folder else []
    more += [ctx.display_name(file.version.sender), ctx.when(file.version.sent_at)]
    return {
        "number": file.number,
        "emoji": _emoji(file),
        "name": name,
        "more": " · ".join(more),
    }


def _listed(ctx: Context, files: Sequence[File]) -> dict[str, Any]:
    """As many as fit."""
    listed: list[dict[str, Any]] = []
    left = _LARGEST_DATA
    for file in files:
        data = file_data(ctx, file)
        left -= len(json.dumps(data, ensure_ascii=False).encode())
        if left < 0:
            break
        listed.append(data)
    return {"files": listed}


def _folder_data(folder: Folder) -> dict[str, Any]:
    return {"name": folder.name, "files": folder.files}


def _named(file: File) -> str:
    return f"#{file.number} {file.name}"


def _emoji(file: File) -> str:
    return _EMOJI.get(file.version.kind, "📄")
