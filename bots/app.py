"""The composition root: every feature's tables, and one running bot made of all the parts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from bots.boxes import commands as boxes
from bots.caldav import commands as caldav
from bots.calendar import commands as calendar
from bots.files import commands as files
from bots.files.surface import FileSurface
from bots.kit import basics
from bots.kit.app import App
from bots.kit.client import Unreachable
from bots.kit.context import ServerFacts
from bots.kit.crypto.identity import IdentitySettings
from bots.kit.pump.invites import InvitePolicy
from bots.kit.pump.pump import Pump
from bots.marketplace import commands as marketplace
from bots.marketplace.farewells import Farewells
from bots.marketplace.partners import Puller
from bots.marketplace.supporting.recount import Recount
from bots.motions import commands as motions
from bots.signing_in import signed_in
from bots.tasks import commands as tasks
from bridges.documents.house import check_house
from bridges.documents.workshop import Workshop
from bridges.email.smtp import Mailer, TryLater
from bridges.web.app import serve
from bridges.web.health import Health
from bridges.web.market import Market
from bridges.web.metrics import Level, Metrics
from wecreate_module.domain.effects import MakeFile, SendMail
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.quotas import Quotas
from wecreate_module.services.bodies import use_bodies
from wecreate_module.services.listings import Directory
from wecreate_module.settings import Settings
from wecreate_module.settings.kinds import NONE
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork
from wecreate_module.version import VERSION

log = logging.getLogger("wecreate.bot")

# Every feature stands here: the one table to read for what there is.
PARTS = (
    basics.PART,
    boxes.PART,
    tasks.PART,
    calendar.PART,
    caldav.PART,
    files.PART,
    motions.PART,
    marketplace.PART,
)
SYNC_LATE = 120.0


def make_app(settings: Settings) -> App:
    """All commands put together; raises ValueError when two have one name.

    PackError or HouseError for a rule pack or look of the operator that can't be used.
    """
    use_bodies(settings.documents.bodies)
    check_house(settings.documents.folder)
    server = ServerFacts(
        server_name=settings.server.name,
        default_language=settings.defaults.language,
        default_timezone=settings.defaults.timezone,
        box_creators=settings.boxes.create.word or frozenset(settings.boxes.create.names),
        version=VERSION,
        caldav_url=settings.calendars.url,
        mail_sender=settings.mail_sender,
        market=settings.marketplace.rules,
        links=LinkRules(
            settings.links_url,
            settings.files.max_days,
            settings.files.password,
            settings.files.request_files,
            settings.files.request_file_mb * 1_000_000,
            Quotas(settings.files.box_mb * 1_000_000, settings.files.person_mb * 1_000_000),
            settings.files.imports.word != NONE,
            settings.files.large_mb * 1_000_000,
        ),
    )
    return App.assemble(PARTS, bot_user_id=settings.bot_user_id, server=server)


def open_store(settings: Settings) -> Store:
    """Raises StoreError with what to do."""
    return Store.open(settings.database.url, settings.storage.keys, settings.storage.key_file)


async def run_bot(settings: Settings, stop: asyncio.Event) -> None:
    """One bot, from its start until `stop`.

    Raises StoreError, IdentityError (both with what to do), LoggedOut, OSError for a taken port.
    """
    async with AsyncExitStack() as stack:
        health, metrics = Health(), Metrics()
        shared, market = FileSurface(), Market()
        await stack.enter_async_context(
            serve(settings.web, health, metrics, shared.links, market, shared.uploads)
        )
        store = await asyncio.to_thread(open_store, settings)
        stack.callback(store.close)
        stack.enter_context(store.claim())
        market.open(Directory.of_store(store), ZoneInfo(settings.defaults.timezone))
        app = make_app(settings)
        signing_in = _signed_in(settings, app, store, health, metrics, shared)
        pump = await stack.enter_async_context(signing_in)
        await _until(stop, pump)


@asynccontextmanager
async def _signed_in(
    settings: Settings,
    app: App,
    store: Store,
    health: Health,
    metrics: Metrics,
    shared: FileSurface,
) -> AsyncIterator[Pump]:
    """Sign in, with patience while the homeserver is away; then the pump may run."""
    health.failed("homeserver", "not reached yet")
    identity = IdentitySettings(
        homeserver=settings.server.homeserver,
        user_id=settings.bot_user_id,
        password=settings.bot.password,
        registration_secret=settings.server.registration_shared_secret,
        trust=settings.encryption.trust,
        device_name=settings.bot.display_name,
    )
    waiting = partial(health.failed, "homeserver")
    async with signed_in(identity, settings.storage.bot_dir, waiting) as (homeserver, crypto):
        invites = InvitePolicy(settings.server.name, _partners(settings))
        workshop = Workshop(settings.documents.folder)
        recount = Recount(store, homeserver)
        pump = Pump(
            app,
            store,
            homeserver,
            crypto,
            invites=invites,
            figures=metrics,
            more_effects={
                **await shared.open(settings.files, store, homeserver),
                SendMail: _by_mail(settings, store, workshop),
                MakeFile: workshop.make,
            },
            gap_in=recount.gap_in,
        )
        health.fine("homeserver")
        health.watch("sync", lambda: _sync_trouble(pump))
        health.watch("database", lambda: _database_trouble(store))
        metrics.level(Level.SYNC_AGE, lambda: monotonic() - (pump.synced_at or monotonic()))
        metrics.level(Level.ONE_TIME_KEYS, lambda: crypto.status().one_time_keys or 0)
        _count_rows(store, metrics)
        names = settings.federation.partners.names
        puller = Puller(store, homeserver, names, settings.federation.pull_seconds)
        pulling = asyncio.create_task(puller.run(), name="partners")
        counting = asyncio.create_task(recount.run(), name="recount")
        farewells = Farewells(store, homeserver)
        forgetting = asyncio.create_task(farewells.run(), name="farewells")
        try:
            yield pump
        finally:
            for task in (pulling, counting, forgetting):
                task.cancel()
            await asyncio.wait({pulling, counting, forgetting})
            shared.close()


def _by_mail(
    settings: Settings, store: Store, workshop: Workshop
) -> Callable[[SendMail], Awaitable[dict[str, Any]]]:
    """The way of mails; what may be tried again is, as with the homeserver."""
    mailer = Mailer(settings.mail, settings.mail_sender, store)

    async def send(mail: SendMail) -> dict[str, Any]:
        ready = await workshop.attach(mail)
        if not isinstance(ready, SendMail):
            return ready
        try:
            return await mailer.send(ready)
        except TryLater as error:
            raise Unreachable(str(error)) from error

    return send


async def _until(stop: asyncio.Event, pump: Pump) -> None:
    running = asyncio.create_task(pump.run(), name="pump")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (running, stopping):
            task.cancel()
        ended = await asyncio.gather(running, stopping, return_exceptions=True)
    for result in ended:
        if isinstance(result, Exception):
            raise result


def _partners(settings: Settings) -> frozenset[str] | None:
    chosen = settings.federation.partners
    return None if chosen.word == "all" else frozenset(chosen.names)


def _sync_trouble(pump: Pump) -> str | None:
    if pump.trouble is not None:
        return pump.trouble
    if pump.synced_at is None:
        return "no sync yet"
    age = monotonic() - pump.synced_at
    return f"no sync for {age:.0f} s" if age > SYNC_LATE else None


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


def _database_trouble(store: Store) -> str | None:
    with store.read(datetime.now(UTC)) as uow:
        uow.meta.get("next_batch")
    return None
