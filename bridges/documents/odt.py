"""Motions as OpenDocument text (ISO/IEC 26300), written directly: four small XML files.

Line numbers are the office program's own, as in the Word file; the breaks are ours.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from bridges.documents.agreed import META
from bridges.documents.house import PLAIN, Letterhead
from bridges.documents.odt_changes import Tracked
from bridges.documents.odt_looks import PAGE, STYLES
from bridges.documents.tables import odt_styles, odt_table
from bridges.documents.view import Layout, MotionDocument, Part, Table

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


def render_odt(
    document: MotionDocument, made_at: datetime, letterhead: Letterhead = PLAIN
) -> bytes:
    """The .odt, with real headings; the same bytes for the same document and time."""
    logo = Logo.read(letterhead)
    about = About(
        document.title, document.language, document.sha256, document.version, document.date,
        document.words, document.show_numbers, document.agreed,
    )  # fmt: skip
    return packed_odt(
        about, _content(document, made_at, letterhead, logo), made_at, letterhead, logo
    )


@dataclass(frozen=True)
class About:
    """What a document says of itself: in its properties, its footer, its line numbers."""

    title: str
    language: str
    sha256: str
    version: str
    date: str
    words: Mapping[str, str]
    show_numbers: str
    agreed: str = ""


def packed_odt(
    about: About, content: str, made_at: datetime, letterhead: Letterhead, logo: Logo | None
) -> bytes:
    """The archive around its content; the same bytes for the same content and time."""
    stamp = made_at.timetuple()[:6]
    files: dict[str, str | bytes] = {
        "mimetype": _MIME,
        "META-INF/manifest.xml": _manifest(logo),
        "meta.xml": _meta(about, made_at),
        "styles.xml": _styles(about, letterhead),
        "content.xml": content,
    }
    if logo is not None:
        files[logo.path] = logo.data
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, inner in files.items():
            # The first file is stored as it is, so that programs know the type at once.
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, stamp), inner, how)
    return made.getvalue()


@dataclass(frozen=True)
class Logo:
    """A picture in the archive, with what is told to those who can't see it."""

    path: str
    data: bytes
    about: str
    wide_mm: float
    high_mm: float

    @classmethod
    def read(cls, letterhead: Letterhead, high_mm: float = 16) -> Logo | None:
        """None without one, or with one that can't be used."""
        if letterhead.logo is None:
            return None
        # What looks into pictures loads slowly; most documents have none.
        from docx.image.exceptions import (  # noqa: PLC0415  see above
            InvalidImageStreamError,
            UnexpectedEndOfFileError,
            UnrecognizedImageError,
        )
        from docx.image.image import Image  # noqa: PLC0415  see above

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
    document: MotionDocument, made_at: datetime, letterhead: Letterhead, logo: Logo | None
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
    return content_xml(tables, regions, body)


def content_xml(tables: Sequence[Table], regions: str, body: Iterable[str]) -> str:
    """`regions` of tracked changes, then the body: both are XML already."""
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
    document: MotionDocument, letterhead: Letterhead, logo: Logo | None, tracked: Tracked | None
) -> Iterator[str]:
    yield from odt_head(letterhead, logo)
    yield paragraph_xml(document.heading)
    yield heading_xml(1, document.title)
    for name, value in document.facts:
        yield paragraph_xml(f"{name}: {value}")
    comparison = document.comparison
    if comparison is not None and tracked is not None:
        yield heading_xml(2, f"{comparison.title}: {comparison.old_title} → {comparison.new_title}")
        yield tracked.xml()[1]
    shown = [each for each in document.parts if not tracked or each.title not in document.compared]
    yield from _parts(document, shown)
    if document.signature:
        yield paragraph_xml(document.words["signature"], "Unterschrift")


def odt_head(letterhead: Letterhead, logo: Logo | None) -> Iterator[str]:
    """Whom it is from; nothing where nothing was configured."""
    if letterhead.name or logo:
        picture = logo.xml if logo else ""
        yield (
            f'<text:p text:style-name="Briefkopf">{words_xml(letterhead.name)}<text:tab/>'
            f"{picture}</text:p>"
        )


def _letter(document: MotionDocument, letterhead: Letterhead, logo: Logo | None) -> Iterator[str]:
    """DIN 5008, form B: everything that has its place on the paper stands in frames."""
    words = document.words
    dated = f"{words['dated']}: {document.date}"
    reference = f"{words['reference']}: {document.reference}" if document.reference else ""
    yield "".join(_fold_mark(y, length) for y, length in ((105, 5), (148.5, 7), (210, 5)))
    yield _frame("Kopf", (25, 18, 95, 20), [paragraph_xml(letterhead.name, "Briefname")])
    if logo is not None:
        picture = f'<text:p text:style-name="ZelleRechts">{logo.xml}</text:p>'
        yield _frame("Logo-Feld", (125, 12, 65, 26), [picture])
    yield _frame(
        "Absender", (25, 55, 80, 7), [paragraph_xml(" · ".join(document.sender), "Absender")]
    )
    yield _frame(
        "Anschrift", (25, 62.7, 80, 27.3), [paragraph_xml(x, "Zelle") for x in document.recipient]
    )
    yield _frame(
        "Angaben", (125, 50, 65, 20), [paragraph_xml(x, "Zelle") for x in (dated, reference) if x]
    )
    yield heading_xml(1, f"{words['subject']}: {document.title}", "Betreff")
    yield paragraph_xml(words["greeting"])
    yield paragraph_xml(words["intro"])
    yield from _parts(document, document.parts)
    yield paragraph_xml(words["closing"], "Gruss")
    yield paragraph_xml("\n".join(document.sender))


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
        yield from part_xml(part, "Antragstext")
        if part.table is not None:
            yield odt_table(tables.index(part.table), part.table)
    yield from signers_xml(document)


def part_xml(part: Part, numbered: str, first: str = "", level: int = 2) -> Iterator[str]:
    """Heading and words; `numbered` is the style of numbered lines, `first` of their beginning."""
    yield heading_xml(level, part.title)
    if part.prefix:
        yield paragraph_xml(part.prefix, "Vorsatz")
    style = numbered if is_numbered(part) else "Standard"
    for at, rows in enumerate(part.paragraphs):
        now = first if first and at == 0 and style == numbered else style
        yield paragraph_xml("\n".join(row.text for row in rows), now)


def signers_xml(document: MotionDocument) -> Iterator[str]:
    if document.signers:
        yield heading_xml(2, document.words["signers"])
        yield paragraph_xml(", ".join(document.signers))


def is_numbered(part: Part) -> bool:
    return any(row.number is not None for rows in part.paragraphs for row in rows)


def heading_xml(level: int, text: str, style: str = "") -> str:
    return (
        f'<text:h text:style-name="{style or f"Heading_{level}"}" text:outline-level="{level}">'
        f"{words_xml(text)}</text:h>"
    )


def paragraph_xml(text: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{words_xml(text)}</text:p>'


def words_xml(text: str) -> str:
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
    return front + words_xml(inner) + back


def _styles(about: About, letterhead: Letterhead) -> str:
    shown = about.show_numbers
    numbering = (
        'text:number-lines="false"'
        if shown == "none"
        else f'text:number-lines="true" text:increment="{5 if shown == "fifth" else 1}" '
        'text:count-empty-lines="false" text:offset="5mm" style:num-format="1" '
        'text:number-position="left"'
    )
    footer = (
        f'<text:p text:style-name="Fuss">{words_xml(about.version)} · {words_xml(about.date)} · '
        f"{words_xml(about.words['page'])} <text:page-number>1</text:page-number>/"
        "<text:page-count>1</text:page-count></text:p>"
        f'<text:p text:style-name="Fuss">{words_xml(about.words["checksum"])} SHA-256: '
        f"{about.sha256}</text:p>"
    )
    return (
        f'{_XML}<office:document-styles {_NAMESPACES} office:version="1.3">'
        f"{STYLES.format(numbering=numbering, colour=letterhead.colour, ink=letterhead.ink)}"
        f"{PAGE}<office:master-styles>"
        '<style:master-page style:name="Standard" style:page-layout-name="A4"><style:footer>'
        f"{footer}</style:footer></style:master-page></office:master-styles>"
        "</office:document-styles>"
    )


def _meta(about: About, made_at: datetime) -> str:
    agreed = escape(about.agreed)
    carried = (
        f'<meta:user-defined meta:name="{META}">{agreed}</meta:user-defined>' if agreed else ""
    )
    return (
        f'{_XML}<office:document-meta {_NAMESPACES} {_DC} office:version="1.3"><office:meta>'
        f"<dc:title>{escape(about.title)}</dc:title><dc:language>{about.language}"
        f"</dc:language><dc:date>{made_at:%Y-%m-%dT%H:%M:%S}</dc:date>"
        f"<dc:identifier>sha256:{about.sha256}</dc:identifier>"
        f"{carried}"
        "</office:meta>"
        "</office:document-meta>"
    )


def _manifest(logo: Logo | None) -> str:
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
