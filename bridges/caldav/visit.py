"""One request: who asks, what they may see, the text they sent, and the open transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bridges.caldav.refusals import Refusal
from wecreate_module.services.calendars import Collection, collections_of
from wecreate_module.services.outside import Written
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

_CURRENT: ContextVar[Visit | None] = ContextVar("visit", default=None)


@dataclass
class Visit:
    """Lives for one request, in one thread."""

    store: Store
    user_id: str
    login: str
    own_properties: bool = False
    """A PROPPATCH: how a person calls a calendar for themselves, who may only read too."""
    asks_address: bool = False
    asks_size: bool = False
    versions: bool = False
    """Whether the program finds the version in the text alone (versions.py)."""
    wants_whole: bool = False
    """Whether the answer may be a whole collection as one text."""
    wants_text: bool = True
    """Whether the answer holds objects' texts; else they stay sealed."""
    expanded: tuple[datetime | None, datetime | None] | None = None
    """The time in which series are to be written out, if they are."""
    written: Written | None = None
    kept_as_sent: bool = True
    refusal: Refusal | None = None
    """What to answer instead of Radicale's own words."""
    _home: dict[str, Collection] | None = None
    _uow: UnitOfWork | None = None
    _writing: bool = False
    _stack: ExitStack | None = None
    _seen: dict[str, Collection] = field(default_factory=dict)

    @contextmanager
    def transaction(self, *, writing: bool) -> Iterator[None]:
        """One transaction for what is done inside; begun when it is first needed."""
        with ExitStack() as stack:
            self._stack, self._writing = stack, writing
            try:
                yield
            finally:
                self._stack = self._uow = None

    @property
    def uow(self) -> UnitOfWork:
        if self._uow is None:
            if self._stack is None:
                raise RuntimeError("the store is asked outside of a transaction")
            begin = self.store.begin if self._writing else self.store.read
            self._uow = self._stack.enter_context(begin(datetime.now(UTC)))
            if self._writing:
                self._home = None  # rights are asked anew in the transaction that writes
        return self._uow

    @property
    def home(self) -> dict[str, Collection]:
        """Calendars by id, as the person may see them now."""
        if self._stack is not None:
            uow = self.uow
            if self._home is None:
                self._home = _home(uow, self.user_id)
        elif self._home is None:
            with self.store.read(datetime.now(UTC)) as uow:
                self._home = _home(uow, self.user_id)
        return self._home

    def refuse(self, refusal: Refusal) -> ValueError:
        """Remember what to answer; to be raised, for Radicale ends a request so."""
        self.refusal = refusal
        return ValueError(refusal.name)


def _home(uow: UnitOfWork, user_id: str) -> dict[str, Collection]:
    return {one.id: one for one in collections_of(uow, user_id)}


@contextmanager
def visiting(visit: Visit) -> Iterator[Visit]:
    token = _CURRENT.set(visit)
    try:
        yield visit
    finally:
        _CURRENT.reset(token)


def current() -> Visit:
    """The request that this thread answers."""
    visit = _CURRENT.get()
    if visit is None:
        raise RuntimeError("there is no request")
    return visit


def anybody() -> Visit | None:
    """The request that this thread answers, if somebody who is known asks."""
    return _CURRENT.get()
