"""What was fetched of each partner's directory: taken in, kept when it fails, marked stale.

A partner is given so much room and so many changes a day, and never another one's rows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from wecreate_module.domain.listings import Listing
from wecreate_module.domain.partner_listings import PartnerPage, same_content
from wecreate_module.storage.uow import UnitOfWork

MOST_LISTINGS = 10_000
"""Of one partner."""
MOST_CHANGES = 30_000
"""Of one partner in a day: listings that come, change or go."""
FAILURES_TILL_STALE = 3
LONGEST_WAIT = 3600.0
_MARKS = 2000
_BATCH = 500
_TEXT = 200
_REASONS = 5
_DOUBLINGS = 12


@dataclass(frozen=True)
class PartnerState:
    """How things stand with a partner; instants are ISO 8601, "" where there was none.

    `contact` is its bot, which takes reports.
    `total` is what it counted at the last whole walk; `wrong` what was left out then, by reason.
    """

    etag: str = ""
    total: int = -1
    checked_at: str = ""
    good_at: str = ""
    next_at: str = ""
    failures: int = 0
    problem: str = ""
    stale: bool = False
    wrong: Mapping[str, int] = field(default_factory=dict)
    day: str = ""
    changes: int = 0
    contact: str = ""


@dataclass(frozen=True)
class Taken:
    """What came of a page: `full` says that the partner has used up its room or its day."""

    new: int
    changed: int
    full: str = ""


def state_of(uow: UnitOfWork, partner: str) -> PartnerState:
    """What is remembered, or a fresh start."""
    kept = uow.meta.get(_key(partner))
    if kept is None:
        return PartnerState()
    fields: dict[str, Any] = json.loads(kept)
    return PartnerState(**fields)


def take_page(uow: UnitOfWork, partner: str, page: PartnerPage) -> Taken:
    """Write what is new or changed on a page, as far as there is room for it."""
    state = _today(uow, state_of(uow, partner))
    known = {each.room_id: each for each in uow.listings.some([e.room_id for e in page.listings])}
    room = MOST_LISTINGS - len(uow.listings.ids_of_origin(partner))
    written: list[Listing] = []
    new, full = 0, ""
    for listing in page.listings:
        before = known.get(listing.room_id)
        if before is not None and (before.origin != partner or same_content(before, listing)):
            continue
        if before is not None and not before.listed and uow.listing_lives.get(before).hidden:
            continue  # moderators of this server have hidden it
        comes = before is None or not before.listed
        if comes and new >= room:
            full = f"more than {MOST_LISTINGS} listings"
            continue
        if state.changes + len(written) >= MOST_CHANGES:
            full = f"more than {MOST_CHANGES} changes in a day"
            break
        new += comes
        written.append(listing)
    uow.listings.put_many(written)
    _keep(uow, partner, replace(state, changes=state.changes + len(written)))
    return Taken(new, len(written), full)


def take_out(uow: UnitOfWork, partner: str, but: Collection[str] = ()) -> int:
    """After a whole walk: what the partner has no more is taken out. How many."""
    gone = sorted(uow.listings.ids_of_origin(partner).difference(but))
    for start in range(0, len(gone), _BATCH):
        rows = uow.listings.some(gone[start : start + _BATCH])
        uow.listings.put_many([replace(each, listed=False) for each in rows])
    uow.listings.forget_marks(partner, _MARKS)
    state = _today(uow, state_of(uow, partner))
    _keep(uow, partner, replace(state, changes=state.changes + len(gone)))
    return len(gone)


def went_well(
    uow: UnitOfWork,
    partner: str,
    *,
    every: float,
    etag: str | None = None,
    total: int | None = None,
    wrong: Counter[str] | None = None,
    full: str = "",
    contact: str | None = None,
) -> None:
    """The partner answered. What is None stays as it was known; `every` is in seconds."""
    state = state_of(uow, partner)
    if state.stale:
        _mark(uow, partner, stale=False)
    _keep(
        uow,
        partner,
        replace(
            state,
            etag=state.etag if etag is None else etag,
            total=state.total if total is None else total,
            contact=state.contact if contact is None else contact,
            wrong=state.wrong if wrong is None else dict(wrong.most_common(_REASONS)),
            checked_at=uow.now.isoformat(),
            good_at=uow.now.isoformat(),
            next_at=_after(uow.now, every),
            failures=0,
            problem=full,
            stale=False,
        ),
    )


def went_wrong(
    uow: UnitOfWork, partner: str, problem: str, *, every: float, at_least: float = 0.0
) -> float:
    """No answer, or a bad one: the last good copy stays. Seconds to wait until the next try."""
    state = state_of(uow, partner)
    failures = state.failures + 1
    wait: float = max(min(every * 2 ** min(failures, _DOUBLINGS), LONGEST_WAIT), every, at_least)
    stale = state.stale or failures >= FAILURES_TILL_STALE
    if stale and not state.stale:
        _mark(uow, partner, stale=True)
    _keep(
        uow,
        partner,
        replace(
            state,
            checked_at=uow.now.isoformat(),
            next_at=_after(uow.now, wait),
            failures=failures,
            problem=problem[:_TEXT],
            stale=stale,
        ),
    )
    return wait


def due_in(uow: UnitOfWork, partner: str) -> float:
    """Seconds until the next try; a clock that was set back doesn't make it wait for long."""
    state = state_of(uow, partner)
    if not state.next_at:
        return 0.0
    left: float = (datetime.fromisoformat(state.next_at) - uow.now).total_seconds()
    return min(max(left, 0.0), LONGEST_WAIT)


def no_partners_but(uow: UnitOfWork, partners: Iterable[str]) -> list[str]:
    """Who is no partner any more is listed no more. Their names."""
    gone = sorted(set(uow.listings.origins()).difference(partners))
    for name in gone:
        take_out(uow, name)
        uow.listings.forget_marks(name, _MARKS)
        uow.meta.set(_key(name), None)
    return gone


def _mark(uow: UnitOfWork, partner: str, *, stale: bool) -> None:
    rows = [each for each in uow.listings.of_origin(partner) if each.stale != stale]
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        uow.listings.put_many([replace(each, stale=stale) for each in some])


def _today(uow: UnitOfWork, state: PartnerState) -> PartnerState:
    day = uow.now.date().isoformat()
    return state if state.day == day else replace(state, day=day, changes=0)


def _after(now: datetime, seconds: float) -> str:
    return (now + timedelta(seconds=seconds)).isoformat()


def _keep(uow: UnitOfWork, partner: str, state: PartnerState) -> None:
    uow.meta.set(_key(partner), json.dumps(asdict(state), sort_keys=True))


def _key(partner: str) -> str:
    return f"partner:{partner}"
