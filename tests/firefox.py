"""Debian's Firefox, headless, driven by its own WebDriver BiDi (https://w3c.github.io/webdriver-bidi)."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.conditions import eventually

Json = dict[str, Any]
_LISTENING = re.compile(r"listening on (ws://[0-9.:]+)")
_STARTING = 180.0


class Firefox:
    """One window; what it downloads lies in `downloads`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, downloads: Path) -> None:
        self.downloads = downloads
        self._socket = socket
        self._count = 0
        self._context = ""

    async def begin(self) -> None:
        await self._do("session.new", capabilities={})
        tree = await self._do("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]

    async def open(self, url: str) -> None:
        await self._do("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        return (await self._result(expression)).get("value")

    async def choose(self, selector: str, *files: Path) -> None:
        """Put files into a field for files."""
        element = await self._result(f"document.querySelector({json.dumps(selector)})")
        node = {"sharedId": element["sharedId"]}
        names = [str(file) for file in files]
        await self._do("input.setFiles", context=self._context, element=node, files=names)

    async def until(self, expression: str, seconds: float = 60.0) -> None:
        """Wait until it is true in the page."""
        async with asyncio.timeout(seconds):
            while await self.evaluate(expression) is not True:  # noqa: ASYNC110  asked of the page
                await asyncio.sleep(0.05)

    async def downloaded(self, name: str, size: int) -> bytes:
        path = self.downloads / name
        await eventually(lambda: path.exists() and path.stat().st_size == size)
        return await asyncio.to_thread(path.read_bytes)

    async def _result(self, expression: str) -> Json:
        said = await self._do(
            "script.evaluate",
            expression=expression,
            target={"context": self._context},
            awaitPromise=True,
        )
        assert said["type"] == "success", said
        result: Json = said["result"]
        return result

    async def _do(self, method: str, **parameters: Any) -> Json:
        self._count += 1
        await self._socket.send_json({"id": self._count, "method": method, "params": parameters})
        while True:
            said = await self._socket.receive_json(timeout=60)
            if said.get("id") == self._count:
                assert said["type"] == "success", said
                result: Json = said["result"]
                return result


@asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Firefox]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program, "this test needs Firefox: apt-get install firefox-esr"
    profile, downloads = folder / "profile", folder / "downloads"
    for each in (profile, downloads):
        each.mkdir(parents=True)
    (profile / "user.js").write_text(_preferences(downloads))
    said = folder / "firefox.log"
    # Not a pipe: nobody would read it later, and what Firefox starts holds it open beyond its end.
    with said.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(program, "--headless", "--no-remote", "--profile", str(profile)),
            "--remote-debugging-port=0",
            stderr=log,
            stdout=asyncio.subprocess.DEVNULL,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"},
        )
    try:
        url = await _address(process, said)
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/session") as ws:
            driven = Firefox(ws, downloads)
            await driven.begin()
            yield driven
    finally:
        process.terminate()
        await process.wait()


async def _address(process: asyncio.subprocess.Process, said: Path) -> str:
    def found() -> re.Match[str] | None:
        return _LISTENING.search(said.read_text(errors="replace"))

    await eventually(lambda: found() or process.returncode is not None, _STARTING)
    listening = found()
    assert listening, "Firefox ended before it listened"
    return listening[1]


def _preferences(downloads: Path) -> str:
    wanted: dict[str, str | int | bool] = {
        "browser.download.dir": str(downloads),
        "browser.download.folderList": 2,
        "browser.download.useDownloadDir": True,
        "browser.download.always_ask_before_handling_new_types": False,
        "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
        "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "intl.accept_languages": "de-DE",
        "app.update.auto": False,
    }
    return "".join(f'user_pref("{name}", {json.dumps(value)});\n' for name, value in wanted.items())
