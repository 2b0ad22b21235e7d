"""What is said about calendar programs: each function turns results into one message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text, render_template
from bridges.caldav.paths import login_of
from wecreate_module.domain.boxes import Box
from wecreate_module.services.calendars import Collection
from wecreate_module.storage.app_passwords import AppPassword
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.calendars import Sharing
from wecreate_module.storage.trash import Deleted

Json = dict[str, Any]

_SHARING = {
    Sharing.OFF: msgid(
        "🔒 This Box's events and tasks stay in the chat. Calendar programs see nothing of them, "
        "and what they had loaded they no longer get."
    ),
    Sharing.READ: msgid(
        "📆 Members can now read this Box's events and tasks in their calendar programs. For "
        "that the server can read them: titles, times, places, notes and who comes. Your "
        "messages stay encrypted. How to connect: write me !calendar in our direct chat. An "
        "admin ends it with !calendar private"
    ),
    Sharing.WRITE: msgid(
        "📆 Members can now read and change this Box's events and tasks in their calendar "
        "programs. For that the server can read them: titles, times, places, notes and who "
        "comes. Your messages stay encrypted. How to connect: write me !calendar in our direct "
        "chat. An admin ends it with !calendar private"
    ),
}


def sharing(ctx: Context, box: Box, how: Sharing) -> Reply:
    del box
    return Reply(ctx.t(_SHARING[how]), data={"sharing": how.value})


def connected(ctx: Context, device: str, password: str, collections: Sequence[Collection]) -> Reply:
    """The only message that holds the password."""
    url, username = _url(ctx), login_of(ctx.sender)
    html = render_template(
        "caldav/connected.html.j2",
        ctx,
        device=device,
        url=url,
        username=username,
        password=password,
        boxes=_names(collections),
    )
    data = {
        "url": url,
        "username": username,
        "password": password,
        "collections": _collections(ctx, collections),
        "ics": _feeds(ctx, collections),
    }
    return Reply(html_to_text(html), html, data={"calendar": data})


def mine(ctx: Context, devices: Sequence[AppPassword], collections: Sequence[Collection]) -> Reply:
    html = render_template("caldav/mine.html.j2", ctx, devices=devices, boxes=_names(collections))
    data = {
        "url": _url(ctx),
        "username": login_of(ctx.sender),
        "devices": [
            {
                "device": one.device,
                "used_on": one.used_at.date().isoformat() if one.used_at else None,
            }
            for one in devices
        ],
        "collections": _collections(ctx, collections),
    }
    return Reply(html_to_text(html), html, data={"calendar": data})


def removed(ctx: Context, password: AppPassword) -> Reply:
    text = ctx.t("🔒 {device} sees your calendars no more.", device=password.device)
    return Reply(text, data={"removed": {"device": password.device}})


def feeds(ctx: Context, collections: Sequence[Collection]) -> Reply:
    found = _feeds(ctx, collections)
    if not found:
        text = ctx.t(
            "None of your Boxes shares its calendar yet. An admin types there: !calendar share"
        )
    else:
        lines = [f"{one['box']}: {one['url']}" for one in found]
        text = "\n".join(
            [
                ctx.t("🔗 Whoever knows these addresses can read the calendars. Keep them secret:"),
                *lines,
                ctx.t("Make them invalid with !calendar feed remove"),
            ]
        )
    return Reply(text, data={"calendar": {"ics": found}})


def feeds_removed(ctx: Context, count: int) -> Reply:
    text = ctx.t("🔒 Your secret calendar addresses are invalid now.")
    return Reply(text, data={"removed": {"feeds": count}})


def trash(ctx: Context, kind: Kind, found: Sequence[Deleted]) -> Reply:
    data = [
        {
            "kind": one.kind.value,
            "number": one.number,
            "title": one.title,
            "deleted_at": one.deleted_at.isoformat(),
            "deleted_by": one.actor,
        }
        for one in found
    ]
    if not found:
        return Reply(ctx.t("Nothing was deleted in the last 30 days."), data={"trash": []})
    number = found[0].number
    hint = (
        ctx.t("Bring one back: !event {number} restore", number=number)
        if kind is Kind.EVENT
        else ctx.t("Bring one back: !task {number} restore", number=number)
    )
    html = render_template("caldav/trash.html.j2", ctx, found=found, hint=hint)
    return Reply(html_to_text(html), html, data={"trash": data})


def restored(ctx: Context, one: Deleted) -> Reply:
    text = ctx.t("↩️ #{number} {title} is back.", number=one.number, title=one.title)
    data = {"kind": one.kind.value, "number": one.number, "title": one.title}
    return Reply(text, data={"restored": data})


def _url(ctx: Context) -> str:
    url = ctx.server.caldav_url if ctx.server else ""
    return f"{url.rstrip('/')}/"


def _names(collections: Sequence[Collection]) -> list[str]:
    return list(dict.fromkeys(one.box.name for one in collections))


def _collections(ctx: Context, collections: Sequence[Collection]) -> list[Json]:
    home = f"{_url(ctx)}{login_of(ctx.sender)}"
    found: dict[str, Json] = {}
    for one in collections:
        shown = found.setdefault(one.box.id, {"box": one.box.name})
        shown["events" if one.kind is Kind.EVENT else "tasks"] = f"{home}/{one.id}/"
    return list(found.values())


def _feeds(ctx: Context, collections: Sequence[Collection]) -> list[Json]:
    return [
        {
            "box": one.box.name,
            "url": f"{_url(ctx)}feed/{ctx.uow.feeds.address(ctx.sender, one.box.id)}.ics",
        }
        for one in collections
        if one.kind is Kind.EVENT
    ]
