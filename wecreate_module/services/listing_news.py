"""What is new on the marketplace, told to each person once a day at most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from wecreate_module.domain.dates.moments import at_time
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.storage.uow import UnitOfWork

DIGEST = "market.digest"
PLAN = "market.plan"
AT_ONCE = 100
"""People planned for in one transaction, so that others get their turn."""
STEP, TEXT, ADDRESSED, ANSWER = "step", "text", "addressed", "answer"
# Somebody who moves their hour is not told twice on that day.
PAUSE = timedelta(hours=20)
_LAST = "market.digest:"


def tell(
    uow: UnitOfWork,
    rules: MarketRules,
    zone: tzinfo,
    people: Iterable[str],
    room_id: str,
    kind: str,
    text: str,
) -> None:
    """Put it into the next digest of these people; a great many are planned for by and by."""
    everybody = list(people)
    uow.listing_news.add(everybody, room_id, kind, text)
    for user_id in everybody[:AT_ONCE]:
        plan(uow, rules, zone, user_id, room_id)
    if len(everybody) > AT_ONCE:
        plan_more(uow, room_id, "")


def plan_more(uow: UnitOfWork, room_id: str, after: str) -> None:
    """Go on with those whose ids come after this one, in a transaction of their own."""
    key = f"{PLAN}:{room_id}:{uow.now.isoformat()}:{after}"
    payload = {"room_id": room_id, "after": after}
    uow.schedule.put(uow.now, PLAN, key=key, payload=payload)


def plan_some(uow: UnitOfWork, rules: MarketRules, zone: tzinfo, room_id: str, after: str) -> None:
    """The next ones of those whom something waits for about a listing."""
    people = uow.listing_news.waiting(room_id, after, AT_ONCE)
    for user_id in people:
        plan(uow, rules, zone, user_id, room_id)
    if len(people) == AT_ONCE:
        plan_more(uow, room_id, people[-1])


def plan(uow: UnitOfWork, rules: MarketRules, zone: tzinfo, user_id: str, room_id: str) -> None:
    """Their next digest. `room_id`: a room of the bot's to do it from, without a direct chat."""
    person = uow.people.get(user_id)
    at = time.fromisoformat(person.digest_at) if person.digest_at else rules.digest_at
    instant = _next(uow.now, at, ZoneInfo(person.timezone) if person.timezone else zone)
    last = uow.meta.get(_LAST + user_id)
    if last is not None and instant - datetime.fromisoformat(last) < PAUSE:
        instant += timedelta(days=1)
    uow.schedule.put(
        instant,
        DIGEST,
        key=f"{DIGEST}:{user_id}:{instant.isoformat()}",
        subject=f"market:{user_id}",
        payload={"user_id": user_id, "room_id": uow.rooms.direct_with(user_id) or room_id},
    )


def may_tell_now(uow: UnitOfWork, user_id: str) -> bool:
    """Whether today's digest is still to come."""
    last = uow.meta.get(_LAST + user_id)
    return last is None or uow.now - datetime.fromisoformat(last) >= PAUSE


def note_told(uow: UnitOfWork, user_id: str) -> None:
    uow.meta.set(_LAST + user_id, uow.now.isoformat())


def _next(now: datetime, at: time, zone: tzinfo) -> datetime:
    today = now.astimezone(zone).date()
    minutes = at.hour * 60 + at.minute
    instant = at_time(today, minutes, zone)
    later = instant if instant > now else at_time(today + timedelta(days=1), minutes, zone)
    return later.astimezone(UTC)
