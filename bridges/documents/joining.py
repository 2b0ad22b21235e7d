"""A large book from parts: each part's pages upon the frame's footers, tags and bookmarks joined.

A part is compiled alone, so that memory is that of one part. ISO 32000-2: 14.7 (tags, parent
tree), 12.3.3 (bookmarks).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf

_FOOT = Name("/WeCreateFoot")


@dataclass(frozen=True)
class Mark:
    """A bookmark: `page` counts from 0 in its part."""

    title: str
    page: int


def marks_of(data: bytes) -> tuple[int, list[Mark]]:
    """How many pages a part has, and its bookmarks of the first level."""
    with Pdf.open(io.BytesIO(data)) as part:
        places = {page.obj.objgen: at for at, page in enumerate(part.pages)}
        with part.open_outline() as outline:
            return len(part.pages), [
                Mark(item.title, places[_page_of(item).objgen]) for item in outline.root
            ]


def _page_of(item: OutlineItem) -> Any:  # noqa: ANN401  a PDF object
    target: Any = item.destination
    if target is None and item.action is not None:
        target = item.action.D
    return target[0]  # an array, as Typst writes it


def joined(frame: bytes, parts: Sequence[bytes], marks: Sequence[Mark]) -> bytes:
    """`frame` has its contents first, then one page with the footer for each page of the parts.

    The same bytes each time. `marks` count their pages in the whole book.
    """
    with Pdf.open(io.BytesIO(frame)) as book:
        tags = _Tags(book)
        upon: list[Any] = []
        for data in parts:
            with Pdf.open(io.BytesIO(data)) as part:
                upon += tags.add(part)
        front = len(book.pages) - 2 * len(upon)
        feet = [book.pages[front + at].obj for at in range(len(upon))]
        for foot, page in zip(feet, upon, strict=True):
            _lay(pikepdf.Page(foot), pikepdf.Page(page))
        _turn_links(book, {foot.objgen: page for foot, page in zip(feet, upon, strict=True)})
        del book.pages[front : front + len(upon)]
        tags.write()
        with book.open_outline() as outline:
            outline.root[:] = [OutlineItem(mark.title, mark.page) for mark in marks]
        made = io.BytesIO()
        book.save(made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return made.getvalue()


def _lay(foot: pikepdf.Page, page: pikepdf.Page) -> None:
    """The footer, an artifact, behind what stands on the page."""
    form = foot.as_form_xobject()
    resources: Any = page.obj.Resources
    if "/XObject" not in resources:
        resources.XObject = Dictionary()
    resources.XObject[_FOOT] = form
    page.contents_add(b"q", prepend=True)
    page.contents_add(b"Q q " + bytes(str(_FOOT), "ascii") + b" Do Q")


def _turn_links(book: Pdf, pages: dict[tuple[int, int], Any]) -> None:
    """Links of the contents lead to the pages themselves."""
    for page in book.pages:
        for link in page.obj.get("/Annots", Array()):
            target = link.get("/Dest") or link.A.D
            if target[0].objgen in pages:
                target[0] = pages[target[0].objgen]


class _Tags:
    """The structure trees of all parts under that of the frame."""

    def __init__(self, book: Pdf) -> None:
        self._book = book
        root: Any = book.Root
        self._root: Any = root.StructTreeRoot
        (self._document,) = self._root.K
        self._numbers: list[Any] = list(_numbers(self._root.ParentTree))
        self._next = int(self._root.ParentTreeNextKey)

    def add(self, part: Pdf) -> list[Any]:
        """The part's pages, at the end of the book."""
        before = len(self._book.pages)
        self._book.pages.extend(part.pages)
        pages = [page.obj for page in self._book.pages[before:]]
        theirs: Any = part.Root
        tree: Any = self._book.copy_foreign(part.make_indirect(theirs.StructTreeRoot))
        self._take(tree)
        for page in pages:
            for one, key in ((page, Name.StructParents), *_annotations(page)):
                if key in one:
                    one[key] = int(one[key]) + self._next
        for number, value in _pairs(_numbers(tree.ParentTree)):
            self._numbers += [int(number) + self._next, value]
        self._next += int(tree.ParentTreeNextKey)
        return pages

    def _take(self, tree: Any) -> None:  # noqa: ANN401  a PDF object
        for kid in tree.K:
            kid.S = Name.Part
            kid.P = self._document
            self._document.K.append(kid)
        if "/RoleMap" in tree:
            roles = self._root.get("/RoleMap", Dictionary())
            for name, role in tree.RoleMap.items():
                roles[name] = role
            self._root.RoleMap = roles

    def write(self) -> None:
        tree = Dictionary(Nums=Array(self._numbers))
        self._root.ParentTree = self._book.make_indirect(tree)
        self._root.ParentTreeNextKey = self._next


def _annotations(page: Any) -> Iterator[tuple[Any, Name]]:  # noqa: ANN401  a PDF object
    for annotation in page.get("/Annots", Array()):
        yield annotation, Name.StructParent


def _numbers(tree: Any) -> Iterator[Any]:  # noqa: ANN401  a PDF object
    """Keys and values in turn, whether the tree is flat or not."""
    yield from tree.get("/Nums", Array())
    for kid in tree.get("/Kids", Array()):
        yield from _numbers(kid)


def _pairs(numbers: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(numbers, numbers, strict=True)
