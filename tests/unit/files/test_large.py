"""Files that the homeserver does not take: kept by us, shown by a link."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridges.web.ciphertexts import Ciphertexts
from bridges.web.folder import Folder
from bridges.web.kept import CantKeep, StoreAway
from bridges.web.large import LargeFiles
from tests.unit.files.conftest import ANNA, BEN
from wecreate_module.domain.attachments import Attachment, Media, kept_url, read_media
from wecreate_module.domain.file_imports import Found
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.matrix import RESULT
from wecreate_module.services import file_imports, file_requests, files, links
from wecreate_module.services.large_files import LARGEST_MEDIA, largest_files

NAME = "A" * 22
MEDIA = Media(kept_url(NAME), "k" * 42 + "A", "i" * 21 + "A", "s" * 42 + "A")
SIZE = 900_000_000


def keep(chat: Any, name: str = "Film.mp4", media: Media = MEDIA) -> int:
    """A large file of the Box, as a request brings it in; its number."""
    with chat.store.begin(chat.now) as uow:
        film = Attachment("m.video", name, media, SIZE, "video/mp4")
        file = files.add_file(uow, chat.box, film, sender=ANNA, sent_at=chat.now)
        return int(file.number)


def kept(chat: Any) -> dict[str, int]:
    with chat.store.read(chat.now) as uow:
        found: dict[str, int] = uow.files.kept()
        return found


def test_a_large_file_is_got_by_a_link_and_posted_as_no_message(chat: Any) -> None:
    keep(chat)
    answer = chat.data("!datei 1 holen", BEN)
    assert answer["file"]["name"] == "Film.mp4"
    assert answer["link"]["url"].startswith("https://files.w.example/f/")
    assert chat.posted == []


def test_each_time_it_is_another_link_that_ends(chat: Any) -> None:
    keep(chat)
    first, second = (chat.data("!datei 1 holen")["link"] for _ in range(2))
    assert first["url"] != second["url"]
    ends = datetime.fromisoformat(first["expires_at"])
    assert ends == chat.now.astimezone(ends.tzinfo) + timedelta(days=7)


def test_its_bytes_are_needed_until_it_is_gone_for_good(chat: Any) -> None:
    keep(chat)
    chat.data("!datei 1 löschen")
    assert kept(chat) == {NAME: SIZE}
    chat.wait(days=31)
    assert kept(chat) == {}


def test_its_bytes_are_needed_while_another_files_version_has_them(chat: Any) -> None:
    keep(chat)
    keep(chat, "Film alt.mp4", Media(kept_url("B" * 22), MEDIA.key, MEDIA.iv, MEDIA.sha256))
    chat.data("!datei 2 version von 1")
    assert kept(chat) == {NAME: SIZE, "B" * 22: SIZE}
    assert chat.data("!datei 1 version 1")["file"]["version"] == 3
    assert kept(chat) == {NAME: SIZE, "B" * 22: SIZE}


def test_a_reply_to_the_link_is_about_the_file(chat: Any) -> None:
    keep(chat)
    chat.data("!datei 1 holen")
    assert chat.data("!datei ordner Kino", replied_to=f"$out{chat.count}")["file"]["number"] == 1


def test_no_message_can_name_what_we_keep() -> None:
    assert read_media(MEDIA.to_file()) is None
    assert read_media({**MEDIA.to_file(), "url": "mxc://w.example/x"}) is not None


def test_an_import_takes_large_files_where_there_is_room(chat: Any) -> None:
    rules = LinkRules("https://x", request_size=1_000_000_000, large_room=1_500_000_000)
    found = [Found("a", "a.mp4", SIZE), Found("b", "b.mp4", SIZE), Found("c", "c.txt", 10)]
    with chat.store.begin(chat.now) as uow:
        uow.meta.set(LARGEST_MEDIA, "50000000")
        source: dict[str, object] = {"kind": "zip"}
        one = file_imports.begin_import(uow, chat.box, source, "", actor=ANNA)
        tight = file_imports.plan_import(uow, chat.box, one.id, found, rules)
        assert tight is not None
        assert [each.path for each in tight.take] == ["c.txt"]
        wide = file_imports.plan_import(uow, chat.box, one.id, found[1:], rules)
        assert wide is not None
        assert [each.path for each in wide.take] == ["b.mp4", "c.txt"]
        assert largest_files(uow, LinkRules("https://x")).request == 50_000_000


@pytest.fixture
def needed() -> set[str]:
    return set()


@pytest.fixture
def large(tmp_path: Path, needed: set[str]) -> LargeFiles:
    return LargeFiles(tmp_path / "large", lambda: needed)


async def test_what_no_file_has_any_more_goes_and_what_just_came_stays(
    large: LargeFiles, needed: set[str], tmp_path: Path
) -> None:
    source = tmp_path / "sent"
    await asyncio.to_thread(source.write_bytes, os.urandom(5000))
    for name in ("A" * 22, "B" * 22):
        await large.take(name, source, b"x" * 32)
        await large.take(name, source, b"x" * 32)  # a repeat after a kill
    needed.add("A" * 22)
    await large.forget_unneeded()
    assert large.here("B" * 22) is not None
    await large.forget_unneeded(timedelta(0))
    assert large.here("B" * 22) is None
    assert large.here("A" * 22) is not None
    assert sorted(path.name for path in (tmp_path / "large").iterdir()) == [
        "A" * 22,
        "A" * 22 + ".digests",
    ]


async def test_a_full_disk_keeps_nothing_of_what_it_did_not_take(
    large: LargeFiles, tmp_path: Path
) -> None:
    source, part = tmp_path / "sent", tmp_path / "large" / f"{NAME}.digests.part"
    await asyncio.to_thread(source.write_bytes, b"x" * 5000)
    part.symlink_to("/dev/full")  # the kernel's own full disk
    with pytest.raises(StoreAway):
        await large.take(NAME, source, b"x" * 32)
    assert list((tmp_path / "large").iterdir()) == []
    folder = Folder(tmp_path / "links", 10_000, tuple)
    (folder.path / f"{NAME}.ab.digests.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        await folder.take(NAME, folder.path / f"{NAME}.ab.part", 5000, b"x" * 32)
    assert list(folder.path.iterdir()) == []


async def test_the_bytes_that_were_sent_can_go_when_they_are_kept(
    large: LargeFiles, tmp_path: Path
) -> None:
    source, data = tmp_path / "sent", os.urandom(3_000_000)
    await asyncio.to_thread(source.write_bytes, data)
    await large.take(NAME, source, b"x" * 96)
    source.unlink()
    assert b"".join([chunk async for chunk in large.chunks(NAME)]) == data


async def test_a_lost_one_is_said_to_be_gone(large: LargeFiles, tmp_path: Path) -> None:
    async def fetch(url: str, most: int) -> AsyncIterator[bytes]:
        if most:
            raise CantKeep("gone")
        yield url.encode()

    ciphertexts = Ciphertexts(tmp_path / "c", 10**6, fetch, large=large)
    with pytest.raises(CantKeep, match="gone"):
        await ciphertexts.get(MEDIA)


def arrive(chat: Any, **letter: str) -> list[dict[str, Any]]:
    """A visitor's file of which every byte is here; what the bot says."""
    chat.received = {
        "media": vars(MEDIA),
        "size": SIZE,
        "name": "Film.mp4",
        "mimetype": "video/mp4",
        "sender": "Oma",
        **letter,
    }
    chat.say("!datei anfrage Filme")
    with chat.store.begin(chat.now) as uow:
        (request,) = uow.file_requests.of_box(chat.box.id)
        room = file_requests.Room(10**12, 10**12)
        upload = file_requests.begin_upload(uow, request.id, SIZE, room)
        file_requests.finish_upload(uow, request.id, upload.id, b"letter")
    said: list[dict[str, Any]] = chat.wait(seconds=1)
    return said


def test_what_came_by_a_request_is_entered_and_its_link_told(chat: Any) -> None:
    coming, shown = arrive(chat)
    assert "Filme" in coming["body"]
    data = shown[RESULT]["data"]
    assert (data["file"]["folder"], data["file"]["sender"]) == ("Filme", ANNA)
    assert data["link"]["url"] in shown["body"]
    assert "Oma" in shown["body"]


@pytest.mark.parametrize("said", ["", "text/html\u202e", "x" * 4000, "a/b\r\nX: y", "🤷/🤷"])
def test_a_senseless_type_is_none(chat: Any, said: str) -> None:
    arrive(chat, mimetype=said)
    assert chat.file(1).version.mimetype == "application/octet-stream"


def test_where_no_more_links_may_be_open_it_is_here_all_the_same(
    chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MAX_OPEN_LINKS", 0)
    *_, shown = arrive(chat)
    assert "aufgehoben" in shown["body"]
    assert kept(chat) == {NAME: SIZE}
