"""PDFs of motions against WeasyPrint with an equal HTML layout, CPU time in one run.

Motions differ from one another, so that nothing is remembered from the one before.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import pikepdf

from bridges.documents.book import Book, Chapter, ShownAmendment
from bridges.documents.pdf import render_pdf
from bridges.documents.recipes import BookRecipe, to_json
from bridges.documents.view import Layout, MotionDocument, document
from tests.bench.table import Row, at_most, within
from wecreate_module.domain.motions import Motion, Version
from wecreate_module.services.bodies import shipped_bodies

ROOT = Path(__file__).parents[2]
PEER = ROOT / "var/bench/weasyprint/bin/python"
MOTIONS, AMENDMENTS, ROUNDS = 300, 1000, 8
MOST_MB = 600
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_TEXT = (
    "Stadt pflanzt zwölf Linden und berichtet dem Beirat halbjährlich über den Stand der "
    "Baumscheiben an der Straße zwischen Kanal und Park mit Anwohnerinnen bis Ende des Jahres "
    "Verwaltung prüft Flächen Patenschaften werden geschlossen Kosten trägt das Budget"
)
_WORDS = _TEXT.split(" ")
_MAKING = """
import json, sys
from pathlib import Path
from bridges.documents.making import made
from bridges.documents.recipes import from_json
recipe = from_json(json.loads(Path(sys.argv[1]).read_text()))
Path(sys.argv[2]).write_bytes(made(recipe, None).data)
"""


def run() -> list[Row]:
    """Two rows of CPU time and one of memory."""
    if not PEER.exists():
        raise SystemExit("WeasyPrint is missing: make bench-setup")
    return [_one_motion(), *_big_book()]


def _one_motion() -> Row:
    """Four pages, warm: the first of each side is not counted."""
    chance = random.Random(1)
    motions = [_motion(number, 38, chance) for number in range(ROUNDS + 1)]
    ours = []
    for motion in motions:
        began = time.process_time()
        render_pdf(motion, _NOW)
        ours.append(time.process_time() - began)
    peers = _weasyprint([_page(_html(motion)) for motion in motions])
    mine, theirs = (statistics.median(each[1:]) * 1000 for each in (ours, peers))
    return at_most("PDF of a 4-page motion, warm", mine, theirs, 1 / 9, "ms CPU")


def _big_book() -> list[Row]:
    chance = random.Random(2)
    book = _book(chance)
    mine, memory, pages = _made_elsewhere(book)
    body = "".join(
        f"<section>{_html(each.motion)}<h2>Änderungsanträge</h2>{_html_amendments(each)}</section>"
        for each in book.chapters
    )
    (theirs,) = _weasyprint([_page(body)])
    name = f"Antragsbuch of {MOTIONS} motions, {AMENDMENTS} amendments, {pages} pages"
    return [
        at_most(name, mine, theirs, 1 / 10, "s CPU"),
        within("  the same, memory of all its processes", memory, MOST_MB, "MB"),
    ]


def _made_elsewhere(book: Book) -> tuple[float, float, int]:
    """As the bot makes it, in a process that stands for the bot: CPU, memory, pages."""
    with tempfile.TemporaryDirectory() as folder:
        recipe, made = Path(folder, "recipe.json"), Path(folder, "book.pdf")
        recipe.write_text(json.dumps(to_json(BookRecipe(book, _NOW))), encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(
            [sys.executable, "-c", _MAKING, str(recipe), str(made)], cwd=ROOT
        )
        peak = _Peak(process.pid)
        peak.start()
        if process.wait() != 0:
            raise AssertionError("the book could not be made")
        peak.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        with pikepdf.open(made) as pdf:
            return used, peak.megabytes, len(pdf.pages)


class _Peak(threading.Thread):
    """The most memory that a process and all below it hold at once: shared pages count once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.megabytes = 0.0

    def run(self) -> None:
        while Path(f"/proc/{self._pid}/stat").exists():
            now = sum(_held(pid) for pid in _tree(self._pid)) / 1024
            self.megabytes = max(self.megabytes, now)
            if _is_over(self._pid):
                return
            time.sleep(0.03)  # between two looks


def _tree(pid: int) -> list[int]:
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [pid, *(each for child in below for each in _tree(int(child)))]


def _held(pid: int) -> int:
    """PSS in kB."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(next((line.split()[1] for line in told.splitlines() if line.startswith("Pss:")), 0))


def _is_over(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] == "Z"
    except OSError:
        return True


def _weasyprint(pages: list[str]) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        for number, page in enumerate(pages):
            Path(folder, f"{number:03}.html").write_text(page, encoding="utf-8")
        script = ROOT / "tests/bench/peers/weasyprint_pages.py"
        done = subprocess.run(
            [str(PEER), str(script), folder],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONPATH": ""},
        )
        found: list[float] = json.loads(done.stdout)
        return found


def _motion(number: int, paragraphs: int, chance: random.Random) -> MotionDocument:
    body = shipped_bodies().find("SBB Südwest")
    text = "\n".join(f"{n}. {_sentence(chance, 34)}" for n in range(1, paragraphs + 1))
    reason = "\n".join(_sentence(chance, 60) for _ in range(max(1, paragraphs // 3)))
    version = Version(1, f"Antrag {number}", {"text": text, "reason": reason}, "@a:x", _NOW)
    motion = Motion(number, body.id, version, "@a:x", _NOW)
    return document(
        motion, body, Layout.BOOK, group="OV", signers=("Anna", "Ben"), today=date(2026, 11, 22)
    )


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(words)) + f" {chance.random():.6f}."


def _book(chance: random.Random) -> Book:
    left = AMENDMENTS
    chapters = []
    for number in range(1, MOTIONS + 1):
        count = -(-left // (MOTIONS - number + 1))
        left -= count
        amendments = tuple(
            ShownAmendment(
                f"Ä{n}", "Ben · zu Fassung 1 · offen",
                f"Ersetze Zeile {n} durch: {_sentence(chance, 30)}", _sentence(chance, 20),
            )
            for n in range(1, count + 1)
        )  # fmt: skip
        motion = _motion(number, 10, chance)
        chapters.append(Chapter(f"A{number} {motion.title}", motion, amendments))
    return Book("Antragsbuch", tuple(chapters), date(2026, 11, 22))


_STYLE = """@page{size:A4;margin:25mm 25mm 27mm;@bottom-right{content:"Seite " counter(page) "/"
counter(pages);font-size:8pt}@bottom-left{content:"Fassung 1";font-size:8pt}}
body{font:11pt/1.3 "Liberation Serif"}h1{font-size:15pt;break-before:page;bookmark-level:1}
h2{font-size:12pt}dl{display:grid;grid-template-columns:38mm 1fr;font-size:10pt}dd{margin:0}
p.t{position:relative}span.n{position:absolute;left:-10mm;font-size:8pt}
blockquote{border-left:1pt solid;margin-left:0;padding-left:4mm;break-inside:avoid}"""


def _page(body: str) -> str:
    return (
        f'<!doctype html><html lang="de"><head><title>Antrag</title><style>{_STYLE}</style>'
        f"</head><body>{body}</body></html>"
    )


def _html(motion: MotionDocument) -> str:
    facts = "".join(f"<dt><b>{escape(a)}</b></dt><dd>{escape(b)}</dd>" for a, b in motion.facts)
    parts = "".join(
        f"<h2>{escape(part.title)}</h2><p><em>{escape(part.prefix)}</em></p>"
        + "".join(
            "<p class=t>"
            + "<br>".join(
                (f"<span class=n>{row.number}</span>" if row.number else "") + escape(row.text)
                for row in rows
            )
            + "</p>"
            for rows in part.paragraphs
        )
        for part in motion.parts
    )
    signers = escape(", ".join(motion.signers))
    head = f"<h1>{escape(motion.title)}</h1><dl>{facts}</dl>"
    return f"{head}{parts}<h2>Mitgezeichnet</h2><p>{signers}</p>"


def _html_amendments(chapter: Chapter) -> str:
    return "".join(
        f"<blockquote><b>{each.label}</b> {escape(each.about)}<p>{escape(each.text)}</p>"
        f"<p><em>{escape(each.reason)}</em></p></blockquote>"
        for each in chapter.amendments
    )
