"""What the operator decides: who may speak for whom, what support of a listing leads to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from wecreate_module.domain.listings import Kind, Listing, Publisher, PublisherType


class Then(StrEnum):
    """What enough support leads to."""

    BOX = "box"
    SUGGEST_BOX = "suggest-box"
    SUGGEST_MOTION = "suggest-motion"

    @property
    def about(self) -> str:
        """Rules about the same thing replace each other, the more special ones first."""
        return "motion" if self is Then.SUGGEST_MOTION else "box"


@dataclass(frozen=True)
class Threshold:
    """From so many supports on; of one kind, or in one district, or of all listings."""

    support: int
    then: Then
    kind: Kind | None = None
    district: str = ""

    @property
    def name(self) -> str:
        return f"{self.then.value}:{self.support}"

    def concerns(self, listing: Listing) -> bool:
        here = not self.district or plain_name(self.district) == plain_name(listing.district)
        return here and self.kind in {None, listing.kind}

    @property
    def special(self) -> int:
        return (self.kind is not None) + 2 * bool(self.district)


@dataclass(frozen=True)
class Organisation:
    """The operator vouches for it; `members` (user ids) publish and answer in its name."""

    name: str
    type: PublisherType
    members: frozenset[str] = frozenset()

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.type, self.name, verified=True)


@dataclass(frozen=True)
class MarketRules:
    """The operator's settings; `digest_at` is local time."""

    name: str = "Marktplatz"
    districts: tuple[str, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    moderators: tuple[str, ...] = ()
    digest_at: time = time(18, 0)

    def of_member(self, user_id: str) -> tuple[Organisation, ...]:
        """In whose name this person may speak."""
        return tuple(each for each in self.organisations if user_id in each.members)

    def organisation(self, name: str) -> Organisation | None:
        """The one that is called so, or the only one whose name has these words in it."""
        wanted = plain_name(name)
        exact = [each for each in self.organisations if plain_name(each.name) == wanted]
        near = [each for each in self.organisations if wanted and wanted in plain_name(each.name)]
        found = exact or near
        return found[0] if len(found) == 1 else None

    def claimed_by(self, name: str) -> Organisation | None:
        """The organisation that somebody with this name would be taken for."""
        return next((each for each in self.organisations if _reads_like(name, each.name)), None)

    def district(self, name: str) -> str:
        """A listing's district as the operator writes it; "" when it is none of those."""
        wanted = plain_name(name)
        return next((each for each in self.districts if wanted and plain_name(each) == wanted), "")

    def reached(self, listing: Listing, support: int) -> tuple[Threshold, ...]:
        """The thresholds that a listing has come to, for each thing the most special rules."""
        found: list[Threshold] = []
        for about in ("box", "motion"):
            rules = [
                each
                for each in self.thresholds
                if each.then.about == about and each.concerns(listing)
            ]
            most = max((each.special for each in rules), default=0)
            found += [e for e in rules if e.special == most and support >= e.support]
        return tuple(sorted(found, key=lambda each: each.support))


def plain_name(name: str) -> str:
    """For comparing: no capitals, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


# Letters of other alphabets that look like ours, and digits that are read as letters.
_CYRILLIC = "\u0430\u0435\u043a\u043c\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455\u0501"
_GREEK = "\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"
_SHORT_NAME = 6
_LOOKS_LIKE = str.maketrans(f"{_CYRILLIC}{_GREEK}013", "aekmopctyxijsdaikvoptuxole")


def _skeleton(name: str) -> str:
    """A name as the eye sees it: accents, spaces, signs and foreign twins of letters are gone."""
    folded = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKS_LIKE)
    return "".join(sign for sign in folded if sign.isalnum())


def _reads_like(name: str, other: str) -> bool:
    """Whether `other` is to be read in `name`; a short one (CDU) as words of its own only."""
    wanted = _skeleton(other)
    if len(wanted) > _SHORT_NAME:
        return wanted in _skeleton(name)
    words = [_skeleton(word) for word in re.split(r"[^\w.]+", name)]
    spans = ("".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1))
    return wanted in spans


def require_different_names(organisations: Iterable[Organisation]) -> None:
    """Raise ValueError, with the name, when two would be taken for one another."""
    seen: set[str] = set()
    for each in organisations:
        if _skeleton(each.name) in seen:
            raise ValueError(each.name)
        seen.add(_skeleton(each.name))
