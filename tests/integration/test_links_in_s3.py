"""The ciphertext of links in an S3 store: moto's server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from bridges.web.ciphertexts import Ciphertext, Ciphertexts, name_of
from bridges.web.kept import LARGE, CantKeep, StoreAway
from bridges.web.large import LargeFiles
from bridges.web.s3 import KeptInS3
from tests.shared_file import MediaServer
from wecreate_module.domain.attachments import Media, kept_url

CLEAR = b"Kanarienvogel " * 300_000


@pytest.fixture
def s3() -> Iterator[str]:
    """Its address; the bucket is called `links`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    connection = HTTPConnection(host, port)
    connection.request("PUT", "/links", headers={"Authorization": _claim()})
    assert connection.getresponse().status == 200
    connection.close()
    yield f"http://{host}:{port}"
    server.stop()


def _claim() -> str:
    return (
        "AWS4-HMAC-SHA256 Credential=key/20261122/us-east-1/s3/aws4_request, "
        "SignedHeaders=host, Signature=x"
    )


def ciphertexts(folder: Path, server: MediaServer, s3: str, pinned: set[str]) -> Ciphertexts:
    kept = KeptInS3(s3, "links", "key", "secret")
    return Ciphertexts(folder, 2**30, server.fetch, lambda: pinned, kept)


async def keep(into: Ciphertexts, media: Media) -> Ciphertext:
    """As for a new link."""
    with into.making() as promise:
        return await into.keep(media, promise)


async def test_what_a_link_needs_outlives_the_homeservers_media_and_our_disk(
    s3: str, tmp_path: Path
) -> None:
    server = MediaServer()
    media = server.put(CLEAR)
    sealed = server.media[media.url]
    found = await keep(ciphertexts(tmp_path / "a", server, s3, set()), media)
    server.media.clear()  # purged
    again = await ciphertexts(tmp_path / "b", server, s3, set()).get(media)
    assert again.path.read_bytes() == sealed
    assert (again.tree, again.size) == (found.tree, found.size)
    assert len(server.fetched) == 1


async def test_what_the_store_has_lost_is_put_there_again(s3: str, tmp_path: Path) -> None:
    server = MediaServer()
    first, second = server.put(b"eins"), server.put(b"zwei")
    one = ciphertexts(tmp_path / "a", server, s3, set())
    await keep(one, first)
    await one.keep_again([first, second])
    assert server.fetched == [first.url, second.url], "what is there is not fetched again"
    assert {name_of(first), name_of(second)} <= KeptInS3(s3, "links", "key", "secret").names()


async def test_what_no_link_needs_leaves_the_store(s3: str, tmp_path: Path) -> None:
    server = MediaServer()
    first, second = server.put(b"eins"), server.put(b"zwei")
    one = ciphertexts(tmp_path / "a", server, s3, {name_of(second)})
    await keep(one, first)
    await keep(one, second)
    await one.forget_unneeded(timedelta(0))
    kept = KeptInS3(s3, "links", "key", "secret")
    assert await kept.get(name_of(first)) is None
    assert await kept.get(name_of(second)) is not None


_THERE_AND_BACK = """
import asyncio, resource, sys
from pathlib import Path
from bridges.web.s3 import KeptInS3

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

async def run(url, small, large):
    kept = KeptInS3(url, "links", "key", "secret")
    await kept.put("small", Path(small))
    async for chunk in await kept.get("small"): pass
    before, came = peak(), 0
    await kept.put("large", Path(large))
    async for chunk in await kept.get("large"): came += len(chunk)
    print(came, peak() - before)

asyncio.run(run(*sys.argv[1:]))
"""


async def test_a_large_file_goes_there_and_back_in_little_memory(s3: str, tmp_path: Path) -> None:
    small, large, size = tmp_path / "small", tmp_path / "large", 300_000_000
    small.write_bytes(b"x" * 1000)
    with large.open("wb") as file:
        file.truncate(size)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _THERE_AND_BACK, s3, str(small), str(large)),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 240)
    came, kib = map(int, out.split())
    assert came == size
    assert kib < 64 * 1024


async def test_bytes_altered_in_the_store_are_never_served(s3: str, tmp_path: Path) -> None:
    server = MediaServer()
    media = server.put(CLEAR)
    wrong = tmp_path / "wrong"
    wrong.write_bytes(os.urandom(1000))
    kept = KeptInS3(s3, "links", "key", "secret")
    await kept.put(name_of(media), wrong)
    with pytest.raises(CantKeep, match="altered"):
        await ciphertexts(tmp_path / "a", server, s3, set()).get(media)


async def test_a_store_that_is_away_is_told_of() -> None:
    kept = KeptInS3("http://127.0.0.1:9", "links", "key", "secret")
    with pytest.raises(StoreAway):
        await kept.get("x")


async def test_what_the_homeserver_does_not_take_lies_in_the_store_until_no_file_needs_it(
    s3: str, tmp_path: Path
) -> None:
    server, needed = MediaServer(), {"A" * 22}
    sent = server.media[server.put(CLEAR).url]
    source = tmp_path / "sent"
    source.write_bytes(sent)
    digest = base64.b64encode(hashlib.sha256(sent).digest()).decode().rstrip("=")
    media = Media(kept_url("A" * 22), "k" * 43, "i" * 22, digest)
    store = KeptInS3(s3, "links", "key", "secret", LARGE)
    large = LargeFiles(tmp_path / "large", lambda: needed, store)
    for name in ("A" * 22, "B" * 22):
        await large.take(name, source, b"")
    source.unlink()

    async def fetch(url: str, most: int) -> AsyncIterator[bytes]:
        assert most
        async for chunk in large.chunks(url.removeprefix("wecreate:")):
            yield chunk

    links = KeptInS3(s3, "links", "key", "secret")
    made = Ciphertexts(tmp_path / "a", 2**30, fetch, kept=links, large=large)
    assert (await keep(made, media)).path.read_bytes() == sent
    assert list((tmp_path / "large").iterdir()) == [], "it lies in the store"
    assert await links.get(name_of(media)) is None, "it is kept twice"
    await links.keep_only(set)
    await large.forget_unneeded()
    assert await store.get("B" * 22) is not None, "what just came is spared"
    await large.forget_unneeded(timedelta(0))
    assert await store.get("B" * 22) is None
    assert await store.get("A" * 22) is not None
