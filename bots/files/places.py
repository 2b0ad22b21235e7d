"""Where a file command runs."""

from __future__ import annotations

from bots.kit.context import Context
from wecreate_module.domain.boxes import Box


def box_of(ctx: Context) -> Box:
    if ctx.box is None:
        raise RuntimeError("a command for Boxes ran outside of one")
    return ctx.box
