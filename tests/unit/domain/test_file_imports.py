from __future__ import annotations

import pytest

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.file_imports import (
    MAX_ENTRIES,
    Found,
    is_trap,
    name_and_folder,
    plan,
    read_address,
)


@pytest.mark.parametrize(
    ("path", "below", "expected"),
    [
        ("a/b.txt", "", ("b.txt", "a")),
        ("../../etc/passwd", "", ("passwd", "etc")),
        ("/absolut/x", "Archiv", ("x", "Archiv/absolut")),
        ("C:\\Windows\\x.exe", "", ("x.exe", "C_/Windows")),
        ("a/./../b", "", ("b", "a")),
        ("1/2/3/4/5/6/7/8/tief.txt", "", ("tief.txt", "1/2/3/4/5/6")),
        ("a/\u202etxt.exe", "", ("txt.exe", "a")),
        ("..", "", ("", "")),
    ],
)
def test_a_path_leads_nowhere_but_into_the_drive(
    path: str, below: str, expected: tuple[str, str]
) -> None:
    assert name_and_folder(path, below) == expected


def test_litter_and_what_is_too_large_stays_out() -> None:
    found = [
        Found("1", "__MACOSX/._a.txt", 1),
        Found("2", "a/.DS_Store", 1),
        Found("3", "gut.txt", 10),
        Found("4", "gross.mp4", 11),
        Found("5", "..", 1),
    ]
    planned = plan(found, largest=10)
    assert [each.path for each in planned.take] == ["gut.txt"]
    assert planned.left == {"too-large": 1, "nameless": 1}


def test_too_many_at_once_are_refused() -> None:
    with pytest.raises(UserError):
        plan([Found(str(n), f"{n}.txt", 1) for n in range(MAX_ENTRIES + 1)], 10)


def test_a_zip_that_promises_the_unbelievable_is_a_trap() -> None:
    assert is_trap(42_000, [4_500_000_000_000])
    assert is_trap(100_000, [50_000] * 1000)
    assert not is_trap(1000, [100_000])
    assert not is_trap(1_000_000, [90_000_000])


def test_a_share_link_of_nextcloud_becomes_its_webdav_address() -> None:
    assert read_address("https://cloud.example.org/index.php/s/AbC123 pass") == {
        "kind": "webdav",
        "url": "https://cloud.example.org/public.php/webdav/",
        "user": "AbC123",
        "password": "pass",
    }
    assert read_address("https://c.example/remote.php/dav/files/anna/Verein anna app-pass") == {
        "kind": "webdav",
        "url": "https://c.example/remote.php/dav/files/anna/Verein/",
        "user": "anna",
        "password": "app-pass",
    }


@pytest.mark.parametrize("text", ["", "ftp://x/y", "cloud.example", "https://", "a b c d"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        read_address(text)
