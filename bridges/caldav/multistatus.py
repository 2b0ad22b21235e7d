"""Answers of plain REPORTs, written as text: the same that Radicale's layer says, without a tree.

Prefixes are Radicale's too: DAV: has none, CalDAV's is C.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from bridges.caldav.reports import ETAG, TEXT, TYPE
from wecreate_module.storage.calendar_rows import ObjectRow

_HEAD = (
    b"<?xml version='1.0' encoding='utf-8'?>\n"
    b'<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._~-]*")
_FOUND, _MISSING, _FULL = (
    f"<status>HTTP/1.1 {status.value} {status.phrase}</status>".encode()
    for status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.INSUFFICIENT_STORAGE)
)

Text = Callable[[ObjectRow], bytes]
"""Opens the text of an object."""


class Multistatus:
    """Collects responses. `home` is the collection's path, `component` what is in it."""

    def __init__(self, home: str, component: str, properties: Iterable[str], text: Text) -> None:
        self._home = quote(home).encode()
        self._text = text
        self._parts = [_HEAD]
        self._size = 0
        known = [name for name in properties if name in {ETAG, TEXT, TYPE}]
        self._begin = b"<response><href>" + self._home
        self._pieces = [_piece(name, component) for name in known]
        self._end = _unknown([name for name in properties if name not in known])

    @property
    def size(self) -> int:
        """Bytes of the objects' texts so far."""
        return self._size

    def token(self, token: str) -> None:
        self._parts.append(f"<sync-token>{escape(token)}</sync-token>".encode())

    def found(self, row: ObjectRow) -> None:
        parts = self._parts
        parts += (self._begin, _in_address(row.href), b"</href>")
        if self._pieces:
            parts.append(b"<propstat><prop>")
            for name, before, after in self._pieces:
                parts.append(before)
                if name == ETAG:
                    parts.append(row.etag.encode())
                elif name == TEXT:
                    text = _escaped(self._text(row))
                    self._size += len(text)
                    parts.append(text)
                parts.append(after)
            parts += (b"</prop>", _FOUND, b"</propstat>")
        parts.append(self._end)

    def missing(self, name: str) -> None:
        self._parts += (self._begin, _in_address(name), b"</href>", _MISSING, b"</response>")

    def shortened(self) -> None:
        """Say that there is more than what is answered (RFC 6578, 3.6)."""
        why = b"<error><number-of-matches-within-limits/></error></response>"
        self._parts += (self._begin, b"</href>", _FULL, why)

    def written(self) -> bytes:
        return b"".join([*self._parts, b"</multistatus>"])


def _piece(name: str, component: str) -> tuple[str, bytes, bytes]:
    """What stands before and after a property's value."""
    if name == TEXT:
        return name, b"<C:calendar-data>", b"</C:calendar-data>"
    if name == ETAG:
        return name, b"<getetag>", b"</getetag>"
    kind = f"text/calendar;charset=utf-8;component={component}"
    return name, b"<getcontenttype>", f"{kind}</getcontenttype>".encode()


def _unknown(properties: list[str]) -> bytes:
    """The end of each response, with what objects do not have."""
    if not properties:
        return b"</response>"
    written = "".join(_empty(name) for name in properties).encode()
    return b"<propstat><prop>" + written + b"</prop>" + _MISSING + b"</propstat></response>"


def _empty(name: str) -> str:
    space, _, local = name[1:].rpartition("}")
    return f"<{local} xmlns={quoteattr(space)}/>"


def _in_address(name: str) -> bytes:
    return name.encode() if _PLAIN_NAME.fullmatch(name) else quote(name).encode()


def _escaped(text: bytes) -> bytes:
    """As XML has it; most texts have nothing to escape."""
    for sign, word in ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;")):
        if sign in text:
            text = text.replace(sign, word)
    return text
