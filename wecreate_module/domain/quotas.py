"""How much room files may take: bytes for each Box and each person."""

from __future__ import annotations

from dataclasses import dataclass

from wecreate_module.domain.errors import UserError

NEARLY = 0.9
"""A Box hears of it when so much is used."""


@dataclass(frozen=True)
class Quotas:
    """What the operator grants, in bytes; 0 is no limit."""

    box: int = 0
    person: int = 0


def require_room(quotas: Quotas, used: int, size: int) -> None:
    """Raise UserError when a file of `size` does not fit into a Box that uses `used`."""
    if quotas.box and used + size > quotas.box:
        raise UserError(
            "box-full",
            "The files of this Box fill all its room ({used} of {most} MB). This one is not "
            "entered. Delete what nobody needs: !files",
            used=used // 1_000_000,
            most=quotas.box // 1_000_000,
        )


def passes_nearly(quotas: Quotas, before: int, now: int) -> bool:
    """Whether a file was the one that makes a Box nearly full."""
    return bool(quotas.box) and before < NEARLY * quotas.box <= now
