"""`wecreate up`: the whole stack on one machine, for as long as the command runs."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.util import find_spec
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import aiohttp

from bots.operation.accounts import AccountRefused, NoHomeserver, register
from bots.operation.embedded import chosen_ports, prepare_settings
from bots.operation.homeserver import write_homeserver
from bots.operation.layout import (
    DEFAULT_DIR,
    DEFAULT_PORT_BASE,
    HOST,
    Layout,
    Ports,
    check_room,
    write_private,
)
from bots.operation.lock import only_one
from bots.operation.supervisor import Service, Supervisor
from bots.operation.terminal import FAILED, FINE, Failure, say, step
from wecreate_module.settings import Settings

_PROBE = aiohttp.ClientTimeout(total=3)
_HIGHEST_BASE = 65_532
# -P: a folder named "bots" where we were started is not ours.
_PYTHON = (sys.executable, "-P", "-m")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir",
        type=Path,
        default=DEFAULT_DIR,
        help=f"the folder for everything it writes (default: {DEFAULT_DIR})",
    )
    parser.add_argument(
        "--port-base",
        type=_port_base,
        metavar="N",
        help=f"ports N to N+3 of {HOST} are used (default: as before, first {DEFAULT_PORT_BASE})",
    )
    parser.add_argument(
        "--ready-file",
        type=Path,
        metavar="F",
        help="written as JSON when all is healthy (default: ready.json in the folder)",
    )
    parser.add_argument(
        "--server-name",
        metavar="NAME",
        help="the homeserver's name for good, on the first start (default: localhost:N+1)",
    )


def run(args: argparse.Namespace) -> int:
    if find_spec("synapse") is None:
        raise Failure("The homeserver is not installed: pip install 'wecreate[server]' brings it.")
    layout = Layout(args.dir.expanduser().resolve())
    os.umask(0o077)  # databases and media of the children are nobody else's either
    layout.make()
    with only_one(layout.lock):
        ports = chosen_ports(layout, args.port_base)
        ports.check_free()
        check_room(layout.root)
        settings = prepare_settings(layout, ports, args.server_name)
        ready = (args.ready_file or layout.ready).expanduser().resolve()
        ready.unlink(missing_ok=True)
        step(f"everything of this WeCreate is in {layout.root}")
        return asyncio.run(_Stack(layout, ports, settings, ready).run())


def _port_base(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _HIGHEST_BASE:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {_HIGHEST_BASE}")
    return int(text)


class _Stack:
    """The processes of one folder, between start and stop."""

    def __init__(self, layout: Layout, ports: Ports, settings: Settings, ready: Path) -> None:
        self.layout = layout
        self.ports = ports
        self.settings = settings
        self.ready = ready
        self.homeserver = f"http://{HOST}:{ports.client}"
        self.web = f"http://{HOST}:{ports.web}"
        self.caldav = f"http://{HOST}:{ports.dav}"

    async def run(self) -> int:
        """Serve until SIGTERM, SIGINT or SIGHUP; then stop in order."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        supervisor = Supervisor(_log_to(self.layout.logs / "wecreate.log"))
        starting = asyncio.create_task(self._start(supervisor))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                starting.result()
                await stopping
            return FINE if starting.done() else FAILED
        finally:
            for task in (starting, stopping):
                task.cancel()
            await asyncio.wait({starting, stopping})
            self.ready.unlink(missing_ok=True)
            step("stopping: the calendars, the bot, then the homeserver")
            await supervisor.stop()
            step("all has stopped")

    async def _start(self, supervisor: Supervisor) -> None:
        step("writing the homeserver's configuration")
        write_homeserver(self.layout, self.ports, self.settings)
        step(f"starting the homeserver {self.settings.server.name} at {self.homeserver}")
        await supervisor.start(self._synapse())
        step(f"the bot's account is {self.settings.bot_user_id}")
        await self._register_bot()
        step("starting the bot")
        await supervisor.start(self._bot())
        step("starting the calendars")
        await supervisor.start(self._dav())
        write_private(self.ready, json.dumps(self.facts(), indent=2) + "\n")
        step(f"all is healthy; {self.ready} says where what is")
        say(
            f"\n  homeserver  {self.homeserver}\n  bot         {self.settings.bot_user_id}\n"
            f"  calendars   {self.caldav}\n  health      {self.web}/health\n\n"
            "Add people with `wecreate user add NAME`. Ctrl-C stops it all.\n"
        )

    def facts(self) -> dict[str, Any]:
        """What the ready file says; docs/how-to/operate.md explains each key."""
        return {
            "homeserver": self.homeserver,
            "federation_port": self.ports.federation,
            "server_name": self.settings.server.name,
            "bot_user_id": self.settings.bot_user_id,
            "registration_shared_secret": self.settings.server.registration_shared_secret,
            "caldav": f"{self.caldav}/",
            "web": self.web,
            "database": self.settings.database.url,
            "pid": os.getpid(),
        }

    def _synapse(self) -> Service:
        command = [*_PYTHON, "synapse.app.homeserver"]
        command += ["-c", str(self.layout.homeserver_yaml)]
        if self.layout.local_yaml.exists():
            command += ["-c", str(self.layout.local_yaml)]
        return Service("synapse", tuple(command), _answers(f"{self.homeserver}/health"))

    def _bot(self) -> Service:
        command = [*_PYTHON, "bots.cli", "bot", "--config", str(self.layout.settings)]
        return Service("bot", tuple(command), _answers(f"{self.web}/health"))

    def _dav(self) -> Service:
        command = [*_PYTHON, "bots.cli", "dav", "--config", str(self.layout.settings)]
        return Service("dav", tuple(command), _answers(f"{self.caldav}/health"))

    async def _register_bot(self) -> None:
        server, bot = self.settings.server, self.settings.bot
        if not server.registration_shared_secret or not bot.password:
            raise Failure(
                f"{self.layout.settings} must name registration_shared_secret_file and "
                "bot.password_file, as it did when it was made."
            )
        try:
            await register(
                self.homeserver, server.registration_shared_secret, bot.username, bot.password
            )
        except AccountRefused as error:
            if error.errcode != "M_USER_IN_USE":
                raise Failure(
                    f"The bot's account can't be made: {error.errcode} {error}"
                ) from error
        except NoHomeserver as error:
            raise Failure(f"The bot's account can't be made: {error}") from error


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def healthy() -> bool:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with aiohttp.ClientSession(timeout=_PROBE) as session, session.get(url) as answer:
                return answer.status == 200  # noqa: PLR2004 - HTTP's OK
        return False

    return healthy


def _log_to(path: Path) -> Callable[[str, str], None]:
    """The one log: in a file that is rotated at 10 MB, and on the console."""
    handler = RotatingFileHandler(path, maxBytes=10_000_000, backupCount=5, encoding="utf-8")
    path.chmod(0o600)
    logging.raiseExceptions = False  # when the disk is full, the console goes on telling
    file = logging.Logger("wecreate.up")  # noqa: LOG001 - a writer of lines, not part of the tree
    file.addHandler(handler)

    def log(name: str, line: str) -> None:
        text = f"{name:7} | {line}"
        file.info("%s", text)
        say(text)

    return log
