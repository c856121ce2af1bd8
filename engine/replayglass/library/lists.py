"""Long lists in a library: the newest rows on a first page, and all rows on pages that are full once and for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from replayglass.cell import Link
from replayglass.page import Neighbours, Page, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from replayglass.page import Block

R = TypeVar("R")

ROWS = 64
"""Rows of a page; the first page shows as many of the newest."""


class Place(NamedTuple):
    """Where the pages of a list are (``folder/000000.html`` ...), their title and section, the page above them."""

    folder: str
    title: str
    section: str
    up: str


def newest(rows: Sequence[R]) -> list[R]:
    """Return the newest rows, the newest first."""
    return list(reversed(rows[-ROWS:]))


def full_pages(place: Place, rows: Sequence[R], show: Callable[[Sequence[R]], list[Block]]) -> Iterator[Page]:
    """Give the pages of all ``rows`` in order, if the first page cannot show them all."""
    if len(rows) <= ROWS:
        return
    for first in range(0, len(rows), ROWS):
        before = _path(place, first - ROWS) if first else None
        after = _path(place, first + ROWS) if first + ROWS <= len(rows) else None
        title = f"{place.title}: from {first + 1} on"
        blocks = show(rows[first : first + ROWS])
        yield Page(_path(place, first), title, place.section, blocks, neighbours=Neighbours(before, after, place.up))


def list_of_pages(place: Place, count: int) -> list[Block]:
    """Return what leads to the pages of ``count`` rows: nothing, where the first page shows them all."""
    if count <= ROWS:
        return []
    links = [(Link(_range(first, count), _path(place, first)),) for first in range(0, count, ROWS)]
    return [Table("All pages, oldest first", ("numbers",), links)]


def _path(place: Place, first: int) -> str:
    return f"{place.folder}/{first // ROWS:06d}.html"


def _range(first: int, count: int) -> str:
    return f"{first + 1} to {min(first + ROWS, count)}"
