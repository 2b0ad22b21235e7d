"""`!erinnern`: a memo for oneself, somebody or all, once or again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bots.calendar.memo_sentences import read_memo
from bots.calendar.wording import names
from bots.kit.arguments import ArgumentType
from bots.kit.context import Context
from bots.kit.registry import Command, Scheduler, Where, argument, command, scheduled
from bots.kit.replies import Button, Replies, Reply
from bots.kit.templates import html_to_text, render_template
from bots.kit.wording import due_words, recurrence_words
from wecreate_module.services import memos
from wecreate_module.services.memos import Memo, NewMemo
from wecreate_module.storage.schedule import Scheduled

_MOST_CALLED = 100
_MOST_SHOWN = 40
_QUOTES = str.maketrans(dict.fromkeys('"„“”', "'"))


class MemoText(ArgumentType[NewMemo]):
    """`morgen 9 Uhr Ben anrufen`."""

    def take(self, words: Sequence[str], ctx: Context) -> int:  # noqa: ARG002 - takes all, whatever it is
        return len(words)

    def parse(self, text: str, ctx: Context) -> NewMemo:
        return read_memo(text, ctx)


@command(
    "erinnern",
    "remind",
    area="calendar",
    summary="Be reminded of something, or remind others; once or again and again",
    where=Where.ANY,
    examples=(
        ("!erinnern morgen 9 Uhr Ben anrufen", "!remind tomorrow 9am Call Ben"),
        (
            "!erinnern @ben Freitag 18 Uhr Schlüssel mitbringen",
            "!remind @ben friday 6pm Bring the key",
        ),
        (
            "!erinnern alle jeden Montag um 8 Müll rausstellen",
            "!remind all every monday at 8 Take out the bins",
        ),
    ),
    aliases=("erinnere", "erinnerung"),
)
@argument(
    "new",
    MemoText(),
    "wann was",
    "when what",
    ask="When, and of what? For example: tomorrow 9am Call Ben",
)
def remind(ctx: Context, new: NewMemo) -> Replies:
    """`{"reminder": {"number", "text", "due", "rrule", "people", "everybody"}}`."""
    memo = memos.add_memo(ctx.uow, ctx.room_id, ctx.box, new, ctx.timezone, actor=ctx.sender)
    words = {"when": _when(ctx, memo), "text": memo.text, "names": names(ctx, memo.people)}
    if memo.people == (ctx.sender,):
        text = ctx.t("⏰ I'll remind you: {when}. “{text}”", **words)
    elif memo.everybody:
        text = ctx.t("⏰ I'll remind all: {when}. “{text}”", **words)
    else:
        text = ctx.t("⏰ I'll remind {names}: {when}. “{text}”", **words)
    off = ctx.t("don't remind")
    return Reply(
        f"{text}\n🔕 {off}", data={"reminder": _data(ctx, memo)}, buttons=(_off(ctx, memo),)
    )


@command(
    "erinnerungen",
    "reminders",
    area="calendar",
    summary="See which reminders are ahead here",
    where=Where.ANY,
    examples=(("!erinnerungen", "!reminders"),),
    reading=True,
)
def show_all(ctx: Context) -> Replies:
    """`{"reminders": [{…}]}`."""
    ahead = memos.list_memos(ctx.uow, ctx.room_id, ctx.box)
    html = render_template(
        "calendar/memos.html.j2",
        ctx,
        rows=[(memo, _when(ctx, memo), _whom(ctx, memo)) for memo in ahead[:_MOST_SHOWN]],
        left_out=len(ahead) - _MOST_SHOWN,
    )
    return Reply(html_to_text(html), html, data={"reminders": [_data(ctx, each) for each in ahead]})


@command(
    "erinnerung # aus",
    "reminder # off",
    area="calendar",
    summary="Don't remind any more",
    where=Where.ANY,
    examples=(("!erinnerung 2 aus", "!reminder 2 off"),),
    aliases=("erinnern # aus", "remind # off"),
)
def off(ctx: Context, number: int) -> Replies:
    """`{"reminder": {…}}` as it was."""
    memo = memos.drop_memo(ctx.uow, ctx.room_id, ctx.box, number)
    text = ctx.t("🔕 I won't remind of “{text}”.", text=memo.text)
    return Reply(text, data={"reminder": _data(ctx, memo)})


@scheduled(memos.MEMO)
def tell(ctx: Context, item: Scheduled) -> Replies:
    """It is time; a repeating one goes on."""
    memo = memos.read_memo(item)
    again = memos.go_on(ctx.uow, ctx.room_id, ctx.box, memo)
    people = _here(ctx, memo)
    if not people and not memo.everybody:
        return None
    again_words = None if again is None else due_words(ctx, again)
    html = render_template(
        "calendar/memo.html.j2",
        ctx,
        memo=memo,
        people=() if memo.everybody else people,
        again=again_words,
        by=None if memo.by in people else memo.by,
    )
    stop = () if again is None else (_off(ctx, memo),)
    return Reply(
        html_to_text(html),
        html,
        data={"reminder": _data(ctx, memo)},
        mentions=people,
        buttons=(*_snooze(ctx, memo), *stop),
    )


def _snooze(ctx: Context, memo: Memo) -> tuple[Button, ...]:
    """For whoever clicks, with the words in quotes: no date is looked for in them."""
    quoted = memo.text.translate(_QUOTES)
    return (
        Button("⏰", ctx.t("!remind in 10 minutes “{text}”", text=quoted)),
        Button("🕐", ctx.t("!remind in 1 hour “{text}”", text=quoted)),
        Button("🌙", ctx.t("!remind tomorrow at 8 “{text}”", text=quoted)),
    )


def _off(ctx: Context, memo: Memo) -> Button:
    return Button("🔕", ctx.t("!reminder {number} off", number=memo.number))


def _here(ctx: Context, memo: Memo) -> tuple[str, ...]:
    members = [member.user_id for member in ctx.members() if member.user_id != ctx.bot_user_id]
    if memo.everybody:
        return tuple(members[:_MOST_CALLED])
    return tuple(who for who in memo.people if who in members)


def _when(ctx: Context, memo: Memo) -> str:
    first = due_words(ctx, memo.due_at or memo.start)
    return first if memo.rrule is None else f"{first}, {recurrence_words(ctx, memo.rrule)}"


def _whom(ctx: Context, memo: Memo) -> str:
    return ctx.t("all") if memo.everybody else names(ctx, memo.people)


def _data(ctx: Context, memo: Memo) -> dict[str, Any]:
    due = (memo.due_at or memo.start).astimezone(ctx.timezone)
    return {
        "number": memo.number,
        "text": memo.text,
        "due": due.isoformat(),
        "rrule": memo.rrule,
        "people": list(memo.people),
        "everybody": memo.everybody,
    }


COMMANDS: tuple[Command, ...] = (remind, show_all, off)
SCHEDULED: tuple[Scheduler, ...] = (tell,)
