"""Asking partner servers over HTTPS, and knowing which of them asks.

Synapse's own way to other servers: it finds them (.well-known, SRV), checks their certificates,
keeps off the addresses that it is told to keep off, and signs in the server's name. ModuleApi
has no door to it, so `_hs` stands here and nowhere else; tests on a real Synapse hold it in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synapse.api.errors import SynapseError
from synapse.federation.transport.server._base import Authenticator
from synapse.http.site import SynapseRequest
from synapse.logging.context import make_deferred_yieldable, run_in_background
from synapse.module_api import ModuleApi
from synapse.util.async_helpers import timeout_deferred
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers

TIMEOUT = 20.0
"""Seconds, for the answer's head and for its body each: who drips is hung up on."""


class NoPartner(Exception):
    """No answer worth the name; the text is for the operator."""


@dataclass(frozen=True)
class Answer:
    status: int
    etag: str
    retry_after: str
    body: bytes


class Federation:
    def __init__(self, api: ModuleApi) -> None:
        server: Any = api._hs  # noqa: SLF001 - see above
        self._client = server.get_federation_http_client()
        self._clock = server.get_clock()
        self._authenticator = Authenticator(server)

    async def get(self, server: str, path: str, known: str, most: int) -> Answer:
        """GET `path` (with its query) of `server`, unless it is still `known`; `most` bytes.

        Raises NoPartner.
        """
        headers = {
            b"User-Agent": [b"WeCreate"],
            b"Accept": [b"application/json"],
            b"Authorization": self._client.build_auth_headers(
                server.encode("ascii"), b"GET", path.encode("ascii")
            ),
        }
        if known:
            headers[b"If-None-Match"] = [known.encode("utf-8")]
        uri = f"matrix-federation://{server}{path}".encode("ascii")
        try:
            response = await self._in_time(
                run_in_background(self._client.agent.request, b"GET", uri, Headers(headers))
            )
            reader = _Body(most)
            response.deliverBody(reader)
            body: bytes = await self._in_time(reader.done)
        except TooMuch as error:
            raise NoPartner(f"it sends more than {most} bytes") from error
        except DNSLookupError as error:
            raise NoPartner("its address is not known") from error
        except ConnectError as error:
            raise NoPartner("it does not answer") from error
        except Exception as error:
            # A boundary to the network: TLS, broken HTTP, an answer that stops half way.
            raise NoPartner(_said(error)) from error
        return Answer(
            status=int(response.code),
            etag=_header(response, "ETag"),
            retry_after=_header(response, "Retry-After"),
            body=body,
        )

    async def asker(self, request: SynapseRequest) -> str | None:
        """The server that signed this request; None when none did, or not rightly."""
        try:
            return await self._authenticator.authenticate_request(request, None)
        except SynapseError:
            return None

    async def _in_time(self, deferred: Any) -> Any:  # noqa: ANN401 - Twisted's
        waiting = timeout_deferred(deferred=deferred, timeout=TIMEOUT, clock=self._clock)
        return await make_deferred_yieldable(waiting)


class TooMuch(Exception):
    """More bytes than were wanted."""


class _Body(Protocol):
    """Collects an answer's body; hangs up when there is too much, or when it is cancelled."""

    def __init__(self, most: int) -> None:
        self.done: Deferred[bytes] = Deferred(lambda _: self._hang_up())
        self._most = most
        self._parts: list[bytes] = []
        self._size = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        self._size += len(data)
        if self._size <= self._most:
            self._parts.append(data)
        elif not self.done.called:
            self.done.errback(TooMuch())
            self._hang_up()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802  # likewise
        if self.done.called:
            return
        if isinstance(reason.value, ResponseDone | PotentialDataLoss):
            self.done.callback(b"".join(self._parts))
        else:
            self.done.errback(reason)

    def _hang_up(self) -> None:
        transport: Any = self.transport
        if transport is not None:
            transport.loseConnection()


def claimed_server(request: SynapseRequest) -> str:
    """Who a request says it is signed by, yet to be verified; "" for nobody."""
    header = str(request.getHeader("Authorization") or "")
    if not header.startswith("X-Matrix "):
        return ""
    for part in header.removeprefix("X-Matrix ").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "origin":
            return value.strip('"')
    return ""


def _said(error: Exception) -> str:
    if "certificate verify failed" in str(error):
        return "its certificate can't be verified"
    return f"{type(error).__name__}: {error}"[:200]


def _header(response: Any, name: str) -> str:  # noqa: ANN401 - Twisted's
    values = response.headers.getRawHeaders(name) or [""]
    return str(values[0])[:200]
