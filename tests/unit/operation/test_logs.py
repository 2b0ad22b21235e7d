from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from bots.operation import logs
from wecreate_module.settings import LogFormat, LoggingSettings, LogLevel

Start = Callable[..., io.StringIO]
CANARY = "Kanarienvogel im Schuppen"
SECRET = "s3cret-of-the-server"


@pytest.fixture
def capture() -> Iterator[Start]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()

    def start(form: LogFormat = LogFormat.JSON) -> io.StringIO:
        settings = LoggingSettings(level=LogLevel.DEBUG, format=form)
        logs.configure(settings, [SECRET], stream)
        return stream

    yield start
    root.handlers[:] = before
    root.setLevel(level)


def fail_with_content() -> None:
    raise ValueError(f"invalid literal for int(): {CANARY!r}")


@pytest.mark.parametrize("form", list(LogFormat))
def test_messages_and_secrets_never_reach_the_log(capture: Start, form: LogFormat) -> None:
    stream = capture(form)
    log = logging.getLogger("wecreate.test")
    event = {"type": "m.room.message", "content": {"body": CANARY}}
    log.warning("got %s", event)
    log.warning("got %s", [event])
    log.warning("got %(event)s", {"event": event})
    log.warning(event)
    log.warning("dump: %s", repr(event))
    log.warning("dump: %s", json.dumps(event, ensure_ascii=False))
    log.warning("with an extra", extra={"matrix_event": event})
    log.warning("the secret is %s and the token syt_YW5uYQ_abcdefghij", SECRET)
    log.warning("GET /sync?access_token=abcdef123&since=1")
    try:
        fail_with_content()
    except ValueError as error:
        log.exception("a command broke")
        log.warning("it was %s", error)
        log.warning("it was", extra={"why": error})
    text = stream.getvalue()
    assert text.count("wecreate.test") == 12
    for canary in (CANARY, "Kanarienvogel", SECRET, "abcdefghij", "abcdef123"):
        assert canary not in text


def test_a_trace_shows_the_way_through_the_code(capture: Start) -> None:
    stream = capture()
    try:
        try:
            fail_with_content()
        except ValueError as error:
            raise RuntimeError(CANARY) from error
    except RuntimeError:
        logging.getLogger("wecreate.test").exception("broke")
    record = json.loads(stream.getvalue())
    assert record["message"] == "broke"
    assert record["trace"].startswith("RuntimeError\n")
    assert "caused by ValueError\n" in record["trace"]
    assert "in fail_with_content" in record["trace"]


def test_errors_about_the_machine_keep_their_words(capture: Start) -> None:
    stream = capture()
    logging.getLogger("wecreate.test").warning("no: %s", OSError(28, "No space left on device"))
    assert "No space left on device" in json.loads(stream.getvalue())["message"]


def test_extra_fields_are_fields(capture: Start) -> None:
    stream = capture(LogFormat.TEXT)
    logging.getLogger("wecreate.test").info("an effect waits", extra={"why": "429 a b", "s": 2.5})
    assert stream.getvalue().endswith(' info wecreate.test an effect waits why="429 a b" s=2.5\n')


def test_nobody_can_write_a_second_line_into_the_log(capture: Start) -> None:
    stream = capture(LogFormat.TEXT)
    logging.getLogger("wecreate.test").info("name %s", "a\n2026 critical forged")
    assert stream.getvalue().count("\n") == 1


def test_a_line_that_does_not_fit_its_arguments_is_still_a_line(capture: Start) -> None:
    stream = capture()
    logging.getLogger("wecreate.test").info("%d things", "no number")
    assert "does not fit" in json.loads(stream.getvalue())["message"]


def test_other_libraries_stay_quiet_below_warning(capture: Start) -> None:
    stream = capture()
    for name in ("nio.crypto", "aiohttp.access", "sqlalchemy.engine"):
        logging.getLogger(name).info(CANARY)
        logging.getLogger(name).debug(CANARY)
    assert not stream.getvalue()
