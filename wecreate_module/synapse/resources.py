"""`GET /_synapse/client/wecreate/v1/marketplace`: the directory, for everybody."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from synapse.api.errors import Codes, SynapseError
from synapse.http.site import SynapseRequest
from synapse.module_api import DirectServeJsonResource, ModuleApi

from wecreate_module.domain.listing_queries import InvalidQuery, Query, parse_query
from wecreate_module.services.listings import Directory, NotReady, answer_json

logger = logging.getLogger(__name__)

MARKETPLACE = "/_synapse/client/wecreate/v1/marketplace"
# Of one address: so many at once, and so many a second after that.
BURST = 200
PER_SECOND = 20.0
ADDRESSES = 10_000


class Throttle:
    """A bucket of requests for each address, the last used ones remembered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Take one request; 0.0, or the seconds until the next may come.

        "" is this machine itself: its operator, who is not slowed down.
        """
        if not address:
            return 0.0
        now = self._clock()
        left, before = self._buckets.pop(address, (float(BURST), now))
        left = min(float(BURST), left + (now - before) * PER_SECOND)
        wait = 0.0 if left >= 1 else (1 - left) / PER_SECOND
        self._buckets[address] = (left if wait else left - 1, now)
        while len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return wait


class MarketplaceResource(DirectServeJsonResource):
    """Reads the store in a thread; an answer that the asker has already is not sent again."""

    def __init__(self, api: ModuleApi, directory: Directory) -> None:
        super().__init__()
        self._api = api
        self._directory = directory
        self._throttle = Throttle()

    async def _async_render_GET(  # noqa: N802  # Synapse's name
        self, request: SynapseRequest
    ) -> tuple[int, object] | None:
        if wait := self._throttle.wait(_address(request)):
            _header(request, "Retry-After", str(int(wait) + 1))
            raise SynapseError(429, "Too many requests", Codes.LIMIT_EXCEEDED)
        query = _query(request)
        known = request.getHeader("If-None-Match") or ""
        try:
            etag, answer = await self._api.defer_to_thread(self._answer, query, known)
        except InvalidQuery as error:
            raise SynapseError(400, str(error), Codes.INVALID_PARAM) from error
        except NotReady as error:
            logger.info("the directory is not there yet: %s", error)
            _header(request, "Retry-After", "5")
            text = "The directory is being set up, please try again soon."
            raise SynapseError(503, text, Codes.UNKNOWN) from error
        _header(request, "ETag", etag)
        _header(request, "Cache-Control", "public, max-age=0, must-revalidate")
        if answer is None:
            request.setResponseCode(HTTPStatus.NOT_MODIFIED)
            _allow_everybody(request)
            request.finish()
            return None
        _send(request, answer)
        return None

    def _answer(self, query: Query, known: str) -> tuple[str, bytes | None]:
        """The ETag, and the answer unless it is known already. Runs in a thread."""
        tags = {part.strip().removeprefix("W/") for part in known.split(",")}
        revision, found = self._directory.search_unless(
            query, lambda revision: _etag(query, revision) in tags
        )
        if found is None:
            return _etag(query, revision), None
        text = json.dumps(answer_json(found), ensure_ascii=False, separators=(",", ":"))
        return _etag(query, revision), text.encode()


def _query(request: SynapseRequest) -> Query:
    try:
        given = {
            name.decode(): [value.decode() for value in values]
            for name, values in (request.args or {}).items()
        }
        return parse_query(given)
    except UnicodeDecodeError as error:
        raise SynapseError(400, "parameters have to be UTF-8", Codes.INVALID_PARAM) from error
    except InvalidQuery as error:
        raise SynapseError(400, str(error), Codes.INVALID_PARAM) from error


def _etag(query: Query, revision: int) -> str:
    """The order has no clock in it: same question, same revision, same answer."""
    return f'"{revision}-{hashlib.sha256(repr(query).encode()).hexdigest()[:16]}"'


def _send(request: SynapseRequest, answer: bytes) -> None:
    request.setResponseCode(HTTPStatus.OK)
    _header(request, "Content-Type", "application/json")
    _header(request, "Content-Length", str(len(answer)))
    _allow_everybody(request)
    request.write(answer)  # type: ignore[no-untyped-call]  # Twisted's
    request.finish()


def _allow_everybody(request: SynapseRequest) -> None:
    """Pages of any site may ask: what stands here is public."""
    _header(request, "Access-Control-Allow-Origin", "*")
    _header(request, "Access-Control-Expose-Headers", "ETag")


def _header(request: SynapseRequest, name: str, value: str) -> None:
    request.setHeader(name, value)  # type: ignore[no-untyped-call]  # Twisted's


def _address(request: SynapseRequest) -> str:
    """Who asks; "" for this machine, not for what says so behind a proxy."""
    host = str(request.getClientAddress().host)  # type: ignore[no-untyped-call]  # Twisted's
    if request.getHeader("X-Forwarded-For") is not None:
        return host
    try:
        return "" if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host
