"""Listings of the marketplace: what one is, its life, and what is believed of foreign ones.

`de.wecreate.listing` (state, key "") is a listing's public record; docs/reference/marketplace.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from wecreate_module.domain.errors import UserError

Json = dict[str, Any]

VERSION = 1
MAX_TITLE = 150
MAX_SUMMARY = 2000
MAX_DISTRICT = 60
MAX_TAGS = 10
MAX_TAG = 40
MAX_NAME = 100
MAX_PLACE = 200
MAX_SUPPORT = 10_000_000
# A clock may be wrong; a listing from next year is a lie, or to stand first for ever.
CLOCK_SKEW = timedelta(hours=1)

_BREAKS = re.compile(r"\s+")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    IDEA = "idea"
    EVENT = "event"
    REFORM = "reform"
    REQUEST = "request"
    OFFER = "offer"


class Offer(StrEnum):
    """What an offer gives."""

    ROOM = "room"
    SKILL = "skill"
    MATERIAL = "material"


class Status(StrEnum):
    IDEA = "idee"
    GATHERING = "sammelt"
    BOX = "box"
    MOTION = "antrag"
    SUBMITTED = "eingereicht"
    DECIDED = "entschieden"
    DONE = "umgesetzt"
    REJECTED = "abgelehnt"
    WITHDRAWN = "zurückgezogen"
    ARCHIVED = "archiviert"


class PublisherType(StrEnum):
    PERSON = "person"
    GROUP = "group"
    ASSOCIATION = "association"
    PARTY = "party"
    ADMINISTRATION = "administration"


_ENDED = {Status.DONE, Status.REJECTED, Status.WITHDRAWN, Status.ARCHIVED}
_FORWARD: Mapping[Status, frozenset[Status]] = {
    Status.IDEA: frozenset({Status.GATHERING}),
    Status.GATHERING: frozenset({Status.BOX}),
    Status.BOX: frozenset({Status.MOTION}),
    Status.MOTION: frozenset({Status.SUBMITTED}),
    Status.SUBMITTED: frozenset({Status.DECIDED, Status.REJECTED}),
    Status.DECIDED: frozenset({Status.DONE, Status.REJECTED}),
}
# What needs nobody's decision is carried out without a motion.
_UNDECIDED = {Status.GATHERING, Status.BOX}

# What people type, in either language, beside the words themselves.
_KINDS: Mapping[str, Kind] = {
    "idee": Kind.IDEA, "ideen": Kind.IDEA, "ideas": Kind.IDEA,
    "veranstaltung": Kind.EVENT, "veranstaltungen": Kind.EVENT, "events": Kind.EVENT,
    "termin": Kind.EVENT,
    "reformen": Kind.REFORM, "reforms": Kind.REFORM, "reformvorschlag": Kind.REFORM,
    "gesuch": Kind.REQUEST, "gesuche": Kind.REQUEST, "suche": Kind.REQUEST,
    "requests": Kind.REQUEST,
    "angebot": Kind.OFFER, "angebote": Kind.OFFER, "offers": Kind.OFFER, "biete": Kind.OFFER,
}  # fmt: skip
_OFFERS: Mapping[str, Offer] = {
    "raum": Offer.ROOM, "räume": Offer.ROOM,
    "können": Offer.SKILL, "fähigkeit": Offer.SKILL, "hilfe": Offer.SKILL,
    "sache": Offer.MATERIAL, "sachen": Offer.MATERIAL, "ding": Offer.MATERIAL,
}  # fmt: skip
_STATUSES: Mapping[str, Status] = {
    "idea": Status.IDEA, "gathering": Status.GATHERING, "motion": Status.MOTION,
    "submitted": Status.SUBMITTED, "decided": Status.DECIDED, "done": Status.DONE,
    "rejected": Status.REJECTED, "withdrawn": Status.WITHDRAWN, "archived": Status.ARCHIVED,
    "zurueckgezogen": Status.WITHDRAWN, "zurückziehen": Status.WITHDRAWN,
    "sammeln": Status.GATHERING, "beschlossen": Status.DECIDED, "fertig": Status.DONE,
    "erledigt": Status.DONE, "archivieren": Status.ARCHIVED,
}  # fmt: skip
_PUBLISHERS: Mapping[str, PublisherType] = {
    "bürger": PublisherType.PERSON, "citizen": PublisherType.PERSON,
    "user": PublisherType.PERSON,
    "gruppe": PublisherType.GROUP, "box": PublisherType.GROUP,
    "verein": PublisherType.ASSOCIATION, "organisation": PublisherType.ASSOCIATION,
    "organization": PublisherType.ASSOCIATION, "club": PublisherType.ASSOCIATION,
    "partei": PublisherType.PARTY,
    "verwaltung": PublisherType.ADMINISTRATION, "stadt": PublisherType.ADMINISTRATION,
}  # fmt: skip


class InvalidListing(ValueError):
    """A record that can't be believed; the text names the field."""


@dataclass(frozen=True)
class Publisher:
    """In whose name a listing stands. `verified`: the operator vouches for it."""

    type: PublisherType = PublisherType.PERSON
    name: str = ""
    verified: bool = False


@dataclass(frozen=True)
class Listing:
    """A public listing. `origin` is the partner it was fetched from, "" for our own.

    `listed` False leaves only a mark that it was there; `stale` is a partner's last good copy.
    """

    room_id: str
    server: str
    kind: Kind
    title: str
    summary: str
    published_at: datetime
    alias: str = ""
    district: str = ""
    tags: tuple[str, ...] = ()
    status: Status = Status.IDEA
    support: int = 0
    publisher: Publisher = Publisher()
    offer: Offer | None = None
    starts_at: datetime | None = None
    place: str = ""
    author: str = ""
    card: str = ""
    origin: str = ""
    listed: bool = True
    stale: bool = False
    revision: int = 0


def next_statuses(listing: Listing) -> frozenset[Status]:
    """Every step that a listing may take now."""
    if listing.status in _ENDED:
        archived = listing.status is Status.ARCHIVED
        return frozenset() if archived else frozenset({Status.ARCHIVED})
    steps = _FORWARD[listing.status] | {Status.WITHDRAWN, Status.ARCHIVED}
    if listing.kind is not Kind.REFORM and listing.status in _UNDECIDED:
        steps |= {Status.DONE}
    return frozenset(steps)


def require_step(listing: Listing, wanted: Status, language: str = "de") -> None:
    """Raises UserError, in words of that language, for a step that is not legal now."""
    if wanted not in next_statuses(listing):
        possible = [s for s in Status if s in next_statuses(listing)]
        raise UserError(
            "no-such-step",
            "From “{now}” it can't go to “{wanted}”. Possible now: {possible}.",
            now=status_word(listing.status, language),
            wanted=status_word(wanted, language),
            possible=", ".join(status_word(status, language) for status in possible) or "-",
        )


def status_word(status: Status, language: str) -> str:
    """As people type it."""
    if language == "de":
        return status.value
    return next((word for word, known in _STATUSES.items() if known is status), status.value)


def to_record(listing: Listing) -> Json:
    """`de.wecreate.listing`: what everybody may know, and nothing else."""
    record: Json = {
        "version": VERSION,
        "kind": listing.kind.value,
        "title": listing.title,
        "summary": listing.summary,
        "status": listing.status.value,
        "published_at": listing.published_at.isoformat(),
        "publisher": {"type": listing.publisher.type.value, "name": listing.publisher.name},
    }
    if listing.offer is not None:
        record["offer"] = listing.offer.value
    if listing.starts_at is not None:
        record["starts_at"] = listing.starts_at.isoformat()
    for name in ("district", "place"):
        if value := getattr(listing, name):
            record[name] = value
    if listing.tags:
        record["tags"] = list(listing.tags)
    return record


def parse_record(
    content: object, *, room_id: str, server: str, now: datetime, alias: str = ""
) -> Listing:
    """Read a record, whoever wrote it; raises InvalidListing. Nobody is verified by saying so."""
    if not isinstance(content, Mapping):
        raise InvalidListing("the record is not an object")
    published = read_instant(content.get("published_at"), "published_at")
    if published > now + CLOCK_SKEW:
        raise InvalidListing("published_at lies in the future")
    starts = content.get("starts_at")
    offer = content.get("offer")
    return Listing(
        room_id=room_id,
        server=server,
        alias=alias,
        kind=read_kind(content.get("kind")),
        offer=None if offer is None else _word(Offer, _OFFERS, offer, "offer"),
        title=read_text(content.get("title"), "title", MAX_TITLE),
        summary=read_text(content.get("summary", ""), "summary", MAX_SUMMARY, empty=True),
        district=read_text(content.get("district", ""), "district", MAX_DISTRICT, empty=True),
        tags=read_tags(content.get("tags", [])),
        status=read_status(content.get("status", Status.IDEA.value)),
        publisher=read_publisher(content.get("publisher", {})),
        published_at=published,
        starts_at=None if starts is None else read_instant(starts, "starts_at"),
        place=read_text(content.get("place", ""), "place", MAX_PLACE, empty=True),
    )


def read_kind(value: object) -> Kind:
    """German or English, one or many; an offer may be named by what it gives."""
    if isinstance(value, str) and _offer_in(value) is not None:
        return Kind.OFFER
    return _word(Kind, _KINDS, value, "kind")


def read_offer(value: object) -> Offer | None:
    """What an offer gives, if the kind's word says so: `raum`, `offer-room`."""
    return _offer_in(value) if isinstance(value, str) else None


def read_status(value: object) -> Status:
    return _word(Status, _STATUSES, value, "status")


def read_publisher_type(value: object) -> PublisherType:
    return _word(PublisherType, _PUBLISHERS, value, "publisher")


def read_publisher(value: object) -> Publisher:
    if not isinstance(value, Mapping):
        raise InvalidListing("publisher is not an object")
    kind = read_publisher_type(value.get("type", PublisherType.PERSON.value))
    return Publisher(kind, read_text(value.get("name", ""), "publisher.name", MAX_NAME, empty=True))


def read_text(value: object, name: str, most: int, *, empty: bool = False) -> str:
    """One line of plain text: no control or direction marks, single spaces, NFC."""
    if not isinstance(value, str):
        raise InvalidListing(f"{name} is not text")
    if len(value) > most * 4:
        raise InvalidListing(f"{name} has more than {most} characters")
    kept = "".join(" " if _hidden(sign) else sign for sign in unicodedata.normalize("NFC", value))
    text = _BREAKS.sub(" ", kept).strip()
    if len(text) > most:
        raise InvalidListing(f"{name} has more than {most} characters")
    if not text and not empty:
        raise InvalidListing(f"{name} is empty")
    return text


def read_tags(value: object) -> tuple[str, ...]:
    """Small letters, without `#`, each once."""
    if not isinstance(value, list | tuple):
        raise InvalidListing("tags is not a list")
    if len(value) > MAX_TAGS:
        raise InvalidListing(f"more than {MAX_TAGS} tags")
    tags = (read_text(tag, "tags", MAX_TAG, empty=True).lstrip("# ").lower() for tag in value)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def read_instant(value: object, name: str) -> datetime:
    """ISO 8601; without a zone it is UTC."""
    if not isinstance(value, str) or len(value) > 40:  # noqa: PLR2004 - longer than any instant
        raise InvalidListing(f"{name} is not a time in ISO 8601")
    try:
        found = datetime.fromisoformat(value)
        instant = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidListing(f"{name} is not a time in ISO 8601") from error
    if not _EPOCH <= instant < datetime(2200, 1, 1, tzinfo=UTC):
        raise InvalidListing(f"{name} is out of all bounds")
    return instant


Word = TypeVar("Word", bound=StrEnum)


def _word(words: type[Word], also: Mapping[str, Word], value: object, name: str) -> Word:
    text = unicodedata.normalize("NFC", value).strip().lower() if isinstance(value, str) else ""
    text = text.removesuffix(":in")
    try:
        return also[text] if text in also else words(text)
    except ValueError:
        listed = ", ".join(word.value for word in words)
        raise InvalidListing(f"{name} is none of {listed}") from None


def _offer_in(value: str) -> Offer | None:
    text = re.sub(r"^(?:offer|angebot)[-:/ ]+", "", value.strip().lower())
    if text in _OFFERS:
        return _OFFERS[text]
    return Offer(text) if text in list(Offer) else None


def _hidden(sign: str) -> bool:
    # Joiners belong to emoji; every other format sign can make a text look like another.
    return unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs"} and sign not in "\u200d\ufe0f"
