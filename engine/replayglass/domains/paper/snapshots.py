"""The history of ledger snapshots: each with what changed since the one before, joined to the tick that caused it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import encode_inline
from replayglass.collection import Layout
from replayglass.domains.paper.decode import decode_snapshots
from replayglass.domains.paper.events import Snapshot
from replayglass.domains.paper.ledger import Change, Latest, changes, describe
from replayglass.domains.paper.ledgerdocs import LedgerChange
from replayglass.domains.paper.places import CHANGES, DECISIONS, SNAPSHOTS
from replayglass.domains.paper.records import Slot, put_damaged, slots
from replayglass.domains.paper.snapshotrules import STREAM, SnapshotRules
from replayglass.row import Field, Raw, Row, RowKind, RowLink
from replayglass.shelf import Shelf
from replayglass.streamshelf import Piece, StreamShelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from replayglass.domains.paper.events import Position
    from replayglass.domains.paper.ledger import Held
    from replayglass.page import Artifact
    from replayglass.record import Batch, Finding
    from replayglass.replay import Context
    from replayglass.row import Value
    from replayglass.rule import Problem

_LISTED = 16
"""Changes of one snapshot that its row lists; the ledger's history lists all."""

_SAYS = (Field("int"), " open, ", Field("int"), " closed; ", Field("text"))
_CELLS = (Field("int"),), (Field("word"),)
_JOINED = RowKind((*_CELLS, (*_SAYS, ", after decision ", RowLink(DECISIONS, "int")), (Field("id"),), (Raw(),)))
_ALONE = RowKind((*_CELLS, (*_SAYS, ", joined to no tick"), (Field("id"),), (Raw(),)))
_CHANGE = RowKind(
    (
        *_CELLS,
        (Field("strong"),),
        (Field("text"),),
        (Field("text"),),
        (RowLink(SNAPSHOTS, "int"),),
        (Field("id"),),
    )
)
_SNAPSHOT_COLUMNS = ("#", "time", "plane", "says", "id", "record")
_CHANGE_COLUMNS = ("#", "time", "plane", "market", "before", "after", "snapshot", "execution")
_ABOUT = ("first time",)


class Matched(NamedTuple):
    """The snapshot that shows what a tick did: its number, and the change of the tick's market (None: unchanged)."""

    seq: int
    change: Change | None


class Update(NamedTuple):
    """A ledger update that a snapshot is looked for: its tick, the market, and the execution if that was filled.

    ``held`` is the ledger of the plane as the events leave it, ``uncertain`` says that a damaged record may explain
    what does not agree with it.
    """

    time: int
    plane: str
    market: str
    execution_id: str | None
    decision: int
    held: Mapping[str, Held]
    uncertain: bool


class Snapshots:
    """Reads the snapshot stream as far as the ticks being folded need it, and the rest at the end."""

    def __init__(self, context: Context, batches: Iterator[Batch]) -> None:
        layout = Layout("snapshots", _SNAPSHOT_COLUMNS, "snapshots-page", "snapshots", _ABOUT)
        self.shelf = StreamShelf(STREAM, SNAPSHOTS, layout, context.limit, context.share)
        self.stretch = 0
        layout = Layout("ledger", _CHANGE_COLUMNS, "ledger-changes-page", about=_ABOUT)
        self.history = Shelf(CHANGES, layout, context.limit)
        self.latest: dict[str, Latest] = {}
        self.last_plane: str | None = None
        self.last_raw: bytes | None = None
        self.valid = self.joined = 0
        self._out: list[Artifact] = []
        self._ids: list[tuple[int, str]] = []
        self.rules = SnapshotRules(context.report)
        self._is_first = context.share.is_first
        self._report = context.report
        self._batches = batches
        self._queue: deque[Slot[Snapshot]] = deque()
        self._trailing: tuple[Finding, ...] = ()

    def match(self, update: Update) -> tuple[Matched | None, Problem | None]:
        """Return the snapshot written after a ledger update, or what is wrong without one; takes the earlier ones in.

        It has the tick's time and plane, and names the tick's execution as the market's last (when that was filled).
        """
        self.rules.begin(update)
        while (slot := self._peek()) is not None:
            snapshot = slot.item
            if isinstance(snapshot, Snapshot) and snapshot.logical_time > update.time:
                break
            fits = isinstance(snapshot, Snapshot) and _fits(snapshot, update)
            found = self._take(self._queue.popleft(), update if fits else None)
            if fits:
                change = next((change for change in found if change.market == update.market), None)
                return Matched(slot.place.seq, change), None
        return None, self.rules.missing(ended=slot is None)

    def drain(self) -> Iterable[Artifact]:
        """Return the pages that were completed since the last call."""
        out, self._out = self._out, []
        return out

    def drain_ids(self) -> list[tuple[int, str]]:
        """Return number and id of each snapshot that was taken in since the last call."""
        ids, self._ids = self._ids, []
        return ids

    def finish(self, last_time: int | None, *, uncertain: bool) -> Iterator[Artifact]:
        """Take the rest of the stream in and give all remaining pages.

        ``last_time`` is that of the last event; ``uncertain`` says that a damaged one may explain what does not agree.
        """
        self.rules.events_ended(last_time, uncertain=uncertain)
        while self._peek() is not None:
            self._take(self._queue.popleft(), None)
        self.rules.end()
        yield from self.drain()
        yield from self.shelf.finish()
        yield from self.history.finish()

    def _peek(self) -> Slot[Snapshot] | None:
        while not self._queue:
            for finding in self._trailing:
                self._report(finding)
            self._trailing = ()
            batch = next(self._batches, None)
            if batch is None:
                return None
            items, findings = decode_snapshots(batch)
            if self._is_first:
                self.rules.identify(batch, items)
            made, self._trailing = slots(batch, items, findings)
            self._queue.extend(made)
        return self._queue[0]

    def _take(self, slot: Slot[Snapshot], update: Update | None) -> list[Change]:
        for finding in slot.findings:
            self._report(finding)
        decision = None if update is None else update.decision
        seq, snapshot, blob = slot.place.seq, slot.item, self.shelf.blob(slot.raw)
        self.shelf.begins(self.stretch)
        piece, found, time = Piece(torn=slot.torn, span=len(_SNAPSHOT_COLUMNS) - 1), list[Change](), None
        if isinstance(snapshot, Snapshot):
            found, time = self._changes(seq, snapshot), snapshot.logical_time
            piece.rows.append(_row(seq, snapshot, found, decision, slot.raw if blob is None else blob.path))
            piece.keep(seq, slot.raw, blob)
            self.valid += 1
            self._ids.append((seq, snapshot.snapshot_id))
            self.joined += decision is not None
            self.latest[snapshot.plane] = Latest(seq, snapshot)
            self.last_plane, self.last_raw = snapshot.plane, slot.raw
        else:
            put_damaged(piece, slot.place, snapshot, slot.raw, blob)
        self.rules.check(slot, update, found)
        self._out += self.shelf.add(piece, (time,))
        return found

    def _changes(self, seq: int, snapshot: Snapshot) -> list[Change]:
        before = self.latest.get(snapshot.plane)
        found = list(changes(before.snapshot.positions if before else {}, snapshot.positions))
        for change in found:
            number = self.history.count
            time = str(snapshot.logical_time)
            value = LedgerChange(number, seq, time, snapshot.plane, change.before, change.after)
            row = _change_row(number, seq, snapshot, change)
            self._out += self.history.add(row, encode_inline(value), (snapshot.logical_time,))
        return found


def _fits(snapshot: Snapshot, update: Update) -> bool:
    position, execution = snapshot.positions.get(update.market), update.execution_id
    named = execution is None or (position is not None and position.last_execution_id == execution)
    return snapshot.logical_time == update.time and snapshot.plane == update.plane and named


def _row(seq: int, snapshot: Snapshot, found: list[Change], decision: int | None, raw: bytes | str) -> Row:
    is_open = sum(position.is_open for position in snapshot.positions.values())
    words = [describe(change) for change in found[:_LISTED]]
    if len(found) > _LISTED:
        words.append(f"{len(found) - _LISTED} more (see the ledger's history)")
    says = "; ".join(words) or "nothing changed"
    is_closed = len(snapshot.positions) - is_open
    values: tuple[Value, ...] = (snapshot.logical_time, snapshot.plane, is_open, is_closed, says)
    if decision is not None:
        values = (*values, decision // DECISIONS.size, decision, decision)
    return Row(_ALONE if decision is None else _JOINED, seq, (*values, snapshot.snapshot_id, raw))


def _change_row(number: int, seq: int, snapshot: Snapshot, change: Change) -> Row:
    before, after = change.before, change.after
    execution = "" if after is None else after.last_execution_id
    link = (seq // SNAPSHOTS.size, seq, seq)
    states = (_state(before), _state(after))
    return Row(_CHANGE, number, (snapshot.logical_time, snapshot.plane, change.market, *states, *link, execution))


def _state(position: Position | None) -> str:
    if position is None:
        return "not there"
    return f"open, {position.quantity}" if position.is_open else "closed"
