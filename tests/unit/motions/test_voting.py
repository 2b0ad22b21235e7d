"""Votes: polls in the Box, ballots in the direct chat, what counts and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bots.kit.incoming import NotYet
from tests.unit.motions.conftest import ANNA, BEN, CEM, DIRECT, ROOM, Chat, Event, Message
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.polls import END, START
from wecreate_module.storage.rooms import Room

UNSTABLE, STABLE = "org.matrix.msc3381.poll.response", "m.poll.response"
SOON = timedelta(seconds=10)


@pytest.fixture
def motion(chat: Chat, motion: Message) -> Message:
    """Three people could read it."""
    chat.other.clear()
    return motion


def polls(chat: Chat) -> list[Event]:
    return [event for event in chat.other if event.type == START]


def choose(
    chat: Chat, poll: Event, who: str, *choices: str, kind: str = UNSTABLE, **more: Any
) -> list[Message]:
    relation = {"rel_type": "m.reference", "event_id": poll.event_id}
    said: dict[str, Any] = {"m.relates_to": relation}
    if kind == STABLE:
        said["m.selections"] = list(choices)
    else:
        said[kind] = {"answers": list(choices)}
    return chat.gets(kind, said, who, poll.room_id, **more)


def result(chat: Chat) -> dict[str, Any]:
    votes = chat.say("!antrag 1").motion["votes"]
    assert isinstance(votes[-1], dict)
    return dict(votes[-1])


@pytest.mark.usefixtures("motion")
def test_a_vote_is_a_poll_that_clients_show(chat: Chat) -> None:
    opened = chat.say("!antrag 1 abstimmen", BEN)
    assert opened.data["vote"]["voters"] == [ANNA, BEN, CEM]
    (poll,) = polls(chat)
    start = poll.content[START]
    assert poll.room_id == ROOM
    assert "Zwölf Linden" in start["question"]["org.matrix.msc1767.text"]
    assert [each["id"] for each in start["answers"]] == ["yes", "no", "abstain"]
    assert start["answers"][2]["org.matrix.msc1767.text"] == "Enthaltung"
    assert start["max_selections"] == 1


@pytest.mark.usefixtures("motion")
def test_answers_under_both_names_count_and_the_last_one_does(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen", BEN)
    (poll,) = polls(chat)
    choose(chat, poll, ANNA, "no")
    choose(chat, poll, ANNA, "yes", kind=STABLE, sent_at=chat.now + timedelta(seconds=1))
    choose(chat, poll, ANNA, "no", sent_at=chat.now - timedelta(seconds=5))  # came late
    choose(chat, poll, BEN, "abstain")
    chat.say("!antrag 1 abstimmen ende", BEN)
    told = chat.passes(SOON)
    assert result(chat) == told[-1].data["vote"]
    assert [result(chat)[what] for what in ("yes", "no", "abstain", "eligible")] == [1, 0, 1, 3]
    assert result(chat)["outcome"] == "adopted"
    assert "1 Ja, 0 Nein, 1 Enthaltung; 2 von 3" in told[-1].text
    assert chat.other[-1].type == END
    assert chat.other[-1].content["m.relates_to"]["event_id"] == poll.event_id


@pytest.mark.usefixtures("motion")
def test_taking_a_choice_back_leaves_none(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen", BEN)
    (poll,) = polls(chat)
    choose(chat, poll, ANNA, "yes")
    choose(chat, poll, ANNA)
    chat.say("!antrag 1 abstimmen ende", BEN)
    chat.passes(SOON)
    assert result(chat)["yes"] == 0


@pytest.mark.usefixtures("motion")
def test_removing_the_answer_takes_the_word_back_and_only_ones_own(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen", BEN)
    (poll,) = polls(chat)
    choose(chat, poll, ANNA, "yes")
    answer = chat.newest_event
    choose(chat, poll, CEM, "yes")
    chat.redacts(answer, CEM)
    chat.redacts(answer, ANNA)
    chat.say("!antrag 1 abstimmen ende", BEN)
    chat.passes(SOON)
    assert result(chat)["yes"] == 1


@pytest.mark.usefixtures("motion")
def test_a_vote_ends_in_an_archived_box_too(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen bis morgen 12 Uhr", BEN)
    choose(chat, polls(chat)[0], ANNA, "yes")
    with chat.store.begin(chat.now) as uow:
        uow.boxes.update(replace(chat.box, state=BoxState.ARCHIVED))
    chat.passes(timedelta(days=2))
    assert result(chat)["yes"] == 1


@pytest.mark.usefixtures("motion")
def test_only_those_on_the_list_may_vote(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen von @anna, @ben", BEN)
    (poll,) = polls(chat)
    (refused,) = choose(chat, poll, CEM, "yes")
    assert refused.code == "vote-not-yours"
    chat.say("!antrag 1 abstimmen ende", BEN)
    chat.passes(SOON)
    assert (result(chat)["yes"], result(chat)["eligible"]) == (0, 2)


@pytest.mark.usefixtures("motion")
def test_who_comes_after_the_start_can_not_turn_a_vote(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen", BEN)
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(ROOM, "@new:w.example", "join", "Neu")
    (poll,) = polls(chat)
    (refused,) = choose(chat, poll, "@new:w.example", "yes")
    assert refused.code == "vote-not-yours"


@pytest.mark.usefixtures("motion")
def test_what_was_sent_after_the_end_does_not_count_and_what_was_sent_before_does(
    chat: Chat,
) -> None:
    chat.say("!antrag 1 abstimmen bis morgen 12 Uhr", BEN)
    (poll,) = polls(chat)
    chat.passes(timedelta(days=1, hours=1, minutes=59))
    chat.say("!antrag 1 abstimmen ende", BEN)
    ended = chat.now
    chat.passes(timedelta(seconds=1))
    choose(chat, poll, ANNA, "no", sent_at=ended - timedelta(minutes=1))
    (late,) = choose(chat, poll, CEM, "no", sent_at=ended + timedelta(hours=1))
    assert late.code == "vote-over"
    chat.passes(SOON)
    assert result(chat)["no"] == 1
    (over,) = choose(chat, poll, CEM, "no")
    assert over.code == "vote-over"


@pytest.mark.usefixtures("motion")
def test_a_vote_ends_by_itself_when_its_time_is_up(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen bis morgen 12 Uhr", BEN)
    choose(chat, polls(chat)[0], ANNA, "yes")
    assert chat.passes(timedelta(days=3))[-1].data["vote"]["outcome"] == "adopted"
    assert len(chat.say("!antrag 1").motion["votes"]) == 1


@pytest.mark.usefixtures("motion")
def test_while_people_vote_the_words_stay(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen", BEN)
    assert chat.say("!antrag 1 text Neu.", ANNA).code == "vote-going-on"
    assert chat.say("!antrag 1 abstimmen", ANNA).code == "vote-going-on"
    assert chat.say("!antrag 1 mitzeichnen", CEM).motion["cosigners"] == [CEM]
    chat.say("!antrag 1 abstimmen ende", BEN)
    chat.passes(SOON)
    assert chat.say("!antrag 1 text Neu.", ANNA).motion["version"] == 3


@pytest.mark.usefixtures("motion")
def test_only_the_author_and_moderators_start_and_end_votes(chat: Chat) -> None:
    assert chat.say("!antrag 1 abstimmen", CEM).code == "motion-not-allowed"
    chat.say("!antrag 1 abstimmen", BEN)
    assert chat.say("!antrag 1 abstimmen ende", CEM).code == "motion-not-allowed"


@pytest.mark.usefixtures("motion")
def test_words_do_what_a_poll_does(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen", BEN)
    assert chat.say("!antrag 1 ja", ANNA).data["vote"]["voted"] == 1
    assert chat.say("!motion 1 no", CEM).data["vote"]["voted"] == 2
    told = chat.hear("!antrag 1 enthaltung", BEN)
    assert "Alle 3 haben" in told[-1].text
    chat.press(told[-1], "🏁", BEN)
    chat.passes(SOON)
    assert [result(chat)[what] for what in ("yes", "no", "abstain")] == [1, 1, 1]
    assert result(chat)["outcome"] == "rejected"  # a tie is no majority


@pytest.mark.usefixtures("motion")
def test_an_amendment_is_voted_on_and_can_then_be_adopted_at_a_click(chat: Chat) -> None:
    chat.say("!antrag 1 änderung Zeile 1: 1. Elf Linden.", CEM)
    assert chat.say("!antrag 1 abstimmen Ä2", BEN).code == "amendment-not-found"
    chat.say("!antrag 1 abstimmen Ä1", BEN)
    chat.say("!antrag 1 ja", ANNA)
    chat.say("!antrag 1 abstimmen ende", BEN)
    told = chat.passes(SOON)[-1]
    assert told.data["vote"]["amendment"] == 1
    assert chat.press(told, "✅", ANNA).lines[0] == "1. Elf Linden."


@pytest.mark.usefixtures("motion")
def test_a_secret_ballot_goes_to_direct_chats_and_keeps_only_who_voted(chat: Chat) -> None:
    opened = chat.say("!antrag 1 abstimmen geheim", BEN)
    (poll,) = polls(chat)
    assert poll.room_id == DIRECT
    assert poll.content[START]["kind"].endswith("undisclosed")
    assert set(opened.mentions) == {BEN, CEM}  # without a direct chat
    (told,) = choose(chat, poll, ANNA, "yes")
    assert told.room_id == DIRECT
    assert "nicht wie" in told.text
    (again,) = choose(chat, poll, ANNA, "no")
    assert again.code == "ballot-in-already"
    with chat.store.read(chat.now) as uow:
        vote = uow.votes.get("box1", 1, 1)
    assert vote is not None
    assert (vote.voted, dict(vote.ballots)) == ((ANNA,), {})
    assert chat.say("!antrag 1 ja", BEN).code == "vote-is-secret"
    chat.say("!antrag 1 abstimmen ende", BEN)
    chat.passes(SOON)
    assert (result(chat)["yes"], result(chat)["secret"]) == (1, True)


@pytest.mark.usefixtures("motion")
def test_ballots_can_be_filled_in_with_words(chat: Chat) -> None:
    assert chat.say("stimmzettel", ANNA, DIRECT).data["ballots"] == 0
    chat.say("!antrag 1 abstimmen geheim", BEN)
    assert "Zwölf Linden" in chat.say("stimmzettel", ANNA, DIRECT).text
    assert chat.say("vielleicht", ANNA, DIRECT).code == "ballot-unclear"
    assert "ist da" in chat.say("Nein!", ANNA, DIRECT).text
    assert chat.say("stimmzettel", ANNA, DIRECT).data["ballots"] == 0


@pytest.mark.usefixtures("motion")
def test_a_secret_vote_ends_when_all_have_voted(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen geheim von @anna", BEN)
    choose(chat, polls(chat)[0], ANNA, "no")
    assert chat.passes(SOON)[-1].data["vote"]["no"] == 1


@pytest.mark.usefixtures("motion")
def test_a_poll_of_somebody_elses_ballot_is_not_taken(chat: Chat) -> None:
    with chat.store.begin(chat.now) as uow:
        uow.rooms.save(Room("!dm-ben", encrypted=True, direct=True, inviter=BEN))
        uow.rooms.set_member("!dm-ben", BEN, "join", None)
    chat.say("!antrag 1 abstimmen geheim", BEN)
    annas = next(poll for poll in polls(chat) if poll.room_id == DIRECT)
    stolen = Event("!dm-ben", annas.type, annas.content, annas.event_id)
    assert choose(chat, stolen, BEN, "yes") == []


@pytest.mark.usefixtures("motion")
def test_an_answer_that_is_faster_than_our_own_note_waits_for_it(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen", BEN)
    with chat.store.begin(chat.now) as uow:
        vote = uow.votes.get("box1", 1, 1)
        assert vote is not None
        uow.votes.add("box1", vote)  # another one, its poll not sent yet
    unknown = Event(ROOM, START, {}, "$not-noted")
    with pytest.raises(NotYet):
        choose(chat, unknown, ANNA, "yes")


@pytest.mark.usefixtures("motion")
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"m.relates_to": 3},
        {"m.relates_to": {"rel_type": "m.reference", "event_id": ["$x"]}},
        {"m.relates_to": {"rel_type": "m.thread", "event_id": "$x"}, UNSTABLE: {"answers": "x"}},
        {"m.relates_to": {"rel_type": "m.reference", "event_id": "$x"}, UNSTABLE: []},
    ],
)
def test_answers_of_any_shape_do_no_harm(chat: Chat, content: dict[str, Any]) -> None:
    assert chat.gets(UNSTABLE, content, ANNA) == []


@pytest.mark.usefixtures("motion")
def test_a_choice_that_was_not_offered_is_none(chat: Chat) -> None:
    chat.say("!antrag 1 abstimmen", BEN)
    (poll,) = polls(chat)
    choose(chat, poll, ANNA, "maybe")
    choose(chat, poll, CEM, "yes", "no")
    chat.say("!antrag 1 abstimmen ende", BEN)
    chat.passes(SOON)
    assert [result(chat)[what] for what in ("yes", "no", "abstain")] == [1, 0, 0]


@pytest.mark.usefixtures("motion")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("morgen vielleicht", "vote-unclear"),
        ("bis 24.12.2099", "vote-end-impossible"),
        ("von @niemand", "unknown-person"),
    ],
)
def test_what_is_not_understood_is_told(chat: Chat, typed: str, code: str) -> None:
    assert chat.say(f"!antrag 1 abstimmen {typed}", BEN).code == code


def test_the_packs_majority_decides(chat: Chat) -> None:
    chat.say("!antrag neu Satzungsänderung Beitrag")
    chat.say("später")
    chat.say("!antrag 1 text Der Beitrag steigt.")
    opened = chat.say("!antrag 1 abstimmen")
    assert opened.data["vote"]["majority"] == "three-quarters"
    chat.say("!antrag 1 ja", ANNA)
    chat.say("!antrag 1 ja", BEN)
    chat.say("!antrag 1 nein", CEM)
    chat.say("!antrag 1 abstimmen ende")
    assert chat.passes(SOON)[-1].data["vote"]["outcome"] == "rejected"
