"""Whatever people write, they are answered in words, and their number of events stays right."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.calendar.conftest import Chat
from tests.unit.chat import BEN

SAID = """
!termin !termine !event finden 1 2 99 verschieben absagen zusagen ablehnen vielleicht fest stimme
Grillen Fr 19-21 Uhr Samstag 24.12. 1.-3.5. jede Woche jeden Freitag im Rathaus in Garten am ab
alle auf 5.12. 20 Uhr 1 Stunde später morgen ganztägig erinnern aus normal dauer ort titel notiz
wiederholen nie doch , oder 2 mal bis 30.12. @ben nur ics 10 Minuten
"""
SENTENCES = st.lists(st.sampled_from(SAID.split()), min_size=1, max_size=9).map(" ".join)
COMMANDS = st.builds(
    "{} {}".format, st.sampled_from(["!termin", "!termin 1", "!termine", "!erinnern"]), SENTENCES
)


@settings(
    max_examples=100,
    deadline=None,
    # One store serves all examples: whatever came before must do no harm either.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(COMMANDS, min_size=1, max_size=8))
def test_no_words_break_anything(chat: Chat, said: list[str]) -> None:
    for text in said:
        for answer in chat.hear(text, BEN):
            if answer.edits is None and "de.wecreate.result" in answer.content:
                code = answer.result.get("error", {}).get("code", "")
                assert code != "internal", text
    with chat.store.begin(chat.now) as uow:
        for event in uow.events.list(chat.box.id):
            assert uow.events.ical(chat.box.id, event.number)
    assert chat.ask("!termine", BEN).result["ok"]
