"""What is said about links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bots.files.views import file_data, size_words
from bots.kit.context import Context
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.files import File
from wecreate_module.domain.links import Link, LinkRules, LinkWish
from wecreate_module.services.links import NewLink

MOST_SHOWN = 40


def shared(
    ctx: Context, new: NewLink, name: str, rules: LinkRules, left_out: Sequence[int] = ()
) -> Reply:
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
        left_out=", ".join(f"#{number}" for number in left_out[:MOST_SHOWN]),
    )
    data = {"link": _told(ctx, new, url), "number": new.number, "left_out": list(left_out)}
    return Reply(html_to_text(html), html, data=data)


def offered(ctx: Context, file: File, new: NewLink, rules: LinkRules, said: str) -> Reply:
    """A file that no Matrix message can hold: how to open it."""
    url = f"{rules.url}/f/{new.id}#{new.secret}"
    html = render_template(
        "files/offered.html.j2",
        ctx,
        file=file,
        said=said,
        size=size_words(ctx, file.version.size),
        url=url,
        password=new.password,
        limits=_limits(ctx, new.expires_at, new.max_visits),
    )
    data = {"file": file_data(ctx, file), "link": _told(ctx, new, url)}
    return Reply(html_to_text(html), html, data=data)


def _told(ctx: Context, new: NewLink, url: str) -> dict[str, Any]:
    return {
        "url": url,
        "expires_at": _iso(ctx, new.expires_at),
        "max_visits": new.max_visits,
        "password": new.password,
    }


def listing(ctx: Context, found: Sequence[tuple[Link, File | None]]) -> Reply:
    rows = [
        {
            "number": link.number,
            "name": _name(ctx, link, file),
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


def revoked_all(ctx: Context, ended: int) -> Reply:
    text = (
        ctx.ngettext("🔒 One link is closed.", "🔒 {n} links are closed.", ended)
        if ended
        else ctx.t("There is no open link.")
    )
    return Reply(text, data={"revoked": ended})


def defaults(ctx: Context, wish: LinkWish) -> Reply:
    """How links begin."""
    limits = [
        ctx.t("without an end") if wish.lasting is None else _lasting(ctx, wish.lasting),
        *([] if wish.max_visits is None else [_times(ctx, wish.max_visits)]),
        ctx.t("with a password") if wish.password else ctx.t("without a password"),
    ]
    text = ctx.t("🔗 Links of this Box: {limits}", limits=", ".join(limits))
    hours = None if wish.lasting is None else wish.lasting // timedelta(hours=1)
    chosen = {"hours": hours, "max_visits": wish.max_visits, "password": wish.password}
    return Reply(text, data={"defaults": chosen})


def _lasting(ctx: Context, lasting: timedelta) -> str:
    hours = lasting // timedelta(hours=1)
    if hours % 24:
        return ctx.ngettext("for an hour", "for {n} hours", hours)
    return ctx.ngettext("for a day", "for {n} days", hours // 24)


def _times(ctx: Context, max_visits: int) -> str:
    return ctx.ngettext("at most once", "at most {n} times", max_visits)


def _name(ctx: Context, link: Link, file: File | None) -> str:
    """Of its file; how many there are for several."""
    if file is not None:
        return file.name
    return ctx.ngettext("one file", "{n} files", len(link.files))


def used(ctx: Context, file: File | None, link: Link) -> Reply:
    if file is None:
        text = ctx.t(
            "🔗 The link to {files} was used for the first time ({who} made it).",
            files=_name(ctx, link, None),
            who=ctx.display_name(link.created_by),
        )
        return Reply(text)
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
        limits.append(_times(ctx, max_visits))
    return limits


def _link_data(ctx: Context, link: Link, file: File | None) -> dict[str, Any]:
    return {
        "number": link.number,
        "name": _name(ctx, link, file),
        "files": len(link.files),
        "expires_at": _iso(ctx, link.expires_at),
        "max_visits": link.max_visits,
        "visits": link.visits,
        "password": link.salt is not None,
        "by": link.created_by,
    }


def _iso(ctx: Context, instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(ctx.timezone).isoformat()
