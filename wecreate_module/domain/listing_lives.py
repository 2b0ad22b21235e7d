"""What becomes of a listing: its steps with their days, the versions of its text, the answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from wecreate_module.domain.listings import Listing, Status, next_statuses, require_step

Json = dict[str, Any]

MAX_ANSWER = 1500
MAX_VERSIONS_SHOWN = 5
_WORD = re.compile(r"\w+")
_LONG_WORD = 6
_SLIPS = 2


@dataclass(frozen=True)
class Step:
    status: Status
    at: datetime


@dataclass(frozen=True)
class OfficialAnswer:
    """What the body that was addressed says to a listing."""

    organisation: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Life:
    """What is kept of one of our own listings beside its record.

    `version` counts the texts; `space` is the room of the Space it stands in; `reached` names
    the thresholds that have had their effect; `hidden` was taken off by moderation.
    """

    room_id: str
    box_id: str = ""
    steps: tuple[Step, ...] = ()
    version: int = 1
    changed_at: datetime | None = None
    addressee: str = ""
    answers: tuple[OfficialAnswer, ...] = ()
    space: str = ""
    reached: tuple[str, ...] = ()
    hidden: bool = False
    removed: bool = False


def born(listing: Listing) -> Life:
    """The life of a listing of which nothing else is known."""
    return Life(listing.room_id, steps=(Step(listing.status, listing.published_at),))


def take_step(listing: Listing, life: Life, wanted: Status, now: datetime) -> tuple[Listing, Life]:
    """Both after the step; raises UserError for one that is not legal now."""
    require_step(listing, wanted)
    return replace(listing, status=wanted), replace(life, steps=(*life.steps, Step(wanted, now)))


def way_to_box(listing: Listing) -> tuple[Status, ...]:
    """The steps that lead to a Box from here; none where that is over."""
    ways: Mapping[Status, tuple[Status, ...]] = {
        Status.IDEA: (Status.GATHERING, Status.BOX),
        Status.GATHERING: (Status.BOX,),
    }
    return ways.get(listing.status, ())


def is_open(listing: Listing) -> bool:
    """Whether something can still become of it."""
    return bool(next_statuses(listing) - {Status.ARCHIVED})


def changes_substance(before: Listing, after: Listing) -> bool:
    """Whether those who supported the one could mind the other.

    A new place or time, a new word, a number: yes. Signs, spaces, capitals, a slip of the pen
    in a long word: no.
    """
    if (before.starts_at, before.place) != (after.starts_at, after.place):
        return True
    return any(
        _differs(getattr(before, name), getattr(after, name)) for name in ("title", "summary")
    )


def _differs(before: str, after: str) -> bool:
    old, new = _words(before), _words(after)
    if old == new:
        return False
    slips = 0
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        if what != "replace" or i2 - i1 != j2 - j1:
            return True
        pairs = list(zip(old[i1:i2], new[j1:j2], strict=True))
        if not all(_is_slip(a, b) for a, b in pairs):
            return True
        slips += len(pairs)
    return slips > _SLIPS


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def _is_slip(one: str, other: str) -> bool:
    """One letter of a long word, and not its first: "keinen" is not "einen"."""
    if min(len(one), len(other)) < _LONG_WORD or one[0] != other[0]:
        return False
    if any(sign.isdigit() for sign in one + other) or abs(len(one) - len(other)) > 1:
        return False
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    swapped = one[same : same + 2] == other[same : same + 2][::-1]
    return (
        one[same + 1 :] == other[same + 1 :]
        or one[same:] == other[same + 1 :]
        or one[same + 1 :] == other[same:]
        or (swapped and one[same + 2 :] == other[same + 2 :])
    )


def to_json(life: Life) -> Json:
    return {
        "steps": [[step.status.value, step.at.isoformat()] for step in life.steps],
        "version": life.version,
        "changed_at": life.changed_at.isoformat() if life.changed_at else None,
        "addressee": life.addressee,
        "answers": [[one.organisation, one.text, one.at.isoformat()] for one in life.answers],
        "space": life.space,
        "reached": list(life.reached),
        "hidden": life.hidden,
        "removed": life.removed,
    }


def from_json(room_id: str, box_id: str, stored: Json) -> Life:
    changed = stored["changed_at"]
    return Life(
        room_id,
        box_id=box_id,
        steps=tuple(Step(Status(s), datetime.fromisoformat(at)) for s, at in stored["steps"]),
        version=stored["version"],
        changed_at=datetime.fromisoformat(changed) if changed else None,
        addressee=stored["addressee"],
        answers=tuple(
            OfficialAnswer(name, text, datetime.fromisoformat(at))
            for name, text, at in stored["answers"]
        ),
        space=stored["space"],
        reached=tuple(stored["reached"]),
        hidden=stored["hidden"],
        removed=stored["removed"],
    )
