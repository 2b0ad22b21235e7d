"""What lies on the disk of servers that run: files come and go between two looks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def holding(folder: Path, secrets: Iterable[bytes]) -> list[Path]:
    """The files below it in which one of them can be read."""
    if not folder.is_dir():
        raise NotADirectoryError(folder)
    sought = list(secrets)
    found = []
    for where, _, names in os.walk(folder):
        for path in (Path(where, name) for name in names):
            with suppress(FileNotFoundError):  # a database's journal, a file half sent
                content = path.read_bytes() if path.is_file() else b""
                if any(each in content for each in sought):
                    found.append(path)
    return found
