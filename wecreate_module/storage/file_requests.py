"""Requests for files, and what is on its way by them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from wecreate_module.domain.file_requests import FileRequest, Upload, UploadState
from wecreate_module.storage.entries import take_number
from wecreate_module.storage.file_tables import file_requests, file_uploads
from wecreate_module.storage.keys import KeyStore

_KIND = "file_request"
_SEALED = ("title", "folder", "private_key")
_ID = file_requests.c.id == bindparam("request")
_OPEN = (
    file_requests.c.closed_at.is_(None),
    or_(file_requests.c.expires_at.is_(None), file_requests.c.expires_at > bindparam("now")),
)
_UPLOAD = file_uploads.c.id == bindparam("upload")
_COUNTED = file_uploads.c.state != UploadState.REFUSED.value


class FileRequestRepository:
    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._now = now

    def next_number(self, box_id: str) -> int:
        """Take the Box's next number; never given twice."""
        return take_number(self._connection, box_id, _KIND)

    def add(self, box_id: str, request: FileRequest) -> None:
        values = {**vars(request), "box_id": box_id}
        secret = {name: values.pop(name) for name in _SEALED}
        values["sealed"] = self._keys.seal_json(box_id, _place(request.id), secret)
        self._connection.execute(insert(file_requests), values)

    def get(self, request_id: str) -> tuple[str, FileRequest] | None:
        """The Box's id and the request."""
        row = self._connection.execute(
            select(file_requests).where(_ID), {"request": request_id}
        ).first()
        return (row.box_id, self._request(row)) if row else None

    def of_box(self, box_id: str) -> list[FileRequest]:
        """Those that are open, the newest first."""
        query = select(file_requests).where(file_requests.c.box_id == box_id, *_OPEN)
        rows = self._connection.execute(
            query.order_by(file_requests.c.number.desc()), {"now": self._now}
        )
        return [self._request(row) for row in rows.all()]

    def close(self, request_id: str) -> None:
        self._connection.execute(
            update(file_requests).where(_ID).values(closed_at=self._now), {"request": request_id}
        )

    def put_upload(self, upload: Upload) -> None:
        self._connection.execute(
            insert(file_uploads), {**vars(upload), "state": upload.state.value}
        )

    def upload(self, upload_id: str) -> Upload | None:
        row = self._connection.execute(
            select(file_uploads).where(_UPLOAD), {"upload": upload_id}
        ).first()
        return _upload(row) if row else None

    def count(self, request_id: str) -> int:
        """How many files it brought, those on their way too."""
        query = select(func.count()).where(file_uploads.c.request_id == request_id, _COUNTED)
        return int(self._connection.execute(query).scalar_one())

    def sizes(self, states: Collection[UploadState]) -> int:
        """Bytes of all uploads in these states together."""
        total = func.coalesce(func.sum(file_uploads.c.size), 0)
        query = select(total).where(file_uploads.c.state.in_([state.value for state in states]))
        return int(self._connection.execute(query).scalar_one())

    def ids(self, states: Collection[UploadState]) -> set[str]:
        query = select(file_uploads.c.id).where(
            file_uploads.c.state.in_([state.value for state in states])
        )
        return set(self._connection.execute(query).scalars())

    def touch(self, upload_id: str) -> None:
        """Bytes came."""
        self._set(upload_id, UploadState.OPEN, touched_at=self._now)

    def whole(self, upload_id: str, letter: bytes) -> bool:
        """All bytes came; False if that was noted before."""
        return self._set(
            upload_id,
            UploadState.OPEN,
            state=UploadState.WHOLE.value,
            letter=letter,
            touched_at=self._now,
        )

    def end(self, upload_id: str, state: UploadState) -> bool:
        """It was entered or refused; False if it had ended before."""
        return self._set(upload_id, UploadState.WHOLE, state=state.value, letter=None)

    def drop(self, upload_id: str) -> bool:
        """Forget one whose bytes are still coming; False if there is none."""
        found = self._connection.execute(
            delete(file_uploads).where(_UPLOAD, file_uploads.c.state == UploadState.OPEN.value),
            {"upload": upload_id},
        )
        return found.rowcount > 0

    def drop_abandoned(self, before: datetime) -> None:
        """Forget those whose bytes stopped coming before an instant."""
        self._connection.execute(
            delete(file_uploads).where(
                file_uploads.c.state == UploadState.OPEN.value, file_uploads.c.touched_at < before
            )
        )

    def _set(self, upload_id: str, before: UploadState, **values: object) -> bool:
        changed = self._connection.execute(
            update(file_uploads)
            .where(_UPLOAD, file_uploads.c.state == before.value)
            .values(**values),
            {"upload": upload_id},
        )
        return changed.rowcount > 0

    def _request(self, row: Row[Any]) -> FileRequest:
        secret = self._keys.unseal_json(row.box_id, _place(row.id), row.sealed)
        values = {
            field.name: getattr(row, field.name)
            for field in fields(FileRequest)
            if field.name not in _SEALED
        }
        return FileRequest(**values, **{name: secret[name] for name in _SEALED})


def _upload(row: Row[Any]) -> Upload:
    values = {field.name: getattr(row, field.name) for field in fields(Upload)}
    return Upload(**{**values, "state": UploadState(values["state"])})


def _place(request_id: str) -> str:
    return f"file_requests:{request_id}"
