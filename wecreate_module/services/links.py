"""What people do with links to files, here and on the web: one function for each verb."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.files import File, FileStatus, unique_paths
from wecreate_module.domain.links import (
    DEFAULT_DAYS,
    MAX_LINKED,
    MAX_OPEN_LINKS,
    SEVERAL,
    Link,
    LinkedFile,
    LinkRules,
    LinkWish,
    as_allowed,
    new_password,
)
from wecreate_module.services.files import get_file
from wecreate_module.services.link_sealing import SealedLink, new_secret
from wecreate_module.storage.uow import UnitOfWork

Json = dict[str, Any]
USED = "files.link_used"
EXPORT_LASTS = timedelta(days=1)
CHUNK = 500
"""Files asked for at once: SQLite takes so many values in a query."""


@dataclass(frozen=True)
class NewLink:
    """A link on its way: what it will be, and the secrets that are told once and not kept."""

    id: str
    number: int
    version: int
    files: tuple[LinkedFile, ...]
    secret: str
    password: str | None
    expires_at: datetime | None
    max_visits: int | None


class Refused(Exception):
    """A visitor can't come in: "gone", "used-up", "wrong", or "wait" so many seconds."""

    def __init__(self, why: str, seconds: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.seconds = seconds


def prepare_link(
    uow: UnitOfWork, box: Box, numbers: Sequence[int], wish: LinkWish | None, rules: LinkRules
) -> tuple[NewLink, list[File]]:
    """Decide on a link to these files; it stands once `found_link` has written it."""
    require_active(box)
    if not rules.url:
        raise UserError(
            "links-off",
            "There are no links on this server. Ask those who run it.",
        )
    found = _files(uow, box, numbers)
    wish = as_allowed(wish or link_defaults(uow, box), rules)
    if len(uow.links.of_box(box.id)) >= MAX_OPEN_LINKS:
        raise UserError(
            "too-many-links",
            "{most} links of this Box are open. Close some first: !file links",
            most=MAX_OPEN_LINKS,
        )
    only = found[0] if len(found) == 1 else None
    new = NewLink(
        id=secrets.token_urlsafe(16),
        number=only.number if only else SEVERAL,
        version=only.version.number if only else SEVERAL,
        files=tuple(LinkedFile(file.number, file.version.media) for file in found),
        secret=new_secret(),
        password=(wish.own_password or new_password()) if wish.password else None,
        expires_at=None if wish.lasting is None else uow.now + wish.lasting,
        max_visits=wish.max_visits,
    )
    return new, found


def prepare_export(
    uow: UnitOfWork, box: Box, wish: LinkWish | None, rules: LinkRules
) -> tuple[NewLink, list[File]]:
    """A link to all that lies in the drive, for EXPORT_LASTS where nothing else was said."""
    every = [file.number for file in uow.files.all(box.id) if file.status is FileStatus.HERE]
    if not every:
        raise UserError("no-files", "There is no file here yet.")
    return prepare_link(uow, box, every, wish or LinkWish(EXPORT_LASTS), rules)


def prepare_offer(
    uow: UnitOfWork, box: Box, file: File, rules: LinkRules
) -> tuple[NewLink, list[File]]:
    """A link for the Box's own people, to a file that fits into no message."""
    wish = LinkWish(min(timedelta(days=DEFAULT_DAYS), timedelta(days=rules.max_days)))
    return prepare_link(uow, box, (file.number,), wish, rules)


def about_of(new: NewLink, files: Sequence[File], title: str) -> Json:
    """What is sealed for visitors; of a single file the fetch adds size and digests."""
    expires_at = new.expires_at.isoformat() if new.expires_at else None
    if len(files) == 1:
        (file,) = files
        about = {"name": file.name, "mimetype": file.version.mimetype}
        return {**about, "expires_at": expires_at}
    paths = unique_paths(files)
    each = [
        {
            "path": path,
            "size": file.version.size,
            "key": file.version.media.key,
            "iv": file.version.media.iv,
            "sha256": file.version.media.sha256,
        }
        for path, file in zip(paths, files, strict=True)
    ]
    return {"name": title, "files": each, "expires_at": expires_at}


def _files(uow: UnitOfWork, box: Box, numbers: Sequence[int]) -> list[File]:
    if len(numbers) > MAX_LINKED:
        raise UserError(
            "too-many-files", "At most {most} files fit behind one link.", most=MAX_LINKED
        )
    if len(numbers) == 1:
        return [get_file(uow, box, numbers[0])]
    found = [
        file
        for first in range(0, len(numbers), CHUNK)
        for file in uow.files.some(box.id, numbers[first : first + CHUNK])
        if file.status is FileStatus.HERE
    ]
    missing = sorted(set(numbers) - {file.number for file in found})
    if missing:
        raise UserError(
            "file-not-found",
            "There is no file #{number} here. See all with !files",
            number=missing[0],
        )
    return found


def link_defaults(uow: UnitOfWork, box: Box) -> LinkWish:
    """How links of this Box begin, where nothing else is said."""
    chosen = uow.file_settings.get(box.id).get("links")
    if chosen is None:
        return LinkWish()
    hours = chosen["hours"]
    lasting = None if hours is None else timedelta(hours=hours)
    return LinkWish(lasting, chosen["max_visits"], chosen["password"])


def choose_link_defaults(
    uow: UnitOfWork, box: Box, wish: LinkWish, rules: LinkRules, *, actor: str
) -> LinkWish:
    require_active(box)
    if wish.own_password:
        raise UserError(
            "default-password", "Every link gets a password of its own. Only write: password"
        )
    wish = as_allowed(wish, rules)
    hours = None if wish.lasting is None else int(wish.lasting / timedelta(hours=1))
    chosen = {"hours": hours, "max_visits": wish.max_visits, "password": wish.password}
    uow.file_settings.change(box.id, links=chosen)
    uow.journal.add(box.id, "link.defaults", "", actor, chosen)
    return wish


def found_link(
    uow: UnitOfWork, box: Box, new: NewLink, sealed: SealedLink, size: int, *, actor: str
) -> Link:
    """Write a link down; `size` in bytes as the ciphertext turned out to have."""
    require_active(box)
    for each in new.files:
        get_file(uow, box, each.number)
    link = Link(
        id=new.id,
        number=new.number,
        version=new.version,
        created_by=actor,
        created_at=uow.now,
        files=new.files,
        size=size,
        sealed=sealed.sealed,
        access_hash=sealed.access_hash,
        salt=sealed.salt,
        kdf=sealed.kdf,
        expires_at=new.expires_at,
        max_visits=new.max_visits,
    )
    uow.links.add(box.id, link)
    data = {"link": new.id, "file": link.number, "password": new.password is not None}
    uow.journal.add(box.id, "link.made", str(link.number), actor, data)
    return link


def open_links(uow: UnitOfWork, box: Box) -> list[tuple[Link, File | None]]:
    """Links that still let somebody in, the newest first; no file for those to several."""
    links = [link for link in uow.links.of_box(box.id) if link.takes_visits(uow.now)]
    files = uow.files.some(box.id, list({link.number for link in links}))
    known = {file.number: file for file in files}
    return [
        (link, known.get(link.number))
        for link in links
        if link.number in known or link.number == SEVERAL
    ]


def largest_link(uow: UnitOfWork, box: Box) -> Link | None:
    """The open link of a Box whose end would make most room."""
    return max(uow.links.of_box(box.id), key=lambda link: link.size, default=None)


def revoke_links(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> tuple[File, int]:
    """End all links to a file at once; how many there were."""
    file = get_file(uow, box, number)
    ended = uow.links.revoke(box.id, number)
    if ended:
        uow.journal.add(box.id, "link.revoked", str(number), actor, {"links": ended})
    return file, ended


def revoke_all(uow: UnitOfWork, box: Box, *, actor: str) -> int:
    """End every link of the Box; how many there were."""
    ended = uow.links.revoke_all(box.id)
    if ended:
        uow.journal.add(box.id, "link.revoked", "", actor, {"links": ended})
    return ended


def look_at(uow: UnitOfWork, link_id: str) -> Link:
    """For somebody who has the address; raises Refused when it lets nobody in any more."""
    found = uow.links.get(link_id)
    if found is None or not found[1].is_open(uow.now):
        raise Refused("gone")
    if not found[1].takes_visits(uow.now):
        raise Refused("used-up")
    return found[1]


def let_in(uow: UnitOfWork, link_id: str, access: bytes) -> Link:
    """Check what a visitor shows. Behind a password many wrong ones have to wait.

    Without one there is nothing to guess, and nobody shall shut others out by trying.
    To keep what is noted, the transaction must be committed though Refused was raised.
    """
    link = look_at(uow, link_id)
    wait = link.wait(uow.now)
    if wait:
        raise Refused("wait", int(wait.total_seconds()) + 1)
    if not hmac.compare_digest(hashlib.sha256(access).digest(), link.access_hash):
        if link.salt is not None:
            uow.links.note_wrong(link)
        raise Refused("wrong")
    uow.links.note_right(link)
    return link


def visit(uow: UnitOfWork, link_id: str, access: bytes) -> Link:
    """Count a visit; of two at once for the last place one is refused. The Box hears of the first.

    As for `let_in`, commit whatever is raised.
    """
    link = let_in(uow, link_id, access)
    which = uow.links.visit(link_id)
    if which is None:
        raise Refused("used-up")
    found = uow.links.get(link_id)
    if which == 1 and found is not None:
        uow.schedule.put(
            uow.now,
            USED,
            key=f"{USED}:{link_id}",
            box_id=found[0],
            subject=f"link:{link_id}",
            payload={"link": link_id},
        )
    return link


def still_open(uow: UnitOfWork, link_id: str) -> Link:
    """For somebody who was let in: until it expires or is revoked, though all visits are used."""
    found = uow.links.get(link_id)
    if found is None or not found[1].is_open(uow.now):
        raise Refused("gone")
    return found[1]
