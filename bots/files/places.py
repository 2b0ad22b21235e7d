"""Where a file command runs, and what the operator grants there."""

from __future__ import annotations

from bots.kit.context import Context
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.quotas import Quotas


def rules_of(ctx: Context) -> LinkRules:
    return ctx.server.links if ctx.server is not None else LinkRules()


def quotas_of(ctx: Context) -> Quotas:
    return rules_of(ctx).quotas
