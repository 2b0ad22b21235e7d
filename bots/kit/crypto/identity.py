"""From settings to a signed-in, cross-signed device that may join rooms."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from bots.kit.client import Homeserver, MatrixError
from bots.kit.crypto.cross_signing import ensure_cross_signed, is_chain_sound, reset_identity
from bots.kit.crypto.errors import IdentityError, StoreError
from bots.kit.crypto.login import PASSWORD_FILE, IdentitySettings, sign_in
from bots.kit.crypto.machine import CryptoMachine
from bots.kit.crypto.outbound import Trust
from bots.kit.crypto.secret_files import kept_secret
from bots.kit.crypto.shapes import number, obj, text
from bots.kit.crypto.store import CryptoStore

__all__ = [
    "IdentityError",
    "IdentitySettings",
    "StoreError",
    "open_identity",
    "renew_identity",
    "server_view",
]

STORE_KEY_FILE = "store.key"

log = logging.getLogger("wecreate.crypto")


async def open_identity(
    settings: IdentitySettings, state_dir: Path
) -> tuple[Homeserver, CryptoMachine]:
    """Sign in once, upload keys, cross-sign and verify the chain. Before any join.

    Raises IdentityError or StoreError (with what to do), Unreachable, or MatrixError.
    """
    homeserver, machine = await _open(settings, state_dir)
    try:
        password = _password(settings, state_dir)
        await ensure_cross_signed(homeserver, machine.channel, state_dir, password)
        await _take_name(homeserver, settings.device_name)
        await _want_no_pushes(homeserver)
    except BaseException:
        await _close(homeserver, machine)
        raise
    machine.store.set_fact("cross_signed", "yes")
    return homeserver, machine


async def _take_name(homeserver: Homeserver, name: str) -> None:
    """Be shown by the name that the settings give."""
    try:
        try:
            shown = (await homeserver.profile(homeserver.user_id)).get("displayname")
        except MatrixError as error:
            if error.status != 404:  # noqa: PLR2004  Not Found: no profile yet
                raise
            shown = None
        if shown != name:
            await homeserver.set_display_name(name)
    except MatrixError as error:
        # Some homeservers leave names to their operator.
        log.warning("the bot keeps its old name", extra={"why": str(error)})


async def _want_no_pushes(homeserver: Homeserver) -> None:
    """The bot reads everything: counting what is new to it is the homeserver's work for nothing."""
    try:
        await homeserver.want_no_pushes()
    except MatrixError as error:
        log.info("the homeserver counts what is new to the bot", extra={"why": str(error)})


async def renew_identity(
    settings: IdentitySettings, state_dir: Path, password: str | None = None
) -> None:
    """Replace the bot's cross-signing identity, its seeds being lost.

    Needs the account's password; without one, that which the bot gave itself when it registered.
    """
    password = password or _password(settings, state_dir)
    if password is None:
        raise IdentityError("The homeserver asks for the bot's password: name it in the settings.")
    homeserver, machine = await _open(settings, state_dir)
    try:
        await reset_identity(homeserver, machine.channel, state_dir, password)
    finally:
        await _close(homeserver, machine)


async def server_view(homeserver: Homeserver, machine: CryptoMachine) -> dict[str, Any]:
    """What the server says of this device now: `{"cross_signed": bool, "one_time_keys": int}`."""
    seen = await _seen(homeserver)
    counts = await homeserver.request("POST", "/_matrix/client/v3/keys/upload", {})
    return {
        "cross_signed": is_chain_sound(seen, machine.channel),
        "one_time_keys": number(obj(counts, "one_time_key_counts").get("signed_curve25519")) or 0,
    }


def _password(settings: IdentitySettings, state_dir: Path) -> str | None:
    kept = state_dir / PASSWORD_FILE
    return kept_secret(kept) if settings.password is None and kept.exists() else settings.password


async def _open(settings: IdentitySettings, state_dir: Path) -> tuple[Homeserver, CryptoMachine]:
    trust: Trust = "cross-signed" if settings.trust == "cross-signed" else "all"
    _private(state_dir)
    homeserver = await sign_in(settings, state_dir)
    try:
        key = kept_secret(state_dir / STORE_KEY_FILE)
        store = CryptoStore.open(state_dir, homeserver.user_id, homeserver.device_id, key)
    except BaseException:
        await homeserver.close()
        raise
    machine = CryptoMachine(homeserver, store, trust)
    try:
        await _check_device(homeserver, machine, state_dir)
        await machine.uploads.refill()
    except BaseException:
        await _close(homeserver, machine)
        raise
    return homeserver, machine


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


async def _check_device(homeserver: Homeserver, machine: CryptoMachine, folder: Path) -> None:
    """Refuse to put new keys under a device that others know with its old ones."""
    channel = machine.channel
    device = obj(await _seen(homeserver), "device_keys", channel.user_id, channel.device_id)
    shown = text(device, "keys", f"ed25519:{channel.device_id}")
    if shown and shown != channel.ed25519:
        raise IdentityError(
            f"The encryption store in {folder} is not the one of device {channel.device_id}. "
            "Restore it with `wecreate restore`, or remove identity.json and crypto.db (keep "
            "seeds.json) to sign in as a new device, which can't read older messages."
        )


async def _seen(homeserver: Homeserver) -> dict[str, Any]:
    body: dict[str, Any] = {"device_keys": {homeserver.user_id: []}}
    return await homeserver.request("POST", "/_matrix/client/v3/keys/query", body)


async def _close(homeserver: Homeserver, machine: CryptoMachine) -> None:
    machine.close()
    await homeserver.close()
