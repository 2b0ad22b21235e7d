"""From the words after a command's name to its arguments' values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.kit.context import Context
from bots.kit.parsing import Word, words_of
from bots.kit.registry import Argument, Command
from wecreate_module.domain.errors import UserError


class MissingArgumentError(Exception):
    """A required argument was not typed: the bot asks for it."""

    def __init__(self, argument: Argument) -> None:
        super().__init__(argument.name)
        self.argument = argument


def read_arguments(
    command: Command, rest: str, ctx: Context, given: Mapping[str, str]
) -> dict[str, Any]:
    """Values by argument name. `given` are texts that were asked for and answered.

    Raises UserError for what can't be understood, MissingArgumentError for what is not there.
    """
    words = words_of(rest)
    values: dict[str, Any] = {}
    at = 0
    for argument in command.arguments:
        if argument.name in given:
            values[argument.name] = argument.type.parse(given[argument.name], ctx)
            continue
        left = words[at:]
        taken = argument.type.take([word.text for word in left], ctx) if left else 0
        if taken:
            values[argument.name] = argument.type.parse(_text(rest, left[:taken]), ctx)
            at += taken
        else:
            values[argument.name] = _without_words(argument, left, ctx)
    if at < len(words):
        raise _too_much(command, rest[words[at].start :], ctx)
    return values


def _text(rest: str, words: list[Word]) -> str:
    if len(words) == 1:
        return words[0].text
    return rest[words[0].start : words[-1].end]


def _without_words(argument: Argument, left: list[Word], ctx: Context) -> object:
    """The value of an argument that none of the words belongs to."""
    inferred = argument.infer(ctx) if argument.infer is not None else None
    if inferred is not None:
        return inferred
    if argument.optional:
        return argument.default
    if left:  # says what is wrong with it
        return argument.type.parse(left[0].text, ctx)
    raise MissingArgumentError(argument)


def _too_much(command: Command, text: str, ctx: Context) -> UserError:
    shown = text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - enough to recognise it
    return UserError(
        "too-much",
        "I don't know what to do with “{text}” here. Type it like this: {usage}",
        text=shown,
        usage=command.usage(ctx.language),
    )
