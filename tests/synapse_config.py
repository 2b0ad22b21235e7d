"""The homeserver.yaml of the tests' Synapses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_ports

Json = dict[str, Any]
MODULE = "wecreate_module.synapse.WeCreateModule"
LIMITS = ("rc_message", "rc_registration", "rc_admin_redaction", "rc_room_creation", "rc_presence")
NESTED_LIMITS = {
    "rc_login": ("address", "account", "failed_attempts"),
    "rc_joins": ("local", "remote"),
    "rc_invites": ("per_room", "per_user", "per_issuer"),
}


@dataclass(frozen=True)
class Ports:
    client: int
    federation: int
    worker: int
    replication: int
    worker_replication: int
    redis: int

    @classmethod
    def free(cls) -> Ports:
        first = free_ports(6)
        return cls(*range(first, first + 6))


def homeserver_yaml(
    server_name: str,
    directory: Path,
    ports: Ports,
    shared_secret: str,
    *,
    module: Json | None,
    database: Json | None,
    tls: tuple[Path, Path, Path] | None,
    worker: bool,
    default_rate_limits: bool,
) -> Json:
    """`tls` is (CA, certificate, key) and turns federation on."""
    config: Json = {
        "server_name": server_name,
        "report_stats": False,
        "pid_file": str(directory / "homeserver.pid"),
        "signing_key_path": str(directory / "signing.key"),
        "media_store_path": str(directory / "media"),
        "log_config": str(directory / "log.yaml"),
        "listeners": [_listener(ports.client, "client", "federation")],
        "database": database or sqlite(directory / "homeserver.db"),
        "registration_shared_secret": shared_secret,
        "macaroon_secret_key": "macaroon-of-the-tests",
        "form_secret": "form-of-the-tests",
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "bcrypt_rounds": 4,
        # Otherwise an initial sync shows for two minutes what the last one showed.
        "caches": {"sync_response_cache_duration": 0},
        "enable_metrics": False,
        "presence": {"enabled": False},
        "modules": [] if module is None else [{"module": MODULE, "config": module}],
    }
    if not default_rate_limits:
        config |= generous_limits()
    if tls:
        config |= _federation(config["listeners"], ports, *tls)
    if worker:
        config |= _main_of_workers(config["listeners"], ports)
    return config


def sqlite(path: Path) -> Json:
    return {"name": "sqlite3", "args": {"database": str(path)}}


def generous_limits() -> Json:
    much = {"per_second": 10_000, "burst_count": 100_000}
    limits: Json = dict.fromkeys(LIMITS, much)
    limits |= {name: dict.fromkeys(parts, much) for name, parts in NESTED_LIMITS.items()}
    limits["rc_joins_per_room"] = much
    limits["rc_federation"] = {"sleep_limit": 100_000, "reject_limit": 100_000, "concurrent": 100}
    return limits


def worker_yaml(directory: Path, ports: Ports) -> Json:
    return {
        "worker_app": "synapse.app.generic_worker",
        "worker_name": "generic1",
        "worker_listeners": [
            _listener(ports.worker, "client", "federation"),
            _listener(ports.worker_replication, "replication"),
        ],
        "worker_log_config": str(directory / "log.yaml"),
        "worker_pid_file": str(directory / "worker.pid"),
    }


def log_yaml(path: Path) -> Json:
    return {
        "version": 1,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {
            "file": {"class": "logging.FileHandler", "formatter": "line", "filename": str(path)}
        },
        "loggers": {"synapse.storage.SQL": {"level": "WARNING"}},
        "root": {"level": "INFO", "handlers": ["file"]},
        "disable_existing_loggers": False,
    }


def _listener(port: int, *names: str, tls: bool = False) -> Json:
    return {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "type": "http",
        "tls": tls,
        "resources": [{"names": list(names), "compress": False}],
    }


def _federation(listeners: list[Json], ports: Ports, ca: Path, chain: Path, key: Path) -> Json:
    listener = _listener(ports.federation, "federation", tls=True)
    # All of loopback: the host may be 127.0.0.2, and "localhost" may mean ::1.
    listener["bind_addresses"] = ["0.0.0.0", "::1"]  # noqa: S104  # see above
    listeners.append(listener)
    return {
        "tls_certificate_path": str(chain),
        "tls_private_key_path": str(key),
        "federation_custom_ca_list": [str(ca)],
        # Not ip_range_whitelist: that is not asked where the host is an address.
        "ip_range_blacklist": [],
        "allow_public_rooms_over_federation": True,
        "federation": {
            "destination_min_retry_interval": "1s",
            "destination_max_retry_interval": "1s",
        },
    }


def _main_of_workers(listeners: list[Json], ports: Ports) -> Json:
    listeners.append(_listener(ports.replication, "replication"))
    return {
        "redis": {"enabled": True, "host": "127.0.0.1", "port": ports.redis},
        "worker_replication_secret": "replication-of-the-tests",
        "instance_map": {
            "main": {"host": "127.0.0.1", "port": ports.replication},
            "generic1": {"host": "127.0.0.1", "port": ports.worker_replication},
        },
    }
