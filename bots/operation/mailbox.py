"""A mail server on loopback that only takes: where the demo's mail goes, to be looked at."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from bots.operation.certificate import make_certificate
from bots.operation.embedded import prepare_settings, with_values
from bots.operation.layout import HOST, Layout, Ports, write_private

SENDER = "wecreate@demo.example"
_LONGEST_LINE = 64 * 1024
_LARGEST = 50_000_000
_GOOD = "250 OK"


class Mailbox:
    """Protected by TLS from the first byte; mails lie as .eml files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mails: list[EmailMessage] = []
        self._certificate = folder / "mail.crt"
        self._server: asyncio.Server | None = None
        self._arrived = asyncio.Condition()

    async def open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "mail.key"
        make_certificate(self._certificate, key, HOST)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._certificate, key)
        self._server = await asyncio.start_server(
            self._serve, HOST, 0, ssl=context, limit=_LONGEST_LINE
        )

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def use_in(self, layout: Layout, ports: Ports) -> None:
        """Write into an installation's settings that its mail goes here."""
        layout.make()
        prepare_settings(layout, ports, None)
        values = {("mail", name): value for name, value in self._settings().items()}
        text = layout.settings.read_text(encoding="utf-8")
        write_private(layout.settings, with_values(text, values))

    def _settings(self) -> Mapping[str, str]:
        if self._server is None:
            raise RuntimeError("a mailbox has an address once it is open")
        port = self._server.sockets[0].getsockname()[1]
        return {
            "host": HOST,
            "port": str(port),
            "security": "tls",
            "sender": SENDER,
            "certificates": f'"{self._certificate}"',
        }

    async def next_mail(self, deadline: float) -> EmailMessage:
        """The first mail, once it is there; TimeoutError after `deadline` seconds."""
        async with asyncio.timeout(deadline), self._arrived:
            await self._arrived.wait_for(lambda: bool(self.mails))
        return self.mails[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            await _say(writer, "220 mailbox of the demo")
            while line := await reader.readline():
                verb = line.decode("ascii", "replace").split(" ")[0].strip().upper()
                if verb == "DATA":
                    await _say(writer, "354 go on, a dot ends it")
                    await self._take(await _words(reader))
                    await _say(writer, f"250 OK: kept as {len(self.mails)}.eml")
                elif verb == "QUIT":
                    await _say(writer, "221 bye")
                    break
                else:
                    known = verb in {"EHLO", "HELO", "MAIL", "RCPT", "RSET", "NOOP"}
                    await _say(writer, _GOOD if known else "502 not here")
        writer.close()

    async def _take(self, words: bytes) -> None:
        message = message_from_bytes(words, policy=default)
        if isinstance(message, EmailMessage):
            self.mails.append(message)
            (self.folder / f"{len(self.mails)}.eml").write_bytes(words)
        async with self._arrived:
            self._arrived.notify_all()


async def _say(writer: asyncio.StreamWriter, line: str) -> None:
    writer.write(f"{line}\r\n".encode())
    await writer.drain()


async def _words(reader: asyncio.StreamReader) -> bytes:
    """All up to a lone dot; dots that were doubled at the start of a line are single again."""
    lines: list[bytes] = []
    size = 0
    while (line := await reader.readuntil(b"\n")) not in {b".\r\n", b".\n"}:
        size += len(line)
        if size > _LARGEST:
            raise ValueError("too large")
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)
