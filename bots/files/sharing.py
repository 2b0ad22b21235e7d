"""`!datei 3 teilen`: links for people without an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bots.files import link_views
from bots.files.places import rules_of
from bots.files.views import size_words
from bots.kit.arguments import ArgumentType, Text
from bots.kit.context import Context, box_of
from bots.kit.registry import (
    Command,
    Continuation,
    Scheduler,
    argument,
    command,
    continuation,
    scheduled,
)
from bots.kit.replies import Replies, Reply
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.effects import SealLink
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.files import File
from wecreate_module.domain.links import (
    SEVERAL,
    LinkedFile,
    LinkWish,
    read_numbers,
    read_wish,
)
from wecreate_module.services import links
from wecreate_module.services.link_sealing import SealedLink
from wecreate_module.services.links import NewLink
from wecreate_module.storage.schedule import Scheduled

SEALED = "files.link_sealed"
_MANY = 100


class WishText(ArgumentType[LinkWish]):
    """`7 tage max 5 passwort`; what is not said is as the Box's admins chose."""

    def __init__(self) -> None:
        self._text = Text(250)

    def take(self, words: Any, ctx: Context) -> int:  # noqa: ANN401 - as Text takes them
        return self._text.take(words, ctx)

    def parse(self, text: str, ctx: Context) -> LinkWish:
        base = links.link_defaults(ctx.uow, box_of(ctx))
        return read_wish(self._text.parse(text, ctx), base)


@command(
    "datei # teilen",
    "file # share",
    area="files",
    summary="Get a link to a file for people without an account",
    examples=(
        ("!datei 3 teilen", "!file 3 share"),
        ("!datei 3 teilen 7 tage max 5 passwort", "!file 3 share 7 days max 5 password"),
        ('!datei 3 teilen passwort "Rosen im Mai"', '!file 3 share password "Roses in May"'),
    ),
    aliases=("datei # link", "file # link"),
)
@argument("wish", WishText(), "wie lange, wie oft", "how long, how often", optional=True)
def share(ctx: Context, number: int, wish: LinkWish | None) -> Replies:
    """Answered by files.link_sealed, when the file was fetched and checked."""
    prepared = links.prepare_link(ctx.uow, box_of(ctx), (number,), wish, rules_of(ctx))
    return seal(ctx, *prepared)


@command(
    "dateien teilen",
    "files share",
    area="files",
    summary="Get one link to several files: they come as a ZIP",
    examples=(
        ("!dateien teilen 3 5-7", "!files share 3 5-7"),
        ("!dateien teilen 3, 4 14 tage passwort", "!files share 3, 4 14 days password"),
    ),
)
@argument("text", Text(1000), "nummern", "numbers", ask="Which files? Like 3 5-7")
def share_several(ctx: Context, text: str) -> Replies:
    """As for a single file; `number` is 0."""
    numbers, rest = read_numbers(text)
    if not numbers:
        raise UserError("file-numbers", "Which files? Like !files share 3 5-7")
    box = box_of(ctx)
    wish = read_wish(rest, links.link_defaults(ctx.uow, box))
    return seal(ctx, *links.prepare_link(ctx.uow, box, numbers, wish, rules_of(ctx)))


@command(
    "dateien export",
    "files export",
    area="files",
    summary="Get all files with their folders as one ZIP, by a link that lasts a day",
    examples=(
        ("!dateien export", "!files export"),
        ("!dateien export 3 stunden passwort", "!files export 3 hours password"),
    ),
    aliases=("dateien sichern",),
    power=Power.MODERATOR,
)
@argument("text", Text(250), "wie lange", "how long", optional=True)
def export(ctx: Context, text: str | None) -> Replies:
    """As for a single file; `number` is 0."""
    wish = read_wish(text, LinkWish(links.EXPORT_LASTS)) if text else None
    return seal(ctx, *links.prepare_export(ctx.uow, box_of(ctx), wish, rules_of(ctx)))


def seal(
    ctx: Context,
    new: NewLink,
    files: Sequence[File],
    then: str = SEALED,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Replies:
    """Have the link made; `then` goes on with `made`, and finds `more` in its extra."""
    title = ctx.t("{n} files of {box}", n=len(files), box=box_of(ctx).name)
    about = links.about_of(new, files, title)
    every = [asdict(each.media) for each in new.files]
    media = every[0] if len(every) == 1 else {"several": every}
    effect = SealLink(new.id, new.secret, new.password, media, about)
    kept = {
        "number": new.number,
        "version": new.version,
        "files": [asdict(each) for each in new.files],
        "expires_at": about["expires_at"],
        "max_visits": new.max_visits,
        **more,
    }
    ctx.put(effect, then=then, extra=kept)
    if len(files) < _MANY:
        return None
    n = len(files)
    return Reply(ctx.ngettext("📦 I am fetching one file …", "📦 I am fetching {n} files …", n))


@continuation(SEALED)
def sealed(ctx: Context, effect: SealLink, result: dict[str, Any]) -> Replies:
    """`{"link": {"url", "expires_at", "max_visits", "password"}, "number"}`.

    `left_out` are the numbers of files whose bytes the homeserver has no more.
    """
    new = made(ctx, effect, result, ctx.sender)
    left_out = [ctx.extra["files"][place]["number"] for place in result.get("gone", ())]
    name = str(effect.about["name"])
    return link_views.shared(ctx, new, name, rules_of(ctx), left_out)


def made(ctx: Context, effect: SealLink, result: dict[str, Any], actor: str) -> NewLink:
    """Write down a link that was sealed; raises UserError when it can't be."""
    if "failed" in result:
        raise _failed(ctx, result)
    expires_at, gone = ctx.extra["expires_at"], set(result.get("gone", ()))
    new = NewLink(
        id=effect.link_id,
        number=int(ctx.extra["number"]),
        version=int(ctx.extra["version"]),
        files=tuple(
            LinkedFile(each["number"], Media(**each["media"]))
            for place, each in enumerate(ctx.extra["files"])
            if place not in gone
        ),
        secret=effect.secret,
        password=effect.password,
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
        max_visits=ctx.extra["max_visits"],
    )
    parts = SealedLink.from_json(result)
    links.found_link(ctx.uow, box_of(ctx), new, parts, int(result["size"]), actor=actor)
    return new


def _failed(ctx: Context, result: Mapping[str, Any]) -> UserError:
    why = str(result["failed"])
    if why == "gone":
        return UserError(
            "file-gone",
            "The server has the bytes no more. Whoever still has the file: send it once more.",
        )
    if why == "altered":
        return UserError(
            "file-altered",
            "I can't share #{number}: its bytes on the server are not those that were sent. "
            "Send it once more.",
            number=int(ctx.extra["number"]),
        )
    return _no_room(ctx, why, int(result.get("room", 0)))


def _no_room(ctx: Context, why: str, room: int) -> UserError:
    """What an open link needs is never thrown out: which link to end, and what can be raised."""
    if why == "too-large":
        return UserError(
            "file-too-large",
            "That is too large for a link: {room} fit behind one here. Share less at once, or ask "
            "those who run the server for more room (files.cache_mb).",
            room=size_words(ctx, room),
        )
    if not room:
        return UserError(
            "no-room",
            "The server's disk is full. Try again later, or tell those who run it.",
        )
    link = links.largest_link(ctx.uow, box_of(ctx))
    if link is None:
        return UserError(
            "no-room",
            "Open links of other groups take all the room ({room}). Try again later, or ask those "
            "who run the server for more (files.cache_mb).",
            room=size_words(ctx, room),
        )
    return UserError(
        "no-room",
        "Open links take all the room ({room}). End one that nobody needs any more: !file {number} "
        "revoke frees up to {size}. Or ask those who run the server for more room "
        "(files.cache_mb).",
        room=size_words(ctx, room),
        number=link.files[0].number,
        size=size_words(ctx, link.size),
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
    "datei links sperren",
    "file links revoke",
    area="files",
    summary="Close all links of this Box at once",
    examples=(("!datei links sperren", "!file links revoke"),),
    aliases=("dateien links sperren",),
    power=Power.MODERATOR,
    reading=True,
)
def revoke_all(ctx: Context) -> Replies:
    """`{"revoked": <how many>}`."""
    ended = links.revoke_all(ctx.uow, box_of(ctx), actor=ctx.sender)
    return link_views.revoked_all(ctx, ended)


@command(
    "datei links standard",
    "file links default",
    area="files",
    summary="Choose how links of this Box begin, where nothing else is said",
    examples=(("!datei links standard 3 tage passwort", "!file links default 3 days password"),),
    power=Power.ADMIN,
)
@argument("text", Text(200), "wie lange, wie oft", "how long, how often", optional=True)
def defaults(ctx: Context, text: str | None) -> Replies:
    """`{"defaults": {"hours", "max_visits", "password"}}`."""
    box = box_of(ctx)
    wish = links.link_defaults(ctx.uow, box)
    if text is not None:
        chosen = read_wish(text)
        wish = links.choose_link_defaults(ctx.uow, box, chosen, rules_of(ctx), actor=ctx.sender)
    return link_views.defaults(ctx, wish)


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
    if found is None:
        return None
    link = found[1]
    file = ctx.uow.files.get(box_of(ctx).id, link.number) if link.number != SEVERAL else None
    if file is None and link.number != SEVERAL:
        return None
    return link_views.used(ctx, file, link)


COMMANDS: tuple[Command, ...] = (
    share,
    share_several,
    export,
    revoke,
    revoke_all,
    defaults,
    show_links,
)
CONTINUATIONS: tuple[Continuation, ...] = (sealed,)
SCHEDULED: tuple[Scheduler, ...] = (used,)
