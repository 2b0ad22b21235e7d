"""A process for what is large or not ours: big books, and Word templates of the operator.

Reads one job as JSON from stdin, writes the file to stdout. It may take so much time and memory
and no more; what it takes goes with it when it ends.

    {"job": "compile", "template": "book.typ", "data": {…}, "made_at": "…"}
    {"job": "file", "recipe": {…}, "folder": "…" | null}
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

MOST_BYTES = 1_500_000_000
"""Of address space, which is about twice what is used."""
MOST_SECONDS = 120
"""Of CPU time, for one process; WECREATE_CHILD_SECONDS sets another."""
_TEMPLATE_SECONDS = 20
_LONGEST = 600
_WRONG = 3
_PARENT_DEATH_SIGNAL = 1


class ChildFailed(Exception):
    """The process ended without a file; the text says why, for the log."""


def run_job(job: Mapping[str, Any]) -> bytes:
    """In a process of its own; raises ChildFailed."""
    command = [sys.executable, "-m", "bridges.documents.child"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChildFailed("it took too long") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ChildFailed(said[-1] if said else f"ended with {done.returncode}")
    return done.stdout


def main() -> int:
    """One job; 3 when it can't be done, with why on stderr."""
    _die_with_parent()
    gc.disable()  # it ends soon, and all of it goes then
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    job = json.load(sys.stdin)
    one_motion = "document" in job.get("recipe", {})
    usual = _TEMPLATE_SECONDS if one_motion else MOST_SECONDS
    seconds = int(os.environ.get("WECREATE_CHILD_SECONDS", usual))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        made = _made(job)
    except MemoryError:
        sys.stderr.write("it needs too much memory\n")
        return _WRONG
    except Exception as error:  # noqa: BLE001  the process' boundary: whatever it was is told
        sys.stderr.write(f"{type(error).__name__}: {str(error)[:300]}\n".replace("\n", " ") + "\n")
        return _WRONG
    sys.stdout.buffer.write(made)
    return 0


def _die_with_parent() -> None:
    """A bot that is killed leaves nobody working (prctl(2), PR_SET_PDEATHSIG); Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _made(job: Mapping[str, Any]) -> bytes:
    # Imported here: a part needs nothing but Typst, and comes at once.
    if job["job"] == "compile":
        from bridges.documents.typesetting import compile_pdf  # noqa: PLC0415

        return compile_pdf(job["template"], job["data"], datetime.fromisoformat(job["made_at"]))
    from bridges.documents.recipes import BookRecipe, from_json  # noqa: PLC0415

    recipe = from_json(job["recipe"])
    if isinstance(recipe, BookRecipe):
        from bridges.documents.large import book_of_house  # noqa: PLC0415

        return book_of_house(recipe, job["folder"])
    from bridges.documents.making import made_here  # noqa: PLC0415

    return made_here(recipe, job["folder"]).data


if __name__ == "__main__":
    sys.exit(main())
