"""Reports of listings and appeals against decisions; together they are moderation's log."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.listing_tables import listing_cases


class CaseKind(StrEnum):
    REPORT = "report"
    APPEAL = "appeal"


class Decision(StrEnum):
    """What moderation may do; the last two answer an appeal, FORWARD is for partners' listings."""

    HIDE = "hide"
    WARN = "warn"
    REMOVE = "remove"
    DISMISS = "dismiss"
    FORWARD = "forward"
    RESTORE = "restore"
    UPHOLD = "uphold"


@dataclass(frozen=True)
class Complaint:
    """What somebody says about a listing."""

    user_id: str
    text: str
    at: str


@dataclass(frozen=True)
class Case:
    """`decision` None: it is open. `of` is the case that an appeal is against."""

    number: int
    room_id: str
    kind: CaseKind
    opened_by: str
    opened_at: datetime
    complaints: tuple[Complaint, ...]
    decision: Decision | None = None
    reason: str = ""
    moderator: str = ""
    decided_at: str = ""
    of: int = 0


_OPEN = "open"


class ListingCases:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def open(
        self, room_id: str, kind: CaseKind, user_id: str, text: str, of: int = 0
    ) -> tuple[Case, bool]:
        """A new case, or one more complaint in the listing's open one; True if it is new."""
        complaint = Complaint(user_id, text, self._now.isoformat())
        if kind is CaseKind.REPORT and (known := self._open_report(room_id)) is not None:
            case = replace(known, complaints=(*known.complaints, complaint))
            self._update(case)
            return case, False
        case = Case(0, room_id, kind, user_id, self._now, (complaint,), of=of)
        values = {
            "room_id": room_id,
            "kind": kind.value,
            "status": _OPEN,
            "opened_by": user_id,
            "opened_at": self._now,
            "sealed": self._seal(case),
        }
        number = self._connection.execute(
            insert(listing_cases).returning(listing_cases.c.number), values
        ).scalar_one()
        return replace(case, number=number), True

    def get(self, number: int) -> Case | None:
        query = select(listing_cases).where(listing_cases.c.number == number)
        row = self._connection.execute(query).first()
        return None if row is None else self._case(row)

    def decide(self, case: Case, decision: Decision, moderator: str, reason: str) -> Case:
        decided = replace(
            case,
            decision=decision,
            moderator=moderator,
            reason=reason,
            decided_at=self._now.isoformat(),
        )
        self._update(decided)
        return decided

    def appeal_of(self, number: int) -> Case | None:
        """The appeal against a decision; there is one at most."""
        case = self.get(number)
        query = select(listing_cases).where(
            listing_cases.c.room_id == (case.room_id if case else ""),
            listing_cases.c.kind == CaseKind.APPEAL.value,
        )
        appeals = [self._case(row) for row in self._connection.execute(query)]
        return next((each for each in appeals if each.of == number), None)

    def last(self, most: int) -> list[Case]:
        """The newest first."""
        query = select(listing_cases).order_by(listing_cases.c.number.desc()).limit(most)
        return [self._case(row) for row in self._connection.execute(query)]

    def still_open(self) -> list[Case]:
        query = select(listing_cases).where(listing_cases.c.status == _OPEN)
        rows = self._connection.execute(query.order_by(listing_cases.c.number))
        return [self._case(row) for row in rows]

    def complained_since(self, user_id: str, since: datetime) -> int:
        """Complaints of a person; those joined to another's case count as well."""
        query = select(listing_cases).where(listing_cases.c.opened_at >= since)
        rows = [self._case(row) for row in self._connection.execute(query)]
        every = [each for case in rows for each in case.complaints]
        return sum(each.user_id == user_id and each.at >= since.isoformat() for each in every)

    def forget(self, user_id: str) -> None:
        """What somebody reported stays, for the moderators' log; who they were does not."""
        for row in self._connection.execute(select(listing_cases)).all():
            case = self._case(row)
            if user_id not in {case.opened_by, *(each.user_id for each in case.complaints)}:
                continue
            complaints = tuple(
                replace(each, user_id="") if each.user_id == user_id else each
                for each in case.complaints
            )
            opened_by = "" if case.opened_by == user_id else case.opened_by
            self._update(replace(case, complaints=complaints, opened_by=opened_by))

    def _open_report(self, room_id: str) -> Case | None:
        query = select(listing_cases).where(
            listing_cases.c.room_id == room_id,
            listing_cases.c.kind == CaseKind.REPORT.value,
            listing_cases.c.status == _OPEN,
        )
        row = self._connection.execute(query.limit(1)).first()
        return None if row is None else self._case(row)

    def _update(self, case: Case) -> None:
        status = _OPEN if case.decision is None else case.decision.value
        self._connection.execute(
            update(listing_cases)
            .where(listing_cases.c.number == case.number)
            .values(status=status, opened_by=case.opened_by, sealed=self._seal(case))
        )

    def _seal(self, case: Case) -> bytes:
        kept = {
            "complaints": [asdict(each) for each in case.complaints],
            "reason": case.reason,
            "moderator": case.moderator,
            "decided_at": case.decided_at,
            "of": case.of,
        }
        return self._keys.seal_json(SERVER, f"listing_cases:{case.room_id}", kept)

    def _case(self, row: Row[Any]) -> Case:
        kept = self._keys.unseal_json(SERVER, f"listing_cases:{row.room_id}", row.sealed)
        return Case(
            number=row.number,
            room_id=row.room_id,
            kind=CaseKind(row.kind),
            opened_by=row.opened_by,
            opened_at=row.opened_at,
            complaints=tuple(Complaint(**each) for each in kept["complaints"]),
            decision=None if row.status == _OPEN else Decision(row.status),
            reason=kept["reason"],
            moderator=kept["moderator"],
            decided_at=kept["decided_at"],
            of=kept["of"],
        )
