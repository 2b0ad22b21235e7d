from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.amendments import (
    Amendment,
    AmendmentKind,
    Edit,
    collisions,
    edit_of,
    merged,
    moved,
    require_mergeable,
)
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.lines import break_lines

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TEXT = "\n".join(f"{n}. Absatz mit einigen Worten." for n in range(1, 13))
LINES = break_lines(TEXT)


def amendment(number: int, kind: AmendmentKind, first: int, last: int, text: str = "") -> Amendment:
    return Amendment(number, 1, kind, first, last, text, "@a:x", NOW)


def edit(number: int, kind: AmendmentKind, first: int, last: int, text: str = "") -> Edit:
    return edit_of(amendment(number, kind, first, last, text), LINES)


def edits() -> st.SearchStrategy[Edit]:
    spans = st.tuples(st.integers(1, 12), st.integers(0, 2))
    return st.builds(
        lambda number, span, kind, text: edit(
            number, kind, span[0], min(12, span[0] + span[1]), text
        ),
        st.integers(1, 99),
        spans,
        st.sampled_from(AmendmentKind),
        st.sampled_from(["neu", "ganz anders", "zwei\nAbsätze"]),
    )


@given(st.lists(edits(), max_size=6, unique_by=lambda each: each.amendment), st.randoms())
def test_amendments_that_do_not_collide_give_the_same_text_in_any_order(
    found: list[Edit], random: Random
) -> None:
    if collisions(found):
        return
    shuffled = list(found)
    random.shuffle(shuffled)
    assert merged(TEXT, shuffled) == merged(TEXT, found)


@given(st.lists(edits(), max_size=4, unique_by=lambda each: each.amendment), st.randoms())
def test_one_after_the_other_gives_the_same_text_as_all_at_once(
    found: list[Edit], random: Random
) -> None:
    kinds = [each for each in found if each.new]  # what is struck out may leave two blanks
    if collisions(kinds) or any(one.end == other.start for one in kinds for other in kinds):
        return
    order = list(kinds)
    random.shuffle(order)
    text = TEXT
    for each in order:
        fitting, lost = moved([each], TEXT, text)
        if lost:  # said to people, never guessed
            return
        text = merged(text, fitting)
    assert text == merged(TEXT, kinds)


def test_lines_are_replaced_struck_out_and_put_in() -> None:
    text = merged(
        TEXT,
        [
            edit(1, AmendmentKind.REPLACE, 2, 3, "Neu."),
            edit(2, AmendmentKind.DELETE, 5, 5),
            edit(3, AmendmentKind.INSERT, 12, 12, "Am Ende."),
            edit(4, AmendmentKind.INSERT, 0, 0, "Zuerst."),
        ],
    )
    lines = text.split("\n")
    assert lines[:3] == ["Zuerst.", "1. Absatz mit einigen Worten.", "Neu."]
    assert "5. Absatz" not in text
    assert lines[-1] == "Am Ende."


def test_amendments_to_the_same_lines_collide() -> None:
    pair = [
        edit(2, AmendmentKind.REPLACE, 4, 6, "a"),
        edit(1, AmendmentKind.DELETE, 6, 7),
        edit(3, AmendmentKind.INSERT, 8, 8, "b"),
    ]
    assert collisions(pair) == [(1, 2)]
    with pytest.raises(ValueError, match="collide"):
        merged(TEXT, pair)
    with pytest.raises(UserError) as caught:
        require_mergeable(pair)
    assert caught.value.params == {"first": 1, "second": 2}


def test_two_insertions_in_one_place_are_for_people_to_order() -> None:
    both = [edit(1, AmendmentKind.INSERT, 3, 3, "a"), edit(2, AmendmentKind.INSERT, 3, 3, "b")]
    assert collisions(both) == [(1, 2)]


def test_an_older_amendment_follows_the_text_or_is_said_to_be_lost() -> None:
    now = "Davor.\n" + TEXT.replace("7. Absatz", "7. Punkt")
    wanted = [
        edit(1, AmendmentKind.REPLACE, 2, 2, "Neu."),
        edit(2, AmendmentKind.REPLACE, 7, 7, "Neu."),
    ]
    fitting, lost = moved(wanted, TEXT, now)
    assert lost == [2]
    assert merged(now, fitting).split("\n")[:3] == ["Davor.", LINES[0].text, "Neu."]
