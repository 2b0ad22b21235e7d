"""From settings to a signed-in, cross-signed device that may join rooms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bots.kit.client import Homeserver
from bots.kit.crypto.machine import CryptoMachine


@dataclass(frozen=True)
class IdentitySettings:
    """What signing in needs; filled from wecreate.yaml by the composition root.

    Either `password`, or `registration_secret` (embedded: the account is made if it is missing),
    is needed on the first start; afterwards bot/identity.json holds the token.
    """

    homeserver: str
    user_id: str
    password: str | None = None
    registration_secret: str | None = None
    trust: str = "all"
    device_name: str = "WeCreate"


async def open_identity(
    settings: IdentitySettings, state_dir: Path
) -> tuple[Homeserver, CryptoMachine]:
    """Sign in once, upload keys, cross-sign and verify the chain. Before any join.

    Raises IdentityError (with what to do), Unreachable, or MatrixError.
    """
    raise NotImplementedError
