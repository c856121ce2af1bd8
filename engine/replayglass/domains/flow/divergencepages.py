"""The page of the divergence: where the recorded ledger and the journal part, both cells side by side."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from replayglass.canon import encode, encode_inline
from replayglass.cell import Badge, Code, Link
from replayglass.domains.flow import divergencedocs as doc
from replayglass.domains.flow import pages
from replayglass.domains.flow.tree import leaves
from replayglass.page import Document, Facts, Notice, Page, Prose, Table
from replayglass.row import row_href

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from replayglass.cell import Cell
    from replayglass.domains.flow.divergence import Cells, Divergence
    from replayglass.domains.flow.finished import Finished
    from replayglass.page import Artifact, Block

PATH = "flow/divergence/index.html"
_JSON = "v1/flow/divergence.json"

MAX_LEAVES = 256
"""Leaves of the two cells that the page shows side by side; the JSON has both cells whole."""


def divergence_artifacts(run: Finished, verdict: Notice) -> Iterator[Artifact]:
    """Give the page and the document; there is a page, too, where nothing diverges. ``verdict`` says what came out."""
    comparison = run.comparison
    shown = [entry_of(one) for one in comparison.shown]
    first = comparison.first
    whole = None if first is None else doc.FirstDivergence(*(*_facts_of(first), *first.cells))
    counts = {kind.value: count for kind, count in sorted(comparison.counts.items())}
    document = doc.DivergenceDocument(1, run.ledger, comparison.equal, counts, whole, shown)  # type: ignore[arg-type]
    yield Document(_JSON, encode(document), "flow-divergence", "Where the recorded ledger and the journal part")
    blocks: list[Block] = [verdict]
    if first is None:
        blocks.append(_nothing(run))
    else:
        blocks += [first_facts(run, first), _side_by_side(first.cells), _all(run)]
    intro = "The recorded ledger, held cell by cell against what the journal comes to when it is executed again."
    yield Page(PATH, "Divergence", "flow/recorded", blocks, intro, json=_JSON)


def entry_of(one: Divergence) -> doc.DivergenceEntry:
    """Return a divergence as it stands in documents."""
    return doc.DivergenceEntry(*_facts_of(one))


def first_facts(run: Finished, first: Divergence) -> Facts:
    """Return where the ledgers first part, plainly."""
    return Facts(
        "The first divergence",
        [
            ("beat", _beat(run, first.beat)),
            ("instance", Code(first.instance)),
            ("site", Code(first.site)),
            ("field", Code(first.field)),
            ("expected by the journal", _value(first.expected)),
            ("found in the recorded ledger", _value(first.found)),
            ("where", _where(first)),
        ],
    )


def _facts_of(one: Divergence) -> tuple[Any, ...]:
    *facts, place, _ = one
    return *facts, None if place is None else place.seq


def _beat(run: Finished, number: int) -> Cell:
    """Return a beat, which may be recorded only."""
    return Link(str(number), row_href(pages.BEATS, number)) if number < run.replay.steps else number


def _where(one: Divergence) -> Cell:
    if one.place is None:
        return None
    return Link(f"recorded line {one.place.seq} (line {one.place.line})", row_href(pages.RECORDED, one.place.seq))


def _value(text: str | None) -> Cell:
    return "nothing" if text is None else Code(text)


def _nothing(run: Finished) -> Prose:
    if run.comparison.is_rederived:
        words = "The run has no flow/decisions.ndjson, so there is nothing that the decisions could contradict."
    else:
        words = "Every recorded line is what the journal comes to, and nothing that happened is left out."
    return Prose("Nothing diverges", [(words,)])


def _side_by_side(cells: Cells) -> Table:
    """Return both cells leaf by leaf, those of the expected one first."""
    expected, found = (_texts(cell or {}) for cell in cells)
    names = [*expected, *(name for name in found if name not in expected)]
    differing = sum(expected.get(name) != found.get(name) for name in names)
    rows: list[tuple[Cell, ...]] = []
    for name in islice(names, MAX_LEAVES):
        here, there = expected.get(name), found.get(name)
        mark = Badge("equal", "good") if here == there else Badge("differs", "bad")
        rows.append((Code(name), *(None if text is None else Code(text) for text in (here, there)), mark))
    title = f"Both cells, leaf by leaf ({differing:,} of {len(names):,} differ"
    title += ")" if len(names) <= MAX_LEAVES else f"; the first {MAX_LEAVES})"
    return Table(title, ("field", "expected by the journal", "found in the recorded ledger", ""), rows)


def _texts(cell: Mapping[str, Any]) -> dict[str, str]:
    return {
        "/".join(path): value if isinstance(value, str) else encode_inline(value).decode()
        for path, value in leaves(cell)
    }


def _all(run: Finished) -> Table:
    """Return every divergence that is listed: the first ones of each kind."""
    rows: list[tuple[Cell, ...]] = [
        (
            _beat(run, one.beat),
            Code(one.kind.value),
            Code(one.instance),
            Code(one.site),
            Code(one.field),
            _value(one.expected),
            _value(one.found),
            _where(one),
        )
        for one in run.comparison.shown
    ]
    total = sum(run.comparison.counts.values())
    title = "All divergences" if total == len(rows) else f"The first {len(rows)} of {total:,} divergences"
    return Table(title, ("beat", "finding", "instance", "site", "field", "expected", "found", "where"), rows)
