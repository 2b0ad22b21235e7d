"""Requests for files ("Dateianfragen"): a link by which people without an account send files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.files import clean_folder
from wecreate_module.domain.links import LinkRules, LinkWish, as_allowed, read_wish

MAX_TITLE = 100
MAX_OPEN_REQUESTS = 100
MOST_FILES = 1000
MAX_LETTER = 4000
"""Bytes of what a visitor's browser seals about one file."""
ABANDONED = timedelta(hours=24)
"""A file whose bytes stopped coming is forgotten after this."""


class UploadState(StrEnum):
    OPEN = "open"
    """Bytes are coming."""
    WHOLE = "whole"
    """All are here; the bot brings them into the Box."""
    ENTERED = "entered"
    REFUSED = "refused"


@dataclass(frozen=True)
class RequestWish:
    """What somebody asks for; `max_files` None is what the operator allows."""

    title: str
    lasting: timedelta | None
    max_files: int | None = None


@dataclass(frozen=True)
class FileRequest:
    """`record` opens with the link's secret alone; `private_key` opens what is sent by it.

    `max_size` of one file, in bytes. `folder` is where the files go.
    """

    id: str
    number: int
    created_by: str
    created_at: datetime
    title: str
    folder: str
    private_key: str = field(repr=False)
    record: bytes
    access_hash: bytes
    expires_at: datetime | None
    max_files: int
    max_size: int
    closed_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class Upload:
    """A file on its way. `size` in bytes, of ciphertext and clear text alike."""

    id: str
    request_id: str
    box_id: str
    size: int
    state: UploadState
    letter: bytes | None
    started_at: datetime
    touched_at: datetime


def read_request(text: str, rules: LinkRules) -> RequestWish:
    """`Fotos vom Fest 14 tage max 20`: the limits, if any, are the last words.

    Raises UserError where the operator allows less.
    """
    words = text.split()
    wish, title = LinkWish(), words
    for start in range(1, len(words)):
        try:
            found = read_wish(" ".join(words[start:]))
        except UserError as error:
            if error.code == "link-unclear":
                continue
            raise
        wish, title = found, words[:start]
        break
    wish = as_allowed(wish, rules)
    if wish.max_visits is not None and wish.max_visits > rules.request_files:
        raise UserError(
            "request-files",
            "By one link at most {most} files can be sent. Type it like "
            "!file request Photos max {most}",
            most=rules.request_files,
        )
    return RequestWish(_title(" ".join(title)), wish.lasting, wish.max_visits)


def folder_of(title: str) -> str:
    """What comes by a request lies together; a title is no path."""
    return clean_folder(title.replace("/", " ").replace("\\", " "))


def _title(text: str) -> str:
    seen = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not seen:
        raise UserError("request-title", "What shall be sent? Like !file request Photos")
    if len(seen) > MAX_TITLE:
        raise UserError(
            "text-too-long",
            "That is too long: {length} characters, at most {most} fit.",
            length=len(seen),
            most=MAX_TITLE,
        )
    return seen
