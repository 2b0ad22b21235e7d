"""Motions as HTML, Markdown and plain text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from bridges.documents.agreed import META, packed
from bridges.documents.changes import in_paragraphs
from bridges.documents.house import BLACK, PLAIN, Letterhead
from bridges.documents.view import Comparison, MotionDocument, Part, Row, Table

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~])")
_LIST_START = re.compile(r"^(\d+)([.)])|^([-+])(?=\s)")

_STYLE = (
    "body{font:11pt/1.45 serif;max-width:46em;margin:2em auto;padding:0 3em}"
    "dl{display:grid;grid-template-columns:10em 1fr}dt{font-weight:bold}dd{margin:0}"
    ".n{position:absolute;left:1em;width:3em;text-align:right;font-size:70%;user-select:none}"
    ".t{position:relative;margin-left:-3em;padding-left:3em}del{text-decoration:line-through}"
    "ins{font-weight:bold}td,th{border:1px solid;padding:.4em;vertical-align:top;width:50%}"
    "table{border-collapse:collapse;width:100%}.t2 td,.t2 th{width:auto;height:1.4em}"
    ".s{margin-top:5em;border-top:1px solid;width:16em}footer{font-size:75%;margin-top:3em}"
)


def render_html(document: MotionDocument, letterhead: Letterhead = PLAIN) -> bytes:
    """One page with no scripts, no links and nothing from elsewhere."""
    body = (*html_head(letterhead), *html_body(document))
    return html_page(document.title, document.language, body, document.agreed)


def html_page(title: str, language: str, body: Iterable[str], agreed: str = "") -> bytes:
    """`body` is HTML already."""
    carried = f'<meta name="{META}" content="{escape(agreed)}">' if agreed else ""
    head = (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">"
        f"{carried}"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
    )
    return f"{head}{''.join(body)}</body></html>\n".encode()


def html_head(letterhead: Letterhead) -> Iterator[str]:
    """Name and logo; colours are written as our own settings read them."""
    if letterhead.ink != BLACK:
        yield f"<style>h1,h2,.head{{color:{letterhead.ink}}}</style>"
    if not letterhead.name and letterhead.logo is None:
        return
    yield f'<p class=head style="border-bottom:2px solid {letterhead.colour}">'
    if letterhead.logo is not None:
        kind = "png" if letterhead.logo.suffix == ".png" else "jpeg"
        data = base64.b64encode(letterhead.logo.read_bytes()).decode()
        about = escape(letterhead.name or "Logo")
        yield f'<img src="data:image/{kind};base64,{data}" alt="{about}" height="60"> '
    yield f"<strong>{escape(letterhead.name)}</strong></p>"


def _html_table(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        side = (" style=text-align:right" if at >= table.numbers_from else "" for at in range(99))
        inner = (f"<{tag}{s}>{escape(text)}</{tag}>" for s, text in zip(side, cells, strict=False))
        return f"<tr>{''.join(inner)}</tr>"

    rows = "".join(row(each, "td") for each in table.rows)
    total = row(table.total, "th") if table.total else ""
    return f"<table class=t2><thead>{row(table.head, 'th')}</thead>{rows}{total}</table>"


def html_body(document: MotionDocument) -> Iterator[str]:
    """One motion with its headings and the line that says which version it is."""
    yield f"<p>{escape(document.heading)}</p><h1>{escape(document.title)}</h1>"
    yield from html_motion(document)
    if document.signature:
        yield f"<p class=s>{escape(document.words['signature'])}</p>"
    yield f"<footer>{escape(_footer(document))}</footer>"


def html_motion(document: MotionDocument, level: int = 2) -> Iterator[str]:
    """What stands below a motion's heading."""
    yield "<dl>"
    for name, value in document.facts:
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"
    if document.comparison is not None:
        yield from _html_comparison(document)
    for part in _parts(document):
        yield f"<h{level}>{escape(part.title)}</h{level}>"
        if part.prefix:
            yield f"<p><em>{escape(part.prefix)}</em></p>"
        for rows in part.paragraphs:
            yield "<p class=t>" + "<br>".join(_html_row(row, document) for row in rows) + "</p>"
        if part.table is not None:
            yield _html_table(part.table)
    if document.signers:
        yield f"<h{level}>{escape(document.words['signers'])}</h{level}>"
        yield f"<p>{escape(', '.join(document.signers))}</p>"


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
    if document.comparison is not None:
        title = document.comparison.title
        lines += ["", title, "-" * len(title), "", *_text_comparison(document.comparison)]
    for part in _parts(document):
        lines += ["", part.title, "-" * min(len(part.title), 76)]
        lines += [part.prefix] if part.prefix else []
        for rows in part.paragraphs:
            lines += ["", *(_text_row(row, document) for row in rows)]
        if part.table is not None:
            lines += ["", *_text_table(part.table)]
    if document.signers:
        lines += ["", f"{document.words['signers']}: {', '.join(document.signers)}"]
    lines += ["", _footer(document), ""]
    return "\n".join(lines).encode()


def _text_comparison(comparison: Comparison) -> Iterator[str]:
    """As people write it by hand: [-gone-] {+new+}."""
    marks = {"deleted": ("[-", "-]"), "inserted": ("{+", "+}")}
    yield f"{comparison.old_title} → {comparison.new_title}, [-gestrichen-] {{+neu+}}"
    yield ""
    for paragraph in in_paragraphs(comparison.changes):
        yield "".join(
            each.text.join(marks.get(each.kind, ("", ""))) for each in paragraph.stretches
        )


def _text_table(table: Table) -> Iterator[str]:
    """Columns apart by spaces; rows to fill in by hand as lines."""
    rows = [table.head, *table.rows, *([table.total] if table.total else [])]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.head))]
    if table.row_mm:
        widths = [max(width, 4 * share) for width, share in zip(widths, table.widths, strict=True)]
    for number, row in enumerate(rows):
        cells = (
            text.rjust(width) if at >= table.numbers_from else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield " | ".join(cells).rstrip()
        if number == 0 or (table.row_mm and number):
            yield "-+-".join("-" * width for width in widths)


def _text_row(row: Row, document: MotionDocument) -> str:
    if document.show_numbers == "none" or row.number is None:
        return row.text
    return f"{_shown(row, document):>4}  {row.text}"


def render_markdown(document: MotionDocument) -> bytes:
    """Markdown; nothing that people typed becomes markup."""
    lines = [_markdown(document.heading), "", f"# {_markdown(document.title)}", ""]
    lines += [f"- **{name}:** {_markdown(value)}" for name, value in document.facts]
    if document.comparison is not None:
        lines += ["", f"## {document.comparison.title}", ""]
        lines += _markdown_comparison(document.comparison)
    for part in _parts(document):
        lines += ["", f"## {_markdown(part.title)}"]
        lines += ["", f"*{_markdown(part.prefix)}*"] if part.prefix else []
        for rows in part.paragraphs:
            lines += ["", "\\\n".join(_markdown_row(row, document) for row in rows)]
        if part.table is not None:
            lines += ["", *_markdown_table(part.table)]
    if document.signers:
        lines += ["", f"## {document.words['signers']}", "", _markdown(", ".join(document.signers))]
    lines += ["", "---", "", _markdown(_footer(document)), ""]
    lines += [f"<!-- {META} {packed(document.agreed)} -->", ""] if document.agreed else []
    return "\n".join(lines).encode()


def _markdown_comparison(comparison: Comparison) -> Iterator[str]:
    marks = {"deleted": "~~", "inserted": "**"}
    for paragraph in in_paragraphs(comparison.changes):
        yield "".join(_marked(each.text, marks.get(each.kind, "")) for each in paragraph.stretches)
        yield ""


def _marked(text: str, mark: str) -> str:
    """Markdown wants its signs right beside words."""
    inner = text.strip(" ")
    if not mark or not inner:
        return _markdown(text)
    before, _, after = text.partition(inner)
    return f"{before}{mark}{_markdown(inner)}{mark}{after}"


def _markdown_table(table: Table) -> Iterator[str]:
    sides = ("--:" if at >= table.numbers_from else ":--" for at in range(len(table.head)))
    yield f"| {' | '.join(map(_markdown, table.head))} |"
    yield f"| {' | '.join(sides)} |"
    for row in (*table.rows, *([table.total] if table.total else [])):
        yield f"| {' | '.join(map(_markdown, row))} |"


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
