"""The marketplace's settings that are more than one word: organisations, thresholds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any, TypeVar

from wecreate_module.domain.listing_rules import (
    Organisation,
    Then,
    Threshold,
    require_different_names,
)
from wecreate_module.domain.listings import (
    MAX_DISTRICT,
    MAX_NAME,
    InvalidListing,
    PublisherType,
    read_kind,
    read_publisher_type,
    read_text,
)
from wecreate_module.settings.errors import BadValue
from wecreate_module.settings.kinds import USER_ID, Kind, choice, whole

T = TypeVar("T")

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DAY_MINUTES = 24 * 60
_THEN = choice(Then)
_SUPPORT = whole(1, 10_000_000)
_MOST = 500


def _time(value: object) -> str:
    # YAML reads 18:00 without quotes as a number in base 60.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _DAY_MINUTES:
        return f"{value // 60:02}:{value % 60:02}"
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadValue('must be a time of day in quotes, like "18:00"')
    return f"{time(int(found[1]), int(found[2])):%H:%M}"


def _list_of(read: Callable[[object], T], like: str) -> Callable[[object], tuple[T, ...]]:
    def read_all(value: object) -> tuple[T, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > _MOST:
            raise BadValue(f"must be a list, of at most {_MOST}, like {like}")
        return tuple(read(each) for each in value)

    return read_all


def _fields(value: object, known: tuple[str, ...], needed: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadValue(f"each must have {', '.join(known)}")
    unknown = [str(name) for name in value if name not in known]
    if unknown:
        raise BadValue(f"there is no {unknown[0][:40]!r} in it; known: {', '.join(known)}")
    missing = [name for name in needed if name not in value]
    if missing:
        raise BadValue(f"{missing[0]!r} is missing in one")
    return value


def _text(value: object, name: str, most: int) -> str:
    try:
        return read_text(value, name, most)
    except InvalidListing as error:
        raise BadValue(str(error)) from error


def _organisation(value: object) -> Organisation:
    given = _fields(value, ("name", "type", "members"), ("name", "type", "members"))
    try:
        kind = read_publisher_type(given["type"])
    except InvalidListing as error:
        raise BadValue(str(error)) from error
    if kind is PublisherType.PERSON:
        raise BadValue("an organisation's type is group, association, party or administration")
    members = _list_of(USER_ID.read, '["@anna:example.org"]')(given["members"])
    return Organisation(_text(given["name"], "name", MAX_NAME), kind, frozenset(members))


def _organisations(value: object) -> tuple[Organisation, ...]:
    found = _list_of(_organisation, _ORGANISATIONS_LIKE)(value)
    try:
        require_different_names(found)
    except ValueError as error:
        raise BadValue(f"two organisations are called {str(error)!r}, or nearly so") from error
    return found


def _threshold(value: object) -> Threshold:
    given = _fields(value, ("support", "then", "kind", "district"), ("support", "then"))
    try:
        kind = read_kind(given["kind"]) if given.get("kind") is not None else None
    except InvalidListing as error:
        raise BadValue(str(error)) from error
    district = given.get("district")
    return Threshold(
        _SUPPORT.read(given["support"]),
        _THEN.read(given["then"]),
        kind,
        _text(district, "district", MAX_DISTRICT) if district else "",
    )


_ORGANISATIONS_LIKE = (
    '[{"name": "Stadt Musterstadt", "type": "administration", "members": ["@anna:example.org"]}]'
)
_THRESHOLDS_LIKE = '[{"support": 20, "then": "box"}]'

TIME_OF_DAY = Kind("a time of day", _time)
DISTRICTS = Kind(
    "a list of names",
    _list_of(lambda value: _text(value, "district", MAX_DISTRICT), '["Süd", "Nord"]'),
)
PEOPLE = Kind("a list of users", _list_of(USER_ID.read, '["@anna:example.org"]'))
ORGANISATIONS = Kind("a list of name, type, members", _organisations)
THRESHOLDS = Kind(
    "a list of support, then, and kind or district if wanted",
    _list_of(_threshold, _THRESHOLDS_LIKE),
)
