"""From a message's content to the words of a command.

Content is anyone's JSON: nothing here raises, and all of it is linear in the text's length.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from wecreate_module.domain.matrix import BUTTONS, is_user_id

LONGEST = 8 * 1024
"""Bytes of text that a command may have."""

_HTML = "org.matrix.custom.html"
_LONGEST_HTML = 32 * 1024
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)([^<>]*)>")
_LINK = re.compile(
    r"""href\s*=\s*["']?(?:https://matrix\.to/#/|matrix:u/)([^"'\s?>]+)""", re.IGNORECASE
)
_BREAKS = frozenset({"br", "p", "div", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3"})
_COMMAND = re.compile(r"![^\W\d_]")
# Phones like to put a space there.
_APART = re.compile(r"!\s+(?=[^\W\d_])")
_MARKDOWN = re.compile(
    r"\[[^\[\]\n]{0,200}\]\((?:https://matrix\.to/#/|matrix:u/)([^()\s?]{1,300})[^()\s]{0,300}\)"
)
_WORD = re.compile(r"\S+")
_QUOTES = {'"': '"', "„": "“”", "“": "”", "»": "«", "«": "»"}
# Variation selectors, skin tones, and the join with a sign for woman or man.
_EMOJI_KINDS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[\u2640\u2642]")
# What keyboards and copying leave at the ends: no width, and no meaning there.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff \t\n\r\u00a0\u202f"


@dataclass(frozen=True)
class Word:
    """A word and where it stands in the text; quotes around it are taken off."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Spoken:
    """What was said to the bot. `prefixed`: surely a command; `addressed`: to this very bot."""

    text: str
    prefixed: bool
    addressed: bool = False


def spoken_text(content: Mapping[str, Any]) -> str | None:
    """What the person typed, pills as user ids, without a quoted message; None if nothing.

    Edits, notices and files say nothing.
    """
    body = content.get("body")
    if content.get("msgtype") != "m.text" or not isinstance(body, str):
        return None
    relation = content.get("m.relates_to")
    relation = relation if isinstance(relation, dict) else {}
    if relation.get("rel_type") == "m.replace" or "m.new_content" in content:
        return None
    text = _with_user_ids(content)
    if text is None:
        text = _without_quote(body) if "m.in_reply_to" in relation else body
        text = _MARKDOWN.sub(_person_in_markdown, text)
    text = text.encode(errors="replace").decode()  # lone surrogates can't be stored or sent
    text = unicodedata.normalize("NFC", text).replace("\x00", "")
    return text.strip().strip(_INVISIBLE)


def command_text(
    text: str, *, direct: bool, names: tuple[str, ...], known: Callable[[str], bool]
) -> Spoken | None:
    """What stands after `!` or "WeCreate:", or (in a direct chat) all; None if no command.

    `known` tells whether a text starts as a command does: behind "! " only that is one.
    """
    for name in names:
        if text[: len(name)].casefold() == name.casefold():
            # Some clients put no colon after a mention.
            ends = (":", ",", " ", "\n") if name.startswith("@") else (":", ",")
            if text[len(name) :].startswith(ends):
                rest = text[len(name) :].lstrip(":, \n").removeprefix("!").lstrip()
                return Spoken(rest, prefixed=True, addressed=True)
    if _COMMAND.match(text):
        return Spoken(text[1:].lstrip(), prefixed=True)
    if (apart := _APART.match(text)) and known(text[apart.end() :]):
        return Spoken(text[apart.end() :], prefixed=True)
    return Spoken(text, prefixed=False) if direct and text else None


def each_command(text: str, known: Callable[[str], bool]) -> list[str]:
    """The commands of a message that has one on each of several lines; else all as one.

    Lines that start with no command belong to the one before: a note, a list.
    """
    found: list[list[str]] = []
    for line in text.split("\n"):
        starts = line.startswith("!") and known(line[1:].lstrip())
        if starts or not found:
            found.append([])
        found[-1].append(line)
    return ["\n".join(lines).strip() for lines in found] if text.startswith("!") else [text]


def words_of(text: str) -> list[Word]:
    """Words; what stands in quotes is one word."""
    found: list[Word] = []
    at = 0
    while match := _WORD.search(text, at):
        start, at = match.span()
        closing = _QUOTES.get(text[start])
        end = -1
        if closing:
            end = min((p for c in closing if (p := text.find(c, start + 1)) > 0), default=-1)
        if end > start + 1 and (end + 1 == len(text) or text[end + 1].isspace()):
            found.append(Word(text[start + 1 : end], start, end + 1))
            at = end + 1
        else:
            found.append(Word(match[0], start, at))
    return found


def button_command(message: Mapping[str, Any], reaction_key: object) -> str | None:
    """The command behind an emoji clicked on a message of the bot; None if there is none.

    Clients send an emoji with or without U+FE0F, people theirs with a skin tone.
    """
    buttons = message.get(BUTTONS)
    if not isinstance(buttons, dict) or not isinstance(reaction_key, str):
        return None
    key = plain_emoji(reaction_key)
    for emoji, command in buttons.items():
        if isinstance(emoji, str) and isinstance(command, str) and plain_emoji(emoji) == key:
            return command
    return None


def plain_emoji(key: str) -> str:
    """Without what makes it look otherwise and mean the same: 🙋🏽‍♀️ is 🙋."""
    return _EMOJI_KINDS.sub("", key).strip()


def _with_user_ids(content: Mapping[str, Any]) -> str | None:
    """The formatted text with links to people as their user ids; None if there are none."""
    formatted = content.get("formatted_body")
    if content.get("format") != _HTML or not isinstance(formatted, str):
        return None
    if len(formatted) > _LONGEST_HTML or not _LINK.search(formatted):
        return None
    return _PillReader().read(formatted)


class _PillReader:
    """Reads HTML as text; a link to a person becomes their user id."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.quoted = False
        self.person: str | None = None
        self.found = False

    def read(self, formatted: str) -> str | None:
        at = 0
        for tag in _TAG.finditer(formatted):
            self._text(formatted[at : tag.start()])
            self._tag(tag[2].lower(), tag[3], closing=bool(tag[1]))
            at = tag.end()
        self._text(formatted[at:])
        self._tag("a", "", closing=True)  # in case a link never ends
        return "".join(self.pieces) if self.found else None

    def _text(self, text: str) -> None:
        if not self.quoted and self.person is None:
            self.pieces.append(html.unescape(text))

    def _tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if name == "mx-reply":
            self.quoted = not closing
        elif self.quoted:
            return
        elif name == "a":
            if self.person is not None:
                self.pieces.append(self.person)
                self.found = True
            self.person = None if closing else _linked_person(attributes)
        elif name in _BREAKS and self.person is None:
            self.pieces.append("\n")


def _linked_person(attributes: str) -> str | None:
    found = _LINK.search(attributes)
    if found is None:
        return None
    return _user_id(html.unescape(found[1]), bare="matrix:u/" in attributes)


def _person_in_markdown(link: re.Match[str]) -> str:
    """`[Ben](https://matrix.to/#/@ben:server)`, which some clients leave as it is."""
    return _user_id(link[1], bare="(matrix:u/" in link[0]) or link[0]


def _user_id(target: str, *, bare: bool) -> str | None:
    target = unquote(target)
    target = f"@{target}" if bare else target
    return target if is_user_id(target) else None


def _without_quote(body: str) -> str:
    """Without the "> <@anna:server> …" lines that older clients put before a reply."""
    lines = body.split("\n")
    at = 0
    while at < len(lines) and lines[at].startswith(">"):
        at += 1
    return "\n".join(lines[at:]) if at else body
