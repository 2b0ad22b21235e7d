from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bots.kit.render import LARGEST, Place, json_size, render
from bots.kit.replies import Button, Reply
from wecreate_module.domain.matrix import BUTTONS, RESULT

TASKS = [{"number": n, "title": f"Task ä {n} " + "x" * 60} for n in range(1000)]


def test_a_reply_without_html_is_plain() -> None:
    content = render(Reply("hello"), "done", Place("$a"))
    assert content == {
        "msgtype": "m.notice",
        "body": "hello",
        "m.mentions": {},
        RESULT: {"command": "done", "ok": True, "data": {}},
        "m.relates_to": {"m.in_reply_to": {"event_id": "$a"}},
    }


def test_a_message_of_no_command_has_no_result() -> None:
    assert RESULT not in render(Reply("reminder"))
    assert render(Reply("r", data={"a": 1}))[RESULT]["data"] == {"a": 1}


def test_an_edit_carries_the_new_content_and_notifies_nobody() -> None:
    reply = Reply("new", "<b>new</b>", data={"a": 1}, edits="$old", mentions=("@a:b",))
    content = render(reply, "tasks", Place("$a"))
    assert content["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$old"}
    assert content["body"] == "* new"
    assert content["m.mentions"] == {}
    assert content["m.new_content"]["formatted_body"] == "<b>new</b>"
    assert "m.relates_to" not in content["m.new_content"]


def test_what_answers_nobody_and_means_somebody_is_no_notice_so_that_phones_ring() -> None:
    calls = Reply("due today", mentions=("@a:b",))
    assert render(calls)["msgtype"] == "m.text"
    assert render(calls, place=Place())["msgtype"] == "m.text"
    assert render(calls, "task", Place("$a"))["msgtype"] == "m.notice"
    assert render(Reply("due today"))["msgtype"] == "m.notice"


def test_extra_fields_never_replace_what_makes_the_message() -> None:
    content = render(Reply("x", extra={"msgtype": "m.text", "de.wecreate.live": True}))
    assert content["msgtype"] == "m.notice"
    assert content["de.wecreate.live"] is True


def test_a_long_list_is_shortened_and_says_so() -> None:
    lines = "".join(f"<li>{task['title']}</li>" for task in TASKS)
    text = "\n".join(str(task["title"]) for task in TASKS)
    content = render(Reply(text, f"<ul>{lines}</ul>", data={"tasks": TASKS}), "tasks")
    assert json_size(content) <= LARGEST
    assert content[RESULT]["truncated"] is True
    assert 50 < len(content[RESULT]["data"]["tasks"]) < 1000
    assert content[RESULT]["data"]["tasks"] == TASKS[: len(content[RESULT]["data"]["tasks"])]
    assert content["body"].endswith("…")
    assert content["formatted_body"].count("<ul>") == content["formatted_body"].count("</ul>")


def test_a_list_that_fits_is_left_alone() -> None:
    content = render(Reply("x", "<p>x</p>", data={"tasks": TASKS[:100]}), "tasks")
    assert "truncated" not in content[RESULT]
    assert len(content[RESULT]["data"]["tasks"]) == 100


@given(
    text=st.text(),
    times=st.integers(0, 30_000),
    rows=st.integers(0, 3000),
    buttons=st.integers(0, 500),
    people=st.integers(0, 3000),
    edits=st.booleans(),
)
def test_no_reply_is_too_large_for_matrix(
    text: str,
    times: int,
    rows: int,
    buttons: int,
    people: int,
    edits: bool,  # noqa: FBT001 - a case
) -> None:
    long = (text * times)[:200_000]
    data: dict[str, Any] = {"text": long, "rows": [{"a": text[:50]}] * rows, "deep": {"x": [long]}}
    reply = Reply(
        long,
        f"<p>{long}</p>",
        data=data,
        buttons=tuple(Button(f"{n}", long[:300]) for n in range(buttons)),
        mentions=tuple(f"@a{n}:b" for n in range(people)),
        extra={"x": long},
        edits="$e" if edits else None,
    )
    content = render(reply, "tasks", Place("$a", "$b"))
    assert json_size(content) <= LARGEST + 500  # relations come on top
    assert json_size(content) * 4 / 3 < 61_000
    assert content["msgtype"] == "m.notice"
    assert RESULT in (content.get("m.new_content") or content)


def test_at_room_is_only_text() -> None:
    content = render(Reply("hi @room", "<b>hi @room</b>"))
    assert "@room" not in content["body"]
    assert "@room" not in content["formatted_body"]
    assert content["m.mentions"] == {}


def test_buttons_are_data() -> None:
    content = render(Reply("x", buttons=(Button("✅", "!done 3"),)))
    assert content[BUTTONS] == {"✅": "!done 3"}
