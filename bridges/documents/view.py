"""What a document of a motion shows: made once, rendered by every format.

Words are plain text here; each format escapes them in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from wecreate_module.domain.bodies import TEXT, Body, LineNumbers
from wecreate_module.domain.diffs import Kind, diff
from wecreate_module.domain.lines import in_paragraphs
from wecreate_module.domain.motions import Motion, Version


class Layout(StrEnum):
    """BOOK: numbered lines, for a meeting. SUBMISSION: as the body wants it."""

    SUBMISSION = "submission"
    BOOK = "book"
    LETTER = "letter"
    SYNOPSIS = "synopsis"


@dataclass(frozen=True)
class Row:
    """One line as broken; `number` None where lines have none."""

    number: int | None
    text: str


@dataclass(frozen=True)
class Part:
    """A section; paragraphs of rows. A part without numbers has one row a paragraph."""

    title: str
    prefix: str
    paragraphs: tuple[tuple[Row, ...], ...]


@dataclass(frozen=True)
class Stretch:
    """For the synopsis: words and whether they are "kept", "deleted" or "inserted"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """Old and new side by side, a pair for each paragraph."""

    title: str
    old_title: str
    new_title: str
    rows: tuple[tuple[tuple[Stretch, ...], tuple[Stretch, ...]], ...]
    changes: tuple[Stretch, ...] = ()
    """The same as one row of changes, line breaks and all."""


@dataclass(frozen=True)
class MotionDocument:
    """All that is shown. `show_numbers`: "every", "fifth" or "none"."""

    layout: Layout
    title: str
    heading: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    signers: tuple[str, ...]
    show_numbers: str
    date: str
    version: str
    sha256: str
    recipient: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    comparison: Comparison | None = None
    compared: tuple[str, ...] = ()
    """Titles of the parts that the comparison shows already."""
    language: str = "de"
    words: Mapping[str, str] = field(default_factory=dict)


WORDS: Mapping[str, str] = {
    "signers": "Mitgezeichnet von",
    "page": "Seite",
    "checksum": "Prüfsumme",
    "signature": "Ort, Datum, Unterschrift",
    "greeting": "Sehr geehrte Damen und Herren,",
    "intro": "wir reichen folgenden Antrag ein und bitten, ihn zu behandeln.",
    "closing": "Mit freundlichen Grüßen",
    "subject": "Antrag",
    "deleted": "gestrichen",
    "inserted": "neu",
}
"""What documents say beside people's own words: German, as the bodies are."""


def document(
    motion: Motion,
    body: Body,
    layout: Layout,
    *,
    group: str,
    signers: tuple[str, ...],
    today: date,
    before: Version | None = None,
) -> MotionDocument:
    """`group` is who moves, `signers` the names that stand behind it.

    The synopsis compares with `before`, or with the section "old" (a statute as it is).
    """
    mover = motion.version.sections.get("mover") or group
    version = motion.version
    numbered = body.line_numbers if layout is Layout.BOOK else LineNumbers.NONE
    return MotionDocument(
        layout=layout,
        title=motion.title,
        heading=body.heading,
        facts=_facts(motion, body, layout, mover),
        parts=_parts(version, body, numbered=layout is Layout.BOOK),
        signers=signers,
        show_numbers=numbered.value,
        date=f"{today.day}.{today.month}.{today.year}",
        version=f"Fassung {version.number}",
        sha256=version.sha256,
        recipient=(body.name, *(body.address or "").splitlines()),
        sender=tuple(mover.splitlines()),
        comparison=_comparison(motion, before) if layout is Layout.SYNOPSIS else None,
        compared=tuple(each.title for each in body.sections if each.key in {TEXT, "old"}),
        words=WORDS,
    )


def _facts(motion: Motion, body: Body, layout: Layout, mover: str) -> tuple[tuple[str, str], ...]:
    """The head of the motion; a number that the body gives is left blank."""
    own = body.own_numbers and layout is not Layout.BOOK
    number = motion.body_number or ("" if own else f"A{motion.number}")
    return (
        ("Nummer", number or "(vergibt das Gremium)"),
        ("Gremium", body.name),
        ("Eingereicht von", " · ".join(mover.splitlines())),
        ("Betreff", motion.title),
    )


def _parts(version: Version, body: Body, *, numbered: bool) -> tuple[Part, ...]:
    found = []
    for section in body.sections:
        text = version.sections.get(section.key, "")
        if not text or section.key == "mover":
            continue
        if section.key == TEXT and numbered:
            paragraphs = tuple(
                tuple(Row(line.number, line.text) for line in paragraph)
                for paragraph in in_paragraphs(version.lines)
            )
        else:
            paragraphs = tuple((Row(None, line),) for line in text.splitlines() if line)
        found.append(Part(section.title, section.prefix, paragraphs))
    return tuple(found)


def _comparison(motion: Motion, before: Version | None) -> Comparison:
    """Old and new words of the text; what is the same stands on both sides."""
    if before is not None:
        old, title = before.text, f"Fassung {before.number}"
    else:
        old, title = motion.version.sections.get("old", ""), "Bisheriger Wortlaut"
    sides: tuple[list[Stretch], list[Stretch]] = ([], [])
    rows: list[tuple[tuple[Stretch, ...], tuple[Stretch, ...]]] = []
    changes = diff(old, motion.version.text)
    for change in changes:
        pieces = change.text.split("\n") if change.kind is Kind.KEPT else [change.text]
        for at, piece in enumerate(pieces):
            if at:
                rows.append((tuple(sides[0]), tuple(sides[1])))
                sides[0].clear()
                sides[1].clear()
            if piece and change.kind is not Kind.INSERTED:
                sides[0].append(Stretch(change.kind.value, piece))
            if piece and change.kind is not Kind.DELETED:
                sides[1].append(Stretch(change.kind.value, piece))
    rows.append((tuple(sides[0]), tuple(sides[1])))
    filled = tuple(row for row in rows if row[0] or row[1])
    raw = tuple(Stretch(change.kind.value, change.text) for change in changes)
    return Comparison("Synopse", title, f"Fassung {motion.version.number}", filled, raw)
