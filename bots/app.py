"""The composition root: every feature's tables, and one running bot made of all the parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from zoneinfo import ZoneInfo

from bots.boxes import commands as boxes
from bots.caldav import commands as caldav
from bots.calendar import commands as calendar
from bots.files import commands as files
from bots.files.surface import FileSurface
from bots.kit import basics
from bots.kit.app import App
from bots.kit.companions import beside
from bots.kit.context import ServerFacts
from bots.kit.crypto.identity import IdentitySettings
from bots.kit.pump.invites import InvitePolicy
from bots.kit.pump.pump import Pump
from bots.mailing import by_mail
from bots.marketplace import commands as marketplace
from bots.motions import commands as motions
from bots.signing_in import signed_in
from bots.tasks import commands as tasks
from bots.vitals import watch
from bridges.documents.house import check_house
from bridges.documents.workshop import Workshop
from bridges.web.app import serve
from bridges.web.health import Health
from bridges.web.market import Market
from bridges.web.metrics import Metrics
from wecreate_module.domain.effects import MakeFile, PrepareFile, SendMail
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.quotas import Quotas
from wecreate_module.services.bodies import use_bodies
from wecreate_module.services.listings import Directory
from wecreate_module.settings import Settings
from wecreate_module.settings.kinds import NONE
from wecreate_module.storage.store import Store
from wecreate_module.version import VERSION

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
MB = 1_000_000


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
        partners=settings.federation.partners.names,
        pull_seconds=settings.federation.pull_seconds,
        links=LinkRules(
            url=settings.links_url,
            max_days=settings.files.max_days,
            password=settings.files.password,
            request_files=settings.files.request_files,
            request_size=settings.files.request_file_mb * MB,
            quotas=Quotas(settings.files.box_mb * MB, settings.files.person_mb * MB),
            imports=settings.files.imports.word != NONE,
            large_room=settings.files.large_mb * MB,
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
        companions = app.companions(store, homeserver)
        pump = Pump(
            app,
            store,
            homeserver,
            crypto,
            invites=invites,
            figures=metrics,
            more_effects={
                **await shared.open(settings.files, store, homeserver),
                SendMail: by_mail(settings, store, workshop),
                MakeFile: workshop.make,
                PrepareFile: workshop.prepare,
            },
            gap_in=companions.gap_in,
        )
        health.fine("homeserver")
        watch(store, pump, crypto, health, metrics)
        try:
            async with beside(companions):
                yield pump
        finally:
            shared.close()


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
