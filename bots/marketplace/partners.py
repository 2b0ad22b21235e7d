"""Partners' listings, fetched by the homeserver in its name, and judged here.

Each partner has a loop of its own, so that one who is slow or silent holds up nobody else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from bots.kit.client import Homeserver, Unreachable
from bots.kit.companions import Companion
from wecreate_module.domain.partner_listings import MAX_BYTES, NoAnswer, PartnerPage, read_page
from wecreate_module.services import partners
from wecreate_module.storage.store import Store

log = logging.getLogger("wecreate.partners")

RELAY = "/_synapse/client/wecreate/v1/partner"
MOST_PAGES = 2 + partners.MOST_LISTINGS // 50
PATIENCE = 60.0
"""Seconds for one page, of which the homeserver takes at most forty."""
LONGEST_RETRY_AFTER = 86_400.0
MOST_WRONG = 2000
"""Listings that can't be taken, in one go: then it is left alone for a while."""
_ETAG = 200


class NoPage(Exception):
    """The partner gave none; `retry_after` in seconds, when it named a time."""

    def __init__(self, why: str, retry_after: float = 0.0) -> None:
        super().__init__(why)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Fetched:
    """`body` None: nothing has changed."""

    body: bytes | None
    etag: str = ""


class Puller(Companion):
    """Keeps this server's copy of what its partners have published."""

    def __init__(
        self, store: Store, homeserver: Homeserver, names: Sequence[str], every: float
    ) -> None:
        self._store = store
        self._homeserver = homeserver
        self._names = tuple(names)
        self._every = every

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            for name in await asyncio.to_thread(self._forget_others):
                log.info("no partner any more: its listings go", extra={"server": name})
        except Exception:
            # Tidying up is no reason to leave the partners alone; the next start tries again.
            log.exception("listings of former partners could not be taken out")
        async with asyncio.TaskGroup() as group:
            for name in self._names:
                group.create_task(self._follow(name), name=f"partner {name}")

    async def _follow(self, partner: str) -> None:
        await asyncio.sleep(await asyncio.to_thread(self._due_in, partner))
        while True:
            try:
                wait = await self.pull(partner)
            except Exception:
                # The loop's boundary: a fault of ours with one answer must not end the pulling.
                log.exception("a partner's answer was not understood", extra={"server": partner})
                wait = await asyncio.to_thread(self._wrong, partner, "not understood", 0.0)
            await asyncio.sleep(wait * random.uniform(0.9, 1.1))  # noqa: S311 - no secret

    async def pull(self, partner: str) -> float:
        """Ask once and take in what came; seconds to wait until the next time."""
        try:
            full = await self._walk(partner)
        except NoPage as error:
            log.warning(
                "a partner's marketplace can't be read",
                extra={"server": partner, "why": str(error)},
            )
            wrong = (partner, str(error), error.retry_after)
            return await asyncio.to_thread(self._wrong, *wrong)
        return partners.LONGEST_WAIT if full else self._every

    async def _walk(self, partner: str) -> str:
        """Newest changes first, until all is known; through to the end where that is not sure.

        What was too much, "" when nothing was. Raises NoPage.
        """
        state = await asyncio.to_thread(self._state, partner)
        first = await self._fetch(partner, "", state.etag)
        if first.body is None:
            await asyncio.to_thread(self._well, partner)
            return ""
        seen: set[str] = set()
        wrong: Counter[str] = Counter()
        cursors: set[str] = set()
        body, new, full, total = first.body, 0, "", -1
        while len(cursors) < MOST_PAGES:
            try:
                page, taken = await asyncio.to_thread(self._take, partner, body)
            except NoAnswer as error:
                raise NoPage(str(error)) from error
            seen.update(each.room_id for each in page.listings)
            wrong += page.wrong
            new, full = new + taken.new, full or taken.full
            if wrong.total() > MOST_WRONG:
                full = "too much that can't be taken"
                break
            total = page.total if total < 0 else total
            known = not taken.changed and not full and total == state.total + new
            if known and page.next:
                break
            if page.next is None or page.next in cursors:
                await asyncio.to_thread(self._take_out, partner, seen)
                break
            cursors.add(page.next)
            body = (await self._fetch(partner, page.next, "")).body or b""
        else:
            full = full or "it does not come to an end"
        etag = "" if full else first.etag
        known_total = -1 if full else total
        await asyncio.to_thread(self._well, partner, etag, known_total, wrong, full, page.contact)
        if taken.changed or wrong:
            log.info(
                "a partner's listings",
                extra={"server": partner, "seen": len(seen), "left_out": wrong.total()},
            )
        return full

    async def _fetch(self, partner: str, cursor: str, known: str) -> Fetched:
        """Raises NoPage."""
        params = {"server": partner, **({"cursor": cursor} if cursor else {})}
        headers = {"If-None-Match": known} if known else {}
        try:
            status, answered, body = await self._homeserver.fetch(
                RELAY, params, headers, max_bytes=MAX_BYTES + 1, timeout=PATIENCE
            )
        except Unreachable as error:
            raise NoPage(str(error)) from error
        if status == HTTPStatus.NOT_MODIFIED:
            return Fetched(None)
        if status != HTTPStatus.OK:
            after = answered.get("Retry-After", "")
            seconds = min(float(after), LONGEST_RETRY_AFTER) if after.isdecimal() else 0.0
            raise NoPage(_reason(status, body), seconds)
        return Fetched(body, answered.get("ETag", "")[:_ETAG])

    # What follows runs in threads, each in a transaction of its own.

    def _forget_others(self) -> list[str]:
        with self._store.begin(datetime.now(UTC)) as uow:
            return partners.no_partners_but(uow, self._names)

    def _due_in(self, partner: str) -> float:
        with self._store.read(datetime.now(UTC)) as uow:
            return partners.due_in(uow, partner)

    def _state(self, partner: str) -> partners.PartnerState:
        with self._store.read(datetime.now(UTC)) as uow:
            return partners.state_of(uow, partner)

    def _take(self, partner: str, body: bytes) -> tuple[PartnerPage, partners.Taken]:
        now = datetime.now(UTC)
        page = read_page(body, partner, now)
        with self._store.begin(now) as uow:
            return page, partners.take_page(uow, partner, page)

    def _take_out(self, partner: str, but: set[str]) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            partners.take_out(uow, partner, but)

    def _well(
        self,
        partner: str,
        etag: str | None = None,
        total: int | None = None,
        wrong: Counter[str] | None = None,
        full: str = "",
        contact: str | None = None,
    ) -> None:
        with self._store.begin(datetime.now(UTC)) as uow:
            partners.went_well(
                uow,
                partner,
                every=self._every,
                etag=etag,
                total=total,
                wrong=wrong,
                full=full,
                contact=contact,
            )

    def _wrong(self, partner: str, why: str, at_least: float) -> float:
        with self._store.begin(datetime.now(UTC)) as uow:
            return partners.went_wrong(uow, partner, why, every=self._every, at_least=at_least)


def _reason(status: int, body: bytes) -> str:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    said = given.get("error") if isinstance(given, dict) else None
    return said[:200] if isinstance(said, str) else f"it answers with {status}"
