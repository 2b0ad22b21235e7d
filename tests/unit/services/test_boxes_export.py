from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from wecreate_module.domain.attachments import Attachment, Media
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import ChecklistItem, Task, TaskStatus
from wecreate_module.services import boxes, export, files
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOT, ANNA, BEN = "@wecreate:w.example", "@anna:w.example", "@ben:w.example"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def uow(store: Store) -> Iterator[UnitOfWork]:
    with store.begin(NOW) as unit:
        yield unit


@pytest.fixture
def box(uow: UnitOfWork) -> Box:
    uow.rooms.save(Room("!r", settings={"language": "de"}))
    for user_id, name in ((BOT, "WeCreate"), (ANNA, "Anna"), (BEN, None)):
        uow.rooms.set_member("!r", user_id, "join", name)
    return boxes.found(
        uow,
        room_id="!r",
        name="Süßes Sommerfest: 2027!",
        founder=ANNA,
        language="de",
        timezone="Europe/Berlin",
    )


def add(uow: UnitOfWork, box: Box, **fields: object) -> Task:
    number = uow.tasks.next_number(box.id)
    task = Task(number, f"uid-{number}", f"Aufgabe {number}", ANNA, NOW)
    task = replace(task, **fields)  # type: ignore[arg-type]  # fields of Task, chosen by each test
    uow.tasks.add(box.id, task)
    return task


def test_the_data_holds_all_of_the_box(uow: UnitOfWork, box: Box) -> None:
    add(uow, box, title="Kuchen", due=date(2026, 12, 1), assignees=(BEN,), labels=("küche",))
    add(
        uow,
        box,
        items=(ChecklistItem("Mehl", done=True),),
        due=datetime(2026, 12, 1, 18, tzinfo=UTC),
    )
    add(uow, box, status=TaskStatus.DONE, finished_by=BEN, finished_at=NOW)
    data = json.loads(export.as_json(export.collect(uow, box, BOT)))
    assert data["format"] == 1
    assert data["box"]["name"] == box.name
    assert data["settings"] == {"language": "de"}
    assert [member["name"] for member in data["members"]] == ["Anna", BEN]
    first, second, third = data["tasks"]
    assert (first["title"], first["due"], first["assignees"]) == ("Kuchen", "2026-12-01", [BEN])
    assert second["items"] == [{"text": "Mehl", "done": True}]
    assert second["due"].startswith("2026-12-01T18:00:00")
    assert (third["status"], third["finished_by"]) == ("done", BEN)
    kinds = [entry["kind"] for entry in data["journal"]]
    assert kinds == ["box.created", "task.added", "task.added", "task.added"]


def test_the_calendar_file_holds_every_task_and_each_zone_once(uow: UnitOfWork, box: Box) -> None:
    for hour in (9, 18):
        add(uow, box, due=datetime(2026, 12, 1, hour, tzinfo=BERLIN))
    add(uow, box, status=TaskStatus.CANCELLED)
    calendar = Calendar.from_ical(export.tasks_file(uow, box))
    assert [str(task["UID"]) for task in calendar.walk("VTODO")] == ["uid-1", "uid-2", "uid-3"]
    zones = [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")]
    assert len(zones) == len(set(zones))


def test_an_empty_box_has_a_calendar_file_too(uow: UnitOfWork, box: Box) -> None:
    assert b"VTODO" not in export.tasks_file(uow, box)


def test_the_archive_opens_and_holds_the_files() -> None:
    packed = export.pack({"a.txt": b"eins", "b.txt": "zwö".encode()}, NOW)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert archive.read("b.txt").decode() == "zwö"


def test_an_archive_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MAX_BYTES", 1000)
    with pytest.raises(UserError, match="more than fits"):
        export.pack({"a": bytes(30_000)}, NOW)
    with pytest.raises(UserError, match="more than fits"):
        export.pack({"a": Random(1).randbytes(3000)}, NOW)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Süßes Sommerfest: 2027!", "box-susses-sommerfest-2027-2026-11-22.zip"),
        ("../../etc/passwd", "box-etc-passwd-2026-11-22.zip"),
        ("🎉", "box-2026-11-22.zip"),
        ("Ein " * 30, "box-ein-ein-ein-ein-ein-ein-ein-ein-ein-ein-2026-11-22.zip"),
    ],
)
def test_the_file_has_a_name_for_every_system(name: str, file: str) -> None:
    assert export.file_name(name, NOW.date()) == file


def test_files_are_in_it_without_what_opens_them(uow: UnitOfWork, box: Box) -> None:
    media = Media("mxc://w.example/1", "k" * 43, "i" * 22, "s" * 43)
    sent = Attachment("m.file", "Plan.pdf", media, 7, "application/pdf", "Entwurf")
    files.enter_file(uow, box, sent, event_id="$1", sender=ANNA, sent_at=NOW)
    files.delete_file(uow, box, 1, actor=ANNA, power=0)
    collected = export.collect(uow, box, BOT)
    (file,) = collected["files"]
    assert (file["name"], file["description"], file["status"]) == ("Plan.pdf", "Entwurf", "deleted")
    assert media.key not in export.as_json(collected).decode()
