"""The bot has asked and waits: one row per room and person, so it survives a restart.

In a Box people talk with each other: there the next words count as the answer for a quarter of
an hour, later only a reply to the question does. A dialogue ends after a day, by "abbrechen" /
"cancel", or with the next command.

One in a thread of its own has a row of its own beside it: what its person writes in that thread is
for it, for a week, whatever they do elsewhere meanwhile. For apps without threads its question
waits outside as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bots.kit.context import Context
from bots.kit.incoming import Incoming
from bots.kit.registry import Argument, Continuation, Match, continuation, plain_word
from bots.kit.replies import Question
from wecreate_module.domain.effects import Send
from wecreate_module.storage.dialogues import Dialogue
from wecreate_module.storage.uow import UnitOfWork

LIFETIME = timedelta(days=1)
IN_THREAD = timedelta(days=7)
ATTENTION = timedelta(minutes=15)
ASKED = "kit.asked"
CANCEL = frozenset({"abbrechen", "abbruch", "stopp", "cancel", "stop"})


@dataclass(frozen=True)
class Waiting:
    """What the bot waits for; JSON in the dialogue's row.

    Either the missing `argument` of a command (with what was typed already), or the answer to
    a question. `place` and `thread_id` are where the dialogue began, `asked` is the event id of
    the question once it is sent.
    """

    since: str
    command: str = ""
    path: str = ""
    numbers: tuple[int, ...] = ()
    rest: str = ""
    given: Mapping[str, str] | None = None
    argument: str = ""
    answer: str = ""
    data: Mapping[str, Any] | None = None
    language: str = ""
    place: str | None = None
    thread_id: str | None = None
    replied_to: str | None = None
    asked: str | None = None
    tries: int = 0
    own_thread: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            name: value
            for name in self.__dataclass_fields__
            if (value := getattr(self, name)) not in (None, "", (), 0)
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Waiting:
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        return cls(**{**known, "numbers": tuple(known.get("numbers", ()))})

    def is_answered_by(self, incoming: Incoming, *, direct: bool, now: datetime) -> bool:
        """Whether these words can be for the bot: not a reply to others, not another thread."""
        if incoming.replied_to is not None and self.asked is not None:
            return incoming.replied_to == self.asked
        if incoming.thread_id == self.thread_id:
            if self.own_thread:
                return True
        elif not self.own_thread or incoming.thread_id is not None:
            return False
        return direct or now - datetime.fromisoformat(self.since) < ATTENTION


def find(
    uow: UnitOfWork, room_id: str, user_id: str, thread_id: str | None = None
) -> Waiting | None:
    """What the bot waits for from this person here, in this thread first of all."""
    found = uow.dialogues.get(room_id, _in_thread(user_id, thread_id)) if thread_id else None
    found = found or uow.dialogues.get(room_id, user_id)
    return Waiting.from_json(found.state) if found is not None else None


def end(uow: UnitOfWork, room_id: str, user_id: str, waiting: Waiting | None) -> None:
    """The bot waits no longer; what else it waits for outside of this one's thread stays."""
    if waiting is None or not waiting.own_thread:
        uow.dialogues.end(room_id, user_id)
        return
    uow.dialogues.end(room_id, _in_thread(user_id, waiting.thread_id))
    outside = find(uow, room_id, user_id)
    if outside is not None and outside.thread_id == waiting.thread_id:
        uow.dialogues.end(room_id, user_id)


def _in_thread(user_id: str, thread_id: str | None) -> str:
    """The row of a dialogue in a thread of its own. User ids hold no spaces."""
    return f"{user_id} {thread_id}"


def wait_for_argument(
    ctx: Context, match: Match, rest: str, given: Mapping[str, str], argument: Argument
) -> None:
    """Remember what was typed, until the missing argument comes."""
    _save(
        ctx,
        Waiting(
            since=ctx.now.isoformat(),
            command=match.command.name,
            path=match.command.full_path,
            numbers=match.numbers,
            rest=rest,
            given=dict(given),
            argument=argument.name,
            language=ctx.language,
            place=ctx.origin.event_id,
            thread_id=ctx.origin.thread_id,
            replied_to=ctx.replied_to,
        ),
    )


def wait_for_answer(ctx: Context, question: Question) -> None:
    """Remember what was asked."""
    _save(
        ctx,
        Waiting(
            since=ctx.now.isoformat(),
            command=ctx.origin.command,
            answer=question.answer,
            data=dict(question.data),
            language=ctx.language,
            place=ctx.origin.event_id,
            thread_id=ctx.origin.thread_id,
            own_thread=question.in_thread and ctx.origin.thread_id is not None,
        ),
    )


def note_failure(uow: UnitOfWork, room_id: str, user_id: str, *, most: int) -> None:
    """Words that were no answer: after `most` of them the bot gives up asking."""
    found = uow.dialogues.get(room_id, user_id)
    if found is None:
        return
    waiting = Waiting.from_json(found.state)
    if waiting.own_thread:
        return
    if waiting.tries + 1 >= most:
        uow.dialogues.end(room_id, user_id)
    else:
        state = replace(waiting, tries=waiting.tries + 1).to_json()
        uow.dialogues.save(Dialogue(room_id, user_id, state, found.expires_at))


@continuation(ASKED)
def asked(ctx: Context, effect: Send, result: dict[str, Any]) -> None:
    """The question stands in the room: replies to it are answers."""
    dialogues = ctx.uow.dialogues
    thread_id = _thread_of(effect)
    for who in filter(None, (ctx.sender, thread_id and _in_thread(ctx.sender, thread_id))):
        found = dialogues.get(effect.room_id, who)
        if found is None or "event_id" not in result:
            continue
        waiting = Waiting.from_json(found.state)
        if waiting.place == ctx.origin.event_id:
            state = replace(waiting, asked=result["event_id"]).to_json()
            dialogues.save(Dialogue(found.room_id, found.user_id, state, found.expires_at))


def _thread_of(effect: Send) -> str | None:
    relation = effect.content.get("m.relates_to", {})
    return relation.get("event_id") if relation.get("rel_type") == "m.thread" else None


def is_cancel(text: str) -> bool:
    return plain_word(text.strip(" .!")) in CANCEL


def _save(ctx: Context, waiting: Waiting) -> None:
    state = waiting.to_json()
    ctx.uow.dialogues.save(Dialogue(ctx.room_id, ctx.sender, state, ctx.now + LIFETIME))
    if waiting.own_thread:
        who = _in_thread(ctx.sender, waiting.thread_id)
        ctx.uow.dialogues.save(Dialogue(ctx.room_id, who, state, ctx.now + IN_THREAD))


CONTINUATIONS: tuple[Continuation, ...] = (asked,)
