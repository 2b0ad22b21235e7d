"""Which servers may take part in Boxes."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

_PORT = re.compile(r":[0-9]{1,5}$")


@dataclass(frozen=True)
class Partners:
    """Our own server, and those that the operator trusts; `names` None trusts every server."""

    own: str
    names: frozenset[str] | None

    @property
    def limited(self) -> bool:
        return self.names is not None

    def allow(self, server: str) -> bool:
        """Whether members of `server` may take part; a partner listed without port covers all."""
        if self.names is None:
            return True
        name = server.lower()
        return name == self.own.lower() or name in self.names or without_port(name) in self.names

    def allow_user(self, user_id: object) -> bool:
        return isinstance(user_id, str) and self.allow(server_of(user_id))

    def acl(self) -> dict[str, Any] | None:
        """Content of `m.room.server_acl`; None where every server may come.

        Each with and without port: Synapse takes the port off before it compares.
        """
        if self.names is None:
            return None
        named = {self.own.lower(), *self.names}
        hosts = {without_port(name) for name in named}
        return {
            "allow": sorted(named | hosts),
            "deny": [],
            "allow_ip_literals": any(_is_address(host) for host in hosts),
        }


def server_of(user_id: str) -> str:
    """`@anna:example.org:8448` → `example.org:8448`."""
    return user_id.partition(":")[2]


def without_port(server: str) -> str:
    return _PORT.sub("", server)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
