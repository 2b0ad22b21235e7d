"""What a calendar entry is, and what can be done with one: pure functions from one to the next.

Each raises UserError where it can't be done. A series is one event with a rule; its occurrences
that differ are `variants`, those that fall out are `excluded` (RFC 5545: RECURRENCE-ID, EXDATE).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import clean_line, clean_note, clean_title

MAX_PLACE = 250
MAX_ANSWERS = 1000
MAX_PROPOSALS = 10
MAX_REMINDERS = 5
MAX_LENGTH = timedelta(days=366)
DEFAULT_LENGTH = timedelta(hours=1)
_DAY_MINUTES = 24 * 60
# A day and an hour before; for whole days the evening before. Minutes before the start.
_TIMED_REMINDERS = (_DAY_MINUTES, 60)
_ALL_DAY_REMINDERS = (6 * 60,)

When = date | datetime


class EventStatus(StrEnum):
    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True)
class Attendee:
    """A member who said whether they come."""

    user: str
    answer: Answer


@dataclass(frozen=True)
class Proposal:
    """A date that an event might have, and who can come then."""

    start: When
    end: When
    voters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Variant:
    """One occurrence unlike the others. `at`: when the series has it; None: as the series."""

    at: When
    start: When | None = None
    end: When | None = None
    title: str | None = None
    place: str | None = None
    description: str | None = None
    cancelled: bool = False
    answers: tuple[Attendee, ...] = ()


@dataclass(frozen=True)
class Event:
    """A VEVENT of the Box with all its occurrences.

    `start` and `end` are dates (whole days, the end not among them) or aware instants, whose
    zone is the series' clock. `floating`: it is at that time wherever one is. `reminders` are
    minutes before the start; None means the usual ones. `proposals`: its date is being found.
    """

    number: int
    uid: str
    title: str
    created_by: str
    created_at: datetime
    start: When
    end: When
    place: str = ""
    description: str = ""
    status: EventStatus = EventStatus.CONFIRMED
    rrule: str | None = None
    added: tuple[When, ...] = ()
    excluded: tuple[When, ...] = ()
    variants: tuple[Variant, ...] = ()
    answers: tuple[Attendee, ...] = ()
    reminders: tuple[int, ...] | None = None
    proposals: tuple[Proposal, ...] = ()
    floating: bool = False
    revision: int = 0

    @property
    def all_day(self) -> bool:
        return not isinstance(self.start, datetime)

    @property
    def repeats(self) -> bool:
        return self.rrule is not None or bool(self.added)

    @property
    def length(self) -> timedelta:
        """By the clock on the wall: a night is as long when the clocks change."""
        return wall(self.end, zone_of(self.start)) - wall(self.start)


# Times


def zone_of(when: When) -> tzinfo | None:
    return when.tzinfo if isinstance(when, datetime) else None


def wall(when: When, zone: tzinfo | None = None) -> datetime:
    """As the clock on the wall shows it (in `zone`), naive; a day is its first moment."""
    if not isinstance(when, datetime):
        return datetime.combine(when, time())
    local = when if zone is None else when.astimezone(zone)
    return local.replace(tzinfo=None, fold=0)


def from_wall(local: datetime, like: When) -> When:
    """The other way: a day if `like` is one, else an instant in its zone.

    A time that the clocks skip is moved on, one that comes twice is the first (RFC 5545, 3.3.5).
    """
    if not isinstance(like, datetime):
        return local.date()
    zone = like.tzinfo or UTC
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def instant(when: When, zone: tzinfo) -> datetime:
    """In UTC; a day begins at midnight in `zone`."""
    if isinstance(when, datetime):
        return when.astimezone(UTC)
    return datetime.combine(when, time(), zone).astimezone(UTC)


def same(one: When, other: When) -> bool:
    """Whether both name the same occurrence; a day names any time on it."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.astimezone(UTC) == other.astimezone(UTC)
    return wall(one).date() == wall(other).date()


# What people type, made fit to keep


def new_event(event: Event) -> Event:
    """Checked and cleaned; raises UserError."""
    require_span(event.start, event.end)
    return replace(
        event,
        title=clean_title(event.title),
        place=clean_place(event.place),
        description=clean_note(event.description),
    )


def clean_place(text: str) -> str:
    """Empty takes it away."""
    return clean_line(text, MAX_PLACE, "place") if text.strip() else ""


def require_span(start: When, end: When) -> None:
    length = wall(end, zone_of(start)) - wall(start)
    whole_days = not isinstance(start, datetime)
    if length < timedelta() or (whole_days and not length):
        raise UserError("end-before-start", "It would end before it begins. Write the start first.")
    if length > MAX_LENGTH:
        raise UserError("event-too-long", "That is longer than a year. Make several events of it.")


def with_fields(event: Event, **fields: Any) -> Event:  # noqa: ANN401 - the fields' own types
    """What holds for the whole series; what one occurrence has of its own goes with it."""
    cleared: dict[str, Any] = dict.fromkeys(fields)
    # One that differs in nothing any more stays: another program may have put an alarm there.
    variants = tuple(replace(each, **cleared) for each in event.variants)
    return replace(event, **fields, variants=variants)


def lasting(event: Event, length: timedelta) -> Event:
    if event.all_day and length % timedelta(days=1):
        raise UserError("whole-days", "It lasts whole days. Write for example 3 days.")
    end = from_wall(wall(event.start) + length, event.start)
    require_span(event.start, end)
    return replace(event, end=end)


def usual_reminders(event: Event) -> tuple[int, ...]:
    """Minutes before the start."""
    if event.reminders is not None:
        return event.reminders
    return _ALL_DAY_REMINDERS if event.all_day else _TIMED_REMINDERS


# Who comes


def answered(answers: tuple[Attendee, ...], user: str, answer: Answer) -> tuple[Attendee, ...]:
    """The last word counts; whoever answered first stands first."""
    known = {one.user: one for one in answers}
    known[user] = Attendee(user, answer)
    if len(known) > MAX_ANSWERS:
        raise UserError(
            "too-many-answers", "At most {most} people fit on one event.", most=MAX_ANSWERS
        )
    return tuple(known.values())


def respond(event: Event, user: str, answer: Answer, at: When | None = None) -> Event:
    """For the whole series, or for the one occurrence `at`."""
    require_held(event)
    if at is None:
        variants = tuple(
            replace(each, answers=tuple(one for one in each.answers if one.user != user))
            for each in event.variants
        )
        return replace(event, answers=answered(event.answers, user, answer), variants=variants)
    variant = variant_at(event, at)
    return with_variant(event, replace(variant, answers=answered(variant.answers, user, answer)))


def require_held(event: Event) -> None:
    if event.status is EventStatus.CANCELLED:
        raise UserError(
            "event-cancelled",
            "#{number} is called off. Bring it back with !event {number} reopen",
            number=event.number,
        )


# Occurrences that differ


def variant_at(event: Event, at: When) -> Variant:
    return next((each for each in event.variants if same(each.at, at)), Variant(at))


def with_variant(event: Event, variant: Variant) -> Event:
    others = tuple(each for each in event.variants if not same(each.at, variant.at))
    return replace(event, variants=in_order((*others, variant)))


def in_order(variants: Iterable[Variant]) -> tuple[Variant, ...]:
    return tuple(sorted(variants, key=lambda each: wall(each.at)))


def move_one(event: Event, at: When, start: When, end: When) -> Event:
    require_held(event)
    require_span(start, end)
    return with_variant(event, replace(variant_at(event, at), start=start, end=end))


def drop_one(event: Event, at: When) -> Event:
    """It falls out of the series."""
    variants = tuple(each for each in event.variants if not same(each.at, at))
    if any(same(each, at) for each in event.excluded):
        return replace(event, variants=variants)
    excluded = tuple(sorted((*event.excluded, at), key=wall))
    return replace(event, excluded=excluded, variants=variants)


def call_off(event: Event) -> Event:
    return replace(event, status=EventStatus.CANCELLED)


def hold_again(event: Event) -> Event:
    found = EventStatus.TENTATIVE if event.proposals else EventStatus.CONFIRMED
    return replace(event, status=found)


# Finding a date


def vote(event: Event, user: str, place: int) -> Event:
    """Say that one can come then, or (the second time) that one can't after all."""
    chosen = proposal_at(event, place)
    voters = tuple(who for who in chosen.voters if who != user)
    if len(voters) == len(chosen.voters):
        voters = (*voters, user)
    proposals = list(event.proposals)
    proposals[place - 1] = replace(chosen, voters=voters)
    return replace(event, proposals=tuple(proposals))


def fix(event: Event, place: int) -> Event:
    """The event is then; whoever voted for it comes."""
    chosen = proposal_at(event, place)
    answers = event.answers
    for who in chosen.voters:
        answers = answered(answers, who, Answer.YES)
    return replace(
        event,
        start=chosen.start,
        end=chosen.end,
        answers=answers,
        proposals=(),
        status=EventStatus.CONFIRMED,
    )


def proposal_at(event: Event, place: int) -> Proposal:
    """`place` counts from 1."""
    require_held(event)
    if not event.proposals:
        raise UserError(
            "date-is-fixed", "The date of #{number} stands already.", number=event.number
        )
    if not 1 <= place <= len(event.proposals):
        raise UserError(
            "no-such-proposal",
            "#{number} has only {count} proposals. Take a number from 1 to {count}.",
            number=event.number,
            count=len(event.proposals),
        )
    return event.proposals[place - 1]
