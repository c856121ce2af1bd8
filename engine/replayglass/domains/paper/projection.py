"""The fold of a PAPER run: audit events lead, snapshots follow, pages and documents come out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from replayglass.collection import Layout
from replayglass.domains.paper import events as ev
from replayglass.domains.paper import schema
from replayglass.domains.paper.decode import DAMAGED, Invalid, Unreadable, decode_events
from replayglass.domains.paper.fold import Fold
from replayglass.domains.paper.records import Slot, damage_of, line_of, torn_slot
from replayglass.domains.paper.rows import DECISIONS, EVENT_COLUMNS, EVENTS, event_row, remark_rows, repeat_row
from replayglass.domains.paper.site import Site
from replayglass.domains.paper.tally import LATEST
from replayglass.idindex import IdIndex
from replayglass.page import Link, row_href
from replayglass.record import Finding
from replayglass.streamshelf import Damage, Piece, StreamShelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from replayglass.page import Artifact, Blob, Row
    from replayglass.record import Batch
    from replayglass.replay import Context, Overview

STREAM = "audit-events"


class _Pieces:
    """A `Piece` while it is put together."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.raws: list[tuple[int, bytes]] = []
        self.moved: list[tuple[int, Blob]] = []
        self.unreadable: list[Damage] = []
        self.invalid: list[Damage] = []

    def put(self, seq: int, raw: bytes, blob: Blob | None) -> None:
        if blob is None:
            self.raws.append((seq, raw))
        else:
            self.moved.append((seq, blob))


class PaperProjection:
    """State of the replay; `step` takes audit events in, `finish` ends all pages."""

    def __init__(self, context: Context, followers: Mapping[str, Iterator[Batch]]) -> None:
        layout = Layout("events", EVENT_COLUMNS, "audit-events-page", "events", ("first time",))
        self._context = context
        self._events = StreamShelf(STREAM, EVENTS, layout, context.limit)
        self._fold = Fold(context, followers)
        self._seen = IdIndex()
        self._site = Site(context)

    def step(self, batch: Batch) -> Iterable[Artifact]:
        """Take one batch of audit events in.

        Findings are reported where the replay meets them, record by record, so that their order does not depend on
        how the records were batched.
        """
        items, findings = decode_events(batch)
        repeats = self._count(batch, items)
        waiting = deque(sorted([*findings, *batch.findings], key=line_of))
        piece = _Pieces()
        take, rows, noted = self._fold.take, piece.rows, self._context.remarks.any
        for index, (item, raw) in enumerate(zip(items, batch.raws, strict=True)):
            seq = batch.first + index
            while waiting and line_of(waiting[0]) <= batch.lines[index]:
                self._context.report(waiting.popleft())
            blob = self._events.blob(raw) if len(raw) > self._events.oversize else None
            shown = raw if blob is None else blob.path
            if isinstance(item, DAMAGED):
                self._damaged(Slot(*batch.position(index)[2:], raw, item), blob, shown, piece)
                continue
            earlier = repeats.get(index)
            said, problem = take(seq, item, earlier)
            rows.append(event_row(seq, item, said, shown))
            piece.put(seq, raw, blob)
            if earlier is not None:
                rows.append(repeat_row(earlier))
            if problem is not None:
                self._context.report(Finding.at(*problem, batch.position(index)))
            if noted:
                rows += remark_rows(self._context.remarks, seq, item.id)
        if batch.torn is not None:
            self._damaged(torn_slot(batch), None, batch.torn, piece)
        for finding in waiting:
            self._context.report(finding)
        return self._shelve(batch, items, piece)

    def finish(self) -> Iterator[Artifact]:
        """End all pages and give the documents and pages about the whole run."""
        yield from self._events.finish()
        yield from self._fold.finish()
        yield from self._site.artifacts(self._fold, self._events.ranges)

    def overview(self) -> Overview:
        """Return the overview's part, after `finish`."""
        return self._site.overview(self._fold)

    def locate(self, kind: str, target: str) -> Link | None:
        """Return the place of what a note is about."""
        if kind == "decision":
            number = self._fold.decisions.find(target) if schema.UUID.fullmatch(target) else None
            return None if number is None else Link(f"decision {number}", row_href(DECISIONS, number))
        if kind == "event" and not target.isdigit():
            seq = self._seen.find(target) if schema.UUID.fullmatch(target) else None
        else:
            seq = int(target.split("-", 1)[0])
        if seq is None or seq >= self._events.ranges.rows:
            return None
        words = f"events {target}" if kind == "range" else f"event {seq}"
        return Link(words, row_href(EVENTS, seq))

    def _count(self, batch: Batch, items: Sequence[ev.AuditEvent | Invalid | Unreadable]) -> dict[int, int]:
        """Count the readable events; return {index in the batch: the event that had the same id first}."""
        valid = [item for item in items if not isinstance(item, DAMAGED)]
        places: Sequence[int] = range(len(items))
        if len(valid) == len(items):
            self._fold.tally.count_valid(valid)
        else:
            places = [index for index, item in enumerate(items) if not isinstance(item, DAMAGED)]
            self._fold.tally.count(items)
        self._fold.tally.keep(_newest(batch, items))
        self._fold.decisions.look_up([event.decision_id for event in valid if isinstance(event, ev.DecisionEvaluated)])
        known = self._seen.add([event.id for event in valid], [batch.first + index for index in places])
        return {places[place]: seq for place, seq in known.items()}

    def _damaged(self, slot: Slot[ev.AuditEvent], blob: Blob | None, shown: bytes | str, piece: _Pieces) -> None:
        damage = damage_of(slot, shown, len(EVENT_COLUMNS) - 1)
        piece.rows += damage.rows
        piece.unreadable += damage.unreadable
        piece.invalid += damage.invalid
        if isinstance(slot.item, Invalid):
            piece.put(slot.seq, slot.raw, blob)
            self._fold.take_invalid(slot.seq, slot.item)
        elif blob is not None:
            self._fold.out.append(blob)

    def _shelve(
        self, batch: Batch, items: Sequence[ev.AuditEvent | Invalid | Unreadable], piece: _Pieces
    ) -> list[Artifact]:
        first = next((item.logical_time for item in items if isinstance(item, ev.AuditEvent)), None)
        torn = batch.torn is not None
        whole = Piece(piece.rows, piece.raws, piece.moved, piece.unreadable, piece.invalid, torn)
        out, self._fold.out = self._fold.out, []
        out += self._events.add(whole, (first,))
        out += self._fold.snapshots.drain()
        return out


def _newest(
    batch: Batch, items: Sequence[ev.AuditEvent | Invalid | Unreadable]
) -> list[tuple[int, bytes, ev.AuditEvent | Invalid]]:
    """Return the last readable events of a batch, as many as are published apart."""
    newest = []
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if not isinstance(item, Unreadable):
            newest.append((batch.first + index, batch.raws[index], item))
        if len(newest) == LATEST:
            break
    return newest[::-1]
