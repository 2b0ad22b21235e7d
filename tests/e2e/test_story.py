"""What two people do with a Box, from the first message to the finished task."""

from __future__ import annotations

from datetime import date, timedelta

from tests.e2e.groups import Group


async def test_a_box_is_encrypted_from_its_first_event(group: Group) -> None:
    state = (await group.anna.client.room_get_state(group.box)).events
    types = {event["type"]: event["content"] for event in state if event["state_key"] == ""}
    assert types["m.room.create"]["de.wecreate.box"] == {"version": 1, "bot": group.bot}
    assert types["m.room.create"]["additional_creators"] == [group.anna.user_id]
    assert types["m.room.encryption"]["algorithm"] == "m.megolm.v1.aes-sha2"
    assert types["m.room.join_rules"]["join_rule"] == "invite"


async def test_a_welcome_is_pinned_in_the_box(group: Group) -> None:
    pinned = (
        await group.anna.client.room_get_state_event(group.box, "m.room.pinned_events")
    ).content["pinned"]
    welcome = await group.anna.wait_for(lambda seen: seen.event_id in pinned and seen.readable)
    assert welcome.sender == group.bot
    assert "!aufgabe" in welcome.body


async def test_a_task_goes_its_way_in_both_languages(group: Group) -> None:
    anna, ben, box = group.anna, group.ben, group.box
    hedge = await anna.ask(box, f"!aufgabe Hecke schneiden {ben.user_id} bis morgen #garten")
    task = hedge.data["task"]
    assert (task["number"], task["title"], task["status"]) == (1, "Hecke schneiden", "open")
    assert task["assignees"] == [ben.user_id]
    assert task["labels"] == ["garten"]
    assert date.fromisoformat(task["due"]) - date.today() in {timedelta(1), timedelta(2)}  # noqa: DTZ011 - Berlin may be a day ahead
    assert hedge.encrypted
    cake = await ben.ask(box, "!task Bake a cake !high")
    assert (cake.data["task"]["number"], cake.data["task"]["due"]) == (2, None)
    listed = await ben.ask(box, "!tasks")
    assert [one["number"] for one in listed.data["tasks"]] == [1, 2]
    done = await ben.ask(box, "!erledigt 1")
    assert done.result["ok"]
    left = await anna.ask(box, "!aufgaben")
    assert [one["title"] for one in left.data["tasks"]] == ["Bake a cake"]


async def test_a_reply_is_a_notice_that_answers_its_command(group: Group) -> None:
    asked = await group.anna.say(group.box, "!aufgaben")
    answer = await group.anna.answer_to(asked)
    assert answer.sender == group.bot
    assert answer.html
    assert answer.result["command"] == "tasks"
    assert answer.content.get("m.mentions", {}) == {}


async def test_a_reply_to_a_command_in_a_thread_comes_in_the_thread(group: Group) -> None:
    root = await group.anna.say(group.box, "Was ist noch zu tun?")
    relation = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}
    asked = await group.anna.say(group.box, "!aufgaben", **{"m.relates_to": relation})
    answer = await group.anna.answer_to(asked)
    assert (answer.relation["rel_type"], answer.relation["event_id"]) == ("m.thread", root)


async def test_ordinary_talk_gets_no_answer(group: Group) -> None:
    said = await group.ben.say(group.box, "Wer bringt den Grill mit?")
    fence = await group.ben.ask(group.box, "!aufgaben")
    assert fence.result["ok"]
    assert not group.ben.replies_to(said)


async def test_a_mistake_is_answered_with_what_to_type_and_changes_nothing(group: Group) -> None:
    answers = {
        "!erledigt 999": "999",
        "!aufgabe Kuchen bis 31.02.": "31.2.",
        "!erledigen": "!erledigt",
    }
    for command, hint in answers.items():
        answer = await group.anna.ask(group.box, command)
        assert answer.result["ok"] is False
        assert answer.result["error"]["code"]
        assert hint in answer.body
    listed = await group.anna.ask(group.box, "!aufgaben")
    assert listed.data["tasks"] == []
