"""What office files are: ZIP archives of XML, opened with every bound that a stranger's file needs.

Nothing is unpacked to disk, nothing is loaded from elsewhere, no entity is resolved.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # likewise

from wecreate_module.domain.errors import UserError

MOST_FILES = 2000
MOST_XML = 12_000_000
"""Bytes of one part, unpacked: more than a book's text; a bomb is far larger."""
_MOST_TAGS = 600_000
_MOST_ATTRIBUTES = 1_200_000
_USUAL = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1


class OfficeFile:
    """A .docx or .odt; raises UserError for what can't be opened or would be too much."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise broken() from error
        self._parts = {each.filename: each for each in self._archive.infolist()}
        if len(self._archive.infolist()) > MOST_FILES:
            raise too_much()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    def xml(self, name: str) -> Element | None:
        """One part, parsed; None where the archive has none of this name."""
        data = self.part(name)
        if data is None:
            return None
        if data.count(b"<") > _MOST_TAGS or data.count(b"=") > _MOST_ATTRIBUTES:
            raise too_much()
        try:
            found: Element = fromstring(data, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise broken() from error
        return found

    def part(self, name: str) -> bytes | None:
        """One part's bytes, at most MOST_XML of them."""
        about = self._parts.get(name)
        if about is None:
            return None
        if about.flag_bits & _ENCRYPTED or about.compress_type not in _USUAL:
            raise broken()
        if about.file_size > MOST_XML:
            raise too_much()
        try:
            with self._archive.open(about) as file:
                data = file.read(MOST_XML + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise broken() from error
        if len(data) > MOST_XML:
            raise too_much()
        return data


def broken() -> UserError:
    return UserError(
        "file-unreadable",
        "I can't open that file. Save it again as .docx, .odt or .txt, without a password.",
    )


def too_much() -> UserError:
    return UserError(
        "file-too-large",
        "That file holds too much for me. Send the text alone, as .docx, .odt or .txt.",
    )
