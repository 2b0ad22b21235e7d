"""What people write for things that come again, on Wednesday, 25 November 2026, 10:00 in Berlin."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from wecreate_module.domain.dates import (
    Recurrence,
    find_recurrence,
    full_rule,
    parse_recurrence,
)
from wecreate_module.domain.errors import UserError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

RULES = [
    ("jeden Tag", "FREQ=DAILY", ""),
    ("täglich", "FREQ=DAILY", ""),
    ("every day", "FREQ=DAILY", ""),
    ("daily", "FREQ=DAILY", ""),
    ("täglich um 7:30", "FREQ=DAILY", "07:30"),
    ("täglich 7:30", "FREQ=DAILY", "07:30"),
    ("jeden Morgen", "FREQ=DAILY", "08:00"),
    ("every evening", "FREQ=DAILY", "19:00"),
    ("jeden 2. Tag", "FREQ=DAILY;INTERVAL=2", ""),
    ("jeden zweiten Tag", "FREQ=DAILY;INTERVAL=2", ""),
    ("alle 3 Tage", "FREQ=DAILY;INTERVAL=3", ""),
    ("alle drei Tage", "FREQ=DAILY;INTERVAL=3", ""),
    ("every 2nd day", "FREQ=DAILY;INTERVAL=2", ""),
    ("every other day", "FREQ=DAILY;INTERVAL=2", ""),
    ("every 3 days", "FREQ=DAILY;INTERVAL=3", ""),
    ("jede Woche", "FREQ=WEEKLY", ""),
    ("wöchentlich", "FREQ=WEEKLY", ""),
    ("woechentlich", "FREQ=WEEKLY", ""),
    ("every week", "FREQ=WEEKLY", ""),
    ("weekly", "FREQ=WEEKLY", ""),
    ("alle 2 Wochen", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("alle zwei Wochen", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("jede 2. Woche", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("jede zweite Woche", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("every two weeks", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("every other week", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("fortnightly", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("jeden Monat", "FREQ=MONTHLY", ""),
    ("monatlich", "FREQ=MONTHLY", ""),
    ("every month", "FREQ=MONTHLY", ""),
    ("monthly", "FREQ=MONTHLY", ""),
    ("alle 3 Monate", "FREQ=MONTHLY;INTERVAL=3", ""),
    ("vierteljährlich", "FREQ=MONTHLY;INTERVAL=3", ""),
    ("quarterly", "FREQ=MONTHLY;INTERVAL=3", ""),
    ("halbjährlich", "FREQ=MONTHLY;INTERVAL=6", ""),
    ("jedes Jahr", "FREQ=YEARLY", ""),
    ("jährlich", "FREQ=YEARLY", ""),
    ("every year", "FREQ=YEARLY", ""),
    ("yearly", "FREQ=YEARLY", ""),
    ("annually", "FREQ=YEARLY", ""),
    ("alle 2 Jahre", "FREQ=YEARLY;INTERVAL=2", ""),
    ("jeden Freitag", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("an jedem Freitag", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("jeden Fr", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("freitags", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("every friday", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("fridays", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("on fridays", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("jeden Freitag um 11", "FREQ=WEEKLY;BYDAY=FR", "11:00"),
    ("jeden Freitag 18 Uhr", "FREQ=WEEKLY;BYDAY=FR", "18:00"),
    ("jeden Freitagabend", "FREQ=WEEKLY;BYDAY=FR", "19:00"),
    ("every friday at 6pm", "FREQ=WEEKLY;BYDAY=FR", "18:00"),
    ("freitags 18:30", "FREQ=WEEKLY;BYDAY=FR", "18:30"),
    ("jeden Montag und Donnerstag", "FREQ=WEEKLY;BYDAY=MO,TH", ""),
    ("jeden Mo, Mi und Fr", "FREQ=WEEKLY;BYDAY=MO,WE,FR", ""),
    ("every monday and thursday at noon", "FREQ=WEEKLY;BYDAY=MO,TH", "12:00"),
    ("montags und donnerstags", "FREQ=WEEKLY;BYDAY=MO,TH", ""),
    ("jede Woche am Freitag", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("jede Woche Freitag um 18 Uhr", "FREQ=WEEKLY;BYDAY=FR", "18:00"),
    ("weekly on friday", "FREQ=WEEKLY;BYDAY=FR", ""),
    ("alle 2 Wochen freitags", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", ""),
    ("every two weeks on monday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", ""),
    ("jeden zweiten Freitag", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", ""),
    ("every other friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", ""),
    ("every second friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", ""),
    ("werktags", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", ""),
    ("werktags um 8", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "08:00"),
    ("jeden Werktag", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", ""),
    ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", ""),
    ("jedes Wochenende", "FREQ=WEEKLY;BYDAY=SA,SU", ""),
    ("jeden 1. Montag im Monat", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("jeden ersten Montag im Monat", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("jeden ersten Montag", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("jeden 2. Freitag im Monat", "FREQ=MONTHLY;BYDAY=2FR", ""),
    ("jeden 3. Montag", "FREQ=MONTHLY;BYDAY=3MO", ""),
    ("am ersten Montag jedes Monats", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("jeden 1. und 3. Montag im Monat", "FREQ=MONTHLY;BYDAY=1MO,3MO", ""),
    ("letzter Donnerstag im Monat", "FREQ=MONTHLY;BYDAY=-1TH", ""),
    ("letzter Donnerstag im Monat 19 Uhr", "FREQ=MONTHLY;BYDAY=-1TH", "19:00"),
    ("jeden letzten Donnerstag im Monat um 19 Uhr", "FREQ=MONTHLY;BYDAY=-1TH", "19:00"),
    ("every first monday of the month", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("first monday of every month", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("every 1st monday", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("last thursday of the month at 7pm", "FREQ=MONTHLY;BYDAY=-1TH", "19:00"),
    ("jeden Monat am ersten Montag", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("monthly on the first monday", "FREQ=MONTHLY;BYDAY=1MO", ""),
    ("jeden 15.", "FREQ=MONTHLY;BYMONTHDAY=15", ""),
    ("jeden 15. im Monat", "FREQ=MONTHLY;BYMONTHDAY=15", ""),
    ("am 15. jedes Monats", "FREQ=MONTHLY;BYMONTHDAY=15", ""),
    ("jeden Monat am 15.", "FREQ=MONTHLY;BYMONTHDAY=15", ""),
    ("monatlich am 1.", "FREQ=MONTHLY;BYMONTHDAY=1", ""),
    ("every 15th", "FREQ=MONTHLY;BYMONTHDAY=15", ""),
    ("on the 15th of every month", "FREQ=MONTHLY;BYMONTHDAY=15", ""),
    ("every month on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15", ""),
    ("jeden letzten Tag im Monat", "FREQ=MONTHLY;BYMONTHDAY=-1", ""),
    ("am letzten Tag jedes Monats", "FREQ=MONTHLY;BYMONTHDAY=-1", ""),
    ("on the last day of every month", "FREQ=MONTHLY;BYMONTHDAY=-1", ""),
    ("jeden 24. Dezember", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", ""),
    ("jeden 24.12.", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", ""),
    ("jedes Jahr am 24.12.", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", ""),
    ("every year on december 24", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", ""),
    ("alle 14 Tage mittwochs", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", ""),
    ("Mo-Fr 8 Uhr", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "08:00"),
    ("montags bis freitags um 8", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "08:00"),
    ("jeden Abend um 8", "FREQ=DAILY", "20:00"),
    ("jede Nacht um 2:30", "FREQ=DAILY", "02:30"),
    ("jeden Freitagabend um 8", "FREQ=WEEKLY;BYDAY=FR", "20:00"),
    ("every evening at 8", "FREQ=DAILY", "20:00"),
    ("14-tägig", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("14tägig montags", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", ""),
    ("bi-weekly", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("every fortnight", "FREQ=WEEKLY;INTERVAL=2", ""),
    ("einmal im Monat", "FREQ=MONTHLY", ""),
    ("einmal pro Woche", "FREQ=WEEKLY", ""),
    ("once a week", "FREQ=WEEKLY", ""),
    ("weekends", "FREQ=WEEKLY;BYDAY=SA,SU", ""),
    ("jährlich am 29.2.", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", ""),
    ("zum 1. jeden Monats", "FREQ=MONTHLY;BYMONTHDAY=1", ""),
]

SENTENCES = [
    ("Müll rausbringen jede Woche", "FREQ=WEEKLY", "Müll rausbringen"),
    ("Müll rausbringen, jeden Freitag um 7", "FREQ=WEEKLY;BYDAY=FR", "Müll rausbringen"),
    ("jeden Montag Müll rausbringen", "FREQ=WEEKLY;BYDAY=MO", "Müll rausbringen"),
    ("täglich lüften", "FREQ=DAILY", "lüften"),
    ("Vorstand letzter Donnerstag im Monat 19 Uhr", "FREQ=MONTHLY;BYDAY=-1TH", "Vorstand"),
    ("take out the trash every week", "FREQ=WEEKLY", "take out the trash"),
    ("water the plants daily", "FREQ=DAILY", "water the plants"),
    ("jede Woche 3 Brote holen", "FREQ=WEEKLY", "3 Brote holen"),
    ("den Müll jeden Freitag um 7 rausbringen", "FREQ=WEEKLY;BYDAY=FR", "den Müll rausbringen"),
    ("Katze täglich füttern", "FREQ=DAILY", "Katze füttern"),
    ("Brot freitags holen", "FREQ=WEEKLY;BYDAY=FR", "Brot holen"),
    ("check the mail every day please", "FREQ=DAILY", "check the mail please"),
    ("Kasse alle 2 Wochen prüfen", "FREQ=WEEKLY;INTERVAL=2", "Kasse prüfen"),
]

NO_RULE = [
    "Kuchen backen",
    "",
    "alle 20 Stühle holen",
    "the weekly report",
    "weekly report schreiben",
    "every 3 members",
    "den letzten Freitag nachholen",
    "Jeder macht mit",
    "jede jede jede",
    "Fridays for Future Demo planen",
    "Sitzung am letzten Donnerstag im Monat vorbereiten",
    "die tägliche Runde",
]

IMPOSSIBLE = [
    ("alle 0 Tage", "interval-impossible"),
    ("every 99999 days", "interval-impossible"),
    ("jeden 6. Montag im Monat", "weekday-impossible"),
    ("jeden 0. Montag", "date-impossible"),
    ("täglich 0 mal", "count-impossible"),
    ("täglich 99999 mal", "count-impossible"),
    ("täglich bis 31.02.", "date-impossible"),
    ("täglich um 25 Uhr", "time-impossible"),
    ("stündlich", "recurrence-unknown"),
    ("jede Stunde", "recurrence-unknown"),
    ("", "recurrence-unknown"),
    ("manchmal", "recurrence-unknown"),
    ("jeden 32.", "recurrence-unknown"),
]


@pytest.mark.parametrize(("text", "rrule", "time"), RULES)
def test_a_repetition_is_what_people_mean(text: str, rrule: str, time: str) -> None:
    found = parse_recurrence(text, NOW, BERLIN)
    assert (found.rrule, f"{found.time:%H:%M}" if found.time else "") == (rrule, time)


@pytest.mark.parametrize(("text", "rrule", "rest"), SENTENCES)
def test_a_repetition_is_found_in_a_sentence(text: str, rrule: str, rest: str) -> None:
    found = find_recurrence(text, NOW, BERLIN)
    assert found is not None
    assert (found[0].rrule, found[1]) == (rrule, rest)


@pytest.mark.parametrize("text", NO_RULE)
def test_ordinary_talk_has_no_repetition(text: str) -> None:
    assert find_recurrence(text, NOW, BERLIN) is None


@pytest.mark.parametrize(("text", "code"), IMPOSSIBLE)
def test_an_impossible_repetition_is_refused_in_words(text: str, code: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_recurrence(text, NOW, BERLIN)
    assert refused.value.code == code


ENDS = [
    ("jede Woche bis 24.12.", "FREQ=WEEKLY;UNTIL=20261224"),
    ("jeden Freitag bis Ende März", "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270331"),
    ("every week until dec 24", "FREQ=WEEKLY;UNTIL=20261224"),
    ("jede Woche 10 mal", "FREQ=WEEKLY;COUNT=10"),
    ("jede Woche, 10x", "FREQ=WEEKLY;COUNT=10"),
    ("every week ten times", "FREQ=WEEKLY;COUNT=10"),
    ("every friday at 6pm 3 times", "FREQ=WEEKLY;BYDAY=FR;COUNT=3"),
]


@pytest.mark.parametrize(("text", "rrule"), ENDS)
def test_a_repetition_may_end(text: str, rrule: str) -> None:
    found = parse_recurrence(text, NOW, BERLIN)
    assert full_rule(found, date(2026, 11, 27), BERLIN) == rrule


def test_the_end_of_a_timed_series_is_an_instant_in_utc() -> None:
    found = parse_recurrence("jeden Freitag um 18 Uhr bis 18.12.", NOW, BERLIN)
    first = datetime(2026, 11, 27, 18, tzinfo=BERLIN)
    assert full_rule(found, first, BERLIN) == "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261218T225959Z"


def test_a_series_may_start_later() -> None:
    found = parse_recurrence("jede Woche ab 1.12.", NOW, BERLIN)
    assert found.start is not None
    assert found.start.value == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("rrule", "first", "expected"),
    [
        ("FREQ=MONTHLY", date(2026, 11, 28), "FREQ=MONTHLY"),
        ("FREQ=MONTHLY", date(2026, 12, 31), "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("FREQ=MONTHLY", date(2026, 11, 30), "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
        ("FREQ=MONTHLY;INTERVAL=2", date(2026, 12, 31), "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1"),
        ("FREQ=YEARLY", date(2028, 2, 29), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"),
        ("FREQ=YEARLY", date(2026, 12, 31), "FREQ=YEARLY"),
        ("FREQ=WEEKLY", date(2026, 12, 31), "FREQ=WEEKLY"),
    ],
)
def test_a_monthly_series_from_the_31st_means_the_last_day(
    rrule: str, first: date, expected: str
) -> None:
    assert full_rule(Recurrence(rrule), first, BERLIN) == expected
