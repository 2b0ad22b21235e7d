"""Dates amid other words, talk that has none, and dates that there are not."""

from __future__ import annotations

import pytest

from tests.unit.domain.test_dates_table import BERLIN, NOW, as_text
from wecreate_module.domain.dates import find_moment, parse_moment
from wecreate_module.domain.errors import UserError

SENTENCES = [
    ("Kuchen backen bis Freitag", "2026-11-27", "Kuchen backen"),
    ("Kuchen backen bis Freitag 18 Uhr", "2026-11-27T18:00", "Kuchen backen"),
    ("Kuchen backen bis 24.12", "2026-12-24", "Kuchen backen"),
    ("Kuchen backen, bis zum 24.12.", "2026-12-24", "Kuchen backen"),
    ("bis Freitag Kuchen backen", "2026-11-27", "Kuchen backen"),
    ("Kuchen bis So", "2026-11-29", "Kuchen"),
    ("Kuchen bis Freitag für das Fest", "2026-11-27", "Kuchen für das Fest"),
    ("Kuchen backen morgen", "2026-11-26", "Kuchen backen"),
    ("Kuchen backen am Freitag um 18 Uhr", "2026-11-27T18:00", "Kuchen backen"),
    ("Kuchen backen Fr 18 Uhr", "2026-11-27T18:00", "Kuchen backen"),
    ("Kuchen backen 24.12.", "2026-12-24", "Kuchen backen"),
    ("Kuchen backen in 2 Wochen", "2026-12-09", "Kuchen backen"),
    ("Anrufen 18:30", "2026-11-25T18:30", "Anrufen"),
    ("Zelte abbauen Ende der Woche", "2026-11-29", "Zelte abbauen"),
    ("bake a cake by friday", "2026-11-27", "bake a cake"),
    ("bake a cake due friday 6pm", "2026-11-27T18:00", "bake a cake"),
    ("bake a cake due by friday", "2026-11-27", "bake a cake"),
    ("bake a cake due: tomorrow", "2026-11-26", "bake a cake"),
    ("bake a cake tomorrow at 9", "2026-11-26T09:00", "bake a cake"),
    ("bis morgen", "2026-11-26", ""),
    ("Kuchen bis spätestens Freitag 18 Uhr", "2026-11-27T18:00", "Kuchen"),
    ("bis Freitag 3 Kuchen backen", "2026-11-27", "3 Kuchen backen"),
    ("Kuchen bis Freitag 18", "2026-11-27T18:00", "Kuchen"),
    ("Plätzchen bis Weihnachten", "2026-12-24", "Plätzchen"),
    ("Antrag (bis Freitag) einreichen", "2026-11-27", "Antrag einreichen"),
    ("Finish the report by end of month!", "2026-11-30", "Finish the report!"),
    ("due friday: bake a cake", "2026-11-27", "bake a cake"),
    ("Morgen Kuchen backen", "2026-11-26", "Kuchen backen"),
    ("am Freitag Kuchen backen", "2026-11-27", "Kuchen backen"),
    ("Sonntag 15 Uhr Kuchen backen", "2026-11-29T15:00", "Kuchen backen"),
    ("nächste Woche Angebot einholen", "2026-11-30", "Angebot einholen"),
    ("in 2 weeks call the town hall", "2026-12-09", "call the town hall"),
    ("Kuchen backen 24.12. 🎄", "2026-12-24", "Kuchen backen 🎄"),
    ("Kuchen backen 30. Nov.", "2026-11-30", "Kuchen backen"),
    ("Eier färben Good Friday", "2027-03-26", "Eier färben"),
    ("Kuchen bis 1. Weihnachtstag", "2026-12-25", "Kuchen"),
    ("Kuchen heute Mittwoch", "2026-11-25", "Kuchen"),
    ("Kuchen bis in 1.5 Stunden", "2026-11-25T11:30", "Kuchen"),
    ("Kuchen am 5. nächsten Monats", "2026-12-05", "Kuchen"),
    ("Party Silvester 20 Uhr", "2026-12-31T20:00", "Party"),
    ("Feier 1. Weihnachtstag 15 Uhr", "2026-12-25T15:00", "Feier"),
    ("Treffen Do 26. um halb acht", "2026-11-26T07:30", "Treffen"),
    ("Garten am Ersten um 10 Uhr", "2026-12-01T10:00", "Garten"),
    ("Kino Fr 19.30", "2026-11-27T19:30", "Kino"),
]

NO_DATE = [
    "Kuchen backen",
    "",
    "Kuchen für Samstag",
    "cake for friday",
    "What to do",
    "Mach es so",
    "enjoy the sun",
    "Raum 12",
    "Buch 1984 lesen",
    "Version 2.10",
    "Butter 1/2",
    "Psalm 34:85",
    "von 10 bis 12 Uhr offen",
    "Arbeiten bis zum Umfallen",
    "Stand by me",
    "10 bis 12 Leute fragen",
    "Bericht über März",
    "Deko Weihnachten",
    "Wochenende planen",
    "Nacht der Museen planen",
    "So machen wir das",
    "Heute-Journal schauen",
    "Treffen 18-20 Uhr",
    "Infostand am Samstag von 10 bis 14 Uhr",
    "Plakat für das Fest am 5.12. drucken",
    "Protokoll vom 24.11. verschicken",
    "alles im Mai",
    "Seite 24-12",
    "Protokoll letzten Montag",
    "minutes of last monday",
    "This we do",
    "Kuchen für die 3. Klasse",
    "Silvester planen",
    "Geschenke 2. Advent",
]

IMPOSSIBLE = [
    ("31.02.", "date-impossible"),
    ("30.02.2026", "date-impossible"),
    ("29.02.2027", "date-impossible"),
    ("KW 54", "week-impossible"),
    ("KW 53 2027", "week-impossible"),
    ("Ostern 9999", "year-impossible"),
    ("Freitag in 3 Tagen", "date-unknown"),
    ("5. Advent", "date-unknown"),
    ("32.12.", "date-impossible"),
    ("00.00.", "date-impossible"),
    ("12/24", "date-impossible"),
    ("24.13.", "date-impossible"),
    ("31. April", "date-impossible"),
    ("february 30", "date-impossible"),
    ("2026-02-31", "date-impossible"),
    ("25 Uhr", "time-impossible"),
    ("18:75", "time-impossible"),
    ("2026-12-24T25:00", "time-impossible"),
    ("Fr 27 Uhr", "time-impossible"),
    ("24.12.99999", "year-impossible"),
    ("24.12.1850", "year-impossible"),
    ("24. Dezember 99999", "year-impossible"),
    ("in 99999 Jahren", "year-impossible"),
    ("in 999999 Tagen", "year-impossible"),
    ("in 99999999999999 Tagen", "year-impossible"),
    ("Freitag, 26.11.", "weekday-wrong"),
    ("irgendwann", "date-unknown"),
    ("", "date-unknown"),
    ("Fritag", "date-unknown"),
    ("12", "date-unknown"),
    ("morgen Freitag Kuchen", "date-unknown"),
    ("heute heute", "date-unknown"),
    ("1.1.0000", "year-impossible"),
    ("24.12.026", "year-impossible"),
    ("KW 54 Montag", "week-impossible"),
    ("nächsten Monat am 32.", "date-impossible"),
    ("Ende Juni 9999", "year-impossible"),
    ("Mai 9999", "year-impossible"),
    ("letzten Montag", "date-unknown"),
    ("\u200b", "date-unknown"),
    ("🎄", "date-unknown"),
]


@pytest.mark.parametrize(("text", "expected", "rest"), SENTENCES)
def test_a_date_is_found_in_a_sentence(text: str, expected: str, rest: str) -> None:
    found = find_moment(text, NOW, BERLIN)
    assert found is not None
    assert (as_text(found[0].value), found[1]) == (expected, rest)


@pytest.mark.parametrize("text", NO_DATE)
def test_ordinary_talk_has_no_date(text: str) -> None:
    assert find_moment(text, NOW, BERLIN) is None


@pytest.mark.parametrize(("text", "code"), IMPOSSIBLE)
def test_an_impossible_date_is_refused_in_words(text: str, code: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_moment(text, NOW, BERLIN)
    assert refused.value.code == code
