"""The homeserver's client API, as JSON in and out (Matrix client-server API 1.16).

Plain aiohttp, not nio's client: docs/decisions/0003-nio-in-its-corner.md says why. No request is
repeated in here; whoever calls knows whether and when a repeat does no harm.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

Json = dict[str, Any]
Params = Mapping[str, str] | Iterable[tuple[str, str]]

log = logging.getLogger("wecreate.client")

TIMEOUT = 30.0
"""Seconds for an ordinary request."""
PATIENT = 180.0
"""Seconds for what may wait for other servers: joins, invites, uploads."""
MAX_DOWNLOAD = 100 * 1024 * 1024
_CHUNK = 64 * 1024
_TOO_MANY_REQUESTS = 429
_SERVER_FAULT = 500


class MatrixError(Exception):
    """The homeserver answered with an error."""

    def __init__(
        self,
        status: int,
        errcode: str,
        error: str = "",
        retry_after_ms: int | None = None,
        body: Json | None = None,
    ) -> None:
        super().__init__(f"{status} {errcode}: {error}")
        self.status = status
        self.errcode = errcode
        self.error = error
        self.retry_after_ms = retry_after_ms
        self.body = body or {}

    @property
    def temporary(self) -> bool:
        """Whether the same request may well succeed later."""
        return self.status == _TOO_MANY_REQUESTS or self.status >= _SERVER_FAULT


class Unreachable(Exception):
    """No answer, or none that a Matrix homeserver gives. The request may have been carried out."""


class Homeserver:
    """One account's (or, without a token, nobody's) way to its homeserver."""

    def __init__(
        self,
        url: str,
        access_token: str | None = None,
        *,
        user_id: str = "",
        device_id: str = "",
    ) -> None:
        self.url = url.rstrip("/")
        self.access_token = access_token
        self.user_id = user_id
        self.device_id = device_id
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=40, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        path: str,
        *,
        data: Any = None,  # noqa: ANN401 - bytes, file or stream, whatever aiohttp takes
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - aiohttp's own, to tell it from a cancel
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        sent = dict(headers or {})
        if self.access_token:
            sent["Authorization"] = f"Bearer {self.access_token}"
        pairs = params.items() if isinstance(params, Mapping) else params
        target = URL(self.url + path, encoded=True)
        try:
            async with self._http().request(
                method,
                target.with_query(list(pairs)) if pairs else target,
                data=data,
                headers=sent,
                timeout=aiohttp.ClientTimeout(total=timeout),
            ) as response:
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.debug("%s %s: %s", method, path, type(error).__name__)
            raise Unreachable(
                f"{method} {self.url}: {str(error) or type(error).__name__}"
            ) from error

    async def request(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        params: Params | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - aiohttp's own, to tell it from a cancel
    ) -> Json:
        """Return the answer's JSON object (`{"list": […]}` where Matrix answers with a list).

        Raises MatrixError for an error that the homeserver gives, Unreachable for none at all.
        """
        data = None
        if body is not None:
            data = json.dumps(body, separators=(",", ":")).encode()
        elif method in {"POST", "PUT"}:
            data = b"{}"
        headers = {"Content-Type": "application/json"} if data is not None else None
        async with self._open(
            method, path, data=data, params=params, headers=headers, timeout=timeout
        ) as response:
            raw = await response.read()
        return _answer(response.status, response.headers, raw)

    async def fetch(
        self,
        path: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        max_bytes: int,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - aiohttp's own, to tell it from a cancel
    ) -> tuple[int, Mapping[str, str], bytes]:
        """GET as it is: status, headers and at most `max_bytes`; raises Unreachable."""
        async with self._open(
            "GET", path, params=params, headers=headers, timeout=timeout
        ) as response:
            parts, size = [], 0
            async for chunk in response.content.iter_chunked(_CHUNK):
                size += len(chunk)
                if size > max_bytes:
                    raise Unreachable(f"more than {max_bytes} bytes")
                parts.append(chunk)
            return response.status, response.headers, b"".join(parts)

    async def versions(self) -> Json:
        return await self.request("GET", "/_matrix/client/versions", timeout=10)

    async def whoami(self) -> Json:
        return await self.request("GET", "/_matrix/client/v3/account/whoami")

    async def sync(
        self,
        since: str | None,
        timeout_ms: int,
        filter: str | Json | None = None,  # noqa: A002 - Matrix' own word
        *,
        full_state: bool = False,
    ) -> Json:
        """One raw sync response; `filter` is a filter's id or its JSON."""
        params = {"timeout": str(timeout_ms)}
        if since is not None:
            params["since"] = since
        if filter is not None:
            params["filter"] = filter if isinstance(filter, str) else json.dumps(filter)
        if full_state:
            params["full_state"] = "true"
        waiting = timeout_ms / 1000 + (60 if since is not None else 300)
        return await self.request("GET", "/_matrix/client/v3/sync", params=params, timeout=waiting)

    async def messages(
        self,
        room_id: str,
        *,
        start: str | None = None,
        end: str | None = None,
        direction: str = "b",
        limit: int = 100,
        filter: Json | None = None,  # noqa: A002 - Matrix' own word
    ) -> Json:
        """Return a page of history: `{"chunk", "start", "end"}`, newest first for direction "b"."""
        params = {"dir": direction, "limit": str(limit)}
        if start:
            params["from"] = start
        if end:
            params["to"] = end
        if filter is not None:
            params["filter"] = json.dumps(filter)
        return await self.request("GET", _room(room_id, "messages"), params=params)

    async def get_event(self, room_id: str, event_id: str) -> Json:
        return await self.request("GET", _room(room_id, "event", event_id))

    async def get_state(self, room_id: str) -> list[Json]:
        """Return the whole current state."""
        answer = await self.request("GET", _room(room_id, "state"))
        return list(answer["list"])

    async def get_state_event(self, room_id: str, type_: str, state_key: str = "") -> Json:
        """One state event's content; MatrixError 404 when there is none."""
        return await self.request("GET", _room(room_id, "state", type_, state_key))

    async def send_event(self, room_id: str, type_: str, txn_id: str, content: Json) -> str:
        """Return the event id; the same `txn_id` from the same device is the same event."""
        answer = await self.request("PUT", _room(room_id, "send", type_, txn_id), content)
        return str(answer["event_id"])

    async def send_state(self, room_id: str, type_: str, content: Json, state_key: str = "") -> str:
        answer = await self.request("PUT", _room(room_id, "state", type_, state_key), content)
        return str(answer["event_id"])

    async def redact(self, room_id: str, event_id: str, txn_id: str, reason: str = "") -> str:
        body = {"reason": reason} if reason else {}
        answer = await self.request("PUT", _room(room_id, "redact", event_id, txn_id), body)
        return str(answer["event_id"])

    async def create_room(self, body: Json) -> str:
        """Return the room id. Not repeatable: a second request makes a second room."""
        answer = await self.request("POST", "/_matrix/client/v3/createRoom", body, timeout=PATIENT)
        return str(answer["room_id"])

    async def resolve_alias(self, alias: str) -> Json:
        """`{"room_id", "servers"}`."""
        return await self.request(
            "GET", f"/_matrix/client/v3/directory/room/{_q(alias)}", timeout=PATIENT
        )

    async def delete_alias(self, alias: str) -> None:
        path = f"/_matrix/client/v3/directory/room/{_q(alias)}"
        await self.request("DELETE", path, timeout=PATIENT)

    async def invite(self, room_id: str, user_id: str, reason: str = "") -> None:
        body = {"user_id": user_id, **({"reason": reason} if reason else {})}
        await self.request("POST", _room(room_id, "invite"), body, timeout=PATIENT)

    async def join(self, room: str, via: Iterable[str] = ()) -> str:
        """Join by id or alias; `via` names servers that are in the room (v12 ids name none)."""
        params = [(name, server) for server in via for name in ("via", "server_name")]
        answer = await self.request(
            "POST", f"/_matrix/client/v3/join/{_q(room)}", {}, params=params, timeout=PATIENT
        )
        return str(answer["room_id"])

    async def leave(self, room_id: str, reason: str = "") -> None:
        body = {"reason": reason} if reason else {}
        await self.request("POST", _room(room_id, "leave"), body, timeout=PATIENT)

    async def read(self, room_id: str, event_id: str) -> None:
        """Mark as read up to here, so that people see that the bot saw."""
        await self.request("POST", _room(room_id, "receipt", "m.read", event_id), {})

    async def profile(self, user_id: str) -> Json:
        """Public profile: `displayname`, `avatar_url`, `m.tz` (IANA name) where set."""
        return await self.request("GET", f"/_matrix/client/v3/profile/{_q(user_id)}")

    async def set_display_name(self, name: str) -> None:
        path = f"/_matrix/client/v3/profile/{_q(self.user_id)}/displayname"
        await self.request("PUT", path, {"displayname": name})

    async def want_no_pushes(self) -> None:
        """From now on the homeserver neither counts for this account what is new, nor pushes it."""
        path = "/_matrix/client/v3/pushrules/global/override/.m.rule.master/enabled"
        if (await self.request("GET", path)).get("enabled") is not True:
            await self.request("PUT", path, {"enabled": True})

    async def upload(
        self,
        data: bytes | Path | AsyncIterator[bytes],
        mimetype: str = "application/octet-stream",
        *,
        filename: str | None = None,
        size: int | None = None,
    ) -> str:
        """Return the `mxc://` URI. A path, or a stream of `size` bytes, never lies in memory."""
        source = _file_stream(data) if isinstance(data, Path) else data
        length = (await asyncio.to_thread(data.stat)).st_size if isinstance(data, Path) else size
        headers = {"Content-Type": mimetype}
        if not isinstance(source, bytes) and length is not None:
            headers["Content-Length"] = str(length)
        params = {"filename": filename} if filename else None
        path = "/_matrix/media/v3/upload"
        async with self._open(
            "POST", path, data=source, params=params, headers=headers, timeout=PATIENT
        ) as response:
            raw = await response.read()
        return str(_answer(response.status, response.headers, raw)["content_uri"])

    async def largest_upload(self) -> int | None:
        """Bytes of the largest file that the homeserver takes; None when it doesn't say."""
        answer = await self.request("GET", "/_matrix/client/v1/media/config")
        size = answer.get("m.upload.size")
        return size if isinstance(size, int) and size > 0 else None

    async def download(self, uri: str, max_bytes: int = MAX_DOWNLOAD) -> bytes:
        """Return the file as the server has it (encrypted ones stay so), up to `max_bytes`."""
        return b"".join([chunk async for chunk in self.download_stream(uri, max_bytes)])

    async def download_stream(
        self, uri: str, max_bytes: int = MAX_DOWNLOAD
    ) -> AsyncIterator[bytes]:
        """Its chunks; raises MatrixError(413) as soon as there are more than `max_bytes`."""
        parts = urlsplit(uri)
        media_id = parts.path.removeprefix("/")
        if parts.scheme != "mxc" or not parts.netloc or not media_id or "/" in media_id:
            raise MatrixError(400, "M_INVALID_PARAM", "not an mxc:// URI")
        path = f"/_matrix/client/v1/media/download/{_q(parts.netloc)}/{_q(media_id)}"
        total = 0
        async with self._open("GET", path, timeout=PATIENT) as response:
            if response.status >= 400:  # noqa: PLR2004 - HTTP
                _answer(response.status, response.headers, await response.read())
            async for chunk in response.content.iter_chunked(_CHUNK):
                total += len(chunk)
                if total > max_bytes:
                    raise MatrixError(413, "M_TOO_LARGE", f"more than {max_bytes} bytes")
                yield chunk


def _answer(status: int, headers: Mapping[str, str], raw: bytes) -> Json:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if status >= 400:  # noqa: PLR2004 - HTTP
        raise _error(status, headers, body if isinstance(body, dict) else {})
    if isinstance(body, list):
        return {"list": body}
    if not isinstance(body, dict):
        raise Unreachable("the answer is not JSON: is this address a Matrix homeserver?")
    return body


def _error(status: int, headers: Mapping[str, str], body: Json) -> MatrixError:
    wait = body.get("retry_after_ms")
    if not isinstance(wait, int):
        seconds = headers.get("Retry-After", "")
        wait = int(seconds) * 1000 if seconds.isdecimal() else None
    errcode = body.get("errcode")
    code = errcode if isinstance(errcode, str) else "M_UNKNOWN"
    return MatrixError(status, code, str(body.get("error", ""))[:500], wait, body)


async def _file_stream(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk


def _q(part: str) -> str:
    return quote(part, safe="")


def _room(room_id: str, *parts: str) -> str:
    return "/".join(("/_matrix/client/v3/rooms", _q(room_id), *map(_q, parts)))
