"""A stranger's server: where requests may go, how long and large answers get, what is believed."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridges.caldav.external.addresses import Allowed
from bridges.caldav.external.collection import Client
from bridges.caldav.external.discovery import calendars_at
from bridges.caldav.external.errors import ExternalError, Trouble
from tests.dav import NOW, vevent
from tests.external import HERE, TiedBox, calendar_at, tied_box
from tests.strange_caldav import PATH, Answer, Asked, StrangeServer, multistatus, strange_server

INSIDE = (
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1:8443/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://224.0.0.1/",
)
NO_ADDRESS = (
    "http://example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "https://",
    "https://anna:secret@example.org/",
    "https://example.org:0/",
    "https://example.org:99999/",
    "https://exa mple.org/",
    "https://example.org\\@10.0.0.1/",
    "https://example.org/\r\nX-Evil: 1",
)


@pytest.fixture
def box(far: StrangeServer, tmp_path: Path) -> Iterator[TiedBox]:
    """Tied, and synced once."""
    with tied_box(tmp_path, calendar_at(far.url)) as box:
        box.tie(far.url, "anna", "secret")
        box.sync()
        box.sync()
        box.said()
        far.asked.clear()
        yield box


def trouble_of(url: str, allowed: Allowed) -> Trouble | None:
    try:
        with Client(url, "anna", "secret", allowed) as client:
            calendars_at(client, url, "VEVENT")
    except ExternalError as error:
        return error.trouble
    return None


@pytest.mark.parametrize("url", INSIDE + NO_ADDRESS)
def test_nothing_in_the_operators_own_network_is_asked(url: str) -> None:
    assert trouble_of(url, Allowed()) is Trouble.FORBIDDEN_ADDRESS


def test_what_the_operator_names_is_asked(far: StrangeServer) -> None:
    assert trouble_of(far.url, Allowed()) is Trouble.FORBIDDEN_ADDRESS
    assert trouble_of(far.url, Allowed(("192.168.0.0/16",))) is Trouble.FORBIDDEN_ADDRESS
    assert far.asked == []
    assert trouble_of(far.url, Allowed(("127.0.0.0/8",))) is None
    named = far.url.replace("127.0.0.1", "localhost")
    assert trouble_of(named, Allowed(("127.0.0.1",))) is None
    assert trouble_of(far.url, Allowed(("localhost",))) is None


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_leads_no_further_than_the_address_itself(
    far: StrangeServer, status: int
) -> None:
    with strange_server("127.0.0.2") as inside:
        goal = inside.url.replace("127.0.0.1", "127.0.0.2")
        far.mischief = lambda _: (status, {"Location": goal}, b"")
        assert trouble_of(far.url, Allowed(("127.0.0.1",))) is Trouble.FORBIDDEN_ADDRESS
        assert inside.asked == []
        assert trouble_of(far.url, HERE) is Trouble.FORBIDDEN_ADDRESS
        assert trouble_of(far.url, Allowed(("127.0.0.0/8",))) is None
        assert inside.methods() == ["PROPFIND"]


def test_redirects_come_to_an_end(far: StrangeServer) -> None:
    far.mischief = lambda _: (302, {"Location": "/again/"}, b"")
    assert trouble_of(far.url, HERE) is Trouble.NO_CALENDAR
    assert len(far.asked) < 20


def test_a_name_that_means_another_address_the_next_time_gets_nowhere(far: StrangeServer) -> None:
    """DNS rebinding: what was checked is what is connected to."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    url = f"https://rebind.example.org:{far.port}/"
    first = trouble_of(url, Allowed(resolve=resolve))
    second = trouble_of(url, Allowed(resolve=resolve))
    assert first in {Trouble.UNREACHABLE, Trouble.FORBIDDEN_ADDRESS}
    assert second is Trouble.FORBIDDEN_ADDRESS
    assert far.asked == []


def test_a_name_with_one_inner_address_among_others_gets_nowhere(far: StrangeServer) -> None:
    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        del host
        places = ("93.184.215.14", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in places]

    url = f"https://two.example.org:{far.port}/"
    assert trouble_of(url, Allowed(resolve=resolve)) is Trouble.FORBIDDEN_ADDRESS
    assert far.asked == []


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><D:multistatus xmlns:D="DAV:">&b;'
FILES = '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><D:multistatus xmlns:D="DAV:">&f;'


@pytest.mark.parametrize(
    "body",
    [
        f"{LAUGHS}</D:multistatus>".encode(),
        f"{FILES}</D:multistatus>".encode(),
        b"<a>" * 5000,
        b"<a>" * 5000 + b"</a>" * 5000,
        b"\xff\xfe\x00nothing",
        b"",
        b"<html><body>Log in here</body></html>",
        b"<D:multistatus xmlns:D='DAV:'/>",
        b"<D:multistatus>secret</D:multistatus>",
        b"<D:multistatus xmlns:D='DAV:'>secret" + b"x" * 11_000_000 + b"</D:multistatus>",
        b"<?xml version='1.0' encoding='utf-7'?><a>secret</a>",
    ],
    ids=range(11),
)
def test_xml_of_any_kind_is_refused_or_says_nothing(
    far: StrangeServer, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in ("application/xml", "text/html"):
        far.mischief = lambda _, kind=kind: (207, {"Content-Type": kind}, body)  # type: ignore[misc]  # a default
        assert trouble_of(far.url, HERE) in {Trouble.BROKEN, Trouble.NO_CALENDAR}
    assert "secret" not in caplog.text


def test_an_answer_without_end_is_cut_off(far: StrangeServer) -> None:
    huge = b"<a>" + b" " * 31_000_000
    far.mischief = lambda _: (207, {"Content-Type": "application/xml"}, huge)
    assert trouble_of(far.url, HERE) is Trouble.TOO_LARGE


DIGEST = {"WWW-Authenticate": 'Digest realm="x", nonce="abc", qop="auth", algorithm=SHA-256'}


def test_a_refusal_without_end_is_cut_off_while_logging_in(far: StrangeServer) -> None:
    huge = b" " * 31_000_000
    far.mischief = lambda _: (401, DIGEST, huge if len(far.asked) > 1 else b"")
    assert trouble_of(far.url, HERE) is Trouble.TOO_LARGE
    assert len(far.asked) == 2


def test_a_server_that_wants_digest_never_gets_the_password_itself(far: StrangeServer) -> None:
    def refuse(asked: Asked) -> Answer | None:
        return None if "Authorization" in asked.headers else (401, DIGEST, b"")

    far.mischief = refuse
    assert trouble_of(far.url, HERE) is None
    assert far.asked[-1].headers["Authorization"].startswith("Digest ")
    assert not any("Basic" in str(one.headers) for one in far.asked)


def test_a_packed_answer_is_not_unpacked(far: StrangeServer) -> None:
    headers = {"Content-Type": "application/xml", "Content-Encoding": "gzip"}
    far.mischief = lambda _: (207, headers, b"\x1f\x8b")
    assert trouble_of(far.url, HERE) is Trouble.BROKEN


def test_a_server_that_says_nothing_is_not_waited_for(
    far: StrangeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridges.caldav.external.session._READ_S", 0.2)
    hold = far_waits(far)
    assert trouble_of(far.url, HERE) is Trouble.UNREACHABLE
    hold.set()


def far_waits(far: StrangeServer) -> threading.Event:
    hold = threading.Event()

    def wait(_: Asked) -> Answer | None:
        hold.wait(30)
        return None

    far.mischief = wait
    return hold


def test_the_password_goes_only_to_whom_it_is_for(far: StrangeServer, box: TiedBox) -> None:
    """A listing may name any address; only paths inside of the calendar count."""
    with strange_server() as other:
        named = f"{other.url}a.ics", "//evil.example.org/dav/verein/b.ics", "/dav/other/c.ics"
        responses = "".join(
            f"<D:response><D:href>{href}</D:href><D:propstat><D:prop><D:getetag>1</D:getetag>"
            "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
            for href in named
        )
        far.mischief = lambda asked: multistatus(responses) if asked.method == "REPORT" else None
        box.add("Probe")
        box.sync()
        assert other.asked == []
        assert all(one.path.startswith(PATH) for one in far.asked)


def test_every_write_names_what_it_replaces(far: StrangeServer, box: TiedBox) -> None:
    box.add("Probe")
    box.sync()
    box.rename(1, "Generalprobe")
    box.sync()
    for uid in box.objects():
        box.delete(uid)
    box.sync()
    writes = [one for one in far.asked if one.method in {"PUT", "DELETE"}]
    assert [one.headers.get("If-None-Match", one.headers.get("If-Match")) for one in writes] == [
        "*",
        '"1"',
        '"2"',
    ]
    assert far.objects == {}


def test_an_edit_there_between_our_look_and_our_write_is_not_overwritten(
    far: StrangeServer, box: TiedBox
) -> None:
    box.add("Probe")
    box.sync()
    ((path, (_, text)),) = far.objects.items()
    box.rename(1, "Probe hier")
    far.asked.clear()

    def sneak(asked: Asked) -> None:
        if asked.method == "PUT" and far.methods().count("PUT") == 1:
            far.put(path.removeprefix(PATH), text.replace("Probe", "Probe dort").encode())

    far.mischief = sneak
    box.sync()
    far.mischief = lambda _: None
    box.sync()
    assert box.titles() == ["Probe dort", "Probe hier"]
    assert sorted(f"SUMMARY:{one}" in str(far.objects) for one in box.titles()) == [True, True]


def test_a_server_that_names_no_etags_is_kept_in_step_too(far: StrangeServer, box: TiedBox) -> None:
    far.names_etags = False
    box.add("Probe")
    box.sync()
    far.asked.clear()
    box.sync()
    assert "PUT" not in far.methods()
    box.rename(1, "Generalprobe")
    box.sync()
    assert "SUMMARY:Generalprobe" in str(far.objects)
    assert box.titles() == ["Generalprobe"]


def test_what_may_only_be_read_is_told_once_and_nothing_is_lost(
    far: StrangeServer, box: TiedBox
) -> None:
    far.mischief = lambda asked: (403, {}, b"") if asked.method == "PUT" else None
    box.add("Probe")
    box.sync()
    box.sync()
    (told,) = box.said()
    assert (told["what"], told["numbers"]) == ("not-taken", [1])
    assert far.methods().count("PUT") == 1
    far.put("x.ics", vevent("x", "Sitzung"))
    box.sync()
    assert box.titles() == ["Probe", "Sitzung"]
    far.mischief = lambda _: None
    box.rename(1, "Generalprobe")
    box.sync()
    assert "SUMMARY:Generalprobe" in str(far.objects)


@pytest.mark.parametrize(
    ("status", "trouble"), [(401, "login"), (403, "login"), (404, "gone"), (503, "unreachable")]
)
def test_a_calendar_that_can_not_be_reached_is_no_empty_calendar(
    far: StrangeServer, box: TiedBox, status: int, trouble: str
) -> None:
    for name in "abc":
        far.put(f"{name}.ics", vevent(name, name.upper()))
    box.sync()
    headers = {"WWW-Authenticate": 'Basic realm="x"'} if status == 401 else {}
    far.mischief = lambda _: (status, headers, b"")
    box.sync()
    assert box.titles() == ["A", "B", "C"]
    assert box.state.trouble == trouble
    far.mischief = lambda _: None
    box.sync()
    assert (box.titles(), box.state.trouble) == (["A", "B", "C"], "")


def test_a_list_that_was_cut_short_deletes_nothing(far: StrangeServer, box: TiedBox) -> None:
    for name in "abc":
        far.put(f"{name}.ics", vevent(name, name.upper()))
    box.sync()
    cut = (
        f"<D:response><D:href>{PATH}</D:href>"
        "<D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>"
    )
    far.put("d.ics", vevent("d", "D"))
    far.mischief = lambda asked: multistatus(cut) if asked.method == "REPORT" else None
    box.sync()
    assert box.titles() == ["A", "B", "C"]
    assert box.state.trouble == "too-large"


def test_nobody_is_asked_when_nothing_has_changed(far: StrangeServer, box: TiedBox) -> None:
    far.put("x.ics", vevent("x", "Sitzung"))
    box.sync()
    far.asked.clear()
    box.sync()
    assert far.methods() == ["PROPFIND"]


def test_ours_gets_through_where_something_broken_stands_in_its_place(
    far: StrangeServer, box: TiedBox
) -> None:
    box.add("Probe")
    box.sync()
    ((path, _),) = far.objects.items()
    with box.store.begin(NOW) as uow:
        uow.external_calendars.drop_object(box.box.id, box.kind, *box.objects())
    for broken in (b"", b"BEGIN:VCALENDAR"):
        far.objects.clear()
        far.put(path.removeprefix(PATH), broken)
        box.sync()
        assert "SUMMARY:Probe" in str(far.objects)
        assert path in far.objects
        with box.store.begin(NOW) as uow:
            uow.external_calendars.drop_object(box.box.id, box.kind, *box.objects())
