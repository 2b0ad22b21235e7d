"""App passwords at the server: checked, taken away, and guessed in vain."""

from __future__ import annotations

from pathlib import Path

from bridges.caldav.throttle import Throttle
from tests.dav import ANNA, BEN, NOW, House
from wecreate_module.services import app_passwords

WRONG = "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa"


def status(dav: House, who: str, password: str | None = None, address: str = "") -> int:
    headers = {"X_Forwarded_For": address} if address else {}
    return dav.ask("PROPFIND", "/", who=who, password=password, Depth="0", **headers).status


def test_a_password_taken_away_is_refused_at_once(dav: House) -> None:
    password = dav.password(ANNA)
    assert status(dav, ANNA) == 207
    with dav.store.begin(NOW) as uow:
        app_passwords.remove(uow, ANNA, "telefon")
    assert status(dav, ANNA, password) == 401


def test_a_password_is_one_persons(dav: House) -> None:
    assert status(dav, BEN, dav.password(ANNA)) == 401


def test_guessing_is_slowed_down_and_locks_nobody_else_out(dav: House) -> None:
    answers = [status(dav, ANNA, WRONG, "203.0.113.7") for _ in range(8)]
    assert answers[:5] == [401] * 5
    assert answers[-1] == 429
    assert status(dav, ANNA, address="198.51.100.2") == 207
    assert status(dav, BEN, address="203.0.113.7") == 207


def test_a_device_let_in_before_goes_on_beside_a_guesser(dav: House) -> None:
    assert status(dav, ANNA, address="203.0.113.7") == 207
    for _ in range(8):
        status(dav, ANNA, WRONG, "203.0.113.7")
    assert status(dav, ANNA, address="203.0.113.7") == 207


def test_an_address_is_believed_from_a_proxy_only(dav: House) -> None:
    spoofed = [status(dav, ANNA, WRONG, f"192.0.2.{n}, 203.0.113.9") for n in range(8)]
    assert spoofed[-1] == 429


def test_failures_are_forgiven_with_time() -> None:
    now = 0.0
    throttle = Throttle(lambda: now)
    for _ in range(6):
        throttle.failed("anna", "1.2.3.4")
    assert throttle.wait("anna", "1.2.3.4") > 0
    assert throttle.wait("anna", "5.6.7.8") == 0
    now = 600.0
    assert throttle.wait("anna", "1.2.3.4") == 0


def test_no_password_lies_in_the_database(dav: House, tmp_path: Path) -> None:
    password = dav.password(ANNA)
    assert status(dav, ANNA) == 207
    for file in tmp_path.iterdir():
        for part in (password, password.split("-", 1)[1]):
            assert part.encode() not in file.read_bytes()
