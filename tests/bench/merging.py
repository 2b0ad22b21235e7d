"""50 amendments brought into 1000 lines, and what changed, against difflib's line diff alone."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import unified_diff

from tests.bench.table import Row, at_most
from wecreate_module.domain.amendments import Amendment, AmendmentKind, edit_of, merged
from wecreate_module.domain.diffs import applied, diff
from wecreate_module.domain.lines import Line, break_lines

LINES, AMENDMENTS, ROUNDS = 1000, 50, 15
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_TEXT = (
    "die Stadt pflanzt zwölf Linden und berichtet dem Beirat halbjährlich über den Stand der "
    "Baumscheiben an der Straße zwischen Kanal und Park mit den Anwohnerinnen bis Ende"
)
_WORDS = _TEXT.split(" ")


def run() -> list[Row]:
    """CPU time, the median of several rounds, one after the other in turn."""
    text, lines, amendments = _motion()

    def ours() -> str:
        new = merged(text, [edit_of(each, lines) for each in amendments])
        diff(text, new)
        return new

    new_text = ours()
    if applied(text, diff(text, new_text)) != new_text:
        raise AssertionError("the changes do not lead to the new text")
    before = "\n".join(line.text for line in lines)
    after = "\n".join(line.text for line in break_lines(new_text))

    def peer() -> int:
        return sum(1 for _ in unified_diff(before.splitlines(), after.splitlines()))

    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(_cpu(ours))
        theirs.append(_cpu(peer))
    name = f"diff and merge of {AMENDMENTS} amendments to {LINES} lines"
    return [at_most(name, statistics.median(mine), statistics.median(theirs), 2, "ms CPU")]


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _motion() -> tuple[str, tuple[Line, ...], list[Amendment]]:
    """Paragraphs of one to four lines, 1000 lines in all; amendments spread over them."""
    chance = random.Random(5)
    paragraphs: list[str] = []
    while len(lines := break_lines("\n".join(paragraphs))) < LINES:
        words = [chance.choice(_WORDS) for _ in range(chance.randint(8, 45))]
        paragraphs.append(f"{len(paragraphs) + 1}. {' '.join(words)}.")
    lines = lines[:LINES]
    text = "\n".join(paragraphs)[: lines[-1].end]
    lines = break_lines(text)
    places = sorted(chance.sample(range(2, LINES - 2, 4), AMENDMENTS))
    return text, lines, [_amendment(at, place, chance) for at, place in enumerate(places, 1)]


def _amendment(number: int, line: int, chance: random.Random) -> Amendment:
    kind = chance.choice(list(AmendmentKind))
    last = line + 1 if kind is not AmendmentKind.INSERT else line
    words = "" if kind is AmendmentKind.DELETE else " ".join(chance.sample(_WORDS, 12))
    return Amendment(number, 1, kind, line, last, words, "@a:x", _NOW)
