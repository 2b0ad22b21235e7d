from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.boxes import (
    MAX_NAME,
    Box,
    BoxState,
    clean_name,
    may_create,
    require_active,
    room_request,
    same_name,
    settings_content,
)
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.matrix import marker_in, power_of, required_power

BOT, ANNA, BEN = "@wecreate:w.example", "@anna:w.example", "@ben:partner.example"
BOX = Box(
    "b0x", "!r", "Sommerfest", "de", "Europe/Berlin", ANNA, datetime(2026, 11, 22, tzinfo=UTC)
)


@pytest.fixture
def request_body() -> dict[str, object]:
    return room_request(
        name="Sommerfest",
        topic="",
        founder=ANNA,
        bot_user_id=BOT,
        language="de",
        timezone="Europe/Berlin",
    )


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Sommer \n fest ", "Sommer fest"),
        ("Kita\u202e gnirps", "Kita gnirps"),
        ("Fam\u200bilie 👩\u200d👧", "Familie 👩\u200d👧"),
        ("<b>fett</b>", "<b>fett</b>"),
        ("🎉", "🎉"),
    ],
)
def test_a_name_is_one_line_without_hidden_characters(typed: str, name: str) -> None:
    assert clean_name(typed) == name


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u202e", "\x00\n", "\u200d"])
def test_a_name_of_nothing_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as refused:
        clean_name(typed)
    assert refused.value.code == "box-name-empty"


def test_a_name_that_is_too_long_is_refused() -> None:
    assert clean_name("x" * MAX_NAME)
    with pytest.raises(UserError) as refused:
        clean_name("x" * (MAX_NAME + 1))
    assert refused.value.params == {"length": MAX_NAME + 1, "limit": MAX_NAME}


@given(st.text())
def test_any_text_is_a_clean_name_or_is_refused(text: str) -> None:
    try:
        name = clean_name(text)
    except UserError:
        return
    assert 0 < len(name) <= MAX_NAME
    assert clean_name(name) == name
    assert "\n" not in name


def test_the_typed_name_may_differ_in_case_and_spaces() -> None:
    assert same_name(" sommer  FEST", "Sommer Fest")
    assert not same_name("Sommer", "Sommer Fest")


def test_an_archived_box_is_not_changed() -> None:
    require_active(BOX)
    with pytest.raises(UserError) as refused:
        require_active(replace(BOX, state=BoxState.ARCHIVED))
    assert refused.value.code == "box-archived"


@pytest.mark.parametrize(
    ("who", "creators", "allowed"),
    [
        (ANNA, "everyone", True),
        (BEN, "everyone", True),
        (ANNA, "local", True),
        (BEN, "local", False),
        ("@anna:w.example.evil", "local", False),
        (BEN, frozenset({BEN}), True),
        (ANNA, frozenset({BEN}), False),
        (ANNA, frozenset(), False),
        (ANNA, "nobody", False),
    ],
)
def test_the_operator_says_who_makes_boxes(
    who: str, creators: str | frozenset[str], *, allowed: bool
) -> None:
    assert may_create(who, creators, "w.example") is allowed


def test_a_box_is_encrypted_first_private_and_without_guests(
    request_body: dict[str, object],
) -> None:
    state = request_body["initial_state"]
    assert isinstance(state, list)
    by_type = {event["type"]: event["content"] for event in state}
    assert state[0]["type"] == "m.room.encryption"
    assert by_type["m.room.join_rules"] == {"join_rule": "invite"}
    assert by_type["m.room.guest_access"] == {"guest_access": "forbidden"}
    assert by_type["de.wecreate.settings"] == {"language": "de", "timezone": "Europe/Berlin"}
    assert request_body["preset"] == "private_chat"
    assert request_body["visibility"] == "private"


def test_the_request_can_be_sent_as_json(request_body: dict[str, object]) -> None:
    assert json.loads(json.dumps(request_body)) == request_body


def test_founder_and_bot_are_creators_and_nobody_stands_in_the_power_levels(
    request_body: dict[str, object],
) -> None:
    creation, levels = (
        request_body["creation_content"],
        request_body["power_level_content_override"],
    )
    assert isinstance(creation, dict)
    assert isinstance(levels, dict)
    create = {**creation, "room_version": request_body["room_version"]}
    marked = marker_in(create)
    assert marked is not None
    assert marked.bot == BOT
    assert levels["users"] == {}
    for creator in (BOT, ANNA):
        assert power_of(creator, create, BOT, levels) > 2**50
    assert power_of(BEN, create, BOT, levels) == 0
    assert required_power("invite", levels) == 50
    assert required_power("m.room.encryption", levels, state=True) == 100


def test_settings_of_other_features_stay() -> None:
    old = {"language": "de", "caldav": "read"}
    assert settings_content(old, "en", "UTC") == {
        "language": "en",
        "timezone": "UTC",
        "caldav": "read",
    }
