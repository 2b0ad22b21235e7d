"""Plain REPORTs as they are asked: which objects, and what of each.

A report with anything unusual in it is None here, and is left to Radicale's protocol layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError, fromstring

_DAV, _CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_PROP, _HREF = f"{_DAV}prop", f"{_DAV}href"
_FILTER, _COMPONENT = f"{_CALDAV}filter", f"{_CALDAV}comp-filter"
_RANGE = f"{_CALDAV}time-range"
ETAG, TYPE = f"{_DAV}getetag", f"{_DAV}getcontenttype"
TEXT = f"{_CALDAV}calendar-data"
_ALLOWED_BESIDE = frozenset({_PROP, f"{_CALDAV}timezone", f"{_CALDAV}timezone-id"})
_PLAIN_TEXT = {"content-type": "text/calendar", "version": "2.0"}
_MOST_PROPERTIES = 30
_MOST_RESULTS = 1_000_000


class Range(NamedTuple):
    """None: no bound."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Query:
    """calendar-query: all objects, those of one component, or of it in a time range."""

    properties: tuple[str, ...]
    component: str | None = None
    range: Range | None = None


@dataclass(frozen=True)
class Multiget:
    """calendar-multiget: objects by name, each once."""

    properties: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Sync:
    """sync-collection: what changed since a token; `limit`: how many at most."""

    properties: tuple[str, ...]
    token: str
    limit: int | None = None


Report = Query | Multiget | Sync


def read_report(body: bytes, home: str) -> Report | None:
    """Read a report on the collection whose path is `home` ("/login/collection/")."""
    try:
        root = fromstring(body.decode())  # noqa: S314  checked: no DTD, no entities, not deep
    except (ParseError, ValueError):
        return None
    properties = _properties(root)
    if properties is None:
        return None
    if root.tag == f"{_CALDAV}calendar-query":
        return _query(root, properties)
    if root.tag == f"{_CALDAV}calendar-multiget":
        return _multiget(root, properties, home)
    if root.tag == f"{_DAV}sync-collection":
        return _sync(root, properties)
    return None


def read_expansion(body: bytes) -> Range | None:
    """The time in which series are to be written out; None where they are not, or it is odd."""
    try:
        found = fromstring(body.decode()).find(f".//{_CALDAV}expand")  # noqa: S314  checked too
    except (ParseError, ValueError):
        return None
    return None if found is None else _range(found)


def _properties(root: Element) -> tuple[str, ...] | None:
    """What is asked of each object; None without it, or with parts of texts."""
    asked = root.findall(_PROP)
    if len(asked) != 1 or not 0 < len(asked[0]) <= _MOST_PROPERTIES:
        return None
    for each in asked[0]:
        plain = each.tag != TEXT or all(_PLAIN_TEXT.get(k) == v for k, v in each.items())
        if len(each) or not plain or not each.tag.startswith("{") or "address-data" in each.tag:
            return None
    return tuple(each.tag for each in asked[0])


def _query(root: Element, properties: tuple[str, ...]) -> Query | None:
    filters = root.findall(_FILTER)
    others = {each.tag for each in root} - _ALLOWED_BESIDE - {_FILTER}
    path = _path(filters[0]) if len(filters) == 1 and not others else None
    if not path or path[0].tag != _COMPONENT or _name(path[0]) != "VCALENDAR":
        return None
    if len(path) == 1:
        return Query(properties)
    if path[1].tag != _COMPONENT:
        return None
    component = _name(path[1])
    if len(path) == 2:  # noqa: PLR2004  a calendar and its component
        return Query(properties, component)
    found = _range(path[2]) if path[2:] == [path[-1]] and path[-1].tag == _RANGE else None
    return None if found is None else Query(properties, component, found)


def _path(element: Element) -> list[Element] | None:
    """What is in it, and in that, and so on; None where there is more than one."""
    found: list[Element] = []
    while len(element):
        if len(element) > 1:
            return None
        element = element[0]
        found.append(element)
    return found


def _name(component: Element) -> str:
    return component.get("name", "").upper()


def _range(element: Element) -> Range | None:
    start, end = element.get("start"), element.get("end")
    if not (start or end) or set(element.keys()) - {"start", "end"}:
        return None
    try:
        return Range(_moment(start), _moment(end))
    except ValueError:
        return None


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    if not text.isascii() or len(text) != len("20260101T000000Z"):
        raise ValueError(text)
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _multiget(root: Element, properties: tuple[str, ...], home: str) -> Multiget | None:
    if {each.tag for each in root} - _ALLOWED_BESIDE - {_HREF}:
        return None
    names: dict[str, None] = {}
    for each in root.findall(_HREF):
        name = _name_in(home, each.text or "")
        if len(each) or name is None:
            return None
        names[name] = None
    return Multiget(properties, tuple(names))


def _name_in(home: str, href: str) -> str | None:
    """The name of an object of the collection; None for any other address, or an odd one."""
    try:
        path = unquote(urlsplit(href).path)
    except ValueError:
        return None
    name = path.removeprefix(home)
    odd = name == path or not name or "/" in name or name in {".", ".."} or "\x00" in name
    return None if odd else name


def _sync(root: Element, properties: tuple[str, ...]) -> Sync | None:
    known = {f"{_DAV}sync-token", f"{_DAV}sync-level", f"{_DAV}limit", _PROP}
    if {each.tag for each in root} - known:
        return None
    token = (root.findtext(f"{_DAV}sync-token") or "").strip()
    limit = root.find(f"{_DAV}limit")
    if limit is None:
        return Sync(properties, token)
    number = (limit.findtext(f"{_DAV}nresults") or "").strip()
    if not (number.isascii() and number.isdigit() and 0 < int(number[:8]) <= _MOST_RESULTS):
        return None
    return Sync(properties, token, int(number[:8]))
