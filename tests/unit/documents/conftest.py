"""A motion with all that people might type, and its documents."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bridges.documents.view import Layout, MotionDocument, document
from tests.unit.documents.office import Office
from wecreate_module.domain.motions import Motion, Version, clean_title, clean_wording
from wecreate_module.services.bodies import shipped_bodies

NOW = datetime(2026, 11, 22, 10, 0, 1, 234567, tzinfo=UTC)
TEXT = (
    "1. Die Stadtverwaltung pflanzt entlang der Karl-Heine-Straße zwischen Kanal und "
    "Clara-Zetkin-Park bis Ende 2027 zwölf Linden und entsiegelt dafür die nötigen Flächen.\n"
    "2. Für die Baumscheiben werden Patenschaften mit Anwohner:innen geschlossen.\n"
    "3. Über den Stand wird dem Beirat halbjährlich berichtet."
)

PLANS = {
    "applicant": "Nachbarschaft Karl-Heine e. V., VR 1234, Karl-Heine-Straße 1, 04229 Leipzig",
    "account": "Nachbarschaft Karl-Heine e. V., DE02 1203 0000 0000 2020 51",
    "period": "1.4.2027 bis 31.10.2027",
    "goals": "Mehr Schatten\nMehr Begegnung",
    "audience": "Südwest, alle, etwa 200",
    "costs": "Linden: 2.400 €\nSachkosten Erde und Pfähle 800\nHonorare Baumpflege 300,50\n"
    "Werbung Zettel 99,50",
    "finance": "Eigenmittel 400\nDrittmittel Stiftung 1.200\nBeantragte Summe 2.000",
}


def _picture() -> bytes:
    """A small red PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes((227, 0, 15)) * 40 for _ in range(20))
    head = struct.pack(">IIBBBBB", 40, 20, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


PNG = _picture()
Make = Callable[..., MotionDocument]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    found = Office(tmp_path_factory.mktemp("office"))
    yield found
    found.close()


def made_motion(
    text: str = TEXT,
    *,
    title: str = "Zwölf Linden",
    reason: str = "Schatten fehlt.",
    layout: Layout = Layout.BOOK,
    body: str = "leipzig-sbb-suedwest",
    group: str = "Bürgerinitiative",
    old: str | None = None,
    more_sections: dict[str, str] | None = None,
    **more: Any,
) -> MotionDocument:
    if layout is Layout.FUNDING:
        body, more_sections = "leipzig-stadtbezirksbudget", more_sections or PLANS
    sections = {"text": clean_wording(text), "reason": clean_wording(reason)}
    sections |= {key: clean_wording(words) for key, words in (more_sections or {}).items()}
    version = Version(3, clean_title(title), sections, "@a:x", NOW)
    found = shipped_bodies().get(body)
    assert found is not None
    before = None if old is None else replace(version, number=2, sections={"text": old})
    motion = Motion(4, body, version, "@a:x", NOW)
    made = document(
        motion, found, layout, group=group, signers=("Anna", "Ben"),
        today=date(2026, 11, 22), before=before,
    )  # fmt: skip
    return replace(made, **more)


@pytest.fixture
def make() -> Make:
    return made_motion
