"""What became of a motion, in its body's terms; and its way from Box to Box."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.unit.motions.conftest import ANNA, BOT, CEM, ROOM, Chat
from wecreate_module.domain.boxes import Box
from wecreate_module.services.export import collect
from wecreate_module.storage.rooms import Room

OTHER = "!other"


def handed_in(chat: Chat, body: str = "allgemein") -> None:
    chat.say(f"!antrag neu {body} Linden")
    chat.say("später")
    for part in ("text 1. Zwölf Linden.", "begründung Schatten."):
        chat.say(f"!antrag 1 {part}")
    if "Ortsverein" in body:
        chat.say("!antrag 1 abschnitt Antragsteller:in: OV Süd")
    chat.passes(timedelta(days=10))
    chat.say("!antrag 1 einreichen")
    chat.say("ja")


def test_a_city_motions_way_is_told_in_the_citys_terms(chat: Chat) -> None:
    handed_in(chat, "Stadtrat")
    chat.passes(timedelta(days=5))
    said = {
        "Nummer VII-A-00605": "submitted",
        "überwiesen an den Ausschuss für Umwelt": "referred",
        "Verwaltungsstandpunkt Zustimmung mit Ergänzung: nur elf": "referred",
        "zurückgestellt": "deferred",
        "geändert beschlossen am 3.2.": "adopted",
        "Beschlusstext: 1. Elf Linden.": "adopted",
        "Notiz Die Linden stehen.": "adopted",
    }
    for words, state in said.items():
        assert chat.say(f"!antrag 1 stand {words}").motion["state"] == state, words
    motion = chat.say("!antrag 1").motion
    assert motion["body_number"] == "VII-A-00605"
    assert motion["decided_text"] == "1. Elf Linden."
    assert motion["news"][2]["text"] == "Verwaltungsstandpunkt: Zustimmung mit Ergänzung: nur elf"
    assert (motion["days_to_submission"], motion["days_to_decision"]) == (10, 15)
    text = chat.say("!antrag 1 stand").text
    for words in ("Ausschuss für Umwelt", "10 Tage", "15 Tage", "Elf Linden"):
        assert words in text


@pytest.mark.parametrize(
    ("body", "words", "state"),
    [
        ("Landesparteitag", "Annahme in der Fassung der Antragskommission", "adopted"),
        ("Landesparteitag", "Erledigt durch A7", "settled"),
        ("Landesparteitag", "Überweisung an den Landesvorstand", "referred"),
        ("Stadtrat", "zur Kenntnis genommen", "noted"),
        ("Stadtrat", "ungeändert beschlossen", "adopted"),
        ("allgemein", "abgelehnt", "rejected"),
        ("allgemein", "adopted", "adopted"),
    ],
)
def test_decisions_are_known_by_the_bodies_own_words(
    chat: Chat, body: str, words: str, state: str
) -> None:
    chat.say(f"!antrag neu {body} Linden")
    chat.say("später")
    chat.say("!antrag 1 stand eingereicht")
    told = chat.say(f"!antrag 1 stand {words}")
    assert told.motion["state"] == state
    assert told.motion["news"][-1]["text"] == words


def test_other_words_and_other_people_change_nothing(chat: Chat) -> None:
    handed_in(chat)
    assert chat.say("!antrag 1 stand vielleicht").code == "state-unclear"
    assert chat.say("!antrag 1 stand abgelehnt", CEM).code == "motion-not-allowed"
    assert chat.say("!antrag 1 stand entwurf").code in {"motion-frozen", "motion-state-order"}


def test_a_file_can_come_with_the_news(chat: Chat) -> None:
    handed_in(chat)
    (told,) = chat.sends("Protokoll.pdf", b"%PDF", caption="!antrag 1 stand geändert beschlossen")
    assert told.motion["state"] == "adopted"
    assert told.motion["news"][-1]["file"] == "Protokoll.pdf"
    assert "📎 Protokoll.pdf" in chat.say("!antrag 1").text


@pytest.fixture
def other(chat: Chat) -> Box:
    """The Unterbezirk's Box on the same server, with Anna in it."""
    box = Box("box2", OTHER, "Unterbezirk Leipzig", "de", "Europe/Berlin", ANNA, chat.now)
    with chat.store.begin(chat.now) as uow:
        levels = {"users": {ANNA: 100, BOT: 100}}
        uow.rooms.save(Room(OTHER, encrypted=True, power_levels=levels, creator=ANNA))
        uow.boxes.add(box)
        for user_id in (ANNA, BOT):
            uow.rooms.set_member(OTHER, user_id, "join", None)
    return box


def test_a_motion_goes_up_the_chain_and_news_come_down(chat: Chat, other: Box) -> None:
    handed_in(chat, "Ortsverein")
    chat.passes(timedelta(days=5))
    assert chat.say(f"!antrag 1 weitergeben {other.name}", CEM).code == "motion-not-allowed"
    told = chat.hear(f"!antrag 1 weitergeben {other.name}")
    offer = next(message for message in told if message.room_id == OTHER)
    assert offer.data["offer"]["body"] == "spd-unterbezirk"
    taken = chat.hear("!antrag übernehmen 1 Fassung 2 als A12", ANNA, OTHER)
    motion = next(message for message in taken if message.room_id == OTHER).motion
    assert (motion["number"], motion["body"], motion["version"]) == (12, "spd-unterbezirk", 1)
    assert motion["lines"] == [[1, "1. Zwölf Linden."]]
    assert motion["origin"]["version"] == 2
    assert any("hat A1 übernommen" in message.text for message in taken if message.room_id == ROOM)
    assert chat.say("!antrag übernehmen", ANNA, OTHER).code == "no-offer"
    chat.say("!antrag 12 stand eingereicht", ANNA, OTHER)
    came_back = chat.hear("!antrag 12 stand Annahme in geänderter Fassung", ANNA, OTHER)
    assert any(message.room_id == ROOM for message in came_back)
    news = chat.say("!antrag 1").motion["news"]
    assert news[-1]["text"] == "Unterbezirk Leipzig A12: Annahme in geänderter Fassung"
    decided = chat.say("!antrag 12", ANNA, OTHER).motion
    assert decided["days_to_decision"] == 15  # since the first idea, in the Box below


def test_to_a_partners_box_it_goes_as_a_file(chat: Chat, other: Box) -> None:
    handed_in(chat, "Ortsverein")
    chat.say("!antrag 1 weitergeben")
    name, data = chat.files[-1]
    assert name == "A1.antrag.json"
    assert b"@anna" not in data
    assert other.room_id == OTHER
    content = chat.sends(name, data, ANNA, room_id=OTHER)
    assert content[-1].data["offer"]["title"] == "Linden"
    taken = chat.press(content[-1], "✅", ANNA, room_id=OTHER)
    assert taken.motion["lines"] == [[1, "1. Zwölf Linden."]]
    assert taken.motion["origin"]["box_id"] == ""


@pytest.mark.parametrize("change", ["words", "kind", "nothing", "deep", "type"])
def test_a_file_that_was_changed_on_the_way_is_not_taken(chat: Chat, change: str) -> None:
    handed_in(chat)
    chat.say("!antrag 1 weitergeben")
    name, data = chat.files[-1]
    found = json.loads(data)
    if change == "words":
        found["versions"][-1]["sections"]["text"] = "1. Keine Linden."
    if change == "kind":
        found["kind"] = "other"
    if change == "type":
        found["versions"] = {"0": "x"}
    broken = {"nothing": b"", "deep": b"[" * 100_000}.get(change, json.dumps(found).encode())
    (refused,) = chat.sends(name, broken)
    assert refused.code == "offer-broken"


def test_numbers_that_were_given_are_not_given_again(chat: Chat) -> None:
    handed_in(chat)
    chat.say("!antrag 1 weitergeben")
    name, data = chat.files[-1]
    chat.sends(name, data)
    assert chat.say("!antrag übernehmen 1 als 1").code == "number-taken"
    assert chat.say("!antrag übernehmen 1 Fassung 9").code == "offer-version"
    assert chat.say("!antrag übernehmen 1 als 2026/O/06 für Stadtrat").motion["body_number"] == (
        "2026/O/06"
    )
    assert chat.say("!antrag neu allgemein Danach").motion["number"] == 3


def test_the_boxs_own_export_holds_motions_with_all_their_versions(chat: Chat) -> None:
    handed_in(chat)
    with chat.store.begin(chat.now) as uow:
        (exported,) = collect(uow, chat.box, BOT)["motions"]
    assert [each["number"] for each in exported["versions"]] == [1, 2, 3]
    assert exported["versions"][1]["sections"] == {"text": "1. Zwölf Linden."}
    assert exported["state"] == "submitted"
    assert json.loads(json.dumps(exported)) == exported
