from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.diffs import (
    Change,
    Kind,
    Places,
    applied,
    diff,
    line_map,
    paragraph_pairs,
)
from wecreate_module.domain.lines import break_lines

TEXTS = st.lists(
    st.sampled_from(
        ["Bäume ", "Linden ", "zwölf ", "elf", ", ", ".\n", "\n\n", "  ", "👩\u200d👧"]
    ),
    max_size=60,
).map("".join)
ANY = st.text(max_size=80)


@given(TEXTS, TEXTS)
def test_applying_a_diff_gives_the_new_text(old: str, new: str) -> None:
    assert applied(old, diff(old, new)) == new


@given(ANY, ANY)
def test_applying_a_diff_gives_the_new_text_whatever_it_is(old: str, new: str) -> None:
    assert applied(old, diff(old, new)) == new


@given(TEXTS, TEXTS, TEXTS)
def test_a_diff_is_for_one_text_only(old: str, new: str, other: str) -> None:
    if other != old:
        with pytest.raises(ValueError, match="another text"):
            applied(other, diff(old, new))


@given(TEXTS, TEXTS)
def test_line_maps_are_total_and_never_fall(old: str, new: str) -> None:
    before, after = break_lines(old, width=8), break_lines(new, width=8)
    found = line_map(before, after, diff(old, new))
    assert len(found) == len(before)
    assert list(found) == sorted(found)
    assert all((1 if after else 0) <= number <= len(after) for number in found)


@given(TEXTS)
def test_an_unchanged_text_keeps_its_lines(text: str) -> None:
    lines = break_lines(text, width=8)
    assert line_map(lines, lines, diff(text, text)) == tuple(line.number for line in lines)


def test_changes_are_told_in_words() -> None:
    assert diff("Wir pflanzen zwölf Linden.", "Wir pflanzen elf Linden.") == (
        Change(Kind.KEPT, "Wir pflanzen "),
        Change(Kind.DELETED, "zwölf"),
        Change(Kind.INSERTED, "elf"),
        Change(Kind.KEPT, " Linden."),
    )


def test_a_wholly_new_paragraph_is_not_mixed_with_the_old_one() -> None:
    kinds = [change.kind for change in diff("Alles bleibt.", "Hunde frei, bitte!")]
    assert kinds == [Kind.DELETED, Kind.INSERTED]


def test_an_untouched_stretch_is_found_again() -> None:
    places = Places(diff("eins zwei drei", "null eins zwei 3"))
    assert places.untouched(0, 9) == (5, 14)
    assert places.untouched(5, 14) is None


def test_a_text_of_100_000_letters_is_compared_at_once() -> None:
    old = "Wort " * 20_000
    new = old.replace("Wort", "Satz", 7000)
    assert applied(old, diff(old, new)) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n" * 70_000, "b\n" + "a\n" * 60_000 + "c"),
        ("a\nb\n" * 30_000, "b\nb\na\n" * 20_000),
        ("\n".join(map(str, range(20_000))), "\n".join(map(str, range(20_000, 0, -1)))),
        ("x" * 150_000, "y" * 150_000),
        ("a b " * 30_000, "b a " * 30_000),
    ],
)
def test_hostile_texts_are_compared_at_once_too(old: str, new: str) -> None:
    assert applied(old, diff(old, new)) == new


@given(TEXTS, TEXTS)
def test_paragraph_pairs_hold_both_texts_in_their_order(old: str, new: str) -> None:
    pairs = paragraph_pairs(old, new)
    assert [one for one, _ in pairs if one] == [each for each in old.split("\n") if each]
    assert [other for _, other in pairs if other] == [each for each in new.split("\n") if each]


def test_a_changed_paragraph_stands_beside_what_it_was() -> None:
    old = "1. Alles bleibt.\n3. Dem Beirat wird über den Stand berichtet."
    new = "Ganz neu hier.\n3. Dem Beirat wird jährlich über den Stand berichtet."
    assert paragraph_pairs(old, new)[-1] == tuple(each.split("\n")[1] for each in (old, new))


def test_a_comma_that_stayed_does_not_cut_a_change_in_pieces() -> None:
    kinds = [change.kind for change in diff("Am Ende rot, gelb sehr.", "Am Ende blau, grün sehr.")]
    assert kinds == [Kind.KEPT, Kind.DELETED, Kind.INSERTED, Kind.KEPT]
