"""The fold of a flow run: the journal drives the machine, the recorded ledger follows and is compared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from replayglass.cell import Link
from replayglass.collection import Layout
from replayglass.domains.flow import pages, site
from replayglass.domains.flow.compare import Comparison
from replayglass.domains.flow.decode import decode_journal
from replayglass.domains.flow.finished import Finished
from replayglass.domains.flow.journal import Replay
from replayglass.domains.flow.linerows import journal_row, piece_of
from replayglass.domains.flow.lines import JOURNAL
from replayglass.domains.flow.recorded import Recorded
from replayglass.domains.flow.shelves import Shelves
from replayglass.domains.flow.terms import Terms
from replayglass.inorder import InOrder
from replayglass.row import row_href
from replayglass.streamshelf import StreamShelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from replayglass.domains.flow.journal import Step
    from replayglass.page import Artifact
    from replayglass.record import Batch
    from replayglass.replay import Context, Overview, Proven


class FlowProjection:
    """State of the replay; `step` takes journal lines in, `finish` ends all pages."""

    def __init__(self, context: Context, followers: Mapping[str, Iterator[Batch]]) -> None:
        layout = Layout("flow/journal", pages.JOURNAL_COLUMNS, "flow-journal-page", "lines", ("first beat",))
        self._context = context
        self._journal = StreamShelf(JOURNAL.name, pages.JOURNAL, layout, context.limit)
        self._replay = Replay(context.report)
        self._recorded = Recorded(context, followers["flow-decisions"])
        recorded = self._recorded.lines() if self._recorded.exists else None
        self._comparison = Comparison(recorded, context.report)
        self._shelves = Shelves(context.limit)
        self._terms = Terms(context.limit)
        self._out: list[Artifact] = []
        self._finished: Finished

    def step(self, batch: Batch) -> Iterable[Artifact]:
        """Take one batch of the journal in: run the beats that it executes."""
        items, findings = decode_journal(batch)
        first = self._replay.steps
        waiting = InOrder([*findings, *batch.findings])
        executed: dict[int, int] = {}
        for index, item in enumerate(items):
            for finding in waiting.before(batch.lines[index] + 1):
                self._context.report(finding)
            for step in self._replay.take(item, batch.position(index)):
                executed[batch.first + index] = step.number
                self._take(step, batch.first + index)
        for finding in waiting.rest():
            self._context.report(finding)
        row_of = partial(journal_row, executed)
        piece = piece_of(batch, items, self._journal, row_of, len(pages.JOURNAL_COLUMNS) - 1)
        self._out += self._journal.add(piece, (first,))
        self._out += self._terms.advance(batch.first + len(items), first, self._shelves, self._replay.flow)
        return self._drain()

    def finish(self) -> Iterator[Artifact]:
        """End all pages and give the documents and pages about the whole run."""
        self._comparison.finish()
        yield from self._drain()
        yield from self._journal.finish()
        yield from self._recorded.finish()
        yield from self._shelves.finish(self._replay.flow.state)
        self._finished = Finished(self._replay, self._shelves, self._comparison, self._recorded, self._context.limit)
        yield from site.artifacts(self._finished, self._journal.ranges)
        yield from self._terms.finish(self._shelves, self._journal.ranges.rows, self._replay.steps)

    def overview(self) -> Overview:
        """Return the overview's part, after `finish`."""
        return site.overview(self._finished)

    def proven(self) -> Proven:
        """Return what was re-executed and what that cannot prove, after `finish`."""
        return site.proven(self._finished)

    def locate(self, kind: str, target: str) -> Link | None:
        """Return the place of what a note is about: a line of the journal, by its number."""
        if kind == "decision" or not target.split("-", 1)[0].isdigit():
            return None
        seq = int(target.split("-", 1)[0])
        return Link(f"journal line {seq}", row_href(pages.JOURNAL, seq)) if seq < self._journal.ranges.rows else None

    def _take(self, step: Step, line: int) -> None:
        flow = self._replay.flow
        self._comparison.step(step.number, step.beat.verdicts, flow.cell)
        self._terms.take(step.beat, self._shelves.intents.count)
        self._out += self._shelves.take(step.number, step.beat, flow, line)

    def _drain(self) -> list[Artifact]:
        out, self._out = self._out, []
        return [*out, *self._recorded.drain()]
