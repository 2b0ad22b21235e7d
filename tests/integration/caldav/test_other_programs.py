"""What other calendar programs, browsers and subscriptions ask for besides the usual."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar

from bridges.caldav.paths import login_of
from tests.dav import ANNA, BEN, Answer, House, vevent

PROPFIND = b'<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>'


def feed(dav: House, **headers: str) -> Answer:
    with dav.store.begin(dav.box.created_at) as uow:
        path = f"/feed/{uow.feeds.address(BEN, dav.box.id)}.ics"
    return dav.ask("GET", path, who=None, **headers)


@pytest.mark.parametrize(("depth", "status"), [("infinity", 403), ("Infinity", 403), ("2", 400)])
def test_a_whole_tree_is_refused_in_the_words_of_webdav(
    dav: House, depth: str, status: int
) -> None:
    for path in (dav.events(), "/"):
        answer = dav.ask("PROPFIND", path, PROPFIND, Depth=depth)
        assert answer.status == status
        assert ("propfind-finite-depth" in answer.text) is (status == 403)


def test_what_is_known_already_is_not_sent_again(dav: House) -> None:
    path = f"{dav.events()}one.ics"
    etag = dav.put(path, vevent()).headers["etag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}"):
        answer = dav.ask("GET", path, **{"If-None-Match": known})
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert dav.ask("GET", path, **{"If-None-Match": '"other"'}).status == 200


def test_nothing_is_promised_that_is_not_there(dav: House) -> None:
    """No locks and no contacts: programs would look for them."""
    answer = dav.ask("OPTIONS", dav.events())
    assert answer.headers["dav"] == "1, 3, calendar-access"


def test_free_and_busy_times_have_one_charset(dav: House) -> None:
    dav.put(f"{dav.events()}one.ics", vevent())
    body = (
        b'<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
        b'<C:time-range start="20261101T000000Z" end="20270101T000000Z"/></C:free-busy-query>'
    )
    answer = dav.ask("REPORT", dav.events(), body, Depth="1")
    assert "FREEBUSY" in answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"


def test_who_opens_the_address_in_a_browser_reads_what_it_is_for(dav: House) -> None:
    german = dav.ask("GET", "/", who=None, Accept="text/html,*/*")
    assert german.status == 200
    assert "!kalender neu Handy" in german.text
    english = {"Accept": "text/html", "Accept-Language": "en-GB,en;q=0.9"}
    assert "!calendar new phone" in dav.ask("GET", "/", who=None, **english).text
    assert dav.ask("GET", "/", who=None).status == 401
    assert dav.ask("PROPFIND", "/", PROPFIND, who=None, Accept="text/html").status == 401


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u0085"])
def test_no_sign_in_a_title_makes_a_line_of_its_own_in_a_feed(dav: House, sign: str) -> None:
    title = f"Fest{sign}END:VEVENT{sign}BEGIN:VEVENT{sign}ATTACH:file:///etc/passwd"
    body = vevent(title="Probe").replace(b"Probe", title.encode())
    assert dav.put(f"{dav.events()}one.ics", body).status == 201
    text = feed(dav).text
    assert "\r\nATTACH" not in text
    (event,) = Calendar.from_ical(text).events
    assert event["SUMMARY"] == title.replace(sign, " ")


def test_a_feed_says_how_often_to_look(dav: House) -> None:
    text = feed(dav).text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "X-PUBLISHED-TTL:PT1H\r\n" in text


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ("DURATION:P999999999D\n", "max-date-time"),
        ("DURATION:P99999D\n", "max-date-time"),
        ("DTEND:20261201T190000Z\nUID:another\n", "valid-calendar-object-resource"),
    ],
)
def test_impossible_lengths_and_second_names_are_refused(dav: House, more: str, name: str) -> None:
    body = vevent(more=more).replace(b"DTEND:20261201T190000Z\r\n", b"", 1)
    answer = dav.put(f"{dav.events()}one.ics", body)
    assert answer.status == 403
    assert name in answer.text


ALL = '<D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>'
SIZES = (
    '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/><D:getcontentlength/><D:nothing/></D:prop>'
    "</D:propfind>"
)


@pytest.mark.parametrize("depth", ["0", "1"])
@pytest.mark.parametrize("body", ["", ALL, "<D:propfind xmlns:D='DAV:'><D:propname/></D:propfind>"])
def test_who_asks_for_every_property_gets_them(dav: House, body: str, depth: str) -> None:
    dav.put(f"{dav.events()}one.ics", vevent())
    for path in ("/", f"/{login_of(ANNA)}/", dav.events(), f"{dav.events()}one.ics"):
        answer = dav.ask("PROPFIND", path, body, Depth=depth)
        assert answer.status == 207, path
        assert path in answer.hrefs


def test_an_object_has_a_size_and_a_calendar_has_none(dav: House) -> None:
    """Evolution asks for it when it looks for calendars."""
    dav.put(f"{dav.events()}one.ics", vevent())
    home = dav.ask("PROPFIND", f"/{login_of(ANNA)}/", SIZES, Depth="1")
    assert (home.status, len(home.hrefs)) == (207, 3)
    answer = dav.ask("PROPFIND", dav.events(), SIZES, Depth="1")
    tree = ET.fromstring(answer.body)  # noqa: S314  our own server's
    statuses = [
        {
            prop.tag.rpartition("}")[2]: str(each.findtext("{DAV:}status")).split()[1]
            for each in response.iter("{DAV:}propstat")
            for prop in each.find("{DAV:}prop") or ()
        }
        for response in tree.iter("{DAV:}response")
    ]
    assert statuses == [
        {"getetag": "200", "getcontentlength": "404", "nothing": "404"},
        {"getetag": "200", "getcontentlength": "200", "nothing": "404"},
    ]
    assert tree.findtext(".//{DAV:}propstat//{DAV:}getcontentlength", None) == ""
    sizes = [one.text for one in tree.iter("{DAV:}getcontentlength") if one.text]
    assert sizes == [str(len(vevent()))]
