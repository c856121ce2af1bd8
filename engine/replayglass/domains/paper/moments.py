"""The state of the replay at a moment: what a page of events says of everything up to its last event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.collection import value_field
from replayglass.domains.paper.events import EVENT_TYPES
from replayglass.domains.paper.places import CHANGES, DECISIONS, EVENTS
from replayglass.domains.paper.streamdocs import Moment, OpenPosition
from replayglass.page import Facts
from replayglass.row import page_path, row_href
from replayglass.streamshelf import After

if TYPE_CHECKING:
    from replayglass.cell import Cell
    from replayglass.domains.paper.fold import Fold
    from replayglass.page import Block

_LISTED = 64
"""Open positions that a page names; ``open`` counts all."""

_LONGEST = 4096
"""Characters that the markets named on one page may have together."""

MOST_BYTES = 32 * 1024
"""Bytes that no encoded moment exceeds: six for a character that JSON has to escape."""


def moment(fold: Fold) -> Moment:
    """Return the state of the replay now."""
    types = fold.telling.listings.types.keys
    counts = {kind.type: types[kind.type].count for kind in EVENT_TYPES if kind.type in types}
    open_ = {plane: count for plane, count in sorted(fold.ledger.open.items()) if count}
    return Moment(counts, fold.decisions.count, open_, _positions(fold))  # type: ignore[arg-type]


def _positions(fold: Fold) -> list[OpenPosition]:
    found, room = list[OpenPosition](), _LONGEST
    for plane in sorted(fold.ledger.open):
        for market, held in fold.ledger.planes[plane].items():
            if held.is_open:
                room -= len(market)
                if len(found) == _LISTED or room < 0:
                    return found
                found.append(OpenPosition(plane, market, held.seq))  # type: ignore[arg-type]
    return found


def after(fold: Fold) -> After:
    """Return the state of the replay now, as a page of events shows it."""
    now, keys = moment(fold), fold.telling.listings.types.keys
    last = row_href(DECISIONS, now.decisions - 1)
    decisions: Cell = Link(f"{now.decisions:,}", last) if now.decisions else 0
    facts: list[tuple[str, Cell]] = [
        ("events", Link(f"{sum(now.events.values()):,}", page_path(EVENTS, 0))),
        ("decisions", decisions),
    ]
    facts += [
        (f"open on {plane}", Link(f"{count:,}", f"{CHANGES.folder}/index.html")) for plane, count in now.open.items()
    ]
    counts: list[tuple[str, Cell]] = [(kind, Link(f"{n:,}", keys[kind].home)) for kind, n in now.events.items()]
    held: list[tuple[str, Cell]] = [
        (f"{one.market} on {one.plane}", Link(f"event {one.seq}", row_href(EVENTS, one.seq))) for one in now.positions
    ]
    total = sum(now.open.values())
    title = "Open then, and since" if total == len(held) else f"Open then, and since: {len(held)} of {total:,}"
    # No tables: what stands beside the rows of a page of records must not look like more of them (`render.rawtext`).
    blocks: list[Block] = [Facts("After the last event of this page", facts)]
    blocks += [Facts(title, found) for title, found in (("Events up to here", counts), (title, held)) if found]
    return After(blocks, value_field("after", now))
