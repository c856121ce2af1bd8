"""Rows of paged collections: only pages whose digests differ in the two manifests are read."""

from __future__ import annotations

from collections import deque
from hashlib import blake2b
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from replayglass.collection import json_path
from replayglass.compare.documents import DifferentRow, RowsComparison
from replayglass.compare.fields import cut, first_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from replayglass.output.manifest import FileEntry
    from replayglass.publication.published import PublishedSite
    from replayglass.row import Collection

LISTED = 100
"""Rows of each sort that are listed."""

MAX_PAGES = 8192
"""Pages of a collection that are read of each publication: half a million decisions."""


class KeyedRow(NamedTuple):
    """A row: what it is known by in both publications, its number in this one, and what it says, as JSON."""

    key: str
    number: int
    value: bytes


class Paged(NamedTuple):
    """A paged collection whose rows are compared; ``read`` gives the rows of a page's bytes."""

    collection: Collection
    read: Callable[[PublishedSite, bytes], Iterable[KeyedRow]]


class _Found(NamedTuple):
    number: int
    digest: bytes


class _Unmatched:
    """Rows of one publication that have no counterpart yet, by key; keys that occur again, which are few, in order."""

    def __init__(self) -> None:
        self._rows: dict[str, _Found | deque[_Found]] = {}

    def add(self, key: str, row: _Found) -> None:
        """Take in a row."""
        others = self._rows.get(key)
        if isinstance(others, deque):
            others.append(row)
        else:
            self._rows[key] = row if others is None else deque((others, row))

    def take(self, key: str) -> _Found | None:
        """Return the first row of this key and forget it, None if there is none."""
        found = self._rows.pop(key, None)
        if not isinstance(found, deque):
            return found
        row = found.popleft()
        if found:
            self._rows[key] = found
        return row

    def left(self) -> list[tuple[int, str]]:
        """Return number and key of what is left, in the order of the numbers."""
        return sorted((row.number, key) for key, rows in self._rows.items() for row in _each(rows))


def _each(rows: _Found | deque[_Found]) -> Iterable[_Found]:
    return rows if isinstance(rows, deque) else (rows,)


class _Matching:
    """Finds the counterpart of each row; a key that occurs again belongs to the next row of that key."""

    def __init__(self) -> None:
        self.a, self.b = _Unmatched(), _Unmatched()
        self.changed: list[tuple[str, int, int]] = []
        self.count = 0

    def add(self, mine: Iterable[KeyedRow], other: Iterable[KeyedRow]) -> None:
        """Take in the rows of a page of each."""
        for row in mine:
            found, counterpart = _pair(row, self.a, self.b)
            self._compare(row.key, found, counterpart)
        for row in other:
            found, counterpart = _pair(row, self.b, self.a)
            self._compare(row.key, counterpart, found)

    def _compare(self, key: str, a: _Found | None, b: _Found | None) -> None:
        if a is not None and b is not None and a.digest != b.digest:
            self.count += 1
            self.changed.append((key, a.number, b.number))
            del self.changed[LISTED:]


def _pair(row: KeyedRow, own: _Unmatched, others: _Unmatched) -> tuple[_Found, _Found | None]:
    """Return a row and its counterpart among the ``others``; without one it is kept among its ``own``."""
    found = _Found(row.number, blake2b(row.value, digest_size=16).digest())
    counterpart = others.take(row.key)
    if counterpart is None:
        own.add(row.key, found)
    return found, counterpart


def compare_rows(paged: Paged, a: PublishedSite, b: PublishedSite, most: int = MAX_PAGES) -> RowsComparison:
    """Return the rows of a collection that differ; at most ``most`` pages of it are read of each publication.

    Raises:
        InputError: a publication cannot be read.
    """
    name, folder = paged.collection.many, paged.collection.json_folder or ""
    pairs = enumerate(zip_longest(a.pages(folder), b.pages(folder)))
    different = ((number, mine, other) for number, (mine, other) in pairs if mine != other)
    matching = _Matching()
    for number, mine, other in islice(different, most):
        matching.add(_rows(paged, a, number, mine), _rows(paged, b, number, other))
    is_complete = next(different, None) is None
    only_a, only_b = (matching.a.left(), matching.b.left()) if is_complete else ([], [])
    listed = [
        *_changed(paged, a, b, matching.changed),
        *(DifferentRow("only-a", cut(key), number, None, None, None, None) for number, key in only_a[:LISTED]),
        *(DifferentRow("only-b", cut(key), None, number, None, None, None) for number, key in only_b[:LISTED]),
    ]
    return RowsComparison(name, folder, matching.count, len(only_a), len(only_b), complete=is_complete, listed=listed)


def _rows(paged: Paged, site: PublishedSite, number: int, page: FileEntry | None) -> Iterator[KeyedRow]:
    """Give the rows of page ``number``, if there is one."""
    if page is None:
        return
    for row in paged.read(site, site.take(page)):
        if row.number // paged.collection.size != number:
            site.refuse(f"{page.path} holds rows of another page")
        yield row


def _changed(
    paged: Paged, a: PublishedSite, b: PublishedSite, changed: Iterable[tuple[str, int, int]]
) -> Iterator[DifferentRow]:
    """Give changed rows with the first field that differs: their pages are read once more, none is held."""
    for key, mine, other in changed:
        first = first_difference(_value(paged, a, mine), _value(paged, b, other))
        yield DifferentRow("changed", cut(key), mine, other, *(first or (None, None, None)))


def _value(paged: Paged, site: PublishedSite, number: int) -> bytes:
    page = number // paged.collection.size
    rows = _rows(paged, site, page, site.find(json_path(paged.collection, page)))
    return next(row.value for row in rows if row.number == number)
