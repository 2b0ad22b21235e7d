"""The words of a document, read in a process of its own: hostile files break that one alone.

python -m bridges.files.text_reading pdf < document > words

The document comes by a pipe and is nowhere on a disk. Memory and time are bounded.
"""

from __future__ import annotations

import asyncio
import io
import resource
import sys
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO

from wecreate_module.domain.file_texts import MOST_CHARS

SECONDS = 30
MEMORY = 1_500_000_000
_MOST_XML = 50_000_000
_MOST_PAGES = 500
_PARTS = {"docx": "word/document.xml", "odt": "content.xml"}
_PARAGRAPHS = frozenset({"p", "h"})


async def words_of(kind: str, clear: bytes) -> str | None:
    """All the text in a document; None when it can't be read within the bounds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bridges.files.text_reading",
        kind,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate(clear)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said.decode("utf-8", "replace") if process.returncode == 0 else None


def text_of(kind: str, document: IO[bytes]) -> str:
    """Up to MOST_CHARS; raises whatever the parsers raise."""
    if kind in _PARTS:
        pieces: Iterator[str] = _office(document, _PARTS[kind])
    elif kind == "pdf":
        pieces = _pdf(document)
    else:
        pieces = iter([document.read(MOST_CHARS * 4).decode("utf-8", "replace")])
    found, left = [], MOST_CHARS
    for piece in pieces:
        found.append(piece[:left])
        left -= len(piece)
        if left <= 0:
            break
    return "".join(found)


def _pdf(document: IO[bytes]) -> Iterator[str]:
    from pypdf import PdfReader  # noqa: PLC0415 - the bot itself never loads it

    for page in islice(PdfReader(document).pages, _MOST_PAGES):
        yield page.extract_text() + "\n"


def _office(document: IO[bytes], part: str) -> Iterator[str]:
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # noqa: PLC0415 - as above; ships no types

    with zipfile.ZipFile(document) as archive:
        if archive.getinfo(part).file_size > _MOST_XML:
            raise ValueError("too large")
        tree = fromstring(archive.read(part), forbid_dtd=True)
    for element in tree.iter():
        if element.tag.rpartition("}")[2] in _PARAGRAPHS:
            yield "".join(element.itertext()) + "\n"


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        text = text_of(sys.argv[1], io.BytesIO(sys.stdin.buffer.read()))
    except Exception:  # noqa: BLE001 - the boundary of the process: parsers raise what they like
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
