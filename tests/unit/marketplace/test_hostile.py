"""Whatever people type: an answer in words, nothing broken, no markup of theirs."""

from __future__ import annotations

import pytest

from tests.unit.marketplace.conftest import MakeChat
from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, Chat, put
from wecreate_module.domain.listing_rules import MarketRules, Organisation
from wecreate_module.domain.listings import PublisherType
from wecreate_module.domain.matrix import RESULT

NASTY = [
    "<b onclick=x>fett</b> & „zu“",
    "x" * 7000,
    "\u202egnal\u2066 \u200b\u200b",
    "#" * 300,
    "# #  #a #",
    "in in Süd in",
    "seite:99999999999999999999 status: von:: art:",
    "!x:y !l !",
    "https://matrix.to/#/!l?via=w.example&via=%00",
    "https://matrix.to/#/%F0%28%8C",
    "'; DROP TABLE listings; --",
    "{title} {0} %s %(x)s",
    "\ud83d\ude00\u200d\u200d 🏳️‍🌈",
    "@room @anna:w.example",
    "9" * 400,
    "-1 #-1 0",
    "\n\n\n",
]
COMMANDS = [
    "markt suche", "markt folgen", "markt entfolgen", "markt zeigen", "mitmachen", "melden",
    "markt text", "markt titel", "markt wann", "markt an", "markt antwort", "markt status",
    "markt annehmen", "markt ausblenden 1", "markt widerspruch 1", "unterstützen",
    "markt weiter dafür", "unterstützung zurücknehmen", "markt box", "markt neu",
]  # fmt: skip


@pytest.fixture
def chat(make_chat: MakeChat) -> Chat:
    city = Organisation("Stadt", PublisherType.ADMINISTRATION, frozenset({BEN}))
    chat = make_chat(
        MarketRules(districts=("Süd",), organisations=(city,), moderators=("@mod:w.example",))
    )
    put(chat, "Radweg", author=ANNA)
    return chat


@pytest.mark.parametrize("command", COMMANDS)
def test_no_words_break_a_command(chat: Chat, command: str) -> None:
    for number, text in enumerate(NASTY):
        who, room_id = ((ANNA, "!l"), (BEN, BENS))[number % 2]
        before = len(chat.done)
        chat.say(f"!{command} {text}", who, room_id)
        for effect in chat.done[before:]:
            content = getattr(effect, "content", {})
            error = content.get(RESULT, {}).get("error", {})
            assert error.get("code") != "internal", (command, text)
            assert "<b onclick" not in content.get("formatted_body", "")
        chat.say("abbrechen", who, room_id)


def test_no_answer_to_a_question_breaks_publishing(chat: Chat) -> None:
    for text in NASTY:
        chat.say("!markt neu Veranstaltung Fest")
        for _ in range(4):
            said = chat.say(text)
            error = said.get(RESULT, {}).get("error", {})
            assert error.get("code") != "internal", text
            assert "<b onclick" not in said.get("formatted_body", "")
        chat.say("abbrechen")
