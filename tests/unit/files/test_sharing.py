from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bots.kit.app import App
from tests.unit.files.conftest import ANNA, BEN
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.links import LinkRules, LinkWish
from wecreate_module.domain.matrix import RESULT
from wecreate_module.services import links
from wecreate_module.services.link_sealing import SealedLink, derive


def access(chat: Any, link: dict[str, Any]) -> tuple[str, bytes]:
    """The link's id, and what a visitor shows."""
    link_id, _, secret = link["url"].removeprefix("https://files.w.example/f/").partition("#")
    with chat.store.read(chat.now) as uow:
        found = uow.links.get(link_id)
    assert found is not None
    return link_id, derive(link_id, secret, link["password"], found[1].salt, found[1].kdf)[1]


def visit(chat: Any, link: dict[str, Any]) -> None:
    link_id, shown = access(chat, link)
    with chat.store.begin(chat.now) as uow:
        links.visit(uow, link_id, shown)


def test_a_link_has_an_end_and_a_password_where_asked_for(chat: Any) -> None:
    chat.send()
    link = chat.data("!datei 1 teilen 3 tage max 5 passwort")["link"]
    assert datetime.fromisoformat(link["expires_at"]) == chat.now + timedelta(days=3)
    assert link["max_visits"] == 5
    assert len(link["password"]) == 19
    visit(chat, link)
    plain = chat.data("!file 1 share")["link"]
    assert (plain["max_visits"], plain["password"]) == (None, None)
    visit(chat, plain)


def test_the_message_holds_link_and_password_and_the_store_neither(chat: Any) -> None:
    chat.send()
    message = chat.say("!datei 1 teilen passwort")
    link = message[RESULT]["data"]["link"]
    assert link["url"] in message["body"]
    assert link["password"] in message["body"]
    secret = link["url"].partition("#")[2]
    with chat.store.read(chat.now) as uow:
        for table in ("file_links", "journal", "outbox", "schedule"):
            rows = str(uow._connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608 - names of ours
            assert secret not in rows
            assert link["password"] not in rows


def test_the_first_use_is_told_in_the_box_once(chat: Any) -> None:
    chat.send("Plan.pdf")
    link = chat.data("!datei 1 teilen", BEN)["link"]
    visit(chat, link)
    (message,) = chat.wait(seconds=1)
    assert "#1 Plan.pdf" in message["body"]
    assert "Ben Meier" in message["body"]
    visit(chat, link)
    assert chat.wait(seconds=60) == []


def test_open_links_are_listed_with_their_uses_and_closed_together(chat: Any) -> None:
    chat.send()
    first = chat.data("!datei 1 teilen max 1")["link"]
    chat.data("!datei 1 teilen 80 tage")
    assert chat.data("!datei links")["total"] == 2
    visit(chat, first)
    (left,) = chat.data("!datei links")["links"]
    assert (left["visits"], left["by"], left["password"]) == (0, ANNA, False)
    assert chat.data("!datei 1 sperren")["revoked"] == 2
    assert chat.data("!datei links")["links"] == []
    assert chat.data("!datei 1 sperren")["revoked"] == 0
    with pytest.raises(links.Refused):
        visit(chat, first)


def test_deleting_a_file_closes_its_links(chat: Any) -> None:
    chat.send()
    link = chat.data("!datei 1 teilen")["link"]
    chat.say("!datei 1 löschen")
    with pytest.raises(links.Refused):
        visit(chat, link)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!datei 9 teilen", "file-not-found"),
        ("!datei 1 teilen bitte", "link-unclear"),
        ("!datei 1 teilen 91 tage", "link-too-long"),
        ("!datei 1 teilen unbegrenzt", "link-too-long"),
    ],
)
def test_what_can_not_be_is_refused(chat: Any, text: str, code: str) -> None:
    chat.send()
    assert chat.code(text) == code


@pytest.mark.parametrize(
    ("why", "code"),
    [("altered", "file-altered"), ("too-large", "file-too-large"), ("disk-full", "no-room")],
)
def test_a_file_that_can_not_be_fetched_makes_no_link(chat: Any, why: str, code: str) -> None:
    chat.send()
    chat.sealing = {"failed": why}
    assert chat.code("!datei 1 teilen") == code
    assert chat.data("!datei links")["total"] == 0


def test_where_links_take_all_the_room_it_is_said_which_to_end(chat: Any) -> None:
    chat.send("Klein.pdf")
    chat.send("Gross.pdf")
    chat.sealing = {"failed": "disk-full", "room": 5_000_000_000}
    alone = chat.say("!datei 1 teilen")
    assert "Offene Links anderer Gruppen brauchen gerade allen Platz (5 GB)" in alone["body"]
    chat.sealing = None
    with chat.store.begin(chat.now) as uow:
        for number, size in ((1, 1000), (2, 1_200_000_000)):
            new, _ = links.prepare_link(uow, chat.box, (number,), None, chat.app.server.links)
            made = SealedLink(b"", b"", None)
            links.found_link(uow, chat.box, new, made, size, actor=ANNA)
    chat.sealing = {"failed": "disk-full", "room": 5_000_000_000}
    said = chat.say("!datei 1 teilen")
    assert "!datei 2 sperren macht bis zu 1,2 GB frei" in said["body"]
    chat.sealing = {"failed": "too-large", "room": 5_000_000_000}
    assert "Hier passen 5 GB hinter einen" in chat.say("!dateien export")["body"]
    chat.sealing = {"failed": "disk-full"}
    assert "Der Server hat keinen Platz mehr" in chat.say("!datei 1 teilen")["body"]


def test_a_file_deleted_meanwhile_gets_no_link(chat: Any) -> None:
    chat.send()
    with chat.store.begin(chat.now) as uow:
        new, _ = links.prepare_link(uow, chat.box, (1,), LinkWish(), chat.app.server.links)
        uow.files.purge(chat.box.id, 1)
        made = SealedLink(b"", b"", None)
        with pytest.raises(UserError):
            links.found_link(uow, chat.box, new, made, 1, actor=ANNA)


def test_without_an_address_there_are_no_links(chat: Any) -> None:
    app: App = chat.app
    chat.app = replace(app, server=replace(app.server, links=LinkRules()))
    chat.send()
    assert chat.code("!datei 1 teilen") == "links-off"


def test_several_files_share_one_link_and_end_with_each_of_them(chat: Any) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        chat.send(name)
    answer = chat.data("!dateien teilen 1 2-3 5 tage max 2")
    assert (answer["number"], answer["link"]["max_visits"]) == (0, 2)
    visit(chat, answer["link"])
    (message,) = chat.wait(seconds=1)
    assert "3 Dateien" in message["body"]
    (listed,) = chat.data("!datei links")["links"]
    assert (listed["files"], listed["name"]) == (3, "3 Dateien")
    chat.say("!datei 2 löschen")
    with pytest.raises(links.Refused):
        visit(chat, answer["link"])


def test_an_export_holds_all_that_lies_there_for_a_day(chat: Any) -> None:
    assert chat.code("!dateien export") == "no-files"
    chat.send("a.pdf")
    chat.send("b.pdf")
    assert chat.code("!dateien export", BEN) == "not-allowed"
    link = chat.data("!dateien export")["link"]
    assert datetime.fromisoformat(link["expires_at"]) == chat.now + timedelta(days=1)
    (listed,) = chat.data("!datei links")["links"]
    assert listed["files"] == 2


def test_the_admins_choose_how_links_begin(chat: Any) -> None:
    chat.send()
    assert chat.code("!datei links standard 3 tage", BEN) == "not-allowed"
    chosen = chat.data("!datei links standard 3 tage max 4 passwort")["defaults"]
    assert chosen == {"hours": 72, "max_visits": 4, "password": True}
    link = chat.data("!datei 1 teilen", BEN)["link"]
    assert datetime.fromisoformat(link["expires_at"]) == chat.now + timedelta(days=3)
    assert link["max_visits"] == 4
    assert len(link["password"]) == 19
    other = chat.data("!datei 1 teilen 1 stunde ohne passwort")["link"]
    assert (other["max_visits"], other["password"]) == (4, None)


@pytest.mark.parametrize(
    "text",
    ["passwort=Rosenrot7", 'passwort "Rosenrot7"', "passwort: Rosenrot7", "password „Rosenrot7“"],
)
def test_a_password_of_ones_own_is_taken_as_it_was_typed(chat: Any, text: str) -> None:
    chat.send()
    link = chat.data(f"!datei 1 teilen 2 tage {text}")["link"]
    assert link["password"] == "Rosenrot7"
    visit(chat, link)


def test_a_password_that_is_too_short_is_refused(chat: Any) -> None:
    chat.send()
    assert chat.code("!datei 1 teilen passwort=abc") == "password-length"
    assert chat.code("!datei links standard passwort=Rosenrot7") == "default-password"


def test_links_are_closed_all_at_once_by_a_moderator(chat: Any) -> None:
    chat.send()
    chat.data("!datei 1 teilen")
    chat.data("!datei 1 teilen max 1")
    assert chat.data("!datei links sperren")["revoked"] == 2
    assert chat.data("!datei links")["total"] == 0
