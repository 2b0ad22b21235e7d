"""Files from a real WebDAV server (wsgidav) and from ZIPs, onto a real Synapse."""

from __future__ import annotations

import asyncio
import io
import os
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
