"""What an open link needs stays on our disk, within a bound that is said."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridges.web.ciphertexts import PIECE, Ciphertexts, name_of
from bridges.web.kept import CantKeep
from tests.conditions import eventually
from tests.shared_file import MediaServer, Surface, surface
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.effects import SealLink

MB = 1_000_000


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Surface]:
    async with surface(tmp_path, limit=3 * MB) as made:
        yield made


def used(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if "digests" not in path.name)


async def keep(into: Ciphertexts, media: Media) -> None:
    with into.making() as promise:
        await into.keep(media, promise)


async def keep_failing(into: Ciphertexts, first: Media, gone: Media) -> None:
    with contextlib.suppress(KeyError), into.making() as promise:
        await into.keep(first, promise)
        await into.keep(gone, promise)
        raise AssertionError("it was there")


async def seal(web: Surface, *files: Media, declared: int = MB) -> dict[str, object]:
    """Ask for a link to these, as the outbox does."""
    several = {"several": [vars(each) for each in files]}
    media = vars(files[0]) if len(files) == 1 else several
    about = {"name": "x", "files": [{"size": declared} for _ in files]}
    return await web.links.seal(SealLink("A" * 22, "s" * 43, None, media, about))


async def test_what_open_links_need_is_never_thrown_out(tmp_path: Path) -> None:
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


async def test_a_bound_below_what_links_need_throws_nothing_out(tmp_path: Path) -> None:
    server = MediaServer()
    media = [server.put(os.urandom(MB)) for _ in range(3)]
    pinned = {name_of(each) for each in media}
    before = Ciphertexts(tmp_path / "c", 4 * MB, server.fetch, lambda: pinned)
    for each in media:
        await before.get(each)
    server.media.clear()  # the homeserver has purged them
    after = Ciphertexts(tmp_path / "c", 2 * MB, server.fetch, lambda: pinned)
    for each in media:
        assert (await after.get(each)).size == MB
    with pytest.raises(CantKeep, match="disk-full"):
        await after.get(server.put(os.urandom(100)))
    for each in media:
        assert (await after.get(each)).size == MB


async def test_between_the_fetch_and_the_row_of_a_link_nothing_is_thrown_out(
    tmp_path: Path,
) -> None:
    server = MediaServer()
    one, other = server.put(os.urandom(600)), server.put(os.urandom(600))
    folder = Ciphertexts(tmp_path / "c", 1000, server.fetch)
    await keep(folder, one)  # its row is not written down yet
    with pytest.raises(CantKeep, match="disk-full"):
        await keep(folder, other)
    assert (await folder.get(one)).size == 600
    assert len(server.fetched) == 2


async def test_a_link_that_is_ended_right_after_it_was_made_makes_room_at_once(
    tmp_path: Path,
) -> None:
    server = MediaServer()
    one, other = server.put(os.urandom(600)), server.put(os.urandom(600))
    rows: set[str] = set()
    folder = Ciphertexts(tmp_path / "c", 1000, server.fetch, lambda: set(rows))
    await keep(folder, one)
    rows.add(name_of(one))
    with pytest.raises(CantKeep, match="disk-full"):
        await keep(folder, other)
    rows.clear()
    await keep(folder, other)
    assert (await folder.get(other)).size == 600


async def test_what_was_fetched_for_a_link_that_failed_makes_room_at_once(tmp_path: Path) -> None:
    server = MediaServer()
    one, gone, other = (server.put(os.urandom(600)) for _ in range(3))
    del server.media[gone.url]
    folder = Ciphertexts(tmp_path / "c", 1000, server.fetch)
    await keep_failing(folder, one, gone)
    await keep(folder, other)
    assert (await folder.get(other)).size == 600


async def test_a_link_to_more_than_fits_is_refused_before_a_byte_is_fetched(web: Surface) -> None:
    files = [web.server.put(os.urandom(MB)) for _ in range(4)]
    assert await seal(web, *files) == {"failed": "too-large", "room": 3 * MB}
    assert web.server.fetched == []


async def test_wrong_declared_sizes_get_nobody_past_the_bound(web: Surface) -> None:
    files = [web.server.put(os.urandom(MB)) for _ in range(4)]
    assert await seal(web, *files, declared=1) == {"failed": "disk-full", "room": 3 * MB}
    assert not list((web.folder / "link-files").glob("*.part")), "a fetch outlived its link"
    assert used(web.folder / "link-files") <= 3 * MB
    assert (await seal(web, *files[:3]))["size"] == 3 * MB, "what failed still takes room"


async def test_many_at_once_stay_within_the_bound_while_they_come(tmp_path: Path) -> None:
    server = MediaServer()
    files = [server.put(os.urandom(PIECE)) for _ in range(6)]
    hold = asyncio.Event()

    async def slowly(url: str, bound: int) -> AsyncIterator[bytes]:
        async for chunk in server.fetch(url, bound):
            yield chunk
        await hold.wait()

    folder = Ciphertexts(tmp_path / "c", 3 * PIECE, slowly)
    asked = [asyncio.ensure_future(folder.get(each)) for each in files]
    await eventually(lambda: sum(each.done() for each in asked) == 3)
    most = used(tmp_path / "c")
    hold.set()
    found = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each.why for each in found if isinstance(each, CantKeep)]
    assert refused == ["disk-full"] * 3
    assert most <= 3 * PIECE
    assert not list((tmp_path / "c").glob("*.part"))
    # What was refused left nothing behind that takes room.
    for each in files:
        assert (await folder.get(each)).size == PIECE


async def test_an_emptied_folder_is_filled_again_with_what_links_need(tmp_path: Path) -> None:
    server = MediaServer()
    media = [server.put(os.urandom(MB)) for _ in range(3)]
    del server.media[media[1].url]
    server.media[media[1].url] = b"altered"
    folder = Ciphertexts(tmp_path / "c", 4 * MB, server.fetch)
    await folder.get(media[0])
    await folder.keep_again(media)
    assert server.fetched == [each.url for each in media]
    server.media.clear()
    for each in (media[0], media[2]):
        assert (await folder.get(each)).size == MB


async def test_a_server_that_is_away_keeps_no_other_file_from_being_fetched(tmp_path: Path) -> None:
    server = MediaServer()
    away, here = (server.put(os.urandom(MB)) for _ in range(2))
    asked = []

    async def fetch(url: str, most: int) -> AsyncIterator[bytes]:
        asked.append(url)
        if url == away.url:
            raise RuntimeError(url)
        async for chunk in server.fetch(url, most):
            yield chunk

    folder = Ciphertexts(tmp_path / "c", 4 * MB, fetch)
    with pytest.raises(RuntimeError):
        await folder.keep_again([away, here])
    assert asked[-1] == here.url
    assert (await folder.get(here)).size == MB
    assert asked[-1] == here.url, "it was there"
    assert asked.count(here.url) == 1


async def test_files_that_nobody_waits_for_leave_nothing_in_memory(tmp_path: Path) -> None:
    server = MediaServer()
    folder = Ciphertexts(tmp_path / "c", 4 * MB, server.fetch)
    media = [server.put(os.urandom(400)) for _ in range(20)]
    await asyncio.gather(*(folder.get(each) for each in media * 2))
    assert len(server.fetched) == len(media)
    assert len(folder._locks) == 0


async def test_a_link_is_served_though_the_folder_is_full_of_others(web: Surface) -> None:
    shared = [await web.share(os.urandom(MB)) for _ in range(2)]
    with pytest.raises(KeyError):  # the result tells of a failure and holds no link
        await web.share(os.urandom(2 * MB))
    assert [link for _, link in shared]
    with web.store.read(datetime.now(UTC)) as uow:
        assert len(uow.links.needed()) == 2
