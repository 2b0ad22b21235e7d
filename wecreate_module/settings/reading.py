"""A YAML file becomes Settings; every mistake is told with its line and column."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import quote, urlsplit, urlunsplit

import yaml
from yaml.constructor import ConstructorError

from wecreate_module.settings.errors import BadValue, Problem, SettingsError
from wecreate_module.settings.kinds import FILE_PATH, Key
from wecreate_module.settings.sections import Settings


def load_settings(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `path`, relative paths resolved against its folder.

    Raises SettingsError naming every mistake at once.
    """
    reader = _Reader(path, os.environ if environ is None else environ)
    return reader.settings()


class _Reader:
    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self.path = path
        self.folder = path.resolve().parent
        self.environ = environ
        self.problems: list[Problem] = []

    def settings(self) -> Settings:
        sections = self._mapping(self._compose(), Settings, "")
        values: dict[str, Any] = {}
        for field in fields(Settings):
            section = get_type_hints(Settings)[field.name]
            name_node, node = sections.get(field.name, (None, None))
            values[field.name] = self._section(section, field.name, name_node, node)
        if self.problems:
            raise SettingsError(str(self.path), self.problems)
        return _with_database_password(Settings(**values))

    def _compose(self) -> yaml.Node | None:
        try:
            text = self.path.read_text(encoding="utf-8")
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except OSError as error:
            raise self._fatal(f"cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise self._fatal("is not UTF-8 text") from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise self._fatal(f"is not YAML: {error.problem}", line, column) from error
        except yaml.YAMLError as error:
            raise self._fatal(f"is not YAML: {error}") from error

    def _fatal(self, message: str, line: int = 1, column: int = 1) -> SettingsError:
        return SettingsError(str(self.path), [Problem(line, column, "", message)])

    def _wrong(self, node: yaml.Node | None, key: str, message: str) -> None:
        line = node.start_mark.line + 1 if node else 1
        column = node.start_mark.column + 1 if node else 1
        self.problems.append(Problem(line, column, key, message))

    def _mapping(
        self, node: yaml.Node | None, section: type, where: str
    ) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """The known keys of a mapping with their nodes; unknown and doubled ones are told."""
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, where, "must be a list of `key: value` lines")
            return {}
        known = _names(section)
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for name_node, value in node.value:
            name = name_node.value if isinstance(name_node, yaml.ScalarNode) else "?"
            dotted = f"{where}.{name}" if where else name
            if name in found:
                first = found[name][0].start_mark.line + 1
                self._wrong(name_node, dotted, f"stands twice, first in line {first}")
            elif name in known:
                found[name] = (name_node, value)
            else:
                self._wrong(name_node, dotted, _unknown(name, known))
        return found

    def _section(
        self, section: type, where: str, name_node: yaml.Node | None, node: yaml.Node | None
    ) -> object:
        found = self._mapping(node, section, where)
        values: dict[str, Any] = {}
        for field in fields(section):
            about: Key = field.metadata["key"]
            dotted = f"{where}.{field.name}"
            if about.secret:
                values[field.name] = self._secret(field.name, where, found)
            elif field.name in found:
                values[field.name] = self._value(about, dotted, found[field.name][1])
            elif about.required:
                self._wrong(name_node, dotted, f"is missing; {about.help}")
            else:
                values[field.name] = self._placed(field.default)
        # With a mistake in the section its values are incomplete; nobody sees them.
        return section(**values) if not self.problems else None

    def _value(self, about: Key, dotted: str, node: yaml.Node) -> object:
        try:
            return self._placed(about.kind.read(_plain(node)))
        except (BadValue, ConstructorError) as error:
            self._wrong(node, dotted, str(error) if isinstance(error, BadValue) else "is not plain")
        return None

    def _placed(self, value: object) -> object:
        """Relative paths and SQLite files start at the settings file's folder."""
        if isinstance(value, Path):
            return self.folder / value.expanduser()
        if isinstance(value, str) and value.startswith("sqlite:///"):
            return f"sqlite:///{self.folder / value.removeprefix('sqlite:///')}"
        return value

    def _secret(
        self, name: str, where: str, found: Mapping[str, tuple[yaml.Node, yaml.Node]]
    ) -> str | None:
        variable = f"WECREATE_{where}_{name}".upper()
        if value := self.environ.get(variable):
            return value
        if f"{name}_file" not in found:
            return None
        dotted, node = f"{where}.{name}_file", found[f"{name}_file"][1]
        try:
            path = self.folder / FILE_PATH.read(_plain(node)).expanduser()
            text = path.read_text(encoding="utf-8").strip()
        except BadValue as error:
            self._wrong(node, dotted, str(error))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            self._wrong(node, dotted, f"the file {path} cannot be read: {reason}")
        else:
            if text:
                return text
            self._wrong(node, dotted, f"the file {path} is empty")
        return None


def _plain(node: yaml.Node) -> object:
    """What YAML says, in Python's types."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _names(section: type) -> dict[str, str]:
    """The keys that may stand in a section, and what to write for what must not."""
    names = {}
    for field in fields(section):
        about = field.metadata.get("key")
        names[f"{field.name}_file" if about and about.secret else field.name] = field.name
    return names


def _unknown(name: str, known: Mapping[str, str]) -> str:
    if f"{name}_file" in known and name not in known:
        return (
            "a secret must not stand in this file; put it into a file of its own "
            f"and name that file with {name}_file"
        )
    near = get_close_matches(name, list(known), 1, cutoff=0.5)
    if near:
        return f"there is no such key; did you mean {near[0]}?"
    return f"there is no such key; known here: {', '.join(known)}"


def _with_database_password(settings: Settings) -> Settings:
    """The database's address with its password in it, as the driver wants it."""
    database = settings.database
    parts = urlsplit(database.url)
    if not database.password or parts.scheme == "sqlite" or parts.password:
        return settings
    user = quote(parts.username or "", safe="")
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{user}:{quote(database.password, safe='')}@{host}"
    return replace(
        settings, database=replace(database, url=urlunsplit(parts._replace(netloc=netloc)))
    )
