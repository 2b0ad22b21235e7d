"""Starts the two peers: a bare matrix-nio bot, and maubot in an environment of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from tests.processes import Process
from tests.servers import SynapseServer

ROOT = Path(__file__).parents[3]
MAUBOT_PYTHON = ROOT / "var" / "bench" / "maubot" / "bin" / "python"
PLUGIN = Path(__file__).parent / "maubot_echo" / "maubot.yaml"


class MaubotIsMissing(Exception):
    """`make bench-setup` makes its environment."""


def nio_echo(synapse: SynapseServer, folder: Path) -> Process:
    """The bare bot as @nio, not yet started."""
    synapse.register("nio", "secret")
    return nio_echo_as(synapse.user_id("nio"), "secret", synapse.url, folder)


def nio_echo_as(
    user_id: str, password: str, homeserver: str, folder: Path, *, redeliver: bool = False
) -> Process:
    """The same with an account that is there already."""
    arguments = [homeserver, user_id, password, str(folder / "nio")]
    if redeliver:
        arguments.append("--redeliver")
    command = [sys.executable, "-m", "tests.bench.peers.nio_echo", *arguments]
    return Process("nio_echo", command, folder / "nio.log")


def maubot_echo(synapse: SynapseServer, folder: Path) -> Process:
    """Maubot standalone, encrypted, as @maubot; raises MaubotIsMissing."""
    if not MAUBOT_PYTHON.exists():
        raise MaubotIsMissing("run `make bench-setup`")
    synapse.register("maubot", "secret")
    config = folder / "maubot.yaml"
    config.write_text(yaml.safe_dump(_config(synapse, folder)))
    command = [str(MAUBOT_PYTHON), "-m", "maubot.standalone", "-c", str(config), "-m", str(PLUGIN)]
    return Process("maubot", command, folder / "maubot.log")


def _config(synapse: SynapseServer, folder: Path) -> dict[str, object]:
    """Maubot's example for standalone use, with encryption on and its debug log off."""
    auth = {"type": "m.id.user", "user": "maubot"}
    login = {"type": "m.login.password", "identifier": auth, "password": "secret"}
    session = synapse.request("POST", "/_matrix/client/v3/login", body=login)
    return {
        "user": {
            "credentials": {
                "id": session["user_id"],
                "homeserver": synapse.url,
                "access_token": session["access_token"],
                "device_id": session["device_id"],
            },
            "sync": True,
            "appservice": False,
            "hs_token": None,
            "autojoin": True,
            "displayname": "disable",
            "avatar_url": "disable",
            "ignore_initial_sync": True,
            "ignore_first_sync": False,
        },
        "server": {
            "hostname": "127.0.0.1",
            "port": 0,
            "base_path": "/",
            "public_url": "http://127.0.0.1",
        },
        "database": f"sqlite:{folder / 'maubot.db'}",
        "database_opts": {"min_size": 1, "max_size": 10},
        "crypto_db_pickle_key": "mau.crypto",
        "plugin_config": {},
        "logging": {
            "version": 1,
            "handlers": {"console": {"class": "logging.StreamHandler"}},
            "root": {"level": "WARNING", "handlers": ["console"]},
        },
    }
