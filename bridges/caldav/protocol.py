"""Radicale's protocol layer, set up with WeCreate's plugins.

It takes a while to import, so the server does that beside the first requests: `Later`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from radicale import config, pathutils
from radicale.app import Application as Radicale

from bridges.caldav.plugins import Auth, Rights, Storage
from bridges.caldav.quiet import keep_content_out
from bridges.caldav.zones import register_zones

_MAX_OCCURRENCES = 10_000


@cache
def _remember_paths() -> None:
    """Radicale checks a path some ten times for each object in an answer; it is a pure function."""
    pathutils.sanitize_path = lru_cache(maxsize=20_000)(pathutils.sanitize_path)


def make_radicale() -> Radicale:
    """Radicale with every guard that is a setting of its own."""
    register_zones()
    _remember_paths()
    keep_content_out()
    settings: dict[str, dict[str, Any]] = {
        "auth": {"type": Auth, "delay": "0", "cache_logins": "False"},
        "rights": {
            "type": Rights,
            "permit_delete_collection": "False",
            "permit_overwrite_collection": "False",
        },
        "storage": {"type": Storage, "strict_preconditions": "True"},
        "web": {"type": "none"},
        "sharing": {"type": "none"},
        "server": {
            "validate_user_value": "none",
            "validate_path_value": "none",
            "delay_on_error": "0",
        },
        "reporting": {
            "max_expand_occurrence": str(_MAX_OCCURRENCES),
            "max_freebusy_occurrence": str(_MAX_OCCURRENCES),
        },
        "logging": {"level": "error", "bad_put_request_content": "False"},
    }
    configuration = config.load()
    configuration.update(settings, "WeCreate", privileged=True)
    return Radicale(configuration)
