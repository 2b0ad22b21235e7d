"""A motion with all that people might type, and its documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bridges.documents.view import Layout, MotionDocument, document
from wecreate_module.domain.motions import Motion, Version, clean_title, clean_wording
from wecreate_module.services.bodies import shipped_bodies

NOW = datetime(2026, 11, 22, 10, 0, 1, 234567, tzinfo=UTC)
TEXT = (
    "1. Die Stadtverwaltung pflanzt entlang der Karl-Heine-Straße zwischen Kanal und "
    "Clara-Zetkin-Park bis Ende 2027 zwölf Linden und entsiegelt dafür die nötigen Flächen.\n"
    "2. Für die Baumscheiben werden Patenschaften mit Anwohner:innen geschlossen.\n"
    "3. Über den Stand wird dem Beirat halbjährlich berichtet."
)

Make = Callable[..., MotionDocument]


@pytest.fixture
def make() -> Make:
    def made(
        text: str = TEXT,
        *,
        title: str = "Zwölf Linden",
        reason: str = "Schatten fehlt.",
        layout: Layout = Layout.BOOK,
        body: str = "leipzig-sbb-suedwest",
        group: str = "Bürgerinitiative",
        old: str | None = None,
        **more: Any,
    ) -> MotionDocument:
        sections = {"text": clean_wording(text), "reason": clean_wording(reason)}
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

    return made
