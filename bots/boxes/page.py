"""The page in an export: all of a Box to read offline, on a phone too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bots.boxes.views import LANGUAGES
from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.templates import render_template

# What stands in the journal, as people say it.
EVENTS: Mapping[str, str] = {
    "box.created": msgid("Box made"),
    "box.adopted": msgid("Room became a Box"),
    "box.renamed": msgid("Box renamed"),
    "box.language": msgid("Language chosen"),
    "box.timezone": msgid("Time zone chosen"),
    "box.archived": msgid("Box archived"),
    "box.reopened": msgid("Box reopened"),
    "box.welcomed": msgid("New people welcomed"),
    "box.moved": msgid("Box moved to a new room"),
    "task.added": msgid("Task #{subject} noted"),
    "task.changed": msgid("Task #{subject} changed"),
    "task.deleted": msgid("Task #{subject} deleted"),
    "file.added": msgid("File #{subject} sent"),
    "file.changed": msgid("File #{subject} changed"),
    "file.deleted": msgid("File #{subject} deleted"),
    "file.purged": msgid("File #{subject} forgotten"),
    "link.made": msgid("Link to file #{subject} made"),
    "link.revoked": msgid("Links to file #{subject} closed"),
    "link.defaults": msgid("Rules for links chosen"),
    "event.added": msgid("Event #{subject} planned"),
    "event.changed": msgid("Event #{subject} changed"),
    "event.deleted": msgid("Event #{subject} deleted"),
    "motion.added": msgid("Motion #{subject} begun"),
    "motion.cosigned": msgid("Motion #{subject} co-signed"),
    "motion.vote-opened": msgid("Vote on motion #{subject} begun"),
    "motion.vote-ended": msgid("Vote on motion #{subject} ended"),
    "calendar.shared": msgid("Chosen who may see the calendar"),
    "calendar.tied": msgid("Calendar connected with another one"),
    "calendar.untied": msgid("Calendar disconnected from another one"),
    "request.made": msgid("Asked others for files (#{subject})"),
    "request.closed": msgid("No more files wanted from others (#{subject})"),
    "import.ended": msgid("Files brought in"),
    "file.texts": msgid("Chosen whether I read inside files"),
}
ANSWERS: Mapping[str, str] = {"yes": "👍", "maybe": "🤔", "no": "👎"}
# Of kinds that have no words of their own at least what it was about.
OTHERS: Mapping[str, str] = {
    "task": EVENTS["task.changed"],
    "event": EVENTS["event.changed"],
    "file": EVENTS["file.changed"],
    "motion": msgid("Motion #{subject} changed"),
}


def export_page(ctx: Context, collected: Mapping[str, Any]) -> str:
    """A page to read offline; `collected` as services/export.py gives it."""
    names = {member["user_id"]: member["name"] for member in collected["members"]}
    language = collected["box"]["language"]
    return render_template(
        "boxes/export.html.j2",
        ctx,
        export=collected,
        names=names,
        language=LANGUAGES.get(language, language),
        answers=ANSWERS,
        moment=lambda text: _moment(ctx, text),
        facts=lambda task: _facts(ctx, task, names),
        happened=lambda entry: _happened(ctx, entry),
    )


def _moment(ctx: Context, text: str) -> str:
    """A date or an instant in ISO 8601; only instants have a T."""
    moment = datetime.fromisoformat(text)
    return ctx.when(moment if "T" in text else moment.date())


def _facts(ctx: Context, task: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """What the export says of a task below its title."""

    def people(user_ids: Sequence[str]) -> str:
        return ", ".join(names.get(user_id, user_id) for user_id in user_ids)

    facts = []
    if task["due"]:
        facts.append(ctx.t("due {when}", when=_moment(ctx, task["due"])))
    if task["rrule"]:
        facts.append(ctx.t("repeats"))
    if task["assignees"]:
        facts.append(ctx.t("for {people}", people=people(task["assignees"])))
    if task["status"] == "cancelled":
        facts.append(ctx.t("cancelled"))
    if task["finished_at"]:
        who = people([task["finished_by"]]) if task["finished_by"] else "?"
        when = _moment(ctx, task["finished_at"])
        facts.append(ctx.t("done {when} by {person}", when=when, person=who))
    when = _moment(ctx, task["created_at"])
    facts.append(ctx.t("noted {when} by {person}", when=when, person=people([task["created_by"]])))
    return facts


def _happened(ctx: Context, entry: Mapping[str, str]) -> str:
    kind = entry["kind"]
    said = EVENTS.get(kind) or OTHERS.get(kind.partition(".")[0]) or msgid("Something was changed")
    return ctx.t(said, subject=entry["subject"])
