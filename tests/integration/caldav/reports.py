"""Reports as calendar programs send them, what their answers mean, and events of every sort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from urllib.parse import unquote
from xml.etree.ElementTree import Element, fromstring

from tests.dav import Answer, vevent
from tests.integration.caldav.test_hostile import event

Both = Callable[..., Answer]
DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:X="urn:x&amp;y"'
ALL = '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter>'
PROPERTIES = "<D:getetag/><C:calendar-data/>"


def query(inside: str, properties: str = PROPERTIES, more: str = "") -> str:
    return (
        f"<C:calendar-query {SPACES}><D:prop>{properties}</D:prop>"
        f"<C:filter>{inside}</C:filter>{more}</C:calendar-query>"
    )


def window(start: str = "", end: str = "", component: str = "VEVENT") -> str:
    bounds = "".join(f' {name}="{at}"' for name, at in (("start", start), ("end", end)) if at)
    return (
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{component}">'
        f"<C:time-range{bounds}/></C:comp-filter></C:comp-filter>"
    )


def multiget(*hrefs: str, properties: str = PROPERTIES) -> str:
    listed = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    return (
        f"<C:calendar-multiget {SPACES}><D:prop>{properties}</D:prop>{listed}</C:calendar-multiget>"
    )


def sync(token: str = "", properties: str = "<D:getetag/>", more: str = "") -> str:
    return (
        f"<D:sync-collection {SPACES}><D:sync-token>{token}</D:sync-token>"
        f"<D:sync-level>1</D:sync-level>{more}<D:prop>{properties}</D:prop></D:sync-collection>"
    )


def tree(body: bytes) -> Element:
    return fromstring(body)  # noqa: S314  our own server's


def said(answer: Answer) -> object:
    """What an answer means, whatever order and spelling it has."""
    if not answer.headers["content-type"].startswith(("text/xml", "application/xml")):
        return answer.status
    root = tree(answer.body)
    if root.tag == f"{DAV}error":
        return answer.status, [each.tag for each in root if "description" not in each.tag]
    assert root.tag == f"{DAV}multistatus"
    responses = Counter(map(response, root.findall(f"{DAV}response")))
    return answer.status, root.findtext(f"{DAV}sync-token"), responses


def response(element: Element) -> object:
    stats = tuple(
        (
            stat.findtext(f"{DAV}status"),
            tuple((each.tag, each.text) for each in stat.findall(f"{DAV}prop/*")),
        )
        for stat in element.findall(f"{DAV}propstat")
    )
    return unquote(element.findtext(f"{DAV}href") or ""), element.findtext(f"{DAV}status"), stats


def quoted(name: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else hexed(c) for c in name)


def hexed(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


ODD = {
    "plain": vevent("plain", "Tee & <Kuchen> ]]> \"'"),
    "ümläut %41 & co": vevent("odd", "Grünkohl 🥬"),
    "day": event("DTSTART;VALUE=DATE:20261201", uid="day"),
    "days": event("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261204", uid="days"),
    "floating": event("DTSTART:20261201T190000", "DURATION:PT1H", uid="floating"),
    "berlin": event("DTSTART;TZID=Europe/Berlin:20261201T003000", "DURATION:PT2H", uid="berlin"),
    "weekly": event("DTSTART:20260106T180000Z", "RRULE:FREQ=WEEKLY", uid="weekly"),
    "fortnight": event(
        "DTSTART;TZID=Europe/Berlin:20260107T180000", "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", uid="fortnight",
    ),
    "daily": event("DTSTART;VALUE=DATE:20261120", "RRULE:FREQ=DAILY;INTERVAL=3", uid="daily"),
    "ended": event(
        "DTSTART:20260106T180000Z", "RRULE:FREQ=WEEKLY;UNTIL=20260201T000000Z", uid="ended"
    ),
    "monthly": event(
        "DTSTART;TZID=Europe/Berlin:20260129T190000", "DURATION:PT3H",
        "RRULE:FREQ=MONTHLY;BYDAY=-1TH", uid="monthly",
    ),
    "excluded": event(
        "DTSTART:20261124T180000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY",
        "EXDATE:20261201T180000Z", uid="excluded",
    ),
    "moved": event(
        "DTSTART:20261124T180000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY",
        "END:VEVENT", "BEGIN:VEVENT", "UID:moved", "DTSTAMP:20261125T090000Z",
        "RECURRENCE-ID:20261201T180000Z", "DTSTART:20261203T180000Z", "DURATION:PT1H",
        uid="moved",
    ),
    "counted": event(
        "DTSTART:20261124T180000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=5", uid="counted"
    ),
    "added": event(
        "DTSTART:20261001T180000Z", "DURATION:PT1H", "RDATE:20261201T180000Z", uid="added"
    ),
    "moment": event("DTSTART:20261201T180000Z", uid="moment"),
    "cancelled": event(
        "DTSTART:20261201T180000Z", "DURATION:PT1H", "STATUS:CANCELLED", uid="cancelled"
    ),
    "year-end": event("DTSTART:20261231T230000Z", "DURATION:PT2H", uid="year-end"),
}  # fmt: skip
