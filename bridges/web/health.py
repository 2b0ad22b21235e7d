"""What /health says: each part of the process, fine or with the reason why not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

Probe = Callable[[], str | None]


class Health:
    """Parts report themselves (`fine`, `failed`) or are asked (`watch`)."""

    def __init__(self) -> None:
        self._reasons: dict[str, str | None] = {}
        self._probes: dict[str, Probe] = {}

    def fine(self, part: str) -> None:
        self._reasons[part] = None

    def failed(self, part: str, reason: str) -> None:
        """`reason` is plain words without message contents; it is public to the operator."""
        self._reasons[part] = reason

    def watch(self, part: str, probe: Probe) -> None:
        """Ask `probe` at each request: None when fine, else the reason. Runs in a thread."""
        self._probes[part] = probe

    def report(self) -> dict[str, Any]:
        """`{"ok": bool, "parts": {name: {"ok": bool, "reason": str | None}}}`.

        Before any part has told or can be asked, nothing is known to be fine.
        """
        if not self._reasons and not self._probes:
            return {"ok": False, "parts": {"start": {"ok": False, "reason": "has just begun"}}}
        reasons = self._reasons | {name: _ask(name, probe) for name, probe in self._probes.items()}
        parts = {name: {"ok": why is None, "reason": why} for name, why in sorted(reasons.items())}
        return {"ok": all(why is None for why in reasons.values()), "parts": parts}


def _ask(name: str, probe: Probe) -> str | None:
    try:
        return probe()
    except Exception:  # a callback boundary: a broken probe is an answer, not a crash
        log.exception("health probe of %s failed", name)
        return "the check itself failed; see the log"
