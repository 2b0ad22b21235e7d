"""The directory's web API against its OpenAPI file, on a real Synapse."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, settings
from schemathesis import GenerationMode
from schemathesis.checks import CheckContext, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.servers import SynapseServer
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.services.listing_import import read_lines
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.store import Store
from wecreate_module.synapse.throttle import BURST

ROOT = Path(__file__).parents[2]
API = ROOT / "docs" / "reference" / "marketplace.openapi.yaml"
FIXTURE = ROOT / "tests" / "data" / "listings.jsonl"
PATH = "/_synapse/client/wecreate/v1/marketplace"
LONGEST = 16_000
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EVENT = Listing(
    "!fest:wir.example",
    "wir.example",
    Kind.EVENT,
    "Straßenfest <b>laut</b>",
    "Mit Musik.",
    NOW - timedelta(days=1),
    starts_at=NOW + timedelta(days=3),
    place="Lindenmarkt",
    tags=("fest",),
)

schema = schemathesis.openapi.from_path(API)
schema.config.generation.update(
    modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE], deterministic=True
)
schema.config.checks.positive_data_acceptance.expected_statuses = ["200", "304", "404"]


def what_is_right_is_accepted(
    ctx: CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> bool | None:
    """Whether a cursor is one of ours, and of this question, no schema can say."""
    return (
        None if (case.query or {}).get("cursor") else positive_data_acceptance(ctx, response, case)
    )


CHECKS = [
    what_is_right_is_accepted,
    negative_data_rejection,
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SynapseServer]:
    folder = tmp_path_factory.mktemp("api")
    url = f"sqlite:///{folder / 'wecreate.db'}"
    with closing(Store.open(url, folder / "keys.db", folder / "key")) as store:
        lines = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]
        records = [{key: line[key] for key in line if key != "topic"} for line in lines]
        listings = list(read_lines(map(json.dumps, records), server="wir.example", now=NOW))
        import_listings(store, [*listings, EVENT], NOW)
        module = {"bot": "@wecreate:localhost", "database": url}
        with SynapseServer(folder / "synapse", module=module) as running:
            yield running


@schema.parametrize()
@settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
def test_it_answers_whatever_is_asked_as_it_is_written(
    case: schemathesis.Case[Any], server: SynapseServer
) -> None:
    # Its own sending looks into urllib3, in whose place urllib3-future (of caldav) is here.
    sent = case.as_transport_kwargs(base_url=server.url)
    address = requests.Request(url=sent["url"], params=sent.get("params")).prepare().url
    # Longer ones Synapse's HTTP server refuses by itself, without a word.
    assume(len(address or "") < LONGEST)
    case.validate_response(requests.request(**sent, timeout=60), checks=CHECKS)


class Asking:
    """Plain requests to the same server, over one connection."""

    def __init__(self, server: SynapseServer) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.ports.client, timeout=30)

    def get(self, path: str, **headers: str) -> tuple[int, Any, http.client.HTTPMessage]:
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        raw = answer.read()
        return answer.status, json.loads(raw) if raw else None, answer.headers


@pytest.fixture
def asking(server: SynapseServer) -> Iterator[Asking]:
    made = Asking(server)
    with closing(made.connection):
        yield made


def one(room_id: str) -> str:
    return f"{PATH}/listings/{quote(room_id, safe='')}"


def test_a_listing_is_told_in_words_that_search_engines_know(asking: Asking) -> None:
    status, found, headers = asking.get(one(EVENT.room_id))
    assert (status, headers["Content-Type"]) == (200, "application/ld+json")
    assert (found["@type"], found["startDate"]) == ("Event", "2026-11-25T12:00:00+00:00")
    assert found["name"] == EVENT.title
    assert found["location"]["name"] == "Lindenmarkt"
    assert urlsplit(found["url"]).netloc == "matrix.to"
    assert found["listing"]["room_id"] == EVENT.room_id
    again, body, _ = asking.get(one(EVENT.room_id), **{"If-None-Match": headers["ETag"]})
    assert (again, body) == (304, None)


def test_feeds_hold_the_newest_of_a_search_and_are_known_by_their_tag(asking: Asking) -> None:
    asking.connection.request("GET", f"{PATH}/feed.atom?q=Stra%C3%9Fenfest")
    answer = asking.connection.getresponse()
    atom = ET.fromstring(answer.read())  # noqa: S314  # our own
    name = "{http://www.w3.org/2005/Atom}"
    assert answer.headers["Content-Type"] == "application/atom+xml"
    assert EVENT.title in [each.findtext(f"{name}title") for each in atom.iter(f"{name}entry")]
    status, feed, headers = asking.get(f"{PATH}/feed.json?q=Stra%C3%9Fenfest")
    assert (status, headers["Content-Type"]) == (200, "application/feed+json")
    assert EVENT.room_id in [each["_wecreate"]["room_id"] for each in feed["items"]]
    assert feed["feed_url"].endswith("/feed.json?q=Stra%C3%9Fenfest")
    again, body, _ = asking.get(
        f"{PATH}/feed.json?q=Stra%C3%9Fenfest", **{"If-None-Match": headers["ETag"]}
    )
    assert (again, body) == (304, None)


def test_what_is_not_there_is_not_found(asking: Asking) -> None:
    for path in (one("!other:wir.example"), f"{PATH}/listings", f"{PATH}/other/x", one("!\x00")):
        status, found, _ = asking.get(path)
        assert (status, found["errcode"]) == (404, "M_NOT_FOUND")


def test_all_of_a_listing_is_given_when_it_is_wanted(asking: Asking) -> None:
    _, found, _ = asking.get(f"{PATH}?q=Stra%C3%9Fenfest&detail=1&kind=event&district=")
    (result,) = (each for each in found["results"] if each["room_id"] == EVENT.room_id)
    assert result["place"] == "Lindenmarkt"


def test_what_changed_last_stands_first_for_partners(asking: Asking) -> None:
    _, found, _ = asking.get(f"{PATH}?sort=changed&limit=1")
    assert [each["room_id"] for each in found["results"]] == [EVENT.room_id]


def test_an_address_that_asks_too_much_is_slowed_down(asking: Asking) -> None:
    answers = [
        asking.get(f"{PATH}?limit=1", **{"X-Forwarded-For": "192.0.2.1"}) for _ in range(2 * BURST)
    ]
    slowed = [headers["Retry-After"] for status, _, headers in answers if status == 429]
    assert slowed
    assert int(slowed[0]) >= 1
