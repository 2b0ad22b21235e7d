"""What is kept of people on the marketplace, the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from tests.contract.conftest import NOW
from wecreate_module.domain.listing_lives import OfficialAnswer, born
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.storage.listing_cases import CaseKind, Decision
from wecreate_module.storage.listing_requests import Asked
from wecreate_module.storage.store import Store

ANNA, BEN = "@anna:x.org", "@ben:y.org"
LISTING = Listing("!1", "x.org", Kind.IDEA, "Radweg", "Am Kanal", NOW)


def test_a_life_comes_back_as_it_was_and_is_born_with_its_record(store: Store) -> None:
    with store.begin(NOW) as uow:
        assert uow.listing_lives.get(LISTING) == born(LISTING)
        life = replace(
            born(LISTING),
            box_id="box",
            version=3,
            changed_at=NOW,
            addressee="Stadt",
            answers=(OfficialAnswer("Stadt", "Ja, gern „sofort“", NOW),),
            space="!space",
            reached=("box:20",),
            hidden=True,
        )
        uow.listing_lives.put(born(LISTING))
        uow.listing_lives.put(life)
    with store.read(NOW) as uow:
        assert uow.listing_lives.get(LISTING) == life
        other = replace(LISTING, room_id="!other")
        assert uow.listing_lives.some([other, LISTING]) == [born(other), life]
        assert uow.listing_lives.of_box("box") == ["!1"]


def test_supports_are_counted_by_person_and_newest_version(store: Store) -> None:
    with store.begin(NOW) as uow:
        uow.listings.add_support("!1", ANNA, "$1")
        uow.listings.add_support("!1", ANNA, "$2", 2)
        uow.listings.add_support("!1", BEN, "$3")
        assert uow.listings.supports_of("!1") == {ANNA: 2, BEN: 1}
        assert sorted(uow.listings.events_of_support("!1", ANNA)) == ["$1", "$2"]
        uow.listings.take_support("$2")
        assert uow.listings.supports_of("!1") == {ANNA: 1, BEN: 1}


def test_a_withdrawn_support_names_nobody_and_never_counts_again(store: Store) -> None:
    with store.begin(NOW) as uow:
        uow.listings.add_support("!1", ANNA, "$1")
        assert uow.listings.take_support("$1") == "!1"
        assert uow.listings.take_support("$1") is None
        assert uow.listings.add_support("!1", ANNA, "$1", 2) == 0
        assert uow.listings.supporter("$1") is None
        assert uow.listings.events_of_support("!1", ANNA) == []
        assert uow.listings.support_events("!1") == set()
        assert uow.listings.supports_known(["$1", "$2"]) == {"$1"}
        names = uow._connection.execute(text("SELECT user_id FROM listing_supports")).scalars()
        assert ANNA not in set(names)
        assert uow.listings.add_support("!1", ANNA, "$3") == 1


def test_a_request_is_decided_once_and_its_words_are_sealed(store: Store) -> None:
    with store.begin(NOW) as uow:
        first = uow.listing_requests.add("!1", BEN, "Ben", "Ich kann schreinern")
        second = uow.listing_requests.add("!1", ANNA, "Anna", "Kuchen")
        assert second.number > first.number
        assert uow.listing_requests.get(first.number) == first
        assert uow.listing_requests.decide(first.number, Asked.ACCEPTED)
        assert not uow.listing_requests.decide(first.number, Asked.DECLINED)
        assert uow.listing_requests.of_listing("!1", Asked.OPEN) == [second]
        assert uow.listing_requests.of_person("!1", BEN) == replace(first, status=Asked.ACCEPTED)
        assert uow.listing_requests.asked_since(BEN, NOW - timedelta(days=1)) == 1
        assert uow.listing_requests.asked_since(BEN, NOW + timedelta(seconds=1)) == 0
        stored = uow._connection.execute(text("SELECT sealed FROM listing_requests")).scalars()
        assert not any(b"schreinern" in bytes(each) for each in stored)


def test_news_are_taken_once_and_what_was_told_is_remembered(store: Store) -> None:
    with store.begin(NOW) as uow:
        uow.listing_news.add([ANNA, BEN], "!1", "step", "box")
        uow.listing_news.add([ANNA], "!2", "text", "2")
        assert [(each.room_id, each.text) for each in uow.listing_news.take(ANNA)] == [
            ("!1", "box"),
            ("!2", "2"),
        ]
        assert uow.listing_news.take(ANNA) == []
        assert len(uow.listing_news.take(BEN)) == 1
        uow.listing_news.note_told(ANNA, ["!1", "!2", "!1"])
        uow.listing_news.note_told(ANNA, ["!2", "!3"])
        assert uow.listing_news.told(ANNA, ["!1", "!3", "!4"]) == {"!1", "!3"}
        assert uow.listing_news.told(BEN, ["!1"]) == set()


def test_numbers_of_follows_are_a_persons_own(store: Store) -> None:
    with store.begin(NOW) as uow:
        assert uow.listing_news.follow(ANNA, "#rad").number == 1
        assert uow.listing_news.follow(ANNA, "in Süd").number == 2
        assert uow.listing_news.follow(BEN, "Chor").number == 1
        assert uow.listing_news.unfollow(ANNA, 1)
        assert not uow.listing_news.unfollow(ANNA, 1)
        assert [each.text for each in uow.listing_news.follows(ANNA)] == ["in Süd"]


def test_complaints_gather_in_one_open_case_and_appeals_stand_alone(store: Store) -> None:
    with store.begin(NOW) as uow:
        cases = uow.listing_cases
        first, new = cases.open("!1", CaseKind.REPORT, ANNA, "Betrug")
        again, newer = cases.open("!1", CaseKind.REPORT, BEN, "Ja")
        assert (new, newer, again.number, len(again.complaints)) == (True, False, first.number, 2)
        assert cases.complained_since(BEN, NOW - timedelta(days=1)) == 1
        decided = cases.decide(again, Decision.HIDE, "@mod:x.org", "Kettenbrief")
        assert cases.get(first.number) == decided
        third, new = cases.open("!1", CaseKind.REPORT, ANNA, "Immer noch")
        assert new
        assert cases.appeal_of(first.number) is None
        appeal, _ = cases.open("!1", CaseKind.APPEAL, BEN, "Nein", of=first.number)
        assert cases.appeal_of(first.number) == appeal
        assert [each.number for each in cases.still_open()] == [third.number, appeal.number]
        assert [each.number for each in cases.last(2)] == [appeal.number, third.number]
