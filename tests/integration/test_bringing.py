"""Files from a real WebDAV server (wsgidav) and from ZIPs, onto a real Synapse."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import threading
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp  # type: ignore[import-untyped]  # ships no types

from bots.files.bringing import Bringing
from bots.kit.client import Homeserver
from bots.kit.crypto.attachments import decrypted, upload_encrypted
from bridges.caldav.external.addresses import Allowed
from bridges.web.ciphertexts import Ciphertexts
from tests.people import register
from tests.servers import SynapseServer
from tests.strange_caldav import strange_server
from wecreate_module.domain.attachments import Media, read_media
from wecreate_module.domain.effects import BringIn, ListFiles
from wecreate_module.domain.file_imports import read_address

Json = dict[str, Any]
HERE = Allowed(own=("127.0.0.1",))


@pytest.fixture
async def homeserver(synapse: SynapseServer) -> AsyncIterator[Homeserver]:
    person = register(synapse, f"bringer-{os.urandom(4).hex()}")
    async with Homeserver(synapse.url, person.token, user_id=person.user_id) as made:
        yield made


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and its address; Anna's password is needed."""
    folder = tmp_path / "cloud"
    folder.mkdir()
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/public.php/webdav": str(folder)},
            "simple_dc": {"user_mapping": {"*": {"anna": {"password": "geheim"}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False},
            "logging": {"enable": False},
            "verbose": 0,
        }
    )
    server = wsgi.Server(("127.0.0.1", 0), app)
    server.prepare()
    serving = threading.Thread(target=server.serve)
    serving.start()
    yield folder, f"http://127.0.0.1:{server.bind_addr[1]}/public.php/webdav"
    server.stop()
    serving.join()


@pytest.fixture
def bringing(homeserver: Homeserver, tmp_path: Path) -> Bringing:
    sealed = tmp_path / "sealed"
    sealed.mkdir()
    fetched = Ciphertexts(tmp_path / "fetched", 2**30, homeserver.download_stream)
    return Bringing(homeserver, fetched, sealed, HERE)


async def everything(bringing: Bringing, homeserver: Homeserver, source: Json) -> dict[str, bytes]:
    """By path, as it can be read again from the homeserver."""
    found = (await bringing.look(ListFiles(source)))["found"]
    results = (await bringing.bring(BringIn(source, found)))["results"]
    contents = {}
    for (_, path, size), result in zip(found, results, strict=True):
        assert result["size"] == size
        media = Media(**result["media"])
        pieces = homeserver.download_stream(media.url)
        contents[path] = b"".join([each async for each in decrypted(pieces, media.to_file())])
    return contents


async def test_a_folder_with_all_below_it_comes_over_as_it_is(
    bringing: Bringing, homeserver: Homeserver, cloud: tuple[Path, str], tmp_path: Path
) -> None:
    folder, url = cloud
    wanted = {
        "Satzung.pdf": os.urandom(700_001),
        "Protokolle/2026/Größe & 100 %.txt": b"Kanarienvogel " * 99,
        "Protokolle/leer.txt": b"",
    }
    for path, content in wanted.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    source = read_address(f"{url} anna geheim")
    assert await everything(bringing, homeserver, dict(source)) == wanted
    assert list((tmp_path / "sealed").iterdir()) == []


async def test_a_wrong_password_and_a_wrong_folder_are_told_apart(
    bringing: Bringing, cloud: tuple[Path, str]
) -> None:
    for words, why in (("anna falsch", "login"), ("anna geheim", "gone")):
        address = cloud[1] if why == "login" else f"{cloud[1]}/gibtesnicht"
        source = dict(read_address(f"{address} {words}"))
        assert (await bringing.look(ListFiles(source)))["failed"] == why


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/",
        "https://localhost/dav/",
        "https://10.0.0.1/dav/",
        "https://169.254.169.254/latest/",
        "https://[::1]/dav/",
        "https://[::ffff:127.0.0.1]/dav/",
        "https://2130706433/dav/",
        "https://0x7f.1/dav/",
        "http://example.org/dav/",
    ],
)
async def test_the_operators_own_network_is_not_asked(
    homeserver: Homeserver, tmp_path: Path, address: str
) -> None:
    fetched = Ciphertexts(tmp_path / "fetched", 2**30, homeserver.download_stream)
    bringing = Bringing(homeserver, fetched, tmp_path, Allowed())
    assert (await bringing.look(ListFiles(dict(read_address(address)))))["failed"] in {
        "forbidden",
        "away",
    }


async def sent_zip(homeserver: Homeserver, raw: bytes) -> Json:
    media = read_media(await upload_encrypted(homeserver, raw))
    assert media is not None
    return {"kind": "zip", "media": vars(media)}


async def test_a_zip_is_unpacked_without_ever_lying_open_on_the_disk(
    bringing: Bringing, homeserver: Homeserver, tmp_path: Path
) -> None:
    wanted = {"a/b.txt": b"Kanarienvogel " * 100_000, "c.bin": os.urandom(300_000), "leer": b""}
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("a")
        for path, content in wanted.items():
            archive.writestr(path, content)
    source = await sent_zip(homeserver, raw.getvalue())
    assert await everything(bringing, homeserver, source) == wanted
    await asyncio.to_thread(search, tmp_path, b"Kanarienvogel")


def search(folder: Path, canary: bytes) -> None:
    for path in folder.rglob("*"):
        assert path.is_dir() or canary not in path.read_bytes()


async def test_a_zip_bomb_and_what_is_no_zip_are_refused(
    bringing: Bringing, homeserver: Homeserver
) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bombe", bytes(60_000_000))
    for sent, why in ((raw.getvalue(), "trap"), (os.urandom(5000), "no-zip"), (b"", "no-zip")):
        source = await sent_zip(homeserver, sent)
        assert (await bringing.look(ListFiles(source)))["failed"] == why


async def test_a_file_that_is_broken_inside_a_zip_is_left_out_and_the_others_come(
    bringing: Bringing, homeserver: Homeserver
) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("gut.txt", b"gut")
        archive.writestr("kaputt.txt", b"KAPUTTKAPUTT")
    source = await sent_zip(homeserver, raw.getvalue().replace(b"KAPUTTKAPUTT", b"KAPUTTKAPUTX"))
    found = (await bringing.look(ListFiles(source)))["found"]
    good, broken = (await bringing.bring(BringIn(source, found)))["results"]
    assert good["size"] == 3
    assert broken is None


# A server that means no good


def listing(*hrefs: str) -> tuple[int, dict[str, str], bytes]:
    every = "".join(
        f"<D:response><D:href>{href}</D:href><D:propstat><D:prop><D:resourcetype/>"
        "<D:getcontentlength>5</D:getcontentlength></D:prop></D:propstat></D:response>"
        for href in hrefs
    )
    text = f'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">{every}</D:multistatus>'
    return 207, {"Content-Type": "application/xml"}, text.encode()


async def test_no_path_that_a_server_names_leads_to_another_one(
    bringing: Bringing, tmp_path: Path
) -> None:
    with strange_server("127.0.0.2") as other, strange_server() as evil:
        goal = f"/dav/verein///127.0.0.2:{other.port}/geheim"
        evil.mischief = lambda asked: listing(goal) if asked.method == "PROPFIND" else None
        source = dict(read_address(f"{evil.url} anna geheim"))
        allowing = Bringing(
            bringing._homeserver, bringing._ciphertexts, tmp_path, Allowed(own=("127.0.0.0/8",))
        )
        found = (await allowing.look(ListFiles(source)))["found"]
        assert (await allowing.bring(BringIn(source, found)))["results"] == [None]
        assert other.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(bringing: Bringing, status: int) -> None:
    with strange_server("127.0.0.2") as inside, strange_server() as evil:
        evil.mischief = lambda _: (status, {"Location": inside.url}, b"")
        source = dict(read_address(evil.url))
        assert (await bringing.look(ListFiles(source)))["failed"] == "no-folder"
        assert inside.asked == []


async def test_a_name_that_means_another_address_the_next_time_gets_nowhere(
    bringing: Bringing, tmp_path: Path
) -> None:
    """DNS rebinding: what was checked is what is connected to."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with strange_server() as inside:
        allowed = Allowed(resolve=resolve)
        lured = Bringing(bringing._homeserver, bringing._ciphertexts, tmp_path, allowed)
        source = dict(read_address(f"https://rebind.example.org:{inside.port}/dav/"))
        said = [(await lured.look(ListFiles(source)))["failed"] for _ in range(2)]
        assert set(said) <= {"forbidden", "away"}
        assert inside.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        (207, {}, b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>"),
        (207, {}, b"<x" * 50_000),
        (200, {}, b"<html>Anmelden</html>"),
        listing("/etc/passwd", "/dav/verein/../../etc/passwd", "http://127.0.0.1/x"),
    ],
)
async def test_a_senseless_listing_brings_nothing(
    bringing: Bringing, answer: tuple[int, dict[str, str], bytes]
) -> None:
    with strange_server() as evil:
        evil.mischief = lambda _: answer
        found = await bringing.look(ListFiles(dict(read_address(evil.url))))
        assert found.get("failed") == "no-folder" or found["found"] == []
