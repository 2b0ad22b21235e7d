from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.conftest import NOW, Place
from wecreate_module.domain.listing_queries import InvalidQuery, Query, Sort, parse_query
from wecreate_module.domain.listings import Kind, Listing, Publisher, PublisherType, Status
from wecreate_module.services.listings import (
    Directory,
    NotReady,
    answer_json,
    import_listings,
)
from wecreate_module.storage.store import Store

BASE = Listing("!1", "x.org", Kind.IDEA, "Wohnen in Leipzig", "Mehr Wohnraum für alle", NOW)


def listing(number: int, title: str, **fields: object) -> Listing:
    published = NOW - timedelta(days=number)
    named = replace(BASE, room_id=f"!{number}", title=title, summary="", published_at=published)
    return replace(named, **fields)  # type: ignore[arg-type]  # fields of Listing, by name


@pytest.fixture
def directory(store: Store) -> Directory:
    return Directory.of_store(store)


def titles(directory: Directory, words: str = "", **fields: object) -> list[str]:
    query = replace(Query(words=words), **fields)  # type: ignore[arg-type]  # likewise
    return [found.title for found in directory.search(query).listings]


class TestListings:
    def test_a_listing_comes_back_as_it_was(self, store: Store) -> None:
        whole = replace(
            BASE,
            alias="#a:x.org",
            district="Süd",
            tags=("wohnen", "miete"),
            status=Status.GATHERING,
            support=3,
            publisher=Publisher(PublisherType.PARTY, "Die Probe", verified=True),
            starts_at=NOW,
            place="Rathaus",
            author="@anna:x.org",
        )
        with store.begin(NOW) as uow:
            put = uow.listings.put(whole)
        with store.read(NOW) as uow:
            assert uow.listings.get("!1") == put == replace(whole, revision=1)
            assert uow.listings.get("!2") is None

    def test_who_knows_a_revision_reads_what_came_after(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.listings.put_many([listing(1, "a"), listing(2, "b")])
            uow.listings.put(listing(1, "c"))
            assert [each.title for each in uow.listings.since(1, 10)] == ["b", "c"]

    def test_two_thumbs_of_one_person_count_once_until_both_are_gone(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            assert uow.listings.add_support("!1", "@anna:x.org", "$a") == 1
            assert uow.listings.add_support("!1", "@anna:x.org", "$b") == 1
            assert uow.listings.add_support("!1", "@ben:x.org", "$c") == 2
            assert uow.listings.take_support("$a") == "!1"
            assert uow.listings.supporters("!1") == 2
            uow.listings.take_support("$b")
            assert uow.listings.supporters("!1") == 1
            assert uow.listings.take_support("$unknown") is None


class TestDirectory:
    def test_words_are_found_in_any_order_and_form(
        self, store: Store, directory: Directory
    ) -> None:
        other = listing(2, "Spielplatz für Köln")
        import_listings(store, [BASE, other], NOW)
        for words in ("wohnen leipzig", "LEIPZIG", "Leipzig wohnen in", "leipzg"):
            assert titles(directory, words) == [BASE.title], words
        for words in ("koln", "koeln", "Köln", "Spielplätze", "spielpltz"):
            assert titles(directory, words) == [other.title], words

    def test_a_typed_umlaut_is_meant_and_a_missing_one_finds_both(
        self, store: Store, directory: Directory
    ) -> None:
        import_listings(store, [listing(1, "Küche bauen"), listing(2, "Kuchen essen")], NOW)
        assert titles(directory, "Küche") == ["Küche bauen"]
        assert titles(directory, "kuche") == ["Kuchen essen", "Küche bauen"]

    def test_compounds_are_found_by_their_parts_and_by_two_words(
        self, store: Store, directory: Directory
    ) -> None:
        import_listings(store, [listing(1, "Wasserspielplätze"), listing(2, "Radweg")], NOW)
        assert titles(directory, "Spielplatz") == ["Wasserspielplätze"]
        assert titles(directory, "rad") == ["Radweg"]
        import_listings(store, [listing(3, "Sanierung des Spielplatzes")], NOW)
        assert titles(directory, "Spielplatzsanierung") == ["Sanierung des Spielplatzes"]

    def test_what_is_written_is_found_at_once_changed_and_taken_out(
        self, store: Store, directory: Directory
    ) -> None:
        import_listings(store, [BASE], NOW)
        assert titles(directory, "wohnen") == [BASE.title]
        import_listings(store, [replace(BASE, title="Kleingärten")], NOW)
        assert titles(directory, "leipzig") == []
        assert titles(directory, "Kleingarten") == ["Kleingärten"]
        import_listings(store, [replace(BASE, listed=False)], NOW)
        assert titles(directory) == []
        assert directory.get("!1") is None

    def test_filters_narrow_and_facets_count_what_is_left(
        self, store: Store, directory: Directory
    ) -> None:
        south = {"district": "Süd", "tags": ("rad", "kinder")}
        import_listings(
            store,
            [
                listing(1, "a", kind=Kind.EVENT, **south),
                listing(2, "b", status=Status.BOX, **south),
                listing(3, "c", district="Nord", server="y.org", tags=("rad",)),
            ],
            NOW,
        )
        assert titles(directory, districts=("süd",)) == ["a", "b"]
        assert titles(directory, districts=("Süd", "Nord"), tags=("#Rad",)) == ["a", "b", "c"]
        assert titles(directory, tags=("rad",), kinds=("event",)) == ["a"]
        assert titles(directory, statuses=("box",)) == ["b"]
        assert titles(directory, servers=("y.org",)) == ["c"]
        assert titles(directory, districts=("West",)) == []
        assert directory.search(Query(tags=("kinder",))).facets == {
            "kind": {"event": 1, "idea": 1},
            "district": {"Süd": 2},
            "tag": {"kinder": 2, "rad": 2},
            "status": {"box": 1, "idee": 1},
            "publisher": {"person": 2},
            "server": {"x.org": 2},
        }

    def test_time_bounds_are_of_an_events_start_and_of_others_publication(
        self, store: Store, directory: Directory
    ) -> None:
        event = listing(9, "Fest", kind=Kind.EVENT, starts_at=NOW + timedelta(days=5))
        import_listings(store, [event, listing(3, "alt"), listing(1, "neu")], NOW)
        two_days_ago = NOW - timedelta(days=2)
        assert titles(directory, since=two_days_ago) == ["neu", "Fest"]
        assert titles(directory, until=two_days_ago) == ["alt"]

    @pytest.mark.parametrize("sort", list(Sort))
    def test_pages_show_each_listing_once_in_one_order(
        self, store: Store, directory: Directory, sort: Sort
    ) -> None:
        every = [listing(number, f"Rad {number}", support=number % 7) for number in range(1500)]
        import_listings(store, every, NOW)
        query, seen = Query(words="rad", sort=sort, limit=97), []
        while True:
            page = directory.search(query)
            assert page.total == 1500
            seen += [found.room_id for found in page.listings]
            if page.next is None:
                break
            query = replace(query, cursor=page.next)
        assert len(seen) == len(set(seen)) == 1500

    def test_support_changes_the_order_and_every_index_sees_it(
        self, store: Store, directory: Directory
    ) -> None:
        import_listings(store, [listing(1, "a"), listing(2, "b")], NOW)
        other = Directory.of_store(store)
        assert titles(directory) == titles(other) == ["a", "b"]
        import_listings(store, [listing(2, "b", support=5)], NOW)
        assert titles(directory) == titles(other) == ["b", "a"]
        assert titles(directory, sort=Sort.NEWEST) == ["a", "b"]

    def test_an_answer_is_plain_json(self, store: Store, directory: Directory) -> None:
        import_listings(store, [BASE], NOW)
        answer = json.loads(json.dumps(answer_json(directory.search(Query()))))
        assert (answer["total"], answer["next"]) == (1, None)
        assert answer["results"][0]["publisher"] == {
            "type": "person", "name": "", "verified": False,
        }  # fmt: skip

    def test_it_reads_a_database_alone_once_a_bot_has_made_it(self, place: Place) -> None:
        alone = Directory.at(place.url)
        with pytest.raises(NotReady):
            alone.search(Query())
        store = place.open()
        import_listings(store, [BASE], NOW)
        assert titles(alone, "wohnen") == [BASE.title]
        alone.close()
        store.close()

    @pytest.mark.parametrize("cursor", ["x", "[]", "bnVsbA", "W10", "é", "WzEsMiwzLDRd"])
    def test_a_made_up_cursor_is_refused(self, directory: Directory, cursor: str) -> None:
        with pytest.raises(InvalidQuery):
            directory.search(Query(cursor=cursor))

    def test_a_cursor_belongs_to_its_question(self, store: Store, directory: Directory) -> None:
        import_listings(store, [listing(1, "a"), listing(2, "b")], NOW)
        cursor = directory.search(Query(limit=1)).next or ""
        assert titles(directory, cursor=cursor) == ["b"]
        with pytest.raises(InvalidQuery):
            directory.search(Query(words="x", cursor=cursor))


@pytest.mark.parametrize(
    "given",
    [
        {"limit": ["0"]}, {"limit": ["101"]}, {"limit": ["٣"]}, {"limit": ["1", "2"]},
        {"kind": ["x"]}, {"status": ["x"]}, {"publisher": ["x"]}, {"since": ["gestern"]},
        {"sort": ["x"]}, {"what": ["x"]}, {"q": ["x" * 201]}, {"q": ["\x00"]}, {"until": [""]},
        {"tag": ["x"] * 21}, {"tag": ["x" * 101]}, {"since": ["2026-13-01"]},
    ],
)  # fmt: skip
def test_wrong_parameters_are_refused(given: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidQuery):
        parse_query(given)


def test_words_of_both_languages_and_lists_are_understood() -> None:
    query = parse_query({"kind": ["Idee,event", "Gesuch"], "publisher": ["Partei"], "limit": ["5"]})
    assert query.kinds == ("idea", "event", "request")
    assert (query.publishers, query.limit) == (("party",), 5)
    until = parse_query({"until": ["2026-11-22"]}).until
    assert parse_query({"until": ["9999-12-31"]}).until == datetime(2200, 1, 1, tzinfo=UTC)
    assert parse_query({"since": ["0001-01-01T00:00:00+23:59"]}).since is not None
    assert until is not None
    assert until.isoformat().startswith("2026-11-22T23:59:59")
