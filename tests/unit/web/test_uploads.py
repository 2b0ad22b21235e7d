"""The tus server, tried with an outside client (tuspy) and by hand."""

from __future__ import annotations

import asyncio
import base64
import io
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.conditions import eventually
from tests.shared_file import ANNA, RULES, Surface, surface
from wecreate_module.domain.file_requests import (
    ABANDONED,
    FileRequest,
    UploadState,
    read_request,
)
from wecreate_module.services import file_requests
from wecreate_module.services.file_requests import Room
from wecreate_module.services.link_sealing import derive

Json = dict[str, Any]
SIZE = 3_000_007


@dataclass
class Guest:
    """Somebody with the link, without a page."""

    web: Surface
    request: FileRequest
    secret: str
    ticket: str = ""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.web.port}/f/r/{self.request.id}"

    async def call(
        self, method: str, path: str, data: bytes | None = None, **headers: str
    ) -> tuple[int, Json]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Ticket {self.ticket}", "Tus-Resumable": "1.0.0", **named}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, path, data=data and io.BytesIO(data), headers=sent) as answer,
        ):
            return answer.status, dict(answer.headers)

    async def open(self) -> Json:
        _, access = derive(self.request.id, self.secret, None, None)
        body = {"access": base64.b64encode(access).decode()}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.base}/open", json=body) as answer,
        ):
            said: Json = await answer.json()
        self.ticket = str(said["ticket"])
        return said

    async def begin(self, size: int = SIZE) -> str:
        status, headers = await self.call("POST", f"{self.base}/files", Upload_Length=str(size))
        assert status == 201, status
        return f"http://127.0.0.1:{self.web.port}{headers['Location']}"

    async def append(self, path: str, offset: int, data: bytes) -> tuple[int, Json]:
        kind = "application/offset+octet-stream"
        return await self.call("PATCH", path, data, Content_Type=kind, Upload_Offset=str(offset))

    async def offset(self, path: str) -> int:
        status, headers = await self.call("HEAD", path)
        assert status == 200
        return int(headers["Upload-Offset"])

    async def done(self, path: str, letter: bytes = b"letter") -> int:
        body = b'{"letter": "%s"}' % base64.b64encode(letter)
        return (await self.call("POST", f"{path}/done", body))[0]

    def state(self, path: str) -> UploadState | None:
        with self.web.store.read(datetime.now(UTC)) as uow:
            found = uow.file_requests.upload(path.rpartition("/")[2])
        return found.state if found is not None else None


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Surface]:
    async with surface(tmp_path) as made:
        yield made


@pytest.fixture
async def guest(web: Surface) -> Guest:
    with web.store.begin(datetime.now(UTC)) as uow:
        wish = read_request("Fotos vom Fest max 3", RULES)
        request, secret = file_requests.make_request(uow, web.box, wish, RULES, actor=ANNA)
    made = Guest(web, request, secret)
    await made.open()
    return made


async def test_an_outside_tus_client_sends_a_file_in_pieces(guest: Guest) -> None:
    data = os.urandom(SIZE)
    headers = {"Authorization": f"Ticket {guest.ticket}"}
    client = TusClient(f"{guest.base}/files", headers=headers)

    def send() -> str:
        uploader = client.uploader(file_stream=io.BytesIO(data), chunk_size=700_000)
        uploader.upload(stop_at=1_400_000)
        again = client.uploader(file_stream=io.BytesIO(data), url=uploader.url, chunk_size=900_000)
        assert again.offset == 1_400_000
        again.upload()
        return str(again.url)

    path = await asyncio.to_thread(send)
    kept = guest.web.folder / "sent-files" / path.rpartition("/")[2]
    assert await asyncio.to_thread(kept.read_bytes) == data
    assert await guest.done(path) == 200
    assert guest.state(path) is UploadState.WHOLE


async def test_a_cut_keeps_what_came_and_goes_on_from_there(guest: Guest) -> None:
    path = await guest.begin(SIZE)
    data = os.urandom(SIZE)
    host = guest.base.split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(host[0], int(host[1]))
    head = (
        f"PATCH {path.partition(str(guest.web.port))[2]} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Ticket {guest.ticket}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {SIZE}\r\n\r\n"
    )
    writer.write(head.encode() + data[:1_000_000])
    await writer.drain()
    kept = guest.web.folder / "sent-files" / path.rpartition("/")[2]
    await eventually(lambda: kept.stat().st_size == 1_000_000)
    assert await guest.offset(path) == 1_000_000
    # The old line still hangs, as after a walk through a tunnel: the new one takes over.
    status, headers = await guest.append(path, 1_000_000, data[1_000_000:])
    assert (status, headers["Upload-Offset"]) == (204, str(SIZE))
    writer.close()
    assert reader is not None
    assert await asyncio.to_thread(kept.read_bytes) == data


async def test_a_piece_at_the_wrong_place_is_refused_and_changes_nothing(guest: Guest) -> None:
    path = await guest.begin(10)
    assert (await guest.append(path, 5, b"x" * 5))[0] == 409
    assert (await guest.append(path, 0, b"x" * 4))[0] == 204
    assert (await guest.append(path, 0, b"y" * 4))[0] == 409
    assert (await guest.append(path, 4, b"x" * 7))[0] == 413
    assert await guest.done(path) == 409
    assert (await guest.append(path, await guest.offset(path), b"x" * 6))[0] == 204
    assert await guest.done(path) == 200
    assert await guest.done(path) == 200
    assert (await guest.append(path, 10, b""))[0] == 409


async def test_no_more_files_come_than_asked_for(guest: Guest) -> None:
    begun = await asyncio.gather(
        *(guest.call("POST", f"{guest.base}/files", Upload_Length="1") for _ in range(6))
    )
    assert sorted(status for status, _ in begun) == [201, 201, 201, 409, 409, 409]
    assert (await guest.open())["files_left"] == 0
    path = next(headers["Location"] for status, headers in begun if status == 201)
    assert (await guest.call("DELETE", f"http://127.0.0.1:{guest.web.port}{path}"))[0] == 204
    assert (await guest.open())["files_left"] == 1


async def test_what_is_too_large_or_does_not_fit_is_refused_before_it_comes(guest: Guest) -> None:
    too_large = str(guest.request.max_size + 1)
    assert (await guest.call("POST", f"{guest.base}/files", Upload_Length=too_large))[0] == 413
    room = guest.web.upload_room
    assert (await guest.call("POST", f"{guest.base}/files", Upload_Length=str(room + 1)))[0] == 507
    for nonsense in ("-1", "1e9", "", "9" * 30, "²"):
        status, _ = await guest.call("POST", f"{guest.base}/files", Upload_Length=nonsense)
        assert status == 400


async def test_without_the_ticket_of_this_request_nothing_comes_in(guest: Guest) -> None:
    path = await guest.begin(5)
    for ticket in ("", "1.aa", guest.ticket[:-1] + "0", "9" * 11 + "." + "0" * 64):
        other = Guest(guest.web, guest.request, guest.secret, ticket)
        if ticket == guest.ticket:
            continue
        assert (await other.append(path, 0, b"x"))[0] == 403
        assert (await other.call("POST", f"{guest.base}/files", Upload_Length="1"))[0] == 403
    client = TusClient(f"{guest.base}/files", headers={"Authorization": "Ticket 1.2"})
    with pytest.raises(TusCommunicationError):
        await asyncio.to_thread(client.uploader(file_stream=io.BytesIO(b"x")).upload)
    assert await guest.offset(path) == 0


async def test_a_closed_request_takes_no_byte_more(guest: Guest) -> None:
    path = await guest.begin(5)
    with guest.web.store.begin(datetime.now(UTC)) as uow:
        file_requests.close_request(uow, guest.web.box, guest.request.number, actor=ANNA, power=100)
    assert (await guest.append(path, 0, b"x"))[0] == 410
    assert (await guest.call("POST", f"{guest.base}/files", Upload_Length="1"))[0] == 410


async def test_what_was_abandoned_gives_its_place_back(guest: Guest) -> None:
    path = await guest.begin(5)
    later = datetime.now(UTC) + ABANDONED + timedelta(seconds=1)
    with guest.web.store.begin(later) as uow:
        file_requests.begin_upload(uow, guest.request.id, 1, Room(1000))
        assert uow.file_requests.count(guest.request.id) == 1
    assert guest.state(path) is None
    await guest.begin(1)  # tidies up
    kept = guest.web.folder / "sent-files" / path.rpartition("/")[2]
    assert not kept.exists()


async def test_a_full_disk_is_told_and_survived(guest: Guest) -> None:
    path = await guest.begin(100)
    kept = guest.web.folder / "sent-files" / path.rpartition("/")[2]
    kept.unlink()
    kept.symlink_to("/dev/full")  # the kernel's own full disk
    assert (await guest.append(path, 0, b"x" * 100))[0] == 507
    kept.unlink()
    kept.touch()
    assert (await guest.append(path, 0, b"x" * 100))[0] == 204
    assert await guest.done(path) == 200
