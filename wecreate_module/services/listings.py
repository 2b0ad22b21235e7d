"""The directory: every public listing of this server and its partners, to be searched.

Used by the bot, the public page, and the module in Synapse, each with an index of its own.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from wecreate_module.domain.listing_queries import Found, Query
from wecreate_module.domain.listings import Listing
from wecreate_module.storage.engine import make_engine, reading
from wecreate_module.storage.listing_index import ListingIndex
from wecreate_module.storage.listings import ListingRepository
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

Json = dict[str, Any]
Reading = Callable[[], AbstractContextManager[ListingRepository]]
CHUNK = 500
AT_HAND = 5000
FEW = 1500
"""What a search takes in by itself; more than that a thread reads, and the search goes on."""
PATIENCE = 0.25
"""Seconds to wait for a thread that takes in what is new, before searching without that."""

log = logging.getLogger(__name__)


class NotReady(Exception):
    """The database has no listings' table yet: no bot has started on it."""


class Directory:
    """Searches; safe for many threads. Reads what was written since before each answer.

    With a great many to read (at the start, after an import) a thread does that, and what it
    has read so far is searched meanwhile. `listings` None: it is read in others' transactions.
    """

    def __init__(self, listings: Reading | None, close: Callable[[], None] | None = None) -> None:
        self._own = listings
        self._close = close
        self._index = ListingIndex()
        self._revision = 0
        self._read_lately: dict[str, Listing] = {}
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._starting = threading.Lock()
        self._loaded: threading.Event | None = None

    @classmethod
    def of_store(cls, store: Store) -> Directory:
        @contextmanager
        def listings() -> Iterator[ListingRepository]:
            with store.read(datetime.now(UTC)) as uow:
                yield uow.listings

        directory = cls(listings)
        with listings() as known, _guard:
            _directories[known.engine] = directory
        return directory

    @classmethod
    def at(cls, url: str) -> Directory:
        """Read a database alone: nothing else of the store, and no keys."""
        engine = make_engine(url)

        @contextmanager
        def listings() -> Iterator[ListingRepository]:
            try:
                with reading(engine.connect()) as connection, connection.begin():
                    yield ListingRepository(connection)
            except (OperationalError, ProgrammingError) as error:
                raise NotReady(str(error.orig)) from error

        return cls(listings, engine.dispose)

    def close(self) -> None:
        """Give up connections of its own."""
        if self._close is not None:
            self._close()

    def refresh(self) -> int:
        """Take in all that was written since; the revision that is known then."""
        with self._listings() as listings, self._loading:
            return self._take_in_all(listings)

    def warm(self) -> threading.Event:
        """Begin to read, so that the first search need not wait; set when that is done."""
        with self._starting:
            if self._loaded is None or self._loaded.is_set():
                self._loaded = threading.Event()
                load = threading.Thread(
                    target=self._load, args=(self._loaded,), name="directory", daemon=True
                )
                load.start()
            return self._loaded

    def search(self, query: Query) -> Found:
        """Raises InvalidQuery (of domain/listing_queries.py) for a wrong cursor, NotReady."""
        _, found = self.search_unless(query, lambda _: False)
        if found is None:
            raise RuntimeError("nothing was to be left out")
        return found

    def search_unless(self, query: Query, known: Callable[[int], bool]) -> tuple[int, Found | None]:
        """The revision, and what is found unless the asker knows the answer of that revision."""
        with self._listings() as listings:
            revision = self._take_in(listings)
            return revision, None if known(revision) else self._page(listings, query)

    def search_in(self, listings: ListingRepository, query: Query) -> Found:
        """The same, in a transaction that stands already and has written no listing."""
        self._take_in(listings)
        return self._page(listings, query)

    def _page(self, listings: ListingRepository, query: Query) -> Found:
        with self._lock:
            page = self._index.search(query)
        return Found(
            listings=self._read(listings, page.room_ids),
            total=page.total,
            facets=page.facets,
            next=page.next,
        )

    @contextmanager
    def _listings(self) -> Iterator[ListingRepository]:
        if self._own is None:
            raise RuntimeError("this directory is read in transactions that stand already")
        with self._own() as listings:
            yield listings

    def _take_in(self, listings: ListingRepository) -> int:
        """While a thread takes in a great many, what is there already gets searched."""
        behind = listings.revision() - self._revision
        if not behind:
            return self._revision
        if self._own is not None and (behind > FEW or self._index.worn):
            self.warm().wait(PATIENCE)
            return self._revision
        while not self._loading.acquire(timeout=PATIENCE):
            if len(self._index):
                return self._revision
        try:
            return self._take_in_all(listings)
        finally:
            self._loading.release()

    def _take_in_all(self, listings: ListingRepository) -> int:
        while changed := listings.since(self._revision, CHUNK):
            with self._lock:
                self._index.apply(changed)
                self._revision = changed[-1].revision
                for listing in changed:
                    self._read_lately.pop(listing.room_id, None)
        if self._index.worn:
            self._rebuild(listings)
        return self._revision

    def _load(self, loaded: threading.Event) -> None:
        try:
            before = len(self._index)
            self.refresh()
            if len(self._index) - before > FEW:
                # Else each full collection looks at all of it again: 0.1 s for 10,000 listings,
                # in which nothing else of the process runs, Synapse's sends neither.
                gc.freeze()
        except NotReady as error:
            log.info("the directory is not there yet: %s", error)
        except Exception:
            # The thread's boundary: the next search tries again.
            log.exception("the directory could not be read")
        finally:
            loaded.set()

    def _read(self, listings: ListingRepository, room_ids: Sequence[str]) -> list[Listing]:
        """The rows of a page; those shown lately are at hand."""
        with self._lock:
            known = {each: self._read_lately.get(each) for each in room_ids}
            revision = self._revision
        fresh = listings.some([each for each, listing in known.items() if listing is None])
        with self._lock:
            if revision == self._revision:
                if len(self._read_lately) > AT_HAND:
                    self._read_lately.clear()
                self._read_lately.update((each.room_id, each) for each in fresh)
        known.update((each.room_id, each) for each in fresh)
        return [each for each in known.values() if each is not None and each.listed]

    def get(self, room_id: str) -> Listing | None:
        """A listing that is listed."""
        with self._listings() as listings:
            found = listings.get(room_id)
        return found if found is not None and found.listed else None

    def _rebuild(self, listings: ListingRepository) -> None:
        fresh, revision = ListingIndex(), 0
        while changed := listings.since(revision, CHUNK):
            fresh.apply(changed)
            revision = changed[-1].revision
        with self._lock:
            self._index, self._revision = fresh, revision
            self._read_lately.clear()


def listing_json(listing: Listing) -> Json:
    """A listing as the directory's answers and feeds give it."""
    return {
        "room_id": listing.room_id,
        "alias": listing.alias or None,
        "server": listing.server,
        "kind": listing.kind.value,
        "title": listing.title,
        "summary": listing.summary,
        "district": listing.district or None,
        "tags": list(listing.tags),
        "status": listing.status.value,
        "support": listing.support,
        "publisher": {
            "type": listing.publisher.type.value,
            "name": listing.publisher.name,
            "verified": listing.publisher.verified,
        },
        "published_at": _iso(listing.published_at),
        "starts_at": _iso(listing.starts_at) if listing.starts_at else None,
    }


def whole_json(listing: Listing) -> Json:
    """All that is public of a listing, as partners take it over."""
    return {
        **listing_json(listing),
        "offer": listing.offer.value if listing.offer else None,
        "place": listing.place or None,
        "card": listing.card or None,
        "stale": listing.stale,
    }


def answer_json(found: Found, *, detail: bool = False, contact: str = "") -> Json:
    """The answer of the marketplace's web resource; `contact` takes reports, of partners say."""
    shown = whole_json if detail else listing_json
    return {
        **({"contact": contact} if detail and contact else {}),
        "results": [shown(listing) for listing in found.listings],
        "facets": found.facets,
        "total": found.total,
        "next": found.next,
    }


def search_listings(uow: UnitOfWork, query: Query) -> Found:
    """Search in an open transaction; each database has one index in a process."""
    with _guard:
        directory = _directories.get(uow.listings.engine)
        if directory is None:
            directory = _directories[uow.listings.engine] = Directory(None)
    return directory.search_in(uow.listings, query)


_directories: WeakKeyDictionary[Engine, Directory] = WeakKeyDictionary()
_guard = threading.Lock()


def import_listings(store: Store, given: Sequence[Listing], now: datetime) -> None:
    """Put listings into the directory in one transaction; a room's later one replaces it."""
    once = {listing.room_id: listing for listing in given}
    with store.begin(now) as uow:
        uow.listings.put_many(list(once.values()))


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
