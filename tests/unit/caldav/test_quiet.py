"""Nothing that people wrote gets into the log by way of other people's code."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from typing import NoReturn

import pytest
import vobject.base
from radicale.log import logger as radicale

from bridges.caldav.quiet import keep_content_out

SECRET = "Geheimtreffen"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as the plainest of formatters writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    keep_content_out()
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def parse() -> NoReturn:
    raise vobject.base.ParseError(f"Failed to parse line: X_A:{SECRET}", 3)


def unreadable() -> Exception:
    try:
        try:
            parse()
        except vobject.base.ParseError as error:
            raise RuntimeError(f"Failed to filter {SECRET}.ics") from error
    except RuntimeError as error:
        return error


def test_a_failed_request_is_logged_by_kind_and_place(log: io.StringIO) -> None:
    radicale.error("An exception on %r: %s", SECRET, unreadable(), exc_info=unreadable())
    assert SECRET not in log.getvalue()
    assert "RuntimeError (test_quiet.py:" in log.getvalue()
    assert "after ParseError (test_quiet.py:" in log.getvalue()


def test_lines_and_requests_are_not_logged(log: io.StringIO) -> None:
    radicale.critical("PUT response for %r", SECRET)
    radicale.warning("Bad PUT request: %s", SECRET, exc_info=unreadable())
    logging.getLogger("vobject.base").error("line 3: %s", SECRET)
    assert log.getvalue() == ""


def test_a_traceback_written_as_text_is_not_logged(log: io.StringIO) -> None:
    """As Radicale does where an error reaches it, by way of the root's logger."""
    where = "/usr/lib/python3/site-packages/radicale/app/__init__.py"
    try:
        raise unreadable()
    except RuntimeError:
        words = (traceback.format_exc(),)
        record = logging.LogRecord("root", logging.ERROR, where, 1, "%s", words, None)
        logging.getLogger().handle(record)
    assert SECRET not in log.getvalue()
    assert "RuntimeError (test_quiet.py:" in log.getvalue()


def test_others_speak_as_before(log: io.StringIO) -> None:
    logging.getLogger("wecreate.dav").info("calendars are served")
    logging.getLogger("waitress.queue").warning("Task queue depth is %d", 9)
    logging.getLogger().warning("a word of the root")
    assert log.getvalue() == "calendars are served\nTask queue depth is 9\na word of the root\n"


def test_setting_it_up_twice_changes_nothing(log: io.StringIO) -> None:
    keep_content_out()
    radicale.error("no", exc_info=unreadable())
    assert log.getvalue().count("a request failed") == 1
