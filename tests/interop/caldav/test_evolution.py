"""Evolution's data server, Debian's: what Evolution and GNOME Calendar work with."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from bridges.caldav.paths import login_of
from tests.dav import ANNA, BEN, NOW, House, vevent, vtodo
from wecreate_module.domain.tasks import TaskStatus
from wecreate_module.services import events
from wecreate_module.storage.calendars import Sharing

TALK = Path(__file__).with_name("evolution_talk.py")
REGISTRY = Path("/usr/libexec/evolution-source-registry")
EVENTS, TASKS = "Calendar", "Task List"
ZONE = "TZID=Europe/Berlin"
SERIES = (
    f"BEGIN:VEVENT\r\nUID:s\r\nDTSTAMP:20261122T100000Z\r\nDTSTART;{ZONE}:20261203T190000\r\n"
    f"DTEND;{ZONE}:20261203T200000\r\nSUMMARY:Vorstand\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\n"
    "END:VEVENT\r\n"
)
LATER = (
    f"BEGIN:VEVENT\r\nUID:s\r\nDTSTAMP:20261122T100000Z\r\nDTSTART;{ZONE}:20261210T200000\r\n"
    f"DTEND;{ZONE}:20261210T210000\r\nRECURRENCE-ID;{ZONE}:20261210T190000\r\n"
    "SUMMARY:Vorstand spät\r\nEND:VEVENT\r\n"
)
DAYS = (
    "BEGIN:VEVENT\r\nUID:d\r\nDTSTAMP:20261122T100000Z\r\nDTSTART;VALUE=DATE:20261212\r\n"
    "DTEND;VALUE=DATE:20261214\r\nSUMMARY:Fest\r\nEND:VEVENT\r\n"
)
TASK = "BEGIN:VTODO\r\nUID:t\r\nDTSTAMP:20261122T100000Z\r\nSUMMARY:Einkauf\r\nEND:VTODO\r\n"


class Evolution:
    """Somebody's desktop."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, *words: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(words), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "it ended: see its stderr above"
        return json.loads(line)


@contextmanager
def evolution(dav: House, person: str, home: Path) -> Iterator[Evolution]:
    """With an account for a person; raises FileNotFoundError where it is not installed."""
    if not REGISTRY.exists():
        raise FileNotFoundError(f"{REGISTRY}: run `make system` first")
    home.mkdir()
    environment = {
        **{name: os.environ[name] for name in ("PATH",) if name in os.environ},
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "LANG": "C.UTF-8",
        "TZ": "Europe/Berlin",
        "GIO_USE_VFS": "local",
        "GSETTINGS_BACKEND": "memory",
    }
    command = ["dbus-run-session", "--", "/usr/bin/python3", str(TALK)]
    with subprocess.Popen(
        command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        limit = Timer(400, process.kill)
        limit.start()
        try:
            talk = Evolution(process)
            assert talk("account", "127.0.0.1", dav.port, login_of(person), dav.password(person))
            yield talk
        finally:
            limit.cancel()
            process.communicate(timeout=120)  # its input ends, and with it the session


@pytest.fixture
def desktop(dav: House, tmp_path: Path) -> Iterator[Evolution]:
    with evolution(dav, ANNA, tmp_path / "anna") as talk:
        yield talk


def titles(dav: House) -> list[str]:
    with dav.store.read(NOW) as uow:
        return sorted(one.title for one in uow.events.list(dav.box.id))


def test_both_ways_for_a_writer(dav: House, desktop: Evolution) -> None:
    dav.put(f"{dav.events()}a.ics", vevent("a", "Probe"))
    dav.put(f"{dav.tasks()}a.ics", vtodo("b", "Kuchen"))
    found = desktop("collections")
    assert [(name, kind, writable) for name, kind, _, writable in found] == [
        ("Box garten", EVENTS, True),
        ("Box garten: Aufgaben", TASKS, True),
    ]
    assert (desktop("titles", EVENTS), desktop("titles", TASKS)) == (["Probe"], ["Kuchen"])

    assert [desktop("add", EVENTS, text) for text in (SERIES, DAYS)] == [True, True]
    assert desktop("except_for", LATER) is True
    assert desktop("remove", EVENTS, "s", "20261217T190000") is True
    assert desktop("rename", EVENTS, "d", "Großes Fest") is True
    assert desktop("remove", EVENTS, "a", None) is True
    assert desktop("add", TASKS, TASK) is True
    assert desktop("complete", "t") is True
    with dav.store.read(NOW) as uow:
        feast, series = sorted(uow.events.list(dav.box.id), key=lambda one: one.title)
        known = uow.tasks.list(dav.box.id, tuple(TaskStatus))
    assert (feast.title, feast.all_day, str(feast.start)) == ("Großes Fest", True, "2026-12-12")
    assert series.rrule == "FREQ=WEEKLY;COUNT=5"
    (later,) = series.variants
    assert (later.title, str(later.start)) == ("Vorstand spät", "2026-12-10 20:00:00+01:00")
    assert len(series.excluded) == 1
    assert {(one.title, one.status.value) for one in known} == {
        ("Kuchen", "open"),
        ("Einkauf", "done"),
    }


def test_what_changed_meanwhile_is_not_overwritten(dav: House, desktop: Evolution) -> None:
    desktop("collections")
    assert desktop("add", EVENTS, DAYS) is True
    # Its first look around may come between: then it knows of the change, and may write.
    answers = (renamed_meanwhile(dav, desktop, f"Aus dem Chat {turn}") for turn in range(9))
    refused = next(answer for answer in answers if answer is not True)
    assert "out of sync" in refused["error"]
    (kept,) = titles(dav)
    assert kept.startswith("Aus dem Chat")
    assert desktop("titles", EVENTS) == [kept]
    assert desktop("rename", EVENTS, "d", "Danach") is True
    assert titles(dav) == ["Danach"]


def renamed_meanwhile(dav: House, desktop: Evolution, title: str) -> Any:
    """What Evolution says to a new name while the event got another one in the chat."""
    with dav.store.begin(NOW + timedelta(hours=1)) as uow:
        events.edit_event(uow, dav.box, 1, lambda event: replace(event, title=title), actor=BEN)
    return desktop("rename", EVENTS, "d", "Vom Programm")


def test_a_reader_sees_that_nothing_can_be_written(dav: House, tmp_path: Path) -> None:
    dav.put(f"{dav.events()}a.ics", vevent("a", "Probe"))
    dav.share(Sharing.READ)
    with evolution(dav, BEN, tmp_path / "ben") as talk:
        talk("collections")
        assert talk("titles", EVENTS) == ["Probe"]
        assert "error" in talk("add", EVENTS, DAYS)
    assert titles(dav) == ["Probe"]
