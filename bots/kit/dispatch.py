"""From a decrypted message to rows in the outbox; nothing here commits.

The pump calls these in one transaction each, which also ends the row they came from.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import Any

from bots.kit import dialogues, hints
from bots.kit.app import App
from bots.kit.context import Context, Keys, Origin
from bots.kit.incoming import Incoming
from bots.kit.outgoing import refusal, say
from bots.kit.parsing import LONGEST, Spoken, command_text, each_command, spoken_text
from bots.kit.replies import Reply
from bots.kit.situation import Situation, origin_of
from bots.kit.turn import Done, Turn
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.matrix import parse_marker
from wecreate_module.storage.outbox import OutboxRow
from wecreate_module.storage.schedule import Scheduled
from wecreate_module.storage.uow import UnitOfWork

__all__ = [
    "Done",
    "Incoming",
    "came",
    "continue_",
    "failed",
    "handle",
    "joined",
    "run_scheduled",
    "started",
    "unreadable",
]

log = logging.getLogger("wecreate.dispatch")


def handle(app: App, uow: UnitOfWork, incoming: Incoming, now: datetime) -> Done | None:
    """Do what a message asks for; None when it asks for nothing.

    Raises NotYet when it is to be taken again a moment later, and on faults of ours.
    """
    if incoming.type == "m.room.redaction":
        _taken_back(app, uow, incoming, now)
        return None
    if incoming.type in app.event_watchers:
        _other_event(app, uow, incoming, now)
        return None
    text = _text(app, incoming)
    watched = _is_watched(app, incoming)
    situation = Situation.of(app, uow, incoming.room_id) if text or watched else None
    if situation is None or 0 < incoming.origin_server_ts < situation.room.joined_at:
        return None
    done = _asked(situation, incoming, text, now) if text else None
    if done is None and watched and situation.box is not None:
        _watch(situation, incoming, now)
    return done


def _asked(situation: Situation, incoming: Incoming, text: str, now: datetime) -> Done | None:
    """A command or an answer; None when it is neither."""
    app, uow = situation.app, situation.uow
    said = command_text(text, direct=situation.direct, names=app.names, known=app.registry.knows)
    waiting = dialogues.find(uow, incoming.room_id, incoming.sender, incoming.thread_id)
    turn = Turn(situation, incoming, waiting, now)
    if len(text.encode()) > LONGEST and said is not None and said.prefixed:
        return turn.too_long()
    several = each_command(text, app.registry.knows)
    if len(several) > 1:
        return turn.commands([Spoken(each[1:].lstrip(), prefixed=True) for each in several])
    words = said.text if said is not None else text
    for_dialogue = said is None or not said.prefixed or dialogues.is_cancel(words)
    if waiting is not None and for_dialogue and (done := turn.answer(waiting, words)):
        return done
    if len(text.encode()) > LONGEST:
        return turn.too_long() if said is not None else None
    return turn.command(said) if said is not None else None


def _text(app: App, incoming: Incoming) -> str:
    """What was said; nothing if it is our own, or no message at all."""
    if incoming.sender == app.bot_user_id or incoming.type not in {"m.room.message", "m.reaction"}:
        return ""
    return spoken_text(incoming.content) or ""


def _is_watched(app: App, incoming: Incoming) -> bool:
    """A message that somebody wrote: no button, no edit, nothing of a bot."""
    if not app.watchers or incoming.sender == app.bot_user_id:
        return False
    relation = incoming.content.get("m.relates_to")
    edit = isinstance(relation, dict) and relation.get("rel_type") == "m.replace"
    kind = incoming.content.get("msgtype")
    return incoming.type == "m.room.message" and kind != "m.notice" and not edit


def _taken_back(app: App, uow: UnitOfWork, incoming: Incoming, now: datetime) -> None:
    """Tell the features that somebody took an event back."""
    situation = Situation.of(app, uow, incoming.room_id) if app.redaction_watchers else None
    if situation is None:
        return
    ctx = situation.context(origin_of(incoming), now, Keys(incoming.event_id))
    for watcher in app.redaction_watchers:
        with uow.savepoint():
            say(ctx, watcher(ctx, incoming))


def _other_event(app: App, uow: UnitOfWork, incoming: Incoming, now: datetime) -> None:
    """Show an event that is no message to the feature that knows its type."""
    situation = Situation.of(app, uow, incoming.room_id)
    if situation is None or incoming.sender == app.bot_user_id:
        return
    ctx = situation.context(origin_of(incoming), now, Keys(incoming.event_id))
    try:
        with uow.savepoint():
            say(ctx, app.event_watchers[incoming.type](ctx, incoming))
    except UserError as error:
        say(ctx, refusal(ctx, error))


def _watch(situation: Situation, incoming: Incoming, now: datetime) -> None:
    """Show a message to the features that want to see it."""
    keys = Keys(incoming.event_id)
    ctx = situation.context(origin_of(incoming), now, keys, replied_to=incoming.replied_to)
    for watcher in situation.app.watchers:
        try:
            with situation.uow.savepoint():
                say(ctx, watcher(ctx, incoming))
        except UserError as error:
            say(ctx, refusal(ctx, error))


def failed(app: App, uow: UnitOfWork, incoming: Incoming, now: datetime) -> None:
    """After a fault of ours was rolled back: tell the person that it was noted."""
    situation = Situation.of(app, uow, incoming.room_id)
    if situation is not None:
        keys = Keys(f"{incoming.event_id}:failed")
        ctx = situation.context(origin_of(incoming), now, keys)
        say(ctx, _noted(ctx, incoming.event_id))


def continue_(
    app: App, uow: UnitOfWork, row: OutboxRow, result: dict[str, Any], now: datetime
) -> None:
    """Go on after an effect is done; else `result` says why it was given up.

    `{"error": {…}}` when the server refused it for good, `{"error": {"broke": …}}` for a fault of
    ours.
    """
    function = app.continuations.get(row.then or "")
    if function is None or not row.origin:
        log.warning("nobody goes on after an effect", extra={"what": row.then})
        return
    origin = Origin.from_json(row.origin)
    situation = Situation.anywhere(app, uow, origin.room_id)
    ctx = situation.context(origin, now, Keys(row.key, ">"), extra=row.extra)
    if "error" in result:
        if origin.command and row.then != dialogues.ASKED:
            ours = "broke" in result["error"]
            say(ctx, _noted(ctx, row.key) if ours else hints.refused_by_server(ctx))
        return
    try:
        with uow.savepoint():
            say(ctx, function(ctx, row.effect, result))
    except UserError as error:
        say(ctx, refusal(ctx, error))
    except Exception:  # a callback's boundary: the effect is done and must not be done again
        log.exception("what follows an effect broke", extra={"what": row.then})
        say(ctx, _noted(ctx, row.key))


def run_scheduled(app: App, uow: UnitOfWork, item: Scheduled, now: datetime) -> None:
    """Do scheduled work: in its Box, or in `payload["room_id"]` for `payload["user_id"]`.

    What falls due in an archived Box is left out.
    """
    function = app.schedulers.get(item.kind)
    room_id = str(item.payload.get("room_id", ""))
    if item.box_id is not None:
        box = uow.boxes.get(item.box_id)
        room_id = box.room_id if box is not None else ""
    situation = Situation.of(app, uow, room_id) if room_id else None
    if function is None or situation is None:
        log.info("scheduled work has no place any more", extra={"what": item.kind})
        return
    archived = situation.box is not None and situation.box.state is BoxState.ARCHIVED
    if archived and not function.reading:
        return
    origin = Origin(room_id, str(item.payload.get("user_id", "")))
    ctx = situation.context(origin, now, Keys(item.key, "!"))
    try:
        with uow.savepoint():
            say(ctx, function(ctx, item))
    except UserError as error:
        say(ctx, refusal(ctx, error))


def unreadable(
    app: App,
    uow: UnitOfWork,
    room_id: str,
    event_id: str,
    sender: str,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Tell the room why a message can't be read and what to do: once an hour and person.

    `reason` is a withheld code ("m.unverified", …) or "late".
    """
    situation = Situation.of(app, uow, room_id)
    if situation is None or not (situation.box or situation.direct):
        return
    why = "late" if reason == "late" else "withheld"
    if not hints.first_time_in_an_hour(uow, f"unreadable:{room_id}:{sender}:{why}", now):
        return
    origin = Origin(room_id, sender, event_id)
    ctx = situation.context(origin, now, Keys(f"{event_id}:unreadable"))
    say(ctx, hints.unreadable(ctx, why))


def started(app: App, uow: UnitOfWork, now: datetime) -> None:
    """Let the features look after what settings, imports or updates have changed meanwhile."""
    situation = Situation.anywhere(app, uow, "")
    for number, starter in enumerate(app.starters):
        keys = Keys(f"start:{now.isoformat()}:{number}")
        ctx = situation.context(Origin("", app.bot_user_id), now, keys)
        with uow.savepoint():
            say(ctx, starter(ctx))


def joined(app: App, uow: UnitOfWork, room_id: str, inviter: str | None, now: datetime) -> None:
    """Say hello in a room the bot has just joined; a Box has its own welcome."""
    situation = Situation.of(app, uow, room_id)
    if situation is None or situation.box is not None:
        return
    keys = Keys(f"joined:{room_id}:{situation.room.joined_at}")
    ctx = situation.context(Origin(room_id, inviter or ""), now, keys)
    if parse_marker(situation.room.marker) is not None:
        if app.joined_box is not None:
            say(ctx, app.joined_box(ctx))
    elif situation.direct:
        say(ctx, hints.greeting(ctx))
    elif situation.room.encrypted and hints.first_time_here(uow, situation.room):
        say(ctx, hints.how_to_adopt(ctx, situation.room))


def came(
    app: App, uow: UnitOfWork, room_id: str, user_id: str, event_id: str, now: datetime
) -> None:
    """Somebody joined a Box."""
    situation = Situation.of(app, uow, room_id)
    if situation is None or situation.box is None or app.newcomer is None:
        return
    ctx = situation.context(Origin(room_id, user_id), now, Keys(event_id))
    say(ctx, app.newcomer(ctx))


def _noted(ctx: Context, key: str) -> Reply:
    """A fault of ours: the number stands in the log as well."""
    number = hashlib.sha256(key.encode()).hexdigest()[:6]
    log.error("told a person of a fault", extra={"number": number})
    error = UserError(
        "internal",
        "Sorry, something went wrong on my side; nothing was changed. I have noted it (number "
        "{number}). Please try again later.",
        number=number,
    )
    return refusal(ctx, error)
