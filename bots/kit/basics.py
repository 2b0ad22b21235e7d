"""The kit's own commands: help, and a person's language and time zone."""

from __future__ import annotations

from bots.kit import dialogues
from bots.kit import help as pages
from bots.kit.app import Part
from bots.kit.arguments import Language, Text, Timezone
from bots.kit.context import Context
from bots.kit.hints import unknown
from bots.kit.i18n import zone
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies, Reply
from wecreate_module.services import people


@command(
    "hilfe",
    "help",
    area="help",
    where=Where.ANY,
    summary="Shows what I can do",
    examples=(("!hilfe", "!help"), ("!hilfe aufgaben", "!help tasks")),
    aliases=("?",),
    reading=True,
)
@argument("topic", Text(100), "wort", "word", optional=True)
def show_help(ctx: Context, topic: str | None) -> Replies:
    """`{"commands": [name, …]}`."""
    if topic is None:
        return pages.overview(ctx)
    found = pages.about(ctx, topic)
    if found is not None:
        return found
    nearest = ctx.registry.nearest(topic.removeprefix("!").split())
    return unknown(ctx, topic, None if nearest is None else f"{_help_word(ctx)} {nearest}")


@command(
    "sprache",
    "language",
    area="help",
    where=Where.DIRECT,
    summary="Choose the language I speak with you",
    examples=(("!sprache de", "!language en"),),
)
@argument("language", Language(), "de|en", "de|en", ask="Which language: de or en?")
def language(ctx: Context, language: str) -> Replies:
    """`{"language": "de"}`; answered in the new language."""
    people.set_language(ctx.uow, ctx.sender, language)
    if ctx.app is not None:
        ctx = ctx.in_language(ctx.app.translators[language])
    return Reply(
        ctx.t("From now on I speak English with you, in all Boxes."),
        data={"language": language},
    )


@command(
    "zeitzone",
    "timezone",
    area="help",
    where=Where.DIRECT,
    summary="Choose the time zone that times are shown in for you",
    examples=(("!zeitzone Berlin", "!timezone Lisbon"),),
)
@argument(
    "timezone", Timezone(), "stadt", "city", ask="Which time zone? A big city is enough: Berlin"
)
def timezone(ctx: Context, timezone: str) -> Replies:
    """`{"timezone": "Europe/Berlin"}`."""
    people.set_timezone(ctx.uow, ctx.sender, timezone)
    local = ctx.now.astimezone(zone(timezone))
    text = ctx.t(
        "Your time zone is {timezone} now; there it is {time}.",
        timezone=timezone,
        time=f"{local:%H:%M}",
    )
    return Reply(text, data={"timezone": timezone})


@command(
    "abbrechen",
    "cancel",
    area="help",
    where=Where.ANY,
    summary="Ends what I have just asked",
    listed=False,
    reading=True,
)
def cancel(ctx: Context) -> Replies:
    """There was nothing: a dialogue takes this word itself."""
    return Reply(ctx.t("There is nothing to cancel."))


@command(
    "ping",
    "ping",
    area="help",
    where=Where.ANY,
    summary="Shows whether I am there",
    listed=False,
    reading=True,
)
def ping(ctx: Context) -> Replies:
    return Reply(ctx.t("I am here."))


def _help_word(ctx: Context) -> str:
    return "hilfe" if ctx.language == "de" else "help"


COMMANDS: tuple[Command, ...] = (show_help, language, timezone, cancel, ping)
PART = Part(commands=COMMANDS, continuations=dialogues.CONTINUATIONS)
