"""Tasks of a Box in calendar programs, and the same tasks in chat."""

from __future__ import annotations

from datetime import UTC, datetime

from caldav.davclient import DAVClient

from bridges.caldav.paths import login_of
from tests.dav import ANNA, BEN, NOW, House, vtodo
from wecreate_module.domain.tasks import Task, TaskStatus
from wecreate_module.services import tasks
from wecreate_module.services.tasks import NewTask


def task(dav: House, number: int) -> Task | None:
    with dav.store.read(NOW) as uow:
        return uow.tasks.get(dav.box.id, number)


def test_a_client_finds_the_collections_by_itself(dav: House) -> None:
    with DAVClient(url=dav.url, username=login_of(ANNA), password=dav.password(ANNA)) as client:
        found = client.principal().calendars()  # type: ignore[no-untyped-call]  # caldav
        kinds = {one.get_display_name(): one.get_supported_components() for one in found}
    assert kinds == {"Box garten": ["VEVENT"], "Box garten: Aufgaben": ["VTODO"]}


def test_a_task_from_chat_is_there_and_can_be_finished(dav: House) -> None:
    with dav.store.begin(NOW) as uow:
        tasks.add_task(uow, dav.box, NewTask("Zelt aufbauen"), actor=BEN)
    with DAVClient(url=dav.url, username=login_of(ANNA), password=dav.password(ANNA)) as client:
        (calendar,) = (
            one
            for one in client.principal().calendars()  # type: ignore[no-untyped-call]  # caldav
            if "VTODO" in one.get_supported_components()
        )
        (todo,) = calendar.todos()
        todo.complete()
    ended = task(dav, 1)
    assert ended is not None
    assert (ended.title, ended.status, ended.finished_by) == (
        "Zelt aufbauen",
        TaskStatus.DONE,
        ANNA,
    )


def test_a_task_of_a_client_is_one_of_the_box(dav: House) -> None:
    made = dav.put(dav.tasks() + "a.ics", vtodo(title="Müll", more="DUE:20261201T180000Z\r\n"))
    assert made.status == 201
    assert made.headers["etag"]
    found = task(dav, 1)
    assert found is not None
    assert (found.title, found.created_by) == ("Müll", ANNA)
    assert found.due == datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


def test_what_a_client_wrote_survives_an_edit_in_chat(dav: House) -> None:
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
    dav.put(dav.tasks() + "a.ics", vtodo(more=f"X-MOZ-LASTACK:1\r\n{alarm}"))
    with dav.store.begin(NOW) as uow:
        tasks.set_title(uow, dav.box, 1, "Zwei Kuchen", actor=BEN)
    text = dav.ask("GET", dav.tasks() + "a.ics").text
    assert "SUMMARY:Zwei Kuchen" in text
    assert "X-MOZ-LASTACK:1" in text
    assert "TRIGGER:-PT15M" in text


def test_the_next_sync_tells_what_changed_and_what_is_gone(dav: House) -> None:
    for name in ("a", "b", "c"):
        dav.put(f"{dav.tasks()}{name}.ics", vtodo(uid=name))
    answer, token = dav.sync(dav.tasks())
    assert len(answer.hrefs) == 3
    etag = dav.ask("GET", dav.tasks() + "a.ics").headers["etag"]
    dav.put(dav.tasks() + "a.ics", vtodo(uid="a", title="anders"), If_Match=etag)
    dav.ask("DELETE", dav.tasks() + "b.ics", If_Match="*")
    answer, later = dav.sync(dav.tasks(), token)
    assert {one.rsplit("/", 1)[1] for one in answer.hrefs} == {"a.ics", "b.ics"}
    assert "404" in answer.text
    answer, _ = dav.sync(dav.tasks(), later)
    assert answer.hrefs == []


def test_a_sync_token_that_was_never_given_is_refused(dav: House) -> None:
    answer, _ = dav.sync(dav.tasks(), "https://elsewhere.example/1")
    assert answer.status == 403
    assert "valid-sync-token" in answer.text
