"""Motions as OpenDocument text (ISO/IEC 26300), written directly: four small XML files.

Line numbers are the office program's own, as in the Word file; the breaks are ours.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from docx.image.exceptions import (
    InvalidImageStreamError,
    UnexpectedEndOfFileError,
    UnrecognizedImageError,
)
from docx.image.image import Image

from bridges.documents.agreed import META
from bridges.documents.house import PLAIN, Letterhead
from bridges.documents.odt_changes import Tracked
from bridges.documents.tables import odt_styles, odt_table
from bridges.documents.view import Layout, MotionDocument, Part

_MIME = "application/vnd.oasis.opendocument.text"
_NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("text", "text"),
        ("style", "style"),
        ("fo", "xsl-fo-compatible"),
        ("meta", "meta"),
        ("table", "table"),
        ("draw", "drawing"),
        ("svg", "svg-compatible"),
    )
)
_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
_XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_PICTURES = {".png": "image/png", ".jpg": "image/jpeg"}
_SPACES = re.compile(r" {2,}")
_STYLES = """<office:styles>
<style:default-style style:family="paragraph"><style:paragraph-properties fo:margin-bottom="2mm"
 text:number-lines="false"/><style:text-properties style:font-name="Times New Roman"
 fo:font-family="'Times New Roman'" fo:font-size="11pt" fo:language="de" fo:country="DE"/>
</style:default-style>
<style:style style:name="Standard" style:family="paragraph"/>
<style:style style:name="Heading_1" style:display-name="Heading 1" style:family="paragraph"
 style:parent-style-name="Standard" style:default-outline-level="1"><style:paragraph-properties
 fo:keep-with-next="always"/><style:text-properties fo:font-size="16pt" fo:font-weight="bold"
 fo:color="{ink}"/>
</style:style>
<style:style style:name="Heading_2" style:display-name="Heading 2" style:family="paragraph"
 style:parent-style-name="Standard" style:default-outline-level="2"><style:paragraph-properties
 fo:keep-with-next="always" fo:margin-top="5mm"/><style:text-properties fo:font-size="12pt"
 fo:font-weight="bold" fo:color="{ink}"/></style:style>
<style:style style:name="Antragstext" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties text:number-lines="true"/></style:style>
<style:style style:name="Vorsatz" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:keep-with-next="always"/><style:text-properties
 fo:font-style="italic"/></style:style>
<style:style style:name="Fuss" style:family="paragraph" style:parent-style-name="Standard">
<style:text-properties fo:font-size="8pt"/></style:style>
<style:style style:name="Zelle" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:margin-bottom="0mm"/></style:style>
<style:style style:name="ZelleRechts" style:family="paragraph" style:parent-style-name="Zelle">
<style:paragraph-properties fo:text-align="end"/></style:style>
<style:style style:name="Kopf" style:family="paragraph" style:parent-style-name="Zelle">
<style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="KopfRechts" style:family="paragraph" style:parent-style-name="Kopf">
<style:paragraph-properties fo:text-align="end"/></style:style>
<style:style style:name="Briefkopf" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:border-bottom="1.2pt solid {colour}" fo:padding-bottom="1mm">
<style:tab-stops><style:tab-stop style:position="160mm" style:type="right"/></style:tab-stops>
</style:paragraph-properties><style:text-properties fo:font-weight="bold" fo:color="{ink}"/>
</style:style>
<style:style style:name="Absender" style:family="paragraph" style:parent-style-name="Zelle">
<style:text-properties fo:font-size="7.5pt" style:text-underline-style="solid"/></style:style>
<style:style style:name="Briefname" style:family="paragraph" style:parent-style-name="Zelle">
<style:text-properties fo:font-size="14pt" fo:font-weight="bold" fo:color="{ink}"/></style:style>
<style:style style:name="Betreff" style:family="paragraph" style:parent-style-name="Heading_1">
<style:paragraph-properties fo:margin-top="73.5mm"/></style:style>
<style:style style:name="Gruss" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:margin-top="5mm" fo:margin-bottom="14mm"
 fo:keep-with-next="always"/></style:style>
<style:style style:name="Unterschrift" style:family="paragraph" style:parent-style-name="Fuss">
<style:paragraph-properties fo:margin-top="18mm" fo:margin-right="90mm"
 fo:border-top="0.5pt solid #000000" fo:padding-top="1mm"/></style:style>
<style:style style:name="Rahmen" style:family="graphic"><style:graphic-properties
 text:anchor-type="page" fo:padding="0mm" fo:border="none" style:wrap="run-through"
 style:vertical-pos="from-top" style:vertical-rel="page" style:horizontal-pos="from-left"
 style:horizontal-rel="page"/></style:style>
<style:style style:name="Bild" style:family="graphic"><style:graphic-properties
 text:anchor-type="as-char" fo:padding="0mm" fo:border="none"/></style:style>
<style:style style:name="Falzmarke" style:family="graphic"><style:graphic-properties
 draw:stroke="solid" svg:stroke-width="0.1mm" style:vertical-pos="from-top"
 style:vertical-rel="page" style:horizontal-pos="from-left" style:horizontal-rel="page"
 style:wrap="run-through"/></style:style>
<text:linenumbering-configuration {numbering}/>
</office:styles>"""
_PAGE = """<office:automatic-styles><style:page-layout style:name="A4">
<style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm" fo:margin-top="25mm"
 fo:margin-bottom="15mm" fo:margin-left="25mm" fo:margin-right="25mm"/><style:footer-style>
<style:header-footer-properties fo:min-height="10mm"/></style:footer-style></style:page-layout>
</office:automatic-styles>"""


def render_odt(
    document: MotionDocument, made_at: datetime, letterhead: Letterhead = PLAIN
) -> bytes:
    """The .odt, with real headings; the same bytes for the same document and time."""
    stamp = made_at.timetuple()[:6]
    logo = _Logo.read(letterhead)
    files: dict[str, str | bytes] = {
        "mimetype": _MIME,
        "META-INF/manifest.xml": _manifest(logo),
        "meta.xml": _meta(document, made_at),
        "styles.xml": _styles(document, letterhead),
        "content.xml": _content(document, made_at, letterhead, logo),
    }
    if logo is not None:
        files[logo.path] = logo.data
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            # The first file is stored as it is, so that programs know the type at once.
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, stamp), content, how)
    return made.getvalue()


@dataclass(frozen=True)
class _Logo:
    """A picture in the archive, with what is told to those who can't see it."""

    path: str
    data: bytes
    about: str
    wide_mm: float
    high_mm: float

    @classmethod
    def read(cls, letterhead: Letterhead, high_mm: float = 16) -> _Logo | None:
        """None without one, or with one that can't be used."""
        if letterhead.logo is None:
            return None
        data = letterhead.logo.read_bytes()
        try:
            size = Image.from_blob(data)
        except (UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError):
            return None
        wide = high_mm * size.px_width / max(1, size.px_height)
        name = f"Pictures/logo{letterhead.logo.suffix}"
        return cls(name, data, letterhead.name or "Logo", wide, high_mm)

    @property
    def xml(self) -> str:
        return (
            f'<draw:frame draw:name="Logo" draw:style-name="Bild" text:anchor-type="as-char" '
            f'svg:width="{self.wide_mm:.1f}mm" svg:height="{self.high_mm:.1f}mm">'
            f'<draw:image xlink:href="{self.path}" xlink:type="simple"/>'
            f"<svg:title>{escape(self.about)}</svg:title></draw:frame>"
        )


def _content(
    document: MotionDocument, made_at: datetime, letterhead: Letterhead, logo: _Logo | None
) -> str:
    tables = [part.table for part in document.parts if part.table is not None]
    tracked = _tracked(document, made_at)
    regions = tracked.xml()[0] if tracked else ""
    is_letter = document.layout is Layout.LETTER
    body = (
        _letter(document, letterhead, logo)
        if is_letter
        else _body(document, letterhead, logo, tracked)
    )
    return (
        f'{_XML}<office:document-content {_NAMESPACES} {_DC} {_XLINK} office:version="1.3">'
        f"<office:automatic-styles>{odt_styles(tables)}</office:automatic-styles><office:body>"
        f"<office:text>{regions}{''.join(body)}</office:text></office:body>"
        "</office:document-content>"
    )


def _tracked(document: MotionDocument, made_at: datetime) -> Tracked | None:
    if document.comparison is None:
        return None
    author = document.sender[0] if document.sender else "WeCreate"
    tracked = Tracked(author, made_at, _stretch)
    tracked.write(document.comparison.changes)
    return tracked


def _body(
    document: MotionDocument, letterhead: Letterhead, logo: _Logo | None, tracked: Tracked | None
) -> Iterator[str]:
    if letterhead.name or logo:
        picture = logo.xml if logo else ""
        yield (
            f'<text:p text:style-name="Briefkopf">{_words(letterhead.name)}<text:tab/>'
            f"{picture}</text:p>"
        )
    yield _paragraph(document.heading)
    yield _heading(1, document.title)
    for name, value in document.facts:
        yield _paragraph(f"{name}: {value}")
    comparison = document.comparison
    if comparison is not None and tracked is not None:
        yield _heading(2, f"{comparison.title}: {comparison.old_title} → {comparison.new_title}")
        yield tracked.xml()[1]
    shown = [each for each in document.parts if not tracked or each.title not in document.compared]
    yield from _parts(document, shown)
    if document.signature:
        yield _paragraph(document.words["signature"], "Unterschrift")


def _letter(document: MotionDocument, letterhead: Letterhead, logo: _Logo | None) -> Iterator[str]:
    """DIN 5008, form B: everything that has its place on the paper stands in frames."""
    words = document.words
    dated = f"{words['dated']}: {document.date}"
    reference = f"{words['reference']}: {document.reference}" if document.reference else ""
    yield "".join(_fold_mark(y, length) for y, length in ((105, 5), (148.5, 7), (210, 5)))
    yield _frame("Kopf", (25, 18, 95, 20), [_paragraph(letterhead.name, "Briefname")])
    if logo is not None:
        picture = f'<text:p text:style-name="ZelleRechts">{logo.xml}</text:p>'
        yield _frame("Logo-Feld", (125, 12, 65, 26), [picture])
    yield _frame("Absender", (25, 55, 80, 7), [_paragraph(" · ".join(document.sender), "Absender")])
    yield _frame(
        "Anschrift", (25, 62.7, 80, 27.3), [_paragraph(x, "Zelle") for x in document.recipient]
    )
    yield _frame(
        "Angaben", (125, 50, 65, 20), [_paragraph(x, "Zelle") for x in (dated, reference) if x]
    )
    yield _heading(1, f"{words['subject']}: {document.title}", "Betreff")
    yield _paragraph(words["greeting"])
    yield _paragraph(words["intro"])
    yield from _parts(document, document.parts)
    yield _paragraph(words["closing"], "Gruss")
    yield _paragraph("\n".join(document.sender))


def _frame(name: str, place: tuple[float, float, float, float], inner: Sequence[str]) -> str:
    """A text box on the first page; place in mm: from the left, from the top, width, height."""
    x, y, width, height = place
    return (
        f'<draw:frame draw:name="{name}" draw:style-name="Rahmen" text:anchor-type="page" '
        f'text:anchor-page-number="1" svg:x="{x}mm" svg:y="{y}mm" svg:width="{width}mm" '
        f'svg:height="{height}mm"><draw:text-box>{"".join(inner)}</draw:text-box></draw:frame>'
    )


def _fold_mark(y: float, length: float) -> str:
    return (
        f'<draw:line draw:style-name="Falzmarke" text:anchor-type="page" '
        f'text:anchor-page-number="1" svg:x1="5mm" svg:y1="{y}mm" svg:x2="{5 + length}mm" '
        f'svg:y2="{y}mm"/>'
    )


def _parts(document: MotionDocument, parts: Sequence[Part]) -> Iterator[str]:
    tables = [part.table for part in document.parts if part.table is not None]
    for part in parts:
        yield _heading(2, part.title)
        if part.prefix:
            yield _paragraph(part.prefix, "Vorsatz")
        style = "Antragstext" if _is_numbered(part) else "Standard"
        for rows in part.paragraphs:
            yield _paragraph("\n".join(row.text for row in rows), style)
        if part.table is not None:
            yield odt_table(tables.index(part.table), part.table)
    if document.signers:
        yield _heading(2, document.words["signers"])
        yield _paragraph(", ".join(document.signers))


def _is_numbered(part: Part) -> bool:
    return any(row.number is not None for rows in part.paragraphs for row in rows)


def _heading(level: int, text: str, style: str = "") -> str:
    return (
        f'<text:h text:style-name="{style or f"Heading_{level}"}" text:outline-level="{level}">'
        f"{_words(text)}</text:h>"
    )


def _paragraph(text: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{_words(text)}</text:p>'


def _words(text: str) -> str:
    """Escaped; spaces that would be joined and line breaks as elements."""
    spaced = _SPACES.sub(lambda m: f' <text:s text:c="{len(m[0]) - 1}"/>', escape(text))
    return spaced.replace("\n", "<text:line-break/>")


def _stretch(text: str) -> str:
    """A piece of a paragraph: a space at its ends would be lost as white space of the XML."""
    inner = text.strip(" ")
    if not inner:
        return f'<text:s text:c="{len(text)}"/>' if text else ""
    before, after = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    front, back = (f'<text:s text:c="{count}"/>' if count else "" for count in (before, after))
    return front + _words(inner) + back


def _styles(document: MotionDocument, letterhead: Letterhead) -> str:
    shown = document.show_numbers
    numbering = (
        'text:number-lines="false"'
        if shown == "none"
        else f'text:number-lines="true" text:increment="{5 if shown == "fifth" else 1}" '
        'text:count-empty-lines="false" text:offset="5mm" style:num-format="1" '
        'text:number-position="left"'
    )
    footer = (
        f'<text:p text:style-name="Fuss">{_words(document.version)} · {_words(document.date)} · '
        f"{_words(document.words['page'])} <text:page-number>1</text:page-number>/"
        "<text:page-count>1</text:page-count></text:p>"
        f'<text:p text:style-name="Fuss">{_words(document.words["checksum"])} SHA-256: '
        f"{document.sha256}</text:p>"
    )
    return (
        f'{_XML}<office:document-styles {_NAMESPACES} office:version="1.3">'
        f"{_STYLES.format(numbering=numbering, colour=letterhead.colour, ink=letterhead.ink)}"
        f"{_PAGE}<office:master-styles>"
        '<style:master-page style:name="Standard" style:page-layout-name="A4"><style:footer>'
        f"{footer}</style:footer></style:master-page></office:master-styles>"
        "</office:document-styles>"
    )


def _meta(document: MotionDocument, made_at: datetime) -> str:
    return (
        f'{_XML}<office:document-meta {_NAMESPACES} {_DC} office:version="1.3"><office:meta>'
        f"<dc:title>{escape(document.title)}</dc:title><dc:language>{document.language}"
        f"</dc:language><dc:date>{made_at:%Y-%m-%dT%H:%M:%S}</dc:date>"
        f"<dc:identifier>sha256:{document.sha256}</dc:identifier>"
        f'<meta:user-defined meta:name="{META}">{escape(document.agreed)}</meta:user-defined>'
        "</office:meta>"
        "</office:document-meta>"
    )


def _manifest(logo: _Logo | None) -> str:
    picture = [(logo.path, _PICTURES[Path(logo.path).suffix])] if logo else []
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (
            ("/", _MIME),
            ("content.xml", "text/xml"),
            ("styles.xml", "text/xml"),
            ("meta.xml", "text/xml"),
            *picture,
        )
    )
    return (
        f'{_XML}<manifest:manifest manifest:version="1.3" '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f"{entries}</manifest:manifest>"
    )
