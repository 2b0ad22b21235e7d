"""`wecreate market import FILE`: listings from a file, one JSON object a line."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from bots.app import open_store
from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.errors import IdentityError
from bots.kit.crypto.identity import IdentitySettings
from bots.kit.crypto.login import IDENTITY_FILE, sign_in
from bots.kit.i18n import load_translators
from bots.kit.render import render
from bots.marketplace.rooms.card import card
from bots.operation.chosen import ask_where
from bots.operation.layout import Layout
from bots.operation.terminal import FINE, Failure, give, step
from wecreate_module.domain.listing_rooms import local_alias, room_request
from wecreate_module.domain.listings import Listing
from wecreate_module.services.listing_import import WrongLine, read_lines
from wecreate_module.services.listings import import_listings
from wecreate_module.settings import Settings, SettingsError, load_settings
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.store import Store

BATCH = 1000
PINS = "m.room.pinned_events"


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="action", required=True)
    action = actions.add_parser("import", help="publish listings from a file")
    action.add_argument("file", type=Path, help="one JSON object a line: title, summary, kind …")
    action.add_argument(
        "--index-only",
        action="store_true",
        help="fill the directory alone, without rooms: for tests and measurements",
    )
    action.add_argument("--json", action="store_true", help="answer as JSON")
    ask_where(action)


def run(args: argparse.Namespace) -> int:
    started = monotonic()
    try:
        settings = load_settings(args.config or Layout(args.dir).settings)
        given = _read(args.file, settings)
        with closing(open_store(settings)) as store:
            if args.index_only:
                _index(store, given)
            else:
                asyncio.run(_publish(settings, store, given))
    except (SettingsError, StoreError, IdentityError, Unreachable) as error:
        raise Failure(str(error)) from error
    except MatrixError as error:
        raise Failure(f"The homeserver refuses: {error}") from error
    seconds = round(monotonic() - started, 2)
    if args.json:
        give({"imported": len(given), "seconds": seconds})
    else:
        step(f"{len(given)} listings are imported, in {seconds:g} s")
    return FINE


def _read(path: Path, settings: Settings) -> list[Listing]:
    """All lines or none: a wrong one is named before anything is written."""
    try:
        with path.open(encoding="utf-8") as lines:
            return list(read_lines(lines, server=settings.server.name, now=datetime.now(UTC)))
    except (WrongLine, UnicodeDecodeError) as error:
        raise Failure(f"{path}, {error}. Nothing was imported.") from error


def _index(store: Store, given: Sequence[Listing]) -> None:
    """In small transactions, so that what is there gets found, and the bot can go on."""
    for start in range(0, len(given), BATCH):
        import_listings(store, given[start : start + BATCH], datetime.now(UTC))


async def _publish(settings: Settings, store: Store, given: Sequence[Listing]) -> None:
    """With rooms, in the bot's name; a line that was published before is left as it is."""
    if not (settings.storage.bot_dir / IDENTITY_FILE).exists():
        raise Failure("The bot has not been started yet; its account makes the rooms.")
    identity = IdentitySettings(settings.server.homeserver, settings.bot_user_id)
    async with await sign_in(identity, settings.storage.bot_dir) as homeserver:
        for number, listing in enumerate(given, start=1):
            await _publish_one(settings, store, homeserver, listing)
            if number % 50 == 0:
                step(f"{number} of {len(given)}")


async def _publish_one(
    settings: Settings, store: Store, homeserver: Homeserver, wanted: Listing
) -> None:
    local = local_alias(f"import:{wanted.room_id}")
    alias = f"#{local}:{settings.server.name}"
    body = {**room_request(wanted, settings.bot_user_id), "room_alias_name": local}
    try:
        room_id = await homeserver.create_room(body)
    except MatrixError as error:
        if error.errcode != "M_ROOM_IN_USE":
            raise
        room_id = str((await homeserver.resolve_alias(alias))["room_id"])
    with store.read(datetime.now(UTC)) as uow:
        if uow.listings.get(room_id) is not None:
            return
    listing = replace(wanted, room_id=room_id, alias=alias, server=settings.server.name, support=0)
    translator = load_translators()[settings.defaults.language]
    timezone = ZoneInfo(settings.defaults.timezone)
    content = render(card(translator, listing, timezone, datetime.now(UTC)))
    card_id = await homeserver.send_event(room_id, "m.room.message", f"card:{local}", content)
    await homeserver.send_state(room_id, PINS, {"pinned": [card_id]})
    import_listings(store, [replace(listing, card=card_id)], datetime.now(UTC))
