from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.motions.conftest import ANNA, BEN, DIRECT, TEXT, Chat, Message


def test_the_body_asks_its_own_questions_one_by_one(chat: Chat) -> None:
    asked = chat.say("!antrag neu SBB Südwest Zwölf Linden für die Karl-Heine-Straße")
    assert "1/3 · Beschlussvorschlag" in asked.text
    asked = chat.say(TEXT)
    assert "2/3 · Begründung" in asked.text
    asked = chat.say("Weil Schatten fehlt.")
    assert "3/3 · Finanzielle Auswirkungen" in asked.text
    done = chat.say("überspringen")
    assert done.motion["title"] == "Zwölf Linden für die Karl-Heine-Straße"
    assert done.motion["body"] == "leipzig-sbb-suedwest"
    assert done.lines == TEXT.split("\n")
    assert "Weil Schatten fehlt." in done.text


def test_one_can_go_back_and_go_on_later(chat: Chat) -> None:
    chat.say("!antrag neu Stadtrat Linden")
    chat.say("Erster Versuch.")
    asked = chat.say("zurück")
    assert "Bisher steht da: Erster Versuch." in asked.text
    chat.say("Zweiter Versuch.")
    assert "!antrag 1 weiter" in chat.say("später").text
    assert chat.say("!antrag 1").lines == ["Zweiter Versuch."]


def test_what_is_missing_is_asked_for(chat: Chat) -> None:
    assert "Gremium" in chat.say("!antrag neu").text
    assert "heißen" in chat.say("allgemein").text
    assert "1/2 · Antragstext" in chat.say("Mehr Bänke").text


def test_a_body_that_nobody_knows_is_asked_back_and_nothing_is_begun(chat: Chat) -> None:
    assert chat.say("!antrag neu Weltrat Frieden").code == "body-unknown"
    assert chat.say("!antrag neu Ortschaftsrat Frieden").code == "body-ambiguous"
    slip = chat.say("!antrag neu SBB Südwesst Mehr Bänke")
    assert "Stadtbezirksbeirat Leipzig-Südwest" in slip.text
    assert "Mehr Bänke" not in slip.text
    assert chat.say("!anträge").data == {"motions": []}


def test_several_motions_live_in_one_box(chat: Chat) -> None:
    chat.say("!antrag neu allgemein Eins")
    chat.say("!antrag neu Stadtrat Zwei", BEN)
    chat.say("Text von Ben.", BEN)
    chat.say("Text von Anna.", ANNA)
    assert chat.say("!antrag 1").lines == ["Text von Anna."]
    assert chat.say("!antrag 2").lines == ["Text von Ben."]
    assert [each["title"] for each in chat.say("!anträge").data["motions"]] == ["Eins", "Zwei"]


@pytest.mark.usefixtures("motion")
def test_lines_are_changed_by_their_numbers(chat: Chat) -> None:
    answer = chat.say("!antrag 1 text Zeile 2: 2. Sie berichtet jährlich.")
    assert answer.lines[1] == "2. Sie berichtet jährlich."
    assert len(chat.say("!antrag 1 text streichen Zeile 3").lines) == 2
    assert chat.say("!antrag 1 text nach Zeile 2: 3. Neu.").lines[2] == "3. Neu."
    assert chat.say("!antrag 1 text anhängen: 4. Mehr.").lines[3] == "4. Mehr."
    assert chat.say("!antrag 1 text Zeile 9: x").code == "line-not-found"


@pytest.mark.usefixtures("motion")
def test_line_numbers_of_an_older_version_are_followed(chat: Chat) -> None:
    chat.say("!antrag 1 text nach Zeile 0: Vorweg.")
    answer = chat.say("!antrag 1 text Fassung 2 Zeile 3: 3. Kosten: keine.", ANNA)
    assert answer.lines[0] == "Vorweg."
    assert answer.lines[3] == "3. Kosten: keine."


@pytest.mark.usefixtures("motion")
def test_what_changed_is_shown_in_words_without_colour(chat: Chat) -> None:
    chat.say("!antrag 1 text Zeile 1: 1. Die Stadt pflanzt elf Linden.")
    answer = chat.say("!antrag 1 fassung 2..3")
    assert "[-zwölf-][+elf+]" in answer.text
    assert answer.data["versions"] == [2, 3]
    assert chat.say("!antrag 1 fassung").data["versions"] == [2, 3]
    assert chat.say("!antrag 1 fassung 2..9").code == "version-not-found"
    assert chat.say("!antrag 1 fassung alle").code == "versions-unclear"


@pytest.mark.usefixtures("motion")
def test_other_parts_are_found_by_their_titles(chat: Chat) -> None:
    answer = chat.say("!antrag 1 abschnitt finanzielle: 24.000 €")
    assert "24.000 €" in answer.text
    assert chat.say("!antrag 1 begründung Schatten!").motion["version"] == 4
    assert chat.say("!antrag 1 abschnitt Wetter: schön").code == "section-unknown"
    assert chat.say("!antrag 1 abschnitt Wetter").code == "section-unclear"
    assert chat.say("!antrag 1 titel Elf Linden").motion["title"] == "Elf Linden"


def test_words_are_never_markup_in_the_chat(chat: Chat, motion: Message) -> None:
    assert motion.motion["number"] == 1
    hostile = "<img src=x onerror=alert(1)> {{ 7*7 }} {title} @room"
    answer = chat.say(f"!antrag 1 text {hostile}")
    assert "<img" not in answer.html
    assert "{{ 7*7 }} {title}" in answer.text
    assert "@room" not in answer.html


@pytest.mark.usefixtures("motion")
def test_a_motion_that_is_not_there_is_said_so(chat: Chat) -> None:
    assert chat.say("!antrag 9").code == "motion-not-found"
    assert chat.say("!antrag 9 export pdf").code == "motion-not-found"


def test_bodies_can_be_looked_up_anywhere(chat: Chat) -> None:
    assert len(chat.say("!gremien").data["bodies"]) == 35
    page = chat.say("!gremien Stadtrat", room_id=DIRECT)
    assert page.data["body"]["id"] == "leipzig-stadtrat"
    assert "also fragt nach" in page.text
    assert len(chat.say("!gremien Ortschaftsrat").data["bodies"]) == 14


@pytest.mark.usefixtures("motion")
def test_a_long_motion_fits_into_a_message(chat: Chat) -> None:
    for _ in range(15):
        chat.say("!antrag 1 text anhängen: " + "Ein langer Satz mit Worten. " * 200)
    answer = chat.say("!antrag 1")
    assert len(str(answer.content)) < 65_000
    assert "weitere Zeilen" in answer.text


def test_the_questions_come_in_a_thread_and_a_word_of_it_outside(chat: Chat) -> None:
    here, asked = chat.hear("!antrag neu allgemein Bänke")
    assert here.thread is None
    assert "im Thread" in here.text
    assert asked.thread is not None
    (following,) = chat.hear("Zehn Bänke.", thread=asked.thread)
    assert following.thread == asked.thread
    assert following.data["asked"] == "reason"


def test_several_motions_are_drafted_side_by_side(chat: Chat) -> None:
    first = chat.say("!antrag neu allgemein Eins").thread
    second = chat.say("!antrag neu allgemein Zwei").thread
    chat.say("!anträge")
    chat.hear("Text eins.", thread=first)
    chat.hear("Text zwei.", thread=second)
    assert chat.say("!antrag 1").lines == ["Text eins."]
    assert chat.say("!antrag 2").lines == ["Text zwei."]


def test_one_goes_on_where_something_is_empty(chat: Chat) -> None:
    chat.say("!antrag neu SBB Süd Linden")
    chat.say("Zehn Linden.")
    chat.say("später")
    asked = chat.say("!antrag 1 weiter", BEN)
    assert asked.data["asked"] == "reason"
    chat.hear("Schatten.", BEN, thread=asked.thread)
    assert chat.say("!antrag 1 weiter").data["asked"] == "finance"


def test_an_answer_may_be_a_file(chat: Chat) -> None:
    thread = chat.say("!antrag neu allgemein Bänke").thread or ""
    (asked,) = chat.sends("Text.md", "1. Zehn Bänke.\n2. Bald.".encode(), thread=thread)
    assert asked.data["asked"] == "reason"
    assert asked.thread == thread
    (refused,) = chat.sends("Bild.png", b"x", thread=thread)
    assert refused.code == "file-kind-unknown"
    chat.hear("Weil viele warten.", thread=thread)
    assert chat.say("!antrag 1").lines == ["1. Zehn Bänke.", "2. Bald."]


@pytest.mark.usefixtures("motion")
def test_a_files_caption_says_where_it_belongs(chat: Chat) -> None:
    (answer,) = chat.sends("neu.txt", b"Elf Linden.", BEN, caption="!antrag 1 text")
    assert answer.lines == ["Elf Linden."]
    chat.sends("warum.txt", b"Schatten.", BEN, caption="!antrag 1 begründung")
    chat.sends("geld.txt", b"Nichts.", BEN, caption="!antrag 1 abschnitt Finanz")
    assert "Nichts." in chat.say("!antrag 1").text
    assert chat.sends("egal.txt", b"Nur so.", BEN) == []
    assert chat.say("!antrag 1").lines == ["Elf Linden."]


@pytest.mark.usefixtures("motion")
def test_what_another_just_wrote_is_replaced_knowingly_and_can_be_had_back(chat: Chat) -> None:
    chat.say("!antrag 1 text Von Ben.", BEN)
    told = chat.say("!antrag 1 text Von Anna.", ANNA)
    assert told.lines == ["Von Anna."]
    assert "Ben Meier" in told.text
    assert chat.press(told, "↩️", BEN).lines == ["Von Ben."]
    assert chat.say("!antrag 1 zurück 2").lines == TEXT.split("\n")
    assert chat.say("!antrag 1").motion["version"] == 6


@pytest.mark.usefixtures("motion")
def test_what_was_written_long_ago_is_replaced_at_once(chat: Chat) -> None:
    chat.passes(timedelta(hours=1))
    told = chat.say("!antrag 1 text Neu.", ANNA)
    assert told.lines == ["Neu."]
    assert "Ben" not in told.text


@pytest.mark.parametrize(
    ("choice", "lines"),
    [
        ("ersetzen", ["Von Anna."]),
        ("anhängen", ["Von Ben.", "Von Anna."]),
        ("behalten", ["Von Ben."]),
    ],
)
def test_a_question_knows_what_was_written_while_it_waited(
    chat: Chat, choice: str, lines: list[str]
) -> None:
    thread = chat.say("!antrag neu allgemein Bänke").thread
    chat.say("!antrag 1 text Von Ben.", BEN)
    chat.passes(timedelta(hours=2))
    (asked,) = chat.hear("Von Anna.", thread=thread)
    assert "Von Ben." in asked.text
    (following,) = chat.hear(choice, thread=thread)
    assert following.data["asked"] == "reason"
    assert chat.say("!antrag 1").lines == lines
