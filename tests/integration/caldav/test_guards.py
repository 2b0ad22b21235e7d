"""The guards that plain Radicale lacks: each was reproduced as a hole without it."""

from __future__ import annotations

import re

import pytest

from bridges.caldav.paths import login_of, user_of
from tests.dav import ANNA, BEN, CEM, NOW, House, vevent, vtodo
from wecreate_module.storage.calendars import Sharing

PROPFIND = '<propfind xmlns="DAV:"><prop><resourcetype/><displayname/></prop></propfind>'


@pytest.mark.parametrize(
    "method", ["GET", "PUT", "DELETE", "PROPFIND", "REPORT", "MOVE", "OPTIONS"]
)
def test_nobody_gets_in_without_a_password(dav: House, method: str) -> None:
    for path in ("/", dav.tasks(), dav.tasks() + "a.ics", "//", "/.sharing/", "/.token/x"):
        answer = dav.ask(method, path, who=None, Destination=dav.tasks() + "b.ics")
        assert answer.status == 401, path
        assert "Basic" in answer.headers["www-authenticate"]


def test_no_login_is_taken_from_a_header(dav: House) -> None:
    answer = dav.ask(
        "GET", dav.tasks(), who=None, X_Remote_User=login_of(ANNA), Remote_User=login_of(ANNA)
    )
    assert answer.status == 401
    mine = dav.ask("PROPFIND", "/", PROPFIND, who=BEN, X_Remote_User=login_of(ANNA), Depth="1")
    assert login_of(ANNA) not in mine.text


def test_a_script_name_from_outside_changes_no_address(dav: House) -> None:
    answer = dav.ask("PROPFIND", dav.tasks(), PROPFIND, Depth="0", X_Script_Name="/evil")
    assert answer.hrefs
    assert "/evil" not in answer.text


def test_a_whole_calendar_is_neither_replaced_nor_deleted(dav: House) -> None:
    dav.put(dav.tasks() + "a.ics", vtodo("a"))
    assert dav.put(dav.tasks(), vtodo("b"), If_Match="*").status in {403, 405}
    assert dav.put(dav.tasks().rstrip("/"), vtodo("b"), If_Match="*").status in {403, 405}
    for path in (dav.tasks(), f"/{login_of(ANNA)}/", "/"):
        assert dav.ask("DELETE", path).status in {403, 405}
    assert dav.ask("GET", dav.tasks() + "a.ics").status == 200


def test_nobody_overwrites_what_they_have_not_seen(dav: House) -> None:
    path = dav.tasks() + "a.ics"
    first = dav.put(path, vtodo("a")).headers["etag"]
    assert dav.put(path, vtodo("a", "blind")).status == 412
    assert dav.put(path, vtodo("a", "seen"), If_Match=first).status == 204
    assert dav.put(path, vtodo("a", "stale"), If_Match=first).status == 412
    assert dav.ask("DELETE", path, If_Match=first).status == 412
    assert "SUMMARY:seen" in dav.ask("GET", path).text


def test_each_write_is_noted_and_planned_in_its_transaction(dav: House) -> None:
    dav.put(dav.tasks() + "a.ics", vtodo("a"))
    dav.ask("MOVE", dav.tasks() + "a.ics", Destination=dav.url[:-1] + dav.tasks() + "b.ics")
    dav.ask("DELETE", dav.tasks() + "b.ics", If_Match="*")
    with dav.store.begin(NOW) as uow:
        kinds = [entry.kind for entry in uow.journal.of_box(dav.box.id)]
        waiting = uow.outside_changes.take(dav.box.id)
    assert kinds == ["calendar.shared", "task.added", "task.deleted"]
    assert [one["after"] is None for one in waiting] == [False, True]


@pytest.mark.parametrize(
    ("user_id", "login"),
    [
        ("@alice:example.org", "alice@example.org"),
        ("@alice:localhost:8009", "alice@localhost_8009"),
        ("@a/b=c:x.org", "a~2fb=c@x.org"),
        ("@al_ice:[2001:db8::1]:8448", "al_ice@~5b2001~3adb8~3a~3a1~5d_8448"),
    ],
)
def test_a_login_has_no_colon_and_leads_back(user_id: str, login: str) -> None:
    assert login_of(user_id) == login
    assert user_of(login) == user_id


@pytest.mark.parametrize(
    "login", ["alice", "@", "alice@", "a:b@x", "Alice@x.org", "a~zz@x.org", "ä@x"]
)
def test_other_spellings_are_nobody(login: str) -> None:
    assert user_of(login) is None


def test_collections_lie_in_each_members_home(dav: House) -> None:
    for person in (ANNA, BEN):
        home = f"/{login_of(person)}/"
        found = dav.ask("PROPFIND", home, PROPFIND, who=person, Depth="1").hrefs
        assert found == [home, dav.events(person), dav.tasks(person)]


def test_a_collection_takes_its_own_kind_only(dav: House) -> None:
    for path, body in ((dav.tasks(), vevent()), (dav.events(), vtodo())):
        refused = dav.put(path + "a.ics", body)
        assert refused.status == 403
        assert "supported-calendar-component" in refused.text
        assert dav.ask("GET", path + "a.ics").status == 404


def test_no_path_tells_a_room_or_can_be_guessed(dav: House) -> None:
    found = dav.ask("PROPFIND", f"/{login_of(ANNA)}/", PROPFIND, Depth="1").text
    assert dav.box.room_id not in found
    assert dav.box.id not in re.findall(r"/([^/<]+)/</href>", found)
    assert len(dav.shared.events_id) == 24
    assert dav.shared.events_id != dav.shared.tasks_id


# Who may what


def test_an_outsider_sees_nothing(dav: House) -> None:
    dav.put(dav.tasks() + "a.ics", vtodo())
    assert dav.ask("PROPFIND", f"/{login_of(CEM)}/", PROPFIND, who=CEM, Depth="1").hrefs == [
        f"/{login_of(CEM)}/"
    ]
    for path in (dav.tasks(CEM), dav.tasks(CEM) + "a.ics", dav.tasks(ANNA) + "a.ics"):
        for method in ("GET", "PROPFIND", "DELETE", "REPORT", "PUT"):
            answer = dav.ask(method, path, PROPFIND if method != "PUT" else vtodo(), who=CEM)
            assert answer.status in {403, 404}, (method, path)
            assert b"Kuchen" not in answer.body


def test_who_may_only_read_writes_nothing(dav: House) -> None:
    dav.put(dav.tasks() + "a.ics", vtodo())
    dav.share(Sharing.READ)
    path = dav.tasks(BEN) + "a.ics"
    assert dav.ask("GET", path, who=BEN).status == 200
    assert dav.put(path, vtodo(title="x"), who=BEN, If_Match="*").status == 403
    assert dav.put(dav.tasks(BEN) + "b.ics", vtodo("b"), who=BEN).status == 403
    assert dav.ask("DELETE", path, who=BEN, If_Match="*").status == 403
    moved = dav.ask("MOVE", path, who=BEN, Destination=dav.tasks(BEN) + "c.ics")
    assert moved.status == 403


def test_who_may_not_speak_in_the_box_may_not_write(dav: House) -> None:
    with dav.store.begin(NOW) as uow:
        room = uow.rooms.get(dav.box.room_id)
        assert room is not None
        levels = {"users": {ANNA: 100}, "events_default": 50}
        uow.rooms.save(type(room)(**{**vars(room), "power_levels": levels}))
    assert dav.put(dav.tasks(BEN) + "b.ics", vtodo("b"), who=BEN).status == 403
    assert dav.put(dav.tasks(ANNA) + "b.ics", vtodo("b")).status == 201


@pytest.mark.parametrize("membership", ["leave", "ban", "invite", "knock"])
def test_whoever_left_is_out_with_the_next_request(dav: House, membership: str) -> None:
    dav.put(dav.tasks() + "a.ics", vtodo())
    assert dav.ask("GET", dav.tasks(BEN) + "a.ics", who=BEN).status == 200
    with dav.store.begin(NOW) as uow:
        uow.rooms.set_member(dav.box.room_id, BEN, membership, None)
    for method in ("GET", "PUT", "DELETE"):
        answer = dav.ask(method, dav.tasks(BEN) + "a.ics", vtodo(), who=BEN, If_Match="*")
        assert answer.status in {403, 404}


def test_a_box_that_shares_no_more_is_gone(dav: House) -> None:
    dav.put(dav.tasks() + "a.ics", vtodo())
    dav.share(Sharing.OFF)
    assert dav.ask("GET", dav.tasks() + "a.ics").status in {403, 404}
    dav.share(Sharing.READ)
    assert dav.ask("GET", dav.tasks() + "a.ics").status == 200


def test_the_well_known_address_leads_to_the_root(dav: House) -> None:
    answer = dav.ask("GET", "/.well-known/caldav", who=None)
    assert (answer.status, answer.headers["location"]) == (301, "/")


def test_a_feed_is_read_without_a_login_by_members_only(dav: House) -> None:
    dav.put(dav.events() + "a.ics", vevent("a", "Probe"))
    with dav.store.begin(NOW) as uow:
        path = f"/feed/{uow.feeds.address(BEN, dav.box.id)}.ics"
    answer = dav.ask("GET", path, who=None)
    assert answer.status == 200
    assert "SUMMARY:Probe" in answer.text
    assert dav.ask("GET", path, who=None, If_None_Match=answer.headers["etag"]).status == 304
    assert dav.put(path, vevent(), who=ANNA).status == 404
    assert dav.ask("GET", path[:-5] + "x.ics", who=None).status == 404
    with dav.store.begin(NOW) as uow:
        uow.rooms.set_member(dav.box.room_id, BEN, "leave", None)
    assert dav.ask("GET", path, who=None).status == 404


def test_a_name_and_colour_of_ones_own_is_seen_by_oneself_alone(dav: House) -> None:
    dav.share(Sharing.READ)
    body = (
        '<propertyupdate xmlns="DAV:"><set><prop><displayname>Verein</displayname>'
        '<C:supported-calendar-component-set xmlns:C="urn:ietf:params:xml:ns:caldav">'
        '<C:comp name="VJOURNAL"/></C:supported-calendar-component-set></prop></set>'
        "</propertyupdate>"
    )
    assert dav.ask("PROPPATCH", dav.events(BEN), body, who=BEN).status == 207
    ask = (
        '<propfind xmlns="DAV:"><prop><displayname/><C:supported-calendar-component-set '
        'xmlns:C="urn:ietf:params:xml:ns:caldav"/></prop></propfind>'
    )
    mine = dav.ask("PROPFIND", dav.events(BEN), ask, who=BEN, Depth="0").text
    assert "Verein" in mine
    assert "VJOURNAL" not in mine
    assert "Verein" not in dav.ask("PROPFIND", dav.events(), ask, Depth="0").text


def test_properties_have_bounds(dav: House) -> None:
    body = (
        '<propertyupdate xmlns="DAV:"><set><prop><displayname>'
        f"{'x' * 50_000}</displayname></prop></set></propertyupdate>"
    )
    assert dav.ask("PROPPATCH", dav.events(), body).status == 507
