"""One calendar on another server, asked with python caldav: what is there, read, write, delete.

Objects are named by the path that the server gives, untouched. Writes say what they replace.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit
from xml.sax.saxutils import escape

from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, DAVError, RateLimitError
from caldav.response import DAVResponse
from niquests.auth import HTTPDigestAuth

from bridges.caldav.external.addresses import Allowed
from bridges.caldav.external.errors import ExternalError, NotTaken, Outdated, Trouble
from bridges.caldav.external.session import Digest, Session, origin_of

D, C, CS = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
_SPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:CS="http://calendarserver.org/ns/"'
)
_AT_ONCE = 50
_MOST = 20_000
_OK = range(200, 300)
_REDIRECTS = frozenset({301, 302, 307, 308})
_MOST_REDIRECTS = 5
_UNAUTHORIZED, _NOT_FOUND, _PRECONDITION, _MULTISTATUS = 401, 404, 412, 207
_GONE, _STORAGE, _SERVER = 410, 507, 500
# They log bodies, which hold what groups write, and addresses.
for _name in ("caldav", "niquests", "urllib3", "urllib3_future"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)
RUN_S = 180.0
"""Seconds after which a run is broken off; the next one goes on where it ended."""


@dataclass(frozen=True)
class Found:
    """A `response` of a multistatus: its href as it stands, its status, its properties."""

    href: str
    status: int
    properties: dict[str, Any]

    def text(self, name: str) -> str:
        found = self.properties.get(name)
        return (found.text or "").strip() if found is not None else ""


class _Dav(DAVClient):
    """python caldav, with bounds on what it reads while it logs in."""

    def build_auth_object(self, auth_types: list[str] | None = None) -> None:
        super().build_auth_object(auth_types)
        if isinstance(self.auth, HTTPDigestAuth):
            self.auth = Digest(self.username or "", self.password or "")


class Client:
    """A login on another server."""

    def __init__(self, url: str, username: str, password: str, allowed: Allowed) -> None:
        allowed.check_url(url)
        self._dav = _Dav(
            url, username=username, password=password, enable_rfc6764=False, huge_tree=False
        )
        self._dav.session.close()
        self._dav.session = Session(allowed, monotonic() + RUN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._dav.session.close()

    def ask(
        self, method: str, url: str, body: str = "", headers: dict[str, str] | None = None
    ) -> DAVResponse:
        """One request, whatever its status is but 401; raises ExternalError."""
        try:
            return self._dav.request(url, method, body, headers or {})
        except RateLimitError as error:
            raise ExternalError(Trouble.UNREACHABLE, "it asks to be left alone") from error
        except AuthorizationError as error:
            if getattr(error, "status", None) == _UNAUTHORIZED:
                raise ExternalError(Trouble.LOGIN, "it refuses the login") from error
            raise NotTaken("403") from error
        except NotImplementedError as error:
            raise ExternalError(Trouble.LOGIN, "it wants a login of an unknown kind") from error
        except DAVError as error:
            raise ExternalError(Trouble.BROKEN, type(error).__name__) from error

    def multistatus(
        self, method: str, url: str, body: str, *, depth: int | None
    ) -> tuple[str, list[Found]]:
        """What was found, and at which address in the end: redirects are followed, checked."""
        headers = {"Content-Type": 'application/xml; charset="utf-8"'}
        if depth is not None:
            headers["Depth"] = str(depth)
        for _ in range(_MOST_REDIRECTS):
            answer = self.ask(method, url, body, headers)
            if answer.status not in _REDIRECTS:
                break
            url = urljoin(url, str(answer.headers.get("Location", "")))
        if answer.status in {_NOT_FOUND, _GONE}:
            raise ExternalError(Trouble.GONE, "there is nothing at the address")
        if answer.status != _MULTISTATUS:
            broken = answer.status < _SERVER
            trouble = Trouble.NO_CALENDAR if broken else Trouble.UNREACHABLE
            raise ExternalError(trouble, f"it answers {method} with {answer.status}")
        return url, list(_found(answer))

    def properties(self, url: str, *names: str, depth: int = 0) -> tuple[str, list[Found]]:
        """`names` with their prefix: `D:getetag`."""
        wanted = "".join(f"<{name}/>" for name in names)
        body = f"<D:propfind {_SPACES}><D:prop>{wanted}</D:prop></D:propfind>"
        return self.multistatus("PROPFIND", url, body, depth=depth)


class Collection:
    """`component` is VEVENT or VTODO; other kinds in the same calendar are not looked at."""

    def __init__(self, client: Client, url: str, component: str) -> None:
        self._client = client
        self._url = url if url.endswith("/") else f"{url}/"
        self._parts = urlsplit(self._url)
        self._component = component

    def tag(self) -> str:
        """Another one whenever something has changed; "" where the server has none."""
        try:
            _, found = self._client.properties(self._url, "CS:getctag", "D:sync-token")
        except NotTaken as error:
            raise ExternalError(Trouble.LOGIN, "it may not be read") from error
        return next((one.text(f"{CS}getctag") or one.text(f"{D}sync-token") for one in found), "")

    def etags(self) -> dict[str, str]:
        """All objects of the kind: path → etag."""
        body = (
            f"<C:calendar-query {_SPACES}><D:prop><D:getetag/></D:prop><C:filter>"
            f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{self._component}"/>'
            "</C:comp-filter></C:filter></C:calendar-query>"
        )
        try:
            _, found = self._client.multistatus("REPORT", self._url, body, depth=1)
        except NotTaken as error:
            raise ExternalError(Trouble.LOGIN, "it may not be read") from error
        if len(found) > _MOST or any(one.status == _STORAGE for one in found):
            raise ExternalError(Trouble.TOO_LARGE, "the calendar has too many objects")
        listed = {self._path(one.href): etag_of(one.text(f"{D}getetag")) for one in found}
        return {path: etag for path, etag in listed.items() if path and etag}

    def fetch(self, paths: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """(path, etag, text) of those that are still there."""
        wanted = list(paths)
        for first in range(0, len(wanted), _AT_ONCE):
            some = wanted[first : first + _AT_ONCE]
            hrefs = "".join(f"<D:href>{escape(path)}</D:href>" for path in some)
            body = (
                f"<C:calendar-multiget {_SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>"
                f"{hrefs}</C:calendar-multiget>"
            )
            _, found = self._client.multistatus("REPORT", self._url, body, depth=None)
            asked = set(some)
            for one in found:
                path, data = self._path(one.href), one.text(f"{C}calendar-data")
                if path in asked and data:
                    asked.discard(path)
                    yield path, etag_of(one.text(f"{D}getetag")), f"{data}\r\n".encode()

    def new_path(self, uid: str) -> str:
        """A name for an object of ours: nothing of the UID, which may be anything, is in it."""
        return f"{self._parts.path}{hashlib.sha256(uid.encode()).hexdigest()[:32]}.ics"

    def put(self, path: str, text: str, etag: str | None) -> str:
        """Write over what has this etag, or (None) a new one; gives the new etag, "" if unknown.

        Raises Outdated or NotTaken.
        """
        condition = {"If-Match": strong(etag)} if etag else {"If-None-Match": "*"}
        headers = {**condition, "Content-Type": "text/calendar; charset=utf-8"}
        answer = self._client.ask("PUT", self._at(path), text, headers)
        _require_done(answer.status)
        given = str(answer.headers.get("ETag", "")).strip()
        return "" if given.startswith("W/") else etag_of(given)

    def delete(self, path: str, etag: str) -> None:
        """Raises Outdated or NotTaken; what is gone already is fine."""
        answer = self._client.ask("DELETE", self._at(path), "", {"If-Match": strong(etag)})
        if answer.status not in {_NOT_FOUND, _GONE}:
            _require_done(answer.status)

    def _at(self, path: str) -> str:
        return f"{origin_of(self._parts)}{path}"

    def _path(self, href: str) -> str:
        """The path, if it is one in this calendar; a stranger's href leads nowhere else."""
        try:
            path = urlsplit(urljoin(self._url, href)).path
        except ValueError:
            return ""
        inside = path.startswith(self._parts.path) and path != self._parts.path
        return path if inside and "/../" not in path else ""


def etag_of(text: str) -> str:
    """In quotes, which some servers leave out."""
    etag = text.strip()
    if not etag or etag.startswith(('"', "W/")):
        return etag
    return f'"{etag}"'


def strong(etag: str) -> str:
    """As If-Match compares (RFC 9110, 8.8.3.2): proxies weaken what they pack."""
    return etag.removeprefix("W/")


def _found(answer: DAVResponse) -> Iterator[Found]:
    tree = answer.tree
    for response in tree.iterfind(f"{D}response") if tree is not None else ():
        properties: dict[str, Any] = {}
        for propstat in response.iterfind(f"{D}propstat"):
            if _status(propstat.findtext(f"{D}status")) in _OK:
                properties |= {child.tag: child for child in propstat.iterfind(f"{D}prop/*")}
        href = (response.findtext(f"{D}href") or "").strip()
        yield Found(href, _status(response.findtext(f"{D}status")), properties)


def _status(line: str | None) -> int:
    words = (line or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdigit() else 200


def _require_done(status: int) -> None:
    if status in _OK:
        return
    if status in {_PRECONDITION, _NOT_FOUND, _GONE}:
        raise Outdated(str(status))
    if status >= _SERVER and status != _STORAGE:
        raise ExternalError(Trouble.UNREACHABLE, f"it answers with {status}")
    raise NotTaken(str(status))
