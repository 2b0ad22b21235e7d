"""What people write behind a command of motions: a way out, dates, how to vote, what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from bots.kit.arguments import Persons, Rest
from bots.kit.context import Context
from bots.kit.registry import plain_word
from bots.motions.arguments import All
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.dates import parse_moment
from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.mail import read_address
from wecreate_module.domain.motions import MotionState
from wecreate_module.domain.outcomes import NewsKind, read_statement, read_term, terms_of
from wecreate_module.services.bodies import known_bodies
from wecreate_module.services.handing_on import Choice
from wecreate_module.services.outcomes import Learned
from wecreate_module.services.votes import Wanted

_REPLY = re.compile(r"(?:^|\s)(?:antwort(?:en)?\s+an|reply\s+to)\s+(\S+)", re.IGNORECASE)
_TO = re.compile(r"(?:^|\s)(?:an|to)\s+(\S+)", re.IGNORECASE)
_WITHOUT = re.compile(r"(?:^|\s)(?:ohne\s+e?-?mail|without\s+e?-?mail)\b", re.IGNORECASE)
_CODE = re.compile(r"(?:^|\s)([0-9a-f]{10})(?=\s|$)")
_HAND_IN_BY = re.compile(r"\s+(?:einreichen\s+bis|bis|hand\s+in\s+by|by|until)\s+", re.IGNORECASE)
_WHOLE_DAY = 24 * 60
_SECRET = re.compile(r"\b(?:geheim|secret|secretly)\b", re.IGNORECASE)
_ABOUT = re.compile(r"(?:^|\s)ä\s?(\d{1,4})\b", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:bis|until|till)\s+(.+?)(?=\s+(?:von|by)\s|$)", re.IGNORECASE)
_BY = re.compile(r"\b(?:von|by)\s+(.+)$", re.IGNORECASE)
_AT_VERSION = re.compile(r"(?:^|\s)(?:fassung|version)\s+(\d{1,6})\b", re.IGNORECASE)
_AS_NUMBER = re.compile(r"(?:^|\s)(?:als|nummer|as|number)\s+(\S+)", re.IGNORECASE)
_FOR = re.compile(r"(?:^|\s)(?:für|for)\s+(.+)$", re.IGNORECASE)
_OWN_NUMBER = re.compile(r"A?(\d{1,6})")
_NUMBER = re.compile(r"(?:nummer|number|nr\.?)\s+(\S.*)", re.IGNORECASE)
_STATEMENT = re.compile(
    r"(?:verwaltungsstandpunkt|stellungnahme|statement)\s*:?\s*(\S.*)", re.IGNORECASE | re.DOTALL
)
_DECIDED = re.compile(
    r"(?:beschlusstext|beschlossener\s+text|decided(?:\s+text)?)\s*:\s*(\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_NOTE = re.compile(r"(?:notiz|note)\s*:?\s*(\S.*)", re.IGNORECASE | re.DOTALL)
_STATES = {
    **dict.fromkeys(("entwurf", "draft"), MotionState.DRAFT),
    **dict.fromkeys(("eingereicht", "submitted"), MotionState.SUBMITTED),
    **dict.fromkeys(("beschlossen", "angenommen", "adopted"), MotionState.ADOPTED),
    **dict.fromkeys(("abgelehnt", "rejected"), MotionState.REJECTED),
    **dict.fromkeys(("verwiesen", "ueberwiesen", "referred"), MotionState.REFERRED),
    **dict.fromkeys(("zurueckgestellt", "deferred"), MotionState.DEFERRED),
    **dict.fromkeys(("erledigt", "settled"), MotionState.SETTLED),
    **dict.fromkeys(("zurueckgezogen", "withdrawn"), MotionState.WITHDRAWN),
}


@dataclass(frozen=True)
class Way:
    """Where it shall go. `code` names what was shown, when it is to leave now."""

    to: str = ""
    reply_to: str = ""
    by_hand: bool = False
    code: str = ""


class WayText(All[Way]):
    """`an amt@stadt.example antwort an anna@web.example`; `ohne Mail`."""

    def parse(self, text: str, ctx: Context) -> Way:
        said = Rest(600).parse(text, ctx)
        by_hand = _WITHOUT.search(said) is not None
        reply, rest = _REPLY.search(said), _REPLY.sub(" ", _WITHOUT.sub(" ", said))
        code, rest = _CODE.search(rest), _CODE.sub(" ", rest)
        to, left = _TO.search(rest), _TO.sub(" ", rest).strip(" .,")
        if left:
            raise UserError(
                "way-unclear",
                "Where to? Write for example: !motion 3 submit to office@example.org",
            )
        return Way(
            read_address(to[1]) if to else "",
            read_address(reply[1]) if reply else "",
            by_hand,
            code[1] if code else "",
        )


@dataclass(frozen=True)
class Dates:
    sitting: date
    closes: date | None


class DatesText(All[Dates]):
    """The sitting, and the last day to hand in: `15.1. bis 5.1.`."""

    def parse(self, text: str, ctx: Context) -> Dates:
        sitting, _, closes = _HAND_IN_BY.sub("\n", Rest(200).parse(text, ctx), count=1).partition(
            "\n"
        )
        last = parse_moment(closes, ctx.now, ctx.timezone).day if closes else None
        return Dates(parse_moment(sitting, ctx.now, ctx.timezone).day, last)


class VoteText(All[Wanted]):
    """`geheim bis Freitag 20 Uhr von @anna, @ben`, `Ä1`; all of it may be left out."""

    def parse(self, text: str, ctx: Context) -> Wanted:
        said = Rest().parse(text, ctx)
        secret = _SECRET.search(said) is not None
        about = _ABOUT.search(said)
        rest = _ABOUT.sub(" ", _SECRET.sub(" ", said)).strip()
        by = _BY.search(rest)
        until = _UNTIL.search(rest)
        left = _BY.sub(" ", _UNTIL.sub(" ", rest)).strip(" ,.")
        if left:
            raise UserError(
                "vote-unclear",
                "I don't understand “{words}”. Write for example: secret until friday 20:00",
                words=left[:60],
            )
        return Wanted(
            secret=secret,
            until=_moment(until[1], ctx) if until else None,
            voters=Persons(most=1000).parse(by[1], ctx) if by else (),
            about=int(about[1]) if about else None,
        )


def _moment(text: str, ctx: Context) -> datetime:
    """An instant; a day alone lasts until it is over."""
    value = parse_moment(text, ctx.now, ctx.timezone).value
    if isinstance(value, datetime):
        return value
    return at_time(value, _WHOLE_DAY, ctx.timezone)


@dataclass(frozen=True)
class Takeover:
    offered: int | None
    choice: Choice
    body: Body | None


class TakeoverText(All[Takeover]):
    """`1 Fassung 4 als 12 für Landesparteitag`; all of it may be left out."""

    def parse(self, text: str, ctx: Context) -> Takeover:  # noqa: ARG002 - the same for all
        body = _FOR.search(text)
        rest = _FOR.sub(" ", text)
        version, number = _AT_VERSION.search(rest), _AS_NUMBER.search(rest)
        left = _AS_NUMBER.sub(" ", _AT_VERSION.sub(" ", rest)).strip(" .,#")
        if left and not left.isdecimal():
            raise UserError(
                "takeover-unclear",
                "Write it like: !motion takeover 1 version 4 as A12 for Landesparteitag",
            )
        own = _OWN_NUMBER.fullmatch(number[1]) if number else None
        choice = Choice(
            version=int(version[1]) if version else None,
            number=int(own[1]) if own else None,
            body_number=number[1][:60] if number and not own else "",
        )
        found = known_bodies().find(body[1]) if body else None
        return Takeover(int(left) if left else None, choice, found)


def read_news(said: str, level: str) -> Learned:
    """What is meant; UserError with what could be."""
    said = said.strip()
    if found := _NUMBER.fullmatch(said):
        number = " ".join(found[1].split())[:60]
        return Learned(NewsKind.NUMBER, number, body_number=number)
    if found := _STATEMENT.fullmatch(said):
        term = read_statement(found[1])
        text = found[1] if term is None else ": ".join(filter(None, term))
        return Learned(NewsKind.STATEMENT, f"Verwaltungsstandpunkt: {text}")
    if found := _DECIDED.fullmatch(said):
        return Learned(NewsKind.DECIDED_TEXT, "Beschlusstext", decided_text=found[1])
    if found := _NOTE.fullmatch(said):
        return Learned(NewsKind.NOTE, found[1])
    if term_found := read_term(said, level):
        return Learned(NewsKind.STATE, " ".join(said.split()), MotionState(term_found[1]))
    first = plain_word(said.split()[0].strip(" .:"))
    if first not in _STATES:
        raise UserError(
            "state-unclear",
            "What became of it? Possible are: submitted, number …, statement …, decided: …, "
            "note … or {terms}.",
            terms=", ".join(terms_of(level)),
        )
    return Learned(NewsKind.STATE, " ".join(said.split()), _STATES[first])
