"""The version that a program's text was made from, kept in the text itself.

Evolution and GNOME Calendar (evolution-data-server) overwrite without If-Match. They keep
properties that they don't know, so each component they get carries its object's ETag; what they
send back tells which version they had seen. It is taken out before anything is stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = b"X-WECREATE-VERSION"
_END = re.compile(rb"(?m)^END:(?:VEVENT|VTODO)\r?$")
# A value may be folded, though ours is short.
_LINE = re.compile(
    rb"(?mi)^" + _NAME + rb"(?:;[^:\r\n]*)?:(?P<version>[^\r\n]*)(?:\r?\n[ \t][^\r\n]*)*\r?\n"
)
_PROGRAM = "Evolution/"


def overwrites_blindly(environ: Mapping[str, object]) -> bool:
    """Whether this program says nowhere else what it had seen."""
    return str(environ.get("HTTP_USER_AGENT", "")).startswith(_PROGRAM)


def with_version(text: bytes, etag: str) -> bytes:
    """Write the version into each event or task of an object."""
    line = _NAME + b":" + etag.encode().replace(b'"', b"") + b"\r\n"
    return _END.sub(lambda end: line + end[0], text)


def without_version(body: bytes) -> tuple[bytes, str | None]:
    """Give the text as it is to be kept, and the ETag that it names; None for none or several."""
    if _NAME not in body.upper():
        return body, None
    found = {each["version"].strip() for each in _LINE.finditer(body)}
    kept = _LINE.sub(b"", body)
    if len(found) != 1:
        return kept, None
    return kept, f'"{found.pop().decode("ascii", "replace")}"'
