"""Reports answered straight from rows say what Radicale's own layer says of the same request."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from xml.etree.ElementTree import Element, fromstring

import pytest

from bridges.caldav.paths import Place, login_of
from bridges.caldav.plain_reports import Answer as PlainAnswer
from bridges.caldav.plain_reports import answer_plain
from bridges.caldav.refusals import Environ
from bridges.caldav.visit import Visit
from tests.dav import ANNA, BEN, CEM, NOW, Answer, House, vevent, vtodo
from tests.integration.caldav.test_hostile import event
from wecreate_module.storage.calendars import Sharing

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:X="urn:x&amp;y"'
ALL = '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter>'
PROPERTIES = "<D:getetag/><C:calendar-data/>"

Both = Callable[..., Answer]


def query(inside: str, properties: str = PROPERTIES, more: str = "") -> str:
    return (
        f"<C:calendar-query {SPACES}><D:prop>{properties}</D:prop>"
        f"<C:filter>{inside}</C:filter>{more}</C:calendar-query>"
    )


def window(start: str = "", end: str = "", component: str = "VEVENT") -> str:
    bounds = "".join(f' {name}="{at}"' for name, at in (("start", start), ("end", end)) if at)
    return (
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{component}">'
        f"<C:time-range{bounds}/></C:comp-filter></C:comp-filter>"
    )


def multiget(*hrefs: str, properties: str = PROPERTIES) -> str:
    listed = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    return (
        f"<C:calendar-multiget {SPACES}><D:prop>{properties}</D:prop>{listed}</C:calendar-multiget>"
    )


def sync(token: str = "", properties: str = "<D:getetag/>", more: str = "") -> str:
    return (
        f"<D:sync-collection {SPACES}><D:sync-token>{token}</D:sync-token>"
        f"<D:sync-level>1</D:sync-level>{more}<D:prop>{properties}</D:prop></D:sync-collection>"
    )


def tree(body: bytes) -> Element:
    return fromstring(body)  # noqa: S314  our own server's


def said(answer: Answer) -> object:
    """What an answer means, whatever order and spelling it has."""
    if not answer.headers["content-type"].startswith(("text/xml", "application/xml")):
        return answer.status
    root = tree(answer.body)
    if root.tag == f"{DAV}error":
        return answer.status, [each.tag for each in root if "description" not in each.tag]
    assert root.tag == f"{DAV}multistatus"
    responses = Counter(map(response, root.findall(f"{DAV}response")))
    return answer.status, root.findtext(f"{DAV}sync-token"), responses


def response(element: Element) -> object:
    stats = tuple(
        (
            stat.findtext(f"{DAV}status"),
            tuple((each.tag, each.text) for each in stat.findall(f"{DAV}prop/*")),
        )
        for stat in element.findall(f"{DAV}propstat")
    )
    return unquote(element.findtext(f"{DAV}href") or ""), element.findtext(f"{DAV}status"), stats


@pytest.fixture
def both(dav: House, monkeypatch: pytest.MonkeyPatch) -> Both:
    """Asks both ways; gives the quick answer, which must have been one from rows."""

    def ask(path: str, body: str, *, plain: bool = True, who: str = ANNA, **headers: str) -> Answer:
        used: list[bool] = []

        def noting(visit: Visit, place: Place, body: bytes, environ: Environ) -> PlainAnswer | None:
            found = answer_plain(visit, place, body, environ)
            used.append(found is not None)
            return found

        with monkeypatch.context() as patched:
            patched.setattr("bridges.caldav.gate.answer_plain", noting)
            quick = dav.ask("REPORT", path, body, who=who, **headers)
            patched.setattr("bridges.caldav.gate.answer_plain", lambda *_: None)
            slow = dav.ask("REPORT", path, body, who=who, **headers)
        assert said(quick) == said(slow)
        assert any(used) == (plain and quick.status == 207)
        return quick

    return ask


ODD = {
    "plain": vevent("plain", "Tee & <Kuchen> ]]> \"'"),
    "ümläut %41 & co": vevent("odd", "Grünkohl 🥬"),
    "day": event("DTSTART;VALUE=DATE:20261201", uid="day"),
    "days": event("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261204", uid="days"),
    "floating": event("DTSTART:20261201T190000", "DURATION:PT1H", uid="floating"),
    "berlin": event("DTSTART;TZID=Europe/Berlin:20261201T003000", "DURATION:PT2H", uid="berlin"),
    "weekly": event("DTSTART:20260106T180000Z", "RRULE:FREQ=WEEKLY", uid="weekly"),
    "fortnight": event(
        "DTSTART;TZID=Europe/Berlin:20260107T180000", "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", uid="fortnight",
    ),
    "daily": event("DTSTART;VALUE=DATE:20261120", "RRULE:FREQ=DAILY;INTERVAL=3", uid="daily"),
    "ended": event(
        "DTSTART:20260106T180000Z", "RRULE:FREQ=WEEKLY;UNTIL=20260201T000000Z", uid="ended"
    ),
    "monthly": event(
        "DTSTART;TZID=Europe/Berlin:20260129T190000", "DURATION:PT3H",
        "RRULE:FREQ=MONTHLY;BYDAY=-1TH", uid="monthly",
    ),
    "excluded": event(
        "DTSTART:20261124T180000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY",
        "EXDATE:20261201T180000Z", uid="excluded",
    ),
    "moved": event(
        "DTSTART:20261124T180000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY",
        "END:VEVENT", "BEGIN:VEVENT", "UID:moved", "DTSTAMP:20261125T090000Z",
        "RECURRENCE-ID:20261201T180000Z", "DTSTART:20261203T180000Z", "DURATION:PT1H",
        uid="moved",
    ),
    "counted": event(
        "DTSTART:20261124T180000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=5", uid="counted"
    ),
    "added": event(
        "DTSTART:20261001T180000Z", "DURATION:PT1H", "RDATE:20261201T180000Z", uid="added"
    ),
    "moment": event("DTSTART:20261201T180000Z", uid="moment"),
    "cancelled": event(
        "DTSTART:20261201T180000Z", "DURATION:PT1H", "STATUS:CANCELLED", uid="cancelled"
    ),
    "year-end": event("DTSTART:20261231T230000Z", "DURATION:PT2H", uid="year-end"),
}  # fmt: skip


@pytest.fixture
def filled(dav: House) -> House:
    for name, body in ODD.items():
        made = dav.ask("PUT", dav.events() + quoted(name) + ".ics", body)
        assert made.status == 201, (name, made.text)
    dav.put(dav.tasks() + "a.ics", vtodo("a"))
    dav.put(dav.tasks() + "due.ics", vtodo("due", more="DUE:20261201T180000Z\r\n"))
    return dav


def quoted(name: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else hexed(c) for c in name)


def hexed(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize(
    "inside",
    [
        ALL,
        ALL.replace("VEVENT", "VTODO"),
        ALL.replace("VEVENT", "vevent"),
        '<C:comp-filter name="VCALENDAR"/>',
        window("20261201T000000Z", "20261202T000000Z"),
        window("20261201T000000Z", "20261202T000000Z", "VTODO"),
        window("20261130T230000Z", "20261201T230000Z"),
        window("20261203T000000Z", "20261204T000000Z"),
        window("20260101T000000Z", "20270101T000000Z"),
        window(start="20261202T000000Z"),
        window(end="20260107T000000Z"),
        window("20350101T000000Z", "20350102T000000Z"),
        window("20261201T190000Z", "20261201T190001Z"),
        window("00010102T000000Z", "99991231T235959Z"),
        window("20261202T000000Z", "20261201T000000Z"),
    ],
)
def test_a_query_finds_the_same(filled: House, both: Both, inside: str) -> None:
    both(filled.events(), query(inside))


@pytest.mark.parametrize("inside", [ALL.replace("VEVENT", "VTODO"), ALL])
def test_tasks_are_found_the_same(filled: House, both: Both, inside: str) -> None:
    both(filled.tasks(), query(inside))


def test_many_windows_find_the_same(filled: House, both: Both) -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    for hours in range(0, 24 * 16, 11):
        for length in (1, 30, 24 * 8):
            first = start + timedelta(hours=hours)
            last = first + timedelta(hours=length)
            both(
                filled.events(),
                query(window(f"{first:%Y%m%dT%H%M%SZ}", f"{last:%Y%m%dT%H%M%SZ}"), "<D:getetag/>"),
            )


@pytest.mark.parametrize(
    "properties",
    [
        "<D:getetag/>",
        "<C:calendar-data/>",
        "<D:getcontenttype/><D:getetag/>",
        '<C:calendar-data content-type="text/calendar" version="2.0"/><D:getetag/>',
        "<D:getetag/><D:displayname/><X:own/><C:schedule-tag/>",
        "<X:own/>",
        "<D:getetag/><D:getetag/>",
    ],
)
def test_properties_are_the_same(filled: House, both: Both, properties: str) -> None:
    both(filled.events(), query(ALL, properties))
    both(filled.events(), sync(properties=properties))
    href = filled.events() + "plain.ics"
    both(filled.events(), multiget(href, properties=properties))
    both(filled.tasks(), sync(properties=properties))


@pytest.mark.parametrize(
    "body",
    [
        query(ALL, '<C:calendar-data><C:expand start="20261201T000000Z" end="20261202T000000Z"/>'
              "</C:calendar-data>"),
        query(ALL, '<C:calendar-data><C:limit-recurrence-set start="20261201T000000Z" '
              'end="20261202T000000Z"/></C:calendar-data>'),
        query(ALL, '<C:calendar-data><C:comp name="VCALENDAR"/></C:calendar-data>'),
        query(ALL.replace("/></", '><C:prop-filter name="SUMMARY"><C:text-match>tee'
                          "</C:text-match></C:prop-filter></C:comp-filter></")),
        query(ALL.replace("/></", "><C:is-not-defined/></C:comp-filter></")),
        query(""),
        query(ALL + ALL),
        query(window()),
        query(window("2026")),
        query(window("2026-12-01T00:00:00Z", "20261202T000000Z")),
        query(ALL, "<nothing/>"),
        f"<C:calendar-query {SPACES}><D:allprop/><C:filter>{ALL}</C:filter></C:calendar-query>",
        f"<C:calendar-query {SPACES}><D:prop><D:getetag/></D:prop></C:calendar-query>",
        f"<C:free-busy-query {SPACES}><C:time-range start='20261201T000000Z'/></C:free-busy-query>",
        f"<D:expand-property {SPACES}/>",
        f"<D:version-tree {SPACES}><D:prop><D:getetag/></D:prop></D:version-tree>",
    ],
    ids=range(16),
)  # fmt: skip
def test_what_is_unusual_goes_the_slow_way(filled: House, both: Both, body: str) -> None:
    both(filled.events(), body, plain=False)


def test_a_tasks_time_range_goes_the_slow_way(filled: House, both: Both) -> None:
    inside = window("20261201T000000Z", "20261202T000000Z", "VTODO")
    both(filled.tasks(), query(inside), plain=False)


@pytest.mark.parametrize("depth", ["0", "1", "infinity"])
def test_a_depth_changes_nothing(filled: House, both: Both, depth: str) -> None:
    for body in (query(ALL), sync(), multiget(filled.events() + "plain.ics")):
        both(filled.events(), body, Depth=depth)


def test_a_multiget_finds_the_same(filled: House, both: Both) -> None:
    home = filled.events()
    there = [home + quoted(name) + ".ics" for name in ODD]
    gone = [home + "nothing.ics", home + quoted("nö & nö") + ".ics", home + "x" * 300]
    both(home, multiget(*there, *gone))
    both(home, multiget(*there, *there))
    both(home, multiget(filled.url[:-1] + there[0], f" {there[1]}\n"))
    both(home, multiget())


@pytest.mark.parametrize(
    "odd", ["", "/", "//x", "/etc/passwd", "{home}", "{home}a/b.ics", "{home}../x", "{tasks}a.ics"]
)
def test_odd_addresses_in_a_multiget_go_the_slow_way(filled: House, both: Both, odd: str) -> None:
    home = filled.events()
    href = odd.format(home=home, tasks=filled.tasks())
    answer = both(home, multiget(home + "plain.ics", href), plain=False)
    assert answer.status == (207 if odd else 400)


def test_a_sync_tells_the_same(filled: House, both: Both) -> None:
    home = filled.events()
    _, first = filled.sync(home)
    assert both(home, sync(first)).hrefs == []
    etag = filled.ask("GET", home + "plain.ics").headers["etag"]
    filled.put(home + "plain.ics", vevent("plain", "anders"), If_Match=etag)
    filled.ask("DELETE", home + "day.ics", If_Match="*")
    filled.put(home + "new.ics", vevent("new"))
    filled.ask("MOVE", home + "ended.ics", Destination=filled.url[:-1] + home + "renamed.ics")
    filled.ask("DELETE", home + "days.ics", If_Match="*")
    filled.put(home + "days.ics", vevent("days-again"))
    for properties in ("<D:getetag/>", PROPERTIES):
        answer = both(home, sync(first, properties))
        names = {href.rsplit("/", 1)[1] for href in answer.hrefs}
        assert names == {f"{n}.ics" for n in ("plain", "day", "new", "ended", "renamed", "days")}
        assert answer.text.count("404") == 2
        both(home, sync("", properties))


@pytest.mark.parametrize(
    "token",
    [
        "x", "https://elsewhere.example/1", "https://wecreate.invalid/sync/",
        "https://wecreate.invalid/sync/fffffff", "https://wecreate.invalid/sync/-1",
        "https://wecreate.invalid/sync/0x1", "https://wecreate.invalid/sync/1_0",
        "https://wecreate.invalid/sync/" + "1" * 40,
    ],
)  # fmt: skip
def test_a_token_that_was_never_given_is_refused(filled: House, both: Both, token: str) -> None:
    answer = both(filled.events(), sync(token))
    assert answer.status == 403
    assert "valid-sync-token" in answer.text


def test_a_limited_sync_is_told_in_parts(filled: House) -> None:
    """RFC 6578, 3.6; Radicale's layer would say all at once."""
    home, token, seen = filled.events(), "", set[str]()
    filled.ask("DELETE", home + "day.ics", If_Match="*")
    for _ in range(len(ODD)):
        body = sync(token, more="<D:limit><D:nresults>4</D:nresults></D:limit>")
        answer = filled.ask("REPORT", home, body)
        found = tree(answer.body)
        token = found.findtext(f"{DAV}sync-token") or ""
        names = {href for href in answer.hrefs if href != home}
        assert len(names) <= 4
        seen |= names
        if home not in answer.hrefs:
            break
        assert "507 Insufficient Storage" in answer.text
        assert "number-of-matches-within-limits" in answer.text
    # What is gone is told too, for who asks a second time may have seen it.
    assert {href.rsplit("/", 1)[1] for href in seen} == {f"{n}.ics" for n in ODD}
    assert filled.sync(home, token)[0].hrefs == []


def test_a_limited_sync_goes_on_with_what_is_gone(filled: House) -> None:
    home = filled.events()
    _, token = filled.sync(home)
    for name in ("day", "days", "weekly"):
        filled.ask("DELETE", f"{home}{name}.ics", If_Match="*")
    told: list[str] = []
    for _ in range(3):
        body = sync(token, more="<D:limit><D:nresults>1</D:nresults></D:limit>")
        answer = filled.ask("REPORT", home, body)
        token = tree(answer.body).findtext(f"{DAV}sync-token") or ""
        told += [href for href in answer.hrefs if href != home]
    assert told == [f"{home}{name}.ics" for name in ("day", "days", "weekly")]


def test_an_answer_that_would_be_too_large_is_refused(
    filled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridges.caldav.plain_reports._MOST_TEXT", 2000)
    answer = filled.ask("REPORT", filled.events(), query(ALL))
    assert answer.status == 507
    assert "number-of-matches-within-limits" in answer.text
    assert filled.ask("REPORT", filled.events(), query(ALL, "<D:getetag/>")).status == 207


def test_an_answer_is_packed_for_who_takes_it(filled: House) -> None:
    plain = filled.ask("REPORT", filled.events(), query(ALL))
    packed = filled.ask("REPORT", filled.events(), query(ALL), Accept_Encoding="deflate, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"'])
def test_a_body_is_read_as_it_says(filled: House, both: Both, charset: str) -> None:
    both(filled.events(), query(ALL), Content_Type="application/xml" + charset)


def test_another_charset_goes_the_slow_way(filled: House, both: Both) -> None:
    both(
        filled.events(), query(ALL), plain=False, Content_Type="application/xml; charset=iso-8859-1"
    )


# Who may see what


def test_who_may_not_see_it_learns_nothing(filled: House, both: Both) -> None:
    for body in (query(ALL), sync(), multiget(filled.events(CEM) + "plain.ics")):
        answer = both(filled.events(CEM), body, who=CEM)
        assert answer.status in {403, 404}
        assert both(filled.events(), body, who=CEM).status in {403, 404}
        assert filled.ask("REPORT", filled.events(), body, who=None).status == 401


def test_who_may_only_read_reads_all(filled: House, both: Both) -> None:
    filled.share(Sharing.READ)
    assert len(both(filled.events(BEN), query(ALL), who=BEN).hrefs) == len(ODD)


@pytest.mark.parametrize("membership", ["leave", "ban", "invite", "knock"])
def test_who_left_reads_nothing_more(filled: House, both: Both, membership: str) -> None:
    bodies = (query(ALL), sync(), multiget(filled.events(BEN) + "plain.ics"))
    assert all(both(filled.events(BEN), body, who=BEN).status == 207 for body in bodies)
    with filled.store.begin(NOW) as uow:
        uow.rooms.set_member(filled.box.room_id, BEN, membership, None)
    for body in bodies:
        answer = both(filled.events(BEN), body, who=BEN)
        assert answer.status in {403, 404}
        assert b"BEGIN:VEVENT" not in answer.body


def test_a_box_that_shares_no_more_tells_nothing(filled: House, both: Both) -> None:
    filled.share(Sharing.OFF)
    for body in (query(ALL), sync(), multiget(filled.events() + "plain.ics")):
        assert both(filled.events(), body).status in {403, 404}


def test_a_box_whose_key_is_destroyed_is_gone(filled: House) -> None:
    filled.store.keys.destroy(filled.box.id)
    answer = filled.ask("REPORT", filled.events(), query(ALL))
    assert answer.status == 404
    assert b"BEGIN" not in answer.body


def test_a_home_and_an_object_are_asked_the_slow_way(filled: House, both: Both) -> None:
    both(f"/{login_of(ANNA)}/", query(ALL), plain=False)
    both(filled.events() + "plain.ics", query(ALL), plain=False)
    both(filled.events().rstrip("/"), query(ALL))
