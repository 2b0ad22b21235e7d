"""`wecreate bot`: the bot as one process."""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import signal
import sqlite3

from bots.app import run_bot
from bots.kit.crypto.identity import IdentitySettings, renew_identity
from bots.operation import logs
from bots.operation.chosen import ask_settings_file, read_settings
from bots.operation.terminal import FAILED, FINE, Failure
from wecreate_module.settings import Settings

log = logging.getLogger("wecreate.bot")


def configure(parser: argparse.ArgumentParser) -> None:
    ask_settings_file(parser)
    parser.add_argument(
        "--reset-identity",
        action="store_true",
        help="make a new cross-signing identity, the old one being lost, and end; "
        "everybody has to trust the bot anew",
    )


def run(args: argparse.Namespace) -> int:
    """0 when it was asked to stop, 1 when it could not start or broke."""
    settings = read_settings(args.config)
    logs.configure(settings.logging, logs.secrets_of(settings))
    try:
        asyncio.run(_reset(settings) if args.reset_identity else _until_told(settings))
    except Exception as raised:  # the process' boundary: whatever ends it is said once, safely
        cause = _cause(raised)
        said = _of_port(settings, cause) or _of_disk(cause) or logs.words_of(cause)
        log.critical("the bot ends: %s", said, exc_info=None if logs.speaks(cause) else cause)
        return FAILED
    log.info("the bot has stopped")
    return FINE


def _cause(error: Exception) -> Exception:
    """Of all that went down together, what has something to say to the operator."""
    if not isinstance(error, ExceptionGroup):
        below = error.__cause__ or error.__context__
        return below if isinstance(below, sqlite3.Error) and not logs.speaks(error) else error
    causes = [_cause(each) for each in error.exceptions]
    return next((each for each in causes if logs.speaks(each)), causes[0])


def _of_port(settings: Settings, error: Exception) -> str | None:
    """What to do when somebody else listens where the bot wants to."""
    if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE:
        return None
    web = settings.web
    return (
        f"port {web.port} on {web.host} (for health and metrics) is taken. Stop what uses it, "
        "another bot perhaps, or give this one another port: web.port."
    )


def _of_disk(error: Exception) -> str | None:
    if isinstance(error, sqlite3.Error) and "disk is full" in str(error):
        return "the disk is full. Free some space; what people wrote meanwhile is not lost."
    return None


async def _reset(settings: Settings) -> None:
    if not settings.bot.password:
        raise Failure("The homeserver asks for the bot's password: name it in bot.password_file.")
    identity = IdentitySettings(
        homeserver=settings.server.homeserver,
        user_id=settings.bot_user_id,
        password=settings.bot.password,
        trust=settings.encryption.trust,
        device_name=settings.bot.display_name,
    )
    await renew_identity(identity, settings.storage.bot_dir, settings.bot.password)


async def _until_told(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("the bot starts", extra={"user": settings.bot_user_id})
    running = asyncio.create_task(run_bot(settings, stop))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            # It sees the event by itself; one that still waits for a homeserver does not.
            await asyncio.wait({running}, timeout=3)
    finally:
        stopping.cancel()
        running.cancel()
        await asyncio.wait({running, stopping})
    if not running.cancelled():
        running.result()
