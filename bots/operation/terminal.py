"""What the commands say to whoever runs them, and with which exit code they end."""

from __future__ import annotations

import json
import sys
from typing import Any

FINE, FAILED, WRONG_USE = 0, 1, 2


class Failure(Exception):
    """A command can't do what was asked; the text says why and what to do."""


def say(text: str) -> None:
    """One line on standard output, at once. A reader that went away is no reason to stop."""
    try:
        print(text, flush=True)  # noqa: T201 - a command speaks on standard output
    except BrokenPipeError:
        _forget_output()


def step(text: str) -> None:
    """One line of progress."""
    say(f"· {text}")


def complain(text: str) -> None:
    """One line on standard error."""
    try:
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - likewise
    except BrokenPipeError:
        _forget_output()


def give(data: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """The result for a program."""
    say(json.dumps(data, ensure_ascii=False, indent=2))


def _forget_output() -> None:
    # Python would complain once more when it flushes at exit.
    sys.stdout = open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives on
