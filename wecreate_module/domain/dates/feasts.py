"""Days with a name: those of every year, those that hang on Easter, and the Sundays of Advent."""

from __future__ import annotations

from datetime import date, timedelta

# Month and day.
FIXED = {
    "neujahr": (1, 1),
    "dreikoenig": (1, 6),
    "dreikoenige": (1, 6),
    "valentinstag": (2, 14),
    "frauentag": (3, 8),
    "kindertag": (6, 1),
    "reformationstag": (10, 31),
    "halloween": (10, 31),
    "allerheiligen": (11, 1),
    "martinstag": (11, 11),
    "nikolaus": (12, 6),
    "nikolaustag": (12, 6),
    "heiligabend": (12, 24),
    "weihnachten": (12, 24),
    "christmas": (12, 25),
    "silvester": (12, 31),
    "sylvester": (12, 31),
    "maifeiertag": (5, 1),
}
# Those of several words; where one of them is a day by itself they count in any sentence.
PHRASES = (
    (("tag", "der", "arbeit"), (5, 1)),
    (("tag", "der", "deutschen", "einheit"), (10, 3)),
    (("heilige", "drei", "koenige"), (1, 6)),
    (("heilig", "abend"), (12, 24)),
    (("heiliger", "abend"), (12, 24)),
    (("christmas", "eve"), (12, 24)),
    (("christmas", "day"), (12, 25)),
    (("boxing", "day"), (12, 26)),
    (("new", "year's", "eve"), (12, 31)),
    (("new", "years", "eve"), (12, 31)),
    (("new", "year's", "day"), (1, 1)),
    (("new", "years", "day"), (1, 1)),
)
PHRASES_FROM_EASTER = (
    (("good", "friday"), -2),
    (("easter", "sunday"), 0),
    (("easter", "monday"), 1),
    (("christi", "himmelfahrt"), 39),
    (("whit", "sunday"), 49),
    (("whit", "monday"), 50),
)
EMBRACING = {"heilig", "heiliger", "good", "easter", "whit"}
# "2. Weihnachtstag"
DAYS_OF_CHRISTMAS = {"weihnachtstag", "weihnachtsfeiertag"}
# Days after Easter Sunday.
FROM_EASTER = {
    "weiberfastnacht": -52,
    "rosenmontag": -48,
    "fasching": -47,
    "faschingsdienstag": -47,
    "fastnacht": -47,
    "aschermittwoch": -46,
    "palmsonntag": -7,
    "gruendonnerstag": -3,
    "karfreitag": -2,
    "karsamstag": -1,
    "ostersamstag": -1,
    "ostern": 0,
    "ostersonntag": 0,
    "easter": 0,
    "ostermontag": 1,
    "himmelfahrt": 39,
    "vatertag": 39,
    "pfingsten": 49,
    "pfingstsonntag": 49,
    "pfingstmontag": 50,
    "fronleichnam": 60,
}
SUNDAYS_OF_ADVENT = 4
# Days before the first Sunday of Advent.
BEFORE_ADVENT = {"volkstrauertag": 14, "totensonntag": 7, "ewigkeitssonntag": 7}


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year: the anonymous algorithm (Meeus, Butcher)."""
    cycle, century, of_century = year % 19, year // 100, year % 100
    leaps, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * cycle + century - leaps - correction + 15) % 30
    weekday = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    month_and_day = moon + weekday - 7 * ((cycle + 11 * moon + 22 * weekday) // 451) + 114
    return date(year, month_and_day // 31, month_and_day % 31 + 1)


def mothers_day(year: int) -> date:
    """The second Sunday of May."""
    first = date(year, 5, 1)
    return first + timedelta(days=7 - first.isoweekday() + 7)


def from_easter(year: int, days: int) -> date:
    return easter(year) + timedelta(days=days)


def advent(year: int, number: int) -> date:
    """The so-manyth Sunday of Advent; the fourth is the last before Christmas Day."""
    fourth = date(year, 12, 25) - timedelta(days=date(year, 12, 25).isoweekday())
    return fourth - timedelta(weeks=SUNDAYS_OF_ADVENT - number)
