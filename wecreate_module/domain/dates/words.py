"""The words of dates, German and English in one table each, folded (see `tokens.fold`)."""

from __future__ import annotations


def _table(rows: dict[str, int]) -> dict[str, int]:
    """From "word word word" → value to one entry a word."""
    return {word: value for words, value in rows.items() for word in words.split()}


def _inflected(rows: dict[str, int]) -> dict[str, int]:
    """German stems in "-e" with their endings: "erste" → erste, ersten, erster, erstes, erstem."""
    return {stem + end: value for stem, value in rows.items() for end in ("", "n", "r", "s", "m")}


# Full names; the abbreviations stand apart because "so" and "do" are words as well.
WEEKDAY_NAMES = _table(
    {
        "montag monday": 0,
        "dienstag tuesday": 1,
        "mittwoch wednesday": 2,
        "donnerstag thursday": 3,
        "freitag friday": 4,
        "samstag sonnabend saturday": 5,
        "sonntag sunday": 6,
    }
)
WEEKDAY_SHORT = _table(
    {
        "mo mon": 0,
        "di tue tues": 1,
        "mi wed weds": 2,
        "do thu thur thurs": 3,
        "fr fri": 4,
        "sa sat": 5,
        "so sun": 6,
    }
)
WEEKDAYS = WEEKDAY_NAMES | WEEKDAY_SHORT
GERMAN_WEEKDAYS = {name for name in WEEKDAYS if name.endswith(("tag", "woch", "abend"))} | {
    *("mo", "di", "mi", "do", "fr", "sa", "so"),
}
# "freitags", "fridays": each of them.
WEEKDAY_PLURALS = {f"{name}s": day for name, day in WEEKDAY_NAMES.items()}

MONTHS = _table(
    {
        "januar jaenner jan january": 1,
        "februar feb february": 2,
        "maerz mrz march mar": 3,
        "april apr": 4,
        "mai may": 5,
        "juni jun june": 6,
        "juli jul july": 7,
        "august aug": 8,
        "september sep sept": 9,
        "oktober okt october oct": 10,
        "november nov": 11,
        "dezember dez december dec": 12,
    }
)

NUMBERS = _table(
    {
        "ein eine einem einer einen eines eins one a an": 1,
        "zwei two": 2,
        "drei three": 3,
        "vier four": 4,
        "fuenf five": 5,
        "sechs six": 6,
        "sieben seven": 7,
        "acht eight": 8,
        "neun nine": 9,
        "zehn ten": 10,
        "elf eleven": 11,
        "zwoelf twelve": 12,
        "vierzehn fourteen": 14,
        "fuenfzehn fifteen": 15,
        "zwanzig twenty": 20,
        "dreissig thirty": 30,
        "vierzig forty": 40,
        "fuenfundvierzig": 45,
        "fuenfzig fifty": 50,
        "sechzig sixty": 60,
        "neunzig ninety": 90,
    }
)
HALF = {"halbe", "halben", "halber", "halbes", "half"}

LAST = -1
ORDINALS = (
    _inflected(
        {
            "erste": 1,
            "zweite": 2,
            "dritte": 3,
            "vierte": 4,
            "fuenfte": 5,
            "sechste": 6,
            "siebte": 7,
            "achte": 8,
            "neunte": 9,
            "zehnte": 10,
            "elfte": 11,
            "zwoelfte": 12,
            "fuenfzehnte": 15,
            "zwanzigste": 20,
            "letzte": LAST,
        }
    )
    | _table({"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6})
    | _table({"seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "last": LAST})
)

UNITS = {
    word: unit
    for words, unit in {
        "minute minuten min minutes mins": "minute",
        "stunde stunden std hour hours hr hrs": "hour",
        "tag tage tagen tages day days": "day",
        "woche wochen week weeks wk wks": "week",
        "monat monate monaten monats month months": "month",
        "jahr jahre jahren jahres year years": "year",
    }.items()
    for word in words.split()
}

# Behind "in" only: "18h" is a time of day.
UNITS_AND_LETTERS = UNITS | {"m": "minute", "h": "hour", "d": "day", "t": "day", "w": "week"}

NEXT = {"next", "coming", "naechste", "naechsten", "naechster", "naechstes", "naechstem"} | {
    "kommende",
    "kommenden",
    "kommender",
    "kommendes",
    "kommendem",
}
THIS = {"this", "diese", "diesen", "dieser", "dieses", "diesem"}
AFTER_NEXT = {f"uebernaechste{end}" for end in ("", "n", "r", "s", "m")}

# Hours of the words for a part of the day.
MORNING, FORENOON, NOON, AFTERNOON, EVENING, NIGHT, MIDNIGHT = 8, 10, 12, 15, 19, 22, 24
DAY_PARTS = _table(
    {
        "frueh morgens morning": MORNING,
        "vormittag vormittags": FORENOON,
        "mittag mittags noon midday": NOON,
        "nachmittag nachmittags afternoon": AFTERNOON,
        "abend abends evening": EVENING,
        "nacht nachts night": NIGHT,
        "mitternacht midnight": MIDNIGHT,
    }
)
# "Freitagabend", "Samstagvormittag"; "morgen" behind a day is the morning, alone it is tomorrow.
COMPOUND_DAYS = {
    name + part: (day, hour)
    for name, day in WEEKDAY_NAMES.items()
    for part, hour in {**DAY_PARTS, "morgen": MORNING}.items()
}

EVERY = {"jede", "jeden", "jeder", "jedes", "jedem", "every", "each", "alle"}
OTHER = {"other", "andere", "anderen"}
DUE = {"bis", "due", "by", "until", "till", "faellig", "spaetestens"}

# Words around a date that say nothing by themselves.
GLUE = {"am", "den", "dem", "der", "die", "das", "on", "the", "um", "at", "gegen", "zum", "im"} | {
    *("in", "of", "ab", "noch", "spaetestens"),
}
