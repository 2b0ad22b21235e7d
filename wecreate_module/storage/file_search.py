"""The words that files are found by, sealed in pages.

Opening one row for each of 100,000 files takes most of a second; a page holds PAGE files, so
that a search opens a few hundred large ones instead, and nothing readable is kept between two
searches. A page is text: one line for each file, its number and its words.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, select

from wecreate_module.storage.file_tables import file_pages
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.rows import upsert

PAGE = 256
TEXT_PAGE = 16
"""Of whole texts, which are longer."""


class FileSearch:
    def __init__(
        self, connection: Connection, keys: KeyStore, table: Table = file_pages, size: int = PAGE
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._table = table
        self._size = size

    def put(self, box_id: str, number: int, words: str | None) -> None:
        """Find this file by these words (one folded line) from now on; None: no more."""
        page, table = number // self._size, self._table
        query = select(table.c.sealed).where(table.c.box_id == box_id, table.c.page == page)
        found: bytes | None = self._connection.execute(query).scalar()
        if found is None and words is None:
            return
        place = self._place(box_id, page)
        lines = self._keys.unseal(box_id, place, found).split(b"\n") if found else []
        own = b"%d " % number
        lines = [line for line in lines if line and not line.startswith(own)]
        if words is not None:
            lines.append(own + words.replace("\n", " ").encode("utf-8", "replace"))
        sealed = self._keys.seal(box_id, place, b"\n".join(lines))
        upsert(self._connection, table, {"box_id": box_id, "page": page, "sealed": sealed})

    def find(self, box_id: str, words: Sequence[str], most: int) -> list[int]:
        """Numbers of files that have all these words (folded), the highest first; up to `most`."""
        wanted = [word.encode("utf-8", "replace") for word in words]
        found: list[int] = []
        if not wanted:
            return found
        table = self._table
        query = (
            select(table.c.page, table.c.sealed)
            .where(table.c.box_id == box_id)
            .order_by(table.c.page.desc())
        )
        for page, sealed in self._connection.execute(query):
            text = self._keys.unseal(box_id, self._place(box_id, page), sealed)
            if all(word in text for word in wanted):
                found += sorted(_hits(text, wanted), reverse=True)
            if len(found) >= most:
                break
        return found[:most]

    def forget(self, box_id: str) -> None:
        """Forget every word of a Box."""
        self._connection.execute(delete(self._table).where(self._table.c.box_id == box_id))

    def _place(self, box_id: str, page: int) -> str:
        return f"{self._table.name}:{box_id}:{page}"


def _hits(text: bytes, wanted: Sequence[bytes]) -> list[int]:
    """From one place of the rarest word to the next, so that few lines are looked at."""
    rarest = min(wanted, key=text.count) if len(wanted) > 1 else wanted[0]
    others = [word for word in wanted if word is not rarest]
    found = []
    at = text.find(rarest)
    while at >= 0:
        start = text.rfind(b"\n", 0, at) + 1
        end = text.find(b"\n", at)
        end = end if end >= 0 else len(text)
        words = text.find(b" ", start, end)  # after the number, which is no word to find
        if at > words and all(text.find(word, words, end) >= 0 for word in others):
            found.append(int(text[start:words]))
        at = text.find(rarest, end if at > words else at + 1)
    return found
