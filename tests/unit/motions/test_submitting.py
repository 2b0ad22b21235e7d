from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.unit.motions.conftest import ANNA, BEN, CEM, Chat, Message


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


def test_a_kind_of_motion_is_not_said_to_be_whom_it_goes_to(chat: Chat) -> None:
    chat.say("!antrag neu allgemein Linden")
    chat.say("Zwölf Linden.")
    chat.say("überspringen")
    asked = chat.say("!antrag 1 einreichen")
    assert "Allgemeiner Antrag" in asked.text
    assert "geht an" not in asked.text


def test_what_took_less_than_a_day_is_not_said_to_take_0_days(chat: Chat) -> None:
    chat.say("!antrag neu allgemein Linden")
    chat.say("Zwölf Linden.")
    chat.say("überspringen")
    chat.say("!antrag 1 einreichen")
    chat.say("ja")
    chat.say("!antrag 1 stand beschlossen")
    text = chat.say("!antrag 1").text
    for end in ("Einreichen", "Beschluss"):
        assert f"weniger als ein Tag vom ersten Wort bis zum {end}" in text
    assert "0 Tage" not in text


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


OFFICE = "rat@stadt.example"


@pytest.fixture
def ready(chat: Chat, motion: Message) -> Message:
    """Motion 1 passes its check, and there is a mail server."""
    assert motion.motion["number"] == 1
    chat.can_mail()
    return chat.say("!antrag 1 begründung Schatten.", BEN)


@pytest.mark.usefixtures("ready")
def test_what_would_leave_the_box_is_shown_exactly_and_is_what_leaves(chat: Chat) -> None:
    chat.say("!antrag 1 mitzeichnen", CEM)
    shown = chat.say(f"!antrag 1 einreichen an {OFFICE} antwort an ben@post.example", BEN)
    for words in (OFFICE, "antrag@w.example", "ben@post.example", "Zwölf Linden", "Cem", ".docx"):
        assert words in shown.text
    assert chat.mails == []
    on_its_way, receipt = chat.hear("ja", BEN)[:2]
    assert on_its_way.motion["state"] == "sending"
    (mail,) = chat.mails
    told = shown.data["mail"]
    assert (mail.to, mail.reply_to, mail.subject) == (OFFICE, "ben@post.example", told["subject"])
    assert mail.text == told["text"]
    assert [file["name"] for file in mail.files] == told["files"]
    assert "1. Die Stadt pflanzt zwölf Linden." in mail.text
    assert receipt.motion["state"] == "submitted"
    assert receipt.data["mail"]["message_id"] == mail.message_id
    assert "250" not in receipt.text, "how mail servers talk is nothing for people"
    assert receipt.data["mail"]["answer"] == "250 OK"
    went_out = [(file["name"], base64.b64decode(file["data"])) for file in mail.files]
    assert chat.files == went_out
    assert [name for name, _ in chat.files] == told["files"]
    assert chat.say("!antrag 1 text Neu.", BEN).code == "motion-frozen"


@pytest.mark.usefixtures("ready")
def test_the_button_sends_it_for_whoever_may(chat: Chat) -> None:
    shown = chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN)
    assert chat.press(shown, "📨", CEM).code == "motion-not-allowed"
    chat.press(shown, "📨", ANNA)
    assert chat.say("!antrag 1").motion["state"] == "submitted"
    assert chat.press(shown, "📨", ANNA).code == "motion-frozen"
    assert len(chat.mails) == 1


@pytest.mark.usefixtures("ready")
def test_a_button_below_older_words_or_for_another_address_sends_nothing(chat: Chat) -> None:
    shown = chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN)
    command = shown.content["de.wecreate.buttons"]["📨"]
    assert chat.say(command.replace(OFFICE, "x@y.example"), BEN).code == "motion-changed-meanwhile"
    chat.say("!antrag 1 text Anders.", ANNA)
    assert chat.press(shown, "📨", BEN).code == "motion-changed-meanwhile"
    assert chat.mails == []


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({"refused": "550 5.1.1 No such user"}, "mail-refused", ": „No such user“."),
        ({"failed": "unreachable"}, "mail-unreachable", "antwortet nicht"),
        ({"failed": "insecure"}, "mail-insecure", "nicht sicher"),
        ({"failed": "login"}, "mail-login", "keine E-Mails"),
    ],
)
def test_what_did_not_go_out_is_told_and_stays_a_draft(
    chat: Chat, answer: dict[str, str], code: str, said: str
) -> None:
    chat.mail_answer = answer
    chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN)
    told = chat.say("ja", BEN)
    assert told.code == code
    assert said in told.text
    assert chat.say("!antrag 1").motion["state"] == "draft"
    assert chat.say("!antrag 1 text Zeile 1: 1. Elf Linden.", BEN).lines[0] == "1. Elf Linden."
    chat.mail_answer = {"accepted": "250 OK"}
    chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN)
    chat.say("ja", BEN)
    first, second = chat.mails
    assert first.message_id != second.message_id


@pytest.mark.usefixtures("ready")
def test_files_that_can_not_be_made_stop_the_mail_and_it_stays_a_draft(
    chat: Chat, tmp_path: Path
) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "motion.docx").write_bytes(b"no Word file")
    chat.house = tmp_path / "house"
    chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN)
    told = chat.say("ja", BEN)
    assert told.code == "mail-document"
    assert chat.mails == []
    assert chat.say("!antrag 1").motion["state"] == "draft"


@pytest.mark.usefixtures("ready")
def test_when_nobody_knows_whether_it_went_out_people_decide(chat: Chat) -> None:
    chat.mail_answer = {"uncertain": True}
    chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN)
    assert chat.say("ja", BEN).code == "mail-uncertain"
    assert chat.say("!antrag 1 text Neu.", BEN).code == "motion-frozen"
    chat.mail_answer = {"accepted": "250 OK"}
    chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN)
    chat.say("ja", BEN)
    first, second = chat.mails
    assert first.message_id == second.message_id
    assert chat.say("!antrag 1").motion["state"] == "submitted"


@pytest.mark.usefixtures("ready")
def test_a_mail_that_did_arrive_is_noted_by_hand(chat: Chat) -> None:
    chat.mail_answer = {"uncertain": True}
    chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN)
    chat.say("ja", BEN)
    assert chat.say("!antrag 1 stand eingereicht", BEN).motion["state"] == "submitted"


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("an rat", "address-unclear"),
        ("an rat@stadt.example,anna@x.example", "address-unclear"),
        ("an rat@stadt", "address-unclear"),
        ("an rät@stadt.example", "address-unclear"),
        ("morgen", "way-unclear"),
    ],
)
def test_other_addresses_are_refused(chat: Chat, typed: str, code: str) -> None:
    assert chat.say(f"!antrag 1 einreichen {typed}", BEN).code == code


@pytest.mark.usefixtures("ready")
def test_without_mail_there_are_files_and_steps(chat: Chat) -> None:
    chat.say(f"!antrag 1 einreichen an {OFFICE} ohne Mail", BEN)
    chat.say("ja", BEN)
    assert chat.mails == []
    assert len(chat.files) == 2


def test_where_no_mail_can_be_sent_an_address_is_refused(chat: Chat, motion: Message) -> None:
    assert motion.motion["number"] == 1
    chat.say("!antrag 1 begründung Schatten.", BEN)
    assert chat.say(f"!antrag 1 einreichen an {OFFICE}", BEN).code == "no-mail-here"
