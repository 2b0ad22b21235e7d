"""Reactions as buttons: they stand on the bot's message and act for whoever clicks."""

from __future__ import annotations

from tests.clients import MatrixPerson, Message
from tests.e2e.groups import Group

DONE, MINE = "✅", "🙋"


async def test_the_tick_on_a_task_finishes_it(group: Group) -> None:
    task = await group.anna.ask(group.box, "!aufgabe Hecke schneiden")
    assert task.buttons[DONE] == "!erledigt 1"
    await group.ben.react(group.box, task.event_id, DONE)
    said = await told(group.ben, group.bot, "done")
    assert said.result["ok"]
    assert (await group.anna.ask(group.box, "!aufgaben")).data["tasks"] == []


async def test_a_raised_hand_takes_the_task_for_who_clicked(group: Group) -> None:
    task = await group.anna.ask(group.box, "!aufgabe Hecke schneiden")
    await group.ben.react(group.box, task.event_id, MINE)
    await told(group.ben, group.bot, "task assign")
    (listed,) = (await group.anna.ask(group.box, "!aufgaben")).data["tasks"]
    assert listed["assignees"] == [group.ben.user_id]


async def test_the_bot_offers_its_buttons_as_reactions(group: Group) -> None:
    task = await group.anna.ask(group.box, "!aufgabe Hecke schneiden")
    offered = await group.anna.wait_for(
        lambda seen: (
            seen.sender == group.bot
            and seen.relation.get("rel_type") == "m.annotation"
            and seen.relation.get("event_id") == task.event_id
        )
    )
    assert offered.relation["key"] in task.buttons


async def test_a_tick_with_an_emoji_selector_counts_the_same(group: Group) -> None:
    task = await group.anna.ask(group.box, "!aufgabe Hecke schneiden")
    await group.anna.react(group.box, task.event_id, f"{DONE}\ufe0f")
    assert (await told(group.anna, group.bot, "done")).result["ok"]


async def told(person: MatrixPerson, bot: str, command: str) -> Message:
    """The bot's message with the result of `command`."""
    return await person.wait_for(
        lambda seen: seen.sender == bot and seen.result.get("command") == command,
        what=f"the result of {command}",
    )
