"""Until when a motion has to be in: shown, and said in time."""

from __future__ import annotations

from datetime import timedelta

from bots.kit.context import Context, box_of
from bots.kit.i18n import zone
from bots.kit.registry import Command, Scheduler, argument, command, scheduled
from bots.kit.replies import Replies, Reply
from bots.motions import views
from bots.motions.sentences import Dates, DatesText
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.deadlines import next_deadline, next_reminder
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion, MotionState
from wecreate_module.services import motions
from wecreate_module.storage.schedule import Scheduled

DUE = "motions.deadline"
# The operator may add sittings to a pack at any time.
_LOOK_AGAIN = timedelta(days=7)


@command(
    "antrag # sitzung",
    "motion # sitting",
    area="motions",
    summary="Say for which sitting a motion is meant, and until when it has to be in",
    examples=(
        ("!antrag 3 sitzung 15.1.", "!motion 3 sitting 15 Jan"),
        ("!antrag 3 sitzung 15.1. bis 5.1.", "!motion 3 sitting 15 Jan by 5 Jan"),
    ),
)
@argument("dates", DatesText(), "wann", "when", ask="When does it sit? For example: 15 Jan")
def sitting(ctx: Context, number: int, dates: Dates) -> Replies:
    """`{"motion": {…}}`; I remind the Box in time."""
    box = box_of(ctx)
    if dates.sitting < ctx.today:
        raise UserError(
            "sitting-over",
            "The sitting on {day} is over already. When is the next one?",
            day=ctx.when(dates.sitting),
        )
    motion = motions.set_sitting(
        ctx.uow, box, number, dates.sitting, dates.closes, actor=ctx.sender
    )
    plan(ctx, box, motion)
    return views.changed(ctx, motion, views.deadline_words(ctx, motion), short=True)


def plan(ctx: Context, box: Box, motion: Motion) -> None:
    """Remember to remind; what was planned before for this motion is forgotten."""
    subject = f"motion:{motion.number}:deadline"
    ctx.uow.schedule.cancel(box.id, subject, DUE)
    here = zone(box.timezone)
    deadline = next_deadline(motion, views.body_of(motion), ctx.now.astimezone(here).date())
    at = next_reminder(deadline, ctx.now, here) if deadline is not None else None
    if at is None:
        at = ctx.now + _LOOK_AGAIN
    ctx.uow.schedule.put(
        at,
        DUE,
        key=f"{DUE}:{box.id}:{motion.number}:{ctx.now.isoformat()}",
        box_id=box.id,
        subject=subject,
        payload={"number": motion.number, "day": deadline.day.isoformat() if deadline else ""},
    )


@scheduled(DUE)
def due(ctx: Context, item: Scheduled) -> Replies:
    """Remind while it is a draft, and plan the next time."""
    if ctx.box is None:
        return None
    motion = ctx.uow.motions.get(ctx.box.id, int(item.payload["number"]))
    if motion is None or motion.state is not MotionState.DRAFT:
        return None
    plan(ctx, ctx.box, motion)
    deadline = next_deadline(motion, views.body_of(motion), ctx.today)
    if deadline is None or deadline.day.isoformat() != item.payload["day"]:
        return None
    return _reminder(ctx, motion, (deadline.day - ctx.today).days)


def _reminder(ctx: Context, motion: Motion, days: int) -> Reply:
    if days == 0:
        left = ctx.t("today is the last day")
    else:
        left = ctx.ngettext("{n} day left", "{n} days left", days)
    text = ctx.t(
        "⏰ A{number} “{title}”: {left}. {deadline}\nIs all there? !motion {number} check",
        number=motion.number,
        title=motion.title,
        left=left,
        deadline=views.deadline_words(ctx, motion),
    )
    data = {"motion": views.motion_data(ctx, motion)}
    return Reply(text, data=data, mentions=(motion.created_by,))


COMMANDS: tuple[Command, ...] = (sitting,)
SCHEDULED: tuple[Scheduler, ...] = (due,)
