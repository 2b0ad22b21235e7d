"""Files of 200 MiB by link: against nginx with the same bytes, and nio's way of decrypting."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bots.kit.crypto.attachments import Encryption, decrypted
from tests.bench.table import Row, at_least, at_most, within
from tests.ports import free_ports
from tests.processes import Process
from tests.shared_file import surface

Json = dict[str, Any]
SIZE = 200 * 1024 * 1024
PIECE = 256 * 1024
ROUNDS = 5
AT_ONCE = 4
MIB = 1024 * 1024


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return [*_decrypting(Path(folder)), *_serving(Path(folder))]


# Decrypting, each in a process of its own: peak memory over what it had before


def _decrypting(folder: Path) -> list[Row]:
    sealed, about = folder / "sealed", folder / "about.json"
    encryption = Encryption()
    with sealed.open("wb") as file:
        for _ in range(SIZE // MIB):
            file.write(encryption.update(os.urandom(MIB)))
    about.write_text(json.dumps(encryption.info("mxc://w.example/x")))
    ours = [_measured("ours", sealed, about) for _ in range(3)]
    nio = [_measured("nio", sealed, about) for _ in range(3)]

    def median(runs: list[Json], what: str) -> float:
        return statistics.median(float(each[what]) for each in runs)

    memory, seconds = "MiB over idle", "s"
    return [
        at_most(
            "decrypt and serve 200 MiB: memory, peer nio",
            max(median(ours, "mib"), 0.1),
            median(nio, "mib"),
            1 / 8,
            memory,
        ),
        at_most("  the same: time", median(ours, "seconds"), median(nio, "seconds"), 0.5, seconds),
    ]


def _measured(how: str, sealed: Path, about: Path) -> Json:
    command = [sys.executable, "-m", "tests.bench.share_links", how, str(sealed), str(about)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found: Json = json.loads(ran.stdout.splitlines()[-1])
    return found


def _decrypt_ours(sealed: Path, file: Json) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        with sealed.open("rb") as source:
            while piece := source.read(PIECE):
                yield piece

    async def serve() -> None:
        with Path(os.devnull).open("wb") as out:  # noqa: ASYNC230 - likewise
            async for piece in decrypted(pieces(), file):
                out.write(piece)

    asyncio.run(serve())


def _decrypt_nio(sealed: Path, file: Json) -> None:
    from nio.crypto import decrypt_attachment  # noqa: PLC0415 - only the peer's process loads it

    clear = decrypt_attachment(
        sealed.read_bytes(), file["key"]["k"], file["hashes"]["sha256"], file["iv"]
    )
    with Path(os.devnull).open("wb") as out:
        out.write(clear)


def _one(how: str, sealed: Path, about: Path) -> None:
    file = json.loads(about.read_text())
    decrypt = _decrypt_ours if how == "ours" else _decrypt_nio
    small = sealed.with_name(f"small-{how}")
    encryption = Encryption()
    small.write_bytes(encryption.update(b"x" * 100))
    decrypt(small, encryption.info("mxc://w.example/x"))  # what is loaded at the first use
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    decrypt(sealed, file)
    seconds = time.perf_counter() - started
    mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"seconds": seconds, "mib": mib}))  # noqa: T201 - the answer


# Serving


def _serving(folder: Path) -> list[Row]:
    with _web(folder / "web") as web:
        with _nginx(folder / "nginx", web["path"]) as peer:
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(_speed(web["url"], web["ticket"]))
                theirs.append(_speed(peer, ""))
        idle = _resident(web["pid"], "VmRSS")
        Path(f"/proc/{web['pid']}/clear_refs").write_text("5")  # the peak begins anew
        downloads = [
            subprocess.Popen(_curl(web["url"], web["ticket"]), stdout=subprocess.DEVNULL)
            for _ in range(AT_ONCE)
        ]
        assert [each.wait() for each in downloads] == [0] * AT_ONCE
        peak = _resident(web["pid"], "VmHWM")
    return [
        at_least(
            "download by link, peer nginx with the file",
            statistics.median(ours),
            statistics.median(theirs),
            0.5,
            "MB/s",
        ),
        within(f"{AT_ONCE} downloads at once: memory over idle", max(peak - idle, 0), 80, "MiB"),
    ]


def _curl(url: str, ticket: str) -> list[str]:
    return ["curl", "-sf", "-o", os.devnull, "-H", f"Authorization: Ticket {ticket}", url]


def _speed(url: str, ticket: str) -> float:
    command = [*_curl(url, ticket), "-w", "%{speed_download}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(ran.stdout) / 1e6


def _resident(pid: int, what: str) -> float:
    """MiB, by /proc."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    raise ValueError(what)


@contextmanager
def _web(folder: Path) -> Iterator[Json]:
    folder.mkdir()
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "tests.bench.share_links", "serve", str(folder)]
    process = Process("web", command, folder / "log")
    process.start(ready.exists, deadline=60)
    try:
        yield json.loads(ready.read_text())
    finally:
        process.stop(10)


@contextmanager
def _nginx(folder: Path, file: str) -> Iterator[str]:
    """The same ciphertext as a plain file, with what Debian's package sets."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    assert Path(program).exists(), "this benchmark needs nginx: apt-get install nginx-light"
    folder.mkdir()
    port = free_ports(4)
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes auto;\n"
        "events { worker_connections 768; }\n"
        f"http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}/b;\n"
        f"proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;\n"
        f"scgi_temp_path {folder}/s; server {{ listen 127.0.0.1:{port};\n"
        f"location / {{ alias {Path(file).parent}/; }} }} }}\n"
    )
    url = f"http://127.0.0.1:{port}/{Path(file).name}"
    # Its workers give up root, so the way to the file has to be open.
    for each in [Path(file), *Path(file).parents]:
        if str(each).startswith(tempfile.gettempdir()) and each != Path(tempfile.gettempdir()):
            each.chmod(each.stat().st_mode | 0o055)
    process = Process("nginx", [program, "-c", str(config), "-p", str(folder)], folder / "log")
    probe = ["curl", "-sfI", "-o", os.devnull, url]
    process.start(lambda: subprocess.run(probe, check=False).returncode == 0, deadline=20)
    try:
        yield url
    finally:
        process.stop(10)


async def _serve(folder: Path) -> None:
    """The web surface with one link, until stopped."""
    import aiohttp  # noqa: PLC0415 - only this process asks

    async with surface(folder) as web:
        _, new = await web.share(os.urandom(SIZE))
        web.server.media.clear()
        base = f"http://127.0.0.1:{web.port}/f/{new.id}"
        access = base64.b64encode(web.access(new)).decode()
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{base}/visit", json={"access": access}) as answer,
        ):
            ticket = (await answer.json())["ticket"]
        (path,) = (each for each in (folder / "link-files").iterdir() if not each.suffix)
        facts = {"url": f"{base}/0/data", "ticket": ticket, "pid": os.getpid(), "path": str(path)}
        part = folder / "ready.part"
        part.write_text(json.dumps(facts))
        part.rename(folder / "ready.json")
        await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(_serve(Path(sys.argv[2])))
    else:
        _one(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
