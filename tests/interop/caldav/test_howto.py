"""What docs/how-to/calendars-on-devices.md says to write into files works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from bridges.caldav.paths import login_of
from tests.dav import ANNA, BEN, NOW, House, vevent
from tests.interop.caldav.programs import ROOT, run
from wecreate_module.services import tasks

HOWTO = ROOT / "docs/how-to/calendars-on-devices.md"
FILES = re.compile(r"`~/\.config/(?P<name>[a-z./]+)`.*?```\w+\n(?P<text>.*?)```", re.DOTALL)


def at_home(dav: House, home: Path) -> Path:
    """A computer with these files on it; only address, name and password are put in."""
    found = {each["name"]: each["text"] for each in FILES.finditer(HOWTO.read_text())}
    assert found.keys() == {"vdirsyncer/config", "khal/config", "todoman/config.py"}
    said = found["vdirsyncer/config"]
    said = said.replace("https://kalender.wir.example/", dav.url)
    said = said.replace("anna@wir.example", login_of(ANNA))
    found["vdirsyncer/config"] = said.replace(
        '["command", "pass", "wecreate"]', f'["command", "echo", "{dav.password(ANNA)}"]'
    )
    for name, text in found.items():
        # XDG_CONFIG_HOME is the home itself in these tests.
        path = home / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return home


def test_the_files_of_the_how_to_work_as_they_stand(dav: House, tmp_path: Path) -> None:
    home = at_home(dav, tmp_path / "anna")
    dav.put(dav.events() + "a.ics", vevent("a", "Probe"))
    with dav.store.begin(NOW) as uow:
        tasks.add_task(uow, dav.box, tasks.NewTask("Zelt aufbauen"), actor=BEN)
    run("vdirsyncer", "discover", home=home, words="y\n" * 9)
    run("vdirsyncer", "sync", home=home)
    assert "Probe" in run("khal", "list", "01.12.2026", "2d", home=home).stdout
    assert "Zelt aufbauen" in run("todo", "list", home=home).stdout

    calendar = dav.shared.events_id
    new = ("new", "-a", calendar, "03.12.2026", "19:00", "20:00", "Vorstand")
    run("khal", *new, home=home)
    run("todo", "new", "-l", dav.shared.tasks_id, "Getränke", home=home, check=False)
    run("vdirsyncer", "sync", home=home)
    with dav.store.read(NOW) as uow:
        assert "Vorstand" in {one.title for one in uow.events.list(dav.box.id)}
        assert "Getränke" in {one.title for one in uow.tasks.list(dav.box.id)}
