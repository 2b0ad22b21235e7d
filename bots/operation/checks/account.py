"""Checks of the bot's account, as the homeserver sees it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.cross_signing import SEEDS_FILE, Seeds, public
from bots.kit.crypto.errors import IdentityError
from bots.kit.crypto.login import IDENTITY_FILE
from bots.kit.crypto.secret_files import read_json
from bots.kit.crypto.shapes import number, obj, text
from bots.kit.crypto.trust import identity_of, is_cross_signed
from bots.operation.checks.findings import Finding, fine, note, wrong
from wecreate_module.settings import Settings

Json = dict[str, Any]
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_CLOCK_OFF = 30.0
_FEW_KEYS = 10


async def check_account(settings: Settings, *, stopped: bool) -> AsyncIterator[Finding]:
    """Each check needs the one before; the first that fails ends them.

    `stopped`: the homeserver is ours and does not run, so that its silence is no fault.
    """
    address = settings.server.homeserver
    try:
        off = await _clock_difference(address)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        if stopped:
            yield note("homeserver", "does not run, so its word on the bot is not known")
            return
        yield wrong(
            "homeserver",
            f"{address} gives no answer ({_short(error)})",
            "Start it, or correct server.homeserver.",
        )
        return
    yield fine("homeserver", f"{address} answers")
    yield _clock(off)
    try:
        known = read_json(settings.storage.bot_dir / IDENTITY_FILE)
        if known is None:
            yield note("token", "the bot has not signed in yet; its first start does")
            return
        async with Homeserver(address, text(known, "access_token")) as homeserver:
            async for finding in _check_device(settings, homeserver, known):
                yield finding
    except IdentityError as error:
        what, _, do = str(error).partition(". ")
        yield wrong("bot's folder", what, do)
    except (MatrixError, Unreachable) as error:
        yield wrong("homeserver", f"broke off: {error}", "Look into its log.")


def _short(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return os.strerror(error.os_error.errno) if error.os_error.errno else "no connection"
    return str(error) or type(error).__name__


async def _clock_difference(address: str) -> float:
    """Seconds by which this clock is ahead of the homeserver's."""
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT) as session,
        session.get(f"{address}/_matrix/client/versions") as answer,
    ):
        if "versions" not in await answer.json():
            raise ValueError("it is no Matrix homeserver")
        date = answer.headers.get("Date")
    there = parsedate_to_datetime(date) if date else datetime.now(UTC)
    return (datetime.now(UTC) - there).total_seconds()


def _clock(off: float) -> Finding:
    if abs(off) > _CLOCK_OFF:
        return wrong(
            "clock",
            f"this clock and the homeserver's differ by {off:.0f} s",
            "Set both by NTP; reminders and keys depend on it.",
        )
    return fine("clock", "agrees with the homeserver's")


async def _check_device(
    settings: Settings, homeserver: Homeserver, known: Json
) -> AsyncIterator[Finding]:
    user_id, device_id = text(known, "user_id"), text(known, "device_id")
    try:
        me = await homeserver.whoami()
    except MatrixError as error:
        yield wrong(
            "token",
            f"the homeserver refuses the bot's token ({error.errcode})",
            f"Remove {IDENTITY_FILE} and crypto.db from {settings.storage.bot_dir} (keep "
            f"{SEEDS_FILE}) and start the bot: it signs in as a new device.",
        )
        return
    if (text(me, "user_id"), text(me, "device_id")) != (user_id, device_id):
        yield wrong("token", "belongs to another device", "Restore the bot's folder.")
        return
    yield fine("token", f"valid for {user_id}")
    query: Json = {"device_keys": {user_id: []}}
    seen = await homeserver.request("POST", "/_matrix/client/v3/keys/query", query)
    device = obj(seen, "device_keys", user_id, device_id)
    if not device:
        yield wrong(
            "device", f"the homeserver has no keys of {device_id}", "Start the bot once more."
        )
        return
    yield fine("device", f"{device_id}, its keys are on the homeserver")
    yield _cross_signing(settings, seen, device)
    yield await _one_time_keys(homeserver)


def _cross_signing(settings: Settings, seen: Json, device: Json) -> Finding:
    check = "cross-signing"
    user_id = settings.bot_user_id
    identity = identity_of(user_id, seen)
    if identity is None:
        return wrong(check, "the homeserver has no sound identity of the bot", "Start the bot.")
    seeds = Seeds.read(settings.storage.bot_dir / SEEDS_FILE)
    if seeds is None or public(seeds.master) != identity.master:
        return wrong(
            check,
            f"the homeserver's identity is not the one in {SEEDS_FILE}",
            "Restore the bot's folder; if it is lost: wecreate bot --reset-identity.",
        )
    if not is_cross_signed(device, user_id, identity):
        return wrong(check, "the bot's device is not signed", "Start the bot: it signs it.")
    return fine(check, f"the homeserver shows an unbroken chain (master {identity.master[:8]}…)")


async def _one_time_keys(homeserver: Homeserver) -> Finding:
    answer = await homeserver.request("POST", "/_matrix/client/v3/keys/upload", {})
    left = number(obj(answer, "one_time_key_counts").get("signed_curve25519")) or 0
    if left < _FEW_KEYS:
        return note(
            "one-time keys",
            f"{left} are left",
            "The bot refills them while it runs; if it runs and they stay few, see its log.",
        )
    return fine("one-time keys", f"{left} are left")
