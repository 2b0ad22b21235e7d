"""The sample file and the reference page, written from the settings themselves."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

from wecreate_module.settings.kinds import Chosen, Key
from wecreate_module.settings.sections import Settings

Values = Mapping[str, Mapping[str, object]]

_HEAD = """\
WeCreate's settings. What is commented out shows the default.
`wecreate config check FILE` tells every mistake with its line; `wecreate config sample`
prints this file. A secret stands in a file of its own or in the environment, never here."""


_REFERENCE_HEAD = (
    "One YAML file; `wecreate config sample` prints one with every key, "
    "`wecreate config check FILE` tells every mistake with its line. "
    "Relative paths start at the file's folder. "
    "A secret is read from the file that its key names or from the environment variable, "
    "which goes first."
)


def sample(values: Values | None = None, head: str = _HEAD) -> str:
    """A settings file with every key and its help; the keys in `values` are set to them."""
    lines = [*_comment(head, "")]
    for section, keys in _sections():
        lines += ["", *_comment(section.doc, ""), f"{section.name}:"]
        given = (values or {}).get(section.name, {})
        for field in keys:
            lines += _sample_key(section.name, field, given, required=values is None)
    return "\n".join(lines) + "\n"


class _Section:
    def __init__(self, name: str, kind: type) -> None:
        self.name = name
        self.doc = (kind.__doc__ or "").strip()


def _sections() -> Iterator[tuple[_Section, tuple[Field[Any], ...]]]:
    hints = get_type_hints(Settings)
    for field in fields(Settings):
        yield _Section(field.name, hints[field.name]), fields(hints[field.name])


def _sample_key(
    section: str, field: Field[Any], given: Mapping[str, object], *, required: bool
) -> Iterator[str]:
    about: Key = field.metadata["key"]
    name = f"{field.name}_file" if about.secret else field.name
    text = about.help
    if about.secret:
        text += f" Or set {_variable(section, field)}."
    yield from _comment(text, "  ")
    if name in given:
        yield f"  {name}: {_yaml(given[name])}"
    elif about.secret:
        yield f"  #{name}: secrets/{section}_{field.name}"
    elif about.required and required:
        yield f"  {name}: {_yaml(about.example)}"
    else:
        yield f"  #{name}: {_yaml(field.default)}"


def _comment(text: str, indent: str) -> list[str]:
    prefix = f"{indent}# "
    return [
        prefix + line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(paragraph, 98 - len(prefix), break_long_words=False)
    ]


def _variable(section: str, field: Field[Any]) -> str:
    return f"WECREATE_{section}_{field.name}".upper()


def _yaml(value: object) -> str:
    """One value in YAML's flow style, which is JSON's but for plain words."""
    if isinstance(value, Chosen):
        value = value.word or list(value.names)
    if isinstance(value, StrEnum | Path):
        value = str(value)
    if isinstance(value, str) and value.replace("/", "").replace(".", "").isalnum():
        return json.dumps(value) if value.replace(".", "").isdigit() else value
    return json.dumps(value, ensure_ascii=False)


def reference() -> str:
    """docs/reference/settings.md."""
    lines = [
        "# Settings",
        "",
        "Written by `wecreate docs` from the settings themselves.",
        _REFERENCE_HEAD,
    ]
    for section, keys in _sections():
        lines += ["", f"## {section.name}", "", section.doc, ""]
        lines += ["| key | what | value | default |", "|---|---|---|---|"]
        lines += [_row(section.name, field) for field in keys]
    return "\n".join(lines) + "\n"


def _row(section: str, field: Field[Any]) -> str:
    about: Key = field.metadata["key"]
    name = f"{field.name}_file" if about.secret else field.name
    what = about.help
    if about.secret:
        what += f" Environment: `{_variable(section, field)}`."
    default = "required" if field.default is MISSING else f"`{_yaml(field.default)}`"
    if about.secret:
        default = "none"
    return f"| `{name}` | {what} | {about.kind.what} | {default} |".replace("\n", " ")
