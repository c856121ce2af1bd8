"""Decisions by site, policy, fate and directive: lists of keys, and for each key the rows that have it.

They are made when the run has ended, from the compact columns. Keys are numbered by first appearance and rows keep
their order, so that a full page of rows never changes when the journal grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import encode_inline
from replayglass.cell import Code, Link
from replayglass.collection import Layout, json_path, row_document
from replayglass.domains.flow import facetdocs as doc
from replayglass.domains.flow import pages
from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.columns import FATES, NONE
from replayglass.domains.flow.keeping import ARCHIVE, NO_POLICY
from replayglass.domains.flow.longtable import LongTable, long_table
from replayglass.page import Facts, Page, Table
from replayglass.row import Collection, Field, Row, RowKind, RowLink, page_path
from replayglass.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from replayglass.cell import Cell
    from replayglass.domains.flow.columns import Column, Columns, Grouped
    from replayglass.domains.flow.finished import Finished
    from replayglass.page import Artifact, Block

MOST = 4096
"""Keys that have pages of their own; the rows of the others stand among all decisions only."""
SIZE = 256
SECTION = "flow/decisions"

_COLUMNS = ("#", "decision", "beat", "fate", "instance", "site", "policy", "choice")
_LAYOUT = Layout(SECTION, _COLUMNS, "flow-facet-page", about=("first beat",))
_CODE = (Field("code"),)


def _kind(fate: str, policy: Field | str) -> RowKind:
    head = ((RowLink(pages.DECISIONS, "int"),), (Field("int"),), (fate,))
    return RowKind((*head, _CODE, _CODE, (policy,), _CODE), pages.TONES[fate])


_NAMED = {fate: _kind(fate, Field("code")) for fate in FATES}
_UNNAMED = {fate: _kind(fate, NO_POLICY) for fate in FATES}


class Key(NamedTuple):
    """What some rows of the decisions have in common: ``name`` is its part of paths, ``words`` what its rows are."""

    number: int
    text: str
    name: str
    words: str

    @property
    def cell(self) -> Cell:
        """The key as it is shown."""
        return Code(self.text) if self.text else NO_POLICY


class Facet(NamedTuple):
    """One way to tell rows apart: the column, what a key and keys are called; fates are few and all shown."""

    column: Column
    one: str
    many: str
    are_fates: bool = False

    @property
    def keys(self) -> Collection:
        """The collection of the keys."""
        return Collection(f"{SECTION}/{self.many}", "k", SIZE, self.one, self.many, f"v1/{SECTION}/{self.many}")

    @property
    def home(self) -> str:
        """The path of the list of keys."""
        return f"{SECTION}/{self.many}/index.html"

    def key(self, number: int) -> Key:
        """Return a key by its number in the column."""
        text = self.column.keys.values[number]
        if self.are_fates:
            return Key(number, text, text, f"{text} decisions")
        words = "decisions without a policy" if text == NONE else f"decisions of {self.one} {number}"
        return Key(number, text, f"{number:06d}", words)

    def rows_of(self, key: Key) -> Collection:
        """Return the collection of the rows of a key."""
        if self.are_fates and key.text == Fate.ARCHIVED:
            return ARCHIVE
        return rows_alike(f"{self.many}/{key.name}", key.words)


class Listed(NamedTuple):
    """A key, how many of its rows have each fate, the beats of its first and of its last row, if it has any."""

    key: Key
    counts: Sequence[int]
    first: int | None = None
    last: int | None = None

    @property
    def fates(self) -> dict[str, int]:
        """The fates that occur."""
        return {fate: count for fate, count in zip(FATES, self.counts, strict=True) if count}


def rows_alike(place: str, words: str) -> Collection:
    """Return the collection of rows that have something in common; ``place`` is its folder in that of decisions."""
    folder = f"{SECTION}/{place}"
    return Collection(folder, "f", SIZE, "decision", words, f"v1/{folder}", is_listed=False)


def sites(columns: Columns) -> Facet:
    """Return the rows by site."""
    return Facet(columns.sites, "site", "sites")


def policies(columns: Columns) -> Facet:
    """Return the rows by policy."""
    return Facet(columns.policies, "policy", "policies")


def fates(columns: Columns) -> Facet:
    """Return the rows by fate."""
    return Facet(columns.fates, "fate", "fates", are_fates=True)


def directives(columns: Columns) -> Facet:
    """Return the rows by how decisions are kept."""
    return Facet(columns.directives, "directive", "directives")


def rows_link(facet: Facet, text: str, words: str) -> Cell:
    """Return ``words`` as a link to the rows of the key ``text``, if they have pages of their own."""
    number = facet.column.keys.find(text)
    if number is None or number >= MOST:
        return words
    return Link(words, f"{facet.rows_of(facet.key(number)).folder}/index.html")


def facet_artifacts(run: Finished) -> Iterator[Artifact]:
    """Give all lists of keys, and the rows of each key."""
    columns = run.shelves.columns
    for facet in _facets(columns):
        rows = facet.column.grouped()
        listed = [one for one in each_key(facet, columns, rows) if facet.are_fates or any(one.counts)]
        yield from _key_documents(facet, listed, run.limit)
        yield from _key_pages(facet, listed)
        for one in listed:
            if one.key.number < MOST and facet.rows_of(one.key) != ARCHIVE:
                yield from _rows(run, facet, one, rows)


def each_key(facet: Facet, columns: Columns, rows: Grouped) -> Iterator[Listed]:
    """Yield every key, also those without rows; ``rows`` are those of the facet's column."""
    for number, counts in enumerate(columns.tally(facet.column)):
        yield Listed(facet.key(number), counts, *[columns.beats[row] for row in rows.ends(number)])


def facet_table(columns: Columns) -> Table:
    """Return the links to the lists of keys."""
    lines: list[tuple[Cell, ...]] = [
        (Link(f"by {facet.one}", facet.home), sum(map(any, columns.tally(facet.column)))) for facet in _facets(columns)
    ]
    lines.append((Link("by instance", f"{pages.INSTANCES.folder}/index.html"), len(columns.instances.keys.values)))
    return Table("Listed by what they have in common", ("decisions", "keys"), lines)


def row_pages(
    collection: Collection, columns: Columns, parts: Iterable[Sequence[int]], limit: int
) -> Generator[Artifact, None, Table]:
    """Give the pages of some rows of the decisions, which come in ``parts``; return the list of these pages."""
    shelf = Shelf(collection, _LAYOUT, limit)
    for part in parts:
        for row, beat, fate, instance, site, policy, choice in columns.at(part):
            number = shelf.count
            told = doc.FacetRow(number, row, beat, fate, instance, site, policy or None, choice)  # type: ignore[arg-type]
            place = (row // pages.DECISIONS.size, row, row, beat, instance, site)
            if policy:
                line = Row(_NAMED[fate], number, (*place, policy, choice))
            else:
                line = Row(_UNNAMED[fate], number, (*place, choice))
            yield from shelf.add(line, encode_inline(told), (beat,))
    yield from shelf.finish()
    return shelf.ranges.table()


def _facets(columns: Columns) -> tuple[Facet, ...]:
    return sites(columns), policies(columns), fates(columns), directives(columns)


def _rows(run: Finished, facet: Facet, listed: Listed, rows: Grouped) -> Iterator[Artifact]:
    """Give the pages of the rows of a key, and the page that leads to them."""
    key, collection = listed.key, facet.rows_of(listed.key)
    table = yield from row_pages(collection, run.shelves.columns, rows.parts(key.number, SIZE), run.limit)
    first = page_path(collection, 0)
    counts = {"rows": sum(listed.counts), **listed.fates}
    facts: list[tuple[str, Cell]] = [(name, Link(f"{count:,}", first)) for name, count in counts.items()]
    ends = (("first beat", listed.first), ("last beat", listed.last))
    facts = [(facet.one, key.cell), *facts, *((name, _beat(number)) for name, number in ends)]
    blocks: list[Block] = [Facts("In numbers", facts), table]
    yield Page(f"{collection.folder}/index.html", key.words.capitalize(), SECTION, blocks)


def _key_documents(facet: Facet, listed: Sequence[Listed], limit: int) -> Iterator[Artifact]:
    for number in range(len(listed) // SIZE + 1):
        part = range(number * SIZE, min((number + 1) * SIZE, len(listed)))
        parts = [_key_row(facet, row, listed[row]) for row in part]
        yield from row_document(facet.keys, number, parts, limit, "flow-facet-keys-page")


def _key_row(facet: Facet, row: int, listed: Listed) -> bytes:
    key, counts = listed.key, listed.counts
    folder = facet.rows_of(key).json_folder if key.number < MOST else None
    entry = doc.FacetKey(row, key.text or None, sum(counts), listed.fates, listed.first, listed.last, folder)  # type: ignore[arg-type]
    return encode_inline(entry)


def _key_pages(facet: Facet, listed: Sequence[Listed]) -> Iterator[Page]:
    columns = (facet.one, "rows", *(() if facet.are_fates else FATES), "first beat", "last beat")
    title = f"Decisions by {facet.one}"
    shape = LongTable(facet.keys, SECTION, facet.home, title, columns, "Nothing was decided.")
    table = yield from long_table(shape, [_key_line(facet, one) for one in listed])
    intro = f"What happened to decisions, by {facet.one}."
    if len(listed) > MOST:
        intro += f" The first {MOST:,} have pages of their own; the rows of the others stand among all decisions only."
    json = json_path(facet.keys, 0) if len(listed) <= SIZE else None
    yield Page(facet.home, title, SECTION, [table], intro, json=json)


def _key_line(facet: Facet, listed: Listed) -> tuple[Cell, ...]:
    key, counts = listed.key, listed.counts
    shown = key.cell
    if key.number < MOST:
        shown = Link(key.text or NO_POLICY, f"{facet.rows_of(key).folder}/index.html")
    return (shown, sum(counts), *(() if facet.are_fates else counts), _beat(listed.first), _beat(listed.last))


def _beat(number: int | None) -> Cell:
    return None if number is None else pages.beat_link(number)
