"""Evolution and GNOME Calendar, as evolution-data-server 3.46 was seen to ask.

They overwrite without If-Match, so what they had seen is told by the text itself.
"""

from __future__ import annotations

import pytest

from bridges.caldav.versions import with_version, without_version
from tests.dav import House, vevent, vtodo

EVOLUTION = {"User-Agent": "Evolution/3.46.4"}
MARK = "X-WECREATE-VERSION"
MULTIGET = (
    '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>{}</D:href></C:calendar-multiget>"
)


def got(dav: House, path: str) -> str:
    return dav.ask("GET", path, **EVOLUTION).text


def sent(dav: House, path: str, text: str) -> int:
    """As it overwrites: with no condition."""
    return dav.put(path, text.encode(), **EVOLUTION).status


@pytest.mark.parametrize("kind", ["event", "task"])
def test_evolution_overwrites_what_it_has_seen_and_nothing_else(dav: House, kind: str) -> None:
    path = f"{dav.events() if kind == 'event' else dav.tasks()}a.ics"
    made = dav.put(path, vevent() if kind == "event" else vtodo(), If_None_Match="*", **EVOLUTION)
    assert made.status == 201
    assert "etag" not in made.headers  # so it asks for the text, and finds the version
    seen = got(dav, path)
    assert seen.count(MARK) == 1
    assert sent(dav, path, seen.replace("SUMMARY:", "SUMMARY:Neu: ")) == 204
    assert sent(dav, path, seen.replace("SUMMARY:", "SUMMARY:Alt: ")) == 412
    again = got(dav, path)
    assert "SUMMARY:Neu: " in again
    assert sent(dav, path, again.replace("SUMMARY:", "SUMMARY:Noch ")) == 204


def test_the_version_is_for_evolution_alone_and_never_kept(dav: House) -> None:
    path = f"{dav.events()}a.ics"
    dav.put(path, vevent())
    assert sent(dav, path, got(dav, path)) == 204
    assert dav.ask("GET", path).text == vevent().decode()
    assert MARK in dav.ask("REPORT", dav.events(), MULTIGET.format(path), **EVOLUTION).text
    assert MARK not in dav.ask("REPORT", dav.events(), MULTIGET.format(path)).text
    copied = got(dav, path).replace("UID:one", "UID:two").encode()
    assert dav.put(f"{dav.events()}b.ics", copied, If_None_Match="*").status == 201
    assert MARK not in dav.ask("GET", f"{dav.events()}b.ics").text


def test_other_programs_are_not_believed_a_version_in_the_text(dav: House) -> None:
    path = f"{dav.events()}a.ics"
    dav.put(path, vevent())
    assert dav.put(path, got(dav, path).encode()).status == 412
    assert sent(dav, path, vevent(title="blind").decode()) == 412
    assert "SUMMARY:Probe" in dav.ask("GET", path).text


def test_a_changed_occurrence_is_told_with_its_series(dav: House) -> None:
    """Evolution writes the new component without the property, beside the others."""
    path = f"{dav.events()}a.ics"
    dav.put(path, vevent(more="RRULE:FREQ=DAILY;COUNT=5\n"))
    other = (
        "BEGIN:VEVENT\r\nUID:one\r\nDTSTAMP:20261125T090000Z\r\nDTSTART:20261202T190000Z\r\n"
        "RECURRENCE-ID:20261202T180000Z\r\nSUMMARY:Später\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    seen = got(dav, path)
    assert sent(dav, path, seen.replace("END:VCALENDAR", other)) == 204
    both = got(dav, path)
    assert both.count(MARK) == 2
    assert sent(dav, path, seen.replace("END:VCALENDAR", other)) == 412
    mixed = both.replace(MARK + ":", MARK + ":1", 1)
    assert sent(dav, path, mixed) == 412


@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_a_version_goes_in_and_comes_out(ending: bytes) -> None:
    text = vevent(more="BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT1M\nEND:VALARM\n")
    text = text.replace(b"\r\n", ending)
    assert without_version(with_version(text, '"5-ab"')) == (text, '"5-ab"')
    assert without_version(text) == (text, None)
    twice = with_version(with_version(text, '"5-ab"'), '"6-ab"')
    assert without_version(twice) == (text, None)
