"""The agreed words, carried along unseen, so that a file can be checked by itself."""

from __future__ import annotations

import base64
import binascii
import zlib
from xml.sax.saxutils import escape

META = "wecreate-words"
WORD_PART = "/customXml/wecreate.xml"
_SPACE = "urn:wecreate:words:1"
_MOST = 4_000_000


def as_xml(agreed: str) -> bytes:
    """A part of a Word file; Word keeps it when the file is saved again."""
    return f'<words xmlns="{_SPACE}">{escape(agreed)}</words>'.encode()


def packed(agreed: str) -> str:
    """For comments: one word of letters, digits, + and /."""
    return base64.b64encode(zlib.compress(agreed.encode(), 9)).decode()


def unpacked(text: str) -> str | None:
    """None for what was not packed so."""
    try:
        inflating = zlib.decompressobj()
        data = inflating.decompress(base64.b64decode(text, validate=True), _MOST)
        return data.decode() if inflating.eof else None
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        return None
