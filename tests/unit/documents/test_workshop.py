"""What was made ahead is there at once, and nothing stale ever is."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bridges.documents import making, workshop
from bridges.documents.export import DocumentFailed, File
from bridges.documents.recipes import MotionRecipe, to_json
from bridges.documents.view import Layout
from bridges.documents.workshop import Workshop
from tests.unit.documents.conftest import NOW, TEXT, Make
from wecreate_module.domain.effects import MakeFile, PrepareFile, SendFile

ROOM = "!box:w.example"
Json = dict[str, Any]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of what was made, each time that it was."""
    titles: list[str] = []
    really = making.made

    def noted(recipe: MotionRecipe, folder: Path | None) -> File:
        titles.append(recipe.document.title)
        return really(recipe, folder)

    monkeypatch.setattr("bridges.documents.workshop.made", noted)
    return titles


def recipe(make: Make, text: str = TEXT) -> Json:
    return to_json(MotionRecipe(make(text, layout=Layout.SUBMISSION), "txt", 4, NOW))


async def words(shop: Workshop, wanted: Mapping[str, Any]) -> str:
    sent = await shop.make(MakeFile(ROOM, dict(wanted)))
    assert isinstance(sent, SendFile)
    return base64.b64decode(sent.data).decode()


async def test_a_file_made_ahead_is_not_made_again(make: Make, made: list[str]) -> None:
    shop = Workshop(None)
    assert await shop.prepare(PrepareFile(recipe(make))) == {}
    assert "Linden" in await words(shop, recipe(make))
    assert len(made) == 1


async def test_whoever_asks_meanwhile_gets_the_one_that_is_in_the_making(
    make: Make, made: list[str]
) -> None:
    shop = Workshop(None)
    ahead = asyncio.create_task(shop.prepare(PrepareFile(recipe(make))))
    first, second = await asyncio.gather(words(shop, recipe(make)), words(shop, recipe(make)))
    await ahead
    assert first == second
    assert len(made) == 1


async def test_other_words_are_another_file(make: Make, made: list[str]) -> None:
    shop = Workshop(None)
    before = await words(shop, recipe(make))
    assert await words(shop, recipe(make, "Ganz anders.")) != before
    assert len(made) == 2


async def test_a_change_in_the_operators_folder_makes_it_anew(
    make: Make, made: list[str], tmp_path: Path
) -> None:
    shop = Workshop(tmp_path)
    await words(shop, recipe(make))
    (tmp_path / "style.yaml").write_text("name: OV Süd\n")
    await words(shop, recipe(make))
    assert len(made) == 2


async def test_an_editors_lock_in_the_operators_folder_stops_no_document(
    make: Make, made: list[str], tmp_path: Path
) -> None:
    (tmp_path / ".#style.yaml").symlink_to("anna@desk.4711")
    shop = Workshop(tmp_path)
    assert "Linden" in await words(shop, recipe(make))
    assert len(made) == 1


async def test_only_so_many_are_kept(
    make: Make, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "_MOST_KEPT", 1)
    shop = Workshop(None)
    for text in (TEXT, "Ganz anders.", TEXT):
        await words(shop, recipe(make, text))
    assert len(made) == 3


async def test_what_failed_is_tried_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> File:
        raise DocumentFailed("no")

    shop = Workshop(None)
    with monkeypatch.context() as patched:
        patched.setattr("bridges.documents.workshop.made", broken)
        assert await shop.prepare(PrepareFile(recipe(make))) == {}
        assert await shop.make(MakeFile(ROOM, recipe(make))) == {"failed": "document"}
    assert "Linden" in await words(shop, recipe(make))


async def test_a_making_that_breaks_is_told_and_holds_up_no_room(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> File:
        raise KeyError("nobody thought of that")

    monkeypatch.setattr("bridges.documents.workshop.made", broken)
    told = await Workshop(None).make(MakeFile(ROOM, recipe(make)))
    assert told == {"failed": "document"}
