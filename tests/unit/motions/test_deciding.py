from __future__ import annotations

import pytest

from bots.motions.views import UNKNOWN
from tests.unit.motions.conftest import ANNA, BEN, CEM, Chat, Message
from wecreate_module.services.bodies import shipped_bodies


def test_co_signing_is_one_tap_and_counts_for_these_words(chat: Chat, motion: Message) -> None:
    assert chat.press(motion, "✍️", CEM).motion["cosigners"] == [CEM]
    assert chat.press(motion, "✍️", CEM).motion["cosigners"] == [CEM]
    assert chat.say("!antrag 1 begründung Darum.").motion["cosigners"] == [CEM]
    changed = chat.say("!antrag 1 text Zeile 2: 2. Anders.", BEN)
    assert changed.motion["cosigners"] == []
    assert changed.mentions == [CEM]
    assert "Stehst du noch dahinter?" in changed.text
    assert chat.press(changed, "✍️", CEM).motion["cosigners"] == [CEM]
    assert chat.say("!antrag 1 nicht mitzeichnen", CEM).motion["cosigners"] == []


@pytest.mark.usefixtures("motion")
def test_what_i_have_not_signed_yet(chat: Chat) -> None:
    assert len(chat.say("!antrag offen", CEM).data["motions"]) == 1
    chat.say("!antrag 1 mitzeichnen", CEM)
    assert chat.say("!antrag offen", CEM).data["motions"] == []


def test_nobody_signs_a_blank_sheet(chat: Chat) -> None:
    chat.say("!antrag neu allgemein Leer")
    assert chat.say("!antrag 1 mitzeichnen").code == "motion-without-text"


@pytest.mark.usefixtures("motion")
def test_amendments_are_proposed_seen_and_adopted(chat: Chat) -> None:
    first = chat.say("!antrag 1 änderung Zeile 1: 1. Die Stadt pflanzt elf Linden.", CEM)
    assert "Ä1" in first.text
    assert first.data["amendment"]["lines"] == [1, 1]
    chat.say("!antrag 1 änderung streichen Zeile 2", ANNA)
    chat.say("!antrag 1 änderung einfügen nach Zeile 3: 4. Danke.", CEM)
    reasoned = chat.say("!antrag 1 änderung 2 begründung Zu viel Arbeit.", ANNA)
    assert "Zu viel Arbeit." in reasoned.text
    shown = chat.say("!antrag 1")
    assert "Ä3" in shown.text
    adopted = chat.say("!antrag 1 annehmen Ä1 und Ä3", BEN)
    assert adopted.lines[0] == "1. Die Stadt pflanzt elf Linden."
    assert adopted.lines[-1] == "4. Danke."
    rejected = chat.say("!antrag 1 ablehnen 2", BEN)
    states = [each["state"] for each in rejected.motion["amendments"]]
    assert states == ["adopted", "rejected", "adopted"]


@pytest.mark.usefixtures("motion")
def test_one_tap_adopts_an_amendment_if_one_may(chat: Chat) -> None:
    proposed = chat.say("!antrag 1 änderung Zeile 1: 1. Neu.", CEM)
    assert chat.press(proposed, "✅", CEM).code == "motion-not-allowed"
    assert chat.press(proposed, "✅", ANNA).lines[0] == "1. Neu."


@pytest.mark.usefixtures("motion")
def test_amendments_that_collide_are_for_the_group_to_choose(chat: Chat) -> None:
    chat.say("!antrag 1 änderung Zeile 1-2: Eins.", CEM)
    chat.say("!antrag 1 änderung Zeile 2: Zwei.", CEM)
    assert chat.say("!antrag 1 kollisionen").data["collisions"] == [[1, 2]]
    assert chat.say("!antrag 1 annehmen 1 2", BEN).code == "amendments-collide"
    chat.say("!antrag 1 annehmen 2", BEN)
    assert chat.say("!antrag 1 annehmen 1", BEN).code == "amendment-outdated"
    assert chat.say("!antrag 1 annehmen 7", BEN).code == "amendment-not-found"
    assert chat.say("!antrag 1 annehmen alle", BEN).code == "amendments-unclear"
    assert chat.say("!antrag 1 änderung alles besser").code == "amendment-unclear"


@pytest.mark.usefixtures("motion")
def test_the_check_names_what_is_missing_and_what_is_not_known(chat: Chat) -> None:
    answer = chat.say("!antrag 1 prüfen")
    assert [(each["code"], each["level"]) for each in answer.motion["findings"]] == [
        ("section-missing", "error"),
        ("hint", "hint"),
    ]
    assert "„Begründung“ fehlt noch" in answer.text
    assert "wann es tagt" in answer.text
    chat.say("!antrag 1 begründung ???")
    chat.say("!antrag 1 text anhängen: Kosten: XXX")
    answer = chat.say("!antrag 1 prüfen")
    assert "Alles da" in answer.text
    assert "Zeile 4: Das sieht unfertig aus." in answer.text


@pytest.mark.usefixtures("motion")
def test_what_became_of_it_is_noted_and_the_text_stays(chat: Chat) -> None:
    assert chat.say("!antrag 1 stand eingereicht", CEM).code == "motion-not-allowed"
    assert chat.say("!antrag 1 stand beschlossen", BEN).code == "motion-state-order"
    assert chat.say("!antrag 1 stand eingereicht", BEN).motion["state"] == "submitted"
    assert chat.say("!antrag 1 text Neu.", BEN).code == "motion-frozen"
    assert chat.say("!antrag 1 änderung streichen Zeile 1").code == "motion-frozen"
    chat.say("!antrag 1 stand Nummer VII-A-00605", BEN)
    chat.say("!antrag 1 stand beschlossen mit Änderungen", BEN)
    shown = chat.say("!antrag 1 stand")
    assert shown.motion["state"] == "adopted"
    assert "VII-A-00605" in shown.text
    assert "mit Änderungen" in shown.text
    assert chat.say("!antrag 1 stand super", BEN).code == "state-unclear"


@pytest.mark.usefixtures("motion")
def test_a_whole_changed_text_is_taken_apart(chat: Chat) -> None:
    text = "1. Die Stadt pflanzt elf Linden.\n2. Sie berichtet halbjährlich.\n3. Kosten: keine."
    answer = chat.say(f"!antrag 1 änderung text: {text}", CEM)
    assert [each["lines"] for each in answer.motion["amendments"]] == [[1, 1], [3, 3]]
    assert chat.say("!antrag 1 annehmen 1 2", BEN).lines == text.split("\n")


@pytest.mark.usefixtures("motion")
def test_amendments_are_co_signed_too(chat: Chat) -> None:
    proposed = chat.say("!antrag 1 änderung Zeile 1: 1. Elf.", CEM)
    signed = chat.press(proposed, "✍️", ANNA)
    assert signed.data["amendment"]["cosigners"] == [ANNA]
    assert chat.say("!antrag 1 änderung 1 mitzeichnen", CEM).data["amendment"]["cosigners"] == [
        ANNA
    ]
    assert "Cem, Anna" in chat.say("!antrag 1").text
    gone = chat.say("!motion 1 amendment 1 uncosign", ANNA)
    assert gone.data["amendment"]["cosigners"] == []


@pytest.mark.usefixtures("motion")
def test_an_amendment_is_adopted_in_other_words(chat: Chat) -> None:
    chat.say("!antrag 1 änderung streichen Zeile 2", CEM)
    chat.say("!antrag 1 änderung Zeile 1: 1. Elf.", CEM)
    assert chat.say("!antrag 1 annehmen Ä1 Ä2 als: x", BEN).code == "one-at-a-time"
    adopted = chat.say("!antrag 1 annehmen Ä1 als: 2. Sie berichtet jährlich: kurz.", BEN)
    assert adopted.lines[1] == "2. Sie berichtet jährlich: kurz."
    first = adopted.motion["amendments"][0]
    assert (first["state"], first["adopted_as"]) == ("adopted", "2. Sie berichtet jährlich: kurz.")
    assert "angenommen als" in chat.say("!antrag 1 änderung 1").text


@pytest.mark.usefixtures("motion")
def test_the_group_chooses_between_amendments_to_the_same_lines(chat: Chat) -> None:
    chat.say("!antrag 1 änderung Zeile 1-2: Eins.", CEM)
    chat.say("!antrag 1 änderung Zeile 2: Zwei.", ANNA)
    shown = chat.say("!antrag 1 kollisionen")
    assert shown.data["collisions"] == [[1, 2]]
    assert "2. Sie berichtet halbjährlich." in shown.text
    chosen = chat.press(shown, "2️⃣", ANNA)
    assert [each["state"] for each in chosen.motion["amendments"]] == ["rejected", "adopted"]
    assert chosen.lines[1] == "Zwei."
    assert chat.say("!antrag 1 kollisionen").data["collisions"] == []


@pytest.mark.usefixtures("motion")
def test_the_history_says_which_amendment_made_which_line(chat: Chat) -> None:
    chat.say("!antrag 1 änderung Zeile 1: 1. Die Stadt pflanzt elf Linden.", CEM)
    chat.say("!antrag 1 änderung einfügen nach Zeile 3: 4. Danke.", CEM)
    chat.say("!antrag 1 annehmen Ä1", BEN)
    chat.say("!antrag 1 annehmen Ä2 als: 4. Bitte.", BEN)
    chat.say("!antrag 1 text Zeile 3: 3. Nichts.", BEN)
    told = chat.say("!antrag 1 zeilen")
    latest = [(number, made[-1][1], made[-1][0]) for number, _, made in told.data["lines"]]
    assert latest == [(1, "Ä1", 3), (2, "", 2), (3, "", 5), (4, "Ä2 (geändert)", 4)]
    assert "elf Linden. · Ä1" in told.text
    assert [version for version, _, _ in told.data["lines"][0][2]] == [2, 3]


@pytest.mark.usefixtures("motion")
def test_what_waits_for_me_are_votes_signatures_and_amendments(chat: Chat) -> None:
    chat.say("!antrag 1 änderung Zeile 1: 1. Elf.", BEN)
    chat.say("!antrag 1 abstimmen", BEN)
    told = chat.say("!antrag offen", CEM)
    assert [vote["motion"] for vote in told.data["votes"]] == [1]
    assert [each["number"] for each in told.data["amendments"]] == [1]
    assert "!antrag 1 ja" in told.text
    for command in ("ja", "mitzeichnen", "änderung 1 mitzeichnen"):
        chat.say(f"!antrag 1 {command}", CEM)
    nothing = chat.say("!antrag offen", CEM)
    assert nothing.data == {"motions": [], "votes": [], "amendments": []}
    assert nothing.text.startswith("Nichts")


def test_who_takes_the_reaction_back_takes_the_signature_back(chat: Chat, motion: Message) -> None:
    chat.press(motion, "✍️", CEM)
    pressed = chat.newest_event
    assert chat.redacts(pressed, ANNA) == []
    (told,) = chat.redacts(pressed, CEM)
    assert told.motion["cosigners"] == []
    assert "Cem" in told.text
    assert chat.redacts(pressed, CEM) == []


def test_co_signers_come_from_so_many_chapters(chat: Chat) -> None:
    chat.say("!antrag neu Initiativantrag Linden")
    chat.say("später")
    chat.say("!antrag 1 text Zwölf Linden.")
    signed = chat.say("!antrag 1 mitzeichnen für UB Süd", CEM)
    chat.say("!antrag 1 mitzeichnen", BEN)
    assert signed.motion["chapters"] == ["UB Süd"]
    assert signed.motion["required_chapters"] == 4
    checked = chat.say("!antrag 1 prüfen")
    assert "aus 1 von 4 Gliederungen" in checked.text
    assert chat.say("!antrag 1 mitzeichnen für UB Nord", CEM).motion["chapters"] == ["UB Nord"]


@pytest.mark.parametrize("body", [each.id for each in shipped_bodies().all])
def test_whatever_is_not_known_of_a_body_is_said_in_words(chat: Chat, body: str) -> None:
    unknown = shipped_bodies().get(body)
    assert unknown is not None
    chat.say(f"!antrag neu {body} Linden")
    chat.say("später")
    checked = chat.say("!antrag 1 prüfen").text
    page = chat.say(f"!gremien {body}").text
    german = chat.app.translators["de"]
    for field in unknown.unknown:
        assert german(UNKNOWN[field]) in checked, field
        assert german(UNKNOWN[field]) in page, field
