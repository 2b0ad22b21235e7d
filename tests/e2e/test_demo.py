"""`wecreate demo` as a newcomer runs it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.people import wait_for
from tests.ports import free_ports
from tests.processes import Process
from tests.whole_stack import WECREATE

TOLD_WITHIN = 480


def test_the_story_is_told_and_the_stack_stops(tmp_path: Path) -> None:
    shown = told(demo(tmp_path / "demo"))
    for line in ("!box neu Gartenfest", "!tasks", "#1 Hecke schneiden is done"):
        assert line in shown
    for line in (
        "angenommen: 2 Ja, 0 Nein, 0 Enthaltung",
        "✉ To: sbb-suedwest@leipzig.example",
        "✉ 2. Sie berichtet jährlich.",
        "A1 ist eingereicht.",
    ):
        assert line in shown
    made = {path.suffix for path in (tmp_path / "demo").glob("A1-Zwoelf-Linden*")}
    assert made == {".pdf", ".docx", ".odt"}
    (mail,) = (tmp_path / "demo" / "mail").glob("*.eml")
    assert b"Message-ID: <motion." in mail.read_bytes()


def test_the_stack_goes_on_till_it_is_interrupted(tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    running = Process("wecreate demo", demo(tmp_path / "demo"), log)
    running.start(lambda: "goes on running" in log.read_text(), TOLD_WITHIN)
    try:
        ready = tmp_path / "demo" / "ready.json"
        assert ready.exists()
        assert "password" in log.read_text()
        os.kill(running.pid, signal.SIGINT)
        wait_for(lambda: not running.running, "its end")
        assert not ready.exists()
    finally:
        running.stop()


def test_two_towns_work_together(tmp_path: Path) -> None:
    shown = told([*demo(tmp_path / "demo", free_ports(8)), "--federation"])
    for line in ("the party's server counts her", "anna is in it", "encrypted, between two"):
        assert line in shown


def demo(folder: Path, port_base: int | None = None) -> list[str]:
    base = port_base or free_ports(4)
    return [*WECREATE, "demo", "--dir", str(folder), "--port-base", str(base)]


def told(command: list[str]) -> str:
    """All that it shows till it ends; nothing may go wrong."""
    ended = subprocess.run(
        command,
        env={**os.environ, "DEMO_EXIT": "1"},
        capture_output=True,
        text=True,
        timeout=TOLD_WITHIN,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout
