"""What is wrong in a settings file, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake; line and column count from 1, as editors do."""

    line: int
    column: int
    key: str
    message: str


class SettingsError(Exception):
    """All mistakes of one file; its text has one `file:line:column: key: message` per line."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        return [
            f"{self.source}:{p.line}:{p.column}: {f'{p.key}: ' if p.key else ''}{p.message}"
            for p in self.problems
        ]


class BadValue(ValueError):
    """A value that its kind refuses; the text says what is wrong and what would be right."""
