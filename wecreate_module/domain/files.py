"""What a file of a Box is: pure rules. The bytes lie encrypted on the homeserver, never here."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from wecreate_module.domain.attachments import Attachment, Media
from wecreate_module.domain.boxes import JOINER
from wecreate_module.domain.errors import UserError

MAX_NAME = 200
MAX_FOLDER = 120
MAX_DEPTH = 6
MAX_DESCRIPTION = 1000
MAX_VERSIONS = 100
KEPT_DELETED = timedelta(days=30)

# What Windows, macOS and Linux would stumble over in a file's name.
_FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f]')
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}$")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_HIDDEN = {"Cf", "Cs", "Co", "Cn"}


class FileStatus(StrEnum):
    HERE = "here"
    DELETED = "deleted"


@dataclass(frozen=True)
class Version:
    """One state of a file: who sent it when, and what opens its ciphertext.

    `size` in bytes as its sender declared it; `kind` is Matrix' msgtype, `info` what clients
    show it by (width, height, duration, thumbnail).
    """

    number: int
    sender: str
    sent_at: datetime
    size: int
    mimetype: str
    media: Media
    kind: str = "m.file"
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """An entry of the Box's drive; `version` is the newest one. `folder` "" is the top."""

    number: int
    name: str
    version: Version
    folder: str = ""
    description: str = ""
    status: FileStatus = FileStatus.HERE
    deleted_by: str | None = None
    deleted_at: datetime | None = None
    revision: int = 0


@dataclass(frozen=True)
class Folder:
    name: str
    files: int


@dataclass(frozen=True)
class Usage:
    """How much lies in a Box, all versions counted; `size` in bytes."""

    files: int
    size: int


def new_file(number: int, attachment: Attachment, sender: str, sent_at: datetime) -> File:
    """A file as it was sent; its caption is its description."""
    name = clean_file_name(attachment.name) or default_name(attachment)
    return File(
        number=number,
        name=name,
        version=version_of(attachment, 1, sender, sent_at),
        description=shortened(attachment.caption, MAX_DESCRIPTION),
    )


def version_of(attachment: Attachment, number: int, sender: str, sent_at: datetime) -> Version:
    declared = attachment.mimetype
    if not declared:
        declared = mimetypes.guess_type(attachment.name)[0] or "application/octet-stream"
    return Version(
        number=number,
        sender=sender,
        sent_at=sent_at,
        size=attachment.size,
        mimetype=declared,
        media=attachment.media,
        kind=attachment.kind,
        info=dict(attachment.info),
    )


def default_name(attachment: Attachment) -> str:
    """For a file without a name that could be kept."""
    ending = mimetypes.guess_extension(attachment.mimetype) if attachment.mimetype else None
    return f"{attachment.kind.removeprefix('m.')}{ending or ''}"


def clean_file_name(text: str) -> str:
    """A name that every system takes: no path, nothing invisible; "" if nothing is left.

    Too long ones are cut before their extension.
    """
    last = re.split(r"[/\\]", text)[-1]
    line = _one_line(_FORBIDDEN.sub("_", last)).strip(". ")
    if len(line) <= MAX_NAME:
        return line
    found = _EXTENSION.search(line)
    ending = found[0] if found else ""
    return line[: MAX_NAME - len(ending)].rstrip() + ending


def unique_paths(files: Sequence[File]) -> list[str]:
    """`Protokolle/Mai.pdf`; those called alike get their number: `Mai (3).pdf`."""
    seen: set[str] = set()
    paths = []
    for file in files:
        folder = f"{file.folder}/" if file.folder else ""
        path = folder + file.name
        found = _EXTENSION.search(file.name)
        ending = found[0] if found else ""
        stem = folder + file.name.removesuffix(ending)
        while path.casefold() in seen:  # somebody may have called a file `Mai (3).pdf`
            stem = f"{stem} ({file.number})"
            path = stem + ending
        seen.add(path.casefold())
        paths.append(path)
    return paths


def new_name(text: str, before: str) -> str:
    """What somebody typed as a file's name; it keeps its extension when none was typed."""
    if "/" in text or "\\" in text:
        raise UserError(
            "file-name-path",
            "A name can't hold a slash. To move a file: !file 3 folder Minutes",
        )
    name = clean_file_name(text)
    if not name:
        raise UserError("file-name-missing", "There is no name in it. Write a few letters.")
    found = _EXTENSION.search(before)
    if found and not _EXTENSION.search(name):
        name = clean_file_name(name + found[0])
    return name


def clean_folder(text: str) -> str:
    """`Protokolle/2026`; "/" alone is the top, "". Raises UserError when it is too long or deep."""
    parts = [
        part
        for piece in re.split(r"[/\\]", text)
        if (part := _one_line(_FORBIDDEN.sub("_", piece)).strip(". "))
    ]
    folder = "/".join(parts)
    if len(folder) > MAX_FOLDER or len(parts) > MAX_DEPTH:
        raise UserError(
            "folder-too-long",
            "That folder's name is too long: at most {most} characters and {deep} folders inside "
            "each other.",
            most=MAX_FOLDER,
            deep=MAX_DEPTH,
        )
    return folder


def clean_description(text: str) -> str:
    """Lines are kept; empty takes the description away."""
    lines = (_one_line(line) for line in text.splitlines())
    said = "\n".join(lines).strip()
    if len(said) > MAX_DESCRIPTION:
        raise UserError(
            "description-too-long",
            "That is too long: {length} characters, at most {most} fit.",
            length=len(said),
            most=MAX_DESCRIPTION,
        )
    return said


def shortened(text: str, most: int) -> str:
    """What came with a file is never a reason to refuse it."""
    said = "\n".join(_one_line(line) for line in text[: most * 4].splitlines()).strip()
    return said if len(said) <= most else said[: most - 1] + "…"


def _one_line(text: str) -> str:
    seen = "".join(
        c if c.isprintable() or c == JOINER else "" if unicodedata.category(c) in _HIDDEN else " "
        for c in unicodedata.normalize("NFC", text)
    )
    return " ".join(seen.split())


def delete(file: File, who: str, now: datetime) -> File:
    return replace(file, status=FileStatus.DELETED, deleted_by=who, deleted_at=now)


def undelete(file: File) -> File:
    return replace(file, status=FileStatus.HERE, deleted_by=None, deleted_at=None)


# Finding

_KINDS: dict[str, str] = {
    "image": "bild bilder foto fotos image images photo photos picture",
    "video": "video videos film",
    "audio": "ton audio aufnahme musik",
    "text": "text",
}
_ENDINGS: dict[str, str] = {
    "pdf": "dokument document",
    "doc": "dokument document word",
    "docx": "dokument document word",
    "odt": "dokument document writer",
    "md": "dokument document",
    "txt": "dokument document",
    "xls": "tabelle table spreadsheet excel",
    "xlsx": "tabelle table spreadsheet excel",
    "ods": "tabelle table spreadsheet calc",
    "ppt": "folien slides presentation powerpoint",
    "pptx": "folien slides presentation powerpoint",
    "odp": "folien slides presentation impress",
    "zip": "archiv archive",
}
# Days as people type them, and as they stand in the line: 2026-11-22.
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?$")
_MONTH = re.compile(r"(\d{1,2})[./](\d{4})$")


def folded(text: str) -> str:
    """As words are compared: no capitals, umlauts as ae, oe, ue, on one line."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)
    return " ".join(plain.split())


def search_line(file: File, sender_name: str, zone: tzinfo) -> str:
    """All that a file is found by: names, folder, words, people, type, day (in the Box's zone)."""
    version = file.version
    day = version.sent_at.astimezone(zone)
    ending = file.name.rpartition(".")[2].casefold()
    words = (
        file.name,
        file.folder,
        file.description,
        version.sender.partition(":")[0],
        sender_name,
        version.mimetype,
        _KINDS.get(version.mimetype.partition("/")[0], ""),
        _ENDINGS.get(ending, ""),
        f"{day:%Y-%m-%d}",
    )
    return folded(" ".join(words))


def search_words(text: str) -> tuple[str, ...]:
    """Each must be found; the longest comes first, for it is the rarest."""
    words = dict.fromkeys(_as_in_line(word) for word in folded(text).split())
    return tuple(sorted(words, key=len, reverse=True))[:12]


def _as_in_line(word: str) -> str:
    """`22.11.2026` is 2026-11-22, `22.11.` -11-22, `11.2026` 2026-11; all else stays."""
    if found := _DAY.match(word):
        return f"{found[3] or ''}-{int(found[2]):02}-{int(found[1]):02}"
    if found := _MONTH.match(word):
        return f"{found[2]}-{int(found[1]):02}"
    return word
