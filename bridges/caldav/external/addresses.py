"""Which addresses may be asked: the internet's, and of the operator's own what they allow.

A name is resolved once, each of its addresses is checked, and the connection goes to just those:
an answer of DNS that changes in between changes nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from bridges.caldav.external.errors import ExternalError, Trouble

Address = IPv4Address | IPv6Address
Resolve = Callable[..., list[Any]]
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_LONGEST = 2000
_HERE, _LOOPBACK = "localhost", ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Allowed:
    """`own` are hosts and networks (CIDR) inside of the operator's that may be asked too.

    `certificates` is a file (PEM) of those that are trusted besides the system's.
    """

    own: tuple[str, ...] = ()
    certificates: Path | None = None
    resolve: Resolve = field(default=socket.getaddrinfo, compare=False)

    def check_url(self, url: str) -> SplitResult:
        """Raises ExternalError for what is no plain https address.

        Without TLS only hosts that the operator named: passwords are sent there.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise _forbidden("this is no address") from error
        if len(url) > _LONGEST or not parts.hostname or port == 0:
            raise _forbidden("this is no address")
        if any(c.isspace() or not c.isprintable() or c == "\\" for c in url):
            raise _forbidden("there are control characters in the address")
        if parts.username is not None or parts.password is not None:
            raise _forbidden("a login has no place in the address")
        if parts.scheme == "http" and self._is_own_host(parts.hostname):
            return parts
        if parts.scheme != "https":
            raise _forbidden("only https is used")
        return parts

    def addresses(self, host: str, port: int, **how: Any) -> list[Any]:  # noqa: ANN401  as getaddrinfo has it
        """As getaddrinfo; raises ExternalError if one of them may not be asked."""
        try:
            found = self.resolve(host, port, **how)
        except (OSError, UnicodeError) as error:
            raise ExternalError(Trouble.UNREACHABLE, "the name can't be resolved") from error
        for *_, where in found:
            if not self._may_ask(host, ip_address(str(where[0]).partition("%")[0])):
                raise _forbidden("it leads into the operator's own network")
        return found

    def _may_ask(self, host: str, address: Address) -> bool:
        meant = list(_meant(address))
        if all(one.is_global and not one.is_multicast for one in meant):
            return True
        return self._is_own_host(host) or all(self._is_in_own(one) for one in meant)

    def _is_own_host(self, host: str) -> bool:
        name = host.lower().rstrip(".")
        if name == _HERE:
            return any(self._is_in_own(ip_address(one)) for one in _LOOPBACK)
        try:
            return self._is_in_own(ip_address(name))
        except ValueError:
            return name in {one.lower() for one in self.own}

    def _is_in_own(self, address: Address) -> bool:
        here = _LOOPBACK if _HERE in self.own else ()
        return any(
            address.version == network.version and address in network
            for network in _networks((*self.own, *here))
        )


def _networks(names: Iterable[str]) -> Iterable[Any]:
    for name in names:
        try:
            yield ip_network(name, strict=False)
        except ValueError:
            continue  # a host's name


def _meant(address: Address) -> Iterable[Address]:
    """The address, and an IPv4 one that is wrapped in it."""
    yield address
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if any(address in network for network in _NAT64):
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _forbidden(why: str) -> ExternalError:
    return ExternalError(Trouble.FORBIDDEN_ADDRESS, why)
