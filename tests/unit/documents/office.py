"""One LibreOffice for many files."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

MADE = {"pdf": "pdf"}
SCRIPT = Path(__file__).parent / "office_script.py"


class Office:
    """LibreOffice without a window, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        office = shutil.which("soffice")
        assert office, "LibreOffice is needed: make system"
        self._folder = folder
        self._count = 0
        pipe = f"wecreate-{abs(hash(folder))}"
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        self._listening = subprocess.Popen(
            [office, profile, "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._script = subprocess.Popen(
            ["/usr/bin/python3", str(SCRIPT), pipe],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._script.communicate(timeout=180)
        self._listening.wait(180)
        self._listening.kill()

    def _ask(self, data: bytes, kind: str, do: str) -> Any:
        self._count += 1
        file = self._folder / f"file{self._count}.{kind}"
        file.write_bytes(data)
        job = {
            "file": str(file),
            "do": do,
            "to": str(file.with_name(f"made{self._count}.{MADE.get(do, kind)}")),
        }
        if self._script.stdin is None or self._script.stdout is None:
            raise RuntimeError("the script has no pipes")
        self._script.stdin.write(json.dumps(job) + "\n")
        self._script.stdin.flush()
        answer = json.loads(self._script.stdout.readline())
        assert answer is not None, "LibreOffice does not open this file without a repair"
        return answer

    def decided(self, data: bytes, kind: str, how: str) -> list[str]:
        """Paragraphs with all tracked changes accepted or rejected; empty ones left out."""
        return [line for line in self._ask(data, kind, how) if line]

    def text(self, data: bytes, kind: str) -> list[str]:
        return [line for line in self._ask(data, kind, "text") if line]

    def changes(self, data: bytes, kind: str) -> int:
        return int(self._ask(data, kind, "changes"))

    def saved(self, data: bytes, kind: str) -> bytes:
        """Saved again in its own format."""
        return Path(self._ask(data, kind, "save")).read_bytes()

    def pdf(self, data: bytes, kind: str) -> bytes:
        return Path(self._ask(data, kind, "pdf")).read_bytes()
