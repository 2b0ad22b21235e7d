"""A CalDAV server of WeCreate in the test's own process, with a Box and its people."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bridges.caldav.paths import login_of
from bridges.caldav.server import Address, make_app, serving
from wecreate_module.domain.boxes import Box
from wecreate_module.services import app_passwords, calendars
from wecreate_module.storage.calendars import BoxCalendars, Sharing
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

BOT, ANNA, BEN, CEM = "@wecreate:w.example", "@anna:w.example", "@ben:w.example", "@cem:w.example"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ADMIN = {"users": {ANNA: 100}, "users_default": 0}

VTODO = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Test//Test//EN
BEGIN:VTODO
UID:{uid}
DTSTAMP:20261125T090000Z
SUMMARY:{title}
{more}END:VTODO
END:VCALENDAR
"""
VEVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Test//Test//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261125T090000Z
DTSTART:20261201T180000Z
DTEND:20261201T190000Z
SUMMARY:{title}
{more}END:VEVENT
END:VCALENDAR
"""


def vtodo(uid: str = "one", title: str = "Kuchen backen", more: str = "") -> bytes:
    return _sent(VTODO.format(uid=uid, title=title, more=more))


def vevent(uid: str = "one", title: str = "Probe", more: str = "") -> bytes:
    return _sent(VEVENT.format(uid=uid, title=title, more=more))


def _sent(text: str) -> bytes:
    return "".join(f"{line}\r\n" for line in text.splitlines()).encode()


@dataclass(frozen=True)
class Answer:
    """Names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def hrefs(self) -> list[str]:
        """Of the responses in a multistatus."""
        found = re.findall(r"<(?:\w+:)?response><(?:\w+:)?href>([^<]*)<", self.text)
        return [unquote(one) for one in found]


def add_box(
    store: Store, box_id: str, members: Mapping[str, str], levels: Mapping[str, Any] = ADMIN
) -> Box:
    """A Box with its room; `members` are user ids and what they are there (join, leave …)."""
    room_id = f"!{box_id}:w.example"
    box = Box(box_id, room_id, f"Box {box_id}", "de", "Europe/Berlin", ANNA, NOW)
    with store.begin(NOW) as uow:
        create = {"room_version": "11"}
        uow.rooms.save(Room(room_id, create=create, creator=BOT, power_levels=dict(levels)))
        for user_id, membership in {BOT: "join", **members}.items():
            uow.rooms.set_member(room_id, user_id, membership, None)
        uow.boxes.add(box)
    return box


@dataclass
class House:
    """A store, its server, one shared Box with Anna and Ben in it, and Cem outside."""

    store: Store
    port: int
    box: Box
    shared: BoxCalendars
    passwords: dict[str, str] = field(default_factory=dict)

    def password(self, user_id: str) -> str:
        if user_id not in self.passwords:
            with self.store.begin(NOW) as uow:
                self.passwords[user_id] = app_passwords.add(uow, user_id, "Telefon")
        return self.passwords[user_id]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def events(self, user_id: str = ANNA) -> str:
        return f"/{login_of(user_id)}/{self.shared.events_id}/"

    def tasks(self, user_id: str = ANNA) -> str:
        return f"/{login_of(user_id)}/{self.shared.tasks_id}/"

    def share(self, sharing: Sharing) -> None:
        with self.store.begin(NOW) as uow:
            calendars.share(uow, self.box, sharing, actor=ANNA)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str = b"",
        *,
        who: str | None = ANNA,
        password: str | None = None,
        **headers: str,
    ) -> Answer:
        """One request; `If_Match` and the like are headers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            word = self.password(who) if password is None else password
            pair = base64.b64encode(f"{login_of(who)}:{word}".encode()).decode()
            sent["Authorization"] = f"Basic {pair}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            data = body.encode() if isinstance(body, str) else body
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            given = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, given, answer.read())
        finally:
            connection.close()

    def put(self, path: str, body: bytes, *, who: str = ANNA, **headers: str) -> Answer:
        return self.ask("PUT", path, body, who=who, Content_Type="text/calendar", **headers)

    def sync(self, path: str, token: str = "", *, who: str = ANNA) -> tuple[Answer, str]:
        """The answer of a sync-collection, and the next token."""
        body = (
            '<D:sync-collection xmlns:D="DAV:">'
            f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
            "<D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
        answer = self.ask("REPORT", path, body, who=who)
        found = re.search(r"sync-token>([^<]+)<", answer.text)
        return answer, found[1] if found else ""


@contextmanager
def house(folder: Path) -> Iterator[House]:
    store = Store.open(f"sqlite:///{folder}/wecreate.db", folder / "keys.db", folder / "key")
    try:
        box = add_box(store, "garten", {ANNA: "join", BEN: "join"})
        with store.begin(NOW) as uow:
            shared = calendars.share(uow, box, Sharing.WRITE, actor=ANNA)
        with serving(make_app(store), Address()) as port:
            yield House(store, port, box, shared)
    finally:
        store.close()
