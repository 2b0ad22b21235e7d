"""An event's message in the room: edited when something about it changes.

An edit alone tells nobody anything: clients neither notify of it nor mark the room unread. So every
change is also answered where it was made.
"""

from __future__ import annotations

from bots.calendar import views
from bots.kit.context import Context
from bots.kit.replies import Reply
from bots.kit.templates import html_to_text
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.events import Event
from wecreate_module.services.live_messages import of_event


def shown(ctx: Context, box: Box, number: int, event_id: str) -> list[Reply]:
    """Keep this message up to date from now on; an earlier one says that it no longer is."""
    before = ctx.uow.boxes.live_message(box.id, of_event(number))
    ctx.uow.boxes.set_live_message(box.id, of_event(number), event_id)
    event = ctx.uow.events.get(box.id, number)
    if before is None or before == event_id or event is None:
        return []
    ctx = views.as_the_box(ctx, box)
    text = ctx.t("📅 #{number} {title}: see further down", number=number, title=event.title)
    return [
        Reply(text, buttons=views.buttons(ctx, event), edits=before, room_id=box.room_id),
    ]


def refresh(ctx: Context, box: Box, event: Event) -> list[Reply]:
    """The edit that brings an event's message up to date; nothing if it never had one."""
    event_id = ctx.uow.boxes.live_message(box.id, of_event(event.number))
    if event_id is None:
        return []
    ctx = views.as_the_box(ctx, box)
    html = views.card_html(ctx, event)
    return [
        Reply(
            html_to_text(html),
            html,
            data={"event": views.event_data(ctx, event)},
            buttons=views.buttons(ctx, event),
            edits=event_id,
            room_id=box.room_id,
        )
    ]


def gone(ctx: Context, box: Box, number: int) -> list[Reply]:
    """The same for an event that was deleted; its buttons do nothing any more."""
    event_id = ctx.uow.boxes.live_message(box.id, of_event(number))
    if event_id is None:
        return []
    ctx = views.as_the_box(ctx, box)
    text = ctx.t(
        "🗑️ This event was deleted. Bring it back with !event {number} restore", number=number
    )
    return [Reply(text, edits=event_id, room_id=box.room_id)]
