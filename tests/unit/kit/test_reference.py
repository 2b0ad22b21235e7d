from __future__ import annotations

from pathlib import Path

from bots.app import PARTS
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.kit.reference import commands_markdown

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "commands.md"


def every_command() -> App:
    return App.assemble(PARTS, bot_user_id="@wecreate:x", server=ServerFacts("x"))


def test_the_reference_is_up_to_date() -> None:
    written = commands_markdown(every_command())
    assert PAGE.read_text(encoding="utf-8") == written, "run: wecreate docs commands"


def test_every_command_is_explained_with_examples_that_call_it() -> None:
    app = every_command()
    for command in app.registry.commands:
        assert command.summary, command.name
        for example in (example for pair in command.examples for example in pair):
            assert example.startswith("!"), example
            match = app.registry.find(example.removeprefix("!").split())
            assert match is not None, example
            assert match.command is command, example


def test_every_required_argument_can_be_asked_for() -> None:
    for command in every_command().registry.commands:
        for argument in command.arguments:
            assert argument.optional or argument.ask, (command.name, argument.name)
