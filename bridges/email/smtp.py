"""Mail out by SMTP with TLS: at most once, whatever breaks and whenever.

Until the server is given the words (DATA) every step can be repeated. That this begins is written
down first, and the server's yes right after it. Whoever finds the first without the second knows
that nobody knows: it is not sent again by itself.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.errors import MessageError
from typing import Any

import aiosmtplib

from bridges.email.message import compose, one_line
from wecreate_module.domain.effects import SendMail
from wecreate_module.settings.kinds import NONE
from wecreate_module.settings.sections import MailSecurity, MailSettings
from wecreate_module.storage.mails import Mail, MailState
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.email")

Json = dict[str, Any]
TRIES = 3
_PERMANENT = 500


class TryLater(Exception):
    """Nothing went out; the same can be tried again a little later."""


class Mailer:
    """One mail server. `sender` is the address that mail comes from."""

    def __init__(self, settings: MailSettings, sender: str, store: Store) -> None:
        self._settings = settings
        self._sender = sender
        self._store = store

    async def send(self, mail: SendMail) -> Json:
        """See `SendMail` for the result. Raises TryLater a few times, then says what failed."""
        known = await asyncio.to_thread(self._known, mail)
        if known.state is MailState.ACCEPTED:
            return {"accepted": known.answer}
        if known.state is MailState.HANDING_OVER:
            return {"uncertain": True}
        now = replace(known, attempts=known.attempts + 1)
        try:
            words = compose(mail, self._sender, datetime.now(UTC))
        except (ValueError, MessageError):  # UnicodeError is a ValueError
            log.exception("a mail could not be written")
            return {"failed": "unwritable"}
        try:
            return await self._deliver(mail, words, now)
        except (aiosmtplib.SMTPException, OSError) as error:
            log.warning("a mail did not go out", extra={"why": str(error)})
            if found := _failure(error):
                return found
            await asyncio.to_thread(self._note, now)
            if now.attempts < TRIES:
                raise TryLater(str(error)) from error
            return {"failed": "unreachable"}

    async def _deliver(self, mail: SendMail, words: bytes, now: Mail) -> Json:
        async with _connected(self._settings) as client:
            await client.mail(self._sender, options=[f"SIZE={len(words)}"])
            await client.rcpt(mail.to)
            now = replace(now, state=MailState.HANDING_OVER)
            await asyncio.to_thread(self._note, now)
            try:
                answer = await client.data(words)
            except aiosmtplib.SMTPResponseException:
                # The server said no: it does not have it.
                await asyncio.to_thread(self._note, replace(now, state=MailState.WAITING))
                raise
            except (aiosmtplib.SMTPException, OSError) as error:
                log.warning("a mail's end is not known", extra={"why": str(error)})
                return {"uncertain": True}
            # Kept in clear: the code tells nothing of whom it went to.
            taken = replace(now, state=MailState.ACCEPTED, answer=str(answer.code))
            await asyncio.to_thread(self._note, taken)
            return {"accepted": one_line(f"{answer.code} {answer.message}")}

    def _known(self, mail: SendMail) -> Mail:
        with self._store.read(datetime.now(UTC)) as uow:
            return uow.mails.get(mail.message_id) or Mail(mail.message_id, mail.box_id)

    def _note(self, mail: Mail) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            uow.mails.put(mail)


async def try_out(settings: MailSettings, sender: str) -> Json:
    """Everything but a mail: connect, protect, log in, name the sender. Sends nothing.

    `{}` when all of it went well, else as the result of a mail that did not go out.
    """
    try:
        async with _connected(settings) as client:
            await client.mail(sender)
    except (aiosmtplib.SMTPException, OSError) as error:
        return {"why": one_line(str(error)), **(_failure(error) or {"failed": "unreachable"})}
    return {}


@asynccontextmanager
async def _connected(settings: MailSettings) -> AsyncIterator[aiosmtplib.SMTP]:
    at_once = settings.security is MailSecurity.TLS
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        timeout=settings.timeout,
        use_tls=at_once,
        start_tls=not at_once,
        tls_context=_trust(settings),
        username=None if settings.username == NONE else settings.username,
        password=settings.password,
    )
    await client.connect()
    try:
        yield client
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
        client.close()


def _trust(settings: MailSettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.certificates.is_file():
        context.load_verify_locations(settings.certificates)
    return context


def _failure(error: Exception) -> Json | None:
    """What trying again would not mend; None for the rest."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        return _failure(error.recipients[0])
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return {"failed": "login"}
    if isinstance(error, aiosmtplib.SMTPResponseException):
        permanent = error.code >= _PERMANENT
        return {"refused": one_line(f"{error.code} {error.message}")} if permanent else None
    if "SMTP AUTH" in str(error):  # aiosmtplib has no kind of its own for "it knows no login"
        return {"failed": "login"}
    return {"failed": "insecure"} if _is_insecure(error) else None


def _is_insecure(error: BaseException) -> bool:
    """Whether a certificate, or none at all, is behind it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return isinstance(error, aiosmtplib.SMTPNotSupported) or "STARTTLS" in str(error).upper()
