"""`wecreate doctor`: what is wrong, in plain words, and what to do. It changes nothing."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

from bots.operation.checks.account import check_account
from bots.operation.checks.findings import Finding, Grade, all_well, fine, wrong
from bots.operation.checks.machine import check_disk, check_ports, check_process
from bots.operation.checks.mail import check_mail
from bots.operation.checks.stores import (
    check_crypto_store,
    check_homeserver_database,
    check_stores,
)
from bots.operation.chosen import ask_where
from bots.operation.layout import Layout
from bots.operation.lock import held
from bots.operation.terminal import FAILED, FINE, give, say
from wecreate_module.settings import Settings, SettingsError, load_settings

_SIGNS = {Grade.FINE: "✓", Grade.NOTE: "·", Grade.WRONG: "✗"}

_SETTINGS = "Correct it; `wecreate config sample` shows how."
_NO_SETTINGS = "`wecreate up` makes one; name the folder with --dir or the file with --config."


def configure(parser: argparse.ArgumentParser) -> None:
    ask_where(parser)
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def run(args: argparse.Namespace) -> int:
    """0 when nothing is wrong, else 1."""
    logging.disable(logging.CRITICAL)  # the findings say it better
    layout = None if args.config else Layout(args.dir.expanduser().resolve())
    try:
        findings = asyncio.run(_examine(args.config, layout, aloud=not args.json))
    finally:
        logging.disable(logging.NOTSET)
    well = all_well(findings)
    if args.json:
        give({"ok": well, "findings": [asdict(finding) for finding in findings]})
    else:
        ill = sum(finding.grade is Grade.WRONG for finding in findings)
        say("\nAll is well." if well else f"\n{ill} to put right.")
    return FINE if well else FAILED


async def _examine(config: Path | None, layout: Layout | None, *, aloud: bool) -> list[Finding]:
    findings = []
    async for finding in _findings(config, layout):
        findings.append(finding)
        if aloud:
            say(f"{_SIGNS[finding.grade]} {finding.check}: {finding.said}")
            if finding.do:
                say(f"    → {finding.do}")
    return findings


async def _findings(config: Path | None, layout: Layout | None) -> AsyncIterator[Finding]:
    path = config or (layout.settings if layout else Path("wecreate.yaml"))
    try:
        settings = load_settings(path)
    except SettingsError as error:
        for problem in error.problems:
            where = f"{path}:{problem.line}:{problem.column}"
            said = f"{where}: {problem.key} {problem.message}".replace("  ", " ")
            yield wrong("settings", said, _SETTINGS if path.exists() else _NO_SETTINGS)
        return
    yield fine("settings", f"{path} is valid")
    for finding in check_disk(settings):
        yield finding
    if layout:
        yield check_ports(layout, settings)
    yield await check_process(settings)
    for finding in await asyncio.to_thread(_stored, settings, layout):
        yield finding
    stopped = layout is not None and not held(layout.lock)
    async for finding in check_account(settings, stopped=stopped):
        yield finding
    yield await check_mail(settings)


def _stored(settings: Settings, layout: Layout | None) -> list[Finding]:
    homeserver = check_homeserver_database(layout) if layout else ()
    return [*check_stores(settings), *check_crypto_store(settings), *homeserver]
