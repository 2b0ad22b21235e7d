from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synapse.api.errors import SynapseError
from synapse.types import UserID, create_requester

from tests.unit.synapse.events import BOT, MARKER, module

Json = dict[str, Any]
NO_ADMIN = False
ANNA = create_requester(UserID.from_string("@anna:home.example"))


def request(**more: Any) -> Json:
    return {"creation_content": {"de.wecreate.box": dict(MARKER)}, **more}


async def made(given_request: Json, **config: Any) -> Json:
    await module(**config).on_create_room(ANNA, given_request, NO_ADMIN)
    return given_request


def state(of: Json) -> dict[str, Json]:
    return {item["type"]: item["content"] for item in of["initial_state"]}


async def test_encryption_comes_first_and_once_whatever_the_client_sent() -> None:
    hostile = [
        {"type": "m.room.encryption", "content": {"algorithm": "none"}},
        {"type": "m.room.encryption", "state_key": "", "content": {}},
        {"type": "m.room.name", "content": {"name": "Garten"}},
    ]
    box = await made(request(initial_state=hostile))
    types = [item["type"] for item in box["initial_state"]]
    assert types[0] == "m.room.encryption"
    assert types.count("m.room.encryption") == 1
    assert state(box)["m.room.encryption"] == {"algorithm": "m.megolm.v1.aes-sha2"}
    assert state(box)["m.room.name"] == {"name": "Garten"}


async def test_an_ordinary_room_is_not_touched() -> None:
    for ordinary in ({}, {"preset": "public_chat"}, {"creation_content": None}):
        before = copy.deepcopy(ordinary)
        assert await made(ordinary) == before


async def test_a_partner_list_becomes_the_server_acl() -> None:
    box = await made(request(), partners=["partner.example"])
    assert state(box)["m.room.server_acl"]["allow"] == ["home.example", "partner.example"]
    assert "m.room.server_acl" not in state(await made(request(), partners="all"))


async def test_strangers_are_neither_invited_nor_made_creators() -> None:
    for hostile in (
        request(invite=["@eve:stranger.example"]),
        {
            "creation_content": {
                "de.wecreate.box": MARKER,
                "additional_creators": ["@eve:stranger.example"],
            }
        },
    ):
        with pytest.raises(SynapseError, match="partner") as refused:
            await made(hostile)
        assert refused.value.code == 403


async def test_who_may_not_make_boxes_is_told_so() -> None:
    with pytest.raises(SynapseError, match="Box") as refused:
        await made(request(), who_may_create="bot")
    assert refused.value.code == 403


async def test_guests_make_no_boxes() -> None:
    guest = create_requester(UserID.from_string("@1:home.example"), is_guest=True)
    with pytest.raises(SynapseError):
        await module().on_create_room(guest, request(), NO_ADMIN)


async def test_powers_that_keep_a_box_a_box_stay_with_admins() -> None:
    box = await made(
        request(
            initial_state=[
                {"type": "m.room.power_levels", "content": {"users": {"@anna:home.example": 100}}}
            ],
            power_level_content_override={
                "events": {"m.room.encryption": 0, "m.room.server_acl": "0", "m.room.topic": 10},
                "users_default": 50,
                "state_default": 0,
                "invite": 0,
            },
        )
    )
    levels = box["power_level_content_override"]
    assert levels["events"]["m.room.encryption"] == 100
    assert levels["events"]["m.room.server_acl"] == 100
    assert levels["events"]["m.room.topic"] == 10
    assert levels["users"] == {"@anna:home.example": 100}
    assert (levels["users_default"], levels["state_default"], levels["invite"]) == (0, 50, 0)
    assert "m.room.power_levels" not in state(box)


async def test_the_bot_is_invited_once_and_never_by_itself() -> None:
    assert (await made(request()))["invite"] == [BOT]
    assert (await made(request(invite=[BOT])))["invite"] == [BOT]
    own = request()
    await module().on_create_room(create_requester(UserID.from_string(BOT)), own, NO_ADMIN)
    assert own["invite"] == []


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
fields = st.sampled_from(
    [
        "invite",
        "invite_3pid",
        "initial_state",
        "power_level_content_override",
        "preset",
        "visibility",
        "room_alias_name",
    ]
)
states = st.lists(
    st.fixed_dictionaries({"type": json, "content": json}, optional={"state_key": json}) | json
)


@given(
    more=st.dictionaries(fields, json | states | st.fixed_dictionaries({"events": json})),
    marker=json | st.just(MARKER),
    additional=json,
)
async def test_any_request_becomes_a_private_encrypted_box_or_none(
    more: Json, marker: object, additional: object
) -> None:
    creation = {"de.wecreate.box": marker, "additional_creators": additional}
    hostile = {**more, "creation_content": creation}
    try:
        await module(partners="all").on_create_room(ANNA, hostile, NO_ADMIN)
    except SynapseError:
        return
    assert hostile["visibility"] == "private"
    assert hostile["initial_state"][0]["content"] == {"algorithm": "m.megolm.v1.aes-sha2"}
    kinds = [item["type"] for item in hostile["initial_state"]]
    assert kinds.count("m.room.encryption") == kinds.count("m.room.join_rules") == 1
    assert hostile["creation_content"]["de.wecreate.box"] == MARKER
