from __future__ import annotations

import hashlib
import io
import json
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from bots.operation.archives import MANIFEST, extract, read_manifest, write_archive
from bots.operation.terminal import Failure


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "media/ab").mkdir(parents=True)
    (folder / "media/ab/one").write_bytes(b"1" * 3_000_000)
    (folder / "two").write_bytes(b"two")
    (folder / "link").symlink_to("/etc/passwd")
    return folder


def pack(path: Path, *members: tuple[tarfile.TarInfo, bytes], **manifest: Any) -> Path:
    """A hand-made archive whose manifest lists every member truly."""
    files = {
        info.name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for info, data in members
    }
    text = json.dumps({"format": 1, "files": files} | manifest).encode()
    listed = tarfile.TarInfo(MANIFEST)
    with tarfile.open(path, "w:gz") as tar:
        for info, data in [*members, (listed, text)]:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def test_what_goes_in_comes_out(source: Path, tmp_path: Path) -> None:
    path, target = tmp_path / "a.tar.gz", tmp_path / "target"
    with write_archive(path, {"kind": "data"}) as archive:
        archive.add_folder("x", source)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    manifest = read_manifest(path)
    assert manifest["kind"] == "data"
    extract(path, manifest, target)
    assert (target / "x/media/ab/one").read_bytes() == b"1" * 3_000_000
    assert (target / "x/two").read_bytes() == b"two"
    assert stat.S_IMODE((target / "x/two").stat().st_mode) == 0o600
    assert not (target / "x/link").exists()


def test_an_archive_that_breaks_off_leaves_nothing(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "to"
    folder.mkdir()

    def break_off() -> None:
        with write_archive(folder / "a.tar.gz", {}) as archive:
            archive.add("two", source / "two")
            archive.add("three", source / "three")

    with pytest.raises(FileNotFoundError):
        break_off()
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "..", "x\0y"])
def test_a_name_that_leads_outside_is_refused(name: str, tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar.gz", (tarfile.TarInfo(name), b"evil"))
    with pytest.raises(Failure):
        extract(path, read_manifest(path), tmp_path / "inner/target")
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_only_plain_files_are_unpacked(kind: bytes, tmp_path: Path) -> None:
    info = tarfile.TarInfo("it")
    info.type, info.linkname = kind, "/etc/passwd"
    path = pack(tmp_path / "a.tar.gz", (info, b""))
    with pytest.raises(Failure, match="not expected there"):
        extract(path, read_manifest(path), tmp_path / "target")


def test_what_the_manifest_does_not_list_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar.gz", (tarfile.TarInfo("it"), b"1"), files={})
    with pytest.raises(Failure, match="'it'"):
        extract(path, read_manifest(path), tmp_path / "target")


def test_a_member_twice_is_refused(tmp_path: Path) -> None:
    one = (tarfile.TarInfo("it"), b"1")
    path = pack(tmp_path / "a.tar.gz", one, one)
    with pytest.raises(Failure, match="'it'"):
        extract(path, read_manifest(path), tmp_path / "target")


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    files = {"it": {"size": 1, "sha256": hashlib.sha256(b"2").hexdigest()}}
    path = pack(tmp_path / "a.tar.gz", (tarfile.TarInfo("it"), b"1"), files=files)
    with pytest.raises(Failure, match="it is not what it was"):
        extract(path, read_manifest(path), tmp_path / "target")


def test_a_missing_file_is_noticed(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar.gz", files={"it": {"size": 1, "sha256": ""}})
    with pytest.raises(Failure, match="it is missing"):
        extract(path, read_manifest(path), tmp_path / "target")


def test_half_an_archive_is_not_one(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with write_archive(path, {}) as archive:
        archive.add("two", source / "two")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Failure, match="damaged"):
        read_manifest(path)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_another_file_is_not_an_archive(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(Failure, match="is not an archive"):
        read_manifest(path)
    with pytest.raises(Failure, match="There is no archive"):
        read_manifest(tmp_path / "none")


def test_a_newer_format_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.tar.gz", format=2, version="9.0")
    with pytest.raises(Failure, match=r"another version of WeCreate \(9\.0\)"):
        read_manifest(path)
