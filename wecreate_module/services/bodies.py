"""Rule packs: config/bodies/*.yaml, read and checked into domain objects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from sysconfig import get_path
from typing import Any

import yaml

from wecreate_module.domain.bodies import (
    TEXT,
    Bodies,
    Body,
    Certainty,
    LineNumbers,
    Plan,
    Section,
    Source,
)
from wecreate_module.domain.votes import Majority, quorum_of

_HERE = Path(__file__).parents[2] / "config" / "bodies"
# In a checkout they lie beside the code; a wheel puts them among the environment's shared files.
SHIPPED = _HERE if _HERE.is_dir() else Path(get_path("data")) / "share" / "wecreate" / "bodies"
LAYOUTS = frozenset({"submission", "book", "letter", "synopsis", "signatures", "funding"})
FORMATS = frozenset({"pdf", "docx", "odt", "html", "md", "txt"})
LEVELS = frozenset({"city", "district", "village", "party", "club", "other"})
MAJORITIES = frozenset(majority.value for majority in Majority)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_LARGEST = 64 * 1024
_DEEPEST = 3
_OWN = frozenset({"pattern", "aliases"})
"""Never taken over from the pack that another one is based on."""


class PackError(ValueError):
    """A rule pack that can't be used: which file, which entry, and why."""


_own: list[Path] = []


@lru_cache(maxsize=1)
def shipped_bodies() -> Bodies:
    """Those that come with WeCreate."""
    return load_bodies(SHIPPED)


@lru_cache(maxsize=1)
def known_bodies() -> Bodies:
    """The shipped ones and the operator's own."""
    return load_bodies(SHIPPED, *_own) if _own else shipped_bodies()


def use_bodies(folder: Path) -> None:
    """Once, at the start: rule packs of the operator's own. Raises PackError, then none of them."""
    found = [folder] if folder.is_dir() else []
    if found:
        load_bodies(SHIPPED, *found)
    _own[:] = found
    known_bodies.cache_clear()


def load_bodies(*folders: Path) -> Bodies:
    """All packs of these folders; a later folder's pack replaces one of the same name.

    Raises PackError for the first that is wrong.
    """
    files = {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}
    packs = {name: _read(path) for name, path in files.items()}
    try:
        return Bodies(
            _body(name, _whole(name, packs))
            for name in packs
            if not packs[name].get("pattern", False)
        )
    except PackError:
        raise
    except ValueError as error:
        raise PackError(str(error)) from error


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _LARGEST:
        raise PackError(f"{path.name}: too large for a rule pack")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PackError(f"{path.name}: {error}") from error
    if not isinstance(found, dict):
        raise PackError(f"{path.name}: entries like “name: …” are missing")
    return found


def _whole(name: str, packs: Mapping[str, dict[str, Any]], depth: int = 0) -> dict[str, Any]:
    """The pack with what it takes over from the one it is based on."""
    own = packs[name]
    base = own.get("based_on")
    if base is None:
        return dict(own)
    if base not in packs or depth >= _DEEPEST:
        raise PackError(f"{name}.yaml: based_on: there is no pack {base!r} to build on")
    taken = _whole(base, packs, depth + 1)
    return {key: value for key, value in taken.items() if key not in _OWN} | own


def _body(name: str, pack: dict[str, Any]) -> Body:
    read = _Pack(f"{name}.yaml", pack)
    read.only({*_FIELDS, "based_on", "pattern"})
    unknown = read.texts("unknown")
    body = Body(
        id=name,
        name=read.text("name"),
        level=read.one_of("level", LEVELS),
        heading=read.text("heading"),
        sections=tuple(_section(read, each) for each in read.maps("sections")),
        sources=tuple(_source(read, each) for each in read.maps("sources")),
        aliases=read.texts("aliases"),
        address=read.text_or_none("address"),
        email=read.text_or_none("email"),
        hands_on_to=read.text_or_none("hands_on_to"),
        movers=read.text_or_none("movers"),
        cosigners=read.number_or_none("cosigners"),
        chapters=read.number_or_none("chapters"),
        days_before=read.number_or_none("days_before"),
        closing_time=read.time_or_none("closing_time"),
        sittings=read.dates("sittings"),
        line_numbers=LineNumbers(read.one_of("line_numbers", set(LineNumbers), "every")),
        own_numbers=read.flag("own_numbers"),
        plain_only=read.flag("plain_only"),
        formats=read.words("formats", FORMATS, ("docx", "pdf")),
        layouts=read.words("layouts", LAYOUTS, ("submission", "book")),
        majority=read.one_of("majority", MAJORITIES) if pack.get("majority") else None,
        quorum=read.text_or_none("quorum"),
        signature_columns=read.texts("signature_columns") or Body.signature_columns,
        hints=read.texts("hints"),
        unknown=unknown,
    )
    _require_sound(read, body)
    return body


def _require_sound(read: _Pack, body: Body) -> None:
    keys = [section.key for section in body.sections]
    if TEXT not in keys or len(set(keys)) != len(keys):
        raise read.wrong("sections", f"each key once, and one of them “{TEXT}”")
    plans = sorted(section.plan for section in body.sections if section.plan)
    if plans not in ([], [Plan.COSTS, Plan.FINANCE]):
        raise read.wrong("sections", "a plan of costs and one of finance, each once, or none")
    try:
        quorum_of(body.quorum or "", 1)
    except ValueError:
        raise read.wrong("quorum", "half, more than half, third, 20 % or a number") from None
    if not body.sources:
        raise read.wrong("sources", "say where this is known from, and how sure it is")
    for field in body.unknown:
        if field not in _FIELDS:
            raise read.wrong("unknown", f"there is no entry {field!r}")
        if getattr(body, field) not in (None, ()):
            raise read.wrong("unknown", f"{field} is given, so it is not unknown")


def _section(read: _Pack, found: dict[str, Any]) -> Section:
    part = _Pack(f"{read.where}: sections", found)
    part.only({"key", "title", "ask", "required", "max_characters", "prefix", "plan", "categories"})
    plan = part.one_of("plan", set(Plan)) if found.get("plan") else None
    return Section(
        key=part.text("key"),
        title=part.text("title"),
        ask=part.text("ask"),
        required=part.flag("required", default=True),
        max_characters=part.number_or_none("max_characters"),
        prefix=part.text_or_none("prefix") or "",
        plan=Plan(plan) if plan else None,
        categories=part.texts("categories"),
    )


def _source(read: _Pack, found: dict[str, Any]) -> Source:
    part = _Pack(f"{read.where}: sources", found)
    part.only({"what", "certainty"})
    return Source(part.text("what"), Certainty(part.one_of("certainty", set(Certainty))))


_FIELDS = frozenset(Body.__dataclass_fields__) - {"id"}


class _Pack:
    """Reads entries by kind; each refusal names file and entry."""

    def __init__(self, where: str, found: dict[str, Any]) -> None:
        self.where = where
        self._found = found

    def wrong(self, entry: str, why: str) -> PackError:
        return PackError(f"{self.where}: {entry}: {why}")

    def only(self, known: set[str]) -> None:
        for entry in self._found:
            if entry not in known:
                raise self.wrong(str(entry), "there is no such entry")

    def text_or_none(self, entry: str) -> str | None:
        value = self._found.get(entry)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.wrong(entry, "words are expected")
        return value.strip() if value is not None else None

    def text(self, entry: str) -> str:
        value = self.text_or_none(entry)
        if value is None:
            raise self.wrong(entry, "is missing")
        return value

    def one_of(self, entry: str, known: set[str] | frozenset[str], default: str = "") -> str:
        value = self._found.get(entry, default)
        if value not in known:
            raise self.wrong(entry, f"one of {', '.join(sorted(map(str, known)))} is expected")
        return str(value)

    def time_or_none(self, entry: str) -> str | None:
        value = self.text_or_none(entry)
        if value is not None and not _TIME.fullmatch(value):
            raise self.wrong(entry, "a time like “12:00” is expected, in quotes")
        return value

    def number_or_none(self, entry: str) -> int | None:
        value = self._found.get(entry)
        if value is not None and (type(value) is not int or not 0 <= value <= 1_000_000):  # noqa: PLR2004  nobody needs more
            raise self.wrong(entry, "a whole number is expected")
        return value

    def flag(self, entry: str, *, default: bool = False) -> bool:
        value = self._found.get(entry, default)
        if not isinstance(value, bool):
            raise self.wrong(entry, "true or false is expected")
        return value

    def maps(self, entry: str) -> list[dict[str, Any]]:
        return self._list(entry, dict, "entries like “key: …” are expected")

    def texts(self, entry: str) -> tuple[str, ...]:
        return tuple(self._list(entry, str, "a list of words is expected"))

    def dates(self, entry: str) -> tuple[date, ...]:
        return tuple(sorted(self._list(entry, date, "dates like 2026-12-24 are expected")))

    def words(self, entry: str, known: frozenset[str], default: Sequence[str]) -> tuple[str, ...]:
        value = self.texts(entry) if entry in self._found else tuple(default)
        for word in value:
            if word not in known:
                raise self.wrong(entry, f"only {', '.join(sorted(known))} are possible")
        return value

    def _list(self, entry: str, kind: type, why: str) -> list[Any]:
        value = self._found.get(entry, [])
        if not isinstance(value, list) or not all(isinstance(each, kind) for each in value):
            raise self.wrong(entry, why)
        return value
