"""The Box policy on a real Synapse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import ENCRYPTED, Person, refusal, register
from tests.servers import SynapseServer, quoted

Json = dict[str, Any]
MARKER = "de.wecreate.box"
MEGOLM = "m.megolm.v1.aes-sha2"


@pytest.fixture(scope="module")
def anna(synapse: SynapseServer) -> Person:
    return register(synapse, "anna-policy")


@pytest.fixture(scope="module")
def bot(synapse: SynapseServer) -> Person:
    return register(synapse, "wecreate")


@pytest.fixture(scope="module")
def box(bot: Person, anna: Person) -> str:
    """Made by the bot; anna is its co-creator and has joined."""
    creation = {**box_content(bot), "additional_creators": [anna.user_id]}
    room = bot.create_room(creation_content=creation, invite=[anna.user_id], name="Garten")
    anna.join(room)
    return room


def box_content(bot: Person) -> Json:
    return {MARKER: {"version": 1, "bot": bot.user_id}}


def test_a_box_is_encrypted_before_anything_can_be_said(bot: Person, box: str) -> None:
    types = [event["type"] for event in reversed(bot.messages(box))]
    assert types[:4] == [
        "m.room.create",
        "m.room.member",
        "m.room.power_levels",
        "m.room.encryption",
    ]


def test_whatever_the_client_asks_a_box_is_private(anna: Person, bot: Person) -> None:
    room = anna.create_room(
        creation_content=box_content(bot) | {"type": "m.space"},
        preset="public_chat",
        visibility="public",
        room_alias_name="offen-fuer-alle",
        initial_state=[
            {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "none"}},
            {"type": "m.room.encryption", "content": {}},
            {"type": "m.room.join_rules", "content": {"join_rule": "public"}},
            {
                "type": "m.room.history_visibility",
                "content": {"history_visibility": "world_readable"},
            },
            {"type": "m.room.guest_access", "content": {"guest_access": "can_join"}},
            {"type": "m.room.power_levels", "content": {"users_default": 100}},
            {"type": "m.room.topic", "content": {"topic": "Beete"}},
        ],
        power_level_content_override={"events": {"m.room.encryption": 0}, "state_default": 0},
    )
    assert anna.state(room, "m.room.encryption") == {"algorithm": MEGOLM}
    assert anna.state(room, "m.room.join_rules") == {"join_rule": "invite"}
    assert anna.state(room, "m.room.history_visibility") == {"history_visibility": "shared"}
    assert anna.state(room, "m.room.guest_access") == {"guest_access": "forbidden"}
    assert anna.state(room, "m.room.topic")["topic"] == "Beete"
    assert "type" not in anna.state(room, "m.room.create")
    levels = anna.state(room, "m.room.power_levels")
    assert levels["events"]["m.room.encryption"] == 100
    assert levels["state_default"] == 50
    assert levels["users_default"] == 0
    listed = anna.call("GET", f"/directory/list/room/{quoted(room)}")
    assert listed["visibility"] == "private"
    assert refusal(lambda: anna.state(room, "m.room.canonical_alias")).status == 404


def test_the_bot_finds_a_box_again_by_an_address_that_nobody_is_shown(bot: Person) -> None:
    asked = {"creation_content": box_content(bot), "room_alias_name": "wecreate-4711"}
    room = bot.create_room(**asked)
    again = refusal(lambda: bot.create_room(**asked))
    assert again.errcode == "M_ROOM_IN_USE"
    found = bot.call("GET", f"/directory/room/{quoted('#wecreate-4711:localhost')}")
    assert found["room_id"] == room
    assert bot.state(room, "m.room.canonical_alias") == {}


def test_the_bot_is_invited_into_a_box_that_someone_makes_without_it(
    anna: Person, bot: Person
) -> None:
    room = anna.create_room(creation_content=box_content(bot))
    assert anna.state(room, "m.room.member", bot.user_id)["membership"] == "invite"


def test_the_marker_stands_in_the_invite(anna: Person, bot: Person) -> None:
    room = bot.create_room(creation_content=box_content(bot), invite=[anna.user_id])
    preview = anna.invites()[room]["invite_state"]["events"]
    create = next(event for event in preview if event["type"] == "m.room.create")
    assert create["content"][MARKER] == {"version": 1, "bot": bot.user_id}


@pytest.mark.parametrize(
    "marker",
    [
        None,
        "yes",
        {},
        {"version": 1, "bot": "@someone:else.example"},
        {"version": 2, "bot": "@wecreate:localhost"},
        {"version": True, "bot": "@wecreate:localhost"},
    ],
)
def test_a_wrong_marker_makes_no_room(anna: Person, marker: object) -> None:
    refused = refusal(lambda: anna.create_room(creation_content={MARKER: marker}))
    assert (refused.status, refused.errcode) == (400, "M_BAD_JSON")


@pytest.mark.parametrize(
    "kind",
    ["m.room.message", "m.sticker", "m.poll.start", "org.example.anything"],
)
def test_what_is_said_in_the_clear_is_refused_in_words(anna: Person, box: str, kind: str) -> None:
    content = {"msgtype": "m.text", "body": "hallo"}
    refused = refusal(lambda: anna.send(box, content, kind))
    assert (refused.status, refused.errcode) == (403, "M_FORBIDDEN")
    assert "verschlüsselt" in refused.body["error"]


def test_the_bot_itself_must_encrypt(bot: Person, box: str) -> None:
    assert refusal(lambda: bot.say(box, "hallo")).status == 403


def test_encrypted_talk_reactions_and_deletions_pass(anna: Person, box: str) -> None:
    message = anna.send(box, ENCRYPTED, "m.room.encrypted")
    relation = {"rel_type": "m.annotation", "event_id": message, "key": "✅"}
    reaction = anna.send(box, {"m.relates_to": relation}, "m.reaction")
    anna.call("PUT", f"/rooms/{quoted(box)}/redact/{quoted(reaction)}/once", {})
    anna.send(box, {"call_id": "1", "version": "1", "party_id": "x"}, "m.call.hangup")
    anna.set_state(box, "m.room.name", {"name": "Kleingarten"})
    anna.set_state(box, "de.wecreate.settings", {"language": "de"})


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.room.encryption", {}),
        ("m.room.encryption", {"algorithm": "none"}),
        ("m.room.encryption", {"algorithm": MEGOLM, "rotation_period_msgs": 10**9}),
        ("m.room.join_rules", {"join_rule": "public"}),
        ("m.room.join_rules", {"join_rule": "knock"}),
        ("m.room.join_rules", {"join_rule": "restricted", "allow": []}),
        ("m.room.history_visibility", {"history_visibility": "world_readable"}),
        ("m.room.history_visibility", {}),
        ("m.room.guest_access", {"guest_access": "can_join"}),
        ("m.room.server_acl", {"allow": ["*"]}),
        (MARKER, {}),
    ],
)
def test_even_a_creator_can_not_open_a_box(
    anna: Person, box: str, kind: str, content: Json
) -> None:
    assert refusal(lambda: anna.set_state(box, kind, content)).status == 403


def test_who_is_not_invited_stays_out_and_members_may_change_their_name(
    synapse: SynapseServer, anna: Person, box: str
) -> None:
    passer_by = register(synapse, "passer-by")
    assert refusal(lambda: passer_by.join(box)).status == 403
    named = {"membership": "join", "displayname": "Anna aus Beet 3"}
    anna.set_state(box, "m.room.member", named, anna.user_id)


def test_the_history_may_be_narrowed(anna: Person, box: str) -> None:
    anna.set_state(box, "m.room.history_visibility", {"history_visibility": "joined"})
    anna.set_state(box, "m.room.history_visibility", {"history_visibility": "shared"})


def test_a_box_never_comes_into_the_directory(anna: Person, box: str) -> None:
    path = f"/directory/list/room/{quoted(box)}"
    assert refusal(lambda: anna.call("PUT", path, {"visibility": "public"})).status == 403


@pytest.mark.parametrize("version", ["11", "12"])  # of the old room
def test_an_upgraded_box_stays_one_until_the_bot_has_adopted_it_and_after(
    bot: Person, anna: Person, version: str
) -> None:
    old = anna.create_room(creation_content=box_content(bot), room_version=version)
    answer = anna.call("POST", f"/rooms/{quoted(old)}/upgrade", {"new_version": "12"})
    room = str(answer["replacement_room"])
    assert anna.state(room, "m.room.encryption") == {"algorithm": MEGOLM}
    assert refusal(lambda: anna.say(room, "offen")).status == 403
    open_up = {"join_rule": "public"}
    assert refusal(lambda: anna.set_state(room, "m.room.join_rules", open_up)).status == 403
    anna.invite(room, bot.user_id)
    bot.join(room)
    levels = anna.state(room, "m.room.power_levels")
    users = {**levels.get("users", {}), bot.user_id: 50}
    anna.set_state(room, "m.room.power_levels", {**levels, "users": users})
    bot.set_state(room, MARKER, {"version": 1, "bot": bot.user_id})
    assert refusal(lambda: anna.say(room, "offen")).status == 403
    anna.say_encrypted(room)


def test_ordinary_rooms_stay_as_they_are(anna: Person) -> None:
    room = anna.create_room(preset="public_chat", visibility="public")
    anna.say(room, "hallo")
    anna.set_state(room, "m.room.history_visibility", {"history_visibility": "world_readable"})
    upgraded = anna.call("POST", f"/rooms/{quoted(room)}/upgrade", {"new_version": "12"})
    anna.say(str(upgraded["replacement_room"]), "weiter")


def test_an_encrypted_room_by_invitation_is_adopted_and_let_go(bot: Person, anna: Person) -> None:
    room = anna.create_room(
        preset="private_chat",
        invite=[bot.user_id],
        initial_state=[{"type": "m.room.encryption", "content": {"algorithm": MEGOLM}}],
        power_level_content_override={"users": {bot.user_id: 50}},
    )
    bot.join(room)
    anna.say(room, "noch geht das")
    marker = {"version": 1, "bot": bot.user_id}
    assert refusal(lambda: anna.set_state(room, MARKER, marker)).status == 403
    bot.set_state(room, MARKER, marker)
    assert refusal(lambda: anna.say(room, "nun nicht mehr")).status == 403
    assert refusal(lambda: anna.set_state(room, MARKER, {})).status == 403
    bot.set_state(room, MARKER, {})
    anna.say(room, "wieder wie zuvor")


@pytest.mark.parametrize(("preset", "encrypted"), [("private_chat", False), ("public_chat", True)])
def test_a_room_that_is_open_or_in_the_clear_is_not_adopted(
    bot: Person, preset: str, *, encrypted: bool
) -> None:
    state = [{"type": "m.room.encryption", "content": {"algorithm": MEGOLM}}] if encrypted else []
    room = bot.create_room(preset=preset, initial_state=state)
    marker = {"version": 1, "bot": bot.user_id}
    assert refusal(lambda: bot.set_state(room, MARKER, marker)).status == 403
    bot.say(room, "bleibt gewöhnlich")
