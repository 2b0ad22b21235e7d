"""What is said about links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bots.files.views import file_data
from bots.kit.context import Context
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.files import File
from wecreate_module.domain.links import Link, LinkRules
from wecreate_module.services.links import NewLink

MOST_SHOWN = 40


def shared(ctx: Context, new: NewLink, name: str, rules: LinkRules) -> Reply:
    """The link: told once, and kept nowhere."""
    url = f"{rules.url}/f/{new.id}#{new.secret}"
    html = render_template(
        "files/shared.html.j2",
        ctx,
        number=new.number,
        title=name,
        url=url,
        password=new.password,
        limits=_limits(ctx, new.expires_at, new.max_visits),
    )
    link = {
        "url": url,
        "expires_at": _iso(ctx, new.expires_at),
        "max_visits": new.max_visits,
        "password": new.password,
    }
    return Reply(html_to_text(html), html, data={"link": link, "number": new.number})


def listing(ctx: Context, found: Sequence[tuple[Link, File]]) -> Reply:
    rows = [
        {
            "number": file.number,
            "name": file.name,
            "more": " · ".join(
                [
                    *_limits(ctx, link.expires_at, link.max_visits),
                    ctx.ngettext("used once", "used {n} times", link.visits),
                    ctx.display_name(link.created_by),
                ]
            ),
        }
        for link, file in found[:MOST_SHOWN]
    ]
    html = render_template("files/links.html.j2", ctx, rows=rows, left_out=len(found[MOST_SHOWN:]))
    data = [_link_data(ctx, link, file) for link, file in found[:MOST_SHOWN]]
    return Reply(html_to_text(html), html, data={"links": data, "total": len(found)})


def revoked(ctx: Context, file: File, ended: int) -> Reply:
    name = f"#{file.number} {file.name}"
    if ended:
        text = ctx.ngettext(
            "🔒 The link to {name} is closed.",
            "🔒 {n} links to {name} are closed.",
            ended,
            name=name,
        )
    else:
        text = ctx.t("There is no open link to {name}.", name=name)
    return Reply(text, data={"file": file_data(ctx, file), "revoked": ended})


def used(ctx: Context, file: File, link: Link) -> Reply:
    text = ctx.t(
        "🔗 The link to #{number} {name} was used for the first time ({who} made it).",
        number=file.number,
        name=file.name,
        who=ctx.display_name(link.created_by),
    )
    return Reply(text)


def _limits(ctx: Context, expires_at: datetime | None, max_visits: int | None) -> list[str]:
    """How long and how often."""
    limits = [
        ctx.t("without an end")
        if expires_at is None
        else ctx.t("until {when}", when=ctx.when(expires_at))
    ]
    if max_visits is not None:
        limits.append(ctx.ngettext("at most once", "at most {n} times", max_visits))
    return limits


def _link_data(ctx: Context, link: Link, file: File) -> dict[str, Any]:
    return {
        "number": file.number,
        "name": file.name,
        "expires_at": _iso(ctx, link.expires_at),
        "max_visits": link.max_visits,
        "visits": link.visits,
        "password": link.salt is not None,
        "by": link.created_by,
    }


def _iso(ctx: Context, instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(ctx.timezone).isoformat()
