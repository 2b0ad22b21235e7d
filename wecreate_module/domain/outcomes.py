"""What became of a motion, in the words of the body that had it; and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wecreate_module.domain.bodies import plain


class NewsKind(StrEnum):
    STATE = "state"
    NUMBER = "number"
    STATEMENT = "statement"
    """What the administration says to it."""
    DECIDED_TEXT = "decided-text"
    HANDED_ON = "handed-on"
    NOTE = "note"


@dataclass(frozen=True)
class News:
    """One thing that was learned of a motion. `file` is the name of what was sent with it."""

    kind: NewsKind
    text: str
    who: str
    at: datetime
    file: str = ""
    event_id: str = ""


@dataclass(frozen=True)
class Origin:
    """The motion that this one was made of, in another Box. `box_id` only on the same server."""

    box: str
    number: int
    version: int
    sha256: str
    server: str = ""
    box_id: str = ""


# The body's term and the state it leads to, as Leipzig and the SPD publish them.
_CITY: Mapping[str, str] = {
    "ungeändert beschlossen": "adopted",
    "geändert beschlossen": "adopted",
    "beschlossen": "adopted",
    "abgelehnt": "rejected",
    "zurückgestellt": "deferred",
    "zurückgezogen": "withdrawn",
    "zur Kenntnis genommen": "noted",
    "verwiesen": "referred",
    "überwiesen": "referred",
}
_PARTY: Mapping[str, str] = {
    "Annahme in der Fassung der Antragskommission": "adopted",
    "Annahme in geänderter Fassung": "adopted",
    "Annahme": "adopted",
    "angenommen": "adopted",
    "Ablehnung": "rejected",
    "abgelehnt": "rejected",
    "Überweisung": "referred",
    "Erledigt durch": "settled",
    "erledigt": "settled",
    "zurückgezogen": "withdrawn",
}
_OTHERS: Mapping[str, str] = {**_CITY, **_PARTY}
STATEMENTS = (
    "Zustimmung mit Ergänzung",
    "Zustimmung",
    "Ablehnung",
    "Alternativvorschlag",
    "Sachstandsbericht",
)


def terms_of(level: str) -> Mapping[str, str]:
    """The decisions that bodies of a level know, and the state each is."""
    own = {"city": _CITY, "district": _CITY, "village": _CITY, "party": _PARTY}.get(level, _OTHERS)
    return {**own, **{term: state for term, state in _OTHERS.items() if term not in own}}


def read_term(said: str, level: str) -> tuple[str, str, str] | None:
    """(term, state, what follows) where the words begin with one; the longest counts."""
    found = [
        (term, state)
        for term, state in terms_of(level).items()
        if f"{plain(said)} ".startswith(f"{plain(term)} ")
    ]
    if not found:
        return None
    term, state = max(found, key=lambda pair: len(pair[0]))
    rest = said.split(maxsplit=len(term.split()))[len(term.split()) :]
    return term, state, " ".join(rest).strip(" :.")


def read_statement(said: str) -> tuple[str, str] | None:
    """(what the administration thinks, its words), in the terms it uses."""
    for term in STATEMENTS:
        if f"{plain(said)} ".startswith(f"{plain(term)} "):
            rest = said.split(maxsplit=len(term.split()))[len(term.split()) :]
            return term, " ".join(rest).strip(" :")
    return None
