"""Broken and hostile requests: answered in the protocol's own terms, nothing changed."""

from __future__ import annotations

import re
from http.client import HTTPConnection

import pytest

from bridges.caldav.paths import login_of
from tests.dav import ANNA, House, add_box, vevent, vtodo
from tests.processor import at_most
from wecreate_module.services import calendars
from wecreate_module.storage.calendars import Sharing

QUERY = """<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><D:getetag/><C:calendar-data>{expand}</C:calendar-data></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{start}" end="{end}"/></C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""


SYNC = (
    '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level>'
    "<prop><getetag/></prop></sync-collection>"
)


def query(start: str, end: str, *, expand: bool = False) -> str:
    window = f'<C:expand start="{start}" end="{end}"/>' if expand else ""
    return QUERY.format(start=start, end=end, expand=window)


def event(*lines: str, uid: str = "one") -> bytes:
    inner = [f"UID:{uid}", "DTSTAMP:20261125T090000Z", "SUMMARY:x", *lines]
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:t", "BEGIN:VEVENT", *inner]
    return "\r\n".join([*whole, "END:VEVENT", "END:VCALENDAR", ""]).encode()


START = "DTSTART:20261201T180000Z"
OVERRIDE = (
    "END:VEVENT", "BEGIN:VEVENT", "UID:one", "DTSTAMP:20261125T090000Z", "SUMMARY:y",
    "RECURRENCE-ID:20261201T180000Z", START,
)  # fmt: skip

REFUSED = {
    "no-calendar": (b"hello", "valid-calendar-data"),
    "empty": (b"", "valid-calendar-data"),
    "two-calendars": (vevent() + vevent("two"), "valid-calendar-data"),
    "unclosed": (vevent()[:-40], "valid-calendar-data"),
    "latin-1": (vevent(title="Grün").decode().encode("latin-1"), "valid-calendar-data"),
    "no-character": (vevent(title="a\uffffb"), "valid-calendar-data"),
    "null-byte": (vevent(title="a\x00b"), "valid-calendar-data"),
    "no-uid": (vevent().replace(b"UID:one\r\n", b""), "valid-calendar-object-resource"),
    "two-uids": (
        event(START, "END:VEVENT", "BEGIN:VEVENT", "UID:two", START),
        "valid-calendar-object-resource",
    ),
    "long-uid": (vevent("u" * 300), "valid-calendar-object-resource"),
    "method": (
        vevent().replace(b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:REQUEST"),
        "valid-calendar-object-resource",
    ),
    "override-alone": (
        event("RECURRENCE-ID:20261201T180000Z", START),
        "valid-calendar-object-resource",
    ),
    "override-twice": (
        event(START, "RRULE:FREQ=DAILY", *OVERRIDE, *OVERRIDE),
        "valid-calendar-object-resource",
    ),
    "no-start": (event(), "valid-calendar-data"),
    "no-date": (event("DTSTART:tomorrow"), "valid-calendar-data"),
    "month-13": (event("DTSTART:20261301T180000Z"), "valid-calendar-data"),
    "year-1": (event("DTSTART:00010101T000000Z"), "min-date-time"),
    "year-9999": (event("DTSTART:99990101T000000Z"), "max-date-time"),
    "backwards": (event(START, "DTEND:20261130T180000Z"), "valid-calendar-data"),
    "mixed": (event(START, "DTEND;VALUE=DATE:20261202"), "valid-calendar-data"),
    "every-second": (event(START, "RRULE:FREQ=SECONDLY"), "max-instances"),
    "every-minute": (event(START, "RRULE:FREQ=MINUTELY;COUNT=5"), "max-instances"),
    "no-interval": (event(START, "RRULE:FREQ=DAILY;INTERVAL=0"), "valid-calendar-data"),
    "never": (
        event(START, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        "valid-calendar-data",
    ),
    "product": (
        event(
            START,
            "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24)))
            + ";BYMINUTE=" + ",".join(map(str, range(60))),
        ),
        "max-instances",
    ),
    "two-rules": (event(START, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), "valid-calendar-data"),
    "no-rule": (event(START, "RRULE:sometimes"), "valid-calendar-data"),
    "attendees": (
        event(START, *(f"ATTENDEE:mailto:a{n}@x.org" for n in range(1500))),
        "max-attendees-per-instance",
    ),
    "nested": (
        event(START, *["BEGIN:VALARM"] * 50, *["END:VALARM"] * 50),
        "valid-calendar-data",
    ),
    "components": (
        event(START, *["BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT1M", "END:VALARM"] * 600),
        "valid-calendar-data",
    ),
}  # fmt: skip


# A zone like this held the calendar's only writer for ever.
REFUSED["restless-zone"] = (
    event("DTSTART;TZID=Heim:20261201T180000").replace(
        b"BEGIN:VEVENT",
        b"BEGIN:VTIMEZONE\r\nTZID:Heim\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        b"RRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
        b"END:VTIMEZONE\r\nBEGIN:VEVENT",
        1,
    ),
    "valid-calendar-data",
)


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_object_is_refused_with_its_precondition(dav: House, name: str) -> None:
    body, precondition = REFUSED[name]
    with at_most(3):
        answer = dav.put(dav.events() + "a.ics", body)
    assert answer.status == 403, answer.text
    assert precondition in answer.text
    assert dav.sync(dav.events())[0].hrefs == []


def test_a_body_too_large_is_refused(dav: House) -> None:
    assert dav.put(dav.events() + "a.ics", vevent(more="X-A:" + "x" * 1_200_000)).status == 413
    connection = HTTPConnection("127.0.0.1", dav.port, timeout=60)
    connection.putrequest("PROPFIND", dav.events())
    connection.putheader("Content-Length", "900000000")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_many_attendees_are_welcome(dav: House) -> None:
    people = [f"ATTENDEE;CN=Person {n}:mailto:p{n}@example.org" for n in range(400)]
    assert dav.put(dav.events() + "a.ics", event(START, *people)).status == 201


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;">]><propfind xmlns="DAV:">&b;</propfind>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><propfind xmlns="DAV:"><allprop/></propfind>',
        '<!DOCTYPE propfind><propfind xmlns="DAV:"><allprop/></propfind>',
        "<a>" * 5000 + "</a>" * 5000,
        "<propfind",
        "not xml",
        "\x00\x01",
        '<?xml version="1.0" encoding="utf-7"?><propfind xmlns="DAV:"><allprop/></propfind>',
    ],
)
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "PROPPATCH"])
def test_bad_xml_is_a_bad_request(dav: House, method: str, body: str) -> None:
    assert dav.ask(method, dav.events(), body, Depth="0").status == 400


def test_a_calendar_stays_one(dav: House) -> None:
    body = (
        '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:resourcetype><D:collection/>'
        '<CR:addressbook xmlns:CR="urn:ietf:params:xml:ns:carddav"/></D:resourcetype>'
        "</D:prop></D:set></D:propertyupdate>"
    )
    assert dav.ask("PROPPATCH", dav.events(), body).status == 403
    body = '<propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'
    assert "addressbook" not in dav.ask("PROPFIND", dav.events(), body, Depth="0").text


def test_names_of_elsewhere_in_a_multiget_are_not_found(dav: House) -> None:
    dav.put(dav.events() + "a.ics", vevent("a"))
    foreign = ["https://elsewhere.example/x.ics", "/etc/passwd", "../../x", "%00", "//", "?"]
    long = dav.events() + "x" * 5000 + ".ics"
    hrefs = [dav.events() + "a.ics", dav.tasks() + "a.ics", long, *foreign]
    listed = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    body = (
        '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
        f"<D:prop><D:getetag/></D:prop>{listed}</C:calendar-multiget>"
    )
    answer = dav.ask("REPORT", dav.events(), body)
    assert answer.status == 207
    assert answer.text.count("getetag>") == 2
    for href in ("", " ", "http://[broken"):
        empty = body.replace("/etc/passwd", href)
        assert dav.ask("REPORT", dav.events(), empty).status == 400


@pytest.mark.parametrize(
    "path", ["x" * 300 + ".ics", "a/b/c.ics", "%00.ics", "%ff.ics", "..%2f..%2fx"]
)
def test_odd_paths_are_told_so(dav: House, path: str) -> None:
    for method in ("PUT", "GET", "DELETE", "PROPFIND"):
        body = vevent() if method == "PUT" else b""
        answer = dav.ask(method, dav.events() + path, body, Depth="0")
        assert 400 <= answer.status < 500, (method, answer.status)


@pytest.mark.parametrize(
    "name", ["%C3%BCmlaut", "%F0%9F%A5%AC", "a%20b", "50%25", "a%3Bb", "%C3%83"]
)
def test_a_name_of_any_letters_leads_to_its_object(dav: House, name: str) -> None:
    path = f"{dav.events()}{name}.ics"
    assert dav.put(path, vevent()).status == 201
    for body in (query("20261201T000000Z", "20261202T000000Z"), SYNC):
        answer = dav.ask("REPORT", dav.events(), body)
        (written,) = re.findall(r"<response><href>([^<]*)<", answer.text)
        found = dav.ask("GET", written)
        assert (found.status, found.body) == (200, vevent())
    etag = found.headers["etag"]
    assert dav.put(written, vevent(title="anders"), If_Match=etag).status == 204
    assert "anders" in dav.ask("GET", path).text
    moved = dav.ask("MOVE", path, Destination=dav.url[:-1] + f"{dav.events()}{name}-2.ics")
    assert moved.status == (400 if name == "a%3Bb" else 201)
    name += "" if name == "a%3Bb" else "-2"
    assert dav.ask("DELETE", f"{dav.events()}{name}.ics", If_Match="*").status == 200


def test_a_fold_inside_of_a_character_is_undone(dav: House) -> None:
    title = "Grünkohlessen in der Gärtnerei"
    body = vevent(title=title).replace("ü".encode(), b"\xc3\r\n \xbc", 1)
    made = dav.put(dav.events() + "a.ics", body)
    assert made.status == 201
    assert "etag" not in made.headers  # it is not what was sent, byte for byte
    assert title in dav.ask("GET", dav.events() + "a.ics").text.replace("\r\n ", "")


def test_a_geo_written_as_uri_stays_as_it_is(dav: House) -> None:
    dav.put(dav.events() + "a.ics", vevent(more="GEO;VALUE=URI:geo:52.5,13.4\n"))
    assert "geo:52.5,13.4" in dav.ask("GET", dav.events() + "a.ics").text


def test_a_line_break_in_a_text_makes_no_second_property(dav: House) -> None:
    body = vevent(more="DESCRIPTION:one\\nATTENDEE:mailto:evil@x.org\n")
    assert dav.put(dav.events() + "a.ics", body).status == 201
    assert "\r\nATTENDEE" not in dav.ask("GET", dav.events() + "a.ics").text


def test_one_odd_object_spoils_no_query(dav: House) -> None:
    dav.put(dav.events() + "good.ics", vevent("good"))
    for name, (body, _) in REFUSED.items():
        dav.put(f"{dav.events()}{name}.ics", body)
    zone = 'TZID="Nowhere/Zone"'
    dav.put(dav.events() + "zone.ics", event(f"DTSTART;{zone}:20261201T180000", uid="zone"))
    for expand in (False, True):
        asked = query("20261101T000000Z", "20270101T000000Z", expand=expand)
        answer = dav.ask("REPORT", dav.events(), asked, Depth="1")
        assert answer.status == 207, answer.text
        assert any(href.endswith("good.ics") for href in answer.hrefs)


@pytest.mark.parametrize("window", [("99980101T000000Z", "99990101T000000Z"), ("x", "y"), ("", "")])
@pytest.mark.parametrize("expand", [False, True])
def test_a_window_at_the_end_of_time_takes_no_time(
    dav: House, window: tuple[str, str], *, expand: bool
) -> None:
    dav.put(dav.events() + "a.ics", event(START, "RRULE:FREQ=DAILY"))
    with at_most(3):
        answer = dav.ask("REPORT", dav.events(), query(*window, expand=expand), Depth="1")
    assert answer.status < 500


def test_nothing_moves_into_another_calendar(dav: House) -> None:
    other = add_box(dav.store, "andere", {ANNA: "join"})
    with dav.store.begin(other.created_at) as uow:
        shared = calendars.share(uow, other, Sharing.WRITE, actor=ANNA)
    dav.put(dav.events() + "a.ics", vevent("a"))
    home = f"{dav.url[:-1]}/{login_of(ANNA)}"
    for target in (
        dav.url[:-1] + dav.tasks() + "a.ics",
        f"{home}/{shared.events_id}/a.ics",
        f"{home}/new/",
        "https://elsewhere.example/a.ics",
        "",
    ):
        answer = dav.ask("MOVE", dav.events() + "a.ics", Destination=target)
        assert answer.status == 403, target
    assert dav.ask("GET", dav.events() + "a.ics").status == 200


def test_a_uid_is_kept_once(dav: House) -> None:
    dav.put(dav.events() + "a.ics", vevent("same"))
    refused = dav.put(dav.events() + "b.ics", vevent("same"))
    assert refused.status == 409
    assert "no-uid-conflict" in refused.text
    assert dav.put(dav.tasks() + "a.ics", vtodo("same")).status == 201


@pytest.mark.parametrize("method", ["MKCALENDAR", "MKCOL", "POST", "LOCK", "COPY", "PATCH", "BREW"])
def test_other_methods_are_refused(dav: House, method: str) -> None:
    assert dav.ask(method, f"/{login_of(ANNA)}/new/").status in {403, 405}


C = "urn:ietf:params:xml:ns:caldav"
NEITHER = {
    "no namespace": "<x/>",
    "another root": '<x xmlns="DAV:"/>',
    "a query of nothing": f'<calendar-query xmlns="{C}"/>',
    "busy times of no time": f'<free-busy-query xmlns="{C}"/>',
    "a multiget of nothing": f'<calendar-multiget xmlns="{C}"/>',
    "no property": '<propfind xmlns="DAV:"><x/></propfind>',
    "a property of no namespace": '<A:propfind xmlns:A="DAV:"><A:prop><x/></A:prop></A:propfind>',
    "a change": '<propertyupdate xmlns="DAV:"><set><prop><x/></prop></set></propertyupdate>',
    "a query": query("20261201T000000Z", "20261202T000000Z"),
    "changes": SYNC,
    "people": '<principal-match xmlns="DAV:"><self/></principal-match>',
    "open busy times": f'<free-busy-query xmlns="{C}"><time-range/></free-busy-query>',
}


@pytest.mark.parametrize("name", NEITHER)
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "PROPPATCH"])
def test_what_is_asked_in_the_wrong_place_is_no_fault_of_the_server(
    dav: House, method: str, name: str
) -> None:
    dav.put(dav.events() + "a.ics", vevent())
    for path in ("/", f"/{login_of(ANNA)}/", dav.events(), dav.events() + "a.ics"):
        answer = dav.ask(method, path, NEITHER[name], Depth="1")
        assert answer.status < 500, path


def test_a_report_that_is_not_there_is_called_so(dav: House) -> None:
    answer = dav.ask("REPORT", "/", NEITHER["a query"])
    assert (answer.status, "supported-report" in answer.text) == (403, True)


@pytest.mark.parametrize("method", ["PUT", "PROPFIND", "REPORT", "PROPPATCH"])
@pytest.mark.parametrize("name", ["nix", "utf-16", "idna", "hex", ""])
def test_an_odd_charset_is_no_fault_of_the_server(dav: House, method: str, name: str) -> None:
    body = vevent() if method == "PUT" else SYNC.encode()
    kind = {"Content-Type": f"text/calendar; charset={name}"}
    for path in (dav.events(), dav.events() + "a.ics"):
        assert dav.ask(method, path, body, Depth="0", **kind).status < 500


def test_a_broken_destination_is_a_bad_request(dav: House) -> None:
    dav.put(dav.events() + "a.ics", vevent())
    answer = dav.ask("MOVE", dav.events() + "a.ics", Destination="http://[")
    assert answer.status == 400
