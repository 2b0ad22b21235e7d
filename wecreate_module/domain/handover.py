"""A motion on its way to another Box, perhaps on another server: one small JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.lines import RULES, WIDTH
from wecreate_module.domain.motions import Motion, Version, clean_title, clean_wording

ENDING = ".antrag.json"
MOST_BYTES = 4_000_000
MOST_VERSIONS = 50
_KIND, _FORMAT = "wecreate-motion", 1
_MOST_NAMES = 1000

Json = dict[str, Any]


@dataclass(frozen=True)
class Offer:
    """What another Box hands on. `versions` are its newest ones, oldest first."""

    box: str
    server: str
    number: int
    body: str
    first_idea: datetime
    versions: tuple[Version, ...]
    signers: tuple[str, ...] = ()
    box_id: str = ""

    @property
    def newest(self) -> Version:
        return self.versions[-1]

    def version(self, number: int) -> Version:
        for each in self.versions:
            if each.number == number:
                return each
        raise UserError(
            "offer-version",
            "That motion came with the versions {versions}. Choose one of them.",
            versions=", ".join(str(each.number) for each in self.versions),
        )


def offer_of(
    motion: Motion, versions: list[Version], signers: list[str], box: str, server: str
) -> Offer:
    return Offer(
        box=box,
        server=server,
        number=motion.number,
        body=motion.body,
        first_idea=motion.first_idea or motion.created_at,
        versions=tuple(versions[-MOST_VERSIONS:]),
        signers=tuple(signers),
    )


def to_json(offer: Offer) -> Json:
    return {
        "kind": _KIND,
        "format": _FORMAT,
        "box": offer.box,
        "server": offer.server,
        "number": offer.number,
        "body": offer.body,
        "first_idea": offer.first_idea.isoformat(),
        "signers": list(offer.signers),
        "versions": [
            {
                "number": each.number,
                "title": each.title,
                "sections": dict(each.sections),
                "author": each.author,
                "at": each.at.isoformat(),
                "note": each.note,
                "sha256": each.sha256,
            }
            for each in offer.versions
        ],
    }


def read_offer(data: bytes) -> Offer:
    """From a file that anybody may have written; UserError when it is no motion."""
    if len(data) > MOST_BYTES:
        raise _broken()
    try:
        found = json.loads(data.decode("utf-8"))
        _require(found["kind"] == _KIND and found["format"] == _FORMAT)
        versions = tuple(_version(each) for each in found["versions"][-MOST_VERSIONS:])
        _require(bool(versions))
        return Offer(
            box=_line(found["box"]),
            server=_line(found["server"]),
            number=int(found["number"]),
            body=_line(found["body"]),
            first_idea=_instant(found["first_idea"]),
            versions=versions,
            signers=tuple(_line(name) for name in found["signers"][:_MOST_NAMES]),
        )
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise _broken() from error


def _version(found: Json) -> Version:
    words = {_line(key): clean_wording(_text(text)) for key, text in found["sections"].items()}
    version = Version(
        number=int(found["number"]),
        title=clean_title(_text(found["title"])),
        sections={key: text for key, text in words.items() if text},
        author=_line(found["author"]),
        at=_instant(found["at"]),
        note=_line(found["note"]),
        rules=RULES,
        width=WIDTH,
    )
    _require(version.sha256 == found["sha256"])
    return version


def _require(holds: bool) -> None:  # noqa: FBT001  the condition itself
    if not holds:
        raise ValueError("not as it was written")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("words are expected")
    return value


def _line(value: object) -> str:
    return clean_wording(_text(value)).replace("\n", " ")[:300]


def _instant(value: object) -> datetime:
    found = datetime.fromisoformat(_text(value))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _broken() -> UserError:
    return UserError(
        "offer-broken",
        "That file is no motion that I can take over, or its words were changed on the way. Ask "
        "for it once more.",
    )
