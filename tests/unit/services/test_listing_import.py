from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from wecreate_module.domain.listings import Kind, Offer, PublisherType, Status
from wecreate_module.services.listing_import import WrongLine, read_lines

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LINE = {
    "title": "Radweg",
    "summary": "Am Kanal",
    "kind": "Idee",
    "district": "Süd",
    "tags": ["#Rad"],
}


def read(*lines: Any) -> list[Any]:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return list(read_lines(texts, server="x.org", now=NOW))


def test_a_line_becomes_a_listing() -> None:
    (found,) = read(LINE)
    assert (found.kind, found.title, found.district) == (Kind.IDEA, "Radweg", "Süd")
    assert (found.tags, found.server, found.published_at) == (("rad",), "x.org", NOW)
    assert found.room_id.endswith(":x.org")


def test_measurements_may_say_more() -> None:
    (found,) = read(
        LINE
        | {
            "status": "sammelt",
            "publisher": {"type": "Verein", "name": "Grün e. V."},
            "created": "2026-01-02T03:04:05Z",
            "supporters": 12,
            "server": "y.org",
            "kind": "Raum",
        }
    )
    assert (found.kind, found.offer) == (Kind.OFFER, Offer.ROOM)
    assert (found.status, found.support, found.server) == (Status.GATHERING, 12, "y.org")
    assert found.publisher.type is PublisherType.ASSOCIATION
    assert not found.publisher.verified
    assert found.published_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("created", [1767323045, 1767323045000, 1767323045.0])
def test_created_may_be_a_number(created: float) -> None:
    (found,) = read(LINE | {"created": created})
    assert found.published_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_the_same_file_gives_the_same_rooms_and_equal_lines_two() -> None:
    first, second = read(LINE, "", LINE)
    assert first.room_id != second.room_id
    assert [first, second] == read(LINE, "", LINE)


@pytest.mark.parametrize(
    "wrong",
    [
        "{", "[]", "7", "[" * 100_000,
        LINE | {"title": ""}, LINE | {"title": "x" * 151}, LINE | {"title": 7},
        LINE | {"kind": "x"}, LINE | {"tags": "a"}, LINE | {"tags": [1]},
        LINE | {"supporters": -1}, LINE | {"supporters": True}, LINE | {"status": "x"},
        LINE | {"created": "gestern"}, LINE | {"created": 1e300}, LINE | {"created": "2030-01-01"},
        LINE | {"publisher": "x"}, LINE | {"what": 1},
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(wrong: Any) -> None:
    with pytest.raises(WrongLine, match=r"^line 2: "):
        read(LINE, wrong)
