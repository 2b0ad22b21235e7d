"""What people set for themselves, wherever they write."""

from __future__ import annotations

from dataclasses import replace

from wecreate_module.storage.people import Person
from wecreate_module.storage.uow import UnitOfWork


def set_language(uow: UnitOfWork, user_id: str, language: str) -> Person:
    """`language` is "de" or "en": what the bot speaks with this person in the direct chat."""
    return _save(uow, replace(uow.people.get(user_id), language=language))


def set_timezone(uow: UnitOfWork, user_id: str, timezone: str) -> Person:
    """`timezone` is an IANA name."""
    return _save(uow, replace(uow.people.get(user_id), timezone=timezone))


def set_digest(uow: UnitOfWork, user_id: str, at: str | None) -> Person:
    """When the daily overview comes: local time as "07:30"; None for not at all."""
    return _save(uow, replace(uow.people.get(user_id), digest_at=at))


def _save(uow: UnitOfWork, person: Person) -> Person:
    uow.people.save(person)
    return person
