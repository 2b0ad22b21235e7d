"""What the bot says in people's languages: gettext catalogues, dates and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any


class Translator:
    """Says English messages in one language, `{placeholders}` filled."""

    def __init__(self, language: str, catalogue: Mapping[str, str | tuple[str, ...]]) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, message: str, /, **params: Any) -> str:  # noqa: ANN401 - whatever can be said
        said = self._catalogue.get(message, message)
        text = said if isinstance(said, str) else message
        return text.format(**params) if params else text

    def ngettext(self, singular: str, plural: str, n: int, /, **params: Any) -> str:  # noqa: ANN401
        """One or many; `{n}` is filled."""
        forms = self._catalogue.get(singular, (singular, plural))
        text = (forms if isinstance(forms, tuple) else (forms, forms))[0 if n == 1 else 1]
        return text.format(n=n, **params)


def msgid(message: str) -> str:
    """Marks an English message that is translated later, when it is said."""
    return message


def load_translators() -> Mapping[str, Translator]:
    """By language: the kit's catalogue and every slice's."""
    raise NotImplementedError


def format_day(day: date, language: str, today: date | None = None) -> str:
    """Short: "Fr 24.11." or "Fri 24 Nov"; with the year when it is not today's."""
    raise NotImplementedError


def format_time(instant: datetime, language: str, zone: tzinfo) -> str:
    """Local: "18:00"."""
    raise NotImplementedError


def format_instant(
    instant: datetime, language: str, zone: tzinfo, now: datetime | None = None
) -> str:
    """Local: "Fr 24.11., 18:00"; with the year when it is not this year's."""
    raise NotImplementedError
