"""What a sync response leaves in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.kit.pump import intake
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.matrix import BOX
from wecreate_module.storage.inbox import InboxRow
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

BOT = "@wecreate:test"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOM = "!room"
Json = dict[str, Any]


def event(event_id: str, **more: Any) -> Json:
    return {
        "event_id": event_id,
        "type": "m.room.message",
        "sender": "@anna:test",
        "content": {"body": "hi"},
        "origin_server_ts": 5,
        **more,
    }


def state(kind: str, content: Json, key: str = "", sender: str = "@anna:test") -> Json:
    return event(f"$s{kind}{key}", type=kind, content=content, state_key=key, sender=sender)


def own_join(ts: int = 4, before: str | None = None) -> Json:
    unsigned = {"prev_content": {"membership": before}} if before else {}
    joined = state("m.room.member", {"membership": "join"}, BOT, BOT)
    return {**joined, "event_id": f"$join{ts}", "origin_server_ts": ts, "unsigned": unsigned}


def joined(timeline: list[Json], states: list[Json] | None = None, batch: str = "s1") -> Json:
    part = {"state": {"events": states or []}, "timeline": {"events": timeline}}
    return {"next_batch": batch, "rooms": {"join": {ROOM: part}}}


def take(store: Store, response: Any, gaps: dict[str, list[Json]] | None = None) -> intake.Noted:
    with store.begin(NOW) as uow:
        return intake.note(uow, response, bot=BOT, since=None, gaps=gaps or {})


def waiting_ids(store: Store) -> list[str]:
    found = []
    with store.begin(NOW) as uow:
        while row := uow.inbox.next_new(ROOM):
            found.append(row.event_id)
            uow.inbox.finish(row.event_id)
    return found


def first_row(store: Store) -> InboxRow | None:
    with store.begin(NOW) as uow:
        return uow.inbox.next_new(ROOM)


def room(store: Store) -> Room:
    with store.begin(NOW) as uow:
        found = uow.rooms.get(ROOM)
    assert found is not None
    return found


def test_events_older_than_the_bots_join_are_not_meant_for_it(store: Store) -> None:
    take(store, joined([event("$before"), own_join(), event("$after")]))
    assert waiting_ids(store) == ["$after"]


def test_the_same_response_twice_queues_each_event_once(store: Store) -> None:
    for _ in range(2):
        take(store, joined([own_join(), event("$1"), event("$2")]))
    assert waiting_ids(store) == ["$1", "$2"]


def test_the_token_is_saved_with_the_events(store: Store) -> None:
    take(store, joined([own_join()], batch="s77"))
    with store.begin(NOW) as uow:
        assert uow.meta.get("next_batch") == "s77"


def test_own_messages_and_state_are_not_work(store: Store) -> None:
    talk = [own_join(), event("$own", sender=BOT), state("m.room.name", {"name": "x"})]
    take(store, joined(talk))
    assert waiting_ids(store) == []
    assert room(store).name == "x"


def test_a_gap_comes_before_what_the_response_brings(store: Store) -> None:
    take(store, joined([own_join(), event("$1")]))
    take(store, joined([event("$4")], batch="s2"), gaps={ROOM: [event("$2"), event("$3")]})
    assert waiting_ids(store) == ["$1", "$2", "$3", "$4"]


def test_a_room_is_remembered_as_direct_when_the_invite_says_so(store: Store) -> None:
    member = {"membership": "invite", "is_direct": True}
    invite = {"invite_state": {"events": [state("m.room.member", member, BOT)]}}
    take(store, {"next_batch": "s1", "rooms": {"invite": {ROOM: invite}}})
    assert room(store).direct
    assert room(store).inviter == "@anna:test"
    row = first_row(store)
    assert row is not None
    assert (row.kind, row.payload) == ("invite", {"inviter": "@anna:test"})


def test_a_nameless_room_of_two_is_a_direct_chat_though_the_client_forgot_to_say(
    store: Store,
) -> None:
    invite = {"invite_state": {"events": [state("m.room.member", {"membership": "invite"}, BOT)]}}
    take(store, {"next_batch": "s1", "rooms": {"invite": {ROOM: invite}}})
    anna = state("m.room.member", {"membership": "join"}, "@anna:test")
    create = state("m.room.create", {"room_version": "12"})
    take(store, joined([own_join(before="invite")], [create, anna], batch="s2"))
    assert room(store).direct


def test_a_box_of_two_is_no_direct_chat(store: Store) -> None:
    invite = {"invite_state": {"events": [state("m.room.member", {"membership": "invite"}, BOT)]}}
    take(store, {"next_batch": "s1", "rooms": {"invite": {ROOM: invite}}})
    create = state("m.room.create", {"room_version": "12", BOX: {"version": 1, "bot": BOT}})
    take(store, joined([own_join(before="invite")], [create], batch="s2"))
    assert not room(store).direct
    assert room(store).marker == {"version": 1, "bot": BOT}


def test_a_marker_in_state_never_overrides_the_one_in_the_create_event(store: Store) -> None:
    create = state("m.room.create", {BOX: {"version": 1, "bot": BOT}})
    other = state(BOX, {"version": 1, "bot": "@other:evil"})
    take(store, joined([own_join()], [create, other]))
    assert room(store).marker == {"version": 1, "bot": BOT}


def test_a_new_name_of_the_bot_is_no_new_join(store: Store) -> None:
    take(store, joined([own_join(ts=4)]))
    renamed = own_join(ts=9, before="join")
    take(store, joined([event("$1"), renamed, event("$2")], batch="s2"))
    assert waiting_ids(store) == ["$1", "$2"]
    assert room(store).joined_at == 4


def test_of_a_room_the_bot_left_nothing_is_kept(store: Store) -> None:
    take(store, joined([own_join()]))
    take(store, {"next_batch": "s2", "rooms": {"leave": {ROOM: {}}}})
    with store.begin(NOW) as uow:
        assert uow.rooms.get(ROOM) is None
        assert uow.rooms.members(ROOM) == []


def test_a_box_the_bot_was_put_out_of_waits_to_be_joined_again(store: Store) -> None:
    take(store, joined([own_join()]))
    with store.begin(NOW) as uow:
        uow.boxes.add(Box("b0x", ROOM, "Fest", "de", "UTC", "@anna:test", NOW))
    take(store, {"next_batch": "s2", "rooms": {"leave": {ROOM: {}}}})
    assert room(store).membership == "leave"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from([*intake.STATE_TYPES, *sorted(intake.WORK_TYPES)]) | ANY_JSON
ANY_EVENT = ANY_JSON | st.fixed_dictionaries(
    {},
    optional={
        "type": KINDS,
        "event_id": ANY_JSON,
        "sender": ANY_JSON,
        "state_key": ANY_JSON | st.just(BOT),
        "content": ANY_JSON
        | st.fixed_dictionaries(
            {},
            optional={
                "membership": ANY_JSON | st.just("join"),
                "displayname": ANY_JSON,
                "pinned": ANY_JSON,
                "name": ANY_JSON,
                BOX: ANY_JSON,
            },
        ),
        "origin_server_ts": ANY_JSON,
        "unsigned": ANY_JSON,
    },
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(timeline=st.lists(ANY_EVENT, max_size=4), states=st.lists(ANY_EVENT, max_size=4))
def test_whatever_stands_in_a_matrix_event_the_intake_goes_on(
    store: Store, timeline: list[Any], states: list[Any]
) -> None:
    take(store, joined(timeline, states))
    with store.begin(NOW) as uow:
        while row := uow.inbox.next_new(ROOM):
            uow.inbox.finish(row.event_id)
        uow.rooms.members(ROOM)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(response=st.fixed_dictionaries({"next_batch": st.just("s1"), "rooms": ANY_JSON}))
def test_whatever_stands_in_a_response_the_intake_goes_on(store: Store, response: Json) -> None:
    take(store, response)


def invited_directly(store: Store, people: list[str]) -> Room:
    """The bot accepts an invite that its client calls direct."""
    own = state("m.room.member", {"membership": "invite", "is_direct": True}, BOT)
    invite = {"invite_state": {"events": [own]}}
    take(store, {"next_batch": "s0", "rooms": {"invite": {ROOM: invite}}})
    members = [state("m.room.member", {"membership": "join"}, who, who) for who in people]
    take(store, joined([own_join()], members))
    return room(store)


def test_a_direct_chat_is_one_of_two(store: Store) -> None:
    assert invited_directly(store, ["@anna:test"]).direct


def test_what_a_client_calls_direct_is_a_group_when_there_are_three(store: Store) -> None:
    assert not invited_directly(store, ["@anna:test", "@ben:test"]).direct


def test_a_direct_chat_becomes_a_group_when_a_third_is_invited(store: Store) -> None:
    assert invited_directly(store, ["@anna:test"]).direct
    third = state("m.room.member", {"membership": "invite"}, "@ben:test")
    take(store, joined([third], batch="s2"))
    assert not room(store).direct


def test_talk_leaves_the_view_of_a_room_alone(store: Store) -> None:
    take(store, joined([own_join(), event("$1")]))
    noted = take(store, joined([event("$2")], batch="s2"))
    assert (noted.changed, noted.work) == (set(), {ROOM})


def came(user_id: str, before: str | None = None) -> Json:
    unsigned = {"prev_content": {"membership": before}} if before else {}
    joined = state("m.room.member", {"membership": "join"}, user_id, user_id)
    return {**joined, "event_id": f"$came{user_id}{before}", "unsigned": unsigned}


def test_who_comes_into_a_box_is_noted_and_a_new_name_is_nobody_new(store: Store) -> None:
    made = state("m.room.create", {BOX: {"version": 1, "bot": BOT}}, sender=BOT)
    take(store, joined([own_join()], [made]))
    take(store, joined([came("@ben:test", "invite"), came("@cem:test", "join")], batch="s2"))
    row = first_row(store)
    assert row is not None
    assert (row.kind, row.payload) == ("newcomer", {"user_id": "@ben:test"})
    assert waiting_ids(store) == [row.event_id]


def test_who_comes_into_another_room_is_no_matter(store: Store) -> None:
    take(store, joined([own_join()], [state("m.room.create", {}, sender="@anna:test")]))
    take(store, joined([came("@ben:test", "invite")], batch="s2"))
    assert waiting_ids(store) == []


def test_a_type_that_is_no_text_is_passed_over(store: Store) -> None:
    take(store, joined([own_join()]))
    take(store, joined([event("$odd", type=["m.room.message"]), event("$fine")], batch="s2"))
    assert waiting_ids(store) == ["$fine"]
