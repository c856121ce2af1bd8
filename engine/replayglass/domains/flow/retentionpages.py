"""The pages about retention: what is kept how, what left the ledger when, what leaves next, and the archive."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.cell import Code, Link
from replayglass.domains.flow import facetdocs as doc
from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.decision import UNTOLD
from replayglass.domains.flow.facets import directives, rows_link
from replayglass.domains.flow.keeping import ARCHIVE, SECTION
from replayglass.domains.flow.pages import INSTANCES, bars_note, beat_link, fates_links
from replayglass.drawings import Chart, Series
from replayglass.page import Document, Page, Prose, Table
from replayglass.row import row_href

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.cell import Cell
    from replayglass.domains.flow.finished import Finished
    from replayglass.page import Artifact, Block

INDEX = f"{SECTION}/index.html"

_JSON = "v1/flow/retention.json"
_NEXT = 16
"""Beats to come that the page lists."""


def retention_artifacts(run: Finished) -> Iterator[Artifact]:
    """Give the page about retention, the same as data, and the list of the archive's pages."""
    leaving = _leaving(run)
    beats, left = run.shelves.timeline.series((Fate.ARCHIVED, Fate.EXPIRED))
    shapes = sorted(run.shelves.shapes.items())
    document = doc.RetentionDocument(
        1,
        run.shelves.timeline.width,
        beats,
        left[Fate.ARCHIVED],
        left[Fate.EXPIRED],
        [doc.DirectiveEntry(*count) for count in run.shelves.keeping.counts()],
        leaving,
        [doc.ShapeEntry(name, *seen) for name, seen in shapes],
    )
    yield Document(_JSON, encode(document), "flow-retention", "What is kept how, and what left the ledger when")
    blocks: list[Block] = [
        _chart(document, run),
        _directives(document, run),
        _next(leaving, run),
        _shapes(document),
        _where(),
    ]
    intro = "How long decisions are kept, and what left the ledger, to the archive or for good."
    yield Page(INDEX, "Retention", SECTION, blocks, intro, json=_JSON)
    archive = run.shelves.keeping.archive
    intro = "Decisions that left the ledger for the archive, in order."
    yield Page(f"{ARCHIVE.folder}/index.html", "Archive", SECTION, [archive.ranges.table()], intro)


def _leaving(run: Finished) -> list[doc.LeavingEntry]:
    """Return the next beats in which cells leave."""
    state = run.replay.flow.state
    return [doc.LeavingEntry(beat, len(state.due[beat])) for beat in nsmallest(_NEXT, state.due_beats)]


def _chart(document: doc.RetentionDocument, run: Finished) -> Chart:
    note = bars_note(document.width)
    left = [Series("archived", document.archived), Series("expired", document.expired)]
    return Chart(
        "left",
        "Decisions that left the ledger, over beats",
        "bars",
        "beat",
        document.beats,
        left,
        note,
        fates_links(run.shelves.timeline),
    )


def _directives(document: doc.RetentionDocument, run: Finished) -> Table:
    facet = directives(run.shelves.columns)
    rows: list[tuple[Cell, ...]] = [
        (
            rows_link(facet, one.directive, one.directive) if one.directive else "all others",
            one.recorded,
            one.archived,
            one.expired,
            one.recorded - one.archived - one.expired,
        )
        for one in document.directives
        if one.directive != UNTOLD
    ]
    columns = ("kept", "recorded", "archived", "expired", "still live")
    return Table("How decisions are kept", columns, rows, "Nothing was recorded.")


def _next(leaving: list[doc.LeavingEntry], run: Finished) -> Table:
    beats = len(run.replay.flow.state.due_beats)
    title = "What leaves next" if beats <= _NEXT else f"What leaves next: the first {_NEXT} of {beats:,} beats"
    rows = [(entry.beat, entry.cells, _first(run, entry.beat)) for entry in leaving]
    return Table(title, ("not before beat", "decisions", "first of"), rows, "Nothing that is live will leave.")


def _first(run: Finished, beat: int) -> Cell:
    """Return the instance whose decision is the first of those that leave in ``beat``."""
    name, _ = run.replay.flow.state.due[beat][0]
    number = run.shelves.lifelines.find(name)
    return Code(name) if number is None else Link(f"instance {number}", row_href(INSTANCES, number))


def _shapes(document: doc.RetentionDocument) -> Table:
    rows = [(entry.shape, beat_link(entry.since), entry.count) for entry in document.shapes]
    columns = ("shape", "since beat", "decisions")
    return Table("Shapes of telemetry and retention", columns, rows, "Nothing was decided.")


def _where() -> Prose:
    """Say where what left is listed one by one."""
    archive = Link("the archive", f"{ARCHIVE.folder}/index.html")
    expired = Link("what expired", "flow/decisions/fates/expired/index.html")
    return Prose("One by one", [("Listed in order: ", archive, " and ", expired, ".")])
