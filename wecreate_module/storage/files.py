"""The Box's drive as rows: files, their versions, the messages that show them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from wecreate_module.domain.attachments import Media
from wecreate_module.domain.files import File, FileStatus, Folder, Usage, Version, folded
from wecreate_module.storage.boxes import BoxRepository
from wecreate_module.storage.entries import Numbered
from wecreate_module.storage.file_search import TEXT_PAGE, FileSearch
from wecreate_module.storage.file_tables import file_posts, file_text_pages, file_versions, files
from wecreate_module.storage.journal import Journal
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import upsert

Json = dict[str, Any]

_OF_BOX = files.c.box_id == bindparam("box")
_ONE = (_OF_BOX, files.c.number == bindparam("num"))
_ROWS = select(files.c.number, files.c.revision, files.c.sealed)
_GET = _ROWS.where(*_ONE)
_HERE = (_OF_BOX, files.c.status == FileStatus.HERE.value)
_NEWEST = _ROWS.where(*_HERE).order_by(files.c.number.desc()).limit(bindparam("most"))
_IN_FOLDER = _NEWEST.where(files.c.folder_mark == bindparam("mark"))
_SOME = _ROWS.where(_OF_BOX, files.c.number.in_(bindparam("numbers", expanding=True)))
_SAME_NAME = (
    _ROWS.where(*_HERE)
    .where(files.c.name_mark == bindparam("mark"))
    .order_by(files.c.number.desc())
    .limit(1)
)
_FOLDERS = (
    select(func.max(files.c.number).label("newest"), func.count().label("files"))
    .where(*_HERE)
    .group_by(files.c.folder_mark)
)
_POST = select(file_posts.c.number, file_posts.c.version).where(
    file_posts.c.box_id == bindparam("box"), file_posts.c.event_id == bindparam("event")
)
_POSTS = select(file_posts.c.event_id).where(
    file_posts.c.box_id == bindparam("box"), file_posts.c.number == bindparam("num")
)
_VERSIONS = (
    select(file_versions.c.version, file_versions.c.sealed)
    .where(file_versions.c.box_id == bindparam("box"), file_versions.c.number == bindparam("num"))
    .order_by(file_versions.c.version)
)
_KEPT = (
    select(file_versions.c.kept, func.max(file_versions.c.size))
    .where(file_versions.c.kept.is_not(None))
    .group_by(file_versions.c.kept)
)
_USAGE = select(
    func.count(file_versions.c.number.distinct()), func.coalesce(func.sum(file_versions.c.size), 0)
).where(file_versions.c.box_id == bindparam("box"))


class FileRepository(Numbered):
    """Every write counts the Box's revision up and leaves a journal entry.

    `words` are what a file is found by: a folded line (domain/files.py `search_line`).
    """

    kind = "file"

    def __init__(
        self,
        connection: Connection,
        keys: KeyStore,
        now: datetime,
        boxes: BoxRepository,
        journal: Journal,
    ) -> None:
        super().__init__(connection, keys, now, boxes, journal)
        self._search = FileSearch(connection, keys)
        self._texts = FileSearch(connection, keys, file_text_pages, TEXT_PAGE)
        self._mark_keys: dict[str, bytes] = {}

    def add(self, box_id: str, file: File, words: str) -> File:
        """Keep a new file and its version; the same with its revision."""
        file = replace(file, revision=self._boxes.bump(box_id))
        row = {"box_id": box_id, "number": file.number, **self._values(box_id, file)}
        self._connection.execute(insert(files), row)
        self._put_version(box_id, file.number, file.version)
        self._search.put(box_id, file.number, words)
        self._tell(box_id, "file.added", file, file.version.sender)
        return file

    def get(self, box_id: str, number: int) -> File | None:
        row = self._connection.execute(_GET, {"box": box_id, "num": number}).first()
        return self._file(box_id, row[0], row[1], row[2]) if row else None

    def update(self, box_id: str, file: File, words: str, actor: str | None) -> File:
        """Write a file over what is there, a new version of it too. KeyError for an unknown one."""
        before = self.get(box_id, file.number)
        if before is None:
            raise KeyError(file.number)
        file = replace(file, revision=self._boxes.bump(box_id))
        changed = update(files).where(*_ONE).values(**self._values(box_id, file))
        self._connection.execute(changed, {"box": box_id, "num": file.number})
        if file.version.number > before.version.number:
            self._put_version(box_id, file.number, file.version)
        here = file.status is FileStatus.HERE
        self._search.put(box_id, file.number, words if here else None)
        if not here or file.version.number != before.version.number:
            self._texts.put(box_id, file.number, None)
        self._tell(box_id, "file.changed" if here else "file.deleted", file, actor)
        return file

    def purge(self, box_id: str, number: int) -> None:
        """Forget a file: its row, its versions with their keys, the messages that showed it."""
        for table in (files, file_versions, file_posts):
            self._connection.execute(
                delete(table).where(table.c.box_id == box_id, table.c.number == number)
            )
        self._search.put(box_id, number, None)
        self._texts.put(box_id, number, None)
        self._boxes.bump(box_id)
        self._journal.add(box_id, "file.purged", str(number), None, {})

    def versions(self, box_id: str, number: int) -> list[Version]:
        """All versions, the oldest first."""
        rows = self._connection.execute(_VERSIONS, {"box": box_id, "num": number}).all()
        return [
            _read_version(
                version,
                self._keys.unseal_json(box_id, _version_place(box_id, number, version), sealed),
            )
            for version, sealed in rows
        ]

    def newest(self, box_id: str, most: int, folder: str | None = None) -> list[File]:
        """The latest entered, in one folder or (None) in all."""
        given: Json = {"box": box_id, "most": most}
        query = _NEWEST
        if folder is not None:
            query, given["mark"] = _IN_FOLDER, self._mark(box_id, "folder", folder)
        return [self._file(box_id, *row) for row in self._connection.execute(query, given).all()]

    def all(self, box_id: str) -> list[File]:
        """Every file by number, deleted ones that can still be brought back too."""
        query = _ROWS.where(_OF_BOX).order_by(files.c.number)
        return [
            self._file(box_id, *row) for row in self._connection.execute(query, {"box": box_id})
        ]

    def some(self, box_id: str, numbers: Sequence[int]) -> list[File]:
        """These files, in this order; what is not there is left out."""
        if not numbers:
            return []
        rows = self._connection.execute(_SOME, {"box": box_id, "numbers": list(numbers)}).all()
        found = {row[0]: self._file(box_id, *row) for row in rows}
        return [found[number] for number in numbers if number in found]

    def folders(self, box_id: str) -> list[Folder]:
        """Folders that hold something, by name; "" is the top."""
        rows = self._connection.execute(_FOLDERS, {"box": box_id}).all()
        shown = {file.number: file.folder for file in self.some(box_id, [row[0] for row in rows])}
        found = [Folder(shown[row[0]], row[1]) for row in rows]
        return sorted(found, key=lambda folder: folded(folder.name))

    def same_name(self, box_id: str, folder: str, name: str) -> File | None:
        """The newest file of this name in this folder."""
        given = {"box": box_id, "mark": self._mark(box_id, "name", f"{folder}/{name}")}
        row = self._connection.execute(_SAME_NAME, given).first()
        return self._file(box_id, row[0], row[1], row[2]) if row else None

    def search(self, box_id: str, words: Sequence[str], most: int) -> list[int]:
        """Numbers of up to `most` files that have all these words, the newest first."""
        found = self._search.find(box_id, words, most)
        inside = self._texts.find(box_id, words, most)
        return sorted({*found, *inside}, reverse=True)[:most] if inside else found

    def put_text(self, box_id: str, number: int, words: str) -> None:
        """Find a file by the words inside it too."""
        self._texts.put(box_id, number, words)

    def forget_texts(self, box_id: str) -> None:
        """Find files by no words inside them any more."""
        self._texts.forget(box_id)

    def usage(self, box_id: str, sender: str | None = None) -> Usage:
        """Of the whole Box, or of what one person sent into it."""
        query, given = _USAGE, {"box": box_id}
        if sender is not None:
            query = query.where(file_versions.c.sender == bindparam("who"))
            given["who"] = sender
        count, size = self._connection.execute(query, given).one()
        return Usage(int(count), int(size))

    def sent_everywhere(self, sender: str) -> int:
        """Bytes of all versions that one person sent, into whichever Box."""
        total = func.coalesce(func.sum(file_versions.c.size), 0)
        query = select(total).where(file_versions.c.sender == sender)
        return int(self._connection.execute(query).scalar_one())

    def kept(self) -> dict[str, int]:
        """What our own store keeps for any Box, by name: its bytes."""
        return {name: int(size) for name, size in self._connection.execute(_KEPT)}

    def note_post(
        self, box_id: str, event_id: str, number: int, version: int | None = None
    ) -> None:
        """This Matrix event shows the file; `version` came with it, None for a later show."""
        values = {"box_id": box_id, "event_id": event_id, "number": number, "version": version}
        upsert(self._connection, file_posts, values)

    def post(self, box_id: str, event_id: str) -> tuple[int, int | None] | None:
        """The file that a Matrix event shows, and which version came with it."""
        row = self._connection.execute(_POST, {"box": box_id, "event": event_id}).first()
        return (row[0], row[1]) if row else None

    def shown_by(self, box_id: str, event_id: str) -> int | None:
        """The file that a Matrix event shows."""
        found = self.post(box_id, event_id)
        return found[0] if found is not None else None

    def forget_post(self, box_id: str, event_id: str) -> None:
        """This message is no more."""
        self._connection.execute(
            delete(file_posts).where(
                file_posts.c.box_id == box_id, file_posts.c.event_id == event_id
            )
        )

    def drop_version(self, box_id: str, number: int, version: int) -> None:
        """Forget one of several versions; write the file first if it was the newest."""
        self._connection.execute(
            delete(file_versions).where(
                file_versions.c.box_id == box_id,
                file_versions.c.number == number,
                file_versions.c.version == version,
            )
        )

    def posts(self, box_id: str, number: int) -> list[str]:
        """Event ids of all messages that show a file."""
        rows = self._connection.execute(_POSTS, {"box": box_id, "num": number})
        return [row[0] for row in rows]

    def forget_posts(self, box_id: str, number: int) -> None:
        """These messages are no more."""
        self._connection.execute(
            delete(file_posts).where(file_posts.c.box_id == box_id, file_posts.c.number == number)
        )

    def _put_version(self, box_id: str, number: int, version: Version) -> None:
        place = _version_place(box_id, number, version.number)
        row = {
            "box_id": box_id,
            "number": number,
            "version": version.number,
            "sender": version.sender,
            "size": version.size,
            "kept": version.media.kept,
            "sealed": self._keys.seal_json(box_id, place, _version_json(version)),
        }
        self._connection.execute(insert(file_versions), row)

    def _values(self, box_id: str, file: File) -> Json:
        return {
            "status": file.status.value,
            "folder_mark": self._mark(box_id, "folder", file.folder),
            "name_mark": self._mark(box_id, "name", f"{file.folder}/{file.name}"),
            "revision": file.revision,
            "sealed": self._keys.seal_json(box_id, _place(box_id, file.number), _to_json(file)),
        }

    def _mark(self, box_id: str, what: str, text: str) -> str:
        """A hash that only the Box's key gives: rows can be compared by it, not read."""
        key = self._mark_keys.get(box_id)
        if key is None:
            key = hmac.digest(self._keys.key(box_id), b"wecreate files: marks", hashlib.sha256)
            self._mark_keys[box_id] = key
        return hmac.digest(key, f"{what}:{folded(text)}".encode(), hashlib.sha256)[:16].hex()

    def _tell(self, box_id: str, kind: str, file: File, actor: str | None) -> None:
        data = {"name": file.name, "folder": file.folder, "version": file.version.number}
        self._journal.add(box_id, kind, str(file.number), actor, data)

    def _file(self, box_id: str, number: int, revision: int, sealed: bytes) -> File:
        stored = self._keys.unseal_json(box_id, _place(box_id, number), sealed)
        return _from_json(number, revision, stored)


def _place(box_id: str, number: int) -> str:
    return f"files:{box_id}:{number}"


def _version_place(box_id: str, number: int, version: int) -> str:
    return f"file_versions:{box_id}:{number}:{version}"


def _to_json(file: File) -> Json:
    return {
        "name": file.name,
        "folder": file.folder,
        "description": file.description,
        "status": file.status.value,
        "deleted_by": file.deleted_by,
        "deleted_at": file.deleted_at and file.deleted_at.isoformat(),
        "version": {"number": file.version.number, **_version_json(file.version)},
    }


def _from_json(number: int, revision: int, stored: Json) -> File:
    deleted_at = stored["deleted_at"]
    version = dict(stored["version"])
    return File(
        number=number,
        name=stored["name"],
        version=_read_version(version.pop("number"), version),
        folder=stored["folder"],
        description=stored["description"],
        status=FileStatus(stored["status"]),
        deleted_by=stored["deleted_by"],
        deleted_at=datetime.fromisoformat(deleted_at) if deleted_at else None,
        revision=revision,
    )


def _version_json(version: Version) -> Json:
    return {
        "sender": version.sender,
        "sent_at": version.sent_at.isoformat(),
        "size": version.size,
        "mimetype": version.mimetype,
        "media": vars(version.media),
        "kind": version.kind,
        "info": version.info,
    }


def _read_version(number: int, stored: Json) -> Version:
    return Version(
        number=number,
        sender=stored["sender"],
        sent_at=datetime.fromisoformat(stored["sent_at"]),
        size=stored["size"],
        mimetype=stored["mimetype"],
        media=Media(**stored["media"]),
        kind=stored["kind"],
        info=stored["info"],
    )
