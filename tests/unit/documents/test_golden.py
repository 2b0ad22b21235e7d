"""A motion that was handed in gives the same files for ever.

The text formats letter by letter; Word and OpenDocument by their XML; the PDF byte by byte for the
version of Typst that made it, and by its words for every other. `python -m
tests.unit.documents.test_golden` writes the files: only when a new version of a *format* is meant.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from bridges.documents.export import FORMATS, render
from bridges.documents.pdf_text import pdf_text
from bridges.documents.view import Layout, MotionDocument, document
from wecreate_module.domain.motions import Motion, MotionState, Version, clean_wording
from wecreate_module.services.bodies import shipped_bodies

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 22, 10, 0, 1, tzinfo=UTC)
TEXT = (
    "Der Beirat möge beschließen, an der Karl-Heine-Straße zwölf Linden zu pflanzen und die "
    "Baumscheiben so zu gestalten, dass Anwohner:innen sie pflegen können.\n\n"
    "1. Die Verwaltung berichtet bis zum 30. Juni 2027.\n"
    "2. Die Kosten von 24.000 € trägt das Stadtbezirksbudget. 🌳 <b>*{{x}}* #eval</b>"
)


def handed_in(layout: Layout) -> MotionDocument:
    sections = {"text": clean_wording(TEXT), "reason": "Schatten fehlt.\nSehr."}
    words = Version(3, "Zwölf Linden", sections, "@a:x", NOW, rules=1, width=76)
    body = shipped_bodies().find("allgemein")
    motion = Motion(4, body.id, words, "@a:x", NOW, state=MotionState.SUBMITTED, submitted_at=NOW)
    return document(
        motion, body, layout, group="Garten", signers=("Anna", "Ben"), today=date(2026, 11, 22)
    )


def content_of(kind: str, data: bytes) -> bytes:
    """What is held to be the same: text as it is, of archives the part with the words."""
    part = {"docx": "word/document.xml", "odt": "content.xml"}.get(kind)
    if part is not None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(part)
    return pdf_text(data)[0].encode() if kind == "pdf" else data


def pdf_prints() -> dict[str, str]:
    found: dict[str, str] = json.loads((GOLDEN / "pdf.json").read_text())
    return found


@pytest.mark.parametrize("layout", [Layout.SUBMISSION, Layout.BOOK])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_motion_that_was_handed_in_gives_the_same_words_for_ever(
    kind: str, layout: Layout
) -> None:
    data = render(handed_in(layout), kind, 4, NOW).data
    assert content_of(kind, data) == (GOLDEN / f"{layout.value}.{kind}").read_bytes()


@pytest.mark.parametrize("layout", [Layout.SUBMISSION, Layout.BOOK])
def test_its_pdf_is_the_same_byte_by_byte_for_the_typst_that_made_it(layout: Layout) -> None:
    data = render(handed_in(layout), "pdf", 4, NOW).data
    known = pdf_prints()
    made_with = f"typst {version('typst')} {layout.value}"
    assert made_with in known, "a new Typst: look at its pages, then write the golden files"
    assert hashlib.sha256(data).hexdigest() == known[made_with]
    assert b"bridges" not in data, "where this machine keeps its files is nobody's business"


def write() -> None:
    """All golden files; prints of older versions of Typst stay."""
    prints = pdf_prints() if (GOLDEN / "pdf.json").exists() else {}
    for layout in (Layout.SUBMISSION, Layout.BOOK):
        for kind in FORMATS:
            data = render(handed_in(layout), kind, 4, NOW).data
            (GOLDEN / f"{layout.value}.{kind}").write_bytes(content_of(kind, data))
            if kind == "pdf":
                made_with = f"typst {version('typst')} {layout.value}"
                prints[made_with] = hashlib.sha256(data).hexdigest()
    (GOLDEN / "pdf.json").write_text(json.dumps(prints, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    write()
