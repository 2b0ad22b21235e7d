"""What `wecreate dav` loads before it listens: the first answer does not wait for what is slow."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = ("radicale", "vobject", "alembic", "nio", "aiohttp", "caldav")


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    code = "import sys, bots.cli, bots.operation.dav; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("name", SLOW)
def test_what_is_slow_comes_later(loaded: set[str], name: str) -> None:
    assert name not in loaded
