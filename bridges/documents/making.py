"""Recipes to files: here, or in a process of its own what is large or not ours."""

from __future__ import annotations

from pathlib import Path

from bridges.documents.child import ChildFailed, run_job
from bridges.documents.export import DocumentFailed, File, file_name, mimetype_of, render
from bridges.documents.house import BOOK_TEMPLATE, House, HouseError
from bridges.documents.large import SMALL, book_of_house, size_of
from bridges.documents.recipes import BookRecipe, MotionRecipe, Recipe, to_json


def named(recipe: Recipe) -> tuple[str, str, str, str]:
    """Format, layout, name and type of the file that it gives."""
    if isinstance(recipe, BookRecipe):
        name = f"Antragsbuch.{recipe.format}"
        return recipe.format, "book", name, mimetype_of(recipe.format)
    name = file_name(recipe.document, recipe.format, recipe.number)
    return recipe.format, recipe.document.layout.value, name, mimetype_of(recipe.format)


def made(recipe: Recipe, folder: Path | None) -> File:
    """The file, the same bytes each time; raises DocumentFailed. Takes milliseconds to minutes."""
    try:
        if not _elsewhere(recipe, folder):
            return made_here(recipe, folder)
        job = {
            "job": "file",
            "recipe": to_json(recipe),
            "folder": None if folder is None else str(folder),
        }
        return File(*named(recipe), run_job(job))
    except (ChildFailed, HouseError) as error:
        raise DocumentFailed(str(error)) from error


def made_here(recipe: Recipe, folder: Path | str | None) -> File:
    """In this process, whatever it takes."""
    if isinstance(recipe, BookRecipe):
        return File(*named(recipe), book_of_house(recipe, folder))
    house = House(None if folder is None else Path(folder))
    return render(recipe.document, recipe.format, recipe.number, recipe.made_at, house)


def _elsewhere(recipe: Recipe, folder: Path | None) -> bool:
    if isinstance(recipe, MotionRecipe):
        own = House(folder).template
        return recipe.format == "docx" and any(
            own(name, recipe.document.body) for name in ("motion.docx", "letter.docx")
        )
    own_template = recipe.format == "docx" and House(folder).template(BOOK_TEMPLATE, "")
    return bool(own_template) or size_of(recipe.book) > SMALL
