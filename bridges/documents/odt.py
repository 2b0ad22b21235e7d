"""Motions as OpenDocument text (ISO/IEC 26300), written directly: four small XML files.

Line numbers are the office program's own, as in the Word file; the breaks are ours.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from bridges.documents.view import MotionDocument, Part

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
    )
)
_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_SPACES = re.compile(r" {2,}")
_STYLES = """<office:styles>
<style:default-style style:family="paragraph"><style:paragraph-properties fo:margin-bottom="2mm"
 text:number-lines="false"/><style:text-properties style:font-name="Times New Roman"
 fo:font-family="'Times New Roman'" fo:font-size="11pt" fo:language="de" fo:country="DE"/>
</style:default-style>
<style:style style:name="Standard" style:family="paragraph"/>
<style:style style:name="Heading_1" style:display-name="Heading 1" style:family="paragraph"
 style:parent-style-name="Standard" style:default-outline-level="1"><style:paragraph-properties
 fo:keep-with-next="always"/><style:text-properties fo:font-size="16pt" fo:font-weight="bold"/>
</style:style>
<style:style style:name="Heading_2" style:display-name="Heading 2" style:family="paragraph"
 style:parent-style-name="Standard" style:default-outline-level="2"><style:paragraph-properties
 fo:keep-with-next="always" fo:margin-top="5mm"/><style:text-properties fo:font-size="12pt"
 fo:font-weight="bold"/></style:style>
<style:style style:name="Antragstext" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties text:number-lines="true"/></style:style>
<style:style style:name="Vorsatz" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:keep-with-next="always"/><style:text-properties
 fo:font-style="italic"/></style:style>
<style:style style:name="Fuss" style:family="paragraph" style:parent-style-name="Standard">
<style:text-properties fo:font-size="8pt"/></style:style>
<text:linenumbering-configuration {numbering}/>
</office:styles>"""
_PAGE = """<office:automatic-styles><style:page-layout style:name="A4">
<style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm" fo:margin-top="25mm"
 fo:margin-bottom="15mm" fo:margin-left="25mm" fo:margin-right="25mm"/><style:footer-style>
<style:header-footer-properties fo:min-height="10mm"/></style:footer-style></style:page-layout>
</office:automatic-styles>"""


def render_odt(document: MotionDocument, made_at: datetime) -> bytes:
    """The .odt, with real headings; the same bytes for the same document and time."""
    stamp = made_at.timetuple()[:6]
    files = {
        "mimetype": _MIME,
        "META-INF/manifest.xml": _manifest(),
        "meta.xml": _meta(document, made_at),
        "styles.xml": _styles(document),
        "content.xml": _content(document),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            # The first file is stored as it is, so that programs know the type at once.
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, stamp), text, how)
    return made.getvalue()


def _content(document: MotionDocument) -> str:
    return (
        f'{_XML}<office:document-content {_NAMESPACES} office:version="1.3"><office:body>'
        f"<office:text>{''.join(_body(document))}</office:text></office:body>"
        "</office:document-content>"
    )


def _body(document: MotionDocument) -> Iterator[str]:
    yield _paragraph(document.heading)
    yield _heading(1, document.title)
    for name, value in document.facts:
        yield _paragraph(f"{name}: {value}")
    for part in document.parts:
        yield _heading(2, part.title)
        if part.prefix:
            yield _paragraph(part.prefix, "Vorsatz")
        style = "Antragstext" if _is_numbered(part) else "Standard"
        for rows in part.paragraphs:
            yield _paragraph("\n".join(row.text for row in rows), style)
    if document.signers:
        yield _heading(2, document.words["signers"])
        yield _paragraph(", ".join(document.signers))


def _is_numbered(part: Part) -> bool:
    return any(row.number is not None for rows in part.paragraphs for row in rows)


def _heading(level: int, text: str) -> str:
    return (
        f'<text:h text:style-name="Heading_{level}" text:outline-level="{level}">'
        f"{_words(text)}</text:h>"
    )


def _paragraph(text: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{_words(text)}</text:p>'


def _words(text: str) -> str:
    """Escaped; spaces that would be joined and line breaks as elements."""
    spaced = _SPACES.sub(lambda m: f' <text:s text:c="{len(m[0]) - 1}"/>', escape(text))
    return spaced.replace("\n", "<text:line-break/>")


def _styles(document: MotionDocument) -> str:
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
        f"{_STYLES.format(numbering=numbering)}{_PAGE}<office:master-styles>"
        '<style:master-page style:name="Standard" style:page-layout-name="A4"><style:footer>'
        f"{footer}</style:footer></style:master-page></office:master-styles>"
        "</office:document-styles>"
    )


def _meta(document: MotionDocument, made_at: datetime) -> str:
    return (
        f'{_XML}<office:document-meta {_NAMESPACES} {_DC} office:version="1.3"><office:meta>'
        f"<dc:title>{escape(document.title)}</dc:title><dc:language>{document.language}"
        f"</dc:language><dc:date>{made_at:%Y-%m-%dT%H:%M:%S}</dc:date></office:meta>"
        "</office:document-meta>"
    )


def _manifest() -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (
            ("/", _MIME),
            ("content.xml", "text/xml"),
            ("styles.xml", "text/xml"),
            ("meta.xml", "text/xml"),
        )
    )
    return (
        f'{_XML}<manifest:manifest manifest:version="1.3" '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f"{entries}</manifest:manifest>"
    )
