"""From what a person types to a calendar: RFC 6764's well-known address, principal, home."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bridges.caldav.external.collection import C, Client, D, Found
from bridges.caldav.external.errors import ExternalError, NotTaken, Trouble
from bridges.caldav.external.session import origin_of

_LONGEST_NAME = 100
_MOST = 50
_ABOUT = (
    "D:resourcetype",
    "D:displayname",
    "C:supported-calendar-component-set",
    "D:current-user-principal",
    "C:calendar-home-set",
)


@dataclass(frozen=True)
class Offered:
    """A calendar that the login reaches."""

    url: str
    name: str


def calendars_at(client: Client, url: str, component: str) -> list[Offered]:
    """The calendar at the address; else all of the person's that take `component`.

    Raises ExternalError, with NO_CALENDAR when there is none.
    """
    try:
        at, (about, *_) = client.properties(url, *_ABOUT)
    except (ExternalError, NotTaken, ValueError) as error:
        if isinstance(error, ExternalError) and error.trouble not in {
            Trouble.GONE,
            Trouble.NO_CALENDAR,
        }:
            raise
        return _well_known(client, url, component)
    if _is_calendar(about, component):
        return [_offered(at, about)]
    found = _of_person(client, at, about, component)
    return found or _well_known(client, url, component)


def _well_known(client: Client, url: str, component: str) -> list[Offered]:
    try:
        start = urljoin(origin_of(urlsplit(url)), "/.well-known/caldav")
        at, (about, *_) = client.properties(start, *_ABOUT)
        found = _of_person(client, at, about, component)
    except (NotTaken, ValueError) as error:
        raise ExternalError(Trouble.NO_CALENDAR, "there is no calendar") from error
    if not found:
        raise ExternalError(Trouble.NO_CALENDAR, "there is no calendar")
    return found


def _of_person(client: Client, at: str, about: Found, component: str) -> list[Offered]:
    home = _href(about, f"{C}calendar-home-set")
    principal = _href(about, f"{D}current-user-principal")
    try:
        if not home and principal:
            at = urljoin(at, principal)
            at, (about, *_) = client.properties(at, *_ABOUT)
            home = _href(about, f"{C}calendar-home-set")
        if not home:
            return []
        at, listed = client.properties(urljoin(at, home), *_ABOUT, depth=1)
    except (NotTaken, ValueError):
        return []
    found = [one for one in listed if _is_calendar(one, component)]
    return [_offered(urljoin(at, one.href), one) for one in found[:_MOST]]


def _href(about: Found, name: str) -> str:
    element = about.properties.get(name)
    return (element.findtext(f"{D}href") or "").strip() if element is not None else ""


def _is_calendar(about: Found, component: str) -> bool:
    kinds = about.properties.get(f"{D}resourcetype")
    if kinds is None or kinds.find(f"{C}calendar") is None:
        return False
    taken = about.properties.get(f"{C}supported-calendar-component-set")
    names = [one.get("name", "").upper() for one in taken] if taken is not None else []
    return not names or component in names


def _offered(url: str, about: Found) -> Offered:
    name = " ".join(about.text(f"{D}displayname").split())[:_LONGEST_NAME]
    return Offered(url, name or urlsplit(url).path.rstrip("/").rpartition("/")[2][:_LONGEST_NAME])
