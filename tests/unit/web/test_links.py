from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bots.kit.crypto.attachments import decrypted
from bridges.web.ciphertexts import PIECE, Ciphertexts
from bridges.web.kept import CantKeep
from bridges.web.texts import ENGLISH, GERMAN, texts_for
from tests.shared_file import MediaServer, Surface, surface
from wecreate_module.domain.links import FREE_TRIES, LinkWish
from wecreate_module.services import files
from wecreate_module.services.links import NewLink

Json = dict[str, Any]
CLEAR = b"Kanarienvogel " * 150_000  # two pieces and a bit


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Surface]:
    async with surface(tmp_path) as made:
        yield made


class Visitor:
    """A browser without a page."""

    def __init__(self, web: Surface, new: NewLink, access: bytes) -> None:
        self.base = f"http://127.0.0.1:{web.port}/f/{new.id}"
        self.access = base64.b64encode(access).decode()
        self.ticket = ""

    async def post(self, what: str, **changes: Any) -> tuple[int, Json]:
        body = {"access": self.access, **changes}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.base}/{what}", json=body) as answer,
        ):
            said: Json = await answer.json()
            return answer.status, said

    async def visit(self) -> int:
        status, said = await self.post("visit")
        self.ticket = said.get("ticket", "")
        return status

    async def get(self, what: str, **headers: str) -> tuple[int, bytes, Json]:
        headers = {"Authorization": f"Ticket {self.ticket}", **headers}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.base}{what}", headers=headers) as answer,
        ):
            return answer.status, await answer.read(), dict(answer.headers)


async def visitor(web: Surface, clear: bytes = CLEAR, wish: LinkWish | None = None) -> Visitor:
    _, new = await web.share(clear, wish=wish)
    return Visitor(web, new, web.access(new))


async def test_a_visitor_gets_the_ciphertext_in_ranges_and_its_digests(web: Surface) -> None:
    guest = await visitor(web)
    assert await guest.visit() == 200
    (sealed,) = web.server.media.values()
    status, body, _ = await guest.get("/0/data", Range=f"bytes=0-{PIECE - 1}")
    assert (status, body) == (206, sealed[:PIECE])
    status, body, _ = await guest.get("/0/data", Range=f"bytes={PIECE}-{PIECE + 9}")
    assert (status, body) == (206, sealed[PIECE : PIECE + 10])
    _, digests, _ = await guest.get("/0/digests")
    pieces = [sealed[at : at + PIECE] for at in range(0, len(sealed), PIECE)]
    assert digests == b"".join(hashlib.sha256(piece).digest() for piece in pieces)
    # Fetched once, checked once, however often it is asked for.
    assert len(web.server.fetched) == 1


async def test_neither_plaintext_nor_key_nor_secret_is_on_the_disk(web: Surface) -> None:
    _, new = await web.share(CLEAR, "Kanarienvogel.pdf", LinkWish(password=True))
    guest = Visitor(web, new, web.access(new))
    await guest.visit()
    await guest.get("/0/data")
    key = base64.urlsafe_b64decode(new.files[0].media.key + "=")
    told = [b"Kanarienvogel", key, new.files[0].media.key.encode(), new.secret.encode()]
    told += [base64.urlsafe_b64decode(new.secret + "="), (new.password or "-").encode()]
    looked_at = 0
    for path in web.folder.rglob("*"):
        if path.is_file():
            looked_at += 1
            found = path.read_bytes()
            assert not [each for each in told if each in found], path.name
    assert looked_at > 4


async def test_visits_are_counted_and_who_is_in_may_finish(web: Surface) -> None:
    guest = await visitor(web, wish=LinkWish(max_visits=1))
    assert (await guest.post("open"))[0] == 200
    assert await guest.visit() == 200
    ticket = guest.ticket
    assert (await guest.post("visit")) == (410, {"why": "used-up", "seconds": 0})
    status, page, _ = await guest.get("")
    assert status == 410
    assert GERMAN["used-up"] in page.decode()
    guest.ticket = ticket
    for _ in range(2):
        assert (await guest.get("/0/data", Range="bytes=0-9"))[0] == 206


async def test_a_closed_link_serves_nothing_more_at_once(web: Surface) -> None:
    guest = await visitor(web)
    await guest.visit()
    with web.store.begin(datetime.now(UTC)) as uow:
        files.delete_file(uow, web.box, 1, actor="@anna:w.example", power=0)
    assert (await guest.get("/0/data"))[0] == 410
    assert (await guest.post("open"))[0] == 410
    status, page, _ = await guest.get("")
    assert (status, GERMAN["gone"] in page.decode()) == (410, True)


async def test_an_expired_link_serves_nothing(web: Surface) -> None:
    guest = await visitor(web, wish=LinkWish(timedelta(microseconds=1)))
    assert (await guest.post("visit")) == (410, {"why": "gone", "seconds": 0})
    assert (await guest.get(""))[0] == 410


async def test_without_the_secret_or_password_nothing_is_told_and_tries_are_slowed(
    web: Surface,
) -> None:
    guest = await visitor(web, wish=LinkWish(max_visits=1, password=True))
    wrong = base64.b64encode(os.urandom(32)).decode()
    for _ in range(FREE_TRIES):
        assert await guest.post("visit", access=wrong) == (403, {"why": "wrong", "seconds": 0})
    status, said = await guest.post("visit", access=wrong)
    assert (status, said["why"]) == (429, "wait")
    assert said["seconds"] >= 1
    # Even the right one has to wait then, and no visit was used.
    assert (await guest.post("open"))[0] == 429


async def test_nobody_is_shut_out_of_a_link_without_password_by_others_tries(web: Surface) -> None:
    guest = await visitor(web)
    wrong = base64.b64encode(os.urandom(32)).decode()
    for _ in range(FREE_TRIES + 3):
        assert (await guest.post("open", access=wrong))[0] == 403
    assert (await guest.post("open"))[0] == 200


@pytest.mark.parametrize(
    "access", ["", "x", None, 7, [], {"a": 1}, "A" * 10_000, base64.b64encode(b"short").decode()]
)
async def test_senseless_tokens_are_wrong_ones(web: Surface, access: object) -> None:
    guest = await visitor(web)
    assert (await guest.post("visit", access=access))[0] == 403


@pytest.mark.parametrize(
    "ticket", ["", "1.2", f"9999999999.{'0' * 64}", f"0000000001.{'f' * 64}", "x" * 100]
)
async def test_made_up_tickets_fetch_nothing(web: Surface, ticket: str) -> None:
    guest = await visitor(web)
    guest.ticket = ticket
    assert (await guest.get("/0/data"))[0] == 403
    assert (await guest.get("/0/digests"))[0] == 403


async def test_a_ticket_is_good_for_its_own_link_only(web: Surface) -> None:
    first, second = await visitor(web), await visitor(web, b"other")
    await first.visit()
    second.ticket = first.ticket
    assert (await second.get("/0/data"))[0] == 403


@pytest.mark.parametrize(
    "path",
    ["/../../w.db", "/static/../links.py", "/%2e%2e/key", "/static/links.py", "x", "/data/x"],
)
async def test_paths_lead_nowhere_else(web: Surface, path: str) -> None:
    guest = await visitor(web)
    assert (await guest.get(path))[0] in {403, 404}


async def test_unknown_links_look_like_those_that_ended(web: Surface) -> None:
    guest = await visitor(web)
    guest.base = guest.base[:-22] + "A" * 22
    assert (await guest.get(""))[0] == 410
    assert (await guest.post("open")) == (410, {"why": "gone", "seconds": 0})


async def test_every_answer_has_strict_headers_and_no_cookie(web: Surface) -> None:
    guest = await visitor(web)
    await guest.visit()
    for path in ("", "/0/data", "/0/digests"):
        _, _, headers = await guest.get(path)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Set-Cookie" not in headers
    _, _, headers = await guest.get("/0/data")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"] == "attachment"
    assert headers["Content-Type"] == "application/octet-stream"


async def test_the_box_hears_of_the_first_use(web: Surface) -> None:
    guest = await visitor(web)
    for _ in range(2):
        await guest.visit()
    with web.store.begin(datetime.now(UTC)) as uow:
        (item,) = uow.schedule.due(datetime.now(UTC), 10)
    assert (item.kind, item.box_id) == ("files.link_used", web.box.id)


async def test_altered_ciphertext_is_neither_kept_nor_shared(tmp_path: Path) -> None:
    server = MediaServer()
    media = server.put(CLEAR)
    server.media[media.url] = server.media[media.url][:-1] + b"?"
    ciphertexts = Ciphertexts(tmp_path / "c", 2**30, server.fetch)
    with pytest.raises(CantKeep, match="altered"):
        await ciphertexts.get(media)
    assert list((tmp_path / "c").iterdir()) == []


async def test_the_folder_keeps_to_its_bound_and_the_oldest_goes(tmp_path: Path) -> None:
    server = MediaServer()
    ciphertexts = Ciphertexts(tmp_path / "c", 2_500_000, server.fetch)
    first, second, third = (server.put(os.urandom(1_100_000)) for _ in range(3))
    for media in (first, second, first, third):
        await ciphertexts.get(media)
        size = sum(p.stat().st_size for p in (tmp_path / "c").iterdir() if not p.suffix)
        assert size <= 2_500_000
    assert server.fetched == [first.url, second.url, third.url]
    with pytest.raises(CantKeep, match="too-large"):
        await ciphertexts.get(server.put(os.urandom(4_000_000)))


async def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    server = MediaServer()
    media = server.put(b"")
    found = await Ciphertexts(tmp_path / "c", 2**30, server.fetch).get(media)
    assert found.size == 0


async def test_what_is_kept_opens_as_matrix_says(tmp_path: Path) -> None:
    server = MediaServer()
    media = server.put(CLEAR)
    found = await Ciphertexts(tmp_path / "c", 2**30, server.fetch).get(media)

    async def pieces() -> AsyncIterator[bytes]:
        yield found.path.read_bytes()

    opened = [piece async for piece in decrypted(pieces(), media.to_file())]
    assert b"".join(opened) == CLEAR


def test_pages_speak_the_browsers_language() -> None:
    assert texts_for("en-GB,en;q=0.9,de;q=0.5") is ENGLISH
    assert texts_for("fr, de;q=0.3") is GERMAN
    assert texts_for("") is GERMAN
    assert GERMAN.keys() == ENGLISH.keys()


async def test_of_many_who_come_for_the_last_visit_one_gets_in(web: Surface) -> None:
    guest = await visitor(web, b"x", wish=LinkWish(max_visits=1))
    answers = await asyncio.gather(*(guest.post("visit") for _ in range(12)))
    assert sorted(status for status, _ in answers) == [200] + [410] * 11


async def test_a_place_that_the_link_does_not_have_is_not_served(web: Surface) -> None:
    guest = await visitor(web, b"x")
    await guest.visit()
    assert (await guest.get("/1/data"))[0] == 410
    assert (await guest.get("/99999/data"))[0] == 404
