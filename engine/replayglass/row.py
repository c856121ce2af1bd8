"""A row of a collection: where it is, its shape, which is compiled once, and its values."""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct


class Collection(NamedTuple):
    """A paged collection: rows in a fixed order, ``size`` to a page, page k at ``folder/NNNNNN.html``.

    A row's anchor is ``mark`` followed by its number. ``json_folder`` is where its JSON pages are, ``one`` and
    ``many`` what a row and the rows are called; a JSON page of records may have another name (``rows``) for them. The
    entry point of the JSON does not list a collection that rows of another one lead to. ``why_empty``: what that means.
    """

    folder: str
    mark: str
    size: int
    one: str
    many: str
    json_folder: str | None = None
    rows: str | None = None
    is_listed: bool = True
    why_empty: str = ""

    @property
    def field(self) -> str:
        """Return what the rows are called in a JSON page of records."""
        return self.rows or self.many


def page_path(collection: Collection, number: int) -> str:
    """Return the path of HTML page ``number`` of ``collection``."""
    return f"{collection.folder}/{number:06d}.html"


def row_href(collection: Collection, row: int) -> str:
    """Return the address of row ``row`` of ``collection``, relative to the site's root."""
    return f"{page_path(collection, row // collection.size)}#{collection.mark}{row}"


Style = Literal["text", "code", "strong", "id", "word", "int"]


class Field(NamedTuple):
    """A cell part that takes one value; ``int`` takes a number, ``id`` and ``word`` are letters, digits, - and _."""

    style: Style


class RowLink(NamedTuple):
    """A cell part that takes three values: page and number of a row in ``collection``, and the text of the link."""

    collection: Collection
    style: Style = "text"


class Raw(NamedTuple):
    """A cell part that takes one value: the raw bytes of a record, shown on demand, or the path of its blob."""


class DocumentLink(NamedTuple):
    """A cell part that takes one value: the number of a JSON page of ``collection``; ``text`` is that of the link."""

    collection: Collection
    text: str


Part = str | Field | RowLink | DocumentLink | Raw


class RowKind(NamedTuple):
    """The shape of a table row: cells of parts. Rows of one kind are rendered by one compiled function.

    An anchored row begins with its own number, linked to itself. ``tone`` marks the row (as in `Badge`), ``span`` is
    how many columns the last cell takes. A ``torn`` row is no record; it stands where the next one will.
    """

    cells: tuple[tuple[Part, ...], ...]
    tone: str = ""
    span: int = 1
    anchored: bool = True
    torn: bool = False


Value = str | int | bytes


class Row(Struct, frozen=True, gc=False):
    """A row: its kind, its number in the collection, and its parts' values in order. A struct: millions are made."""

    kind: RowKind
    number: int
    values: tuple[Value, ...]
