"""Accounts on the homeserver, made with Synapse's registration_shared_secret."""

from __future__ import annotations

import hashlib
import hmac

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=30)


class AccountRefused(Exception):
    """The homeserver did not make the account. `errcode` is Matrix' own."""

    def __init__(self, errcode: str, message: str) -> None:
        super().__init__(message)
        self.errcode = errcode


class NoHomeserver(Exception):
    """Nothing answers at the homeserver's address, or no Synapse does."""


async def register(
    homeserver: str, shared_secret: str, name: str, password: str, *, admin: bool = False
) -> str:
    """Make an account by Synapse's "shared-secret registration"; gives its user id.

    Raises AccountRefused (`M_USER_IN_USE`, `M_INVALID_USERNAME`, a wrong secret …) and
    NoHomeserver.
    """
    url = f"{homeserver}/_synapse/admin/v1/register"
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            nonce = (await _json(await session.get(url)))["nonce"]
            parts = (nonce, name, password, "admin" if admin else "notadmin")
            mac = hmac.new(shared_secret.encode(), "\0".join(parts).encode(), hashlib.sha1)
            body = {
                "nonce": nonce,
                "username": name,
                "password": password,
                "admin": admin,
                "mac": mac.hexdigest(),
                # Else Synapse signs in, and the device that nobody uses is only in the way.
                "inhibit_login": True,
            }
            made = await _json(await session.post(url, json=body))
            return made["user_id"]
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
        raise NoHomeserver(f"{homeserver} gave no usable answer ({type(error).__name__})") from None


async def _json(response: aiohttp.ClientResponse) -> dict[str, str]:
    body: dict[str, str] = await response.json()
    if response.status >= 400:  # noqa: PLR2004 - HTTP's errors start there
        # A wrong secret is M_UNKNOWN, "HMAC incorrect"; only its status tells.
        known = "M_FORBIDDEN" if response.status == 403 else body.get("errcode")  # noqa: PLR2004 - HTTP
        raise AccountRefused(str(known or "M_UNKNOWN"), str(body.get("error", "")))
    return body
