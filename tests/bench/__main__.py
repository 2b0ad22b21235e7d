"""All benchmarks, one table: `make bench`. Exit code 1 says that a target was missed.

python -m tests.bench [caldav commands documents export merging …]
"""

from __future__ import annotations

import sys
import time
import traceback
from importlib import import_module

from tests.bench.table import Row, print_table

BENCHES = (
    "caldav",
    "caldav_to_room",
    "commands",
    "documents",
    "export",
    "file_search",
    "list_tasks",
    "market_search",
    "market_send",
    "marketplace_federation",
    "merging",
    "module_send",
    "restart",
    "share_links",
)


def main(names: list[str]) -> int:
    rows: list[Row] = []
    broken = []
    for name in names or BENCHES:
        started = time.monotonic()
        print(f"· {name} …", flush=True)  # noqa: T201 - this takes minutes
        try:
            rows += import_module(f"tests.bench.{name}").run()
        except Exception:  # noqa: BLE001 - the others' minutes must not be lost with it
            traceback.print_exc()
            broken.append(name)
        print(f"· {name} took {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201 - too
    print_table(rows)
    if broken:
        print(f"Not measured: {', '.join(broken)}")  # noqa: T201 - what is missing in the table
    return 0 if not broken and all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
