"""The marketplace on the web: pages that need no script, feeds, dates for calendars."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from icalendar import Calendar, Event
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bridges.web.market_texts import texts_for, word
from wecreate_module.domain.listing_queries import Found, InvalidQuery, Query, parse_query
from wecreate_module.domain.listings import Listing
from wecreate_module.services import listing_feeds as feeds
from wecreate_module.services.listing_documents import app_link, json_ld, room_link
from wecreate_module.services.listings import Directory

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PREFIX = "/markt"
_HERE = Path(__file__).parent
_ROOM = "{room_id:[!][^/]{1,255}}"
_FILTERS = ("kind", "district", "tag", "status", "publisher", "server")
_NARROWING = frozenset({*_FILTERS, "since", "until"})
_SORTS = ("relevance", "newest", "support", "starts")
_DATE = len("2026-11-22")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
}


class Market:
    """The pages; until `open` they ask for patience."""

    def __init__(self) -> None:
        self._directory: Directory | None = None
        self._zone = ZoneInfo("Europe/Berlin")
        self._pages = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(("html.j2",)),
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def open(self, directory: Directory, zone: ZoneInfo) -> None:
        self._directory, self._zone = directory, zone

    def routes(self) -> list[web.RouteDef]:
        listing = f"{PREFIX}/l/{_ROOM}"
        return [
            web.get(PREFIX, self._guarded(self._search)),
            web.get(f"{PREFIX}/feed.atom", self._guarded(self._atom)),
            web.get(f"{PREFIX}/feed.json", self._guarded(self._json)),
            web.get(f"{PREFIX}/static/market.css", self._css),
            web.get(listing, self._guarded(self._listing)),
            web.get(f"{listing}/termin.ics", self._guarded(self._ics)),
        ]

    async def _search(self, request: web.Request) -> web.StreamResponse:
        query = _query(request)
        found = await self._found(query)
        chosen = {name: request.query.get(name, "") for name in _FILTERS}
        more = None
        if found.next is not None:
            kept = {name: value for name, value in request.query.items() if name != "cursor"}
            more = f"{PREFIX}?{urlencode({**kept, 'cursor': found.next})}"
        return self._html(
            request,
            "market.html.j2",
            found=found,
            asked=query,
            filtered=sum(
                1 for name, value in request.query.items() if value and name in _NARROWING
            ),
            sorts=_SORTS,
            dates={each: request.query.get(each, "")[:_DATE] for each in ("since", "until")},
            filters=[
                (name, value)
                for name, value in chosen.items()
                if name != "server" or value or len(found.facets["server"]) > 1
            ],
            choices={name: _choices(found, name, chosen[name]) for name in _FILTERS},
            query=_feed_query(request),
            more=more,
        )

    async def _listing(self, request: web.Request) -> web.StreamResponse:
        listing = await self._one(request)
        return self._html(
            request,
            "listing.html.j2",
            listing=listing,
            document=json_ld(listing),
            web_link=room_link(listing),
            app_link=app_link(listing),
        )

    async def _ics(self, request: web.Request) -> web.StreamResponse:
        listing = await self._one(request)
        if listing.starts_at is None:
            raise _Gone
        return web.Response(
            body=_calendar(listing, f"{request.url.origin()}{path_of(listing)}"),
            content_type="text/calendar",
            charset="utf-8",
            headers={**_HEADERS, "Content-Disposition": 'attachment; filename="termin.ics"'},
        )

    async def _atom(self, request: web.Request) -> web.StreamResponse:
        found = await self._found(feeds.newest(_query(request)))
        body = feeds.atom(self._feed(request, "feed.atom"), found.listings)
        return web.Response(body=body, content_type=feeds.ATOM, charset="utf-8", headers=_HEADERS)

    async def _json(self, request: web.Request) -> web.StreamResponse:
        found = await self._found(feeds.newest(_query(request)))
        feed = feeds.json_feed(self._feed(request, "feed.json"), found.listings)
        answer = web.json_response(feed, content_type=feeds.JSON_FEED)
        answer.headers.update(_HEADERS)
        return answer

    def _feed(self, request: web.Request, name: str) -> feeds.Feed:
        base, asked = str(request.url.origin()), _feed_query(request)
        return feeds.Feed(
            title=texts_for(request.headers.get("Accept-Language", ""))["title"],
            address=f"{base}{PREFIX}/{name}{asked}",
            home=f"{base}{PREFIX}{asked}",
            url_of=lambda listing: f"{base}{path_of(listing)}",
        )

    async def _css(self, request: web.Request) -> web.StreamResponse:
        del request
        headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=3600"}
        return web.FileResponse(_HERE / "static" / "market.css", headers=headers)

    async def _found(self, query: Query) -> Found:
        if self._directory is None:
            raise _NotOpen
        return await asyncio.to_thread(self._directory.search, query)

    async def _one(self, request: web.Request) -> Listing:
        if self._directory is None:
            raise _NotOpen
        found = await asyncio.to_thread(self._directory.get, request.match_info["room_id"])
        if found is None:
            raise _Gone
        return found

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                return _unless_known(request, await handler(request))
            except InvalidQuery:
                return self._html(request, "market_note.html.j2", 400, why="wrong")
            except _Gone:
                return self._html(request, "market_note.html.j2", 404, why="gone")
            except _NotOpen:
                return self._html(request, "market_note.html.j2", 503, why="later")

        return guarded

    def _html(
        self, request: web.Request, name: str, status: int = 200, **values: object
    ) -> web.Response:
        return web.Response(
            text=self._render(request, name, **values),
            status=status,
            content_type="text/html",
            headers=_HEADERS,
        )

    def _render(self, request: web.Request, name: str, **values: object) -> str:
        texts = texts_for(request.headers.get("Accept-Language", ""))
        language = texts["lang"]
        return self._pages.get_template(name).render(
            texts=texts,
            path=path_of,
            word=lambda value: word(value, language),
            when=lambda instant: _when(instant.astimezone(self._zone), language),
            **values,
        )


class _Gone(Exception):
    """No such listing, or not any more."""


class _NotOpen(Exception):
    """The store is not open yet."""


def _unless_known(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """With an ETag of what is in it; 304 when the asker has just that."""
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return answer
    tag = hashlib.sha256(answer.body).hexdigest()[:20]
    known = request.if_none_match or ()
    if any(each.value == tag for each in known):
        answer = web.Response(status=304, headers=_HEADERS)
    answer.etag = tag
    answer.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    return answer


def path_of(listing: Listing) -> str:
    return f"{PREFIX}/l/{quote(listing.room_id, safe='!:')}"


def _query(request: web.Request) -> Query:
    """As the directory's parameters; what a form leaves empty is not asked."""
    given: dict[str, list[str]] = {}
    for name, value in request.query.items():
        if value:
            given.setdefault(name, []).append(value)
    return parse_query(given)


def _feed_query(request: web.Request) -> str:
    kept = {name: value for name, value in request.query.items() if value and name != "cursor"}
    return f"?{urlencode(kept)}" if kept else ""


def _choices(found: Found, name: str, chosen: str) -> list[tuple[str, int]]:
    """A filter's values with their counts; the chosen one stays to be seen."""
    counts: Mapping[str, int] = found.facets.get(name, {})
    listed = list(counts.items())
    known = {value.casefold() for value in counts}
    return listed if not chosen or chosen.casefold() in known else [(chosen, 0), *listed]


def _when(instant: datetime, language: str) -> str:
    return f"{instant:%d.%m.%Y, %H:%M}" if language == "de" else f"{instant:%Y-%m-%d %H:%M}"


def _calendar(listing: Listing, url: str) -> bytes:
    """RFC 5545; two hours, since a listing knows no end."""
    starts = listing.starts_at or listing.published_at
    event = Event()
    event.add("uid", f"{listing.room_id.removeprefix('!')}@{listing.server}")
    event.add("dtstamp", listing.published_at)
    event.add("dtstart", starts)
    event.add("dtend", starts + timedelta(hours=2))
    event.add("summary", listing.title)
    event.add("description", listing.summary)
    event.add("url", url)
    if listing.place:
        event.add("location", listing.place)
    calendar = Calendar()
    calendar.add("prodid", "-//WeCreate//marketplace//DE")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found
