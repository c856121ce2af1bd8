"""The recorded ledger of a flow run: read as far as the comparison asks, and published line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.collection import Layout
from replayglass.domains.flow import pages
from replayglass.domains.flow.decode import Placed, decode_ledger
from replayglass.domains.flow.linerows import piece_of, recorded_row
from replayglass.domains.flow.lines import LEDGER
from replayglass.inorder import InOrder
from replayglass.streamshelf import StreamShelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.damage import Unreadable
    from replayglass.domains.flow.decode import Invalid
    from replayglass.domains.flow.lines import DecisionLine
    from replayglass.page import Artifact
    from replayglass.record import Batch
    from replayglass.replay import Context

_SPAN = len(pages.RECORDED_COLUMNS) - 1


class Recorded:
    """The stream of the recorded ledger."""

    def __init__(self, context: Context, batches: Iterator[Batch]) -> None:
        layout = Layout("flow/recorded", pages.RECORDED_COLUMNS, "flow-recorded-page", "lines", ("first beat",))
        self.shelf = StreamShelf(LEDGER.name, pages.RECORDED, layout, context.limit)
        self.exists = context.streams[LEDGER.name].exists
        self._report = context.report
        self._batches = batches
        self._out: list[Artifact] = []

    def lines(self) -> Iterator[Placed[DecisionLine | Invalid | Unreadable]]:
        """Give the lines in order, each after what is wrong with it was reported."""
        for batch in self._batches:
            items, findings = decode_ledger(batch)
            waiting = InOrder([*findings, *batch.findings])
            piece = piece_of(batch, items, self.shelf, recorded_row, _SPAN)
            beat = next((item.beat for item in items if not isinstance(item, tuple)), None)
            self._out += self.shelf.add(piece, (beat,))
            for index, item in enumerate(items):
                for finding in waiting.before(batch.lines[index] + 1):
                    self._report(finding)
                yield Placed(batch.position(index), item)
            for finding in waiting.rest():
                self._report(finding)

    def drain(self) -> list[Artifact]:
        """Return the pages that were completed since the last call."""
        out, self._out = self._out, []
        return out

    def finish(self) -> Iterator[Artifact]:
        """Give the last page."""
        yield from self.drain()
        yield from self.shelf.finish()
