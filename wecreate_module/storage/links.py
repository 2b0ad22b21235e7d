"""Links to files. A row holds no secret of theirs: nobody opens a file with the database."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from wecreate_module.domain.attachments import Media
from wecreate_module.domain.links import Link, LinkedFile
from wecreate_module.storage.file_tables import file_links
from wecreate_module.storage.keys import KeyStore

_ID = file_links.c.id == bindparam("link")
_LIVE = (
    file_links.c.revoked_at.is_(None),
    or_(file_links.c.expires_at.is_(None), file_links.c.expires_at > bindparam("now")),
)
_VISIT = (
    update(file_links)
    .where(_ID, *_LIVE)
    .where(or_(file_links.c.max_visits.is_(None), file_links.c.visits < file_links.c.max_visits))
    .values(visits=file_links.c.visits + 1, wrong=0)
    .returning(file_links.c.visits)
)


class LinkRepository:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def add(self, box_id: str, link: Link) -> None:
        files = [{"number": each.number, "media": vars(each.media)} for each in link.files]
        row = {**vars(link), "box_id": box_id}
        del row["files"]
        row["media"] = self._keys.seal_json(box_id, _place(link.id), files)
        self._connection.execute(insert(file_links), row)

    def get(self, link_id: str) -> tuple[str, Link] | None:
        """The Box's id and the link."""
        row = self._connection.execute(select(file_links).where(_ID), {"link": link_id}).first()
        return (row.box_id, self._link(row)) if row else None

    def of_box(self, box_id: str) -> list[Link]:
        """Links of a Box whose time goes on, the newest first."""
        query = select(file_links).where(file_links.c.box_id == box_id, *_LIVE)
        rows = self._connection.execute(
            query.order_by(file_links.c.created_at.desc(), file_links.c.id), {"now": self._now}
        )
        return [self._link(row) for row in rows.all()]

    def needed(self) -> list[Media]:
        """What links that are open now, of any Box, need: it stays, whatever is purged."""
        query = select(file_links).where(*_LIVE).order_by(file_links.c.created_at, file_links.c.id)
        rows = self._connection.execute(query, {"now": self._now}).all()
        return list(dict.fromkeys(each.media for row in rows for each in self._link(row).files))

    def revoke(self, box_id: str, number: int) -> int:
        """End all links to a file, those to several with it among them too; how many were open."""
        with_it = [
            link.id
            for link in self.of_box(box_id)
            if link.number == number or any(each.number == number for each in link.files)
        ]
        for link_id in with_it:
            self._set(link_id, revoked_at=self._now)
        return len(with_it)

    def revoke_all(self, box_id: str) -> int:
        """End every link of a Box; how many were open."""
        ended = self._connection.execute(
            update(file_links)
            .where(file_links.c.box_id == box_id, *_LIVE)
            .values(revoked_at=self._now),
            {"now": self._now},
        )
        return ended.rowcount

    def visit(self, link_id: str) -> int | None:
        """Count one visit, if one more is allowed: which one it is. Two at once never both pass."""
        found: int | None = self._connection.execute(
            _VISIT, {"link": link_id, "now": self._now}
        ).scalar()
        if found == 1:
            self._set(link_id, first_visit_at=self._now)
        return found

    def note_wrong(self, link: Link) -> None:
        """Somebody tried with a wrong secret or password."""
        self._set(link.id, wrong=link.wrong + 1, wrong_at=self._now)

    def note_right(self, link: Link) -> None:
        if link.wrong:
            self._set(link.id, wrong=0, wrong_at=None)

    def _set(self, link_id: str, **values: object) -> None:
        self._connection.execute(update(file_links).where(_ID).values(**values), {"link": link_id})

    def _link(self, row: Row[Any]) -> Link:
        values = {
            field.name: getattr(row, field.name) for field in fields(Link) if field.name != "files"
        }
        stored = self._keys.unseal_json(row.box_id, _place(row.id), row.media)
        if isinstance(stored, dict):  # a link of before schema 0009: one file's media
            stored = [{"number": row.number, "media": stored}]
        files = tuple(LinkedFile(each["number"], Media(**each["media"])) for each in stored)
        return Link(**values, files=files)


def _place(link_id: str) -> str:
    return f"file_links:{link_id}"
