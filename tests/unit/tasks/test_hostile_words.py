"""Whatever is typed, the bot answers with a task or with one sentence, and goes on."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.processor import at_most
from tests.unit.tasks.conftest import Chat
from wecreate_module.domain.tasks import MAX_TITLE

COMMANDS = [
    *("!aufgabe", "!task", "!aufgaben", "!tasks", "!erledigt", "!done", "!aufgabe 1"),
    *("!aufgabe 1 bis", "!aufgabe 1 an", "!aufgabe 1 titel", "!aufgabe 1 notiz"),
    *("!aufgabe 1 liste", "!aufgabe 1 label", "!aufgabe 1 priorität", "!aufgabe 1 wiederholen"),
    *("!aufgabe 1 erinnern", "!aufgaben täglich", "!aufgabe 1 offen"),
]
WORDS = [
    *("bis", "due", "jeden", "every", "alle", "Freitag", "24.12.", "31.02.", "25:00", "18 Uhr"),
    *("@ben", "@niemandda", "@", "#fest", "#", "!hoch", "!", "jede Woche", "10 mal", "0", "-1"),
    *(
        "<b>",
        "&amp;",
        "{0}",
        "{title}",
        "%s",
        "\n",
        "\t",
        "\u202e",
        "👩\u200d👧",
        '"',
        "„",
        "“",
        "\x00",
    ),
    *("nie", "weg", "aus", "fertig", "nur", "nicht", "niemand", "mich", "2", "999999999", "-"),
]
ANYTHING = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), st.text(max_size=60)
)


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(command=st.sampled_from(COMMANDS), rest=ANYTHING)
def test_any_words_are_answered_and_break_nothing(chat: Chat, command: str, rest: str) -> None:
    if chat.task(1) is None:
        chat.ask("!aufgabe Kuchen")
    answer = chat.ask(f"{command} {rest}")
    assert answer.text
    assert "@room" not in answer.text
    if answer.result["ok"] is False:
        assert len(answer.result["error"]["message"]) < 400
    task = chat.task(1)
    assert task is not None
    assert 0 < len(task.title) <= MAX_TITLE
    chat.hear("abbrechen")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_flood_of_words_is_answered_at_once(chat: Chat, command: str) -> None:
    chat.ask("!aufgabe Kuchen")
    for filler in ("bis ", "jede ", "x", "#a ", "@b ", "@ben ", "<b>", "1 ", "\n"):
        with at_most(1):
            answer = chat.ask(f"{command} " + (filler * 7_900)[:7_900])
        assert len(answer.text) < 5000
        chat.hear("abbrechen")
