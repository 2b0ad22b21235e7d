"""docs/reference/commands.md, written from the registry."""

from __future__ import annotations

from collections.abc import Iterator

from bots.kit.app import App
from bots.kit.registry import AREAS, Command, Where
from wecreate_module.domain.boxes import Power

_HEAD = """\
# Commands

<!-- Written by `wecreate docs commands`; a test fails when it is out of date. -->

Every command has a German and an English name; both always work. In a Box a command starts with
`!`; in the direct chat with the bot the `!` may be left out; "WeCreate: …" works as well. Words
in `<…>` are yours, those in `[…]` may be left out. What is missing is asked for. Each answer
carries its result as data under `de.wecreate.result`, with the command's name as it stands here.
"""
_POWERS = {
    Power.MEMBER: "everybody",
    Power.MODERATOR: "moderators and admins",
    Power.ADMIN: "admins",
}
_PLACES = {
    Where.BOX: "in a Box",
    Where.DIRECT: "in the direct chat",
    Where.OTHER: "in a group that is no Box",
}


def commands_markdown(app: App) -> str:
    """The whole page."""
    parts = [_HEAD]
    for area, (_, title) in AREAS.items():
        commands = [each for each in app.registry.commands if each.area == area]
        if commands:
            parts.append(f"## {title}\n")
            parts.extend("\n".join(_entry(app, each)) for each in commands)
    return "\n".join(parts)


def _entry(app: App, command: Command) -> Iterator[str]:
    summaries = [app.translators[language](command.summary) for language in ("en", "de")]
    yield f"### `{command.usage('de')}` · `{command.usage('en')}`\n"
    yield f"{summaries[0]}. · {summaries[1]}.\n"
    if command.aliases:
        names = ", ".join(f"`!{' '.join(alias)}`" for alias in command.aliases)
        yield f"- Also: {names}"
    for german, english in command.examples:
        yield f"- `{german}`" if german == english else f"- `{german}` · `{english}`"
    places = ", ".join(said for place, said in _PLACES.items() if place in command.where)
    archived = "; in an archived Box too" if command.reading and Where.BOX in command.where else ""
    yield f"- For {_POWERS[command.power]}, {places}{archived}; result: `{command.name}`\n"
