"""Tables for Word and OpenDocument: a head that comes again on each page, rows that stay whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from bridges.documents.view import Table

_LINE_TWIPS = 9071  # 160 mm
_TWIPS_PER_MM = 56.7
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_SPACE = 'xml:space="preserve"'


def word_table(table: Table) -> str:
    """WordprocessingML, escaped; a paragraph after it, as Word wants, as low as can be."""
    widths = [_LINE_TWIPS * share // sum(table.widths) for share in table.widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = [_word_row(table, widths, table.head, bold=True, head=True)]
    rows += [_word_row(table, widths, row) for row in table.rows]
    rows += [_word_row(table, widths, table.total, bold=True)] if table.total else []
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders>{_BORDERS}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}'
        '</w:tbl><w:p><w:pPr><w:spacing w:after="0" w:line="20" w:lineRule="exact"/></w:pPr></w:p>'
    )


def _word_row(
    table: Table,
    widths: Sequence[int],
    cells: Sequence[str],
    *,
    bold: bool = False,
    head: bool = False,
) -> str:
    height = ""
    if table.row_mm and not head:
        height = f'<w:trHeight w:val="{round(table.row_mm * _TWIPS_PER_MM)}" w:hRule="atLeast"/>'
    again = "<w:tblHeader/>" if head else ""
    inner = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{_word_cell(text, bold=bold, right=at >= table.numbers_from)}</w:tc>"
        for at, (width, text) in enumerate(zip(widths, cells, strict=True))
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{again}</w:trPr>{inner}</w:tr>"


def _word_cell(text: str, *, bold: bool, right: bool) -> str:
    side = '<w:jc w:val="right"/>' if right else ""
    weight = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return (
        f'<w:p><w:pPr><w:spacing w:before="20" w:after="20"/>{side}</w:pPr>'
        f"<w:r>{weight}<w:t {_SPACE}>{escape(text)}</w:t></w:r></w:p>"
    )


def odt_styles(tables: Sequence[Table]) -> str:
    """Automatic styles of all tables of a document, numbered in order."""
    return "".join(piece for at, table in enumerate(tables) for piece in _odt_styles(at, table))


def _odt_styles(at: int, table: Table) -> Iterator[str]:
    yield (
        f'<style:style style:name="T{at}" style:family="table"><style:table-properties '
        'style:width="160mm" table:align="left" style:may-break-between-rows="true" '
        'fo:margin-bottom="3mm"/></style:style>'
    )
    for column, share in enumerate(table.widths):
        width = 160 * share / sum(table.widths)
        yield (
            f'<style:style style:name="T{at}.{column}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width:.2f}mm"/></style:style>'
        )
    height = f' style:min-row-height="{table.row_mm}mm"' if table.row_mm else ""
    yield (
        f'<style:style style:name="T{at}.row" style:family="table-row">'
        f'<style:table-row-properties fo:keep-together="always"{height}/></style:style>'
        f'<style:style style:name="T{at}.cell" style:family="table-cell">'
        '<style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="1mm" '
        'style:vertical-align="middle"/></style:style>'
    )


def odt_table(at: int, table: Table) -> str:
    """The `at`th table of the document, escaped."""
    columns = "".join(
        f'<table:table-column table:style-name="T{at}.{column}"/>'
        for column in range(len(table.widths))
    )
    head = _odt_row(at, table, table.head, "Kopf")
    rows = "".join(_odt_row(at, table, row, "Zelle") for row in table.rows)
    total = _odt_row(at, table, table.total, "Kopf") if table.total else ""
    return (
        f'<table:table table:name="Tabelle{at + 1}" table:style-name="T{at}">{columns}'
        f"<table:table-header-rows>{head}</table:table-header-rows>{rows}{total}</table:table>"
    )


def _odt_row(at: int, table: Table, cells: Sequence[str], style: str) -> str:
    of_row = f' table:style-name="T{at}.row"' if style == "Zelle" or not table.row_mm else ""
    inner = "".join(
        f'<table:table-cell table:style-name="T{at}.cell" office:value-type="string">'
        f'<text:p text:style-name="{style}{"Rechts" if column >= table.numbers_from else ""}">'
        f"{escape(text)}</text:p></table:table-cell>"
        for column, text in enumerate(cells)
    )
    return f"<table:table-row{of_row}>{inner}</table:table-row>"
