"""Where the pages of a facet are and what they are called, and the types of its documents."""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from replayglass.pageschema import Natural, PageHead
from replayglass.row import Collection

MOST = 512
"""Keys that have pages of their own; the rows of the others stand in the collection itself only."""

SIZE = 512
"""Rows of a page: of such rows, which are short, a page has fewer than 4,000 elements."""

LONGEST = 1000
"""Characters of a key: a longer one has no pages of its own."""


class FacetPage(PageHead, kw_only=True):
    """Numbers of rows that have something in common, in order: those of the collection that the key list names."""

    rows: list[Natural]


class FacetKey(Struct):
    """What rows have in common; how many there are, the first and the last number, the folder of their pages."""

    key: str
    count: Natural
    first: Natural
    last: Natural
    folder: str


class FacetKeys(Struct):
    """The keys of a facet in the order of their first appearance.

    ``of`` is the folder of the collection whose rows they tell apart. ``others`` counts the rows whose keys have no
    pages of their own: keys beyond the first 512, or of more than 1,000 characters.
    """

    version: Literal[1]
    of: str
    keys: list[FacetKey]
    others: Natural


TYPES: dict[str, type] = {"facet-keys": FacetKeys, "facet-page": FacetPage}


class Shape(NamedTuple):
    """Where a facet of the collection ``of`` is, and what it is called: ``one`` is a key, ``many`` keys.

    ``columns`` are those of the rows, ``intro`` says in a sentence what is listed.
    """

    of: Collection
    one: str
    many: str
    columns: tuple[str, ...]
    intro: str
    empty: str

    @property
    def folder(self) -> str:
        """Return the folder of the pages."""
        return f"{self.of.folder}/by-{self.many}".replace(" ", "-")

    @property
    def json_folder(self) -> str:
        """Return the folder of the documents."""
        return f"{self.of.json_folder}/by-{self.many}".replace(" ", "-")

    def rows_of(self, number: int) -> Collection:
        """Return the collection of the rows of key ``number``."""
        words = f"{self.of.many} of {self.one} {number}"
        place = f"{number:06d}"
        return Collection(
            f"{self.folder}/{place}", "f", SIZE, self.of.one, words, f"{self.json_folder}/{place}", is_listed=False
        )
