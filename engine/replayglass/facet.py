"""Rows of a collection told apart by what they have in common: a list of keys, and the pages of each key's rows.

Keys are numbered by first appearance and rows keep their order, so that a full page of rows never changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.cell import Code, Link, spark
from replayglass.collection import Ranges, array_field, json_page, json_path, neighbours
from replayglass.facetshape import LONGEST, MOST, SIZE, FacetKey, FacetKeys
from replayglass.page import Document, Facts, Page, Rows, Table
from replayglass.row import Collection, page_path, row_href

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.cell import Cell, Spark
    from replayglass.facetshape import Shape
    from replayglass.page import Artifact, Block
    from replayglass.row import Row
    from replayglass.share import Share

OVER_TIME = "over logical time"
"""The column of small lines."""

Triple = tuple[int, int, int]
"""A row as numbers: its number in the collection it is taken from, and two that say more of it."""


class Key:
    """The rows of one key: their pages, and the ones on the open page."""

    def __init__(self, shape: Shape, number: int, text: str) -> None:
        self.text = text
        self.collection = shape.rows_of(number)
        self.ranges = Ranges(self.collection, (), shape.of.folder)
        self.first = self.last = self.count = 0
        self.open = array("Q")
        self.stretch: int | None = None

    @property
    def home(self) -> str:
        """Return the path of the list of the pages."""
        return f"{self.collection.folder}/index.html"

    @property
    def path(self) -> str:
        """Return the path of the page that leads to the rows: their one page, or the list of pages."""
        return self.home if self.count >= SIZE else page_path(self.collection, 0)

    def add(self, triple: Triple, stretch: int | None) -> bool:
        """Take a row in; say whether it fills the open page."""
        if not self.open:
            self.stretch = stretch
        if not self.count:
            self.first = triple[0]
        self.last = triple[0]
        self.count += 1
        self.open.extend(triple)
        return len(self.open) == 3 * SIZE

    def triples(self) -> Iterator[Triple]:
        """Give the rows of the open page."""
        values = iter(self.open)
        return zip(values, values, values, strict=True)


class Facet(ABC):
    """Takes rows with their keys in, gives pages out; hollow ones where they are not of ``share``."""

    def __init__(self, shape: Shape, share: Share) -> None:
        self.keys: dict[str, Key] = {}
        self._shape = shape
        self._share = share
        self._others = 0

    @abstractmethod
    def row(self, number: int, triple: Triple) -> Row:
        """Return row ``number`` of a key, with the cells that the shape's columns name after its number."""

    def about(self, key: Key) -> Sequence[Block]:  # noqa: ARG002 - for those that have more to say
        """Return what the page of ``key`` says beside numbers and pages, when all rows were taken in."""
        return ()

    @property
    def one(self) -> str:
        """Return what a key is called."""
        return self._shape.one

    @property
    def home(self) -> str:
        """Return the path of the list of keys."""
        return f"{self._shape.folder}/index.html"

    def add(self, text: str, triple: Triple, stretch: int | None = None) -> Iterator[Artifact]:
        """Add a row under the key ``text``; ``stretch`` is that in which it was met (`share.Share`)."""
        key = self.keys.get(text)
        if key is None:
            if len(self.keys) == MOST or len(text) > LONGEST:
                self._others += 1
                return
            key = self.keys[text] = Key(self._shape, len(self.keys), text)
        if key.add(triple, stretch):
            yield from self._close(key, full=True)

    def cell(self, text: str, words: str = "") -> Cell:
        """Return ``words``, or ``text``, as a link to the rows of ``text``, if it has any."""
        key = self.keys.get(text)
        if key is None:
            return words or Code(text)
        return Link(words or text or "(empty)", key.path)

    def finish(self, trends: Mapping[str, Sequence[int]] | None = None) -> Iterator[Artifact]:
        """Give the last pages, the page of each key, the list of keys.

        ``trends`` are the counts of keys in steps of logical time, if they are known.
        """
        for key in self.keys.values():
            yield from self._close(key, full=False)
            yield from key.ranges.finish()
            yield self._key_page(key)
        shape = self._shape
        entries = [
            FacetKey(key.text, key.count, key.first, key.last, key.collection.json_folder or "")
            for key in self.keys.values()
        ]
        title = f"{shape.of.many.capitalize()} by {shape.one}"
        document = FacetKeys(1, shape.of.json_folder or "", entries, self._others)
        path = f"{shape.json_folder}/index.json"
        yield Document(path, encode(document), "facet-keys", title)
        yield Page(self.home, title, shape.of.folder, [self._table(trends)], self._intro(), json=path)

    def _intro(self) -> str:
        if not self._others:
            return self._shape.intro
        return (
            f"{self._shape.intro} {self._others:,} more have none of the keys listed here: the first {MOST} keys of "
            f"at most {LONGEST:,} characters are."
        )

    def _table(self, trends: Mapping[str, Sequence[int]] | None) -> Table:
        shape, of = self._shape, self._shape.of
        lines: list[tuple[Cell, ...]] = [
            (self.cell(key.text), key.count, _link(of, key.first), _link(of, key.last)) for key in self.keys.values()
        ]
        columns: tuple[str, ...] = (shape.one, of.many, "first", "last")
        if trends is not None:
            columns = (*columns, OVER_TIME)
            lines = [
                (*line, over_time(trends.get(key.text, ())))
                for line, key in zip(lines, self.keys.values(), strict=True)
            ]
        return Table("", columns, lines, shape.empty)

    def _key_page(self, key: Key) -> Page:
        of = self._shape.of
        facts: list[tuple[str, Cell]] = [
            (self._shape.one, Code(key.text)),
            (of.many, Link(f"{key.count:,}", page_path(key.collection, 0))),
            ("first", _link(of, key.first)),
            ("last", _link(of, key.last)),
        ]
        blocks = [Facts("In numbers", facts), *self.about(key), key.ranges.table()]
        return Page(key.home, key.collection.many.capitalize(), of.folder, blocks)

    def _close(self, key: Key, *, full: bool) -> Iterator[Artifact]:
        collection, number = key.collection, key.ranges.pages
        is_made = key.stretch is None or self._share.makes(key.stretch)
        triples = list(key.triples())
        fields = array_field("rows", [b"%d" % triple[0] for triple in triples] if is_made else [])
        yield json_page(collection, number, len(triples), fields, "facet-page")._replace(stretch=key.stretch)
        first = number * SIZE
        rows = [self.row(first + index, triple) for index, triple in enumerate(triples)] if is_made else []
        page = Page(
            page_path(collection, number),
            f"{collection.many.capitalize()}, page {number}",
            self._shape.of.folder,
            [Facts("", [(self._shape.one, Code(key.text))]), Rows(collection, ("#", *self._shape.columns), rows)],
            neighbours=neighbours(collection, number, full=full),
            json=json_path(collection, number),
        )
        yield page._replace(stretch=key.stretch)
        yield from key.ranges.add(len(triples), ())
        key.open, key.stretch = array("Q"), None


def over_time(points: Sequence[int]) -> Spark | None:
    """Return counts in steps of logical time as a small line, None where there are not two steps."""
    return spark(points, "logical time")


def _link(collection: Collection, row: int) -> Link:
    return Link(f"{collection.one} {row}", row_href(collection, row))
