"""The bot vouches for its own device, so that clients trust it and share their keys.

Three Ed25519 keys: master signs self-signing and user-signing, self-signing signs the device. The
server's word is checked at each start: another master there means somebody else's identity.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bots.kit.client import Homeserver, MatrixError
from bots.kit.crypto.errors import IdentityError
from bots.kit.crypto.olm import OlmChannel
from bots.kit.crypto.secret_files import read_json, write_secret
from bots.kit.crypto.shapes import obj, text
from bots.kit.crypto.trust import (
    from_unpadded,
    identity_of,
    is_cross_signed,
    is_signed,
    public_key,
    sign,
    unpadded,
)

Json = dict[str, Any]
SEEDS_FILE = "seeds.json"
_NEW_SEEDS_FILE = "seeds.new.json"
_UPLOAD = "/_matrix/client/v3/keys/device_signing/upload"
_UNAUTHORIZED = 401

log = logging.getLogger("wecreate.crypto")


@dataclass(frozen=True)
class Seeds:
    master: Ed25519PrivateKey
    self_signing: Ed25519PrivateKey
    user_signing: Ed25519PrivateKey

    @classmethod
    def mint(cls) -> Seeds:
        generate = Ed25519PrivateKey.generate
        return cls(generate(), generate(), generate())

    @classmethod
    def read(cls, file: Path) -> Seeds | None:
        """Raise IdentityError for a file that is damaged."""
        stored = read_json(file)
        if stored is None:
            return None
        try:
            names = ("master", "self_signing", "user_signing")
            raw = [from_unpadded(text(stored, name)) for name in names]
            return cls(*map(Ed25519PrivateKey.from_private_bytes, raw))
        except ValueError as error:
            raise IdentityError(
                f"{file} is damaged. Restore it with `wecreate restore`."
            ) from error

    def write(self, file: Path) -> None:
        seeds = {
            name: unpadded(key.private_bytes_raw())
            for name, key in (
                ("master", self.master),
                ("self_signing", self.self_signing),
                ("user_signing", self.user_signing),
            )
        }
        write_secret(file, json.dumps(seeds, indent=1))


def public(key: Ed25519PrivateKey) -> str:
    return unpadded(key.public_key().public_bytes_raw())


async def ensure_cross_signed(
    homeserver: Homeserver, channel: OlmChannel, folder: Path, password: str | None = None
) -> None:
    """Bring the device into a chain that the server shows to everybody; before any join.

    The device's keys must be uploaded. Repeatable: goes on where a kill left off. Raises
    IdentityError when the server holds another identity, and what Homeserver.request raises.
    """
    seeds = Seeds.read(folder / SEEDS_FILE)
    if seeds is None:
        seeds = Seeds.mint()
        seeds.write(folder / SEEDS_FILE)
    seen = await _query(homeserver)
    master = public_key(obj(seen, "master_keys", channel.user_id), channel.user_id, "master")
    replacement = Seeds.read(folder / _NEW_SEEDS_FILE)
    if replacement is not None and master == public(replacement.master):
        (folder / _NEW_SEEDS_FILE).replace(folder / SEEDS_FILE)
        seeds = replacement
    if not master:
        await _upload(homeserver, _keys(seeds, channel.user_id), channel.user_id, password)
        log.info("cross-signing keys uploaded for %s", channel.user_id)
        seen = await _query(homeserver)
    elif master != public(seeds.master):
        raise IdentityError(
            f"The homeserver holds another cross-signing identity for {channel.user_id} than "
            f"{folder / SEEDS_FILE}. Restore that file with `wecreate restore`, or, if it is "
            "lost for good, make a new identity with `wecreate bot --reset-identity`."
        )
    if not is_chain_sound(seen, channel, seeds):
        await _sign(homeserver, channel, seeds, seen)
        seen = await _query(homeserver)
        if not is_chain_sound(seen, channel, seeds):
            raise IdentityError(
                "The homeserver did not keep the bot's cross-signing signatures. Start again; "
                "if it stays so, look into the homeserver's log."
            )


async def reset_identity(
    homeserver: Homeserver, channel: OlmChannel, folder: Path, password: str
) -> None:
    """Mint a new identity in place of the server's one; everybody must trust it anew."""
    seeds = Seeds.mint()
    seeds.write(folder / _NEW_SEEDS_FILE)
    await _upload(homeserver, _keys(seeds, channel.user_id), channel.user_id, password)
    (folder / _NEW_SEEDS_FILE).replace(folder / SEEDS_FILE)
    await ensure_cross_signed(homeserver, channel, folder)


def is_chain_sound(seen: Json, channel: OlmChannel, seeds: Seeds | None = None) -> bool:
    """Whether a /keys/query answer shows this device signed by our (or any) sound identity."""
    user_id, device_id = channel.user_id, channel.device_id
    device = obj(seen, "device_keys", user_id, device_id)
    identity = identity_of(user_id, seen)
    if identity is None or text(device, "keys", f"ed25519:{device_id}") != channel.ed25519:
        return False
    master = obj(seen, "master_keys", user_id)
    ours = seeds is None or (
        identity.master == public(seeds.master)
        and identity.self_signing == public(seeds.self_signing)
        and is_signed(master, user_id, device_id, channel.ed25519)
    )
    return ours and is_cross_signed(device, user_id, identity)


async def _upload(homeserver: Homeserver, keys: Json, user_id: str, password: str | None) -> None:
    """Upload the public keys; where the homeserver wants the password again, it gets it."""
    try:
        await homeserver.request("POST", _UPLOAD, keys)
    except MatrixError as error:
        if error.status != _UNAUTHORIZED or "session" not in error.body:
            raise
        if password is None:
            raise IdentityError(
                "The homeserver asks for the bot's password before it takes the bot's "
                "cross-signing keys. Name it in bot.password_file and start again."
            ) from error
        auth = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user_id},
            "password": password,
            "session": error.body["session"],
        }
        await homeserver.request("POST", _UPLOAD, {**keys, "auth": auth})


async def _query(homeserver: Homeserver) -> Json:
    body: Json = {"device_keys": {homeserver.user_id: []}}
    return await homeserver.request("POST", "/_matrix/client/v3/keys/query", body)


def _keys(seeds: Seeds, user_id: str) -> Json:
    def key(usage: str, private: Ed25519PrivateKey) -> Json:
        name = public(private)
        return {"user_id": user_id, "usage": [usage], "keys": {f"ed25519:{name}": name}}

    master = key("master", seeds.master)
    self_signing = key("self_signing", seeds.self_signing)
    user_signing = key("user_signing", seeds.user_signing)
    for subkey in (self_signing, user_signing):
        sign(subkey, seeds.master, user_id, public(seeds.master))
    return {
        "master_key": master,
        "self_signing_key": self_signing,
        "user_signing_key": user_signing,
    }


async def _sign(homeserver: Homeserver, channel: OlmChannel, seeds: Seeds, seen: Json) -> None:
    user_id, device_id = channel.user_id, channel.device_id
    device = dict(obj(seen, "device_keys", user_id, device_id))
    held = {text(device, "keys", f"{kind}:{device_id}") for kind in ("ed25519", "curve25519")}
    if held != {channel.ed25519, channel.curve25519}:
        raise IdentityError(
            "The homeserver shows other keys for the bot's device than its encryption store. "
            "Restore the bot's directory with `wecreate restore`."
        )
    device.pop("unsigned", None)
    device.pop("signatures", None)
    sign(device, seeds.self_signing, user_id, public(seeds.self_signing))
    master = _keys(seeds, user_id)["master_key"]
    signed_master = channel.signed(master, channel.account())
    body: Json = {user_id: {device_id: device, public(seeds.master): signed_master}}
    path = "/_matrix/client/v3/keys/signatures/upload"
    answer = await homeserver.request("POST", path, body)
    if failures := obj(answer, "failures"):
        raise IdentityError(f"The homeserver refused cross-signing signatures: {failures}")
