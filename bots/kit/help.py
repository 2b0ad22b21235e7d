"""What there is to type, told from the registry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bots.kit.context import Context
from bots.kit.i18n import msgid
from bots.kit.registry import AREAS, NUMBER, Command, Registry, Where, plain_word
from bots.kit.replies import Button, Reply
from bots.kit.templates import html_to_text, render_template
from wecreate_module.domain.boxes import Power

HELP = "help"
_SHOWN_PER_AREA = 4
_AREA_BUTTONS = 4

_RULES = {
    Power.MODERATOR: msgid("For moderators and admins of the Box."),
    Power.ADMIN: msgid("For admins of the Box."),
}
_PLACES = {
    Where.BOX: msgid("It works in a Box."),
    Where.DIRECT: msgid("It works in the direct chat with me."),
}
# Titles of the areas, so that they stand in the catalogue: see AREAS.
_TITLES = (
    msgid("Box"),
    msgid("Tasks"),
    msgid("Calendar"),
    msgid("Files"),
    msgid("Marketplace"),
    msgid("Motions"),
    msgid("Help and settings"),
)


@dataclass(frozen=True)
class Line:
    shown: str
    summary: str


@dataclass(frozen=True)
class Group:
    lines: list[Line]
    title: str = ""
    more: str = ""


def overview(ctx: Context) -> Reply:
    """The most used commands of every area that can be used here."""
    here = _where(ctx)
    groups = []
    buttons = []
    for area, (emoji, title) in AREAS.items():
        usable = [each for each in _of_area(ctx.registry, area) if here & each.where]
        if not usable:
            continue
        short = [each for each in usable if NUMBER not in each.english] or usable
        if here is Where.BOX:  # making another Box comes last
            short.sort(key=lambda each: Where.OTHER in each.where)
        more = f"!{_help_word(ctx)} {ctx.t(title).split()[0].lower()}"
        is_short = len(usable) <= len(short[:_SHOWN_PER_AREA])
        lines = [_line(ctx, each) for each in short[:_SHOWN_PER_AREA]]
        groups.append(Group(lines, f"{emoji} {ctx.t(title)}", "" if is_short else more))
        if not is_short:
            buttons.append(Button(emoji, more))
    outro = ctx.t("You find tasks and more in your Boxes.") if here is Where.DIRECT else ""
    html = render_template(
        "kit/commands.html.j2",
        ctx,
        title=ctx.t("What I can do"),
        intro=ctx.t("Type it as it stands here, with your own words.")
        if here is not Where.DIRECT
        else ctx.t("Type it as it stands here. In our chat you may leave out the “!”."),
        groups=groups,
        outro=outro,
    )
    data = {"commands": [each.name for each in ctx.registry.commands if each.listed]}
    return Reply(html_to_text(html), html, data=data, buttons=tuple(buttons[:_AREA_BUTTONS]))


def about(ctx: Context, words: str) -> Reply | None:
    """Help on an area ("aufgaben") or a command ("aufgabe bis"); None if there is none."""
    typed = words.strip().removeprefix("!").split()
    area = _area_called(ctx, " ".join(typed))
    if area is not None:
        listed = _of_area(ctx.registry, area)
        if listed:
            emoji, title = AREAS[area]
            return about_commands(ctx, listed, f"{emoji} {ctx.t(title)}")
    found = ctx.registry.group(typed) if typed else ()
    return about_commands(ctx, found, "!" + " ".join(typed)) if found else None


def about_commands(ctx: Context, commands: Iterable[Command], title: str) -> Reply:
    """One command in full, or a list of them."""
    every = list(commands)
    data = {"commands": [each.name for each in every]}
    if len(every) == 1:
        html = _one(ctx, every[0])
    else:
        lines = [_line(ctx, each) for each in every]
        html = render_template(
            "kit/commands.html.j2", ctx, title=title, intro="", groups=[Group(lines)], outro=""
        )
    return Reply(html_to_text(html), html, data=data)


def is_cry_for_help(registry: Registry, text: str) -> bool:
    """Whether somebody who was asked something types "hilfe" instead of an answer."""
    match = registry.find([text.strip(" !?.")])
    return match is not None and match.command.name == HELP


def keeps_dialogue(command: Command) -> bool:
    """Looking up the help is no reason to forget what was asked."""
    return command.name == HELP


def example(command: Command, language: str) -> str:
    """The first example, else the usage."""
    at = 0 if language == "de" else 1
    return command.examples[0][at] if command.examples else command.usage(language)


def _one(ctx: Context, command: Command) -> str:
    at = 0 if ctx.language == "de" else 1
    other = "en" if ctx.language == "de" else "de"
    names = {"!" + " ".join(command.path(other)).replace(NUMBER, "3")}
    names |= {"!" + " ".join(alias) for alias in command.aliases}
    names -= {"!" + " ".join(command.path(ctx.language)).replace(NUMBER, "3")}
    rules = (_RULES.get(command.power, ""), _PLACES.get(command.where, ""))
    return render_template(
        "kit/command.html.j2",
        ctx,
        summary=ctx.t(command.summary),
        usage=command.usage(ctx.language),
        other_names=", ".join(sorted(names)),
        examples=[pair[at] for pair in command.examples],
        rule=" ".join(ctx.t(rule) for rule in rules if rule),
    )


def _line(ctx: Context, command: Command) -> Line:
    return Line(example(command, ctx.language), ctx.t(command.summary))


def _of_area(registry: Registry, area: str) -> list[Command]:
    return [each for each in registry.commands if each.area == area and each.listed]


def _area_called(ctx: Context, said: str) -> str | None:
    word = plain_word(said)
    if ctx.app is None or not word:
        return None
    for area, (_, title) in AREAS.items():
        titles = {plain_word(say(title)) for say in ctx.app.translators.values()}
        if word == area or word in titles or word in {each.split()[0] for each in titles}:
            return area
    return None


def _where(ctx: Context) -> Where:
    if ctx.box is not None:
        return Where.BOX
    return Where.DIRECT if ctx.direct else Where.OTHER


def _help_word(ctx: Context) -> str:
    return "hilfe" if ctx.language == "de" else "help"
