"""What people do with links to files, here and on the web: one function for each verb."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from wecreate_module.domain.attachments import Media
from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.files import File
from wecreate_module.domain.links import (
    MAX_OPEN_LINKS,
    Link,
    LinkRules,
    LinkWish,
    as_allowed,
    new_password,
)
from wecreate_module.services.files import get_file
from wecreate_module.services.link_sealing import SealedLink, new_secret
from wecreate_module.storage.uow import UnitOfWork

USED = "files.link_used"


@dataclass(frozen=True)
class NewLink:
    """A link on its way: what it will be, and the secrets that are told once and not kept."""

    id: str
    number: int
    version: int
    media: Media
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
    uow: UnitOfWork, box: Box, number: int, wish: LinkWish, rules: LinkRules
) -> tuple[NewLink, File]:
    """Decide on a link to a file; it stands once `found_link` has written it."""
    require_active(box)
    if not rules.url:
        raise UserError(
            "links-off",
            "There are no links on this server. Ask those who run it.",
        )
    file = get_file(uow, box, number)
    wish = as_allowed(wish, rules)
    if len(uow.links.of_box(box.id)) >= MAX_OPEN_LINKS:
        raise UserError(
            "too-many-links",
            "{most} links of this Box are open. Close some first: !file links",
            most=MAX_OPEN_LINKS,
        )
    new = NewLink(
        id=secrets.token_urlsafe(16),
        number=number,
        version=file.version.number,
        media=file.version.media,
        secret=new_secret(),
        password=new_password() if wish.password else None,
        expires_at=None if wish.lasting is None else uow.now + wish.lasting,
        max_visits=wish.max_visits,
    )
    return new, file


def found_link(
    uow: UnitOfWork, box: Box, new: NewLink, sealed: SealedLink, size: int, *, actor: str
) -> Link:
    """Write a link down; `size` in bytes as the ciphertext turned out to have."""
    require_active(box)
    get_file(uow, box, new.number)
    link = Link(
        id=new.id,
        number=new.number,
        version=new.version,
        created_by=actor,
        created_at=uow.now,
        media=new.media,
        size=size,
        sealed=sealed.sealed,
        access_hash=sealed.access_hash,
        salt=sealed.salt,
        expires_at=new.expires_at,
        max_visits=new.max_visits,
    )
    uow.links.add(box.id, link)
    data = {"link": new.id, "file": link.number, "password": new.password is not None}
    uow.journal.add(box.id, "link.made", str(link.number), actor, data)
    return link


def open_links(uow: UnitOfWork, box: Box) -> list[tuple[Link, File]]:
    """Links that still let somebody in, the newest first."""
    links = [link for link in uow.links.of_box(box.id) if link.takes_visits(uow.now)]
    files = uow.files.some(box.id, list({link.number for link in links}))
    known = {file.number: file for file in files}
    return [(link, known[link.number]) for link in links if link.number in known]


def revoke_links(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> tuple[File, int]:
    """End all links to a file at once; how many there were."""
    file = get_file(uow, box, number)
    ended = uow.links.revoke(box.id, number)
    if ended:
        uow.journal.add(box.id, "link.revoked", str(number), actor, {"links": ended})
    return file, ended


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
