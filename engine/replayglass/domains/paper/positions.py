"""Every change of a position as a row, made while the log is read; and as scripts, to go through them one by one."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from replayglass.canon import encode_inline
from replayglass.collection import Layout
from replayglass.domains.paper.ledger import state
from replayglass.domains.paper.ledgerdocs import PositionChange
from replayglass.domains.paper.places import DECISIONS, EVENTS, POSITIONS
from replayglass.domains.paper.positionscript import POSITIONS_AT_START, Changed, Start, shard
from replayglass.row import Field, Row, RowKind, RowLink
from replayglass.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.paper.decisions import Tick
    from replayglass.domains.paper.ledger import Effect, EventLedger, Held
    from replayglass.page import Artifact
    from replayglass.replay import Context
    from replayglass.row import Part

_COLUMNS = ("#", "time", "plane", "market", "before", "after", "open then", "event", "decision", "execution")
_NOTHING: tuple[Part, ...] = ("not held",)
_WAS: dict[bool, tuple[Part, ...]] = {
    is_open: (f"{'open' if is_open else 'closed'}, by event ", RowLink(EVENTS, "int")) for is_open in (False, True)
}


def _kind(was: tuple[Part, ...], *, is_open: bool) -> RowKind:
    now = "open" if is_open else "closed"
    links = (RowLink(EVENTS, "int"),), (RowLink(DECISIONS, "int"),), (Field("id"),)
    return RowKind(((Field("int"),), (Field("word"),), (Field("strong"),), was, (now,), (Field("int"),), *links))


_KINDS = {
    (was, is_open): _kind(_NOTHING if was is None else _WAS[was], is_open=is_open)
    for was, is_open in product((None, False, True), (False, True))
}


class PositionChanges:
    """Takes the effects of executions in, gives the pages and scripts of those that changed a position."""

    def __init__(self, context: Context, ledger: EventLedger) -> None:
        layout = Layout("ledger", _COLUMNS, "position-changes-page", about=("first time",))
        self.shelf = Shelf(POSITIONS, layout, context.limit)
        self._limit = context.limit
        self._ledger = ledger
        self._start = Start({}, [])
        self._changes: list[Changed] = []

    def add(self, seq: int, time: int, tick: Tick, effect: Effect) -> Iterator[Artifact]:
        """Take an execution in that changed a position; gives the page that it fills."""
        before, after = effect.before, effect.after
        if after is None or after == before:
            return
        number, plane, market = self.shelf.count, effect.plane, effect.market
        was_open = None if before is None else before.is_open
        seq_before = None if before is None else before.seq
        said = PositionChange(
            number,
            seq,
            str(time),
            plane,  # type: ignore[arg-type]
            market,
            seq_before,
            bool(was_open),
            after.is_open,
            effect.now_open,
            after.execution_id,
            tick.number,
        )
        self._changes.append(
            Changed(seq, time, plane, market, state(before), seq_before, state(after), effect.now_open, tick.number)
        )
        row = _row(number, seq, time, effect, before, after, tick.number)
        yield from self.shelf.add(row, encode_inline(said), (time,))
        if len(self._changes) == POSITIONS.size:
            yield shard(number // POSITIONS.size, self._start, self._changes, self._limit)
            self._start = Start(dict(self._ledger.open), self._ledger.held(POSITIONS_AT_START))
            self._changes = []

    def finish(self) -> Iterator[Artifact]:
        """Give the last page and script, and the last list of pages."""
        yield from self.shelf.finish()
        if self._changes:
            yield shard(self.shelf.count // POSITIONS.size, self._start, self._changes, self._limit)


def _row(  # noqa: PLR0913, PLR0917 - what a row says
    number: int, seq: int, time: int, effect: Effect, before: Held | None, after: Held, decision: int
) -> Row:
    was = () if before is None else (before.seq // EVENTS.size, before.seq, before.seq)
    event, told = (seq // EVENTS.size, seq, seq), (decision // DECISIONS.size, decision, decision)
    kind = _KINDS[(None if before is None else before.is_open, after.is_open)]
    values = (time, effect.plane, effect.market, *was, effect.now_open, *event, *told, after.execution_id)
    return Row(kind, number, values)
