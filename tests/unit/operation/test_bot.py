"""What `wecreate bot` says when it can't go on."""

from __future__ import annotations

import argparse
import logging
import socket
import sqlite3
from pathlib import Path

import pytest

from bots.operation import bot
from wecreate_module.settings import Settings
from wecreate_module.storage.errors import StoreError


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "wecreate.yaml"
    path.write_text("server:\n  name: x.example\n  homeserver: http://127.0.0.1:9\n")
    return path


def end_of_a_bot(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> str:
    async def broken(_: Settings) -> None:
        raise error

    monkeypatch.setattr(bot, "_until_told", broken)
    before = logging.getLogger().handlers[:]
    try:
        assert bot.run(argparse.Namespace(config=config, reset_identity=False)) == 1
    finally:
        logging.getLogger().handlers[:] = before
    return "".join(capsys.readouterr())


def test_a_taken_port_is_named(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as second:
        with pytest.raises(OSError) as caught:  # noqa: PT011 - its errno is what counts
            second.bind(taken.getsockname())
        said = end_of_a_bot(config, monkeypatch, capsys, caught.value)
    assert "is taken" in said
    assert "web.port" in said


def test_what_broke_among_tasks_is_named(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = ExceptionGroup("inner", [StoreError("The database x is damaged.")])
    error = ExceptionGroup("tasks", [ValueError("secret words"), inner])
    said = end_of_a_bot(config, monkeypatch, capsys, error)
    assert "The database x is damaged." in said
    assert "secret" not in said


def test_a_full_disk_is_named_whoever_met_it(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = RuntimeError("of a library")
    error.__cause__ = sqlite3.OperationalError("database or disk is full")
    assert "Free some space" in end_of_a_bot(config, monkeypatch, capsys, error)
