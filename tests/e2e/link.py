"""The line between two servers: TCP passed on, until it is cut."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

HOSTS = ["127.0.0.1", "::1"]


class Link:
    """Listens on `port` and passes on to `target` of this machine. Cut, it hangs up on everyone."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self._target = target
        self._whole = True
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, HOSTS, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    def cut(self) -> None:
        self._whole = False
        for writer in list(self._open):
            writer.transport.abort()

    def heal(self) -> None:
        self._whole = True

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not self._whole:
                raise ConnectionAbortedError
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except ConnectionError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            for each in (writer, back):
                self._open.discard(each)
                each.transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    with suppress(OSError, RuntimeError):
        sink.write_eof()
