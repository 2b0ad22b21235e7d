"""caldav-server-tester, side by side with plain Radicale: nothing worse but what is meant so."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bridges.caldav.paths import login_of
from tests.dav import ANNA, House
from tests.interop.caldav.programs import PlainRadicale, features_of
from wecreate_module.storage.engine import make_engine
from wecreate_module.storage.tables import calendars

# The tester looks for a collection of tasks under this name where one mixes no kinds.
TASKS = "caldav-server-checker-calendar_tasks"
MEANT = {
    # Calendars are made and deleted in chat, so what needs one to be made can't be tried.
    "create-calendar",
    "create-calendar.with-supported-component-types",
    "delete-calendar",
    "delete-calendar.free-namespace",
    "save",
    "synchronous-write.create-calendar",
    "synchronous-write.delete-calendar",
    "url.encode-at.identity",
    "url.encode-at.literal.collection",
    # One kind for each collection (guard 8), and no journals.
    "save-load.journal",
    "save-load.todo.mixed-calendar",
    # Nobody overwrites what they have not seen (guard 3).
    "save-load.mutable.if-match-optional",
}
GOOD = {"full", "(as expected)"}


def supported(features: dict[str, Any], name: str) -> str:
    """What is left out is as the tester expects of a good server."""
    found = features.get(name)
    return str(found.get("support", "(as expected)")) if found else "(as expected)"


def make_calendar(radicale: PlainRadicale, name: str, component: str) -> None:
    body = (
        '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
        f"<D:displayname>{name}</D:displayname><C:supported-calendar-component-set>"
        f'<C:comp name="{component}"/></C:supported-calendar-component-set>'
        "</D:prop></D:set></C:mkcalendar>"
    )
    connection = HTTPConnection("127.0.0.1", radicale.port, timeout=90)
    path = f"/{radicale.username}/{name}/"
    connection.request("MKCALENDAR", path, body, radicale.authorization)
    assert connection.getresponse().status == 201
    connection.close()


@pytest.fixture
def tasks_by_name(dav: House, tmp_path: Path) -> None:
    assert dav.shared.tasks_id != TASKS
    engine = make_engine(f"sqlite:///{tmp_path}/wecreate.db")
    with engine.begin() as connection:
        connection.execute(update(calendars).values(tasks_id=TASKS))
    engine.dispose()


@pytest.mark.usefixtures("tasks_by_name")
def test_nothing_is_worse_than_in_plain_radicale(
    dav: House, radicale: PlainRadicale, tmp_path: Path
) -> None:
    make_calendar(radicale, "Events", "VEVENT")
    make_calendar(radicale, TASKS, "VTODO")
    user = (radicale.username, radicale.password)
    plain = features_of(radicale.url, *user, "Events", tmp_path / "plain")["features"]
    login = (login_of(ANNA), dav.password(ANNA))
    ours = features_of(dav.url, *login, "Box garten", tmp_path / "ours")["features"]
    worse = {
        name: (supported(plain, name), supported(ours, name))
        for name in plain | ours
        if supported(ours, name) not in {*GOOD, supported(plain, name)}
        and supported(plain, name) in {*GOOD, "quirk", "fragile", "unsupported"}
    }
    assert set(worse) - MEANT == set(), worse
    assert supported(ours, "save-load.event") in GOOD
    assert supported(ours, "sync-token") in GOOD
