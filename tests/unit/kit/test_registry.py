from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.kit.arguments import Numbers, Text
from bots.kit.context import Context
from bots.kit.registry import Command, Registry, argument, command
from bots.kit.replies import Replies, Reply
from bots.kit.turn import choose


def declare(german: str, english: str, *aliases: str, arguments: bool = False) -> Command:
    def run(_: Context, *__: int, **___: Any) -> Replies:
        return Reply("done")

    if arguments:
        run = argument("text", Text(), "text", "text", ask="What?")(run)
    return command(german, english, area="tasks", summary="Does it", aliases=aliases)(run)


REGISTRY = Registry(
    [
        declare("aufgabe", "task", arguments=True),
        declare("aufgabe #", "task #"),
        declare("aufgabe # bis", "task # due", arguments=True),
        declare("aufgaben", "tasks", "liste"),
        declare("löschen", "delete"),
        declare("box neu", "box new", "neu", arguments=True),
    ]
)


@pytest.mark.parametrize(
    ("typed", "name", "numbers", "length", "language"),
    [
        ("aufgabe Kuchen", "task", (), 1, "de"),
        ("Task cake", "task", (), 1, "en"),
        ("AUFGABE 3", "task", (3,), 2, "de"),
        ("task #12 due tomorrow", "task due", (12,), 3, "en"),
        ("aufgabe 3 due morgen", "task due", (3,), 3, None),
        ("liste", "tasks", (), 1, None),
        ("loeschen", "delete", (), 1, "de"),
        ("lo\u0308schen", "delete", (), 1, "de"),
        ("box neu Fest", "box new", (), 2, "de"),
    ],
)
def test_the_longest_path_wins(
    typed: str,
    name: str,
    numbers: tuple[int, ...],
    length: int,
    language: str | None,
) -> None:
    match = REGISTRY.find(typed.split())
    assert match is not None
    assert (match.command.name, match.numbers, match.length, match.language) == (
        name,
        numbers,
        length,
        language,
    )


@pytest.mark.parametrize("typed", ["", "box", "cake", "3", "# 3", "aufgab"])
def test_what_is_no_command_is_not_found(typed: str) -> None:
    assert REGISTRY.find(typed.split()) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("aufgbe Kuchen", "aufgabe Kuchen"),
        ("taks", "task"),
        ("box nue Fest im Park", "box neu Fest im Park"),
        ("aufgabe 3 bsi morgen", "aufgabe 3 bis morgen"),
        ("loschen", "löschen"),
        ("aufgabe bis 3 morgen", "aufgabe 3 bis morgen"),
        ("aufgabe kuchen 3", None),
        ("xyz", None),
        ("danke", None),
        ("", None),
    ],
)
def test_the_nearest_command_keeps_the_other_words(typed: str, meant: str | None) -> None:
    assert REGISTRY.nearest(typed.split()) == meant


@given(st.lists(st.text(min_size=1), max_size=6))
def test_any_words_may_be_looked_up(words: list[str]) -> None:
    REGISTRY.find(words)
    REGISTRY.nearest(words)
    REGISTRY.group(words)
    choose(REGISTRY, words)


def test_two_commands_with_one_name_are_refused() -> None:
    first, second = declare("aufgabe", "task"), declare("arbeit", "Task")
    with pytest.raises(ValueError, match="two commands are called !Task"):
        Registry([first, second])
    with pytest.raises(ValueError, match="two commands"):
        Registry([first, declare("x", "y", "aufgabe")])


def test_one_command_may_have_the_same_name_in_both_languages() -> None:
    match = Registry([declare("ping", "ping")]).find(["ping"])
    assert match is not None
    assert match.language is None


def test_an_area_must_be_known() -> None:
    made = command("a", "b", area="gardening", summary="x")(lambda ctx: Reply("x"))  # noqa: ARG005 - does nothing
    with pytest.raises(ValueError, match="gardening"):
        Registry([made])


def test_arguments_stand_in_the_order_they_are_declared() -> None:
    @command("a #", "b #", area="tasks", summary="x")
    @argument("numbers", Numbers(), "nummern", "numbers", ask="Which?")
    @argument("text", Text(), "text", "text", optional=True)
    def both(_: Context, number: int, numbers: tuple[int, ...], text: str | None) -> Replies:
        return Reply(f"{number} {numbers} {text}")

    assert [each.name for each in both.arguments] == ["numbers", "text"]
    assert both.usage("de") == "!a <nummer> <nummern> [text]"
    assert both.usage("en") == "!b <number> <numbers> [text]"
    assert both.name == "b"
