"""What the page's ZIP looks like to other programs, where the old fields are too small."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent
WRITER = HERE.parents[2] / "bridges/web/static/zip.js"
CHUNK = 1024 * 1024
LARGE = 2**32 + 5


def written(what: str, target: Path, folder: Path) -> None:
    """Zeros become holes, so that the disk is spared."""
    node = shutil.which("node")
    assert node, "this test needs Node: apt-get install npm"
    module = folder / "zip.mjs"
    module.write_bytes(WRITER.read_bytes())
    command = [node, str(HERE / "zips.mjs"), str(module), what]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer, target.open("wb") as file:
        assert writer.stdout is not None
        while chunk := writer.stdout.read(CHUNK):
            if chunk.count(0) == len(chunk):
                file.seek(len(chunk), 1)
            else:
                file.write(chunk)
    assert writer.returncode == 0


def test_more_files_than_16_bits_count_are_all_there(tmp_path: Path) -> None:
    written("many", tmp_path / "many.zip", tmp_path)
    with zipfile.ZipFile(tmp_path / "many.zip") as found:
        assert len(found.namelist()) == 66_000
        assert found.read("Ordner/65999.txt") == b"x"
    if unzip := shutil.which("unzip"):
        listed = subprocess.run(
            [unzip, "-tqq", str(tmp_path / "many.zip"), "Ordner/65999.txt"], check=False
        )
        assert listed.returncode == 0


def test_a_file_of_more_than_4_gib_and_what_follows_it_are_found(tmp_path: Path) -> None:
    written("large", tmp_path / "large.zip", tmp_path)
    crc = 0
    zeros = bytes(CHUNK)
    for _ in range(LARGE // CHUNK):
        crc = zlib.crc32(zeros, crc)
    crc = zlib.crc32(bytes(LARGE % CHUNK), crc)
    with zipfile.ZipFile(tmp_path / "large.zip") as found:
        large, after = found.infolist()
        assert (large.filename, large.file_size, large.CRC) == ("groß.bin", LARGE, crc)
        assert after.header_offset > LARGE
        assert found.read(after) == b"Ende"
