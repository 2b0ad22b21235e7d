"""XML of requests, before Radicale parses it: no DTD, no entities, nothing deep or endless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit
from xml.parsers import expat

from bridges.caldav.refusals import bad_request, forbidden

MAX_BYTES = 8_000_000
"""A multiget of 10,000 objects has about 1.5 MB."""
_MAX_DEPTH = 24
_MAX_ELEMENTS = 60_000
ADDRESSES = "urn:ietf:params:xml:ns:caldav calendar-user-address-set"
CALENDAR_DATA = "urn:ietf:params:xml:ns:caldav calendar-data"
SIZE = "DAV: getcontentlength"
_RESOURCETYPE = "DAV: resourcetype"
_HREF = "DAV: href"
EXPAND = "urn:ietf:params:xml:ns:caldav expand"
_LAST_YEAR = "2200"
_PROPFIND = "DAV: propfind"
_ASKED = frozenset({"DAV: prop", "DAV: propname", "DAV: allprop"})
_REPORTS = frozenset(
    f"DAV: {name}"
    for name in (
        *("expand-property", "principal-property-search"),
        *("principal-search-property-set", "sync-collection"),
    )
)
_BUSY, _RANGE = (
    f"urn:ietf:params:xml:ns:caldav {name}" for name in ("free-busy-query", "time-range")
)
_CALENDAR_REPORTS = frozenset(
    {
        _BUSY,
        "urn:ietf:params:xml:ns:caldav calendar-query",
        "urn:ietf:params:xml:ns:caldav calendar-multiget",
    }
)


class _Watch:
    def __init__(self) -> None:
        self.depth = self.elements = 0
        self.root = ""
        self.first: set[str] = set()
        self.names: set[str] = set()
        self._href: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == EXPAND:
            _check_window(attributes)
        if " " not in name:
            raise bad_request("There is an element of no namespace.")
        if not self.depth:
            self.root = name
        elif self.depth == 1:
            self.first.add(name)
        self._href = [] if name == _HREF else None
        self.depth += 1
        self.elements += 1
        if self.depth > _MAX_DEPTH or self.elements > _MAX_ELEMENTS:
            raise bad_request("The XML is nested too deeply or has too many elements.")
        self.names.add(name)

    def text(self, text: str) -> None:
        if self._href is not None:
            self._href.append(text)

    def end(self, name: str) -> None:
        if name == _HREF:
            _check_href("".join(self._href or ()))
        self._href = None
        self.depth -= 1

    def doctype(self, *_: object) -> NoReturn:
        raise bad_request("A DOCTYPE has no place in WebDAV.")


@dataclass(frozen=True)
class Seen:
    """The names of all elements (`DAV: prop`), of the outermost, and of those right in it."""

    names: frozenset[str] = frozenset()
    root: str = ""
    first: frozenset[str] = frozenset()


def check_xml(body: bytes) -> Seen:
    """Look through a body; raises Refused (400)."""
    if not body:
        return Seen()
    watch = _Watch()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = watch.start
    parser.EndElementHandler = watch.end
    parser.CharacterDataHandler = watch.text
    parser.StartDoctypeDeclHandler = watch.doctype
    parser.EntityDeclHandler = watch.doctype
    try:
        parser.Parse(body, True)  # noqa: FBT003  expat's own signature
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise bad_request("This is no well-formed XML.") from error
    return Seen(frozenset(watch.names), watch.root, frozenset(watch.first))


def check_propfind(seen: Seen) -> None:
    """No body asks for everything (RFC 4918, 9.1)."""
    if seen.root and (seen.root != _PROPFIND or not seen.first & _ASKED):
        raise bad_request("A PROPFIND asks for prop, propname or allprop.")


def check_report(seen: Seen, *, calendar: bool) -> None:
    """Only what can be asked there (RFC 3253, 3.6): of calendars, or of a person's home."""
    if not seen.root:
        raise bad_request("A REPORT needs a body.")
    if seen.root not in _REPORTS and not (calendar and seen.root in _CALENDAR_REPORTS):
        raise forbidden("D:supported-report", "That can't be asked here.")
    if seen.root == _BUSY and _RANGE not in seen.first:
        raise bad_request("Ask for busy times of a time-range.")


def check_proppatch(seen: Seen) -> None:
    """A calendar stays a calendar."""
    if seen.root != "DAV: propertyupdate":
        raise bad_request("A PROPPATCH brings a propertyupdate.")
    if _RESOURCETYPE in seen.names:
        raise forbidden("D:cannot-modify-protected-property", "A collection's type is fixed.")


def _check_href(href: str) -> None:
    """Radicale takes what urlsplit takes, and no empty one."""
    try:
        if href.strip() and urlsplit(href.strip()) is not None:
            return
    except ValueError:
        pass
    raise bad_request("There is a href that is no address.")


def _check_window(attributes: dict[str, str]) -> None:
    """A series is written out up to then, one by one."""
    for name in ("start", "end"):
        if attributes.get(name, "")[:4] > _LAST_YEAR:
            raise forbidden("C:max-date-time", f"Series are written out up to {_LAST_YEAR}.")
