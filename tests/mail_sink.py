"""A mail server on loopback that keeps what it gets, and can behave badly."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.certificates import Authority

PASSWORD = "wir-dürfen"


@dataclass
class Behaviour:
    """What it does instead of taking the mail; None is a good server."""

    rcpt: str | None = None
    data: str | None = None
    hang: bool = False
    drop_after_data: bool = False
    hang_after_data: bool = False


class _Server(SMTP):
    """aiosmtpd, with the connection within reach of the handler."""

    def drop(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()


@dataclass
class MailSink:
    """Use as `async with`; `mails` are what was taken, in order."""

    folder: Path
    tls: bool = False
    starttls: bool = True
    login: bool = False
    behaviour: Behaviour = field(default_factory=Behaviour)
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str], bool]] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        authority = Authority(self.folder)
        self.authority = authority.pem
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*authority.issue("127.0.0.1", self.folder))
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {"loop": loop, "hostname": "sink.example"}
        if not self.tls and self.starttls:
            options |= {"tls_context": context, "require_starttls": True}
        if self.login:
            options |= {"authenticator": _authenticate, "auth_required": True}

        def connected() -> SMTP:
            server = _Server(self, **options)
            self._connections.append(server)
            return server

        self._connections: list[_Server] = []
        self._server = await loop.create_server(
            connected, "127.0.0.1", self.port, ssl=context if self.tls else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in self._connections:
            connection.drop()
        await self._server.wait_closed()

    # aiosmtpd calls these by name.

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        del server, envelope
        session.host_name = hostname
        if self.behaviour.hang:
            await asyncio.Event().wait()
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        del server, session, options
        if self.behaviour.rcpt is not None:
            return self.behaviour.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: _Server, session: Session, envelope: Envelope
    ) -> str:
        if self.behaviour.data is not None:
            return self.behaviour.data
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.envelopes.append(
            (str(envelope.mail_from), list(envelope.rcpt_tos), session.ssl is not None or self.tls)
        )
        if self.behaviour.drop_after_data:
            server.drop()
        if self.behaviour.hang_after_data:
            await asyncio.Event().wait()
        return f"250 OK: queued as {len(self.mails)}"


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    del server, session, envelope, mechanism
    good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=False)
