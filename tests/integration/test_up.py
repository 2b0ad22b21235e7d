from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import MatrixPerson
from tests.conditions import eventually
from tests.ports import free_ports
from tests.processes import Process
from tests.whole_stack import WECREATE, WholeStack, wecreate

CANARY = "Kanarienvogel im Geräteschuppen"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[WholeStack]:
    stack = WholeStack(tmp_path / "var")
    stack.start()
    yield stack
    stack.process.stop(60)


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
        return str(answer.read(), "utf-8")


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_two_stacks_run_side_by_side_and_stop_in_order(tmp_path: Path) -> None:
    stacks = [WholeStack(tmp_path / name) for name in ("one", "two")]
    for stack in stacks:
        stack.start()
    for stack in stacks:
        base, facts = stack.port_base, stack.facts
        assert list(facts) == [
            *("homeserver", "federation_port", "server_name", "bot_user_id"),
            *("registration_shared_secret", "caldav", "web", "database", "pid"),
        ]
        assert facts["homeserver"] == f"http://127.0.0.1:{base}"
        assert facts["federation_port"] == base + 1
        assert facts["server_name"] == f"localhost:{base + 1}"
        assert facts["bot_user_id"] == f"@wecreate:localhost:{base + 1}"
        assert facts["caldav"] == f"http://127.0.0.1:{base + 2}/"
        assert facts["web"] == f"http://127.0.0.1:{base + 3}"
        assert facts["pid"] == stack.process.pid
        assert stat.S_IMODE(stack.ready_file.stat().st_mode) == 0o600
        assert status(f"{facts['homeserver']}/_matrix/client/versions") == 200
        assert status(f"{facts['web']}/health") == 200
        assert status(f"{facts['web']}/metrics") == 200
        assert status(f"{facts['caldav']}health") == 200
    for stack in stacks:
        children = stack.children()
        assert set(children) == {"synapse", "bot", "dav"}
        assert stack.stop() == 0
        assert not any(runs(pid) for pid in children.values())
        assert not stack.ready_file.exists()
        told = stack.console
        assert told.index("the bot has stopped") < told.index("all has stopped")
        assert all(not path.stat().st_mode & 0o077 for path in stack.folder.rglob("*.db"))


async def test_a_killed_stack_leaves_no_process_and_starts_clean(tmp_path: Path) -> None:
    stack = WholeStack(tmp_path / "var")
    stack.start()
    children = stack.children()
    identity = (stack.folder / "bot/identity.json").read_text()
    stack.process.kill()
    await eventually(lambda: not any(runs(pid) for pid in children.values()))
    stack.start()
    assert (stack.folder / "bot/identity.json").read_text() == identity
    assert stack.stop() == 0


async def test_a_killed_homeserver_comes_back_and_the_bot_outlives_it(stack: WholeStack) -> None:
    before = stack.children()
    os.kill(before["synapse"], signal.SIGKILL)
    await eventually(lambda: stack.children().get("synapse", 0) not in {0, before["synapse"]})
    await eventually(lambda: status(f"{stack.facts['homeserver']}/health") == 200)
    await eventually(lambda: status(f"{stack.facts['web']}/health") == 200)
    assert stack.children()["bot"] == before["bot"]
    assert wecreate("user", "add", "later", "--dir", stack.folder).returncode == 0


def test_a_second_up_in_the_same_folder_is_refused(stack: WholeStack) -> None:
    second = wecreate("up", "--dir", stack.folder, "--port-base", str(free_ports(4)))
    assert second.returncode == 1
    assert f"already runs in {stack.folder} (process {stack.process.pid})" in second.stderr
    assert stack.process.running


def test_a_taken_port_is_named_and_nothing_starts(tmp_path: Path) -> None:
    base = free_ports(4)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 3))
        taken.listen()
        ended = wecreate("up", "--dir", tmp_path / "var", "--port-base", str(base))
    assert ended.returncode == 1
    assert f"Port {base + 3} (for health and metrics) is taken." in ended.stderr
    assert "--port-base" in ended.stderr
    assert not (tmp_path / "var/synapse/homeserver.yaml").exists()


def test_a_mistake_in_the_settings_is_told_before_anything_starts(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "wecreate.yaml").write_text("server:\n  nam: x\n")
    ended = wecreate("up", "--dir", folder, "--port-base", str(free_ports(4)))
    assert ended.returncode == 1
    assert "wecreate.yaml:2:3: server.nam: there is no such key; did you mean name?" in ended.stderr


def test_doctor_is_content_while_it_runs_and_after(tmp_path: Path) -> None:
    stack = WholeStack(tmp_path / "var")
    stack.start()
    running = wecreate("doctor", "--dir", stack.folder, "--json")
    assert running.returncode == 0, running.stdout
    grades = {f["check"]: f["grade"] for f in json.loads(running.stdout)["findings"]}
    for check in ("settings", "bot", "database", "key store", "encryption store", "homeserver"):
        assert grades[check] == "fine"
    for check in ("clock", "token", "device", "cross-signing", "one-time keys"):
        assert grades[check] == "fine"
    stack.stop()
    stopped = wecreate("doctor", "--dir", stack.folder)
    assert stopped.returncode == 0, stopped.stdout
    assert "does not run" in stopped.stdout
    (stack.folder / "bot/crypto.db").write_bytes(b"no database at all" * 100)
    (stack.folder / "wecreate.key").chmod(0o644)
    broken = wecreate("doctor", "--dir", stack.folder)
    assert broken.returncode == 1
    assert re.search(r"✗ encryption store: .*\n +→ Restore", broken.stdout)
    assert re.search(r"✗ key file: .*\n +→ Run: chmod 600", broken.stdout)


async def test_nothing_that_people_write_is_in_any_log(stack: WholeStack) -> None:
    facts = stack.facts
    secret = facts["registration_shared_secret"]
    async with await MatrixPerson.new(facts["homeserver"], secret, "anna") as anna:
        room = await anna.direct_chat(facts["bot_user_id"])
        await anna.ask(room, f"!box neu {CANARY}")
        await anna.ask(room, f"!{CANARY}")
        await anna.send(room, "m.room.message", {"msgtype": {"body": CANARY}, "body": [CANARY]})
        await anna.ask(room, "!hilfe")
    figures = await asyncio.to_thread(read, f"{facts['web']}/metrics")
    assert 'wecreate_commands_total{command="help",outcome="ok"} 1.0' in figures
    assert "wecreate_scheduled_lateness_seconds 0.0" in figures
    assert "nan" not in figures.lower()
    token = json.loads((stack.folder / "bot/identity.json").read_text())["access_token"]
    stack.stop()
    logs = stack.console + (stack.folder / "logs/wecreate.log").read_text()
    for hidden in (CANARY, "Kanarienvogel", secret, token):
        assert hidden not in logs


async def test_a_bot_whose_homeserver_is_away_says_so_and_waits(tmp_path: Path) -> None:
    base = free_ports(4)
    config = tmp_path / "wecreate.yaml"
    config.write_text(
        f"server: {{name: wir.example, homeserver: 'http://127.0.0.1:{base}'}}\n"
        f"bot: {{password_file: password}}\nweb: {{port: {base + 3}}}\n"
    )
    (tmp_path / "password").write_text("geheim")
    command = [*WECREATE, "bot", "--config", str(config)]
    bot = Process("wecreate bot", command, tmp_path / "bot.log")
    bot.start(lambda: status(f"http://127.0.0.1:{base + 3}/health") == 503)
    await eventually(lambda: "homeserver does not answer" in bot.log.read_text())
    assert bot.running
    bot.stop()
    assert "the bot has stopped" in bot.log.read_text()
