"""A shelf for rows that are both HTML and JSON: a page of each comes off it as it fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.collection import Ranges, json_path, neighbours, row_document
from replayglass.page import Blob, Page, Rows
from replayglass.row import page_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.cell import Cell
    from replayglass.collection import Layout
    from replayglass.page import Artifact
    from replayglass.row import Collection, Row


class Shelf:
    """Rows in, pages out. Row numbers count from 0 in the order of `add`; ``stretch`` as in `page.Page`."""

    def __init__(self, collection: Collection, layout: Layout, limit: int, stretch: int | None = None) -> None:
        self.collection = collection
        self.ranges = Ranges(collection, layout.about, layout.section)
        self.count = 0
        self._layout = layout
        self._limit = limit
        self._stretch = stretch
        self._rows: list[Row] = []
        self._parts: list[bytes] = []
        self._about: tuple[Cell, ...] = ()

    def add(self, row: Row, part: bytes, about: tuple[Cell, ...] = ()) -> Iterator[Artifact]:
        """Put ``row`` and the same facts as encoded JSON on the shelf; gives the page that it fills.

        ``about`` is what the list of pages says of a page whose first row this is.
        """
        if not self._parts:
            self._about = about
        self._rows.append(row)
        self._parts.append(part)
        self.count += 1
        if len(self._parts) == self.collection.size:
            yield from self._close(full=True)

    def finish(self) -> Iterator[Artifact]:
        """Give the last page, which may be empty, and the last list of pages."""
        yield from self._close(full=False)
        yield from self.ranges.finish()

    def _close(self, *, full: bool) -> Iterator[Artifact]:
        collection, layout, number = self.collection, self._layout, self.ranges.pages
        for made in row_document(collection, number, self._parts, self._limit, layout.schema, layout.rows):
            yield made if isinstance(made, Blob) else made._replace(stretch=self._stretch)
        title = f"{collection.many.capitalize()}, page {number}"
        block = Rows(collection, layout.columns, self._rows)
        around = neighbours(collection, number, full=full)
        path = page_path(collection, number)
        page = Page(path, title, layout.section, [block], neighbours=around, json=json_path(collection, number))
        yield page._replace(stretch=self._stretch)
        yield from self.ranges.add(len(self._parts), self._about)
        self._rows, self._parts, self._about = [], [], ()
