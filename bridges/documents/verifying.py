"""Tells whether a file is the agreed version.

Its fingerprint must be that of the words it carries, and what it shows must be those words, whole
and with nothing added behind them.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from html.parser import HTMLParser

import pikepdf

from bridges.documents.agreed import META, WORD_PART, unpacked
from bridges.documents.archives import OfficeFile, broken
from bridges.documents.pdf_text import pdf_text
from bridges.documents.reading_odt import odt_text
from bridges.documents.reading_word import word_text
from bridges.documents.typesetting import name_of
from bridges.documents.view import WORDS
from wecreate_module.domain.bodies import TEXT
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.plans import in_euros, read_sheet
from wecreate_module.services.bodies import known_bodies

MOST_BYTES = 100_000_000
_FINGERPRINT = re.compile(r"SHA-256: ?([0-9a-f]{64})")
_NUMBERED = re.compile(r"^ {0,3}\d{1,6} {2}", re.MULTILINE)
_NUMBERED_MD = re.compile(r"^` *\d{1,6}` ", re.MULTILINE)
_ESCAPE_MD = re.compile(r"\\(?=\W)")
_MARKUP_MD = re.compile(r"^#{1,6} |^\*|\*$|^- |\*\*|~~[^~]*~~", re.MULTILINE)
_RULE = re.compile(r"^[-=]+$", re.MULTILINE)
_COMMENT = re.compile(r"<!-- " + META + r" ([A-Za-z0-9+/=]+) -->")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_TELLING = 40
"""Letters from which on a paragraph is nobody else's by chance."""
_AHEAD = 60
_LABEL = 5


class Outcome(StrEnum):
    """UNKNOWN: it has a fingerprint but not the words to compare; other files or the store do."""

    AGREED = "agreed"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    NOT_OURS = "not-ours"


@dataclass(frozen=True)
class Verdict:
    """`sha256` as the file says; `why` in words for CHANGED."""

    outcome: Outcome
    sha256: str = ""
    title: str = ""
    why: str = ""


@dataclass(frozen=True)
class Seen:
    """What a file shows, what it carries unseen, and the fingerprint that it tells."""

    text: str
    agreed: str | None
    sha256: str


def verify(name: str, data: bytes, agreed: str | None = None) -> Verdict:
    """`agreed` are words from elsewhere, for files that carry none (plain text).

    Raises UserError for files that can't be read.
    """
    seen = look_into(name, data)
    if not seen.sha256:
        return Verdict(Outcome.NOT_OURS)
    words = agreed if agreed is not None else seen.agreed
    if words is None:
        return Verdict(Outcome.UNKNOWN, seen.sha256)
    if hashlib.sha256(words.encode()).hexdigest() != seen.sha256:
        return Verdict(Outcome.CHANGED, seen.sha256, why="the fingerprint is not that of its words")
    try:
        title, sections = json.loads(words)
        texts = {str(key): str(text) for key, text in sections}
    except (ValueError, TypeError) as error:
        raise broken() from error
    why = _difference(seen.text, str(title), texts)
    outcome = Outcome.CHANGED if why else Outcome.AGREED
    return Verdict(outcome, seen.sha256, str(title), why)


def look_into(name: str, data: bytes) -> Seen:
    """Raises UserError for files that can't be read."""
    if len(data) > MOST_BYTES:
        raise UserError("file-too-large", "That file is too large to be checked.")
    kind = name.rpartition(".")[2].casefold()
    reader = _READERS.get(kind)
    if reader is None:
        raise UserError(
            "file-kind-unknown", "I can check .pdf, .docx, .odt, .html, .md and .txt files."
        )
    return reader(data)


def _pdf(data: bytes) -> Seen:
    try:
        text, aside, attached = pdf_text(data)
    except (pikepdf.PdfError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise broken() from error
    agreed = attached.decode(errors="replace") if attached is not None else None
    return Seen(text, agreed, _told(aside))


def _word(data: bytes) -> Seen:
    file = OfficeFile(data)
    found = file.xml(WORD_PART.removeprefix("/"))
    footers = (file.part(name) for name in file.names if name.startswith("word/footer"))
    aside = " ".join(
        re.sub(r"<[^>]+>", "", each.decode(errors="replace")) for each in footers if each
    )
    return Seen(word_text(file), found.text if found is not None else None, _told(aside))


def _odt(data: bytes) -> Seen:
    file = OfficeFile(data)
    meta, styles = file.xml("meta.xml"), file.xml("styles.xml")
    found = (
        [each for each in meta.iter() if META in each.attrib.values()] if meta is not None else []
    )
    aside = " ".join(styles.itertext()) if styles is not None else ""
    return Seen(odt_text(file), found[0].text if found else None, _told(aside))


class _Page(HTMLParser):
    """The words of our own pages; line numbers are not among them."""

    def __init__(self) -> None:
        super().__init__()
        self.agreed: str | None = None
        self.pieces: list[str] = []
        self._skipped = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("name") == META:
            self.agreed = given.get("content")
        if not self._skipped and (tag in {"head", "del"} or given.get("class") == "n"):
            self._skipped = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._skipped:
            self._skipped = ""

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.pieces.append(data)


def _html(data: bytes) -> Seen:
    page = _Page()
    page.feed(data.decode(errors="replace"))
    text = "".join(page.pieces)
    return Seen(text, page.agreed, _told(text))


def _markdown(data: bytes) -> Seen:
    text = data.decode(errors="replace")
    found = _COMMENT.search(text)
    agreed = unpacked(found[1]) if found else None
    text = _MARKUP_MD.sub("", _NUMBERED_MD.sub("", _COMMENT.sub("", text).replace("\\\n", "\n")))
    return Seen(_ESCAPE_MD.sub("", text), agreed, _told(text))


def _txt(data: bytes) -> Seen:
    text = data.decode(errors="replace")
    return Seen(_RULE.sub("", _NUMBERED.sub("", text)), None, _told(text))


_READERS: Mapping[str, Callable[[bytes], Seen]] = {
    "pdf": _pdf, "docx": _word, "odt": _odt, "html": _html, "md": _markdown, "txt": _txt,
}  # fmt: skip


def _told(text: str) -> str:
    found = _FINGERPRINT.search(re.sub(r"\s+", " ", text))
    return found[1] if found else ""


def _difference(shown: str, title: str, sections: Mapping[str, str]) -> str:
    """Why what is shown is not the agreed words; empty where it is."""
    seen = _plain(shown)
    if not _find(seen, title):
        return "the title differs"
    text = sections.get(TEXT, "")
    end = _find(seen, text)
    if not end and not all(_find(seen, each) for each in text.split("\n")):
        return "the text differs"
    for key, words in sections.items():
        paragraphs = [each for each in words.split("\n") if len(each) > _TELLING]
        there = [_find(seen, each) > 0 for each in paragraphs]
        if key != TEXT and any(there) and not all(there):
            return f"the part “{key}” differs"
        if not _find(seen, words) and not _same_sums(seen, words):
            return f"the sums of the part “{key}” differ"
    return _added(seen, sections)


def _same_sums(seen: str, words: str) -> bool:
    """A plan that is shown as a table: each line with its sum behind it."""
    items = [item for item in read_sheet(words).items if item.amount and len(item.label) >= _LABEL]
    shown = [item for item in items if _find(seen, item.label)]
    return not shown or all(
        _find(seen, f"{it.label}{in_euros(it.amount or Decimal(0))}") for it in items
    )


def _added(seen: str, sections: Mapping[str, str]) -> str:
    """Words right behind a part that are neither the next part nor what forms say themselves."""
    for key, words in sections.items():
        end = _find(seen, words) if words else 0
        if not end:
            continue
        ahead = seen[end:].lstrip("#*")  # as readers of office files write headings
        if ahead and not ahead.startswith(_ours()):
            following = [part for part in _parts() if ahead.startswith(part[1])]
            if not following:
                return f"there is more behind the part “{key}” than was agreed"
            if not any(_goes_on(ahead, part, sections) for part in following):
                return f"the part behind “{key}” differs"
    return ""


def _goes_on(ahead: str, part: tuple[str, str, str], sections: Mapping[str, str]) -> bool:
    """Whether this heading has the agreed words below it, or a table made of them."""
    key, title, prefix = part
    words = sections.get(key, "")
    if not words or not read_sheet(words).unread:
        return bool(words)
    return any(_place(ahead, start + words)[0] == 0 for start in (title + prefix, title))


@lru_cache(maxsize=1)
def _ours() -> tuple[str, ...]:
    words = (WORDS[name] for name in ("signers", "signature", "closing", "deleted"))
    return tuple(map(_plain, (*words, "Unterschriften", "Synopse", "Fassung", "---")))


@lru_cache(maxsize=1)
def _parts() -> tuple[tuple[str, str, str], ...]:
    """Key, heading and fixed words of each part that some body asks for."""
    found = (
        (each.key, _plain(each.title), _plain(each.prefix))
        for body in known_bodies().all
        for each in body.sections
    )
    return tuple(dict.fromkeys(found))


def _find(seen: str, words: str) -> int:
    """Where these words end, 0 when they are not there."""
    at, end = _place(seen, words)
    return end if at >= 0 else 0


def _place(seen: str, words: str) -> tuple[int, int]:
    """Where they begin and end; they begin at -1 when they are not there."""
    wanted = _plain(words)
    at = seen.find(wanted)
    if at < 0:  # what no font has is written as its name
        missing = {char for char in wanted if char not in seen}
        wanted = "".join(_plain(name_of(char)) if char in missing else char for char in wanted)
        at = seen.find(wanted)
    return at, at + len(wanted)


def _plain(text: str) -> str:
    """Without white space; and what is read from right to left has another order on a page."""
    return "".join(
        char
        for char in unicodedata.normalize("NFKC", text)
        if not (char.isspace() or char == "|")  # bars part the cells of tables
        and unicodedata.bidirectional(char) not in _RIGHT_TO_LEFT
        and unicodedata.category(char) != "Cf"
    )
