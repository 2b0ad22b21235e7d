"""Motions as rows: the motion as it is, sealed, and beside it each version of its words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from wecreate_module.domain.amendments import Amendment, AmendmentKind, AmendmentState
from wecreate_module.domain.mail import Mailing
from wecreate_module.domain.motions import Cosignature, Motion, MotionState, Version
from wecreate_module.domain.outcomes import News, NewsKind, Origin
from wecreate_module.domain.votes import Majority, Outcome, VoteResult
from wecreate_module.storage.entries import Numbered
from wecreate_module.storage.rows import insert_returning
from wecreate_module.storage.tables import counters, motion_versions, motions

Json = dict[str, Any]

_ONE = (motions.c.box_id == bindparam("box"), motions.c.number == bindparam("num"))
_COLUMNS = select(motions.c.number, motions.c.version, motions.c.revision, motions.c.sealed)
_GET = _COLUMNS.where(*_ONE)
_LIST = _COLUMNS.where(
    motions.c.box_id == bindparam("box"),
    motions.c.state.in_(bindparam("states", expanding=True)),
).order_by(motions.c.number)
_ADD = insert(motions)
_UPDATE = update(motions).where(*_ONE)
_ADD_VERSION = insert(motion_versions)
_VERSION = select(motion_versions.c.sealed).where(
    motion_versions.c.box_id == bindparam("box"),
    motion_versions.c.number == bindparam("num"),
    motion_versions.c.version == bindparam("which"),
)


class MotionRepository(Numbered):
    """Every write counts the Box's revision up and leaves a journal entry."""

    kind = "motion"

    def add(self, box_id: str, motion: Motion) -> Motion:
        """Keep a new motion; the same with its revision."""
        motion = replace(motion, revision=self._boxes.bump(box_id))
        key = {"box_id": box_id, "number": motion.number, "created_at": motion.created_at}
        self._connection.execute(_ADD, {**key, **self._values(box_id, motion)})
        self._add_version(box_id, motion)
        data = {"title": motion.title, "body": motion.body}
        self._journal.add(box_id, "motion.added", str(motion.number), motion.created_by, data)
        return motion

    def get(self, box_id: str, number: int) -> Motion | None:
        row = self._connection.execute(_GET, {"box": box_id, "num": number}).first()
        return self._motion(box_id, *row) if row else None

    def list(
        self, box_id: str, states: Collection[MotionState] = tuple(MotionState)
    ) -> list[Motion]:
        """Motions in these states by number, with their newest versions."""
        given = {"box": box_id, "states": [state.value for state in states]}
        return [self._motion(box_id, *row) for row in self._connection.execute(_LIST, given).all()]

    def version(self, box_id: str, number: int, version: int) -> Version | None:
        """The words as they were."""
        given = {"box": box_id, "num": number, "which": version}
        sealed = self._connection.execute(_VERSION, given).scalar()
        if sealed is None:
            return None
        place = _version_place(box_id, number, version)
        return _read_version(version, self._keys.unseal_json(box_id, place, sealed))

    def reserve(self, box_id: str, number: int) -> bool:
        """Make a number that somebody chose the Box's last one; False if it is not free."""
        last = insert_returning(
            self._connection,
            counters,
            {"box_id": box_id, "kind": self.kind, "last": number},
            counters.c.last,
        )
        if last is not None:
            return True
        free = update(counters).where(
            counters.c.box_id == box_id, counters.c.kind == self.kind, counters.c.last < number
        )
        return self._connection.execute(free.values(last=number)).rowcount > 0

    def update(self, box_id: str, motion: Motion, actor: str, what: str) -> Motion:
        """Write a motion over what is there; the same with its revision.

        A version that is not there yet is kept; `what` names the change in the journal
        ("changed", "cosigned"). KeyError for an unknown motion.
        """
        before = self.get(box_id, motion.number)
        if before is None:
            raise KeyError(motion.number)
        motion = replace(motion, revision=self._boxes.bump(box_id))
        given = {"box": box_id, "num": motion.number, **self._values(box_id, motion)}
        self._connection.execute(_UPDATE, given)
        if motion.version.number != before.version.number:
            self._add_version(box_id, motion)
        data = {"version": motion.version.number, "state": motion.state.value}
        self._journal.add(box_id, f"motion.{what}", str(motion.number), actor, data)
        return motion

    def _add_version(self, box_id: str, motion: Motion) -> None:
        version = motion.version
        place = _version_place(box_id, motion.number, version.number)
        row = {
            "box_id": box_id,
            "number": motion.number,
            "version": version.number,
            "sealed": self._keys.seal_json(box_id, place, version_json(version)),
        }
        self._connection.execute(_ADD_VERSION, row)

    def _values(self, box_id: str, motion: Motion) -> Json:
        return {
            "state": motion.state.value,
            "version": motion.version.number,
            "revision": motion.revision,
            "updated_at": self._now,
            "sealed": self._keys.seal_json(box_id, _place(box_id, motion.number), to_json(motion)),
        }

    def _motion(
        self, box_id: str, number: int, version: int, revision: int, sealed: bytes
    ) -> Motion:
        words = self.version(box_id, number, version)
        if words is None:
            raise KeyError((number, version))
        stored = self._keys.unseal_json(box_id, _place(box_id, number), sealed)
        return from_json(number, words, revision, stored)


def _place(box_id: str, number: int) -> str:
    return f"motions:{box_id}:{number}"


def _version_place(box_id: str, number: int, version: int) -> str:
    return f"motion_versions:{box_id}:{number}:{version}"


def to_json(motion: Motion) -> Json:
    """Everything but number, words and revision, which have columns of their own."""
    return {
        "body": motion.body,
        "created_by": motion.created_by,
        "created_at": motion.created_at.isoformat(),
        "state": motion.state.value,
        "substance": motion.substance,
        "cosigners": [
            [one.who, one.version, one.at.isoformat(), one.chapter, one.event_id]
            for one in motion.cosigners
        ],
        "amendments": [_amendment_json(one) for one in motion.amendments],
        "submitted_at": motion.submitted_at and motion.submitted_at.isoformat(),
        "decided_at": motion.decided_at and motion.decided_at.isoformat(),
        "body_number": motion.body_number,
        "remark": motion.remark,
        "votes": [_result_json(one) for one in motion.votes],
        "mailing": _mailing_json(motion.mailing),
        "news": [
            {**vars(one), "kind": one.kind.value, "at": one.at.isoformat()} for one in motion.news
        ],
        "decided_text": motion.decided_text,
        "origin": motion.origin and vars(motion.origin),
        "first_idea": motion.first_idea and motion.first_idea.isoformat(),
        "sitting": motion.sitting and motion.sitting.isoformat(),
        "closes": motion.closes and motion.closes.isoformat(),
    }


def from_json(number: int, version: Version, revision: int, stored: Json) -> Motion:
    return Motion(
        number=number,
        version=version,
        revision=revision,
        **{
            **stored,
            "created_at": datetime.fromisoformat(stored["created_at"]),
            "state": MotionState(stored["state"]),
            "cosigners": tuple(
                Cosignature(who, signed, datetime.fromisoformat(at), *more)
                for who, signed, at, *more in stored["cosigners"]
            ),
            "amendments": tuple(_read_amendment(one) for one in stored["amendments"]),
            "submitted_at": _instant(stored["submitted_at"]),
            "decided_at": _instant(stored["decided_at"]),
            "votes": tuple(_read_result(one) for one in stored.get("votes", ())),
            "mailing": _read_mailing(stored.get("mailing")),
            "news": tuple(_read_news(one) for one in stored.get("news", ())),
            "origin": Origin(**stored["origin"]) if stored.get("origin") else None,
            "first_idea": _instant(stored.get("first_idea")),
            "sitting": _day(stored.get("sitting")),
            "closes": _day(stored.get("closes")),
        },
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _read_news(stored: Json) -> News:
    at, kind = datetime.fromisoformat(stored["at"]), NewsKind(stored["kind"])
    return News(**{**stored, "at": at, "kind": kind})


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _amendment_json(amendment: Amendment) -> Json:
    return {
        **vars(amendment),
        "at": amendment.at.isoformat(),
        "cosigners": list(amendment.cosigners),
    }


def _read_amendment(stored: Json) -> Amendment:
    return Amendment(
        **{
            **stored,
            "kind": AmendmentKind(stored["kind"]),
            "state": AmendmentState(stored["state"]),
            "at": datetime.fromisoformat(stored["at"]),
            "cosigners": tuple(stored["cosigners"]),
        }
    )


def _result_json(result: VoteResult) -> Json:
    return {**vars(result), "ended_at": result.ended_at.isoformat()}


def _read_result(stored: Json) -> VoteResult:
    return VoteResult(
        **{
            **stored,
            "majority": Majority(stored["majority"]),
            "outcome": Outcome(stored["outcome"]),
            "ended_at": datetime.fromisoformat(stored["ended_at"]),
        }
    )


def _mailing_json(mailing: Mailing | None) -> Json | None:
    return None if mailing is None else {**vars(mailing), "at": mailing.at.isoformat()}


def _read_mailing(stored: Json | None) -> Mailing | None:
    if stored is None:
        return None
    return Mailing(**{**stored, "at": datetime.fromisoformat(stored["at"])})


def version_json(version: Version) -> Json:
    """Everything but its number."""
    return {
        "title": version.title,
        "sections": dict(version.sections),
        "author": version.author,
        "at": version.at.isoformat(),
        "note": version.note,
        "rules": version.rules,
        "width": version.width,
    }


def _read_version(number: int, stored: Json) -> Version:
    return Version(number=number, **{**stored, "at": datetime.fromisoformat(stored["at"])})
