from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes

from bots.kit.i18n import (
    Translator,
    catalogue_files,
    format_day,
    format_instant,
    format_near_day,
    format_time,
    load_translators,
)
from bots.kit.templates import environment

ROOT = Path(__file__).parents[3]
# Which argument of a call is a message: by position, or by name.
CALLS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "t": ((0,), ()),
    "translator": ((0,), ()),
    "msgid": ((0,), ()),
    "ngettext": ((0, 1), ()),
    "UserError": ((1,), ("message",)),
    "command": ((), ("summary",)),
    "argument": ((), ("ask",)),
}
BERLIN = ZoneInfo("Europe/Berlin")


def messages_in_code() -> Iterator[tuple[str, str]]:
    """Every message of the code, and where it stands."""
    for package in ("bots", "bridges", "wecreate_module"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    for message in messages_in_call(node):
                        yield message, f"{path.relative_to(ROOT)}:{node.lineno}"


def messages_in_call(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    # Errors of a family of their own are declared like UserError.
    positions, keywords = CALLS.get(name, ((), ()))
    arguments = [call.args[at] for at in positions if at < len(call.args)]
    arguments += [keyword.value for keyword in call.keywords if keyword.arg in keywords]
    for argument in arguments:
        for branch in ast.walk(argument) if isinstance(argument, ast.IfExp) else [argument]:
            if isinstance(branch, ast.Constant) and isinstance(branch.value, str) and branch.value:
                yield branch.value


def messages_in_templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "bots").rglob("*.j2")):
        tree = environment().parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            name = call.node.name if isinstance(call.node, nodes.Name) else ""
            for argument in call.args[: {"t": 1, "ngettext": 2}.get(name, 0)]:
                if isinstance(argument, nodes.Const):
                    yield argument.value, f"{path.relative_to(ROOT)}:{call.lineno}"


def placeholders(message: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(message) if field is not None}


def german() -> dict[str, tuple[str, ...]]:
    """What the catalogues say to each message, plural forms side by side."""
    found: dict[str, tuple[str, ...]] = {}
    for path in catalogue_files("de"):
        with path.open("rb") as file:
            for entry in read_po(file, locale="de", abort_invalid=True):
                if not entry.id:
                    continue
                ids = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
                said = (entry.string,) if isinstance(entry.string, str) else entry.string
                found.update(dict.fromkeys(ids, tuple(said or ())))
    return found


def test_everything_the_bot_says_can_be_said_in_german() -> None:
    known = german()
    missing = [
        f"{where}: {message!r}"
        for message, where in (*messages_in_code(), *messages_in_templates())
        if not (message in known and all(known[message]))
    ]
    assert not missing, "no German for\n" + "\n".join(missing)


def test_translations_have_the_same_placeholders() -> None:
    for message, said in german().items():
        for form in said:
            extra = {"n"} if len(said) > 1 else set()
            assert placeholders(form) | extra == placeholders(message) | extra, message


def test_no_translation_is_left_over() -> None:
    used = {message for message, _ in (*messages_in_code(), *messages_in_templates())}
    for path in catalogue_files("de"):
        with path.open("rb") as file:
            left = [
                entry.id
                for entry in read_po(file, locale="de")
                if entry.id and (entry.id if isinstance(entry.id, str) else entry.id[0]) not in used
            ]
        assert not left, f"nothing says this any more, in {path}"


def test_two_catalogues_never_translate_one_message_differently() -> None:
    said: dict[str, object] = {}
    for path in catalogue_files("de"):
        with path.open("rb") as file:
            for entry in read_po(file, locale="de"):
                key = str(entry.id)
                assert said.setdefault(key, entry.string) == entry.string, key


def test_english_is_the_messages_themselves() -> None:
    say = load_translators()["en"]
    assert say("There is no task {number}.", number=3) == "There is no task 3."
    assert say.ngettext("{n} task", "{n} tasks", 1) == "1 task"
    assert say.ngettext("{n} task", "{n} tasks", 2) == "2 tasks"


def test_what_people_write_is_never_taken_for_a_placeholder() -> None:
    say = Translator("de", {"Made {title}.": "{title} ist da."})
    assert say("Made {title}.", title="{0} {title.__class__}") == "{0} {title.__class__} ist da."


def test_plurals_follow_the_catalogue() -> None:
    say = Translator("de", {"{n} task": ("{n} Aufgabe", "{n} Aufgaben")})
    assert say.ngettext("{n} task", "{n} tasks", 1) == "1 Aufgabe"
    assert say.ngettext("{n} task", "{n} tasks", 0) == "0 Aufgaben"


@pytest.mark.parametrize(
    ("day", "language", "said"),
    [
        (date(2026, 11, 24), "de", "Di 24.11."),
        (date(2026, 11, 24), "en", "Tue 24 Nov"),
        (date(2027, 3, 1), "de", "Mo 1.3.2027"),
        (date(2027, 3, 1), "en", "Mon 1 Mar 2027"),
    ],
)
def test_days_are_short_and_name_another_year(day: date, language: str, said: str) -> None:
    assert format_day(day, language, date(2026, 11, 23)) == said


def test_near_days_have_names() -> None:
    today = date(2026, 12, 31)
    assert format_near_day(date(2027, 1, 1), "de", today) == "morgen"
    assert format_near_day(today, "en", today) == "today"
    assert format_near_day(date(2027, 1, 2), "de", today) == "Sa 2.1.2027"


def test_instants_are_told_in_local_time_on_both_sides_of_the_clock_change() -> None:
    summer = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    winter = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert format_time(summer, "de", BERLIN) == "02:30"
    assert format_time(winter, "de", BERLIN) == "02:30"
    assert format_instant(winter, "de", BERLIN, winter) == "So 25.10., 02:30"
