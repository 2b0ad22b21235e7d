"""Checks of this machine: disk, ports, the bot's process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from bots.operation.checks.findings import Finding, fine, note, wrong
from bots.operation.layout import LEAST_FREE, Layout, Ports
from bots.operation.lock import held
from bots.operation.terminal import Failure
from wecreate_module.settings import Settings

_SCARCE = 2_000_000_000
_TIMEOUT = aiohttp.ClientTimeout(total=5)


def check_disk(settings: Settings) -> Iterator[Finding]:
    folders = {settings.storage.keys.parent, settings.storage.bot_dir.parent}
    for folder in sorted(folders):
        if not folder.exists():
            continue
        free = shutil.disk_usage(folder).free
        said = f"{free / 1e9:.1f} GB free for {folder}"
        if free < LEAST_FREE:
            yield wrong("disk", said, "Free some space now; without it nothing can be stored.")
        elif free < _SCARCE:
            yield note("disk", said, "Free some space soon.")
        else:
            yield fine("disk", said)


async def check_process(settings: Settings) -> Finding:
    """The bot's own /health, when it runs."""
    web = f"http://{settings.web.host}:{settings.web.port}"
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(f"{web}/health") as answer,
        ):
            report = await answer.json()
            parts = report["parts"]
            ill = [f"{name}: {part['reason']}" for name, part in parts.items() if not part["ok"]]
    except (aiohttp.ClientConnectionError, TimeoutError):
        return note("bot", f"does not run (nothing answers at {web})")
    except (aiohttp.ClientError, ValueError, KeyError, TypeError, AttributeError):
        return wrong(
            "bot",
            f"something else than WeCreate answers at {web}",
            "Stop it, or give the bot another port: web.port.",
        )
    if ill:
        return wrong("bot", "runs, but is not well: " + "; ".join(ill), "See the checks below.")
    return fine("bot", f"runs and is well ({web}/health)")


def check_ports(layout: Layout, settings: Settings) -> Finding:
    """Whether `wecreate up` runs or could start."""
    if held(layout.lock):
        return fine("up", f"runs in {layout.root}")
    try:
        Ports(settings.web.port - Ports(0).web).check_free()
    except Failure as failure:
        *taken, do = str(failure).splitlines()
        return wrong("up", " ".join(taken), do)
    return note("up", f"does not run in {layout.root}; its ports are free")


def open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)
