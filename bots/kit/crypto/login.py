"""Signing in, once: afterwards the token and the device id lie in identity.json."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from bots.kit.client import Homeserver, MatrixError
from bots.kit.crypto.errors import IdentityError
from bots.kit.crypto.secret_files import kept_secret, read_json, write_secret
from bots.kit.crypto.shapes import text

IDENTITY_FILE = "identity.json"
PASSWORD_FILE = "password"  # noqa: S105 - a file's name

_FORBIDDEN = 403

log = logging.getLogger("wecreate.login")


@dataclass(frozen=True)
class IdentitySettings:
    """What signing in needs; filled from wecreate.yaml by the composition root.

    On the first start either `password` is needed, or `registration_secret` (embedded Synapse:
    the account is made if it is missing). `trust` is "all" or "cross-signed".
    """

    homeserver: str
    user_id: str
    password: str | None = None
    registration_secret: str | None = None
    trust: str = "all"
    device_name: str = "WeCreate"


@dataclass(frozen=True)
class Login:
    user_id: str
    device_id: str
    access_token: str


async def sign_in(settings: IdentitySettings, state_dir: Path) -> Homeserver:
    """Return the homeserver as the bot's device sees it.

    Raises IdentityError, MatrixError or Unreachable.
    """
    known = read_json(state_dir / IDENTITY_FILE)
    if known is not None:
        return await _as_before(settings, state_dir, known)
    login = await _first_login(settings, state_dir)
    write_secret(state_dir / IDENTITY_FILE, json.dumps(asdict(login), indent=1))
    log.info("signed in as %s, device %s", login.user_id, login.device_id)
    return _homeserver(settings, login)


def _homeserver(settings: IdentitySettings, login: Login) -> Homeserver:
    return Homeserver(
        settings.homeserver,
        login.access_token,
        user_id=login.user_id,
        device_id=login.device_id,
    )


async def _as_before(
    settings: IdentitySettings, state_dir: Path, known: dict[str, object]
) -> Homeserver:
    login = Login(text(known, "user_id"), text(known, "device_id"), text(known, "access_token"))
    if login.user_id != settings.user_id:
        raise IdentityError(
            f"{state_dir} belongs to {login.user_id}, the settings name {settings.user_id}. "
            "Give the bot its former name, or another directory."
        )
    homeserver = _homeserver(settings, login)
    try:
        await _check_token(homeserver, state_dir)
    except BaseException:
        await homeserver.close()
        raise
    return homeserver


async def _check_token(homeserver: Homeserver, state_dir: Path) -> None:
    try:
        me = await homeserver.whoami()
    except MatrixError as error:
        if error.errcode not in {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"}:
            raise
        raise IdentityError(
            f"The homeserver has signed the bot out (device {homeserver.device_id}). To sign in "
            f"as a new device, remove {IDENTITY_FILE} and crypto.db from {state_dir} (keep "
            "seeds.json) and start again. Messages from before can't be read then."
        ) from error
    if (text(me, "user_id"), text(me, "device_id")) != (homeserver.user_id, homeserver.device_id):
        raise IdentityError(
            f"The token in {state_dir / IDENTITY_FILE} belongs to another device. "
            "Restore the directory with `wecreate restore`."
        )


async def _first_login(settings: IdentitySettings, state_dir: Path) -> Login:
    async with Homeserver(settings.homeserver) as nobody:
        password = settings.password
        if password is None and settings.registration_secret:
            password = kept_secret(state_dir / PASSWORD_FILE)
            await _register(nobody, settings, password)
        if password is None:
            raise IdentityError(
                f"The bot has no password for {settings.user_id}. Put it into the file that "
                "bot.password_file names, or into the environment (docs/reference/settings.md)."
            )
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": settings.user_id},
            "password": password,
            "initial_device_display_name": settings.device_name,
        }
        try:
            answer = await nobody.request("POST", "/_matrix/client/v3/login", body)
        except MatrixError as error:
            if error.errcode in {"M_FORBIDDEN", "M_USER_DEACTIVATED"}:
                raise IdentityError(
                    f"The homeserver refuses the password of {settings.user_id} "
                    f"({error.error}). Check it, or reset it with Synapse's admin tools."
                ) from error
            raise
    return Login(text(answer, "user_id"), text(answer, "device_id"), text(answer, "access_token"))


async def _register(nobody: Homeserver, settings: IdentitySettings, password: str) -> None:
    """Make the account by Synapse's shared-secret API; that it exists already is fine."""
    path = "/_synapse/admin/v1/register"
    try:
        nonce = text(await nobody.request("GET", path), "nonce")
    except MatrixError as error:
        if error.temporary:
            raise
        raise IdentityError(
            f"The homeserver makes no account for the bot ({error}). Make {settings.user_id} there "
            "yourself and give the bot its password (bot.password_file)."
        ) from error
    localpart = settings.user_id.removeprefix("@").partition(":")[0]
    signed = b"\0".join(part.encode() for part in (nonce, localpart, password, "notadmin"))
    secret = (settings.registration_secret or "").encode()
    body = {
        "nonce": nonce,
        "username": localpart,
        "displayname": settings.device_name,
        "password": password,
        "admin": False,
        "inhibit_login": True,
        "mac": hmac.new(secret, signed, hashlib.sha1).hexdigest(),
    }
    try:
        await nobody.request("POST", path, body)
    except MatrixError as error:
        if error.errcode == "M_USER_IN_USE":
            return
        if error.status == _FORBIDDEN:
            raise IdentityError(
                "The homeserver refuses the registration secret. It must be the "
                "registration_shared_secret of homeserver.yaml."
            ) from error
        raise
