"""What is known of each instance when a flow run has ended, one after the other, in the order of their first start."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.flow.beat import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from replayglass.domains.flow.columns import Columns
    from replayglass.domains.flow.finished import Finished
    from replayglass.domains.flow.lifelines import Stay
    from replayglass.domains.flow.tree import Tree


class Cells(NamedTuple):
    """The cells of an instance: all rows of the decisions about them; by site, the row that has the whole cell now.

    ``live`` are those of the ledger, ``archived`` those of the archive.
    """

    rows: Sequence[int]
    live: dict[str, int]
    archived: dict[str, int]


class Seen(NamedTuple):
    """An instance: its number, its node and its summary in the adjacency as in a dump, where it stood, its cells.

    ``summary`` is None if no sweep saw it.
    """

    number: int
    name: str
    node: Tree
    summary: Tree | None
    stays: Sequence[Stay]
    cells: Cells


def each_instance(run: Finished) -> Iterator[Seen]:
    """Yield every instance; nothing is kept of one when the next is asked for."""
    flow, columns, lifelines = run.replay.flow, run.shelves.columns, run.shelves.lifelines
    state, grouped = flow.state, columns.instances.grouped()
    for number, name in enumerate(state.instances):
        key = columns.instances.keys.find(name)
        rows = [] if key is None else grouped.rows(key)
        cells = _cells(columns, rows, state.decisions.get(name, ()), state.archive.get(name, ()))
        yield Seen(number, name, flow.instance(name), flow.summary(name), lifelines.of(number), cells)


def _cells(columns: Columns, rows: list[int], live: Iterable[str], archived: Iterable[str]) -> Cells:
    """Find the rows of the cells at these sites: the last one that tells of a site, or that it was archived."""
    last: dict[str, int] = {}
    filed: dict[str, int] = {}
    for one in columns.at(rows):
        last[one.site] = one.row
        if one.fate == Fate.ARCHIVED:
            filed[one.site] = one.row
    return Cells(rows, {site: last[site] for site in live}, {site: filed[site] for site in archived})
