"""Read-only calendars at secret addresses, for programs that know no CalDAV."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus

from bridges.caldav.refusals import Environ
from wecreate_module.services.calendars import collections_of
from wecreate_module.storage.calendar_objects import CalendarObject, Kind
from wecreate_module.storage.store import Store

_FEED = re.compile(r"/feed/([A-Za-z0-9_-]{32})\.ics")
_LINE_END = re.compile(r"\r?\n")
_NO_LINE_ENDS = dict.fromkeys((0x85, 0x2028, 0x2029), " ")
_MISSING = HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain"}, b"not found\n"
_HEAD = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//WeCreate//WeCreate//EN\r\n"
    # Programs that follow an address look once a day, or a week, if nobody says how often.
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n"
)


class FeedPage:
    """`/feed/<secret>.ics`: a Box's events, as long as the person is a member."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, environ: Environ) -> tuple[HTTPStatus, dict[str, str], bytes] | None:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith("/feed/"):
            return None
        found = _FEED.fullmatch(path)
        if found is None or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _MISSING
        with self._store.read(datetime.now(UTC)) as uow:
            owner = uow.feeds.find(found[1])
            shown = collections_of(uow, owner[0]) if owner else []
            boxes = [one.box for one in shown if owner and one.box.id == owner[1]]
            if not boxes:
                return _MISSING
            etag = f'"{uow.calendar_objects.top(boxes[0].id, Kind.EVENT):x}"'
            headers = {
                "Content-Type": "text/calendar; charset=utf-8",
                "ETag": etag,
                "Cache-Control": "private, no-cache",
                "X-Content-Type-Options": "nosniff",
            }
            if environ.get("HTTP_IF_NONE_MATCH") == etag:
                return HTTPStatus.NOT_MODIFIED, headers, b""
            stored = uow.calendar_objects.all(boxes[0].id, Kind.EVENT)
            body = _joined(boxes[0].name, stored).encode()
        return HTTPStatus.OK, headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else body


def _joined(name: str, stored: Iterable[CalendarObject]) -> str:
    """All in one VCALENDAR, each time zone once."""
    zones: dict[str, str] = {}
    events: list[str] = []
    for one in stored:
        for component in _components(one.text):
            if component.startswith("BEGIN:VTIMEZONE"):
                tzid = re.search(r"^TZID[^:]*:(.*)$", component, re.MULTILINE)
                zones.setdefault(tzid[1].strip() if tzid else component, component)
            else:
                events.append(component)
    title = re.sub(r"([\\;,])", r"\\\1", " ".join(name.split()))
    return "".join(
        [_HEAD, f"X-WR-CALNAME:{title}\r\n", *zones.values(), *events, "END:VCALENDAR\r\n"]
    )


def _components(text: str) -> list[str]:
    """Split into the parts right below VCALENDAR; nothing is parsed."""
    found: list[str] = []
    part: list[str] = []
    depth = 0
    # Some signs end a line to `splitlines` and to programs written in JavaScript, not in
    # iCalendar: what stands behind one in a title would become a line of its own there.
    for line in _LINE_END.split(text.translate(_NO_LINE_ENDS)):
        word = line[:6].upper()
        depth += word == "BEGIN:"
        if depth > 1:
            part.append(f"{line}\r\n")
        depth -= word.startswith("END:")
        if depth == 1 and part and word.startswith("END:"):
            found.append("".join(part))
            part = []
    return found
