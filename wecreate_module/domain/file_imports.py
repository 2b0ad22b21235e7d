"""Files brought in from a ZIP or another cloud: what is taken, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.files import clean_file_name, clean_folder

MAX_ENTRIES = 5000
MAX_TOTAL = 20_000_000_000
"""Bytes of one import."""
MAX_RATIO = 200
"""A ZIP that unpacks to more than so many times its size is a trap."""
MIN_SUSPECT = 10_000_000
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Found:
    """A file over there. `ref` is how it is fetched, `path` how it is called; `size` in bytes."""

    ref: str
    path: str
    size: int


@dataclass(frozen=True)
class Plan:
    """What will be brought in, and how many files will not, by why."""

    take: tuple[Found, ...]
    left: dict[str, int]


@dataclass(frozen=True)
class FileImport:
    """One on its way. `source` says where from, with what logs in there."""

    id: str
    created_by: str
    source: dict[str, Any]
    folder: str
    take: tuple[Found, ...] = ()
    left: dict[str, int] | None = None
    done: int = 0


def plan(found: Sequence[Found], largest: int) -> Plan:
    """Leave out litter and what is larger than the homeserver takes; raises UserError for traps."""
    if len(found) > MAX_ENTRIES:
        raise UserError(
            "import-too-many",
            "There are more than {most} files. Bring them in folder by folder.",
            most=MAX_ENTRIES,
        )
    take, left = [], {"too-large": 0, "nameless": 0}
    for each in found:
        if any(part in _LITTER for part in each.path.split("/")):
            continue
        if not name_and_folder(each.path, "")[0]:
            left["nameless"] += 1
        elif each.size > largest:
            left["too-large"] += 1
        else:
            take.append(each)
    if sum(each.size for each in take) > MAX_TOTAL:
        raise UserError("import-too-large", "That is too much at once. Bring it in by parts.")
    return Plan(tuple(take), left)


def name_and_folder(path: str, below: str) -> tuple[str, str]:
    """A file's name and its folder in the drive; ".." and the like lead nowhere."""
    *folders, name = path.replace("\\", "/").split("/")
    inside = [part for part in folders if part.strip(". ")]
    parts = [part for part in [below, *inside] if part]
    while True:
        try:
            return clean_file_name(name), clean_folder("/".join(parts))
        except UserError:  # too deep or too long: the last folders are left out
            parts.pop()


def is_trap(packed: int, sizes: Sequence[int]) -> bool:
    """Whether a ZIP of `packed` bytes says that it holds unbelievably much."""
    whole = sum(sizes)
    return whole > MIN_SUSPECT and whole > packed * MAX_RATIO


def read_address(text: str) -> dict[str, str]:
    """`https://cloud.example/s/AbC [user] [password]` as a source; raises UserError."""
    words = text.split()
    if not words or len(words) > 3:  # noqa: PLR2004 - address, user, password
        raise _unclear()
    url, user, password = [*words, "", ""][:3]
    try:
        parts = urlsplit(url.strip("<>"))
    except ValueError as error:
        raise _unclear() from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _unclear()
    path = parts.path.rstrip("/")
    before, _, token = path.rpartition("/s/")
    if token and "/" not in token and "/dav" not in before:
        # A share link of Nextcloud or ownCloud: the token is the login.
        base = before.removesuffix("/index.php")
        path, user, password = f"{base}/public.php/webdav", token, user
    address = urlunsplit((parts.scheme, parts.netloc, f"{path}/", "", ""))
    return {"kind": "webdav", "url": address, "user": user, "password": password}


def _unclear() -> UserError:
    return UserError(
        "import-address",
        "Reply to a ZIP file, or give a shared folder's address: "
        "!files import https://cloud.example.org/s/AbCdEf",
    )
