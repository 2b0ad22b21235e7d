from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wecreate_module.domain.matrix import (
    ABOVE_ALL,
    BOX,
    BoxMarker,
    creators_above_all,
    is_user_id,
    make_marker,
    marker_in,
    parse_marker,
    power_of,
    required_power,
)

unhurried = settings(deadline=None)  # examples take longer on a busy machine

ANNA, BEN, BOT = "@anna:x.org", "@ben:x.org", "@wecreate:x.org"
V12 = {"room_version": "12", "additional_creators": [ANNA]}
V11 = {"room_version": "11"}

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=10,
)


class TestMarker:
    def test_what_is_made_is_read(self) -> None:
        assert parse_marker(make_marker(BOT)) == BoxMarker(1, BOT)
        assert marker_in({BOX: make_marker(BOT), "room_version": "12"}) == BoxMarker(1, BOT)

    def test_a_later_version_is_a_box_as_well(self) -> None:
        assert parse_marker({"version": 7, "bot": BOT, "more": []}) == BoxMarker(7, BOT)

    @pytest.mark.parametrize(
        "value",
        [
            None,
            [],
            "de.wecreate.box",
            {},
            {"version": 1},
            {"bot": BOT},
            {"version": 0, "bot": BOT},
            {"version": True, "bot": BOT},
            {"version": "1", "bot": BOT},
            {"version": 1, "bot": "wecreate"},
            {"version": 1, "bot": [BOT]},
        ],
    )
    def test_anything_else_is_no_marker(self, value: object) -> None:
        assert parse_marker(value) is None
        assert marker_in({BOX: value}) is None

    @unhurried
    @given(json, json)
    def test_no_json_makes_it_fall_over(self, value: object, bot: object) -> None:
        parse_marker(value)
        marker_in(value)
        parse_marker({"version": value, "bot": bot})
        marker_in({BOX: {"version": 1, "bot": bot}})


class TestUserIds:
    @pytest.mark.parametrize(
        "user",
        [ANNA, "@a:localhost:8448", "@Älter/=_.-:x.org", "@:x.org", "@a:[::1]:80", "@a:1.2.3.4"],
    )
    def test_user_ids_are_known_historical_ones_included(self, user: str) -> None:
        assert is_user_id(user)

    @pytest.mark.parametrize(
        "value",
        ["", "anna", "@anna", "@anna:", "anna:x.org", "@a b:x.org", "@a:x y", f"@{'a' * 255}:x", 7],
    )
    def test_anything_else_is_none(self, value: object) -> None:
        assert not is_user_id(value)


class TestPower:
    def test_creators_stand_above_all_from_room_version_12_on(self) -> None:
        levels = {"users": {BEN: 100}}
        assert power_of(BOT, V12, BOT, levels) == ABOVE_ALL
        assert power_of(ANNA, V12, BOT, levels) == ABOVE_ALL
        assert power_of(BEN, V12, BOT, levels) == 100
        assert power_of("@cem:x.org", V12, BOT, levels) == 0
        assert creators_above_all({"room_version": "13"}, BOT) == {BOT}

    def test_before_it_a_creator_has_what_the_power_levels_say(self) -> None:
        create = {**V11, "additional_creators": [ANNA]}
        assert power_of(BOT, create, BOT, {"users": {BOT: 50}}) == 50
        assert power_of(ANNA, create, BOT, {"users": {}}) == 0
        assert power_of(BOT, {}, BOT, {}) == 0

    def test_without_power_levels_the_creator_has_100(self) -> None:
        assert power_of(BOT, V11, BOT, None) == 100
        assert power_of(ANNA, V11, BOT, None) == 0
        assert power_of(BOT, {"creator": BOT}, "", None) == 100

    def test_users_default_counts_for_those_not_named(self) -> None:
        levels = {"users": {ANNA: 0}, "users_default": 50}
        assert power_of(ANNA, V11, BOT, levels) == 0
        assert power_of(BEN, V11, BOT, levels) == 50

    @pytest.mark.parametrize(
        ("level", "power"),
        [("50", 50), (" +50 ", 50), (50.0, 50), (True, 0), (None, 0), ("fifty", 0), ([], 0)],
    )
    def test_old_rooms_hold_levels_as_text(self, level: object, power: int) -> None:
        assert power_of(ANNA, {}, BOT, {"users": {ANNA: level}}) == power

    @pytest.mark.parametrize(
        "version", [12, None, "", "org.matrix.msc4289", "²", "-12", "1" * 5000]
    )
    def test_an_odd_room_version_gives_no_power_by_mistake(self, version: object) -> None:
        create = {"room_version": version}
        expected = ABOVE_ALL if version == "1" * 5000 else 0
        assert power_of(BOT, create, BOT, {"users": {}}) == expected

    @unhurried
    @given(json, json, json)
    def test_no_json_makes_it_fall_over(
        self, create: object, levels: object, value: object
    ) -> None:
        assert isinstance(power_of(ANNA, create, BOT, levels), int)
        hostile = {"users": value, "users_default": value, "events": value, "invite": value}
        assert isinstance(power_of(ANNA, {"room_version": value}, BOT, hostile), int)
        assert isinstance(power_of(ANNA, {**V12, "additional_creators": value}, BOT, hostile), int)
        for kind in ("invite", "m.room.name"):
            assert isinstance(required_power(kind, hostile, state=True), int)
            assert isinstance(required_power(kind, levels), int)


class TestRequiredPower:
    def test_defaults_are_those_of_the_specification(self) -> None:
        needed = {kind: required_power(kind, {}) for kind in ("invite", "kick", "ban", "redact")}
        assert needed == {"invite": 0, "kick": 50, "ban": 50, "redact": 50}
        assert required_power("m.room.message", {}) == 0
        assert required_power("m.room.name", {}, state=True) == 50

    def test_without_power_levels_everybody_may_send_and_set_state(self) -> None:
        assert required_power("m.room.message", None) == 0
        assert required_power("m.room.name", None, state=True) == 0
        assert required_power("kick", None) == 50

    def test_what_the_room_says_goes_before(self) -> None:
        levels = {
            "events": {"m.room.name": 75, "m.reaction": 10},
            "events_default": 5,
            "state_default": 60,
            "invite": 50,
        }
        assert required_power("m.room.name", levels, state=True) == 75
        assert required_power("m.room.topic", levels, state=True) == 60
        assert required_power("m.reaction", levels) == 10
        assert required_power("m.room.message", levels) == 5
        assert required_power("invite", levels) == 50
