from __future__ import annotations

from typing import Any

import pytest

from wecreate_module.domain.matrix import BUTTONS, RESULT

DIRECT = "!direct"


def test_the_overview_shows_what_works_here(chat: Any) -> None:
    (content,) = chat.says("!help")
    assert "!done 3" in content["body"]
    assert "!help" in content["body"]
    assert "!language" not in content["body"]
    (content,) = chat.says("!help", room=DIRECT)
    assert "!done 3" not in content["body"]
    assert "!language" in content["body"]


def test_the_overview_is_in_the_readers_language(chat: Any) -> None:
    chat.person("@anna:x.example", language="de")
    (content,) = chat.says("!help")
    assert "!erledigt 3" in content["body"]
    assert "Aufgaben" in content["body"]
    assert "!done" not in content["body"]


def test_long_areas_have_a_button_and_a_word_for_more(chat: Any) -> None:
    (content,) = chat.says("!help")
    assert content[BUTTONS] == {"✅": "!help tasks"}
    assert "!help tasks" in content["body"]
    assert len(content["body"]) < 1500


@pytest.mark.parametrize("word", ["tasks", "Aufgaben", "!tasks"])
def test_help_on_an_area_lists_all_of_it(chat: Any, word: str) -> None:
    (content,) = chat.says(f"!help {word}")
    assert set(content[RESULT]["data"]["commands"]) >= {"done", "task", "task assign", "keep"}


@pytest.mark.parametrize("word", ["done", "!erledigt", "fertig"])
def test_help_on_a_command_tells_all_of_it(chat: Any, word: str) -> None:
    (content,) = chat.says(f"!help {word}")
    assert content[RESULT]["data"]["commands"] == ["done"]
    for part in ("Finishes tasks", "!done <number>", "!done 3", "!erledigt", "!fertig"):
        assert part in content["body"]


def test_help_says_who_may_use_a_command(chat: Any) -> None:
    (content,) = chat.says("!help admin only")
    assert "For admins of the Box." in content["body"]


def test_help_on_a_misspelt_word_offers_the_nearest(chat: Any) -> None:
    (content,) = chat.says("!help erledgit")
    assert content[BUTTONS] == {"👍": "!help erledigt"}


def test_what_people_type_into_help_is_escaped(chat: Any) -> None:
    (content,) = chat.says("!help <img src=x>")
    assert "<img" not in content.get("formatted_body", "")


def test_people_choose_their_language(chat: Any) -> None:
    (content,) = chat.says("sprache en", room=DIRECT)
    assert content["body"] == "From now on I speak English with you, in all Boxes."
    assert content[RESULT] == {"command": "language", "ok": True, "data": {"language": "en"}}
    (content,) = chat.says("!language german", room=DIRECT)
    assert content["body"] == "Ab jetzt spreche ich Deutsch mit dir, in allen Boxen."


def test_people_choose_their_time_zone(chat: Any) -> None:
    (content,) = chat.says("timezone Lisbon", room=DIRECT)
    assert content[RESULT]["data"] == {"timezone": "Europe/Lisbon"}
    assert "09:00" in content["body"]
    (content,) = chat.says("timezone Atlantis", room=DIRECT)
    assert content[RESULT]["error"]["code"] == "unknown-timezone"
