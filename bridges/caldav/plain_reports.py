"""Plain REPORTs answered straight from rows, which Radicale's layer would take long for.

What is said is what Radicale's layer says (the tests compare), but for two things: a sync's
limit is kept (RFC 6578, 3.6), and an answer that would be too large is refused.
"""

from __future__ import annotations

import re
import threading
import zlib
from http import HTTPStatus

from bridges.caldav.kinds import COMPONENTS
from bridges.caldav.multistatus import Multistatus
from bridges.caldav.paths import Place
from bridges.caldav.refusals import TOO_MUCH, Environ, Refused, forbidden
from bridges.caldav.reports import TEXT, Multiget, Query, Report, Sync, read_report
from bridges.caldav.tokens import revision_of, token_of
from bridges.caldav.versions import with_version
from bridges.caldav.visit import Visit
from bridges.caldav.windows import Window
from wecreate_module.services.calendars import Collection
from wecreate_module.storage.calendar_objects import Kind
from wecreate_module.storage.calendar_rows import ObjectRow

Answer = tuple[HTTPStatus, dict[str, str], bytes]
_MOST_TEXT = 64_000_000
"""Bytes of objects' texts in one answer."""
_WORTH_PACKING = 1000
# More at once would only take the processor from each other, and from short requests.
_TURNS = threading.BoundedSemaphore(2)
_UTF_8 = re.compile(r"""[^;]*(;\s*charset="?utf-?8"?\s*)?""", re.IGNORECASE)


def answer_plain(visit: Visit, place: Place, body: bytes, environ: Environ) -> Answer | None:
    """Answer a REPORT; None for what is Radicale's. Raises Refused."""
    if not place.collection or place.href or environ.get("SCRIPT_NAME"):
        return None
    if not _UTF_8.fullmatch(str(environ.get("CONTENT_TYPE") or "")):
        return None
    report = read_report(body, f"/{visit.login}/{place.collection}/")
    if report is None:
        return None
    with _TURNS, visit.transaction(writing=False):
        shown = visit.home.get(place.collection)
        if shown is None or (isinstance(report, Query) and not _is_plain(report, shown.kind)):
            return None
        written = _Writing(visit, shown, report).done()
    return _packed(written, environ)


def _is_plain(query: Query, kind: Kind) -> bool:
    """When a task is on is not said by its columns alone."""
    return query.range is None or kind is Kind.EVENT or query.component != COMPONENTS[kind]


class _Writing:
    """One report on one collection, in one transaction."""

    def __init__(self, visit: Visit, shown: Collection, report: Report) -> None:
        self._uow = visit.uow
        self._rows = visit.uow.calendar_rows
        self._shown = shown
        self._versions = visit.versions
        self._key = (shown.box.id, shown.kind)
        self._report = report
        self._texts = TEXT in report.properties
        self._multistatus = Multistatus(
            f"/{visit.login}/{shown.id}/",
            COMPONENTS[shown.kind],
            report.properties,
            self._text,
        )

    def done(self) -> bytes:
        if isinstance(self._report, Query):
            self._query(self._report)
        elif isinstance(self._report, Multiget):
            self._multiget(self._report)
        else:
            self._sync(self._report)
        return self._multistatus.written()

    def _query(self, query: Query) -> None:
        if query.component not in {None, COMPONENTS[self._shown.kind]}:
            return
        if query.range is None:
            found = self._rows.all(*self._key, texts=self._texts)
        else:
            window = Window(*query.range, self._shown.box.timezone)
            found = window.choose(self._rows, self._shown.box.id)
        for row in found:
            self._found(row)

    def _multiget(self, multiget: Multiget) -> None:
        rows = self._rows.named(*self._key, multiget.names, texts=self._texts)
        found = {row.href: row for row in rows}
        for name in multiget.names:
            if name in found:
                self._found(found[name])
            else:
                self._multistatus.missing(name)

    def _sync(self, sync: Sync) -> None:
        top = self._uow.calendar_objects.top(*self._key)
        since = revision_of(sync.token) if sync.token else 0
        if since is None or since > top:
            raise forbidden("D:valid-sync-token", "Begin anew, without a token.")
        changes = self._changes(sync, since)
        if sync.limit is not None and len(changes) > sync.limit:
            changes = changes[: sync.limit]
            top = changes[-1][0]
            self._multistatus.shortened()
        self._multistatus.token(token_of(top))
        for _, change in changes:
            if isinstance(change, str):
                self._multistatus.missing(change)
            else:
                self._found(change)

    def _changes(self, sync: Sync, since: int) -> list[tuple[int, ObjectRow | str]]:
        """What is there now, and the names of what is gone; each with its revision, in order."""
        changed = list(self._rows.changed(*self._key, since, texts=self._texts))
        if not sync.token:
            return [*changed]
        there = {row.href for _, row in changed}
        gone = [each for each in self._rows.gone(*self._key, since) if each[1] not in there]
        return sorted([*changed, *gone], key=lambda each: each[0])

    def _text(self, row: ObjectRow) -> bytes:
        text = self._rows.text(*self._key, row)
        return with_version(text, row.etag) if self._versions else text

    def _found(self, row: ObjectRow) -> None:
        self._multistatus.found(row)
        if self._multistatus.size > _MOST_TEXT:
            raise Refused(TOO_MUCH)


def _packed(body: bytes, environ: Environ) -> Answer:
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    accepted = {word.strip() for word in str(environ.get("HTTP_ACCEPT_ENCODING", "")).split(",")}
    if "gzip" in accepted and len(body) > _WORTH_PACKING:
        # The fastest level: it is the phone's connection that gains, and this processor's time.
        packing = zlib.compressobj(1, wbits=16 + zlib.MAX_WBITS)
        body = packing.compress(body) + packing.flush()
        headers["Content-Encoding"] = "gzip"
    return HTTPStatus.MULTI_STATUS, headers, body
