from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.motions import Version
from wecreate_module.domain.origins import line_origins

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def versions(*texts: str) -> list[Version]:
    return [
        Version(number, "Titel", {"text": text} if text else {}, "@a:x", NOW, f"n{number}")
        for number, text in enumerate(texts, start=1)
    ]


def latest(*texts: str) -> list[int]:
    return [origin.latest.number for origin in line_origins(versions(*texts))]


def test_a_line_belongs_to_the_version_that_changed_it_last() -> None:
    first = "1. Zwölf Linden.\n2. Berichten.\n3. Danke."
    second = "1. Elf Linden.\n2. Berichten.\n3. Danke."
    assert latest(first) == [1, 1, 1]
    assert latest(first, second) == [2, 1, 1]
    assert latest(first, second, f"0. Neu.\n{second}") == [3, 2, 1, 1]
    assert latest(first, second, second.replace("\n2. Berichten.", "")) == [2, 1]


def test_who_takes_words_back_owns_nothing_of_them() -> None:
    assert latest("Eins zwei.", "Eins.", "Eins zwei.") == [3]
    assert latest("", "Eins.") == [2]
    assert latest("Eins.", "") == []
    assert line_origins([]) == []


WORDS = st.lists(
    st.sampled_from(["Linde", "Bank", "Weg", ".", "\n", " ", "1. ", "Straße", "🌳"]), max_size=30
).map("".join)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_every_line_has_an_origin_and_none_is_from_the_future(texts: list[str]) -> None:
    made = versions(*texts)
    found = line_origins(made)
    assert [(line.number, line.text) for line in found] == [
        (line.number, line.text) for line in made[-1].lines
    ]
    for line in found:
        assert line.versions
        assert line.latest.number <= len(texts)
