"""The ciphertext of links in an S3 store: moto's server."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from bridges.web.ciphertexts import CantKeep, Ciphertexts, name_of
from bridges.web.kept import LARGE, StoreAway
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


async def test_what_a_link_needs_outlives_the_homeservers_media_and_our_disk(
    s3: str, tmp_path: Path
) -> None:
    server = MediaServer()
    media = server.put(CLEAR)
    sealed = server.media[media.url]
    found = await ciphertexts(tmp_path / "a", server, s3, set()).keep(media)
    server.media.clear()  # purged
    again = await ciphertexts(tmp_path / "b", server, s3, set()).get(media)
    assert again.path.read_bytes() == sealed
    assert (again.tree, again.size) == (found.tree, found.size)
    assert len(server.fetched) == 1


async def test_what_no_link_needs_leaves_the_store(s3: str, tmp_path: Path) -> None:
    server = MediaServer()
    first, second = server.put(b"eins"), server.put(b"zwei")
    one = ciphertexts(tmp_path / "a", server, s3, {name_of(second)})
    await one.keep(first)
    await one.keep(second)
    await one.forget_unneeded()
    kept = KeptInS3(s3, "links", "key", "secret")
    assert await kept.get(name_of(first)) is None
    assert await kept.get(name_of(second)) is not None


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


async def test_without_a_store_what_open_links_need_is_never_thrown_out(tmp_path: Path) -> None:
    server = MediaServer()
    first, second, third = (server.put(os.urandom(400)) for _ in range(3))
    folder = Ciphertexts(tmp_path / "c", 1000, server.fetch, lambda: {name_of(first)})
    for media in (first, second, third, first):
        await folder.get(media)
    assert len(server.fetched) == 3, "the pinned one was fetched again"
    crowded = Ciphertexts(
        tmp_path / "c", 1000, server.fetch, lambda: {name_of(first), name_of(third)}
    )
    with pytest.raises(CantKeep, match="disk-full"):
        await crowded.get(second)


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
    assert (await made.keep(media)).path.read_bytes() == sent
    assert list((tmp_path / "large").iterdir()) == [], "it lies in the store"
    assert await links.get(name_of(media)) is None, "it is kept twice"
    await links.keep_only(set)
    await large.forget_unneeded()
    assert await store.get("B" * 22) is not None, "what just came is spared"
    await large.forget_unneeded(timedelta(0))
    assert await store.get("B" * 22) is None
    assert await store.get("A" * 22) is not None
