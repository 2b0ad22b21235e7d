"""What happens at its time: reminders of events."""

from __future__ import annotations

from bots.calendar import live, views
from bots.kit.context import Context
from bots.kit.registry import Scheduler, scheduled
from bots.kit.replies import Replies
from wecreate_module.domain.events import Answer, Event, EventStatus, instant
from wecreate_module.domain.occurrences import Occurrence, occurrences
from wecreate_module.services import event_reminders, live_messages
from wecreate_module.storage.schedule import Scheduled


@scheduled(event_reminders.REMIND)
def remind(ctx: Context, item: Scheduled) -> Replies:
    """Those who come, or may; and the next reminder of this distance is planned."""
    number = item.payload.get("number")
    if ctx.box is None or not isinstance(number, int):
        return None
    event = ctx.uow.events.get(ctx.box.id, number)
    if event is None or event.status is not EventStatus.CONFIRMED:
        return None
    event_reminders.plan_next(ctx.uow, ctx.box, event)
    found = _meant(ctx, item, event)
    if found is None or instant(found.end, ctx.timezone) <= ctx.now:
        return None
    return views.reminder(ctx, found, _people(ctx, found))


def _meant(ctx: Context, item: Scheduled, event: Event) -> Occurrence | None:
    """None when it was moved or fell out since."""
    at = event_reminders.meant(item.payload)
    if at is None:
        return None
    end = ctx.now + event_reminders.LOOK_AHEAD
    found = occurrences(event, ctx.now, end, ctx.timezone)
    return next((each for each in found if event_reminders.is_for(each, at)), None)


def _people(ctx: Context, found: Occurrence) -> tuple[str, ...]:
    members = {member.user_id for member in ctx.members()}
    coming = (one.user for one in found.answers if one.answer is not Answer.NO)
    return tuple(who for who in coming if who in members)


@scheduled(live_messages.REFRESH_EVENT, reading=True)
def refresh(ctx: Context, item: Scheduled) -> Replies:
    """An event was changed elsewhere: its message shows what it is now."""
    number = item.payload.get("number")
    if ctx.box is None or not isinstance(number, int):
        return None
    event = ctx.uow.events.get(ctx.box.id, number)
    return live.gone(ctx, ctx.box, number) if event is None else live.refresh(ctx, ctx.box, event)


SCHEDULED: tuple[Scheduler, ...] = (remind, refresh)
