"""XML of requests, before Radicale parses it: no DTD, no entities, nothing deep or endless."""

from __future__ import annotations

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


class _Watch:
    def __init__(self) -> None:
        self.depth = self.elements = 0
        self.names: set[str] = set()
        self._href: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == EXPAND:
            _check_window(attributes)
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


def check_xml(body: bytes) -> set[str]:
    """Give the names of all elements (`DAV: prop`); raises Refused (400)."""
    if not body:
        return set()
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
    return watch.names


def check_proppatch(names: set[str]) -> None:
    """A calendar stays a calendar."""
    if _RESOURCETYPE in names:
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
