"""Who has left the server for good: what the homeserver's module writes down for the bot.

It stands in the bot's account data, `{"last": 2, "people": [[1, "@anna:x.org"], [2, …]]}`; the bot
remembers how far it has read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Json = dict[str, Any]
FAREWELLS = "de.wecreate.farewells"
MOST = 1000


class Farewell(NamedTuple):
    number: int
    user_id: str


def with_one_more(content: object, user_id: str) -> Json:
    """The account data, after somebody has left; the oldest go when there are too many."""
    people = _people(content)
    number = _last(content, people) + 1
    kept = [*people, Farewell(number, user_id)][-MOST:]
    return {"last": number, "people": [list(each) for each in kept]}


def without(content: object, user_id: str) -> Json:
    """Somebody came back; what was read before stays as it was read."""
    people = _people(content)
    kept = [list(each) for each in people if each.user_id != user_id]
    return {"last": _last(content, people), "people": kept}


def after(content: object, number: int) -> list[Farewell]:
    """Those that came after a number; all of them where the counting has begun anew."""
    people = _people(content)
    return [each for each in people if each.number > number or _last(content, people) < number]


def _people(content: object) -> list[Farewell]:
    given = content.get("people") if isinstance(content, Mapping) else None
    found = []
    for each in given if isinstance(given, Sequence) and not isinstance(given, str) else ():
        match each:
            case [int(number), str(user_id)]:
                found.append(Farewell(number, user_id))
    return found


def _last(content: object, people: Sequence[Farewell]) -> int:
    given = content.get("last") if isinstance(content, Mapping) else 0
    return max([given if isinstance(given, int) else 0, *(each.number for each in people)])
