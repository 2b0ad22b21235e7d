"""`wecreate user add NAME`."""

from __future__ import annotations

import argparse
import asyncio
import secrets
from pathlib import Path

from bots.operation.accounts import AccountRefused, NoHomeserver, register
from bots.operation.chosen import ask_where, read_settings
from bots.operation.layout import Layout
from bots.operation.terminal import FINE, Failure, give, say
from wecreate_module.settings import Settings

_REFUSALS = {
    "M_USER_IN_USE": "there is one of this name already; choose another name",
    "M_INVALID_USERNAME": "the name may hold small letters, digits and . _ = - / + only",
    "M_EXCLUSIVE": "the name is kept for a program of the homeserver; choose another name",
    "M_WEAK_PASSWORD": "the homeserver finds the password too weak; give a longer one",
    "M_FORBIDDEN": "the registration_shared_secret is not the homeserver's",
}


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="action", required=True)
    add = actions.add_parser("add", help="make an account on the homeserver")
    add.add_argument("name", help="the part before the colon: anna for @anna:example.org")
    add.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="the password's file; without it a password is made and printed",
    )
    add.add_argument("--admin", action="store_true", help="an administrator of the homeserver")
    add.add_argument("--json", action="store_true", help="answer as JSON")
    ask_where(add)


def run(args: argparse.Namespace) -> int:
    settings = read_settings(args.config or Layout(args.dir).settings)
    password = _password(args.password_file)
    user_id = asyncio.run(_add(settings, args.name, password, admin=args.admin))
    made = {"user_id": user_id, "homeserver": settings.server.homeserver}
    if args.password_file is None:
        made["password"] = password
    if args.json:
        give(made)
    else:
        say("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in made.items()))
    return FINE


async def _add(settings: Settings, name: str, password: str, *, admin: bool) -> str:
    secret = settings.server.registration_shared_secret
    if not secret:
        raise Failure(
            "Accounts need the homeserver's registration_shared_secret: name its file under "
            "server.registration_shared_secret_file, or set "
            "WECREATE_SERVER_REGISTRATION_SHARED_SECRET."
        )
    localpart = name.removeprefix("@").removesuffix(f":{settings.server.name}")
    try:
        return await register(settings.server.homeserver, secret, localpart, password, admin=admin)
    except NoHomeserver as error:
        raise Failure(f"{error}. Is it running? `wecreate doctor` tells more.") from error
    except AccountRefused as error:
        why = _REFUSALS.get(error.errcode, f"{error.errcode}: {error}")
        raise Failure(f"No account {localpart} was made: {why}.") from error


def _password(path: Path | None) -> str:
    if path is None:
        return secrets.token_urlsafe(12)
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"The password file {path} can't be read: {error}") from error
    if not text:
        raise Failure(f"The password file {path} is empty.")
    return text
