"""Names in URLs: logins of people, and what a path leads to.

HTTP Basic can't carry the colon of `@alice:server` (RFC 7617), so the login is `alice@server`.
What is not safe in a path is written as `~` and two hex digits; the colon before a server's
port as `_`, which no server name holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wecreate_module.domain.matrix import is_user_id

LONGEST_NAME = 200
"""Of an object in a path, in bytes."""
LONGEST_PATH = 1024

_UNSAFE = re.compile(rb"[^a-z0-9._=+@-]")
_UNSAFE_IN_SERVER = re.compile(rb"[^A-Za-z0-9.-]")
_ESCAPED = re.compile(rb"~([0-9a-f]{2})")


def login_of(user_id: str) -> str:
    """`alice@server` for `@alice:server`."""
    localpart, _, server = user_id[1:].partition(":")
    # The last colon is the port's, but for an IPv6 address without one: "[2001:db8::1]".
    name, colon, port = server.rpartition(":") if server[-1:].isdigit() else (server, "", "")
    if not name:
        name, colon, port = server, "", ""
    return f"{_safe(_UNSAFE, localpart)}@{_safe(_UNSAFE_IN_SERVER, name)}{'_' * len(colon)}{port}"


def user_of(login: str) -> str | None:
    """The user id that a login means; None if it can't be one."""
    localpart, at, server = login.rpartition("@")
    if not at or not login.isascii():
        return None
    user_id = f"@{_plain(localpart)}:{_plain(server).replace('_', ':')}"
    # Only the one spelling counts, so that a person has one home.
    return user_id if is_user_id(user_id) and login_of(user_id) == login else None


@dataclass(frozen=True)
class Place:
    """A path's parts: a home, a collection in it, an object in that."""

    login: str = ""
    collection: str = ""
    href: str = ""


def place_of(path: str) -> Place | None:
    """None for a path that is deeper than any of ours."""
    parts = [part for part in path.split("/") if part]
    most = 3
    return Place(*parts) if len(parts) <= most else None


def _safe(unsafe: re.Pattern[bytes], text: str) -> str:
    return unsafe.sub(lambda found: b"~%02x" % found[0][0], text.encode()).decode("ascii")


def _plain(text: str) -> str:
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text.encode())
    return plain.decode(errors="replace")
