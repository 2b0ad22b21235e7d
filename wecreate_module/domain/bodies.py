"""Gremien: what each wants of a motion. The packs stand in config/bodies, one file each."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

from wecreate_module.domain.errors import UserError

TEXT = "text"
REASON = "reason"


class LineNumbers(StrEnum):
    EVERY = "every"
    FIFTH = "fifth"
    NONE = "none"


class Certainty(StrEnum):
    """How sure a statement of a pack is: read in the body's own papers; in others'; guessed."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Plan(StrEnum):
    """Sections whose lines end in sums: what is spent, and what comes in. They must be equal."""

    COSTS = "costs"
    FINANCE = "finance"


@dataclass(frozen=True)
class Source:
    what: str
    certainty: Certainty


@dataclass(frozen=True)
class Section:
    """A part of the motion that the body asks for; `key` "text" is the one with line numbers."""

    key: str
    title: str
    ask: str
    required: bool = True
    max_characters: int | None = None
    prefix: str = ""
    """Fixed words before it: "Der Stadtrat möge beschließen:"."""
    plan: Plan | None = None
    categories: tuple[str, ...] = ()
    """Of a plan: the rows of the body's own form."""


@dataclass(frozen=True)
class Body:
    """A rule pack. None means not known, or left to the body; `unknown` names what to find out."""

    id: str
    name: str
    level: str
    heading: str
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    aliases: tuple[str, ...] = ()
    address: str | None = None
    email: str | None = None
    hands_on_to: str | None = None
    """The id of the body that motions go to from here: a chapter's next level."""
    movers: str | None = None
    """Who may move, in the body's words."""
    cosigners: int | None = None
    chapters: int | None = None
    """From how many chapters the co-signers must be."""
    days_before: int | None = None
    closing_time: str | None = None
    """Until when on the last day: "12:00"."""
    sittings: tuple[date, ...] = ()
    line_numbers: LineNumbers = LineNumbers.EVERY
    own_numbers: bool = False
    """The body gives motions its own numbers: the field stays blank."""
    plain_only: bool = False
    """No bold, footnotes or links in what is submitted."""
    formats: tuple[str, ...] = ("docx", "pdf")
    layouts: tuple[str, ...] = ("submission", "book")
    signature_columns: tuple[str, ...] = ("Name, Vorname", "Anschrift", "Datum, Unterschrift")
    """What people fill in on a list of signatures."""
    majority: str | None = None
    quorum: str | None = None
    """How many must take part: see domain/votes.py, `quorum_of`."""
    hints: tuple[str, ...] = ()
    """What only people can judge; said with every check."""
    unknown: tuple[str, ...] = ()

    def section(self, key: str) -> Section | None:
        return next((each for each in self.sections if each.key == key), None)


def plain(name: str) -> str:
    """For looking up: no capitals, no marks, umlauts as ae, oe, ue; words apart by one space."""
    folded = name.casefold()
    for umlaut, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        folded = unicodedata.normalize("NFC", folded).replace(umlaut, spelled)
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


_NEAR = 0.84
"""How alike names must be, of 1: "SBB Sud" and "SBB Süd" are, two different districts are not."""
_MOST_NEAR = 3


class Bodies:
    """All bodies this installation knows."""

    def __init__(self, bodies: Iterable[Body]) -> None:
        self.all = tuple(sorted(bodies, key=lambda body: plain(body.name)))
        self._by_id = {body.id: body for body in self.all}
        self._names: dict[str, Body] = {}
        for body in self.all:
            for name in (body.id, body.name, *body.aliases):
                known = self._names.setdefault(plain(name), body)
                if known is not body:
                    raise ValueError(f"{known.id} and {body.id} are both called {name!r}")
        self.longest_name = max((len(name.split()) for name in self._names), default=0)

    def get(self, body_id: str) -> Body | None:
        return self._by_id.get(body_id)

    def called(self, name: str) -> Body | None:
        """The body with exactly this name, however it is written."""
        return self._names.get(plain(name))

    def search(self, words: str) -> list[Body]:
        """Bodies in whose names all these words begin a word."""
        wanted = plain(words).split()
        return [
            body
            for body in self.all
            if all(
                any(
                    have.startswith(word)
                    for have in plain(" ".join((body.name, *body.aliases))).split()
                )
                for word in wanted
            )
        ]

    def near(self, name: str) -> list[Body]:
        """Bodies whose name is nearly this one, the nearest first: a slip of the finger."""
        names = get_close_matches(plain(name), self._names, n=_MOST_NEAR, cutoff=_NEAR)
        return list({self._names[each].id: self._names[each] for each in names}.values())

    def find(self, name: str) -> Body:
        """By name or its beginning; UserError when none or several are meant."""
        exact = self.called(name)
        if exact is not None:
            return exact
        found = self.search(name)
        if len(found) == 1:
            return found[0]
        if near := self.near(name):
            raise UserError(
                "body-misspelt",
                "“{name}” I don't know. Do you mean {names}?",
                name=name[:60],
                names=" · ".join(body.name for body in near),
            )
        if not found:
            raise UserError(
                "body-unknown",
                "I don't know “{name}”. See all with !bodies, or use “general”.",
                name=name[:60],
            )
        raise UserError(
            "body-ambiguous",
            "Which one do you mean: {names}? Write the whole name.",
            names=", ".join(body.name for body in found[:6]) + (" …" if len(found) > 6 else ""),  # noqa: PLR2004  a readable line
        )
