"""The client API's edges: errors, nonsense and big answers, from a server of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from bots.kit.client import Homeserver, MatrixError, Unreachable

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[Homeserver]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a homeserver that answers everything with one handler."""
    opened: list[tuple[web.AppRunner, Homeserver]] = []

    async def start(handler: Handler) -> Homeserver:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        client = Homeserver(f"http://{host}:{port}/", "s3cret", user_id="@bot:test")
        opened.append((runner, client))
        return client

    yield start
    for runner, client in opened:
        await client.close()
        await runner.cleanup()


async def test_the_token_goes_in_the_header_and_ids_are_quoted(serve: Serve) -> None:
    seen: list[web.Request] = []

    async def echo(request: web.Request) -> web.Response:
        seen.append(request)
        return web.json_response({"event_id": "$1"})

    client = await serve(echo)
    await client.send_event("!a/b?c:test", "m.room.message", "t#1", {})
    assert seen[0].headers["Authorization"] == "Bearer s3cret"
    assert seen[0].raw_path == (
        "/_matrix/client/v3/rooms/%21a%2Fb%3Fc%3Atest/send/m.room.message/t%231"
    )
    assert "s3cret" not in seen[0].raw_path


async def test_a_rate_limit_says_how_long_to_wait(serve: Serve) -> None:
    async def limited(request: web.Request) -> web.Response:
        if request.path.endswith("whoami"):
            return web.Response(status=429, headers={"Retry-After": "7"}, text="slow down")
        body = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many", "retry_after_ms": 1234}
        return web.json_response(body, status=429)

    client = await serve(limited)
    with pytest.raises(MatrixError) as raised:
        await client.create_room({})
    assert (raised.value.errcode, raised.value.retry_after_ms) == ("M_LIMIT_EXCEEDED", 1234)
    assert raised.value.temporary
    with pytest.raises(MatrixError) as raised:
        await client.whoami()
    assert (raised.value.errcode, raised.value.retry_after_ms) == ("M_UNKNOWN", 7000)


async def test_a_proxys_error_page_is_temporary(serve: Serve) -> None:
    async def gone(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")

    client = await serve(gone)
    with pytest.raises(MatrixError) as raised:
        await client.whoami()
    assert (raised.value.status, raised.value.temporary) == (502, True)


@pytest.mark.parametrize("body", ["<html>", "3", '"text"', "", "\xff", "[" * 100_000])
async def test_what_no_homeserver_says_is_unreachable(serve: Serve, body: str) -> None:
    async def strange(_: web.Request) -> web.Response:
        return web.Response(body=body.encode("latin-1"))

    client = await serve(strange)
    with pytest.raises(Unreachable):
        await client.whoami()


async def test_a_server_that_hangs_up_or_is_silent_is_unreachable(serve: Serve) -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    client = await serve(hang_up)
    with pytest.raises(Unreachable):
        await client.request("POST", "/x", {})


async def test_a_file_is_sent_with_its_length_and_not_kept_in_memory(
    serve: Serve, tmp_path: Path
) -> None:
    got: list[tuple[str | None, str | None, int]] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        length = request.headers.get("Content-Length")
        got.append((length, request.headers.get("Transfer-Encoding"), len(body)))
        return web.json_response({"content_uri": "mxc://test/1"})

    client = await serve(take)
    file = tmp_path / "gross.bin"
    file.write_bytes(bytes(300_000))
    assert await client.upload(file, "application/pdf", filename="a b.pdf") == "mxc://test/1"
    assert await client.upload(b"xyz") == "mxc://test/1"
    assert got == [("300000", None, 300_000), ("3", None, 3)]


@pytest.mark.parametrize("uri", ["", "http://x/y", "mxc://", "mxc://a", "mxc://a/", "mxc://a/b/c"])
async def test_what_is_no_media_address_is_refused_before_asking(uri: str) -> None:
    async with Homeserver("http://127.0.0.1:9") as client:
        with pytest.raises(MatrixError, match="M_INVALID_PARAM"):
            await client.download(uri)


async def test_a_download_stops_at_its_limit(serve: Serve) -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(bytes(10_000))
        return response

    client = await serve(flood)
    assert len(await client.download("mxc://test/1", max_bytes=1_000_000)) == 1_000_000
    with pytest.raises(MatrixError, match="M_TOO_LARGE"):
        await client.download("mxc://test/1", max_bytes=999_999)
