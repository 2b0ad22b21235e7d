"""A Box whose calendar is tied to one on another server, in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from caldav.collection import Calendar
from caldav.davclient import DAVClient

from bridges.caldav.external.addresses import Allowed
from bridges.caldav.external.runner import Runner
from tests.dav import ANNA, BEN, NOW, add_box
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.events import Event
from wecreate_module.services import events, external_calendars, outside
from wecreate_module.services.events import NewEvent
from wecreate_module.services.external_calendars import SAY, Login
from wecreate_module.services.outside import Written
from wecreate_module.storage.calendar_objects import CalendarObject, Kind
from wecreate_module.storage.external_calendars import ExternalCalendar, ExternalObject
from wecreate_module.storage.store import Store

Json = dict[str, Any]
HERE = Allowed(("127.0.0.1", "localhost"))
DIRECT = "!direct-ann:w.example"


@dataclass
class TiedBox:
    """`sync` is one run, now. `far` is the calendar there, as python caldav sees it."""

    store: Store
    box: Box
    far: Calendar
    kind: Kind = Kind.EVENT
    allowed: Allowed = HERE

    def tie(self, url: str, username: str, password: str) -> None:
        login = Login(url, username, password)
        with self.store.begin(datetime.now(UTC)) as uow:
            external_calendars.tie(uow, self.box, self.kind, login, owner=ANNA, room_id=DIRECT)

    def sync(self) -> None:
        runner = Runner(self.store, self.allowed, timedelta(hours=1))
        with self.store.begin(datetime.now(UTC)) as uow:
            known = uow.external_calendars.get(self.box.id, self.kind)
            if known is not None:
                uow.external_calendars.put(replace(known, look_at=uow.now))
        runner.sync(self.box.id, self.kind)

    @property
    def state(self) -> ExternalCalendar:
        with self.store.read(NOW) as uow:
            found = uow.external_calendars.get(self.box.id, self.kind)
        assert found is not None
        return found

    def said(self) -> list[Json]:
        """What the bot is to tell; told from then on."""
        with self.store.begin(NOW) as uow:
            due = [one for one in uow.schedule.due(NOW.replace(year=2100), 500) if one.kind == SAY]
            for one in due:
                uow.schedule.done(one.id)
        return [one.payload for one in due if one.payload["what"] != external_calendars.LATE]

    # Here

    def add(self, title: str, hour: int = 18) -> Event:
        new = NewEvent(title, start=datetime(2026, 12, 1, hour, tzinfo=UTC))
        with self.store.begin(NOW) as uow:
            return events.add_event(uow, self.box, new, actor=ANNA)

    def rename(self, number: int, title: str) -> None:
        with self.store.begin(NOW) as uow:
            events.edit_event(
                uow, self.box, number, lambda event: replace(event, title=title), actor=BEN
            )

    def put(self, uid: str, text: bytes) -> None:
        """As a member's calendar program."""
        with self.store.begin(NOW) as uow:
            href = uow.calendar_objects.href_of(self.box.id, self.kind, uid) or f"{uid}.ics"
            outside.put(uow, self.box, self.kind, href, Written(uid, text.decode()), actor=BEN)

    def delete(self, uid: str) -> None:
        with self.store.begin(NOW) as uow:
            for one in uow.calendar_objects.all(self.box.id, self.kind):
                if one.uid == uid:
                    outside.delete(uow, self.box, one, actor=BEN)

    def objects(self) -> dict[str, CalendarObject]:
        with self.store.read(NOW) as uow:
            return {one.uid: one for one in uow.calendar_objects.all(self.box.id, self.kind)}

    def objects_in_common(self) -> dict[str, ExternalObject]:
        with self.store.read(NOW) as uow:
            return uow.external_calendars.objects(self.box.id, self.kind)

    def titles(self) -> list[str]:
        return sorted(str(one.summary["title"]) for one in self.objects().values())

    # There

    def there(self) -> dict[str, str]:
        """UID → text."""
        return {str(one.icalendar_component["UID"]): str(one.data) for one in self._all_there()}

    def titles_there(self) -> list[str]:
        return sorted(str(one.icalendar_component["SUMMARY"]) for one in self._all_there())

    def put_there(self, uid: str, text: bytes) -> None:
        """Over what is there, as somebody's program there."""
        found = [one for one in self._all_there() if str(one.icalendar_component["UID"]) == uid]
        url = str(found[0].url) if found else f"{self.far.url}{uid}.ics"
        answer = client_of(self.far).put(url, text.decode(), {"Content-Type": "text/calendar"})
        assert answer.status in {200, 201, 204}

    def delete_there(self, *uids: str) -> None:
        for one in self._all_there():
            if not uids or str(one.icalendar_component["UID"]) in uids:
                one.delete()

    def _all_there(self) -> list[Any]:
        every: Any = (
            self.far.get_todos(include_completed=True)
            if self.kind is Kind.TASK
            else self.far.get_events()
        )
        return list(every)


@contextmanager
def tied_box(folder: Path, far: Calendar) -> Iterator[TiedBox]:
    """A Box of Anna's and Ben's; not tied yet."""
    store = Store.open(f"sqlite:///{folder}/wecreate.db", folder / "keys.db", folder / "key")
    try:
        box = add_box(store, "garten", {ANNA: "join", BEN: "join"})
        yield TiedBox(store, box, far)
    finally:
        client_of(far).close()
        store.close()


def client_of(far: Calendar) -> DAVClient:
    assert isinstance(far.client, DAVClient)
    return far.client


def calendar_at(
    url: str, username: str = "", password: str = "", certificates: Path | None = None
) -> Calendar:
    """Some calendar, as another person's program sees it; `certificates` are those it trusts."""
    client = DAVClient(
        url,
        username=username,
        password=password,
        enable_rfc6764=False,
        ssl_verify_cert=str(certificates) if certificates else True,
    )
    return Calendar(client=client, url=url)
