"""python caldav's way to the network, with every bound that a stranger's server needs.

No redirects by themselves, no proxies or netrc of the environment, no cookies, no HTTP/3 (whose
Alt-Svc leads elsewhere), no lookups for certificates; bounded in size and time.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import SplitResult
from xml.parsers import expat

import niquests
import wassima
from lxml import etree  # type: ignore[import-untyped]  # python caldav's parser, ships no types
from niquests.packages.urllib3.contrib.resolver import (  # type: ignore[import-not-found]  # made at run time
    BaseResolver,
    ProtocolResolver,
)

from bridges.caldav.external.addresses import Allowed
from bridges.caldav.external.errors import ExternalError, Trouble

MAX_BYTES = 30_000_000
"""10,000 names with etags have about 4 MB."""
_CONNECT_S, _READ_S, _WHOLE_S = 10.0, 30.0, 90.0
_MAX_DEPTH = 24
_MULTISTATUS = 207


class Resolver(BaseResolver):  # type: ignore[misc]  # as its import
    """Gives addresses that may be asked, and connections only to them."""

    protocol = ProtocolResolver.CUSTOM
    implementation = "wecreate"

    def __init__(self, allowed: Allowed) -> None:
        super().__init__(None)
        self._allowed = allowed

    def recycle(self) -> BaseResolver:
        return self

    def close(self) -> None:
        """Nothing is held open."""

    def is_available(self) -> bool:
        return True

    def getaddrinfo(
        self,
        host: bytes | str | None,
        port: str | int | None,
        family: int,
        type: int,  # noqa: A002  its caller's name for it
        proto: int = 0,
        flags: int = 0,
        *,
        quic_upgrade_via_dns_rr: bool = False,
    ) -> list[Any]:
        del quic_upgrade_via_dns_rr
        name = host.decode() if isinstance(host, bytes) else host
        if not name:
            raise ExternalError(Trouble.FORBIDDEN_ADDRESS, "there is no host")
        return self._allowed.addresses(
            name, int(port or 443), family=family, type=type, proto=proto, flags=flags
        )


class Session(niquests.Session):
    """`deadline` is when all of a run has to be over (seconds of `monotonic`)."""

    def __init__(self, allowed: Allowed, deadline: float) -> None:
        super().__init__(
            resolver=Resolver(allowed),
            retries=0,
            disable_http3=True,
            revocation_configuration=None,
            allow_incoming_cookies=False,
        )
        self.trust_env = False
        self._allowed = allowed
        self._trusted = _trusted(allowed.certificates)
        self._deadline = deadline

    def request(  # type: ignore[override]  # all that python caldav gives
        self,
        method: str,
        url: str,
        **given: Any,  # noqa: ANN401  as niquests has it
    ) -> niquests.Response:
        """One request, its answer read whole; raises ExternalError."""
        self._allowed.check_url(url)
        began = monotonic()
        if began >= self._deadline:
            raise ExternalError(Trouble.UNREACHABLE, "it takes too long")
        try:
            answer = super().request(
                method,
                url,
                data=given.get("data"),
                headers={**given.get("headers", {}), "Accept-Encoding": "identity"},
                auth=given.get("auth"),
                verify=self._trusted,
                timeout=(_CONNECT_S, min(_READ_S, self._deadline - began)),
                allow_redirects=False,
                stream=True,
            )
            answer._content = self._read(answer, began)  # noqa: SLF001  where it keeps what it has read
        except ExternalError:
            raise
        except niquests.exceptions.SSLError as error:
            # Also what isn't TLS at all: no password was sent, whichever it was.
            raise ExternalError(Trouble.CERTIFICATE, _said(error)) from error
        except (niquests.RequestException, socket.gaierror, OSError) as error:
            if (cause := _cause(error)) is not None:
                raise cause from error
            raise ExternalError(Trouble.UNREACHABLE, type(error).__name__) from error
        return answer

    def _read(self, answer: niquests.Response, began: float) -> bytes:
        """What a multistatus says; nobody reads other bodies."""
        body = read_bounded(answer, min(self._deadline, began + _WHOLE_S))
        if answer.status_code != _MULTISTATUS:
            return b""
        _check_xml(body)
        return body


def _trusted(certificates: Path | None) -> bool | str:
    """Certificates for `verify`: the system's, and the operator's own beside them."""
    if certificates is None:
        return True
    return wassima.generate_ca_bundle() + "\n" + certificates.read_text()


def _said(error: Exception) -> str:
    """What OpenSSL says, which names certificates and hosts, no secrets."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__ or seen.__context__
    return str(seen or type(error).__name__)[:200]


class Digest(niquests.auth.HTTPDigestAuth):
    """It reads the refusal before it asks again: with the same bounds."""

    def handle_401(self, r: niquests.Response, **kwargs: Any) -> niquests.Response:  # noqa: ANN401  as niquests has it
        if not r._content_consumed:  # noqa: SLF001  where it says what it has read
            r._content = read_bounded(r, monotonic() + _READ_S)  # noqa: SLF001  likewise
        answer: niquests.Response = super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call]  # niquests
        return answer


def read_bounded(answer: niquests.Response, until: float) -> bytes:
    """The body, no larger than MAX_BYTES, before `until`; raises ExternalError."""
    if answer.headers.get("Content-Encoding", "identity").lower() not in {"", "identity"}:
        answer.close()
        raise ExternalError(Trouble.BROKEN, "it packs what was to come plain")
    pieces, size = [], 0
    for piece in answer.iter_content(-1):
        size += len(piece)
        if size > MAX_BYTES:
            answer.close()
            raise ExternalError(Trouble.TOO_LARGE, "an answer is too large")
        if monotonic() > until:
            answer.close()
            raise ExternalError(Trouble.UNREACHABLE, "an answer takes too long")
        pieces.append(piece)
    return b"".join(pieces)


def _check_xml(body: bytes) -> None:
    """No DTD, nothing deep, well-formed: python caldav logs what it can't parse."""
    depth = 0

    def start(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise ExternalError(Trouble.BROKEN, "its XML is nested too deeply")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise ExternalError(Trouble.BROKEN, "there is a DOCTYPE in its XML")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = doctype
    try:
        parser.Parse(body, True)  # noqa: FBT003  expat's own signature
        # It has limits of its own: for the length of a text, say.
        etree.XML(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (expat.ExpatError, etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise ExternalError(Trouble.BROKEN, "its XML is not well-formed") from error


def _cause(error: BaseException) -> ExternalError | None:
    """Ours, however deep the layers between have wrapped it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ExternalError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def origin_of(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"
