from __future__ import annotations

from tests.dav import ANNA, BEN, NOW, vtodo
from tests.unit.caldav.conftest import Chat, data
from wecreate_module.domain.matrix import RESULT
from wecreate_module.services import app_passwords, calendars, outside
from wecreate_module.services.outside import Written
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.calendars import Sharing


def change(chat: Chat, href: str, title: str, *, more: str = "", actor: str = BEN) -> None:
    text = vtodo(href, title, more).decode()
    with chat.store.begin(NOW) as uow:
        outside.put(uow, chat.box, Kind.TASK, href, Written(href, text), actor=actor)


def drop(chat: Chat, href: str) -> None:
    with chat.store.begin(NOW) as uow:
        (known,) = uow.calendar_objects.named(chat.box.id, Kind.TASK, [href])
        outside.delete(uow, chat.box, known, actor=BEN)


def test_sharing_is_off_until_an_admin_says_so(chat: Chat) -> None:
    assert data(chat.say("!kalender")) == {"sharing": "off"}
    refused = chat.say("!kalender freigeben", BEN)
    assert refused[RESULT]["error"]["code"] == "not-allowed"
    told = chat.say("!kalender freigeben")
    assert data(told) == {"sharing": "write"}
    assert "mitlesen" in told["body"]
    assert data(chat.say("!kalender freigeben lesen")) == {"sharing": "read"}
    assert data(chat.say("!kalender geheim")) == {"sharing": "off"}


def test_a_device_gets_a_password_that_fits_and_is_shown_once(chat: Chat) -> None:
    chat.say("!kalender freigeben")
    answer = data(chat.say("kalender neu Annas Telefon", direct=True))["calendar"]
    assert (answer["url"], answer["username"]) == ("https://dav.w.example/", "anna@w.example")
    (shown,) = answer["collections"]
    assert shown["box"] == chat.box.name
    assert shown["tasks"].startswith("https://dav.w.example/anna@w.example/")
    assert answer["ics"][0]["url"].startswith("https://dav.w.example/feed/")
    with chat.store.read(NOW) as uow:
        known = app_passwords.find(uow, ANNA, answer["password"])
    assert known is not None
    assert app_passwords.fits(known, answer["password"])
    listed = data(chat.say("kalender", direct=True))["calendar"]
    assert [one["device"] for one in listed["devices"]] == ["Annas Telefon"]
    assert answer["password"] not in str(listed)


def test_a_password_is_never_made_where_others_read(chat: Chat) -> None:
    refused = chat.say("!kalender neu Telefon")
    assert refused[RESULT]["error"]["code"] == "only-direct"
    with chat.store.begin(NOW) as uow:
        uow.rooms.set_member("!direct-ann:w.example", BEN, "join", None)
    refused = chat.say("!kalender neu Telefon", direct=True)
    assert refused[RESULT]["ok"] is False


def test_a_device_is_taken_away_by_its_name(chat: Chat) -> None:
    password = data(chat.say("kalender neu Telefon", direct=True))["calendar"]["password"]
    again = chat.say("kalender neu telefon", direct=True)
    assert again[RESULT]["error"]["code"] == "device-exists"
    assert data(chat.say("kalender weg TELEFON", direct=True))["removed"] == {"device": "Telefon"}
    with chat.store.read(NOW) as uow:
        assert app_passwords.find(uow, ANNA, password) is None
    again = chat.say("kalender weg Telefon", direct=True)
    assert again[RESULT]["error"]["code"] == "device-not-found"


def test_feeds_keep_their_address_until_they_are_taken_away(chat: Chat) -> None:
    chat.say("!kalender freigeben")

    def address() -> str:
        found = data(chat.say("kalender abo", direct=True))["calendar"]["ics"]
        return str(found[0]["url"])

    first = address()
    assert address() == first
    assert data(chat.say("kalender abo weg", direct=True)) == {"removed": {"feeds": 1}}


def test_changes_from_outside_are_told_in_one_message(chat: Chat) -> None:
    change(chat, "a", "Kuchen")
    change(chat, "b", "Zelt")
    (told,) = chat.later()
    assert {one["title"]: one["change"] for one in data(told)["changes"]} == {
        "Kuchen": "added",
        "Zelt": "added",
    }
    assert "ben" in told["body"]
    assert chat.later() == []


def test_a_change_is_told_from_before_to_after(chat: Chat) -> None:
    change(chat, "a", "Kuchen")
    chat.later()
    change(chat, "a", "Zwei Kuchen", more="STATUS:COMPLETED\r\n")
    (told,) = chat.later()
    assert "„Kuchen“ → „Zwei Kuchen“" in told["body"]
    assert "erledigt" in told["body"]


def test_what_came_and_went_meanwhile_is_not_told(chat: Chat) -> None:
    change(chat, "a", "Kuchen")
    drop(chat, "a")
    assert chat.later() == []


def test_what_was_deleted_outside_comes_back(chat: Chat) -> None:
    change(chat, "a", "Kuchen", more="X-FOREIGN:1\r\n")
    drop(chat, "a")
    (listed,) = data(chat.say("!aufgaben papierkorb"))["trash"]
    assert (listed["number"], listed["title"], listed["deleted_by"]) == (1, "Kuchen", BEN)
    back = data(chat.say("!aufgabe 1 zurückholen"))
    assert back == {"restored": {"kind": "task", "number": 1, "title": "Kuchen"}}
    with chat.store.read(NOW) as uow:
        task, text = uow.tasks.get(chat.box.id, 1), uow.tasks.ical(chat.box.id, 1)
    assert task is not None
    assert (task.title, task.created_by) == ("Kuchen", BEN)
    assert text is not None
    assert "X-FOREIGN:1" in text
    again = chat.say("!aufgabe 1 zurückholen")
    assert again[RESULT]["error"]["code"] == "not-in-trash"


def test_nobody_is_named_for_what_they_did_not_do(chat: Chat) -> None:
    claim = f"X-WECREATE-CREATED-BY:{ANNA}\r\nSTATUS:COMPLETED\r\nX-WECREATE-FINISHED-BY:{ANNA}\r\n"
    change(chat, "a", "Kuchen", more=claim)
    with chat.store.read(NOW) as uow:
        task = uow.tasks.get(chat.box.id, 1)
    assert task is not None
    assert (task.created_by, task.finished_by) == (BEN, BEN)


def test_only_members_see_a_shared_box(chat: Chat) -> None:
    with chat.store.begin(NOW) as uow:
        calendars.share(uow, chat.box, Sharing.WRITE, actor=ANNA)
        assert len(calendars.collections_of(uow, BEN)) == 2
        uow.rooms.set_member(chat.box.room_id, BEN, "ban", None)
        assert calendars.collections_of(uow, BEN) == []
