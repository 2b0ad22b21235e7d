"""Check of the room for what open links need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bots.operation.checks.findings import Finding, fine, note, wrong
from bridges.web.ciphertexts import name_of
from wecreate_module.settings import FilesSettings
from wecreate_module.settings.kinds import NONE
from wecreate_module.storage.store import Store

_MB = 1_000_000
_SCARCE = 0.9
_DO = "Raise files.cache_mb, or have links ended that nobody needs (`!file links` in each Box)."


def check_links(store: Store, files: FilesSettings) -> Iterator[Finding]:
    """What is pinned is never thrown out, so the bound may be lower than what lies there."""
    if files.s3_url != NONE:
        return
    with store.read(datetime.now(UTC)) as uow:
        needed = [media for media in uow.links.needed() if media.kept is None]
    paths = [files.cache / name_of(media) for media in needed]
    here = [path.stat().st_size for path in paths if path.exists()]
    used, room = sum(here), files.cache_mb * _MB
    said = f"open links need {used / 1e9:.1f} GB of {room / 1e9:.1f} GB"
    if used > room:
        yield wrong("links", f"{said}: they go on, but no new link can be made", _DO)
    elif used > room * _SCARCE:
        yield note("links", f"{said}: soon no new link can be made", _DO)
    else:
        yield fine("links", said)
    missing = len(paths) - len(here)
    if missing:
        yield note(
            "links",
            f"{missing} of the files they need are not in {files.cache}",
            "The running bot fetches them within the hour, where the homeserver still has them.",
        )
