"""What the bot says in people's languages: gettext catalogues, dates and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names
from babel.messages.pofile import read_po

LANGUAGES = ("de", "en")
_BOTS = Path(__file__).parent.parent
_RELATIVE = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_RELATIVE_GERMAN = {-1: "gestern", 0: "heute", 1: "morgen"}


class Translator:
    """Says English messages in one language, `{placeholders}` filled."""

    def __init__(self, language: str, catalogue: Mapping[str, str | tuple[str, ...]]) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, message: str, /, **params: Any) -> str:  # noqa: ANN401 - whatever can be said
        said = self._catalogue.get(message, message)
        text = said if isinstance(said, str) else message
        return text.format(**params) if params else text

    def ngettext(self, singular: str, plural: str, n: int, /, **params: Any) -> str:  # noqa: ANN401 - likewise
        """One or many; `{n}` is filled."""
        forms = self._catalogue.get(singular, (singular, plural))
        text = (forms if isinstance(forms, tuple) else (forms, forms))[0 if n == 1 else 1]
        return text.format(n=n, **params)


def msgid(message: str) -> str:
    """Marks an English message that is translated later, when it is said."""
    return message


@lru_cache(maxsize=1)
def load_translators() -> Mapping[str, Translator]:
    """By language: the kit's catalogue and every slice's. English is the messages themselves."""
    return {language: Translator(language, _catalogue(language)) for language in LANGUAGES}


def catalogue_files(language: str) -> list[Path]:
    """One .po file per slice that has one."""
    return sorted(_BOTS.glob(f"*/locale/{language}.po"))


def _catalogue(language: str) -> dict[str, str | tuple[str, ...]]:
    messages: dict[str, str | tuple[str, ...]] = {}
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if not message.id or not message.string or message.fuzzy:
                    continue
                if isinstance(message.id, str):
                    messages[message.id] = str(message.string)
                else:
                    messages[message.id[0]] = tuple(message.string)
    return messages


@lru_cache(maxsize=len(LANGUAGES))
def _names(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Weekdays from Monday and months from January, abbreviated; babel is slow, so once."""
    days = get_day_names("abbreviated", "stand-alone", language)
    months = get_month_names("abbreviated", "format", language)
    return (
        tuple(days[index].rstrip(".") for index in range(7)),
        tuple(months[index] for index in range(1, 13)),
    )


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name; UTC for one that this machine does not know (any more)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return ZoneInfo("UTC")


def format_day(day: date, language: str, today: date | None = None) -> str:
    """Short: "Fr 24.11." or "Fri 24 Nov"; with the year when it is not today's."""
    days, months = _names(language if language in LANGUAGES else "en")
    other_year = today is not None and today.year != day.year
    if language == "de":
        return f"{days[day.weekday()]} {day.day}.{day.month}.{day.year if other_year else ''}"
    year = f" {day.year}" if other_year else ""
    return f"{days[day.weekday()]} {day.day} {months[day.month - 1]}{year}"


def format_time(instant: datetime, language: str, zone: tzinfo) -> str:  # noqa: ARG001 - same for both, so far
    """Local: "18:00"."""
    return f"{instant.astimezone(zone):%H:%M}"


def format_instant(
    instant: datetime, language: str, zone: tzinfo, now: datetime | None = None
) -> str:
    """Local: "Fr 24.11., 18:00"; with the year when it is not this year's."""
    today = None if now is None else now.astimezone(zone).date()
    day = format_day(instant.astimezone(zone).date(), language, today)
    return f"{day}, {format_time(instant, language, zone)}"


def format_near_day(day: date, language: str, today: date) -> str:
    """As format_day, but "heute", "morgen", "gestern" for the days around today."""
    distance = (day - today) // timedelta(days=1)
    words = _RELATIVE_GERMAN if language == "de" else _RELATIVE
    return words.get(distance) or format_day(day, language, today)
