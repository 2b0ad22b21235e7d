"""Folders on other servers by WebDAV (RFC 4918): Nextcloud, ownCloud and others.

Only addresses that may be asked (bridges/caldav/external/addresses.py), no redirects, bounded
answers.
"""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from typing import Any, Self
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # likewise

from bridges.caldav.external.addresses import Allowed
from bridges.caldav.external.errors import ExternalError
from wecreate_module.domain.file_imports import MAX_ENTRIES, Found

CHUNK = 256 * 1024
_LARGEST_LISTING = 10_000_000
_DEEPEST = 8
_QUIET = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=60)
_ASK = (
    b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/>'
    b"<d:getcontentlength/></d:prop></d:propfind>"
)
_D = "{DAV:}"


class WebDavError(Exception):
    """`why`: "forbidden" (address), "login", "no-folder", "too-many", "gone", "changed"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Away(Exception):
    """It does not answer: worth another try."""


class _Checked(AbstractResolver):
    """Connections go to the addresses that were checked, and to no others."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await asyncio.to_thread(
            self._allowed.addresses, host, port, type=socket.SOCK_STREAM, family=family
        )
        return [
            ResolveResult(
                hostname=host, host=str(where[0]), port=port, family=kind, proto=proto, flags=0
            )
            for kind, _, proto, _, where in found
        ]

    async def close(self) -> None:
        """Nothing is kept open."""


class Folder:
    """One folder; use as `async with`."""

    def __init__(self, source: dict[str, Any], allowed: Allowed) -> None:
        self._base = str(source["url"])
        self._allowed = allowed
        user, password = str(source.get("user", "")), str(source.get("password", ""))
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"} if user else {}
        self._session = aiohttp.ClientSession(
            headers=headers,
            timeout=_QUIET,
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(resolver=_Checked(allowed), limit=4),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def listed(self) -> list[Found]:
        """All files in it and below; `ref` is the path from its root. Raises WebDavError, Away."""
        found: list[Found] = []
        folders = [("", 0)]
        while folders:
            folder, depth = folders.pop()
            for path, size in await self._children(folder):
                if size is not None:
                    found.append(Found(path, path, size))
                elif depth < _DEEPEST:
                    folders.append((path, depth + 1))
                if len(found) + len(folders) > MAX_ENTRIES * 2:
                    raise WebDavError("too-many")
        return found

    async def chunks(self, found: Found) -> AsyncIterator[bytes]:
        """One file's bytes, never more than announced. Raises WebDavError, Away."""
        done = 0
        try:
            async with self._request("GET", found.ref) as answer:
                if answer.status != 200:  # noqa: PLR2004 - HTTP
                    raise self._refused(answer.status)
                async for chunk in answer.content.iter_chunked(CHUNK):
                    done += len(chunk)
                    if done > found.size:
                        raise WebDavError("changed")
                    yield chunk
        except ExternalError as error:
            raise WebDavError("forbidden") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Away(str(error)) from error
        if done != found.size:
            raise WebDavError("changed")

    async def _children(self, folder: str) -> list[tuple[str, int | None]]:
        """Paths below the root with their size, None for folders."""
        try:
            async with self._request("PROPFIND", folder, data=_ASK, Depth="1") as answer:
                if answer.status != 207:  # noqa: PLR2004 - Multi-Status
                    raise self._refused(answer.status)
                raw = b""
                async for chunk in answer.content.iter_chunked(CHUNK):
                    raw += chunk
                    if len(raw) > _LARGEST_LISTING:
                        raise WebDavError("too-many")
        except ExternalError as error:
            raise WebDavError("forbidden") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error.__cause__, ExternalError):
                raise WebDavError("forbidden") from error
            raise Away(str(error)) from error
        return await asyncio.to_thread(self._read, raw, folder)

    def _request(self, method: str, path: str, data: bytes | None = None, **headers: str) -> Any:  # noqa: ANN401 - aiohttp's own context manager
        url = urljoin(self._base, quote(path))
        parts = self._allowed.check_url(url)
        if parts.netloc != urlsplit(self._base).netloc:  # a path like //elsewhere/
            raise WebDavError("gone")
        host = str(parts.hostname)
        if _is_literal(host):  # aiohttp asks no resolver for these
            self._allowed.addresses(host, parts.port or 443, type=socket.SOCK_STREAM)
        sent = {"Content-Type": "application/xml", **headers} if data else headers
        return self._session.request(method, url, data=data, headers=sent, allow_redirects=False)

    def _read(self, raw: bytes, asked: str) -> list[tuple[str, int | None]]:
        try:
            tree = fromstring(raw, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise WebDavError("no-folder") from error
        root = unquote(urlsplit(self._base).path)
        children = []
        for response in tree.iter(f"{_D}response"):
            href = unquote(urlsplit(response.findtext(f"{_D}href") or "").path)
            path = href.removeprefix(root)
            outside = not href.startswith(root) or ".." in path.split("/")
            if outside or path.strip("/") == asked.strip("/") or not path.startswith(asked):
                continue
            is_folder = response.find(f".//{_D}collection") is not None
            children.append((path, None if is_folder else _length(response)))
        return children

    def _refused(self, status: int) -> Exception:
        if status >= 500 or status == 429:  # noqa: PLR2004 - HTTP
            return Away(f"HTTP {status}")
        return WebDavError({401: "login", 403: "login", 404: "gone"}.get(status, "no-folder"))


def _length(response: Element) -> int:
    said = response.findtext(f".//{_D}getcontentlength") or ""
    return int(said) if said.isdecimal() and len(said) < 16 else 0  # noqa: PLR2004 - petabytes


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()
