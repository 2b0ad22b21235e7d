"""What the pump tells the metrics; kept apart so that it runs without a web surface."""

from __future__ import annotations

from typing import Protocol


class Figures(Protocol):
    def command(self, name: str, ok: bool, seconds: float) -> None:  # noqa: FBT001 - an outcome
        """One command is done; `name` is a registered one."""


class NoFigures:
    def command(self, name: str, ok: bool, seconds: float) -> None:  # noqa: FBT001 - an outcome
        """Nobody is counting."""
