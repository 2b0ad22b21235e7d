"""A calendar on another server behind TLS: which certificates are believed, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridges.caldav.external.addresses import Allowed
from bridges.caldav.external.errors import Trouble
from tests.certificates import Authority
from tests.dav import vevent
from tests.external import TiedBox, calendar_at, client_of, tied_box
from tests.interop.caldav.programs import PlainRadicale

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


class House:
    """A real Radicale behind TLS, a Box, and the authority that the operator vouches for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.authority = Authority(folder)

    def radicale(self, until: datetime | None = None) -> PlainRadicale:
        """Its certificate is for 127.0.0.1."""
        tls = self.authority.issue("127.0.0.1", self._folder, until)
        return self._stack.enter_context(PlainRadicale(self._folder / "radicale", tls))

    def box(self, far: PlainRadicale, *, vouched: bool = True) -> TiedBox:
        calendar = calendar_at(
            f"{far.url}anna/verein/", far.username, far.password, self.authority.pem
        )
        box = self._stack.enter_context(tied_box(self._folder, calendar))
        pem = self.authority.pem if vouched else None
        box.allowed = Allowed(("127.0.0.1", "localhost"), certificates=pem)
        return box


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(tmp_path, stack)


def trouble(box: TiedBox) -> str:
    """What its owner is told in place of "tied"."""
    (said,) = box.said()
    assert said["what"] == "not-tied"
    return str(said["trouble"])


def test_a_calendar_behind_tls_is_kept_in_step(house: House) -> None:
    far = house.radicale()
    box = house.box(far)
    client_of(box.far).mkcalendar(str(box.far.url))
    box.tie(far.url, far.username, far.password)
    box.sync()
    box.add("Sitzung")
    box.put_there("x", vevent("x", "Probe"))
    box.sync()
    assert box.titles() == box.titles_there() == ["Probe", "Sitzung"]


def test_a_certificate_that_nobody_vouches_for_gets_no_password(house: House) -> None:
    far = house.radicale()
    box = house.box(far, vouched=False)
    box.tie(far.url, far.username, far.password)
    box.sync()
    assert trouble(box) == Trouble.CERTIFICATE
    assert far.asked() == 0


def test_a_certificate_for_another_name_gets_no_password(house: House) -> None:
    far = house.radicale()
    box = house.box(far)
    box.tie(far.url.replace("127.0.0.1", "localhost"), far.username, far.password)
    box.sync()
    assert trouble(box) == Trouble.CERTIFICATE
    assert far.asked() == 0


def test_a_certificate_that_has_run_out_gets_no_password(house: House) -> None:
    far = house.radicale(until=YESTERDAY)
    box = house.box(far)
    box.tie(far.url, far.username, far.password)
    box.sync()
    assert trouble(box) == Trouble.CERTIFICATE
    assert far.asked() == 0


def test_a_certificate_that_goes_bad_later_is_told_in_the_box_at_once(house: House) -> None:
    far = house.radicale()
    box = house.box(far)
    client_of(box.far).mkcalendar(str(box.far.url))
    box.tie(far.url, far.username, far.password)
    box.sync()
    box.said()
    asked = far.asked()
    box.allowed = Allowed(box.allowed.own)
    box.sync()
    (said,) = box.said()
    assert (said["what"], said["trouble"]) == ("trouble", Trouble.CERTIFICATE)
    assert far.asked() == asked
