from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import (
    InvalidListing,
    Kind,
    Listing,
    Publisher,
    PublisherType,
    Status,
    next_statuses,
    parse_record,
    require_step,
    to_record,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LISTING = Listing("!1", "x.org", Kind.REFORM, "Radweg", "Am Kanal", NOW)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def read(record: Any) -> Listing:
    return parse_record(record, room_id="!1", server="x.org", now=NOW)


def test_a_record_comes_back_as_it_was() -> None:
    whole = replace(
        LISTING,
        kind=Kind.EVENT,
        district="Süd",
        tags=("rad",),
        status=Status.GATHERING,
        publisher=Publisher(PublisherType.PARTY, "Die Probe"),
        starts_at=NOW + timedelta(days=3),
        place="Rathaus",
    )
    assert read(json.loads(json.dumps(to_record(whole)))) == whole


def test_nobody_is_verified_by_saying_so() -> None:
    record = to_record(LISTING) | {"publisher": {"type": "party", "name": "A", "verified": True}}
    assert not read(record).publisher.verified


@given(JSON)
def test_foreign_records_are_refused_in_words_or_read(content: Any) -> None:
    with pytest.raises(InvalidListing):
        read(content)


@given(st.sampled_from(sorted(to_record(LISTING))), JSON)
def test_one_wrong_field_does_no_harm(name: str, value: Any) -> None:
    try:
        found = read(to_record(LISTING) | {name: value})
    except InvalidListing:
        return
    assert "\n" not in found.title
    assert found.published_at <= NOW + timedelta(hours=1)


@pytest.mark.parametrize("sign", ["\u202e", "\x00", "\u200b", "\n", "\u2066"])
def test_signs_that_deceive_are_taken_out(sign: str) -> None:
    assert read(to_record(LISTING) | {"title": f"Rad{sign} weg"}).title == "Rad weg"


@pytest.mark.parametrize("kind", list(Kind))
@given(st.lists(st.sampled_from(Status), max_size=12))
def test_a_life_goes_on_by_legal_steps_and_ends(kind: Kind, steps: list[Status]) -> None:
    listing = replace(LISTING, kind=kind)
    order = list(Status)
    for step in steps:
        if step in next_statuses(listing):
            require_step(listing, step)
            assert order.index(step) > order.index(listing.status)
            listing = replace(listing, status=step)
        else:
            with pytest.raises(UserError):
                require_step(listing, step)
    if listing.status is Status.ARCHIVED:
        assert not next_statuses(listing)


def test_a_reform_needs_a_decision_and_an_event_none() -> None:
    reform = replace(LISTING, status=Status.BOX)
    assert Status.DONE not in next_statuses(reform)
    assert Status.DONE in next_statuses(replace(reform, kind=Kind.EVENT))
