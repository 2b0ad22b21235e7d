"""A Box tied to a calendar on plain Radicale, and on Xandikos: two ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dav import vevent
from tests.external import TiedBox, tied_box
from tests.interop.caldav.far_servers import SERVERS


@pytest.fixture(params=sorted(SERVERS))
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TiedBox]:
    """Tied, and synced once."""
    with SERVERS[request.param](tmp_path / "far") as far, tied_box(tmp_path, far.open()) as box:
        box.tie(far.start, far.username, far.password)
        box.sync()
        assert [one["what"] for one in box.said()] == ["tied-owner", "tied"]
        box.sync()
        yield box


def test_what_is_made_on_one_side_appears_on_the_other(box: TiedBox) -> None:
    box.add("Probe")
    box.put_there("x", vevent("x", "Sitzung"))
    box.sync()
    assert box.titles() == box.titles_there() == ["Probe", "Sitzung"]


def test_what_is_changed_on_one_side_is_changed_on_the_other(box: TiedBox) -> None:
    box.add("Probe")
    box.put_there("x", vevent("x", "Sitzung"))
    box.sync()
    box.rename(1, "Generalprobe")
    box.put_there("x", vevent("x", "Lange Sitzung"))
    box.sync()
    assert box.titles() == box.titles_there() == ["Generalprobe", "Lange Sitzung"]
