"""What the operator can see of a running bot: whether it is well, and its figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from bots.kit.crypto.machine import CryptoMachine
from bots.kit.pump.pump import Pump
from bridges.web.health import Health
from bridges.web.metrics import Level, Metrics
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

SYNC_LATE = 120.0
"""Seconds without a sync after which something is wrong."""


def watch(
    store: Store, pump: Pump, crypto: CryptoMachine, health: Health, metrics: Metrics
) -> None:
    """From now on these are asked whenever somebody wants to know."""
    health.watch("sync", lambda: _sync_trouble(pump))
    health.watch("database", lambda: _database_trouble(store))
    metrics.level(Level.SYNC_AGE, lambda: monotonic() - (pump.synced_at or monotonic()))
    metrics.level(Level.ONE_TIME_KEYS, lambda: crypto.status().one_time_keys or 0)
    _count_rows(store, metrics)


def _sync_trouble(pump: Pump) -> str | None:
    if pump.trouble is not None:
        return pump.trouble
    if pump.synced_at is None:
        return "no sync yet"
    age = monotonic() - pump.synced_at
    return f"no sync for {age:.0f} s" if age > SYNC_LATE else None


def _database_trouble(store: Store) -> str | None:
    with store.read(datetime.now(UTC)) as uow:
        uow.meta.get("next_batch")
    return None


def _count_rows(store: Store, metrics: Metrics) -> None:
    """What lies in the database, counted when it is asked for."""

    def asked(count: Callable[[UnitOfWork], float]) -> Callable[[], float]:
        def ask() -> float:
            with store.read(datetime.now(UTC)) as uow:
                return count(uow)

        return ask

    def lateness(uow: UnitOfWork) -> float:
        due = uow.schedule.next_due()
        return max(0.0, (uow.now - due).total_seconds()) if due else 0.0

    metrics.level(Level.INBOX_WAITING, asked(lambda uow: uow.inbox.counts().get("new", 0)))
    metrics.level(
        Level.INBOX_UNDECRYPTABLE, asked(lambda uow: uow.inbox.counts().get("waiting", 0))
    )
    metrics.level(Level.OUTBOX_PENDING, asked(lambda uow: uow.outbox.counts().get("new", 0)))
    metrics.level(Level.SCHEDULED_LATENESS, asked(lateness))
