"""vdirsyncer with khal and todoman: a writer, a reader and an outsider."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridges.caldav.paths import login_of
from tests.dav import ANNA, BEN, CEM, NOW, House, vevent, vtodo
from tests.interop.caldav.programs import run
from wecreate_module.domain.tasks import TaskStatus
from wecreate_module.services import tasks
from wecreate_module.storage.calendars import Sharing

CONFIG = """
[general]
status_path = "{home}/status/"
[pair box]
a = "here"
b = "there"
collections = ["from a", "from b"]
conflict_resolution = "b wins"
metadata = ["displayname", "color"]
[storage here]
type = "filesystem"
path = "{home}/here/"
fileext = ".ics"
[storage there]
type = "caldav"
url = "{url}"
username = "{login}"
password = "{password}"
"""
KHAL = """
[calendars]
[[events]]
path = {folder}
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
[default]
default_calendar = events
"""


class Laptop:
    """Somebody's computer with vdirsyncer, khal and todoman on it."""

    def __init__(self, dav: House, person: str, home: Path, *, url: str = "") -> None:
        self.home = home
        home.mkdir()
        self.events = home / "here" / dav.shared.events_id
        self.tasks = home / "here" / dav.shared.tasks_id
        self.config = home / "vdirsyncer"
        self.config.write_text(
            CONFIG.format(
                home=home,
                url=url or dav.url,
                login=login_of(person),
                password=dav.password(person),
            )
        )

    def vdirsyncer(self, command: str, *, check: bool = True) -> str:
        done = run(
            "vdirsyncer",
            "-c",
            str(self.config),
            command,
            home=self.home,
            check=check,
            words="y\n" * 9,
        )
        return done.stdout + done.stderr

    def sync(self, *, check: bool = True) -> str:
        return self.vdirsyncer("sync", check=check)

    def khal(self, *words: str) -> str:
        folder = self.home / "khal"
        folder.mkdir(exist_ok=True)
        (folder / "config").write_text(KHAL.format(folder=self.events))
        return run("khal", *words, home=self.home).stdout

    def todo(self, *words: str) -> str:
        folder = self.home / "todoman"
        folder.mkdir(exist_ok=True)
        (folder / "config.py").write_text(
            f'path = "{self.home}/here/{self.tasks.name}"\ndate_format = "%Y-%m-%d"\n'
            f'time_format = "%H:%M"\ndefault_list = "{self.tasks.name}"\n'
        )
        return run("todo", *words, home=self.home).stdout


@pytest.fixture
def laptop(dav: House, tmp_path: Path) -> Laptop:
    made = Laptop(dav, ANNA, tmp_path / "anna")
    made.vdirsyncer("discover")
    return made


def test_both_ways_for_a_writer(dav: House, laptop: Laptop) -> None:
    dav.put(dav.events() + "a.ics", vevent("a", "Probe"))
    with dav.store.begin(NOW) as uow:
        tasks.add_task(uow, dav.box, tasks.NewTask("Zelt aufbauen"), actor=BEN)
    laptop.sync()
    assert "Probe" in laptop.khal("list", "2026-12-01", "2026-12-02")
    assert "Zelt aufbauen" in laptop.todo("list")

    laptop.khal("new", "2026-12-03", "19:00", "20:00", "Vorstand")
    laptop.todo("new", "Getränke kaufen")
    laptop.todo("done", "1")
    laptop.sync()
    with dav.store.read(NOW) as uow:
        (event,) = (one for one in uow.events.list(dav.box.id) if one.title == "Vorstand")
        known = uow.tasks.list(dav.box.id, tuple(TaskStatus))
    assert event.start.isoformat() == "2026-12-03T19:00:00+01:00"
    assert {(one.title, one.status.value) for one in known} == {
        ("Zelt aufbauen", "done"),
        ("Getränke kaufen", "open"),
    }

    with dav.store.begin(NOW) as uow:
        tasks.delete_task(uow, dav.box, 2, actor=ANNA)
    assert len(list(laptop.tasks.glob("*.ics"))) == 2
    laptop.sync()
    assert len(list(laptop.tasks.glob("*.ics"))) == 1
    assert laptop.sync().count("Uploading") == 0


def test_a_reader_gets_all_and_writes_nothing(dav: House, tmp_path: Path) -> None:
    dav.put(dav.events() + "a.ics", vevent("a", "Probe"))
    dav.share(Sharing.READ)
    laptop = Laptop(dav, BEN, tmp_path / "ben")
    laptop.vdirsyncer("discover")
    laptop.sync()
    assert [path.name for path in laptop.events.glob("*.ics")]
    (laptop.events / "mine.ics").write_bytes(vevent("mine", "Heimlich"))
    said = laptop.sync(check=False)
    assert "403" in said or "Forbidden" in said
    with dav.store.read(NOW) as uow:
        assert [one.title for one in uow.events.list(dav.box.id)] == ["Probe"]


def test_an_outsider_finds_no_calendar(dav: House, tmp_path: Path) -> None:
    dav.put(dav.tasks() + "a.ics", vtodo("a"))
    laptop = Laptop(dav, CEM, tmp_path / "cem")
    laptop.vdirsyncer("discover", check=False)
    laptop.sync(check=False)
    assert not list((laptop.home).rglob("*.ics"))


def test_the_well_known_address_is_enough(dav: House, tmp_path: Path) -> None:
    dav.put(dav.events() + "a.ics", vevent("a", "Probe"))
    laptop = Laptop(dav, ANNA, tmp_path / "anna", url=f"{dav.url}.well-known/caldav")
    laptop.vdirsyncer("discover")
    laptop.sync()
    assert list(laptop.events.glob("*.ics"))
