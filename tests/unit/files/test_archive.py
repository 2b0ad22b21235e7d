"""ZIPs that somebody made to do harm: read with distrust, never unpacked to a disk."""

from __future__ import annotations

import io
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from bots.kit.crypto.attachments import Encryption
from bridges.files.archive import BadArchive, chunks, listed
from wecreate_module.domain.attachments import Media, read_media
from wecreate_module.domain.file_imports import name_and_folder

MB = 1_000_000


def sealed(raw: bytes, folder: Path) -> tuple[Path, Media]:
    """As a client encrypts it."""
    encryption = Encryption()
    path = folder / "sealed"
    path.write_bytes(encryption.update(raw))
    media = read_media(encryption.info("mxc://w.example/zip"))
    assert media is not None
    return path, media


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], packed: bool = True) -> bytes:
    raw = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(raw, "w", kind) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return raw.getvalue()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


def unpacked(path: Path, media: Media) -> dict[str, bytes]:
    return {found.path: b"".join(chunks(path, media, found)) for found in listed(path, media)}


def test_links_folders_and_devices_are_left_out(tmp_path: Path) -> None:
    device = zipfile.ZipInfo("null")
    device.external_attr = (stat.S_IFCHR | 0o666) << 16
    raw = zipped(link("passwd", "/etc/passwd"), (device, b""), ("ordner/", b""), ("a.txt", b"ja"))
    assert unpacked(*sealed(raw, tmp_path)) == {"a.txt": b"ja"}


@pytest.mark.parametrize(
    ("path", "name", "folder"),
    [
        ("/etc/passwd", "passwd", "etc"),
        ("../../../root/.ssh/keys", "keys", "root/ssh"),
        ("C:\\Windows\\system.ini", "system.ini", "C_/Windows"),
        ("a/./b/../c.txt", "c.txt", "a/b"),
        ("Rechnung\u202efdp.exe", "Rechnungfdp.exe", ""),
        ("Zeile\neins\x00\x1b[2J.txt", "Zeile_eins__[2J.txt", ""),
        ("..", "", ""),
    ],
)
def test_no_name_leads_out_of_the_drive(path: str, name: str, folder: str) -> None:
    found = name_and_folder(path, "")
    assert found == (name, folder)
    assert not any(ord(each) < 32 or each in "\u202e\u2066" for each in "".join(found))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_called_alike_are_two_files(tmp_path: Path) -> None:
    path, media = sealed(zipped(("a.txt", b"eins"), ("a.txt", b"zwei")), tmp_path)
    assert [b"".join(chunks(path, media, each)) for each in listed(path, media)] == [
        b"eins",
        b"zwei",
    ]


def test_what_needs_a_password_is_left_out(tmp_path: Path) -> None:
    raw = bytearray(zipped(("geheim.txt", b"x" * 100), ("offen.txt", b"y")))
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert unpacked(*sealed(bytes(raw), tmp_path)) == {"offen.txt": b"y"}


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    raw = zipped(("a.txt", b"Kanarienvogel"), packed=False).replace(b"Kanarien", b"Papageie")
    path, media = sealed(raw, tmp_path)
    with pytest.raises(BadArchive, match="broken"):
        unpacked(path, media)


def test_no_more_comes_out_than_was_said(tmp_path: Path) -> None:
    bomb = zipped(("a.txt", bytes(50 * MB)))
    small = struct.pack("<I", 1000)
    raw = bomb.replace(struct.pack("<I", 50 * MB), small)
    path, media = sealed(raw, tmp_path)
    (found,) = listed(path, media)
    tracemalloc.start()
    with pytest.raises(BadArchive, match="broken"):  # the checksum is of more
        b"".join(chunks(path, media, found))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * MB


def test_a_bomb_is_a_trap(tmp_path: Path) -> None:
    path, media = sealed(zipped(*((f"{n}.txt", bytes(30 * MB)) for n in range(5))), tmp_path)
    with pytest.raises(BadArchive, match="trap"):
        listed(path, media)


def test_a_huge_directory_is_not_taken_into_memory(tmp_path: Path) -> None:
    size = 120 * MB
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0)
    path, media = sealed(bytes(size) + end, tmp_path)
    tracemalloc.start()
    with pytest.raises(BadArchive, match="too-many"):
        listed(path, media)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * MB


def test_a_directory_of_very_many_files_is_not_taken_into_memory(tmp_path: Path) -> None:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, *[0] * 4, 33, *[0] * 3, 1,
                        *[0] * 6) + b"a"  # fmt: skip
    every = entry * 200_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(every), 0, 0)
    path, media = sealed(every + end, tmp_path)
    tracemalloc.start()
    with pytest.raises(BadArchive, match="too-many"):
        listed(path, media)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * MB


@pytest.mark.parametrize("raw", [b"", b"PK", b"%PDF-1.7", bytes(70_000)])
def test_what_is_no_zip_says_so(tmp_path: Path, raw: bytes) -> None:
    path, media = sealed(raw, tmp_path)
    with pytest.raises(BadArchive, match="no-zip"):
        listed(path, media)
