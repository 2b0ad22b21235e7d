from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridges.caldav.paths import Place
from bridges.caldav.plain_reports import Answer as PlainAnswer
from bridges.caldav.plain_reports import answer_plain
from bridges.caldav.refusals import Environ
from bridges.caldav.visit import Visit
from tests.dav import ANNA, Answer, House, house, vtodo
from tests.integration.caldav.reports import ODD, Both, quoted, said
from tests.strange_caldav import StrangeServer, strange_server


@pytest.fixture
def dav(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as opened:
        yield opened


@pytest.fixture
def filled(dav: House) -> House:
    for name, body in ODD.items():
        made = dav.ask("PUT", dav.events() + quoted(name) + ".ics", body)
        assert made.status == 201, (name, made.text)
    dav.put(dav.tasks() + "a.ics", vtodo("a"))
    dav.put(dav.tasks() + "due.ics", vtodo("due", more="DUE:20261201T180000Z\r\n"))
    return dav


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


@pytest.fixture
def far() -> Iterator[StrangeServer]:
    with strange_server() as server:
        yield server
