"""The kinds of value a settings key takes: how to read one and how to describe it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from wecreate_module.settings.errors import BadValue

T = TypeVar("T")

# Matrix specification, appendix "Server name": host and optional port.
_SERVER_NAME = re.compile(r"(?:[A-Za-z0-9.-]{1,230}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
# Matrix specification, appendix "User identifiers": what new users may be called.
_EMAIL = re.compile(r"none|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_LOCALPART = re.compile(r"[a-z0-9._=/+-]{1,200}")


@dataclass(frozen=True)
class Kind(Generic[T]):
    """`read` gets what YAML says (str, int, bool, list, dict, None) or raises BadValue."""

    what: str
    read: Callable[[object], T]


@dataclass(frozen=True)
class Key:
    """What stands behind one settings key."""

    kind: Kind[Any]
    help: str
    required: bool = False
    secret: bool = False
    example: object = None


_REQUIRED: Any = object()


def key(
    kind: Kind[T],
    help: str,  # noqa: A002 - reads as what it is where the keys are declared
    *,
    default: T = _REQUIRED,
    example: object = None,
) -> T:
    """A documented field of a section; without a default it must stand in the file."""
    about = Key(kind, help, default is _REQUIRED, example=example)
    # The declared type is what the field holds once made; dataclasses wants it this way.
    made: Any = (
        field(metadata={"key": about})
        if default is _REQUIRED
        else field(default=default, metadata={"key": about})
    )
    return made  # type: ignore[no-any-return]  # a Field now, the value T in the instance


def secret(help: str) -> str | None:  # noqa: A002 - as in `key`
    """A field read from the file `<name>_file` names, or from WECREATE_<SECTION>_<NAME>."""
    made: Any = field(default=None, repr=False, metadata={"key": Key(FILE_PATH, help, secret=True)})
    return made  # type: ignore[no-any-return]  # as in `key`


def _said(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else repr(value)[:60]


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, bool | int | float):
        raise BadValue(f"must be text, not {_said(value)}; put it in quotes if it is meant so")
    raise BadValue("must be text, not " + ("empty" if value == "" else _said(value)))


def _matching(pattern: re.Pattern[str], hint: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = _text(value)
        if not pattern.fullmatch(text):
            raise BadValue(f"{text[:80]!r} is not {hint}")
        return text

    return read


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise BadValue(f"must be true or false, not {_said(value)}")


def whole(least: int, most: int, unit: str = "") -> Kind[int]:
    """A whole number within bounds."""
    span = f"a whole number from {least} to {most}" + (f" ({unit})" if unit else "")

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadValue(f"must be {span}, not {_said(value)}")
        if not least <= value <= most:
            raise BadValue(f"must be {span}, not {value}")
        return value

    return Kind(span, read)


Word = TypeVar("Word", bound=StrEnum)


def choice(words: type[Word]) -> Kind[Word]:
    """One word of a list."""
    listed = ", ".join(words)

    def read(value: object) -> Word:
        try:
            return words(str(value))
        except ValueError:
            near = get_close_matches(str(value).lower(), list(words), 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise BadValue(f"must be one of {listed}, not {_said(value)}{hint}") from None

    return Kind(f"one of {listed}", read)


@dataclass(frozen=True)
class Chosen:
    """A word that stands for many (`all`, `local` …), or those listed by name."""

    word: str = ""
    names: tuple[str, ...] = ()


def words_or_names(words: tuple[str, ...], of: Kind[str], plural: str) -> Kind[Chosen]:
    """One of `words`, or a list of `of`."""
    listed = ", ".join(words)

    def read(value: object) -> Chosen:
        if isinstance(value, str):
            if value in words:
                return Chosen(word=value)
            raise BadValue(f"must be {listed} or a list of {plural}, not {_said(value)}")
        if not isinstance(value, list):
            raise BadValue(f"must be {listed} or a list of {plural}, not {_said(value)}")
        return Chosen(names=tuple(of.read(item) for item in value))

    return Kind(f"{listed}, or a list of {plural}", read)


def _url(value: object) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadValue(f"{text[:80]!r} is not an address; write it like https://matrix.example.org")
    if parts.query or parts.fragment or parts.username:
        raise BadValue("must be the plain address, without a login, '?' or '#'")
    return text.rstrip("/")


def _database(value: object) -> str:
    text = _text(value)
    scheme = text.partition(":")[0]
    if scheme == "sqlite" and text.startswith("sqlite:///"):
        return text
    if scheme in {"postgresql", "postgresql+psycopg"} and urlsplit(text).path.strip("/"):
        return text.replace("postgresql://", "postgresql+psycopg://", 1)
    raise BadValue(
        "must be sqlite:///<file> or postgresql://<user>@<host>/<database>; "
        f"{re.sub(r':[^:@/]*@', ':…@', text)[:80]!r} is neither"
    )


def _zone(value: object) -> str:
    text = _text(value)
    zones = available_timezones()
    if text in zones:
        return text
    near = [z for z in sorted(zones) if z.lower().endswith(text.lower().replace(" ", "_"))]
    near = near or get_close_matches(text, sorted(zones), 1)
    hint = f"; did you mean {near[0]}?" if near else "; write it like Europe/Berlin"
    raise BadValue(f"{text[:60]!r} is not a time zone{hint}")


def _user_id(value: object) -> str:
    text = _text(value)
    localpart, colon, server = text.removeprefix("@").partition(":")
    if not (text.startswith("@") and colon and localpart and _SERVER_NAME.fullmatch(server)):
        raise BadValue(f"{text[:80]!r} is not a Matrix user; write it like @anna:example.org")
    return text


TEXT = Kind("text", _text)
SWITCH = Kind("true or false", _switch)
FILE_PATH = Kind("a path; a relative one starts at this file's folder", lambda v: Path(_text(v)))
URL = Kind("an http or https address", _url)
HERE = "here"
URL_OR_HERE = Kind("an http or https address, or here", lambda v: HERE if v == HERE else _url(v))
DATABASE = Kind("a database address", _database)
TIMEZONE = Kind("a time zone's name", _zone)
USER_ID = Kind("a Matrix user", _user_id)
PORT = whole(1, 65535)
SERVER_NAME = Kind(
    "a server's name",
    _matching(_SERVER_NAME, "a server name; write it like example.org or localhost:8009"),
)
NONE = "none"
URL_OR_NONE = Kind("an http or https address, or none", lambda v: NONE if v == NONE else _url(v))
HOST_OR_NONE = Kind(
    "a host's name, or none",
    _matching(_SERVER_NAME, "a host's name; write it like mail.example.org, or none"),
)
EMAIL_OR_NONE = Kind(
    "an e-mail address, or none",
    _matching(_EMAIL, "an e-mail address; write it like box@example.org, or none"),
)
LOCALPART = Kind(
    "a name of small letters, digits and ._=-/+",
    _matching(_LOCALPART, "a user name; use small letters, digits, '.', '_', '-'"),
)
