"""What a document of a motion shows: made once, rendered by every format.

Words are plain text here; each format escapes them in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from wecreate_module.domain.bodies import TEXT, Body, LineNumbers, Plan
from wecreate_module.domain.diffs import Kind, diff, paragraph_pairs
from wecreate_module.domain.lines import in_paragraphs
from wecreate_module.domain.motions import Motion, Version
from wecreate_module.domain.plans import Sheet, in_euros, require_balanced


class Layout(StrEnum):
    """BOOK: numbered lines, for a meeting. SUBMISSION: as the body wants it."""

    SUBMISSION = "submission"
    BOOK = "book"
    LETTER = "letter"
    SYNOPSIS = "synopsis"
    SIGNATURES = "signatures"
    FUNDING = "funding"


@dataclass(frozen=True)
class Row:
    """One line as broken; `number` None where lines have none."""

    number: int | None
    text: str


@dataclass(frozen=True)
class Table:
    """`widths` are shares of the line; columns from `numbers_from` on are flush right.

    `total` is the last row, set apart. Rows to fill in by hand are `row_mm` high.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    numbers_from: int = 99
    total: tuple[str, ...] = ()
    row_mm: int = 0


@dataclass(frozen=True)
class Part:
    """A section; paragraphs of rows. A part without numbers has one row a paragraph."""

    title: str
    prefix: str
    paragraphs: tuple[tuple[Row, ...], ...]
    table: Table | None = None


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
    signature: bool = False
    """Whether there is room to sign."""
    reference: str = ""
    """What a letter names so that the answer can be told apart."""
    agreed: str = ""
    """The words that `sha256` is of, carried along unseen."""
    body: str = ""
    """Its id: what the letterhead goes by."""
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
    "agreed": "Der beschlossene Wortlaut, zum Prüfen",
    "dated": "Datum",
    "reference": "Zeichen",
    "deleted": "gestrichen",
    "inserted": "neu",
}
"""What documents say beside people's own words: German, as the bodies are."""

# A sheet of signatures: rows of this height, as many as the first page has room for.
_ROOM_MM, _LINE_MM, _GAP_MM, _ROW_MM = 116, 5, 2, 11
_FEWEST_ROWS, _MOST_ROWS = 4, 18
_SIGNING = (
    "Mit meiner Unterschrift unterstütze ich diesen Antrag. Bitte leserlich schreiben.",
    "Die Angaben werden nur für diesen Antrag verwendet.",
)


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
    UserError for a funding application whose plans are missing or don't balance.
    """
    mover = motion.version.sections.get("mover") or group
    version = motion.version
    numbered = body.line_numbers if layout is Layout.BOOK else LineNumbers.NONE
    return MotionDocument(
        layout=layout,
        title=motion.title,
        heading=body.heading,
        facts=_facts(motion, body, layout, mover),
        parts=_parts_of(version, body, layout),
        signers=() if layout is Layout.SIGNATURES else signers,
        show_numbers=numbered.value,
        date=f"{today.day}.{today.month}.{today.year}",
        version=f"Fassung {version.number}",
        sha256=version.sha256,
        recipient=(body.name, *(body.address or "").splitlines()),
        sender=tuple(mover.splitlines()),
        comparison=_comparison(motion, before) if layout is Layout.SYNOPSIS else None,
        compared=tuple(each.title for each in body.sections if each.key in {TEXT, "old"}),
        signature=layout in {Layout.SUBMISSION, Layout.FUNDING},
        reference=f"A{motion.number}",
        agreed=version.agreed,
        body=body.id,
        words=WORDS,
    )


def _parts_of(version: Version, body: Body, layout: Layout) -> tuple[Part, ...]:
    if layout is Layout.SIGNATURES:
        return signature_parts(version, body)
    if layout is not Layout.FUNDING:
        return _parts(version, body, numbered=layout is Layout.BOOK)
    tables = funding_tables(version, body)
    parts = _parts(version, body, numbered=False)
    return tuple(
        replace(part, paragraphs=(), table=tables[part.title]) if part.title in tables else part
        for part in parts
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
    pairs = paragraph_pairs(old, motion.version.text)
    filled = tuple(_side_by_side(*pair) for pair in pairs if any(pair))
    changes = diff(old, motion.version.text)
    raw = tuple(Stretch(change.kind.value, change.text) for change in changes)
    return Comparison("Synopse", title, f"Fassung {motion.version.number}", filled, raw)


def _side_by_side(old: str, new: str) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    changes = [Stretch(change.kind.value, change.text) for change in diff(old, new)]
    return (
        tuple(each for each in changes if each.kind != Kind.INSERTED.value),
        tuple(each for each in changes if each.kind != Kind.DELETED.value),
    )


def signature_parts(version: Version, body: Body) -> tuple[Part, ...]:
    """The full wording, who speaks for it, and rows to sign on as many as the page has room for."""
    shown = _parts(version, body, numbered=False)
    kept = {each.title for each in body.sections if each.key in {TEXT, "representatives"}}
    wording = tuple(part for part in shown if part.title in kept)
    columns = ("Nr.", *body.signature_columns)
    gaps = sum(len(part.paragraphs) for part in wording)
    room = _ROOM_MM - _LINE_MM * (len(version.lines) + 4 * (len(wording) - 1)) - _GAP_MM * gaps
    count = room // _ROW_MM if room >= _FEWEST_ROWS * _ROW_MM else _MOST_ROWS
    rows = tuple((str(n), *("" for _ in body.signature_columns)) for n in range(1, count + 1))
    table = Table(columns, rows, _shares(body.signature_columns), row_mm=_ROW_MM)
    note = tuple((Row(None, line),) for line in _SIGNING)
    return (*wording, Part("Unterschriften", "", note, table))


def _shares(columns: tuple[str, ...]) -> tuple[int, ...]:
    """Addresses need more room, dates less."""
    narrow = {"Geburtsdatum": 6, "PLZ": 4, "Datum": 5}
    return (2, *(narrow.get(name, 9) for name in columns))


def funding_tables(version: Version, body: Body) -> dict[str, Table]:
    """The two plans by the titles of their sections; UserError where they don't balance."""
    sheets = require_balanced(body, version.sections)
    sections = [each for kind in Plan for each in body.sections if each.plan is kind]
    return {
        section.title: _plan_table(sheet) for section, sheet in zip(sections, sheets, strict=True)
    }


def _plan_table(sheet: Sheet) -> Table:
    rows = tuple(
        (item.category, item.label, in_euros(item.amount or Decimal(0))) for item in sheet.items
    )
    total = ("Summe", "", in_euros(sheet.total))
    return Table(("Art", "Posten", "EUR"), rows, (5, 9, 3), numbers_from=2, total=total)
