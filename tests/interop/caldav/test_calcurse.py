"""calcurse-caldav, Debian's: two ways."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.caldav.paths import login_of
from tests.dav import ANNA, BEN, NOW, House, vevent
from wecreate_module.services import events, outside
from wecreate_module.services.events import NewEvent
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.calendars import Sharing

CALDAV = Path("/usr/bin/calcurse-caldav")
CONFIG = """
[General]
Binary = /usr/bin/calcurse
Hostname = 127.0.0.1:{port}
Path = {path}
HTTPS = No
DryRun = No
SyncFilter = cal
[Auth]
Username = {login}
Password = {password}
"""


class Calcurse:
    """Somebody's terminal."""

    def __init__(self, dav: House, person: str, home: Path) -> None:
        self.home = home
        (home / "data").mkdir(parents=True)
        self.config = home / "config"
        self.config.write_text(
            CONFIG.format(
                port=dav.port,
                path=dav.events(person),
                login=login_of(person),
                password=dav.password(person),
            )
        )

    def sync(self, *words: str, check: bool = True) -> str:
        if not CALDAV.exists():
            raise FileNotFoundError(f"{CALDAV}: run `make system` first")
        return self._run(
            *("/usr/bin/python3", str(CALDAV), "--config", str(self.config)),
            *("--datadir", str(self.home / "data"), "--lockfile", str(self.home / "lock")),
            *("--syncdb", str(self.home / "sync.db"), "--hookdir", str(self.home), *words),
            check=check,
        )

    def calcurse(self, *words: str) -> str:
        return self._run("/usr/bin/calcurse", "-D", str(self.home / "data"), *words)

    def listed(self) -> str:
        return self.calcurse("-Q", "--from", "12/01/2026", "--to", "12/31/2026")

    def add(self, uid: str, title: str) -> None:
        file = self.home / "new.ics"
        file.write_bytes(vevent(uid, title))
        self.calcurse("-q", "-i", str(file))

    def _run(self, *command: str, check: bool = True) -> str:
        environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        environment["TZ"] = "Europe/Berlin"
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr


@pytest.fixture
def terminal(dav: House, tmp_path: Path) -> Calcurse:
    return Calcurse(dav, ANNA, tmp_path / "anna")


def titles(dav: House) -> list[str]:
    with dav.store.read(NOW) as uow:
        return sorted(one.title for one in uow.events.list(dav.box.id))


def test_both_ways_for_a_writer(dav: House, terminal: Calcurse) -> None:
    new = NewEvent("Vorstand", start=NOW.replace(month=12, day=3, hour=18))
    with dav.store.begin(NOW) as uow:
        events.add_event(uow, dav.box, new, actor=BEN)
    terminal.add("mine", "Zahnarzt")
    terminal.sync("--init=two-way")
    assert "Vorstand" in terminal.listed()
    assert titles(dav) == ["Vorstand", "Zahnarzt"]

    with dav.store.begin(NOW) as uow:
        events.edit_event(
            uow, dav.box, 1, lambda event: replace(event, title="Großer Vorstand"), actor=BEN
        )
    terminal.sync()
    listed = terminal.listed()
    assert "Großer Vorstand" in listed
    assert listed.count("Vorstand") == 1

    terminal.calcurse("-F", "--filter-pattern", "Vorstand")  # keeps what fits, drops the dentist
    with dav.store.begin(NOW) as uow:
        (one,) = uow.calendar_objects.named(dav.box.id, Kind.EVENT, [href_of(dav, "Großer")])
        outside.delete(uow, dav.box, one, actor=BEN)
    terminal.sync()
    assert titles(dav) == []
    assert "Vorstand" not in terminal.listed()


def test_a_readers_event_is_refused(dav: House, tmp_path: Path) -> None:
    dav.put(dav.events() + "a.ics", vevent("a", "Probe"))
    dav.share(Sharing.READ)
    terminal = Calcurse(dav, BEN, tmp_path / "ben")
    terminal.sync("--init=keep-remote")
    assert "Probe" in terminal.listed()
    terminal.add("mine", "Heimlich")
    assert "403" in terminal.sync(check=False)
    assert titles(dav) == ["Probe"]


def href_of(dav: House, word: str) -> str:
    with dav.store.read(NOW) as uow:
        every = uow.calendar_objects.all(dav.box.id, Kind.EVENT)
    return next(one.href for one in every if word in str(one.summary["title"]))
