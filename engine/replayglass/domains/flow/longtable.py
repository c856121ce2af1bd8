"""A table that may be too long for a page: shown whole where it fits, else as a list of the pages that hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.collection import Ranges, neighbours
from replayglass.page import Page, Table
from replayglass.row import page_path

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from replayglass.cell import Cell
    from replayglass.row import Collection


class LongTable(NamedTuple):
    """Where the pages of a table are and what it looks like; ``home`` is the page that it stands on if it fits."""

    collection: Collection
    section: str
    home: str
    title: str
    columns: tuple[str, ...]
    empty: str


def long_table(shape: LongTable, rows: Sequence[Sequence[Cell]]) -> Generator[Page, None, Table]:
    """Give the pages of a table that needs more than one; return what its index shows."""
    collection, size = shape.collection, shape.collection.size
    if len(rows) <= size:
        return Table("", shape.columns, rows, shape.empty)
    ranges = Ranges(collection, (), shape.section)
    for number in range(len(rows) // size + 1):
        part = rows[number * size : (number + 1) * size]
        around = neighbours(collection, number, full=len(part) == size)._replace(up=shape.home)
        table = Table("", shape.columns, part, shape.empty)
        path, title = page_path(collection, number), f"{shape.title}, page {number}"
        yield Page(path, title, shape.section, [table], neighbours=around)
        yield from ranges.add(len(part), ())
    yield from ranges.finish()
    return ranges.table()
