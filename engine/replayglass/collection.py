"""Pagination: rows are put on a shelf, and pages come off it as they fill.

A full page never changes again. So page k + 1 exists as soon as page k is full (it may be empty for a while), and a
page says nothing about how many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import digest, encode_inline
from replayglass.cell import Link
from replayglass.page import Blob, Document, Neighbours, Page, Paged, Table
from replayglass.row import Collection, page_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.cell import Cell
    from replayglass.page import Block

NOTES = Collection("notes", "n", 1, "note", "notes")
"""Reviewers' notes, one to a page."""

RANGE = 256
"""Pages that one range page lists."""

_ENVELOPE = 512
"""Bytes kept free for what a JSON page says beside its rows."""

_MOVED_ROW = 160
"""Bytes that one row moved to a blob takes in the list of moved rows."""


def json_path(collection: Collection, number: int) -> str:
    """Return the path of JSON page ``number``; the collection must have JSON pages."""
    return f"{collection.json_folder}/pages/{number:06d}.json"


def neighbours(collection: Collection, number: int, *, full: bool) -> Neighbours:
    """Return the pages around page ``number``."""
    return Neighbours(
        page_path(collection, number - 1) if number else None,
        page_path(collection, number + 1) if full else None,
        f"{collection.folder}/index.html",
    )


class Layout(NamedTuple):
    """How the pages of a shelf look: section of the navigation, columns, JSON schema, the name of the JSON rows.

    ``about`` names what the list of pages says of each page.
    """

    section: str
    columns: tuple[str, ...]
    schema: str
    rows: str = "rows"
    about: tuple[str, ...] = ()


class Fitted(NamedTuple):
    """JSON rows that fit a page: what stays, what moved (row numbers and blobs)."""

    parts: list[bytes]
    moved: list[tuple[int, Blob]]


def blob_of(data: bytes) -> Blob:
    """Return ``data`` as a file of its own, named by its SHA-256."""
    return Blob(f"blob/{digest(data)}", data)


def fit(numbers: Sequence[int], parts: Sequence[bytes], limit: int) -> Fitted:
    """Move the largest of ``parts`` to blobs until the rest fits a file of ``limit`` bytes; ties: the later first."""
    budget = limit - _ENVELOPE
    size = sum(map(len, parts)) + len(parts)
    if size <= budget:
        return Fitted(list(parts), [])
    moved: list[int] = []
    for index in sorted(range(len(parts)), key=lambda i: (len(parts[i]), i), reverse=True):
        if size <= budget:
            break
        moved.append(index)
        size -= len(parts[index]) - _MOVED_ROW
    gone = set(moved)
    kept = [part for index, part in enumerate(parts) if index not in gone]
    return Fitted(kept, [(numbers[index], blob_of(parts[index])) for index in sorted(moved)])


def moved_rows(moved: Sequence[tuple[int, Blob]], key: str) -> list[dict[str, object]]:
    """Return what a page says of the rows that moved to blobs."""
    return [{key: number, "blob": blob.path, "size": len(blob.data)} for number, blob in moved]


class Written(NamedTuple):
    """What is remembered of a page: enough for the list of pages."""

    number: int
    rows: int
    about: tuple[Cell, ...]


class Ranges:
    """The lists of pages of one collection: an index page, and one range page for every 256 pages."""

    def __init__(self, collection: Collection, columns: tuple[str, ...], section: str) -> None:
        self._collection = collection
        self._columns = columns
        self._section = section
        self._open: list[Written] = []
        self._spans: list[tuple[int, tuple[Cell, ...]]] = []
        self.pages = 0
        self.rows = 0

    def add(self, rows: int, about: tuple[Cell, ...]) -> Iterator[Page]:
        """Take note of the next page; gives a range page when it is full."""
        self._open.append(Written(self.pages, rows, about))
        self.pages += 1
        self.rows += rows
        if len(self._open) == RANGE:
            yield self._close()

    def finish(self) -> Iterator[Page]:
        """Give the last range page, if there is more than one."""
        if self._spans and self._open:
            yield self._close()

    def table(self) -> Table:
        """Return the list of pages (or of ranges of pages) for the collection's index."""
        if not self._spans:
            return self._listed()
        lines = [
            (Link(f"pages {first} to {min(first + RANGE, self.pages) - 1}", self._range_path(first // RANGE)), *about)
            for first, about in self._spans
        ]
        return Table("Pages", ("range", *self._columns), lines)

    def _listed(self) -> Table:
        """List the open pages; where each holds a single row, they are called by what that is."""
        collection = self._collection
        if collection.size > 1:
            columns = ("page", collection.many, *self._columns)
            return Table("Pages", columns, [self._line(page, "page", page.rows) for page in self._open])
        columns = (collection.one, *self._columns)
        return Table(collection.many.capitalize(), columns, [self._line(page, collection.one) for page in self._open])

    def _line(self, page: Written, word: str, *rows: int) -> tuple[Cell, ...]:
        return (Link(f"{word} {page.number}", page_path(self._collection, page.number)), *rows, *page.about)

    def _range_path(self, number: int) -> str:
        return f"{self._collection.folder}/range-{number:06d}.html"

    def _close(self) -> Page:
        number = len(self._spans)
        blocks: list[Block] = [self._listed()]
        self._spans.append((number * RANGE, self._open[0].about))
        self._open = []
        title = f"{self._collection.many.capitalize()}: pages {number * RANGE} to {number * RANGE + RANGE - 1}"
        up = Neighbours(None, None, f"{self._collection.folder}/index.html")
        return Page(self._range_path(number), title, self._section, blocks, neighbours=up)


def json_page(collection: Collection, number: int, rows: int, fields: bytes, schema: str) -> Document:
    """Return JSON page ``number``; ``fields`` are the further fields of the object, without its braces."""
    head = f'{{"version":1,"page":{number},"first":{number * collection.size},"count":{rows},'.encode()
    title = f"{collection.many}, page {number}"
    paged = Paged(collection.many, rows, collection.size, collection.is_listed)
    return Document(json_path(collection, number), head + fields + b"}\n", schema, title, paged)


def array_field(name: str, parts: Sequence[bytes]) -> bytes:
    """Return a JSON field that holds an array of encoded parts."""
    return b'"%s":[%s]' % (name.encode(), b",".join(parts))


def value_field(name: str, value: object) -> bytes:
    """Return a JSON field that holds ``value``."""
    return b'"%s":%s' % (name.encode(), encode_inline(value))


def row_document(  # noqa: PLR0913, PLR0917 - what a page is made of
    collection: Collection, number: int, parts: Sequence[bytes], limit: int, schema: str, rows: str = "rows"
) -> Iterator[Blob | Document]:
    """Give JSON page ``number`` of ``collection``, whose ``rows`` are ``parts``, in at most ``limit`` bytes.

    Rows that are too large for it are given before it, as blobs.
    """
    first = number * collection.size
    fitted = fit(range(first, first + len(parts)), parts, limit)
    fields = array_field(rows, fitted.parts)
    if fitted.moved:
        fields += b"," + value_field("moved", moved_rows(fitted.moved, "row"))
    yield from (blob for _, blob in fitted.moved)
    yield json_page(collection, number, len(parts), fields, schema)
