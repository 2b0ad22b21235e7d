"""What a collection holds, in CalDAV's words."""

from __future__ import annotations

import hashlib
import re

from wecreate_module.storage.calendar_objects import Kind

COMPONENTS = {Kind.EVENT: "VEVENT", Kind.TASK: "VTODO"}
_PLAIN_UID = re.compile(r"[A-Za-z0-9@._-]{1,60}")


def stand_in(uid: str, kind: Kind) -> bytes:
    """The least object of a kind that Radicale takes, under the name of a UID."""
    component = COMPONENTS[kind]
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//WeCreate//WeCreate//EN"),
        *(f"BEGIN:{component}", f"UID:{plain_uid(uid)}"),
        *("DTSTART;VALUE=DATE:19700101", f"END:{component}", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines).encode()


def plain_uid(uid: str) -> str:
    """A UID as Radicale compares it: whatever is in it, one name without special signs."""
    return uid if _PLAIN_UID.fullmatch(uid) else hashlib.sha256(uid.encode()).hexdigest()
