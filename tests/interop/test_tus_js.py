"""tus-js-client in Node, a client that is none of ours, against the uploads' server."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.interop.js_client import NODE
from tests.shared_file import ANNA, RULES, Surface, surface
from wecreate_module.domain.file_requests import UploadState, read_request
from wecreate_module.services import file_requests
from wecreate_module.services.link_sealing import derive

Json = dict[str, Any]
SCRIPT = Path(__file__).parent / "js/tus.js"
SIZE = 3_000_007
CHUNK = 700_000


@dataclass
class Foreign:
    """The client with the ticket of a request; what it is to send lies in `file`."""

    web: Surface
    base: str
    ticket: str
    file: Path

    async def run(self, **more: object) -> Json:
        asked = {
            "endpoint": f"{self.base}/files",
            "ticket": self.ticket,
            "file": str(self.file),
            "size": self.file.stat().st_size,
            "chunk": CHUNK,
            **more,
        }
        process = await asyncio.create_subprocess_exec(
            *(str(NODE), str(SCRIPT), json.dumps(asked)), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        said: Json = json.loads(out)
        return said

    def kept(self, url: str) -> Path:
        return self.web.folder / "sent-files" / url.rpartition("/")[2]

    def state(self, url: str) -> UploadState | None:
        with self.web.store.read(datetime.now(UTC)) as uow:
            found = uow.file_requests.upload(url.rpartition("/")[2])
        return found.state if found is not None else None


@pytest.fixture
async def foreign(tmp_path: Path) -> AsyncIterator[Foreign]:
    async with surface(tmp_path) as web:
        with web.store.begin(datetime.now(UTC)) as uow:
            wish = read_request("Fotos max 3", RULES)
            request, secret = file_requests.make_request(uow, web.box, wish, RULES, actor=ANNA)
        base = f"http://127.0.0.1:{web.port}/f/r/{request.id}"
        _, access = derive(request.id, secret, None, None)
        body = {"access": base64.b64encode(access).decode()}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{base}/open", json=body) as answer,
        ):
            ticket = str((await answer.json())["ticket"])
        file = tmp_path / "file.bin"
        await asyncio.to_thread(file.write_bytes, os.urandom(SIZE))
        yield Foreign(web, base, ticket, file)


@pytest.mark.parametrize("method", ["PATCH", "POST"])
async def test_it_creates_and_sends_in_pieces(foreign: Foreign, method: str) -> None:
    said = await foreign.run(override=method == "POST")
    assert "failed" not in said, said
    assert said["seen"][0] == ["POST", 201]
    assert said["seen"][1:] == [[method, 204]] * 5
    assert foreign.kept(said["url"]).read_bytes() == foreign.file.read_bytes()


async def test_it_goes_on_where_it_stopped(foreign: Foreign) -> None:
    begun = await foreign.run(stopAt=2 * CHUNK)
    assert begun["sent"] == 2 * CHUNK
    assert foreign.kept(begun["url"]).stat().st_size == 2 * CHUNK
    said = await foreign.run(url=begun["url"])
    assert "failed" not in said, said
    assert said["seen"] == [["HEAD", 200], *([["PATCH", 204]] * 3)]
    assert foreign.kept(said["url"]).read_bytes() == foreign.file.read_bytes()


async def test_a_conflict_of_offsets_changes_nothing_and_it_finds_its_place(
    foreign: Foreign,
) -> None:
    said = await foreign.run(lies=2)
    assert "failed" not in said, said
    assert said["seen"].count(["PATCH", 409]) == 2
    assert ["HEAD", 200] in said["seen"]
    assert foreign.kept(said["url"]).read_bytes() == foreign.file.read_bytes()


async def test_it_takes_back_what_it_began(foreign: Foreign) -> None:
    said = await foreign.run(stopAt=CHUNK, terminate=True)
    assert said["seen"][-1] == ["DELETE", 204]
    assert not foreign.kept(said["url"]).exists()
    assert foreign.state(said["url"]) is None
    gone = await foreign.run(url=said["url"], endpoint=None)
    assert gone["seen"] == [["HEAD", 410]]


async def test_an_empty_file_is_created_and_that_is_all(foreign: Foreign) -> None:
    foreign.file.write_bytes(b"")
    said = await foreign.run()
    assert said["seen"] == [["POST", 201]]
    assert foreign.kept(said["url"]).read_bytes() == b""


async def test_without_the_ticket_it_gets_nowhere(foreign: Foreign) -> None:
    said = await foreign.run(ticket="1.aa")
    assert "failed" in said
    assert said["seen"] == [["POST", 403]]


async def test_what_the_server_can_do_is_asked_for_and_no_more_is_promised(
    foreign: Foreign,
) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.options(f"{foreign.base}/files") as answer:
            assert answer.status == 204
            assert answer.headers["Tus-Version"] == "1.0.0"
            assert answer.headers["Tus-Extension"] == "creation,termination"
        sent = {"Authorization": f"Ticket {foreign.ticket}", "Tus-Resumable": "0.2.2"}
        async with session.post(f"{foreign.base}/files", headers=sent) as answer:
            assert (answer.status, answer.headers["Tus-Version"]) == (412, "1.0.0")
