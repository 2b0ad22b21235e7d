"""The directory as a real Synapse serves it."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers import SynapseServer
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.store import Store

PATH = "/_synapse/client/wecreate/v1/marketplace"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


class Marketplace:
    def __init__(self, base: str, store: Store) -> None:
        self._base = base
        self.store = store

    def ask(self, query: str = "", **headers: str) -> Answer:
        url = f"{self._base}{PATH}{query}"
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  # our own loopback server
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # likewise
                return Answer(answer.status, json.load(answer), dict(answer.headers))
        except urllib.error.HTTPError as error:
            raw = error.read()
            return Answer(error.code, json.loads(raw) if raw else None, dict(error.headers))

    def titles(self, words: str) -> list[str]:
        query = urllib.parse.urlencode({"q": words})
        return [found["title"] for found in self.ask(f"?{query}").body["results"]]


@pytest.fixture(scope="module")
def marketplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    folder = tmp_path_factory.mktemp("market")
    url = f"sqlite:///{folder / 'wecreate.db'}"
    module = {"bot": "@wecreate:localhost", "database": url}
    with SynapseServer(folder / "synapse", module=module) as server:
        before = Marketplace(server.url, None)  # type: ignore[arg-type]  # there is none yet
        assert before.ask().status == 503
        store = Store.open(url, folder / "keys.db", folder / "wecreate.key")
        yield Marketplace(server.url, store)
        store.close()


def put(marketplace: Marketplace, number: int, title: str, **fields: Any) -> None:
    published = NOW - timedelta(days=number)
    listing = Listing(f"!{number}", "x.org", Kind.IDEA, title, "", published, **fields)
    import_listings(marketplace.store, [listing], NOW)


def test_it_is_searched_without_a_login_and_by_any_web_page(marketplace: Marketplace) -> None:
    put(marketplace, 1, "Wohnen in Leipzig", district="Mitte")
    answer = marketplace.ask("?q=wohnen+leipzig&kind=Idee")
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert set(answer.body) == {"results", "facets", "total", "next"}
    assert set(answer.body["results"][0]) == {
        "room_id", "alias", "server", "kind", "title", "summary", "district", "tags",
        "status", "support", "publisher", "published_at", "starts_at",
    }  # fmt: skip
    assert answer.body["facets"]["district"] == {"Mitte": 1}


def test_what_the_bot_writes_is_found_at_once(marketplace: Marketplace) -> None:
    assert marketplace.titles("Lastenrad") == []
    put(marketplace, 2, "Lastenräder leihen")
    assert marketplace.titles("Lastenrad") == ["Lastenräder leihen"]


def test_an_answer_that_is_known_is_not_sent_again_until_it_changes(
    marketplace: Marketplace,
) -> None:
    etag = marketplace.ask("?q=garten").headers["ETag"]
    again = marketplace.ask("?q=garten", **{"If-None-Match": f'W/"x", {etag}'})
    assert (again.status, again.body) == (304, None)
    put(marketplace, 3, "Gärten")
    assert marketplace.ask("?q=garten", **{"If-None-Match": etag}).status == 200


@pytest.mark.parametrize(
    "query",
    ["?limit=0", "?kind=x", "?q=%ff", "?what=1", "?since=gestern", "?cursor=x", "?q=%00"],
)
def test_a_wrong_question_is_refused_in_words(marketplace: Marketplace, query: str) -> None:
    answer = marketplace.ask(query)
    assert answer.status == 400
    assert answer.body["errcode"] == "M_INVALID_PARAM"
    assert answer.body["error"]
