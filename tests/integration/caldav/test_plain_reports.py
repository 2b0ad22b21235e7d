"""Reports answered straight from rows say what Radicale's own layer says of the same request."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from bridges.caldav.paths import login_of
from tests.dav import ANNA, House, vevent
from tests.integration.caldav.reports import (
    ALL,
    DAV,
    ODD,
    PROPERTIES,
    SPACES,
    Both,
    multiget,
    query,
    quoted,
    sync,
    tree,
    window,
)


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


def test_a_home_and_an_object_are_asked_the_slow_way(filled: House, both: Both) -> None:
    both(f"/{login_of(ANNA)}/", query(ALL), plain=False)
    both(filled.events() + "plain.ics", query(ALL), plain=False)
    both(filled.events().rstrip("/"), query(ALL))
