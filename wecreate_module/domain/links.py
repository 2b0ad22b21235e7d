"""Links for people without an account: how long, how often, with or without a password."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from wecreate_module.domain.attachments import Media
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.quotas import Quotas

DEFAULT_DAYS = 7
MAX_DAYS = 365
MAX_VISITS = 10_000
MAX_OPEN_LINKS = 500
MAX_LINKED = 5000
"""Files behind one link."""
SEVERAL = 0
"""The number of a link to more than one file."""
MIN_PASSWORD, MAX_PASSWORD = 8, 100
# Tries at a password before each further one has to wait, doubling from a second on.
FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)
# Easily read out on the phone: no 0, o, 1, l, i. Four times four are 79 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_UNITS = {
    "stunde stunden std h hour hours": timedelta(hours=1),
    "tag tage tagen day days d": timedelta(days=1),
    "woche wochen week weeks": timedelta(weeks=1),
    "monat monate monaten month months": timedelta(days=30),
}
_DURATIONS = {word: unit for words, unit in _UNITS.items() for word in words.split()}
_OWN = r"(?:\s*[:=]\s*|\s+(?=[\"“„]))(?P<own>\"[^\"]*\"|[“„][^“”]*[“”]|\S+)"
_OPTION = re.compile(
    r"\s*(?:"
    r"(?:max(?:imal)?\.?|höchstens|hoechstens|at most)\s+(?P<max>\d{1,9})(?:\s*(?:x|mal|times))?"
    r"|(?P<times>\d{1,9})\s*(?:x|mal|times)"
    r"|(?:für\s+|fuer\s+|for\s+)?(?P<amount>\d{1,6})\s*(?P<unit>[a-z]+)"
    rf"|(?P<password>passwort|kennwort|password)(?:{_OWN})?"
    r"|(?P<open>ohne passwort|kein passwort|no password|without password)"
    r"|(?P<forever>unbegrenzt|unlimited|forever)"
    r")(?=\s|,|$),?",
    re.IGNORECASE,
)


_RANGE = re.compile(r"#?(\d{1,9})(?:[-\u2013]#?(\d{1,9}))?")
_TIMES = frozenset({"x", "mal", "times"})


@dataclass(frozen=True)
class LinkWish:
    """What was asked for; None is no limit."""

    lasting: timedelta | None = timedelta(days=DEFAULT_DAYS)
    max_visits: int | None = None
    password: bool = False
    own_password: str | None = field(default=None, repr=False)
    """One that somebody thought of; else the bot makes one."""


@dataclass(frozen=True)
class LinkedFile:
    """One of a link's files; `number` is the Box's."""

    number: int
    media: Media


@dataclass(frozen=True)
class LinkRules:
    """What the operator demands. `url` is the web surface's address as people reach it."""

    url: str = ""
    max_days: int = MAX_DAYS
    password: bool = False
    request_files: int = 50
    """How many files one request may bring."""
    request_size: int = 2_000_000_000
    """Bytes of each of them."""
    quotas: Quotas = field(default_factory=Quotas)
    imports: bool = True
    """Whether files may be fetched from other servers."""
    large_room: int = 0
    """Bytes that are kept of files which the homeserver does not take; 0: none."""


@dataclass(frozen=True)
class Link:
    """A link to one version of a file, or of several. What opens them stands in no row of it.

    `number` and `version` are SEVERAL for a link to more than one. `sealed` opens with the secret
    behind the # of the address alone (and the password); `access_hash` is what proves that
    somebody has both. `kdf` is how the password was made slow.
    """

    id: str
    number: int
    version: int
    created_by: str
    created_at: datetime
    files: tuple[LinkedFile, ...]
    size: int
    sealed: bytes
    access_hash: bytes
    salt: bytes | None = None
    kdf: str | None = None
    expires_at: datetime | None = None
    max_visits: int | None = None
    visits: int = 0
    first_visit_at: datetime | None = None
    revoked_at: datetime | None = None
    wrong: int = 0
    wrong_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether its time goes on; those who came in before may finish after the last visit."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def takes_visits(self, now: datetime) -> bool:
        return self.is_open(now) and (self.max_visits is None or self.visits < self.max_visits)

    def wait(self, now: datetime) -> timedelta:
        """How long the next try at the password has to wait."""
        if self.wrong < FREE_TRIES or self.wrong_at is None:
            return timedelta(0)
        pause = min(timedelta(seconds=2 ** min(self.wrong - FREE_TRIES, 20)), LONGEST_WAIT)
        return max(self.wrong_at + pause - now, timedelta(0))


def read_wish(text: str, base: LinkWish | None = None) -> LinkWish:
    """`7 tage max 5 passwort`, in any order; what is not said is as in `base`."""
    wish, at = base or LinkWish(), 0
    text = text.strip()
    while at < len(text):
        found = _OPTION.match(text, at)
        if found is None:
            raise _unclear(text[at:])
        wish = replace(wish, **_option(found))
        at = found.end()
    lasting, max_visits = wish.lasting, wish.max_visits
    if lasting is not None and not timedelta(0) < lasting <= timedelta(days=MAX_DAYS):
        raise UserError("link-days", "A link lasts from an hour to {days} days.", days=MAX_DAYS)
    if max_visits is not None and not 0 < max_visits <= MAX_VISITS:
        raise UserError("link-visits", "A link can be used 1 to {most} times.", most=MAX_VISITS)
    return wish


def _option(found: re.Match[str]) -> dict[str, Any]:
    if found["password"]:
        own = found["own"]
        return {"password": True, "own_password": _own_password(own) if own else None}
    if found["open"]:
        return {"password": False, "own_password": None}
    if found["forever"]:
        return {"lasting": None}
    if found["amount"]:
        unit = _DURATIONS.get(found["unit"].lower())
        if unit is None:
            raise _unclear(found[0])
        return {"lasting": int(found["amount"]) * unit}
    return {"max_visits": int(found["max"] or found["times"])}


def _own_password(text: str) -> str:
    said = text.strip('"“„”').strip()
    if not MIN_PASSWORD <= len(said) <= MAX_PASSWORD:
        raise UserError(
            "password-length",
            "A password has {least} to {most} characters. Leave it out, and I think of one.",
            least=MIN_PASSWORD,
            most=MAX_PASSWORD,
        )
    return said


def read_numbers(text: str) -> tuple[tuple[int, ...], str]:
    """`3, 5-7 2 tage`: the numbers of files, and the wish after them."""
    numbers: dict[int, None] = {}
    words = text.replace(",", " ").split()
    while words and (found := _RANGE.fullmatch(words[0])):
        following = words[1].lower() if len(words) > 1 else ""
        if not found[2] and (following in _DURATIONS or following in _TIMES):
            break
        first, last = int(found[1]), int(found[2] or found[1])
        if last - first >= MAX_LINKED:
            break
        numbers |= dict.fromkeys(range(first, last + 1))
        words.pop(0)
    return tuple(numbers), " ".join(words)


def as_allowed(wish: LinkWish, rules: LinkRules) -> LinkWish:
    """Raise UserError where the operator demands more than was asked for."""
    longest = timedelta(days=rules.max_days)
    lasting = wish.lasting
    if lasting == timedelta(days=DEFAULT_DAYS):  # not worth a refusal: the answer says how long
        lasting = min(lasting, longest)
    if (lasting is None and rules.max_days < MAX_DAYS) or (lasting or longest) > longest:
        raise UserError(
            "link-too-long",
            "On this server a link lasts {days} days at most. Type it like "
            "!file 3 share {days} days",
            days=rules.max_days,
        )
    return replace(wish, lasting=lasting, password=wish.password or rules.password)


def new_password() -> str:
    """`k7mp-x2vb-…`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _unclear(text: str) -> UserError:
    return UserError(
        "link-unclear",
        "I don't understand “{text}”. Type it like !file 3 share 7 days max 5 password",
        text=text.strip()[:60],
    )
