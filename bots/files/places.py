"""Where a file command runs, and what the operator grants there."""

from __future__ import annotations

from bots.kit.context import Context
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.quotas import Quotas


def box_of(ctx: Context) -> Box:
    if ctx.box is None:
        raise RuntimeError("a command for Boxes ran outside of one")
    return ctx.box


def rules_of(ctx: Context) -> LinkRules:
    return ctx.server.links if ctx.server is not None else LinkRules()


def quotas_of(ctx: Context) -> Quotas:
    return rules_of(ctx).quotas
