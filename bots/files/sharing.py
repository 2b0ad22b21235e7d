"""`!datei 3 teilen`: links for people without an account."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from bots.files import link_views
from bots.files.places import box_of, rules_of
from bots.kit.arguments import ArgumentType, Text
from bots.kit.context import Context
from bots.kit.registry import (
    Command,
    Continuation,
    Scheduler,
    argument,
    command,
    continuation,
    scheduled,
)
from bots.kit.replies import Replies
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.effects import SealLink
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.links import LinkWish, read_wish
from wecreate_module.services import links
from wecreate_module.services.link_sealing import SealedLink
from wecreate_module.services.links import NewLink
from wecreate_module.storage.schedule import Scheduled

SEALED = "files.link_sealed"


class WishText(ArgumentType[LinkWish]):
    """`7 tage max 5 passwort`; nothing is a week."""

    def __init__(self) -> None:
        self._text = Text(200)

    def take(self, words: Any, ctx: Context) -> int:  # noqa: ANN401 - as Text takes them
        return self._text.take(words, ctx)

    def parse(self, text: str, ctx: Context) -> LinkWish:
        return read_wish(self._text.parse(text, ctx))


@command(
    "datei # teilen",
    "file # share",
    area="files",
    summary="Get a link to a file for people without an account",
    examples=(
        ("!datei 3 teilen", "!file 3 share"),
        ("!datei 3 teilen 7 tage max 5 passwort", "!file 3 share 7 days max 5 password"),
    ),
)
@argument("wish", WishText(), "wie lange, wie oft", "how long, how often", optional=True)
def share(ctx: Context, number: int, wish: LinkWish | None) -> Replies:
    """Answered by files.link_sealed, when the file was fetched and checked."""
    wanted = wish or LinkWish()
    new, file = links.prepare_link(ctx.uow, box_of(ctx), number, wanted, rules_of(ctx))
    about = {
        "name": file.name,
        "mimetype": file.version.mimetype,
        "expires_at": new.expires_at.isoformat() if new.expires_at else None,
    }
    effect = SealLink(new.id, new.secret, new.password, asdict(new.media), about)
    kept = {
        "number": new.number,
        "version": new.version,
        "expires_at": about["expires_at"],
        "max_visits": new.max_visits,
    }
    ctx.put(effect, then=SEALED, extra=kept)
    return None


@continuation(SEALED)
def sealed(ctx: Context, effect: SealLink, result: dict[str, Any]) -> Replies:
    """`{"link": {"url", "expires_at", "max_visits", "password"}, "file"}`."""
    if "failed" in result:
        raise _failed(str(result["failed"]), int(ctx.extra["number"]))
    expires_at = ctx.extra["expires_at"]
    new = NewLink(
        id=effect.link_id,
        number=int(ctx.extra["number"]),
        version=int(ctx.extra["version"]),
        media=Media(**effect.media),
        secret=effect.secret,
        password=effect.password,
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
        max_visits=ctx.extra["max_visits"],
    )
    parts = SealedLink.from_json(result)
    links.found_link(ctx.uow, box_of(ctx), new, parts, int(result["size"]), actor=ctx.sender)
    return link_views.shared(ctx, new, str(effect.about["name"]), rules_of(ctx))


def _failed(why: str, number: int) -> UserError:
    if why == "altered":
        return UserError(
            "file-altered",
            "I can't share #{number}: its bytes on the server are not those that were sent. "
            "Send it once more.",
            number=number,
        )
    if why == "too-large":
        return UserError(
            "file-too-large", "#{number} is too large for a link on this server.", number=number
        )
    return UserError(
        "no-room", "There is no room for links on the server at the moment. Try again later."
    )


@command(
    "datei # sperren",
    "file # revoke",
    area="files",
    summary="Close all links to a file at once",
    examples=(("!datei 3 sperren", "!file 3 revoke"),),
    reading=True,
)
def revoke(ctx: Context, number: int) -> Replies:
    """`{"file": {…}, "revoked": <how many>}`."""
    file, ended = links.revoke_links(ctx.uow, box_of(ctx), number, actor=ctx.sender)
    return link_views.revoked(ctx, file, ended)


@command(
    "datei links",
    "file links",
    area="files",
    summary="See the open links of this Box",
    examples=(("!datei links", "!file links"),),
    aliases=("dateien links",),
    reading=True,
)
def show_links(ctx: Context) -> Replies:
    """`{"links": [{"number", "name", "expires_at", "max_visits", "visits", "password", "by"}]}`."""
    return link_views.listing(ctx, links.open_links(ctx.uow, box_of(ctx)))


@scheduled(links.USED, reading=True)
def used(ctx: Context, item: Scheduled) -> Replies:
    """Somebody came by a link for the first time."""
    found = ctx.uow.links.get(str(item.payload["link"]))
    file = ctx.uow.files.get(box_of(ctx).id, found[1].number) if found is not None else None
    if found is None or file is None:
        return None
    return link_views.used(ctx, file, found[1])


COMMANDS: tuple[Command, ...] = (share, revoke, show_links)
CONTINUATIONS: tuple[Continuation, ...] = (sealed,)
SCHEDULED: tuple[Scheduler, ...] = (used,)
