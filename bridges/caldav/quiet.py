"""What other people's code logs, without what people wrote.

Errors of parsers quote the text that they can't read, and so does a traceback. Kept are the kinds
of the errors and the way through the code.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import PurePath

_FRAMES = 8
_LIBRARIES = ("radicale", "vobject", "icalendar", "waitress")


class _WithoutContent(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        library = _library_of(record)
        if library is None:
            return True  # the root's own records pass here too
        error = record.exc_info[1] if record.exc_info else None
        if record.name == "root":
            error = sys.exc_info()[1]
        if error is None:
            # Requests, paths, lines that could not be read; waitress speaks of itself.
            return library == "waitress"
        record.msg, record.args = "a request failed: %s", (_way_of(error),)
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def keep_content_out() -> None:
    """Make these libraries' loggers say nothing of requests and texts. Can be repeated."""
    # Radicale writes whole tracebacks to the root's logger, as text.
    for name in ("root", *_LIBRARIES, "vobject.base", "icalendar.cal"):
        logger = logging.getLogger(None if name == "root" else name)
        if name != "root":
            logger.handlers.clear()  # vobject brings one of its own
        if not any(isinstance(each, _WithoutContent) for each in logger.filters):
            logger.addFilter(_WithoutContent())
    logging.getLogger("radicale").setLevel(logging.ERROR)


def _library_of(record: logging.LogRecord) -> str | None:
    known = record.name.partition(".")[0]
    if known in _LIBRARIES:
        return known
    folders = PurePath(record.pathname).parts
    return next((name for name in _LIBRARIES if name in folders), None)


def _way_of(error: BaseException) -> str:
    """Kinds and places, the last first; no words."""
    parts: list[str] = []
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        frames = traceback.extract_tb(current.__traceback__, limit=-_FRAMES)
        way = (f"{PurePath(each.filename).name}:{each.lineno} {each.name}" for each in frames)
        parts.append(f"{type(current).__name__} ({' > '.join(way)})")
        current = current.__cause__ or current.__context__
    return ", after ".join(parts)
