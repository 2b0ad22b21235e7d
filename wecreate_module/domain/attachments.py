"""Files as Matrix messages carry them: what a client sent, read with care, and written again.

Matrix client-server API, "Sending encrypted attachments" (EncryptedFile, version v2).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

KINDS = ("m.file", "m.image", "m.video", "m.audio")
MAX_SIZE = 2**40
MAX_TEXT = 4000

_MXC = re.compile(r"mxc://[A-Za-z0-9.\-\[\]:]{1,230}/[A-Za-z0-9_-]{1,255}")
_KEPT = re.compile(r"wecreate:([A-Za-z0-9_-]{22})")
_MIMETYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,79}")
_KEY_BYTES, _IV_BYTES, _HASH_BYTES = 32, 16, 32


@dataclass(frozen=True)
class Media:
    """Ciphertext and what opens it, all as Matrix writes them (base64).

    It lies on a homeserver (`mxc://`); what that does not take we keep ourselves: `kept` is then
    what our store calls it. docs/decisions/0029-large-files.md
    """

    url: str
    key: str
    iv: str
    sha256: str

    @property
    def kept(self) -> str | None:
        return kept_name(self.url)

    def to_file(self) -> Json:
        """The `EncryptedFile` that clients read."""
        return {
            "v": "v2",
            "url": self.url,
            "key": {
                "kty": "oct",
                "alg": "A256CTR",
                "ext": True,
                "k": self.key,
                "key_ops": ["encrypt", "decrypt"],
            },
            "iv": self.iv,
            "hashes": {"sha256": self.sha256},
        }


@dataclass(frozen=True)
class Attachment:
    """A file message. `size` in bytes as declared, 0 if unknown; `mimetype` may be ""."""

    kind: str
    name: str
    media: Media
    size: int = 0
    mimetype: str = ""
    caption: str = ""
    info: Json = field(default_factory=dict)


def read_attachment(content: Mapping[str, Any]) -> Attachment | None:
    """The encrypted file that a message carries; None if it carries none that could be opened."""
    kind, body, name = content.get("msgtype"), content.get("body"), content.get("filename")
    media = read_media(content.get("file"))
    if kind not in KINDS or media is None:
        return None
    body = _text(body)
    named = _text(name)
    info = content.get("info")
    info = info if isinstance(info, dict) else {}
    return Attachment(
        kind=str(kind),
        name=named or body,
        media=media,
        size=_count(info.get("size"), MAX_SIZE),
        mimetype=clean_mimetype(info.get("mimetype")),
        caption=body if named and body != named else "",
        info=_shown_by(info),
    )


def read_media(value: object) -> Media | None:
    """An `EncryptedFile` of version v2 whose parts have the right lengths; else None.

    Only of what lies on a homeserver: nobody names by a message what our own store keeps.
    """
    if not isinstance(value, dict) or value.get("v") != "v2":
        return None
    key, hashes, url, iv = (value.get(name) for name in ("key", "hashes", "url", "iv"))
    secret = key.get("k") if isinstance(key, dict) else None
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    if not isinstance(url, str) or _MXC.fullmatch(url) is None:
        return None
    return Media(url, str(secret), str(iv), str(digest)) if opens(secret, iv, digest) else None


def opens(key: object, iv: object, sha256: object) -> bool:
    """Whether these are what opens ciphertext, by their lengths."""
    return (
        _is_base64(key, _KEY_BYTES)
        and _is_base64(iv, _IV_BYTES)
        and _is_base64(sha256, _HASH_BYTES)
    )


def kept_name(url: str) -> str | None:
    """What our own store calls the ciphertext of this address; None for a homeserver's."""
    found = _KEPT.fullmatch(url)
    return found[1] if found else None


def kept_url(name: str) -> str:
    """The address of what our own store keeps; `name` has 22 letters of base64."""
    return f"wecreate:{name}"


def message(attachment: Attachment) -> Json:
    """The content of an m.room.message that shows this file (again)."""
    info: Json = {**attachment.info, "size": attachment.size, "mimetype": attachment.mimetype}
    return {
        "msgtype": attachment.kind,
        "body": attachment.name,
        "filename": attachment.name,
        "info": info,
        "file": attachment.media.to_file(),
        "m.mentions": {},
    }


_SHOWN = {
    "image": frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}),
    "video": frozenset({"video/mp4", "video/webm"}),
    "audio": frozenset({"audio/mpeg", "audio/ogg", "audio/mp4", "audio/webm"}),
}


def kind_of(mimetype: str) -> str:
    """The msgtype of a file whose sender only named its type; clients show these at once."""
    return next((f"m.{kind}" for kind, types in _SHOWN.items() if mimetype in types), "m.file")


def _shown_by(info: Mapping[str, Any]) -> Json:
    """Width, height, duration and the thumbnail; nothing else is kept of what was sent."""
    kept: Json = {
        name: _count(info[name], 2**31) for name in ("w", "h", "duration") if name in info
    }
    thumbnail = read_media(info.get("thumbnail_file"))
    if thumbnail is not None:
        about = info.get("thumbnail_info")
        about = about if isinstance(about, dict) else {}
        small: Json = {
            name: _count(about[name], 2**31) for name in ("w", "h", "size") if name in about
        }
        if mimetype := clean_mimetype(about.get("mimetype")):
            small["mimetype"] = mimetype
        kept |= {"thumbnail_file": thumbnail.to_file(), "thumbnail_info": small}
    return kept


def _text(value: object) -> str:
    """Words of anybody: bounded, and such that they can be stored."""
    said = value[:MAX_TEXT] if isinstance(value, str) else ""
    return said.encode(errors="replace").decode().replace("\x00", "").strip()


def clean_mimetype(value: object) -> str:
    """Of anybody's word for it; "" for what is none."""
    said = value.strip().lower() if isinstance(value, str) else ""
    return said if _MIMETYPE.fullmatch(said) else ""


def _count(value: object, most: int) -> int:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
    return int(str(value)) if fits else 0


def _is_base64(value: object, length: int) -> bool:
    """Of so many bytes; both alphabets, for clients mix them."""
    if not isinstance(value, str) or len(value) > length * 2:
        return False
    plain = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return len(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)) == length
    except (binascii.Error, ValueError):
        return False
