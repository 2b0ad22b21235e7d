"""The files inside a ZIP, read with distrust."""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from bridges.files.opening import OpenedFile
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.file_imports import MAX_ENTRIES, Found, is_trap

CHUNK = 256 * 1024
_BUFFER = 64 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, OSError)
_ENCRYPTED = 0x1
_LARGEST_DIRECTORY = 8 * 1024 * 1024
"""Bytes; that of as many files as are taken is smaller. In memory it is ten times as large."""


class BadArchive(Exception):
    """`why`: "no-zip", "trap", "too-many" or (of one file) "broken"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Wary(io.BufferedReader):
    """zipfile takes the directory into memory whole, as large as it says it is."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > _LARGEST_DIRECTORY:
            raise BadArchive("too-many")
        return super().read(size)


def listed(path: Path, media: Media) -> list[Found]:
    """The plain files in it; `ref` is their place in the directory. Raises BadArchive."""
    with _opened(path, media) as archive:
        every = archive.infolist()
        if len(every) > MAX_ENTRIES * 2:
            raise BadArchive("too-many")
        if is_trap(path.stat().st_size, [each.file_size for each in every]):
            raise BadArchive("trap")
        return [
            Found(str(place), each.filename, each.file_size)
            for place, each in enumerate(every)
            if _is_plain(each)
        ]


def chunks(path: Path, media: Media, found: Found) -> Iterator[bytes]:
    """One file's bytes; never more than it was said to have. Raises BadArchive."""
    with _opened(path, media) as archive:
        every = archive.infolist()
        place = int(found.ref)
        if place >= len(every) or every[place].file_size != found.size:
            raise BadArchive("broken")
        try:
            with archive.open(every[place]) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except (*_BROKEN, RuntimeError, NotImplementedError) as error:
            raise BadArchive("broken") from error


def _opened(path: Path, media: Media) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_Wary(OpenedFile(path, media), _BUFFER))
    except (*_BROKEN, NotImplementedError) as error:
        raise BadArchive("no-zip") from error


def _is_plain(info: zipfile.ZipInfo) -> bool:
    """No folder, no link, no password, nothing packed in a way we don't know."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    return (
        not info.is_dir()
        and kind in {0, stat.S_IFREG}
        and not info.flag_bits & _ENCRYPTED
        and info.compress_type in _METHODS
    )
