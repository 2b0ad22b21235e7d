from __future__ import annotations

import pytest

from wecreate_module.domain.farewells import MOST, Farewell, after, with_one_more, without

ANNA, BEN = "@anna:x.org", "@ben:x.org"


def test_everybody_who_left_is_read_once() -> None:
    content = with_one_more(with_one_more(None, ANNA), BEN)
    assert after(content, 0) == [Farewell(1, ANNA), Farewell(2, BEN)]
    assert after(content, 1) == [Farewell(2, BEN)]
    assert after(content, 2) == []


def test_who_came_back_in_time_is_not_forgotten_and_no_number_is_given_twice() -> None:
    content = without(with_one_more(None, ANNA), ANNA)
    assert after(content, 0) == []
    assert after(with_one_more(content, BEN), 1) == [Farewell(2, BEN)]


def test_the_oldest_go_when_there_are_too_many() -> None:
    content = None
    for number in range(MOST + 5):
        content = with_one_more(content, f"@p{number}:x.org")
    assert len(after(content, 0)) == MOST
    assert after(content, MOST + 4) == [Farewell(MOST + 5, f"@p{MOST + 4}:x.org")]


def test_a_homeserver_that_begins_to_count_anew_is_read_from_its_beginning() -> None:
    assert after(with_one_more(None, ANNA), 40) == [Farewell(1, ANNA)]


@pytest.mark.parametrize(
    "content", [None, [], "x", {}, {"people": "x"}, {"people": [1, [], ["1", 2], [1]], "last": "x"}]
)
def test_what_has_no_sensible_shape_names_nobody(content: object) -> None:
    assert after(content, 0) == []
    assert after(with_one_more(content, ANNA), 0) == [Farewell(1, ANNA)]
