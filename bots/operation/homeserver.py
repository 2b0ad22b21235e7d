"""The embedded homeserver's configuration: one small server on SQLite."""

from __future__ import annotations

import base64
import secrets
import socket
import string
from typing import Any

import yaml

from bots.operation.certificate import make_certificate
from bots.operation.layout import HOST, Layout, Ports, secret_in, write_private
from wecreate_module.settings import Chosen, Settings

Json = dict[str, Any]

_HEAD = """\
# Written by `wecreate up` at each start, from wecreate.yaml and its ports.
# Your own additions belong in local.yaml beside this file; Synapse reads it afterwards.
"""


def write_homeserver(layout: Layout, ports: Ports, settings: Settings) -> None:
    """All that Synapse needs to start, secrets readable by their owner only."""
    config = homeserver_config(layout, ports, settings)
    for path in ("registration_shared_secret_path", "macaroon_secret_key_path", "form_secret_path"):
        secret_in(layout.root / config[path])
    signing_key = layout.root / config["signing_key_path"]
    if not signing_key.exists():
        write_private(signing_key, _signing_key())
    make_certificate(
        layout.root / config["tls_certificate_path"],
        layout.root / config["tls_private_key_path"],
        settings.server.name.rpartition(":")[0] or settings.server.name,
    )
    write_private(layout.root / config["log_config"], yaml.safe_dump(_log_config(layout)))
    write_private(layout.homeserver_yaml, _HEAD + yaml.safe_dump(config, sort_keys=False))


def homeserver_config(layout: Layout, ports: Ports, settings: Settings) -> Json:
    """homeserver.yaml as data; docs/reference has Synapse's own words for each key."""
    folder = layout.synapse
    config = {
        "server_name": settings.server.name,
        "public_baseurl": f"http://{HOST}:{ports.client}/",
        "pid_file": str(folder / "homeserver.pid"),
        "listeners": _listeners(ports),
        "tls_certificate_path": str(folder / "tls.crt"),
        "tls_private_key_path": str(folder / "tls.key"),
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "max_upload_size": "50M",
        "url_preview_enabled": False,
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret_path": str(layout.shared_secret),
        "macaroon_secret_key_path": str(layout.secrets / "macaroon_secret_key"),
        "form_secret_path": str(layout.secrets / "form_secret"),
        "enable_registration": False,
        "report_stats": False,
        "enable_metrics": False,
        "presence": {"enabled": False},
        # Synapse would keep even the bot's listings out of the room directory.
        "room_list_publication_rules": [{"user_id": settings.bot_user_id, "action": "allow"}],
        "encryption_enabled_by_default_for_room_type": "invite",
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "modules": [
            {
                "module": "wecreate_module.synapse.WeCreateModule",
                "config": module_config(settings),
            }
        ],
    }
    return config | _federation(settings.federation.partners) | _rate_limits()


def module_config(settings: Settings) -> Json:
    """What the module inside Synapse needs to know of wecreate.yaml."""
    return {
        "bot": settings.bot_user_id,
        "who_may_create": _said(settings.boxes.create),
        "partners": _said(settings.federation.partners),
        "database": settings.database.url,
        "person_mb": settings.files.person_mb,
        "box_mb": settings.files.box_mb,
    }


def _said(chosen: Chosen) -> str | list[str]:
    return chosen.word or list(chosen.names)


def _listeners(ports: Ports) -> list[Json]:
    def listener(port: int, *names: str, tls: bool, addresses: list[str]) -> Json:
        return {
            "port": port,
            "type": "http",
            "tls": tls,
            "x_forwarded": not tls,
            "bind_addresses": addresses,
            "resources": [{"names": list(names), "compress": False}],
        }

    # A partner on this machine resolves "localhost" to either address.
    both = [HOST, "::1"] if _has_ipv6() else [HOST]
    return [
        listener(ports.client, "client", tls=False, addresses=[HOST]),
        listener(ports.federation, "federation", tls=True, addresses=both),
    ]


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _federation(partners: Chosen) -> Json:
    """Only with the partners. Synapse shuns loopback unless a partner lives there."""
    # Partners' people look for listings in their own client's list of rooms.
    config: Json = {"allow_public_rooms_over_federation": partners != Chosen()}
    if partners.names:
        # A few partners that belong together: after a cut they find each other soon. Synapse's
        # ten minutes are for the thousands of servers out there, many of them gone for good.
        config["federation"] = {
            "destination_min_retry_interval": "30s",
            "destination_max_retry_interval": "1h",
        }
    if partners.word != "all":
        config["federation_domain_whitelist"] = list(partners.names)
    if any(name.startswith(("localhost", "127.")) for name in partners.names):
        config["ip_range_whitelist"] = ["127.0.0.0/8", "::1"]
    return config


def _rate_limits() -> Json:
    """Synapse's defaults guard a public server with open registration.

    Here accounts are handed out, and all logins come from one address (this machine's or its
    reverse proxy's). Failed logins keep Synapse's default.
    """
    return {
        "rc_message": {"per_second": 2, "burst_count": 50},
        "rc_login": {
            "address": {"per_second": 1, "burst_count": 50},
            "account": {"per_second": 0.1, "burst_count": 20},
        },
        "rc_invites": {
            "per_room": {"per_second": 1, "burst_count": 50},
            "per_user": {"per_second": 0.1, "burst_count": 50},
            "per_issuer": {"per_second": 1, "burst_count": 50},
        },
        "rc_joins": {
            "local": {"per_second": 1, "burst_count": 50},
            "remote": {"per_second": 0.1, "burst_count": 20},
        },
        "rc_room_creation": {"per_second": 0.1, "burst_count": 20},
    }


def _log_config(layout: Layout) -> Json:
    """To the supervisor's one log; Synapse's INFO would tell every request.

    What was sent to which other server has a file of its own.
    """
    disclosures = {
        "class": "logging.handlers.RotatingFileHandler",
        "formatter": "bare",
        "filename": str(layout.disclosures),
        "maxBytes": 10_000_000,
        "backupCount": 10,
        "encoding": "utf-8",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "bare": {"format": "%(message)s"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
            "disclosures": disclosures,
        },
        "loggers": {
            "wecreate_module": {"level": "INFO"},
            "wecreate_module.disclosures": {"handlers": ["disclosures"], "propagate": False},
        },
        "root": {"level": "WARNING", "handlers": ["console"]},
    }


def _signing_key() -> str:
    """An Ed25519 seed in the form of signedjson's key files."""
    version = "a_" + "".join(secrets.choice(string.ascii_letters) for _ in range(4))
    seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"ed25519 {version} {seed}\n"
