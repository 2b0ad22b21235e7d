"""`GET /_synapse/client/wecreate/v1/marketplace`: the directory, for everybody.

docs/reference/marketplace.openapi.yaml says what it answers, and the tests hold it to that.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from synapse.api.errors import Codes, SynapseError
from synapse.http.site import SynapseRequest
from synapse.module_api import DirectServeJsonResource, ModuleApi

from wecreate_module.domain.listing_queries import Found, InvalidQuery, Query, parse_query
from wecreate_module.services import listing_feeds as feeds
from wecreate_module.services.listing_documents import json_ld, room_link
from wecreate_module.services.listings import Directory, NotReady, answer_json
from wecreate_module.synapse import disclosures
from wecreate_module.synapse.federation import Federation, claimed_server
from wecreate_module.synapse.throttle import Throttle, address_of

logger = logging.getLogger(__name__)

MARKETPLACE = "/_synapse/client/wecreate/v1/marketplace"
LISTINGS = b"listings"
ATOM_FEED, JSON_FEED = b"feed.atom", b"feed.json"
METHODS = (b"GET", b"HEAD", b"OPTIONS")
Known = Callable[[str], bool]
Write = Callable[[Found], bytes]


@dataclass(frozen=True)
class Answer:
    """`body` None: the asker has it already."""

    etag: str
    body: bytes | None
    count: int = 0
    revision: int = 0
    kind: str = "application/json"


class Pages:
    """Answers given lately. An ETag stands for question and revision, so none is ever stale."""

    def __init__(self, most: int = 4_000_000) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, etag: str) -> Answer | None:
        with self._lock:
            answer = self._kept.get(etag)
            if answer is not None:
                self._kept.move_to_end(etag)
            return answer

    def keep(self, answer: Answer) -> None:
        with self._lock:
            if answer.etag in self._kept or answer.body is None:
                return
            self._kept[answer.etag] = answer
            self._size += len(answer.body)
            while self._size > self._most:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone.body or b"")


class MarketplaceResource(DirectServeJsonResource):
    """Reads the store in a thread; an answer that the asker has already is not sent again."""

    isLeaf = True  # noqa: N815  # Twisted's name: what is below is ours too

    def __init__(
        self,
        api: ModuleApi,
        directory: Directory,
        federation: Federation,
        partners: Collection[str],
        bot: str,
    ) -> None:
        super().__init__()
        self._api = api
        self._directory = directory
        self._federation = federation
        self._partners = partners
        self._bot = bot
        self._throttle = Throttle()
        self._pages = Pages()

    def render(self, request: SynapseRequest) -> int:
        """Whoever comes with another method is told which there are (RFC 9110, 15.5.6)."""
        if request.method not in METHODS:
            _header(request, "Allow", b", ".join(METHODS).decode())
        answer: int = super().render(request)
        return answer

    async def _async_render_GET(  # noqa: N802  # Synapse's name
        self, request: SynapseRequest
    ) -> tuple[int, object] | None:
        _allow_everybody(request)
        if wait := self._throttle.wait(address_of(request)):
            _header(request, "Retry-After", str(int(wait) + 1))
            raise SynapseError(429, "Too many requests", Codes.LIMIT_EXCEEDED)
        find = self._what(request)
        partner = await self._partner(request)
        given = str(request.getHeader("If-None-Match") or "")
        known = {part.strip().removeprefix("W/") for part in given.split(",")}
        try:
            answer = await self._api.defer_to_thread(find, known.__contains__)
        except InvalidQuery as error:
            raise SynapseError(400, str(error), Codes.INVALID_PARAM) from error
        except NotReady as error:
            logger.info("the directory is not there yet: %s", error)
            _header(request, "Retry-After", "5")
            text = "The directory is being set up, please try again soon."
            raise SynapseError(503, text, Codes.UNKNOWN) from error
        if partner and answer.body is not None:
            disclosures.listings_sent(partner, answer.count, answer.revision)
        _send(request, answer)
        return None

    def _what(self, request: SynapseRequest) -> Callable[[Known], Answer]:
        """What to do in a thread. Raises SynapseError for a wrong question."""
        below: list[bytes] = [part for part in request.postpath or [] if part]
        if not below:
            query = _query(request)
            return lambda known: self._found(query, known, "application/json", self._page(query))
        if below in ([ATOM_FEED], [JSON_FEED]):
            query = feeds.newest(_query(request))
            kind, write = self._feed(request, below[0])
            return lambda known: self._found(query, known, kind, write)
        if len(below) != 2 or below[0] != LISTINGS:  # noqa: PLR2004 - listings/<room id>
            raise SynapseError(404, "There is nothing here.", Codes.NOT_FOUND)
        room_id = below[1].decode("utf-8", "replace")
        return lambda known: self._one(room_id, known)

    async def _partner(self, request: SynapseRequest) -> str | None:
        """A partner that says who it is: looked into for the log alone, the answer is the same."""
        if claimed_server(request) not in self._partners:
            return None
        return await self._federation.asker(request)

    def _page(self, query: Query) -> Write:
        return lambda found: _json(answer_json(found, detail=query.detail, contact=self._bot))

    def _feed(self, request: SynapseRequest, name: bytes) -> tuple[str, Write]:
        """Its kind, and how it is written; a listing is read in its room."""
        base = self._api.public_baseurl or f"https://{self._api.server_name}/"
        asked = f"?{urlencode(request.args, doseq=True)}" if request.args else ""
        here = f"{base.rstrip('/')}{MARKETPLACE}"
        feed = feeds.Feed(
            title=f"Marktplatz · {self._api.server_name}",
            address=f"{here}/{name.decode()}{asked}",
            home=f"{here}{asked}",
            url_of=room_link,
        )
        if name == ATOM_FEED:
            return feeds.ATOM, lambda found: feeds.atom(feed, found.listings)
        return feeds.JSON_FEED, lambda found: _json(feeds.json_feed(feed, found.listings))

    def _found(self, query: Query, known: Known, kind: str, write: Write) -> Answer:
        question, given = f"{kind} {query!r}", list[Answer]()

        def answered(revision: int) -> bool:
            etag = _etag(question, revision)
            at_hand = Answer(etag, None) if known(etag) else self._pages.get(etag)
            given.extend([at_hand] if at_hand is not None else [])
            return at_hand is not None

        revision, found = self._directory.search_unless(query, answered)
        if found is None:
            return given[0]
        etag = _etag(question, revision)
        answer = Answer(etag, write(found), len(found.listings), revision, kind)
        self._pages.keep(answer)
        return answer

    def _one(self, room_id: str, known: Known) -> Answer:
        listing = self._directory.get(room_id)
        if listing is None:
            raise SynapseError(404, "There is no such listing.", Codes.NOT_FOUND)
        etag = _etag(room_id, listing.revision)
        if known(etag):
            return Answer(etag, None)
        body = _json(json_ld(listing))
        return Answer(etag, body, 1, listing.revision, "application/ld+json")


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


def _etag(question: str, revision: int) -> str:
    """The order has no clock in it: same question, same revision, same answer."""
    return f'"{revision}-{hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:16]}"'


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _send(request: SynapseRequest, answer: Answer) -> None:
    _header(request, "ETag", answer.etag)
    _header(request, "Cache-Control", "public, max-age=0, must-revalidate")
    if answer.body is None:
        request.setResponseCode(HTTPStatus.NOT_MODIFIED)
    else:
        request.setResponseCode(HTTPStatus.OK)
        _header(request, "Content-Type", answer.kind)
        _header(request, "Content-Length", str(len(answer.body)))
        request.write(answer.body)  # type: ignore[no-untyped-call]  # Twisted's
    request.finish()


def _allow_everybody(request: SynapseRequest) -> None:
    """Pages of any site may ask: what stands here is public."""
    _header(request, "Access-Control-Allow-Origin", "*")
    _header(request, "Access-Control-Expose-Headers", "ETag")


def _header(request: SynapseRequest, name: str, value: str) -> None:
    request.setHeader(name, value)  # type: ignore[no-untyped-call]  # Twisted's
