"""The shadow ledger as the site shows it: from the latest snapshot of each plane, and from the events alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.cell import Badge, Code, Link
from replayglass.domains.paper import ledgerdocs as doc
from replayglass.domains.paper.charts import open_chart
from replayglass.domains.paper.ledger import in_written_order
from replayglass.domains.paper.places import DECISIONS, EVENTS, POSITIONS, SNAPSHOTS
from replayglass.page import Document, Notice, Page, Prose, Scrubber, Table
from replayglass.row import row_href

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.cell import Cell
    from replayglass.domains.paper.events import Position
    from replayglass.domains.paper.fold import Fold
    from replayglass.domains.paper.ledger import Held, Latest
    from replayglass.page import Artifact, Block

_DERIVED = "v1/observe/derived"
_SHOWN = 500
"""Markets of one plane that the page lists; the documents list all."""


def ledger_documents(fold: Fold) -> Iterator[Artifact]:
    """Give the contract's shadow ledger, the ledgers of all planes, and the latest snapshot."""
    snapshots = fold.snapshots
    last = None if snapshots.last_plane is None else snapshots.latest[snapshots.last_plane].snapshot
    ledger = doc.ShadowLedger("PAPER" if last is None else last.plane, in_written_order(last.positions) if last else [])
    title = "The shadow ledger of the latest snapshot"
    yield Document(f"{_DERIVED}/shadow-ledger.json", encode(doc.ShadowLedgerDocument(ledger)), "shadow-ledger", title)
    planes = [_plane(fold, plane) for plane in _planes(fold)]
    title = "The shadow ledger of each plane, from snapshots and from events"
    yield Document(f"{_DERIVED}/ledgers.json", encode(doc.Ledgers(1, planes)), "ledgers", title)
    raw = b"null" if snapshots.last_raw is None else snapshots.last_raw
    path = "v1/observe/persistence/snapshots/latest.json"
    yield Document(path, b'{"snapshot":' + raw + b"}\n", "snapshots-latest", "The latest valid snapshot")


def _planes(fold: Fold) -> list[str]:
    return sorted({*fold.snapshots.latest, *fold.ledger.planes}, reverse=True)


def _plane(fold: Fold, plane: str) -> doc.PlaneLedger:
    latest = fold.snapshots.latest.get(plane)
    known = [
        doc.EventPosition(market, held.is_open, held.execution_id, held.seq)
        for market, held in fold.ledger.planes.get(plane, {}).items()
    ]
    return doc.PlaneLedger(
        plane,  # type: ignore[arg-type]
        None if latest is None else latest.seq,
        None if latest is None else str(latest.snapshot.logical_time),
        None if latest is None else in_written_order(latest.snapshot.positions),
        known,
    )


def ledger_page(fold: Fold) -> Page:
    """Return the first page of the ledger."""
    blocks: list[Block] = []
    if not fold.snapshots.latest and fold.ledger.planes:
        text = "There is no snapshot: events tell which markets are open, but not their quantities."
        blocks.append(Notice(text, "note"))
    for plane in _planes(fold):
        blocks += _tables(plane, fold.snapshots.latest.get(plane), fold.ledger.planes.get(plane, {}))
    if not blocks:
        text = "No order was executed and no snapshot written, so the ledger is empty."
        blocks.append(Notice(text, "note"))
    changes = fold.effects.positions.shelf
    if changes.count:
        blocks.append(Scrubber("Change by change", POSITIONS, changes.count, EVENTS, DECISIONS))
    blocks += [open_chart(fold.tally), _history(fold)]
    intro = "What the paper-trading runtime holds: per plane the open and the closed positions, and every change."
    return Page("ledger/index.html", "Ledger", "ledger", blocks, intro)


def changes_page(fold: Fold) -> Page:
    """Return the first page of the changes of positions."""
    shelf = fold.effects.positions.shelf
    intro = (
        "Every filled execution with the market that it opened or closed, as events tell it: which event and which "
        "decision, what was before, what came after, and how many positions of the plane were open then."
    )
    title = "Position changes"
    return Page(f"{POSITIONS.folder}/index.html", title, "ledger", [shelf.ranges.table()], intro)


def _tables(plane: str, latest: Latest | None, held: dict[str, Held]) -> Iterator[Block]:
    columns = ("market", "state", "quantity", "last execution", "event")
    for is_open, title in ((True, f"{plane}: open positions"), (False, f"{plane}: closed positions")):
        rows = list(_rows(latest, held, is_open=is_open))
        empty = f"No position of plane {plane} is {'open' if is_open else 'closed'}."
        yield Table(title, columns, rows[:_SHOWN], empty)
        if len(rows) > _SHOWN:
            text = f"{len(rows) - _SHOWN} more are in {_DERIVED}/ledgers.json."
            yield Notice(text, "note")
    if latest is not None:
        link = Link(f"snapshot {latest.seq}", row_href(SNAPSHOTS, latest.seq))
        time = f" at logical time {latest.snapshot.logical_time}."
        yield Prose("", [("States and quantities are those of ", link, time)])


def _rows(latest: Latest | None, held: dict[str, Held], *, is_open: bool) -> Iterator[tuple[Cell, ...]]:
    if latest is None:
        for market, known in held.items():
            if known.is_open == is_open:
                quantity = "not in the events" if is_open else "0"
                yield _row(market, quantity, known.execution_id, known, is_open=is_open)
        return
    positions: list[Position] = in_written_order(latest.snapshot.positions)
    for position in positions:
        if position.is_open == is_open:
            known_of = held.get(position.market_id)
            yield _row(position.market_id, position.quantity, position.last_execution_id, known_of, is_open=is_open)


def _row(market: str, quantity: str, execution: str, held: Held | None, *, is_open: bool) -> tuple[Cell, ...]:
    state = Badge("open", "good") if is_open else Badge("closed", "note")
    event = None if held is None else Link(f"event {held.seq}", row_href(EVENTS, held.seq))
    return market, state, quantity, Code(execution), event


def _history(fold: Fold) -> Table:
    return fold.snapshots.history.ranges.table()._replace(title="History: changes between snapshots")
