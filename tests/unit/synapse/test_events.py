from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synapse.api.errors import Codes
from synapse.module_api import NOT_SPAM

from tests.unit.synapse.events import (
    ADOPTED,
    BOT,
    BOX,
    BROKEN,
    ENCRYPTION,
    FOREIGN_BOX,
    MARKER,
    ORDINARY,
    UNKNOWN,
    event,
    module,
    module_api,
)

Json = dict[str, Any]
PARTNER = "@ben:partner.example"
STRANGER = "@eve:stranger.example"
CIPHERTEXT = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA", "session_id": "x"}
HELLO = {"msgtype": "m.text", "body": "hallo"}


async def refused(kind: object, content: object = None, **more: Any) -> bool:
    config = more.pop("config", {})
    verdict = await module(**config).check_event_for_spam(event(kind, content, **more))
    if verdict == NOT_SPAM:
        return False
    code, fields = verdict
    assert code == Codes.FORBIDDEN
    assert "·" in fields["error"]  # both languages
    return True


@pytest.mark.parametrize("room", [BOX, ADOPTED, FOREIGN_BOX])
@pytest.mark.parametrize("kind", ["m.room.message", "m.sticker", "m.poll.start", "x.unknown"])
async def test_plain_talk_is_refused_in_every_kind_of_box(room: str, kind: str) -> None:
    assert await refused(kind, HELLO, room=room)
    assert await refused(kind, HELLO, room=room, sender=PARTNER)


@pytest.mark.parametrize("room", [ORDINARY, UNKNOWN])
async def test_plain_talk_passes_elsewhere(room: str) -> None:
    assert not await refused("m.room.message", HELLO, room=room)


@pytest.mark.parametrize("kind", ["m.reaction", "m.room.redaction", "m.call.invite"])
async def test_reactions_deletions_and_calls_pass(kind: str) -> None:
    assert not await refused(kind, {"any": "thing"})


async def test_encrypted_talk_passes() -> None:
    assert not await refused("m.room.encrypted", CIPHERTEXT)
    assert not await refused("m.room.encrypted", {}, sender=PARTNER)  # deleted since


@pytest.mark.parametrize(
    "content",
    [
        HELLO,
        {},
        "text",
        {**HELLO, "algorithm": "none", "ciphertext": "x"},
        {"algorithm": "m.megolm.v1.aes-sha2"},
        {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": HELLO},
        {"algorithm": ["m.megolm.v1.aes-sha2"], "ciphertext": "x"},
    ],
)
async def test_what_is_only_called_encrypted_is_refused(content: object) -> None:
    assert await refused("m.room.encrypted", content)
    assert not await refused("m.room.encrypted", content, room=ORDINARY)


async def test_a_deleted_message_passes_from_a_partner_only() -> None:
    assert not await refused("m.room.message", {}, sender=PARTNER)
    assert await refused("m.room.message", {})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("m.room.join_rules", {"join_rule": "invite"}, {"join_rule": "public"}),
        (
            "m.room.history_visibility",
            {"history_visibility": "joined"},
            {"history_visibility": "world_readable"},
        ),
        ("m.room.guest_access", {"guest_access": "forbidden"}, {"guest_access": "can_join"}),
        ("m.room.canonical_alias", {}, {"alias": "#offen:home.example"}),
        ("m.room.encryption", ENCRYPTION, {"algorithm": "none"}),
        ("m.room.third_party_invite", {}, {"display_name": "x"}),
    ],
)
async def test_state_that_opens_a_box_is_refused(kind: str, good: Json, bad: Json) -> None:
    assert not await refused(kind, good, state_key="")
    assert await refused(kind, bad, state_key="")
    assert not await refused(kind, bad, state_key="", room=ORDINARY)


@pytest.mark.parametrize(
    ("kind", "content"),
    [("de.wecreate.box", {}), ("m.room.server_acl", {"allow": ["*"]})],
)
async def test_some_state_is_for_the_box_s_own_bot(kind: str, content: Json) -> None:
    assert await refused(kind, content, state_key="")
    assert not await refused(kind, content, state_key="", sender=BOT)
    assert await refused(kind, content, state_key="", sender=BOT, room=FOREIGN_BOX)


async def test_a_bot_adopts_in_its_own_name_only() -> None:
    adopt = {"room": ORDINARY, "state_key": ""}
    assert not await refused("de.wecreate.box", MARKER, sender=BOT, **adopt)
    assert await refused("de.wecreate.box", MARKER, **adopt)
    assert await refused("de.wecreate.box", MARKER, sender=PARTNER, **adopt)


async def test_partners_are_asked_about_in_our_own_boxes_alone() -> None:
    only = {"config": {"partners": ["partner.example"]}}
    come = {"membership": "invite"}
    assert await refused("m.room.member", come, state_key=STRANGER, sender=PARTNER, **only)
    assert not await refused("m.room.member", come, state_key=PARTNER, sender=BOT, **only)
    leave = {"membership": "leave"}
    assert not await refused("m.room.member", leave, state_key=STRANGER, **only)
    for room in (FOREIGN_BOX, ORDINARY):
        assert not await refused("m.room.member", come, room=room, state_key=STRANGER, **only)


async def test_invites_follow_the_partner_list() -> None:
    guard = module(partners=["partner.example"])
    assert await guard.user_may_invite("@anna:home.example", STRANGER, BOX) != NOT_SPAM
    assert await guard.user_may_invite("@anna:home.example", PARTNER, BOX) == NOT_SPAM
    assert await guard.user_may_invite("@anna:home.example", STRANGER, ORDINARY) == NOT_SPAM
    invite = {"membership": "invite"}
    for sender, allowed in ((PARTNER, True), (STRANGER, False)):
        verdict = await guard.federated_user_may_invite(
            event("m.room.member", invite, sender=sender, room=UNKNOWN)
        )
        assert (verdict == NOT_SPAM) is allowed


async def test_what_strangers_send_into_our_boxes_is_dropped() -> None:
    guard = module(partners=["partner.example"])
    for sender, room, dropped in (
        (STRANGER, BOX, True),
        (PARTNER, BOX, False),
        (STRANGER, FOREIGN_BOX, False),
        (STRANGER, ORDINARY, False),
    ):
        sent = event("m.room.encrypted", CIPHERTEXT, sender=sender, room=room)
        assert await guard.should_drop_federated_event(sent) is dropped


async def test_a_box_is_neither_published_nor_opened_by_mail() -> None:
    guard = module()
    assert await guard.user_may_publish_room(BOT, BOX) != NOT_SPAM
    assert await guard.user_may_publish_room(BOT, ORDINARY) == NOT_SPAM
    assert await guard.user_may_send_3pid_invite(BOT, "email", "a@b.example", BOX) != NOT_SPAM


async def test_into_a_box_one_comes_by_invitation() -> None:
    guard = module()
    carl = "@carl:home.example"
    assert await guard.user_may_join_room(carl, BOX, is_invited=False) != NOT_SPAM
    assert await guard.user_may_join_room(carl, BOX, is_invited=True) == NOT_SPAM
    assert await guard.user_may_join_room(carl, ORDINARY, is_invited=False) == NOT_SPAM
    assert await guard.user_may_join_room(carl, BROKEN, is_invited=False) == NOT_SPAM


async def test_what_is_no_marker_is_an_ordinary_room_s_own_business() -> None:
    assert not await refused("de.wecreate.box", {"note": 1}, room=ORDINARY, state_key="")


async def test_only_the_bot_is_free_of_limits() -> None:
    guard = module()
    lifted = await guard.get_ratelimit_override_for_user(BOT, "rc_message")
    assert lifted is not None
    assert lifted.burst_count > 10_000
    assert await guard.get_ratelimit_override_for_user("@anna:home.example", "rc_message") is None


async def test_a_fault_lets_ordinary_rooms_be_and_refuses_in_a_box() -> None:
    api = module_api()
    guard = module(api)
    assert await guard.check_event_for_spam(event("m.room.message", room=BROKEN)) == NOT_SPAM
    await guard.check_event_for_spam(event("m.room.message", HELLO, room=ADOPTED))
    guard._rooms.expire(ADOPTED)
    api.get_room_state.side_effect = RuntimeError("the database is gone")
    assert await guard.check_event_for_spam(event("m.room.message", room=ADOPTED)) != NOT_SPAM


async def test_only_the_cheap_callbacks_are_registered() -> None:
    api = module_api()
    module(api, partners=[])
    calls = api.register_third_party_rules_callbacks.call_args_list
    rules = {name for call in calls for name in call.kwargs}
    assert rules == {"on_create_room", "on_user_deactivation_status_changed"}


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
kinds = json | st.sampled_from(
    [
        "m.room.message",
        "m.room.member",
        "m.room.encryption",
        "m.room.join_rules",
        "m.room.history_visibility",
        "m.room.canonical_alias",
        "de.wecreate.box",
    ]
)
known_keys = st.sampled_from(
    ["membership", "algorithm", "join_rule", "history_visibility", "alias", "bot", "version"]
)
contents = json | st.dictionaries(known_keys, json)
rooms = st.sampled_from([BOX, FOREIGN_BOX, ADOPTED, ORDINARY, UNKNOWN, BROKEN]) | json


@given(
    kind=kinds,
    content=contents,
    room=rooms,
    sender=json | st.just(PARTNER),
    state_key=json,
    unsigned=json | st.fixed_dictionaries({"invite_room_state": json}),
)
async def test_no_event_whatever_makes_a_callback_raise(
    kind: object,
    content: object,
    room: object,
    sender: object,
    state_key: object,
    unsigned: object,
) -> None:
    guard = module(partners=["partner.example"])
    hostile = event(kind, content, room=room, sender=sender, state_key=state_key, unsigned=unsigned)
    verdict = await guard.check_event_for_spam(hostile)
    if room in (ORDINARY, UNKNOWN) and kind != "de.wecreate.box":
        assert verdict == NOT_SPAM
    await guard.should_drop_federated_event(hostile)
    await guard.federated_user_may_invite(hostile)
