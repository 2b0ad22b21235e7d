"""Motions as HTML, Markdown and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from bridges.documents.view import MotionDocument, Part, Row

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~])")
_LIST_START = re.compile(r"^(\d+)([.)])|^([-+])(?=\s)")

_STYLE = (
    "body{font:11pt/1.45 serif;max-width:46em;margin:2em auto;padding:0 3em}"
    "dl{display:grid;grid-template-columns:10em 1fr}dt{font-weight:bold}dd{margin:0}"
    ".n{position:absolute;left:1em;width:3em;text-align:right;font-size:70%;user-select:none}"
    ".t{position:relative;margin-left:-3em;padding-left:3em}del{text-decoration:line-through}"
    "ins{font-weight:bold}td,th{border:1px solid;padding:.4em;vertical-align:top;width:50%}"
    "table{border-collapse:collapse;width:100%}footer{font-size:75%;margin-top:3em}"
)


def render_html(document: MotionDocument) -> bytes:
    """One page with no scripts, no links and nothing from elsewhere."""
    body = "".join(_html(document))
    head = (
        f'<!doctype html><html lang="{escape(document.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(document.title)}</title><style>{_STYLE}</style></head><body>"
    )
    return f"{head}{body}</body></html>\n".encode()


def _html(document: MotionDocument) -> Iterator[str]:
    yield f"<p>{escape(document.heading)}</p><h1>{escape(document.title)}</h1><dl>"
    for name, value in document.facts:
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"
    if document.comparison is not None:
        yield from _html_comparison(document)
    for part in _parts(document):
        yield f"<h2>{escape(part.title)}</h2>"
        if part.prefix:
            yield f"<p><em>{escape(part.prefix)}</em></p>"
        for rows in part.paragraphs:
            yield "<p class=t>" + "<br>".join(_html_row(row, document) for row in rows) + "</p>"
    if document.signers:
        yield f"<h2>{escape(document.words['signers'])}</h2>"
        yield f"<p>{escape(', '.join(document.signers))}</p>"
    yield f"<footer>{escape(_footer(document))}</footer>"


def _html_row(row: Row, document: MotionDocument) -> str:
    number = _shown(row, document)
    return (f"<span class=n aria-hidden=true>{number}</span>" if number else "") + escape(row.text)


def _html_comparison(document: MotionDocument) -> Iterator[str]:
    comparison = document.comparison
    if comparison is None:
        return
    tags = {"kept": ("", ""), "deleted": ("<del>", "</del>"), "inserted": ("<ins>", "</ins>")}
    yield f"<h2>{escape(comparison.title)}</h2><table><tr>"
    yield f"<th>{escape(comparison.old_title)}</th><th>{escape(comparison.new_title)}</th></tr>"
    for row in comparison.rows:
        yield "<tr>"
        for side in row:
            marked = (f"{tags[s.kind][0]}{escape(s.text)}{tags[s.kind][1]}" for s in side)
            yield f"<td>{''.join(marked)}</td>"
        yield "</tr>"
    yield "</table>"


def render_text(document: MotionDocument) -> bytes:
    """Plain text, lines with their numbers in front."""
    lines = [document.heading, "", document.title, "=" * min(len(document.title), 76), ""]
    lines += [f"{name}: {value}" for name, value in document.facts]
    for part in document.parts:
        lines += ["", part.title, "-" * min(len(part.title), 76)]
        lines += [part.prefix] if part.prefix else []
        for rows in part.paragraphs:
            lines += ["", *(_text_row(row, document) for row in rows)]
    if document.signers:
        lines += ["", f"{document.words['signers']}: {', '.join(document.signers)}"]
    lines += ["", _footer(document), ""]
    return "\n".join(lines).encode()


def _text_row(row: Row, document: MotionDocument) -> str:
    if document.show_numbers == "none" or row.number is None:
        return row.text
    return f"{_shown(row, document):>4}  {row.text}"


def render_markdown(document: MotionDocument) -> bytes:
    """Markdown; nothing that people typed becomes markup."""
    lines = [_markdown(document.heading), "", f"# {_markdown(document.title)}", ""]
    lines += [f"- **{name}:** {_markdown(value)}" for name, value in document.facts]
    for part in document.parts:
        lines += ["", f"## {_markdown(part.title)}"]
        lines += ["", f"*{_markdown(part.prefix)}*"] if part.prefix else []
        for rows in part.paragraphs:
            lines += ["", "\\\n".join(_markdown_row(row, document) for row in rows)]
    if document.signers:
        lines += ["", f"## {document.words['signers']}", "", _markdown(", ".join(document.signers))]
    lines += ["", "---", "", _markdown(_footer(document)), ""]
    return "\n".join(lines).encode()


def _markdown_row(row: Row, document: MotionDocument) -> str:
    number = _shown(row, document)
    return (f"`{number:>3}` " if number else "") + _markdown(row.text)


def _markdown(text: str) -> str:
    """As it is read, whatever signs it holds."""
    escaped = _MARKDOWN.sub(r"\\\1", text)
    return _LIST_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", escaped)


def _shown(row: Row, document: MotionDocument) -> str:
    """The number to be seen at this line, if any."""
    if row.number is None or document.show_numbers == "none":
        return ""
    if document.show_numbers == "fifth" and row.number % 5:
        return ""
    return str(row.number)


def _parts(document: MotionDocument) -> list[Part]:
    """Those that a comparison does not show already."""
    if document.comparison is None:
        return list(document.parts)
    return [part for part in document.parts if part.title not in document.compared]


def _footer(document: MotionDocument) -> str:
    return (
        f"{document.version} · {document.date} · {document.words['checksum']} SHA-256: "
        f"{document.sha256}"
    )
