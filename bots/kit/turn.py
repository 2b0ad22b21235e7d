"""One person's turn: find the command or the dialogue that their words belong to, and do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bots.kit import dialogues, hints
from bots.kit import help as pages
from bots.kit.context import Context, Keys
from bots.kit.dialogues import Waiting
from bots.kit.incoming import Incoming
from bots.kit.outgoing import refusal, say
from bots.kit.parsing import LONGEST, Spoken, words_of
from bots.kit.permission import require_allowed
from bots.kit.reading import MissingArgumentError, read_arguments
from bots.kit.registry import Match, Registry, Where
from bots.kit.replies import Reply
from bots.kit.situation import Situation, origin_of
from wecreate_module.domain.errors import UserError

_TRIES_IN_GROUPS = 2
_TRIES_ALONE = 5
_TURNED_ROUND = len(("aufgabe", "fertig", "3"))
_MOST_AT_ONCE = 20


@dataclass(frozen=True)
class Done:
    """What a message led to, for the figures; a refusal is not `ok`."""

    command: str
    ok: bool


class Turn:
    """A message that may be for the bot, in a room where it may speak."""

    def __init__(
        self, situation: Situation, incoming: Incoming, waiting: Waiting | None, now: datetime
    ) -> None:
        self._situation = situation
        self._app = situation.app
        self._uow = situation.uow
        self._incoming = incoming
        self._waiting = waiting
        self._now = now
        self._keys = Keys(incoming.event_id)

    def too_long(self) -> Done:
        """More text than any command may have."""
        error = UserError(
            "message-too-long",
            "That is too much text for one message. Please keep it below {most} characters.",
            most=LONGEST,
        )
        say(self._context(), refusal(self._context(), error))
        return Done("", ok=False)

    def commands(self, every: list[Spoken]) -> Done | None:
        """One after the other, each with an answer of its own; too many are none at all."""
        if len(every) > _MOST_AT_ONCE:
            error = UserError(
                "too-many-commands",
                "That is too many at once; at most {most} are possible.",
                most=_MOST_AT_ONCE,
            )
            say(self._context(), refusal(self._context(), error))
            return Done("", ok=False)
        done = [self.command(said) for said in every]
        refused = [each for each in done if each is not None and not each.ok]
        return (refused or done)[-1]

    def command(self, said: Spoken) -> Done | None:
        """Run the command that was typed, or say which one may have been meant."""
        words = [word.text for word in words_of(said.text)]
        match = choose(self._app.registry, words)
        if self._situation.where is Where.OTHER and (
            match is None or Where.OTHER not in match.command.where
        ):
            return self._not_a_box(known=match is not None, addressed=said.addressed)
        if match is None:
            return self._unknown(said, words)
        if self._waiting is not None and not pages.keeps_dialogue(match.command):
            self._uow.dialogues.end(self._incoming.room_id, self._incoming.sender)
        return self._run(match, _after(said.text, match.length), {}, self._incoming.replied_to)

    def answer(self, waiting: Waiting, text: str) -> Done | None:
        """Go on with a dialogue; None when these words are not for it."""
        incoming = self._incoming
        direct = self._situation.direct
        if dialogues.is_cancel(text):
            dialogues.end(self._uow, incoming.room_id, incoming.sender, waiting)
            ctx = self._context(waiting.command, waiting.language)
            say(ctx, Reply(ctx.t("All right, I leave it.")))
            return Done("cancel", ok=True)
        if not waiting.is_answered_by(incoming, direct=direct, now=self._now):
            return None
        if direct and pages.is_cry_for_help(self._app.registry, text):
            return None
        done = self._go_on(waiting, text)
        if not done.ok:
            dialogues.note_failure(
                self._uow,
                incoming.room_id,
                incoming.sender,
                most=_TRIES_ALONE if direct else _TRIES_IN_GROUPS,
            )
        return done

    def _go_on(self, waiting: Waiting, text: str) -> Done:
        if waiting.answer:
            return self._answer_question(waiting, text)
        command = self._app.registry.at_path(waiting.path)
        match = Match(command, waiting.numbers, 0, waiting.language or None) if command else None
        if match is None:  # an update took the command away
            self._uow.dialogues.end(self._incoming.room_id, self._incoming.sender)
            return Done(waiting.command, ok=True)
        given = {**(waiting.given or {}), waiting.argument: text}
        return self._run(match, waiting.rest, given, waiting.replied_to)

    def _answer_question(self, waiting: Waiting, text: str) -> Done:
        ctx = self._context(waiting.command, waiting.language)
        function = self._app.answers.get(waiting.answer)
        try:
            with self._uow.savepoint():
                dialogues.end(self._uow, ctx.room_id, ctx.sender, waiting)
                replies = function(ctx, text, dict(waiting.data or {})) if function else None
                ok = say(ctx, replies)
        except UserError as error:
            ok = say(ctx, refusal(ctx, error))
        return Done(waiting.command, ok)

    def _run(
        self, match: Match, rest: str, given: Mapping[str, str], replied_to: str | None
    ) -> Done:
        """Run a command; what it wrote is undone when it refuses."""
        command = match.command
        ctx = self._context(command.name, match.language or "", replied_to)
        try:
            require_allowed(command, ctx, self._situation)
            values = read_arguments(command, rest, ctx, given)
            with self._uow.savepoint():
                if given:
                    self._uow.dialogues.end(ctx.room_id, ctx.sender)
                ok = say(ctx, command(ctx, *match.numbers, **values))
        except MissingArgumentError as missing:
            dialogues.wait_for_argument(ctx, match, rest, given, missing.argument)
            ok = say(ctx, hints.ask_for(ctx, missing.argument))
            return Done(command.name, ok=True)
        except UserError as error:
            ok = say(ctx, refusal(ctx, error))
        return Done(command.name, ok)

    def _unknown(self, said: Spoken, words: list[str]) -> Done | None:
        registry = self._app.registry
        ctx = self._context(language=registry.language_of(words))
        if not words:
            say(ctx, pages.overview(ctx))
            return Done("help", ok=True)
        if not said.prefixed and (done := self._small_talk(ctx, said.text)):
            return done
        if said.prefixed and registry.group(words) and (page := pages.about(ctx, said.text)):
            say(ctx, page)
            return Done("help", ok=True)
        say(ctx, hints.unknown(ctx, said.text, registry.nearest(words)))
        return Done("", ok=False)

    def _small_talk(self, ctx: Context, text: str) -> Done | None:
        """In a direct chat people are polite to a bot, and it to them."""
        if hints.is_hello(text):
            say(ctx, hints.greeting(ctx))
        elif hints.is_thanks(text):
            say(ctx, Reply(ctx.t("You're welcome! 🌻")))
        elif not hints.is_nod(text):
            return None
        return Done("small talk", ok=True)

    def _not_a_box(self, *, known: bool, addressed: bool) -> Done | None:
        """In an ordinary group other bots may listen to `!` too: one hint and then silence."""
        ctx = self._context()
        if addressed or (known and hints.first_time_here(self._uow, self._situation.room)):
            say(ctx, hints.how_to_adopt(ctx, self._situation.room))
            return Done("", ok=False)
        return None

    def _context(
        self, command: str = "", language: str = "", replied_to: str | None = None
    ) -> Context:
        return self._situation.context(
            origin_of(self._incoming, command, language),
            self._now,
            self._keys,
            replied_to=replied_to or self._incoming.replied_to,
            via_button=self._incoming.via == "button",
        )


def choose(registry: Registry, words: list[str]) -> Match | None:
    """The longest command that can take the words after it.

    `!aufgabe 3` shows a task, `!aufgabe 3 Kuchen backen` makes one with that title; but where
    the next word looks like a misspelt `!aufgabe 3 bis` none is chosen, and it is asked. So it is
    for `!aufgabe fertig 3`, which nobody means as a title.
    """
    matches = list(registry.matches(words))
    known = matches[0].length if matches else 0
    if known == 1 and len(words) == _TURNED_ROUND and registry.turned_round(words) is not None:
        return None
    for match in matches:
        if match.length == len(words) or match.command.arguments:
            if match is not matches[0] and registry.nearest(words) is not None:
                return None
            return match
    return matches[0] if matches else None


def _after(text: str, length: int) -> str:
    """The text behind its first words, as typed."""
    words = words_of(text)
    return text[words[length].start :] if len(words) > length else ""


__all__ = ["Done", "Turn", "choose"]
