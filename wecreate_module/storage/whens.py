"""Times as text with their zone's name (RFC 9557): in summaries, proposals and plans."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from wecreate_module.domain.events import When, zone_of


def when_text(when: When) -> str:
    zone = zone_of(when)
    return f"{when.isoformat()}[{zone.key}]" if isinstance(zone, ZoneInfo) else when.isoformat()


def read_when(text: str) -> When:
    """Raises ValueError or KeyError for what is none."""
    if "T" not in text:
        return date.fromisoformat(text)
    if not text.endswith("]"):
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    moment, _, name = text[:-1].partition("[")
    found, zone = datetime.fromisoformat(moment), ZoneInfo(name)
    # As it was written, where the zone says it so: an hour that is skipped stays.
    for fold in (0, 1):
        there = found.replace(tzinfo=zone, fold=fold)
        if there.utcoffset() == found.utcoffset():
            return there
    return found.astimezone(zone)
