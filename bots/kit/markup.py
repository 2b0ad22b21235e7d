"""HTML of messages: to plain text, and shortened without breaking it. All linear in its length."""

from __future__ import annotations

import html as entities
import re
from urllib.parse import quote

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*>")
_LINES = re.compile(r"\n{3,}")
_VOID = frozenset({"br", "hr", "img"})
_BLOCKS = frozenset({"p", "div", "blockquote", "h3", "h4", "h5", "ul", "ol", "details", "pre"})


def escape(text: str) -> str:
    """Plain text as HTML, line breaks kept."""
    return entities.escape(text).replace("\n", "<br>")


def pill(user_id: str, name: str) -> str:
    """A mention as clients show it: coloured, with the person's name."""
    link = f"https://matrix.to/#/{quote(user_id, safe='@:')}"
    return f'<a href="{link}">{entities.escape(name)}</a>'


def html_to_text(html: str) -> str:
    """The same for clients, watches and notifications that show plain text."""
    pieces: list[str] = []
    numbers: list[int | None] = []
    at = 0
    for tag in _TAG.finditer(html):
        pieces.append(_inline(html[at : tag.start()]))
        at = tag.end()
        pieces.append(_tag_as_text(tag, numbers))
    pieces.append(_inline(html[at:]))
    lines = (line.strip(" \t") for line in "".join(pieces).split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).replace("\n\n•", "\n•").strip()


def _inline(text: str) -> str:
    if not text:
        return ""
    spaced = re.sub(r"\s+", " ", text)
    return entities.unescape(spaced)


def _tag_as_text(tag: re.Match[str], numbers: list[int | None]) -> str:
    """What stands for a tag in plain text. `numbers` are the lists open: next number, or None."""
    name, closing = tag[2].lower(), bool(tag[1])
    if name in {"ul", "ol"}:
        return _list_as_text(tag, numbers)
    if name == "li":
        return "" if closing else _bullet(numbers)
    if name == "br":
        return "\n"
    if name in _BLOCKS:
        return "\n\n" if closing else "\n"
    return "\n" if name == "summary" and closing else ""


def _list_as_text(tag: re.Match[str], numbers: list[int | None]) -> str:
    if tag[1]:
        if numbers:
            numbers.pop()
        return "\n\n" if not numbers else ""
    start = re.search(r'start="?(\d{1,9})', tag[0])
    numbers.append(None if tag[2].lower() == "ul" else int(start[1]) if start else 1)
    return ""


def _bullet(numbers: list[int | None]) -> str:
    indent = "\u2003" * (len(numbers) - 1)  # an em space: line starts are stripped of others
    if numbers and (number := numbers[-1]) is not None:
        numbers[-1] = number + 1
        return f"\n{indent}{number}. "
    return f"\n{indent}• "


def shorten_text(text: str, size: int) -> str:
    """At most `size` bytes, at the end of a line if one is near; "…" says that more was there."""
    raw = text.encode()
    if len(raw) <= size:
        return text
    cut = raw[: max(0, size - 5)].decode(errors="ignore")
    line_end = cut.rfind("\n")
    return f"{cut[:line_end] if line_end > len(cut) // 2 else cut}\n…"


def shorten_html(html: str, size: int) -> str:
    """At most about `size` bytes, cut between list items or paragraphs; open tags are closed."""
    if len(html.encode()) <= size:
        return html
    room = size
    last = 0
    kept: list[str] = []
    opened: list[str] = []
    open_at_last: list[str] = []
    at = 0
    for tag in _TAG.finditer(html):
        room -= len(html[at : tag.end()].encode())
        if room < 0:
            break
        at = tag.end()
        name = tag[2].lower()
        if tag[1]:
            if name in opened:
                while opened.pop() != name:
                    pass
        elif name not in _VOID:
            opened.append(name)
        if name in {"li", "p", "br", "ul", "ol", "blockquote"} and (tag[1] or name == "br"):
            last, open_at_last = at, list(opened)
    kept.append(html[:last])
    kept.extend(f"</{name}>" for name in reversed(open_at_last))
    return "".join(kept) + "<p>…</p>"
