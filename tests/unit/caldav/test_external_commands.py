"""`!kalender verbinden` and what follows, as people type it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.dav import ANNA, BEN, NOW, add_box, vevent
from tests.unit.caldav.conftest import Chat, data
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.matrix import BUTTONS, RESULT
from wecreate_module.services import external_calendars as ties
from wecreate_module.services import outside
from wecreate_module.services.external_sync import Theirs, Tie
from wecreate_module.services.outside import Written
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.external_calendars import ExternalCalendar, State

URL = "https://cloud.example.org/dav/"
PASSWORD = "geheim-geheim"


def tied(chat: Chat) -> ExternalCalendar:
    with chat.store.read(NOW) as uow:
        found = uow.external_calendars.get(chat.box.id, Kind.EVENT)
    assert found is not None
    return found


def connect(chat: Chat, calendars: tuple[str, ...] = ("Verein",)) -> None:
    """As far as the other server has answered."""
    chat.say(f"kalender verbinden {URL} anna {PASSWORD}", direct=True)
    with chat.store.begin(NOW) as uow:
        found = [(f"{URL}{name}/", name) for name in calendars]
        calendar = uow.external_calendars.get(chat.box.id, Kind.EVENT)
        assert calendar is not None
        ties.offer(uow, chat.box, calendar, found)


def both_changed(chat: Chat) -> tuple[int, int]:
    """Number 1 as it is here, and a copy as it is there."""
    with chat.store.begin(NOW) as uow:
        here = Written("x", vevent("x", "Hier").decode())
        outside.put(uow, chat.box, Kind.EVENT, "x.ics", here, actor=BEN)
        there = Written("x", vevent("x", "Dort").decode())
        tie = Tie(uow, chat.box, tied(chat))
        numbers = tie.keep_both(Theirs("/dav/x.ics", '"1"', there, "digest"))
        assert numbers is not None
        ties.say_in_box(uow, chat.box, tie.calendar, "conflicts", pairs=[numbers])
    return numbers


def titles(chat: Chat) -> dict[int, Any]:
    with chat.store.read(NOW) as uow:
        found = uow.calendar_objects.all(chat.box.id, Kind.EVENT)
        return {one.number: one.summary["title"] for one in found}


def test_what_is_needed_is_asked_one_after_the_other(chat: Chat) -> None:
    chat.say("kalender verbinden", direct=True)
    chat.say(URL, direct=True)
    chat.say("anna", direct=True)
    answer = chat.say(PASSWORD, direct=True)
    assert data(answer)["connecting"] == {"box": chat.box.name, "kind": "event"}
    assert PASSWORD not in str(answer)
    found = tied(chat)
    assert (found.url, found.username, found.password) == (URL, "anna", PASSWORD)
    assert found.state is State.NEW


def test_a_password_is_never_asked_for_where_others_read(chat: Chat) -> None:
    assert chat.say("!kalender verbinden")[RESULT]["error"]["code"] == "only-direct"
    with chat.store.begin(NOW) as uow:
        uow.rooms.set_member("!direct-ann:w.example", BEN, "join", None)
    refused = chat.say(f"kalender verbinden {URL} anna {PASSWORD}", direct=True)
    assert refused[RESULT]["error"]["code"] == "not-private"


def test_only_an_admin_can_connect_a_box(chat: Chat) -> None:
    refused = chat.say(f"kalender verbinden {URL} ben {PASSWORD}", BEN, direct=True)
    assert refused[RESULT]["error"]["code"] == "no-box-to-connect"


def test_of_several_boxes_one_is_named(chat: Chat) -> None:
    other = add_box(chat.store, "chor", {ANNA: "join"})
    asked = chat.say("kalender verbinden", direct=True)
    assert "Welche Box" in asked["body"]
    refused = chat.say("Ruderclub", direct=True)
    assert other.name in refused["body"]
    chat.say(f"!kalender verbinden {other.name} {URL} anna {PASSWORD}", direct=True)
    with chat.store.read(NOW) as uow:
        assert uow.external_calendars.get(other.id, Kind.EVENT) is not None
        assert uow.external_calendars.get(chat.box.id, Kind.EVENT) is None


def test_the_password_is_sealed_with_the_boxs_key(chat: Chat) -> None:
    connect(chat)
    database = chat.store._engine.url.database
    assert database is not None
    assert tied(chat).password == PASSWORD
    files = [Path(database), Path(f"{database}-wal")]
    assert not any(PASSWORD.encode() in file.read_bytes() for file in files if file.exists())


def test_the_room_is_told_who_can_read_along_then(chat: Chat) -> None:
    connect(chat)
    private, public = chat.later()
    assert "verbunden" in private["body"]
    assert data(public)["external"]["what"] == "tied"
    assert "cloud.example.org" in public["body"]
    assert "Verein" in public["body"]
    assert PASSWORD not in f"{private}{public}"


def test_of_several_calendars_the_person_chooses(chat: Chat) -> None:
    connect(chat, ("Privat", "Verein"))
    (asked,) = chat.later()
    assert "1. Privat" in asked["body"]
    refused = chat.say("7", direct=True)
    assert refused[RESULT]["error"]["code"] == "no-such-calendar"
    chat.say("2", direct=True)
    found = tied(chat)
    assert (found.state, found.name, found.url) == (State.TIED, "Verein", f"{URL}Verein/")


def test_what_went_wrong_is_said_to_whom_tried(chat: Chat) -> None:
    chat.say(f"kalender verbinden {URL} anna falsch", direct=True)
    with chat.store.begin(NOW) as uow:
        ties.failed(uow, chat.box, tied(chat), "login", lasting=True)
        assert uow.external_calendars.of_box(chat.box.id) == []
    (said,) = chat.later()
    assert "Name oder Passwort" in said["body"]


def test_where_nobody_looks_for_calendars_that_is_said(chat: Chat) -> None:
    chat.say(f"kalender verbinden {URL} anna {PASSWORD}", direct=True)
    (said,) = chat.later()
    assert data(said)["external"]["what"] == "late"
    with chat.store.read(NOW) as uow:
        assert uow.external_calendars.of_box(chat.box.id) == []


def test_the_state_stands_in_the_calendars_overview(chat: Chat) -> None:
    connect(chat)
    (shown,) = data(chat.say("!kalender"))["external"]
    assert (shown["name"], shown["trouble"]) == ("Verein", None)
    with chat.store.begin(NOW) as uow:
        ties.failed(uow, chat.box, tied(chat), "login", lasting=True)
    shown = chat.say("kalender", direct=True)
    assert "Verein" in shown["body"]
    assert data(shown)["external"][0]["trouble"] == "login"


def test_trouble_is_told_once_and_so_is_its_end(chat: Chat) -> None:
    connect(chat)
    chat.later()
    for _ in range(3):
        with chat.store.begin(NOW) as uow:
            ties.failed(uow, chat.box, tied(chat), "gone", lasting=True)
    (told,) = chat.later()
    assert data(told)["external"]["trouble"] == "gone"
    with chat.store.begin(NOW) as uow:
        Tie(uow, chat.box, tied(chat)).ended(
            tag="", revision=0, unreadable={}, stopped=0, gone="there", every=ties.LOOK_EVERY
        )
    (told,) = chat.later()
    assert data(told)["external"]["what"] == "fine-again"


def test_a_server_that_is_away_for_a_while_is_no_news(chat: Chat) -> None:
    connect(chat)
    chat.later()
    with chat.store.begin(NOW) as uow:
        ties.failed(uow, chat.box, tied(chat), "unreachable", lasting=False)
    assert chat.later() == []
    with chat.store.begin(NOW.replace(day=26)) as uow:
        ties.failed(uow, chat.box, tied(chat), "unreachable", lasting=False)
    assert len(chat.later()) == 1


def test_disconnecting_forgets_the_password_and_keeps_the_events(chat: Chat) -> None:
    connect(chat)
    both_changed(chat)
    assert chat.say("!kalender trennen", BEN)[RESULT]["error"]["code"] == "not-admin"
    gone = data(chat.say("!kalender trennen"))["disconnected"]
    assert gone["calendars"] == [{"kind": "event", "name": "Verein"}]
    assert len(titles(chat)) == 2
    with chat.store.read(NOW) as uow:
        assert uow.external_calendars.of_box(chat.box.id) == []
        assert uow.external_calendars.objects(chat.box.id, Kind.EVENT) == {}
    assert chat.say("!kalender trennen")[RESULT]["error"]["code"] == "not-connected"


def test_a_calendar_that_is_to_stay_in_the_chat_lets_go_of_others(chat: Chat) -> None:
    connect(chat)
    chat.say("!kalender geheim")
    with chat.store.read(NOW) as uow:
        assert uow.external_calendars.of_box(chat.box.id) == []


def test_two_versions_are_shown_with_a_button_for_each(chat: Chat) -> None:
    connect(chat)
    chat.later()
    assert both_changed(chat) == (1, 2)
    asked, told = sorted(chat.later(), key=lambda one: "changes" in data(one))
    # What Ben's program did is told; the copy is in the question already.
    assert [(one["number"], one["actor"]) for one in data(told)["changes"]] == [(1, BEN)]
    assert list(asked[BUTTONS].values()) == ["!kalender behalten 1 2", "!kalender behalten 2 1"]
    assert titles(chat) == {1: "Hier", 2: "Dort"}


def test_the_version_from_here_is_kept_on_a_word(chat: Chat) -> None:
    connect(chat)
    both_changed(chat)
    kept = data(chat.say("!kalender behalten 1 2", BEN))["kept"]
    assert kept == {"kind": "event", "number": 1, "title": "Hier", "dropped": 2}
    assert titles(chat) == {1: "Hier"}
    again = chat.say("!kalender behalten 1 2")
    assert again[RESULT]["error"]["code"] == "no-such-conflict"


def test_the_version_from_there_takes_the_first_ones_place(chat: Chat) -> None:
    connect(chat)
    both_changed(chat)
    chat.later()
    chat.say("!kalender behalten 2 1")
    assert chat.later() == []
    assert titles(chat) == {1: "Dort"}
    with chat.store.read(NOW) as uow:
        assert uow.calendar_objects.href_of(chat.box.id, Kind.EVENT, "x") == "x.ics"
        trash = uow.trash.of(chat.box.id, Kind.EVENT)
    assert [(one.number, one.title) for one in trash] == [(2, "Hier")]


def test_no_two_events_that_have_nothing_to_do_with_each_other_are_merged(chat: Chat) -> None:
    connect(chat)
    both_changed(chat)
    for typed in ("!kalender behalten 1 3", "!kalender behalten 1", "!kalender behalten 1 2 3"):
        assert chat.say(typed)[RESULT]["ok"] is False
    assert len(titles(chat)) == 2


def test_an_admin_answers_the_safety_stop(chat: Chat) -> None:
    connect(chat)
    refused = chat.say("!kalender abgleich löschen")
    assert refused[RESULT]["error"]["code"] == "nothing-stopped"
    chat.later()
    with chat.store.begin(NOW) as uow:
        Tie(uow, chat.box, tied(chat)).stop(7, "there")
    (asked,) = chat.later()
    assert "7 Einträge" in asked["body"]
    refused = chat.say("!kalender abgleich löschen", BEN)
    assert refused[RESULT]["error"]["code"] == "not-allowed"
    assert data(chat.say("!kalender abgleich löschen"))["stopped"]["count"] == 7
    assert tied(chat).allowed == 7
    chat.say("!kalender abgleich behalten")
    assert tied(chat).allowed == -1


def test_looking_for_changes_at_once_is_for_everybody(chat: Chat) -> None:
    connect(chat)
    with chat.store.begin(NOW) as uow:
        later = replace(tied(chat), look_at=NOW.replace(year=2027))
        uow.external_calendars.put(later)
    assert data(chat.say("!kalender abgleichen", BEN))["syncing"]
    assert tied(chat).look_at == NOW


def test_whose_owner_left_is_let_go(chat: Chat) -> None:
    connect(chat)
    chat.later()
    with chat.store.begin(NOW) as uow:
        assert ties.may_go(uow, chat.box, tied(chat), ties.LOOK_EVERY)
        uow.rooms.set_member(chat.box.room_id, ANNA, "leave", None)
        assert not ties.may_go(uow, chat.box, tied(chat), ties.LOOK_EVERY)
        assert uow.external_calendars.of_box(chat.box.id) == []
    (told,) = chat.later()
    assert data(told)["external"]["what"] == "owner-left"


def test_it_rests_while_nobody_can_be_seen_and_in_an_archived_box(chat: Chat) -> None:
    connect(chat)
    with chat.store.begin(NOW) as uow:
        archived = replace(chat.box, state=BoxState.ARCHIVED)
        assert not ties.may_go(uow, archived, tied(chat), ties.LOOK_EVERY)
        uow.rooms.forget(chat.box.room_id)
        assert not ties.may_go(uow, chat.box, tied(chat), ties.LOOK_EVERY)
        assert len(uow.external_calendars.of_box(chat.box.id)) == 1
