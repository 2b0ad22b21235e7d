"""What a reader clicks on is there."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "README.md"
PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))


def linked(page: Path) -> set[Path]:
    """The files that a page links to."""
    found = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    return {(page.parent / target).resolve() for target in found if "://" not in target}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in linked(page) if not target.exists()] == []


def test_every_page_stands_in_the_index() -> None:
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs")}
    assert pages - linked(INDEX) == {INDEX}


def test_decisions_are_called_by_their_number() -> None:
    decisions = [page for page in PAGES if page.parent.name == "decisions"]
    titles = {page.name[:4]: page.read_text(encoding="utf-8") for page in decisions}
    assert len(titles) == len(decisions)
    assert [number for number, text in titles.items() if not text.startswith(f"# {number}: ")] == []


def test_every_dependency_says_what_it_is_for() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    needed = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    names = {re.split(r"[\[<>=]", line)[0].lower() for each in needed for line in each.split()}
    page = (ROOT / "docs/reference/dependencies.md").read_text(encoding="utf-8").lower()
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", page)] == []
