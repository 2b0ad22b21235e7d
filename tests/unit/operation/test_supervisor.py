# ruff: noqa: ASYNC240 - small files of the test's own
from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from bots.operation.supervisor import Service, Supervisor
from bots.operation.terminal import Failure

SERVER = """
import signal, sys, time
from pathlib import Path
mark, name = Path(sys.argv[1]), sys.argv[2]
def stop(*_):
    with mark.open("a") as f: f.write(f"{name} stops\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
with mark.open("a") as f: f.write(f"{name} runs\\n")
print("hello", flush=True)
signal.pause()
"""


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))


async def until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 90
    while not condition():
        assert monotonic() < deadline
        await asyncio.sleep(0.02)


def server(mark: Path, name: str) -> Service:
    async def healthy() -> bool:
        return mark.exists() and f"{name} runs" in mark.read_text()

    return Service(name, (sys.executable, "-c", SERVER, str(mark), name), healthy)


def pid_of(supervisor: Supervisor) -> int:
    process = supervisor._children[0]._process
    assert process
    return process.pid


def script(code: str, **options: float) -> Service:
    async def never() -> bool:
        return False

    return Service("it", (sys.executable, "-c", code), never, **options)


async def test_children_stop_in_reverse_order(tmp_path: Path) -> None:
    mark, supervisor = tmp_path / "mark", Supervisor(Log())
    for name in ("first", "second"):
        await supervisor.start(server(mark, name))
    await supervisor.stop()
    assert mark.read_text().splitlines()[2:] == ["second stops", "first stops"]


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    mark, log = tmp_path / "mark", Log()
    supervisor = Supervisor(log)
    await supervisor.start(server(mark, "it"))
    os.kill(pid_of(supervisor), signal.SIGKILL)
    await until(lambda: mark.read_text().count("it runs") == 2)
    await supervisor.stop()
    assert ("up", "it ended with SIGKILL; it starts again in 1 s") in log.lines


async def test_one_that_ends_at_the_start_fails_with_its_last_words() -> None:
    supervisor = Supervisor(Log())
    with pytest.raises(Failure, match=r"^it ended with exit code 3: no such disk$"):
        await supervisor.start(script("print('no such disk'); raise SystemExit(3)"))
    with pytest.raises(Failure, match=r"^it ended with exit code 1: ValueError: broken disk$"):
        await supervisor.start(script("raise ValueError('broken disk')"))
    await supervisor.stop()


async def test_one_that_never_answers_fails_in_time() -> None:
    supervisor = Supervisor(Log())
    with pytest.raises(Failure, match="gave no answer"):
        await supervisor.start(script("import signal; signal.pause()", start_within=0.5))
    await supervisor.stop()


async def test_one_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = (
        "import signal, sys, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(mark)!r}).touch();\nwhile True: signal.pause()"
    )

    async def healthy() -> bool:
        return mark.exists()

    log = Log()
    supervisor = Supervisor(log)
    await supervisor.start(Service("it", (sys.executable, "-c", code), healthy, stop_within=0.3))
    await supervisor.stop()
    assert any("is killed" in line for _, line in log.lines)


async def test_every_line_is_logged_however_long_or_broken() -> None:
    log = Log()
    code = "import sys; sys.stdout.buffer.write(b'a\\n' + b'x' * 300_000 + b'\\n\\xff\\nend')"
    supervisor = Supervisor(log)
    with pytest.raises(Failure):
        await supervisor.start(script(code))
    await supervisor.stop()
    lines = [line for _, line in log.lines]
    assert lines[0] == "a"
    assert lines[-2:] == ["\ufffd", "end"]
    assert sum(line.count("x") for line in lines) == 300_000


async def test_children_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    mark, pid_file = tmp_path / "mark", tmp_path / "pid"
    code = f"""
import asyncio, sys
from pathlib import Path
sys.path[:0] = {[str(Path(__file__).parent)]!r}
from test_supervisor import Log, Supervisor, pid_of, server
async def main():
    supervisor = Supervisor(Log())
    await supervisor.start(server(Path({str(mark)!r}), "it"))
    Path({str(pid_file)!r}).write_text(str(pid_of(supervisor)))
    await asyncio.Event().wait()
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    await until(lambda: pid_file.exists() and bool(pid_file.read_text()))
    child = int(pid_file.read_text())
    parent.kill()
    await parent.wait()
    await until(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
