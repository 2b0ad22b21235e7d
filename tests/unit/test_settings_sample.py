from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from wecreate_module.settings import Settings, load_settings
from wecreate_module.settings.sample import reference, sample

ROOT = Path(__file__).parents[2]


def test_the_committed_sample_is_what_the_settings_say() -> None:
    path = ROOT / "config/wecreate.sample.yaml"
    assert path.read_text(encoding="utf-8") == sample(), (
        "run: wecreate config sample > config/wecreate.sample.yaml"
    )


def test_the_committed_reference_is_what_the_settings_say() -> None:
    path = ROOT / "docs/reference/settings.md"
    assert path.read_text(encoding="utf-8") == reference(), "run: wecreate docs"


def test_the_sample_is_valid_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "wecreate.yaml"
    path.write_text(sample(), encoding="utf-8")
    assert load_settings(path, {}).server.name == "example.org"


def test_what_the_sample_shows_in_comments_are_the_defaults(tmp_path: Path) -> None:
    plain, opened = tmp_path / "plain.yaml", tmp_path / "opened.yaml"
    plain.write_text(sample(), encoding="utf-8")
    lines = [
        line.replace("  #", "  ") if line.startswith("  #") and line[3] != " " else line
        for line in sample().splitlines()
        if "_file: " not in line
    ]
    opened.write_text("\n".join(lines), encoding="utf-8")
    assert load_settings(opened, {}) == load_settings(plain, {})


@pytest.mark.parametrize("section", [field.name for field in fields(Settings)])
def test_every_section_and_key_is_documented(section: str) -> None:
    kind = {field.name: field for field in fields(Settings)}[section]
    assert f"## {section}\n" in reference()
    assert f"\n{section}:\n" in sample()
    assert kind.type
