"""Structured logs that hold neither messages nor secrets.

One line per record: `key=value` for people or a JSON object for programs. What other libraries
hand to logging is not trusted: mappings and lists (Matrix events) are named, not printed; long
texts are cut; an exception shows its type and its way through the code, and its own words only
where they are known to be about the machine and not about messages.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from wecreate_module.settings import LogFormat, LoggingSettings, Settings

_LONGEST = 500
# Access tokens of Synapse, shared secrets in URLs, and what event dumps are made of.
_TOKENS = re.compile(r"\b(?:syt|syr|mct|syl)_[A-Za-z0-9_-]{8,}|(?<=access_token=)[^&\s]+")
_CONTENT = re.compile(
    r"""(['"](?:body|formatted_body|ciphertext|access_token|password|session_key|url|key)['"]"""
    r"""\s*:\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
)
_PARAMETERS = re.compile(r"\[parameters: .*", re.DOTALL)
# Their texts speak of files, sockets, settings and the homeserver's answers. Others' may quote
# what people wrote, as ValueError does. By name: this module is to be light.
_SPEAKING = (OSError, TimeoutError, ImportError, sqlite3.Error)
_SPEAKING_NAMES = frozenset(
    (
        *("MatrixError", "Unreachable", "LoggedOut", "IdentityError"),
        *("StoreError", "SealBroken", "KeyDestroyed"),
        *("PackError", "HouseError"),
    )
)
# What every record has; whatever else one carries was given as `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# These log whole requests or events below WARNING.
_CHATTY = ("nio", "aiohttp", "peewee", "sqlalchemy", "alembic", "asyncio", "urllib3")


class SafeFormatter(logging.Formatter):
    """Formats records so that no argument can carry content; `hidden` values become ***."""

    def __init__(self, hidden: Iterable[str] = (), *, as_json: bool = False) -> None:
        super().__init__()
        self._hidden = sorted({h for h in hidden if h}, key=len, reverse=True)
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._clean(_message(record)),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in fields:
                safe = _harmless(value)
                fields[name] = safe if _is_number(safe) else self._clean(str(safe))
        if record.exc_info and record.exc_info[1] is not None:
            fields["trace"] = self._clean(trace_of(record.exc_info[1]), limit=None)
        if self._as_json:
            return json.dumps(fields, ensure_ascii=False)
        return _as_text(fields)

    def _clean(self, text: str, limit: int | None = _LONGEST) -> str:
        for secret in self._hidden:
            text = text.replace(secret, "***")
        text = _TOKENS.sub("***", text)
        text = _CONTENT.sub(r"\1***", text)
        text = _PARAMETERS.sub("[parameters: …]", text)
        return text if limit is None or len(text) <= limit else text[:limit] + " …"


def _message(record: logging.LogRecord) -> str:
    """The record's text, its arguments made harmless."""
    arguments = record.args
    if isinstance(arguments, Mapping):
        arguments = {key: _harmless(value) for key, value in arguments.items()}
    elif arguments:
        arguments = tuple(_harmless(value) for value in arguments)
    try:
        return str(record.msg) % arguments if arguments else str(_harmless(record.msg))
    except (TypeError, ValueError, KeyError):
        return f"(a log line that does not fit its arguments: {str(record.msg)[:80]!r})"


def _harmless(value: object) -> object:
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, Mapping | list | tuple | set | frozenset | bytes | bytearray):
        return f"<{type(value).__name__} of {len(value)}>"
    if isinstance(value, BaseException):
        return words_of(value)
    # Our own identifiers, paths, enums and instants print themselves; foreign objects may hold
    # an event, and show only what they are.
    module = type(value).__module__.partition(".")[0]
    return (
        value if module in {"datetime", "pathlib", "enum", "uuid"} else f"<{type(value).__name__}>"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float)


def speaks(error: BaseException) -> bool:
    """Whether the error's own words are about the machine, never about messages."""
    return isinstance(error, _SPEAKING) or type(error).__name__ in _SPEAKING_NAMES


def words_of(error: BaseException) -> str:
    """The error's type, with its own words where they are harmless."""
    name = type(error).__name__
    return f"{name}: {error}" if speaks(error) else name


def trace_of(error: BaseException) -> str:
    """The way through the code, with the types of the errors on it but not their words."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__, limit=-12)
        ]
        parts.append("\n".join([words_of(current), *frames]))
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return "\ncaused by ".join(parts)


def _as_text(fields: Mapping[str, Any]) -> str:
    more = dict(fields)
    head = " ".join(str(more.pop(name)) for name in ("time", "level", "logger", "message"))
    trace = more.pop("trace", "")
    # A line is a line, whatever stands in it: nobody can write a second one into the log.
    pairs = [head.replace("\n", " "), *(f"{name}={_word(value)}" for name, value in more.items())]
    return " ".join(pairs) + (f"\n{trace}" if trace else "")


def _word(value: object) -> str:
    text = str(value)
    return text if text and not re.search(r'[\s"=]', text) else json.dumps(text, ensure_ascii=False)


def configure(
    settings: LoggingSettings, hidden: Iterable[str] = (), to: TextIO | None = None
) -> None:
    """Send everything to standard error, or `to`, safely."""
    handler = logging.StreamHandler(to or sys.stderr)
    handler.setFormatter(SafeFormatter(hidden, as_json=settings.format is LogFormat.JSON))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The secrets that the settings brought, for `configure` to hide."""
    found = (
        settings.server.registration_shared_secret,
        settings.bot.password,
        settings.database.password,
    )
    return tuple(value for value in found if value)
