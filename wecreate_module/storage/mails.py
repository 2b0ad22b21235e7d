"""What is known of each e-mail that goes out, by its Message-ID: so that none goes out twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from wecreate_module.storage.motion_tables import sent_mails
from wecreate_module.storage.rows import upsert


class MailState(StrEnum):
    WAITING = "waiting"
    HANDING_OVER = "handing-over"
    """The mail server is being given the words: from here on it may have them."""
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True)
class Mail:
    message_id: str
    box_id: str
    state: MailState = MailState.WAITING
    attempts: int = 0
    answer: str = ""


class MailRepository:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def get(self, message_id: str) -> Mail | None:
        table = sent_mails.c
        query = select(
            table.message_id, table.box_id, table.state, table.attempts, table.answer
        ).where(table.message_id == message_id)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        state = MailState(row.state)
        return Mail(row.message_id, row.box_id, state, row.attempts, row.answer or "")

    def put(self, mail: Mail) -> None:
        row = {**vars(mail), "state": mail.state.value, "at": self._now}
        upsert(self._connection, sent_mails, row)
