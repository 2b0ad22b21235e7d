"""Passwords of calendar programs, one per device. Only what checks them is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.tables import app_passwords


@dataclass(frozen=True)
class AppPassword:
    """`hash` is scrypt of the password with `salt`; `selector` finds the row, no secret."""

    id: int
    user_id: str
    selector: str
    salt: bytes
    hash: bytes
    device: str
    created_at: datetime
    used_at: datetime | None = None


_BY_SELECTOR = select(app_passwords).where(
    app_passwords.c.user_id == bindparam("user"), app_passwords.c.selector == bindparam("which")
)
_STILL_THERE = select(app_passwords.c.used_at).where(
    app_passwords.c.id == bindparam("which"), app_passwords.c.user_id == bindparam("user")
)


class AppPasswordRepository:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def add(self, user_id: str, selector: str, salt: bytes, digest: bytes, device: str) -> None:
        place = _place(user_id, selector)
        self._connection.execute(
            insert(app_passwords).values(
                user_id=user_id,
                selector=selector,
                salt=salt,
                hash=digest,
                device=self._keys.seal_json(SERVER, place, device),
                created_at=self._now,
            )
        )

    def find(self, user_id: str, selector: str) -> AppPassword | None:
        given = {"user": user_id, "which": selector}
        row = self._connection.execute(_BY_SELECTOR, given).first()
        return self._password(row) if row else None

    def exists(self, password_id: int, user_id: str) -> bool:
        given = {"which": password_id, "user": user_id}
        return self._connection.execute(_STILL_THERE, given).first() is not None

    def of(self, user_id: str) -> list[AppPassword]:
        """A person's devices, the oldest first."""
        query = select(app_passwords).where(app_passwords.c.user_id == user_id)
        rows = self._connection.execute(query.order_by(app_passwords.c.id))
        return [self._password(row) for row in rows]

    def used(self, password_id: int) -> None:
        """Note the day; which hour is nobody's business."""
        day = self._now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._connection.execute(
            update(app_passwords).where(app_passwords.c.id == password_id).values(used_at=day)
        )

    def delete(self, password_id: int) -> None:
        self._connection.execute(delete(app_passwords).where(app_passwords.c.id == password_id))

    def _password(self, row: Row[tuple[object, ...]]) -> AppPassword:
        device: str = self._keys.unseal_json(SERVER, _place(row.user_id, row.selector), row.device)
        return AppPassword(
            id=row.id,
            user_id=row.user_id,
            selector=row.selector,
            salt=row.salt,
            hash=row.hash,
            device=device,
            created_at=row.created_at,
            used_at=row.used_at,
        )


def _place(user_id: str, selector: str) -> str:
    return f"app_passwords:{user_id}:{selector}"
