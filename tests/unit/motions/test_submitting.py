from __future__ import annotations

import pytest

from tests.unit.motions.conftest import ANNA, BEN, CEM, Chat


@pytest.mark.usefixtures("motion")
def test_only_what_passes_the_check_can_be_handed_in(chat: Chat) -> None:
    assert chat.say("!antrag 1 einreichen", BEN).code == "motion-not-ready"
    chat.say("!antrag 1 begründung Schatten.", BEN)
    assert chat.say("!antrag 1 einreichen", CEM).code == "motion-not-allowed"
    asked = chat.say("!antrag 1 einreichen", BEN)
    assert "Stadtbezirksbeirat Leipzig-Südwest" in asked.text
    assert "3 Zeilen" in asked.text


@pytest.mark.usefixtures("motion")
def test_a_plain_yes_freezes_the_text_and_gives_files_and_steps(chat: Chat) -> None:
    chat.say("!antrag 1 begründung Schatten.", BEN)
    chat.say("!antrag 1 einreichen", BEN)
    ready = chat.say("ja", BEN)
    assert [each["format"] for each in ready.data["files"]] == ["docx", "pdf"]
    assert len(chat.files) == 2
    assert chat.say("!antrag 1").motion["state"] == "submitted"
    assert chat.say("!antrag 1 text Neu.", BEN).code == "motion-frozen"
    assert chat.say("!antrag 1 einreichen", BEN).code == "motion-frozen"


@pytest.mark.usefixtures("motion")
def test_anything_else_leaves_a_draft(chat: Chat) -> None:
    chat.say("!antrag 1 begründung Schatten.", BEN)
    chat.say("!antrag 1 einreichen", BEN)
    assert "bleibt ein Entwurf" in chat.say("lieber nicht", BEN).text
    assert chat.say("!antrag 1").motion["state"] == "draft"
    assert chat.files == []


@pytest.mark.usefixtures("motion")
def test_words_that_changed_since_they_were_shown_are_not_handed_in(chat: Chat) -> None:
    chat.say("!antrag 1 begründung Schatten.", BEN)
    chat.say("!antrag 1 einreichen", BEN)
    chat.say("!antrag 1 text Zeile 1: 1. Ganz anders.", ANNA)
    assert chat.say("ja", BEN).code == "motion-changed-meanwhile"
    assert chat.say("!antrag 1").motion["state"] == "draft"


def test_what_was_handed_in_exports_the_same_words_for_ever(chat: Chat) -> None:
    chat.say("!antrag neu allgemein Linden")
    chat.say("Zwölf Linden.")
    chat.say("überspringen")
    chat.say("!antrag 1 einreichen")
    chat.say("ja")
    chat.files.clear()
    for _ in range(2):
        chat.say("!antrag 1 export antragsbuch pdf docx odt html md txt")
    first, second = chat.files[:6], chat.files[6:]
    assert [name for name, _ in first] == [name for name, _ in second]
    for (name, one), (_, other) in zip(first, second, strict=True):
        assert one == other or name.endswith(".docx"), name
