"""The operator's own look: a folder with logo, colours and Word templates, by body if wanted.

documents/
  style.yaml            name: …, colour: "#0a7d4f"
  logo.png              or logo.jpg
  motion.docx           used instead of the shipped template; letter.docx, book.docx likewise
  spd-ortsverein/       the same for what goes to this body (the id of its rule pack)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_ID = re.compile(r"[a-z0-9-]{1,100}")
_LARGEST_LOGO = 2_000_000
_LARGEST_TEMPLATE = 5_000_000
_LARGEST_STYLE = 10_000
_LOGOS = {"logo.png": b"\x89PNG\r\n\x1a\n", "logo.jpg": b"\xff\xd8\xff"}
_LONGEST_NAME = 100
# WCAG 2.2, 1.4.3: what normal text needs against white.
_LEGIBLE = 4.5
BLACK = "#000000"
BOOK_TEMPLATE = "book.docx"


class HouseError(ValueError):
    """A file of the operator's folder that can't be used: which one, and why."""


@dataclass(frozen=True)
class Letterhead:
    """`colour` of rules; `ink` of headings: the same where it is legible, else black."""

    name: str = ""
    colour: str = BLACK
    logo: Path | None = None

    @property
    def ink(self) -> str:
        return self.colour if _contrast(self.colour) >= _LEGIBLE else BLACK


PLAIN = Letterhead()


class House:
    """Looks into the folder each time, so that a new logo needs no restart."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder if folder is not None and folder.is_dir() else None

    def letterhead(self, body: str) -> Letterhead:
        """For a body; raises HouseError."""
        found = PLAIN
        for folder in self._folders(body):
            found = _letterhead(folder, found)
        return found

    def template(self, name: str, body: str) -> Path | None:
        """An own Word template ("motion.docx"); raises HouseError for one that is too large."""
        for folder in reversed(self._folders(body)):
            file = folder / name
            if file.is_file():
                if file.stat().st_size > _LARGEST_TEMPLATE:
                    raise HouseError(f"{file}: larger than {_LARGEST_TEMPLATE} bytes")
                return file
        return None

    def _folders(self, body: str) -> list[Path]:
        """What counts for all, then what counts for this body."""
        if self._folder is None:
            return []
        own = self._folder / body if _ID.fullmatch(body) else None
        return [self._folder, *([own] if own is not None and own.is_dir() else [])]


def check_house(folder: Path) -> None:
    """Raises HouseError for the first file that can't be used; for `doctor` and at the start."""
    if not folder.is_dir():
        return
    for each in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        _letterhead(each, PLAIN)


def _letterhead(folder: Path, before: Letterhead) -> Letterhead:
    name, colour = _style(folder / "style.yaml", before)
    return Letterhead(name, colour, _logo(folder) or before.logo)


def _style(file: Path, before: Letterhead) -> tuple[str, str]:
    if not file.is_file():
        return before.name, before.colour
    if file.stat().st_size > _LARGEST_STYLE:
        raise HouseError(f"{file}: larger than {_LARGEST_STYLE} bytes")
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HouseError(f"{file}: {error}") from error
    if not isinstance(found, dict) or not found.keys() <= {"name", "colour"}:
        raise HouseError(f"{file}: only name and colour are known")
    name, colour = found.get("name", before.name), found.get("colour", before.colour)
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not name.isprintable():
        raise HouseError(f"{file}: name: a few words on one line are expected")
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
        raise HouseError(f'{file}: colour: is written like "#0a7d4f", with the quotes')
    return name, colour.lower()


def _logo(folder: Path) -> Path | None:
    for name, begins in _LOGOS.items():
        file = folder / name
        if not file.is_file():
            continue
        if file.stat().st_size > _LARGEST_LOGO:
            raise HouseError(f"{file}: larger than {_LARGEST_LOGO} bytes")
        with file.open("rb") as opened:
            if not opened.read(len(begins)).startswith(begins):
                raise HouseError(f"{file}: is no picture of that kind")
        return file.resolve()
    return None


def _contrast(colour: str) -> float:
    """Against white (WCAG 2.2, contrast ratio)."""

    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  sRGB

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
