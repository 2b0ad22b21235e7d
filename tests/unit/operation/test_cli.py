from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from bots.cli import COMMANDS, main
from tests.processor import RUSAGE_CHILDREN, at_most

Capture = pytest.CaptureFixture[str]


def test_help_lists_every_command(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: Capture) -> None:
    assert main([name, "--help"]) == 0
    assert f"wecreate {name}" in capsys.readouterr().out
    assert import_module(f"bots.operation.{name.replace('-', '_')}").run


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["config"], ["config", "chek"], ["up", "--port-base", "70000"]]
)
def test_wrong_use_ends_with_2_and_says_how_to_see_what_is_right(
    words: list[str], capsys: Capture
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert "help" in captured.out + captured.err


def test_a_failure_ends_with_1_and_no_trace(tmp_path: Path, capsys: Capture) -> None:
    assert main(["user", "add", "anna", "--dir", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "cannot be read" in error
    assert "Traceback" not in error


def test_the_sample_passes_its_own_check(tmp_path: Path, capsys: Capture) -> None:
    assert main(["config", "sample"]) == 0
    path = tmp_path / "wecreate.yaml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["config", "check", str(path)]) == 0
    assert main(["config", "check", "--json", str(path)]) == 0
    assert '"ok": true' in capsys.readouterr().out


def test_a_check_as_json_holds_each_problem(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "wecreate.yaml"
    path.write_text("server: {name: a b}\n", encoding="utf-8")
    assert main(["config", "check", "--json", str(path)]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert [problem["key"] for problem in answer["problems"]] == [
        "server.homeserver",
        "server.name",
    ]
    assert answer["problems"][1] | {"message": ""} == {
        "line": 1,
        "column": 16,
        "key": "server.name",
        "message": "",
    }


def test_help_comes_at_once() -> None:
    command = [sys.executable, "-m", "bots.cli", "--help"]
    with at_most(2, of=RUSAGE_CHILDREN):
        subprocess.run(command, check=True, capture_output=True)
    code = "import sys, bots.cli; sys.exit('aiohttp' in sys.modules or 'nio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
