"""The fold of a PAPER run: audit events lead, snapshots follow, pages and documents come out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.collection import Layout
from replayglass.damage import Unreadable
from replayglass.domains.paper import events as ev
from replayglass.domains.paper import schema
from replayglass.domains.paper.decode import DAMAGED, Invalid, decode_events
from replayglass.domains.paper.fold import Fold
from replayglass.domains.paper.identity import Identity
from replayglass.domains.paper.lasttick import Examinable, needed
from replayglass.domains.paper.moments import after
from replayglass.domains.paper.places import DECISIONS, EVENTS
from replayglass.domains.paper.proven import proven
from replayglass.domains.paper.records import put_damaged
from replayglass.domains.paper.repeats import Repeats
from replayglass.domains.paper.rows import EVENT_COLUMNS, event_row, remark_rows, repeat_row
from replayglass.domains.paper.rulebook import BACKWARDS
from replayglass.domains.paper.site import Site
from replayglass.domains.paper.tally import LATEST
from replayglass.domains.paper.terms import Terms
from replayglass.inorder import InOrder
from replayglass.record import Finding
from replayglass.row import row_href
from replayglass.streamshelf import Piece, StreamShelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from replayglass.domains.paper.repeats import Repeat
    from replayglass.page import Artifact
    from replayglass.record import Batch
    from replayglass.replay import Context, Overview, Proven
    from replayglass.rule import Problem

STREAM = "audit-events"
BLOCK = 16
"""Batches whose ids are recomputed together: twice as fast as one by one, and little to hold."""

BLOCK_BYTES = 4 * 1024 * 1024
"""Bytes of records at which a block ends anyway."""


class PaperProjection:
    """State of the replay; `step` takes audit events in, `finish` ends all pages."""

    def __init__(self, context: Context, followers: Mapping[str, Iterator[Batch]]) -> None:
        layout = Layout("events", EVENT_COLUMNS, "audit-events-page", "events", ("first time",))
        self._context = context
        self._events = StreamShelf(STREAM, EVENTS, layout, context.limit, context.share)
        self._fold = Fold(context, followers)
        self._identity = Identity(context.config.max_reason_codes)
        self._repeats = Repeats()
        self._waiting: list[Batch] = []
        self._waiting_bytes = 0
        self._last: Batch | None = None
        self._time = 0
        self._site = Site(context)
        self._terms = Terms(context)

    def step(self, batch: Batch) -> Iterable[Artifact]:
        """Take one batch of audit events in; ids are recomputed for many batches at once, so it may wait for others."""
        self._waiting.append(batch)
        self._waiting_bytes += sum(map(len, batch.raws))
        self._last = batch if batch.raws else self._last
        if len(self._waiting) < BLOCK and self._waiting_bytes < BLOCK_BYTES:
            return ()
        return self._take_block()

    def finish(self) -> Iterator[Artifact]:
        """End all pages and give the documents and pages about the whole run."""
        yield from self._take_block()
        problem, last = self._fold.unfinished(), self._last
        if problem is not None and last is not None:
            self._context.report(Finding.at(*problem, last.position(len(last.raws) - 1)))
        yield from self._events.finish()
        yield from self._fold.finish()
        yield from self._site.artifacts(self._fold, self._events.ranges)
        yield from self._terms.finish(self._fold, self._events.ranges.rows)

    def _take_block(self) -> Iterator[Artifact]:
        """Recompute the ids of the batches that wait, then fold one after the other."""
        batches, self._waiting, self._waiting_bytes = self._waiting, [], 0
        decoded = [decode_events(batch) for batch in batches]
        pairs = zip(batches, decoded, strict=True)
        block = [Examinable(batch.first, items, batch.redacted) for batch, (items, _) in pairs]
        examined = self._identity.examine(block if self._are_told(batches) else needed(block))
        self._fold.recovered = examined.recovered
        for batch, (items, findings) in zip(batches, decoded, strict=True):
            yield from self._take(batch, items, findings, examined.problems)

    def _are_told(self, batches: Sequence[Batch]) -> bool:
        """Say whether pages of this process tell any of these batches; those of the first one count all ids."""
        share, stories = self._context.share, self._fold.stories
        return stories.are_told or any(share.makes(share.stretch(batch.first)) for batch in batches)

    def _take(
        self,
        batch: Batch,
        items: Sequence[ev.AuditEvent | Invalid | Unreadable],
        findings: Sequence[Finding],
        doubts: Mapping[int, list[Problem]],
    ) -> Iterator[Artifact]:
        """Fold one batch.

        Findings are reported where the replay meets them, record by record, so that their order does not depend on
        how the records were batched.
        """
        stretch = self._context.share.stretch(batch.first)
        self._fold.enter(stretch)
        # No page of events is open where a build is put aside (`keeper.MAX_STRIDE`), so no later one misses its rows.
        is_told = self._events.begins(stretch)
        repeats = self._count(batch, items)
        waiting = InOrder([*findings, *batch.findings])
        piece = Piece(span=len(EVENT_COLUMNS) - 1)
        take, rows, noted = self._fold.take, piece.rows, self._context.remarks.any
        for index, (item, raw) in enumerate(zip(items, batch.raws, strict=True)):
            seq = batch.first + index
            for finding in waiting.before(batch.lines[index] + 1):
                self._context.report(finding)
            blob = self._events.blob(raw)
            if isinstance(item, DAMAGED):
                put_damaged(piece, batch.position(index), item, raw, blob)
                self._fold.take_damaged(seq, item)
                continue
            repeat = repeats.get(index)
            said = take(seq, item, None if repeat is None else repeat.earlier)
            piece.keep(seq, raw, blob)
            if is_told:
                rows.append(event_row(seq, item, said, raw if blob is None else blob.path))
            if repeat is not None:
                rows.append(repeat_row(repeat.earlier))
                self._fold.joins.noted.append(repeat.problem)
            if self._fold.joins.noted or seq in doubts or item.logical_time < self._time:
                self._report(batch, index, item, doubts.get(seq, ()))
            self._time = item.logical_time
            if noted:
                rows += remark_rows(self._context.remarks, seq, item.id)
        piece.tear(batch)
        piece.after = after(self._fold)
        for finding in waiting.rest():
            self._context.report(finding)
        first = next((item.logical_time for item in items if not isinstance(item, DAMAGED)), None)
        made = [*self._fold.drain(), *self._events.add(piece, (first,)), *self._fold.snapshots.drain()]
        return chain(made, self._terms.take(batch, items, self._fold))  # a segment is many lists: one by one

    def _report(self, batch: Batch, index: int, event: ev.AuditEvent, doubts: Sequence[Problem]) -> None:
        """Report what is wrong with an event: of its order and joins, its time, its ids."""
        noted, self._fold.joins.noted = self._fold.joins.noted, []
        if event.logical_time < self._time:
            words = f"The logical time goes back: expected {self._time} or more, found {event.logical_time}."
            noted.append(BACKWARDS.broken(words))
        for problem in [*noted, *doubts]:
            self._context.report(Finding.at(*problem, batch.position(index)))

    def overview(self) -> Overview:
        """Return the overview's part, after `finish`."""
        return self._site.overview(self._fold)

    def proven(self) -> Proven:
        """Return what was recomputed and what that cannot prove, after `finish`."""
        return proven(self._identity, self._fold)

    def locate(self, kind: str, target: str) -> Link | None:
        """Return the place of what a note is about."""
        if kind == "decision":
            number = self._fold.decisions.find(target) if schema.UUID.fullmatch(target) else None
            return None if number is None else Link(f"decision {number}", row_href(DECISIONS, number))
        if kind == "event" and not target.isdigit():
            seq = self._repeats.find(target) if schema.UUID.fullmatch(target) else None
        else:
            seq = int(target.split("-", 1)[0])
        if seq is None or seq >= self._events.ranges.rows:
            return None
        words = f"events {target}" if kind == "range" else f"event {seq}"
        return Link(words, row_href(EVENTS, seq))

    def _count(self, batch: Batch, items: Sequence[ev.AuditEvent | Invalid | Unreadable]) -> dict[int, Repeat]:
        """Count the readable events; return {index in the batch: the event that had the same id first}."""
        valid = [item for item in items if not isinstance(item, DAMAGED)]
        places: Sequence[int] = range(len(items))
        is_first = self._context.share.is_first
        if len(valid) < len(items):
            places = [index for index, item in enumerate(items) if not isinstance(item, DAMAGED)]
            if is_first:
                self._fold.tally.count(items, batch.first)
        elif is_first:
            self._fold.tally.count_valid(valid, batch.first)
        self._fold.telling.list_events(zip(places, valid, strict=True), batch.first)
        self._fold.tally.keep(_newest(batch, items))
        self._fold.decisions.look_up([event.decision_id for event in valid if isinstance(event, ev.DecisionEvaluated)])
        return self._repeats.find_in(batch, [event.id for event in valid], places)


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
