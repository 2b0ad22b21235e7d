"""In front of Radicale: who asks, whether the request is sound, and what it may reach."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

from bridges.caldav import ical_check, xml_check
from bridges.caldav.kinds import stand_in
from bridges.caldav.login import Login
from bridges.caldav.paths import LONGEST_NAME, LONGEST_PATH, Place, place_of
from bridges.caldav.plain_reports import answer_plain
from bridges.caldav.refusals import (
    Application,
    Environ,
    Refusal,
    Refused,
    StartResponse,
    bad_request,
    forbidden,
    too_large,
)
from bridges.caldav.reports import read_expansion
from bridges.caldav.versions import overwrites_blindly, without_version
from bridges.caldav.visit import Visit, visiting
from wecreate_module.storage.errors import KeyDestroyed
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.dav")

Page = Callable[[Environ], "tuple[HTTPStatus, dict[str, str], bytes] | None"]
"""Answers what needs no login; None for paths that are not its own."""

_XML = frozenset({"PROPFIND", "REPORT", "PROPPATCH"})
_METHODS = _XML | {"OPTIONS", "GET", "HEAD", "PUT", "DELETE", "MOVE"}
_MAKING = frozenset({"MKCALENDAR", "MKCOL"})
# As Radicale writes the property: its prefixes are its own.
_ADDRESSES = re.compile(rb"<C:calendar-user-address-set><href>[^<]*</href>")
_WELL_KNOWN = ("/.well-known/caldav", "/.well-known/caldav/")
_CLASSES = "1, 3, calendar-access"
_CHARSET = re.compile(r"""charset=["']?([^;"'\s]*)""", re.IGNORECASE)
_CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}
_TWICE = "; charset=utf-8" * 2
_DEPTHS = {"", "0", "1"}
# Radicale believes these; a client must not be able to send them.
_BELIEVED = (
    *("HTTP_X_REMOTE_USER", "HTTP_X_SCRIPT_NAME", "HTTP_X_REMOTE_ADDR", "HTTP_REMOTE_USER"),
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO"),
    *("HTTP_X_FORWARDED_SERVER", "REMOTE_USER", "HTTP_CONTENT_ENCODING"),
)


class Gate:
    """A WSGI application. `proxies` are addresses whose X-Forwarded-For is believed."""

    def __init__(
        self,
        store: Store,
        inner: Application,
        pages: Iterable[Page] = (),
        proxies: Iterable[str] = ("127.0.0.1", "::1"),
        login: Login | None = None,
    ) -> None:
        self._store = store
        self._inner = inner
        self._pages = tuple(pages)
        self._proxies = frozenset(proxies)
        self._login = login or Login(store)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._answer(environ, start_response)
        except Refused as refused:
            return refused.refusal.answer(start_response)
        except KeyDestroyed:
            # The Box was deleted while it was asked for.
            return Refusal(HTTPStatus.NOT_FOUND).answer(start_response)

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        address = _address(environ, self._proxies)
        for name in _BELIEVED:
            environ.pop(name, None)
        method, path = str(environ["REQUEST_METHOD"]).upper(), _path(environ)
        # Radicale wants it as its own server gives it, not as latin-1 (PEP 3333).
        environ["PATH_INFO"] = path
        if path in _WELL_KNOWN:
            refusal = Refusal(HTTPStatus.MOVED_PERMANENTLY, headers=(("Location", "/"),))
            return refusal.answer(start_response)
        for page in self._pages:
            if (found := page(environ)) is not None:
                return _page(found, start_response)
        authorization = str(environ.get("HTTP_AUTHORIZATION", ""))
        user_id, login = self._login.check(authorization, address)
        visit = Visit(self._store, user_id, login)
        visit.versions = overwrites_blindly(environ)
        with visiting(visit):
            _check_method(method)
            place = place_of(path)
            if place is None or (place.login and place.login != login):
                # Another's home looks like one that is not there.
                raise Refused(Refusal(HTTPStatus.NOT_FOUND))
            return self._answer_known(visit, place, environ, start_response)

    def _answer_known(
        self, visit: Visit, place: Place, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        method = str(environ["REQUEST_METHOD"]).upper()
        if method == "PUT":
            _check_charset(environ)
            self._check_put(visit, place, environ)
        elif method in _XML:
            names, body = _check_xml(method, place, environ)
            if method == "REPORT" and (plain := answer_plain(visit, place, body, environ)):
                return _page(plain, start_response)
            visit.expanded = read_expansion(body) if xml_check.EXPAND in names else None
            visit.own_properties = method == "PROPPATCH"
            visit.asks_size = method == "PROPFIND" and xml_check.SIZE in names
            visit.asks_address = method == "PROPFIND" and xml_check.ADDRESSES in names
            visit.wants_text = method != "REPORT" or xml_check.CALENDAR_DATA in names
        elif method == "MOVE":
            _check_move(place, environ)
        else:
            _take_body(environ, 0)
            visit.wants_whole = method in {"GET", "HEAD"}
        return _run(self._inner, visit, environ, start_response)

    def _check_put(self, visit: Visit, place: Place, environ: Environ) -> None:
        shown = visit.home.get(place.collection) if place.href else None
        body = _take_body(environ, ical_check.MAX_BYTES)
        if shown is None or not shown.may_write:
            return  # Radicale says 403 or 404, by the rights
        body, version = without_version(body)
        if visit.versions and version and not _CONDITIONS & environ.keys():
            environ["HTTP_IF_MATCH"] = version
        visit.written = ical_check.check_object(body, shown.kind)
        # Without an ETag the program asks for the text, and finds the version in it.
        visit.kept_as_sent = visit.written.text.encode() == body and not visit.versions
        # The object is checked, and kept as it was sent: Radicale needs no more than its name.
        _give_body(environ, stand_in(visit.written.uid, shown.kind))
        environ["CONTENT_TYPE"] = "text/calendar; charset=utf-8"


def _run(
    inner: Application, visit: Visit, environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    """Let Radicale answer; what one of our plugins refused is answered in its own words."""
    given: list[Any] = []
    known = str(environ.get("HTTP_IF_NONE_MATCH", ""))
    reading = environ["REQUEST_METHOD"] in {"GET", "HEAD"}

    def note(*arguments: Any, **named: Any) -> None:  # noqa: ANN401  as WSGI has it
        given[:] = [arguments, named]

    if visit.asks_address:
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # the answer is added to
    answer = inner(environ, note)
    if visit.refusal is not None:
        return visit.refusal.answer(start_response)
    arguments, named = given
    status, headers, *rest = arguments
    headers = [(name, _meant(name, value)) for name, value in headers]
    if reading and known and str(status).startswith("200"):
        etag = next((value for name, value in headers if name.lower() == "etag"), "")
        if etag and etag in {one.strip().removeprefix("W/") for one in known.split(",")}:
            start_response("304 Not Modified", [("ETag", etag)])
            return []
    arguments = (status, headers, *rest)
    if not visit.kept_as_sent:
        # Folded anew: an ETag would say that it is what was sent (RFC 4791, 5.3.4).
        status, headers, *rest = arguments
        arguments = (status, [one for one in headers if one[0].lower() != "etag"], *rest)
    if visit.asks_address:
        answer = [_with_address(b"".join(answer), visit.user_id)]
        status, headers, *rest = arguments
        sized = {**dict(headers), "Content-Length": str(len(answer[0]))}
        arguments = (status, list(sized.items()), *rest)
    start_response(*arguments, **named)
    return answer


def _meant(name: str, value: str) -> str:
    """Radicale's headers, as far as they hold here: nobody can lock, nor keep contacts."""
    if name.lower() == "dav":
        return _CLASSES
    if name.lower() == "content-type":
        return value.replace(_TWICE, _TWICE[: len(_TWICE) // 2])
    return value


def _with_address(body: bytes, user_id: str) -> bytes:
    """Add how a person is called as an ATTENDEE: programs then let them answer."""
    address = escape(f"matrix:u/{quote(user_id[1:], safe=':')}").encode()
    return _ADDRESSES.sub(lambda found: found[0] + b"<href>" + address + b"</href>", body)


def _check_method(method: str) -> None:
    if method in _MAKING:
        raise forbidden("D:need-privileges", "Calendars are made in chat: !kalender freigeben")
    if method not in _METHODS:
        allow = ", ".join(sorted(_METHODS))
        raise Refused(Refusal(HTTPStatus.METHOD_NOT_ALLOWED, headers=(("Allow", allow),)))


def _path(environ: Environ) -> str:
    raw = str(environ.get("PATH_INFO", ""))
    try:
        path = raw.encode("latin-1").decode()
    except UnicodeError as error:
        raise bad_request("The path must be UTF-8.") from error
    _check_path(path)
    return path


def _check_path(path: str) -> None:
    if len(path.encode()) > LONGEST_PATH:
        raise Refused(Refusal(HTTPStatus.REQUEST_URI_TOO_LONG))
    if any(len(part.encode()) > LONGEST_NAME for part in path.split("/")):
        raise Refused(Refusal(HTTPStatus.REQUEST_URI_TOO_LONG))
    if any(ord(c) < 32 or ord(c) == 127 for c in path):  # noqa: PLR2004  control characters
        raise bad_request("There are control characters in the path.")


def _address(environ: Environ, proxies: frozenset[str]) -> str:
    """Tell where the request comes from: the last hop that a proxy of ours has noted."""
    address = str(environ.get("REMOTE_ADDR", ""))
    forwarded = [one.strip() for one in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    while address in proxies and forwarded and forwarded[-1]:
        address = forwarded.pop()
    return address


def _take_body(environ: Environ, most: int) -> bytes:
    """Read the body; raises Refused (413) when it is longer than `most` bytes."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise bad_request("Content-Length is no number.") from error
    if length > most > 0:
        raise too_large(f"At most {most} bytes are taken.")
    stream = environ.get("wsgi.input")
    body = stream.read(min(length, most)) if stream is not None and length and most else b""
    _give_body(environ, body)
    return bytes(body)


def _give_body(environ: Environ, body: bytes) -> None:
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def _check_xml(method: str, place: Place, environ: Environ) -> tuple[frozenset[str], bytes]:
    """Give the names of all elements, and the body."""
    body = _take_body(environ, xml_check.MAX_BYTES)
    _check_charset(environ)
    seen = xml_check.check_xml(body)
    if method == "PROPPATCH":
        xml_check.check_proppatch(seen)
    elif method == "REPORT":
        xml_check.check_report(seen, calendar=bool(place.collection))
    else:
        _check_depth(environ)
        xml_check.check_propfind(seen)
    return seen.names, body


def _check_depth(environ: Environ) -> None:
    if str(environ.get("HTTP_DEPTH", "")).strip() not in _DEPTHS:
        if str(environ["HTTP_DEPTH"]).strip().lower() == "infinity":
            raise forbidden("D:propfind-finite-depth", "Ask with a Depth of 0 or 1.")
        raise bad_request("Depth is 0 or 1.")


def _check_charset(environ: Environ) -> None:
    """Radicale decodes by what is named; a name of nothing is none of its errors."""
    named = _CHARSET.search(str(environ.get("CONTENT_TYPE") or ""))
    try:
        b"?".decode(named[1] if named else "utf-8")
    except LookupError as error:
        raise Refused(Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, why="Send UTF-8.")) from error
    except ValueError:
        return  # a known one, which is not this short


def _check_move(place: Place, environ: Environ) -> None:
    """Within one collection only: another Box's members or another kind are another matter."""
    _take_body(environ, 0)
    try:
        target = unquote(urlsplit(str(environ.get("HTTP_DESTINATION", ""))).path)
    except ValueError as error:
        raise bad_request("The Destination is no address.") from error
    _check_path(target)
    if any(sign in target for sign in ";?#"):
        raise bad_request("A new name can't hold one of ; ? # here.")  # Radicale would cut it off
    wanted = place_of(target)
    if wanted is None or not place.href or not wanted.href:
        raise forbidden("D:need-privileges", "Only objects can be moved.")
    if (wanted.login, wanted.collection) != (place.login, place.collection):
        raise forbidden(
            "C:supported-calendar-component",
            "Objects stay in their calendar; copy it to the other and delete it here.",
        )


def _page(
    found: tuple[HTTPStatus, Mapping[str, str], bytes], start_response: StartResponse
) -> list[bytes]:
    status, headers, body = found
    everything = {**headers, "Content-Length": str(len(body))}
    start_response(f"{status.value} {status.phrase}", list(everything.items()))
    return [body]
