"""`wecreate demo` as a newcomer runs it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.people import wait_for
from tests.processes import Process
from tests.whole_stack import WECREATE, free_port_base

TOLD_WITHIN = 240


def test_the_story_is_told_and_the_stack_stops(tmp_path: Path) -> None:
    ended = subprocess.run(
        demo(tmp_path / "demo"),
        env={**os.environ, "DEMO_EXIT": "1"},
        capture_output=True,
        text=True,
        timeout=TOLD_WITHIN,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    for line in ("!box neu Gartenfest", "!tasks", "#1 Hecke schneiden is done"):
        assert line in ended.stdout
    for line in (
        "angenommen: 2 Ja, 0 Nein, 0 Enthaltung",
        "✉ To: sbb-suedwest@leipzig.example",
        "✉ 2. Sie berichtet jährlich.",
        "A1 ist eingereicht.",
    ):
        assert line in ended.stdout
    made = {path.suffix for path in (tmp_path / "demo").glob("A1-Zwoelf-Linden*")}
    assert made == {".pdf", ".docx", ".odt"}
    (mail,) = (tmp_path / "demo" / "mail").glob("*.eml")
    assert b"Message-ID: <motion." in mail.read_bytes()
    assert ended.stderr == ""


def test_the_stack_goes_on_till_it_is_interrupted(tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    told = Process("wecreate demo", demo(tmp_path / "demo"), log)
    told.start(lambda: "goes on running" in log.read_text(), TOLD_WITHIN)
    try:
        ready = tmp_path / "demo" / "ready.json"
        assert ready.exists()
        assert "password" in log.read_text()
        os.kill(told.pid, signal.SIGINT)
        wait_for(lambda: not told.running, "its end", 60)
        assert not ready.exists()
    finally:
        told.stop()


def test_two_towns_work_together(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*demo(tmp_path / "demo", free_port_base(8)), "--federation"],
        env={**os.environ, "DEMO_EXIT": "1"},
        capture_output=True,
        text=True,
        timeout=TOLD_WITHIN,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    for line in ("the party's server counts her", "anna is in it", "encrypted, between two"):
        assert line in ended.stdout
    assert ended.stderr == ""


def demo(folder: Path, port_base: int | None = None) -> list[str]:
    base = port_base or free_port_base()
    return [*WECREATE, "demo", "--dir", str(folder), "--port-base", str(base)]
