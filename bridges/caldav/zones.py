"""Time zones as Radicale's parser (vobject) understands them.

Its table of zones is one for the whole process and keeps the first that comes under a name, so
the names of the world are put in before any text is read: nobody's VTIMEZONE changes Berlin.
"""

from __future__ import annotations

import threading
import zoneinfo
from functools import cache
from typing import Any

import vobject.icalendar
from dateutil import tz
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_PARSING = threading.Lock()


@cache
def register_zones() -> None:
    """Put in every IANA name, and Outlook's names."""
    for name in zoneinfo.available_timezones():
        vobject.icalendar.registerTzid(name, tz.gettz(name))
    for name, iana in WINDOWS_TO_OLSON.items():
        vobject.icalendar.registerTzid(name, tz.gettz(iana))


def parsed(text: str) -> Any:  # noqa: ANN401  vobject
    """Read one object with Radicale's parser."""
    register_zones()
    with _PARSING:
        return vobject.readOne(text)
