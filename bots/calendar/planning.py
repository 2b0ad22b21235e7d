"""A new event's first message."""

from __future__ import annotations

from bots.calendar import views
from bots.kit.context import Context, box_of
from bots.kit.replies import Reply
from wecreate_module.domain.events import Event
from wecreate_module.services import event_search


def planned(ctx: Context, event: Event, headline: str = "") -> Reply:
    """Its card, with what else is at the same time."""
    others = event_search.conflicts(ctx.uow, box_of(ctx), event, ctx.timezone)
    return views.card(ctx, event, headline, conflicts=others)
