"""Who asks: HTTP Basic with a login and an app password."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from http import HTTPStatus

from bridges.caldav.paths import user_of
from bridges.caldav.refusals import Refusal, Refused
from bridges.caldav.throttle import Throttle
from wecreate_module.services import app_passwords
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

_LONGEST = 1000
_KNOWN = 2000
_ASK = Refusal(
    HTTPStatus.UNAUTHORIZED,
    why="Log in with the name and the app password that !kalender gave you.",
    headers=(("WWW-Authenticate", 'Basic realm="WeCreate", charset="UTF-8"'),),
)


class Login:
    """Checks passwords.

    What was right once is known by a keyed digest, in memory only, so that scrypt runs once for
    each device and process. Its row is looked up at each request: taken away is taken away.
    """

    def __init__(self, store: Store, throttle: Throttle | None = None) -> None:
        self._store = store
        self._throttle = throttle or Throttle()
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._right: OrderedDict[bytes, int] = OrderedDict()

    def check(self, authorization: str, address: str) -> tuple[str, str]:
        """Give (user id, login). Raises Refused: 401, or 429 for who guesses."""
        login, password = _credentials(authorization)
        user_id = user_of(login)
        if user_id is not None and self._remembered(user_id, password):
            return user_id, login
        wait = self._throttle.wait(login, address)
        if wait:
            raise Refused(
                Refusal(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    why=f"Too many wrong passwords. Try again in {wait} s.",
                    headers=(("Retry-After", str(wait)),),
                )
            )
        if user_id is None or not self._fits(user_id, password):
            self._throttle.failed(login, address)
            raise Refused(_ASK)
        self._throttle.succeeded(login, address)
        return user_id, login

    def _remembered(self, user_id: str, password: str) -> bool:
        digest = self._digest(user_id, password)
        with self._lock:
            password_id = self._right.get(digest)
        if password_id is None:
            return False
        with self._store.read(datetime.now(UTC)) as uow:
            there = uow.app_passwords.exists(password_id, user_id)
        if not there:
            with self._lock:
                self._right.pop(digest, None)
        return there

    def _fits(self, user_id: str, password: str) -> bool:
        now = datetime.now(UTC)
        with self._store.read(now) as uow:
            known = app_passwords.find(uow, user_id, password)
        if known is None or not app_passwords.fits(known, password):
            return False
        with self._lock:
            self._right[self._digest(user_id, password)] = known.id
            while len(self._right) > _KNOWN:
                self._right.popitem(last=False)
        with self._store.begin(now) as uow:
            _note_use(uow, known.id)
        return True

    def _digest(self, user_id: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{user_id}\0{password}".encode(), "sha256")


def _note_use(uow: UnitOfWork, password_id: int) -> None:
    uow.app_passwords.used(password_id)


def _credentials(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST:
        raise Refused(_ASK)
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Refused(_ASK) from error
    login, _, password = text.partition(":")
    return login, password
