"""The partner list between real servers: home, a partner, and a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.certificates import Authority
from tests.people import ENCRYPTED, Person, refusal, register, wait_for
from tests.servers import SynapseServer

Json = dict[str, Any]
MARKER = "de.wecreate.box"


@dataclass(frozen=True)
class Federation:
    bot: Person
    anna: Person
    carl: Person
    partner: Person
    stranger: Person

    def new_box(self, *members: Person, **body: Any) -> str:
        """With these members joined."""
        creation = {
            MARKER: {"version": 1, "bot": self.bot.user_id},
            "additional_creators": [self.anna.user_id],
        }
        invited = [member.user_id for member in members]
        room = self.bot.create_room(creation_content=creation, invite=invited, **body)
        for member in members:
            wait_for(lambda member=member: room in member.invites(), "the invite")  # type: ignore[misc]  # bound now
            member.join(room, via=self.bot.server.server_name)
        return room


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    directory = tmp_path_factory.mktemp("federation")
    authority = Authority(directory)
    with ExitStack() as stack:
        partner, stranger = (
            stack.enter_context(SynapseServer(directory / host, host=host, authority=authority))
            for host in ("127.0.0.2", "127.0.0.3")
        )
        home = SynapseServer(
            directory / "home",
            authority=authority,
            module=lambda name: {"bot": f"@wecreate:{name}", "partners": [partner.server_name]},
        )
        stack.enter_context(home)
        yield Federation(
            bot=register(home, "wecreate"),
            anna=register(home, "anna"),
            carl=register(home, "carl"),
            partner=register(partner, "ben"),
            stranger=register(stranger, "eve"),
        )


def test_a_partner_joins_and_talks_encrypted(federation: Federation) -> None:
    room = federation.new_box(federation.anna, federation.partner)
    sent = federation.partner.say_encrypted(room)
    wait_for(lambda: seen(federation.anna, room, sent), "the partner's message")


def test_the_lists_stand_in_the_server_acl_with_and_without_port(federation: Federation) -> None:
    room = federation.new_box()
    acl = federation.bot.state(room, "m.room.server_acl")
    home, partner = federation.bot.server.server_name, federation.partner.server.server_name
    assert acl["allow"] == sorted({home, "localhost", partner, "127.0.0.2"})


def test_what_a_partner_says_in_the_clear_is_not_shown_here(federation: Federation) -> None:
    room = federation.new_box(federation.anna, federation.partner)
    plain = federation.partner.say(room, "ganz offen")
    after = federation.partner.say_encrypted(room)
    wait_for(lambda: seen(federation.anna, room, after), "the encrypted message after it")
    assert not seen(federation.anna, room, plain)
    assert refusal(lambda: federation.anna.event(room, plain)).status == 404


def test_what_a_partner_deleted_comes_as_an_empty_event(federation: Federation) -> None:
    room = federation.new_box(federation.anna, federation.partner)
    sent = federation.partner.say_encrypted(room)
    wait_for(lambda: seen(federation.anna, room, sent), "the message")
    path = f"/rooms/{room}/redact/{sent}/1"
    federation.partner.call("PUT", path, {})
    wait_for(lambda: not federation.anna.event(room, sent)["content"], "the deletion")


def test_a_partner_s_creator_can_not_open_a_box_here(federation: Federation) -> None:
    creators = [federation.partner.user_id]
    creation = {
        MARKER: {"version": 1, "bot": federation.bot.user_id},
        "additional_creators": creators,
    }
    invited = [federation.anna.user_id, *creators]
    room = federation.bot.create_room(creation_content=creation, invite=invited)
    federation.anna.join(room)
    wait_for(lambda: room in federation.partner.invites(), "the invite")
    federation.partner.join(room, via=federation.bot.server.server_name)
    federation.partner.set_state(room, "m.room.join_rules", {"join_rule": "public"})
    federation.partner.set_state(room, "m.room.encryption", {"algorithm": "none"})
    after = federation.partner.say_encrypted(room)
    wait_for(lambda: seen(federation.anna, room, after), "the message after it")
    assert federation.anna.state(room, "m.room.join_rules") == {"join_rule": "invite"}
    encryption = federation.anna.state(room, "m.room.encryption")
    assert encryption == {"algorithm": ENCRYPTED["algorithm"]}
    assert refusal(lambda: federation.carl.join(room)).status == 403
    assert refusal(lambda: federation.anna.say(room, "offen")).status == 403


def test_a_stranger_is_not_invited(federation: Federation) -> None:
    room = federation.new_box(federation.anna)
    stranger = federation.stranger.user_id
    refused = refusal(lambda: federation.anna.invite(room, stranger))
    assert refused.status == 403
    assert "Partner" in refused.body["error"]
    refused = refusal(lambda: federation.new_box(federation.stranger))
    assert (refused.status, "Partner" in refused.body["error"]) == (403, True)


def test_a_partner_s_invite_of_a_stranger_does_not_count_here(federation: Federation) -> None:
    room = federation.new_box(
        federation.anna,
        federation.partner,
        power_level_content_override={"users": {federation.partner.user_id: 50}},
    )
    federation.partner.invite(room, federation.stranger.user_id)
    after = federation.partner.say_encrypted(room)
    wait_for(lambda: seen(federation.anna, room, after), "the message after it")
    home = federation.bot.server.server_name
    assert refusal(lambda: federation.stranger.join(room, via=home)).status >= 400
    invited = federation.stranger.user_id
    assert refusal(lambda: federation.anna.state(room, "m.room.member", invited)).status == 404


def test_a_stranger_can_not_join(federation: Federation) -> None:
    room = federation.new_box(federation.anna)
    home = federation.bot.server.server_name
    assert refusal(lambda: federation.stranger.join(room, via=home)).status >= 400


def test_a_stranger_can_not_invite_people_of_this_server(federation: Federation) -> None:
    room = federation.stranger.create_room()
    refused = refusal(lambda: federation.stranger.invite(room, federation.anna.user_id))
    assert refused.status == 403
    assert room not in federation.anna.invites()


def test_a_partner_invites_people_of_this_server(federation: Federation) -> None:
    room = federation.partner.create_room()
    federation.partner.invite(room, federation.anna.user_id)
    wait_for(lambda: room in federation.anna.invites(), "the invite")


def test_in_ordinary_rooms_everybody_is_welcome(federation: Federation) -> None:
    room = federation.anna.create_room(preset="public_chat")
    federation.anna.invite(room, federation.stranger.user_id)
    federation.stranger.join(room, via=federation.anna.server.server_name)
    said = federation.stranger.say(room, "hallo aus der Ferne")
    wait_for(lambda: seen(federation.anna, room, said), "the stranger's words")


def test_a_partner_s_box_can_be_joined_and_stays_encrypted_here(federation: Federation) -> None:
    bot = f"@wecreate:{federation.partner.server.server_name}"
    room = federation.partner.create_room(
        creation_content={MARKER: {"version": 1, "bot": bot}},
        preset="private_chat",
        invite=[federation.anna.user_id],
        initial_state=[
            {"type": "m.room.encryption", "content": {"algorithm": ENCRYPTED["algorithm"]}}
        ],
    )
    wait_for(lambda: room in federation.anna.invites(), "the invite")
    federation.anna.join(room, via=federation.partner.server.server_name)
    encryption = federation.anna.state(room, "m.room.encryption")
    assert encryption == {"algorithm": ENCRYPTED["algorithm"]}
    assert refusal(lambda: federation.anna.say(room, "offen")).status == 403
    sent = federation.anna.say_encrypted(room)
    wait_for(lambda: seen(federation.partner, room, sent), "the message at the partner's")


def test_who_left_a_partner_s_box_comes_back_to_an_encrypted_room(federation: Federation) -> None:
    bot = f"@wecreate:{federation.partner.server.server_name}"
    encryption = {"algorithm": ENCRYPTED["algorithm"], "rotation_period_msgs": 50}
    room = federation.partner.create_room(
        creation_content={MARKER: {"version": 1, "bot": bot}},
        invite=[federation.anna.user_id],
        initial_state=[{"type": "m.room.encryption", "content": encryption}],
    )
    home = federation.partner.server.server_name
    wait_for(lambda: room in federation.anna.invites(), "the invite")
    federation.anna.join(room, via=home)
    federation.anna.call("POST", f"/rooms/{room}/leave", {})
    wait_for(
        lambda: federation.anna.user_id not in members(federation.partner, room), "that she left"
    )
    federation.partner.invite(room, federation.anna.user_id)
    wait_for(lambda: room in federation.anna.invites(), "the second invite")
    federation.anna.join(room, via=home)
    assert federation.anna.state(room, "m.room.encryption") == encryption
    sent = federation.partner.say_encrypted(room)
    wait_for(lambda: seen(federation.anna, room, sent), "the message after coming back")


def seen(person: Person, room_id: str, event_id: str) -> bool:
    return any(event["event_id"] == event_id for event in person.messages(room_id))


def members(person: Person, room_id: str) -> set[str]:
    joined: Json = person.call("GET", f"/rooms/{room_id}/joined_members")["joined"]
    return set(joined)
