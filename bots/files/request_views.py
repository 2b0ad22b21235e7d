"""What is said about requests for files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bots.files.views import file_data, size_words
from bots.kit.context import Context
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.file_requests import FileRequest
from wecreate_module.domain.files import File

MOST_SHOWN = 40


def made(ctx: Context, request: FileRequest, secret: str, base: str, message: int | None) -> Reply:
    """The link: told once, and kept nowhere. `message`: bytes that fit into a Matrix message."""
    url = f"{base}/f/r/{request.id}#{secret}"
    beyond = message is not None and message < request.max_size
    html = render_template(
        "files/request.html.j2",
        ctx,
        request=request,
        url=url,
        limits=_limits(ctx, request),
        message=size_words(ctx, message) if message is not None and beyond else "",
    )
    data = {"request": {**request_data(ctx, request), "url": url}}
    return Reply(html_to_text(html), html, data=data)


def listing(ctx: Context, found: Sequence[tuple[FileRequest, int]]) -> Reply:
    rows = [
        {
            "number": request.number,
            "title": request.title,
            "more": " · ".join(
                [
                    *_limits(ctx, request),
                    ctx.ngettext("one file came", "{n} files came", count),
                    ctx.display_name(request.created_by),
                ]
            ),
        }
        for request, count in found[:MOST_SHOWN]
    ]
    left_out = len(found[MOST_SHOWN:])
    html = render_template("files/requests.html.j2", ctx, rows=rows, left_out=left_out)
    data = [{**request_data(ctx, each), "files": count} for each, count in found[:MOST_SHOWN]]
    return Reply(html_to_text(html), html, data={"requests": data, "total": len(found)})


def closed(ctx: Context, request: FileRequest) -> Reply:
    text = ctx.t("🔒 Nothing more can be sent for “{title}”.", title=request.title)
    return Reply(text, data={"request": request_data(ctx, request)})


def coming(ctx: Context, request: FileRequest) -> Reply:
    """Said above the first of the files that come by a request."""
    text = ctx.t("📥 Files for “{title}” are coming in:", title=request.title)
    return Reply(text, data={"request": request_data(ctx, request)})


def entered(ctx: Context, file: File) -> dict[str, Any]:
    return {"file": file_data(ctx, file)}


def lost(ctx: Context, request: FileRequest, why: str) -> Reply:
    """A file that came and can't be kept."""
    text = (
        ctx.t(
            "⚠️ Somebody sent a file for “{title}” that is too large for this server.",
            title=request.title,
        )
        if why == "too-large"
        else ctx.t(
            "⚠️ Somebody sent a file for “{title}” that arrived broken. Let them send it again.",
            title=request.title,
        )
    )
    return Reply(text, data={"request": request_data(ctx, request), "failed": why})


def request_data(ctx: Context, request: FileRequest) -> dict[str, Any]:
    """For programs. `max_size` in bytes of one file."""
    ends = request.expires_at
    return {
        "number": request.number,
        "title": request.title,
        "folder": request.folder,
        "expires_at": None if ends is None else ends.astimezone(ctx.timezone).isoformat(),
        "max_files": request.max_files,
        "max_size": request.max_size,
        "by": request.created_by,
    }


def _limits(ctx: Context, request: FileRequest) -> list[str]:
    return [
        ctx.t("without an end")
        if request.expires_at is None
        else ctx.t("until {when}", when=ctx.when(request.expires_at)),
        ctx.ngettext("at most one file", "at most {n} files", request.max_files),
        ctx.t("each up to {size}", size=size_words(ctx, request.max_size)),
    ]
