"""The pages of variants, niches, guardians and policies: a collection of each, and one page that leads to all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.collection import Layout
from replayglass.domains.flow.definedrows import KINDS, PROGRAMS, SCHEMA, Defined
from replayglass.domains.flow.programpages import program_pages
from replayglass.page import Page, Prose, Rows
from replayglass.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from replayglass.domains.flow.definedrows import Kind
    from replayglass.domains.flow.vm import Flow
    from replayglass.facet import Facet
    from replayglass.page import Artifact, Block
    from replayglass.row import Collection, Row

SECTION = "flow/definitions"
_FIRST = 32
"""Rows of each kind that the first page shows."""

_INTRO = "What was defined, in the order of first definition, as it stood when the journal ended."
_SAID = {
    "variant": "Variants lead from an instance to the program that it runs.",
    "niche": "Niches are stored and never read.",
    "guardian": "Guardians are stored and never read.",
    "policy": "Policies say how long decisions are kept, and what is measured of them.",
}


def definition_pages(flow: Flow, limit: int, started: Facet) -> Iterator[Artifact]:
    """Give all pages and documents of what ``flow`` has defined; files have ``limit`` bytes at most.

    ``started`` lists the instances by the program that they were started with.
    """
    defined = Defined(flow)
    yield from program_pages(defined, limit, started)
    programs = len(flow.state.ledgers["program"])
    blocks: list[Block] = [_lead(PROGRAMS, programs, "Programs are what instances run; each has a page.", programs)]
    for kind in KINDS:
        rows = yield from _pages_of(kind, defined, limit)
        blocks += _first(kind, rows, len(flow.state.ledgers[kind.ledger]))
    yield Page(f"{SECTION}/index.html", "Definitions", SECTION, blocks, _INTRO)


def _pages_of(kind: Kind, defined: Defined, limit: int) -> Generator[Artifact, None, list[Row]]:
    """Give the pages of one kind; return its first rows."""
    rows: list[Row] = []
    shelf = Shelf(kind.collection, Layout(SECTION, kind.columns, SCHEMA), limit)
    for entry in defined.entries(kind.ledger):
        row = kind.row(defined, entry)
        if len(rows) < _FIRST:
            rows.append(row)
        yield from shelf.add(row, entry.json)
    yield from shelf.finish()
    title = kind.collection.many.capitalize()
    yield Page(f"{kind.collection.folder}/index.html", title, SECTION, [shelf.ranges.table()], _SAID[kind.ledger])
    return rows


def _first(kind: Kind, rows: list[Row], count: int) -> Iterator[Block]:
    """Show the first rows of a kind and lead to the rest."""
    yield _lead(kind.collection, count, _SAID[kind.ledger], len(rows))
    if rows:
        yield Rows(kind.collection, kind.columns, rows)


def _lead(collection: Collection, count: int, words: str, shown: int) -> Prose:
    """Say what a kind of definition is for, how many there are and where, and how many of them are ``shown`` here."""
    many = collection.many
    if not count:
        return Prose(many.capitalize(), [(f"{words} None was defined.",)])
    link = Link(f"{count:,} {many if count > 1 else collection.one}", f"{collection.folder}/index.html")
    rest = f"; the first {shown:,} are shown here." if shown < count else "."
    return Prose(many.capitalize(), [(f"{words} ", link, rest)])
