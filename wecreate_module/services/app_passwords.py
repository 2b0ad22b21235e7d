"""App passwords: one for each device of a person's calendar programs.

A password is `xxxx-xxxx-xxxx-xxxx-xxxx-xxxx`: the first group finds its row, the other five are
100 random bits. It is shown once; scrypt of it is kept.
"""

from __future__ import annotations

import secrets
import unicodedata

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from wecreate_module.domain.errors import UserError
from wecreate_module.storage.app_passwords import AppPassword
from wecreate_module.storage.uow import UnitOfWork

MAX_DEVICES = 20
MAX_DEVICE = 40
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 signs, so that each is five bits; none is easily taken for another."""
_GROUPS, _GROUP = 6, 4
_LENGTH = _GROUPS * (_GROUP + 1) - 1
_COST = 2**14


def add(uow: UnitOfWork, user_id: str, device: str) -> str:
    """Make a password for a device; the only moment at which it can be read."""
    name = clean_device(device)
    known = uow.app_passwords.of(user_id)
    if any(_same(one.device, name) for one in known):
        raise UserError(
            "device-exists",
            "“{device}” has a password already. Take it away first with "
            "!calendar remove {device} or choose another name.",
            device=name,
        )
    if len(known) >= MAX_DEVICES:
        raise UserError(
            "too-many-devices",
            "You have {most} devices; take one away first. See them with !calendar",
            most=MAX_DEVICES,
        )
    taken = {one.selector for one in known}
    selector = _word()
    while selector in taken:
        selector = _word()
    password = "-".join([selector, *(_word() for _ in range(_GROUPS - 1))])
    salt = secrets.token_bytes(16)
    uow.app_passwords.add(user_id, selector, salt, _scrypt(salt).derive(password.encode()), name)
    return password


def find(uow: UnitOfWork, user_id: str, password: str) -> AppPassword | None:
    """Find the row that a password may belong to; whether it does, `fits` says."""
    if len(password) != _LENGTH:
        return None
    return uow.app_passwords.find(user_id, password[:_GROUP])


def fits(known: AppPassword, password: str) -> bool:
    """Tell whether it is this password. Takes about 40 ms on purpose."""
    try:
        _scrypt(known.salt).verify(password.encode(), known.hash)
    except InvalidKey:
        return False
    return True


def remove(uow: UnitOfWork, user_id: str, device: str) -> AppPassword:
    """Take a device's password away; its next request is refused."""
    name = clean_device(device)
    for known in uow.app_passwords.of(user_id):
        if _same(known.device, name):
            uow.app_passwords.delete(known.id)
            return known
    raise UserError(
        "device-not-found",
        "You have no device called “{device}”. See them with !calendar",
        device=name,
    )


def clean_device(text: str) -> str:
    """One line without control characters."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    name = " ".join(kept.split())
    if not name:
        raise UserError("device-empty", "Give the device a name: !calendar new Anna's phone")
    if len(name) > MAX_DEVICE:
        raise UserError(
            "device-too-long",
            "That name has {length} characters; please use at most {limit}.",
            length=len(name),
            limit=MAX_DEVICE,
        )
    return name


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _word() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))


def _scrypt(salt: bytes) -> Scrypt:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1)
