from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.lines import break_lines, in_paragraphs
from wecreate_module.domain.motions import clean_wording

WORDS = st.text(st.sampled_from("abcWi äß—👩\u200d👧\u0301中\n .,-"), max_size=600)

GOLDEN = (
    "Der Stadtbezirksbeirat möge beschließen, an der Karl-Heine-Straße zwölf Linden zu pflanzen "
    "und die Baumscheiben so zu gestalten, dass Anwohnerinnen und Anwohner sie pflegen können.\n"
    "\n"
    "1. Die Verwaltung berichtet bis zum 30. Juni 2027.\n"
    "2. Die Kosten von 24.000 € trägt das Stadtbezirksbudget. 🌳"
)


@given(WORDS)
def test_lines_hold_every_word_in_its_order(text: str) -> None:
    lines = break_lines(text)
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "").replace(
        "\n", ""
    )
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert all(text[line.start : line.end] == line.text for line in lines)
    assert all(one.end <= other.start for one, other in pairwise(lines))


@given(WORDS)
def test_paragraphs_begin_and_end(text: str) -> None:
    paragraphs = in_paragraphs(break_lines(text))
    assert len(paragraphs) == sum(1 for line in text.split("\n") if line.strip(" "))
    for paragraph in paragraphs:
        assert [line.first for line in paragraph] == [True] + [False] * (len(paragraph) - 1)
        assert [line.last for line in paragraph] == [False] * (len(paragraph) - 1) + [True]


def test_a_word_wider_than_a_line_is_broken_but_no_emoji_is() -> None:
    family = "👩\u200d👩\u200d👧\u200d👦"
    lines = break_lines(family * 60)
    assert len(lines) > 1
    assert all(line.text.count("👦") == line.text.count("👧") for line in lines)
    assert len(break_lines("x" * 500)) == 7


def test_marks_never_begin_a_line() -> None:
    lines = break_lines("e\u0301" * 300)
    assert all(not line.text.startswith("\u0301") for line in lines)


def test_the_first_rules_break_as_ever() -> None:
    """Golden: a motion that was handed in keeps its lines for ever."""
    lines = break_lines(clean_wording(GOLDEN), rules=1, width=76)
    assert [line.text for line in lines] == [
        "Der Stadtbezirksbeirat möge beschließen, an der Karl-Heine-Straße zwölf Linden zu",
        "pflanzen und die Baumscheiben so zu gestalten, dass Anwohnerinnen und Anwohner sie",
        "pflegen können.",
        "1. Die Verwaltung berichtet bis zum 30. Juni 2027.",
        "2. Die Kosten von 24.000 € trägt das Stadtbezirksbudget. 🌳",
    ]


def test_the_first_rules_break_a_long_text_as_ever() -> None:
    text = " ".join(f"{'Wimmelnde—i' * (n % 4 + 1)}{n}" for n in range(900))
    joined = "\n".join(line.text for line in break_lines(text, rules=1, width=76))
    assert hashlib.sha256(joined.encode()).hexdigest()[:16] == "e3982bb69a51c9eb"


def test_unknown_rules_are_refused() -> None:
    with pytest.raises(ValueError, match="rules"):
        break_lines("x", rules=99)
