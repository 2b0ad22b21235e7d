"""`!dateien <words>` in a Box with 100,000 files: the search over sealed pages."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from tests.bench.table import Row, print_table, within
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.files import File, Version, search_line, search_words
from wecreate_module.storage.file_search import PAGE
from wecreate_module.storage.file_tables import file_pages, files
from wecreate_module.storage.store import Store

FILES = 100_000
ROUNDS, WARM_UP = 15, 2
MOST, SHOWN = 200, 30
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ANNA = "@anna:w.example"
BOX = Box("box1", "!box", "Ortsverein", "de", "Europe/Berlin", ANNA, NOW)
MEDIA = Media("mxc://w.example/" + "a" * 24, "k" * 43, "i" * 22, "s" * 43)
FOLDERS = ("", "Protokolle/2026", "Fotos/Sommerfest", "Anträge", "Finanzen")
# In one file, in every fifth, in all, in none.
SEARCHES = ("sitzung777", "Sommerfest", "anna pdf", "gibtesnicht")
# The worst: both words stand on every page, but in no file together.
NEVER_TOGETHER = "sommerfest finanzen"


def run() -> list[Row]:
    """Return the slowest of the searches' medians, and the worst case."""
    with tempfile.TemporaryDirectory() as folder, _filled(Path(folder)) as store:
        slowest = max(_measure(store, search) for search in SEARCHES)
        worst = _measure(store, NEVER_TOGETHER)
    return [
        within(f"search in {FILES:,} files", slowest, 50, "ms"),
        within("  the worst: two common words that never meet", worst, 250, "ms"),
    ]


def _measure(store: Store, search: str) -> float:
    times = []
    for _ in range(WARM_UP + ROUNDS):
        with store.read(NOW) as uow:
            started = time.perf_counter()
            numbers = uow.files.search(BOX.id, search_words(search), MOST)
            uow.files.some(BOX.id, numbers[:SHOWN])
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[WARM_UP:])


@contextmanager
def _filled(directory: Path) -> Iterator[Store]:
    """A store with one Box full of files, written page by page: entering each takes minutes."""
    url = f"sqlite:///{directory / 'w.db'}"
    store = Store.open(url, directory / "keys.db", directory / "wecreate.key")
    with store.begin(NOW) as uow:
        uow.boxes.add(BOX)
        repository = uow.files
        rows, sealed_pages = [], []
        pages: dict[int, list[str]] = {}
        for number in range(1, FILES + 1):
            file = _file(number)
            rows.append({"box_id": BOX.id, "number": number, **repository._values(BOX.id, file)})
            line = f"{number} {search_line(file, 'Anna Schmidt', BERLIN)}"
            pages.setdefault(number // PAGE, []).append(line)
        for page, lines in pages.items():
            sealed = store.keys.seal(
                BOX.id, f"file_pages:{BOX.id}:{page}", "\n".join(lines).encode()
            )
            sealed_pages.append({"box_id": BOX.id, "page": page, "sealed": sealed})
        uow._connection.execute(insert(files), rows)
        uow._connection.execute(insert(file_pages), sealed_pages)
    yield store
    store.close()


def _file(number: int) -> File:
    sent_at = NOW - timedelta(hours=number)
    folder = FOLDERS[number % len(FOLDERS)]
    name = f"Protokoll Sitzung{number} Vorstand.pdf"
    version = Version(1, ANNA, sent_at, 120_000, "application/pdf", MEDIA)
    return File(number, name, version, folder, "wie in der letzten Sitzung besprochen")


if __name__ == "__main__":
    print_table(run())
